"""Whoever can write to the disk, and knows the store's format, still cannot free a used identity or change a
record: all digests and chain values are recomputed here after the alteration, and it is found all the same. Also
where a start does not look, because an authenticated index says what it would find."""
import hashlib
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ledger  # noqa: E402
import parmana  # noqa: E402

HEADER, GROUP, FRAME = 512, 72, 36


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def rewrite(path, change, links=None, chained=True):
    """Applies `change` to the body of every frame and makes every digest and chain value right again (the chain
    values stay as they were unless `chained`). `links` are the chain values that the groups name. Returns the chain
    values."""
    old = path.read_bytes()
    out = bytearray(old[:HEADER])
    chain, chains, at = old[72:104], [], HEADER
    while old[at:at + 4] == b"PGR1":
        header = bytearray(old[at:at + GROUP])
        size = int.from_bytes(header[32:40], "big")
        payload, end = old[at + GROUP:at + GROUP + size], at + GROUP + size + 32
        frames, heads = b"", b""
        while payload:
            length = int.from_bytes(payload[:4], "big")
            body = change(payload[FRAME:FRAME + length])
            head = len(body).to_bytes(4, "big") + sha256(body)
            frames, heads, payload = frames + head + body, heads + head, payload[FRAME + length:]
        header[32:40] = len(frames).to_bytes(8, "big")
        if links is not None:
            header[40:72] = links[len(chains)]
        chain = sha256(chain, header, heads) if chained else old[end - 32:end]
        chains.append(chain)
        out += header + frames + chain
        at = end
    path.write_bytes(out + bytes(max(0, len(old) - len(out))))
    return chains


