#include "cel/regex.hpp"

#include <re2/re2.h>

#include "base/limits.hpp"

namespace parmana::cel {

std::optional<Regex> Regex::make(std::string_view pattern) {
    if (pattern.size() > limits::kCelPatternBytesMax) return std::nullopt;
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(limits::kCelPatternMemoryBytesMax);
    auto compiled = std::make_unique<re2::RE2>(re2::StringPiece(pattern.data(), pattern.size()), options);
    if (!compiled->ok()) return std::nullopt;
    return Regex(std::move(compiled));
}

Regex::Regex(std::unique_ptr<re2::RE2> compiled) : compiled_(std::move(compiled)) {}
Regex::Regex(Regex&&) noexcept = default;
Regex& Regex::operator=(Regex&&) noexcept = default;
Regex::~Regex() = default;

std::uint64_t Regex::cost(std::size_t bytes) const {
    const auto states = static_cast<std::uint64_t>(compiled_->ProgramSize());
    return 20 + bytes / 4 + bytes * states / 64;
}

Value Regex::match(Context& context, const Value& text) const {
    if (!context.pay(cost(text.extent))) return context.error(Fault::cost_exceeded);
    return Value::from(re2::RE2::PartialMatch(re2::StringPiece(text.text, text.extent), *compiled_));
}

}  // namespace parmana::cel
