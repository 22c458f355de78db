// Golden records: what is stated and signed about some sixty requests, under fixed keys and an injected
// runtime manifest. No clock, no randomness, no file: every build on every machine makes the same bytes,
// which stand in tests/golden/records.jsonl.
#pragma once

#include <string>
#include <vector>

#include "attest/attest.hpp"
#include "bundle/samples_test.hpp"

namespace parmana::attest::golden {

inline const trust::Tenant kTenant("default");
inline const trust::Origin kOrigin("localhost/0123456789abcdef");

inline BlindKey blind_key() {
    SimulatedEntropy entropy(7);
    return crypto::generate_secret(entropy);
}

/// A manifest that no executable produced.
inline std::string manifest() {
    return runtime_manifest({"0.1.0", "0123456789abcdef", "a compiler", "-O2 \"-D…\"", std::nullopt});
}

inline decide::PolicySet policies() {
    decide::PolicySet set;
    for (const std::string_view source :
         {bundle::samples::kClaimsApproval, bundle::samples::kInsuredClaim, bundle::samples::kRefund}) {
        auto made = bundle::make(bundle::samples::only(source), bundle::samples::key(4)).value();
        auto policy = bundle::open_files(made).value();
        const bundle::PolicyHash hash = bundle::policy_hash(made);
        set.add({std::move(policy), std::move(made), hash});
    }
    set.add_fault("withdrawn", "1.0.0", {Code::policy_unsigned, "unsigned", "/policyId"});
    return set;
}

/// The request without identity: policy, signals, and an action or nothing.
inline std::string request(std::string_view policy, std::string_view signals, std::string_view action = {}) {
    std::string out = "{";
    if (!action.empty()) out.append("\"action\":").append(action).append(",");
    return out.append(policy).append(",\"signals\":").append(signals).append("}");
}

inline constexpr std::string_view kClaims = R"("policyId":"claims-approval","policyVersion":"1.0.0")";
inline constexpr std::string_view kInsured = R"("policyId":"insured-claim","policyVersion":"2.1.0")";
inline constexpr std::string_view kRefund =
    R"("policyId":"refund_desk","policyVersion":"0.3.0-rc.1+build.7")";

inline void add_claims(std::vector<std::string>& out) {
    for (const char* amount : {"0", "1200", "9999", "10000", "10001", "50000", "50001", "9007199254740991"}) {
        for (const char* vip : {"false", "true"}) {
            const std::string signals =
                std::string(R"({"claim_amount":)") + amount + R"(,"vip_customer":)" + vip + "}";
            out.push_back(request(kClaims, signals));
        }
    }
    for (const char* action : {
             R"({"type":"pay"})",
             R"({"type":"pay","target":""})",
             R"({"target":"iban:DE00","type":"pay","parameters":{}})",
             R"({"type":"überweisen","parameters":{"währung":"€","note":"\ud83d\ude00"}})",
             R"({"type":"pay","parameters":{"z":[1,2.50,-0.0,1e-7,1E+2,null,true],)"
             R"("a":{"\u0000":"\u001f\/"}}})",
             R"({"type":"pay","parameters":{"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3,"\r":4,"1":5}})",
         }) {
        out.push_back(request(kClaims, R"({"vip_customer":false,"claim_amount":1200})", action));
    }
}

inline void add_insured(std::vector<std::string>& out) {
    for (const char* active : {"true", "false"}) {
        for (const char* risk : {"0", "79", "80", "100"}) {
            const std::string signals = std::string(R"({"claim_amount":10001,"insurance_active":)") + active +
                                        R"(,"risk_score":)" + risk + R"(,"vip_customer":false})";
            out.push_back(request(kInsured, signals));
        }
    }
}

inline void add_refunds(std::vector<std::string>& out) {
    for (const char* rate :
         {"1", "1.0", "-0", "0.5", "0.49999999999999994", "1.5", "1.5000000000000002", "-999.999", "1e-7",
          "5e-324", "123456789012345.67", "1E15", "333333333.33333329"}) {
        const std::string signals =
            std::string(R"({"channel":"web","note":"n","exchange_rate":)") + rate + "}";
        out.push_back(request(kRefund, signals));
    }
    for (const char* note : {R"("é")", R"("e\u0301")", R"("\"\\\/\b\f\n\r\t")", R"("\u0000\u001f\u007f")",
                             R"("\ud83d\ude00\u2028")", R"("İıſK")", "\"\xf0\x90\x80\x80\xef\xbf\xbf\""}) {
        const std::string signals =
            std::string(R"({"channel":"shop","exchange_rate":1.25,"note":)") + note + "}";
        out.push_back(request(kRefund, signals));
    }
    out.push_back(request(kRefund, R"({"channel":"phone","exchange_rate":1,"note":"n","repeat":true})"));
    out.push_back(request(kRefund, R"({"channel":"phone","exchange_rate":1,"note":"n","repeat":false})",
                          R"({"type":"refund"})"));
}

