// Lies about which trust root was in force where, and signatures of keys at places that are not theirs.
#include <algorithm>

#include "agreement/lies.hpp"

namespace parmana::agreement {
namespace {

using verify::KeyEventProof;
using verify::TrustPath;
using Change = std::function<void(trust::RootContent&)>;
using Restate = std::function<std::string(std::string)>;

/// A chain of which at least `least` versions are in force under the head; false when there is none of them
/// here.
bool rechain(Draft& draft, const Scenery& scenery, Random& random, std::size_t least, bool quiet,
             Change change = nullptr, Restate restate = nullptr) {
    if (draft.first_format) return false;
    draft.parts.released_by(std::nullopt);
    draft.witnesses.clear();
    draft.previous_witnesses.clear();
    auto chain = std::make_shared<const Chain>(
        *scenery.world().root,
        Chain::Plan{Scenery::places(draft, random), quiet, std::move(change), std::move(restate)});
    const std::size_t in_force = chain->in_force(draft.size);
    if (in_force < least) return false;
    draft.place(std::move(chain), random.below(in_force));
    return true;
}

/// What a version that is in force says, and that no other check looks at. The verifier holds one of before.
bool another_content(Draft& draft, const Scenery& scenery, Random& random, const Change& change) {
    const std::size_t version = 2 + random.below(3);
    const auto in_version = [=](trust::RootContent& content) {
        if (content.version == static_cast<std::int64_t>(version)) change(content);
    };
    if (!rechain(draft, scenery, random, version, true, in_version)) return false;
    draft.held = draft.chain->roots()[random.below(version - 1)].text();
    return true;
}

// --- What is no chain.

bool another_trust_root(Draft& draft, const Scenery& scenery, Random& random) {
    draft.parts.released_by(std::nullopt);
    draft.witnesses.clear();
    draft.previous_witnesses.clear();
    draft.place(std::make_shared<const Chain>(*scenery.world().root, Chain::Plan{}), 0);
    const trust::Origin origin(random.percent(50) ? "localhost/" + std::to_string(random.bits())
                                                  : attest::golden::kOrigin.value());
    const trust::Tenant tenant(std::to_string(random.bits()));
    const std::string other = random.percent(80) ? scenery.world().make_trust(origin, tenant) : "{}";
    draft.retell = [=](TrustPath& path) { path.roots = {other}; };
    return !draft.first_format;
}

/// The signatures of a later version, changed.
bool signed_otherwise(Draft& draft, const Scenery& scenery, Random& random,
                      const std::function<void(trust::RootDocument&)>& change) {
    if (!rechain(draft, scenery, random, 2, true)) return false;
    const std::size_t number = 1 + random.below(draft.chain->in_force(draft.size) - 1);
    auto document = trust::parse_document(draft.chain->roots()[number].text()).value();
    change(document);
    draft.retell = [=, text = trust::render(document)](TrustPath& path) { path.roots[number] = text; };
    return true;
}

bool root_by_too_few(Draft& draft, const Scenery& scenery, Random& random) {
    return signed_otherwise(draft, scenery, random, [&](trust::RootDocument& document) {
        document.signatures.erase(document.signatures.begin() +
                                  static_cast<std::ptrdiff_t>(random.below(document.signatures.size())));
    });
}

bool root_by_others(Draft& draft, const Scenery& scenery, Random& random) {
    return signed_otherwise(draft, scenery, random, [&](trust::RootDocument& document) {
        constexpr std::uint64_t kSeeds[] = {2, 3, 4, 9, 90};
        const auto& key = Chain::key(random.pick(kSeeds));
        if (random.percent(50)) document.signatures.pop_back();
        dsse::put(document.signatures, {key.id(), key.signer().sign(document.message).value()});
    });
}

bool root_signature_of_another(Draft& draft, const Scenery& scenery, Random& random) {
    return signed_otherwise(draft, scenery, random, [&](trust::RootDocument& document) {
        auto& signatures = document.signatures;
        const std::size_t one = random.below(signatures.size());
        signatures[one].signature = signatures[(one + 1) % signatures.size()].signature;
    });
}

bool root_signatures_out_of_order(Draft& draft, const Scenery& scenery, Random& random) {
    return signed_otherwise(draft, scenery, random, [](trust::RootDocument& document) {
        std::reverse(document.signatures.begin(), document.signatures.end());
    });
}

bool roots_swapped(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, true)) return false;
    const std::size_t one = random.below(draft.chain->in_force(draft.size) - 1);
    draft.retell = [=](TrustPath& path) { std::swap(path.roots[one], path.roots[one + 1]); };
    return true;
}

