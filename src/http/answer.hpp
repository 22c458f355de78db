// The bytes of an answer. Pure.
#pragma once

#include <string>
#include <string_view>

#include "http/http.hpp"

namespace parmana::http {

inline constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

struct AnswerForm {
    bool without_body = false;  // the request was HEAD: every header, no body
    bool close = false;         // this is the last answer of the connection
};

/// Appends status line, headers and body (RFC 9112 §4). Every answer is `no-store` and `nosniff`; a 503 says
/// `Retry-After: 1`. There is no Date and no Server: an answer is the same bytes whenever it is given.
void append_answer(std::string& out, const Response& response, AnswerForm form);

}  // namespace parmana::http
