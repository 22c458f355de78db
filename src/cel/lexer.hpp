// The tokens of CEL (langdef.md, "Syntax"). Internal to the module.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "cel/cel.hpp"

namespace parmana::cel {

enum class Token : std::uint8_t {
    end,
    identifier,
    quoted_identifier,  // between backticks: only as a field
    integer,
    unsigned_integer,
    real,
    string,
    bytes,
    keyword_in,
    keyword_true,
    keyword_false,
    keyword_null,
    symbol,  // `text` says which
};

struct Lexeme {
    Token token = Token::end;
    std::uint32_t offset = 0;
    std::string_view text = {};  // as written
};

/// Cuts a source into tokens, one at a time.
class Lexer {
  public:
    explicit Lexer(std::string_view source) : source_(source) {}
    /// The next token; Token::end at the end, again and again.
    Checkable<Lexeme> next();

  private:
    void skip_blanks();
    Checkable<Lexeme> number();
    Checkable<Lexeme> quoted(std::size_t prefix, Token token);
    Lexeme take(Token token, std::size_t length);
    std::unexpected<Issues> issue(std::size_t offset, std::string message) const;
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < source_.size() ? source_[at_ + ahead] : '\0';
    }

    std::string_view source_;
    std::size_t at_ = 0;
};

/// One issue, as the unexpected half of a Checkable.
inline std::unexpected<Issues> one_issue(std::size_t offset, std::string message) {
    return std::unexpected(Issues{{static_cast<std::uint32_t>(offset), std::move(message)}});
}

/// The value of a literal token. Issues: a number out of range, an escape that is none, text that is no
/// UTF-8.
Checkable<Constant> read_literal(const Lexeme& lexeme, bool negative);

/// A word that the language keeps for itself and that no variable or function may have as its name.
bool is_reserved(std::string_view word);

}  // namespace parmana::cel