bool root_missing(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, true)) return false;
    const std::size_t one = random.below(draft.chain->in_force(draft.size) - 1);
    draft.retell = [=](TrustPath& path) {
        path.roots.erase(path.roots.begin() + static_cast<std::ptrdiff_t>(one));
        path.events.erase(path.events.begin() + static_cast<std::ptrdiff_t>(one == 0 ? 0 : one - 1));
    };
    return true;
}

bool root_repeated(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, true)) return false;
    const std::size_t one = 1 + random.below(draft.chain->in_force(draft.size) - 1);
    draft.retell = [=](TrustPath& path) { path.roots[one] = path.roots[one - 1]; };
    return true;
}

/// The verifier knows of a version that was in force, and of one behind it.
bool root_kept_back(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, true)) return false;
    const auto& roots = draft.chain->roots();
    const std::size_t enclosed = 1 + random.below(draft.chain->in_force(draft.size) - 1);
    if (enclosed + 2 > roots.size()) return false;
    draft.held = roots[enclosed + 1 + random.below(roots.size() - enclosed - 1)].text();
    draft.retell = [=](TrustPath& path) {
        path.roots.resize(enclosed);
        path.events.resize(enclosed - 1);
    };
    return true;
}

bool another_past(Draft& draft, const Scenery& scenery, Random& random) {
    return another_content(draft, scenery, random, [&](trust::RootContent& content) {
        auto& history = content.history;
        const std::size_t last = history.size() - 1;
        // Where there is a place between it and the one before: all must stay in ascending order.
        if (random.percent(50) && last > 0 && history[last].from > history[last - 1].from + 1) {
            history[last].from -= 1;
        } else {
            history[random.below(last + 1)].fingerprint[random.below(32)] ^= 1;
        }
    });
}

bool of_another_tenant(Draft& draft, const Scenery& scenery, Random& random) {
    return another_content(draft, scenery, random, [&](trust::RootContent& content) {
        if (random.percent(50))
            content.tenant = trust::Tenant("another");
        else
            content.origin = trust::Origin("localhost/another");
    });
}

bool compromise_taken_back(Draft& draft, const Scenery& scenery, Random& random) {
    const std::string lost = Chain::key(80 + random.below(3)).id();
    const bool forgotten = random.percent(50);
    return rechain(draft, scenery, random, 3, true, [=](trust::RootContent& content) {
        if (content.version == 2) content.compromised[lost] = 3;
        if (content.version == 3 && forgotten) content.compromised.clear();
        if (content.version == 3 && !forgotten) content.compromised[lost] = 4;
    });
}

/// Two versions of one number: the verifier holds the other one.
bool forked(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, true)) return false;
    const Chain::Plan plan{{draft.chain->from().begin() + 1, draft.chain->from().end()},
                           true,
                           [](trust::RootContent& content) { content.expires = "2037-01-01T00:00:00Z"; }};
    const Chain other(*scenery.world().root, plan);
    draft.held = other.roots()[1 + random.below(other.roots().size() - 1)].text();
    return true;
}

// --- Events that are none.

/// The event of the newest enclosed version, changed.
bool retell_event(Draft& draft, const std::function<void(KeyEventProof&)>& change) {
    draft.retell = [=](TrustPath& path) { change(path.events.back()); };
    return true;
}

bool event_elsewhere(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, true)) return false;
    const std::size_t newest = draft.chain->in_force(draft.size) - 1;
    const std::uint64_t place = draft.chain->from()[newest], before = draft.chain->from()[newest - 1];
    const std::uint64_t other = before + 1 + random.below(draft.size + 3);
    if (other == place) return false;
    return retell_event(draft, [=](KeyEventProof& event) { event.index = merkle::LeafIndex(other); });
}

