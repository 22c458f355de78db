"""Evidence: fetched, verified by the server, by both programs offline, and with single bytes flipped."""
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

FLIPS = 150


class Evidence(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = cls.enterClassContext(parmana.scratch())
        cls.data = parmana.init(cls.place / "data")
        cls.trust = cls.place / "trust.json"
        cls.file = cls.place / "evidence.json"
        with parmana.Server(cls.data) as server:
            for name in ("first", "second", "third"):
                assert server.evaluate(name).status == 200
            answer = server.get("/executions/second/evidence")
            assert answer.status == 200, answer.body
            cls.file.write_bytes(answer.body)
            parmana.must("trust", "export", "--data", cls.data, "--format", "json", "--out", cls.trust)
            cls.verified = server.post("/verify", answer.body)
            cls.verified_altered = server.post("/verify", answer.body.replace(b"approved", b"rejected"))

    def verify(self, file, *more):
        return parmana.run("verify", file, "--trust", self.trust, *more)

    def verify_small(self, file):
        return parmana.run(file, "--trust", self.trust, binary=parmana.VERIFIER)

    def test_the_server_verifies_it_without_state(self):
        self.assertEqual(self.verified.status, 200, self.verified.body)
        self.assertTrue(self.verified.json()["valid"])
        self.assertEqual(self.verified_altered.status, 200, self.verified_altered.body)
        self.assertFalse(self.verified_altered.json()["valid"])

    def test_both_programs_verify_it_with_the_server_stopped(self):
        done = self.verify(self.file)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("verdict re-derived: approved", done.stdout)
        self.assertTrue(parmana.parse_json(self.verify(self.file, "--json").stdout)["valid"])
        small = self.verify_small(self.file)
        self.assertEqual(small.returncode, 0, small.stdout + small.stderr)

    def test_without_a_trust_file_nothing_is_proved(self):
        self.assertEqual(parmana.run("verify", self.file).returncode, 3)

    def test_absent_files_and_wrong_usage_end_with_2(self):
        self.assertEqual(self.verify(self.place / "none.json").returncode, 2)
        self.assertEqual(self.verify_small(self.place / "none.json").returncode, 2)
        self.assertEqual(parmana.run("verify", self.file, "--trust", self.place / "none.json").returncode, 2)
        self.assertEqual(parmana.run("verify").returncode, 2)

    def test_a_file_that_was_cut_off_is_not_valid(self):
        broken = self.place / "broken.json"
        good = self.file.read_bytes()
        for size in (0, 1, len(good) // 2, len(good) - 1):
            broken.write_bytes(good[:size])
            self.assertIn(self.verify(broken).returncode, (1, 2))
        broken.write_bytes(good + b"\n")
        self.assertEqual(self.verify(broken).returncode, 1, "the file has one spelling only")

    def test_the_command_line_exports_the_same_evidence(self):
        out = self.place / "exported.json"
        parmana.must("evidence", "second", "--data", self.data, "--out", out)
        self.assertEqual(self.verify(out).returncode, 0)
        self.assertNotEqual(parmana.run("evidence", "fourth", "--data", self.data).returncode, 0)

    def test_another_installation_does_not_vouch_for_it(self):
        other = self.place / "other-trust.json"
        parmana.must("trust", "export", "--data", parmana.init(self.place / "other"), "--format", "json",
                     "--out", other)
        self.assertEqual(parmana.run("verify", self.file, "--trust", other).returncode, 1)

    def test_no_flipped_byte_is_accepted(self):
        good = self.file.read_bytes()
        chance = random.Random(20)
        altered = self.place / "altered.json"
        codes = {1: 0, 2: 0}
        for _ in range(FLIPS):
            at, bit = chance.randrange(len(good)), 1 << chance.randrange(8)
            altered.write_bytes(good[:at] + bytes([good[at] ^ bit]) + good[at + 1:])
            done = self.verify(altered)
            with self.subTest(at=at, bit=bit, around=good[max(0, at - 20):at + 20]):
                self.assertIn(done.returncode, (1, 2), done.stdout)
                self.assertEqual(self.verify_small(altered).returncode, done.returncode)
                codes[done.returncode] += 1
                if done.returncode == 2:  # only what cannot be read at all
                    with self.assertRaises(ValueError):
                        self.read_strictly(altered.read_bytes())
        self.assertGreater(codes[1], FLIPS // 3)

    @staticmethod
    def read_strictly(text):
        value = parmana.parse_json(text.decode())
        if "\\ud" in text.decode().lower():
            raise ValueError("surrogates")
        return value


if __name__ == "__main__":
    unittest.main(verbosity=2)
