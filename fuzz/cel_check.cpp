// Any bytes as CEL with variables of every type: the checker ends, a type is told for every node, and the bound on the
// cost is found.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/invariant.hpp"
#include "cel_inputs.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace parmana;
    const std::string_view source(reinterpret_cast<const char*>(data), size);
    const cel::Environment environment{.container = size % 2 == 0 ? "a.b" : "", .variables = fuzz::variables()};
    auto ast = cel::parse(source, cel::Macros::extended);
    if (!ast) return 0;
    const std::uint32_t ids = ast->id_count;
    const auto checked = cel::check(*std::move(ast), environment);
    if (!checked) {
        INVARIANT(!checked.error().empty());
        for (const cel::Issue& issue : checked.error())
            INVARIANT(issue.offset <= size);
        return 0;
    }
    INVARIANT(checked->types.size() == ids + 1 && !checked->type().is(cel::TypeKind::parameter));
    INVARIANT(cel::cost_bound(*checked, fuzz::extents()).cost > 0);
    return 0;
}
