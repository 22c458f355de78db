#include "http/reader.hpp"

#include <gtest/gtest.h>

#include "base/limits.hpp"

namespace parmana::http {
namespace {

using namespace std::string_literals;

struct Outcome {
    bool complete = false;
    Code code = Code::internal;  // of the failure, when there is one
    bool failed = false;
    Request request = {};
    std::size_t consumed = 0;
};

/// Reads one request that arrives `step` bytes at a time, as a connection would.
Outcome read_in_steps(std::string_view wire, std::size_t step, std::size_t body_bytes_max = 1'000'000) {
    Reader reader;
    reader.begin();
    Outcome outcome;
    bool in_body = false;
    for (std::size_t end = 0; end < wire.size() && !outcome.complete;) {
        end = std::min(end + step, wire.size());
        // The head and then the body may both be in one piece.
        for (bool again = true; again && !outcome.complete && outcome.consumed < end;) {
            const auto bytes = wire.substr(outcome.consumed, end - outcome.consumed);
            const auto progress = in_body ? reader.read_body(bytes) : reader.read_head(bytes);
            if (!progress) {
                outcome.failed = true;
                outcome.code = progress.error().code;
                return outcome;
            }
            outcome.consumed += progress->consumed;
            again = progress->consumed > 0;
            if (in_body || (progress->complete && !reader.head().has_body)) {
                outcome.complete = progress->complete;
            } else if (progress->complete) {
                in_body = true;
                reader.keep_body(body_bytes_max);
            }
        }
    }
    if (outcome.complete) outcome.request = reader.take();
    return outcome;
}

constexpr std::string_view kGet = "GET /a?b HTTP/1.1\r\nHost: localhost:1\r\n\r\n";

TEST(Reader, reads_what_a_handler_needs) {
    const Outcome outcome = read_in_steps(
        "POST /v1/evaluate?full=1 HTTP/1.1\r\nhost: x\r\nContent-type: \t application/json \r\n"
        "AUTHORIZATION: Bearer a b\r\nidempotency-KEY: \"k\"\r\nContent-Length: 3\r\n\r\nabc",
        1000);
    ASSERT_TRUE(outcome.complete);
    const Request& request = outcome.request;
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.path, "/v1/evaluate");
    EXPECT_EQ(request.query, "full=1");
    EXPECT_EQ(request.content_type, "application/json");
    EXPECT_EQ(request.authorization, "Bearer a b");
    EXPECT_EQ(request.idempotency_key, "\"k\"");
    EXPECT_TRUE(request.has_idempotency_key);
    EXPECT_EQ(request.body, "abc");
}

TEST(Reader, leaves_the_next_request_alone) {
    const Outcome outcome = read_in_steps(std::string(kGet) + std::string(kGet), 1000);
    ASSERT_TRUE(outcome.complete);
    EXPECT_EQ(outcome.consumed, kGet.size());
}

struct Message {
    std::string_view wire;
    std::string_view body;
};

constexpr std::string_view kPost = "POST / HTTP/1.1\r\nHost: x\r\n";

TEST(Reader, reads_the_same_however_the_bytes_are_cut) {
    const Message messages[] = {
        {"Content-Length: 10\r\n\r\n0123456789", "0123456789"},
        {"Content-Length: 0\r\n\r\n", ""},
        {"\r\n", ""},
        {"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", ""},
        {"Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "abc"},
        {"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n000B\r\n0123456789\n\r\n00\r\n\r\n", "a0123456789\n"},
        {"Transfer-Encoding: chunked\r\n\r\n3;n=v\r\nabc\r\n0;m=\"q\"\r\nHost: evil\r\nX: "
         "y\r\n\r\n",
         "abc"},
    };
    for (const Message& message : messages) {
        const std::string wire = std::string(kPost) + std::string(message.wire);
        for (std::size_t step = 1; step <= wire.size(); ++step) {
            const Outcome outcome = read_in_steps(wire, step);
            ASSERT_TRUE(outcome.complete) << wire << " in steps of " << step;
            EXPECT_EQ(outcome.request.body, message.body);
            EXPECT_EQ(outcome.consumed, wire.size());
        }
    }
}

TEST(Reader, refuses_what_could_be_framed_in_two_ways) {
    const std::string requests[] = {
        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        "Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        "Content-Length: 3, 3\r\n\r\nabc",
        "Content-Length: +3\r\n\r\nabc",
        "Content-Length: -3\r\n\r\nabc",
        "Content-Length: 0x3\r\n\r\nabc",
        "Content-Length: 3 3\r\n\r\nabc",
        "Content-Length:\r\n\r\nabc",
        "Content-Length: 18446744073709551616\r\n\r\nabc",
        "Content-Length : 3\r\n\r\nabc",
        "Transfer-Encoding: gzip\r\n\r\n",
        "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding:\x0b"
        "chunked\r\n\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n0x3\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n 3\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3\r\nabcXX0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n10000000000000000\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3;x=\"\n\"\r\nabc\r\n0\r\n\r\n",
        "Transfer-Encoding: chunked\r\n\r\n3\n;x=y\r\nabc\r\n0\r\n\r\n",
        "Host: x\r\n\r\n",
        "Content-Type: a\r\nContent-Type: a\r\n\r\n",
        "Authorization: a\r\nAuthorization: b\r\n\r\n",
        "Idempotency-Key: a\r\nidempotency-key: a\r\n\r\n",
        "Origin: http://x\r\nOrigin: http://x\r\n\r\n",
        "Expect: something\r\n\r\n",
        "A: b\r\n c\r\n\r\n",
        "A: b\r\n\tc\r\n\r\n",
        " A: b\r\n\r\n",
        "A: b\n\r\n",
        "A: b\r\n\n",
        "A: b\rC: d\r\n\r\n",
        "A: b\0c\r\n\r\n"s,
        "A b\r\n\r\n",
        ": b\r\n\r\n",
        "Connection: ,;\r\n\r\n",
    };
    for (const std::string& rest : requests) {
        const std::string wire = std::string(kPost) + rest + "     ";
        for (const std::size_t step : {std::size_t{1}, std::size_t{7}, wire.size()}) {
            const Outcome outcome = read_in_steps(wire, step);
            EXPECT_TRUE(outcome.failed) << rest << " in steps of " << step;
            EXPECT_EQ(outcome.code, Code::request_malformed) << rest;
        }
    }
}

TEST(Reader, refuses_request_lines_that_are_not_ours) {
    for (const std::string_view line :
         {"GET / HTTP/2.0", "GET / HTTP/0.9", "GET / HTTP/1.2", "GET / HTTP/3.0", "GET / http/1.1", "GET /",
          "GET", "GET  / HTTP/1.1", "GET /  HTTP/1.1", "GET / HTTP/1.1 ", "G(T / HTTP/1.1", " GET / HTTP/1.1",
          "GET a HTTP/1.1", "CONNECT localhost:1 HTTP/1.1", "GET /a\tb HTTP/1.1", "GET / HTTP/11",
          "\x16\x03\x01\x02", "\r\nGET / HTTP/1.1"}) {
        const Outcome outcome = read_in_steps(std::string(line) + "\r\nHost: x\r\n\r\n", 1);
        EXPECT_TRUE(outcome.failed) << line;
        EXPECT_EQ(outcome.code, Code::request_malformed) << line;
    }
}

TEST(Reader, wants_a_Host_of_HTTP_1_1_but_not_of_HTTP_1_0) {
    EXPECT_TRUE(read_in_steps("GET / HTTP/1.1\r\n\r\n", 100).failed);
    EXPECT_TRUE(read_in_steps("GET / HTTP/1.0\r\n\r\n", 100).complete);
    EXPECT_TRUE(read_in_steps("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 100).failed);
}

TEST(Reader, reads_a_header_section_up_to_the_limit_and_no_byte_more) {
    const std::string start = "GET / HTTP/1.1\r\nHost: x\r\nA: ";
    const std::string fits =
        start + std::string(limits::kHeaderBytesMax - start.size() - 4, 'a') + "\r\n\r\n";
    EXPECT_TRUE(read_in_steps(fits, 4096).complete);
    const std::string over =
        start + std::string(limits::kHeaderBytesMax - start.size() - 3, 'a') + "\r\n\r\n";
    for (const std::size_t step : {std::size_t{1}, std::size_t{4096}, over.size()}) {
        const Outcome outcome = read_in_steps(over, step);
        EXPECT_TRUE(outcome.failed);
        EXPECT_EQ(outcome.code, Code::headers_too_large);
    }
}

TEST(Reader, bounds_chunk_headers_and_trailers) {
    const std::string chunked = std::string(kPost) + "Transfer-Encoding: chunked\r\n\r\n";
    const std::string filler(limits::kHeaderBytesMax + 10, 'a');
    EXPECT_TRUE(read_in_steps(chunked + "3;" + filler, 4096).failed);
    EXPECT_TRUE(read_in_steps(chunked + "0\r\nA: " + filler, 4096).failed);
}

TEST(Reader, keeps_no_more_of_a_body_than_it_may) {
    for (const std::string_view rest :
         {"Content-Length: 6\r\n\r\n012345",
          "Transfer-Encoding: chunked\r\n\r\n2\r\n01\r\n4\r\n2345\r\n0\r\n\r\n"}) {
        const std::string wire = std::string(kPost) + std::string(rest);
        EXPECT_EQ(read_in_steps(wire, 1, 6).request.body, "012345");
        const Outcome over = read_in_steps(wire, 1, 5);
        EXPECT_TRUE(over.complete) << "the rest is read away";
        EXPECT_EQ(over.request.body, "");
    }
}

}  // namespace
}  // namespace parmana::http
