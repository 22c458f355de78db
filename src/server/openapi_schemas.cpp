#include "server/openapi_schemas.hpp"

#include "base/invariant.hpp"
#include "json/json.hpp"

namespace parmana::server {
namespace {

constexpr std::pair<const char*, const char*> kSchemas[] = {
    {"EvaluateRequest", R"({
      "type":"object","additionalProperties":false,"required":["policyId","policyVersion","signals"],
      "properties":{
        "policyId":{"type":"string","pattern":"^[A-Za-z0-9_-]{1,128}$"},
        "policyVersion":{"type":"string","maxLength":32,"description":"SemVer 2.0.0"},
        "signals":{"type":"object"},
        "executionId":{"type":"string","pattern":"^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$"},
        "action":{"type":"object","additionalProperties":false,"required":["type"],
          "properties":{"type":{"type":"string"},"target":{"type":"string"},"parameters":{"type":"object"}}}}})"},
    {"Envelope", R"({
      "type":"object","additionalProperties":false,"required":["payload","payloadType","signatures"],
      "description":"DSSE v1, exactly one signature",
      "properties":{"payload":{"type":"string","contentEncoding":"base64"},"payloadType":{"type":"string"},
        "signatures":{"type":"array","minItems":1,"maxItems":1,"items":{"type":"object",
          "required":["keyid","sig"],"properties":{"keyid":{"type":"string"},"sig":{"type":"string"}}}}}})"},
    {"SignedManifest", R"({
      "type":"object","additionalProperties":false,"required":["payload","payloadType","signatures"],
      "description":"DSSE v1, a signature of each policy key that signed, in ascending order of key ids",
      "properties":{"payload":{"type":"string","contentEncoding":"base64"},"payloadType":{"type":"string"},
        "signatures":{"type":"array","minItems":1,"items":{"type":"object",
          "required":["keyid","sig"],"properties":{"keyid":{"type":"string"},"sig":{"type":"string"}}}}}})"},
    {"Log", R"({"type":"object","required":["index","origin"],
      "description":"checkpoint, hashes and treeSize prove the inclusion, for whoever waited for it",
      "properties":{"checkpoint":{"type":"string"},"hashes":{"type":"array","items":{"type":"string"}},
        "index":{"type":"integer","minimum":0},"origin":{"type":"string"},"treeSize":{"type":"integer"}}})"},
    {"GroupPath", R"({"type":"object","required":["first","hashes","payload"],
      "description":"of a decision attested by the log: its statement, and the path to the root of its group",
      "properties":{"first":{"type":"integer"},"hashes":{"type":"array","items":{"type":"string"}},
        "payload":{"type":"string","contentEncoding":"base64"}}})"},
    {"BatchRequest", R"({"type":"object","additionalProperties":false,"required":["items"],
      "properties":{"items":{"type":"array","minItems":1,"maxItems":1000,
        "items":{"$ref":"#/components/schemas/EvaluateRequest"}}}})"},
    {"BatchResult", R"({"type":"object","required":["groups","results"],
      "description":"results in the order of the items; groups has each group statement once",
      "properties":{"groups":{"type":"array","items":{"$ref":"#/components/schemas/Envelope"}},
        "results":{"type":"array","items":{"type":"object","required":["body","status"],
          "properties":{"status":{"type":"integer"},"body":{"anyOf":[{"$ref":"#/components/schemas/Decision"},
            {"$ref":"#/components/schemas/Problem"}]}}}}}})"},
    {"Note", R"({"type":"string","description":"C2SP signed-note"})"},
    {"Tile", R"({"type":"string","contentMediaType":"application/octet-stream"})"},
    {"Verdict", R"({"type":"string","enum":["approved","rejected","override_required"]})"},
    {"Hash", R"({"type":"string","pattern":"^sha256:[0-9a-f]{64}$"})"},
    {"Decision", R"({
      "type":"object","description":"only decision `approved` admits",
      "required":["decision","execution_fingerprint","execution_id","log","provenance","reason","rule"],
      "properties":{"attestation":{"$ref":"#/components/schemas/Envelope"},
        "group":{"$ref":"#/components/schemas/GroupPath"},
        "decision":{"$ref":"#/components/schemas/Verdict"},
        "execution_fingerprint":{"$ref":"#/components/schemas/Hash"},
        "execution_id":{"type":"string"},"log":{"$ref":"#/components/schemas/Log"},
        "provenance":{"type":"object","required":["languageProfile","policyHash","runtimeHash","schemaHash"],
          "properties":{"languageProfile":{"type":"string"},"policyHash":{"$ref":"#/components/schemas/Hash"},
            "release":{"description":"the release that admits the runtime; absent from answers of before releases",
              "anyOf":[{"const":"development"},{"$ref":"#/components/schemas/Hash"}]},
            "runtimeHash":{"$ref":"#/components/schemas/Hash"},"schemaHash":{"$ref":"#/components/schemas/Hash"}}},
        "reason":{"type":"string"},"rule":{"type":"string"},
        "signature":{"type":"string","contentEncoding":"base64"}}})"},
    {"Simulation", R"({
      "type":"object","required":["reason","rule","trace","wouldDecide"],
      "properties":{"reason":{"type":"string"},"rule":{"type":"string"},
        "wouldDecide":{"$ref":"#/components/schemas/Verdict"},
        "trace":{"type":"array","items":{"type":"object","required":["deciding","holds","rule"],
          "properties":{"deciding":{"type":"string"},"holds":{"type":"boolean"},"rule":{"type":"string"}}}}}})"},
    {"EvidenceOrAttestation",
     R"({"anyOf":[{"$ref":"#/components/schemas/Evidence"},{"$ref":"#/components/schemas/Envelope"}]})"},
    {"VerificationReport", R"({
      "type":"object","required":["checks","kind","results","valid"],
      "properties":{"kind":{"type":"string","enum":["attestation","evidence"]},"valid":{"type":"boolean"},
        "executionId":{"type":"string"},
        "verificationId":{"type":"string","description":"of POST /verify: names it in /audit/verifications"},
        "results":{"type":"object","description":"one answer for each question, of all its checks",
          "additionalProperties":{"type":"object","required":["passed","reason"],
            "properties":{"passed":{"type":"boolean"},"reason":{"type":"string"}}}},
        "trustFingerprint":{"$ref":"#/components/schemas/Hash"},"verdict":{"$ref":"#/components/schemas/Verdict"},
        "checks":{"type":"array","items":{"type":"object","required":["detail","name","outcome"],
          "properties":{"detail":{"type":"string"},"name":{"type":"string"},
            "outcome":{"type":"string","enum":["passed","failed","not_judged"]}}}}}})"},
    {"VerificationHistory", R"({
      "type":"object","required":["id","verifications"],
      "properties":{"id":{"type":"string"},
        "verifications":{"type":"array","description":"newest first","items":{"type":"object",
          "required":["at","fileDigest","kind","results","valid","verificationId"],
          "properties":{"at":{"type":"string","format":"date-time"},"executionId":{"type":"string"},
            "fileDigest":{"$ref":"#/components/schemas/Hash"},"kind":{"type":"string"},
            "results":{"type":"object"},"trustFingerprint":{"$ref":"#/components/schemas/Hash"},
            "valid":{"type":"boolean"},"verificationId":{"type":"string"}}}}}})"},
    {"Execution", R"({
      "type":"object","required":["attestation","committed_at","execution_id","log","record"],
      "properties":{"attestation":{"$ref":"#/components/schemas/Envelope"},
        "committed_at":{"type":"integer","description":"milliseconds since 1970, informational"},
        "execution_id":{"type":"string"},"group":{"$ref":"#/components/schemas/GroupPath"},
        "log":{"$ref":"#/components/schemas/Log"},"record":{"type":"object"}}})"},
    {"Evidence", R"({
      "type":"object","additionalProperties":false,"description":"canonical JSON; one spelling",
      "required":["checkpoint","format","inclusionProof","policy","record","runtimeManifest"],
      "properties":{"checkpoint":{"type":"string"},"envelope":{"$ref":"#/components/schemas/Envelope"},
        "format":{"enum":["parmana-evidence/1","parmana-evidence/2"]},"group":{"type":"object"},
        "inclusionProof":{"type":"object"},"keyEvents":{"type":"array","items":{"type":"object"}},
        "policy":{"type":"object"},"previousCheckpoint":{"type":"object"},"record":{"type":"object"},
        "release":{"$ref":"#/components/schemas/SignedManifest"},"runtimeManifest":{"type":"object"},
        "trustRoots":{"type":"array","items":{"type":"object"}}}})"},
    {"Health", R"({"type":"object","required":["status"],"properties":{"status":{"const":"ok"}}})"},
    {"Readiness", R"({
      "type":"object","required":["entries","notices","ready","reasons"],
      "properties":{"entries":{"type":"integer"},"notices":{"type":"array","items":{"type":"string"}},
        "ready":{"type":"boolean"},"reasons":{"type":"array","items":{"type":"string"}}}})"},
    {"RuntimeManifest", R"({
      "type":"object","required":["manifest","origin","runtimeHash"],
      "properties":{"manifest":{"type":"object"},"origin":{"type":"string"},
        "runtimeHash":{"$ref":"#/components/schemas/Hash"}}})"},
    {"Capabilities", R"({
      "type":"object","required":["capabilities","evidenceFormats","languageProfiles","runtimeHash",
        "schemaVersions","version"],
      "properties":{"capabilities":{"type":"array","items":{"type":"string","pattern":"^[a-z][a-z0-9.-]{0,63}$"}},
        "evidenceFormats":{"type":"array","items":{"type":"string"}},
        "languageProfiles":{"type":"array","items":{"type":"string"}},
        "runtimeHash":{"$ref":"#/components/schemas/Hash"},
        "schemaVersions":{"type":"array","items":{"type":"string"}},
        "version":{"type":"string","description":"SemVer 2.0.0"}}})"},
    {"PolicyList", R"({
      "type":"object","required":["policies"],"properties":{"policies":{"type":"array","items":{"type":"object",
        "required":["languageProfile","policyHash","policyId","policyVersion","schemaHash"],
        "properties":{"languageProfile":{"type":"string"},"policyHash":{"$ref":"#/components/schemas/Hash"},
          "policyId":{"type":"string"},"policyVersion":{"type":"string"},
          "schemaHash":{"$ref":"#/components/schemas/Hash"}}}}}})"},
    {"Policy", R"({
      "type":"object",
      "required":["envelope","languageProfile","policy","policyHash","policyId","policyVersion","schemaHash"],
      "properties":{"envelope":{"$ref":"#/components/schemas/SignedManifest"},"languageProfile":{"type":"string"},
        "policy":{"type":"object"},"policyHash":{"$ref":"#/components/schemas/Hash"},"policyId":{"type":"string"},
        "policyVersion":{"type":"string"},"schemaHash":{"$ref":"#/components/schemas/Hash"}}})"},
    {"OpenApi", R"({"type":"object"})"},
    {"Problem", R"({
      "type":"object","description":"RFC 9457; a 422 of /evaluate carries the signed refusal",
      "required":["code","detail","status","title","type"],
      "properties":{"type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},
        "detail":{"type":"string"},"code":{"$ref":"#/components/schemas/Code"},
        "pointer":{"type":"string","description":"RFC 6901, into the request"},
        "execution_id":{"type":"string"},"attestation":{"$ref":"#/components/schemas/Envelope"}}})"},
};

}  // namespace

std::map<std::string, std::string> openapi_schemas() {
    std::map<std::string, std::string> out;
    for (const auto& [name, text] : kSchemas) {
        const auto document = json::parse(text);
        INVARIANT(document.has_value());
        out.emplace(name, json::canonical(document->root()));
    }
    return out;
}

}  // namespace parmana::server
