// The machine. One loop over the instructions; what is rare stands in functions of its own.
#include <algorithm>

#include "base/invariant.hpp"
#include "cel/code.hpp"
#include "cel/program.hpp"

namespace parmana::cel {
namespace {

/// A list that `append_list` grows, or the entries of a map that `append_map` collects.
struct Growing {
    List list;  // first: a Value may view it
    std::uint32_t capacity;
};
struct GrowingMap {
    Map map;
    std::uint32_t capacity;
};

struct Loop {
    const List* list = nullptr;
    const Map* map = nullptr;
    std::uint32_t next = 0;
};

template <class T>
T* grown(Context& context, const T* items, std::uint32_t size, std::uint32_t& capacity) {
    if (size < capacity) return const_cast<T*>(items);
    capacity = std::max<std::uint32_t>(8, capacity * 2);
    T* out = context.arena.allocate_array<T>(capacity);
    std::copy(items, items + size, out);
    return out;
}

void append(Context& context, Value& accumulator, const Value& item) {
    if (accumulator.is(Kind::error)) return;
    if (item.is(Kind::error)) {
        accumulator = item;
        return;
    }
    auto* growing = reinterpret_cast<Growing*>(const_cast<List*>(accumulator.list));
    Value* items = grown(context, growing->list.items, growing->list.size, growing->capacity);
    items[growing->list.size] = item;
    growing->list = {items, growing->list.size + 1};
}

void append_entry(Context& context, Value& accumulator, const Value& key, const Value& value) {
    auto* growing = reinterpret_cast<GrowingMap*>(const_cast<Map*>(accumulator.map));
    MapEntry* entries = grown(context, growing->map.entries, growing->map.size, growing->capacity);
    entries[growing->map.size] = {key, value};
    growing->map = {entries, growing->map.size + 1};
}

Value and_of(Context& context, const Value& left, const Value& right) {
    if (right.is(Kind::boolean) && !right.boolean) return right;
    if (left.is(Kind::error)) return left;
    if (!left.is(Kind::boolean)) return context.error(Fault::no_such_overload);
    if (right.is(Kind::error) || right.is(Kind::boolean)) return right;
    return context.error(Fault::no_such_overload);
}

Value or_of(Context& context, const Value& left, const Value& right) {
    if (right.is(Kind::boolean) && right.boolean) return right;
    if (left.is(Kind::error)) return left;
    if (!left.is(Kind::boolean)) return context.error(Fault::no_such_overload);
    if (right.is(Kind::error) || right.is(Kind::boolean)) return right;
    return context.error(Fault::no_such_overload);
}

bool is_false(const Value& value) {
    return value.is(Kind::boolean) && !value.boolean;
}
bool is_true(const Value& value) {
    return value.is(Kind::boolean) && value.boolean;
}

bool is_in(const Code& code, Set set, const Value& value) {
    const Value* first = code.constants.data() + set.first;
    const Value* end = first + set.count;
    const Value* found = std::lower_bound(
        first, end, value, [](const Value& a, const Value& b) { return compare(a, b) == Order::less; });
    return found != end && equal(*found, value);  // NaN is in no order, and equal to nothing
}

/// Requires a comparison and a slot of its kind.
inline bool holds(const Code& code, const Instruction& at, const Value& slot) {
    const Value* operand = code.constants.data() + at.constant;
    if (at.op == Op::within) {
        const std::int64_t value = at.kind == Kind::boolean ? std::int64_t{slot.boolean} : slot.integer;
        return (operand[0].integer <= value) & (value <= operand[1].integer);
    }
    if (at.op == Op::real_within) return (operand[0].real <= slot.real) & (slot.real <= operand[1].real);
    if (at.op == Op::string_equal) return slot.view() == operand->view();
    return is_in(code, code.sets[at.constant], slot);
}

/// Goes through comparisons up to the first instruction that is none, or whose slot is of another kind.
/// Branches where it could compute what is next: the processor then runs ahead of the values that it
/// compares.
inline const Instruction* pass_comparisons(const Code& code, const Instruction* at, const Value* slots) {
    const Instruction* const first = code.instructions.data();
    while (at->op >= Op::within) {
        const Value& slot = slots[at->slot];
        if (slot.kind != at->kind) [[unlikely]]
            break;
        if (holds(code, *at, slot))
            at = first + at->next[1];
        else
            at = first + at->next[0];
    }
    return at;
}

}  // namespace

struct Machine::State {
    Context context;
    std::vector<Value> stack;
    std::vector<Value> locals;
    std::vector<Value> lazies;
    std::vector<Loop> loops;
    std::vector<std::uint32_t> returns;
    std::vector<std::uint32_t> marks;
    Value* top = nullptr;  // behind the last value
    Loop* loop = nullptr;  // behind the last loop
    Value hit;
    std::uint32_t hit_group = 0;

