// Writing a layout. What is written where depends on values, keys and comments only, never on how they were
// written: so the same comes out when it is read again.
#include <algorithm>

#include "authoring/layout.hpp"
#include "policy/policy.hpp"

namespace parmana::authoring {
namespace {

constexpr std::size_t kWidth = 100;
constexpr std::size_t kIndent = 2;

std::size_t width_of(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

/// Lines of at most this width where that can be: cut at single spaces, which a reader puts back.
std::vector<std::string_view> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string_view> lines;
    std::size_t begin = 0, cut = 0;
    for (std::size_t at = 1; at + 1 < text.size(); ++at) {
        if (text[at] != ' ' || text[at - 1] == ' ' || text[at + 1] == ' ') continue;
        if (cut > begin && width_of(text.substr(begin, at - begin)) > width) {
            lines.push_back(text.substr(begin, cut - begin));
            begin = cut + 1;
        }
        cut = at;
    }
    if (cut > begin && width_of(text.substr(begin)) > width) {
        lines.push_back(text.substr(begin, cut - begin));
        begin = cut + 1;
    }
    lines.push_back(text.substr(begin));
    return lines;
}

/// Cuts an expression in its one spelling behind the loosest operators outside of brackets, and what is still
/// too long behind the next ones.
class ExpressionCutter {
  public:
    ExpressionCutter(std::size_t width, std::vector<std::string_view>& lines)
        : width_(width), lines_(lines) {}

    void cut(std::string_view text) {
        constexpr std::string_view kOperators[] = {" ? ", " : ", " || ", " && "};
        std::span<const std::string_view> operators(kOperators);
        for (const std::size_t count : {2U, 1U, 1U}) {
            if (width_of(text) <= width_) break;
            const auto places = places_of(text, operators.first(count));
            operators = operators.subspan(count);
            if (places.empty()) continue;
            std::size_t begin = 0;
            for (const std::size_t place : places) {
                cut(text.substr(begin, place - begin));
                begin = place + 1;
            }
            return cut(text.substr(begin));
        }
        lines_.push_back(text);
    }

  private:
    /// Of the space behind each operator.
    static std::vector<std::size_t> places_of(std::string_view text,
                                              std::span<const std::string_view> operators) {
        std::vector<std::size_t> out;
        int depth = 0;
        for (std::size_t at = 0; at < text.size(); ++at) {
            const char c = text[at];
            if (c == '"' || c == '`') {
                at = quote_end(text, at);
            } else if (c == '(' || c == '[' || c == '{') {
                ++depth;
            } else if (c == ')' || c == ']' || c == '}') {
                --depth;
            } else if (c == ' ' && depth == 0) {
                for (const std::string_view symbol : operators) {
                    if (text.substr(at).starts_with(symbol)) out.push_back(at + symbol.size() - 1);
                }
            }
        }
        return out;
    }

    static std::size_t quote_end(std::string_view text, std::size_t at) {
        const char quote = text[at];
        for (++at; at < text.size() && text[at] != quote; ++at) {
            if (quote == '"' && text[at] == '\\') ++at;
        }
        return at;
    }

    std::size_t width_;
    std::vector<std::string_view>& lines_;
};

std::string key_text(const yaml::Node& key) {
    return key.is(yaml::Type::string) || key.text().empty() ? yaml::spell(key.text())
                                                            : std::string(key.text());
}

std::string content_of(const Entry& entry) {
    return entry.shape->cel ? respelled(entry.value.text()) : std::string(entry.value.text());
}

bool is_collection(const Entry& entry) {
    return entry.value.kind() != yaml::Kind::scalar;
}

/// The value on one line, or nothing when that cannot be or should not: a collection of more than `bytes_max`
/// does not fit anywhere.
std::optional<std::string> line_of(const Entry& entry, yaml::Style around, std::size_t bytes_max) {
    if (!is_collection(entry)) {
        if (!entry.value.is(yaml::Type::string)) return std::string(entry.value.text());
        const std::string content = content_of(entry);
        if (content.contains('\n') && yaml::spell_literal(content, kIndent)) return std::nullopt;
        return yaml::spell_in(around, content);
    }
    const bool sequence = entry.value.is(yaml::Type::sequence);
    if (entry.children.empty()) return sequence ? "[]" : "{}";
    if (entry.shape->block || entry.apart || !entry.foot.empty()) return std::nullopt;
    std::string out = sequence ? "[" : "{";
    for (const Entry& child : entry.children) {
        if (!child.head.empty() || !child.trailing.empty()) return std::nullopt;
        const auto line = line_of(child, yaml::Style::flow, bytes_max);
        if (!line || line->empty() || out.size() > bytes_max) return std::nullopt;
        if (out.size() > 1) out += ", ";
        if (child.key) out += key_text(*child.key) + ": ";
        out += *line;
    }
    return out + (sequence ? ']' : '}');
}

/// A collection on one line that begins at this column, when it fits there.
std::optional<std::string> fitting_line(const Entry& entry, std::size_t column) {
    constexpr std::size_t kBytesMax = kWidth * 4;  // of a line that fits
    const bool always = entry.children.empty() || entry.shape->line;
    auto line = line_of(entry, yaml::Style::block, always ? std::string::npos : kBytesMax);
    if (line && !always && column + width_of(*line) > kWidth) return std::nullopt;
    return line;
}

class Writer {
  public:
    std::string write(Layout layout) {
        put_notes(layout.top, 0, true);
        if (layout.gap) out_ += '\n';
        Entry& root = layout.root;
        if (!root.children.empty()) {
            put_children(root, 0, false);
        } else {
            put_notes(root.head, 0, out_.empty());
            out_ += fitting_line(root, 0).value_or("");
            end_line(root);
            put_notes(root.foot, 0, false);
        }
        return std::move(out_);
    }

