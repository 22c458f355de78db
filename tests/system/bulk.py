"""The ledger as a whole: exports and everything that can be done to them, fsck and everything that can be done to a
directory, proofs, and a backup that is made while a server writes."""
import json
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import parmana  # noqa: E402
import reference  # noqa: E402
from tampered import rewrite  # noqa: E402

BAD_SIGNALS = {"claim_amount": -5, "vip_customer": False}


def text_of(value):
    return reference.canonical(value).decode()


def batch(server, names, query=""):
    items = [{**parmana.SEED_REQUEST, "executionId": name} for name in names]
    answer = server.post("/evaluate/batch" + query, {"items": items})
    assert answer.status == 200, answer.body


def fill(server, prefix="e"):
    """Entries of every kind, attested in both ways."""
    for i in range(12):
        assert server.evaluate(f"{prefix}-{i}").status == 200
    for i in range(3):
        assert server.evaluate(f"{prefix}-bad-{i}", signals=BAD_SIGNALS).status == 422
        assert server.evaluate(f"{prefix}-no-{i}", policyId="no-such-policy").status == 422
    batch(server, [f"{prefix}-g-{i}" for i in range(9)], "?attestation=log")
    for _ in range(4):
        assert server.evaluate(f"{prefix}-1").status == 409  # becomes one replay entry
    must_checkpoint(server)
    batch(server, [f"{prefix}-h-{i}" for i in range(5)], "?attestation=log")
    for i in range(12, 20):
        assert server.evaluate(f"{prefix}-{i}", signals={"claim_amount": 5000 * i, "vip_customer": False}).status == 200
    must_checkpoint(server)


def must_checkpoint(server):
    return parmana.must("log", "checkpoint", "--data", server.data)


def make(data):
    parmana.init(data)
    with parmana.Server(data) as server:
        fill(server)
    with parmana.Server(data) as server:
        assert server.evaluate("late-1").status == 200
    trust = data.parent / (data.name + ".trust.json")
    parmana.must("trust", "export", "--data", data, "--out", trust)
    return trust


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = cls.enterClassContext(parmana.scratch())
        cls.data = cls.place / "data"
        cls.trust = make(cls.data)

    def report(self, file, *more, code, binary=None):
        words = () if binary else ("verify",)
        done = parmana.run(*words, file, "--trust", self.trust, "--json", *more, binary=binary)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        report = parmana.parse_json(done.stdout)
        return {check["name"]: check for check in report["checks"]}

    def named(self, checks, outcome):
        return {name for name, check in checks.items() if check["outcome"] == outcome}


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
                         {"record_digest", "policy_hash", "policy_signature", "policy_bundle", "runtime_hash",
                          "signals_schema", "verdict"})
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
                              "an unknown kind": text.replace('"kind":"refusal","record"', '"kind":"other","record"', 1),
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


