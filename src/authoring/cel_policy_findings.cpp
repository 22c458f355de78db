#include "authoring/cel_policy_findings.hpp"

#include <algorithm>

#include "policy/names.hpp"

namespace parmana::authoring::cel_policy {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

std::string_view type_name(yaml::Type type) {
    switch (type) {
        case yaml::Type::null:
            return "null";
        case yaml::Type::boolean:
            return "a boolean";
        case yaml::Type::integer:
            return "an integer";
        case yaml::Type::real:
            return "a real number";
        case yaml::Type::string:
            return "a string";
        case yaml::Type::sequence:
            return "a list";
        case yaml::Type::mapping:
            return "a mapping";
    }
    return "a value";
}

}  // namespace

void FindingList::at(yaml::Position place, std::string message) {
    found_.push_back({place.line, place.column, std::move(message)});
}

void FindingList::in(yaml::Node scalar, std::size_t offset, std::string message) {
    at(scalar.position_of(std::min(offset, scalar.text().size())), std::move(message));
}

void FindingList::in(yaml::Node scalar, std::string message) {
    const std::size_t first = scalar.text().find_first_not_of(kBlanks);
    in(scalar, first == std::string_view::npos ? 0 : first, std::move(message));
}

bool FindingList::expect(yaml::Node node, yaml::Type type, std::string_view subject) {
    if (node.is(type)) return true;
    std::string message(subject);
    message.append(" must be ").append(type_name(type)).append(", this is ").append(type_name(node.type()));
    const bool is_word = node.kind() == yaml::Kind::scalar && !node.is(yaml::Type::null);
    if (type == yaml::Type::string && is_word) message += ": put it in quotes";
    at(node, std::move(message));
    return false;
}

void FindingList::check_keys(yaml::Node mapping, std::initializer_list<Key> keys) {
    for (const yaml::Member& member : mapping.members()) {
        const auto same = [&](const Key& key) { return key.name == member.key.text(); };
        if (std::ranges::none_of(keys, same))
            at(member.key, "unknown key " + policy::in_backticks(member.key.text()));
    }
    for (const Key& key : keys) {
        if (key.required && !mapping.find(key.name))
            at(mapping, "missing key " + policy::in_backticks(key.name));
    }
}

std::optional<yaml::Node> FindingList::member(yaml::Node mapping, std::string_view name, yaml::Type type) {
    const auto value = mapping.find(name);
    if (!value || !expect(*value, type, policy::in_backticks(name))) return std::nullopt;
    return value;
}

std::string FindingList::text(yaml::Node mapping, std::string_view name) {
    const auto value = member(mapping, name, yaml::Type::string);
    return value ? std::string(value->text()) : std::string();
}

Findings FindingList::sorted() && {
    std::ranges::sort(found_);
    return std::move(found_);
}

bool is_identifier(std::string_view text) {
    const auto is_letter = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    };
    const auto is_word = [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); };
    return !text.empty() && is_letter(text.front()) && std::ranges::all_of(text, is_word);
}

bool is_qualified_name(std::string_view text) {
    while (true) {
        const std::size_t dot = text.find('.');
        if (!is_identifier(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

std::string_view without_blanks(std::string_view text) {
    const std::size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace parmana::authoring::cel_policy
