"""What earlier versions wrote is read for ever: every directory in tests/compat opens, answers, verifies."""
import json
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

VERSIONS = sorted(path for path in (parmana.ROOT / "tests/compat").iterdir() if path.is_dir() and path.name.isdigit())


def listed(data):
    return json.loads(parmana.must("policy", "list", "--data", data, "--json"))["policies"]


class Compatibility(unittest.TestCase):
    def copy_of(self, version):
        """A writable copy with the permissions that a checkout does not keep."""
        place = self.enterContext(parmana.scratch())
        data = place / "data"
        shutil.copytree(version / "data", data)
        for key in (data / "keys").glob("*.key"):
            key.chmod(0o600)
        return data

    def test_there_is_something_to_read(self):
        self.assertTrue(VERSIONS)

    def test_every_old_evidence_file_verifies_and_its_verdict_is_derived_anew(self):
        for version in VERSIONS:
            expected = json.loads((version / "expected.json").read_text())
            files = sorted((version / "evidence").glob("*.json"))
            self.assertEqual(len(files), 20)
            for file in files:
                with self.subTest(version=version.name, file=file.name):
                    report = json.loads(parmana.must("verify", file, "--trust", version / "trust.json", "--json"))
                    self.assertTrue(report["valid"])
                    self.assertEqual(report["verdict"], expected[file.stem]["answer"]["decision"])
                    small = parmana.run(file, "--trust", version / "trust.json", binary=parmana.VERIFIER)
                    self.assertEqual(small.returncode, 0, small.stdout)

    def test_every_old_data_directory_opens_and_remembers_every_identity(self):
        for version in VERSIONS:
            expected = json.loads((version / "expected.json").read_text())
            data = self.copy_of(version)
            with parmana.Server(data) as server:
                for name, old in expected.items():
                    with self.subTest(version=version.name, name=name):
                        again = server.post("/evaluate", old["request"], headers=old["headers"])
                        if old["headers"]:
                            self.assertEqual((again.status, again.json()), (200, old["answer"]))
                        else:
                            self.assertEqual((again.status, again.code()), (409, "execution_identity_consumed"))
                        self.assertEqual(server.get(f"/executions/{name}").json()["attestation"],
                                         old["answer"]["attestation"])
                # Nothing governs before the ledger says so, and an early version had no such entries.
                if not any(row["state"] == "active" for row in listed(data)):
                    self.assertEqual(server.evaluate("new-one").code(), "policy_inactive")
                    parmana.must("policy", "activate", "claims-approval@1.0.0", "--data", data)
                self.assertEqual(server.evaluate("new-one").status, 200)
            parmana.verify_evidence(data, [*expected, "new-one"])


if __name__ == "__main__":
    unittest.main(verbosity=2)
