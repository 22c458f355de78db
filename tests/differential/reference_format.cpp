// string.format (cel-spec, doc/extensions/strings.md).
#include <charconv>
#include <cmath>
#include <map>

#include "reference_functions.hpp"
#include "reference_text.hpp"
#include "reference_time.hpp"

namespace parmana::reference {
namespace {

using Formatted = std::expected<std::string, Fault>;

/// No conversion of this name.
std::unexpected<Fault> malformed() {
    return failed(Fault::invalid_argument);
}

/// The sign, and the digits of the size in a base from 2 to 16.
std::string in_base(bool negative, std::uint64_t size, unsigned base, bool upper) {
    constexpr std::string_view kLower = "0123456789abcdef";
    constexpr std::string_view kUpper = "0123456789ABCDEF";
    std::string digits;
    do {
        digits.insert(0, 1, (upper ? kUpper : kLower)[size % base]);
        size /= base;
    } while (size > 0);
    return (negative ? "-" : "") + digits;
}

/// An int or uint.
std::optional<std::string> whole_text(const Value& value, unsigned base, bool upper) {
    if (const auto* natural = value.as<std::uint64_t>()) return in_base(false, *natural, base, upper);
    const auto* integer = value.as<std::int64_t>();
    if (integer == nullptr) return std::nullopt;
    const Wide size = *integer < 0 ? -Wide{*integer} : Wide{*integer};
    return in_base(*integer < 0, static_cast<std::uint64_t>(size), base, upper);
}

Formatted as_string(const Value& value);

Formatted list_text(const Values& items) {
    std::string out = "[";
    for (std::size_t i = 0; i < items.size(); ++i) {
        const auto item = as_string(items[i]);
        if (!item) return item;
        out += (i > 0 ? ", " : "") + *item;
    }
    return out + "]";
}

Formatted map_text(const Entries& entries) {
    std::multimap<std::string, std::string> texts;  // equal keys stay in the order of the map
    for (const Entry& entry : entries) {
        const auto key = as_string(entry.key);
        if (!key) return key;
        const auto value = as_string(entry.value);
        if (!value) return value;
        texts.emplace(*key, *value);
    }
    std::string out = "{";
    for (const auto& [key, value] : texts)
        out += (out.size() > 1 ? ", " : "") + key + ": " + value;
    return out + "}";
}

/// %s
Formatted as_string(const Value& value) {
    if (const auto* real = value.as<double>()) return plain_real_text(*real);
    if (const auto* bytes = value.as<Bytes>()) return repaired(bytes->octets);
    if (const auto* span = value.as<Duration>()) {
        // The seconds as a double: the decimal text read as one.
        const std::string text = duration_text(span->nanos);
        return plain_real_text(*parse_real(text.substr(0, text.size() - 1))) + "s";
    }
    if (value.is<Null>()) return "null";
    if (const auto* type = value.as<TypeName>()) return type->name;
    if (const auto* list = value.as<List>()) return list_text(*list->items);
    if (const auto* map = value.as<Map>()) return map_text(*map->entries);
    if (value.is<Optional>()) return no_overload();
    const Outcome text = convert_to_string(value);
    return *text->as<std::string>();
}

/// %d
Formatted as_decimal(const Value& value) {
    if (const auto text = whole_text(value, 10, false)) return *text;
    if (const auto* real = value.as<double>()) return plain_real_text(*real);
    return no_overload();
}

/// %f and %e
Formatted as_real(const Value& value, std::chars_format style, int precision) {
    const auto number = number_of(value);
    if (!number) return no_overload();
    const double real = static_cast<double>(*number);
    if (!std::isfinite(real)) return plain_real_text(real);
    std::string out(2000, '\0');
    const auto written = std::to_chars(out.data(), out.data() + out.size(), real, style, precision);
    out.resize(static_cast<std::size_t>(written.ptr - out.data()));
    return out;
}

/// %x and %X
Formatted as_hexadecimal(const Value& value, bool upper) {
    if (const auto text = whole_text(value, 16, upper)) return *text;
    const auto* text = value.as<std::string>();
    const auto* bytes = value.as<Bytes>();
    if (text == nullptr && bytes == nullptr) return no_overload();
    std::string out;
    for (const char c : text != nullptr ? *text : bytes->octets) {
        const std::string digits = in_base(false, static_cast<unsigned char>(c), 16, upper);
        out += (digits.size() < 2 ? "0" : "") + digits;
    }
    return out;
}

/// %o
Formatted as_octal(const Value& value) {
    if (const auto text = whole_text(value, 8, false)) return *text;
    return no_overload();
}

/// %b
Formatted as_binary(const Value& value) {
    if (const auto* truth = value.as<bool>()) return *truth ? "1" : "0";
    if (const auto text = whole_text(value, 2, false)) return *text;
    return no_overload();
}

/// What stands behind a `%`.
struct Clause {
    char conversion;
    int precision;
    std::size_t length;
};

std::optional<Clause> read_clause(std::string_view text) {
    Clause out{'\0', 6, 0};
    if (text.starts_with('.')) {
        std::size_t digits = 0;
        while (digits + 1 < text.size() && text[digits + 1] >= '0' && text[digits + 1] <= '9')
            ++digits;
        const auto precision = parse_natural(text.substr(1, digits));
        if (!precision || *precision > 1000) return std::nullopt;
        out.precision = static_cast<int>(*precision);
        out.length = digits + 1;
    }
    if (out.length >= text.size()) return std::nullopt;
    out.conversion = text[out.length++];
    return out;
}

Formatted apply(const Clause& clause, const Value& value) {
    switch (clause.conversion) {
        case 's':
            return as_string(value);
        case 'd':
            return as_decimal(value);
        case 'f':
            return as_real(value, std::chars_format::fixed, clause.precision);
        case 'e':
            return as_real(value, std::chars_format::scientific, clause.precision);
        case 'x':
        case 'X':
            return as_hexadecimal(value, clause.conversion == 'X');
        case 'o':
            return as_octal(value);
        case 'b':
            return as_binary(value);
        default:
            return malformed();
    }
}

}  // namespace

Outcome format(std::string_view format, const Values& arguments) {
    std::string out;
    std::size_t used = 0;
    while (!format.empty()) {
        if (format[0] != '%') {
            out += format[0];
            format.remove_prefix(1);
        } else if (format.starts_with("%%")) {
            out += '%';
            format.remove_prefix(2);
        } else {
            const auto clause = read_clause(format.substr(1));
            if (!clause) return malformed();
            if (used == arguments.size()) return failed(Fault::index_out_of_bounds);
            const auto text = apply(*clause, arguments[used++]);
            if (!text) return failed(text.error());
            out += *text;
            format.remove_prefix(1 + clause->length);
        }
    }
    return value_of(out);
}

}  // namespace parmana::reference
