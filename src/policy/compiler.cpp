// From a draft without findings to the flat program.
#include <algorithm>

#include "base/invariant.hpp"
#include "base/limits.hpp"
#include "crypto/crypto.hpp"
#include "policy/document.hpp"
#include "policy/program.hpp"

namespace parmana::policy {
namespace {

static_assert(limits::kSignalsMax <= UINT16_MAX, "a slot fits its field");

/// Emits backwards, from the last instruction to the first: the targets of a jump are then known
/// when it is emitted. A place is counted from the end until `finish` turns the code around.
class Emitter {
  public:
    explicit Emitter(Program& program) : program_(program) {}

    void emit(const Draft& draft) {
        const auto rules = static_cast<std::uint32_t>(draft.rules.size());
        program_.decisions.resize(rules);
        std::uint32_t entry = put({.op = Op::undecided}, "");
        for (std::uint32_t rule = rules; rule-- > 0;) {
            const std::uint32_t decide = put({.op = Op::decide, .constant = rule}, "");
            program_.decisions[rule] = decide;
            entry = emit_condition(draft.conditions[rule], decide, entry);
        }
        // A condition is entered at its first comparison, so the first rule is entered at the
        // front.
        INVARIANT(entry == program_.code.size() - 1);
        finish();
    }

  private:
    std::uint32_t put(Instruction instruction, std::string pointer) {
        program_.code.push_back(instruction);
        program_.pointers.push_back(std::move(pointer));
        return static_cast<std::uint32_t>(program_.code.size() - 1);
    }

    /// Emits the condition so that it goes on at one of the two places; gives the place to enter it
    /// at.
    std::uint32_t emit_condition(const Condition& condition, std::uint32_t if_true, std::uint32_t if_false) {
        const auto& parts = condition.parts;
        switch (condition.kind) {
            case Condition::Kind::comparison:
                return emit_comparison(condition, if_true, if_false);
            case Condition::Kind::negation:
                return emit_condition(parts.front(), if_false, if_true);
            case Condition::Kind::all: {
                if (parts.empty()) {
                    return put({.op = Op::always, .next = {if_true, if_true}}, condition.pointer);
                }
                std::uint32_t entry = if_true;
                for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
                    entry = emit_condition(*part, entry, if_false);
                }
                return entry;
            }
            case Condition::Kind::any: {
                std::uint32_t entry = if_false;
                for (auto part = parts.rbegin(); part != parts.rend(); ++part) {
                    entry = emit_condition(*part, if_true, entry);
                }
                return entry;
            }
        }
        INVARIANT(false);
    }

    std::uint32_t emit_comparison(const Condition& condition, std::uint32_t if_true, std::uint32_t if_false) {
        Instruction out{.slot = condition.slot, .next = {if_false, if_true}};
        const json::Value operand = *condition.operand;
        const bool many = condition.relation == Operator::in;
        Pool& pool = program_.pool;
        switch (program_.signals[condition.slot].type) {
            case SignalType::boolean:
                out.op = Op::boolean_in;
                out.kind = Slot::Kind::boolean;
                out.constant = bits(operand, many);
                break;
            case SignalType::integer:
                out.op = ordered(Op::integer_equal, condition.relation);
                out.kind = Slot::Kind::integer;
                out.constant =
                    add(pool.integers, operand, many, [](json::Value value) { return value.integer(); });
                break;
            case SignalType::number:
                out.op = ordered(Op::number_equal, condition.relation);
                out.kind = Slot::Kind::number;
                out.constant =
                    add(pool.numbers, operand, many, [](json::Value value) { return value.number(); });
                break;
            case SignalType::string:
            case SignalType::enumeration:
                out.op = many ? Op::string_in : Op::string_equal;
                out.kind = Slot::Kind::string;
                out.constant = add(pool.strings, operand, many,
                                   [](json::Value value) { return std::string(value.string()); });
                break;
        }
        return put(out, condition.pointer);
    }