    void prepare(const Code& code) {
        context.arena.reset();
        context.cost = 0;
        hit = Value();
        if (stack.size() < code.stack_depth) stack.resize(code.stack_depth);
        if (locals.size() < code.local_count) locals.resize(code.local_count);
        if (loops.size() < code.loop_depth) loops.resize(code.loop_depth);
        top = stack.data();
        loop = loops.data();
        marks.clear();
        if (code.lazy_count == 0) return;
        lazies.assign(code.lazy_count, Value());
        if (returns.capacity() < code.lazy_count) returns.reserve(code.lazy_count);
        returns.clear();
    }

    Value pop() { return *--top; }
    void push(const Value& value) { *top++ = value; }

    void call(const Code& code, const Instruction& at) {
        top -= at.slot;
        Value* arguments = top++;
        for (std::uint16_t i = 0; i < at.slot; ++i) {
            if (!arguments[i].is(Kind::error)) continue;
            *arguments = arguments[i];
            return;
        }
        const Builtin* builtin = code.functions[at.constant];
        *arguments = builtin == nullptr ? context.error(Fault::no_such_overload)
                                        : builtin->function(context, arguments);
    }

    template <class Operation>
    void field(const Code& code, const Instruction& at, Operation operation) {
        Value& operand = top[-1];
        if (!operand.is(Kind::error)) operand = operation(context, operand, code.constants[at.constant]);
    }

    /// True when the top is the value of the whole.
    bool or_else(const Instruction& at) {
        Value& given = top[-1];
        if (given.is(Kind::error)) return true;
        if (!given.is(Kind::optional)) {
            given = context.error(Fault::no_such_overload);
            return true;
        }
        if (given.optional == nullptr) {
            --top;
            return false;
        }
        if (at.slot == 1) given = *given.optional;
        return true;
    }

    void match(const Code& code, const Instruction& at) {
        Value& text = top[-1];
        if (text.is(Kind::error)) return;
        text = text.is(Kind::string) ? code.patterns[at.constant].match(context, text)
                                     : context.error(Fault::no_such_overload);
    }

    /// The value of an element: what an optional one holds, absent when it holds nothing.
    Value element(const Code& code, const Instruction& at, std::size_t index, const Value& given) {
        if (at.slot == 0 || !code.flags[at.next[1]][index] || given.is(Kind::error)) return given;
        if (!given.is(Kind::optional)) return context.error(Fault::no_such_overload);
        return given.optional == nullptr ? Value() : *given.optional;
    }

    void make_list(const Code& code, const Instruction& at) {
        top -= at.constant;
        const Value* given = top;
        if (!context.pay(price::gathered(at.constant))) return push(context.error(Fault::cost_exceeded));
        auto* items = context.arena.allocate_array<Value>(at.constant);
        std::uint32_t size = 0;
        for (std::uint32_t i = 0; i < at.constant; ++i) {
            const Value item = element(code, at, i, given[i]);
            if (item.is(Kind::error)) return push(item);
            if (!item.is(Kind::absent)) items[size++] = item;
        }
        auto* list = context.arena.allocate_array<List>(1);
        *list = {items, size};
        push(Value::from(list));
    }

    void make_map(const Code& code, const Instruction& at) {
        top -= std::size_t{2} * at.constant;
        const Value* given = top;
        auto* entries = context.arena.allocate_array<MapEntry>(at.constant);
        std::uint32_t size = 0;
        for (std::uint32_t i = 0; i < at.constant; ++i) {
            const Value& key = given[2 * i];
            if (key.is(Kind::error)) return push(key);
            const Value value = element(code, at, i, given[2 * i + 1]);
            if (value.is(Kind::error)) return push(value);
            if (!value.is(Kind::absent)) entries[size++] = {key, value};
        }
        push(sorted_map({entries, size}));
    }

    Value sorted_map(std::span<MapEntry> entries) {
        std::uint64_t longest = 0;
        for (const MapEntry& entry : entries)
            if (entry.key.is(Kind::string)) longest = std::max<std::uint64_t>(longest, entry.key.extent);
        if (!context.pay(price::sorted(entries.size(), longest))) return context.error(Fault::cost_exceeded);
        return located(context.arena.make_map(entries));
    }

    /// An error of the arena gets its place.
    Value located(Value value) const {
        if (value.is(Kind::error)) value.failure.expression = context.expression;
        return value;
    }

