#include "server/routes.hpp"

#include <algorithm>
#include <array>

namespace parmana::server {
namespace {

using runtime::Answer;
using runtime::Reply;
using runtime::Runtime;

/// Replies with an answer that is made on the connection's thread.
void reply_with(Reply reply, std::function<Answer()> make) {
    reply(std::move(make));
}

/// What a query asks for: `wait=` and `attestation=`, each at most once. Errors: query_invalid.
Result<runtime::Terms> parse_terms(std::string_view query, const Runtime& runtime) {
    using runtime::Wait;
    constexpr std::pair<std::string_view, Wait> kWaits[] = {
        {"committed", Wait::committed}, {"included", Wait::included}, {"witnessed", Wait::witnessed}};
    constexpr std::pair<std::string_view, store::Attested> kAttested[] = {
        {"statement", store::Attested::statement}, {"log", store::Attested::log}};
    runtime::Terms terms;
    bool has_wait = false, has_attestation = false;
    while (!query.empty()) {
        const std::size_t end = std::min(query.find('&'), query.size());
        const std::string_view pair = query.substr(0, end);
        query.remove_prefix(std::min(end + 1, query.size()));
        const std::size_t equals = std::min(pair.find('='), pair.size());
        const std::string_view name = pair.substr(0, equals),
                               value = pair.substr(std::min(equals + 1, pair.size()));
        bool known = false;
        if (name == "wait" && !has_wait) {
            has_wait = true;
            for (const auto& [word, wait] : kWaits) {
                if (word == value) known = true, terms.wait = wait;
            }
        } else if (name == "attestation" && !has_attestation) {
            has_attestation = true;
            for (const auto& [word, attested] : kAttested) {
                if (word == value) known = true, terms.attested = attested;
            }
        }
        if (!known) return fail(Code::query_invalid, "`" + std::string(pair) + "` is not supported here");
    }
    if (terms.wait == Wait::witnessed && !runtime.has_witnesses())
        return fail(Code::query_invalid, "`wait=witnessed`: this server has no witnesses");
    return terms;
}

/// The terms of a call, or its answer.
std::optional<runtime::Terms> terms_of(Runtime& runtime, Call& call, Reply& reply) {
    auto terms = parse_terms(call.request.query, runtime);
    if (!terms) {
        reply_with(std::move(reply), [error = terms.error()] { return Answer::problem(error); });
        return std::nullopt;
    }
    if (call.request.has_idempotency_key) terms->idempotency_key = std::move(call.request.idempotency_key);
    return *std::move(terms);
}

void evaluate(Runtime& runtime, Call call, Reply reply) {
    if (const auto terms = terms_of(runtime, call, reply))
        runtime.road().evaluate(call.request.body, *terms, std::move(reply));
}

void evaluate_batch(Runtime& runtime, Call call, Reply reply) {
    if (const auto terms = terms_of(runtime, call, reply))
        runtime.road().evaluate_batch(call.request.body, *terms, std::move(reply));
}

void log_file(Runtime& runtime, Call call, Reply reply) {
    reply_with(std::move(reply),
               [&runtime, path = std::move(call.parameters[0])] { return runtime.log_file(path); });
}

void simulate(Runtime& runtime, Call call, Reply reply) {
    reply_with(std::move(reply),
               [&runtime, body = std::move(call.request.body)] { return runtime.simulate(body); });
}

void verify(Runtime& runtime, Call call, Reply reply) {
    reply_with(std::move(reply),
               [&runtime, body = std::move(call.request.body)] { return runtime.verify(body); });
}

void verifications(Runtime& runtime, Call call, Reply reply) {
    reply_with(std::move(reply),
               [&runtime, id = std::move(call.parameters[0])] { return runtime.verifications(id); });
}

void execution(Runtime& runtime, Call call, Reply reply) {
    reply_with(std::move(reply),
               [&runtime, id = std::move(call.parameters[0])] { return runtime.execution(id); });
}

void evidence(Runtime& runtime, Call call, Reply reply) {
    runtime.evidence(std::move(call.parameters[0]), std::move(reply));
}

void health(Runtime&, Call, Reply reply) {
    reply_with(std::move(reply), [] { return Answer::document(R"({"status":"ok"})"); });
}

void ready(Runtime& runtime, Call, Reply reply) {
    reply_with(std::move(reply), [&runtime] { return runtime.ready(); });
}

void manifest(Runtime& runtime, Call, Reply reply) {
    reply_with(std::move(reply), [&runtime] { return runtime.manifest(); });
}

void capabilities(Runtime& runtime, Call, Reply reply) {
    reply_with(std::move(reply), [&runtime] { return runtime.capabilities(); });
}

void policies(Runtime& runtime, Call, Reply reply) {
    reply_with(std::move(reply), [&runtime] { return runtime.policies(); });
}

void policy(Runtime& runtime, Call call, Reply reply) {
    reply_with(std::move(reply), [&runtime, parameters = std::move(call.parameters)] {
        return runtime.policy(parameters[0], parameters[1]);
    });
}

void openapi(Runtime&, Call, Reply reply) {
    reply_with(std::move(reply), [] { return Answer::document(openapi_document()); });
}

const std::vector<Code> kParseCodes = {
    Code::json_malformed,       Code::json_duplicate_member,  Code::number_not_exact,
    Code::member_unknown,       Code::member_missing,         Code::member_invalid,
    Code::execution_id_invalid, Code::media_type_unsupported, Code::body_too_large};
const std::vector<Code> kRefusalCodes = {
    Code::signal_missing,  Code::signal_type,          Code::signal_range,     Code::signal_unknown,
    Code::signal_unbound,  Code::policy_unknown,       Code::policy_inactive,  Code::policy_superseded,
    Code::policy_unsigned, Code::policy_altered,       Code::policy_invalid,   Code::profile_unknown,
    Code::schema_unknown,  Code::runtime_incompatible, Code::evaluation_error, Code::cost_exceeded};

std::vector<Code> joined(std::initializer_list<std::vector<Code>> lists) {
    std::vector<Code> out;
    for (const auto& list : lists)
        out.insert(out.end(), list.begin(), list.end());
    return out;
}

std::vector<Route> deciding_routes() {
    return {
        {"POST", "/evaluate", "decide, consume the execution identity, record, attest", "EvaluateRequest",
         "Decision", limits::kEvaluateBodyBytesMax,
         joined(
             {kParseCodes,
              kRefusalCodes,
              {Code::execution_id_required, Code::idempotency_key_invalid, Code::execution_identity_consumed,
               Code::execution_identity_conflict, Code::store_unavailable, Code::storage_full,
               Code::outcome_unknown, Code::not_included, Code::snapshot_stale, Code::signer_unavailable}}),
         evaluate, true},
        {"POST",
         "/evaluate/batch",
         "many requests at once, each with its own identity and result",
         "BatchRequest",
         "BatchResult",
         limits::kBatchBodyBytesMax,
         {Code::json_malformed, Code::json_duplicate_member, Code::number_not_exact, Code::member_unknown,
          Code::member_missing, Code::member_invalid, Code::media_type_unsupported, Code::body_too_large},
         evaluate_batch,
         true},
        {"POST", "/simulate", "what would be decided; nothing is signed, consumed or logged",
         "EvaluateRequest", "Simulation", limits::kEvaluateBodyBytesMax, joined({kParseCodes, kRefusalCodes}),
         simulate},
        {"POST",
         "/verify",
         "the checks of an evidence file or an attestation against this server's trust root",
         "EvidenceOrAttestation",
         "VerificationReport",
         limits::kVerifyBodyBytesMax,
         {Code::json_malformed, Code::json_duplicate_member, Code::number_not_exact,
          Code::media_type_unsupported, Code::body_too_large},
         verify},
    };
}

std::vector<Route> ledger_routes() {
    return {
        {"GET",
         "/executions/{id}",
         "the record of an execution",
         "",
         "Execution",
         0,
         {Code::execution_id_invalid, Code::execution_unknown},
         execution},
        {"GET",
         "/executions/{id}/evidence",
         "the evidence file of an execution",
         "",
         "Evidence",
         0,
         {Code::execution_id_invalid, Code::execution_unknown, Code::not_included, Code::data_corrupt},
         evidence},
        {"GET",
         "/audit/verifications/{id}",
         "what this server was asked to verify: by the id of a verification or of an execution, newest first",
         "",
         "VerificationHistory",
         0,
         {Code::verification_unknown},
         verifications},
        {"GET",
         "/log/checkpoint",
         "the signed head of the ledger (C2SP tlog-checkpoint)",
         "",
         "Note",
         0,
         {},
         [](Runtime& runtime, Call call, Reply reply) {
             call.parameters = {"checkpoint"};
             log_file(runtime, std::move(call), std::move(reply));
         },
         false,
         false,
         "text/plain"},
        {"GET",
         "/log/tile/{path}",
         "tiles and entry bundles of the ledger (C2SP tlog-tiles)",
         "",
         "Tile",
         0,
         {},
         [](Runtime& runtime, Call call, Reply reply) {
             call.parameters[0] = "tile/" + call.parameters[0];
             log_file(runtime, std::move(call), std::move(reply));
         },
         false,
         true,
         "application/octet-stream"},
    };
}

std::vector<Route> describing_routes() {
    return {
        {"GET", "/health", "the process answers", "", "Health", 0, {}, health},
        {"GET",
         "/ready",
         "the process can decide; what an operator should know",
         "",
         "Readiness",
         0,
         {Code::store_unavailable},
         ready},
        {"GET", "/runtime/manifest", "provenance of the runtime", "", "RuntimeManifest", 0, {}, manifest},
        {"GET",
         "/runtime/capabilities",
         "what this program can and reads: what policies may require",
         "",
         "Capabilities",
         0,
         {},
         capabilities},
        {"GET", "/policies", "the active signed policies", "", "PolicyList", 0, {}, policies},
        {"GET", "/policies/{id}/{version}", "one active signed policy", "", "Policy", 0, {}, policy},
        {"GET", "/openapi.json", "this document", "", "OpenApi", 0, {}, openapi},
    };
}

const std::vector<Route>& table() {
    static const std::vector<Route> kRoutes = [] {
        std::vector<Route> all;
        for (const auto& routes : {deciding_routes(), ledger_routes(), describing_routes()})
            all.insert(all.end(), routes.begin(), routes.end());
        return all;
    }();
    return kRoutes;
}

std::vector<std::string_view> segments_of(std::string_view path) {
    std::vector<std::string_view> out;
    while (!path.empty()) {
        path.remove_prefix(1);  // the slash
        const std::size_t end = std::min(path.find('/'), path.size());
        out.push_back(path.substr(0, end));
        path.remove_prefix(end);
    }
    return out;
}

bool matches(const Route& route, std::string_view path, std::vector<std::string>& parameters) {
    const auto wanted = segments_of(route.path);
    auto given = segments_of(path);
    if (route.rest_of_path && given.size() > wanted.size()) {
        // One parameter of all that is left: the segments are views of one text.
        const char* begin = given[wanted.size() - 1].data();
        given.resize(wanted.size());
        given.back() = std::string_view(begin, static_cast<std::size_t>(path.data() + path.size() - begin));
    }
    if (wanted.size() != given.size()) return false;
    parameters.clear();
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        if (wanted[i].starts_with('{')) {
            if (given[i].empty()) return false;
            parameters.emplace_back(given[i]);
        } else if (wanted[i] != given[i]) {
            return false;
        }
    }
    return true;
}

}  // namespace

std::span<const Route> routes() {
    return table();
}

std::span<const Code> common_codes() {
    static constexpr auto kCommon = std::to_array<Code>(
        {Code::request_malformed, Code::host_not_allowed, Code::origin_not_allowed, Code::route_unknown,
         Code::method_not_allowed, Code::query_invalid, Code::request_timeout, Code::headers_too_large,
         Code::internal, Code::overloaded});
    return kCommon;
}

Match match_route(std::string_view method, std::string_view path) {
    Match match;
    if (!path.starts_with('/')) return match;
    const std::string_view effective = method == "HEAD" ? "GET" : method;
    for (const Route& route : table()) {
        std::vector<std::string> parameters;
        if (!matches(route, path, parameters)) continue;
        if (route.method == effective) return {&route, std::move(parameters), {}};
        match.allow = route.method;
    }
    return match;
}

}  // namespace parmana::server
