// Document to RFC 8785. The members stand sorted in the nodes and most strings are spelled
// canonically in the text, so this is mostly copying.
#include <algorithm>
#include <charconv>
#include <cstring>
#include <string>

#include "base/bytes.hpp"
#include "json/json.hpp"
#include "json/node.hpp"

namespace parmana::json {
namespace {

// A string that is sized ahead of what is written, so that a short piece costs a comparison and a
// copy.
class Sink {
  public:
    Sink(std::string& out, std::size_t expected) : out_(out), used_(out.size()) {
        out_.resize(used_ + expected);
    }
    ~Sink() { out_.resize(used_); }
    Sink(const Sink&) = delete;
    Sink& operator=(const Sink&) = delete;

    void put(char c) { *room(1) = c, ++used_; }
    void put(std::string_view bytes) {
        std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
        used_ += bytes.size();
    }
    void put_integer(std::int64_t value) {
        char* const at = room(20);
        used_ += static_cast<std::size_t>(std::to_chars(at, at + 20, value).ptr - at);
    }
    void put_string(std::string_view text, bool plain) {
        if (plain) {
            char* const at = room(text.size() + 2);
            at[0] = '"';
            if (!text.empty()) std::memcpy(at + 1, text.data(), text.size());
            at[text.size() + 1] = '"';
            used_ += text.size() + 2;
        } else {
            out_.resize(used_);
            append_json_string(out_, text);
            used_ = out_.size();
        }
    }
    void put_number(double value) {
        out_.resize(used_);
        append_number(out_, value);
        used_ = out_.size();
    }

  private:
    char* room(std::size_t size) {
        if (out_.size() - used_ < size) out_.resize(std::max(out_.size() * 2, used_ + size));
        return out_.data() + used_;
    }

    std::string& out_;
    std::size_t used_;
};

void put_value(Sink& sink, const Node& node);

void put_container(Sink& sink, const Node& node) {
    const bool is_object = node.type == Type::object;
    sink.put(is_object ? '{' : '[');
    const Node* const begin = node.payload.children;
    for (const Node* child = begin; child != begin + node.size; ++child) {
        if (child != begin) sink.put(',');
        if (is_object) {
            sink.put_string(child->name(), child->name_plain);
            sink.put(':');
        }
        put_value(sink, *child);
    }
    sink.put(is_object ? '}' : ']');
}

void put_value(Sink& sink, const Node& node) {
    switch (node.type) {
        case Type::null:
            return sink.put("null");
        case Type::boolean:
            return sink.put(node.payload.boolean ? "true" : "false");
        case Type::integer:
            return sink.put_integer(node.payload.integer);
        case Type::real:
            return sink.put_number(node.payload.real);
        case Type::string:
            return sink.put_string(node.string(), node.plain);
        case Type::array:
        case Type::object:
            return put_container(sink, node);
    }
}

// Canonical form is rarely longer than the text.
std::size_t expected_size(const Node& node) {
    constexpr std::size_t kScalar = 24;
    return (node.is_container() ? node.end_offset - node.offset : node.size) + kScalar;
}

}  // namespace

void append_canonical(std::string& out, Value value) {
    const Node& node = *value.node_;
    Sink sink(out, expected_size(node));
    put_value(sink, node);
}

std::string canonical(Value value) {
    std::string out;
    append_canonical(out, value);
    return out;
}

bool is_canonical(const Document& document) {
    return canonical(document.root()) == document.text();
}

}  // namespace parmana::json
