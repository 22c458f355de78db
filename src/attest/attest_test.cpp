#include "attest/attest.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <sstream>

#include "attest/golden_test.hpp"

namespace parmana::attest {
namespace {

namespace samples = bundle::samples;

std::string file_text(const std::string& path) {
    std::ifstream file(PARMANA_SOURCE_DIR "/" + path, std::ios::binary);
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

bool is_canonical(const std::string& text) {
    const auto document = json::parse(text);
    return document && json::is_canonical(*document);
}

std::vector<golden::Line> golden_lines() {
    const dsse::SigningKey key = samples::key(2);
    const decide::PolicySet set = golden::policies();
    std::vector<golden::Line> out;
    for (const std::string& body : golden::requests())
        out.push_back(golden::make_line(body, set, key));
    return out;
}

Stated state_on(const std::string& body, const Scene& scene) {
    const decide::PolicySet set = golden::policies();
    const auto request = decide::parse_request(body).value();
    const auto ruling = decide::decide(request, set);
    return std::visit(
        [&](const auto& one) { return state(request, request.execution_id.value(), one, scene); }, ruling);
}

TEST(Golden, EveryByteIsTheOneThatWasCommitted) {
    const std::string expected = file_text("tests/golden/records.jsonl");
    const std::string made = golden::text();
    std::istringstream expected_lines(expected), made_lines(made);
    std::string expected_line, made_line;
    for (int line = 1; std::getline(expected_lines, expected_line); ++line) {
        ASSERT_TRUE(std::getline(made_lines, made_line)) << line;
        ASSERT_EQ(made_line, expected_line) << "line " << line;
    }
    EXPECT_EQ(made, expected);
}

TEST(Golden, ItHasEveryVerdictActionsAndRefusals) {
    std::set<std::string> verdicts, codes;
    int decisions = 0, actions = 0;
    for (const golden::Line& line : golden_lines()) {
        const auto document = json::parse(line.stated.record).value();
        if (!line.decided) {
            codes.emplace(document.root().find("code")->string());
            continue;
        }
        ++decisions;
        actions += document.root().find("action").has_value();
        verdicts.emplace(document.root().find("decision")->string());
    }
    EXPECT_GE(decisions, 40);
    EXPECT_GE(actions, 6);
    EXPECT_EQ(verdicts, (std::set<std::string>{"approved", "override_required", "rejected"}));
    EXPECT_EQ(codes, (std::set<std::string>{"policy_unknown", "policy_unsigned", "signal_missing",
                                            "signal_range", "signal_type", "signal_unknown"}));
}

TEST(Stated, EverythingThatIsWrittenIsCanonical) {
    EXPECT_TRUE(is_canonical(golden::manifest()));
    const dsse::SigningKey key = samples::key(2);
    for (const golden::Line& line : golden_lines()) {
        EXPECT_TRUE(is_canonical(line.stated.record)) << line.stated.record;
        EXPECT_TRUE(is_canonical(line.stated.statement)) << line.stated.statement;
        EXPECT_TRUE(is_canonical(leaf_body(line.envelope, key.public_key())));
    }
}

TEST(Stated, RecordsAndStatementsOfDecisionsAreReadBack) {
    const dsse::SigningKey key = samples::key(2);
    for (const golden::Line& line : golden_lines()) {
        EXPECT_EQ(line.envelope.payload, line.stated.statement);
        EXPECT_TRUE(dsse::verify(line.envelope, key.public_key()));
        if (!line.decided) continue;
        const auto document = json::parse(line.stated.record).value();
        const auto record = parse_decision_record(document.root(), "");
        ASSERT_TRUE(record) << record.error().detail;
        const auto statement = parse_decision_statement(line.stated.statement);
        ASSERT_TRUE(statement) << statement.error().detail;
        EXPECT_EQ(statement->record_digest, to_hex(view_of(crypto::sha256(line.stated.record))));
        EXPECT_EQ(record->execution_id, line.execution_id);
        EXPECT_EQ(statement->subject_name, "execution:" + line.execution_id.value());
        EXPECT_EQ(record->blind, line.blind);
        EXPECT_EQ(record->signals_json, line.request.signals_json);
        EXPECT_EQ(record->action_json, line.request.action_json);
        EXPECT_EQ(record->execution_fingerprint, to_wire(line.request.fingerprint.value()));
        EXPECT_EQ(statement->signals_digest, blinded_digest(line.blind, line.request.signals_json));
        EXPECT_EQ(statement->action_digest.has_value(), !line.request.action_json.empty());
    }
}

TEST(Stated, StatementsOfRefusalsAreReadBackAsRefusalsOnly) {
    for (const golden::Line& line : golden_lines()) {
        const auto refusal = parse_refusal_statement(line.stated.statement);
        ASSERT_EQ(refusal.has_value(), !line.decided);
        EXPECT_EQ(parse_decision_statement(line.stated.statement).has_value(), line.decided);
        EXPECT_EQ(predicate_type(line.stated.statement).value(), line.decided ? kDecisionType : kRefusalType);
        if (!refusal) continue;
        const auto record = json::parse(line.stated.record).value();
        EXPECT_EQ(record.root().find("kind")->string(), "refusal");
        EXPECT_EQ(refusal->code, record.root().find("code")->string());
        EXPECT_EQ(refusal->record_digest, to_hex(view_of(crypto::sha256(line.stated.record))));
        EXPECT_EQ(refusal->policy_digest.has_value(), record.root().find("policyHash").has_value());
        EXPECT_EQ(refusal->request_digest, blinded_digest(line.blind, view_of(line.request.digest.value())));
        EXPECT_FALSE(parse_decision_record(record.root(), "").has_value());
    }
}

TEST(Stated, NothingInAStatementCanBeGuessedBackIntoSignals) {
    const BlindKey key = golden::blind_key();
    const RuntimeHash runtime = runtime_hash(golden::manifest());
    const Scene scene{golden::kTenant, golden::kOrigin, runtime, key};
    const std::string rest = R"(,"executionId":"x","policyId":"claims-approval","policyVersion":"1.0.0",)";
    const std::string bodies[] = {
        R"({"action":{"type":"wire","target":"sesame"})" + rest +
            R"("signals":{"claim_amount":4711,"vip_customer":false}})",
        R"({"action":{"type":"wire","target":"sesame"})" + rest +
            R"("signals":{"claim_amount":4711,"sesame":1,"vip_customer":false}})",
    };
    for (const std::string& body : bodies) {
        const auto request = decide::parse_request(body).value();
        const Stated stated = state_on(body, scene);
        EXPECT_NE(stated.record.find("4711"), std::string::npos);
        for (const std::string& secret :
             {std::string("4711"), std::string("claim_amount"), std::string("sesame"), std::string("wire"),
              to_hex(view_of(request.fingerprint.value())), to_hex(view_of(request.digest.value())),
              to_hex(view_of(crypto::sha256(request.signals_json))),
              to_hex(view_of(crypto::sha256(request.action_json))),
              to_hex(view_of(make_blind(key, scene.origin, scene.tenant, *request.execution_id).value()))}) {
            EXPECT_EQ(stated.statement.find(secret), std::string::npos) << secret;
        }
    }
}

TEST(Stated, TheSameSceneGivesTheSameBytesAndAnotherSceneOthers) {
    const BlindKey key = golden::blind_key();
    SimulatedEntropy entropy(8);
    const BlindKey other_key = crypto::generate_secret(entropy);
    const RuntimeHash runtime = runtime_hash(golden::manifest());
    const RuntimeHash other_runtime = runtime_hash("{}");
    const trust::Tenant other_tenant("other");
    const trust::Origin other_origin("localhost/other");
    const std::string body = replaced(golden::requests()[1], "{", R"({"executionId":"x",)");
    const auto stated = [&](const Scene& scene) { return state_on(body, scene).statement; };
    const std::string first = stated({golden::kTenant, golden::kOrigin, runtime, key});
    EXPECT_EQ(stated({golden::kTenant, golden::kOrigin, runtime, key}), first);
    EXPECT_NE(stated({other_tenant, golden::kOrigin, runtime, key}), first);
    EXPECT_NE(stated({golden::kTenant, other_origin, runtime, key}), first);
    EXPECT_NE(stated({golden::kTenant, golden::kOrigin, other_runtime, key}), first);
    EXPECT_NE(stated({golden::kTenant, golden::kOrigin, runtime, other_key}), first);
}

TEST(Blind, DiffersForEveryIdentityTenantOriginAndKey) {
    const BlindKey key = golden::blind_key();
    SimulatedEntropy entropy(8);
    const BlindKey other_key = crypto::generate_secret(entropy);
    const auto blind = [&key](const char* origin, const char* tenant, const char* id) {
        return make_blind(key, trust::Origin(origin), trust::Tenant(tenant), decide::ExecutionId(id));
    };
    const std::set<Blind> blinds = {
        blind("o", "t", "i"),
        blind("o2", "t", "i"),
        blind("o", "t2", "i"),
        blind("o", "t", "i2"),
        blind("ot", "", "i"),
        blind("o", "ti", ""),
        blind("", "ot", "i"),
        blind("o", "i", "t"),
        make_blind(other_key, trust::Origin("o"), trust::Tenant("t"), decide::ExecutionId("i")),
    };
    EXPECT_EQ(blinds.size(), 9u);
    EXPECT_EQ(blind("o", "t", "i").value(),
              crypto::hmac_sha256(key.expose(), {std::string_view("o\0t\0i", 5)}));
}

TEST(DerivedIdentity, IsAKeyedHashOfTheRequestThatNobodyCanChoose) {
    const BlindKey key = golden::blind_key();
    SimulatedEntropy entropy(8);
    const BlindKey other_key = crypto::generate_secret(entropy);
    const auto first = decide::parse_request(golden::requests()[1]).value();
    const auto second = decide::parse_request(golden::requests()[3]).value();
    const auto id = derive_execution_id(key, first.digest);
    EXPECT_EQ(id.value(), "d_wyand6sc5w7wvxdw3fv7cdqxmla3ocmg");
    EXPECT_EQ(derive_execution_id(key, first.digest), id);
    EXPECT_NE(derive_execution_id(key, second.digest), id);
    EXPECT_NE(derive_execution_id(other_key, first.digest), id);
    EXPECT_EQ(decide::parse_execution_id(id.value()).value(), id);
    EXPECT_FALSE(decide::make_execution_id(id.value()).has_value());
}

TEST(Leaf, IsTheBodyThatTheTransparencyLogWrites) {
    const auto vector = json::parse(file_text("tests/golden/rekor_dsse002.json")).value();
    const auto envelope = dsse::parse(*vector.root().find("dsseEnvelope"), "").value();
    const auto spki = from_base64(vector.root().find("publicKey")->string()).value();
    const crypto::PublicKey key(array_from<32>(spki.substr(12)).value());
    EXPECT_EQ(crypto::spki_der(key), spki);
    EXPECT_EQ(to_base64(leaf_body(envelope, key)), vector.root().find("canonicalizedBody")->string());
}

TEST(Leaf, DiffersForAnotherPayloadSignatureOrKey) {
    const dsse::SigningKey key = samples::key(2), other = samples::key(3);
    const auto envelope = sign("{}", key).value();
    auto other_payload = envelope;
    other_payload.payload = "[]";
    auto other_signature = envelope;
    other_signature.signature = sign("[]", key).value().signature;
    const merkle::LeafHash leaf = leaf_hash(envelope, key.public_key());
    EXPECT_EQ(leaf, merkle::hash_leaf(leaf_body(envelope, key.public_key())));
    EXPECT_NE(leaf_hash(other_payload, key.public_key()), leaf);
    EXPECT_NE(leaf_hash(other_signature, key.public_key()), leaf);
    EXPECT_NE(leaf_hash(envelope, other.public_key()), leaf);
}

TEST(RuntimeManifest, SaysWhatDecidesAndItsHashCoversIt) {
    RuntimeFacts facts{"1.2.3", "abc", "g++ 12", "-O2", crypto::sha256("program")};
    const std::string manifest = runtime_manifest(facts);
    EXPECT_EQ(
        manifest,
        R"({"compiler":"g++ 12","executableDigest":")" + to_wire(crypto::sha256("program")) +
            R"(","flags":"-O2","languageProfiles":["parmana-cel/1","parmana-rules/1"],"predicateTypes":)"
            R"(["urn:parmana:decision/v1","urn:parmana:group/v1","urn:parmana:key-event/v1",)"
            R"("urn:parmana:policy-event/v1","urn:parmana:refusal/v1","urn:parmana:release-event/v1",)"
            R"("urn:parmana:replay/v1"],"program":"parmana",)"
            R"("schemaVersions":["1.0.0","1.1.0"],"sourceRevision":"abc","timeZoneData":"2025b",)"
            R"("version":"1.2.3"})");
    EXPECT_EQ(runtime_hash(manifest).value(), crypto::sha256(manifest));
    facts.executable = crypto::sha256("another program");
    EXPECT_NE(runtime_hash(runtime_manifest(facts)), runtime_hash(manifest));
    facts.executable = std::nullopt;
    EXPECT_NE(runtime_hash(runtime_manifest(facts)), runtime_hash(manifest));
}

TEST(Statement, EveryOtherFormIsRefused) {
    const std::string good = golden_lines()[16].stated.statement;
    ASSERT_NE(good.find("actionDigest"), std::string::npos);
    const std::pair<const char*, const char*> changes[] = {
        {"{\"_type\"", "{ \"_type\""},
        {"Statement/v1", "Statement/v2"},
        {"decision/v1", "decision/v2"},
        {"decision/v1", "refusal/v1"},
        {"\"predicate\":{", "\"predicate\":{\"a\":1,"},
        {"\"predicate\":{", "\"a\":1,\"predicate\":{"},
        {"\"decision\":\"approved\"", "\"decision\":\"Approved\""},
        {"\"decision\":\"approved\"", "\"decision\":true"},
        {"\"decision\":\"approved\",", ""},
        {"\"rule\":", "\"rulf\":"},
        {"\"sha256\":", "\"sha512\":"},
        {"\"tenant\":\"default\"", "\"tenant\":null"},
        {"\"subject\":[{", "\"subject\":[{},{"},
        {"\"name\":\"execution:", "\"name\":[],\"x\":\"execution:"},
        {"\"version\":\"1.0.0\"", "\"version\":\"1.0.0\",\"x\":1"},
    };
    for (const auto& [from, to] : changes) {
        EXPECT_FALSE(parse_decision_statement(replaced(good, from, to)).has_value()) << to;
    }
    EXPECT_FALSE(parse_decision_statement(good + "\n").has_value());
    EXPECT_FALSE(predicate_type(good + "\n").has_value());
    EXPECT_FALSE(predicate_type(replaced(good, "Statement/v1", "Statement/v2")).has_value());
    const std::string refusal = golden_lines().back().stated.statement;
    ASSERT_TRUE(parse_refusal_statement(refusal));
    for (const auto& [from, to] : std::initializer_list<std::pair<const char*, const char*>>{
             {"\"code\":", "\"action\":1,\"code\":"},
             {"\"code\":\"signal_range\"", "\"code\":1"},
             {"\"requestDigest\":", "\"requestDigesu\":"},
             {"\"tenant\":\"default\"", "\"tenant\":\"default\",\"x\":1"},
             {"refusal/v1", "decision/v1"}}) {
        EXPECT_FALSE(parse_refusal_statement(replaced(refusal, from, to)).has_value()) << to;
    }
}

TEST(Record, EveryOtherFormIsRefused) {
    const std::string good = golden_lines()[0].stated.record;
    const std::pair<const char*, const char*> changes[] = {
        {"\"blindEpoch\":1", "\"blindEpoch\":2"},
        {"\"blind\":\"3", "\"blind\":\""},
        {"\"blind\":\"3", "\"blind\":\"G"},
        {"\"kind\":\"decision\"", "\"kind\":\"refusal\""},
        {"\"decision\":\"approved\"", "\"decision\":\"maybe\""},
        {"\"executionId\":\"golden-0\"", "\"executionId\":\"golden 0\""},
        {"\"executionId\":\"golden-0\"", "\"executionId\":0"},
        {"\"reason\":", "\"x\":1,\"reason\":"},
        {"\"tenant\":", "\"tenants\":"},
        {"\"signals\":{", "\"signals\":[],\"x\":{"},
    };
    ASSERT_TRUE(parse_decision_record(json::parse(good)->root(), "").has_value());
    for (const auto& [from, to] : changes) {
        const auto document = json::parse(replaced(good, from, to)).value();
        EXPECT_FALSE(parse_decision_record(document.root(), "").has_value()) << to;
    }
}

}  // namespace
}  // namespace parmana::attest
