"""The HTTP surface, member by member, as callers depend on it."""
import base64
import hashlib
import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

SEED_FINGERPRINT = "sha256:66bde83e9e3ce50192ba493b8d48158d5e9e509259e72456c660aa56f9f0d447"
HASH = re.compile(r"sha256:[0-9a-f]{64}")
KEY = "dGhpcyBpcyBhIGtleSBvZiAxMjggYml0cw"
OTHER_KEY = "YW5kIHRoaXMgaXMgYW5vdGhlciBvbmUuLi4"
ANSWER_MEMBERS = {"decision", "execution_id", "execution_fingerprint", "signature", "provenance", "rule",
                  "reason",
                  "attestation", "log"}

PROBLEM_MEMBERS = {"type", "title", "status", "detail", "code", "pointer", "execution_id", "attestation"}


def statement_of(envelope):
    return parmana.parse_json(base64.b64decode(envelope["payload"], validate=True))


class Surface(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = cls.enterClassContext(parmana.scratch())
        cls.data = parmana.init(cls.place / "data")
        cls.server = cls.enterClassContext(parmana.Server(cls.data))

    def assert_problem(self, answer, status, code, attested=False):
        self.assertEqual((answer.status, answer.headers.get("content-type")),
                         (status, "application/problem+json"),
                         answer.body[:300])
        problem = answer.json()
        self.assertEqual((problem["status"], problem["code"]), (status, code))
        for name in ("type", "title", "detail"):
            self.assertIsInstance(problem[name], str)
        self.assertNotIn("decision", problem)
        self.assertEqual("attestation" in problem, attested)
        self.assertLessEqual(set(problem), PROBLEM_MEMBERS)
        return problem

    def assert_usable(self, name):
        answer = self.server.evaluate(name)
        self.assertEqual(answer.status, 200, answer.body[:300])


class Evaluate(Surface):
    def test_1_the_first_request_of_the_documentation_is_approved(self):
        answer = self.server.evaluate(None)
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/json"),
                         answer.body)
        told = answer.json()
        self.assertEqual(set(told), ANSWER_MEMBERS)
        self.assertEqual((told["decision"], told["rule"]), ("approved", "standard-approval"))
        self.assertEqual(told["reason"], "the claim is within the limits")
        self.assertTrue(told["execution_id"].startswith("d_"))
        self.assertEqual(told["execution_fingerprint"], SEED_FINGERPRINT)
        self.assertEqual(len(base64.b64decode(told["signature"], validate=True)), 64)
        self.assertEqual(set(told["provenance"]),
                         {"languageProfile", "policyHash", "release", "runtimeHash", "schemaHash"})
        for name in ("runtimeHash", "policyHash", "schemaHash"):
            self.assertTrue(HASH.fullmatch(told["provenance"][name]))
        self.assertEqual(told["provenance"]["release"], "development")
        envelope = told["attestation"]
        self.assertEqual(set(envelope), {"payload", "payloadType", "signatures"})
        self.assertEqual(envelope["payloadType"], "application/vnd.in-toto+json")
        self.assertEqual([signature["sig"] for signature in envelope["signatures"]], [told["signature"]])
        statement = statement_of(envelope)
        self.assertEqual(statement["_type"], "https://in-toto.io/Statement/v1")
        self.assertIn("decision/v1", statement["predicateType"])
        self.assertEqual(statement["predicate"]["decision"], "approved")
        self.assertEqual(statement["predicate"]["release"], {"name": "development"})
        self.assertNotIn(SEED_FINGERPRINT[7:], json.dumps(statement),
                         "nothing guessable stands in the statement")
        self.assertEqual(told["log"]["origin"], statement["predicate"]["origin"])
        self.assertIsInstance(told["log"]["index"], int)

        again = self.server.evaluate(None)
        problem = self.assert_problem(again, 409, "execution_identity_consumed")
        self.assertEqual(problem["execution_id"], told["execution_id"])

    def test_the_same_identity_again_is_consumed_and_with_other_signals_a_conflict(self):
        first = self.server.evaluate("twice")
        self.assertEqual(first.status, 200)
        self.assertEqual(first.json()["execution_id"], "twice")
        self.assertEqual(self.server.evaluate("twice").code(), "execution_identity_consumed")
        conflict = self.server.evaluate("twice", {"claim_amount": 1201, "vip_customer": False})
        self.assert_problem(conflict, 409, "execution_identity_conflict")
        acted = self.server.evaluate("twice", action={"type": "payout"})
        self.assert_problem(acted, 409, "execution_identity_conflict")
        self.assertEqual(self.server.evaluate("twice").code(), "execution_identity_consumed")

    def test_white_space_and_order_of_members_do_not_make_another_request(self):
        self.assertEqual(self.server.evaluate("spelled").status, 200)
        respelled = (b'{ "signals" : {"vip_customer":false, "claim_amount":1200}, "policyVersion":"1.0.0",\n'
                     b'"executionId":"spelle\\u0064","policyId":"claims-approval"}')
        self.assertEqual(self.server.post("/evaluate", respelled).code(), "execution_identity_consumed")

    def test_rejected_and_override_required_are_decisions_and_consume(self):
        for amount, decision in ((50001, "rejected"), (10001, "override_required")):
            with self.subTest(decision):
                name = f"decided-{decision}"
                signals = {"claim_amount": amount, "vip_customer": False}
                answer = self.server.evaluate(name, signals)
                self.assertEqual((answer.status, answer.json()["decision"]), (200, decision))
                self.assertEqual(set(answer.json()), ANSWER_MEMBERS)
                self.assertEqual(self.server.evaluate(name, signals).code(), "execution_identity_consumed")

    def test_log_indices_are_dense(self):
        indices = [self.server.evaluate(f"dense-{n}").json()["log"]["index"] for n in range(5)]
        self.assertEqual(indices, list(range(indices[0], indices[0] + 5)))

    def test_a_refusal_names_the_signal_is_signed_and_consumes_nothing(self):
        answer = self.server.evaluate("refused", {"claim_amount": "1200", "vip_customer": False})
        problem = self.assert_problem(answer, 422, "signal_type", attested=True)
        self.assertEqual(problem["pointer"], "/signals/claim_amount")
        self.assertEqual(problem["execution_id"], "refused")
        self.assertEqual(len(problem["attestation"]["signatures"]), 1)
        self.assertIn("refusal/v1", statement_of(problem["attestation"])["predicateType"])
        self.assert_problem(self.server.get("/executions/refused"), 404, "execution_unknown")
        self.assert_usable("refused")

    def test_malformed_requests_have_their_codes(self):
        good = json.dumps({**parmana.SEED_REQUEST, "executionId": "malformed"})
        spelled = good.replace('"policyId"', '"policyId":"x","policy\\u0049d"')
        for what, body, code, pointer in (
                ("nothing", b"", "json_malformed", None),
                ("not JSON", b"{", "json_malformed", None),
                ("a byte order mark", b"\xef\xbb\xbf" + good.encode(), "json_malformed", None),
                ("not UTF-8", good.encode().replace(b"malformed", b"m\xff"), "json_malformed", None),
                ("a lone surrogate", good.replace("malformed", "\\ud800").encode(), "json_malformed", None),
                ("something behind it", good.encode() + b"{}", "json_malformed", None),
                ("too deep", b"[" * 70 + b"]" * 70, "json_malformed", None),
                ("a member twice", spelled.encode(), "json_duplicate_member", None),
                ("a member unknown", good.replace('{"policyId"', '{"extra":1,"policyId"').encode(),
                 "member_unknown",
                 "/extra"),
                ("a member missing", good.replace('"policyVersion": "1.0.0", ', "").encode(),
                 "member_missing",
                 "/policyVersion"),
                ("an inexact number", good.replace("1200", "9007199254740993").encode(), "number_not_exact",
                 None),
                ("an array", b"[]", "member_invalid", None),
                ("signals not an object", good.replace("{\"claim_amount\": 1200, \"vip_customer\": false}",
                                                       "[]").encode(),
                 "member_invalid", "/signals"),
                ("a policy id not allowed", good.replace("claims-approval", "claims/approval").encode(),
                 "member_invalid", "/policyId"),
                ("a version not SemVer", good.replace("1.0.0", "v1").encode(), "member_invalid",
                 "/policyVersion"),
                ("an action without type", good.replace('{"policyId"', '{"action":{},"policyId"').encode(),
                 "member_missing", "/action/type"),
        ):
            with self.subTest(what):
                problem = self.assert_problem(self.server.post("/evaluate", body), 400, code)
                if pointer is not None:
                    self.assertEqual(problem["pointer"], pointer)
        self.assert_usable("malformed")

    def test_execution_identities_have_one_form(self):
        for name in ("a", "A.b_c~d-9", "x" * 128, "D_upper", "0"):
            with self.subTest(name):
                self.assert_usable(name)
        for name in ("", "d_abc", "d_", "-a", ".a", "_a", "~a", "a b", "a/b", "é", "x" * 129, "a\n", "a%20b",
                     7, None,
                     ["a"]):
            with self.subTest(name):
                body = {**parmana.SEED_REQUEST, "executionId": name}
                problem = self.assert_problem(self.server.post("/evaluate", body), 400,
                                              "execution_id_invalid")
                self.assertEqual(problem["pointer"], "/executionId")

    def test_bodies_over_the_limit_and_other_media_types_are_refused(self):
        at_limit = json.dumps({**parmana.SEED_REQUEST, "executionId": "at-limit"}).encode()
        padded = at_limit + b" " * (64 * 1024 - len(at_limit))
        for size in (1, 1000, 1_000_000):
            with self.subTest(over=size):
                self.assert_problem(self.server.post("/evaluate", padded + b" " * size), 413,
                                    "body_too_large")
        self.assertEqual(self.server.post("/evaluate", padded).status, 200)
        for media_type in ("text/plain", "application/x-www-form-urlencoded", "application/jsonp", ""):
            with self.subTest(media_type):
                answer = self.server.post("/evaluate", at_limit, {"Content-Type": media_type})
                self.assert_problem(answer, 415, "media_type_unsupported")
        answer = self.server.post("/evaluate", at_limit, {"Content-Type": "application/json; charset=utf-8"})
        self.assertEqual(answer.code(), "execution_identity_consumed")

    def test_unknown_queries_are_refused(self):
        for query in ("?wait=never", "?nonsense=1", "?attestation=none"):
            with self.subTest(query):
                answer = self.server.post("/evaluate" + query,
                                          {**parmana.SEED_REQUEST, "executionId": "queried"})
                self.assert_problem(answer, 400, "query_invalid")
        answer = self.server.post("/evaluate?wait=committed",
                                  {**parmana.SEED_REQUEST, "executionId": "queried"})
        self.assertEqual(answer.status, 200)


