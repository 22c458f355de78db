#include "release/release.hpp"

#include <gtest/gtest.h>

#include "json/json.hpp"
#include "trust/samples_test.hpp"

namespace parmana::release {
namespace {

using trust::Role;
using trust::samples::key;

Digest digest(std::uint8_t fill) {
    Digest out;
    out.fill(fill);
    return out;
}

Manifest manifest() {
    return {{{"parmana", {digest(1), 40}}, {"parmana-verify", {digest(2), 30}}},
            7,
            digest(3),
            {digest(4), digest(5)},
            Materials{"parmana.spdx.json", digest(6)},
            "0.2.0"};
}

/// Two of the three release keys 11, 12 and 13 must sign.
trust::Root root(std::int64_t threshold = 2) {
    trust::RootContent content = trust::samples::content();
    content.roles[Role::release] = trust::samples::members({11, 12, 13}, threshold);
    return trust::samples::root(content);
}

Release signed_by(std::initializer_list<std::uint64_t> seeds) {
    Release out = draft(manifest()).value();
    for (const std::uint64_t seed : seeds)
        EXPECT_TRUE(dsse::add_signature(out.envelope, key(seed)));
    return out;
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

void expect_invalid(const Result<Manifest>& read, const std::string& pointer) {
    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, Code::release_invalid);
    EXPECT_EQ(read.error().pointer, pointer) << read.error().detail;
}

TEST(Release, HasOneSpelling) {
    const Release made = draft(manifest()).value();
    const auto of = [](std::uint8_t fill) { return to_wire(digest(fill)); };
    EXPECT_EQ(
        made.envelope.payload,
        R"({"artifacts":[{"digest":")" + of(1) + R"(","path":"parmana","size":40},{"digest":")" + of(2) +
            R"(","path":"parmana-verify","size":30}],"counter":7,"format":"parmana-release/1","previous":")" +
            of(3) + R"(","runtimeHashes":[")" + of(4) + R"(",")" + of(5) + R"("],"sbom":{"digest":")" +
            of(6) + R"(","path":"parmana.spdx.json"},"version":"0.2.0"})");
    EXPECT_EQ(made.envelope.payload_type, "application/vnd.parmana.release+json");
    EXPECT_EQ(parse_manifest(made.envelope.payload).value(), manifest());
    EXPECT_EQ(release_hash(made), crypto::sha256(made.envelope.payload));
}

TEST(Release, IsReadAsItWasWritten) {
    const Release made = signed_by({11, 12});
    const std::string text = render(made);
    EXPECT_TRUE(json::is_canonical(json::parse(text).value()));
    const Release read = parse(text + "\n").value();
    EXPECT_EQ(read.envelope, made.envelope);
    EXPECT_EQ(read.manifest, manifest());
    EXPECT_FALSE(parse(text + "\n\n"));
    EXPECT_FALSE(parse(" " + text));
}

TEST(Release, TheFirstFollowsNothingAndNeedsNoBillOfMaterials) {
    Manifest first = manifest();
    first.previous = std::nullopt;
    first.sbom = std::nullopt;
    EXPECT_EQ(draft(first).value().manifest, first);
}

TEST(Release, ASignatureOfEachOfEnoughKeysIsNeeded) {
    EXPECT_TRUE(check_signatures(signed_by({11, 12}).envelope, root()));
    EXPECT_TRUE(check_signatures(signed_by({13, 12, 11}).envelope, root()));
    for (const auto& few : {signed_by({}), signed_by({11}), signed_by({12, 12})}) {
        const auto checked = check_signatures(few.envelope, root());
        ASSERT_FALSE(checked);
        EXPECT_EQ(checked.error().code, Code::release_unsigned);
    }
    EXPECT_TRUE(check_signatures(signed_by({11}).envelope, root(1)));
}

TEST(Release, OneKeyThatSignedTwiceIsOneKey) {
    Release twice = signed_by({11});
    const dsse::KeySignature one = twice.envelope.signatures.front();
    twice.envelope.signatures.push_back(one);
    EXPECT_FALSE(check_signatures(twice.envelope, root()));
    EXPECT_FALSE(parse(render(twice))) << "nor can it be written down";
    EXPECT_EQ(signed_by({11, 11}).envelope.signatures.size(), 1u);
}

TEST(Release, KeysOfOtherRolesAndOtherRootsDoNotCount) {
    EXPECT_FALSE(check_signatures(signed_by({11, 4}).envelope, root())) << "a policy key";
    EXPECT_FALSE(check_signatures(signed_by({11, 1}).envelope, root())) << "a root key";
    EXPECT_FALSE(check_signatures(signed_by({11, 99}).envelope, root())) << "a stranger";
    EXPECT_FALSE(check_signatures(signed_by({11, 12, 99}).envelope, root()))
        << "nothing is in it that was not judged";
    EXPECT_FALSE(
        check_signatures(signed_by({11, 12}).envelope, trust::samples::root(trust::samples::content())))
        << "a root without release keys";
    EXPECT_FALSE(check_signatures(signed_by({}).envelope, trust::samples::root(trust::samples::content())));
}