class Tampered(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = parmana.init(self.place / "data")
        self.first_checkpoint = (self.data / "tlog/checkpoint").read_bytes()  # over nothing
        with parmana.Server(self.data) as server:
            for name in ("victim-1", "other-1"):
                self.assertEqual(server.evaluate(name).status, 200)

    def alter(self, change_log, change_records):
        links = rewrite(self.data / "records/00000001.seg", change_records)
        rewrite(self.data / "log/00000001.seg", change_log, links)

    def refused(self):
        done = parmana.run("serve", "--data", self.data, "--listen", "127.0.0.1:0", timeout=20)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("data_corrupt", done.stderr)

    def without_checkpoint(self):
        (self.data / "tlog/checkpoint").write_bytes(self.first_checkpoint)

    def test_rewriting_without_a_change_is_not_noticed(self):
        self.alter(lambda body: body, lambda body: body)
        with parmana.Server(self.data) as server:
            self.assertEqual(server.evaluate("victim-1").status, 409)

    def test_a_renamed_identity(self):
        for covered in (True, False):
            with self.subTest(covered=covered):
                if not covered:
                    self.without_checkpoint()
                rename = lambda body: body.replace(b"victim-1", b"victim-2", 1)  # noqa: E731  the store's own field
                self.alter(rename, rename)
                self.refused()

    def test_a_renamed_identity_in_the_statement_too(self):
        for covered in (True, False):
            with self.subTest(covered=covered):
                if not covered:
                    self.without_checkpoint()
                rename = lambda body: body.replace(b"victim-1", b"victim-2")  # noqa: E731
                self.alter(rename, rename)
                self.refused()

    def test_a_decision_that_is_called_a_refusal(self):
        code = b"\0\0signal_type"
        def as_refusal(body):
            size = int.from_bytes(body[1:3], "big")
            return b"\2" + body[1:3 + size] + (len(code) - 2).to_bytes(2, "big") + code[2:] + body[5 + size:]
        self.alter(as_refusal, lambda body: body)
        self.refused()

    def test_an_altered_record_is_not_told(self):
        self.alter(lambda body: body, lambda body: body.replace(b'"claim_amount":1200', b'"claim_amount":1300'))
        with parmana.Server(self.data) as server:
            for path in ("/executions/victim-1", "/executions/victim-1/evidence"):
                answer = server.get(path)
                self.assertEqual((answer.status, answer.code()), (500, "data_corrupt"))
            self.assertNotEqual(server.evaluate("victim-1").status, 200)


class Indexed(unittest.TestCase):
    """Below the entries that an index covers, a start reads nothing."""
    ENVIRONMENT = {"PARMANA_INDEX_FILE_ENTRIES": "10"}
    QUERY = ""

    @classmethod
    def setUpClass(cls):
        """More entries than one tile, so that the first ones are settled at the stop."""
        cls.place = cls.enterClassContext(parmana.scratch())
        cls.whole = parmana.init(cls.place / "whole")
        with parmana.Server(cls.whole, environment=cls.ENVIRONMENT) as server:
            for name in ("victim-1", "other-1"):
                item = {**parmana.SEED_REQUEST, "executionId": name}
                assert server.post("/evaluate" + cls.QUERY, item).status == 200
            for number in range(30):
                items = [{**parmana.SEED_REQUEST, "executionId": f"more-{number}-{each}"} for each in range(10)]
                assert server.post("/evaluate/batch", {"items": items}).status == 200
            cls.told = {path: server.get(path) for path in cls.paths("victim-1")}
            cls.first = cls.told["/executions/victim-1"].json()["log"]["index"]

    @staticmethod
    def paths(name):
        return f"/executions/{name}", f"/executions/{name}/evidence"

    def setUp(self):
        self.data = self.place / "data"
        shutil.copytree(self.whole, self.data)
        self.addCleanup(shutil.rmtree, self.data)

    def serve(self):
        return parmana.Server(self.data, environment=self.ENVIRONMENT)

    def refused(self):
        said = ledger.serve_refused(self.data, environment=self.ENVIRONMENT)
        self.assertIn("parmana: data_corrupt: ", said)

    def index_files(self):
        return sorted((self.data / "cache").iterdir())

    def assert_whole(self, server):
        for name in ("victim-1", "other-1", "more-7-3"):
            self.assertEqual(server.get(f"/executions/{name}").status, 200)
            self.assertEqual(server.evaluate(name).code(), "execution_identity_consumed")
        self.assertEqual(server.get("/executions/victim-1/evidence").status, 200)


class AlteredEntries(Indexed):
    def alter(self, change_log, change_records, chained):
        links = rewrite(self.data / "records/00000001.seg", change_records, chained=chained)
        rewrite(self.data / "log/00000001.seg", change_log, links if chained else None, chained)

    @staticmethod
    def of_the_victim(change):
        return lambda body: change(body) if b"victim-1" in body else body

    def alterations(self):
        """name: (what happens to the log's frame, to the record's)."""
        same = lambda body: body  # noqa: E731
        rename = lambda body: body.replace(b"victim-1", b"victim-2", 1)  # noqa: E731
        rename_all = lambda body: body.replace(b"victim-1", b"victim-2")  # noqa: E731
        head = 5 + len(b"victim-1")
        flip = lambda at: lambda body: body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]  # noqa: E731
        return {"its own name": (rename, rename), "its own name in the log": (rename, same),
                "its own name in the records": (same, rename), "the name everywhere": (rename_all, rename_all),
                "a refusal of it": (lambda body: b"\2" + body[1:], same),
                "attested in another way": (lambda body: bytes([body[0] ^ 0x40]) + body[1:], same),
                "another leaf": (flip(head), same), "another key": (flip(head + 32), same),
                "another signature": (flip(head + 64), same), "another statement": (flip(head + 140), same),
                "another record": (same, lambda body: body.replace(b'"claim_amount":1200', b'"claim_amount":1300')),
                "another decision": (same, lambda body: body.replace(b'"approved"', b'"rejected"'))}

    def assert_not_misled(self, server, altered):
        """Nothing altered is told, and nothing used is free. What nobody is told makes no difference: a leaf is
        recomputed, and what a group vouches for has no key and no signature of its own."""
        unused = {"another leaf"} | ({"another key", "another signature"} if self.QUERY else set())
        for path in self.paths("victim-1"):
            answer = server.get(path)
            if altered in unused:
                self.assertEqual((answer.status, answer.body), (200, self.told[path].body))
            else:
                self.assertIn(answer.status, (500, 503), answer.body)
                self.assertEqual(answer.code(), "data_corrupt")
        for _ in range(2):
            self.assertNotEqual(server.evaluate("victim-1").status, 200, "an identity became free")

    def test_an_alteration_where_no_start_looks(self):
        for name, change in self.alterations().items():
            with self.subTest(altered=name):
                self.alter(*map(self.of_the_victim, change), chained=False)
                with self.serve() as server:
                    self.assert_not_misled(server, name)
                    self.assertEqual(server.get("/executions/other-1").status, 200)
                    self.assertEqual(server.evaluate("other-1").code(), "execution_identity_consumed")
                    self.assertEqual(server.evaluate(f"new {name}".replace(" ", "-")).status, 200)
                self.doCleanups()
                self.setUp()

    def test_the_same_with_every_chain_value_made_right(self):
        for name, change in self.alterations().items():
            with self.subTest(altered=name):
                self.alter(*map(self.of_the_victim, change), chained=True)
                server = self.serve()
                if server.port is None:
                    self.assertIn("parmana: data_corrupt: ", server.stderr())
                else:
                    with server:
                        self.assert_not_misled(server, name)
                self.doCleanups()
                self.setUp()

    def test_without_the_index_every_start_looks(self):
        for name, (change_log, change_records) in self.alterations().items():
            if name in ("another record", "another decision") or self.QUERY and "another" in name[:7]:
                continue
            with self.subTest(altered=name):
                self.alter(self.of_the_victim(change_log), self.of_the_victim(change_records), chained=True)
                shutil.rmtree(self.data / "cache")
                if name == "its own name in the records":
                    with self.serve() as server:
                        self.assert_not_misled(server, name)
                else:
                    self.refused()
                self.doCleanups()
                self.setUp()


