// What a plain scalar stands for: the core schema of YAML 1.2 §10.3.2, with one spelling of each word.
#include <algorithm>
#include <charconv>
#include <limits>

#include "yaml/tree.hpp"

namespace parmana::yaml {
namespace {

constexpr std::string_view kDecimal = "0123456789";

bool is_digits(std::string_view text, std::string_view digits) {
    return !text.empty() && text.find_first_not_of(digits) == std::string_view::npos;
}

std::string_view without_sign(std::string_view text) {
    return text.starts_with('+') || text.starts_with('-') ? text.substr(1) : text;
}

// Takes the digits from the front of the text and says how many they were.
std::size_t take_digits(std::string_view& text) {
    const std::size_t count = std::min(text.find_first_not_of(kDecimal), text.size());
    text.remove_prefix(count);
    return count;
}

// [-+]? ( \. [0-9]+ | [0-9]+ ( \. [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_real(std::string_view text) {
    text = without_sign(text);
    std::size_t digits = take_digits(text);
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        digits += take_digits(text);
    }
    if (digits == 0) return false;
    if (text.empty()) return true;
    return (text[0] == 'e' || text[0] == 'E') && is_digits(without_sign(text.substr(1)), kDecimal);
}

std::expected<Value, std::string> integer(std::string_view whole, std::string_view digits, int base) {
    Value value{.type = Type::integer};
    const char* const end = digits.data() + digits.size();
    if (std::from_chars(digits.data(), end, value.integer, base).ec != std::errc()) {
        return std::unexpected("the integer " + shown(whole) + " is outside 64 bits");
    }
    return value;
}

std::expected<Value, std::string> real(std::string_view whole) {
    Value value{.type = Type::real};
    const std::string_view digits = whole.substr(whole.starts_with('+') ? 1 : 0);
    if (std::from_chars(digits.data(), digits.data() + digits.size(), value.real).ec != std::errc()) {
        return std::unexpected("the number " + shown(whole) + " is outside the range of binary64");
    }
    return value;
}

// `.inf` and `.nan` in the three spellings of the schema; the sign is off.
bool is_word(std::string_view text, std::string_view lower, std::string_view title, std::string_view upper) {
    return text == lower || text == title || text == upper;
}

}  // namespace

std::expected<Value, std::string> value_of_plain(std::string_view text) {
    if (text.empty() || text == "~" || text == "null") return Value{.type = Type::null};
    if (text == "true" || text == "false") return Value{.type = Type::boolean, .boolean = text == "true"};
    const std::string_view bare = without_sign(text);
    if (is_digits(bare, kDecimal)) return integer(text, text.starts_with('+') ? bare : text, 10);
    if (text.starts_with("0o") && is_digits(text.substr(2), "01234567"))
        return integer(text, text.substr(2), 8);
    if (text.starts_with("0x") && is_digits(text.substr(2), "0123456789abcdefABCDEF")) {
        return integer(text, text.substr(2), 16);
    }
    if (is_real(text)) return real(text);
    if (is_word(bare, ".inf", ".Inf", ".INF")) {
        const double infinity = std::numeric_limits<double>::infinity();
        return Value{.type = Type::real, .real = text[0] == '-' ? -infinity : infinity};
    }
    if (is_word(text, ".nan", ".NaN", ".NAN")) {
        return Value{.type = Type::real, .real = std::numeric_limits<double>::quiet_NaN()};
    }
    return Value{};
}

}  // namespace parmana::yaml
