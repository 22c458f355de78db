// Bytes as an expression (behind the first eight, which make the input): what checks is run twice, ends within its
// budget, says the same both times, and costs no more than its bound.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>

#include "base/invariant.hpp"
#include "base/limits.hpp"
#include "cel/program.hpp"
#include "cel_inputs.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace parmana;
    if (size < 8) return 0;
    std::uint64_t seed = 0;
    std::memcpy(&seed, data, 8);
    const std::string_view source(reinterpret_cast<const char*>(data) + 8, size - 8);
    const cel::Environment environment{.variables = fuzz::variables()};
    auto ast = cel::parse(source, cel::Macros::extended);
    if (!ast) return 0;
    const auto checked = cel::check(*std::move(ast), environment);
    if (!checked) return 0;
    const cel::Program program = cel::compile(*checked, environment);
    cel::Arena arena;
    const auto inputs = fuzz::values(seed, seed % 2 == 0 ? "héllo wörld" : "V-123456", arena);
    cel::Machine machine;
    const cel::Value first = machine.run(program, 0, inputs);
    const std::string once = cel::to_source(first);
    const std::uint64_t cost = machine.cost();
    const bool spent = first.is(cel::Kind::error) && first.failure.fault == cel::Fault::cost_exceeded;
    INVARIANT(spent || cost <= limits::kCelCostMax);
    INVARIANT(cel::to_source(machine.run(program, 0, inputs)) == once && machine.cost() == cost);
    // A dyn has no extent: what it holds is not in the bound.
    if (!spent && source.find('x') == std::string_view::npos)
        INVARIANT(cost <= cel::cost_bound(*checked, fuzz::extents()).cost);
    return 0;
}
