// Text to document: structure, numbers, and what a refusal says. Strings are in reader_string.cpp.
//
// The text is copied once and followed by zero bytes. No token takes a zero byte, so the reader
// looks ahead without asking where the end is, and the string scanner loads whole words.
#include "json/reader.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <string>

#include "base/bytes.hpp"
#include "base/invariant.hpp"
#include "json/order.hpp"

namespace parmana::json {
namespace {

constexpr std::size_t kPadding = 8;  // pass_plain loads words
// Nodes made room for at first: about one for 16 bytes of text, not less than a small block of the
// allocator takes, and not so many that a text without values reserves much.
constexpr std::size_t kNodesMin = 24;
constexpr std::size_t kNodesMax = 1024;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool by_name(const Node& a, const Node& b) {
    return jcs_compare(a.name(), b.name()) < 0;
}

// The member that repeats an earlier name, the first such in reading order; or null.
const Node* first_duplicate(const Node* begin, const Node* end) {
    std::vector<const Node*> members;
    for (const Node* node = begin; node != end; ++node)
        members.push_back(node);
    std::ranges::sort(members, [](const Node* a, const Node* b) {
        const int order = jcs_compare(a->name(), b->name());
        return order != 0 ? order < 0 : a->name_offset < b->name_offset;
    });
    const Node* first = nullptr;
    for (std::size_t i = 1; i < members.size(); ++i) {
        if (members[i - 1]->name() != members[i]->name()) continue;
        if (first == nullptr || members[i]->name_offset < first->name_offset) first = members[i];
    }
    return first;
}

// A name for a message: one line, escaped, and not longer than a person reads.
std::string quoted(std::string_view name) {
    constexpr std::size_t kShown = 64;
    std::size_t shown = std::min(name.size(), kShown);
    while (shown < name.size() && shown > 0 && (name[shown] & 0xc0) == 0x80)
        --shown;
    std::string literal;
    append_json_string(literal, name.substr(0, shown));
    return "`" + literal.substr(1, literal.size() - 2) + (shown < name.size() ? "…`" : "`");
}

}  // namespace

Reader::Reader(std::string_view text) : parts_(std::make_unique<Document::Parts>()) {
    INVARIANT(text.size() <= std::numeric_limits<std::uint32_t>::max());
    parts_->text = std::make_unique_for_overwrite<char[]>(text.size() + kPadding);
    parts_->text_size = text.size();
    std::copy_n(text.data(), text.size(), parts_->text.get());
    std::memset(parts_->text.get() + text.size(), 0, kPadding);
    begin_ = at_ = parts_->text.get();
    end_ = begin_ + text.size();
    const std::size_t nodes = std::clamp(text.size() / 16, kNodesMin, kNodesMax);
    parts_->nodes.reserve(nodes);
    pending_.reserve(kNodesMin);
}

Result<Document> Reader::run() {
    skip_space();
    pending_.emplace_back();
    bool good = read_value();
    if (good) {
        skip_space();
        good = at_ == end_ || refuse("expected the end of the text");
    }
    if (!good) return std::unexpected<Error>(settle());
    std::vector<Node>& nodes = parts_->nodes;
    nodes.push_back(pending_.back());
    // From here on the array does not move, so indices become the pointers that Values follow.
    for (Node& node : nodes) {
        if (node.is_container()) node.payload.children = nodes.data() + node.payload.first;
    }
    return Document(std::move(parts_));
}

bool Reader::read_value() {
    Node& node = pending_.back();
    node.offset = offset_of(at_);
    switch (*at_) {
        case '{':
            return read_object();
        case '[':
            return read_array();
        case '"': {
            Text text;
            if (!read_string(text)) return false;
            node.type = Type::string;
            node.payload.bytes = text.bytes;
            node.size = text.size;
            node.plain = text.plain;
            return true;
        }
        case 't':
            node.type = Type::boolean;
            node.payload.boolean = true;
            return read_word("true");
        case 'f':
            node.type = Type::boolean;
            node.payload.boolean = false;
            return read_word("false");
        case 'n':
            return read_word("null");
        default:
            return read_number();
    }
}

bool Reader::read_word(std::string_view word) {
    for (const char c : word) {
        if (*at_ != c) return refuse("expected a value");
        ++at_;
    }
    return true;
}

bool Reader::read_number() {
    const char* const start = at_;
    const bool negative = *at_ == '-';
    if (negative) ++at_;
    if (!is_digit(*at_)) return refuse(negative ? "expected a digit" : "expected a value");
    std::int64_t magnitude = 0;
    const char* const digits = at_;
    if (*at_ == '0') {
        ++at_;
    } else {
        for (; is_digit(*at_); ++at_) {
            if (at_ - digits < 17) magnitude = magnitude * 10 + (*at_ - '0');
        }
    }
    if (*at_ == '.' || *at_ == 'e' || *at_ == 'E' || (negative && magnitude == 0)) return read_real(start);
    if (at_ - digits > 16 || magnitude > limits::kExactIntegerMax) {
        return refuse(Code::number_not_exact, start, "an integer is outside ±(2^53−1)");
    }
    pending_.back().type = Type::integer;
    pending_.back().payload.integer = negative ? -magnitude : magnitude;
    return true;
}

bool Reader::pass_digits() {
    if (!is_digit(*at_)) return refuse("expected a digit");
    while (is_digit(*at_))
        ++at_;
    return true;
}

// The integer part has been read.
bool Reader::read_real(const char* start) {
    if (*at_ == '.') {
        ++at_;
        if (!pass_digits()) return false;
    }
    const char* const significand_end = at_;
    if (*at_ == 'e' || *at_ == 'E') {
        ++at_;
        if (*at_ == '+' || *at_ == '-') ++at_;
        if (!pass_digits()) return false;
    }
    double real = 0;
    std::from_chars(start, at_, real);
    const bool is_zero = std::none_of(start, significand_end, [](char c) { return c > '0'; });
    if (is_zero) real = *start == '-' ? -0.0 : 0.0;
    const double magnitude = std::fabs(real);
    if (!is_zero && (real == 0 || std::isinf(real))) {
        return refuse(Code::number_not_exact, start, "a number is outside the range of binary64");
    }
    // JCS spells these as integers that this reader refuses: what is accepted must stay readable as
    // JCS.
    if (magnitude > static_cast<double>(limits::kExactIntegerMax) && magnitude < 1e21) {
        return refuse(Code::number_not_exact, start, "a number is an integer outside ±(2^53−1)");
    }
    pending_.back().type = Type::real;
    pending_.back().payload.real = real;
    return true;
}

bool Reader::read_array() {
    if (!open_container(Type::array)) return false;
    if (*at_ == ']') return close_container();
    for (;;) {
        if (children_of_innermost() == limits::kJsonMembersMax) return refuse("too many elements");
        pending_.emplace_back();
        if (!read_value()) return false;
        skip_space();
        if (*at_ == ']') return close_container();
        if (*at_ != ',') return refuse("expected `,` or `]`");
        ++at_;
        skip_space();
    }
}

bool Reader::read_object() {
    if (!open_container(Type::object)) return false;
    if (*at_ == '}') return close_container();
    for (;;) {
        if (!read_name() || !read_value()) return false;
        skip_space();
        if (*at_ == '}') return close_container();
        if (*at_ != ',') return refuse("expected `,` or `}`");
        ++at_;
        skip_space();
    }
}

bool Reader::read_name() {
    if (*at_ != '"') return refuse("expected a member name");
    if (children_of_innermost() == limits::kJsonMembersMax) return refuse("too many members");
    const std::uint32_t offset = offset_of(at_);
    Text text;
    if (!read_string(text)) return false;
    Node& node = pending_.emplace_back();
    node.name_bytes = text.bytes;
    node.name_size = text.size;
    node.name_plain = text.plain;
    node.name_offset = offset;
    skip_space();
    if (*at_ != ':') return refuse("expected `:`");
    ++at_;
    skip_space();
    return true;
}

bool Reader::open_container(Type type) {
    if (depth_ == limits::kJsonDepthMax) return refuse("too many levels");
    pending_.back().type = type;
    open_[depth_++] = pending_.size() - 1;
    ++at_;
    skip_space();
    return true;
}

bool Reader::close_container() {
    Node* const container = pending_.data() + open_[depth_ - 1];
    Node* const begin = container + 1;
    Node* const end = pending_.data() + pending_.size();
    if (container->type == Type::object) {
        // Sorted input is the common case; the check costs what finding duplicates costs anyway.
        const auto not_before = [](const Node& a, const Node& b) { return !by_name(a, b); };
        if (std::adjacent_find(begin, end, not_before) != end) {
            std::sort(begin, end, by_name);
            if (std::adjacent_find(begin, end, not_before) != end) {
                return refuse(Code::json_duplicate_member, end_, "");  // settle finds where
            }
        }
    }
    std::vector<Node>& nodes = parts_->nodes;
    container->payload.first = nodes.size();
    container->size = static_cast<std::uint32_t>(end - begin);
    nodes.insert(nodes.end(), begin, end);
    pending_.resize(open_[depth_ - 1] + 1);
    --depth_;
    ++at_;
    pending_.back().end_offset = offset_of(at_);
    return true;
}

bool Reader::refuse(Code code, const char* at, const char* expected) {
    failure_ = {code, at, expected};
    return false;
}

Error Reader::settle() {
    std::string what = failure_.expected;
    for (std::size_t level = 0; level < depth_; ++level) {
        const Node* const container = pending_.data() + open_[level];
        if (container->type != Type::object) continue;
        const Node* const last =
            pending_.data() + (level + 1 < depth_ ? open_[level + 1] + 1 : pending_.size());
        const Node* const duplicate = first_duplicate(container + 1, last);
        if (duplicate == nullptr || begin_ + duplicate->name_offset >= failure_.at) continue;
        failure_ = {Code::json_duplicate_member, begin_ + duplicate->name_offset, ""};
        what = "a second member " + quoted(duplicate->name());
    }
    if (failure_.code == Code::json_malformed && failure_.at == end_) what = "the text ends early, " + what;
    const std::string_view text(begin_, parts_->text_size);
    const std::size_t offset = offset_of(failure_.at);
    const Position position = position_of(text, offset);
    return Error{failure_.code, what + " at offset " + std::to_string(offset) + " (line " +
                                    std::to_string(position.line) + ", column " +
                                    std::to_string(position.column) + ")"};
}

Result<Document> parse(std::string_view text) {
    return Reader(text).run();
}

Position position_of(std::string_view text, std::size_t offset) {
    INVARIANT(offset <= text.size());
    const std::string_view before = text.substr(0, offset);
    const std::size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0: the first line
    return {static_cast<std::size_t>(std::ranges::count(before, '\n')) + 1, offset - line_start + 1};
}

}  // namespace parmana::json
