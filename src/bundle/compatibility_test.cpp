#include "bundle/compatibility.hpp"

#include <gtest/gtest.h>

#include "bundle/samples_test.hpp"

namespace parmana::bundle {
namespace {

Manifest manifest_with(Requirements requirements) {
    const Bundle bundle =
        draft(samples::only(samples::kClaimsApproval), {1, std::move(requirements)}).value();
    return parse_manifest(bundle.envelope.payload).value();
}

const Abilities kAbilities{"1.4.0", {"batch", "wait.included"}};

void expect_refused(const Manifest& manifest, Code code, const std::string& why) {
    const Status status = check_compatible(manifest, kAbilities);
    ASSERT_FALSE(status) << why;
    EXPECT_EQ(status.error().code, code);
    EXPECT_EQ(status.error().detail, why);
}

TEST(Compatibility, APolicyThatAsksForNothingOrForWhatIsThereMayGovern) {
    EXPECT_TRUE(check_compatible(manifest_with({}), kAbilities));
    EXPECT_TRUE(check_compatible(manifest_with({{"batch"}, "1.4.0"}), kAbilities));
    EXPECT_TRUE(check_compatible(manifest_with({{"batch", "wait.included"}, "1.4.0-rc.1"}), kAbilities));
}

TEST(Compatibility, TheMismatchIsToldPrecisely) {
    expect_refused(manifest_with({{}, "1.4.1"}), Code::runtime_incompatible,
                   "the policy needs version `1.4.1` of the program or a newer one, and this is `1.4.0`");
    expect_refused(manifest_with({{"batch", "wait.witnessed"}, {}}), Code::runtime_incompatible,
                   "the policy needs the capability `wait.witnessed`, which this program does not have");
    Manifest other = manifest_with({{"wait.witnessed"}, "2.0.0"});
    expect_refused(other, Code::runtime_incompatible,
                   "the policy needs version `2.0.0` of the program or a newer one, and this is `1.4.0`");
    other.schema_version = "2.0.0";
    expect_refused(other, Code::schema_unknown, "the schema version `2.0.0` is not one of `1.0.0`, `1.1.0`");
    other.language_profile = "parmana-verse/1";
    expect_refused(other, Code::profile_unknown, "`parmana-verse/1` is not a known language profile");
}

TEST(Compatibility, VersionsAreInTheOrderOfSemVer) {
    const char* ascending[] = {"0.0.9",
                               "0.0.10",
                               "0.1.0-alpha",
                               "0.1.0-alpha.1",
                               "0.1.0-alpha.beta",
                               "0.1.0-beta",
                               "0.1.0-beta.2",
                               "0.1.0-beta.11",
                               "0.1.0-rc.1",
                               "0.1.0",
                               "0.2.0",
                               "0.10.0",
                               "1.0.0-0",
                               "1.0.0",
                               "2.0.0",
                               "10.0.0",
                               "18446744073709551616.0.0"};
    for (std::size_t i = 0; i < std::size(ascending); ++i) {
        for (std::size_t j = 0; j < std::size(ascending); ++j)
            EXPECT_EQ(version_less(ascending[i], ascending[j]), i < j) << ascending[i] << " " << ascending[j];
    }
    EXPECT_FALSE(version_less("1.0.0+a", "1.0.0+b"));
    EXPECT_FALSE(version_less("1.0.0+b-1", "1.0.0"));
    EXPECT_TRUE(version_less("1.0.0-a+9", "1.0.0"));
}

}  // namespace
}  // namespace parmana::bundle