class IdempotencyKeys(Surface):
    def test_the_same_key_and_body_get_the_stored_answer_byte_for_byte(self):
        first = self.server.evaluate("kept", headers={"Idempotency-Key": KEY})
        self.assertEqual(first.status, 200)
        for _ in range(3):
            again = self.server.evaluate("kept", headers={"Idempotency-Key": KEY})
            self.assertEqual((again.status, again.body), (200, first.body))

    def test_without_the_key_or_with_another_the_identity_is_consumed(self):
        self.assertEqual(self.server.evaluate("keyed", headers={"Idempotency-Key": KEY}).status, 200)
        self.assert_problem(self.server.evaluate("keyed"), 409, "execution_identity_consumed")
        other = self.server.evaluate("keyed", headers={"Idempotency-Key": OTHER_KEY})
        self.assertEqual((other.status, other.code()), (409, "execution_identity_consumed"))
        self.assertEqual(self.server.evaluate("keyed", headers={"Idempotency-Key": KEY}).status, 200)

    def test_the_same_key_with_another_body_is_a_conflict(self):
        self.assertEqual(self.server.evaluate("rekeyed", headers={"Idempotency-Key": KEY}).status, 200)
        other = self.server.evaluate("rekeyed", {"claim_amount": 5, "vip_customer": True},
                                     {"Idempotency-Key": KEY})
        self.assert_problem(other, 409, "execution_identity_conflict")

    def test_a_key_added_later_does_not_open_the_identity_again(self):
        self.assertEqual(self.server.evaluate("unkeyed").status, 200)
        later = self.server.evaluate("unkeyed", headers={"Idempotency-Key": KEY})
        self.assertEqual((later.status, later.code()), (409, "execution_identity_consumed"))

    def test_one_key_serves_several_identities(self):
        for name in ("shared-1", "shared-2"):
            answer = self.server.evaluate(name, headers={"Idempotency-Key": KEY})
            self.assertEqual((answer.status, answer.json()["execution_id"]), (200, name))

    def test_short_and_malformed_keys_are_refused_and_consume_nothing(self):
        for key in ("", "short", "x" * 21, "x" * 256, "with space inside and more"):
            with self.subTest(key):
                answer = self.server.evaluate("short-key", headers={"Idempotency-Key": key})
                self.assert_problem(answer, 400, "idempotency_key_invalid")
        self.assert_usable("short-key")

    def test_the_stored_answer_survives_a_restart(self):
        data = parmana.init(self.place / "restarted")
        with parmana.Server(data) as server:
            first = server.evaluate("kept", headers={"Idempotency-Key": KEY})
        with parmana.Server(data) as server:
            again = server.evaluate("kept", headers={"Idempotency-Key": KEY})
            self.assertEqual((again.status, again.body), (200, first.body))
            self.assertEqual(server.evaluate("kept").code(), "execution_identity_consumed")
        self.assertNotIn(KEY.encode(),
                         b"".join(path.read_bytes() for path in data.rglob("*") if path.is_file()))


