#include "bundle/compatibility.hpp"

#include <algorithm>
#include <span>

namespace parmana::bundle {
namespace {

std::string in_backticks(std::string_view text) {
    return "`" + std::string(text) + "`";
}

std::string list(std::span<const std::string_view> names) {
    std::string out;
    for (const std::string_view name : names) {
        if (!out.empty()) out += ", ";
        out += in_backticks(name);
    }
    return out;
}

bool is_number(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// Numbers have no leading zeros, so the longer one is the greater one.
std::strong_ordering compare_numbers(std::string_view a, std::string_view b) {
    return a.size() != b.size() ? a.size() <=> b.size() : a <=> b;
}

/// Identifiers of a pre-release: numbers as numbers and before the others.
std::strong_ordering compare_identifiers(std::string_view a, std::string_view b) {
    if (is_number(a) != is_number(b)) return is_number(b) <=> is_number(a);
    return is_number(a) ? compare_numbers(a, b) : a <=> b;
}

std::string_view take_part(std::string_view& text) {
    const std::size_t dot = std::min(text.find('.'), text.size());
    const std::string_view part = text.substr(0, dot);
    text.remove_prefix(std::min(dot + 1, text.size()));
    return part;
}

/// The same number of parts before others is less than one more.
template <class Compare>
std::strong_ordering compare_parts(std::string_view a, std::string_view b, Compare compare) {
    while (!a.empty() && !b.empty()) {
        const auto order = compare(take_part(a), take_part(b));
        if (order != 0) return order;
    }
    return !a.empty() <=> !b.empty();
}

struct Version {
    std::string_view core;
    std::string_view prerelease;
};

Version split(std::string_view text) {
    text = text.substr(0, text.find('+'));
    const std::size_t dash = std::min(text.find('-'), text.size());
    return {text.substr(0, dash), text.substr(std::min(dash + 1, text.size()))};
}

}  // namespace

bool version_less(std::string_view a, std::string_view b) {
    const Version one = split(a), other = split(b);
    const auto core = compare_parts(one.core, other.core, compare_numbers);
    if (core != 0) return core < 0;
    // A pre-release is before its release.
    if (one.prerelease.empty() || other.prerelease.empty())
        return !one.prerelease.empty() && other.prerelease.empty();
    return compare_parts(one.prerelease, other.prerelease, compare_identifiers) < 0;
}

Status check_language(const Manifest& manifest) {
    if (!policy::is_known_profile(manifest.language_profile)) {
        return fail(Code::profile_unknown,
                    in_backticks(manifest.language_profile) + " is not a known language profile");
    }
    if (!policy::is_known_schema_version(manifest.schema_version)) {
        return fail(Code::schema_unknown, "the schema version " + in_backticks(manifest.schema_version) +
                                              " is not one of " + list(policy::kSchemaVersions));
    }
    return {};
}

Status check_compatible(const Manifest& manifest, const Abilities& abilities) {
    TRY(check_language(manifest));
    const Requirements& required = manifest.requirements;
    if (required.runtime_version && version_less(abilities.version, *required.runtime_version)) {
        return fail(Code::runtime_incompatible,
                    "the policy needs version " + in_backticks(*required.runtime_version) +
                        " of the program or a newer one, and this is " + in_backticks(abilities.version));
    }
    for (const std::string& name : required.capabilities) {
        if (!std::ranges::binary_search(abilities.capabilities, name)) {
            return fail(Code::runtime_incompatible, "the policy needs the capability " + in_backticks(name) +
                                                        ", which this program does not have");
        }
    }
    return {};
}

}  // namespace parmana::bundle
