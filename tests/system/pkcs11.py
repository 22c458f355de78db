"""Keys in a PKCS#11 token (SoftHSM2): the server signs with them, and when it cannot it decides nothing."""
import json
import os
import pathlib
import shutil
import signal
import sys
import time
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
import tokens  # noqa: E402
from unprivileged import Unprivileged  # noqa: E402

HELPER = parmana.BINARY.parent / "parmana-pkcs11"

# Between server and parmana-pkcs11, for a while: hands on what both say, and once the file `lie` is there, turns over a
# bit of every signature.
LIAR = '''#!{python}
import os, socket, subprocess, sys
ours = socket.socket(fileno=os.dup(0))
mine, theirs = socket.socketpair()
subprocess.Popen(["{helper}"], stdin=theirs)
theirs.close()
def frame(source):
    head = source.recv(4, socket.MSG_WAITALL)
    return head + source.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL) if head else sys.exit()
while True:
    mine.sendall(frame(ours))
    answer = bytearray(frame(mine))
    if answer[4:5] == b"s" and os.path.exists("{lie}"):
        answer[5 + 40] ^= 1
    ours.sendall(answer)
'''


def process_state(pid):
    """(name, state, parent), or None for a process that is gone."""
    try:
        text = pathlib.Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    name, rest = text[text.index("(") + 1:text.rindex(")")], text[text.rindex(")") + 2:].split()
    return name, rest[0], int(rest[1])


def helpers_of(pid):
    """The living parmana-pkcs11 processes of a server."""
    found = []
    for entry in os.listdir("/proc"):
        state = process_state(entry) if entry.isdigit() else None
        if state and state[0] == "parmana-pkcs11" and state[1] != "Z" and state[2] == pid:
            found.append(int(entry))
    return found


def is_gone(pid):
    state = process_state(pid)
    return state is None or state[1] == "Z"


class WithToken(unittest.TestCase):
    """A data directory whose attestation key and log key are in a token."""

    def setUp(self):
        self.assertIsNotNone(tokens.MODULE, "SoftHSM2 is not installed: ./dev test installs it")
        self.place = self.enterContext(parmana.scratch())
        self.token = tokens.Token(self.place)
        self.enterContext(unittest.mock.patch.dict(os.environ, self.token.environment))
        self.keys = self.place / "keys"
        self.keys.mkdir(0o700)
        for role in ("attestation", "log"):
            self.generate(role, self.keys / f"{role}.key", self.token.uri(role))
        self.data = self.place / "data"
        parmana.must("init", "--data", self.data, "--demo", "--keys", self.keys)

    def generate(self, role, path, uri, run=parmana.must):
        return run("keys", "generate", "--role", role, "--out", path, "--pkcs11", uri)

    def refused(self, code, *argv):
        done = parmana.run(*argv, timeout=30)
        self.assertEqual(done.returncode, 2, done.stdout)
        self.assertIn(f"parmana: {code}: ", done.stderr)
        return done.stderr

    def serve_refused(self, code):
        return self.refused(code, "serve", "--data", self.data, "--listen", "127.0.0.1:0")

    def expect_closed(self, server, name):
        """Neither way of attesting admits anything."""
        answer = server.evaluate(name)
        self.assertEqual((answer.status, answer.code()), (503, "signer_unavailable"))
        items = [{**parmana.SEED_REQUEST, "executionId": f"{name}-of-a-batch"}]
        batch = server.post("/evaluate/batch?attestation=log", {"items": items})
        statuses = [result["status"] for result in batch.json().get("results", [])]
        self.assertNotIn(200, statuses, batch.body)

    def expect_decided_after_a_restart(self, names):
        with parmana.Server(self.data) as server:
            for name in [*names, *(f"{name}-of-a-batch" for name in names)]:
                self.assertEqual(server.evaluate(name).status, 200, "nothing was consumed before")
        parmana.verify_evidence(self.data, names)


