"""What `GET /runtime/capabilities` says is true: each capability is used, and none is listed that is not shown here."""
import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import bundling  # noqa: E402
import ledger  # noqa: E402
import parmana  # noqa: E402
import reference  # noqa: E402
from witnessing import Witness  # noqa: E402

CLAIMS = parmana.ROOT / "policies/claims-approval/1.1.0"
ACTION = {"type": "pay", "parameters": {"amount": 1200}}


def predicate_type(answer):
    payload = reference.unb64(answer.json()["attestation"]["payload"])
    return json.loads(payload)["predicateType"]


class Capabilities(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = cls.enterClassContext(parmana.scratch())
        data = parmana.init(cls.place / "data")
        trust = ledger.Trust(data)
        key = parmana.must("witness", "init", "--data", cls.place / "witness", "--name", "w.example/1").split()[-1]
        parmana.must("witness", "add-log", "--data", cls.place / "witness", ledger.verifier_key_of(trust))
        witness = cls.enterClassContext(Witness(cls.place / "witness"))
        policy = ledger.witness_policy(cls.place / "policy", trust,
                                       [("w1", key, f"http://127.0.0.1:{witness.port}")])
        cls.server = cls.enterClassContext(parmana.Server(data, options=("--witnesses", policy)))
        cls.data = data
        cls.told = cls.server.get("/runtime/capabilities").json()

    def evaluate(self, name, query="", **members):
        return self.server.post("/evaluate" + query, {**parmana.SEED_REQUEST, "executionId": name, **members})

    def test_every_capability_is_shown_by_a_test(self):
        shown = {name[len("test_can_"):] for name in dir(self) if name.startswith("test_can_")}
        spelled = [name.replace(".", "_").replace("-", "_") for name in self.told["capabilities"]]
        self.assertEqual(self.told["capabilities"], sorted(self.told["capabilities"]))
        self.assertEqual(set(spelled), shown)

    def test_the_document_has_the_same_ones(self):
        page = (parmana.ROOT / "docs/policies.md").read_text(encoding="utf-8")
        section = page[page.index("## What a policy requires"):page.index("## Limits and cost")]
        self.assertEqual(re.findall(r"^\| `([a-z.-]+)` \|", section, re.MULTILINE), self.told["capabilities"])

    def test_the_rest_is_what_other_places_say(self):
        self.assertEqual(set(self.told), {"capabilities", "evidenceFormats", "languageProfiles", "runtimeHash",
                                          "schemaVersions", "version"})
        manifest = self.server.get("/runtime/manifest").json()
        self.assertEqual(self.told["runtimeHash"], manifest["runtimeHash"])
        for member in ("languageProfiles", "schemaVersions", "version"):
            self.assertEqual(self.told[member], manifest["manifest"][member])
        self.assertEqual(self.evaluate("formats", "?wait=included").status, 200)
        evidence = self.server.get("/executions/formats/evidence").json()
        self.assertEqual(evidence["format"], self.told["evidenceFormats"][-1])
        for policy in sorted(parmana.ROOT.glob("policies/*/*/policy.json")):
            written = json.loads(policy.read_text())
            self.assertIn(written.get("languageProfile", "parmana-rules/1"), self.told["languageProfiles"])
            self.assertIn(written["schemaVersion"], self.told["schemaVersions"])

    def test_all_of_them_may_be_required(self):
        words = [word for name in self.told["capabilities"] for word in ("--require-capability", name)]
        data = parmana.init(self.place / "required", demo=False)
        parmana.must("policy", "sign", CLAIMS, "--data", data, "--require-runtime", self.told["version"], *words)
        parmana.must("policy", "activate", "claims-approval@1.1.0", "--data", data)
        self.assertIn("claims-approval@1.1.0 active sha256:", parmana.must("policy", "list", "--data", data))

    def test_can_attestation_log(self):
        answer = self.evaluate("by-log", "?attestation=log")
        self.assertEqual(predicate_type(answer), "urn:parmana:group/v1")
        self.assertIn("group", answer.json())

    def test_can_attestation_statement(self):
        self.assertEqual(predicate_type(self.evaluate("by-itself", "?attestation=statement")),
                         "urn:parmana:decision/v1")

    def test_can_batch(self):
        items = [{**parmana.SEED_REQUEST, "executionId": f"item-{number}"} for number in range(3)]
        results = self.server.post("/evaluate/batch", {"items": items}).json()["results"]
        self.assertEqual([one["status"] for one in results], [200] * 3)

    def test_can_bound_signals(self):
        other = {**ACTION, "parameters": {"amount": 1201}}
        self.assertEqual(self.evaluate("bound", policyVersion="1.1.0", action=ACTION).status, 200)
        self.assertEqual(self.evaluate("unbound", policyVersion="1.1.0", action=other).code(), "signal_unbound")

    def test_can_hit_policies(self):
        outcomes = [{"action": action, "reason": action, "requires_override": False}
                    for action in ("approve", "reject")]
        wanted = {"first": "approved", "unique": None, "any": None, "priority": "rejected", "collect": "rejected"}
        data = parmana.init(self.place / "hits", demo=False)
        for word, decision in wanted.items():
            policy = {"hitPolicy": word, "languageProfile": "parmana-cel/1", "policyId": word,
                      "policyVersion": "1.0.0", "schemaVersion": "1.1.0",
                      "signalsSchema": {"n": {"type": "integer"}},
                      "rules": [{"condition": f"signals.n > {number}", "id": f"r{number}", "outcome": outcome}
                                for number, outcome in enumerate(outcomes)] + [{"id": "rest", "outcome": outcomes[0]}]}
            if word == "priority":
                policy["priorities"] = ["reject", "approve"]
            file = self.place / f"{word}.json"
            file.write_text(reference.jcs(policy))
            parmana.must("policy", "sign", file, "--data", data)
            done = parmana.run("evaluate", "--data", data, "--policy", f"{word}@1.0.0", "--signals", "-", "--json",
                               stdin='{"n":5}')
            told = json.loads(done.stdout)
            self.assertEqual(told.get("wouldDecide"), decision, word)
            self.assertEqual(told.get("code"), None if decision else "evaluation_error", word)

    def test_can_idempotency_key(self):
        headers = {"Idempotency-Key": '"' + "k" * 32 + '"'}
        first, again = (self.server.evaluate("keyed", headers=headers) for _ in range(2))
        self.assertEqual((first.status, again.status), (200, 200))
        self.assertEqual(first.json()["attestation"], again.json()["attestation"])
        self.assertEqual(self.server.evaluate("keyed").code(), "execution_identity_consumed")

    def test_can_optional_signals(self):
        signals = {"symptom_severity": 1, "heart_rate": 80, "temperature": 37, "symptoms": []}
        answer = self.evaluate("optional", policyId="patient-triage", signals=signals)
        self.assertEqual(answer.status, 200, answer.body)

    def test_can_policy_counter(self):
        envelope = self.server.get("/policies/claims-approval/1.1.0").json()["envelope"]
        self.assertEqual(json.loads(reference.unb64(envelope["payload"]))["counter"], 2)

    def test_can_policy_thresholds(self):
        data = parmana.init(self.place / "two", demo=False)
        key = data / "keys/policy.key"
        other = self.data / "keys/policy.key"
        trust, bundle = self.place / "two-trust.json", self.place / "two.json"
        trust.write_text(bundling.root_of(data, [reference.seed_of(other)], 2))
        parmana.must("policy", "sign", CLAIMS, "--key", key, "--counter", 1, "--out", bundle)
        self.assertEqual(parmana.run("policy", "verify", bundle, "--trust", trust).returncode, 1)
        parmana.must("policy", "sign", bundle, "--key", other)
        parmana.must("policy", "verify", bundle, "--trust", trust)

    def test_can_refusals_signed(self):
        answer = self.evaluate("refused", signals={})
        self.assertEqual((answer.status, answer.code()), (422, "signal_missing"))
        self.assertEqual(predicate_type(answer), "urn:parmana:refusal/v1")

    def test_can_wait_included(self):
        self.assertIn("checkpoint", self.evaluate("included", "?wait=included").json()["log"])

    def test_can_wait_witnessed(self):
        note = self.evaluate("witnessed", "?wait=witnessed").json()["log"]["checkpoint"]
        self.assertIn("\n— w.example/1 ", note)


if __name__ == "__main__":
    unittest.main()
