#include "agreement/draft.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>

#include "base/invariant.hpp"

namespace parmana::agreement {
namespace {

namespace golden = attest::golden;
namespace samples = bundle::samples;

constexpr std::string_view kClaimsInCel = R"("policyId":"claims-approval","policyVersion":"1.1.0")";
constexpr const char* kActions[] = {
    "",
    R"({"type":"pay"})",
    R"({"type":"pay","target":"iban:DE00","parameters":{}})",
    R"({"type":"\u00fcberweisen","parameters":{"w\u00e4hrung":"\u20ac","note":"\ud83d\ude00","deep":[[1.5e3,null]]}})",
    R"({"type":"pay","parameters":{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"\r":4,"1":5,"z":-0.0,"y":1e-7}})",
};

std::string file_text(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    INVARIANT(file.good());
    return {std::istreambuf_iterator<char>(file), {}};
}

bundle::Files files_in(const std::filesystem::path& directory) {
    bundle::Files files;
    for (const char* name : {"policy.json", "policy.yaml", "tests.yaml"})
        files.emplace(name, file_text(directory / name));
    return files;
}

std::string boolean(Random& random) {
    return random.percent(50) ? "true" : "false";
}

/// Around the limits of the policies, and anywhere.
std::string amount(Random& random) {
    constexpr std::size_t kLimits[] = {0, 1, 9'999, 10'000, 10'001, 50'000, 50'001, 1'000'000};
    return std::to_string(random.percent(50) ? random.pick(kLimits) : random.below(1'000'000));
}

}  // namespace

Scenery::Scenery(const std::string& policies) {
    for (const std::string_view source :
         {samples::kClaimsApproval, samples::kInsuredClaim, samples::kRefund}) {
        policies_.push_back(std::make_unique<decide::GovernedPolicy>(verify::fixture::governed(source)));
    }
    auto made =
        verify::fixture::signed_by_both(files_in(std::filesystem::path(policies) / "claims-approval/1.1.0"),
                                        {7, {{"batch", "wait.included"}, "0.1.0-rc.1"}});
    policies_.push_back(std::make_unique<decide::GovernedPolicy>(verify::fixture::governed(std::move(made))));
    for (std::size_t i = 0; i <= kWitnesses; ++i)
        witness_keys_.push_back(samples::key(21 + i));
}

std::string Scenery::request(std::size_t policy, Random& random) const {
    const std::string identity = R"("executionId":"order-)" + std::to_string(random.below(1'000'000)) + "\",";
    const std::string value = amount(random);
    if (policy == 3) {  // the policy binds the amount to the action
        const std::string action = R"({"type":"pay","parameters":{"amount":)" + value + "}}";
        const std::string signals =
            R"({"claim_amount":)" + value + R"(,"vip_customer":)" + boolean(random) + "}";
        return golden::request(identity + std::string(kClaimsInCel), signals, action);
    }
    const char* action = random.pick(kActions);
    if (policy == 0) {
        const std::string signals =
            R"({"claim_amount":)" + value + R"(,"vip_customer":)" + boolean(random) + "}";
        return golden::request(identity + std::string(golden::kClaims), signals, action);
    }
    if (policy == 1) {
        const std::string signals = R"({"claim_amount":)" + value + R"(,"insurance_active":)" +
                                    boolean(random) + R"(,"risk_score":)" +
                                    std::to_string(random.below(101)) + R"(,"vip_customer":)" +
                                    boolean(random) + "}";
        return golden::request(identity + std::string(golden::kInsured), signals, action);
    }
    constexpr const char* kChannels[] = {"web", "shop", "phone"};
    constexpr const char* kRates[] = {"1",    "-0.0", "0.25",     "1e-7",
                                      "1.50", "1E+3", "-999.875", "123456789.125"};
    constexpr const char* kNotes[] = {"n",          "\\u0000",          "e\\u0301", "\\ud83d\\ude00\\\"",
                                      "\\u2028\\/", "Gr\\u00fc\\u00dfe"};
    const std::string signals = std::string(R"({"channel":")") + random.pick(kChannels) +
                                R"(","exchange_rate":)" + random.pick(kRates) + R"(,"note":")" +
                                random.pick(kNotes) + R"(","repeat":)" + boolean(random) + "}";
    return golden::request(identity + std::string(golden::kRefund), signals, action);
}

