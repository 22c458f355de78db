// Any bytes as CEL: lexer and parser end in a tree or an issue within the text, and what is printed is a fixed point.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/invariant.hpp"
#include "cel/cel.hpp"

namespace parmana {
namespace {

void try_parse(std::string_view source) {
    const auto written = cel::parse(source, cel::Macros::none);
    for (const cel::Macros macros : {cel::Macros::none, cel::Macros::standard, cel::Macros::extended}) {
        const auto ast = cel::parse(source, macros);
        if (ast) continue;
        INVARIANT(!ast.error().empty());
        for (const cel::Issue& issue : ast.error())
            INVARIANT(issue.offset <= source.size() && !issue.message.empty());
    }
    if (!written) return;
    const std::string once = cel::print(*written->root);
    const auto again = cel::parse(once, cel::Macros::none);
    // Brackets that the printer adds can only take a text over the limits.
    if (!again) return;
    INVARIANT(cel::print(*again->root) == once);
}

}  // namespace
}  // namespace parmana

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    parmana::try_parse({reinterpret_cast<const char*>(data), size});
    return 0;
}