bool event_path_spoilt(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, random.percent(50))) return false;
    const std::uint64_t bits = random.bits();
    return retell_event(draft, [=](KeyEventProof& event) {
        if (event.hashes.empty() || bits % 3 == 0)
            event.hashes.push_back(crypto::sha256(std::to_string(bits)));
        else if (bits % 3 == 1)
            event.hashes.pop_back();
        else
            event.hashes.front()[bits % 32] ^= 1;
    });
}

/// What is said in an event, or by whom.
bool event_says_otherwise(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, random.percent(50))) return false;
    const std::size_t newest = draft.chain->in_force(draft.size) - 1;
    const trust::Root& root = draft.chain->roots()[newest];
    const attest::Scene here = scenery.world().scene();
    const trust::Origin origin("localhost/another");
    const trust::Tenant tenant("another");
    attest::KeyEvent event{root.version(), root.fingerprint()};
    const dsse::SigningKey* key = &draft.chain->attestation(draft.chain->from()[newest]);
    std::string type(attest::kPayloadType);
    std::string statement = attest::state(event, here).statement;
    const auto replace = [&](std::string_view from, std::string_view to) {
        statement.replace(statement.find(from), from.size(), to);
    };
    const std::string subject = "root:" + std::to_string(root.version());
    switch (random.below(12)) {
        case 0:
            event.root_version += 1;
            statement = attest::state(event, here).statement;
            break;
        case 1:
            event.root_fingerprint[random.below(32)] ^= 1;
            statement = attest::state(event, here).statement;
            break;
        case 2:
            statement =
                attest::state(event, {here.tenant, origin, here.runtime_hash, here.blind_key}).statement;
            break;
        case 3:
            statement =
                attest::state(event, {tenant, here.origin, here.runtime_hash, here.blind_key}).statement;
            break;
        case 4:
            statement = attest::state(attest::ReleaseEvent{1, root.fingerprint()}, here).statement;
            break;
        case 5:
            replace(subject, "root:7");
            break;
        case 6:
            replace(R"("predicateType":)", R"( "predicateType":)");
            break;
        case 7:
            replace(R"("tenant":)", R"("more":1,"tenant":)");
            break;
        case 8:
            replace("Statement/v1", "Statement/v2");
            break;
        case 9:
            type = bundle::kPayloadType;
            break;
        case 10:
            key = &Chain::key(random.percent(50) ? 90 : 1);
            break;
        default:
            key = &draft.chain->log(draft.size);
            break;
    }
    const dsse::Envelope envelope = dsse::sign(type, std::move(statement), *key).value();
    return retell_event(draft, [=](KeyEventProof& proof) { proof.envelope = envelope; });
}

/// Signed and logged as it is, and still about something else.
bool event_logged_otherwise(Draft& draft, const Scenery& scenery, Random& random) {
    constexpr std::array<std::array<std::string_view, 2>, 8> kChanges{{
        {R"("sha256":")", R"("sha256":"0)"},
        {R"("version":)", R"("version":1)"},
        {R"("tenant":"default")", R"("tenant":"other")"},
        {R"("origin":"localhost/0)", R"("origin":"localhost/1)"},
        {"key-event/v1", "release-event/v1"},
        {R"("name":"root:)", R"("name":"root:1)"},
        {R"("tenant":)", R"("more":1,"tenant":)"},
        {R"("tenant":)", R"( "tenant":)"},
    }};
    const auto change = kChanges[random.below(kChanges.size())];
    return rechain(draft, scenery, random, 2, random.percent(50), nullptr, [=](std::string said) {
        return said.replace(said.find(change[0]), change[0].size(), change[1]);
    });
}

/// The same about another fingerprint or version, in one spelling.
bool event_of_another_root(Draft& draft, const Scenery& scenery, Random& random) {
    const bool number = random.percent(50);
    return rechain(draft, scenery, random, 2, random.percent(50), nullptr,
                   [=, &scenery](const std::string& said) {
                       attest::KeyEvent event = attest::parse_key_event_statement(said).value().event;
                       if (number) {
                           event.root_version += 1;
                       } else {
                           event.root_fingerprint[7] ^= 1;
                       }
                       return attest::state(event, scenery.world().scene()).statement;
                   });
}

// --- Keys at places that are not theirs.

