"""The formats documents, recomputed by an implementation of its own (reference.py) and openssl.

First the worked examples in docs/formats/: every digest, blind, leaf, root, key id and signature in them.
Then the same steps on the evidence and the segment files of a server that runs here, read by the tables of
store.md.
"""
import base64
import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import governance  # noqa: E402
import parmana  # noqa: E402
import policy_docs  # noqa: E402
from reference import (b64, canonical, examples, key_id, keyed, leaf_body, leaf_hash, manifest_of,  # noqa: E402
                       openssl_verifies, pem, pre_authentication_encoding, read_fields, read_groups,
                       root_from_proof, rule_of, sha256, sigstore_bundle, sigstore_trusted_root, spki, tlog_proof,
                       tree_root, unb64, wire)

PAYLOAD_TYPE = "application/vnd.in-toto+json"
BUNDLE_TYPE = "application/vnd.parmana.policy-bundle+json"


def idempotency_digest(blind_key, identity, key):
    return keyed(blind_key, b"parmana idempotency key\0" + identity + b"\0" + key)


class Steps(unittest.TestCase):
    """What both halves share: each document as a sequence of assertions."""

    def check_trust_root(self, text):
        root = json.loads(text)
        self.assertEqual(canonical(root), text)
        signed = canonical(root["signed"])
        keys = {name: bytes.fromhex(key["keyval"]["public"]) for name, key in root["signed"]["keys"].items()}
        for name, public in keys.items():
            self.assertEqual(name, key_id(public))
        roles = {role: entry["keyids"] for role, entry in root["signed"]["roles"].items()}
        self.assertEqual(sorted(roles), ["attestation", "log", "policy", "root"])
        signature, = root["signatures"]
        self.assertIn(signature["keyid"], roles["root"])
        self.assertTrue(openssl_verifies(pem(keys[signature["keyid"]]), signed,
                                         bytes.fromhex(signature["sig"])))
        self.assertEqual(root["signed"]["origin"],
                         "localhost/" + sha256(keys[roles["log"][0]]).hex()[:16])
        return {role: keys[ids[0]] for role, ids in roles.items()}, root["signed"], sha256(signed)

    def check_envelope(self, envelope, payload_type, public, pem_text):
        """Returns the payload."""
        payload = unb64(envelope["payload"])
        signature, = envelope["signatures"]
        self.assertEqual(envelope["payloadType"], payload_type)
        self.assertEqual(signature["keyid"], key_id(public))
        message = pre_authentication_encoding(payload_type, payload)
        self.assertTrue(openssl_verifies(pem_text, message, unb64(signature["sig"])))
        self.assertFalse(openssl_verifies(pem_text, message + b".", unb64(signature["sig"])))
        return payload

    def check_statement(self, statement, record, trust):
        """A statement of either kind about its record; both as bytes. Returns the blind."""
        said, kept = json.loads(statement), json.loads(record)
        self.assertEqual((canonical(said), canonical(kept)), (statement, record))
        self.assertEqual(said["_type"], "https://in-toto.io/Statement/v1")
        predicate, blind = said["predicate"], bytes.fromhex(kept["blind"])
        self.assertEqual(said["subject"], [{"digest": {"sha256": sha256(record).hex()},
                                            "name": "execution:" + kept["executionId"]}])
        governed = {name: kept[name] for name in ("policyId", "policyVersion", "signals")}
        self.assertEqual(kept["executionFingerprint"], wire(sha256(canonical(governed))))
        self.assertEqual(predicate["policy"]["id"], kept["policyId"])
        self.assertEqual(predicate["policy"]["version"], kept["policyVersion"])
        self.assertEqual("sha256:" + predicate["policy"]["digest"]["sha256"], kept["policyHash"])
        for name in ("executionId", "origin", "tenant"):
            self.assertEqual(predicate[name], kept[name])
        for name in ("origin", "tenant"):
            self.assertEqual(predicate[name], trust[name])
        request = {**governed, **({"action": kept["action"]} if "action" in kept else {})}

        def blinded(raw):
            return "hmac-sha256:" + keyed(blind, raw).hex()

        self.assertEqual(said["predicateType"], f"urn:parmana:{kept['kind']}/v1")
        if kept["kind"] == "refusal":
            self.assertEqual(predicate["code"], kept["code"])
            self.assertEqual(predicate["requestDigest"], blinded(sha256(canonical(request))))
        else:
            self.assertEqual((predicate["decision"], predicate["rule"]), (kept["decision"], kept["rule"]))
            self.assertEqual(predicate["signalsDigest"], blinded(canonical(kept["signals"])))
            action = blinded(canonical(kept["action"])) if "action" in kept else None
            self.assertEqual(predicate.get("actionDigest"), action)
        return blind

    def check_bundle(self, envelope, files, public, pem_text):
        """Returns the manifest's bytes."""
        text = self.check_envelope(envelope, BUNDLE_TYPE, public, pem_text)
        manifest = json.loads(text)
        self.assertEqual(canonical(manifest), text)
        self.assertEqual(manifest, manifest_of(files))
        return text

    def check_verdict(self, policy, record):
        rule = rule_of(policy, record["signals"])
        outcome = rule["outcome"]
        verdict = {"approve": "approved", "reject": "rejected"}.get(outcome["action"])
        verdict = "override_required" if outcome["requires_override"] else verdict
        self.assertEqual((record["decision"], record["rule"], record["reason"]),
                         (verdict, rule["id"], outcome["reason"]))

    def check_checkpoint(self, note, origin, public, pem_text):
        """Returns size and root."""
        body, _, lines = note.decode().rpartition("\n\n")
        body += "\n"
        name, size, root = body.splitlines()
        self.assertEqual((name, body.count("\n")), (origin, 3))
        start, _, signature = lines.rstrip("\n").rpartition(" ")
        self.assertEqual(start, "\u2014 " + origin)
        raw = unb64(signature)
        self.assertEqual(raw[:4], sha256(origin.encode(), b"\n\1", public)[:4])
        self.assertTrue(openssl_verifies(pem_text, body.encode(), raw[4:]))
        return int(size), unb64(root)

    def check_evidence(self, text, trust, keys, pems):
        evidence = json.loads(text)
        self.assertEqual(canonical(evidence), text)
        self.assertEqual(evidence["format"], "parmana-evidence/1")
        statement = self.check_envelope(evidence["envelope"], PAYLOAD_TYPE, keys["attestation"],
                                        pems["attestation"])
        record = canonical(evidence["record"])
        self.check_statement(statement, record, trust)
        predicate = json.loads(statement)["predicate"]
        files = {path: unb64(raw) for path, raw in evidence["policy"]["files"].items()}
        manifest = self.check_bundle(evidence["policy"]["envelope"], files, keys["policy"], pems["policy"])
        self.assertEqual(sha256(manifest).hex(), predicate["policy"]["digest"]["sha256"])
        policy = json.loads(files["policy.json"])
        self.assertEqual(sha256(canonical(policy["signalsSchema"])).hex(),
                         predicate["schema"]["digest"]["sha256"])
        self.assertEqual(sha256(canonical(evidence["runtimeManifest"])).hex(),
                         predicate["runtime"]["digest"]["sha256"])
        self.check_verdict(policy, evidence["record"])
        size, root = self.check_checkpoint(evidence["checkpoint"].encode(), trust["origin"], keys["log"],
                                           pems["log"])
        proof = evidence["inclusionProof"]
        self.assertEqual(proof["treeSize"], size)
        signature = unb64(evidence["envelope"]["signatures"][0]["sig"])
        leaf = leaf_hash(leaf_body(statement, signature, keys["attestation"]))
        hashes = list(map(unb64, proof["hashes"]))
        self.assertEqual(root_from_proof(proof["logIndex"], size, leaf, hashes), root)
        return evidence, statement, leaf

    def check_store(self, log, records, store_id, trust, keys, pems):
        """One segment of each family. Returns the leaves, and each entry's fields of both frames."""
        groups = []
        for letter, segment in ((b"L", log), (b"R", records)):
            header, size = read_fields("Segment header", segment)
            self.assertEqual(header["magic"].to_bytes(8, "big"), b"PARMSEG1")
            self.assertEqual(header["family"], letter[0])
            self.assertEqual(header["digest"], sha256(segment[:size - 376 - 32]))
            self.assertEqual((size, header["zeros"]), (512, bytes(376)))
            self.assertEqual((header["number"], header["first_sequence"], header["first_index"]), (1, 1, 0))
            self.assertEqual((header["store"], header["chain"]), (store_id, bytes(32)))
            groups.append(read_groups(segment, header))
        self.assertEqual(len(groups[0]), len(groups[1]))
        entries, times = [], []
        for (log_group, log_bodies, _), (record_group, record_bodies, record_chain) in zip(*groups):
            self.assertEqual(log_group["link"], record_chain)
            self.assertEqual(record_group["link"], bytes(32))
            for name in ("count", "sequence", "first_index", "committed_at"):
                self.assertEqual(log_group[name], record_group[name])
            times.append(log_group["committed_at"])
            for log_body, record_body in zip(log_bodies, record_bodies):
                entry, log_size = read_fields("Log frame", log_body)
                record, record_size = read_fields("Record frame", record_body)
                self.assertEqual((log_size, record_size), (len(log_body), len(record_body)))
                self.check_entry(entry, record, trust, keys, pems)
                entries.append((entry, record))
        self.assertEqual(times, sorted(times))
        return entries

    def check_entry(self, entry, record, trust, keys, pems):
        self.assertEqual(entry["id"], record["id"])
        self.assertEqual(entry["kind"], 2 if entry["code"] else 1)
        self.assertEqual(entry["key_id"].hex(), key_id(keys["attestation"]))
        message = pre_authentication_encoding(PAYLOAD_TYPE, entry["payload"])
        self.assertTrue(openssl_verifies(pems["attestation"], message, entry["signature"]))
        body = leaf_body(entry["payload"], entry["signature"], keys["attestation"])
        self.assertEqual(entry["leaf"], leaf_hash(body))
        self.check_statement(entry["payload"], record["record"], trust)
        kept = json.loads(record["record"])
        governed = ("action", "policyId", "policyVersion", "signals")
        request = {name: kept[name] for name in governed if name in kept}
        self.assertEqual(record["request_digest"], sha256(canonical(request)))


