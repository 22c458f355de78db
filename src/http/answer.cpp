#include "http/answer.hpp"

#include <charconv>

#include "base/invariant.hpp"

namespace parmana::http {
namespace {

constexpr std::string_view reason_of(int status) {
    switch (status) {
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 410:
            return "Gone";
        case 412:
            return "Precondition Failed";
        case 413:
            return "Content Too Large";
        case 415:
            return "Unsupported Media Type";
        case 422:
            return "Unprocessable Content";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 503:
            return "Service Unavailable";
        default:
            return "";  // a reason may be empty (RFC 9112 §4)
    }
}

void append_number(std::string& out, std::size_t number) {
    char digits[20];
    const auto [end, failure] = std::to_chars(digits, digits + sizeof digits, number);
    INVARIANT(failure == std::errc());
    out.append(digits, end);
}

}  // namespace

void append_answer(std::string& out, const Response& response, AnswerForm form) {
    INVARIANT(response.status >= 200 && response.status <= 599);
    out += "HTTP/1.1 ";
    append_number(out, static_cast<std::size_t>(response.status));
    out += ' ';
    out += reason_of(response.status);
    out += "\r\nContent-Type: ";
    out += response.content_type;
    out += "\r\nContent-Length: ";
    append_number(out, response.body.size());
    if (form.close) out += "\r\nConnection: close";
    if (!response.allow.empty()) {
        out += "\r\nAllow: ";
        out += response.allow;
    }
    if (response.status == 503) out += "\r\nRetry-After: 1";
    out += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n";
    if (!form.without_body) out += response.body;
}

}  // namespace parmana::http
