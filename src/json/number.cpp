// Numbers as ECMAScript spells them (RFC 8785 §3.2.2.3, ECMA-262 Number::toString): std::to_chars
// finds the shortest digits, the layout is ours.
#include <array>
#include <charconv>
#include <cmath>
#include <string>

#include "base/invariant.hpp"
#include "json/json.hpp"

namespace parmana::json {
namespace {

// digits × 10^(point − count of digits), with no trailing zero in `digits`.
struct Decimal {
    std::array<char, 17> bytes;
    std::size_t count;
    int point;

    std::string_view digits(std::size_t from, std::size_t to) const {
        return {bytes.data() + from, to - from};
    }
};

Decimal shortest(double magnitude) {
    std::array<char, 32> spelled;  // d[.ddd]e±dd[d]
    const auto done = std::to_chars(spelled.data(), spelled.data() + spelled.size(), magnitude,
                                    std::chars_format::scientific);
    Decimal out{};
    const char* at = spelled.data();
    for (; *at != 'e'; ++at) {
        if (*at != '.') out.bytes[out.count++] = *at;
    }
    at += at[1] == '+' ? 2 : 1;  // std::from_chars takes no plus
    std::from_chars(at, done.ptr, out.point);
    ++out.point;
    return out;
}

}  // namespace

void append_number(std::string& out, double number) {
    INVARIANT(std::isfinite(number));
    const double magnitude = std::fabs(number);
    if (magnitude <= static_cast<double>(limits::kExactIntegerMax) && magnitude == std::trunc(magnitude)) {
        std::array<char, 20> spelled;  // also takes the sign from −0, as ECMAScript does
        const auto done =
            std::to_chars(spelled.data(), spelled.data() + spelled.size(), static_cast<std::int64_t>(number));
        out.append(spelled.data(), done.ptr);
        return;
    }
    if (number < 0) out.push_back('-');
    const Decimal decimal = shortest(magnitude);
    const std::size_t count = decimal.count;
    const int point = decimal.point;
    if (point > 21 || point <= -6) {
        out.append(decimal.digits(0, 1));
        if (count > 1) out.append(".").append(decimal.digits(1, count));
        out.append(point > 0 ? "e+" : "e").append(std::to_string(point - 1));
    } else if (point <= 0) {
        out.append("0.").append(static_cast<std::size_t>(-point), '0').append(decimal.digits(0, count));
    } else if (const auto whole = static_cast<std::size_t>(point); count <= whole) {
        out.append(decimal.digits(0, count)).append(whole - count, '0');
    } else {
        out.append(decimal.digits(0, whole)).append(".").append(decimal.digits(whole, count));
    }
}

}  // namespace parmana::json
