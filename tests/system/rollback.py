"""An older copy of the data directory does not sign: what remembers the newest head outside refuses it, a file or a
witness, whenever the copy was made."""
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ledger  # noqa: E402
import parmana  # noqa: E402
from witnessing import Witness  # noqa: E402

MOMENTS = 20
ENVIRONMENT = {"PARMANA_CHECKPOINT_INTERVAL_MS": "100"}
WITNESS = "witness.example/w1"


class Rollback(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        """One history, of which a copy was kept at each of the moments; both guards saw all of it."""
        cls.place = cls.enterClassContext(parmana.scratch())
        cls.data = parmana.init(cls.place / "data")
        cls.trust = ledger.Trust(cls.data)
        cls.mark, cls.newest = cls.place / "mark", cls.place / "newest"
        cls.key = parmana.must("witness", "init", "--data", cls.place / "witness", "--name", WITNESS).strip()
        parmana.must("witness", "add-log", "--data", cls.place / "witness", ledger.verifier_key_of(cls.trust))
        cls.witness = cls.enterClassContext(Witness(cls.place / "witness"))
        cls.by_file = ("--high-water", cls.mark)
        cls.by_witness = ("--witnesses", cls.policy("policy", cls.witness.port))
        for moment in range(MOMENTS):
            with cls.serve(*cls.by_file, *cls.by_witness) as server:
                cls.grow(server, f"moment-{moment}", moment % 3)
            shutil.copytree(cls.data, cls.copy(moment))
        with cls.serve(*cls.by_file, *cls.by_witness) as server:
            cls.grow(server, "last", 2)
            cls.notices = server.get("/ready").json()["notices"]
        shutil.copytree(cls.data, cls.newest)
        cls.head = ledger.Files.of_directory(cls.newest).head(cls.trust)

    @classmethod
    def policy(cls, name, port):
        return ledger.witness_policy(cls.place / name, cls.trust, [("w1", cls.key, f"http://127.0.0.1:{port}")])

    @classmethod
    def copy(cls, moment):
        return cls.place / f"copy-{moment}"

    @classmethod
    def serve(cls, *options):
        return parmana.Server(cls.data, environment=ENVIRONMENT, options=options)

    @staticmethod
    def grow(server, name, more, query="?wait=witnessed"):
        for number in range(more):
            assert server.evaluate(f"{name}-{number}").status == 200
        answer = server.post("/evaluate" + query, {**parmana.SEED_REQUEST, "executionId": name})
        assert answer.status == 200, answer.body

    def setUp(self):
        self.put_back(self.newest)
        self.remembered = self.mark.read_bytes()

    def tearDown(self):
        self.mark.write_bytes(self.remembered)

    def put_back(self, copy):
        shutil.rmtree(self.data)
        shutil.copytree(copy, self.data)

    def refused(self, code, *options):
        before = (self.data / "tlog/checkpoint").read_bytes()
        said = ledger.serve_refused(self.data, *options, environment=ENVIRONMENT)
        self.assertIn(f"parmana: {code}: ", said)
        self.assertEqual((self.data / "tlog/checkpoint").read_bytes(), before, "nothing was signed")

    def count_refused(self, *options):
        count = 0
        for moment in range(MOMENTS):
            self.put_back(self.copy(moment))
            self.refused("rollback_detected", *options)
            count += 1
        print(f"{count} of {MOMENTS} older copies refused with {options[0]}", flush=True)

    def test_every_older_copy_is_refused_with_a_high_water_mark(self):
        self.count_refused(*self.by_file)
        self.assertEqual(self.mark.read_bytes(), self.remembered)

    def test_every_older_copy_is_refused_with_a_witness(self):
        self.count_refused(*self.by_witness)

    def test_the_newest_one_is_not_refused(self):
        self.assertEqual(self.notices, [])
        for options in (self.by_file, self.by_witness, (*self.by_file, *self.by_witness)):
            with self.serve(*options) as server:
                self.assertEqual(server.get("/ready").json()["notices"], [])
        head = self.trust.head(self.mark.read_text())
        self.assertGreaterEqual(head.size, self.head.size)

    def test_without_a_memory_outside_it_is_said_and_a_fork_is_refused_afterwards(self):
        for moment in (0, MOMENTS // 2, MOMENTS - 1):
            self.put_back(self.copy(moment))
            with self.serve() as server:
                ready = server.get("/ready")
                self.assertEqual((ready.status, ready.json()["notices"]), (200, ["rollback_undetectable"]))
                self.grow(server, "another-history", self.head.size, "?wait=included")
            # It is longer than what is remembered, and another.
            self.assertGreater(ledger.Files.of_directory(self.data).head(self.trust).size, self.head.size)
            self.refused("rollback_detected", *self.by_file)
            self.refused("rollback_detected", *self.by_witness)

    def test_an_older_head_over_the_newest_entries_is_no_rollback(self):
        shutil.rmtree(self.data / "tlog")
        shutil.copytree(self.copy(3) / "tlog", self.data / "tlog")
        with self.serve(*self.by_file) as server:
            self.grow(server, "goes-on", 0, "?wait=included")
            files = ledger.Files.over_http(server)
            _, levels = files.check(files.head(self.trust))
            self.assertTrue(ledger.extends(levels, self.head))

    def test_a_witness_that_does_not_answer(self):
        self.refused("witness_unavailable", "--witnesses", self.policy("nobody", parmana.free_port()))
        self.refused("witness_unavailable", *self.by_file, "--witnesses", self.policy("nobody", parmana.free_port()))

    def test_a_mark_that_is_damaged(self):
        lines = self.remembered.decode().split("\n")
        other_size = "\n".join([lines[0], "1", *lines[2:]]).encode()
        other_log = parmana.init(self.place / "other")
        for damage in (b"", b"\0" * 100, self.remembered[:-30], self.remembered[1:], other_size, b"x" * 100_000,
                       "\n".join([*lines[:3], ""]).encode(), self.remembered.replace(lines[2].encode(), bytes(44)),
                       (other_log / "tlog/checkpoint").read_bytes()):
            self.mark.write_bytes(damage)
            self.refused("data_corrupt", *self.by_file)
            self.assertEqual(self.mark.read_bytes(), damage)

    def test_a_mark_where_none_can_be(self):
        for path in (self.place / "nowhere/mark", self.place):
            said = ledger.serve_refused(self.data, "--high-water", path, environment=ENVIRONMENT)
            self.assertRegex(said, "parmana: (configuration_invalid|io_failed): ")

    def test_a_new_mark_remembers_from_its_first_head_on(self):
        mark = self.place / "new-mark"
        with self.serve("--high-water", mark) as server:
            self.grow(server, "with-a-new-mark", 1, "?wait=included")
            self.assertGreater(self.trust.head(mark.read_text()).size, self.head.size)
        self.put_back(self.newest)
        self.refused("rollback_detected", "--high-water", mark)


if __name__ == "__main__":
    unittest.main(verbosity=2)