const dsse::SigningKey* key_of_another_time(const std::array<std::uint64_t, 4>& seeds,
                                            const dsse::SigningKey& own, const Draft& draft, Random& random) {
    const std::size_t versions = draft.chain->roots().size();
    const auto* key = &Chain::key(seeds[random.below(versions)]);
    return key->id() == own.id() ? nullptr : key;
}

bool attested_at_another_time(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, false)) return false;
    draft.parts.attestation_key =
        key_of_another_time(Chain::kAttestation, draft.chain->attestation(draft.index), draft, random);
    return draft.parts.attestation_key != nullptr;
}

bool head_of_another_time(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, false)) return false;
    draft.parts.log_key = key_of_another_time(Chain::kLog, draft.chain->log(draft.size), draft, random);
    return draft.parts.log_key != nullptr;
}

bool time_of_another_time(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, false)) return false;
    const bool before = random.percent(50);
    const auto& own = draft.chain->log(before ? draft.parts.previous_size : draft.size);
    auto& key = before ? draft.parts.previous_time_key : draft.parts.time_key;
    key = key_of_another_time(Chain::kLog, own, draft, random);
    return key != nullptr;
}

bool head_before_of_another_time(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, false)) return false;
    draft.parts.previous_key =
        key_of_another_time(Chain::kLog, draft.chain->log(draft.parts.previous_size), draft, random);
    return draft.parts.previous_key != nullptr;
}

/// The newest version of a chain of four says that a key was lost, and the verifier knows it from the file or
/// holds it.
bool lost(Draft& draft, const Scenery& scenery, Random& random, std::uint64_t seed, std::uint64_t from) {
    const std::string id = Chain::key(seed).id();
    if (!rechain(draft, scenery, random, 1, false, [=](trust::RootContent& content) {
            if (content.version == 4) content.compromised[id] = from;
        }))
        return false;
    if (draft.chain->roots().size() < 4) return false;
    if (draft.chain->in_force(draft.size) < 4) draft.held = draft.chain->roots()[3].text();
    return true;
}

bool attested_by_a_lost_key(Draft& draft, const Scenery& scenery, Random& random) {
    return lost(draft, scenery, random, 51, random.below(draft.index + 1)) &&
           draft.parts.attestation_key->id() == Chain::key(51).id();
}

/// Signature and time of a head: two checks find it.
bool head_by_a_lost_key(Draft& draft, const Scenery& scenery, Random& random) {
    return lost(draft, scenery, random, 61, random.below(draft.size)) &&
           draft.parts.log_key->id() == Chain::key(61).id();
}

bool policy_by_a_lost_key(Draft& draft, const Scenery& scenery, Random& random) {
    return lost(draft, scenery, random, 4 + random.below(2), random.below(draft.index + 1));
}

bool policy_before_its_time(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 1, false) || draft.chain->in_force(draft.index + 1) == 4)
        return false;
    auto& envelope = draft.parts.policy.envelope;
    envelope = bundle::samples::signed_by(bundle::kPayloadType, envelope.payload, Chain::key(71));
    return true;
}

// --- Releases.

/// A decision under a root that asks for a release, which the lie is about.
bool by_release(Draft& draft, const Scenery& scenery, Random& random, dsse::Signed named) {
    if (!rechain(draft, scenery, random, 2, random.percent(50), with_release_keys)) return false;
    if (draft.chain->in_force(draft.index + 1) < 2) return false;
    draft.parts.released_by(std::move(named));
    return true;
}

bool in_development(Draft& draft, const Scenery& scenery, Random& random) {
    return !draft.parts.release &&
           rechain(draft, scenery, random, 2, random.percent(50), with_release_keys) &&
           draft.chain->in_force(draft.index + 1) > 1;
}

bool release_by_others(Draft& draft, const Scenery& scenery, Random& random) {
    constexpr std::array<std::uint64_t, 4> kOthers{4, 9, 1, 2};
    std::vector<std::uint64_t> seeds{75, 76};
    if (random.percent(50)) seeds.pop_back();
    if (seeds.size() == 2 || random.percent(50)) seeds.push_back(kOthers[random.below(kOthers.size())]);
    return by_release(draft, scenery, random, verify::fixture::World::release(seeds));
}