class AlteredIndex(Indexed):
    MAC, INDEX_HEADER, INDEX_ROW = 32, 168, 73

    def test_an_index_that_was_altered_is_none(self):
        files = self.index_files()
        self.assertGreater(len(files), 20)
        place = self.INDEX_HEADER + self.INDEX_ROW * self.first
        first = files[0].read_bytes()
        self.assertEqual(first[place], 1, "the row of the victim says that it is a decision")
        row = first[place:place + self.INDEX_ROW]
        damages = {
            "a refusal": first[:place] + b"\2" + first[place + 1:],
            "no identity": first[:place] + row[:25] + bytes(16) + row[41:] + first[place + self.INDEX_ROW:],
            "another leaf": first[:place] + row[:41] + bytes(32) + first[place + self.INDEX_ROW:],
            "no row": first[:16] + (int.from_bytes(first[16:24], "big") - 1).to_bytes(8, "big") + first[24:place] +
                      first[place + self.INDEX_ROW:],
            "no MAC": first[:-self.MAC] + bytes(self.MAC), "another MAC": first[:-1] + bytes([first[-1] ^ 1]),
            "cut off": first[:-1], "longer": first + b"\0", "empty": b"", "garbage": b"x" * len(first),
            "the next one": files[1].read_bytes(),
        }
        for name, damage in damages.items():
            with self.subTest(index=name):
                files[0].write_bytes(damage)
                with self.serve() as server:
                    self.assert_whole(server)
                self.doCleanups()
                self.setUp()

    def test_an_index_of_another_directory_is_none(self):
        other = parmana.init(self.place / "other")
        with parmana.Server(other, environment=self.ENVIRONMENT) as server:
            for number in range(40):
                server.evaluate(f"elsewhere-{number}")
        shutil.rmtree(self.data / "cache")
        shutil.copytree(other / "cache", self.data / "cache")
        with self.serve() as server:
            self.assert_whole(server)

    def test_an_index_with_a_gap(self):
        for keep in (0, 1, 5):
            with self.subTest(keep=keep):
                for file in self.index_files()[keep:keep + 2]:
                    file.unlink()
                with self.serve() as server:
                    self.assert_whole(server)


class AlteredEntriesByLog(AlteredEntries):
    """The same of an execution that has no signature of its own."""
    QUERY = "?attestation=log"


if __name__ == "__main__":
    unittest.main(verbosity=2)
