"""Exports of the ledger, their proofs, and everything that can be done to them: each alteration is refused, and by
the check that is there for it."""
import json
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
import reference  # noqa: E402
from ledgers import Case, make, text_of  # noqa: E402


class Export(Case):
    def export(self, *more, name="export.jsonl"):
        file = self.place / name
        parmana.must("log", "export", "--data", self.data, "--out", file, *more)
        return file

    def lines(self, *more):
        return self.export(*more).read_text().splitlines()

    def test_the_whole_ledger(self):
        file = self.export()
        checks = self.report(file, code=0)
        self.assertIn("35 identities", checks["identities"]["detail"])
        self.assertIn("verdicts re-derived", checks["verdict"]["detail"])
        self.assertEqual(self.named(checks, "passed"), set(checks))
        self.assertEqual(self.report(file, code=0, binary=parmana.VERIFIER), checks)
        kinds = [json.loads(line).get("kind") for line in file.read_text().splitlines()]
        for kind in ("decision", "refusal", "group", "replay", "policy"):
            self.assertIn(kind, kinds)

    def test_every_line_is_canonical_and_the_whole_is_the_same_again(self):
        lines = self.lines()
        for line in lines:
            self.assertEqual(text_of(json.loads(line)), line)
        self.assertEqual(self.lines(), lines)

    def test_statements_alone(self):
        file = self.export("--level", "statements")
        checks = self.report(file, code=3)
        self.assertEqual(self.named(checks, "failed"), set())
        self.assertEqual(self.named(checks, "not_judged"),
                         {"record_digest", "policy_hash", "policy_signature", "policy_bundle", "release",
                          "runtime_hash", "signals_schema", "verdict"})
        self.assertEqual(checks["identities"]["outcome"], "passed")
        self.assertNotIn("claim_amount", file.read_text())
        self.assertNotIn("blind", file.read_text())

    def test_ranges_and_their_proofs_recomputed_here(self):
        attestation = json.loads(self.trust.read_text())["signed"]
        key = attestation["keys"][attestation["roles"]["attestation"]["keyids"][0]]["keyval"]["public"]
        size = self.entries()
        for first, end in ((0, size), (3, 11), (size - 3, size), (0, 1), (7, 8)):
            lines = self.lines("--from", first, "--to", end)
            manifest = json.loads(lines[0])
            leaves = []
            for entry in map(json.loads, lines[1:]):
                if "index" not in entry:
                    continue
                if "payload" in entry:
                    body = reference.statement_leaf_body(reference.unb64(entry["payload"]))
                else:
                    envelope = entry["envelope"]
                    body = reference.leaf_body(reference.unb64(envelope["payload"]),
                                               reference.unb64(envelope["signatures"][0]["sig"]), bytes.fromhex(key))
                leaves.append(reference.leaf_hash(body))
            self.assertEqual(len(leaves), manifest["count"])
            self.assertLessEqual(manifest["first"], first)
            head = manifest["checkpoint"].split("\n")
            proof = [reference.unb64(one) for one in manifest["rangeProof"]]
            root = range_root(int(head[1]), manifest["first"], leaves, proof)
            self.assertEqual(proof, [])
            self.assertEqual(reference.b64(root), head[2])
            self.report(self.place / "export.jsonl", code=0)

    def test_a_range_takes_groups_whole(self):
        entries = [entry for entry in map(json.loads, self.lines()) if "index" in entry]
        group = next(entry for entry in entries if entry["kind"] == "group" and entry["record"]["count"] > 2)
        first, behind = group["record"]["first"], group["index"] + 1
        for words in (("--from", first + 1, "--to", first + 2), ("--from", behind - 1, "--to", behind)):
            manifest = json.loads(self.lines(*words)[0])
            self.assertEqual((manifest["first"], manifest["first"] + manifest["count"]), (first, behind))

    def test_what_cannot_be_exported(self):
        for words in (("--from", 5, "--to", 5), ("--to", 100000), ("--from", 100000)):
            done = parmana.run("log", "export", "--data", self.data, *words)
            self.assertEqual(done.returncode, 2, done.stdout)
            self.assertIn("not_included", done.stderr)

    def entries(self):
        return int((self.data / "tlog/checkpoint").read_text().split("\n")[1])

    def test_a_head_that_the_verifier_holds(self):
        heads = heads_of(self.data)
        other = self.place / "other"
        if not other.exists():
            make(other)
        file, part = self.export(), self.export("--from", self.entries() - 1, name="part.jsonl")
        note = self.place / "held"
        for head in heads:
            note.write_text(head)
            self.assertEqual(self.report(file, "--since", note, code=0)["held_head"]["outcome"], "passed")
        note.write_text(heads[1])  # smaller than the range, and not the head before
        self.assertEqual(self.report(part, "--since", note, code=3)["held_head"]["outcome"], "not_judged")
        note.write_text((other / "tlog/checkpoint").read_text())
        self.assertEqual(self.report(file, "--since", note, code=1)["held_head"]["outcome"], "failed")
        evidence = self.place / "evidence.json"
        parmana.must("evidence", "late-1", "--data", self.data, "--out", evidence)
        note.write_text(heads[-1])
        self.assertEqual(self.report(evidence, "--since", note, code=0)["held_head"]["outcome"], "passed")
        note.write_text(heads[0])
        self.assertEqual(self.report(evidence, "--since", note, code=3)["held_head"]["outcome"], "not_judged")

    def test_proofs(self):
        size = self.entries()
        proof = parmana.parse_json(parmana.must("log", "proof", "--data", self.data, "e-3"))
        self.assertEqual(proof["treeSize"], size)
        self.assertEqual(proof["checkpoint"], (self.data / "tlog/checkpoint").read_text())
        by_index = parmana.must("log", "proof", "--data", self.data, proof["logIndex"])
        self.assertEqual(parmana.parse_json(by_index), proof)
        root = reference.root_from_proof(proof["logIndex"], size, reference.unb64(proof["leaf"]),
                                         [reference.unb64(one) for one in proof["hashes"]])
        self.assertEqual(reference.b64(root), proof["checkpoint"].split("\n")[2])
        older = parmana.parse_json(parmana.must("log", "proof", "--data", self.data, 3, "--size", 20))
        self.assertEqual(older["treeSize"], 20)
        grown = parmana.parse_json(parmana.must("log", "proof", "--data", self.data, "--from", 20, "--to", size))
        self.assertEqual((grown["fromSize"], grown["toSize"]), (20, size))
        self.assertEqual(parmana.run("log", "proof", "--data", self.data, "nobody").returncode, 2)
        self.assertEqual(parmana.run("log", "proof", "--data", self.data, size).returncode, 2)
        self.assertEqual(parmana.run("log", "proof", "--data", self.data).returncode, 2)


