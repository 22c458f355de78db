// Result<T>: a value, or the one Error value that every failure leaves by. A dropped Result does not compile.
#pragma once

#include <expected>
#include <string>
#include <utility>

#include "base/code.hpp"

namespace parmana {

/// What went wrong, for a person and for a program. `detail` is lower-case, one line, user input in
/// backticks, no final stop. `pointer` is an RFC 6901 JSON pointer into the caller's document, or empty.
struct Error {
    Code code;
    std::string detail;
    std::string pointer = {};

    bool operator==(const Error&) const = default;
};

template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
  public:
    using std::expected<T, Error>::expected;
};

using Status = Result<void>;

/// The one way to make a failure: `return fail(Code::signal_missing, "signal `x` is missing", "/signals/x");`
inline std::unexpected<Error> fail(Code code, std::string detail, std::string pointer = {}) {
    return std::unexpected<Error>(Error{code, std::move(detail), std::move(pointer)});
}

}  // namespace parmana

/// `auto value = TRY(expression);` — the value, or return the error to the caller. Works for Status too.
/// Never within the braces of an initializer: g++ 12 then leaks the members that were made before it
/// (tools/tidy.py).
#define TRY(...)                                                                     \
    __extension__({                                                                  \
        auto&& try_result = (__VA_ARGS__);                                           \
        if (!try_result.has_value())                                                 \
            return std::unexpected<::parmana::Error>(std::move(try_result).error()); \
        *std::move(try_result);                                                      \
    })
