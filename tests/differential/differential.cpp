// Compares src/cel with the reference evaluator on generated programs and inputs.
//
//   cel_differential [--pairs N] [--seed S] [--faults] [--keep-going] [--verbose]
//   cel_differential --program TEXT [--seed S]       one program on five inputs, both results
//
// Ends with 1 and a counterexample when the two differ, or when a row of the table was not reached often
// enough.
#include <charconv>
#include <cstdio>
#include <cstring>
#include <map>
#include <string_view>

#include "base/bytes.hpp"
#include "compare.hpp"

namespace parmana::differential {
namespace {

constexpr std::size_t kEnough = 100;           // values and errors of each row
constexpr std::size_t kPairsForAll = 100'000;  // that should be reached with so many

void print_difference(const Difference& difference) {
    std::printf("program:   %s\ninputs:    %s\nreference: %s\nsrc/cel:   %s\n\n", difference.program.c_str(),
                difference.inputs.c_str(), difference.reference.c_str(), difference.fast.c_str());
}

/// Rows that were reached too seldom.
std::size_t print_counts(const Comparison& comparison, bool verbose) {
    std::size_t few = 0;
    for (std::size_t row = 0; row < rows().size(); ++row) {
        const Count& count = comparison.counts()[row];
        const bool enough = count.values >= kEnough && (count.errors >= kEnough || !rows()[row].can_fail);
        if (!enough) ++few;
        if (verbose || (!enough && comparison.pairs() >= kPairsForAll))
            std::printf("%6zu values %6zu errors %5zu rejected %5zu skipped  %s\n", count.values,
                        count.errors, count.rejected, count.skipped, rows()[row].pattern.c_str());
    }
    return few;
}

int compare(const Options& options) {
    Comparison comparison(options);
    comparison.run();
    const std::size_t few = print_counts(comparison, options.verbose);
    std::map<std::string, Difference> found;  // the same part may differ in many rows
    for (const auto& difference : comparison.shortest()) {
        if (difference) found.emplace(difference->program, *difference);
    }
    for (const auto& [program, difference] : found)
        print_difference(difference);
    std::size_t least_values = SIZE_MAX;
    std::size_t least_errors = SIZE_MAX;
    for (std::size_t row = 0; row < rows().size(); ++row) {
        least_values = std::min(least_values, comparison.counts()[row].values);
        if (rows()[row].can_fail) least_errors = std::min(least_errors, comparison.counts()[row].errors);
    }
    std::printf("%zu pairs, %zu differences, rows %zu (min values %zu, min errors %zu)\n", comparison.pairs(),
                comparison.differences(), rows().size(), least_values, least_errors);
    return comparison.differences() > 0 || (few > 0 && options.pairs >= kPairsForAll) ? 1 : 0;
}

int evaluate_one(const char* text, std::uint64_t seed) {
    const auto tree = cel::parse(text, cel::Macros::none);
    if (!tree) {
        std::printf("syntax: %s\n", tree.error().front().message.c_str());
        return 1;
    }
    Random random(seed);
    for (int i = 0; i < 5; ++i) {
        const auto inputs = random_inputs(random);
        reference::Budget budget;
        std::printf("reference: %s\n", to_source(reference::evaluate(*tree->root, inputs, budget)).c_str());
        const auto fast = make_fast(text);
        const std::string result =
            fast ? to_source((*fast)->evaluate(inputs).outcome) : "rejected: " + fast.error();
        std::printf("src/cel:   %s\n", result.c_str());
    }
    return 0;
}

/// One JSON object a line, for engines of others: a program, its inputs and the result as CEL; no result for
/// an error.
int emit(const Options& options) {
    Generator generator(options.seed);
    for (std::uint64_t i = 0; i < options.pairs; ++i) {
        const std::string text = generator.program(i % rows().size(), Mood::plain);
        const auto fast = make_fast(text);
        if (!fast) continue;
        const auto inputs = random_inputs(generator.random());
        const auto told = (*fast)->evaluate(inputs);
        if (told.over_cost) continue;
        std::string line = "{\"inputs\":{";
        for (const auto& [name, value] : inputs) {
            if (line.back() != '{') line += ',';
            append_json_string(line, name);
            line += ':';
            append_json_string(line, to_source(value));
        }
        line += "},\"program\":";
        append_json_string(line, text);
        line += ",\"result\":";
        if (told.outcome.has_value()) {
            append_json_string(line, to_source(*told.outcome));
        } else {
            line += "null";
        }
        std::printf("%s}\n", line.c_str());
    }
    return 0;
}

int usage() {
    std::fputs(
        "usage: cel_differential [--pairs N] [--seed S] [--faults] [--keep-going] [--verbose]\n"
        "       cel_differential --program TEXT [--seed S]\n"
        "       cel_differential --emit [--pairs N] [--seed S]\n",
        stderr);
    return 2;
}

bool read_number(const char* text, std::uint64_t& out) {
    const char* end = text + std::strlen(text);
    const auto result = std::from_chars(text, end, out);
    return result.ec == std::errc() && result.ptr == end;
}

int main(int count, char** arguments) {
    Options options;
    const char* program = nullptr;
    bool emits = false;
    for (int i = 1; i < count; ++i) {
        const std::string_view option = arguments[i];
        std::uint64_t number = 0;
        if (option == "--emit") {
            emits = true;
        } else if (option == "--faults") {
            options.compare_faults = true;
        } else if (option == "--keep-going") {
            options.keep_going = true;
        } else if (option == "--verbose") {
            options.verbose = true;
        } else if (option == "--program" && i + 1 < count) {
            program = arguments[++i];
        } else if (option == "--pairs" && i + 1 < count && read_number(arguments[++i], number)) {
            options.pairs = number;
        } else if (option == "--seed" && i + 1 < count && read_number(arguments[++i], number)) {
            options.seed = number;
        } else {
            return usage();
        }
    }
    if (emits) return emit(options);
    return program != nullptr ? evaluate_one(program, options.seed) : compare(options);
}

}  // namespace
}  // namespace parmana::differential

int main(int count, char** arguments) {
    return parmana::differential::main(count, arguments);
}
