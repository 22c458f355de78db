// Timestamps as text.
#include "base/invariant.hpp"
#include "civil/civil.hpp"
#include "civil/fraction.hpp"
#include "civil/scanner.hpp"

namespace parmana::civil {
namespace {

void append_padded(std::string& out, std::int32_t value, std::size_t width) {
    const std::string digits = std::to_string(value);
    out.append(width - digits.size(), '0').append(digits);
}

}  // namespace

std::optional<Instant> parse_rfc3339(std::string_view text) {
    Scanner in(text);
    Date date{};
    date.year = in.number(4, 0, 9'999);
    in.expect('-');
    date.month = in.number(2, 1, 12);
    in.expect('-');
    date.day = in.number(2, 1, days_in_month(date.year, date.month));
    in.expect('T');
    const std::int32_t hours = in.number(2, 0, 23);
    in.expect(':');
    const std::int32_t minutes = in.number(2, 0, 59);
    in.expect(':');
    const std::int32_t seconds = in.number(2, 0, 59);
    const std::int32_t nanos = in.take('.') ? in.fraction() : 0;
    std::int32_t offset = 0;
    if (in.take('+'))
        offset = in.hours_and_minutes();
    else if (in.take('-'))
        offset = -in.hours_and_minutes();
    else
        in.expect('Z');
    if (!in.is_done()) return std::nullopt;
    const std::int64_t second_of_day = (hours * 60 + minutes) * 60 + seconds;
    const Instant instant{days_from_date(date) * 86'400 + second_of_day - offset, nanos};
    if (!is_valid(instant)) return std::nullopt;
    return instant;
}

std::string format_rfc3339(Instant instant) {
    INVARIANT(is_valid(instant));
    const Fields fields = fields_from_seconds(instant.seconds);
    std::string out;
    append_padded(out, fields.year, 4);
    out.push_back('-');
    append_padded(out, fields.month, 2);
    out.push_back('-');
    append_padded(out, fields.day, 2);
    out.push_back('T');
    append_padded(out, fields.hours, 2);
    out.push_back(':');
    append_padded(out, fields.minutes, 2);
    out.push_back(':');
    append_padded(out, fields.seconds, 2);
    append_fraction(out, instant.nanos);
    out.push_back('Z');
    return out;
}

}  // namespace parmana::civil
