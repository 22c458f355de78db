#include "verify/trust_path.hpp"

#include "verify/heads.hpp"
#include "verify/wire.hpp"

namespace parmana::verify {
namespace {

Result<KeyEventProof> parse_key_event(json::Value value, const std::string& at) {
    const auto fields = TRY(json::Fields::open(value, at, {"envelope", "hashes", "logIndex"}));
    KeyEventProof out{};
    out.envelope = TRY(dsse::parse(fields.any("envelope"), fields.at("envelope")));
    out.hashes = TRY(parse_hashes(fields, "hashes"));
    out.index = merkle::LeafIndex(TRY(unsigned_member(fields, "logIndex")));
    return out;
}

/// The chain with its places, as the file says them.
Result<std::unique_ptr<trust::History>> read_chain(const TrustPath& path) {
    trust::Root first = TRY(trust::Root::parse(path.roots.front()));
    if (first.version() != 1)
        return fail(Code::trust_invalid, "the first enclosed trust root is not version 1");
    auto history = std::make_unique<trust::History>(std::move(first));
    for (std::size_t i = 1; i < path.roots.size(); ++i)
        TRY(history->add(TRY(trust::Root::parse(path.roots[i])), path.events[i - 1].index.value()));
    return history;
}

/// Why an event is not one; empty when it is.
std::string find_fault(const KeyEventProof& event, const trust::Root& root, const note::Checkpoint& head) {
    if (event.envelope.payload_type != attest::kPayloadType) return "its payload is not an in-toto statement";
    const auto said = attest::parse_key_event_statement(event.envelope.payload);
    if (!said) return "its statement: " + said.error().detail;
    if (said->origin != root.origin().value() || said->tenant != root.tenant().value())
        return "it is of another origin or tenant";
    if (said->event != attest::KeyEvent{root.version(), root.fingerprint()})
        return "it is about another trust root";
    const auto key = root.find(trust::Role::attestation, event.envelope.key_id);
    if (!key) return "its key is not an attestation key of the root that it puts in force";
    if (!dsse::verify(event.envelope, *key)) return "its signature does not verify";
    const auto leaf = attest::leaf_hash(event.envelope, *key);
    if (!merkle::verify_inclusion(event.index, head.size, leaf, event.hashes, head.root))
        return "its proof does not lead to the root of the checkpoint";
    return {};
}

}  // namespace

Result<TrustPath> parse_trust_path(const json::Fields& fields) {
    TrustPath out;
    for (const json::Value root : TRY(fields.array("trustRoots")).elements())
        out.roots.push_back(json::canonical(root));
    if (out.roots.empty()) return fields.invalid("trustRoots", "an array of one trust root or more");
    if (fields.has("keyEvents") != (out.roots.size() > 1))
        return fields.invalid("trustRoots", "more than one where there are `keyEvents`, and only there");
    if (out.roots.size() == 1) return out;
    for (const json::Value event : TRY(fields.array("keyEvents")).elements()) {
        const std::string at = fields.at("keyEvents") + "/" + std::to_string(out.events.size());
        out.events.push_back(TRY(parse_key_event(event, at)));
    }
    if (out.events.size() + 1 != out.roots.size())
        return fields.invalid("keyEvents", "an array of one event for each trust root behind the first");
    return out;
}

void write_key_events(json::Writer& writer, const TrustPath& path) {
    if (path.events.empty()) return;
    writer.name("keyEvents").array();
    for (const KeyEventProof& event : path.events) {
        writer.object().name("envelope").raw(envelope_json(event.envelope));
        write_hashes(writer, "hashes", event.hashes);
        writer.name("logIndex").integer(static_cast<std::int64_t>(event.index.value())).end();
    }
    writer.end();
}

void write_trust_roots(json::Writer& writer, const TrustPath& path) {
    writer.name("trustRoots").array();
    for (const std::string& root : path.roots)
        writer.raw(root);
    writer.end();
}

Trusted judge_chain(const TrustPath& path, const trust::Root& held, std::uint64_t index) {
    constexpr auto name = "trust_chain";
    auto chain = read_chain(path);
    Status heeded = chain ? (*chain)->heed(held, index) : Status(std::unexpected(chain.error()));
    if (!heeded) {
        auto alone = std::make_unique<trust::History>(held);
        return {std::move(alone),
                {name, Outcome::failed,
                 "the enclosed trust roots are not a chain with the one that "
                 "was given: " +
                     heeded.error().detail}};
    }
    const std::int64_t newest = (*chain)->newest().version();
    std::string words = "the enclosed trust root is the one that was given";
    if (newest > held.version())
        words = "from version " + std::to_string(held.version()) + ", which was given, to version " +
                std::to_string(newest);
    if (newest < held.version())
        words = "version " + std::to_string(held.version()) + ", which was given, vouches for version " +
                std::to_string(newest);
    if (newest == held.version() && newest > 1) words += ", version " + std::to_string(newest);
    return {*std::move(chain), {name, Outcome::passed, std::move(words)}};
}

Check judge_key_events(const TrustPath& path, const trust::History& trust, const note::Checkpoint& head) {
    constexpr auto name = "key_events";
    const auto roots = trust.chain();
    for (std::size_t i = 0; i < path.events.size(); ++i) {
        if (i + 1 >= roots.size())
            return {name, Outcome::not_judged, "the enclosed trust roots are not a chain"};
        const std::string fault = find_fault(path.events[i], *roots[i + 1], head);
        if (fault.empty()) continue;
        return {
            name, Outcome::failed,
            "the event that put version " + std::to_string(i + 2) + " of the trust root in force: " + fault};
    }
    return {name, Outcome::passed,
            "version " + std::to_string(roots.size()) + " of the trust root is in force from entry " +
                std::to_string(trust.newest_from()) + " on"};
}

Check judge_expiry(const trust::History& trust, std::optional<UnixSeconds> head_time,
                   std::optional<UnixSeconds> at) {
    constexpr auto name = "trust_expiry";
    const auto time = at ? at : head_time;
    if (!time) return {name, Outcome::not_judged, "the head has no time that could be believed"};
    const trust::Root& newest = trust.newest();
    const std::string words = "version " + std::to_string(newest.version()) +
                              " of the trust root, which expires at " + newest.content().expires +
                              ", judged at " + in_words(*time) + (at ? "" : ", the time of the checkpoint");
    return {name, *time < newest.expires() ? Outcome::passed : Outcome::failed, words};
}

}  // namespace parmana::verify