Draft Scenery::draft(Random& random) const {
    const std::size_t policy = random.below(policies_.size());
    Draft out{world_.decided(request(policy, random), *policies_[policy])};
    out.group_origin = golden::kOrigin.value();
    out.group_tenant = golden::kTenant.value();
    out.size = 1 + random.below(random.percent(80) ? 40 : 600);
    out.index = random.below(out.size);
    out.seed = std::to_string(random.bits());
    out.first_format = random.percent(15);
    Parts& parts = out.parts;
    parts.previous_size = random.percent(15) ? 0 : random.below(out.index + 1);
    parts.previous_time = static_cast<std::int64_t>(random.below(2'000'000'000));
    parts.time = parts.previous_time + static_cast<std::int64_t>(random.below(100));
    if (!out.first_format && random.percent(50)) {
        const std::uint64_t first = out.index - random.below(std::min<std::uint64_t>(out.index + 1, 20));
        const std::uint64_t more = random.below(std::min<std::uint64_t>(out.size - out.index, 20));
        parts.grouped = Parts::Grouped{first, out.index - first + 1 + more};
    }
    out.held = world_.trust_text;
    if (!out.first_format && random.percent(60)) {
        Chain::Plan plan{places(out, random), random.percent(30)};
        const bool by_release = random.percent(40);
        const bool watched = !by_release && random.percent(25);
        if (by_release) plan.change = with_release_keys;
        if (watched) plan.change = with_witness_keys;
        auto chain = std::make_shared<const Chain>(*world_.root, std::move(plan));
        if (by_release && chain->in_force(out.index + 1) > 1) out.parts.released_by(release());
        const std::size_t held = random.below(chain->roots().size());
        if (watched && chain->in_force(out.size) > 1) out.witnesses = {0, 1, 2};
        if (watched && chain->in_force(parts.previous_size) > 1 && random.percent(50))
            out.previous_witnesses = {1};
        out.place(std::move(chain), held);
    }
    if (random.percent(15)) out.at = static_cast<std::int64_t>(random.below(2'082'758'400));
    return out;
}

void with_release_keys(trust::RootContent& content) {
    if (content.version > 1) content.roles[trust::Role::release] = trust::samples::members({75, 76}, 2);
}

void with_witness_keys(trust::RootContent& content) {
    if (content.version > 1) content.roles[trust::Role::witness] = trust::samples::members({21, 22, 23}, 2);
}

dsse::Signed release(std::string version) {
    return verify::fixture::World::release({75, 76}, std::move(version));
}

std::vector<std::uint64_t> Scenery::places(const Draft& draft, Random& random) {
    std::set<std::uint64_t> out;
    for (std::size_t count = 1 + random.below(3); count > 0; --count) {
        const std::uint64_t place = random.below(draft.size + draft.size / 4 + 3);
        if (place != draft.index) out.insert(place);
    }
    if (out.empty()) out.insert(draft.size + 1);
    return {out.begin(), out.end()};
}

void Draft::place(std::shared_ptr<const Chain> under, std::size_t version_held) {
    chain = std::move(under);
    parts.chain = chain.get();
    parts.attestation_key = &chain->attestation(index);
    parts.log_key = &chain->log(size);
    held = chain->roots()[version_held].text();
}

std::string Scenery::head(const note::Checkpoint& checkpoint, const dsse::SigningKey& log,
                          const dsse::SigningKey& clock, std::int64_t time,
                          const std::vector<std::size_t>& witnesses) const {
    std::string note = verify::fixture::World::head(checkpoint, log, clock, time);
    if (witnesses.empty()) return note;
    std::vector<std::string> lines;
    lines.reserve(witnesses.size());
    for (const std::size_t number : witnesses) {
        lines.push_back(note::cosign(note::checkpoint_body(checkpoint), witness_name(number),
                                     witness_keys_[number].signer(), UnixSeconds(time + 1))
                            .value());
    }
    return note::add_cosignatures(note, lines).value();
}

verify::GroupProof Scenery::seal_group(const Draft& draft, const merkle::Tree& tree) const {
    const Parts::Grouped& grouped = *draft.parts.grouped;
    merkle::Tree group;
    for (std::uint64_t i = 0; i < grouped.count; ++i)
        group.append(tree.leaf(merkle::LeafIndex(grouped.first + i)));
    const trust::Origin origin(draft.group_origin);
    const trust::Tenant tenant(draft.group_tenant);
    const attest::Scene here = world_.scene();
    const attest::Group said{merkle::LeafIndex(grouped.first), grouped.count, group.root()};
    std::string statement =
        attest::state(said, {tenant, origin, here.runtime_hash, here.blind_key}).statement;
    return {dsse::sign(draft.group_payload_type, std::move(statement), *draft.parts.attestation_key).value(),
            group.prove_inclusion(merkle::LeafIndex(draft.index - grouped.first), group.size())};
}

verify::Evidence Scenery::seal(const Draft& draft) const {
    const Parts& parts = draft.parts;
    const dsse::SigningKey& key = *parts.attestation_key;
    verify::Evidence out{};
    out.record = parts.record;
    out.policy = parts.policy;
    out.runtime_manifest = parts.runtime_manifest;
    if (!draft.first_format) out.release = parts.release;
    out.log_index = merkle::LeafIndex(draft.index);
    out.tree_size = merkle::TreeSize(draft.size);
    out.attestation = parts.grouped
                          ? dsse::Envelope{std::string(attest::kPayloadType), parts.statement, {}, {}}
                          : dsse::sign(parts.payload_type, parts.statement, key).value();
    const merkle::LeafHash own = parts.grouped
                                     ? merkle::hash_leaf(attest::statement_leaf_body(parts.statement))
                                     : attest::leaf_hash(out.attestation, key.public_key());
    merkle::Tree tree;
    for (std::uint64_t i = 0; i < draft.size; ++i) {
        const auto event = draft.chain ? draft.chain->event_at(i) : std::nullopt;
        if (i == draft.index) {
            tree.append(own);
        } else {
            tree.append(event ? draft.chain->event_leaf(*event, world_.scene())
                              : merkle::hash_leaf(draft.seed + " entry " + std::to_string(i)));
        }
    }
    if (parts.grouped) out.group = seal_group(draft, tree);
    out.proof = tree.prove_inclusion(out.log_index, out.tree_size);
    const auto or_log = [&](const dsse::SigningKey* one, std::uint64_t size) -> const dsse::SigningKey& {
        if (one != nullptr) return *one;
        return draft.chain ? draft.chain->log(size) : world_.log_key;
    };
    const note::Checkpoint checkpoint{parts.checkpoint_origin, tree.size(), tree.root()};
    if (draft.first_format) {
        out.checkpoint = note::sign_checkpoint(checkpoint, parts.log_key->signer()).value();
        return out;
    }
    if (draft.chain) {
        out.trust = draft.chain->path(tree, world_.scene());
    } else {
        out.trust.roots = {world_.root->text()};
    }
    if (draft.retell) draft.retell(out.trust);
    out.checkpoint =
        head(checkpoint, *parts.log_key, or_log(parts.time_key, draft.size), parts.time, draft.witnesses);
    const merkle::TreeSize before(parts.previous_size);
    out.previous = verify::Previous{
        head({parts.previous_origin, before, tree.root_at(before)},
             or_log(parts.previous_key, before.value()), or_log(parts.previous_time_key, before.value()),
             parts.previous_time, draft.previous_witnesses),
        tree.prove_consistency(before, tree.size())};
    return out;
}

}  // namespace parmana::agreement
