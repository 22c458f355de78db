#include "base/result.hpp"

#include <gtest/gtest.h>

#include <set>

namespace parmana {
namespace {

Result<int> half(int n) {
    if (n % 2 != 0) return fail(Code::usage, "`n` is odd", "/n");
    return n / 2;
}

Result<int> quarter(int n) {
    const int once = TRY(half(n));
    return TRY(half(once));
}

TEST(Result, TryReturnsTheFirstErrorUnchanged) {
    EXPECT_EQ(quarter(8).value(), 2);
    EXPECT_EQ(quarter(6).error(), (Error{Code::usage, "`n` is odd", "/n"}));
}

TEST(Codes, HaveUniqueSpellingsAndFindThemselves) {
    std::set<std::string_view> seen;
    for (const CodeRow& row : code_table()) {
        EXPECT_TRUE(seen.insert(row.wire).second) << row.wire;
        EXPECT_EQ(code_from_wire(row.wire), row.code);
        EXPECT_EQ(&row_of(row.code), &row);
        EXPECT_GE(row.http_status, 400);
        EXPECT_GE(row.exit_code, 1);
    }
    EXPECT_EQ(code_from_wire("no_such_code"), std::nullopt);
}

TEST(Codes, KeepEverySpellingThatWasEverPromised) {
    for (const char* wire : {"json_malformed",
                             "json_duplicate_member",
                             "yaml_malformed",
                             "number_not_exact",
                             "member_unknown",
                             "member_missing",
                             "body_too_large",
                             "signal_missing",
                             "signal_type",
                             "signal_range",
                             "signal_unknown",
                             "policy_unknown",
                             "policy_unsigned",
                             "policy_altered",
                             "policy_superseded",
                             "evaluation_error",
                             "execution_id_invalid",
                             "execution_id_required",
                             "execution_identity_consumed",
                             "execution_identity_conflict",
                             "execution_unknown",
                             "store_unavailable",
                             "storage_full",
                             "overloaded",
                             "outcome_unknown",
                             "not_included"}) {
        EXPECT_TRUE(code_from_wire(wire).has_value()) << wire;
    }
}

}  // namespace
}  // namespace parmana
