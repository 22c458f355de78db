// From a byte of a scalar's text back to the source.
//
// The source of the scalar is walked again as libyaml walked it, with the text beside it: what is decoded
// tells how long an escape's character is, and each character taken unchanged is compared. A difference is a
// broken invariant.
#include <algorithm>

#include "base/invariant.hpp"
#include "yaml/tree.hpp"

namespace parmana::yaml {
namespace {

class Walk {
  public:
    explicit Walk(const Record& scalar)
        : source_(scalar.tree->text),
          text_(scalar.text),
          begin_(scalar.begin),
          end_(scalar.end),
          at_(begin_) {
        found_.reserve(text_.size() + 1);
    }

    void pass_plain();
    void pass_quoted(char quote);
    void pass_block(bool folded, int outer_indent);
    std::vector<std::size_t> take();

  private:
    void pass_flow(char quote);
    void pass_escape();
    void pass_space(bool continued);
    void pass_break() { at_ += source_[at_] == '\r' ? 2 : 1; }
    void pass_line();
    std::size_t pass_breaks(std::size_t indent);
    std::size_t content_indent(int outer_indent) const;

    bool at_blank() const { return at_ < end_ && is_blank(source_[at_]); }
    bool at_break() const { return at_ < end_ && is_break(source_[at_]); }

    // The next bytes of the text come from here.
    void put(std::size_t source, std::size_t bytes = 1) { found_.insert(found_.end(), bytes, source); }
    void put_all(std::vector<std::size_t>& breaks);
    void put_character();

    std::string_view source_;
    std::string_view text_;
    std::size_t begin_;
    std::size_t end_;
    std::size_t at_;
    std::vector<std::size_t> breaks_;  // passed, but not yet known what became of them
    std::vector<std::size_t> found_;
};

std::vector<std::size_t> Walk::take() {
    INVARIANT(found_.size() == text_.size() + 1);
    return std::move(found_);
}

void Walk::put_all(std::vector<std::size_t>& breaks) {
    found_.insert(found_.end(), breaks.begin(), breaks.end());
    breaks.clear();
}

void Walk::put_character() {
    const std::size_t size = character_size(source_[at_]);
    INVARIANT(text_.substr(std::min(found_.size(), text_.size())).starts_with(source_.substr(at_, size)));
    put(at_, size);
    at_ += size;
}

void Walk::pass_plain() {
    pass_flow('\0');
    put(end_);
}

void Walk::pass_quoted(char quote) {
    ++at_;
    --end_;
    pass_flow(quote);
    put(end_);
}

void Walk::pass_flow(char quote) {
    while (at_ < end_) {
        if (at_blank() || at_break()) {
            pass_space(false);
        } else if (quote == '"' && source_[at_] == '\\') {
            pass_escape();
        } else {
            const bool twice = quote == '\'' && source_[at_] == quote;
            put_character();
            if (twice) ++at_;
        }
    }
}

void Walk::pass_escape() {
    const std::size_t backslash = at_++;
    if (at_break()) {
        pass_break();
        return pass_space(true);
    }
    const char kind = source_[at_];
    at_ += kind == 'x' ? 3 : kind == 'u' ? 5 : kind == 'U' ? 9 : 1;
    INVARIANT(found_.size() < text_.size());
    put(backslash, character_size(text_[found_.size()]));
}

// White space stays as it is, unless there are line breaks in it: then one becomes a space, of more the first
// goes. An escaped line break before it is gone already and takes no other with it.
void Walk::pass_space(bool continued) {
    const std::size_t first = at_;
    for (;;) {
        if (at_blank()) {
            ++at_;
        } else if (at_break()) {
            breaks_.push_back(at_);
            pass_break();
        } else {
            break;
        }
    }
    if (continued) return put_all(breaks_);
    if (breaks_.empty()) {
        at_ = first;
        while (at_blank())
            put_character();
        return;
    }
    if (breaks_.size() > 1) breaks_.erase(breaks_.begin());
    put_all(breaks_);
}

void Walk::pass_block(bool folded, int outer_indent) {
    const std::string_view header = source_.substr(at_, std::min(source_.find('\n', at_), end_) - at_);
    const std::string_view indicators = header.substr(0, header.find_first_of(" \t\r#"));
    at_ = std::min(at_ + header.size() + 1, end_);
    const std::size_t digit = indicators.find_first_of("123456789");
    const std::size_t indent =
        digit == std::string_view::npos
            ? content_indent(outer_indent)
            : static_cast<std::size_t>(std::max(outer_indent, 0) + (indicators[digit] - '0'));

    std::vector<std::size_t> last_break;  // of the content line before
    bool after_blank = false;             // that line began with white space
    while (pass_breaks(indent) == indent && at_ < end_) {
        const bool folds = folded && !last_break.empty() && !after_blank && !at_blank();
        if (folds && !breaks_.empty()) last_break.clear();
        put_all(last_break);
        put_all(breaks_);
        after_blank = at_blank();
        pass_line();
        if (at_break()) {
            last_break.push_back(at_);
            pass_break();
        }
    }
    if (!indicators.contains('-')) put_all(last_break);
    if (indicators.contains('+')) put_all(breaks_);
    const bool ends_in_break = text_.ends_with('\n');
    if (found_.empty()) {
        put(begin_);
    } else {
        const std::size_t last = found_.back();
        put(ends_in_break ? last : last + character_size(source_[last]));
    }
}

void Walk::pass_line() {
    while (at_ < end_ && !at_break())
        put_character();
}

// Passes empty lines, and the indentation of the line behind them; says how far that goes.
std::size_t Walk::pass_breaks(std::size_t indent) {
    for (;;) {
        std::size_t column = 0;
        for (; column < indent && at_ < end_ && source_[at_] == ' '; ++at_)
            ++column;
        if (!at_break()) return column;
        breaks_.push_back(at_);
        pass_break();
    }
}

// The indentation that no digit gives: that of the first line with content.
std::size_t Walk::content_indent(int outer_indent) const {
    std::size_t widest = static_cast<std::size_t>(std::max(outer_indent + 1, 1));
    std::size_t column = 0;
    for (std::size_t at = at_; at < end_; ++at) {
        const char c = source_[at];
        column = c == ' ' ? column + 1 : 0;
        widest = std::max(widest, column);
        if (c != ' ' && !is_break(c)) break;
    }
    return widest;
}

}  // namespace

std::vector<std::size_t> sources_of(const Record& scalar) {
    Walk walk(scalar);
    switch (scalar.style) {
        case Style::single_quoted:
            walk.pass_quoted('\'');
            break;
        case Style::double_quoted:
            walk.pass_quoted('"');
            break;
        case Style::literal:
        case Style::folded:
            walk.pass_block(scalar.style == Style::folded, scalar.outer_indent);
            break;
        default:
            walk.pass_plain();
    }
    return walk.take();
}

}  // namespace parmana::yaml
