"""A witness cosigns what a log only appended to, whatever the log asks for and whenever the witness is killed."""
import http.client
import pathlib
import random
import shutil
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from reference import examples, openssl_verifies, pem, sha256, unb64  # noqa: E402
from witnessing import Log, Witness, key_hint, verifier_key  # noqa: E402

NAME = "witness.example/w1"
ORIGIN = "log.example/1"


class Case(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = self.place / "witness"
        self.key = parmana.must("witness", "init", "--data", self.data, "--name", NAME).strip()
        self.log = Log(ORIGIN, common=4)
        self.fork = Log(ORIGIN, common=4, history="b")
        parmana.must("witness", "add-log", "--data", self.data, self.log.verifier_key())

    def refused(self, code, *argv):
        done = parmana.run(*argv, timeout=20)
        self.assertEqual(done.returncode, 2, f"{argv}: {done.stdout}{done.stderr}")
        self.assertIn(f"parmana: {code}: ", done.stderr)

    def assert_cosigned(self, answer, text):
        """One line, by the key that `init` printed, over the text and the time in it."""
        self.assertEqual((answer.status, answer.headers["content-type"]), (200, "text/plain; charset=utf-8"))
        dash, name, blob = answer.body.decode().removesuffix("\n").split(" ")
        typed = unb64(self.key.split("+", 2)[2])
        raw = unb64(blob)
        self.assertEqual((dash, name, len(raw)), ("\N{EM DASH}", NAME, 4 + 8 + 64))
        self.assertEqual(raw[:4], key_hint(NAME, typed))
        at = int.from_bytes(raw[4:12], "big")
        self.assertLess(abs(at - time.time()), 60)
        message = f"cosignature/v1\ntime {at}\n{text}".encode()
        self.assertTrue(openssl_verifies(pem(typed[1:]), message, raw[12:]))

    def assert_conflict(self, answer, size):
        self.assertEqual((answer.status, answer.headers["content-type"], answer.body),
                         (409, "text/x.tlog.size", f"{size}\n".encode()))

    def assert_refused(self, answer, status, code):
        self.assertEqual(answer.status, status, answer.body)
        self.assertTrue(answer.body.decode().startswith(code + ": "), answer.body)


class Protocol(Case):
    def test_a_log_that_grows(self):
        with Witness(self.data) as witness:
            self.assert_refused(witness.newest(ORIGIN), 404, "log_unknown")
            held = 0
            for size in (0, 1, 1, 3, 4, 8, 13, 64, 100):
                answer = witness.add(self.log.request(held, size))
                self.assert_cosigned(answer, self.log.text(size))
                self.assertEqual(witness.newest(ORIGIN).body.decode(), self.log.note(size) + answer.body.decode())
                held = size

    def test_every_refusal(self):
        with Witness(self.data) as witness:
            self.assert_cosigned(witness.add(self.log.request(0, 7)), self.log.text(7))
            stranger = Log("log.example/2")
            impostor = Log(ORIGIN, seed=b"\2" * 32)
            self.assert_refused(witness.add("nonsense"), 400, "member_invalid")
            self.assert_refused(witness.add(self.log.request(9, 7)), 400, "member_invalid")
            self.assert_refused(witness.add(stranger.request(0, 7)), 404, "log_unknown")
            self.assert_refused(witness.newest(stranger.origin), 404, "log_unknown")
            self.assert_refused(witness.add(impostor.request(7, 9)), 403, "checkpoint_unsigned")
            self.assert_refused(witness.add(self.log.request(7, 9).replace("\n", "\n" + 43 * "A" + "=\n", 1)), 422,
                                "consistency_unproven")
            self.assert_refused(witness.add(self.fork.request(7, 9)), 422, "consistency_unproven")
            self.assert_conflict(witness.add(self.log.request(0, 9)), 7)
            self.assert_conflict(witness.add(self.log.request(3, 5)), 7)
            self.assert_conflict(witness.add(self.fork.request(7, 7)), 7)
            self.assertEqual([path.read_text() for path in self.data.glob("logs/*/fork")], [self.fork.note(7)])
            self.assert_cosigned(witness.add(self.log.request(7, 9)), self.log.text(9))

    def test_other_paths_and_methods(self):
        with Witness(self.data) as witness:
            self.assert_refused(witness.get("/"), 404, "route_unknown")
            self.assert_refused(witness.get("/add-checkpoint"), 405, "method_not_allowed")
            self.assert_refused(witness.request("POST", "/" + "0" * 64 + "/checkpoint"), 405, "method_not_allowed")
            self.assert_refused(witness.get("/" + "z" * 64 + "/checkpoint"), 404, "log_unknown")
            self.assert_refused(witness.request("POST", "/add-checkpoint?a=b", b""), 400, "query_invalid")
            self.assert_refused(witness.add("x" * 70_000), 413, "body_too_large")

    def test_the_checkpoint_of_a_server(self):
        data = parmana.init(self.place / "data")
        with parmana.Server(data) as server:
            for name in ("one", "two"):
                self.assertEqual(server.evaluate(name).status, 200)
            note = parmana.must("log", "checkpoint", "--data", data)
        self.assertGreaterEqual(int(note.splitlines()[1]), 2)
        parmana.must("witness", "add-log", "--data", self.data, parmana.must("log", "key", "--data", data).strip())
        with Witness(self.data) as witness:
            text = note.split("\n\n")[0] + "\n"
            self.assert_cosigned(witness.add("old 0\n\n" + note), text)


class WorkedExample(unittest.TestCase):
    """docs/formats/witness.md."""

    def test_recomputed(self):
        example = {name: body.decode() for name, body in examples().items() if name.startswith("witness-")}
        log = Log("log.example/1", history="entry-")
        witness_key = verifier_key(NAME, 4, Log(NAME, seed=b"\2" * 32).public)
        policy = example["witness-policy"].splitlines()
        self.assertEqual(policy[1], "log " + log.verifier_key())
        self.assertEqual(policy[2], f"witness w1 {witness_key} http://127.0.0.1:3100")
        self.assertEqual(example["witness-request"], log.request(3, 7))
        self.assertEqual(example["witness-origin-hash"], sha256(b"log.example/1").hex())
        self.assertEqual(example["witness-message"], f"cosignature/v1\ntime 1790000000\n{log.text(7)}")
        dash, name, blob = example["witness-cosignature"].removesuffix("\n").split(" ")
        typed, raw = unb64(witness_key.split("+", 2)[2]), unb64(blob)
        self.assertEqual((dash, name, raw[:4]), ("\N{EM DASH}", NAME, key_hint(NAME, typed)))
        self.assertEqual(raw[4:12], (1790000000).to_bytes(8, "big"))
        self.assertTrue(openssl_verifies(pem(typed[1:]), example["witness-message"].encode(), raw[12:]))


class Killed(Case):
    def test_between_requests(self):
        held, rng = 0, random.Random(7)
        for _ in range(8):
            with Witness(self.data) as witness:
                if held:
                    self.assertTrue(witness.newest(ORIGIN).body.decode().startswith(self.log.note(held)))
                    self.assert_conflict(witness.add(self.fork.request(held, held)), held)
                    self.assert_refused(witness.add(self.fork.request(held, held + 2)), 422, "consistency_unproven")
                    self.assert_conflict(witness.add(self.fork.request(4, held + 2)), held)
                size = max(held, 4) + rng.randrange(1, 4)
                self.assert_cosigned(witness.add(self.log.request(held, size)), self.log.text(size))
                held = size
                witness.kill()

    def test_in_the_middle(self):
        """Whatever was cosigned before the end is held afterwards, and the other history is not."""
        rng = random.Random(11)
        requests = {size: self.log.request(size - 1, size) for size in range(1, 200)}
        held = cosigned = 0
        for _ in range(6):
            with Witness(self.data) as witness:
                killer = threading.Timer(rng.uniform(0.0, 0.05), witness.process.kill)
                killer.start()
                try:
                    while held + 1 in requests:
                        answer = witness.add(requests[held + 1])
                        self.assertEqual(answer.status, 200, answer.body)
                        held = cosigned = held + 1
                except (OSError, http.client.HTTPException):
                    pass
                finally:
                    killer.join()
            with Witness(self.data) as witness:
                newest = witness.newest(ORIGIN)
                now = int(newest.body.decode().splitlines()[1]) if newest.status == 200 else 0
                self.assertIn(now, (cosigned, cosigned + 1))  # kept, and the answer did not leave
                if now > 4:
                    self.assert_refused(witness.add(self.fork.request(now, now + 1)), 422, "consistency_unproven")
                held = cosigned = now
        self.assertGreater(held, 4)


class Operating(Case):
    def serve(self):
        return ("witness", "serve", "--data", self.data, "--listen", "127.0.0.1:0")

    def test_the_key_is_told_again(self):
        self.assertEqual(parmana.must("witness", "key", "--data", self.data).strip(), self.key)
        self.assertTrue(self.key.startswith(NAME + "+"))
        self.assertEqual((self.data / "witness.key").stat().st_mode & 0o777, 0o600)
        self.assertTrue((self.data / "witness.key").read_text().startswith("PARMANA-KEY-1 witness "))

    def test_a_directory_that_exists_or_is_none(self):
        self.refused("data_exists", "witness", "init", "--data", self.data, "--name", NAME)
        self.refused("usage", "witness", "init", "--data", self.place / "other", "--name", "two words")
        self.refused("data_missing", "witness", "serve", "--data", self.place / "nothing")
        self.refused("data_missing", "witness", "key", "--data", parmana.init(self.place / "data"))
        (self.data / "format").write_text("parmana-witness 2\n")
        self.refused("data_newer", *self.serve())

    def test_a_key_that_is_none_of_a_log(self):
        for vkey in (self.key, "nonsense", self.log.verifier_key()[:-1]):
            done = parmana.run("witness", "add-log", "--data", self.data, vkey)
            self.assertEqual(done.returncode, 2)
        parmana.must("witness", "add-log", "--data", self.data, self.log.verifier_key())  # again: no change

    def test_one_process_a_directory(self):
        with Witness(self.data) as witness:
            self.refused("data_locked", *self.serve())
            self.refused("data_locked", "witness", "add-log", "--data", self.data, Log("log.example/2").verifier_key())
            self.assertEqual(parmana.must("witness", "key", "--data", self.data).strip(), self.key)
            self.assertEqual(witness.stop(), 0)

    def test_a_key_file_that_others_can_read_or_of_another_witness(self):
        (self.data / "witness.key").chmod(0o644)
        self.refused("key_file_exposed", *self.serve())
        parmana.must("witness", "init", "--data", self.place / "other", "--name", NAME)
        shutil.copy(self.place / "other/witness.key", self.data / "witness.key")
        (self.data / "witness.key").chmod(0o600)
        self.refused("key_invalid", *self.serve())

    def test_what_was_cosigned_is_not_forgotten_with_its_file(self):
        with Witness(self.data) as witness:
            self.assert_cosigned(witness.add(self.log.request(0, 7)), self.log.text(7))
        file, = self.data.glob("logs/*/checkpoint")
        kept = file.read_text()
        for damage in (kept.replace(ORIGIN, "log.example/9"), self.fork.note(7)):
            file.write_text(damage)
            self.refused("data_corrupt", *self.serve())
        file.unlink()
        self.refused("data_corrupt", *self.serve())

    def test_loopback_only(self):
        self.refused("listen_refused", "witness", "serve", "--data", self.data, "--listen", "0.0.0.0:0")
        self.refused("usage", "witness", "serve", "--data", self.data, "--listen", "3100")

    def test_help(self):
        text = parmana.must("witness", "--help")
        for command in ("init", "add-log", "key", "serve"):
            self.assertIn(f"  {command} ", text)
            self.assertIn("--data", parmana.must("witness", command, "--help"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