inline void add_refusals(std::vector<std::string>& out) {
    const auto policy = [](std::string_view id, std::string_view version) {
        return std::string(R"("policyId":")").append(id).append(R"(","policyVersion":")").append(version) +
               '"';
    };
    out.push_back(request(policy("nowhere", "1.0.0"), "{}"));
    out.push_back(request(policy("claims-approval", "2.0.0"), R"({"claim_amount":1})"));
    out.push_back(request(policy("withdrawn", "1.0.0"), "{}", R"({"type":"pay"})"));
    out.push_back(request(kClaims, R"({"claim_amount":1200})"));
    out.push_back(request(kClaims, R"({"claim_amount":-1,"vip_customer":false})"));
    out.push_back(request(kClaims, R"({"claim_amount":1200.0,"vip_customer":false})"));
    out.push_back(request(kClaims, R"({"claim_amount":null,"vip_customer":false})", R"({"type":"pay"})"));
    out.push_back(request(kClaims, R"({"claim_amount":1,"vip_customer":true,"\ud83d\ude00/~":[{}]})"));
    out.push_back(request(kRefund, R"({"channel":"phone","exchange_rate":1,"note":"n"})"));
    out.push_back(request(kRefund, R"({"channel":"web","exchange_rate":1,"note":"ééééééééééééé"})"));
}

/// All requests; every second one names its identity, the others have it derived.
inline std::vector<std::string> requests() {
    std::vector<std::string> out;
    add_claims(out);
    add_insured(out);
    add_refunds(out);
    add_refusals(out);
    for (std::size_t i = 0; i < out.size(); i += 2) {
        out[i].replace(0, 1, R"({"executionId":"golden-)" + std::to_string(i) + "\",");
    }
    return out;
}

/// One request with all that is made of it.
struct Line {
    decide::EvaluateRequest request;
    decide::ExecutionId execution_id;
    bool decided;
    Blind blind;
    Stated stated;
    dsse::Envelope envelope;
};

inline Line make_line(const std::string& body, const decide::PolicySet& set, const dsse::SigningKey& key) {
    const BlindKey blind_key = golden::blind_key();
    const RuntimeHash runtime = runtime_hash(manifest());
    const Scene scene{kTenant, kOrigin, runtime, blind_key};
    auto request = decide::parse_request(body).value();
    const auto id = request.execution_id.value_or(derive_execution_id(blind_key, request.digest));
    const decide::Ruling ruling = decide::decide(request, set);
    Stated stated = std::visit([&](const auto& one) { return state(request, id, one, scene); }, ruling);
    auto envelope = sign(stated.statement, key).value();
    return {std::move(request),
            id,
            std::holds_alternative<decide::Decision>(ruling),
            make_blind(blind_key, kOrigin, kTenant, id),
            std::move(stated),
            std::move(envelope)};
}

/// The golden file: a line about the scene, and a line a request. Canonical JSON each.
inline std::string text() {
    const dsse::SigningKey key = bundle::samples::key(2);
    const decide::PolicySet set = policies();
    std::string out;
    json::Writer(out)
        .object()
        .name("blindKey")
        .string(to_hex(blind_key().expose()))
        .name("publicKey")
        .string(to_hex(view_of(key.public_key().value())))
        .name("runtimeHash")
        .string(to_wire(runtime_hash(manifest()).value()))
        .name("runtimeManifest")
        .raw(manifest())
        .end();
    out += "\n";
    for (const std::string& body : requests()) {
        const Line line = make_line(body, set, key);
        json::Writer(out)
            .object()
            .name("blind")
            .string(to_hex(view_of(line.blind.value())))
            .name("leaf")
            .raw(leaf_body(line.envelope, key.public_key()))
            .name("record")
            .raw(line.stated.record)
            .name("request")
            .string(body)
            .name("signature")
            .string(to_base64(view_of(line.envelope.signature.value())))
            .name("statement")
            .raw(line.stated.statement)
            .end();
        out += "\n";
    }
    return out;
}

}  // namespace parmana::attest::golden
