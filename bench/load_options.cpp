#include "load_options.hpp"

#include <charconv>
#include <string_view>

#include "base/limits.hpp"

namespace parmana::bench {
namespace {

template <class T>
Status read_number(std::string_view flag, std::string_view text, T minimum, T maximum, T& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || end != text.data() + text.size() || out < minimum || out > maximum)
        return fail(Code::usage, "`" + std::string(flag) + "` does not take `" + std::string(text) + "`");
    return {};
}

bool is_id_byte(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '~' || c == '-';
}

Status read_value(LoadOptions& options, std::string_view flag, std::string_view text) {
    if (flag == "--port") return read_number<std::uint16_t>(flag, text, 1, 65535, options.port);
    if (flag == "--connections") return read_number(flag, text, 1, 1000, options.connections);
    if (flag == "--requests")
        return read_number<std::int64_t>(flag, text, 1, 1'000'000'000, options.requests);
    if (flag == "--seconds") return read_number(flag, text, 0.01, 86400.0, options.seconds);
    if (flag == "--copies") return read_number(flag, text, 1, 1000, options.copies);
    if (flag == "--pipeline")
        return read_number(flag, text, 1, int{limits::kPipelinedRequestsMax}, options.pipeline);
    if (flag == "--amount") return read_number<std::int64_t>(flag, text, 0, 900'000, options.amount);
    if (flag == "--batch") return read_number(flag, text, 1, int{limits::kBatchItemsMax}, options.batch);
    if (flag == "--query") {
        options.query = text;
        return {};
    }
    if (flag == "--record") {
        options.record = text;
        return {};
    }
    if (flag == "--ids") {
        options.ids = text;
        bool good = !text.empty() && text.size() <= limits::kExecutionIdBytesMax - 16;
        for (const char c : text)
            good = good && is_id_byte(c);
        if (good) return {};
        return fail(Code::usage, "`--ids` does not take `" + options.ids + "`");
    }
    return fail(Code::usage, "unknown option `" + std::string(flag) + "`");
}

}  // namespace

Result<LoadOptions> parse_load_options(int argc, char** argv) {
    LoadOptions options;
    for (int i = 1; i < argc; ++i) {
        const std::string_view flag = argv[i];
        if (flag == "--vary") {
            options.vary = true;
        } else if (flag == "--tolerate-disconnect") {
            options.tolerate_disconnect = true;
        } else if (i + 1 < argc) {
            TRY(read_value(options, flag, argv[++i]));
        } else {
            return fail(Code::usage, "`" + std::string(flag) + "` is unknown or lacks its value");
        }
    }
    if (options.port == 0) return fail(Code::usage, "`--port` is required");
    if (options.requests == 0 && options.seconds == 0)
        return fail(Code::usage, "one of `--requests` and `--seconds` is required");
    return options;
}

}  // namespace parmana::bench
