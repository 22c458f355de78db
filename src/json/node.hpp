// The memory of a document: its text, and one flat array of nodes in which the children of a
// container stand side by side (members sorted in JCS order). Private to the module.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "json/json.hpp"

namespace parmana::json {

/// `plain` strings are spelled in the text as JCS spells them, so they are copied without looking
/// at them.
struct Node {
    union Payload {
        std::int64_t integer = 0;
        double real;
        bool boolean;
        const char* bytes;     // of a string
        std::size_t first;     // of a container, while reading: index of its first child
        const Node* children;  // of a container, once read
    };

    Payload payload;
    const char* name_bytes = nullptr;
    std::uint32_t name_size = 0;
    std::uint32_t size = 0;  // bytes of a string, children of a container
    std::uint32_t offset = 0;
    std::uint32_t name_offset = 0;
    std::uint32_t end_offset = 0;  // of a container: one past its closing bracket
    Type type = Type::null;
    bool plain = false;
    bool name_plain = false;

    std::string_view name() const { return {name_bytes, name_size}; }
    std::string_view string() const { return {payload.bytes, size}; }
    bool is_container() const { return type == Type::array || type == Type::object; }
};

/// Everything that Values point into stands behind pointers that a move does not change.
struct Document::Parts {
    std::unique_ptr<char[]> text;  // followed by zero bytes, see Reader
    std::size_t text_size = 0;
    std::unique_ptr<char[]> unescaped;  // the strings that were spelled with escapes
    std::vector<Node> nodes;            // the last one is the root
};

}  // namespace parmana::json
