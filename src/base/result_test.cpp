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

}  // namespace
}  // namespace parmana