TEST(Release, AnAlteredManifestIsSignedByNobody) {
    Release release = signed_by({11, 12});
    release.envelope.payload = replaced(release.envelope.payload, "\"counter\":7", "\"counter\":8");
    EXPECT_FALSE(check_signatures(release.envelope, root()));
}

TEST(Release, WhatIsSignedAsSomethingElseIsNoRelease) {
    dsse::Signed other{
        "application/vnd.parmana.policy-bundle+json", draft(manifest()).value().envelope.payload, {}};
    for (const std::uint64_t seed : {std::uint64_t{11}, std::uint64_t{12}})
        ASSERT_TRUE(dsse::add_signature(other, key(seed)));
    EXPECT_FALSE(check_signatures(other, root()));
    EXPECT_FALSE(parse(render({other, manifest()})));
}

TEST(Release, AdmitsTheRuntimesThatItNames) {
    EXPECT_TRUE(check_runtime(manifest(), digest(4)));
    EXPECT_TRUE(check_runtime(manifest(), digest(5)));
    const auto other = check_runtime(manifest(), digest(1));
    ASSERT_FALSE(other) << "the digest of an artifact is no runtime hash";
    EXPECT_EQ(other.error().code, Code::runtime_unknown);
}

TEST(Release, FollowsTheOneThatItNamesWithAHigherCounter) {
    const Release before = draft(manifest()).value();
    Manifest next = manifest();
    next.previous = release_hash(before);
    next.counter = 9;
    EXPECT_TRUE(check_follows(before, draft(next).value()));
    next.counter = 7;
    const auto repeated = check_follows(before, draft(next).value());
    ASSERT_FALSE(repeated);
    EXPECT_EQ(repeated.error().code, Code::rollback_refused);
    next.counter = 8;
    next.previous = digest(3);
    EXPECT_EQ(check_follows(before, draft(next).value()).error().code, Code::release_invalid);
    next.previous = std::nullopt;
    EXPECT_EQ(check_follows(before, draft(next).value()).error().code, Code::release_invalid);
}

TEST(Release, AManifestIsClosedAndInOrder) {
    const std::string good = draft(manifest()).value().envelope.payload;
    const struct {
        std::string_view from, to, pointer;
    } rows[] = {
        {"\"counter\":7", "\"counter\":0", "/counter"},
        {"\"counter\":7", "\"counter\":7.5", "/counter"},
        {"parmana-release/1", "parmana-release/2", "/format"},
        {"\"path\":\"parmana\"", "\"path\":\"../x\"", "/artifacts/0/path"},
        {"\"path\":\"parmana\"", "\"path\":\".x\"", "/artifacts/0/path"},
        {"\"path\":\"parmana\"", "\"path\":\"-x\"", "/artifacts/0/path"},
        {"\"path\":\"parmana\"", "\"path\":\"\"", "/artifacts/0/path"},
        {"\"path\":\"parmana\"", "\"path\":\"z\"", "/artifacts/1/path"},
        {"\"path\":\"parmana-verify\"", "\"path\":\"parmana\"", "/artifacts/1/path"},
        {"\"size\":40", "\"size\":-1", "/artifacts/0/size"},
        {"\"previous\":\"sha256:", "\"previous\":\"sha256:0", "/previous"},
        {"\"path\":\"parmana.spdx.json\"", "\"path\":\"parmana\"", "/sbom"},
        {"\"version\":\"0.2.0\"", "\"version\":\"0 2\"", "/version"},
        {"\"version\":\"0.2.0\"", "\"version\":\"0.2.0\",\"weight\":1", "/weight"},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.to);
        expect_invalid(parse_manifest(replaced(good, row.from, row.to)), std::string(row.pointer));
    }
    expect_invalid(parse_manifest(replaced(good, ",\"size\":30", ", \"size\":30")), "");
    const std::string hashes = "\"" + to_wire(digest(4)) + "\",\"" + to_wire(digest(5)) + "\"";
    const std::string swapped = "\"" + to_wire(digest(5)) + "\",\"" + to_wire(digest(4)) + "\"";
    const std::string doubled = "\"" + to_wire(digest(4)) + "\",\"" + to_wire(digest(4)) + "\"";
    for (const std::string& other : {swapped, doubled, std::string()})
        expect_invalid(parse_manifest(replaced(good, hashes, other)), "/runtimeHashes");
    EXPECT_FALSE(parse_manifest(""));
}

TEST(Release, ADraftIsHeldToTheSameRules) {
    Manifest empty = manifest();
    empty.artifacts.clear();
    EXPECT_EQ(draft(empty).error().pointer, "/artifacts");
    Manifest nameless = manifest();
    nameless.version.clear();
    EXPECT_EQ(draft(nameless).error().code, Code::release_invalid);
}

}  // namespace
}  // namespace parmana::release
