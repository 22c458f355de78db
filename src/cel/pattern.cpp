#include "cel/pattern.hpp"

#include <algorithm>
#include <charconv>

#include "cel/text.hpp"

namespace parmana::cel {
namespace {

constexpr std::uint32_t kDepthMax = 100;

Ranges normalized(Ranges given) {
    std::ranges::sort(given, {}, &Range::first);
    Ranges out;
    for (const Range range : given) {
        if (!out.empty() && range.first <= out.back().last + 1) {
            out.back().last = std::max(out.back().last, range.last);
        } else {
            out.push_back(range);
        }
    }
    return out;
}

Ranges complement(const Ranges& given) {
    Ranges out;
    std::uint32_t next = 0;
    for (const Range range : given) {
        if (range.first > next) out.push_back({next, range.first - 1});
        next = range.last + 1;
    }
    if (next <= kCodePointMax) out.push_back({next, kCodePointMax});
    return out;
}

Ranges digits() {
    return {{'0', '9'}};
}
Ranges spaces() {
    return {{'\t', '\n'}, {'\f', '\r'}, {' ', ' '}};
}
Ranges word_characters() {
    return {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
}

bool is_letter_or_digit(char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/// What is not understood is given up: the caller then asks RE2 itself.
class PatternReader {
  public:
    explicit PatternReader(std::string_view text) : rest_(text) {}

    std::optional<Pattern> read() {
        auto out = choice();
        return out && rest_.empty() ? out : std::nullopt;
    }

  private:
    bool take(std::string_view text) {
        if (!rest_.starts_with(text)) return false;
        rest_.remove_prefix(text.size());
        return true;
    }
    std::uint32_t take_code_point() {
        const std::uint32_t out = first_code_point(rest_);
        rest_.remove_prefix(code_point_bytes(rest_));
        return out;
    }

    static Pattern characters(Ranges ranges) {
        return {.kind = Pattern::Kind::characters, .ranges = std::move(ranges)};
    }

    std::optional<Pattern> choice() {
        if (++depth_ > kDepthMax) return std::nullopt;
        Pattern out{.kind = Pattern::Kind::choice};
        do {
            auto part = sequence();
            if (!part) return std::nullopt;
            out.parts.push_back(*std::move(part));
        } while (take("|"));
        --depth_;
        return out.parts.size() == 1 ? std::move(out.parts.front()) : out;
    }

    std::optional<Pattern> sequence() {
        Pattern out{.kind = Pattern::Kind::sequence};
        while (!rest_.empty() && rest_[0] != '|' && rest_[0] != ')') {
            auto part = item();
            if (!part || !repeat(*part)) return std::nullopt;
            out.parts.push_back(*std::move(part));
        }
        return out;
    }

    /// Wraps the item in the repetition that follows, if any.
    bool repeat(Pattern& item) {
        Pattern out{.kind = Pattern::Kind::repetition};
        if (take("*")) {
        } else if (take("+")) {
            out.least = 1;
        } else if (take("?")) {
            out.most = 1;
        } else if (!take_counts(out)) {
            return true;
        }
        take("?");  // which of several matches is found does not matter
        if (!rest_.empty() && std::string_view("*+?{").find(rest_[0]) != std::string_view::npos) return false;
        out.parts.push_back(std::move(item));
        item = std::move(out);
        return true;
    }

    /// `{2}`, `{2,}` or `{2,5}`; another brace stands for itself.
    bool take_counts(Pattern& out) {
        if (!rest_.starts_with('{')) return false;
        std::string_view rest = rest_.substr(1);
        const auto take_number = [&rest](std::uint32_t& number) {
            const auto read = std::from_chars(rest.data(), rest.data() + rest.size(), number);
            if (read.ec != std::errc()) return false;
            rest.remove_prefix(static_cast<std::size_t>(read.ptr - rest.data()));
            return true;
        };
        if (!take_number(out.least)) return false;
        out.most = out.least;
        if (rest.starts_with(',')) {
            rest.remove_prefix(1);
            std::uint32_t most = 0;
            if (rest.starts_with('}')) {
                out.most.reset();
            } else if (take_number(most)) {
                out.most = most;
            } else {
                return false;
            }
        }
        if (!rest.starts_with('}')) return false;
        rest_ = rest.substr(1);
        return true;
    }

    std::optional<Pattern> item() {
        if (take("(")) {
            if (!take("?:") && rest_.starts_with('?')) return std::nullopt;
            auto out = choice();
            return out && take(")") ? out : std::nullopt;
        }
        if (take("^")) return Pattern{.kind = Pattern::Kind::begin};
        if (take("$")) return Pattern{.kind = Pattern::Kind::end};
        if (take(".")) return characters(complement({{'\n', '\n'}}));
        if (take("[")) return set();
        if (rest_.starts_with("\\A") || rest_.starts_with("\\z")) {
            const bool begin = rest_[1] == 'A';
            rest_.remove_prefix(2);
            return Pattern{.kind = begin ? Pattern::Kind::begin : Pattern::Kind::end};
        }
        if (rest_.starts_with('\\')) {
            auto ranges = escape();
            return ranges ? std::optional(characters(*std::move(ranges))) : std::nullopt;
        }
        if (rest_[0] == '*' || rest_[0] == '+' || rest_[0] == '?') return std::nullopt;
        const std::uint32_t c = take_code_point();
        return characters({{c, c}});
    }

    /// What stands for one character behind a backslash.
    std::optional<Ranges> escape() {
        rest_.remove_prefix(1);
        if (rest_.empty() || static_cast<unsigned char>(rest_[0]) >= 0x80) return std::nullopt;
        const char c = rest_[0];
        rest_.remove_prefix(1);
        switch (c) {
            case 'd':
                return digits();
            case 'D':
                return complement(digits());
            case 's':
                return spaces();
            case 'S':
                return complement(spaces());
            case 'w':
                return word_characters();
            case 'W':
                return complement(word_characters());
            case 'a':
                return Ranges{{'\a', '\a'}};
            case 'f':
                return Ranges{{'\f', '\f'}};
            case 'n':
                return Ranges{{'\n', '\n'}};
            case 'r':
                return Ranges{{'\r', '\r'}};
            case 't':
                return Ranges{{'\t', '\t'}};
            case 'v':
                return Ranges{{'\v', '\v'}};
            default:
                break;
        }
        if (is_letter_or_digit(c) || c == '_') return std::nullopt;
        const auto literal = static_cast<std::uint32_t>(c);
        return Ranges{{literal, literal}};
    }

    /// Behind `[`.
    std::optional<Pattern> set() {
        const bool negated = take("^");
        Ranges out;
        for (bool first = true; first || !rest_.starts_with(']'); first = false) {
            if (rest_.empty() || rest_.starts_with("[:")) return std::nullopt;
            auto from = element();
            if (!from) return std::nullopt;
            const bool single = from->size() == 1 && from->front().first == from->front().last;
            if (single && rest_.size() >= 2 && rest_[0] == '-' && rest_[1] != ']') {
                rest_.remove_prefix(1);
                const auto to = element();
                if (!to || to->size() != 1 || to->front().first != to->front().last ||
                    to->front().first < from->front().first) {
                    return std::nullopt;
                }
                out.push_back({from->front().first, to->front().first});
            } else {
                out.insert(out.end(), from->begin(), from->end());
            }
        }
        rest_.remove_prefix(1);
        out = normalized(std::move(out));
        return characters(negated ? complement(out) : std::move(out));
    }

    std::optional<Ranges> element() {
        if (rest_.empty()) return std::nullopt;
        if (rest_.starts_with('\\')) return escape();
        const std::uint32_t c = take_code_point();
        return Ranges{{c, c}};
    }

    std::string_view rest_;
    std::uint32_t depth_ = 0;
};

}  // namespace

std::optional<Pattern> read_pattern(std::string_view text) {
    return PatternReader(text).read();
}

}  // namespace parmana::cel
