// Counts the allocations of a test program, of which this is a part: it replaces `operator new`.
#pragma once

#include <cstddef>

namespace parmana::cel {

/// Of this thread, since it began.
std::size_t allocations();

}  // namespace parmana::cel