class Fsck(Case):
    def fsck(self, data, code):
        done = parmana.run("log", "fsck", "--data", data, "--json")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return parmana.parse_json(done.stdout)

    def test_a_fresh_directory_and_a_used_one_are_clean(self):
        fresh = parmana.init(self.place / "fresh")
        self.assertEqual(self.fsck(fresh, 0)["entries"], 0)
        report = self.fsck(self.data, 0)
        self.assertGreater(report["entries"], 40)
        self.assertGreater(report["heads"], 3)
        self.assertIn("clean", parmana.must("log", "fsck", "--data", self.data))

    def test_beside_a_server_that_writes(self):
        data = self.place / "busy"
        parmana.init(data)
        with parmana.Server(data) as server:
            load = parmana.Load(server.port, connections=8, seconds=4)
            for _ in range(6):
                self.assertEqual(self.fsck(data, 0)["findings"], [])
            load.finish()
        self.fsck(data, 0)

    def damaged(self, change, place, words="", only=True):
        data = self.place / "damaged"
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(self.data, data, ignore=shutil.ignore_patterns("control.sock"))
        change(data)
        findings = self.fsck(data, 1)["findings"]
        found = [one for one in findings if one["place"].startswith(place) and words in one["detail"]]
        self.assertTrue(found, findings)
        if only:
            self.assertEqual(found, findings)
        return found

    def flip(self, path, at):
        def change(data):
            raw = bytearray((data / path).read_bytes())
            raw[at] ^= 1
            (data / path).write_bytes(raw)
        return change

    def one(self, pattern):
        return str(sorted(self.data.glob(pattern))[0].relative_to(self.data))

    def test_damage_to_segments(self):
        for family in ("log", "records"):
            with self.subTest(family):
                self.damaged(self.flip(f"{family}/00000001.seg", 900), f"{family}/00000001.seg", only=False)
        self.damaged(lambda data: (data / "records/00000001.seg").unlink(), "", only=False)

    def test_a_ledger_that_is_shorter_than_its_head(self):
        def cut(data):
            raw = bytearray((data / "log/00000001.seg").read_bytes())
            last = raw.rindex(b"PGR1")
            raw[last:] = bytes(len(raw) - last)
            (data / "log/00000001.seg").write_bytes(raw)
        self.damaged(cut, "log", "the ledger ends after", only=False)

    def test_damage_to_tiles_and_bundles(self):
        size = int((self.data / "tlog/checkpoint").read_text().split("\n")[1])
        tile, bundle = f"tlog/tile/0/000.p/{size}", f"tlog/tile/entries/000.p/{size}"
        self.damaged(self.flip(tile, 40), tile, "not what the entries give")
        self.damaged(self.flip(bundle, 40), bundle, "not what the entries give")
        self.damaged(lambda data: (data / tile).unlink(), tile, "missing")
        self.damaged(lambda data: (data / bundle).unlink(), bundle, "missing")
        self.damaged(lambda data: (data / "tlog/tile/0/001").write_bytes(bytes(8192)), "tlog/tile/0/001",
                     "does not have so many entries")
        self.damaged(lambda data: (data / "tlog/tile/entries/007").write_bytes(b""), "tlog/tile/entries/007",
                     "does not have so many entries")
        self.damaged(lambda data: (data / "tlog/tile/0/note.txt").write_bytes(b"x"), "tlog/tile/0/note.txt", "no file")

    def test_damage_to_heads(self):
        self.damaged(self.flip("tlog/checkpoint", 40), "tlog/checkpoint", only=False)
        self.damaged(lambda data: (data / "tlog/checkpoint").unlink(), "tlog/checkpoint", "missing", only=False)
        self.damaged(self.flip("tlog/heads", 300), "tlog/heads")
        self.damaged(self.flip("tlog/heads.index", 31), "tlog/heads.index", "of another size")
        self.damaged(self.flip("tlog/heads.index", 47), "tlog/heads.index", "does not join", only=False)
        self.damaged(lambda data: (data / "tlog/heads.index").unlink(), "tlog/heads.index", "missing")
        self.damaged(lambda data: (data / "tlog/settled").write_text("100000\n"), "tlog/settled")

    def test_damage_to_what_statements_name(self):
        policy, runtime = self.one("provenance/policies/*"), self.one("provenance/runtimes/*")
        self.damaged(self.flip(policy, 100), policy)
        self.damaged(lambda data: (data / policy).unlink(), policy)
        self.damaged(self.flip(runtime, 20), runtime)
        self.damaged(lambda data: (data / runtime).unlink(), runtime)

    def test_a_store_that_was_rewritten_with_all_its_digests(self):
        def alter(change_log, change_records):
            def change(data):
                links = rewrite(data / "records/00000001.seg", change_records)
                rewrite(data / "log/00000001.seg", change_log, links)
            return change
        same = lambda body: body  # noqa: E731
        renamed = lambda body: body.replace(b"late-1", b"late-2", 1)  # noqa: E731
        found = self.damaged(alter(renamed, renamed), "log", "the store has it as")
        self.assertEqual(len(found), 1)
        self.damaged(alter(same, lambda body: body.replace(b'"claim_amount":1200', b'"claim_amount":1201')),
                     "records", "not the one that was attested")
        reworded = lambda body: body.replace(b'"decision":"approved"', b'"decision":"rejected"')  # noqa: E731
        self.damaged(alter(reworded, same), "log", "its leaf is not that of its attestation", only=False)