class Serving(WithToken):
    def test_decisions_and_heads_are_signed_in_the_token_and_verified_without_it(self):
        for role in ("attestation", "log"):
            self.assertTrue((self.keys / f"{role}.key").read_text().startswith(f"PARMANA-PKCS11-KEY-1 {role} "))
        with parmana.Server(self.data) as server:
            self.assertEqual(len(helpers_of(server.pid)), 2)
            for name in ("one", "two"):
                self.assertEqual(server.evaluate(name).status, 200)
            self.assertEqual(server.evaluate("refused", {}).code(), "signal_missing")
            self.assertEqual(server.get("/ready").status, 200)
            self.assertEqual(server.stop(), 0)
        for name in ("tokens", "pin"):
            (self.place / name).rename(self.place / f"{name}-gone")
        parmana.verify_evidence(self.data, ["one", "two"])

    def test_many_at_once(self):
        record = self.place / "record"
        with parmana.Server(self.data) as server:
            load = parmana.Load(server.port, connections=8, requests=400, record=record)
            load.finish()
            self.assertEqual({status for _, status, _ in load.answers()}, {200})

    def test_as_a_user_who_is_not_root(self):
        nobody = Unprivileged(self.place)
        environment = {**os.environ, **self.token.environment}
        nobody.own(self.place)
        # Neither program could look itself up below /proc, were that not allowed to a process itself.
        made = nobody.run(nobody.binary, "keys", "generate", "--role", "log", "--out", self.place / "another.key",
                          "--pkcs11", self.token.uri("another"), env=environment)
        self.assertEqual(made.returncode, 0, made.stderr)
        prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if nobody.is_root else []
        with parmana.Server(self.data, binary=nobody.binary, prefix=prefix) as server:
            self.assertEqual(server.evaluate("one").status, 200)
            self.assertEqual(server.stop(), 0)

    def test_a_file_for_a_key_that_the_token_has(self):
        again = self.place / "again.key"
        options = ("--role", "log", "--out", again, "--existing")
        parmana.must("keys", "generate", *options, "--pkcs11", self.token.uri("log"))
        for name in ("key", "pub"):
            self.assertEqual(again.with_suffix(f".{name}").read_bytes(), (self.keys / f"log.{name}").read_bytes())
            again.with_suffix(f".{name}").unlink()
        done = parmana.run("keys", "generate", *options, "--pkcs11", self.token.uri("nothing"))
        self.assertIn("signer_unavailable", done.stderr)
        self.assertIn("usage", parmana.run("keys", "generate", *options).stderr)
        self.assertFalse(again.exists())

    def test_keys_list_needs_no_token(self):
        shutil.rmtree(self.token.tokens)
        listed = json.loads(parmana.must("keys", "list", "--data", self.data, "--json"))["keys"]
        kinds = {key["role"]: (key["kind"], key.get("trusted")) for key in listed}
        self.assertEqual(kinds, {"attestation": ("pkcs11", True), "log": ("pkcs11", True), "blind": ("plain", None),
                                 "policy": ("plain", True), "root": ("plain", True)})


