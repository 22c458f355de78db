// The values of literal tokens.
#include <charconv>
#include <cmath>

#include "cel/lexer.hpp"
#include "cel/text.hpp"

namespace parmana::cel {
namespace {

/// Reads the inside of one string or bytes literal.
class Unquoter {
  public:
    Unquoter(std::string_view body, std::size_t offset, bool raw, bool bytes)
        : body_(body), offset_(offset), raw_(raw), bytes_(bytes) {}

    Checkable<std::string> read() {
        while (at_ < body_.size()) {
            const char c = body_[at_];
            if (c == '\r') {  // line ends are one newline, whatever the file says
                at_ += at_ + 1 < body_.size() && body_[at_ + 1] == '\n' ? 2 : 1;
                out_ += '\n';
            } else if (c == '\\' && !raw_) {
                if (auto escape = read_escape(); !escape) return std::unexpected(escape.error());
            } else {
                out_ += c;
                ++at_;
            }
        }
        if (!bytes_ && !is_utf8(out_)) return one_issue(offset_, "the text is not UTF-8");
        return std::move(out_);
    }

  private:
    std::unexpected<Issues> bad(std::string message) const {
        return one_issue(offset_ + at_, std::move(message));
    }

    Checkable<char> read_escape() {
        const char kind = at_ + 1 < body_.size() ? body_[at_ + 1] : '\0';
        constexpr std::string_view kFrom = "abfnrtv\\?\"'`";
        constexpr std::string_view kTo = "\a\b\f\n\r\t\v\\?\"'`";
        if (const std::size_t simple = kFrom.find(kind); kind != '\0' && simple != std::string_view::npos) {
            out_ += kTo[simple];
            at_ += 2;
            return kind;
        }
        switch (kind) {
            case 'x':
            case 'X':
                return read_code(2, 2, 16);
            case 'u':
                return bytes_ ? bad("`\\u` has no meaning in bytes") : read_code(2, 4, 16);
            case 'U':
                return bytes_ ? bad("`\\U` has no meaning in bytes") : read_code(2, 8, 16);
            case '0':
            case '1':
            case '2':
            case '3':
                return read_code(1, 3, 8);
            default:
                return bad("an unknown escape");
        }
    }

    Checkable<char> read_code(std::size_t skip, std::size_t digits, int base) {
        std::uint32_t code = 0;
        const std::string_view text = body_.substr(std::min(at_ + skip, body_.size())).substr(0, digits);
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), code, base);
        if (text.size() != digits || error != std::errc() || end != text.data() + digits)
            return bad("an escape with too few digits");
        if (bytes_) {
            out_ += static_cast<char>(code);
        } else {
            if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
                return bad("an escape that is no Unicode scalar value");
            append_utf8(out_, code);
        }
        at_ += skip + digits;
        return body_[at_ - 1];
    }

    std::string_view body_;
    std::size_t offset_;
    bool raw_;
    bool bytes_;
    std::size_t at_ = 0;
    std::string out_;
};

Checkable<std::string> unquote(const Lexeme& lexeme) {
    std::size_t prefix = lexeme.text.find_first_of("\"'");
    const bool raw = lexeme.text.substr(0, prefix).find_first_of("rR") != std::string_view::npos;
    const char quote = lexeme.text[prefix];
    const std::size_t size = lexeme.text.size();
    const bool triple =
        size >= prefix + 6 && lexeme.text[prefix + 1] == quote && lexeme.text[prefix + 2] == quote;
    const std::size_t quotes = triple ? 3 : 1;
    prefix += quotes;
    return Unquoter(lexeme.text.substr(prefix, size - prefix - quotes), lexeme.offset + prefix, raw,
                    lexeme.token == Token::bytes)
        .read();
}

/// Digits, decimal or `0x…`, without sign or suffix. Nothing when over 64 bits.
std::optional<std::uint64_t> magnitude(std::string_view text) {
    int base = 10;
    if (text.size() > 2 && (text[1] == 'x' || text[1] == 'X')) {
        base = 16;
        text.remove_prefix(2);
    }
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

Checkable<Constant> read_integer(const Lexeme& lexeme, bool negative) {
    constexpr std::uint64_t kLimit = std::uint64_t{1} << 63;
    const auto value = magnitude(lexeme.text);
    if (!value || *value > (negative ? kLimit : kLimit - 1))
        return one_issue(lexeme.offset, "an integer beyond 64 bits");
    return static_cast<std::int64_t>(negative ? ~*value + 1 : *value);
}

}  // namespace

Checkable<Constant> read_literal(const Lexeme& lexeme, bool negative) {
    switch (lexeme.token) {
        case Token::integer:
            return read_integer(lexeme, negative);
        case Token::unsigned_integer: {
            const auto value = magnitude(lexeme.text.substr(0, lexeme.text.size() - 1));
            if (!value) return one_issue(lexeme.offset, "an unsigned integer beyond 64 bits");
            return *value;
        }
        case Token::real: {
            double value = 0;
            const char* end = lexeme.text.data() + lexeme.text.size();
            const auto result = std::from_chars(lexeme.text.data(), end, value);
            // Too small is zero, as every reader of binary64 has it; too large has no value.
            if (result.ptr != end || (result.ec != std::errc() && !is_underflow(lexeme.text)))
                return one_issue(lexeme.offset, "a number beyond binary64");
            return negative ? -value : value;
        }
        case Token::string: {
            auto text = unquote(lexeme);
            if (!text) return std::unexpected(std::move(text).error());
            return *std::move(text);
        }
        case Token::bytes: {
            auto text = unquote(lexeme);
            if (!text) return std::unexpected(std::move(text).error());
            return Bytes{*std::move(text)};
        }
        case Token::keyword_true:
            return true;
        case Token::keyword_false:
            return false;
        default:
            return std::monostate{};
    }
}

}  // namespace parmana::cel
