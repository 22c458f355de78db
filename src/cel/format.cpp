// string.format of the strings extension.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "cel/builtin.hpp"
#include "cel/text.hpp"
#include "cel/time.hpp"

namespace parmana::cel {
namespace {

constexpr int kPrecision = 6;
constexpr int kPrecisionMax = 100;

class Formatter {
  public:
    Formatter(Context& context, std::string_view pattern, const List& arguments)
        : context_(context), rest_(pattern), arguments_(arguments) {}

    Value run() {
        while (!rest_.empty()) {
            if (!context_.pay(1)) return context_.error(Fault::cost_exceeded);
            const std::size_t percent = rest_.find('%');
            if (percent == std::string_view::npos) {
                out_ += rest_;
                break;
            }
            out_ += rest_.substr(0, percent);
            rest_.remove_prefix(percent + 1);
            if (rest_.starts_with('%')) {
                out_ += '%';
                rest_.remove_prefix(1);
            } else if (!clause()) {
                return context_.error(fault_);
            }
        }
        if (!context_.pay(price::copied(out_.size() * 2))) return context_.error(Fault::cost_exceeded);
        return context_.arena.copy_string(out_);
    }

  private:
    bool refuse(Fault fault) {
        fault_ = fault;
        return false;
    }
    bool pay(std::uint64_t units) { return context_.pay(units) || refuse(Fault::cost_exceeded); }

    bool clause() {
        int precision = kPrecision;
        if (rest_.starts_with('.')) {
            const auto result = std::from_chars(rest_.data() + 1, rest_.data() + rest_.size(), precision);
            if (result.ec != std::errc() || precision < 0 || precision > kPrecisionMax)
                return refuse(Fault::invalid_argument);
            rest_.remove_prefix(static_cast<std::size_t>(result.ptr - rest_.data()));
        }
        if (rest_.empty()) return refuse(Fault::invalid_argument);
        const char verb = rest_.front();
        rest_.remove_prefix(1);
        if (next_ == arguments_.size) return refuse(Fault::index_out_of_bounds);
        const Value& value = arguments_.items[next_++];
        switch (verb) {
            case 's':
                return text(value);
            case 'd':
                return decimal(value);
            case 'f':
            case 'e':
                return real(value, precision,
                            verb == 'f' ? std::chars_format::fixed : std::chars_format::scientific);
            case 'b':
                if (value.is(Kind::boolean)) {
                    out_ += value.boolean ? '1' : '0';
                    return true;
                }
                return whole(value, 2, false);
            case 'o':
                return whole(value, 8, false);
            case 'x':
            case 'X':
                return hexadecimal(value, verb == 'X');
            default:
                return refuse(Fault::invalid_argument);
        }
    }

    bool text(const Value& value) {
        switch (value.kind) {
            case Kind::string:
                out_ += value.view();
                return pay(1 + price::copied(value.extent));
            case Kind::bytes:
                if (!pay(1 + price::read(value.extent))) return false;
                append_utf8(value.view());
                return true;
            case Kind::null:
                out_ += "null";
                return true;
            case Kind::boolean:
                out_ += value.boolean ? "true" : "false";
                return true;
            case Kind::integer:
            case Kind::unsigned_integer:
                return whole(value, 10, false);
            case Kind::real:
                return shortest(value) && pay(price::kNumberWritten);
            case Kind::timestamp:
            case Kind::duration:
                out_ += time_text(value);
                return pay(price::kTimeWritten);
            case Kind::type:
                out_ += type_identifier(value.type);
                return true;
            case Kind::list:
                return list(*value.list);
            case Kind::map:
                return map(*value.map);
            default:
                return refuse(Fault::no_such_overload);
        }
    }

    bool list(const List& values) {
        const char* separator = "[";
        for (const Value& value : values.view()) {
            if (!pay(1)) return false;
            out_ += separator;
            if (!text(value)) return false;
            separator = ", ";
        }
        out_ += values.size == 0 ? "[]" : "]";
        return true;
    }

