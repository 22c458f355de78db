// Which comment belongs to what. A comment at the end of a line belongs to what ends or begins on that line;
// one on a line of its own to what comes next, unless it is indented like the entries of a block that ends
// before it.
#include "authoring/layout.hpp"

#include <algorithm>

#include "cel/cel.hpp"

namespace parmana::authoring {
namespace {

constexpr std::size_t kNowhere = std::string_view::npos;

std::size_t end_of(const yaml::Node& node) {
    return node.offset() + node.source().size();
}

std::size_t begin_of(const std::optional<yaml::Node>& key, const yaml::Node& value) {
    return key ? key->offset() : value.offset();
}

const Shape* shape_of(const Shape& parent, const std::optional<yaml::Node>& key) {
    static constexpr Shape kAny{};
    if (key) {
        const auto known = std::ranges::find(parent.keys, key->text(), &KeyShape::name);
        if (known != parent.keys.end()) return known->value;
    }
    return parent.others != nullptr ? parent.others : &kAny;
}

class Reader {
  public:
    explicit Reader(const yaml::Document& document)
        : text_(document.text()), comments_(document.comments()) {}

    Layout read(const yaml::Node& root, const Shape& shape) {
        Layout out{{}, false, {std::nullopt, root, &shape}};
        fill(out.root, kNowhere, kNowhere);
        while (has_before(kNowhere))
            out.root.foot.push_back(take());
        take_top(out);
        return out;
    }

  private:
    bool has_before(std::size_t offset) const {
        return next_ < comments_.size() && comments_[next_].offset < offset;
    }
    const yaml::Comment& peek() const { return comments_[next_]; }

    Note take() {
        const yaml::Comment& comment = comments_[next_++];
        const std::string_view text = comment.text;
        return {text.substr(0, text.find_last_not_of(" \t") + 1), comment.alone && has_gap(comment.offset)};
    }

    /// No line ends between here and the next comment.
    bool is_on_line_of(std::size_t offset) const {
        return !text_.substr(offset, peek().offset - offset).contains('\n');
    }

    /// There is an empty line before what begins here.
    bool has_gap(std::size_t offset) const {
        int breaks = 0;
        while (offset > 0 && breaks < 2) {
            const char c = text_[--offset];
            if (c == '\n') {
                ++breaks;
            } else if (c == '-' || c == '?') {  // of this entry, perhaps on a line of its own
                breaks = 0;
            } else if (c != ' ' && c != '\t' && c != '\r') {
                break;
            }
        }
        return breaks == 2;
    }

    /// `anchor` is the end of the key, `limit` where comments belong to what comes behind.
    void fill(Entry& entry, std::size_t anchor, std::size_t limit) {
        make_children(entry);
        if (entry.children.empty()) return settle(entry);
        const bool flow = entry.value.style() == yaml::Style::flow;
        if (flow) limit = end_of(entry.value);
        for (std::size_t i = 0; i < entry.children.size(); ++i) {
            Entry& child = entry.children[i];
            const std::size_t begin = begin_of(child.key, child.value);
            while (has_before(begin)) {
                const bool on_line = i == 0 && child.head.empty() && !peek().alone && anchor != kNowhere;
                if (on_line && is_on_line_of(anchor)) {
                    entry.trailing.push_back(take().text);
                } else {
                    child.head.push_back(take());
                }
            }
            child.gap = has_gap(begin);
            std::size_t next = limit;
            if (i + 1 < entry.children.size()) {
                const Entry& sibling = entry.children[i + 1];
                next = begin_of(sibling.key, sibling.value);
            }
            fill(child, child.key ? end_of(*child.key) : begin, next);
            while (has_before(next) && !peek().alone && is_on_line_of(end_of(child.value)))
                child.behind.push_back(take().text);
        }
        const std::size_t column = least_column(entry);
        while (has_before(limit) && (flow || (peek().alone && peek().position.column >= column)))
            entry.foot.push_back(take());
    }

