// Strings of the standard library, and regular expressions.
#include "cel/builtin.hpp"
#include "cel/regex.hpp"
#include "cel/search.hpp"

namespace parmana::cel {
namespace {

bool both_strings(const Value* arguments) {
    return arguments[0].is(Kind::string) && arguments[1].is(Kind::string);
}

Value contains(Context& context, const Value* arguments) {
    if (!both_strings(arguments)) return context.error(Fault::no_such_overload);
    const std::string_view text = arguments[0].view(), wanted = arguments[1].view();
    if (!context.pay(price::searched(text.size() + wanted.size())))
        return context.error(Fault::cost_exceeded);
    return Value::from(Searcher(wanted, context.scratch).find(text) != std::string_view::npos);
}

Value starts_with(Context& context, const Value* arguments) {
    if (!both_strings(arguments)) return context.error(Fault::no_such_overload);
    context.pay(price::compared(arguments[1].extent));
    return Value::from(arguments[0].view().starts_with(arguments[1].view()));
}

Value ends_with(Context& context, const Value* arguments) {
    if (!both_strings(arguments)) return context.error(Fault::no_such_overload);
    context.pay(price::compared(arguments[1].extent));
    return Value::from(arguments[0].view().ends_with(arguments[1].view()));
}

/// With a pattern that is known only now: a literal one is compiled with the program (Op::match).
Value matches(Context& context, const Value* arguments) {
    if (!both_strings(arguments)) return context.error(Fault::no_such_overload);
    if (!context.pay(kRegexCompileCost + std::uint64_t{arguments[1].extent} * kRegexCompileCostPerByte))
        return context.error(Fault::cost_exceeded);
    const auto regex = Regex::make(arguments[1].view());
    return regex ? regex->match(context, arguments[0]) : context.error(Fault::invalid_pattern);
}

constexpr Builtin kBuiltins[] = {{"contains", 2, contains},
                                 {"startsWith", 2, starts_with},
                                 {"endsWith", 2, ends_with},
                                 {"matches", 2, matches}};

}  // namespace

std::span<const Builtin> string_builtins() {
    return kBuiltins;
}

}  // namespace parmana::cel
