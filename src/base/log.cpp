#include "base/log.hpp"

#include <unistd.h>

#include "base/bytes.hpp"
#include "base/clock.hpp"

namespace parmana::log {
namespace {

constexpr std::string_view name_of(Level level) {
    switch (level) {
        case Level::info:
            return "info";
        case Level::warning:
            return "warning";
        case Level::error:
            return "error";
    }
    return "error";
}

void append_text(std::string& out, std::string_view text) {
    std::string ascii;
    for (const char c : text)
        ascii.push_back(static_cast<unsigned char>(c) < 0x80 ? c : '?');
    append_json_string(out, ascii);
}

}  // namespace

void line(Level level, std::string_view event, std::initializer_list<Field> fields) {
    std::string out = "{\"time\":" + std::to_string(SystemClock().now().value()) + ",\"level\":";
    append_text(out, name_of(level));
    out += ",\"event\":";
    append_text(out, event);
    for (const Field& field : fields) {
        out.push_back(',');
        append_text(out, field.name);
        out.push_back(':');
        if (const auto* text = std::get_if<std::string_view>(&field.value)) {
            append_text(out, *text);
        } else if (const auto* number = std::get_if<std::int64_t>(&field.value)) {
            out += std::to_string(*number);
        } else {
            out += std::get<bool>(field.value) ? "true" : "false";
        }
    }
    out += "}\n";
    // A log line that cannot be written must not stop a decision: there is nothing better to do here.
    [[maybe_unused]] const ssize_t written = ::write(STDERR_FILENO, out.data(), out.size());
}

}  // namespace parmana::log
