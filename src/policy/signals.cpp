// Reading `signalsSchema`: one declaration for each signal.
#include <algorithm>
#include <set>

#include "base/limits.hpp"
#include "policy/document.hpp"
#include "policy/names.hpp"

namespace parmana::policy {
namespace {

struct TypeName {
    std::string_view name;
    SignalType type;
};
constexpr TypeName kTypes[] = {
    {"integer", SignalType::integer}, {"number", SignalType::number},    {"boolean", SignalType::boolean},
    {"string", SignalType::string},   {"enum", SignalType::enumeration},
};

/// Reads one declaration, which is whole when there were no findings.
class DeclarationReader {
  public:
    DeclarationReader(json::Value value, Findings& findings)
        : value_(value), findings_(findings), pointer_("/signalsSchema" + pointer_token(value.name())) {}

    std::optional<SignalDeclaration> read() {
        if (!is_signal_name(value_.name())) {
            findings_.at_name(value_,
                              "signal name " + in_backticks(value_.name()) +
                                  " is not a letter or `_` and at most 63 letters, digits or `_`",
                              pointer_);
            return std::nullopt;
        }
        const std::string subject = "the declaration of " + in_backticks(value_.name());
        if (!findings_.expect(value_, json::Type::object, subject, pointer_)) return std::nullopt;
        const std::optional<TypeName> type = read_type();
        if (!type) return std::nullopt;
        declaration_.name = value_.name();
        declaration_.type = type->type;
        declaration_.length_maximum = limits::kStringSignalBytesMax;
        check_keys(*type);
        if (const auto required = member("required", json::Type::boolean)) {
            declaration_.required = required->boolean();
        }
        member("description", json::Type::string);
        switch (type->type) {
            case SignalType::integer:
                read_integer_range();
                break;
            case SignalType::number:
                read_number_range();
                break;
            case SignalType::boolean:
                break;
            case SignalType::string:
                read_lengths();
                break;
            case SignalType::enumeration:
                read_values();
                break;
        }
        // Without its values an enum would make a finding of every operand.
        if (type->type == SignalType::enumeration && declaration_.values.empty()) return std::nullopt;
        return std::move(declaration_);
    }

  private:
    std::optional<json::Value> member(std::string_view name, json::Type type) {
        return findings_.member(value_, pointer_, name, type);
    }
    std::string pointer_to(std::string_view name) const { return pointer_ + pointer_token(name); }

    std::optional<TypeName> read_type() {
        if (!value_.find("type")) {
            findings_.at_value(value_, "missing key `type`", pointer_);
            return std::nullopt;
        }
        const auto type = member("type", json::Type::string);
        if (!type) return std::nullopt;
        const auto* row = std::ranges::find(kTypes, type->string(), &TypeName::name);
        if (row != std::end(kTypes)) return *row;
        findings_.at_value(*type,
                           "signal type " + in_backticks(type->string()) +
                               " is not integer, number, boolean, string or enum",
                           pointer_to("type"));
        return std::nullopt;
    }

    void check_keys(const TypeName& type) {
        const bool ranged = type.type == SignalType::integer || type.type == SignalType::number;
        for (const json::Value key : value_.members()) {
            const std::string_view name = key.name();
            if (name == "type" || name == "required" || name == "description") continue;
            bool fits = false;
            if (name == "minimum" || name == "maximum") {
                fits = ranged;
            } else if (name == "min_length" || name == "max_length") {
                fits = type.type == SignalType::string;
            } else if (name == "values") {
                fits = type.type == SignalType::enumeration;
            } else {
                findings_.at_name(key, "unknown key " + in_backticks(name), pointer_to(name));
                continue;
            }
            if (fits) continue;
            findings_.at_name(key,
                              in_backticks(name) + " does not belong to the type " + in_backticks(type.name),
                              pointer_to(name));
        }
        if (type.type == SignalType::enumeration && !value_.find("values")) {
            findings_.at_value(value_, "missing key `values`", pointer_);
        }
    }

