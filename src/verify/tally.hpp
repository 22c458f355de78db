// One check over many entries: how many pass, and the first that does not. Private to the module.
#pragma once

#include <string>

#include "verify/verify.hpp"

namespace parmana::verify {

class Tally {
  public:
    void pass() { ++passed_; }
    /// `where` names the entry or line.
    void fail(const std::string& where, const std::string& detail) {
        if (failed_++ == 0) first_failure_ = where + ": " + detail;
    }
    void skip(const std::string& where, const std::string& reason) {
        if (skipped_++ == 0) first_skipped_ = where + ": " + reason;
    }
    std::uint64_t passed() const { return passed_; }
    bool any() const { return passed_ + failed_ + skipped_ > 0; }
    bool good() const { return failed_ + skipped_ == 0; }

    /// `words` say what passed.
    Check check(std::string name, const std::string& words) const {
        if (failed_ > 0) return {std::move(name), Outcome::failed, first_failure_ + others(failed_)};
        if (skipped_ > 0) return {std::move(name), Outcome::not_judged, first_skipped_ + others(skipped_)};
        return {std::move(name), Outcome::passed, words};
    }

  private:
    static std::string others(std::uint64_t count) {
        return count == 1 ? "" : " (the first of " + std::to_string(count) + ")";
    }
    std::uint64_t passed_ = 0, failed_ = 0, skipped_ = 0;
    std::string first_failure_, first_skipped_;
};

}  // namespace parmana::verify
