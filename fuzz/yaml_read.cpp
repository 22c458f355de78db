// Any bytes as YAML. What is refused is refused the same way twice, at a place in the text. What is read
// stands where it says, each character of a scalar at the place that position_of names; and the tree written
// anew on one line reads as the same tree.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/invariant.hpp"
#include "yaml/yaml.hpp"

namespace parmana::yaml {
namespace {

bool begins_character(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
}

/// The lines of a text, to go from a position to an offset.
class Lines {
  public:
    explicit Lines(std::string_view text) : text_(text) {
        for (std::size_t at = 0; at < text.size(); ++at) {
            if (text[at] == '\n') begins_.push_back(at + 1);
        }
    }
    std::size_t offset_of(Position position) const {
        INVARIANT(position.line >= 1 && position.line <= begins_.size() && position.column >= 1);
        std::size_t at = begins_[position.line - 1];
        for (std::size_t column = 1; column < position.column; ++column) {
            INVARIANT(at < text_.size() && text_[at] != '\n');
            ++at;
            while (at < text_.size() && !begins_character(text_[at]))
                ++at;
        }
        return at;
    }

  private:
    std::string_view text_;
    std::vector<std::size_t> begins_ = {0};
};

void check_scalar(Node node, std::string_view source, const Lines& lines) {
    constexpr std::size_t kChecked = 300;  // each takes time linear in the source
    const std::string_view text = node.text();
    Position before = node.position();
    for (std::size_t at = 0; at <= text.size(); at = at < kChecked ? at + 1 : std::max(at + 1, text.size())) {
        const Position position = node.position_of(at);
        INVARIANT(before <= position);
        before = position;
        const std::size_t offset = lines.offset_of(position);
        INVARIANT(offset >= node.offset() && offset <= node.offset() + node.source().size());
        if (at == text.size() || !begins_character(text[at])) continue;
        const char c = source[offset];
        const bool escaped = node.style() == Style::double_quoted && c == '\\';
        const bool broken = (text[at] == ' ' || text[at] == '\n') && (c == '\n' || c == '\r');
        INVARIANT(escaped || broken || c == text[at]);
    }
}

void check_node(Node node, std::string_view source, const Lines& lines) {
    INVARIANT(node.offset() + node.source().size() <= source.size());
    INVARIANT(lines.offset_of(node.position()) == node.offset());
    if (node.is(Type::sequence)) {
        for (const Node element : node.elements())
            check_node(element, source, lines);
    } else if (node.is(Type::mapping)) {
        for (const auto& [key, value] : node.members()) {
            check_node(key, source, lines);
            check_node(value, source, lines);
            INVARIANT(node.find(key.text())->offset() == value.offset());
        }
    } else {
        check_scalar(node, source, lines);
    }
}

std::string rewritten(Node node) {
    std::string out;
    if (node.is(Type::sequence)) {
        for (const Node element : node.elements())
            out += rewritten(element) + " , ";
        return "[ " + out + "]";
    }
    if (node.is(Type::mapping)) {
        for (const auto& [key, value] : node.members())
            out += "? " + spell(key.text()) + " : " + rewritten(value) + " , ";
        return "{ " + out + "}";
    }
    if (node.is(Type::null)) return "null";
    return node.is(Type::string) ? spell(node.text()) : std::string(node.text());
}

void check_same(Node a, Node b) {
    INVARIANT(a.type() == b.type());
    if (a.is(Type::sequence)) {
        INVARIANT(a.elements().size() == b.elements().size());
        for (std::size_t i = 0; i < a.elements().size(); ++i)
            check_same(a.elements()[i], b.elements()[i]);
    } else if (a.is(Type::mapping)) {
        INVARIANT(a.members().size() == b.members().size());
        for (std::size_t i = 0; i < a.members().size(); ++i) {
            INVARIANT(a.members()[i].key.text() == b.members()[i].key.text());
            check_same(a.members()[i].value, b.members()[i].value);
        }
    } else {
        INVARIANT(a.is(Type::null) || a.text() == b.text());
    }
}

void check_read(const Document& document) {
    const std::string_view source = document.text();
    const Lines lines(source);
    check_node(document.root(), source, lines);
    for (const Comment& comment : document.comments()) {
        INVARIANT(comment.text.starts_with('#') &&
                  comment.text.find_first_of("\r\n") == std::string_view::npos);
        INVARIANT(source.substr(comment.offset).starts_with(comment.text));
        INVARIANT(lines.offset_of(comment.position) == comment.offset);
    }
    const std::string once = rewritten(document.root());
    const auto again = parse(once);
    INVARIANT(again.has_value());
    check_same(document.root(), again->root());
    INVARIANT(again->comments().empty());
}

void check_refused(std::string_view source, const Fault& fault) {
    const auto again = parse(source);
    INVARIANT(!again.has_value() && again.error() == fault);
    INVARIANT(!fault.message.empty() && fault.message.find('\n') == std::string::npos);
    INVARIANT(!spell(fault.message).empty());  // it is UTF-8
    INVARIANT(Lines(source).offset_of(fault.position) <= source.size());
}

}  // namespace
}  // namespace parmana::yaml

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace parmana;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto document = yaml::parse(text);
    if (document.has_value()) {
        INVARIANT(document->text() == text);
        yaml::check_read(*document);
    } else {
        yaml::check_refused(text, document.error());
    }
    return 0;
}
