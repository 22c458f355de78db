// The order of calls is the grammar: every broken rule is a broken invariant.
#include <charconv>

#include "base/bytes.hpp"
#include "base/invariant.hpp"
#include "json/json.hpp"

namespace parmana::json {

Writer::~Writer() {
    INVARIANT(levels_.empty());
}

void Writer::before_value() {
    if (levels_.empty()) {
        INVARIANT(!complete_);
        complete_ = true;
        return;
    }
    Level& level = levels_.back();
    if (level.is_object) {
        INVARIANT(level.named);
        level.named = false;
    } else {
        if (!level.empty) out_.push_back(',');
        level.empty = false;
    }
}

Writer& Writer::object() {
    before_value();
    levels_.push_back({.is_object = true});
    out_.push_back('{');
    return *this;
}

Writer& Writer::array() {
    before_value();
    levels_.push_back({.is_object = false});
    out_.push_back('[');
    return *this;
}

Writer& Writer::end() {
    INVARIANT(!levels_.empty() && !levels_.back().named);
    out_.push_back(levels_.back().is_object ? '}' : ']');
    levels_.pop_back();
    return *this;
}

Writer& Writer::name(std::string_view name) {
    INVARIANT(!levels_.empty() && levels_.back().is_object && !levels_.back().named);
    Level& level = levels_.back();
    INVARIANT(level.empty || jcs_less(level.last_name, name));
    INVARIANT(is_utf8(name));
    if (!level.empty) out_.push_back(',');
    append_json_string(out_, name);
    out_.push_back(':');
    level.empty = false;
    level.named = true;
    level.last_name = name;
    return *this;
}

Writer& Writer::string(std::string_view text) {
    INVARIANT(is_utf8(text));
    before_value();
    append_json_string(out_, text);
    return *this;
}

Writer& Writer::integer(std::int64_t value) {
    INVARIANT(value >= -limits::kExactIntegerMax && value <= limits::kExactIntegerMax);
    before_value();
    char spelled[20];
    out_.append(spelled, std::to_chars(spelled, spelled + sizeof spelled, value).ptr);
    return *this;
}

Writer& Writer::number(double value) {
    before_value();
    append_number(out_, value);
    return *this;
}

Writer& Writer::boolean(bool value) {
    before_value();
    out_.append(value ? "true" : "false");
    return *this;
}

Writer& Writer::null() {
    before_value();
    out_.append("null");
    return *this;
}

Writer& Writer::raw(std::string_view canonical) {
    INVARIANT(!canonical.empty());
    before_value();
    out_.append(canonical);
    return *this;
}

Writer& Writer::value(Value value) {
    before_value();
    append_canonical(out_, value);
    return *this;
}

}  // namespace parmana::json