bool release_of_another_runtime(Draft& draft, const Scenery& scenery, Random& random) {
    return by_release(draft, scenery, random, verify::fixture::World::release({75, 76}, "0.1.0", "{}"));
}

bool release_not_enclosed(Draft& draft, const Scenery& scenery, Random& random) {
    if (!by_release(draft, scenery, random, release())) return false;
    draft.parts.release.reset();
    if (random.percent(50)) draft.parts.release = release("0.2.0");
    return true;
}

bool release_before_its_time(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 1, true, with_release_keys)) return false;
    if (draft.chain->in_force(draft.index + 1) > 1) return false;
    draft.parts.released_by(release());
    return true;
}

bool release_of_another_type(Draft& draft, const Scenery& scenery, Random& random) {
    return by_release(
        draft, scenery, random,
        verify::fixture::World::release({75, 76}, "0.1.0", attest::golden::manifest(), bundle::kPayloadType));
}

/// Signed by all who must, and still not a manifest.
bool release_is_none(Draft& draft, const Scenery& scenery, Random& random) {
    constexpr std::array<std::array<std::string_view, 2>, 12> kChanges{{
        {R"("counter":1)", R"("counter":0)"},
        {R"("counter":1)", R"("counter":"1")"},
        {R"("counter":1,)", ""},
        {"parmana-release/1", "parmana-release/2"},
        {R"("path":"parmana")", R"("path":"../parmana")"},
        {R"("path":"parmana")", R"("path":"-parmana")"},
        {R"("size":7)", R"("size":-7)"},
        {R"("version":"0.1.0")", R"("version":"")"},
        {R"("version":"0.1.0")", R"("version":".1")"},
        {R"({"artifacts")", R"({ "artifacts")"},
        {R"("runtimeHashes":[)", R"("runtimeHashes":[1,)"},
        {R"("runtimeHashes":[)", R"("previous":"sha256:","runtimeHashes":[)"},
    }};
    dsse::Signed named = release();
    const auto& [from, to] = kChanges[random.below(kChanges.size())];
    named.payload.replace(named.payload.find(from), from.size(), to);
    named.signatures.clear();
    for (const std::uint64_t seed : {75, 76})
        std::ignore = dsse::add_signature(named, Chain::key(seed));
    return by_release(draft, scenery, random, std::move(named));
}

bool release_by_a_lost_key(Draft& draft, const Scenery& scenery, Random& random) {
    const std::string id = Chain::key(75 + random.below(2)).id();
    const std::uint64_t from = random.below(draft.index + 1);
    const auto said = [=](trust::RootContent& content) {
        with_release_keys(content);
        if (content.version != 4) return;
        content.roles[trust::Role::release] = trust::samples::members({77});
        content.compromised[id] = from;
    };
    if (!rechain(draft, scenery, random, 1, true, said) || draft.chain->roots().size() < 4) return false;
    draft.held = draft.chain->roots()[3].text();
    draft.parts.released_by(release());
    return true;
}

// --- Witnesses that the trust root names.

bool watched_by_too_few(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, random.percent(50), with_witness_keys)) return false;
    if (random.percent(70)) draft.witnesses = {random.below(3)};
    return true;
}

bool watched_by_a_stranger(Draft& draft, const Scenery& scenery, Random& random) {
    if (!rechain(draft, scenery, random, 2, random.percent(50), with_witness_keys)) return false;
    draft.witnesses = {0, 1};
    (random.percent(50) ? draft.witnesses : draft.previous_witnesses).push_back(Scenery::kWitnesses);
    return true;
}

/// Two cosigned, and a key of one of them was lost before.
bool watched_by_a_lost_key(Draft& draft, const Scenery& scenery, Random& random) {
    const std::string id = Chain::key(21 + random.below(2)).id();
    const std::uint64_t from = random.below(draft.size);
    const auto said = [=](trust::RootContent& content) {
        with_witness_keys(content);
        if (content.version != 4) return;
        content.roles[trust::Role::witness] = trust::samples::members({23, 24}, 2);
        content.compromised[id] = from;
    };
    if (!rechain(draft, scenery, random, 2, true, said) || draft.chain->roots().size() < 4) return false;
    draft.held = draft.chain->roots()[3].text();
    draft.witnesses = {0, 1};
    return draft.chain->in_force(draft.size) < 4;
}

