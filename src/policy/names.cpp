#include "policy/names.hpp"

#include <algorithm>

#include "base/limits.hpp"
#include "policy/policy.hpp"

namespace parmana::policy {
namespace {

constexpr std::size_t kQuotedBytesMax = 64;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_lower(char c) {
    return c >= 'a' && c <= 'z';
}
bool is_letter(char c) {
    return is_lower(c) || (c >= 'A' && c <= 'Z');
}
bool is_word(char c) {
    return is_letter(c) || is_digit(c) || c == '_';
}

/// SemVer 2.0.0 §2: digits without a leading zero.
bool is_numeric(std::string_view text) {
    return !text.empty() && std::ranges::all_of(text, is_digit) && (text == "0" || text[0] != '0');
}

/// SemVer 2.0.0 §9 (pre-release: a number has no leading zero) and §10 (build).
bool is_identifier(std::string_view text, bool prerelease) {
    const auto fits = [](char c) { return is_letter(c) || is_digit(c) || c == '-'; };
    if (text.empty() || !std::ranges::all_of(text, fits)) return false;
    return !prerelease || !std::ranges::all_of(text, is_digit) || is_numeric(text);
}

/// True when `holds` holds for each part between dots; an empty text has one empty part.
template <class Predicate>
bool each_part(std::string_view text, Predicate holds) {
    while (true) {
        const std::size_t dot = text.find('.');
        if (!holds(text.substr(0, dot))) return false;
        if (dot == std::string_view::npos) return true;
        text.remove_prefix(dot + 1);
    }
}

bool is_semantic_version(std::string_view text) {
    if (const std::size_t plus = text.find('+'); plus != std::string_view::npos) {
        const auto build = [](std::string_view part) { return is_identifier(part, false); };
        if (!each_part(text.substr(plus + 1), build)) return false;
        text = text.substr(0, plus);
    }
    if (const std::size_t dash = text.find('-'); dash != std::string_view::npos) {
        const auto prerelease = [](std::string_view part) { return is_identifier(part, true); };
        if (!each_part(text.substr(dash + 1), prerelease)) return false;
        text = text.substr(0, dash);
    }
    return std::ranges::count(text, '.') == 2 && each_part(text, is_numeric);
}

}  // namespace

bool is_signal_name(std::string_view text) {
    return !text.empty() && text.size() <= kSignalNameBytesMax && !is_digit(text[0]) &&
           std::ranges::all_of(text, is_word);
}

bool is_rule_id(std::string_view text) {
    const auto fits = [](char c) { return is_word(c) || c == '.' || c == '-'; };
    return !text.empty() && text.size() <= kRuleIdBytesMax && std::ranges::all_of(text, fits);
}

bool is_action(std::string_view text) {
    const auto fits = [](char c) { return is_lower(c) || is_digit(c) || c == '_'; };
    return !text.empty() && text.size() <= kActionBytesMax && is_lower(text[0]) &&
           std::ranges::all_of(text, fits);
}

std::string in_backticks(std::string_view text) {
    std::size_t end = std::min(text.size(), kQuotedBytesMax);
    const bool cut = end < text.size();
    // Never inside a code point: step back over its continuation bytes.
    while (cut && end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80)
        --end;
    std::string out = "`";
    for (const char c : text.substr(0, end)) {
        const auto byte = static_cast<unsigned char>(c);
        out.push_back(byte < 0x20 || byte == 0x7f ? '?' : c == '`' ? '\'' : c);
    }
    out += cut ? "…`" : "`";
    return out;
}

Result<PolicyId> make_policy_id(std::string_view text) {
    const auto fits = [](char c) { return is_word(c) || c == '-'; };
    if (text.empty() || text.size() > limits::kPolicyIdBytesMax || !std::ranges::all_of(text, fits)) {
        return fail(Code::member_invalid,
                    "policy id " + in_backticks(text) + " is not 1 to 128 letters, digits, `_` or `-`");
    }
    return PolicyId(std::string(text));
}

Result<PolicyVersion> make_policy_version(std::string_view text) {
    if (text.size() > limits::kPolicyVersionBytesMax || !is_semantic_version(text)) {
        return fail(Code::member_invalid, "policy version " + in_backticks(text) +
                                              " is not a semantic version of at most 32 bytes");
    }
    return PolicyVersion(std::string(text));
}

std::string_view wire_name(Verdict verdict) {
    switch (verdict) {
        case Verdict::approved:
            return "approved";
        case Verdict::rejected:
            return "rejected";
        case Verdict::override_required:
            return "override_required";
    }
    return "";  // not an enumerator; a reader of it refuses the empty word
}

std::optional<Verdict> verdict_from_wire(std::string_view wire) {
    for (const auto verdict : {Verdict::approved, Verdict::rejected, Verdict::override_required}) {
        if (wire == wire_name(verdict)) return verdict;
    }
    return std::nullopt;
}

}  // namespace parmana::policy