    /// The operation for a relation; both orderable types lay their six out in the same order.
    static Op ordered(Op equal, Operator relation) {
        static_assert(static_cast<int>(Op::integer_in) - static_cast<int>(Op::integer_equal) == 5);
        static_assert(static_cast<int>(Op::number_in) - static_cast<int>(Op::number_equal) == 5);
        const auto step = [&](int count) { return static_cast<Op>(static_cast<int>(equal) + count); };
        switch (relation) {
            case Operator::equals:
                return equal;
            case Operator::less_than:
                return step(1);
            case Operator::less_than_or_equal:
                return step(2);
            case Operator::greater_than:
                return step(3);
            case Operator::greater_than_or_equal:
                return step(4);
            case Operator::in:
                return step(5);
        }
        INVARIANT(false);
    }

    static std::uint32_t bits(json::Value operand, bool many) {
        if (!many) return operand.boolean() ? 2 : 1;
        std::uint32_t set = 0;
        for (const json::Value value : operand.elements())
            set |= value.boolean() ? 2U : 1U;
        return set;
    }

    /// One constant, or for `in` a sorted set of them; gives its index.
    template <class T, class Read>
    std::uint32_t add(std::vector<T>& pool, json::Value operand, bool many, Read read) {
        const std::size_t first = pool.size();
        if (!many) {
            pool.push_back(read(operand));
            return static_cast<std::uint32_t>(first);
        }
        for (const json::Value value : operand.elements())
            pool.push_back(read(value));
        std::sort(pool.begin() + static_cast<std::ptrdiff_t>(first), pool.end());
        auto& sets = program_.pool.sets;
        sets.push_back({static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(operand.size())});
        return static_cast<std::uint32_t>(sets.size() - 1);
    }

    void finish() {
        const auto last = static_cast<std::uint32_t>(program_.code.size() - 1);
        std::ranges::reverse(program_.code);
        std::ranges::reverse(program_.pointers);
        for (std::uint32_t& decide : program_.decisions)
            decide = last - decide;
        for (std::uint32_t place = 0; place <= last; ++place) {
            Instruction& at = program_.code[place];
            if (at.op == Op::decide || at.op == Op::undecided) continue;
            for (std::uint32_t& next : at.next) {
                next = last - next;
                INVARIANT(next > place);
            }
        }
    }

    Program& program_;
};

}  // namespace

struct Compiler {
    /// Requires a draft without findings whose document still lives.
    static Policy make(Draft draft) {
        std::string schema;
        json::append_canonical(schema, *draft.schema);
        auto program = std::make_unique<Program>();
        program->id = *std::move(draft.id);
        program->version = *std::move(draft.version);
        program->schema_version = kSchemaVersion;
        program->signals = std::move(draft.signals);
        program->schema_digest = crypto::sha256(schema);
        Emitter(*program).emit(draft);
        program->rules = std::move(draft.rules);
        return Policy(std::move(program));
    }
};

Policy::Policy(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
Policy::Policy(Policy&&) noexcept = default;
Policy& Policy::operator=(Policy&&) noexcept = default;
Policy::~Policy() = default;

const PolicyId& Policy::id() const {
    return program_->id;
}
const PolicyVersion& Policy::version() const {
    return program_->version;
}
const std::string& Policy::schema_version() const {
    return program_->schema_version;
}
std::span<const SignalDeclaration> Policy::signals() const {
    return program_->signals;
}
std::span<const Rule> Policy::rules() const {
    return program_->rules;
}
const Digest& Policy::schema_digest() const {
    return program_->schema_digest;
}

std::vector<Diagnostic> check(std::string_view source) {
    return read_policy(source).findings;
}

Result<Policy> compile(std::string_view source) {
    Reading reading = read_policy(source);
    if (!reading.findings.empty()) {
        Diagnostic& first = reading.findings.front();
        return fail(Code::policy_invalid,
                    std::to_string(first.line) + ':' + std::to_string(first.column) + ": " + first.message,
                    std::move(first.pointer));
    }
    return Compiler::make(std::move(reading.draft));
}

}  // namespace parmana::policy
