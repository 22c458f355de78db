#include "load_message.hpp"

#include <strings.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/invariant.hpp"

namespace parmana::bench {
namespace {

constexpr std::size_t kNumberWidth = 14;  // up to twelve digits, a quote and a comma
constexpr std::size_t kAmountWidth = 6;

void patch(std::string& bytes, std::size_t at, std::size_t width, std::int64_t value, std::string_view tail) {
    char* const begin = bytes.data() + at;
    const auto [end, error] = std::to_chars(begin, begin + width - tail.size(), value);
    INVARIANT(error == std::errc());
    std::memcpy(end, tail.data(), tail.size());
    char* const rest = end + tail.size();
    std::memset(rest, ' ', static_cast<std::size_t>(begin + width - rest));
}

// The text of the string member that `key` (with quotes and colon) introduces, or nothing.
std::string_view string_member(std::string_view body, std::string_view key) {
    const void* found = memmem(body.data(), body.size(), key.data(), key.size());
    if (found == nullptr) return {};
    const char* const begin = static_cast<const char*>(found) + key.size();
    const auto left = static_cast<std::size_t>(body.data() + body.size() - begin);
    const void* end = std::memchr(begin, '"', left);
    if (end == nullptr) return {};
    return {begin, static_cast<std::size_t>(static_cast<const char*>(end) - begin)};
}

int count_of(std::string_view body, std::string_view text) {
    int count = 0;
    for (auto at = body.find(text); at != std::string_view::npos; at = body.find(text, at + text.size()))
        ++count;
    return count;
}

std::optional<std::size_t> content_length(std::string_view head) {
    constexpr std::string_view kName = "content-length:";
    std::size_t at = head.find("\r\n");
    while (at != std::string_view::npos) {
        at += 2;
        if (head.size() - at > kName.size() && strncasecmp(&head[at], kName.data(), kName.size()) == 0) {
            at += kName.size();
            while (at < head.size() && head[at] == ' ')
                ++at;
            std::size_t value = 0;
            const auto end = head.data() + head.size();
            if (std::from_chars(&head[at], end, value).ec != std::errc()) return std::nullopt;
            return value;
        }
        at = head.find("\r\n", at);
    }
    return std::nullopt;
}

}  // namespace

RequestTemplate::RequestTemplate(const LoadOptions& options) {
    std::string body = options.batch > 0 ? "{\"items\":[" : "";
    for (int i = 0; i < std::max(options.batch, 1); ++i) {
        body += i > 0 ? "," : "";
        body += "{\"executionId\":\"" + options.ids + "-";
        numbers_at_.push_back(body.size());
        body.append(kNumberWidth, ' ');
        body += R"("policyId":"claims-approval","policyVersion":"1.0.0","signals":{"claim_amount":)";
        amounts_at_.push_back(body.size());
        body.append(kAmountWidth, ' ');
        body += R"(,"vip_customer":false}})";
    }
    if (options.batch > 0) body += "]}";
    bytes_ = std::string("POST /evaluate") + (options.batch > 0 ? "/batch" : "") +
             (options.query.empty() ? "" : "?") + options.query +
             " HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(options.port) +
             "\r\nContent-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
             "\r\n\r\n";
    for (auto* places : {&numbers_at_, &amounts_at_}) {
        for (std::size_t& at : *places)
            at += bytes_.size();
    }
    bytes_ += body;
}

void RequestTemplate::append(std::string& out, std::int64_t number, std::int64_t amount) {
    for (const std::size_t at : numbers_at_)
        patch(bytes_, at, kNumberWidth, number++, "\",");
    for (const std::size_t at : amounts_at_)
        patch(bytes_, at, kAmountWidth, amount, "");
    out += bytes_;
}

Parsed parse_answer(std::string_view bytes, int batch, Answer& answer) {
    constexpr std::string_view kVersion = "HTTP/1.1 ";
    const std::size_t head_size = bytes.find("\r\n\r\n");
    if (head_size == std::string_view::npos)
        return bytes.size() > 16 * 1024 ? Parsed::malformed : Parsed::partial;
    const std::string_view head = bytes.substr(0, head_size + 2);
    if (!head.starts_with(kVersion) || head.size() < kVersion.size() + 3) return Parsed::malformed;
    const char* const digits = head.data() + kVersion.size();
    const auto status = std::from_chars(digits, digits + 3, answer.status);
    if (status.ec != std::errc() || status.ptr != digits + 3) return Parsed::malformed;
    const auto length = content_length(head);
    if (!length) return Parsed::malformed;
    answer.size = head_size + 4 + *length;
    if (bytes.size() < answer.size) return Parsed::partial;
    const std::string_view body = bytes.substr(head_size + 4, *length);
    answer.word = string_member(body, answer.status == 200 ? R"("decision":")" : R"("code":")");
    answer.execution_id = string_member(body, R"("execution_id":")");
    if (batch > 0 && count_of(body, R"("status":200})") != batch) answer.word = "not every item was decided";
    return Parsed::whole;
}

}  // namespace parmana::bench
