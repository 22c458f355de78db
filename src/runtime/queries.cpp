// What can be asked without changing anything.
#include "runtime/abilities.hpp"
#include "runtime/runtime.hpp"

namespace parmana::runtime {
namespace {

void append_policy_summary(json::Writer& writer, const decide::GovernedPolicy& governed) {
    writer.name("languageProfile").string(governed.policy.language_profile());
    writer.name("policyHash").string(to_wire(governed.hash.value()));
    writer.name("policyId").string(governed.policy.id().value());
    writer.name("policyVersion").string(governed.policy.version().value());
    writer.name("schemaHash").string(to_wire(governed.policy.schema_digest()));
}

std::unexpected<Error> unknown_execution(std::string_view id) {
    return fail(Code::execution_unknown, "no execution has the identity `" + std::string(id) + "`");
}

}  // namespace

Result<std::string> simulate(std::string_view body, const decide::PolicySet& policies) {
    const auto request = TRY(decide::parse_request(body));
    std::vector<policy::RuleTrace> trace;
    const decide::Ruling ruling = decide::decide_traced(request, policies, trace);
    if (const auto* refusal = std::get_if<decide::Refusal>(&ruling)) return std::unexpected(refusal->why);
    const policy::Rule& rule = *std::get<decide::Decision>(ruling).rule;
    std::string out;
    json::Writer writer(out);
    writer.object().name("reason").string(rule.outcome.reason).name("rule").string(rule.id);
    writer.name("trace").array();
    for (const policy::RuleTrace& step : trace) {
        writer.object().name("deciding").string(step.deciding).name("holds").boolean(step.holds);
        writer.name("rule").string(step.rule).end();
    }
    writer.end().name("wouldDecide").string(policy::wire_name(rule.outcome.verdict)).end();
    return out;
}

Result<verify::TrustPath> gather_trust(const trust::History& trust, const store::LedgerReader& ledger,
                                       const tlog::Log& log, merkle::TreeSize size) {
    verify::TrustPath out;
    for (const auto& [root, from] : trust.all()) {
        if (root->version() > 1 && from >= size.value()) break;
        out.roots.push_back(root->text());
        if (root->version() == 1) continue;
        const store::LogIndex index(from);
        const auto entry = TRY(ledger.read(index));
        out.events.push_back({index, entry->content.attestation, TRY(log.prove_inclusion_in(index, size))});
    }
    return out;
}

Result<verify::Evidence> gather_evidence(const DataDirectory& data, const store::LedgerReader& ledger,
                                         const tlog::Log& log, const decide::ExecutionId& id) {
    const auto entry = TRY(ledger.find(id));
    if (!entry) return unknown_execution(id.value());
    const store::Submission& content = (*entry)->content;
    const auto statement = TRY(attest::parse_decision_statement(content.attestation.payload));
    auto inclusion = TRY(log.prove_inclusion((*entry)->index));
    verify::Evidence out{};
    out.record = content.record;
    out.attestation = content.attestation;
    if (content.attested == store::Attested::log) {
        const auto group = TRY(read_group((*entry)->index, ledger, log));
        const merkle::LeafIndex place((*entry)->index.value() - group->first.value());
        out.group = verify::GroupProof{group->envelope, group->tree.prove_inclusion(place)};
    }
    out.policy = TRY(data.kept_policy(statement.policy_digest));
    out.runtime_manifest = TRY(data.kept_runtime_manifest(statement.runtime_digest));
    if (statement.release && statement.release->digest)
        out.release = TRY(data.kept_release(*statement.release->digest)).envelope;
    out.log_index = (*entry)->index;
    out.tree_size = inclusion.size;
    out.proof = std::move(inclusion.proof);
    out.checkpoint = std::move(inclusion.note);
    // A reader may come before a server has brought an old directory up to date: then the first format, which
    // has no groups, is all there is.
    if (out.group && !inclusion.previous)
        return fail(Code::not_included, "the history of heads is missing; serve the directory once");
    if (inclusion.previous) {
        out.previous =
            verify::Previous{std::move(inclusion.previous->note), std::move(inclusion.previous->consistency)};
        out.trust = TRY(gather_trust(data.trust(), ledger, log, inclusion.size));
    }
    return out;
}

Answer Runtime::simulate(std::string_view body) const {
    auto json = runtime::simulate(body, snapshots_.current()->policies);
    return json ? Answer::document(*std::move(json)) : Answer::problem(json.error());
}

Answer Runtime::execution(std::string_view id) const {
    const auto parsed = decide::parse_execution_id(id);
    if (!parsed) return Answer::problem(parsed.error());
    const auto entry = ledger_->find(*parsed);
    if (!entry) return Answer::problem(entry.error(), id);
    if (!*entry) return Answer::problem(unknown_execution(id).error());
    const auto group = group_of(***entry);
    if (!group) return Answer::problem(group.error(), id);
    return Answer::execution(**entry, data_.trust().origin().value(), group->get());
}

Result<std::shared_ptr<const Group>> Runtime::group_of(const store::Entry& entry) const {
    if (entry.content.attested == store::Attested::statement) return nullptr;
    return groups_->of(entry.index, *ledger_, *log_);
}

Answer Runtime::log_file(std::string_view path) const {
    auto bytes = tlog::read_log_file(data_.disk(), path);
    if (!bytes) return Answer::problem(bytes.error());
    return Answer::log_file(path == "checkpoint" ? "text/plain; charset=utf-8" : "application/octet-stream",
                            *std::move(bytes));
}

void Runtime::evidence(std::string id, Reply reply) {
    const auto answer_now = [this](const decide::ExecutionId& identity) {
        const auto evidence = gather_evidence(data_, *ledger_, *log_, identity);
        return evidence ? Answer::document(verify::render(*evidence))
                        : Answer::problem(evidence.error(), identity.value());
    };
    auto parsed = decide::parse_execution_id(id);
    if (!parsed) {
        return reply([error = parsed.error()] { return Answer::problem(error); });
    }
    const auto entry = ledger_->find(*parsed);
    const bool covered = !entry || !*entry || (**entry)->index.value() < log_->published_size().value();
    if (covered) return reply([answer_now, identity = *std::move(parsed)] { return answer_now(identity); });
    sequencer_->request([answer_now, identity = *std::move(parsed),
                         reply = std::move(reply)](Result<tlog::Published>) mutable {
        // A round that failed shows as not_included.
        reply([answer_now, identity = std::move(identity)] { return answer_now(identity); });
    });
}

Answer Runtime::verify(std::string_view body) const {
    if (const auto document = json::parse(body); !document) return Answer::problem(document.error());
    const verify::Report report = verify::verify(body, {.root = &data_.trust().newest()});
    return Answer::document(verify::json_report(report, verifications_->keep(body, report)));
}

Answer Runtime::verifications(std::string_view id) const {
    auto history = verifications_->find(id);
    if (history) return Answer::document(*std::move(history));
    return Answer::problem(
        {Code::verification_unknown, "nothing is known of a verification of `" + std::string(id) + "`"});
}

Answer Runtime::manifest() const {
    const auto snapshot = snapshots_.current();
    std::string out;
    json::Writer writer(out);
    writer.object().name("manifest").raw(snapshot->runtime_manifest);
    writer.name("origin").string(snapshot->origin.value());
    writer.name("runtimeHash").string(to_wire(snapshot->runtime_hash.value())).end();
    return Answer::document(std::move(out));
}

Answer Runtime::capabilities() const {
    return Answer::document(abilities_json(runtime_hash()));
}

Answer Runtime::policies() const {
    const auto snapshot = snapshots_.current();
    std::string out;
    json::Writer writer(out);
    writer.object().name("policies").array();
    for (const auto& governed : snapshot->policies.all()) {
        writer.object();
        append_policy_summary(writer, *governed);
        writer.end();
    }
    writer.end().end();
    return Answer::document(std::move(out));
}

Answer Runtime::policy(std::string_view id, std::string_view version) const {
    const auto unknown = [&] {
        return Answer::problem({Code::route_unknown, "`" + std::string(id) + "` has no active version `" +
                                                         std::string(version) + "`"});
    };
    const auto policy_id = policy::make_policy_id(id);
    const auto policy_version = policy::make_policy_version(version);
    if (!policy_id || !policy_version) return unknown();
    const auto snapshot = snapshots_.current();
    const auto governed = snapshot->policies.find(*policy_id, *policy_version);
    if (!governed) return unknown();
    std::string envelope, out;
    dsse::append_json(envelope, (*governed)->bundle.envelope);
    const auto document = json::parse((*governed)->bundle.files.at(std::string(bundle::kPolicyFile)));
    json::Writer writer(out);
    writer.object().name("envelope").raw(envelope);
    writer.name("languageProfile").string((*governed)->policy.language_profile());
    writer.name("policy").value(document->root());
    writer.name("policyHash").string(to_wire((*governed)->hash.value()));
    writer.name("policyId").string(id).name("policyVersion").string(version);
    writer.name("schemaHash").string(to_wire((*governed)->policy.schema_digest())).end();
    return Answer::document(std::move(out));
}

Answer Runtime::ready() const {
    std::string out;
    json::Writer writer(out);
    writer.object().name("entries").integer(static_cast<std::int64_t>(ledger_->size().value()));
    writer.name("notices").array();
    // Nothing outside this directory remembers the newest head, so a wholesale restored older copy goes
    // unnoticed.
    if (!high_water_ && !witnessing_) writer.string("rollback_undetectable");
    if (witnessing_ && witnessing_->failing()) writer.string("witness_quorum_missing");
    writer.end();
    const bool unable = failed_ || sequencer_->failing() || governance_->is_expired();
    writer.name("ready").boolean(!unable).name("reasons").array();
    if (failed_) writer.string("store_unavailable");
    if (sequencer_->failing()) writer.string("checkpoint_failed");
    // Decisions go on, and whoever verifies them will ask for a new root.
    if (governance_->is_expired()) writer.string("trust_expired");
    writer.end().end();
    return unable ? Answer::not_ready(std::move(out)) : Answer::document(std::move(out));
}

}  // namespace parmana::runtime
