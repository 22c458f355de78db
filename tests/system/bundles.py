"""Signed bundles: who must sign, what a bundle says and requires, and that nothing else governs.

The second signature, other trust roots and manifests that no program of ours would write are made with openssl.
"""
import json
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import bundling  # noqa: E402
import parmana  # noqa: E402
import reference  # noqa: E402

CLAIMS = parmana.ROOT / "policies/claims-approval/1.1.0"
SEED = parmana.ROOT / "policies/claims-approval/1.0.0"
TYPE = "application/vnd.parmana.policy-bundle+json"


def outcomes(report):
    return {check["name"]: check["outcome"] for check in report["checks"]}


def manifest_in(envelope):
    return json.loads(reference.unb64(envelope["payload"]))


class Place(unittest.TestCase):
    """Two machines with a policy key each, and a trust root that asks for both."""

    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = parmana.init(self.place / "data", demo=False)
        self.other = parmana.init(self.place / "other", demo=False)
        self.keys = [data / "keys/policy.key" for data in (self.data, self.other)]
        self.seeds = [reference.seed_of(key) for key in self.keys]
        self.trust = self.place / "trust.json"
        self.trust.write_text(self.root(threshold=2))
        self.one = self.place / "one.json"
        self.one.write_text((self.data / "trust.json").read_text())
        self.file = self.place / "bundle.json"

    def root(self, threshold):
        return bundling.root_of(self.data, self.seeds[1:], threshold)

    def sign(self, *words, key=0, policy=CLAIMS):
        return parmana.must("policy", "sign", policy, "--key", self.keys[key], *words)

    def judge(self, trust=None, code=0):
        done = parmana.run("policy", "verify", self.file, "--trust", trust or self.trust, "--json")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return outcomes(json.loads(done.stdout)) if done.stdout else done.stderr

    def rewrite(self, change, sign_with=()):
        bundle = json.loads(self.file.read_text())
        manifest = manifest_in(bundle["envelope"])
        change(bundle, manifest)
        payload = reference.canonical(manifest)
        if sign_with:
            bundle["envelope"] = reference.envelope_of(TYPE, payload, *sign_with)
        else:
            bundle["envelope"]["payload"] = reference.b64(payload)
        self.file.write_text(reference.jcs(bundle))

    def install(self, bundle):
        """As it is, by hand."""
        manifest = manifest_in(bundle["envelope"])
        target = self.data / "policies" / manifest["policyId"] / manifest["policyVersion"]
        target.mkdir(parents=True, exist_ok=True)
        for path, content in bundle["files"].items():
            (target / path).write_bytes(reference.unb64(content))
        (target / "bundle.json").write_text(reference.jcs(bundle["envelope"]))


