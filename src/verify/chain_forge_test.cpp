// Evidence under a trust root that changed on the way: good under every version that a verifier may hold, and
// forged with real keys so that one check finds it, and no other.
#include <gtest/gtest.h>

#include <functional>

#include "verify/export.hpp"
#include "verify/fixture_test.hpp"

namespace parmana::verify {
namespace {

using fixture::Chain;
using fixture::claim;
using fixture::names;
using fixture::Parts;
using fixture::replaced;
using fixture::World;
namespace golden = fixture::golden;
using Names = std::vector<std::string>;
using Plan = Chain::Plan;

// The decision is entry 4 of 11, the head before has size 3.
const World& world() {
    static const World the_world;
    return the_world;
}

Parts honest_parts() {
    return world().decided(claim("1200", "false"), world().claims);
}

Evidence sealed(const Chain& chain, const std::function<void(Parts&)>& change = nullptr) {
    Parts parts = World::placed(honest_parts(), chain);
    if (change) change(parts);
    return world().seal(parts);
}

Report judged(const Evidence& evidence, const trust::Root& held,
              std::optional<UnixSeconds> at = std::nullopt) {
    Held given{&held};
    given.at = at;
    return verify(render(evidence), given);
}

/// Under each version that somebody may hold.
void expect_failing(const Names& failing, const Evidence& evidence, const std::vector<trust::Root>& held,
                    std::string_view what) {
    for (const trust::Root& root : held) {
        const Report report = judged(evidence, root);
        EXPECT_EQ(names(report, Outcome::failed), failing)
            << what << ", held: version " << root.version() << "\n"
            << human_report(report);
    }
}

TEST(Chained, EvidenceIsGoodUnderEveryVersion) {
    const std::vector<std::vector<std::uint64_t>> places = {
        {},     {0},    {1},    {2},     {3},       {5},       {10},       {20},
        {0, 7}, {2, 3}, {2, 7}, {7, 20}, {0, 1, 2}, {2, 7, 9}, {1, 5, 30}, {20, 21, 22}};
    for (const bool quiet : {true, false}) {
        for (const auto& from : places) {
            const Chain chain(*world().root, {from, quiet});
            for (const std::uint64_t before : {0, 1, 2, 3, 4}) {
                const Evidence evidence = sealed(chain, [&](Parts& parts) { parts.previous_size = before; });
                EXPECT_EQ(evidence.trust.roots.size(), chain.in_force(World::kSize));
                expect_failing({}, evidence, chain.roots(), "honest");
                EXPECT_EQ(judged(evidence, chain.roots().back()).exit_code(), 0);
                EXPECT_EQ(render(parse_evidence(render(evidence)).value()), render(evidence));
            }
        }
    }
}

TEST(Chained, ThereIsACheckMoreWhereThereAreEvents) {
    const Chain chain(*world().root, {{2, 7, 9}});
    const Report report = judged(sealed(chain), chain.roots()[1]);
    const Names passed = names(report, Outcome::passed);
    const auto place = std::find(passed.begin(), passed.end(), "key_events");
    ASSERT_NE(place, passed.end());
    EXPECT_EQ(*std::prev(place), "inclusion");
    EXPECT_EQ(*std::next(place), "checkpoint_time");
    EXPECT_EQ(names(verify(render(sealed(chain)), {nullptr}), Outcome::failed), Names{});
}

TEST(Chained, EventsStandThereWhereThereAreSeveralRootsAndOnlyThere) {
    const Chain chain(*world().root, {{2, 7}});
    const auto outcome = [&](const std::function<void(Evidence&)>& change) {
        Evidence evidence = sealed(chain);
        change(evidence);
        return names(judged(evidence, *world().root), Outcome::failed);
    };
    EXPECT_EQ(outcome([](Evidence& e) { e.trust.events.clear(); }), Names{"format"});
    EXPECT_EQ(outcome([](Evidence& e) { e.trust.events.pop_back(); }), Names{"format"});
    EXPECT_EQ(outcome([](Evidence& e) { e.trust.roots.resize(1); }), Names{"format"});
    EXPECT_EQ(outcome([](Evidence& e) { e.trust.events.push_back(e.trust.events[0]); }), Names{"format"});
}

/// Two versions that only their root keys tell apart: the verifier who holds either knows every other key.
TEST(Chained, WhatIsNoChainIsFound) {
    const auto quiet = [&](std::vector<std::uint64_t> from,
                           std::function<void(trust::RootContent&)> change = nullptr,
                           std::optional<std::vector<std::uint64_t>> signers = std::nullopt) {
        return Chain(*world().root, {std::move(from), true, std::move(change), nullptr, std::move(signers)});
    };
    const Chain good = quiet({2, 7});
    const auto expect_no_chain = [&](const Chain& chain, std::string_view what) {
        expect_failing({"trust_chain"}, sealed(chain), good.roots(), what);
    };
    using Seeds = std::vector<std::uint64_t>;
    expect_no_chain(quiet({2}, nullptr, Seeds{31, 32}), "none of the version before signed");
    expect_no_chain(quiet({2, 7}, nullptr, Seeds{31, 33}), "one of two of the version before signed");
    expect_no_chain(quiet({2, 7}, nullptr, Seeds{31, 32, 4}), "a policy key signed, too");
    const auto in_version = [](std::int64_t version, const std::function<void(trust::RootContent&)>& change) {
        return [=](trust::RootContent& content) {
            if (content.version == version) change(content);
        };
    };
    expect_no_chain(quiet({2, 7}, in_version(3, [](auto& c) { c.history[0].fingerprint[0] ^= 1; })),
                    "another version 1 in the history");
    expect_no_chain(quiet({2, 7}, in_version(3, [](auto& c) { c.history[1].fingerprint[0] ^= 1; })),
                    "another version 2 in the history");
    expect_no_chain(quiet({2, 7}, in_version(3, [](auto& c) { c.history[1].from = 3; })),
                    "version 2 from another entry on");
    expect_no_chain(quiet({2, 7}, in_version(3, [](auto& c) { c.tenant = trust::Tenant("other"); })),
                    "another tenant");
    const std::string lost = Chain::key(80).id();
    expect_no_chain(quiet({2, 7},
                          [&](trust::RootContent& c) {
                              if (c.version == 2) c.compromised[lost] = 3;
                              if (c.version == 3) c.compromised.clear();
                          }),
                    "a compromise is taken back");
    expect_no_chain(quiet({2, 7},
                          [&](trust::RootContent& c) {
                              if (c.version > 1) c.compromised[lost] = c.version;
                          }),
                    "a compromise comes later than it did");
    const auto other_expiry = [](trust::RootContent& c) { c.expires = "2037-01-01T00:00:00Z"; };
    const Chain fork = quiet({2}, in_version(2, other_expiry));
    expect_failing({"trust_chain"}, sealed(fork), {good.roots().begin() + 1, good.roots().end()}, "a fork");
    const Chain hidden = quiet({2});
    expect_failing({"trust_chain"}, sealed(hidden), {quiet({2, 7, 9}).roots()[3]}, "version 3 is kept back");
    Evidence swapped = sealed(good);
    std::swap(swapped.trust.roots[1], swapped.trust.roots[2]);
    expect_failing({"trust_chain"}, swapped, good.roots(), "in another order");
    Evidence headless = sealed(good);
    headless.trust.roots.erase(headless.trust.roots.begin());
    headless.trust.events.erase(headless.trust.events.begin());
    expect_failing({"trust_chain"}, headless, good.roots(), "without version 1");
    Evidence skipped = sealed(good);
    skipped.trust.roots.erase(skipped.trust.roots.begin() + 1);
    skipped.trust.events.erase(skipped.trust.events.begin());
    expect_failing({"trust_chain"}, skipped, good.roots(), "without version 2");
    Evidence twice = sealed(good);
    twice.trust.roots[2] = twice.trust.roots[1];
    expect_failing({"trust_chain"}, twice, good.roots(), "version 2 once more");
}

TEST(Chained, AnEventStandsWhereItSaysAndSaysWhichRoot) {
    const Chain chain(*world().root, {{2, 7}});
    const auto expect_no_event = [&](std::string_view what,
                                     const std::function<void(KeyEventProof&)>& change) {
        Evidence evidence = sealed(chain);
        change(evidence.trust.events[1]);
        expect_failing({"key_events"}, evidence, chain.roots(), what);
    };
    expect_no_event("another place", [](auto& e) { e.index = merkle::LeafIndex(8); });
    expect_no_event("a hash less", [](auto& e) { e.hashes.pop_back(); });
    expect_no_event("an altered hash", [](auto& e) { e.hashes[0][3] ^= 1; });
    const auto stated = [&](const attest::KeyEvent& event, const attest::Scene& scene) {
        return attest::state(event, scene).statement;
    };
    const trust::Root& root = chain.roots()[2];
    const attest::KeyEvent event{root.version(), root.fingerprint()};
    const attest::Scene here = world().scene();
    const auto expect_not = [&](std::string_view what, std::string statement, const dsse::SigningKey& key,
                                std::string_view type = attest::kPayloadType) {
        expect_no_event(what,
                        [&](auto& e) { e.envelope = dsse::sign(type, std::move(statement), key).value(); });
    };
    const dsse::SigningKey& own = chain.attestation(7);
    expect_not("a root of that number that is another one", stated({3, chain.roots()[1].fingerprint()}, here),
               own);
    expect_not("another number", stated({2, root.fingerprint()}, here), own);
    expect_not("the event of the version before", chain.event(1, here).payload, own);
    const trust::Origin origin("localhost/another");
    const trust::Tenant tenant("another");
    expect_not("of another origin", stated(event, {here.tenant, origin, here.runtime_hash, here.blind_key}),
               own);
    expect_not("of another tenant", stated(event, {tenant, here.origin, here.runtime_hash, here.blind_key}),
               own);
    expect_not("by a key of before", stated(event, here), world().attestation_key);
    expect_not("by a log key", stated(event, here), chain.log(11));
    expect_not("of another type", stated(event, here), own, "application/json");
    expect_not("about another subject", replaced(stated(event, here), "root:3", "root:4"), own);
    expect_not("in another spelling", replaced(stated(event, here), ",", ", "), own);
    const attest::ReleaseEvent release{3, root.fingerprint()};
    expect_not("about a release", attest::state(release, here).statement, own);
    expect_no_event("a signature of something else",
                    [&](auto& e) { e.envelope.signature = chain.event(1, here).signature; });
}

TEST(Chained, AnEventThatIsLoggedNamesItsRoot) {
    const auto hex = to_hex(view_of(crypto::sha256("another root")));
    const std::vector<std::function<std::string(std::string)>> lies = {
        [](std::string said) {
            return attest::state(attest::ReleaseEvent{2, crypto::sha256(said)}, world().scene()).statement;
        },
        [&](std::string said) {
            const auto event = attest::parse_key_event_statement(said).value().event;
            return attest::state(attest::KeyEvent{event.root_version, crypto::sha256(hex)}, world().scene())
                .statement;
        },
        [](std::string said) {
            const auto event = attest::parse_key_event_statement(said).value().event;
            return attest::state(attest::KeyEvent{event.root_version + 1, event.root_fingerprint},
                                 world().scene())
                .statement;
        },
        [](std::string said) {
            const auto event = attest::parse_key_event_statement(said).value().event;
            const trust::Tenant tenant("another");
            const attest::Scene here = world().scene();
            return attest::state(event, {tenant, here.origin, here.runtime_hash, here.blind_key}).statement;
        },
        [](std::string said) { return replaced(std::move(said), ",", ", "); },
        [](std::string said) { return replaced(std::move(said), R"("name":"root:)", R"("name":"root:1)"); },
    };
    for (const auto& lie : lies) {
        const Chain chain(*world().root, {{7}, false, nullptr, lie});
        expect_failing({"key_events"}, sealed(chain), chain.roots(), "said and logged");
    }
}

TEST(Chained, AKeyAttestsWhereTheRootHadIt) {
    const Chain chain(*world().root,
                      {{2, 7, 9}});  // attestation 2 before entry 2, 51 before entry 9, then 52
    for (const std::uint64_t seed : {2, 52}) {
        const Evidence evidence =
            sealed(chain, [&](Parts& parts) { parts.attestation_key = &Chain::key(seed); });
        expect_failing({"attestation_signature"}, evidence, chain.roots(), "a key of another time");
        Parts grouped = World::placed(honest_parts(), chain);
        grouped.grouped = Parts::Grouped{4, 1};
        grouped.attestation_key = &Chain::key(seed);
        expect_failing({"attestation_signature"}, world().seal(grouped), chain.roots(), "a group, too");
    }
}

TEST(Chained, ACompromisedKeyIsBelievedUpToItsCut) {
    for (const std::uint64_t cut : {0, 3, 4, 5, 8}) {
        const auto lost = [&](trust::RootContent& content) {
            if (content.version == 4) content.compromised[Chain::key(51).id()] = cut;
        };
        const Names expected = cut <= 4 ? Names{"attestation_signature"} : Names{};
        const Chain enclosed(*world().root, {{2, 7, 9}, false, lost});
        expect_failing(expected, sealed(enclosed), enclosed.roots(), "the file says so");
        const Chain later(*world().root, {{2, 7, 20}, false, lost});
        expect_failing(expected, sealed(later), {later.roots()[3]}, "the verifier holds what says so");
        expect_failing({}, sealed(later), {later.roots().begin(), later.roots().begin() + 3},
                       "who holds an older one cannot know");
    }
}

TEST(Chained, AHeadIsSignedByTheLogKeyOfItsLastEntry) {
    const Chain chain(*world().root,
                      {{2, 7, 9}});  // log 3 up to size 2, 60 up to size 7, 61 up to size 9, then 62
    for (const std::uint64_t seed : {3, 61}) {
        const dsse::SigningKey* key = &Chain::key(seed);
        expect_failing({"checkpoint_signature"}, sealed(chain, [&](Parts& p) { p.log_key = key; }),
                       chain.roots(), "a retired key signs the head");
        expect_failing({"checkpoint_time"}, sealed(chain, [&](Parts& p) { p.time_key = key; }), chain.roots(),
                       "a retired key signs the time");
    }
    const dsse::SigningKey* next = &Chain::key(62);
    expect_failing({"previous_checkpoint"}, sealed(chain, [&](Parts& p) { p.previous_key = next; }),
                   chain.roots(), "a key signs before its time");
    const auto lost = [](trust::RootContent& content) {
        if (content.version == 4) content.compromised[Chain::key(61).id()] = 8;
    };
    const Chain later(*world().root, {{2, 7, 20}, false, lost});
    expect_failing({"checkpoint_signature", "checkpoint_time"}, sealed(later), {later.roots()[3]},
                   "the log key was compromised there");
}

TEST(Chained, APolicyCountsUnderTheRootOfItsTimeAndLater) {
    const auto own = [](trust::RootContent& content) {
        if (content.version >= 2) content.roles[trust::Role::policy] = trust::samples::members({71});
    };
    const Chain before(*world().root, {{2}, false, own});
    expect_failing({}, sealed(before), before.roots(), "signed under an earlier root");
    Parts early = honest_parts();
    early.policy.envelope =
        fixture::samples::signed_by(bundle::kPayloadType, early.policy.envelope.payload, Chain::key(71));
    const Chain after(*world().root, {{7}, false, own});
    expect_failing({"policy_signature"}, world().seal(World::placed(early, after)), after.roots(),
                   "signed by a key of a later root");
    expect_failing({}, world().seal(World::placed(early, before)), before.roots(), "by a key of this root");
    for (const std::uint64_t cut : {4, 5}) {
        const Chain lost(*world().root, {{2}, false, [&](trust::RootContent& content) {
                                             own(content);
                                             if (content.version == 2)
                                                 content.compromised[Chain::key(4).id()] = cut;
                                         }});
        expect_failing(cut == 4 ? Names{"policy_signature"} : Names{}, sealed(lost), lost.roots(),
                       "one of those who signed is compromised");
    }
}

TEST(Chained, ARuntimeDecidesByTheReleaseThatAdmitsIt) {
    const auto role = [](std::optional<std::uint64_t> lost_from) {
        return [=](trust::RootContent& content) {
            if (content.version == 2)
                content.roles[trust::Role::release] = trust::samples::members({75, 76}, 2);
            if (content.version < 3) return;
            content.roles[trust::Role::release] = {};
            if (lost_from) content.compromised[Chain::key(76).id()] = *lost_from;
        };
    };
    const Chain chain(*world().root, {{2, 7}, false, role(std::nullopt)});
    const Chain later(*world().root, {{7}, false, role(std::nullopt)});
    const auto expect = [&](const Names& failing, const Chain& under, std::string_view what,
                            const std::function<void(Parts&)>& change) {
        expect_failing(failing, sealed(under, change), under.roots(), what);
    };
    const auto by = [](dsse::Signed release) { return [=](Parts& parts) { parts.released_by(release); }; };
    expect({}, later, "in development, where no release is asked for", nullptr);
    expect({"release"}, chain, "in development, where one is", nullptr);
    expect({}, chain, "by a release", by(World::release({75, 76})));
    expect({"release"}, later, "by a release key of later", by(World::release({75, 76})));
    expect({"release"}, chain, "signed by one of two", by(World::release({75})));
    expect({"release"}, chain, "signed by a stranger, too", by(World::release({75, 76, 9})));
    expect({"release"}, chain, "signed by others", by(World::release({4, 5})));
    expect({"release"}, chain, "signed by nobody", by(World::release({})));
    expect({"release"}, chain, "of another runtime", by(World::release({75, 76}, "0.1.0", "{}")));
    expect({"release"}, chain, "of another type",
           by(World::release({75, 76}, "0.1.0", golden::manifest(), bundle::kPayloadType)));
    expect({"release"}, chain, "not enclosed", [](Parts& parts) {
        parts.released_by(World::release({75, 76}));
        parts.release.reset();
    });
    expect({"release"}, chain, "another one enclosed", [](Parts& parts) {
        parts.released_by(World::release({75, 76}));
        parts.release = World::release({75, 76}, "0.2.0");
    });
    expect({"release"}, later, "enclosed and not named",
           [](Parts& parts) { parts.release = World::release({75, 76}); });
    const Chain lost(*world().root, {{2, 7}, false, role(4)}), kept(*world().root, {{2, 7}, false, role(5)});
    expect({"release"}, lost, "one of those who signed was compromised", by(World::release({75, 76})));
    expect({}, kept, "compromised later", by(World::release({75, 76})));
    const Chain retired(*world().root, {{1, 2}, false, role(std::nullopt)});
    expect({}, retired, "by keys that signed before they went", by(World::release({75, 76})));
}

TEST(Chained, AsManyWitnessesOfTheRootCosignedAsItAsksFor) {
    const auto cosigned = [](Evidence evidence, const std::vector<std::uint64_t>& seeds) {
        std::vector<std::string> lines;
        for (const std::uint64_t seed : seeds) {
            const std::string name = "witness.example/" + std::to_string(seed);
            lines.push_back(note::cosign(note::parse_head(evidence.checkpoint)->text, name,
                                         Chain::key(seed).signer(), UnixSeconds(5))
                                .value());
        }
        evidence.checkpoint = note::add_cosignatures(evidence.checkpoint, lines).value();
        return evidence;
    };
    const auto lost_from = [](std::optional<std::uint64_t> from) {
        return [=](trust::RootContent& content) {
            if (content.version == 2)
                content.roles[trust::Role::witness] = trust::samples::members({21, 22, 23}, 2);
            if (content.version < 3 || !from) return;
            content.roles[trust::Role::witness] = trust::samples::members({22, 23}, 2);
            content.compromised[Chain::key(21).id()] = *from;
        };
    };
    const Chain chain(*world().root, {{2, 20}, false, lost_from(std::nullopt)});
    const auto expect = [&](const Names& failing, const std::vector<std::uint64_t>& seeds) {
        expect_failing(failing, cosigned(sealed(chain), seeds), chain.roots(), "witnesses");
    };
    expect({}, {21, 22});
    expect({}, {21, 22, 23});
    expect({"witnesses"}, {});
    expect({"witnesses"}, {21});
    expect({"witnesses"}, {21, 22, 24});
    for (const std::uint64_t from : {10, 11}) {
        const Chain lost(*world().root, {{2, 20}, false, lost_from(from)});
        const std::vector<trust::Root> held{lost.roots()[2]};
        expect_failing(from == 10 ? Names{"witnesses"} : Names{}, cosigned(sealed(lost), {21, 22}), held,
                       "one of two was lost: at the last entry it is, behind it not");
        expect_failing({}, cosigned(sealed(lost), {21, 22, 23}), held, "enough without the one");
    }
}

TEST(Chained, TheNewestRootHadNotExpired) {
    const auto expires = [](const char* when) {
        return [=](trust::RootContent& content) { content.expires = when; };
    };
    // The checkpoint is of 2026-09-21T14:13:21Z.
    const Chain expired(*world().root, {{2}, false, expires("2026-09-21T14:13:21Z")});
    expect_failing({"trust_expiry"}, sealed(expired), expired.roots(), "expired in the second of the head");
    const Chain good(*world().root, {{2}, false, expires("2026-09-21T14:13:22Z")});
    expect_failing({}, sealed(good), good.roots(), "expires in the next one");
    for (const trust::Root& held : expired.roots())
        EXPECT_EQ(judged(sealed(expired), held, UnixSeconds(1'790'000'000)).exit_code(), 0);
    for (const trust::Root& held : good.roots()) {
        EXPECT_EQ(names(judged(sealed(good), held, UnixSeconds(1'790'000'002)), Outcome::failed),
                  Names{"trust_expiry"});
        EXPECT_EQ(judged(sealed(good), held, UnixSeconds(1'790'000'001)).exit_code(), 0);
    }
    const Chain alone(*world().root, {{}});
    EXPECT_EQ(names(judged(sealed(alone), *world().root, UnixSeconds(2'082'758'400)), Outcome::failed),
              Names{"trust_expiry"});
    EXPECT_EQ(judged(sealed(alone), *world().root, UnixSeconds(2'082'758'399)).exit_code(), 0);
}

}  // namespace
}  // namespace parmana::verify
