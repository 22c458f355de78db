// The allocations of a benchmark: this program replaces `operator new` by one that counts.
#pragma once

#include <cstddef>

namespace parmana::bench {

/// Calls of `operator new` by this thread since it began.
std::size_t allocations();

}  // namespace parmana::bench