def heads_of(data):
    index, heads = (data / "tlog/heads.index").read_bytes(), (data / "tlog/heads").read_bytes()
    rows = [[int.from_bytes(index[at + i:at + i + 8], "big") for i in (0, 8, 16)] for at in range(0, len(index), 24)]
    return [heads[offset:offset + length].decode() for _, offset, length in rows]


def range_root(size, first, leaves, proof, begin=0, end=None):
    """docs/formats/export.md, word for word. Takes the hashes of the proof from its front."""
    end = size if end is None else end
    behind = first + len(leaves)
    if end <= first or behind <= begin:
        return proof.pop(0)
    if end - begin == 1:
        return leaves[begin - first]
    split = 1
    while split * 2 < end - begin:
        split *= 2
    left = range_root(size, first, leaves, proof, begin, begin + split)
    return reference.sha256(b"\1", left, range_root(size, first, leaves, proof, begin + split, end))


class Altered(Case):
    """Each alteration of an export is refused, and by the check that is there for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_trust = make(cls.place / "other")
        cls.file = cls.place / "export.jsonl"
        cls.good = cls.export(cls.data)
        cls.other = cls.export(cls.place / "other")
        cls.size = cls.good[0]["count"]

    @classmethod
    def export(cls, data, *more):
        parmana.must("log", "export", "--data", data, "--out", cls.file, *more)
        return [json.loads(line) for line in cls.file.read_text().splitlines()]

    def fails(self, lines, *checks, exact=True):
        """`lines`: values, or the text of the file."""
        text = lines if isinstance(lines, str) else "".join(text_of(line) + "\n" for line in lines)
        self.assertNotEqual(text, "".join(text_of(line) + "\n" for line in self.good))
        self.file.write_text(text)
        failed = self.named(self.report(self.file, code=1), "failed")
        if exact:
            self.assertEqual(failed, set(checks))
        else:
            self.assertLessEqual(set(checks), failed)

    def copy(self):
        return json.loads(json.dumps(self.good))

    def at(self, lines, index):
        return next(i for i, line in enumerate(lines) if line.get("index") == index)

    def first(self, lines, test):
        return next(i for i, line in enumerate(lines) if test(line))

    def decision(self, lines):
        return lines[self.first(lines, lambda line: line.get("kind") == "decision" and "envelope" in line)]

    def text(self):
        return "".join(text_of(line) + "\n" for line in self.good)

    def renumbered(self, lines, first=0):
        entries = [line for line in lines if "index" in line]
        for number, line in enumerate(entries):
            line["index"] = first + number
        lines[0]["count"] = len(entries)
        return lines

    def test_entries_that_are_not_where_they_were(self):
        last = self.size - 1
        for index in (0, 10, last):
            with self.subTest(removed=index):
                lines = self.copy()
                at = self.at(lines, index)
                del lines[at]
                # The policy and manifest that stood before the first entry now stand before another one.
                self.fails(lines, *(("format",) if index == 0 else ("order",)), exact=index != 0)
        lines = self.copy()
        a = self.first(lines, lambda line: line.get("kind") == "decision")
        lines[a], lines[a + 1] = lines[a + 1], lines[a]
        self.fails(lines, "order", exact=False)
        lines = self.copy()
        lines.insert(a, lines[a])
        self.fails(lines, "order", "identities")

    def test_a_range_that_is_not_the_one_it_says(self):
        lines = self.copy()
        del lines[self.first(lines, lambda line: line.get("kind") == "decision" and "envelope" in line)]
        self.fails(self.renumbered(lines), "range", exact=False)
        with self.subTest("the last entry is cut off, and not counted"):
            lines = self.copy()[:-1]
            lines[0]["count"] -= 1
            self.fails(lines, "range")
        with self.subTest("more is promised"):
            lines = self.copy()
            lines[0]["count"] += 1
            self.fails(lines, "order")
        with self.subTest("shifted by one"):
            lines = self.copy()
            lines[0]["first"] = 1
            self.fails(self.renumbered(lines, 1), "range", exact=False)

    def test_the_range_proof(self):
        part = self.export(self.data, "--from", 11, "--to", 13)
        self.report(self.file, code=0)
        for name, change in {"altered": lambda proof: [proof[-1], *proof[1:]],
                             "one less": lambda proof: proof[1:],
                             "one more": lambda proof: [*proof, proof[0]],
                             "none": lambda proof: []}.items():
            with self.subTest(name):
                lines = json.loads(json.dumps(part))
                lines[0]["rangeProof"] = change(lines[0]["rangeProof"])
                self.fails(lines, "range")

    def test_heads(self):
        heads = heads_of(self.data)
        with self.subTest("of another log"):
            lines = self.copy()
            lines[0]["checkpoint"] = self.other[0]["checkpoint"]
            self.fails(lines, "checkpoint_signature", "checkpoint_time", "range", exact=False)
        with self.subTest("an older one of this log"):
            lines = self.copy()
            lines[0]["checkpoint"] = heads[-2]
            self.fails(lines, "range", exact=False)
        with self.subTest("a head before that covers entries already"):
            lines = self.copy()
            lines[0]["previousCheckpoint"]["note"] = heads[1]
            self.fails(lines, "previous_checkpoint")
        with self.subTest("no head before"):
            lines = self.copy()
            del lines[0]["previousCheckpoint"]
            self.file.write_text("".join(text_of(line) + "\n" for line in lines))
            self.assertEqual(self.named(self.report(self.file, code=3), "not_judged"), {"previous_checkpoint"})
        with self.subTest("another time"):
            lines = self.copy()
            note = lines[0]["checkpoint"].rstrip("\n").split("\n")
            name, line = note[-1].rsplit(" ", 1)
            raw = bytearray(reference.unb64(line))
            raw[11] ^= 1
            lines[0]["checkpoint"] = "\n".join([*note[:-1], name + " " + reference.b64(bytes(raw))]) + "\n"
            self.fails(lines, "checkpoint_time")
        with self.subTest("another trust root"):
            lines = self.copy()
            lines[0]["trustRoots"] = self.other[0]["trustRoots"]
            self.fails(lines, "trust_chain")
        for member in ("origin", "tenant"):
            with self.subTest(member):
                lines = self.copy()
                lines[0][member] += "x"
                self.fails(lines, "binding")

    def test_spelling(self):
        text = self.text()
        half = len(text) // 2
        for name, altered in {"cut off": text[:half], "without the last newline": text[:-1],
                              "an empty line": text + "\n", "a space": text.replace(',"index":', ', "index":', 1),
                              "carriage returns": text.replace("\n", "\r\n"),
                              "another level": text.replace('"level":"full"', '"level":"statements"', 1),
                              "another format": text.replace("parmana-export/1", "parmana-export/2", 1),
                              "a member twice": text.replace('"count":', '"count":1,"count":', 1),
                              "nothing but the first line": text[:text.index("\n")],
                              "an unknown kind": text.replace('"kind":"refusal"', '"kind":"other"', 1),
                              "a line too long": text + "{" + " " * 5_000_000 + "}\n"}.items():
            with self.subTest(name):
                self.fails(altered, "format", exact=False)
        lines = self.copy()
        self.decision(lines)["note"] = "unknown"
        self.fails(lines, "format", exact=False)

    def test_records(self):
        with self.subTest("altered"):
            lines = self.copy()
            self.decision(lines)["record"]["signals"]["claim_amount"] += 1
            self.fails(lines, "record_digest")
        with self.subTest("altered, and named by the statement"):
            lines = self.copy()
            line = self.decision(lines)
            line["record"]["reason"] = "because"
            statement = json.loads(reference.unb64(line["envelope"]["payload"]))
            statement["subject"][0]["digest"]["sha256"] = reference.sha256(text_of(line["record"]).encode()).hex()
            line["envelope"]["payload"] = reference.b64(text_of(statement).encode())
            self.fails(lines, "attestation_signature", "range", "verdict")
        with self.subTest("of another entry"):
            lines = self.copy()
            a = self.first(lines, lambda line: line.get("kind") == "decision")
            lines[a]["record"], lines[a + 1]["record"] = lines[a + 1]["record"], lines[a]["record"]
            self.fails(lines, "record_digest")

    def test_attestations(self):
        with self.subTest("a signature"):
            lines = self.copy()
            signature = self.decision(lines)["envelope"]["signatures"][0]
            raw = bytearray(reference.unb64(signature["sig"]))
            raw[40] ^= 1
            signature["sig"] = reference.b64(bytes(raw))
            self.fails(lines, "attestation_signature", "range")
        with self.subTest("another key"):
            lines = self.copy()
            self.decision(lines)["envelope"]["signatures"][0]["keyid"] = "0" * 64
            self.fails(lines, "attestation_signature")
        with self.subTest("an entry of another ledger"):
            lines = self.copy()
            line = self.decision(lines)
            foreign = self.decision(self.other)
            line["envelope"], line["record"] = foreign["envelope"], foreign["record"]
            self.fails(lines, "attestation_signature", "binding", exact=False)
        with self.subTest("another kind"):
            lines = self.copy()
            self.decision(lines)["kind"] = "refusal"
            self.fails(lines, "statement")
        with self.subTest("attested by the log after all"):
            lines = self.copy()
            line = self.decision(lines)
            line["payload"] = line.pop("envelope")["payload"]
            self.fails(lines, "range", "group")

    def test_groups(self):
        is_grouped = lambda line: "payload" in line  # noqa: E731
        with self.subTest("a decision in it"):
            lines = self.copy()
            line = lines[self.first(lines, is_grouped)]
            statement = json.loads(reference.unb64(line["payload"]))
            statement["predicate"]["decision"] = "rejected"
            line["payload"] = reference.b64(text_of(statement).encode())
            self.fails(lines, "group", "range", "binding")
        with self.subTest("without the statement"):
            lines = self.copy()
            del lines[self.first(lines, lambda line: line.get("kind") == "group")]
            self.fails(self.renumbered(lines), "group", "range")

    def test_policies_and_runtimes(self):
        is_policy = lambda line: "policy" in line  # noqa: E731
        with self.subTest("a file of a policy"):
            lines = self.copy()
            files = lines[self.first(lines, is_policy)]["policy"]["files"]
            files["policy.json"] = reference.b64(reference.unb64(files["policy.json"]).replace(b"approve", b"reject", 1)
                                                 + b" ")
            self.fails(lines, "policy_bundle")
        with self.subTest("its signature"):
            lines = self.copy()
            signature = lines[self.first(lines, is_policy)]["policy"]["envelope"]["signatures"][0]
            raw = bytearray(reference.unb64(signature["sig"]))
            raw[3] ^= 1
            signature["sig"] = reference.b64(bytes(raw))
            self.fails(lines, "policy_signature")
        with self.subTest("missing"):
            lines = self.copy()
            del lines[self.first(lines, is_policy)]
            self.fails(lines, "policy_hash")
        with self.subTest("twice"):
            lines = self.copy()
            at = self.first(lines, is_policy)
            lines.insert(self.at(lines, 8), lines[at])
            self.fails(lines, "format", exact=False)
        with self.subTest("another runtime manifest"):
            lines = self.copy()
            lines[self.first(lines, lambda line: "runtimeManifest" in line)]["runtimeManifest"]["version"] = "9.9.9"
            self.fails(lines, "format", exact=False)
        with self.subTest("no runtime manifest"):
            lines = self.copy()
            del lines[self.first(lines, lambda line: "runtimeManifest" in line)]
            self.fails(lines, "runtime_hash")


if __name__ == "__main__":
    unittest.main(verbosity=2)