    bool loop_begin(Value& accumulator) {
        const Value range = pop();
        if (range.is(Kind::error)) {
            accumulator = range;
            return false;
        }
        if (!range.is(Kind::list) && !range.is(Kind::map)) {
            accumulator = context.error(Fault::no_such_overload);
            return false;
        }
        *loop++ = {range.is(Kind::list) ? range.list : nullptr, range.is(Kind::map) ? range.map : nullptr, 0};
        return true;
    }

    bool loop_next(const Instruction& at) {
        Loop& here = loop[-1];
        const std::uint32_t size = here.list != nullptr ? here.list->size : here.map->size;
        if (here.next == size || !context.pay(price::run(at.next[1]))) {
            --loop;
            return false;
        }
        const std::uint32_t index = here.next++;
        Value* variables = locals.data() + at.slot + 1;
        if (here.list != nullptr) {
            if (at.constant == 2) *variables++ = Value::from(std::int64_t{index});
            *variables = here.list->items[index];
        } else {
            variables[0] = here.map->entries[index].key;
            if (at.constant == 2) variables[1] = here.map->entries[index].value;
        }
        return true;
    }

    bool loop_ends(const Instruction& at) {
        const Value& accumulator = locals[at.slot];
        const bool ends = at.op == Op::loop_false  ? is_false(accumulator)
                          : at.op == Op::loop_true ? is_true(accumulator)
                                                   : accumulator.is(Kind::error);
        if (ends) --loop;
        return ends;
    }

    void new_container(Value& accumulator, bool is_list) {
        if (is_list) {
            auto* growing = context.arena.allocate_array<Growing>(1);
            *growing = {};
            accumulator = Value::from(&growing->list);
        } else {
            auto* growing = context.arena.allocate_array<GrowingMap>(1);
            *growing = {};
            accumulator = Value::from(&growing->map);
        }
    }

    void append_map(const Instruction& at) {
        top -= at.constant;
        Value& accumulator = locals[at.slot];
        for (std::uint32_t i = 0; i < at.constant; ++i) {
            if (!accumulator.is(Kind::error) && top[i].is(Kind::error)) accumulator = top[i];
        }
        if (accumulator.is(Kind::error)) return;
        if (at.constant == 2) return append_entry(context, accumulator, top[0], top[1]);
        if (!top[0].is(Kind::map)) {
            accumulator = context.error(Fault::no_such_overload);
            return;
        }
        for (const MapEntry& entry : top[0].map->view()) {
            if (context.pay(1)) append_entry(context, accumulator, entry.key, entry.value);
        }
    }

    void finish_map(Value& accumulator) {
        if (accumulator.is(Kind::error)) return;
        auto* entries = const_cast<MapEntry*>(accumulator.map->entries);
        const std::uint32_t size = accumulator.map->size;
        accumulator = sorted_map({entries, size});
    }

    bool record_hit(const Code& code, const Instruction& at) {
        if (!hit.is(Kind::absent)) return hit_group == at.next[1];
        hit = code.constants[at.constant];
        hit_group = at.next[1];
        return true;
    }