class Examples(Steps):
    @classmethod
    def setUpClass(cls):
        cls.of = examples()

    def text(self, name):
        return self.of[name].decode()

    def setUp(self):
        self.keys, self.trust, self.fingerprint = self.check_trust_root(self.of["trust-root"])
        self.pems = {role: pem(public) for role, public in self.keys.items()}

    def test_json(self):
        value = parmana.parse_json(self.of["json-input"])
        self.assertEqual(canonical(value), self.of["json-canonical"])
        self.assertEqual(wire(sha256(self.of["json-canonical"])), self.text("json-digest"))

    def test_records_and_statements(self):
        key = bytes.fromhex(self.text("blind-key"))
        for kind in ("decision", "refusal"):
            record = self.of[f"{kind}-record"]
            blind = self.check_statement(self.of[f"{kind}-statement"], record, self.trust)
            identity = json.loads(record)["executionId"]
            names = "\0".join([self.trust["origin"], self.trust["tenant"], identity]).encode()
            self.assertEqual(blind, keyed(key, names))
        request = json.loads(self.of["request"])
        record = json.loads(self.of["decision-record"])
        for name in request:
            self.assertEqual(request[name], record[name])
        del request["executionId"]
        self.assertEqual(wire(sha256(canonical(request))), self.text("request-digest"))
        derived = keyed(key, b"parmana derived execution identity\0", sha256(canonical(request)))
        identity = "d_" + base64.b32encode(derived[:20]).decode().lower()
        self.assertEqual(identity, self.text("derived-identity"))
        runtime = wire(sha256(self.of["runtime-manifest"]))
        self.assertEqual(runtime, self.text("runtime-hash"))
        predicate = json.loads(self.of["decision-statement"])["predicate"]
        self.assertEqual(runtime, "sha256:" + predicate["runtime"]["digest"]["sha256"])

    def test_envelope_and_leaf(self):
        public = bytes.fromhex(self.text("attestation-key"))
        self.assertEqual(public, self.keys["attestation"])
        self.assertEqual(key_id(public), self.text("attestation-key-id"))
        self.assertEqual(spki(public).hex(), self.text("attestation-spki"))
        envelope = json.loads(self.of["envelope"])
        self.assertEqual(canonical(envelope), self.of["envelope"])
        payload = self.check_envelope(envelope, PAYLOAD_TYPE, public, self.pems["attestation"])
        self.assertEqual(payload, self.of["decision-statement"])
        encoded = pre_authentication_encoding(PAYLOAD_TYPE, payload)
        self.assertTrue(encoded.startswith(self.of["pae-start"].replace("␠".encode(), b" ")))
        self.assertEqual(sha256(encoded).hex(), self.text("pae-digest"))
        body = leaf_body(payload, unb64(envelope["signatures"][0]["sig"]), public)
        self.assertEqual(body, self.of["leaf-body"])
        self.assertEqual(leaf_hash(body).hex(), self.text("leaf-hash"))

    def test_bundle(self):
        files = {"policy.json": self.of["policy"]}
        manifest = self.check_bundle(json.loads(self.of["bundle-envelope"]), files, self.keys["policy"],
                                     self.pems["policy"])
        self.assertEqual(manifest, self.of["manifest"])
        self.assertEqual(wire(sha256(manifest)), self.text("policy-hash"))
        schema = json.loads(files["policy.json"])["signalsSchema"]
        self.assertEqual(wire(sha256(canonical(schema))), self.text("schema-hash"))

    def test_policy(self):
        page = (parmana.ROOT / "docs/formats/policy.md").read_text(encoding="utf-8")
        spellings = {policy_docs.code(row[0]): policy_docs.code(row[1])
                     for _, row in policy_docs.tables(page, "written", "canonical")}
        value = governance.build(self.text("governance"), lambda written: spellings.get(written, written))
        self.assertEqual(canonical(value), self.of["canonical-policy"])
        files = {"policy.json": self.of["canonical-policy"], "policy.yaml": self.of["governance"]}
        manifest = canonical(manifest_of(files))
        self.assertEqual(manifest, self.of["canonical-manifest"])
        self.assertEqual(wire(sha256(manifest)), self.text("canonical-policy-hash"))
        self.assertEqual(wire(sha256(canonical(value["signalsSchema"]))), self.text("canonical-schema-hash"))
        with parmana.scratch() as place:
            data = parmana.init(place / "data", demo=False)
            (place / "policy.yaml").write_bytes(self.of["governance"])
            parmana.must("policy", "build", place / "policy.yaml")
            self.assertEqual((place / "policy.json").read_bytes(), self.of["canonical-policy"])
            said = parmana.must("policy", "sign", place / "policy.yaml", "--data", data)
        self.assertEqual(said, f"policy hash: {self.text('canonical-policy-hash')}\n")

    def test_trust_root(self):
        self.assertEqual(wire(self.fingerprint), self.text("trust-fingerprint"))

    def test_checkpoint(self):
        size, root = self.check_checkpoint(self.of["checkpoint"], self.trust["origin"], self.keys["log"],
                                           self.pems["log"])
        leaves = [bytes.fromhex(line) for line in self.text("leaves").splitlines()]
        self.assertEqual((len(leaves), tree_root(leaves)), (size, root))
        self.assertEqual(tree_root(leaves[:2]).hex(), self.text("node"))
        identity = sha256(self.trust["origin"].encode(), b"\n\1", self.keys["log"])
        self.assertEqual(identity.hex(), self.text("log-key-id"))
        self.assertEqual(f"{self.trust['origin']}+{identity[:4].hex()}+{b64(bytes([1]) + self.keys['log'])}",
                         self.text("verifier-key"))

    def test_evidence(self):
        evidence, statement, leaf = self.check_evidence(self.of["evidence"], self.trust, self.keys,
                                                        self.pems)
        self.assertEqual(statement, self.of["decision-statement"])
        self.assertEqual(canonical(evidence["record"]), self.of["decision-record"])
        self.assertEqual(canonical(evidence["envelope"]), self.of["envelope"])
        self.assertEqual(canonical(evidence["runtimeManifest"]), self.of["runtime-manifest"])
        self.assertEqual(canonical(evidence["policy"]["envelope"]), self.of["bundle-envelope"])
        self.assertEqual(evidence["checkpoint"].encode(), self.of["checkpoint"])
        self.assertEqual(leaf.hex(), self.text("leaf-hash"))
        with parmana.scratch() as place:
            file, trust = place / "evidence.json", place / "trust.json"
            file.write_bytes(self.of["evidence"])
            trust.write_bytes(self.of["trust-root"])
            done = parmana.run(file, "--trust", trust, binary=parmana.VERIFIER)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_interchange(self):
        evidence, origin = json.loads(self.of["evidence"]), self.trust["origin"]
        keys = (self.keys["attestation"], self.keys["log"])
        self.assertEqual(sigstore_bundle(evidence, origin, *keys), self.of["sigstore-bundle"])
        self.assertEqual(sigstore_trusted_root(origin, self.keys["log"]), self.of["sigstore-trusted-root"])
        self.assertEqual(tlog_proof(evidence, self.keys["attestation"]), self.of["tlog-proof"])
        log, = json.loads(self.of["sigstore-trusted-root"])["tlogs"]
        self.assertEqual(unb64(log["logId"]["keyId"]).hex(), self.text("log-key-id"))

    def test_the_script_of_the_page_on_verifying(self):
        page = (parmana.ROOT / "docs/verifying.md").read_text(encoding="utf-8")
        script, = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        moved = self.of["evidence"].replace(b'"logIndex":0', b'"logIndex":1')
        for evidence, said in ((self.of["evidence"], "included"), (moved, "NOT INCLUDED")):
            with parmana.scratch() as place:
                (place / "evidence.json").write_bytes(evidence)
                (place / "attestation.pem").write_text(self.pems["attestation"])
                done = subprocess.run([sys.executable, "-c", script], cwd=place, capture_output=True,
                                      text=True, timeout=60, check=False)
            self.assertEqual(done.stdout, said + "\n", done.stderr)

    def test_encodings_that_are_quoted_count_their_type(self):
        pages = [parmana.ROOT / "docs/verifying.md", *(parmana.ROOT / "docs/formats").glob("*.md")]
        text = "".join(page.read_text(encoding="utf-8") for page in pages)
        quoted = set(re.findall(r"DSSEv1 (\d+) (application\S+) ", text))
        self.assertEqual(quoted, {(str(len(name)), name) for name in (PAYLOAD_TYPE, BUNDLE_TYPE)})

    def test_store(self):
        store_id = sha256(self.trust["origin"].encode(), b"\0", self.trust["tenant"].encode())
        self.assertEqual(store_id.hex(), self.text("store-id"))
        segments = [bytes.fromhex(self.text(f"{family}-header")) + bytes(376) + bytes.fromhex(
            self.text(f"{family}-group")) for family in ("log", "records")]
        (entry, record), = self.check_store(*segments, store_id, self.trust, self.keys, self.pems)
        self.assertEqual(entry["payload"], self.of["decision-statement"])
        self.assertEqual(record["record"], self.of["decision-record"])
        self.assertEqual(entry["leaf"].hex(), self.text("leaf-hash"))
        self.assertEqual(wire(record["request_digest"]), self.text("request-digest"))
        identity = record["id"]
        digest = idempotency_digest(bytes.fromhex(self.text("blind-key")), identity, self.of["idempotency-key"])
        self.assertEqual("hmac-sha256:" + digest.hex(), self.text("idempotency-digest"))
        self.assertEqual(record["idempotency_digest"], digest)


