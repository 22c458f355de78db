// Reads fixed forms of digits and punctuation, for this module only. A scanner that failed stays so; what it
// then returns is the least allowed number, so that a form is read through and asked about once, at its end.
#pragma once

#include <cstdint>
#include <string_view>

namespace parmana::civil {

class Scanner {
  public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    /// All was read, and all of it as it should be.
    bool is_done() const { return !failed_ && rest_.empty(); }

    /// The next byte if it is `byte`; otherwise nothing is read.
    bool take(char byte) {
        if (rest_.empty() || rest_.front() != byte) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void expect(char byte) { failed_ = !take(byte) || failed_; }

    /// Exactly `count` digits, of a number from `least` to `most`.
    std::int32_t number(std::size_t count, std::int32_t least, std::int32_t most) {
        std::int32_t value = 0;
        for (std::size_t i = 0; i < count; ++i)
            value = value * 10 + digit();
        failed_ = failed_ || value < least || value > most;
        return failed_ ? least : value;
    }

    /// One to nine digits behind a decimal point, as billionths.
    std::int32_t fraction() {
        std::int32_t value = digit();
        for (int i = 1; i < 9; ++i)
            value = value * 10 + (is_at_digit() ? digit() : 0);
        return failed_ ? 0 : value;
    }

    /// `hh:mm` up to 23:59, in seconds.
    std::int32_t hours_and_minutes() {
        const std::int32_t hours = number(2, 0, 23);
        expect(':');
        return (hours * 60 + number(2, 0, 59)) * 60;
    }

  private:
    bool is_at_digit() const { return !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; }

    std::int32_t digit() {
        if (!is_at_digit()) failed_ = true;
        if (failed_) return 0;
        const std::int32_t value = rest_.front() - '0';
        rest_.remove_prefix(1);
        return value;
    }

    std::string_view rest_;
    bool failed_ = false;
};

}  // namespace parmana::civil
