#include "base/code.hpp"

#include <array>

#include "base/invariant.hpp"

namespace parmana {
namespace {

constexpr auto kTable = std::to_array<CodeRow>({
#define X(code, http, exit, sentence) {Code::code, #code, http, exit, sentence},
    PARMANA_CODES(X)
#undef X
});

}  // namespace

std::span<const CodeRow> code_table() {
    return kTable;
}

const CodeRow& row_of(Code code) {
    const auto index = static_cast<std::size_t>(code);
    INVARIANT(index < kTable.size());
    return kTable[index];
}

std::string_view wire_name(Code code) {
    return row_of(code).wire;
}

std::optional<Code> code_from_wire(std::string_view wire) {
    for (const CodeRow& row : kTable) {
        if (row.wire == wire) return row.code;
    }
    return std::nullopt;
}

}  // namespace parmana