class Reading(Surface):
    def test_an_execution_is_read_as_a_record_without_a_decision_of_its_own(self):
        told = self.server.evaluate("read").json()
        answer = self.server.get("/executions/read")
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "application/json"))
        read = answer.json()
        self.assertNotIn("decision", read)
        record = read["record"]
        self.assertEqual((record["decision"], record["executionId"], record["signals"]),
                         ("approved", "read", parmana.SEED_SIGNALS))
        self.assertEqual(read["attestation"], told["attestation"])
        subject = statement_of(told["attestation"])["subject"][0]
        canonical = json.dumps(record, sort_keys=True, separators=(",", ":")).encode()
        self.assertEqual(subject["digest"]["sha256"], hashlib.sha256(canonical).hexdigest())

    def test_unknown_executions_are_404(self):
        for name in ("never-used", "d_" + "a" * 32):
            self.assert_problem(self.server.get(f"/executions/{name}"), 404, "execution_unknown")
            self.assert_problem(self.server.get(f"/executions/{name}/evidence"), 404, "execution_unknown")
        self.assert_problem(self.server.get("/executions/-bad"), 400, "execution_id_invalid")

    def test_simulate_says_what_would_be_decided_and_consumes_nothing(self):
        body = {**parmana.SEED_REQUEST, "executionId": "simulated"}
        for _ in range(2):
            answer = self.server.post("/simulate", body)
            self.assertEqual(answer.status, 200, answer.body)
            told = answer.json()
            self.assertEqual((told["wouldDecide"], told["rule"]), ("approved", "standard-approval"))
            self.assertIn("reason", told)
            self.assertIn("trace", told)
            self.assertFalse({"decision", "signature", "attestation", "log"} & set(told))
        self.assert_problem(self.server.get("/executions/simulated"), 404, "execution_unknown")
        self.assert_usable("simulated")
        self.assertEqual(self.server.post("/simulate", parmana.SEED_REQUEST).status, 200)

    def test_what_was_verified_is_told_by_both_names(self):
        self.assertEqual(self.server.evaluate("verified").status, 200)
        evidence = self.server.get("/executions/verified/evidence").body
        first = self.server.post("/verify", evidence).json()
        self.assertEqual((first["valid"], first["executionId"]), (True, "verified"))
        self.assertEqual(set(first["results"]), {"signature", "runtime", "schema", "policy_bundle", "release",
                                                 "trust_root", "log", "witness", "verdict"})
        for name, result in first["results"].items():
            self.assertTrue(result["passed"], name)
            self.assertTrue(result["reason"], name)
        altered = evidence.replace(b'"claim_amount":1200', b'"claim_amount":1201')
        second = self.server.post("/verify", altered).json()
        self.assertEqual((second["valid"], second["results"]["signature"]["passed"]), (False, False))
        one = self.server.get("/audit/verifications/" + first["verificationId"]).json()
        self.assertEqual([v["valid"] for v in one["verifications"]], [True])
        self.assertEqual(one["verifications"][0]["fileDigest"], "sha256:" + hashlib.sha256(evidence).hexdigest())
        both = self.server.get("/audit/verifications/verified").json()
        self.assertEqual([v["verificationId"] for v in both["verifications"]],
                         [second["verificationId"], first["verificationId"]])
        self.assert_problem(self.server.get("/audit/verifications/nobody"), 404, "verification_unknown")

    def test_health_and_readiness(self):
        self.assertEqual(self.server.get("/health").status, 200)
        ready = self.server.get("/ready")
        self.assertEqual(ready.status, 200, ready.body)
        self.assertIn("rollback_undetectable", ready.body.decode())

    def test_the_manifest_holds_the_digest_of_the_running_executable(self):
        answer = self.server.get("/runtime/manifest")
        self.assertEqual(answer.status, 200)
        executable = hashlib.sha256(parmana.BINARY.read_bytes()).hexdigest()
        self.assertIn(executable, answer.body.decode())
        runtime_hash = self.server.evaluate("manifest").json()["provenance"]["runtimeHash"]
        self.assertIn(runtime_hash, answer.body.decode())
        self.assertEqual(parmana.parse_json(parmana.must("version", "--json"))["runtimeHash"], runtime_hash)

    def test_one_byte_more_in_the_executable_is_another_runtime(self):
        copy = self.place / "parmana-copy"
        copy.write_bytes(parmana.BINARY.read_bytes() + b"\0")
        copy.chmod(0o755)
        hashes = {parmana.parse_json(parmana.must("version", "--json", binary=binary))["runtimeHash"]
                  for binary in (parmana.BINARY, copy)}
        self.assertEqual(len(hashes), 2)
        with parmana.Server(parmana.init(self.place / "copied"), binary=copy) as server:
            self.assertIn(hashlib.sha256(copy.read_bytes()).hexdigest(),
                          server.get("/runtime/manifest").body.decode())

    def test_capabilities_are_those_of_this_runtime(self):
        answer = self.server.get("/runtime/capabilities")
        self.assertEqual(answer.status, 200)
        told, manifest = answer.json(), self.server.get("/runtime/manifest").json()
        self.assertEqual(told["runtimeHash"], manifest["runtimeHash"])
        self.assertEqual(told["version"], manifest["manifest"]["version"])
        self.assertIn("batch", told["capabilities"])
        self.assert_problem(self.server.post("/runtime/capabilities", {}), 405, "method_not_allowed")

    def test_policies_are_listed_and_shown(self):
        listed = self.server.get("/policies")
        self.assertEqual(listed.status, 200)
        told = self.server.evaluate("listed").json()
        self.assertIn("claims-approval", listed.body.decode())
        self.assertIn(told["provenance"]["policyHash"], listed.body.decode())
        shown = self.server.get("/policies/claims-approval/1.0.0")
        self.assertEqual(shown.status, 200)
        self.assertIn(told["provenance"]["policyHash"], shown.body.decode())
        self.assert_problem(self.server.get("/policies/claims-approval/9.9.9"), 404, "route_unknown")

    def test_the_description_of_the_surface_is_the_one_of_the_command_line(self):
        answer = self.server.get("/openapi.json")
        self.assertEqual(answer.status, 200)
        document = answer.json()
        self.assertTrue(document["openapi"].startswith("3.1"))
        for path in ("/evaluate", "/simulate", "/verify", "/executions/{id}", "/executions/{id}/evidence",
                     "/health",
                     "/ready", "/runtime/manifest", "/runtime/capabilities",
                     "/audit/verifications/{id}",
                     "/policies", "/policies/{id}/{version}", "/openapi.json"):
            self.assertIn(path, document["paths"])
        responses = document["paths"]["/evaluate"]["post"]["responses"]
        for status, code in (("422", "policy_inactive"), ("422", "policy_superseded"), ("422", "runtime_incompatible"),
                             ("422", "signal_unbound"), ("422", "cost_exceeded"), ("503", "snapshot_stale"),
                             ("503", "signer_unavailable")):
            self.assertIn(f"`{code}`", responses[status]["description"])
        told = document["components"]["schemas"]["Decision"]["properties"]["provenance"]["properties"]
        self.assertEqual(set(told), {"languageProfile", "policyHash", "release", "runtimeHash", "schemaHash"})
        printed = parmana.must("openapi")
        self.assertEqual(parmana.parse_json(printed), document)
        self.assertEqual(printed, parmana.must("openapi"))


