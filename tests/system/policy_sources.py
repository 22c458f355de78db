"""From the source that people read to the decision that is proved: build, sign, serve, bind to the action, verify.

The source of a policy is compiled again when it is signed: what is signed is what the source says, or nothing is.
"""
import json
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

SAMPLES = parmana.ROOT / "policies"
CLAIMS = SAMPLES / "claims-approval/1.1.0"


def claim(name, amount, paid, **more):
    action = {"type": "pay", "target": "claimant", "parameters": {"amount": paid}}
    return {"executionId": name, "policyId": "claims-approval", "policyVersion": "1.1.0",
            "signals": {"claim_amount": amount, "vip_customer": False}, "action": action, **more}


class Sources(unittest.TestCase):
    def test_every_sample_is_what_its_source_builds_to(self):
        sources = sorted(SAMPLES.glob("*/*/policy.yaml"))
        self.assertEqual(len(sources), 5)
        for source in sources:
            parmana.must("policy", "build", source, "--check")
            self.assertEqual(parmana.must("policy", "check", source), "no findings\n")

    def test_a_source_that_was_changed_is_not_signed_with_the_old_json(self):
        with parmana.scratch() as work:
            data = parmana.init(work / "data", demo=False)
            shutil.copytree(CLAIMS, work / "policy")
            source = work / "policy/policy.yaml"
            source.write_text(source.read_text().replace("> 50000", "> 90000"))
            for named in ("policy.yaml", "policy.json"):
                done = parmana.run("policy", "sign", work / "policy" / named, "--data", data)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn("policy_altered", done.stderr)
            self.assertEqual(parmana.run("policy", "build", source, "--check").returncode, 1)
            self.assertEqual(parmana.must("policy", "list", "--data", data), "")
            parmana.must("policy", "build", source)
            parmana.govern(data, source)
            self.assertIn("claims-approval@1.1.0 active sha256:", parmana.must("policy", "list", "--data", data))

    def test_the_json_was_altered_and_not_its_source(self):
        with parmana.scratch() as work:
            data = parmana.init(work / "data", demo=False)
            shutil.copytree(CLAIMS, work / "policy")
            target = work / "policy/policy.json"
            target.write_text(target.read_text().replace("> 50000", "> 90000"))
            for named in ("", "policy.yaml", "policy.json"):
                done = parmana.run("policy", "sign", work / "policy" / named, "--data", data)
                self.assertEqual(done.returncode, 2, done.stdout)
                self.assertIn("policy_altered", done.stderr)

    def test_the_bundle_holds_the_source_and_an_altered_one_does_not_govern(self):
        with parmana.scratch() as work:
            data = parmana.init(work / "data")
            directory = data / "policies/claims-approval/1.1.0"
            self.assertEqual((directory / "policy.yaml").read_bytes(), (CLAIMS / "policy.yaml").read_bytes())
            source = directory / "policy.yaml"
            source.write_text(source.read_text().replace("50000", "90000"))
            listed = parmana.must("policy", "list", "--data", data)
            self.assertIn("claims-approval@1.1.0 active does not govern: policy_altered", listed)


class Governed(unittest.TestCase):
    def test_what_was_judged_is_what_runs(self):
        with parmana.scratch() as work:
            data = parmana.init(work / "data")
            with parmana.Server(data) as server:
                good = server.post("/evaluate", claim("bound-1", 1200, 1200))
                self.assertEqual((good.status, good.json()["decision"]), (200, "approved"))
                for name, paid in (("bound-2", 1201), ("bound-3", "1200"), ("bound-4", None)):
                    refused = server.post("/evaluate", claim(name, 1200, paid))
                    self.assertEqual((refused.status, refused.code()), (422, "signal_unbound"), name)
                    self.assertEqual(refused.json()["pointer"], "/signals/claim_amount")
                    self.assertEqual(server.get(f"/executions/{name}").status, 404)
                without = claim("bound-5", 1200, 1200)
                del without["action"]
                self.assertEqual(server.post("/evaluate", without).code(), "signal_unbound")
                # The same identity, now with the action that was judged.
                again = server.post("/evaluate", claim("bound-2", 1201, 1201))
                self.assertEqual(again.status, 200)
            parmana.must("log", "checkpoint", "--data", data)
            parmana.verify_evidence(data, ["bound-1", "bound-2"])

    def test_evidence_re_derives_a_verdict_of_every_sample(self):
        requests = {
            "loan-approval": {"signals": {"credit_score": 640, "loan_amount": 4000, "employment": "employed"}},
            "patient-triage": {"signals": {"symptom_severity": 5, "heart_rate": 80, "temperature": 37.2,
                                           "symptoms": ["headache"]}},
            "vendor-payment": {"signals": {"amount": 90000, "invoice_total": 90000, "vendor_id": "V-123456",
                                           "vendor_verified": True, "risk_score": 3, "limits": {"V-123456": 95000}},
                               "action": {"type": "pay", "target": "V-123456", "parameters": {"amount": 90000}}},
            "deployment-approval": {"signals": {"environment": "production", "requested_at": "2026-11-25T10:00:00Z",
                                                "checks": {"unit": "passed"}, "reviewers": ["b", "c", "a"],
                                                "author": "a", "soak_time": "30h"},
                                    "action": {"type": "deploy", "target": "production"}},
        }
        expected = {"loan-approval": "small-loan", "patient-triage": "fragile-patient", "vendor-payment": "pay",
                    "deployment-approval": "production"}
        with parmana.scratch() as work:
            data = parmana.init(work / "data")
            with parmana.Server(data) as server:
                for policy, request in requests.items():
                    body = {"executionId": policy, "policyId": policy, "policyVersion": "1.0.0", **request}
                    answer = server.post("/evaluate", body)
                    self.assertEqual(answer.status, 200, answer.body)
                    self.assertEqual(answer.json()["rule"], expected[policy])
            parmana.must("log", "checkpoint", "--data", data)
            parmana.verify_evidence(data, list(requests))

    def test_an_evaluation_error_is_a_signed_refusal_with_rule_and_place(self):
        policy = {"hitPolicy": "first", "languageProfile": "parmana-cel/1", "policyId": "ratio",
                  "policyVersion": "1.0.0", "schemaVersion": "1.1.0",
                  "signalsSchema": {"a": {"type": "integer"}, "b": {"type": "integer"}},
                  "rules": [{"condition": "signals.a / signals.b > 2", "id": "ratio",
                             "outcome": {"action": "reject", "reason": "r", "requires_override": False}},
                            {"id": "rest",
                             "outcome": {"action": "approve", "reason": "r", "requires_override": False}}]}
        with parmana.scratch() as work:
            data = parmana.init(work / "data", demo=False)
            file = work / "ratio.json"
            file.write_text(json.dumps(policy))
            parmana.govern(data, file)
            with parmana.Server(data) as server:
                answer = server.post("/evaluate", {"executionId": "r-1", "policyId": "ratio", "policyVersion": "1.0.0",
                                                   "signals": {"a": 1, "b": 0}})
                self.assertEqual((answer.status, answer.code()), (422, "evaluation_error"))
                self.assertEqual(answer.json()["detail"],
                                 "rule `ratio`: division by zero at offset 10 of its condition")
                self.assertIn("payload", answer.json()["attestation"])
                self.assertEqual(server.get("/executions/r-1").status, 404)


if __name__ == "__main__":
    unittest.main()