  private:
    void put_notes(const std::vector<Note>& notes, std::size_t indent, bool first) {
        for (const Note& note : notes) {
            if (note.gap && !first) out_ += '\n';
            out_.append(indent, ' ').append(note.text) += '\n';
            first = false;
        }
    }

    void end_line(const Entry& entry) {
        for (const std::string_view comment : entry.trailing)
            out_.append("  ").append(comment);
        out_ += '\n';
    }

    /// The first child may begin on a line that has begun.
    void put_children(Entry& entry, std::size_t indent, bool begun) {
        if (entry.shape->uniform) {
            const auto fits = [&](const Entry& child) {
                return fitting_line(child, indent + kIndent).has_value();
            };
            const bool apart = !std::ranges::all_of(entry.children, fits);
            for (Entry& child : entry.children)
                child.apart = apart;
        }
        bool first = true;
        for (Entry& child : entry.children) {
            put_child(child, indent, first, begun && first);
            first = false;
        }
        put_notes(entry.foot, indent, false);
    }

    void put_child(Entry& child, std::size_t indent, bool first, bool begun) {
        raise_comments(child, indent);
        if (!begun) {
            put_notes(child.head, indent, first);
            if (child.gap && !(first && child.head.empty())) out_ += '\n';
            out_.append(indent, ' ');
        }
        const std::string key = child.key ? key_text(*child.key) + ":" : "-";
        out_ += key;
        const std::size_t column = indent + width_of(key) + 1;
        if (!is_collection(child)) return put_scalar(child, indent, column);
        if (const auto line = fitting_line(child, column)) {
            out_ += ' ' + *line;
            return end_line(child);
        }
        if (child.key) {
            end_line(child);
        } else {
            out_ += ' ';
        }
        put_children(child, indent + kIndent, !child.key);
    }

    /// An element that is a block begins on the line of its dash: comments there stand above it.
    static void raise_comments(Entry& element, std::size_t indent) {
        if (element.key || !is_collection(element) || fitting_line(element, indent + kIndent)) return;
        for (const std::string_view comment : element.trailing)
            element.head.push_back({comment, false});
        element.trailing.clear();
        Entry& first = element.children.front();
        raise_comments(first, indent + kIndent);
        element.head.insert(element.head.end(), first.head.begin(), first.head.end());
        first.head.clear();
    }

    void put_scalar(const Entry& entry, std::size_t indent, std::size_t column) {
        if (!entry.value.is(yaml::Type::string)) return put_line(entry, std::string(entry.value.text()));
        const std::string content = content_of(entry);
        const bool ends_in_break = content.ends_with('\n');
        const std::string_view text =
            std::string_view(content).substr(0, content.size() - (ends_in_break ? 1 : 0));
        const bool plain = entry.shape->version && policy::make_policy_version(content);
        const std::string line = plain ? content : yaml::spell_in(yaml::Style::block, content);
        const bool fits =
            ends_in_break ? indent + kIndent + width_of(text) <= kWidth : column + width_of(line) <= kWidth;
        std::optional<std::string> block;
        if (!fits && !text.contains('\n'))
            block = folded(text, ends_in_break, indent + kIndent, entry.shape->cel);
        if (!block && content.contains('\n')) block = yaml::spell_literal(content, indent + kIndent);
        block ? put_block(entry, *block) : put_line(entry, line);
    }

    static std::optional<std::string> folded(std::string_view text, bool ends_in_break, std::size_t indent,
                                             bool cel) {
        const std::size_t width = kWidth - std::min(kWidth, indent);
        std::vector<std::string_view> lines;
        if (cel) {
            ExpressionCutter(width, lines).cut(text);
        } else {
            lines = wrapped(text, width);
        }
        return lines.size() > 1 ? yaml::spell_folded(lines, ends_in_break, indent) : std::nullopt;
    }

    void put_line(const Entry& entry, const std::string& line) {
        if (!line.empty()) out_ += ' ' + line;
        end_line(entry);
    }

    void put_block(const Entry& entry, std::string_view scalar) {
        const std::size_t header = scalar.find('\n');
        out_.append(" ").append(scalar.substr(0, header));
        end_line(entry);
        out_.append(scalar.substr(header + 1)) += '\n';
    }

    std::string out_;
};

}  // namespace

std::string write(Layout layout) {
    return Writer().write(std::move(layout));
}

}  // namespace parmana::authoring
