#include "json/test_support.hpp"

#include <array>
#include <bit>
#include <charconv>
#include <cmath>

namespace parmana::json::testing {
namespace {

constexpr std::size_t kLevelsMax = 4;

// Names and strings that order or spell differently in UTF-8, UTF-16 and JSON.
constexpr std::array<std::string_view, 20> kPieces = {"a",
                                                      "b",
                                                      "amount",
                                                      "\\u0000",
                                                      "\\n",
                                                      "\\/",
                                                      "\\\"",
                                                      "\\\\",
                                                      "ö",
                                                      "€",
                                                      "\\u00f6",
                                                      "\\u20ac",
                                                      "\\ud83d\\ude02",
                                                      "😂",
                                                      "\uffff",
                                                      "\\uE000",
                                                      "דּ",
                                                      "x1",
                                                      "\\uDBFF\\uDFFF",
                                                      "<&>"};

std::string random_string_body(Choices& choices) {
    std::string out;
    for (std::size_t count = choices.below(4); count > 0; --count)
        out += kPieces[choices.below(kPieces.size())];
    return out;
}

void put_space(Choices& choices, std::string& out) {
    while (choices.one_in(4))
        out += " \t\r\n"[choices.below(4)];
}

void put_number(Choices& choices, std::string& out) {
    if (choices.one_in(2)) {
        const auto magnitude = static_cast<std::int64_t>(choices.bits() >> (11 + choices.below(53)));
        out += choices.one_in(2) ? "-" : "";
        out += std::to_string(magnitude);
        return;
    }
    double number = random_double(choices);
    if (choices.one_in(2)) number = std::ldexp(static_cast<double>(choices.below(2000)), -3);
    std::array<char, 40> spelled;
    const auto done =
        std::to_chars(spelled.data(), spelled.data() + spelled.size(), number, std::chars_format::scientific);
    const std::string text(spelled.data(), done.ptr);
    const double magnitude = std::fabs(number);
    out += magnitude > 9007199254740991.0 && magnitude < 1e21 ? "0.5" : text;  // those are refused
}

void put_value(Choices& choices, std::string& out, std::size_t level);

void put_container(Choices& choices, std::string& out, std::size_t level) {
    const bool is_object = choices.one_in(2);
    out += is_object ? '{' : '[';
    put_space(choices, out);
    const std::size_t count = choices.one_in(30) ? choices.below(60) : choices.below(5);
    for (std::size_t i = 0; i < count; ++i) {
        if (i > 0) out += ',';
        put_space(choices, out);
        if (is_object) {
            // The number makes the name unique; it stands in front or behind, to vary the order.
            const std::string body = random_string_body(choices);
            const std::string number = "#" + std::to_string(i * 7 % 61) + "#";
            out += '"' + (choices.one_in(2) ? number + body : body + number) + '"';
            put_space(choices, out);
            out += ':';
            put_space(choices, out);
        }
        put_value(choices, out, level + 1);
        put_space(choices, out);
    }
    out += is_object ? '}' : ']';
}

void put_value(Choices& choices, std::string& out, std::size_t level) {
    switch (choices.below(level < kLevelsMax ? 8 : 5)) {
        case 0:
            out += "null";
            break;
        case 1:
            out += choices.one_in(2) ? "true" : "false";
            break;
        case 2:
        case 3:
            put_number(choices, out);
            break;
        case 4:
            out += '"' + random_string_body(choices) + '"';
            break;
        default:
            put_container(choices, out, level);
    }
}

}  // namespace

std::uint64_t Choices::bits() {
    state_ += 0x9e3779b97f4a7c15;  // SplitMix64
    std::uint64_t z = state_;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

double random_double(Choices& choices) {
    for (;;) {
        const auto number = std::bit_cast<double>(choices.bits());
        if (std::isfinite(number)) return number;
    }
}

std::string random_text(Choices& choices) {
    std::string out;
    put_space(choices, out);
    if (choices.one_in(8)) {
        put_value(choices, out, 0);
    } else {
        put_container(choices, out, 0);
    }
    put_space(choices, out);
    return out;
}

std::string mutated(Choices& choices, std::string text) {
    constexpr std::string_view kBytes =
        "{}[]\",:\\/ \n\t0123456789.eE+-unltrfasDd\x80\xbf\xc2\xe0\xed\xf4\xff\x01";
    for (std::size_t count = 1 + choices.below(3); count > 0; --count) {
        const std::size_t at = choices.below(text.size() + 1);
        const char byte = kBytes[choices.below(kBytes.size())];
        const std::size_t length = 1 + choices.below(6);
        switch (choices.below(5)) {
            case 0:
                text.insert(at, 1, byte);
                break;
            case 1:
                if (at < text.size()) text[at] = byte;
                break;
            case 2:
                text.erase(at, length);
                break;
            case 3:
                text.insert(choices.below(text.size() + 1), text.substr(at, length));
                break;
            default:
                if (choices.one_in(3)) text.resize(at);
        }
    }
    return text;
}

std::size_t offset_of(const Error& error) {
    constexpr std::string_view kBefore = " at offset ";
    const std::size_t at = error.detail.rfind(kBefore);
    if (at == std::string::npos) return at;
    std::size_t offset = std::string::npos;
    const char* const digits = error.detail.data() + at + kBefore.size();
    std::from_chars(digits, error.detail.data() + error.detail.size(), offset);
    return offset;
}

}  // namespace parmana::json::testing