    Value run(const Code& code, std::uint32_t position, std::span<const Value> slots);
    /// What is not an end and not a comparison; the next position.
    std::uint32_t step(const Code& code, const Instruction& at, std::uint32_t position,
                       std::span<const Value> slots);
    std::uint32_t step_logic(const Instruction& at, std::uint32_t position);
    std::uint32_t step_loop(const Instruction& at, std::uint32_t position);
};

std::uint32_t Machine::State::step_loop(const Instruction& at, std::uint32_t position) {
    Value& local = locals[at.slot];
    switch (at.op) {
        case Op::loop_begin:
            return loop_begin(local) ? position + 1 : at.next[0];
        case Op::loop_next:
            return loop_next(at) ? position + 1 : at.next[0];
        case Op::loop_false:
        case Op::loop_true:
        case Op::loop_error:
            return loop_ends(at) ? at.next[0] : position + 1;
        case Op::new_list:
        case Op::new_map:
            new_container(local, at.op == Op::new_list);
            return position + 1;
        case Op::append_list:
            append(context, local, pop());
            return position + 1;
        case Op::append_map:
            append_map(at);
            return position + 1;
        case Op::finish_map:
            finish_map(local);
            return position + 1;
        default:
            INVARIANT(false);
    }
}

std::uint32_t Machine::State::step_logic(const Instruction& at, std::uint32_t position) {
    switch (at.op) {
        case Op::and_left:
            if (is_false(top[-1])) return at.next[0];
            break;
        case Op::or_left:
            if (is_true(top[-1])) return at.next[0];
            break;
        case Op::and_right:
        case Op::or_right: {
            const Value right = pop();
            top[-1] =
                at.op == Op::and_right ? and_of(context, top[-1], right) : or_of(context, top[-1], right);
            break;
        }
        case Op::or_else:
            if (or_else(at)) return at.next[0];
            break;
        case Op::require_optional:
            if (!top[-1].is(Kind::optional) && !top[-1].is(Kind::error))
                top[-1] = context.error(Fault::no_such_overload);
            break;
        case Op::choose:
            if (top[-1].is(Kind::boolean)) return at.next[pop().boolean ? 1 : 0];
            if (!top[-1].is(Kind::error)) top[-1] = context.error(Fault::no_such_overload);
            return at.constant;
        default:
            return step_loop(at, position);
    }
    return position + 1;
}

std::uint32_t Machine::State::step(const Code& code, const Instruction& at, std::uint32_t position,
                                   std::span<const Value> slots) {
    context.expression = code.expressions[position];
    switch (at.op) {
        case Op::push_constant:
            push(code.constants[at.constant]);
            break;
        case Op::push_slot:
            push(slots[at.slot].is(Kind::absent) ? context.error(Fault::unknown_variable) : slots[at.slot]);
            break;
        case Op::push_local:
            push(locals[at.slot]);
            break;
        case Op::push_lazy:
            if (lazies[at.slot].is(Kind::absent)) {
                returns.push_back(at.next[0]);
                return at.next[1];
            }
            push(lazies[at.slot]);
            return at.next[0];
        case Op::return_lazy:
            lazies[at.slot] = top[-1];
            position = returns.back();
            returns.pop_back();
            return position;
        case Op::store_local:
            locals[at.slot] = pop();
            break;
        case Op::call:
            call(code, at);
            break;
        case Op::select:
            field(code, at, select_field);
            break;
        case Op::test_select:
            field(code, at, has_field);
            break;
        case Op::optional_select:
            field(code, at, select_optional);
            break;
        case Op::make_list:
            make_list(code, at);
            break;
        case Op::make_map:
            make_map(code, at);
            break;
        case Op::jump:
        case Op::loop_again:
            return at.next[0];
        case Op::match:
            match(code, at);
            break;
        default:
            return step_logic(at, position);
    }
    return position + 1;
}

Value Machine::State::run(const Code& code, std::uint32_t position, std::span<const Value> slots) {
    const Instruction* const first = code.instructions.data();
    while (true) {
        const Instruction& at = *pass_comparisons(code, first + position, slots.data());
        position = static_cast<std::uint32_t>(&at - first);
        if (at.op >= Op::within) [[unlikely]]
            return Value::error(
                slots[at.slot].is(Kind::absent) ? Fault::unknown_variable : Fault::no_such_overload,
                code.expressions[position]);
        switch (at.op) {
            case Op::test: {
                const Value condition = pop();
                if (context.is_spent()) return Value::error(Fault::cost_exceeded);
                if (condition.is(Kind::error)) return condition;
                if (!condition.is(Kind::boolean))
                    return Value::error(Fault::no_such_overload, code.expressions[position]);
                position = at.next[condition.boolean ? 1 : 0];
                break;
            }
            case Op::collect: {
                const Value item = pop();
                if (!context.pay(1)) return Value::error(Fault::cost_exceeded);
                if (item.is(Kind::error)) return item;
                append(context, locals[at.slot], item);
                ++position;
                break;
            }
            case Op::note:
                marks.push_back(at.constant);
                ++position;
                break;
            case Op::yield:
                return context.is_spent() ? Value::error(Fault::cost_exceeded) : pop();
            case Op::yield_constant:
                return code.constants[at.constant];
            case Op::record_hit:
                if (!record_hit(code, at)) return Value::error(Fault::ambiguous);
                ++position;
                break;
            case Op::yield_hit:
                if (!hit.is(Kind::absent)) return hit;
                position = at.next[0];
                break;
            default:
                position = step(code, at, position, slots);
        }
    }
}

Machine::Machine() : state_(std::make_unique<State>()) {}
Machine::~Machine() = default;
Machine::Machine(Machine&&) noexcept = default;
Machine& Machine::operator=(Machine&&) noexcept = default;

Value Machine::run(const Program& program, Label entry, std::span<const Value> slots) {
    const Code& code = program.code();
    INVARIANT(slots.size() == code.slot_count && entry < code.labels.size());
    state_->prepare(code);
    return state_->run(code, code.labels[entry], slots);
}

std::uint64_t Machine::cost() const {
    return state_->context.cost;
}

std::span<const std::uint32_t> Machine::marks() const {
    return state_->marks;
}

std::size_t Machine::arena_bytes() const {
    return state_->context.arena.used();
}

}  // namespace parmana::cel