    /// Entries stand in the order of their keys' texts.
    bool map(const Map& values) {
        std::vector<std::pair<std::string, std::size_t>> keys;  // and the place of the entry
        std::size_t longest = 0;
        for (const MapEntry& entry : values.view()) {
            const std::size_t begin = out_.size();
            if (!text(entry.key) || !pay(price::kMapTextEntry)) return false;
            keys.emplace_back(out_.substr(begin), keys.size());
            out_.resize(begin);
            longest = std::max(longest, keys.back().first.size());
        }
        if (!pay(price::sorted(values.size, longest))) return false;
        std::ranges::sort(keys);
        const char* separator = "{";
        for (const auto& [key, place] : keys) {
            out_ += separator + key + ": ";
            if (!text(values.entries[place].value)) return false;
            separator = ", ";
        }
        out_ += values.size == 0 ? "{}" : "}";
        return true;
    }

    bool whole(const Value& value, int base, bool upper) {
        char digits[72];
        std::to_chars_result result{};
        if (value.is(Kind::integer)) {
            result = std::to_chars(digits, digits + sizeof digits, value.integer, base);
        } else if (value.is(Kind::unsigned_integer)) {
            result = std::to_chars(digits, digits + sizeof digits, value.unsigned_integer, base);
        } else {
            return refuse(Fault::no_such_overload);
        }
        append({digits, static_cast<std::size_t>(result.ptr - digits)}, upper);
        return pay(price::kNumberWritten);
    }

    void append(std::string_view text, bool upper) {
        for (const char c : text)
            out_ += upper && c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    }

    bool hexadecimal(const Value& value, bool upper) {
        if (!value.is(Kind::string) && !value.is(Kind::bytes)) return whole(value, 16, upper);
        if (!pay(price::read(std::uint64_t{value.extent} * 2))) return false;
        append(to_hex(value.view()), upper);
        return true;
    }

    /// A number without a finite value is spelled out by every clause for numbers.
    bool is_special(const Value& value) {
        if (!value.is(Kind::real) || std::isfinite(value.real)) return false;
        out_ += format_double(value.real);
        return true;
    }

    bool decimal(const Value& value) {
        return value.is(Kind::real) ? shortest(value) : whole(value, 10, false);
    }

    /// The shortest decimal that reads back, without an exponent.
    bool shortest(const Value& value) {
        out_ += format_double(value.real, false);
        return true;
    }

    /// A run of bytes that are no UTF-8 becomes one U+FFFD.
    void append_utf8(std::string_view bytes) {
        bool replaced = false;
        while (!bytes.empty()) {
            std::size_t size = std::min(code_point_bytes(bytes), bytes.size());
            const bool whole = is_utf8(bytes.substr(0, size));
            if (!whole) size = 1;
            if (whole) out_ += bytes.substr(0, size);
            if (!whole && !replaced) out_ += "\xef\xbf\xbd";
            replaced = !whole;
            bytes.remove_prefix(size);
        }
    }

    bool real(const Value& value, int precision, std::chars_format layout) {
        if (!pay(price::kRealWritten)) return false;
        if (is_special(value)) return true;
        double number = value.real;
        if (value.is(Kind::integer)) {
            number = static_cast<double>(value.integer);
        } else if (value.is(Kind::unsigned_integer)) {
            number = static_cast<double>(value.unsigned_integer);
        } else if (!value.is(Kind::real)) {
            return refuse(Fault::no_such_overload);
        }
        char digits[512];
        const auto result = std::to_chars(digits, digits + sizeof digits, number, layout, precision);
        if (result.ec != std::errc()) return refuse(Fault::overflow);
        out_.append(digits, static_cast<std::size_t>(result.ptr - digits));
        return true;
    }

    Context& context_;
    std::string_view rest_;
    const List& arguments_;
    std::uint32_t next_ = 0;
    std::string out_;
    Fault fault_ = Fault::invalid_argument;
};

}  // namespace

Value format_text(Context& context, const Value* arguments) {
    if (!arguments[0].is(Kind::string) || !arguments[1].is(Kind::list))
        return context.error(Fault::no_such_overload);
    return Formatter(context, arguments[0].view(), *arguments[1].list).run();
}

}  // namespace parmana::cel