class FreshDirectory(Steps):
    """The same on what a server writes here and now."""

    KEY = "0123456789abcdefghijklmn"
    RISKS = (0.5, 1e-7, 0.000001, 0.1 + 0.2, 5e-324, 0, 1)

    @classmethod
    def setUpClass(cls):
        place = cls.enterClassContext(parmana.scratch())
        data = parmana.init(place / "data", demo=False)
        policy = place / "policy.json"
        policy.write_bytes(examples()["policy"])
        cls.sources = {("refunds", "1.0.0"): {"policy.json": policy.read_bytes()}}
        parmana.must("policy", "sign", policy, "--data", data)
        for name in ("claims-approval/1.0.0", "claims-approval/1.1.0", "deployment-approval/1.0.0"):
            sample = parmana.ROOT / "policies" / name
            cls.sources[tuple(name.split("/"))] = {path.name: path.read_bytes() for path in sample.iterdir()}
            parmana.must("policy", "sign", sample / "policy.json", "--data", data)
        cls.trust_text = parmana.must("trust", "export", "--data", data, "--format", "json").encode()
        cls.pems = {role: parmana.must("trust", "export", "--data", data, "--format", "pem", "--role", role)
                    for role in ("attestation", "log", "policy", "root")}
        with parmana.Server(data) as server:
            cls.manifest = server.get("/runtime/manifest").json()
            cls.policies = server.get("/policies").json()["policies"]
            cls.answers = cls.ask(server)
            cls.refusal = server.evaluate("refused", {"claim_amount": -1, "vip_customer": False}).json()
            cls.evidence = {name: server.get(f"/executions/{name}/evidence").body for name in cls.answers}
        cls.data = data

    @classmethod
    def ask(cls, server):
        answers = {"first": server.evaluate("first"), "large": server.evaluate("large", {
            "claim_amount": 2**53 - 1, "vip_customer": True}, headers={"Idempotency-Key": cls.KEY})}
        names = {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\U0001f600": 5, "\x80": 6, "\u00f6": -0.0,
                 "text": "a/b\\\"\u0001\u007f\u2028"}
        for at, risk in enumerate(cls.RISKS):
            body = {"policyId": "refunds", "policyVersion": "1.0.0", "executionId": f"refund-{at}",
                    "signals": {"amount_cents": at + 1, "risk": risk, "channel": "web"},
                    "action": {"type": "refund", "parameters": names | {"risk": risk}}}
            answers[f"refund-{at}"] = server.post("/evaluate", body)
        for answer in answers.values():
            assert answer.status == 200, answer.body
        return {name: answer.json() for name, answer in answers.items()}

    def setUp(self):
        self.keys, self.trust, self.fingerprint = self.check_trust_root(self.trust_text)

    def test_the_keys_are_spelled_as_the_documents_say(self):
        for role, public in self.keys.items():
            self.assertEqual(self.pems[role], pem(public))

    def test_evidence_step_by_step(self):
        for name, text in self.evidence.items():
            with self.subTest(name):
                evidence, statement, _ = self.check_evidence(text, self.trust, self.keys, self.pems)
                answer = self.answers[name]
                self.assertEqual(answer["attestation"], evidence["envelope"])
                self.assertEqual(answer["signature"], evidence["envelope"]["signatures"][0]["sig"])
                self.assertEqual(answer["execution_fingerprint"], evidence["record"]["executionFingerprint"])
                self.assertEqual(answer["provenance"]["runtimeHash"], self.manifest["runtimeHash"])
                self.assertEqual(answer["provenance"]["policyHash"], evidence["record"]["policyHash"])
                self.assertEqual(answer["log"]["index"], evidence["inclusionProof"]["logIndex"])

    def test_evidence_in_the_formats_of_others(self):
        said = parmana.must("trust", "export", "--data", self.data, "--format", "sigstore").encode()
        self.assertEqual(said, sigstore_trusted_root(self.trust["origin"], self.keys["log"]))
        for name in self.answers:
            with self.subTest(name):
                evidence, bundle, proof = (
                    parmana.must("evidence", name, "--data", self.data, "--format", form).encode()
                    for form in ("json", "sigstore", "tlog-proof"))
                evidence = json.loads(evidence)
                self.assertEqual(bundle, sigstore_bundle(evidence, self.trust["origin"], self.keys["attestation"],
                                                         self.keys["log"]))
                self.assertEqual(proof, tlog_proof(evidence, self.keys["attestation"]))

    def test_hashes_of_the_read_routes(self):
        self.assertEqual(self.manifest["runtimeHash"], wire(sha256(canonical(self.manifest["manifest"]))))
        executable = wire(sha256(parmana.BINARY.read_bytes()))
        self.assertEqual(self.manifest["manifest"]["executableDigest"], executable)
        self.assertEqual(len(self.policies), len(self.sources))
        for row in self.policies:
            files = self.sources[row["policyId"], row["policyVersion"]]
            self.assertEqual(row["policyHash"], wire(sha256(canonical(manifest_of(files)))))
            schema = canonical(json.loads(files["policy.json"])["signalsSchema"])
            self.assertEqual(row["schemaHash"], wire(sha256(schema)))

    def test_the_runtime_manifest_says_what_the_tables_say(self):
        page = (parmana.ROOT / "docs/formats/record-and-statement.md").read_text(encoding="utf-8")
        for name in ("languageProfiles", "predicateTypes", "schemaVersions"):
            said, = re.findall(rf"^\| `{name}` \| of \w+: `(.*)` \|$", page, re.MULTILINE)
            self.assertEqual(self.manifest["manifest"][name], json.loads(said))
        said, = re.findall(r"^\| `timeZoneData` \| .*?: `(\w+)`;", page, re.MULTILINE)
        self.assertEqual(self.manifest["manifest"]["timeZoneData"], said)

    def test_the_segments_by_their_tables(self):
        store_id = sha256(self.trust["origin"].encode(), b"\0", self.trust["tenant"].encode())
        log, records = ((self.data / family / "00000001.seg").read_bytes() for family in ("log", "records"))
        entries = self.check_store(log, records, store_id, self.trust, self.keys, self.pems)
        self.assertEqual(len(entries), len(self.answers) + 1)
        note = (self.data / "tlog" / "checkpoint").read_bytes()
        size, root = self.check_checkpoint(note, self.trust["origin"], self.keys["log"], self.pems["log"])
        self.assertEqual((size, root), (len(entries), tree_root([entry["leaf"] for entry, _ in entries])))
        key_file = (self.data / "keys" / "blind.key").read_text().split()
        self.assertEqual(key_file[:2], ["PARMANA-KEY-1", "blind"])
        names = (self.trust["origin"] + "\0" + self.trust["tenant"] + "\0").encode()
        for entry, record in entries:
            blind = keyed(unb64(key_file[2]), names + entry["id"]).hex()
            self.assertEqual(json.loads(record["record"])["blind"], blind)
            given = entry["id"] == b"large"
            expected = idempotency_digest(unb64(key_file[2]), b"large", self.KEY.encode()) if given else b""
            self.assertEqual(record["idempotency_digest"], expected)
        refused = [entry for entry, _ in entries if entry["kind"] == 2]
        self.assertEqual([(entry["id"], entry["code"]) for entry in refused], [(b"refused", b"signal_range")])
        self.assertEqual(unb64(self.refusal["attestation"]["payload"]), refused[0]["payload"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