class Offline(Place):
    def test_two_machines_sign_one_bundle(self):
        told = self.sign("--counter", 1, "--out", self.file)
        self.assertIn("claims-approval@1.1.0, counter 1, signed by policy key ", told)
        self.assertEqual(self.judge(code=1)["signatures"], "failed")
        self.assertEqual(self.judge(trust=self.one)["signatures"], "passed")
        # Once more by the same key: one key is one signer.
        before = self.file.read_bytes()
        self.sign(policy=self.file)
        self.assertEqual(self.file.read_bytes(), before)
        self.assertEqual(self.judge(code=1)["signatures"], "failed")

        told = self.sign(key=1, policy=self.file)
        self.assertIn("signed by policy keys ", told)
        self.assertEqual(set(self.judge().values()), {"passed"})
        self.assertEqual(self.judge(trust=self.one, code=1)["signatures"], "failed")
        bundle = json.loads(self.file.read_text())
        message = reference.pre_authentication_encoding(TYPE, reference.unb64(bundle["envelope"]["payload"]))
        by_id = {reference.key_id(reference.public_of(seed)): seed for seed in self.seeds}
        signatures = bundle["envelope"]["signatures"]
        self.assertEqual([one["keyid"] for one in signatures], sorted(by_id))
        for one in signatures:
            pem = reference.pem(reference.public_of(by_id[one["keyid"]]))
            self.assertTrue(reference.openssl_verifies(pem, message, reference.unb64(one["sig"])))

    def test_each_change_is_found_by_its_check(self):
        self.sign("--counter", 7, "--require-runtime", "0.1.0", "--out", self.file)
        self.sign(key=1, policy=self.file)
        good = self.file.read_text()

        def alter_file(bundle, _):
            bundle["files"]["tests.yaml"] = reference.b64(b"tests: []\n")

        def alter_source(bundle, manifest):
            source = reference.unb64(bundle["files"]["policy.yaml"]).replace(b"> 50000", b"> 90000")
            bundle["files"]["policy.yaml"] = reference.b64(source)
            for row in manifest["files"]:
                if row["path"] == "policy.yaml":
                    row["digest"] = reference.wire(reference.sha256(source))

        for name, change, seeds in (
                ("signatures", lambda _, manifest: manifest.update(counter=8), ()),
                ("signatures", lambda _, manifest: manifest.update(requirements={}), ()),
                ("signatures", lambda _, __: None, self.seeds[:1]),
                ("files", alter_file, self.seeds),
                ("source", alter_source, self.seeds),
                ("requirements", lambda _, manifest: manifest.update(requirements={"capabilities": ["magic"]}),
                 self.seeds),
                ("requirements", lambda _, manifest: manifest.update(requirements={"runtimeVersion": "99.0.0"}),
                 self.seeds),
                ("rules", lambda _, manifest: manifest.update(policyVersion="1.1.1"), self.seeds)):
            self.file.write_text(good)
            self.rewrite(change, seeds)
            failed = {check for check, outcome in self.judge(code=1).items() if outcome == "failed"}
            self.assertIn(name, failed)
            self.assertLessEqual(failed, {name, "rules"})
            if name in ("files", "source", "rules"):
                done = parmana.run("policy", "sign", self.file, "--key", self.keys[0])
                self.assertEqual(done.returncode, 2, "nobody signs what is not what it says")
                self.assertIn("policy_altered", done.stderr)

    def test_a_bundle_of_another_day_is_not_judged(self):
        self.sign("--counter", 1, "--out", self.file)
        good = self.file.read_text()
        for member, value in (("languageProfile", "parmana-verse/1"), ("schemaVersion", "7.0.0")):
            self.file.write_text(good)
            self.rewrite(lambda _, manifest, change={member: value}: manifest.update(change), self.seeds)
            report = self.judge(code=3)
            self.assertEqual((report["signatures"], report["files"], report["rules"]),
                             ("passed", "passed", "not_judged"))

    def test_what_is_no_bundle_is_unreadable(self):
        for text in ("", "{}", "[]", '{"envelope":{},"files":{}}', (CLAIMS / "policy.json").read_text()):
            self.file.write_text(text)
            self.assertIn("policy_unsigned", self.judge(code=2))
        self.file.unlink()
        self.assertIn("io_failed", self.judge(code=2))

    def test_what_cannot_be_meant_is_not_signed(self):
        self.sign("--counter", 1, "--out", self.file)
        wrong = self.data / "keys/attestation.key"
        for words, code in (
                ((CLAIMS, "--key", self.keys[0]), "usage"),
                ((CLAIMS, "--key", self.keys[0], "--counter", 1), "usage"),
                ((CLAIMS, "--key", self.keys[0], "--out", self.place / "x"), "usage"),
                ((CLAIMS, "--counter", 1, "--out", self.place / "x"), "usage"),
                ((CLAIMS, "--data", self.data, "--key", self.keys[0]), "usage"),
                ((CLAIMS, "--data", self.data, "--out", self.place / "x"), "usage"),
                ((self.file, "--data", self.data), "usage"),
                ((self.file, "--key", self.keys[0], "--counter", 2), "usage"),
                ((CLAIMS, "--key", wrong, "--counter", 1, "--out", self.place / "x"), "key_invalid"),
                ((CLAIMS, "--key", self.keys[0], "--counter", 0, "--out", self.place / "x"), "member_invalid"),
                ((CLAIMS, "--data", self.data, "--require-runtime", "1"), "member_invalid"),
                ((CLAIMS, "--data", self.data, "--require-capability", "A"), "member_invalid")):
            done = parmana.run("policy", "sign", *words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(code, done.stderr, words)
        self.assertFalse((self.place / "x").exists())


class Installed(Place):
    def listed(self):
        return parmana.must("policy", "list", "--data", self.data)

    def envelope(self, version):
        return json.loads((self.data / "policies/claims-approval" / version / "bundle.json").read_text())

    def signed_with_data(self, policy, *words):
        return parmana.run("policy", "sign", policy, "--data", self.data, *words)

    def test_counters_rise_and_the_same_once_more_changes_nothing(self):
        self.assertEqual(self.signed_with_data(SEED).returncode, 0)
        self.assertEqual(self.signed_with_data(CLAIMS).returncode, 0)
        self.assertEqual([manifest_in(self.envelope(v))["counter"] for v in ("1.0.0", "1.1.0")], [1, 2])
        before = self.envelope("1.0.0")
        for words in ((), ("--counter", 1)):
            self.assertEqual(self.signed_with_data(SEED, *words).returncode, 0)
            self.assertEqual(self.envelope("1.0.0"), before)
        for words in (("--counter", 5), ("--require-runtime", "0.0.1"), ("--require-capability", "batch")):
            done = self.signed_with_data(SEED, *words)
            self.assertEqual(done.returncode, 2)
            self.assertIn("data_exists", done.stderr, "a version never changes, what it says besides neither")
        changed = self.place / "changed"
        shutil.copytree(SEED, changed)
        (changed / "policy.json").write_text((changed / "policy.json").read_text().replace("50000", "60000"))
        self.assertIn("data_exists", self.signed_with_data(changed).stderr)
        # What no policy key signed uses no number up.
        forged = {"envelope": reference.envelope_of(TYPE, reference.canonical(
            {**manifest_in(before), "policyVersion": "9.0.0", "counter": 2**53 - 1}), self.seeds[1]),
            "files": {path.name: reference.b64(path.read_bytes()) for path in SEED.iterdir()}}
        self.install(forged)
        (changed / "policy.json").write_text(
            (changed / "policy.json").read_text().replace('"1.0.0"', '"1.2.0"', 1))
        self.assertEqual(self.signed_with_data(changed).returncode, 0)
        self.assertEqual(manifest_in(self.envelope("1.2.0"))["counter"], 3)

    def test_as_many_sign_as_the_trust_root_of_the_directory_asks_for(self):
        self.assertEqual(self.signed_with_data(SEED).returncode, 0)
        (self.data / "trust.json").write_text(self.root(threshold=2))
        self.assertIn("claims-approval@1.0.0 installed does not govern: policy_unsigned", self.listed())
        self.assertIn("policy_unsigned", self.signed_with_data(CLAIMS).stderr)
        self.sign("--counter", 2, "--out", self.file)
        self.sign(key=1, policy=self.file)
        self.install(json.loads(self.file.read_text()))
        self.assertIn("claims-approval@1.1.0 installed sha256:", self.listed())
        self.assertIn("policy_unsigned", parmana.run("policy", "activate", "claims-approval@1.0.0",
                                                     "--data", self.data).stderr)
        parmana.must("policy", "activate", "claims-approval@1.1.0", "--data", self.data)
        self.assertIn("claims-approval@1.1.0 active sha256:", self.listed())
        with parmana.Server(self.data) as server:
            self.assertEqual(server.evaluate("a").code(), "policy_unsigned")
            action = {"type": "pay", "parameters": {"amount": 1200}}
            answer = server.post("/evaluate", {**parmana.SEED_REQUEST, "policyVersion": "1.1.0",
                                               "executionId": "b", "action": action})
            self.assertEqual(answer.status, 200, answer.body)
            shown = server.get("/policies/claims-approval/1.1.0").json()["envelope"]
            self.assertEqual(len(shown["signatures"]), 2)
            self.assertEqual(server.get("/executions/b/evidence").status, 200)
        parmana.verify_evidence(self.data, ["b"])

    def refused(self, terms, code, why):
        """Signed by who may, and not for this program: a signed refusal that says what is wrong."""
        files = {"policy.json": (SEED / "policy.json").read_bytes()}
        manifest = {**reference.manifest_of(files), **terms}
        self.install({"envelope": reference.envelope_of(TYPE, reference.canonical(manifest), self.seeds[0]),
                      "files": {"policy.json": reference.b64(files["policy.json"])}})
        self.assertIn(f"does not govern: {code}: {why}", self.listed())
        with parmana.Server(self.data) as server:
            answer = server.evaluate("a")
            self.assertEqual((answer.status, answer.code()), (422, code))
            self.assertIn(why, answer.json()["detail"])
            self.assertIn("attestation", answer.json())

    def test_a_newer_program_is_required(self):
        self.refused({"requirements": {"runtimeVersion": "77.0.0"}}, "runtime_incompatible",
                     "the policy needs version `77.0.0` of the program or a newer one, and this is `")

    def test_a_capability_is_required_that_is_not_there(self):
        self.refused({"requirements": {"capabilities": ["batch", "telepathy"]}}, "runtime_incompatible",
                     "the policy needs the capability `telepathy`, which this program does not have")
        done = self.signed_with_data(CLAIMS, "--require-capability", "telepathy")
        self.assertIn("runtime_incompatible", done.stderr)

    def test_the_schema_is_unknown(self):
        self.refused({"schemaVersion": "2.0.0"}, "schema_unknown",
                     "the schema version `2.0.0` is not one of `1.0.0`, `1.1.0`")

    def test_the_first_format_still_governs(self):
        files = {"policy.json": (SEED / "policy.json").read_bytes()}
        payload = reference.canonical(reference.manifest_of(files, counter=0))
        self.install({"envelope": reference.envelope_of(TYPE, payload, self.seeds[0]),
                      "files": {"policy.json": reference.b64(files["policy.json"])}})
        parmana.must("policy", "activate", "claims-approval@1.0.0", "--data", self.data)
        self.assertIn("claims-approval@1.0.0 active sha256:", self.listed())
        before = self.envelope("1.0.0")
        only = self.place / "only"
        only.mkdir()
        shutil.copy(SEED / "policy.json", only)
        self.assertEqual(self.signed_with_data(only).returncode, 0)
        self.assertEqual(self.envelope("1.0.0"), before)
        with parmana.Server(self.data) as server:
            self.assertEqual(server.evaluate("a").status, 200)


class Links(Place):
    def test_nothing_is_signed_through_a_link(self):
        work = self.place / "policy"
        for name in ("policy.yaml", "policy.json", "tests.yaml"):
            shutil.rmtree(work, ignore_errors=True)
            shutil.copytree(CLAIMS, work)
            (work / name).unlink()
            (work / name).symlink_to(CLAIMS / name)
            done = parmana.run("policy", "sign", work, "--data", self.data)
            self.assertEqual(done.returncode, 2, name)
            self.assertIn("io_failed", done.stderr)
        self.assertEqual(parmana.must("policy", "list", "--data", self.data), "")

    def test_nothing_governs_through_a_link(self):
        parmana.govern(self.data, SEED)
        installed = self.data / "policies/claims-approval"
        elsewhere = self.place / "elsewhere"
        for name, code in (("1.0.0/bundle.json", "policy_unsigned"), ("1.0.0/policy.json", "policy_altered"),
                           ("1.0.0", "policy_unknown")):
            (installed / name).rename(elsewhere)
            (installed / name).symlink_to(elsewhere)
            self.assertIn(f"1.0.0 active does not govern: {code}",
                          parmana.must("policy", "list", "--data", self.data), name)
            with parmana.Server(self.data) as server:
                self.assertEqual(server.evaluate(f"through-{name.replace('/', '-')}").code(), code, name)
            done = parmana.run("policy", "activate", "claims-approval@1.0.0", "--data", self.data)
            self.assertIn(f"parmana: {code}: ", done.stderr, name)
            (installed / name).unlink()
            elsewhere.rename(installed / name)
            self.assertIn("1.0.0 active sha256:", parmana.must("policy", "list", "--data", self.data))
        installed.rename(elsewhere)
        installed.symlink_to(elsewhere)
        done = parmana.run("policy", "list", "--data", self.data)
        self.assertEqual(done.returncode, 2)
        self.assertIn("io_failed", done.stderr)
        self.assertIn("io_failed", parmana.run("policy", "sign", CLAIMS, "--data", self.data).stderr)


if __name__ == "__main__":
    unittest.main()
