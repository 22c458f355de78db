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
// The first five are those of parmana-rules/1; the last two hold elements.
constexpr TypeName kTypes[] = {
    {"integer", SignalType::integer},   {"number", SignalType::number},        {"boolean", SignalType::boolean},
    {"string", SignalType::string},     {"enum", SignalType::enumeration},     {"timestamp", SignalType::timestamp},
    {"duration", SignalType::duration}, {"list", SignalType::list},            {"map", SignalType::map},
};
constexpr std::size_t kRulesTypes = 5;
constexpr std::size_t kElementTypes = 7;

/// Reads one declaration, which is whole when there were no findings.
class DeclarationReader {
  public:
    /// `type_count` of the table may be declared here.
    DeclarationReader(json::Value value, std::string pointer, std::size_t type_count, Findings& findings)
        : value_(value), findings_(findings), pointer_(std::move(pointer)), type_count_(type_count) {}

    std::optional<SignalDeclaration> read() {
        if (is_element()) {
            if (!findings_.expect(value_, json::Type::object, "the declaration of the elements", pointer_))
                return std::nullopt;
            return read_typed();
        }
        if (!is_signal_name(value_.name())) {
            findings_.at_name(value_,
                              "signal name " + in_backticks(value_.name()) +
                                  " is not a letter or `_` and at most 63 letters, digits or `_`",
                              pointer_);
            return std::nullopt;
        }
        const std::string subject = "the declaration of " + in_backticks(value_.name());
        if (!findings_.expect(value_, json::Type::object, subject, pointer_)) return std::nullopt;
        declaration_.name = value_.name();
        return read_typed();
    }

  private:
    bool is_element() const { return type_count_ == kElementTypes; }

    std::optional<SignalDeclaration> read_typed() {
        const std::optional<TypeName> type = read_type();
        if (!type) return std::nullopt;
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
            case SignalType::timestamp:
            case SignalType::duration:
                break;
            case SignalType::string:
                read_sizes("min_length", "max_length", limits::kStringSignalBytesMax);
                break;
            case SignalType::enumeration:
                read_values();
                break;
            case SignalType::list:
            case SignalType::map:
                if (!read_elements()) return std::nullopt;
                break;
        }
        // Without its values an enum would make a finding of every operand.
        if (type->type == SignalType::enumeration && declaration_.values.empty()) return std::nullopt;
        return std::move(declaration_);
    }

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
        const auto* end = std::begin(kTypes) + type_count_;
        const auto* row = std::find_if(std::begin(kTypes), end,
                                       [&](const TypeName& name) { return name.name == type->string(); });
        if (row != end) return *row;
        std::string names(kTypes[0].name);
        for (std::size_t i = 1; i < type_count_; ++i)
            names.append(i + 1 == type_count_ ? " or " : ", ").append(kTypes[i].name);
        findings_.at_value(*type, "signal type " + in_backticks(type->string()) + " is not " + names,
                           pointer_to("type"));
        return std::nullopt;
    }

    void check_keys(const TypeName& type) {
        const bool ranged = type.type == SignalType::integer || type.type == SignalType::number;
        for (const json::Value key : value_.members()) {
            const std::string_view name = key.name();
            if (name == "type" || name == "description" || (name == "required" && !is_element())) continue;
            bool fits = false;
            if (name == "minimum" || name == "maximum") {
                fits = ranged;
            } else if (name == "min_length" || name == "max_length") {
                fits = type.type == SignalType::string;
            } else if (name == "values") {
                fits = type.type == SignalType::enumeration;
            } else if (name == "elements" || name == "min_size" || name == "max_size") {
                fits = type.type == SignalType::list || type.type == SignalType::map;
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

    std::optional<std::size_t> size(std::string_view name, std::size_t largest) {
        const std::optional<std::int64_t> value = integer(name);
        if (!value) return std::nullopt;
        if (*value >= 0 && static_cast<std::size_t>(*value) <= largest) return static_cast<std::size_t>(*value);
        findings_.at_value(*value_.find(name),
                           in_backticks(name) + " is not from 0 to " + std::to_string(largest),
                           pointer_to(name));
        return std::nullopt;
    }

    void read_sizes(std::string_view low, std::string_view high, std::size_t largest) {
        const std::optional<std::size_t> minimum = size(low, largest);
        const std::optional<std::size_t> maximum = size(high, largest);
        check_order(minimum, maximum, low, high);
        if (minimum) declaration_.length_minimum = *minimum;
        declaration_.length_maximum = maximum.value_or(largest);
    }

    bool read_elements() {
        read_sizes("min_size", "max_size", limits::kListSignalMax);
        const auto given = value_.find("elements");
        if (!given) {
            findings_.at_value(value_, "missing key `elements`", pointer_);
            return false;
        }
        auto elements = DeclarationReader(*given, pointer_to("elements"), kElementTypes, findings_).read();
        if (!elements) return false;
        declaration_.elements.push_back(*std::move(elements));
        return true;
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
    std::size_t type_count_;
    SignalDeclaration declaration_{};
};

}  // namespace

std::vector<SignalDeclaration> read_signals(json::Value schema, bool is_cel, Findings& findings) {
    std::vector<SignalDeclaration> signals;
    if (schema.size() > limits::kSignalsMax) {
        findings.at_value(schema, "more than " + std::to_string(limits::kSignalsMax) + " signals",
                          "/signalsSchema");
    }
    // Members come in JCS order, which for signal names is the order of std::string.
    for (const json::Value member : schema.members()) {
        DeclarationReader reader(member, "/signalsSchema" + pointer_token(member.name()),
                                 is_cel ? std::size(kTypes) : kRulesTypes, findings);
        if (auto signal = reader.read()) {
            signals.push_back(*std::move(signal));
        }
    }
    return signals;
}

}  // namespace parmana::policy
