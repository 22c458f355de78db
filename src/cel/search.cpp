#include "cel/search.hpp"

#include <algorithm>
#include <cstring>

namespace parmana::cel {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

/// A text from its beginning, or from its end.
template <bool backwards>
struct Run {
    std::string_view text;
    std::size_t size() const { return text.size(); }
    char operator[](std::size_t i) const { return text.data()[backwards ? text.size() - 1 - i : i]; }
};

/// By index: with how many characters matched to go on when this one does not match; -1 begins behind it.
/// Requires a text that is not empty.
template <bool backwards>
const std::int32_t* continuations(Run<backwards> wanted, std::vector<std::int32_t>& memory) {
    if (memory.size() < wanted.size()) memory.resize(wanted.size());
    std::int32_t* next = memory.data();
    next[0] = -1;
    std::int32_t border = 0;
    for (std::size_t i = 1; i < wanted.size(); ++i) {
        next[i] = wanted[i] == wanted[static_cast<std::size_t>(border)] ? next[border] : border;
        while (border >= 0 && wanted[i] != wanted[static_cast<std::size_t>(border)])
            border = next[border];
        ++border;
    }
    return next;
}

/// Behind the end of the first occurrence at or behind `from`. Requires a text that is not empty.
template <bool backwards>
std::size_t find_end(Run<backwards> text, Run<backwards> wanted, const std::int32_t* next, std::size_t from) {
    std::int32_t matched = 0;
    std::size_t at = from;
    while (at < text.size()) {
        if (!backwards && matched == 0) {
            const void* found = std::memchr(text.text.data() + at, wanted[0], text.size() - at);
            if (found == nullptr) return kNowhere;
            at = static_cast<std::size_t>(static_cast<const char*>(found) - text.text.data());
        }
        if (text[at] == wanted[static_cast<std::size_t>(matched)]) {
            ++at;
            if (static_cast<std::size_t>(++matched) == wanted.size()) return at;
        } else {
            matched = next[matched];
            if (matched >= 0) continue;
            matched = 0;
            ++at;
        }
    }
    return kNowhere;
}

}  // namespace

Searcher::Searcher(std::string_view wanted, std::vector<std::int32_t>& memory)
    : wanted_(wanted), next_(wanted.empty() ? nullptr : continuations<false>({wanted}, memory)) {}

std::size_t Searcher::find(std::string_view text, std::size_t from) const {
    if (wanted_.empty()) return from <= text.size() ? from : kNowhere;
    const std::size_t end = find_end<false>({text}, {wanted_}, next_, from);
    return end == kNowhere ? kNowhere : end - wanted_.size();
}

std::size_t find_last(std::string_view text, std::string_view wanted, std::size_t from,
                      std::vector<std::int32_t>& memory) {
    const std::string_view within = text.substr(0, std::max(from, from + wanted.size()));
    if (wanted.empty()) return within.size();
    const std::int32_t* next = continuations<true>({wanted}, memory);
    const std::size_t end = find_end<true>({within}, {wanted}, next, 0);
    return end == kNowhere ? kNowhere : within.size() - end;
}

}  // namespace parmana::cel
