#include "authoring/format.hpp"

#include <algorithm>

#include "authoring/governance.hpp"
#include "authoring/layout.hpp"
#include "authoring/parts.hpp"
#include "base/invariant.hpp"
#include "base/limits.hpp"

namespace parmana::authoring {
namespace {

constexpr std::size_t kKeyBytesMax = 500;  // quoted, readers must still take it

/// The same values, whatever the order of members; expressions may be spelled anew.
bool same(const yaml::Node& a, const yaml::Node& b) {
    if (a.type() != b.type()) return false;
    if (a.is(yaml::Type::sequence)) return std::ranges::equal(a.elements(), b.elements(), same);
    if (!a.is(yaml::Type::mapping)) return a.text() == b.text() || respelled(a.text()) == respelled(b.text());
    return std::ranges::all_of(a.members(),
                               [&](const yaml::Member& member) {
                                   const auto other = b.find(member.key.text());
                                   return other && same(member.value, *other);
                               }) &&
           a.members().size() == b.members().size();
}

std::vector<std::string_view> sorted_comments(const yaml::Document& document) {
    std::vector<std::string_view> out;
    for (const yaml::Comment& comment : document.comments())
        out.push_back(comment.text.substr(0, comment.text.find_last_not_of(" \t") + 1));
    std::ranges::sort(out);
    return out;
}

void check_keys(const yaml::Node& node, Report& report) {
    if (node.is(yaml::Type::sequence)) {
        for (const yaml::Node& element : node.elements())
            check_keys(element, report);
    } else if (node.is(yaml::Type::mapping)) {
        for (const auto& [key, value] : node.members()) {
            if (key.text().size() > kKeyBytesMax)
                report.at(
                    key, "a key of more than " + std::to_string(kKeyBytesMax) + " bytes cannot be formatted");
            check_keys(value, report);
        }
    }
}

/// Requires a mapping.
Written<std::string> formatted(const yaml::Document& document, const Shape& shape) {
    Report report;
    check_keys(document.root(), report);
    if (!report.empty()) return std::unexpected(report.take());
    std::string out = write(lay_out(document, shape));
    if (out.size() > limits::kPolicyBytesMax) {
        report.at(document.root(),
                  "formatted the file has more than " + std::to_string(limits::kPolicyBytesMax) + " bytes");
        return std::unexpected(report.take());
    }
    const auto again = yaml::parse(out);
    INVARIANT(again.has_value() && same(document.root(), again->root()));
    INVARIANT(sorted_comments(document) == sorted_comments(*again));
    return out;
}

}  // namespace

Written<std::string> format_policy(std::string_view source) {
    const auto built = build(source);
    if (!built) return std::unexpected(built.error());
    auto out = formatted(*yaml::parse(source), shape_of_policy());
    if (out) INVARIANT(build(*out) == built);
    return out;
}

Written<std::string> format_suite(std::string_view source) {
    const auto document = yaml::parse(source);
    if (!document) {
        const auto& [position, message] = document.error();
        return std::unexpected(Findings{{position.line, position.column, message}});
    }
    Report report;
    if (!report.expect(document->root(), yaml::Kind::mapping, "a file of tests"))
        return std::unexpected(report.take());
    return formatted(*document, shape_of_suite());
}

}  // namespace parmana::authoring
