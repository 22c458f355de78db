// The views that callers hold, and what a fault is to those who want an Error.
#include <utility>

#include "base/invariant.hpp"
#include "yaml/tree.hpp"

namespace parmana::yaml {

Error error_of(const Fault& fault) {
    return Error{Code::yaml_malformed, fault.message + " at line " + std::to_string(fault.position.line) +
                                           ", column " + std::to_string(fault.position.column)};
}

Kind Node::kind() const {
    if (is(Type::sequence)) return Kind::sequence;
    return is(Type::mapping) ? Kind::mapping : Kind::scalar;
}

Type Node::type() const {
    return record_->value.type;
}

Style Node::style() const {
    return record_->style;
}

Position Node::position() const {
    return record_->position;
}

std::size_t Node::offset() const {
    return record_->begin;
}

std::string_view Node::source() const {
    return std::string_view(record_->tree->text).substr(record_->begin, record_->end - record_->begin);
}

std::string_view Node::text() const {
    INVARIANT(kind() == Kind::scalar);
    return record_->text;
}

bool Node::boolean() const {
    INVARIANT(is(Type::boolean));
    return record_->value.boolean;
}

std::int64_t Node::integer() const {
    INVARIANT(is(Type::integer));
    return record_->value.integer;
}

double Node::real() const {
    INVARIANT(is(Type::real));
    return record_->value.real;
}

Position Node::position_of(std::size_t byte_offset_in_text) const {
    INVARIANT(byte_offset_in_text <= text().size());
    // Counted from where the scalar begins.
    const std::string_view text = std::string_view(record_->tree->text).substr(record_->begin);
    const Position within = position_in(text, sources_of(*record_)[byte_offset_in_text] - record_->begin);
    if (within.line > 1) return {record_->position.line + within.line - 1, within.column};
    return {record_->position.line, record_->position.column + within.column - 1};
}

std::span<const Node> Node::elements() const {
    INVARIANT(is(Type::sequence));
    return record_->elements;
}

std::span<const Member> Node::members() const {
    INVARIANT(is(Type::mapping));
    return record_->members;
}

std::optional<Node> Node::find(std::string_view name) const {
    for (const Member& member : members()) {
        if (member.key.text() == name) return member.value;
    }
    return std::nullopt;
}

Document::Document(std::unique_ptr<Tree> tree) : tree_(std::move(tree)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Node Document::root() const {
    return Node(tree_->records.front());
}

std::string_view Document::text() const {
    return tree_->text;
}

std::span<const Comment> Document::comments() const {
    return tree_->comments;
}

}  // namespace parmana::yaml
