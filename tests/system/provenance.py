"""Provenance is real: the runtime hash follows the executable, and equal keys give equal attestations."""
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402


class Provenance(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())

    def runtime_hash(self, binary):
        with parmana.Server(self.data, binary=binary) as server:
            manifest = server.get("/runtime/manifest").json()
            self.turn = getattr(self, "turn", 0) + 1
            decided = server.evaluate(f"by-{binary.name}-{self.turn}").json()
        self.assertEqual(decided["provenance"]["runtimeHash"], manifest["runtimeHash"])
        return manifest["runtimeHash"]

    def test_one_changed_byte_of_the_executable_changes_the_runtime_hash(self):
        self.data = parmana.init(self.place / "data")
        altered = self.place / "altered"
        shutil.copy(parmana.BINARY, altered)
        content = bytearray(altered.read_bytes())
        at = content.index(b"make a new data directory with fresh keys")  # a text of --help: the program still runs
        content[at] ^= 0x20
        altered.write_bytes(content)
        before = self.runtime_hash(parmana.BINARY)
        self.assertEqual(self.runtime_hash(parmana.BINARY), before)
        self.assertNotEqual(self.runtime_hash(altered), before)

    def test_evidence_encloses_the_manifest_of_the_runtime_that_decided(self):
        self.data = parmana.init(self.place / "data")
        altered = self.place / "altered"
        altered.write_bytes(parmana.BINARY.read_bytes() + b"\0")
        altered.chmod(0o755)
        self.runtime_hash(altered)
        with parmana.Server(self.data) as server:  # another runtime, later
            server.get("/executions/by-altered-1/evidence")
        parmana.verify_evidence(self.data, ["by-altered-1"])

    def test_two_directories_on_one_key_set_attest_byte_for_byte_alike(self):
        keys = self.place / "keys"
        answers = []
        for name in ("one", "two"):
            data = self.place / name
            parmana.must("init", "--data", data, "--demo", "--keys", keys)
            with parmana.Server(data) as server:
                answers.append([server.evaluate("same"), server.evaluate("same-2"),
                                server.post("/evaluate", {**parmana.SEED_REQUEST, "executionId": "refused",
                                                          "signals": {}})])
        for first, second in zip(*answers):
            self.assertEqual(first.json()["attestation"], second.json()["attestation"])
        self.assertEqual(answers[0][0].body, answers[1][0].body)

    def test_fresh_keys_are_other_keys(self):
        for name in ("one", "two"):
            parmana.init(self.place / name)
        trust = [(self.place / name / "trust.json").read_bytes() for name in ("one", "two")]
        self.assertNotEqual(*trust)


if __name__ == "__main__":
    unittest.main(verbosity=2)
