#include "fast_side.hpp"

#include <optional>

#include "base/invariant.hpp"
#include "cel/program.hpp"
#include "inputs.hpp"
#include "reference_time.hpp"

namespace parmana::differential {
namespace {

using reference::kNanosPerSecond;
using reference::value_of;
using reference::Wide;

/// Inputs as the machine takes them; what they view lives in the arena.
cel::Value to_fast(cel::Arena& arena, const reference::Value& value);

cel::Value list_to_fast(cel::Arena& arena, const reference::Values& items) {
    std::vector<cel::Value> out;
    for (const reference::Value& item : items)
        out.push_back(to_fast(arena, item));
    return arena.make_list(out);
}

cel::Value map_to_fast(cel::Arena& arena, const reference::Entries& entries) {
    std::vector<cel::MapEntry> out;
    for (const reference::Entry& entry : entries)
        out.push_back({to_fast(arena, entry.key), to_fast(arena, entry.value)});
    return arena.make_map(out);
}

cel::Value timestamp_to_fast(Wide nanos) {
    Wide seconds = nanos / kNanosPerSecond;
    if (nanos % kNanosPerSecond < 0) --seconds;
    return cel::Value::timestamp(static_cast<std::int64_t>(seconds),
                                 static_cast<std::int32_t>(nanos - seconds * kNanosPerSecond));
}

cel::Value to_fast(cel::Arena& arena, const reference::Value& value) {
    if (const auto* truth = value.as<bool>()) return cel::Value::from(*truth);
    if (const auto* integer = value.as<std::int64_t>()) return cel::Value::from(*integer);
    if (const auto* natural = value.as<std::uint64_t>()) return cel::Value::from(*natural);
    if (const auto* real = value.as<double>()) return cel::Value::from(*real);
    if (const auto* text = value.as<std::string>()) return arena.copy_string(*text);
    if (const auto* bytes = value.as<reference::Bytes>()) return cel::Value::bytes(arena.copy(bytes->octets));
    if (const auto* moment = value.as<reference::Timestamp>()) return timestamp_to_fast(moment->nanos);
    if (const auto* span = value.as<reference::Duration>())
        return cel::Value::duration(static_cast<std::int64_t>(span->nanos / kNanosPerSecond),
                                    static_cast<std::int32_t>(span->nanos % kNanosPerSecond));
    if (const auto* list = value.as<reference::List>()) return list_to_fast(arena, *list->items);
    if (const auto* map = value.as<reference::Map>()) return map_to_fast(arena, *map->entries);
    if (const auto* optional = value.as<reference::Optional>()) {
        if (optional->inner == nullptr) return cel::Value::optional_from(nullptr);
        return arena.make_optional(to_fast(arena, *optional->inner));
    }
    INVARIANT(value.is<reference::Null>());  // no input is a type
    return cel::Value::null();
}

reference::Value to_reference(const cel::Value& value);

reference::Value list_to_reference(const cel::List& list) {
    reference::Values items;
    for (const cel::Value& item : list.view())
        items.push_back(to_reference(item));
    return reference::list_of(std::move(items));
}

/// In the order in which they are, which is compared too.
reference::Value map_to_reference(const cel::Map& map) {
    reference::Entries entries;
    for (const cel::MapEntry& entry : map.view())
        entries.push_back({to_reference(entry.key), to_reference(entry.value)});
    return value_of(reference::Map{std::make_shared<const reference::Entries>(std::move(entries))});
}

Wide nanos_of(const cel::Value& value) {
    return Wide{value.integer} * kNanosPerSecond + value.nanos();
}

reference::Value to_reference(const cel::Value& value) {
    switch (value.kind) {
        case cel::Kind::null:
            return value_of(reference::Null{});
        case cel::Kind::boolean:
            return value_of(value.boolean);
        case cel::Kind::integer:
            return value_of(value.integer);
        case cel::Kind::unsigned_integer:
            return value_of(value.unsigned_integer);
        case cel::Kind::real:
            return value_of(value.real);
        case cel::Kind::string:
            return value_of(std::string(value.view()));
        case cel::Kind::bytes:
            return value_of(reference::Bytes{std::string(value.view())});
        case cel::Kind::list:
            return list_to_reference(*value.list);
        case cel::Kind::map:
            return map_to_reference(*value.map);
        case cel::Kind::timestamp:
            return value_of(reference::Timestamp{nanos_of(value)});
        case cel::Kind::duration:
            return value_of(reference::Duration{nanos_of(value)});
        case cel::Kind::type:
            return value_of(reference::TypeName{std::string(cel::type_identifier(value.type))});
        case cel::Kind::optional:
            if (value.optional == nullptr) return reference::optional_none();
            return reference::optional_of(to_reference(*value.optional));
        case cel::Kind::absent:
        case cel::Kind::error:
            break;
    }
    INVARIANT(false);  // no value contains one
}

/// Those that the reference knows.
std::optional<reference::Fault> to_reference(cel::Fault fault) {
    switch (fault) {
#define PAIR(name)         \
    case cel::Fault::name: \
        return reference::Fault::name
        PAIR(no_such_overload);
        PAIR(no_such_key);
        PAIR(no_such_field);
        PAIR(unknown_variable);
        PAIR(index_out_of_bounds);
        PAIR(overflow);
        PAIR(division_by_zero);
        PAIR(modulus_by_zero);
        PAIR(invalid_argument);
        PAIR(invalid_conversion);
        PAIR(repeated_key);
        PAIR(unsupported_key);
        PAIR(empty_optional);
        PAIR(invalid_pattern);
#undef PAIR
        default:
            return std::nullopt;
    }
}

const cel::Environment& environment() {
    static const cel::Environment kEnvironment = [] {
        cel::Environment out;
        for (const Variable& variable : variables())
            out.variables.push_back({variable.name, variable.type});
        return out;
    }();
    return kEnvironment;
}

/// One for all programs, as in the product.
cel::Machine& machine() {
    static cel::Machine kMachine;
    return kMachine;
}

class Compiled final : public FastProgram {
  public:
    explicit Compiled(cel::Program program) : program_(std::move(program)) {}

    FastOutcome evaluate(const reference::Variables& inputs) override {
        arena_.reset();
        std::vector<cel::Value> slots;
        for (const Variable& variable : variables())
            slots.push_back(to_fast(arena_, inputs.at(variable.name)));
        const cel::Value value = machine().run(program_, 0, slots);
        if (!value.is(cel::Kind::error)) return {to_reference(value)};
        if (value.failure.fault == cel::Fault::cost_exceeded) return {reference::failed({}), true};
        const auto fault = to_reference(value.failure.fault);
        INVARIANT(fault.has_value());  // the others are not of one expression
        return {reference::failed(*fault)};
    }

  private:
    cel::Program program_;
    cel::Arena arena_;
};

}  // namespace

std::expected<std::unique_ptr<FastProgram>, std::string> make_fast(const std::string& text) {
    auto ast = cel::parse(text, cel::Macros::extended);
    if (!ast) return std::unexpected(ast.error().front().message);
    const auto checked = cel::check(*std::move(ast), environment());
    if (!checked) return std::unexpected(checked.error().front().message);
    return std::make_unique<Compiled>(cel::compile(*checked, environment()));
}

}  // namespace parmana::differential