// --- Time.

bool expired_at(Draft& draft, const Scenery&, Random& random) {
    draft.at =
        2'082'758'400 + static_cast<std::int64_t>(random.percent(50) ? 0 : random.below(1'000'000'000'000));
    return !draft.first_format;
}

bool expired_at_the_head(Draft& draft, const Scenery&, Random& random) {
    draft.at.reset();
    draft.parts.time = 2'082'758'400 + static_cast<std::int64_t>(random.percent(50) ? 0 : random.below(1000));
    return !draft.first_format;
}

bool expired_newest(Draft& draft, const Scenery& scenery, Random& random) {
    draft.at.reset();
    return rechain(draft, scenery, random, 2, random.percent(50),
                   [](trust::RootContent& content) { content.expires = "1970-01-01T00:00:00Z"; });
}

const std::array kLies = {
    Lie{"another trust root enclosed", "trust_chain", another_trust_root, {}},
    Lie{"root signed by too few", "trust_chain", root_by_too_few, {}},
    Lie{"root signed by others", "trust_chain", root_by_others, {}},
    Lie{"root with the signature of another", "trust_chain", root_signature_of_another, {}},
    Lie{"root signatures out of order", "trust_chain", root_signatures_out_of_order, {}},
    Lie{"roots swapped", "trust_chain", roots_swapped, {}},
    Lie{"root missing", "trust_chain", root_missing, {}},
    Lie{"root repeated", "trust_chain", root_repeated, {}},
    Lie{"root kept back", "trust_chain", root_kept_back, {}},
    Lie{"another past", "trust_chain", another_past, {}},
    Lie{"root of another tenant", "trust_chain", of_another_tenant, {}},
    Lie{"compromise taken back", "trust_chain", compromise_taken_back, {}},
    Lie{"forked chain", "trust_chain", forked, {}},
    Lie{"event elsewhere", "key_events", event_elsewhere, {}},
    Lie{"event path spoilt", "key_events", event_path_spoilt, {}},
    Lie{"event says otherwise", "key_events", event_says_otherwise, {}},
    Lie{"event logged otherwise", "key_events", event_logged_otherwise, {}},
    Lie{"event of another root", "key_events", event_of_another_root, {}},
    Lie{"attested at another time", "attestation_signature", attested_at_another_time, {}},
    Lie{"attested by a lost key", "attestation_signature", attested_by_a_lost_key, {}},
    Lie{"head by a key of another time", "checkpoint_signature", head_of_another_time, {}},
    Lie{"time by a key of another time", "checkpoint_time", time_of_another_time, {}},
    Lie{"head before by a key of another time", "previous_checkpoint", head_before_of_another_time, {}},
    Lie{"head by a lost key", "", head_by_a_lost_key, {}},
    Lie{"policy by a lost key", "policy_signature", policy_by_a_lost_key, {}},
    Lie{"policy by a key of later", "policy_signature", policy_before_its_time, {}},
    Lie{"development where a release is asked for", "release", in_development, {}},
    Lie{"release signed by others", "release", release_by_others, {}},
    Lie{"release of another runtime", "release", release_of_another_runtime, {}},
    Lie{"release not enclosed", "release", release_not_enclosed, {}},
    Lie{"release before there was a release key", "release", release_before_its_time, {}},
    Lie{"release of another type", "release", release_of_another_type, {}},
    Lie{"release is none", "release", release_is_none, {}},
    Lie{"release by a lost key", "release", release_by_a_lost_key, {}},
    Lie{"too few witnesses of the root", "witnesses", watched_by_too_few, {}},
    Lie{"a stranger among the witnesses", "witnesses", watched_by_a_stranger, {}},
    Lie{"a lost key among the witnesses", "witnesses", watched_by_a_lost_key, {}},
    Lie{"expired at the time given", "trust_expiry", expired_at, {}},
    Lie{"expired at the head", "trust_expiry", expired_at_the_head, {}},
    Lie{"newest root expired", "trust_expiry", expired_newest, {}},
};

}  // namespace

std::span<const Lie> chain_lies() {
    return kLies;
}

}  // namespace parmana::agreement
