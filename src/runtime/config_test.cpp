#include "runtime/config.hpp"

#include <gtest/gtest.h>

namespace parmana::runtime {
namespace {

TEST(Config, RoundTrips) {
    Config config;
    config.allow_derived_ids = true;
    config.keys_directory = "/elsewhere";
    EXPECT_EQ(parse_config(render_config(config)).value(), config);
}

TEST(Config, RefusesWhatItDoesNotKnow) {
    const struct {
        const char* text;
        const char* detail;
    } cases[] = {
        {R"({"thread":1})", "`thread` is not a configuration key"},
        {R"({"threads":"1"})", "`threads` must be an integer"},
        {R"({"threads":-1})", "`threads` must be between 0 and 256"},
        {R"({"commit_batch_max":0})", "`commit_batch_max` must be between 1 and 1024"},
        {R"({"allow_derived_ids":1})", "`allow_derived_ids` must be true or false"},
        {R"({"keys_directory":""})", "`keys_directory` must be a path"},
        {R"([])", "`config.json` must be an object"},
    };
    for (const auto& row : cases) {
        const auto config = parse_config(row.text);
        ASSERT_FALSE(config.has_value()) << row.text;
        EXPECT_EQ(config.error().code, Code::configuration_invalid);
        EXPECT_EQ(config.error().detail, row.detail);
    }
}

TEST(Config, TakesOverridesFromTheEnvironment) {
    ::setenv("PARMANA_COMMIT_BATCH_MAX", "1", 1);
    EXPECT_EQ(with_environment({}).value().commit_batch_max, 1);
    ::setenv("PARMANA_COMMIT_BATCH_MAX", "many", 1);
    EXPECT_EQ(with_environment({}).error().detail, "`commit_batch_max` must be an integer");
    ::unsetenv("PARMANA_COMMIT_BATCH_MAX");
}

}  // namespace
}  // namespace parmana::runtime
