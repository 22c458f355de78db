#include <algorithm>

#include "authoring/parts.hpp"
#include "cel/cel.hpp"
#include "json/json.hpp"

namespace parmana::authoring {

std::string in_ticks(std::string_view text) {
    constexpr std::size_t kShownMax = 64;
    std::size_t end = std::min(text.size(), kShownMax);
    // Never inside a code point: step back over its continuation bytes.
    while (end < text.size() && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    std::string out = "`";
    for (const char c : text.substr(0, end))
        out += c == '`' ? '\'' : static_cast<unsigned char>(c) < 0x20 ? ' ' : c;
    return out + (end < text.size() ? "…`" : "`");
}

std::string on_one_line(std::string_view text) {
    std::string out(text);
    std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }, ' ');
    return out;
}

std::string as_utf8(std::string_view text) {
    std::string out(text);
    if (!json::is_utf8(text))
        std::ranges::replace_if(out, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, '?');
    return out;
}

void Text::append(const Text& other) {
    for (Segment segment : other.segments) {
        segment.start += cel.size();
        segments.push_back(segment);
    }
    cel += other.cel;
}

bool stands_alone(const yaml::Node& node, std::string_view part, Report& report) {
    const auto ast = cel::parse(part, cel::Macros::none);
    if (ast) return true;
    const auto begin = static_cast<std::size_t>(part.data() - node.text().data());
    for (const cel::Issue& issue : ast.error())
        report.at(node.position_of(begin + issue.offset), issue.message);
    return false;
}

void Report::at(yaml::Position position, std::string message) {
    findings_.push_back({position.line, position.column, std::move(message)});
}

bool Report::expect(const yaml::Node& node, yaml::Kind kind, std::string_view subject) {
    if (node.kind() == kind) return true;
    constexpr std::string_view kNames[] = {"a scalar", "a sequence", "a mapping"};
    at(node, std::string(subject) + " must be " + std::string(kNames[static_cast<std::size_t>(kind)]));
    return false;
}

void Report::check_keys(const yaml::Node& mapping, std::initializer_list<Key> keys) {
    for (const yaml::Member& member : mapping.members()) {
        const auto same = [&](const Key& key) { return key.name == member.key.text(); };
        if (std::ranges::none_of(keys, same)) at(member.key, "unknown key " + in_ticks(member.key.text()));
    }
    for (const Key& key : keys) {
        if (key.required && !mapping.find(key.name)) at(mapping, "missing key " + in_ticks(key.name));
    }
}

Findings Report::take() {
    std::ranges::sort(findings_);
    findings_.erase(std::unique(findings_.begin(), findings_.end()), findings_.end());
    return std::move(findings_);
}

}  // namespace parmana::authoring