class Routing(Surface):
    def test_unknown_routes_are_404(self):
        for path in ("/", "/nothing", "/evaluate/", "/executions", "/executions/a/b/c",
                     "/policies/claims-approval",
                     "//evaluate", "/EVALUATE", "/../evaluate"):
            with self.subTest(path):
                self.assert_problem(self.server.get(path), 404, "route_unknown")

    def test_other_methods_are_405_and_name_the_right_ones(self):
        for method, path, allowed in (("GET", "/evaluate", "POST"), ("DELETE", "/executions/a", "GET"),
                                      ("POST", "/health", "GET"), ("PUT", "/evaluate", "POST")):
            with self.subTest(method=method, path=path):
                answer = self.server.request(method, path, b"{}" if method in ("PUT", "POST") else None)
                self.assert_problem(answer, 405, "method_not_allowed")
                self.assertIn(allowed, answer.headers["allow"])

    def test_other_hosts_and_origins_are_refused(self):
        answer = self.server.get("/health", {"Host": "evil.example"})
        self.assert_problem(answer, 403, "host_not_allowed")
        answer = self.server.evaluate("foreign", headers={"Origin": "http://evil.example"})
        self.assert_problem(answer, 403, "origin_not_allowed")
        self.assert_usable("foreign")

    def test_a_directory_without_derived_identities_wants_one(self):
        with parmana.Server(parmana.init(self.place / "strict", demo=False)) as server:
            answer = server.evaluate(None)
            self.assert_problem(answer, 400, "execution_id_required")


if __name__ == "__main__":
    unittest.main(verbosity=2)