class Backup(Case):
    def restore(self, tar, name, keys_from=None):
        data = self.place / name
        shutil.rmtree(data, ignore_errors=True)
        data.mkdir(mode=0o700)
        subprocess.run(["tar", "xf", tar, "-C", data], check=True)
        if keys_from:
            shutil.copytree(keys_from / "keys", data / "keys")
        return data

    def test_without_a_server(self):
        tar = self.place / "still.tar"
        said = parmana.run("backup", "--data", self.data, "--out", tar)
        self.assertEqual(said.returncode, 0, said.stderr)
        self.assertIn("the keys are not in the file", said.stderr)
        self.assertEqual(tar.stat().st_mode & 0o777, 0o600)
        data = self.restore(tar, "still")
        self.assertFalse((data / "keys").exists())
        self.assertIn("clean", parmana.must("log", "fsck", "--data", data))
        parmana.verify_evidence(data, ["e-3", "e-g-1", "late-1"])
        self.assertEqual(parmana.run("backup", "--data", self.data, "--out", tar).returncode, 2)

    def test_of_an_empty_ledger(self):
        fresh = parmana.init(self.place / "empty")
        tar = self.place / "empty.tar"
        parmana.must("backup", "--data", fresh, "--out", tar)
        data = self.restore(tar, "empty-restored", fresh)
        self.assertIn("clean", parmana.must("log", "fsck", "--data", data))
        with parmana.Server(data) as server:
            self.assertEqual(server.evaluate("one").status, 200)

    def test_with_keys_it_is_everything_that_a_server_needs(self):
        tar = self.place / "keys.tar"
        said = parmana.run("backup", "--data", self.data, "--out", tar, "--with-keys")
        self.assertIn("whoever reads it can sign", said.stderr)
        data = self.restore(tar, "with-keys")
        with parmana.Server(data) as server:
            self.assertEqual(server.evaluate("e-3").status, 409)
            self.assertEqual(server.evaluate("new-1").status, 200)
        self.assertIn("clean", parmana.must("log", "fsck", "--data", data))
        parmana.verify_evidence(data, ["e-3", "new-1"])

    def test_while_a_server_writes_and_starts_again(self):
        data = self.place / "busy"
        parmana.init(data)
        sizes = []
        for turn in range(2):
            with parmana.Server(data) as server:
                record = self.place / f"record-{turn}"
                load = parmana.Load(server.port, record=record, connections=8, seconds=4, ids=f"t{turn}-")
                for i in range(5):
                    tar = self.place / f"busy-{turn}-{i}.tar"
                    said = parmana.must("backup", "--data", data, "--out", tar)
                    sizes.append(int(said.split(" ", 1)[0]))
                    restored = self.restore(tar, f"busy-{turn}-{i}", data)
                    tar.unlink()
                    report = parmana.run("log", "fsck", "--data", restored, "--json")
                    self.assertEqual(report.returncode, 0, report.stdout)
                    self.assertEqual(parmana.parse_json(report.stdout)["entries"], sizes[-1])
                load.finish()
        self.assertEqual(sizes, sorted(sizes))
        self.assertGreater(len(set(sizes)), 3)
        with parmana.Server(restored) as server:
            self.assertEqual(server.evaluate("after").status, 200)
            parmana.must("log", "checkpoint", "--data", restored)
        self.assertIn("clean", parmana.must("log", "fsck", "--data", restored))
        names = [name for name, status, _ in load.answers() if status == 200][:3]
        parmana.verify_evidence(restored, [*names, "after"])

    def test_an_older_copy_is_refused_where_something_outside_remembers(self):
        data, outside = self.place / "remembered", self.place / "high-water"
        parmana.init(data)
        options = ("--high-water", outside)
        with parmana.Server(data, options=options) as server:
            fill(server)
        tar = self.place / "older.tar"
        parmana.must("backup", "--data", data, "--out", tar)
        restored = self.restore(tar, "restored", data)
        with parmana.Server(restored, options=options) as server:  # nothing was published since
            self.assertEqual(server.evaluate("more").status, 200)
        older = self.restore(tar, "older", data)
        done = parmana.run("serve", "--data", older, "--listen", "127.0.0.1:0", *options, timeout=20)
        self.assertEqual(done.returncode, 2)
        self.assertIn("rollback_detected", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
