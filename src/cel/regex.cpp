#include "cel/regex.hpp"

#include <re2/re2.h>

#include "base/limits.hpp"
#include "cel/price.hpp"

namespace parmana::cel {

std::optional<Regex> Regex::make(std::string_view pattern) {
    if (pattern.size() > limits::kCelPatternBytesMax) return std::nullopt;
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(limits::kCelPatternMemoryBytesMax);
    auto compiled = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
    if (!compiled->ok()) return std::nullopt;
    // What RE2 makes at its first match is not for the first evaluation to wait for.
    re2::RE2::PartialMatch("", *compiled);
    return Regex(std::move(compiled));
}

Regex::Regex(std::unique_ptr<re2::RE2> compiled) : compiled_(std::move(compiled)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

std::uint64_t Regex::cost(std::uint64_t bytes) const {
    // A text can make RE2 look at every state of the pattern at every byte.
    const auto states = static_cast<std::uint64_t>(compiled_->ProgramSize());
    return price::sum(40, price::product(bytes, 16 + states));
}

Value Regex::match(Context& context, const Value& text) const {
    if (!context.pay(cost(text.extent))) return context.error(Fault::cost_exceeded);
    return Value::from(re2::RE2::PartialMatch(re2::StringPiece(text.text, text.extent), *compiled_));
}

}  // namespace parmana::cel
