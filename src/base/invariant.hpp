// Invariants stay on in every build: a broken one stops the process, and recovery starts clean.
#pragma once

namespace parmana {

/// Prints what was broken and aborts. Never returns.
[[noreturn]] void invariant_failed(const char* condition, const char* file, int line);

}  // namespace parmana

#define INVARIANT(condition)                                             \
    do {                                                                 \
        if (!(condition)) [[unlikely]]                                   \
            ::parmana::invariant_failed(#condition, __FILE__, __LINE__); \
    } while (false)
