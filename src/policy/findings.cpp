#include "policy/findings.hpp"

#include <algorithm>

#include "policy/names.hpp"

namespace parmana::policy {
namespace {

std::string_view type_name(json::Type type) {
    switch (type) {
        case json::Type::null:
            return "null";
        case json::Type::boolean:
            return "a boolean";
        case json::Type::integer:
            return "an integer";
        case json::Type::real:
            return "a number";
        case json::Type::string:
            return "a string";
        case json::Type::array:
            return "an array";
        case json::Type::object:
            return "an object";
    }
    return "a value";
}

}  // namespace

void Findings::at(std::size_t offset, std::string message, std::string pointer) {
    found_.push_back({{offset, found_.size()}, std::move(message), std::move(pointer)});
}

void Findings::at_value(json::Value value, std::string message, std::string pointer) {
    at(value.offset(), std::move(message), std::move(pointer));
}

void Findings::at_text(json::Value text, std::size_t inner, std::string message, std::string pointer) {
    const json::Position place = json::position_of(text.string(), std::min(inner, text.string().size()));
    std::string where = place.line > 1 ? "line " + std::to_string(place.line) + ", " : "";
    where += "column " + std::to_string(place.column) + ": ";
    found_.push_back({{text.offset(), found_.size()}, where + message, std::move(pointer), inner});
}

void Findings::at_name(json::Value member, std::string message, std::string pointer) {
    at(member.name_offset(), std::move(message), std::move(pointer));
}

bool Findings::expect(json::Value value, json::Type type, std::string_view subject,
                      const std::string& pointer) {
    if (value.is(type)) return true;
    std::string message(subject);
    message.append(" must be ").append(type_name(type));
    at_value(value, std::move(message), pointer);
    return false;
}

void Findings::check_keys(json::Value object, const std::string& pointer, std::span<const Key> keys) {
    for (const json::Value member : object.members()) {
        const auto same = [&](const Key& key) { return key.name == member.name(); };
        if (std::ranges::none_of(keys, same)) {
            at_name(member, "unknown key " + in_backticks(member.name()),
                    pointer + pointer_token(member.name()));
        }
    }
    for (const Key& key : keys) {
        if (key.required && !object.find(key.name)) {
            at_value(object, "missing key " + in_backticks(key.name), pointer);
        }
    }
}

std::optional<json::Value> Findings::member(json::Value object, const std::string& pointer,
                                            std::string_view name, json::Type type) {
    const std::optional<json::Value> value = object.find(name);
    if (!value || !expect(*value, type, in_backticks(name), pointer + pointer_token(name))) {
        return std::nullopt;
    }
    return value;
}

std::vector<Diagnostic> Findings::sorted() {
    std::ranges::sort(found_, {}, &Finding::place);
    std::vector<Diagnostic> out;
    out.reserve(found_.size());
    // Each position is counted from the one before, so that many findings cost one pass over the
    // text.
    std::size_t start = 0;
    json::Position position{1, 1};
    for (Finding& finding : found_) {
        const auto step = json::position_of(text_.substr(start), finding.place.first - start);
        position.column = step.line == 1 ? position.column + step.column - 1 : step.column;
        position.line += step.line - 1;
        start = finding.place.first;
        out.push_back(
            {position.line, position.column, std::move(finding.message), std::move(finding.pointer), finding.inner});
    }
    found_.clear();
    return out;
}

}  // namespace parmana::policy
