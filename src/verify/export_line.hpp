// The lines behind the first one of an export. Private to the module.
#pragma once

#include <variant>

#include "verify/export.hpp"
#include "verify/wire.hpp"

namespace parmana::verify {

struct RuntimeLine {
    std::string manifest;  // canonical JSON
};
struct ReleaseLine {
    dsse::Signed envelope;
};
using ExportLine = std::variant<ExportedEntry, bundle::Bundle, RuntimeLine, ReleaseLine>;

/// Strict, closed, canonical. Errors: json_*, member_*.
Result<ExportLine> parse_line(std::string_view line, Level level);

}  // namespace parmana::verify
