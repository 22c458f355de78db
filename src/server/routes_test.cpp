#include "server/routes.hpp"

#include <gtest/gtest.h>

#include <set>

namespace parmana::server {
namespace {

TEST(Routes, MatchPathsByTheirSegments) {
    EXPECT_EQ(match_route("POST", "/evaluate").route->path, "/evaluate");
    EXPECT_EQ(match_route("GET", "/executions/a.b~c").parameters, std::vector<std::string>{"a.b~c"});
    EXPECT_EQ(match_route("GET", "/policies/p/1.0.0").parameters, (std::vector<std::string>{"p", "1.0.0"}));
    EXPECT_EQ(match_route("HEAD", "/health").route->path, "/health");
    for (const char* path :
         {"/", "/evaluate/", "/executions/", "/executions//evidence", "/policies/p", "evaluate", ""}) {
        EXPECT_EQ(match_route("GET", path).route, nullptr) << path;
        EXPECT_EQ(match_route("GET", path).allow, "") << path;
    }
    EXPECT_EQ(match_route("GET", "/evaluate").allow, "POST");
}

TEST(OpenApi, IsTheSameOnEveryRunAndCanonical) {
    const std::string text = openapi_document();
    EXPECT_EQ(text, openapi_document());
    EXPECT_TRUE(json::is_canonical(json::parse(text).value()));
}

TEST(OpenApi, HasEveryRouteAndEveryCodeAndNoDanglingReference) {
    const std::string text = openapi_document();
    const auto document = json::parse(text).value();
    const json::Value paths = *document.root().find("paths");
    EXPECT_EQ(paths.size(), routes().size());
    for (const Route& route : routes())
        EXPECT_TRUE(paths.find(route.path).has_value()) << route.path;
    const json::Value schemas = *document.root().find("components")->find("schemas");
    EXPECT_EQ(schemas.find("Code")->find("enum")->size(), code_table().size());
    constexpr std::string_view kPrefix = "#/components/schemas/";
    for (auto at = text.find(kPrefix); at != std::string::npos; at = text.find(kPrefix, at + 1)) {
        const std::size_t begin = at + kPrefix.size();
        const std::string name = text.substr(begin, text.find('"', begin) - begin);
        EXPECT_TRUE(schemas.find(name).has_value()) << name;
    }
}

}  // namespace
}  // namespace parmana::server
