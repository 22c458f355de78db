// Log lines: one JSON object a line on stderr. Never a secret, never a signal's value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace parmana::log {

enum class Level { info, warning, error };

struct Field {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, bool> value;
};

/// Writes `{"time":…,"level":…,"event":…, fields…}` in one write(2). `event` is a fixed word in snake_case.
/// Any thread may call it; invalid UTF-8 in a value is replaced by `?`.
void line(Level level, std::string_view event, std::initializer_list<Field> fields = {});

}  // namespace parmana::log
