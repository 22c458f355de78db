// What a Value views, and the accessors that whoever walks a document calls again and again, inline. Part of
// json.hpp, which includes it; nobody else does, and a Node is the module's own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/invariant.hpp"
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

inline Type Value::type() const {
    return node_->type;
}

inline bool Value::boolean() const {
    INVARIANT(node_->type == Type::boolean);
    return node_->payload.boolean;
}

inline std::int64_t Value::integer() const {
    INVARIANT(node_->type == Type::integer);
    return node_->payload.integer;
}

inline double Value::real() const {
    INVARIANT(node_->type == Type::real);
    return node_->payload.real;
}

inline std::string_view Value::string() const {
    INVARIANT(node_->type == Type::string);
    return node_->string();
}

inline std::string_view Value::name() const {
    return node_->name();
}

inline ElementRange Value::elements() const {
    INVARIANT(node_->type == Type::array);
    return {node_->payload.children, node_->payload.children + node_->size};
}

inline MemberRange Value::members() const {
    INVARIANT(node_->type == Type::object);
    return {node_->payload.children, node_->payload.children + node_->size};
}

inline ElementRange::Iterator& ElementRange::Iterator::operator++() {
    ++node_;
    return *this;
}

}  // namespace parmana::json
