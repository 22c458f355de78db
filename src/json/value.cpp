// Views into a parsed document.
#include <cstring>

#include "base/invariant.hpp"
#include "json/json.hpp"
#include "json/node.hpp"
#include "json/order.hpp"
#include "json/text.hpp"

namespace parmana::json {

bool jcs_less(std::string_view a, std::string_view b) {
    return jcs_compare(a, b) < 0;
}

namespace {

bool is_ascii(const char* eight_bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, eight_bytes, sizeof word);
    return (word & 0x8080'8080'8080'8080) == 0;
}

}  // namespace

bool is_utf8(std::string_view text) {
    const char* at = text.data();
    const char* const end = at + text.size();
    while (at != end) {
        // Most text is ASCII: eight bytes at once.
        while (end - at >= 8 && is_ascii(at))
            at += 8;
        if (at == end) break;
        if (byte_of(*at) < 0x80) {
            ++at;
        } else if (!pass_multibyte(at, end)) {
            return false;
        }
    }
    return true;
}

Document::Document(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;
Document::~Document() = default;

Value Document::root() const {
    return Value(&parts_->nodes.back());
}

std::string_view Document::text() const {
    return {parts_->text.get(), parts_->text_size};
}

double Value::number() const {
    return node_->type == Type::integer ? static_cast<double>(integer()) : real();
}

std::size_t Value::size() const {
    INVARIANT(node_->is_container());
    return node_->size;
}

std::optional<Value> Value::find(std::string_view name) const {
    INVARIANT(node_->type == Type::object);
    const Node* low = node_->payload.children;
    std::size_t count = node_->size;
    while (count > 0) {
        const Node* const middle = low + count / 2;
        const int order = jcs_compare(middle->name(), name);
        if (order == 0) return Value(middle);
        if (order < 0) {
            low = middle + 1;
            count -= count / 2 + 1;
        } else {
            count /= 2;
        }
    }
    return std::nullopt;
}

std::size_t Value::offset() const {
    return node_->offset;
}
std::size_t Value::name_offset() const {
    return node_->name_offset;
}

}  // namespace parmana::json
