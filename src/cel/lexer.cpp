#include "cel/lexer.hpp"

#include <algorithm>
#include <array>

namespace parmana::cel {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_hex(char c) {
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_word_start(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_word(char c) {
    return is_word_start(c) || is_digit(c);
}

// Longest first.
constexpr std::array<std::string_view, 24> kSymbols = {"==", "!=", "<=", ">=", "&&", "||", "<", ">",
                                                       "+",  "-",  "*",  "/",  "%",  "!",  "?", ":",
                                                       ".",  ",",  "(",  ")",  "[",  "]",  "{", "}"};

constexpr std::array<std::string_view, 17> kReserved = {
    "as",  "break", "const",     "continue", "else",   "for", "function", "if",   "import",
    "let", "loop",  "namespace", "package",  "return", "var", "void",     "while"};

}  // namespace

bool is_reserved(std::string_view word) {
    return std::ranges::find(kReserved, word) != kReserved.end();
}

std::unexpected<Issues> Lexer::issue(std::size_t offset, std::string message) const {
    return one_issue(offset, std::move(message));
}

Lexeme Lexer::take(Token token, std::size_t length) {
    const Lexeme out{token, static_cast<std::uint32_t>(at_), source_.substr(at_, length)};
    at_ += length;
    return out;
}

void Lexer::skip_blanks() {
    while (at_ < source_.size()) {
        const char c = source_[at_];
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
            ++at_;
        } else if (c == '/' && peek(1) == '/') {
            at_ = std::min(source_.find('\n', at_), source_.size());
        } else {
            return;
        }
    }
}

Checkable<Lexeme> Lexer::next() {
    skip_blanks();
    if (at_ == source_.size()) return take(Token::end, 0);
    const char c = peek();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
    if (c == '"' || c == '\'') return quoted(0, Token::string);
    const auto opens = [this](std::size_t at) { return peek(at) == '"' || peek(at) == '\''; };
    if ((c == 'r' || c == 'R') && opens(1)) return quoted(1, Token::string);
    if (c == 'b' || c == 'B') {
        if (opens(1)) return quoted(1, Token::bytes);
        if ((peek(1) == 'r' || peek(1) == 'R') && opens(2)) return quoted(2, Token::bytes);
    }
    if (is_word_start(c)) {
        std::size_t length = 1;
        while (is_word(peek(length)))
            ++length;
        const std::string_view word = source_.substr(at_, length);
        if (word == "in") return take(Token::keyword_in, length);
        if (word == "true") return take(Token::keyword_true, length);
        if (word == "false") return take(Token::keyword_false, length);
        if (word == "null") return take(Token::keyword_null, length);
        return take(Token::identifier, length);
    }
    if (c == '`') {
        std::size_t length = 1;
        while (is_word(peek(length)) || peek(length) == '.' || peek(length) == '-' || peek(length) == '/' ||
               peek(length) == ' ') {
            ++length;
        }
        if (peek(length) != '`' || length == 1)
            return issue(at_, "a quoted name holds letters, digits and `_.-/ ` only");
        return take(Token::quoted_identifier, length + 1);
    }
    for (const std::string_view symbol : kSymbols) {
        if (source_.substr(at_).starts_with(symbol)) return take(Token::symbol, symbol.size());
    }
    return issue(at_, "a character that begins no token");
}

/// NUM_INT, NUM_UINT and NUM_FLOAT.
Checkable<Lexeme> Lexer::number() {
    std::size_t length = 0;
    Token token = Token::integer;
    if (peek() == '0' && (peek(1) == 'x' || peek(1) == 'X') && is_hex(peek(2))) {
        length = 2;
        while (is_hex(peek(length)))
            ++length;
    } else {
        while (is_digit(peek(length)))
            ++length;
        if (peek(length) == '.' && is_digit(peek(length + 1))) {
            token = Token::real;
            ++length;
            while (is_digit(peek(length)))
                ++length;
        }
        if (peek(length) == 'e' || peek(length) == 'E') {
            const std::size_t sign = peek(length + 1) == '+' || peek(length + 1) == '-' ? 1 : 0;
            if (is_digit(peek(length + 1 + sign))) {
                token = Token::real;
                length += 1 + sign;
                while (is_digit(peek(length)))
                    ++length;
            }
        }
    }
    if (token == Token::integer && (peek(length) == 'u' || peek(length) == 'U')) {
        token = Token::unsigned_integer;
        ++length;
    }
    if (is_word(peek(length))) return issue(at_ + length, "a number ends in a letter");
    return take(token, length);
}

/// A string or bytes literal whose quote stands `prefix` bytes ahead.
Checkable<Lexeme> Lexer::quoted(std::size_t prefix, Token token) {
    const bool raw = prefix > 0 && (peek(prefix - 1) == 'r' || peek(prefix - 1) == 'R');
    const char quote = peek(prefix);
    const bool triple = peek(prefix + 1) == quote && peek(prefix + 2) == quote;
    std::size_t at = at_ + prefix + (triple ? 3 : 1);
    const std::string closing(triple ? 3 : 1, quote);
    while (at < source_.size()) {
        if (source_.substr(at).starts_with(closing)) return take(token, at + closing.size() - at_);
        if (!triple && (source_[at] == '\n' || source_[at] == '\r')) break;
        at += !raw && source_[at] == '\\' ? 2 : 1;
    }
    return issue(at_, "a quoted text does not end");
}

bool has_comment(std::string_view source) {
    Lexer lexer(source);
    std::size_t end = 0;
    while (true) {
        const auto lexeme = lexer.next();
        if (!lexeme || source.substr(end, lexeme->offset - end).contains("//")) return lexeme.has_value();
        if (lexeme->token == Token::end) return false;
        end = lexeme->offset + lexeme->text.size();
    }
}

}  // namespace parmana::cel
