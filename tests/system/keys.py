"""Private keys as files: made, listed, encrypted, opened, and refused."""
import json
import os
import pathlib
import re
import sys
import unittest
import unittest.mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
import reference  # noqa: E402

ROLES = ("attestation", "log", "policy", "root", "approver", "release", "witness")
PASSPHRASE = "a passphrase that nobody guesses"


def public_of(pem):
    """The 32 bytes of the key."""
    der = reference.unb64("".join(pem.strip().split("\n")[1:-1]))
    assert der.startswith(reference.spki(bytes(32))[:12]) and len(der) == 44
    return der[12:]


class WithPassphrase(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.enterContext(unittest.mock.patch.dict(os.environ))
        for name in ("PARMANA_KEY_PASSPHRASE_FILE", "CREDENTIALS_DIRECTORY"):
            os.environ.pop(name, None)
        self.passphrase = self.secret(self.place / "passphrase", PASSPHRASE + "\n")

    @staticmethod
    def secret(path, text, mode=0o600):
        path.write_text(text)
        path.chmod(mode)
        return path

    def refused(self, code, *argv):
        done = parmana.run(*argv, timeout=30)
        self.assertEqual(done.returncode, 2, f"{argv}: {done.stdout}")
        self.assertIn(f"parmana: {code}: ", done.stderr)
        return done.stderr


class Generate(WithPassphrase):
    def setUp(self):
        super().setUp()
        self.data = parmana.init(self.place / "data", demo=False)

    def generate(self, role, *options):
        printed = parmana.must("keys", "generate", "--role", role, *options)
        said = dict(line.split(":", 1) for line in printed.splitlines())
        return {name: value.strip() for name, value in said.items()}

    def test_each_role_into_the_key_directory_under_its_id(self):
        for role in ROLES:
            said = self.generate(role, "--data", self.data)
            file = pathlib.Path(said["private key"])
            self.assertEqual(file, self.data / "keys" / f"{role}-{said['key id'][:16]}.key")
            self.assertEqual(file.stat().st_mode & 0o777, 0o600)
            self.assertTrue(file.read_text().startswith(f"PARMANA-KEY-1 {role} "))
            pem = pathlib.Path(said["public key"]).read_text()
            self.assertEqual(said["public key"], str(file)[:-4] + ".pub")
            self.assertEqual(reference.key_id(public_of(pem)), said["key id"])
            self.assertEqual(parmana.must("keys", "public", file), pem)

    def test_the_list_says_what_each_is(self):
        os.environ["PARMANA_KEY_PASSPHRASE_FILE"] = str(self.passphrase)
        made = self.generate("log", "--data", self.data, "--encrypt")
        del os.environ["PARMANA_KEY_PASSPHRASE_FILE"]
        listed = json.loads(parmana.must("keys", "list", "--data", self.data, "--json"))["keys"]
        self.assertEqual([key["file"] for key in listed], sorted(key["file"] for key in listed))
        by_name = {pathlib.Path(key["file"]).name: key for key in listed}
        root = json.loads((self.data / "trust.json").read_text())["signed"]
        for role in ("attestation", "log", "policy", "root"):
            key = by_name[f"{role}.key"]
            self.assertEqual((key["role"], key["kind"], key["trusted"]), (role, "plain", True))
            self.assertEqual([key["keyId"]], root["roles"][role]["keyids"])
        self.assertNotIn("keyId", by_name["blind.key"])
        fresh = by_name[pathlib.Path(made["private key"]).name]
        self.assertEqual((fresh["kind"], fresh["trusted"], fresh["keyId"]), ("encrypted", False, made["key id"]))
        lines = parmana.must("keys", "list", "--data", self.data).splitlines()
        self.assertEqual(len(lines), len(listed))
        self.assertIn(f"log {made['key id']} encrypted {made['private key']} not in the trust root", lines)

    def test_nothing_is_overwritten(self):
        out = self.place / "out.key"
        self.generate("root", "--out", out)
        before = out.read_bytes()
        self.refused("io_failed", "keys", "generate", "--role", "root", "--out", out)
        self.assertEqual(out.read_bytes(), before)
        out.unlink()  # and its public key stays: that of a key that somebody may still have
        self.refused("io_failed", "keys", "generate", "--role", "root", "--out", out)
        self.assertFalse(out.exists())
        self.refused("io_failed", "keys", "generate", "--role", "blind", "--data", self.data)

    def test_the_blind_key_has_no_public_half(self):
        out = self.place / "blind.key"
        self.assertEqual(self.generate("blind", "--out", out), {"private key": str(out)})
        self.assertEqual(list(self.place.glob("blind*")), [out])
        self.refused("key_invalid", "keys", "public", out)
        uri = "pkcs11:token=T;object=O?module-path=/m.so&pin-source=/p"
        self.refused("usage", "keys", "generate", "--role", "blind", "--out", self.place / "b", "--pkcs11", uri)

    def test_usage(self):
        self.refused("usage", "keys", "generate", "--role", "log")
        self.refused("usage", "keys", "generate", "--role", "log", "--data", self.data, "--out", self.place / "x")
        uri = "pkcs11:token=T;object=O?module-path=/m.so&pin-source=/p&pin-value=1234"
        into = ("--out", self.place / "x")
        said = self.refused("key_invalid", "keys", "generate", "--role", "log", *into, "--pkcs11", uri)
        self.assertNotIn("1234", said)
        self.assertEqual(parmana.run("keys", "generate", "--role", "nobody", "--out", self.place / "x").returncode, 2)
        self.refused("key_locked", "keys", "generate", "--role", "log", "--out", self.place / "x", "--encrypt")
        self.assertFalse((self.place / "x").exists())

    def test_a_key_made_elsewhere_is_used_by_a_new_directory(self):
        keys = self.place / "keys"
        keys.mkdir(0o700)
        made = self.generate("log", "--out", keys / "log.key")
        parmana.must("init", "--data", self.place / "other", "--keys", keys)
        listed = json.loads(parmana.must("keys", "list", "--data", self.place / "other", "--json"))["keys"]
        log, = (key for key in listed if key["role"] == "log")
        self.assertEqual((log["keyId"], log["trusted"]), (made["key id"], True))


class Encrypted(WithPassphrase):
    """A data directory all of whose keys are encrypted."""

    def setUp(self):
        super().setUp()
        self.data = self.place / "data"
        self.refused("key_locked", "init", "--data", self.data, "--encrypt")
        self.assertFalse(self.data.exists())
        os.environ["PARMANA_KEY_PASSPHRASE_FILE"] = str(self.passphrase)
        parmana.must("init", "--data", self.data, "--demo", "--encrypt")
        del os.environ["PARMANA_KEY_PASSPHRASE_FILE"]

    def expect_serving(self, name, **environment):
        with parmana.Server(self.data, environment=environment) as server:
            self.assertEqual(server.evaluate(name).status, 200)
        parmana.verify_evidence(self.data, [name])

    def serve_refused(self, code):
        return self.refused(code, "serve", "--data", self.data, "--listen", "127.0.0.1:0")

    def test_every_file_is_and_the_list_needs_no_passphrase(self):
        for file in (self.data / "keys").glob("*.key"):
            self.assertTrue(file.read_text().startswith(f"PARMANA-ENCRYPTED-KEY-1 {file.stem} "))
        listed = json.loads(parmana.must("keys", "list", "--data", self.data, "--json"))["keys"]
        self.assertEqual({key["kind"] for key in listed}, {"encrypted"})
        self.assertEqual(sum(key.get("trusted", False) for key in listed), 4)

    def test_serving_with_each_source_of_the_passphrase(self):
        self.serve_refused("key_locked")
        self.expect_serving("by-environment", PARMANA_KEY_PASSPHRASE_FILE=str(self.passphrase))
        credentials = self.place / "credentials"
        credentials.mkdir()
        self.secret(credentials / "parmana-passphrase", PASSPHRASE, 0o440)
        self.expect_serving("by-credential", CREDENTIALS_DIRECTORY=str(credentials))
        config = json.loads((self.data / "config.json").read_text())
        self.assertEqual(config["key_passphrase_file"], "")
        config["key_passphrase_file"] = str(self.passphrase)
        (self.data / "config.json").write_text(json.dumps(config))
        self.expect_serving("by-configuration")
        parmana.must("policy", "sign", parmana.ROOT / "policies/claims-approval/1.0.0/policy.json", "--data", self.data)

    def test_a_rotated_key_is_kept_as_the_one_before(self):
        os.environ["PARMANA_KEY_PASSPHRASE_FILE"] = str(self.passphrase)
        rotate = ("keys", "rotate", "--data", self.data, "--role")
        for role in ("attestation", "log"):
            said = parmana.must(*rotate, role)
            file = pathlib.Path(re.search(r"private key: (.*)", said).group(1))
            self.assertTrue(file.read_text().startswith(f"PARMANA-ENCRYPTED-KEY-1 {role} "), role)
        self.expect_serving("rotated", PARMANA_KEY_PASSPHRASE_FILE=str(self.passphrase))

    def test_what_is_no_passphrase(self):
        os.environ["PARMANA_KEY_PASSPHRASE_FILE"] = str(self.passphrase)
        self.secret(self.passphrase, PASSPHRASE[:-1])
        self.assertIn(".key`", self.serve_refused("key_passphrase_wrong"))
        self.secret(self.passphrase, PASSPHRASE, 0o644)
        self.serve_refused("key_file_exposed")
        self.passphrase.unlink()
        self.serve_refused("data_missing")
        os.environ["PARMANA_KEY_PASSPHRASE_FILE"] = "passphrase"
        self.serve_refused("configuration_invalid")

    def test_a_key_of_one_role_is_none_of_another(self):
        os.environ["PARMANA_KEY_PASSPHRASE_FILE"] = str(self.passphrase)
        words = (self.data / "keys/policy.key").read_text().split(" ")
        words[1] = "attestation"
        (self.data / "keys/attestation.key").write_text(" ".join(words))
        self.serve_refused("key_passphrase_wrong")

    def test_a_witness_with_an_encrypted_key(self):
        parmana.must("witness", "init", "--data", self.place / "witness", "--name", "w.example/1")
        os.environ["PARMANA_KEY_PASSPHRASE_FILE"] = str(self.passphrase)
        other = self.place / "other.key"
        parmana.must("keys", "generate", "--role", "witness", "--out", other, "--encrypt")
        other.replace(self.place / "witness/witness.key")
        serve = ("witness", "serve", "--data", self.place / "witness", "--listen", "127.0.0.1:0")
        self.assertIn("is not the key of this directory", self.refused("key_invalid", *serve))
        del os.environ["PARMANA_KEY_PASSPHRASE_FILE"]
        self.refused("key_locked", *serve)


if __name__ == "__main__":
    unittest.main(verbosity=2)
