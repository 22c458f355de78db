// The interpreter of the flat program. One loop for both entry points; tracing is a template flag.
#include <algorithm>

#include "policy/names.hpp"
#include "policy/program.hpp"

namespace parmana::policy {
namespace {

[[gnu::cold]] std::unexpected<Error> refuse_slots() {
    return fail(Code::evaluation_error, "the signals were not bound by this policy");
}

[[gnu::cold]] std::unexpected<Error> refuse_slot(const Program& program, const Instruction& at,
                                                 Slot::Kind kind) {
    if (kind != Slot::Kind::absent) return refuse_slots();
    const std::string& name = program.signals[at.slot].name;
    return fail(Code::signal_missing, "signal " + in_backticks(name) + " is missing",
                "/signals" + pointer_token(name));
}

template <class T, class U>
bool contains(const std::vector<T>& pool, Set set, const U& value) {
    const T* first = pool.data() + set.first;
    return std::binary_search(first, first + set.count, value);
}

/// Requires a comparison, and a slot of its kind.
inline bool compare(const Instruction& at, const Slot& slot, const Pool& pool) {
    switch (at.op) {
        case Op::boolean_in:
            return ((at.constant >> static_cast<int>(slot.boolean)) & 1) != 0;
        case Op::integer_equal:
            return slot.integer == pool.integers[at.constant];
        case Op::integer_less:
            return slot.integer < pool.integers[at.constant];
        case Op::integer_less_or_equal:
            return slot.integer <= pool.integers[at.constant];
        case Op::integer_greater:
            return slot.integer > pool.integers[at.constant];
        case Op::integer_greater_or_equal:
            return slot.integer >= pool.integers[at.constant];
        case Op::integer_in:
            return contains(pool.integers, pool.sets[at.constant], slot.integer);
        case Op::number_equal:
            return slot.number == pool.numbers[at.constant];
        case Op::number_less:
            return slot.number < pool.numbers[at.constant];
        case Op::number_less_or_equal:
            return slot.number <= pool.numbers[at.constant];
        case Op::number_greater:
            return slot.number > pool.numbers[at.constant];
        case Op::number_greater_or_equal:
            return slot.number >= pool.numbers[at.constant];
        case Op::number_in:
            return contains(pool.numbers, pool.sets[at.constant], slot.number);
        case Op::string_equal:
            return slot.string == pool.strings[at.constant];
        case Op::string_in:
            return contains(pool.strings, pool.sets[at.constant], slot.string);
        case Op::decide:
        case Op::undecided:
        case Op::always:
            break;
    }
    return false;
}

template <bool traced>
Result<const Rule*> run(const Program& program, std::span<const Slot> slots, std::vector<RuleTrace>* trace) {
    if (slots.size() != program.signals.size()) return refuse_slots();
    std::uint32_t position = 0;
    [[maybe_unused]] std::uint32_t last = 0;  // the condition looked at last
    [[maybe_unused]] std::size_t rule = 0;
    while (true) {
        const Instruction& at = program.code[position];
        if constexpr (traced) {
            // Jumps go forward: behind a rule's `decide` means that the rule does not hold.
            if (rule < program.rules.size() && position > program.decisions[rule]) {
                trace->push_back({program.rules[rule].id, false, program.pointers[last]});
                ++rule;
            }
            if (at.op == Op::decide) {
                trace->push_back({program.rules[rule].id, true, program.pointers[last]});
            }
            last = position;
        }
        bool holds = true;
        switch (at.op) {
            case Op::decide:
                return &program.rules[at.constant];
            case Op::undecided:
                return fail(Code::evaluation_error, "no rule holds");
            case Op::always:
                break;
            default: {
                const Slot& slot = slots[at.slot];
                if (slot.kind != at.kind) [[unlikely]] {
                    return refuse_slot(program, at, slot.kind);
                }
                holds = compare(at, slot, program.pool);
            }
        }
        position = at.next[static_cast<std::size_t>(holds)];
    }
}

}  // namespace

Result<const Rule*> Policy::evaluate(std::span<const Slot> slots) const {
    return run<false>(*program_, slots, nullptr);
}

Result<const Rule*> Policy::evaluate_traced(std::span<const Slot> slots,
                                            std::vector<RuleTrace>& trace) const {
    trace.clear();
    return run<true>(*program_, slots, &trace);
}

}  // namespace parmana::policy
