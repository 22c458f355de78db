"""Each document of docs/formats/ as a sequence of assertions, for worked examples and for what a server writes.

By reference.py and openssl: none of our code.
"""
import json
import unittest

from reference import (canonical, cosigned_at, is_consistent, key_id, keyed, leaf_body, leaf_body_of, leaf_hash,
                       manifest_of, note_key_id, openssl_verifies, pem, pre_authentication_encoding, read_fields,
                       read_groups, read_note, root_from_proof, rule_of, sha256, statement_leaf_body, tree_root,
                       unb64, wire)

PAYLOAD_TYPE = "application/vnd.in-toto+json"
BUNDLE_TYPE = "application/vnd.parmana.policy-bundle+json"
ORDER_TYPE = "application/vnd.parmana.policy-order+json"


def idempotency_digest(blind_key, identity, key):
    return keyed(blind_key, b"parmana idempotency key\0" + identity + b"\0" + key)


class Steps(unittest.TestCase):
    """What both halves share: each document as a sequence of assertions."""

    def check_trust_root(self, text):
        """A root by itself: whose keys sign it. Returns its keys by role, its signed part, and its fingerprint."""
        root = json.loads(text)
        self.assertEqual(canonical(root), text)
        signed = root["signed"]
        keys = {name: bytes.fromhex(key["keyval"]["public"]) for name, key in signed["keys"].items()}
        for name, public in keys.items():
            self.assertEqual(name, key_id(public))
        roles = {role: entry["keyids"] for role, entry in signed["roles"].items() if entry["keyids"]}
        self.assertEqual(sorted(roles), ["attestation", "log", "policy", "root"])
        self.assertEqual(sorted(sum(roles.values(), [])), sorted(keys))
        self.check_threshold(root, signed)
        past = [entry["from"] for entry in signed["history"]]
        self.assertEqual((len(past), past[:1]), (signed["version"] - 1, [0][:len(past)]))
        self.assertEqual(past, sorted(past))
        return {role: keys[ids[0]] for role, ids in roles.items()}, signed, sha256(canonical(signed))

    def check_threshold(self, root, by):
        """As many of the root keys that `by` names signed as it asks for."""
        role, message = by["roles"]["root"], canonical(root["signed"])
        good = set()
        for signature in root["signatures"]:
            if signature["keyid"] not in role["keyids"]:
                continue
            public = bytes.fromhex(by["keys"][signature["keyid"]]["keyval"]["public"])
            self.assertTrue(openssl_verifies(pem(public), message, bytes.fromhex(signature["sig"])))
            good.add(signature["keyid"])
        self.assertGreaterEqual(len(good), role["threshold"])
        names = [signature["keyid"] for signature in root["signatures"]]
        self.assertEqual(names, sorted(set(names)))

    def check_chain(self, texts, places):
        """Roots from version 1 on, each with the index from which on it is in force: a chain. Returns a list of (index,
        keys by role, signed part)."""
        chain = []
        for version, (text, place) in enumerate(zip(texts, places, strict=True), 1):
            keys, signed, _ = self.check_trust_root(text)
            self.assertEqual(signed["version"], version)
            if version == 1:
                self.assertEqual(signed["origin"], "localhost/" + sha256(keys["log"]).hex()[:16])
            else:
                before = chain[-1][2]
                self.check_threshold(json.loads(text), before)
                past = before["history"] + [{"fingerprint": wire(sha256(canonical(before))), "from": chain[-1][0]}]
                self.assertEqual(signed["history"], past)
                for name in ("origin", "tenant"):
                    self.assertEqual(signed[name], before[name])
                for name, index in before["compromised"].items():
                    self.assertLessEqual(signed["compromised"][name], index)
            chain.append((place, keys, signed))
        return chain

    @staticmethod
    def keys_at(chain, index):
        """The keys of the root in force at an entry."""
        return [keys for place, keys, _ in chain if place <= max(index, 0)][-1] if index >= 0 else chain[0][1]

    def log_key(self, chain, note):
        """The key that signs a head: that of its last entry."""
        return self.keys_at(chain, int(note.split(b"\n")[1]) - 1)["log"]

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
        self.assertEqual(manifest, manifest_of(files, manifest.get("counter", 0), manifest.get("requirements")))
        return text

    def check_verdict(self, policy, record):
        rule = rule_of(policy, record["signals"])
        outcome = rule["outcome"]
        verdict = {"approve": "approved", "reject": "rejected"}.get(outcome["action"])
        verdict = "override_required" if outcome["requires_override"] else verdict
        self.assertEqual((record["decision"], record["rule"], record["reason"]),
                         (verdict, rule["id"], outcome["reason"]))

    def check_head(self, note, origin, public, witnesses=0):
        """A head: signed by the log, with its time, and lines of so many witnesses. Returns size, root and time."""
        text, lines = read_note(note.decode())
        name, size, root = text.splitlines()
        self.assertEqual((name, text.count("\n"), len(lines)), (origin, 3, 2 + witnesses))
        self.assertEqual((lines[0][0], lines[0][1][:4]), (origin, note_key_id(origin, 1, public)[:4]))
        self.assertTrue(openssl_verifies(pem(public), text.encode(), lines[0][1][4:]))
        written = note.decode().split("\n")[6:-1]
        self.assertEqual(written, sorted(written, key=str.encode))
        return int(size), unb64(root), cosigned_at(text, lines[1], origin, public)

    def check_trust_path(self, evidence, trust_texts):
        """The enclosed roots are those that are known, and each came into force with its event. Returns the chain."""
        events = evidence.get("keyEvents", [])
        self.assertEqual([canonical(root) for root in evidence["trustRoots"]], trust_texts)
        self.assertEqual("keyEvents" in evidence, len(trust_texts) > 1)
        chain = self.check_chain(trust_texts, [0, *(event["logIndex"] for event in events)])
        lines = evidence["checkpoint"].split("\n")
        for event, (_, keys, signed) in zip(events, chain[1:], strict=True):
            statement = self.check_envelope(event["envelope"], PAYLOAD_TYPE, keys["attestation"],
                                            pem(keys["attestation"]))
            said = self.check_event(statement, signed)
            self.assertEqual(said["root"], {"digest": {"sha256": sha256(canonical(signed)).hex()},
                                            "version": signed["version"]})
            leaf = leaf_hash(leaf_body(statement, unb64(event["envelope"]["signatures"][0]["sig"]),
                                       keys["attestation"]))
            hashes = [unb64(node) for node in event["hashes"]]
            self.assertEqual(root_from_proof(event["logIndex"], int(lines[1]), leaf, hashes), unb64(lines[2]))
        return chain

    def check_evidence(self, text, trust_texts):
        """Returns the evidence, its statement, and its leaf."""
        evidence = json.loads(text)
        self.assertEqual(canonical(evidence), text)
        self.assertEqual(evidence["format"], "parmana-evidence/2")
        proof, chain = evidence["inclusionProof"], self.check_trust_path(evidence, trust_texts)
        trust = chain[0][2]
        keys = self.keys_at(chain, proof["logIndex"])
        pems = {role: pem(public) for role, public in keys.items()}
        leaf = leaf_hash(leaf_body_of(evidence, keys["attestation"]))
        if "group" in evidence:
            self.assertNotIn("envelope", evidence)
            statement = unb64(evidence["group"]["payload"])
            group = self.check_envelope(evidence["group"]["envelope"], PAYLOAD_TYPE, keys["attestation"],
                                        pems["attestation"])
            said = self.check_event(group, trust)
            hashes = [unb64(node) for node in evidence["group"]["hashes"]]
            self.assertEqual(root_from_proof(proof["logIndex"] - said["first"], said["count"], leaf, hashes).hex(),
                             said["root"]["digest"]["sha256"])
        else:
            statement = self.check_envelope(evidence["envelope"], PAYLOAD_TYPE, keys["attestation"],
                                            pems["attestation"])
        record = canonical(evidence["record"])
        self.check_statement(statement, record, trust)
        predicate = json.loads(statement)["predicate"]
        files = {path: unb64(raw) for path, raw in evidence["policy"]["files"].items()}
        manifest = self.check_bundle(evidence["policy"]["envelope"], files, keys["policy"], pems["policy"])
        policy = json.loads(files["policy.json"])
        self.assertEqual(predicate["policy"]["digest"]["sha256"], sha256(manifest).hex())
        self.assertEqual(predicate["schema"]["digest"]["sha256"],
                         sha256(canonical(policy["signalsSchema"])).hex())
        self.assertEqual(predicate["languageProfile"], json.loads(manifest)["languageProfile"])
        self.assertEqual(predicate["runtime"]["digest"]["sha256"],
                         sha256(canonical(evidence["runtimeManifest"])).hex())
        if predicate["languageProfile"] == "parmana-rules/1":
            self.check_verdict(policy, evidence["record"])
        self.assertEqual(predicate["release"], {"name": "development"})
        self.check_bracket(evidence, leaf, trust["origin"], chain)
        return evidence, statement, leaf

    def check_bracket(self, evidence, leaf, origin, chain):
        """The decision stands under the one head, and does not under the other, which the first one extends."""
        proof, previous = evidence["inclusionProof"], evidence["previousCheckpoint"]
        notes = [note.encode() for note in (evidence["checkpoint"], previous["note"])]
        size, root, time = self.check_head(notes[0], origin, self.log_key(chain, notes[0]))
        hashes = [unb64(node) for node in proof["hashes"]]
        self.assertEqual(size, proof["treeSize"])
        self.assertEqual(root_from_proof(proof["logIndex"], size, leaf, hashes), root)
        old_size, old_root, old_time = self.check_head(notes[1], origin, self.log_key(chain, notes[1]))
        self.assertLessEqual(old_size, proof["logIndex"])
        self.assertLessEqual(old_time, time)
        path = [unb64(node) for node in previous["consistency"]]
        self.assertTrue(is_consistent(old_size, size, path, old_root, root))

    def check_event(self, statement, trust):
        """A statement whose record is its predicate; as bytes. Returns the predicate."""
        said = json.loads(statement)
        self.assertEqual(canonical(said), statement)
        self.assertEqual(said["_type"], "https://in-toto.io/Statement/v1")
        predicate = said["predicate"]
        name = {"urn:parmana:group/v1": lambda: f"group:{predicate['first']}",
                "urn:parmana:replay/v1": lambda: f"execution:{predicate['executionId']}",
                "urn:parmana:policy-event/v1":
                    lambda: f"policy:{predicate['policy']['id']}@{predicate['policy']['version']}",
                "urn:parmana:key-event/v1": lambda: f"root:{predicate['root']['version']}",
                }[said["predicateType"]]()
        self.assertEqual(said["subject"],
                         [{"digest": {"sha256": sha256(canonical(predicate)).hex()}, "name": name}])
        self.assertEqual((predicate["origin"], predicate["tenant"]), (trust["origin"], trust["tenant"]))
        return predicate

    def check_store(self, log, records, store_id, trust, keys, pems):
        """One segment of each family. Returns each entry's fields of both frames."""
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
            open_group = []  # leaves of this commit that have no signature and no group yet
            for log_body, record_body in zip(log_bodies, record_bodies):
                entry, log_size = read_fields("Log frame", log_body)
                record, record_size = read_fields("Record frame", record_body)
                self.assertEqual((log_size, record_size), (len(log_body), len(record_body)))
                self.check_entry(entry, record, trust, keys, pems)
                if entry["kind"] == 0x41:
                    open_group.append(entry["leaf"])
                elif open_group:
                    self.assertEqual(entry["kind"], 3)
                    self.check_group(entry["payload"], len(entries) - len(open_group), open_group)
                    open_group = []
                entries.append((entry, record))
            self.assertEqual(open_group, [])
        self.assertEqual(times, sorted(times))
        return entries

    def check_group(self, statement, first, leaves):
        predicate = json.loads(statement)["predicate"]
        self.assertEqual((predicate["first"], predicate["count"], predicate["root"]["digest"]["sha256"]),
                         (first, len(leaves), tree_root(leaves).hex()))

    def check_entry(self, entry, record, trust, keys, pems):
        self.assertEqual(entry["id"], record["id"])
        if entry["kind"] == 0x41:
            self.assertEqual((entry["key_id"], entry["signature"]), (bytes(32), bytes(64)))
            body = statement_leaf_body(entry["payload"])
        else:
            self.assertEqual(entry["key_id"].hex(), key_id(keys["attestation"]))
            message = pre_authentication_encoding(PAYLOAD_TYPE, entry["payload"])
            self.assertTrue(openssl_verifies(pems["attestation"], message, entry["signature"]))
            body = leaf_body(entry["payload"], entry["signature"], keys["attestation"])
        self.assertEqual(entry["leaf"], leaf_hash(body))
        if entry["kind"] in (3, 4, 5, 6):
            return self.check_event_entry(entry, record, trust)
        self.assertEqual(entry["kind"] & 0xf, 2 if entry["code"] else 1)
        self.check_statement(entry["payload"], record["record"], trust)
        kept = json.loads(record["record"])
        governed = ("action", "policyId", "policyVersion", "signals")
        request = {name: kept[name] for name in governed if name in kept}
        self.assertEqual(record["request_digest"], sha256(canonical(request)))

    def check_event_entry(self, entry, record, trust):
        predicate = self.check_event(entry["payload"], trust)
        self.assertEqual(record["record"], canonical(predicate))
        self.assertEqual((record["request_digest"], record["has_idempotency"]), (bytes(32), 0))
        subject = json.loads(entry["payload"])["subject"][0]["name"]
        self.assertEqual(subject.split(":", 1)[1].encode(), entry["id"])
        code = {3: "", 4: predicate.get("code"), 5: predicate.get("event"), 6: ""}[entry["kind"]]
        self.assertEqual(entry["code"].decode(), code)

    def check_index_file(self, raw, first, before, store_id, key):
        """A file of the index by its tables. Returns its header, its rows, and its MAC."""
        header, size = read_fields("Index file", raw)
        self.assertEqual((header["magic"], header["first_index"]), (int.from_bytes(b"PARMIDX1", "big"), first))
        rows, at = [], size
        for _ in range(header["rows"]):
            row, size = read_fields("Index row", raw[at:])
            rows.append(row)
            at += size
        mac = raw[at:]
        self.assertEqual(mac, keyed(key, store_id, before, raw[:at]))
        return header, rows, mac

    def check_index(self, files, entries, store_id, blind_key):
        """Files of the index, from the first on, say what the segments say."""
        key, first, before = keyed(blind_key, b"parmana index cache"), 0, bytes(32)
        for raw in files:
            header, rows, before = self.check_index_file(raw, first, before, store_id, key)
            for row, (entry, _) in zip(rows, entries[first:]):
                self.assertEqual((row["kind"], row["leaf"]), (entry["kind"] & 0xf, entry["leaf"]))
                self.assertEqual(row["identity"] == bytes(16), row["kind"] != 1)
            first += len(rows)
            self.assertEqual((header["log_next_index"], header["records_next_index"]), (first, first))
