"""The formats documents, recomputed by an implementation of its own (reference.py) and openssl.

First the worked examples in docs/formats/: every digest, blind, leaf, root, key id and signature in them.
Then the same steps on the evidence and the segment files of a server that runs here, read by the tables of
store.md.
"""
import base64
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import governance  # noqa: E402
import parmana  # noqa: E402
import policy_docs  # noqa: E402
import sealing  # noqa: E402
from format_steps import BUNDLE_TYPE, ORDER_TYPE, PAYLOAD_TYPE, Steps, idempotency_digest  # noqa: E402
from reference import (bundle_entries, canonical, cosigned_at, examples, first_format, key_id,  # noqa: E402
                       keyed, leaf_body, leaf_hash, manifest_of, note_key_id, pem, pre_authentication_encoding,
                       read_note, root_from_proof, sha256, sigstore_bundle, sigstore_trusted_root, spki,
                       statement_leaf_body, tiles, tlog_proof, tree_root, unb64, wire)
from releasing import RELEASE_TYPE, Key, envelope as release_envelope, trust_root  # noqa: E402
from witnessing import verifier_key  # noqa: E402


class Examples(Steps):
    @classmethod
    def setUpClass(cls):
        cls.of = examples()

    def text(self, name):
        return self.of[name].decode()

    def setUp(self):
        self.keys, self.trust, self.fingerprint = self.check_trust_root(self.of["trust-root"])
        self.roots = [self.of["trust-root"], self.of["trust-root-2"]]
        self.chain = self.check_chain(self.roots, [0, 7])
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

    def test_events(self):
        for name in ("group", "replay", "policy-event", "key-event"):
            predicate = self.check_event(self.of[f"{name}-statement"], self.trust)
            if "runtime" in predicate:
                self.assertEqual("sha256:" + predicate["runtime"]["digest"]["sha256"], self.text("runtime-hash"))
        policy = json.loads(self.of["policy-event-statement"])["predicate"]
        self.assertEqual((policy["event"], "sha256:" + policy["policy"]["digest"]["sha256"]),
                         ("activated", self.text("policy-hash")))
        self.assertEqual((policy["sequence"], policy["counter"], policy["kept"]), (1, 1, []))
        event = json.loads(self.of["key-event-statement"])["predicate"]
        self.assertEqual((event["root"]["version"], "sha256:" + event["root"]["digest"]["sha256"]),
                         (2, self.text("trust-fingerprint-2")))
        replay = json.loads(self.of["replay-statement"])["predicate"]
        self.assertEqual((replay["executionId"], replay["code"], replay["count"]),
                         ("refund-1001", "execution_identity_consumed", 2))
        leaves = [bytes.fromhex(line) for line in self.text("leaves").splitlines()]
        self.check_group(self.of["group-statement"], 3, leaves[3:6])

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
        body = statement_leaf_body(unb64(json.loads(self.of["evidence-log"])["group"]["payload"]))
        self.assertEqual(body, self.of["statement-leaf-body"])
        self.assertEqual(leaf_hash(body).hex(), self.text("statement-leaf-hash"))

    def test_an_encrypted_key_file(self):
        purpose, public, key, seed = sealing.opened(self.of["encrypted-key"], self.of["key-passphrase"])
        self.assertEqual((purpose, key.hex(), seed.hex()),
                         ("attestation", self.text("key-of-passphrase"), self.text("key-seed")))
        self.assertEqual(public, sealing.public_of_seed(seed))
        for passphrase in (b"", self.of["key-passphrase"] + b"\n"):
            with self.assertRaises(ValueError):
                sealing.opened(self.of["encrypted-key"], passphrase)

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

    def test_release(self):
        texts = {"parmana": b"parmana 0.2.0", "parmana-verify": b"parmana-verify 0.2.0"}
        runtimes = sorted(wire(sha256(text)) for text in (b"runtime 1", b"runtime 2"))
        manifest = canonical({
            "artifacts": [{"digest": wire(sha256(text)), "path": name, "size": len(text)}
                          for name, text in texts.items()],
            "counter": 7, "format": "parmana-release/1", "previous": wire(sha256(b"release 6")),
            "runtimeHashes": runtimes, "sbom": {"digest": wire(sha256(b"{}")), "path": "parmana.spdx.json"},
            "version": "0.2.0"})
        self.assertEqual(manifest, self.of["release-manifest"])
        self.assertEqual(wire(sha256(manifest)), self.text("release-hash"))
        keys = [Key(0x11), Key(0x12)]
        self.assertEqual([key.public.hex() for key in keys], self.text("release-keys").splitlines())
        self.assertEqual(release_envelope(manifest, keys), self.of["release-envelope"])
        with parmana.scratch() as place:
            for name, content in {**texts, "parmana.spdx.json": b"{}", "release": self.of["release-envelope"],
                                  "trust": trust_root(keys, 2)}.items():
                (place / name).write_bytes(content)
            done = parmana.run("release", "verify", place / "release", "--trust", place / "trust", "--artifacts", place,
                               "--runtime", runtimes[1], "--json")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        page = (parmana.ROOT / "docs/formats/release.md").read_text(encoding="utf-8")
        said = re.findall(r"^\| `(\w+)` \|", page.split("\n## Checks\n")[1], re.MULTILINE)
        self.assertEqual([check["name"] for check in json.loads(done.stdout)["checks"]],
                         [name for name in said if name != "previous"])

    def test_trust_root(self):
        self.assertEqual(wire(self.fingerprint), self.text("trust-fingerprint"))
        keys, signed, fingerprint = self.check_trust_root(self.of["trust-root-2"])
        self.assertEqual(wire(fingerprint), self.text("trust-fingerprint-2"))
        self.assertEqual(signed["history"], [{"fingerprint": self.text("trust-fingerprint"), "from": 0}])
        self.assertEqual([role for role, public in keys.items() if public != self.keys[role]], ["log"])

    def test_checkpoint(self):
        origin, old, key = self.trust["origin"], self.keys["log"], self.chain[1][1]["log"]
        size, root, _ = self.check_head(self.of["checkpoint"], origin, key)
        leaves = [bytes.fromhex(line) for line in self.text("leaves").splitlines()]
        self.assertEqual((len(leaves), tree_root(leaves)), (size, root))
        self.assertEqual(tree_root(leaves[:2]).hex(), self.text("node"))
        for kind, name, prefix in ((1, "log", ""), (4, "log-time", "time-")):
            self.assertEqual(note_key_id(origin, kind, key).hex(), self.text(f"{name}-key-id"))
            self.assertEqual(verifier_key(origin, kind, key), self.text(f"{prefix}verifier-key"))
        self.assertEqual(verifier_key(origin, 1, old), self.text("verifier-key-1"))
        self.assertEqual(self.check_head(self.of["head-0"], origin, old)[:2], (0, sha256()))
        self.assertEqual(self.check_head(self.of["head-1"], origin, old)[:2], (1, leaves[0]))

    def test_the_head_with_a_witness(self):
        note, key = self.of["head-witnessed"], self.text("head-witness-key")
        name, _, typed = key.split("+", 2)
        public = unb64(typed)[1:]
        self.assertEqual(verifier_key(name, 4, public), key)
        self.assertEqual(self.check_head(note, self.trust["origin"], self.chain[1][1]["log"], 1)[0], 9)
        self.assertTrue(note.startswith(self.of["checkpoint"]))
        text, lines = read_note(note.decode())
        cosigned_at(text, lines[2], name, public)

    def test_history(self):
        notes, index = [self.of[name] for name in ("head-0", "head-1", "checkpoint")], b""
        for number, note in enumerate(notes):
            size = int(note.split(b"\n")[1])
            index += b"".join(part.to_bytes(8, "big") for part in (size, len(b"".join(notes[:number])), len(note)))
        self.assertEqual(index.hex(), self.text("heads-index"))

    def test_tiles(self):
        entries = bundle_entries(unb64(self.text("entry-bundle")))
        leaves = [leaf_hash(entry) for entry in entries]
        self.assertEqual([leaf.hex() for leaf in leaves], self.text("leaves").splitlines())
        self.assertEqual(tiles(leaves), {"tile/0/000.p/9": bytes.fromhex(self.text("tile"))})
        self.assertEqual(entries[1], self.of["leaf-body"])
        self.assertEqual(entries[4], self.of["statement-leaf-body"])

    def test_evidence(self):
        evidence, statement, leaf = self.check_evidence(self.of["evidence"], self.roots)
        self.assertEqual(statement, self.of["decision-statement"])
        self.assertEqual(canonical(evidence["record"]), self.of["decision-record"])
        self.assertEqual(canonical(evidence["envelope"]), self.of["envelope"])
        self.assertEqual(canonical(evidence["runtimeManifest"]), self.of["runtime-manifest"])
        self.assertEqual(canonical(evidence["policy"]["envelope"]), self.of["bundle-envelope"])
        self.assertEqual(evidence["checkpoint"].encode(), self.of["checkpoint"])
        self.assertEqual(evidence["previousCheckpoint"]["note"].encode(), self.of["head-1"])
        self.assertEqual(leaf.hex(), self.text("leaf-hash"))
        first = first_format(evidence)
        self.assertEqual(wire(sha256(first)), self.text("first-format-digest"))
        for root in self.roots:
            self.check_with_the_verifier(self.of["evidence"], root, 21)
        # The first format says nothing of places: it is judged by the keys of one root, here that of the head.
        self.check_with_the_verifier(first, self.roots[1], 15)

    def test_evidence_of_a_decision_that_the_log_attests(self):
        evidence, _, leaf = self.check_evidence(self.of["evidence-log"], self.roots)
        self.assertEqual(leaf.hex(), self.text("statement-leaf-hash"))
        self.assertEqual(unb64(evidence["group"]["envelope"]["payload"]), self.of["group-statement"])
        for root in self.roots:
            self.check_with_the_verifier(self.of["evidence-log"], root, 22)

    def check_with_the_verifier(self, text, root, checks):
        """Our own program finds every check good; their names and order are those of the page."""
        with parmana.scratch() as place:
            file, trust = place / "evidence.json", place / "trust.json"
            file.write_bytes(text)
            trust.write_bytes(root)
            done = parmana.run(file, "--trust", trust, "--json", binary=parmana.VERIFIER)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        report = parmana.parse_json(done.stdout)["checks"]
        self.assertEqual({check["outcome"] for check in report}, {"passed"})
        page = (parmana.ROOT / "docs/formats/evidence.md").read_text(encoding="utf-8")
        table, = re.findall(r"^\| check \|.*?(?=^$)", page, re.MULTILINE | re.DOTALL)
        said = re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)
        names = [check["name"] for check in report]
        self.assertEqual((len(names), names), (checks, [name for name in said if name in names]))

    def test_interchange(self):
        evidence, origin = json.loads(self.of["evidence"]), self.trust["origin"]
        logs = [keys["log"] for _, keys, _ in self.chain]
        self.assertEqual(sigstore_bundle(evidence, origin, self.keys["attestation"], logs[1]),
                         self.of["sigstore-bundle"])
        self.assertEqual(sigstore_trusted_root(origin, *logs), self.of["sigstore-trusted-root"])
        self.assertEqual(tlog_proof(evidence, self.keys["attestation"]), self.of["tlog-proof"])
        by_log = json.loads(self.of["evidence-log"])
        self.assertEqual(tlog_proof(by_log, self.keys["attestation"]), self.of["tlog-proof-log"])
        ids = [unb64(log["logId"]["keyId"]).hex() for log in json.loads(self.of["sigstore-trusted-root"])["tlogs"]]
        self.assertIn(self.text("log-key-id"), ids)

    def test_the_script_of_the_page_on_verifying(self):
        page = (parmana.ROOT / "docs/verifying.md").read_text(encoding="utf-8")
        script, = re.findall(r"^```python\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        moved = self.of["evidence"].replace(b'"logIndex":1', b'"logIndex":2')
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
        types = (PAYLOAD_TYPE, BUNDLE_TYPE, RELEASE_TYPE, ORDER_TYPE)
        self.assertEqual(quoted, {(str(len(name)), name) for name in types})

    def test_store(self):
        store_id = sha256(self.trust["origin"].encode(), b"\0", self.trust["tenant"].encode())
        self.assertEqual(store_id.hex(), self.text("store-id"))
        segments = [bytes.fromhex(self.text(f"{family}-header") + "00" * 376 + self.text(f"{family}-group-1") +
                                  self.text(f"{family}-group-2")) for family in ("log", "records")]
        entries = self.check_store(*segments, store_id, self.trust, self.keys, self.pems)
        (event, _), (entry, record) = entries
        self.assertEqual(event["payload"], self.of["policy-event-statement"])
        self.assertEqual(entry["payload"], self.of["decision-statement"])
        self.assertEqual(record["record"], self.of["decision-record"])
        self.assertEqual(entry["leaf"].hex(), self.text("leaf-hash"))
        self.assertEqual(wire(record["request_digest"]), self.text("request-digest"))
        blind_key = bytes.fromhex(self.text("blind-key"))
        digest = idempotency_digest(blind_key, record["id"], self.of["idempotency-key"])
        self.assertEqual("hmac-sha256:" + digest.hex(), self.text("idempotency-digest"))
        self.assertEqual(record["idempotency_digest"], digest)
        files = [bytes.fromhex(self.text(f"index-file-{number}")) for number in (0, 1)]
        self.check_index(files, entries, store_id, blind_key)


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
        parmana.must("policy", "activate", "refunds@1.0.0", "--data", data)
        for name in ("claims-approval/1.0.0", "claims-approval/1.1.0", "deployment-approval/1.0.0"):
            sample = parmana.ROOT / "policies" / name
            cls.sources[tuple(name.split("/"))] = {path.name: path.read_bytes() for path in sample.iterdir()}
            parmana.must("policy", "sign", sample / "policy.json", "--data", data)
            kept = [word for key in cls.sources if key[0] == sample.parent.name and key[1] != sample.name
                    for word in ("--keep", key[1])]
            parmana.must("policy", "activate", name.replace("/", "@"), *kept, "--data", data)
        cls.trust_text = parmana.must("trust", "export", "--data", data, "--format", "json").encode()
        cls.pems = {role: parmana.must("trust", "export", "--data", data, "--format", "pem", "--role", role)
                    for role in ("attestation", "log", "policy", "root")}
        environment = {"PARMANA_INDEX_FILE_ENTRIES": "4", "PARMANA_CHECKPOINT_INTERVAL_MS": "60000"}
        with parmana.Server(data, environment=environment) as server:
            cls.manifest = server.get("/runtime/manifest").json()
            cls.policies = server.get("/policies").json()["policies"]
            cls.answers = cls.ask(server)
            cls.batch = cls.ask_batch(server)
            cls.replays = [server.evaluate("first").code() for _ in range(3)]
            cls.refusal = server.evaluate("refused", {"claim_amount": -1, "vip_customer": False}).json()
            cls.evidence = {name: server.get(f"/executions/{name}/evidence").body
                            for name in (*cls.answers, *cls.batch)}
            cls.log = {"checkpoint": server.get("/log/checkpoint").body}
            size = int(cls.log["checkpoint"].split(b"\n")[1])
            for name in ("0", "entries"):
                cls.log[f"tile/{name}/000.p/{size}"] = server.get(f"/log/tile/{name}/000.p/{size}").body
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

    @staticmethod
    def ask_batch(server):
        """Decisions that the log attests: {identity: (result, its group's envelope)}."""
        items = [{**parmana.SEED_REQUEST, "executionId": f"in-a-batch-{at}"} for at in range(9)]
        answer = server.post("/evaluate/batch?attestation=log&wait=included", {"items": items})
        assert answer.status == 200, answer.body
        results = [result["body"] for result in answer.json()["results"]]
        return {result["execution_id"]: (result, answer.json()["groups"]) for result in results}

    def setUp(self):
        self.keys, self.trust, self.fingerprint = self.check_trust_root(self.trust_text)

    def test_the_keys_are_spelled_as_the_documents_say(self):
        for role, public in self.keys.items():
            self.assertEqual(self.pems[role], pem(public))

    def test_encrypted_key_files_open_by_their_page(self):
        passphrase = self.data.parent / "passphrase"
        passphrase.write_text("öffne dich\n", encoding="utf-8")
        passphrase.chmod(0o600)
        for role in ("log", "blind"):
            file = self.data.parent / f"{role}.key"
            with unittest.mock.patch.dict(os.environ, {"PARMANA_KEY_PASSPHRASE_FILE": str(passphrase)}):
                parmana.must("keys", "generate", "--role", role, "--out", file, "--encrypt")
            purpose, public, _, secret = sealing.opened(file.read_bytes(), "öffne dich".encode())
            self.assertEqual(purpose, role)
            self.assertEqual(public, sealing.public_of_seed(secret) if role == "log" else None)
            with self.assertRaises(ValueError):
                sealing.opened(file.read_bytes().replace(b" 3 ", b" 2 ", 1), "öffne dich".encode())

    def test_evidence_step_by_step(self):
        for name, text in self.evidence.items():
            with self.subTest(name):
                evidence, _, leaf = self.check_evidence(text, [self.trust_text])
                if name in self.batch:
                    self.check_result_of_a_batch(*self.batch[name], evidence, leaf)
                    continue
                answer = self.answers[name]
                self.assertEqual(answer["attestation"], evidence["envelope"])
                self.assertEqual(answer["signature"], evidence["envelope"]["signatures"][0]["sig"])
                self.assertEqual(answer["execution_fingerprint"], evidence["record"]["executionFingerprint"])
                self.assertEqual(answer["provenance"]["runtimeHash"], self.manifest["runtimeHash"])
                self.assertEqual(answer["provenance"]["policyHash"], evidence["record"]["policyHash"])
                self.assertEqual(answer["log"]["index"], evidence["inclusionProof"]["logIndex"])

    def check_result_of_a_batch(self, result, groups, evidence, leaf):
        """What the answer carries: the statement with its path in a group, and its place under a head."""
        self.assertEqual(result["group"]["payload"], evidence["group"]["payload"])
        self.assertEqual(result["group"]["hashes"], evidence["group"]["hashes"])
        self.assertIn(evidence["group"]["envelope"], groups)
        place = result["log"]
        size, root, _ = self.check_head(place["checkpoint"].encode(), self.trust["origin"], self.keys["log"])
        self.assertEqual(size, place["treeSize"])
        hashes = [unb64(node) for node in place["hashes"]]
        self.assertEqual(root_from_proof(place["index"], size, leaf, hashes), root)

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
            # Of a sample with an older version installed first, the counter is higher.
            counter = 1 + sum(key[0] == row["policyId"] and key[1] < row["policyVersion"] for key in self.sources)
            self.assertEqual(row["policyHash"], wire(sha256(canonical(manifest_of(files, counter)))))
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
        key_file = (self.data / "keys" / "blind.key").read_text().split()
        self.assertEqual(key_file[:2], ["PARMANA-KEY-1", "blind"])
        blind_key = unb64(key_file[2])
        names = (self.trust["origin"] + "\0" + self.trust["tenant"] + "\0").encode()
        for entry, record in entries:
            if entry["kind"] not in (1, 0x41, 2):
                continue
            blind = keyed(blind_key, names + entry["id"]).hex()
            self.assertEqual(json.loads(record["record"])["blind"], blind)
            given = entry["id"] == b"large"
            expected = idempotency_digest(blind_key, b"large", self.KEY.encode()) if given else b""
            self.assertEqual(record["idempotency_digest"], expected)
        kinds = [entry["kind"] for entry, _ in entries]
        self.assertEqual([kinds.count(kind) for kind in (1, 0x41, 2, 4, 5)],
                         [len(self.answers), len(self.batch), 1, 1, len(self.sources)])
        refused, = (entry for entry, _ in entries if entry["kind"] == 2)
        self.assertEqual((refused["id"], refused["code"]), (b"refused", b"signal_range"))
        self.assertEqual(unb64(self.refusal["attestation"]["payload"]), refused["payload"])
        replay, = (json.loads(entry["payload"])["predicate"] for entry, _ in entries if entry["kind"] == 4)
        self.assertEqual((replay["executionId"], replay["count"]), ("first", len(self.replays)))
        self.assertEqual({replay["code"]}, set(self.replays))
        files = [path.read_bytes() for path in sorted((self.data / "cache").iterdir())]
        self.assertGreater(len(files), 2)
        self.check_index(files, entries, store_id, blind_key)
        self.check_log([entry["leaf"] for entry, _ in entries])

    def check_log(self, leaves):
        """Head, history and tiles over the entries, from the disk and as the server gave them."""
        origin, key = self.trust["origin"], self.keys["log"]
        note = (self.data / "tlog/checkpoint").read_bytes()
        self.assertEqual(self.check_head(note, origin, key)[:2], (len(leaves), tree_root(leaves)))
        heads, index = ((self.data / "tlog" / name).read_bytes() for name in ("heads", "heads.index"))
        at = 0
        for row in (index[start:start + 24] for start in range(0, len(index), 24)):
            size, offset, length = (int.from_bytes(row[part:part + 8], "big") for part in (0, 8, 16))
            self.assertEqual(offset, at)
            at += length
            self.assertEqual(self.check_head(heads[offset:at], origin, key)[:2], (size, tree_root(leaves[:size])))
        self.assertEqual(heads[offset:], note)
        for path, raw in tiles(leaves).items():
            self.assertEqual((self.data / "tlog" / path).read_bytes(), raw)
        bundle = (self.data / f"tlog/tile/entries/000.p/{len(leaves)}").read_bytes()
        self.assertEqual([leaf_hash(entry) for entry in bundle_entries(bundle)], leaves)
        self.assertIn(self.log.pop("checkpoint"), heads)
        for path, raw in self.log.items():
            self.assertEqual((self.data / "tlog" / path).read_bytes(), raw)


if __name__ == "__main__":
    unittest.main(verbosity=2)
