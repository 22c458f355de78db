// Comments: every `#` that stands in no scalar begins one. Between the scalars there are only indicators,
// white space and line breaks, for all else is refused; the header of a block scalar counts as between.
#include <algorithm>

#include "yaml/tree.hpp"

namespace parmana::yaml {
namespace {

class Gaps {
  public:
    explicit Gaps(Tree& tree) : tree_(tree), text_(tree.text) {}

    /// The text from here to `end` is in no scalar.
    bool pass(std::size_t end);
    void skip_to(std::size_t end) { at_ = std::max(at_, end); }
    Position here();
    std::size_t line_end() const { return std::min(text_.find_first_of("\r\n", at_), text_.size()); }

  private:
    bool take();

    Tree& tree_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::size_t counted_ = 0;  // line breaks before this are in line_
};

bool Gaps::pass(std::size_t end) {
    while (at_ < end) {
        if (text_[at_] != '#') {
            ++at_;
        } else if (!take()) {
            return false;
        }
    }
    return true;
}

bool Gaps::take() {
    if (at_ > 0 && !is_blank(text_[at_ - 1]) && !is_break(text_[at_ - 1])) return false;
    const std::string_view text = text_.substr(at_, line_end() - at_);
    const std::size_t line_begin = text_.rfind('\n', at_) + 1;  // npos + 1 is 0: the first line
    const bool alone = std::ranges::all_of(text_.substr(line_begin, at_ - line_begin), is_blank);
    tree_.comments.push_back({here(), at_, text, alone});
    at_ += text.size();
    return true;
}

Position Gaps::here() {
    line_ += static_cast<std::size_t>(std::ranges::count(text_.substr(counted_, at_ - counted_), '\n'));
    counted_ = at_;
    const std::size_t line_begin = text_.rfind('\n', at_) + 1;
    return {line_, position_in(text_.substr(line_begin), at_ - line_begin).column};
}

}  // namespace

std::optional<Fault> collect_comments(Tree& tree) {
    Gaps gaps(tree);
    bool good = true;
    for (const Record& record : tree.records) {
        if (!is_scalar(record.style)) continue;
        good = good && gaps.pass(record.begin);
        if (record.style == Style::literal || record.style == Style::folded) {
            good = good && gaps.pass(gaps.line_end());
        }
        if (!good) break;
        gaps.skip_to(record.end);
    }
    if (good && gaps.pass(tree.text.size())) return std::nullopt;
    return Fault{gaps.here(), "a `#` that begins a comment must have a space before it"};
}

}  // namespace parmana::yaml
