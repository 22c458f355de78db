"""The operators' page is executed as it stands, and what it says of an expired root is true."""
import datetime
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from documents import Document  # noqa: E402


class Ceremony(Document):
    def test_every_command_prints_what_the_page_says(self):
        page = parmana.ROOT / "docs/ceremony.md"
        self.assertGreater(page.read_text().count("\n```console"), 20)
        print(f"{page.name}: {self.execute(page)} commands")


def soon(seconds):
    return f"{datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%SZ}"


class ExpiredRoot(unittest.TestCase):
    """A key set with a root that expires after a moment."""

    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        keys = self.place / "keys"
        keys.mkdir(mode=0o700)
        for role in ("attestation", "blind", "log", "policy", "root"):
            parmana.must("keys", "generate", "--role", role, "--out", keys / f"{role}.key")
        self.root, self.root_key = keys / "trust.json", keys / "root.key"
        named = [word for role in ("attestation", "log", "policy", "root")
                 for word in ("--key", f"{role}={keys / role}.pub")]
        self.expires = time.monotonic() + 4
        parmana.must("trust", "init", *named, "--expires", soon(4), "--out", self.root)
        self.sign(self.root)
        self.data = self.place / "data"
        parmana.must("init", "--data", self.data, "--keys", keys)

    def sign(self, root):
        parmana.must("trust", "sign", root, "--key", self.root_key)

    def change(self, *words):
        done = parmana.run(*words, "--data", self.data)
        return done.stderr if done.returncode else done.stdout

    def test_it_refuses_starts_and_activations_and_a_later_one_ends_that(self):
        parmana.sign(self.data, parmana.ROOT / "policies/claims-approval/1.0.0")
        activate = ("policy", "activate", "claims-approval@1.0.0")
        self.assertIn("activated", self.change(*activate))
        with parmana.Server(self.data) as server:
            self.assertEqual(server.evaluate("before").status, 200)
            parmana.must("log", "checkpoint", "--data", self.data)
            time.sleep(max(0.0, self.expires + 1.1 - time.monotonic()))
            self.assertEqual(server.evaluate("running").status, 200, "who runs goes on")
            self.assertIn("trust_expired", self.change(*activate))
            self.assertIn("deactivated", self.change("policy", "deactivate", "claims-approval@1.0.0"))
        refused = parmana.run("serve", "--data", self.data, "--listen", "127.0.0.1:0")
        self.assertIn("parmana: trust_expired: ", refused.stderr)

        file = self.place / "before.json"
        parmana.must("evidence", "before", "--data", self.data, "--out", file)
        self.assertEqual(parmana.run("verify", file, "--trust", self.root).returncode, 0)
        late = parmana.run("verify", file, "--trust", self.root, "--at", "2099-01-01T00:00:00Z")
        self.assertEqual((late.returncode, late.stdout.count("FAIL")), (1, 1), late.stdout)
        self.assertIn("FAIL  trust_expiry", late.stdout)

        later = self.place / "root-2.json"
        parmana.must("trust", "renew", self.root, "--expires", soon(3600), "--out", later)
        self.sign(later)
        self.assertIn("trust root 2 activated", self.change("trust", "activate", later))
        self.assertIn("activated", self.change(*activate))
        with parmana.Server(self.data) as server:
            self.assertEqual(server.evaluate("after").status, 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