    template <class T>
    void check_order(const std::optional<T>& low, const std::optional<T>& high, std::string_view low_name,
                     std::string_view high_name) {
        if (!low || !high || *low <= *high) return;
        findings_.at_value(*value_.find(high_name),
                           in_backticks(high_name) + " is below " + in_backticks(low_name),
                           pointer_to(high_name));
    }

    std::optional<std::int64_t> integer(std::string_view name) {
        const auto value = member(name, json::Type::integer);
        return value ? std::optional(value->integer()) : std::nullopt;
    }

    std::optional<double> number(std::string_view name) {
        const auto value = value_.find(name);
        if (value && value->is(json::Type::integer)) return value->number();
        const auto real = member(name, json::Type::real);
        return real ? std::optional(real->number()) : std::nullopt;
    }

    void read_integer_range() {
        declaration_.integer_minimum = integer("minimum");
        declaration_.integer_maximum = integer("maximum");
        check_order(declaration_.integer_minimum, declaration_.integer_maximum, "minimum", "maximum");
    }

    void read_number_range() {
        declaration_.number_minimum = number("minimum");
        declaration_.number_maximum = number("maximum");
        check_order(declaration_.number_minimum, declaration_.number_maximum, "minimum", "maximum");
    }

    std::optional<std::size_t> length(std::string_view name) {
        const std::optional<std::int64_t> value = integer(name);
        if (!value) return std::nullopt;
        constexpr auto kMax = static_cast<std::int64_t>(limits::kStringSignalBytesMax);
        if (*value >= 0 && *value <= kMax) return static_cast<std::size_t>(*value);
        findings_.at_value(*value_.find(name),
                           in_backticks(name) + " is not from 0 to " + std::to_string(kMax),
                           pointer_to(name));
        return std::nullopt;
    }

    void read_lengths() {
        const std::optional<std::size_t> minimum = length("min_length");
        const std::optional<std::size_t> maximum = length("max_length");
        check_order(minimum, maximum, "min_length", "max_length");
        if (minimum) declaration_.length_minimum = *minimum;
        if (maximum) declaration_.length_maximum = *maximum;
    }

    void read_values() {
        const auto values = member("values", json::Type::array);
        if (!values) return;
        const std::string pointer = pointer_to("values");
        if (values->size() == 0) findings_.at_value(*values, "`values` is empty", pointer);
        std::set<std::string_view> seen;
        std::size_t index = 0;
        for (const json::Value value : values->elements()) {
            const std::string at = pointer + '/' + std::to_string(index++);
            if (!findings_.expect(value, json::Type::string, "a value", at)) continue;
            const std::string_view text = value.string();
            if (text.empty() || text.size() > limits::kStringSignalBytesMax) {
                findings_.at_value(value, "a value is empty or longer than a string signal can be", at);
            } else if (!seen.insert(text).second) {
                findings_.at_value(value, "value " + in_backticks(text) + " stands twice", at);
            }
        }
        declaration_.values.assign(seen.begin(), seen.end());  // sorted: the binder searches them
    }

    json::Value value_;
    Findings& findings_;
    std::string pointer_;
    SignalDeclaration declaration_{};
};

}  // namespace

std::vector<SignalDeclaration> read_signals(json::Value schema, Findings& findings) {
    std::vector<SignalDeclaration> signals;
    if (schema.size() > limits::kSignalsMax) {
        findings.at_value(schema, "more than " + std::to_string(limits::kSignalsMax) + " signals",
                          "/signalsSchema");
    }
    // Members come in JCS order, which for signal names is the order of std::string.
    for (const json::Value member : schema.members()) {
        if (auto signal = DeclarationReader(member, findings).read()) {
            signals.push_back(*std::move(signal));
        }
    }
    return signals;
}

}  // namespace parmana::policy
