#include "http/rules.hpp"

#include <gtest/gtest.h>

#include "http/answer.hpp"

namespace parmana::http {
namespace {

struct AuthorityRow {
    std::string_view authority;
    bool ours;
};

constexpr AuthorityRow kAuthorities[] = {
    {"localhost:3000", true},
    {"LocalHost:3000", true},
    {"127.0.0.1:3000", true},
    {"[::1]:3000", true},
    {"127.8.0.1:3000", true},
    {"localhost", false},
    {"127.0.0.1", false},
    {"[::1]", false},
    {"localhost:3001", false},
    {"localhost:03000", false},
    {"localhost:", false},
    {"localhost:3000:3000", false},
    {"localhost.:3000", false},
    {"evil.example:3000", false},
    {"localhost.evil.example:3000", false},
    {"user@localhost:3000", false},
    {"::1:3000", false},
    {"[::1:3000", false},
    {"127.0.0.2:3000", false},
    {"127.1:3000", false},
    {"", false},
    {":3000", false},
    {"[::1]x:3000", false},
    {" localhost:3000", false},
    {"localhost:3000 ", false},
    {"0.0.0.0:3000", false},
    {"[::ffff:127.0.0.1]:3000", false},
};

TEST(HostRules, accept_only_our_names_with_our_port) {
    const HostRules rules("127.8.0.1", 3000);
    for (const auto& row : kAuthorities)
        EXPECT_EQ(rules.names_us(row.authority), row.ours) << row.authority;
}

TEST(HostRules, let_the_port_be_left_out_only_when_it_is_80) {
    const HostRules rules("::1", 80);
    EXPECT_TRUE(rules.names_us("localhost"));
    EXPECT_TRUE(rules.names_us("[::1]"));
    EXPECT_TRUE(rules.names_us("localhost:80"));
    EXPECT_FALSE(rules.names_us("localhost:8080"));
}

TEST(HostRules, accept_only_our_own_pages_as_origin) {
    const HostRules rules("127.0.0.1", 3000);
    for (const auto& row : kAuthorities) {
        if (row.authority == "127.8.0.1:3000") continue;
        EXPECT_EQ(rules.is_our_origin("http://" + std::string(row.authority)), row.ours) << row.authority;
    }
    for (const std::string_view origin :
         {"null", "", "http://", "https://localhost:3000", "http://localhost:3000/", "localhost:3000",
          "http://localhost:3000 http://evil.example", "HTTP://localhost:3000"})
        EXPECT_FALSE(rules.is_our_origin(origin)) << origin;
}

TEST(Target, is_split_at_the_first_question_mark_and_not_decoded) {
    const auto target = target_from("GET", "/a%2Fb/../c?x=%3F?y=1");
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->authority, "");
    EXPECT_EQ(target->path, "/a%2Fb/../c");
    EXPECT_EQ(target->query, "x=%3F?y=1");
}

TEST(Target, in_absolute_form_gives_its_authority_away) {
    const auto full = target_from("GET", "HTTP://localhost:3000/a?b");
    ASSERT_TRUE(full.has_value());
    EXPECT_EQ(full->authority, "localhost:3000");
    EXPECT_EQ(full->path, "/a");
    EXPECT_EQ(full->query, "b");
    const auto bare = target_from("GET", "http://localhost:3000?b");
    ASSERT_TRUE(bare.has_value());
    EXPECT_EQ(bare->path, "/");
    EXPECT_EQ(bare->query, "b");
}

TEST(Target, refuses_the_other_forms) {
    for (const std::string_view text : {"", "a", "localhost:3000", "https://localhost/", "http://",
                                        "http:///a", "*", "/a#b", "/a b", "/\x7f", "/\xc3\xa9", "//\n"})
        EXPECT_FALSE(target_from("GET", text).has_value()) << text;
    EXPECT_TRUE(target_from("OPTIONS", "*").has_value());
}

TEST(Answer, is_the_same_bytes_whenever_it_is_given) {
    std::string out;
    append_answer(out, {200, "application/json", "{}"}, {});
    EXPECT_EQ(out,
              "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
              "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n{}");
}

TEST(Answer, says_close_allow_and_retry_where_they_belong) {
    std::string out;
    append_answer(out, {405, "text/plain", "no", "GET, HEAD"}, {.close = true});
    EXPECT_EQ(out,
              "HTTP/1.1 405 Method Not Allowed\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n"
              "Connection: close\r\nAllow: GET, HEAD\r\n"
              "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\nno");
    out.clear();
    append_answer(out, {503, "text/plain", "later"}, {.without_body = true});
    EXPECT_EQ(out,
              "HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n"
              "Retry-After: 1\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\r\n");
}

}  // namespace
}  // namespace parmana::http
