"""The ledger as a whole: fsck and everything that can be done to a directory, and a backup that is made while a server
writes."""
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import parmana  # noqa: E402
from ledgers import Case, fill  # noqa: E402
from tampered import rewrite  # noqa: E402


class Fsck(Case):
    def fsck(self, data, code):
        done = parmana.run("log", "fsck", "--data", data, "--json")
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return parmana.parse_json(done.stdout)

    def test_a_fresh_directory_and_a_used_one_are_clean(self):
        fresh = parmana.init(self.place / "fresh", demo=False)
        self.assertEqual(self.fsck(fresh, 0)["entries"], 0)
        samples = list(parmana.ROOT.glob("policies/*/*/policy.json"))
        self.assertEqual(self.fsck(parmana.init(self.place / "demo"), 0)["entries"], len(samples))
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
        fresh = parmana.init(self.place / "empty", demo=False)
        tar = self.place / "empty.tar"
        parmana.must("backup", "--data", fresh, "--out", tar)
        data = self.restore(tar, "empty-restored", fresh)
        self.assertIn("clean", parmana.must("log", "fsck", "--data", data))
        parmana.govern(data, parmana.ROOT / "policies/claims-approval/1.0.0")
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

    def test_the_roots_that_the_head_knows_are_in_it_and_no_later_one(self):
        data = parmana.init(self.place / "rotated")
        quiet = {"PARMANA_CHECKPOINT_INTERVAL_MS": "60000", "PARMANA_CHECKPOINT_ENTRIES_MAX": "1000000"}
        rotate = ("keys", "rotate", "--data", data, "--role")
        for role in ("attestation", "log"):
            parmana.must(*rotate, role)
        with parmana.Server(data, environment=quiet) as server:
            self.assertEqual(server.evaluate("one").status, 200)
            parmana.must("log", "checkpoint", "--data", data)
            parmana.must(*rotate, "attestation")  # behind the head
            self.assertEqual(server.evaluate("two").status, 200)
            parmana.must("backup", "--data", data, "--out", self.place / "rotated.tar")
        restored = self.restore(self.place / "rotated.tar", "rotated-restored", data)
        self.assertEqual(sorted(path.name for path in (restored / "trust").iterdir()), ["2.json", "3.json"])
        self.assertIn("clean", parmana.must("log", "fsck", "--data", restored))
        with parmana.Server(restored) as server:
            self.assertEqual((server.evaluate("one").status, server.evaluate("three").status), (409, 200))
        parmana.verify_evidence(restored, ["one", "three"])

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