    static void make_children(Entry& entry) {
        if (entry.value.is(yaml::Type::sequence)) {
            for (const yaml::Node& element : entry.value.elements())
                entry.children.push_back({std::nullopt, element, shape_of(*entry.shape, std::nullopt)});
        } else if (entry.value.is(yaml::Type::mapping)) {
            for (const auto& [key, value] : entry.value.members())
                entry.children.push_back({key, value, shape_of(*entry.shape, key)});
        }
    }

    /// Of a comment below the entries of a block. Dashes may stand right below the key: there it belongs to
    /// what comes next.
    static std::size_t least_column(const Entry& entry) {
        const std::size_t column = entry.value.position().column;
        return entry.key && entry.key->position().column == column ? column + 1 : column;
    }

    /// Comments between a key and its scalar, at the header of a block scalar, or within empty brackets.
    void settle(Entry& entry) {
        while (has_before(end_of(entry.value))) {
            const bool is_last =
                next_ + 1 == comments_.size() || comments_[next_ + 1].offset >= end_of(entry.value);
            if (is_last && !peek().alone) {
                entry.trailing.push_back(take().text);
            } else {
                entry.head.push_back(take());
            }
        }
    }

    /// What an empty line separates from the first key belongs to the file, as does what editors read there.
    static void take_top(Layout& layout) {
        Entry& root = layout.root;
        std::vector<Note>& head = root.children.empty() ? root.head : root.children.front().head;
        std::size_t count = 0;
        while (count < head.size() && head[count].text.starts_with("# yaml-language-server:"))
            ++count;
        for (std::size_t i = 0; i <= head.size(); ++i) {
            const bool gap =
                i < head.size() ? head[i].gap : !root.children.empty() && root.children.front().gap;
            if (i > 0 && gap) {
                count = i;
                layout.gap = true;
            }
        }
        const auto end = head.begin() + static_cast<std::ptrdiff_t>(count);
        layout.top.assign(head.begin(), end);
        head.erase(head.begin(), end);
        // The empty line stays where it is when the key goes elsewhere.
        if (!head.empty()) head.front().gap = false;
        if (head.empty() && !root.children.empty()) root.children.front().gap = false;
    }

    std::string_view text_;
    std::span<const yaml::Comment> comments_;
    std::size_t next_ = 0;
};

bool has_comments(const Entry& entry) {
    return std::ranges::any_of(entry.children,
                               [](const Entry& child) {
                                   return !child.head.empty() || !child.trailing.empty() ||
                                          !child.behind.empty() || has_comments(child);
                               }) ||
           !entry.foot.empty();
}

/// Puts the members into their order, and leaves one comment at the end of a line.
void arrange(Entry& entry) {
    if (has_comments(entry)) {  // it is going to be a block, and these keep their place behind it
        for (const std::string_view comment : entry.behind)
            entry.foot.push_back({comment, false});
    } else {
        entry.trailing.insert(entry.trailing.end(), entry.behind.begin(), entry.behind.end());
    }
    entry.behind.clear();
    while (entry.trailing.size() > 1) {
        entry.head.push_back({entry.trailing.front(), false});
        entry.trailing.erase(entry.trailing.begin());
    }
    const auto rank = [&](const Entry& child) {
        const auto keys = entry.shape->keys;
        const auto place =
            child.key ? std::ranges::find(keys, child.key->text(), &KeyShape::name) : keys.begin();
        return std::pair(place - keys.begin(), begin_of(child.key, child.value));
    };
    std::ranges::sort(entry.children, {}, rank);
    for (Entry& child : entry.children)
        arrange(child);
}

}  // namespace

Layout lay_out(const yaml::Document& document, const Shape& shape) {
    Layout layout = Reader(document).read(document.root(), shape);
    arrange(layout.root);
    return layout;
}

std::string respelled(std::string_view cel) {
    const auto ast = cel::parse(cel, cel::Macros::none);
    return ast && !cel::has_comment(cel) ? cel::print(*ast->root) : std::string(cel);
}

}  // namespace parmana::authoring