class FailingClosed(WithToken):
    def test_a_killed_child(self):
        with parmana.Server(self.data) as server:
            self.assertEqual(server.evaluate("before").status, 200)
            for pid in helpers_of(server.pid):
                os.kill(pid, signal.SIGKILL)
            for turn in range(3):
                self.expect_closed(server, f"after-{turn}")
            self.assertEqual(server.evaluate("before").status, 409)
            self.assertEqual(server.stop(), 2, "the last head was not signed")
        self.expect_decided_after_a_restart([f"after-{turn}" for turn in range(3)])

    def test_a_token_that_is_gone(self):
        with parmana.Server(self.data) as server:
            self.assertEqual(server.evaluate("before").status, 200)
            shutil.rmtree(self.token.tokens)
            self.expect_closed(server, "after")
        self.serve_refused("signer_unavailable")

    def test_a_signature_that_is_none_is_not_used(self):
        programs = self.place / "programs"
        programs.mkdir()
        shutil.copy(parmana.BINARY, programs / "parmana")
        liar = programs / "parmana-pkcs11"
        liar.write_text(LIAR.format(python=sys.executable, helper=HELPER, lie=self.place / "lie"))
        liar.chmod(0o755)
        with parmana.Server(self.data, binary=programs / "parmana") as server:
            self.assertEqual(server.evaluate("before").status, 200)
            (self.place / "lie").touch()
            self.expect_closed(server, "after")
            (self.place / "lie").unlink()
            self.expect_closed(server, "later")  # who lied once is not asked again
        self.expect_decided_after_a_restart(["after", "later"])

    def test_what_does_not_fit_is_refused_at_the_start(self):
        self.token.set_pin("another")
        self.assertIn("the PIN is wrong", self.serve_refused("signer_unavailable"))
        self.token.set_pin(tokens.PIN, mode=0o640)
        self.assertIn(str(self.token.pin), self.serve_refused("signer_unavailable"))
        self.token.set_pin(tokens.PIN)
        helper = self.place / "programs"
        helper.mkdir()
        shutil.copy(parmana.BINARY, helper / "parmana")
        done = parmana.run("serve", "--data", self.data, "--listen", "127.0.0.1:0", binary=helper / "parmana")
        self.assertIn("signer_unavailable", done.stderr)
        self.assertIn("parmana-pkcs11", done.stderr)

    def test_a_reference_to_another_key_of_the_token(self):
        file = self.keys / "log.key"
        text = file.read_text()
        file.write_text(text.replace("object=log", "object=attestation"))
        self.assertIn("names another public key", self.serve_refused("key_invalid"))
        file.write_text(text.replace("object=log", "object=nothing"))
        self.assertIn("no Ed25519 key pair", self.serve_refused("signer_unavailable"))

    def test_generate_makes_no_key_twice_and_no_file_for_nothing(self):
        again = self.place / "again.key"
        for uri, said in ((self.token.uri("log"), "a key of this name"),
                          (self.token.uri("new", "/nonexistent.so"), "cannot be loaded"),
                          (self.token.uri("new", "/lib/x86_64-linux-gnu/libc.so.6"), "not a PKCS#11 module"),
                          (self.token.uri("new").replace("test", "other"), "no token")):
            done = self.generate("log", again, uri, parmana.run)
            self.assertEqual(done.returncode, 2)
            self.assertIn("signer_unavailable: the signing token: ", done.stderr)
            self.assertIn(said, done.stderr)
            self.assertFalse(again.exists())
        again.touch()
        self.assertIn("io_failed", self.generate("log", again, self.token.uri("new"), parmana.run).stderr)
        again.unlink()
        self.generate("log", again, self.token.uri("new"))  # the refused ones have made none


class LifeOfTheChild(WithToken):
    def gone_in(self, seconds, pids):
        deadline = time.monotonic() + seconds
        while not all(map(is_gone, pids)) and time.monotonic() < deadline:
            time.sleep(0.05)
        self.assertTrue(all(map(is_gone, pids)))

    def test_it_ends_with_the_server_however_that_ends(self):
        for end in ("stop", "kill"):
            with parmana.Server(self.data) as server:
                pids = helpers_of(server.pid)
                self.assertEqual(len(pids), 2)
                getattr(server, end)()
                self.gone_in(5, pids)

    def test_it_outlives_the_signals_that_stop_a_service(self):
        with parmana.Server(self.data) as server:
            for pid in helpers_of(server.pid):
                for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGUSR1):
                    os.kill(pid, number)
            self.assertEqual(server.evaluate("after").status, 200)
            self.assertEqual(server.stop(), 0)

    def test_it_is_not_for_people(self):
        done = parmana.run(binary=HELPER)
        self.assertEqual(done.returncode, 2)
        self.assertIn("started by parmana", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
