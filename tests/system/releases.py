"""A release from its manifest to the verdict about it, and everything that must not pass for one."""
import json
import pathlib
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from reference import canonical, sha256, unb64, wire  # noqa: E402
from releasing import Key, envelope, trust_root  # noqa: E402

ALICE, BORIS, CARLA = Key(0x11), Key(0x12), Key(0x13)


def runtime_hash(executable):
    return json.loads(parmana.must("version", "--json", binary=executable))["runtimeHash"]


class Releases(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.trust = self.place / "trust.json"
        self.trust.write_bytes(trust_root([ALICE, BORIS, CARLA], 2))
        self.keys = [key.write(self.place / f"{key.seed[0]}.key") for key in (ALICE, BORIS, CARLA)]
        self.directory = self.place / "release"
        self.directory.mkdir()
        for binary in (parmana.BINARY, parmana.VERIFIER):
            shutil.copy(binary, self.directory)
        self.executable = self.directory / parmana.BINARY.name
        self.sbom = self.directory / "parmana.spdx.json"
        self.sbom.write_text("{}")

    def manifest(self, name="release.json", counter=1, *more, executable=None, whole=True):
        out = self.place / name
        words = ["--artifact", self.directory / parmana.VERIFIER.name, "--sbom", self.sbom] if whole else []
        parmana.must("release", "manifest", "--executable", executable or self.executable, "--version", "0.2.0",
                     "--counter", counter, "--out", out, *words, *more)
        return out

    def sign(self, release, *keys):
        for key in keys:
            parmana.must("release", "sign", release, "--key", key)
        return release

    def checks(self, expected_exit, release, *more, trust=True):
        """The outcome of each check, and its detail."""
        words = ["--trust", self.trust] if trust else []
        done = parmana.run("release", "verify", release, "--json", *words, *more)
        self.assertEqual(done.returncode, expected_exit, done.stdout + done.stderr)
        report = parmana.parse_json(done.stdout)
        self.assertEqual(report["kind"], "release")
        self.assertEqual(done.stdout, canonical(report).decode() + "\n")
        return {check["name"]: (check["outcome"], check["detail"]) for check in report["checks"]}

    def outcomes(self, *arguments, **options):
        return {name: outcome for name, (outcome, _) in self.checks(*arguments, **options).items()}

    def refused(self, code, *argv):
        done = parmana.run("release", *argv)
        self.assertEqual(done.returncode, 2, f"{argv}: {done.stdout}{done.stderr}")
        self.assertIn(f"parmana: {code}: ", done.stderr)

    def payload(self, release):
        return unb64(json.loads(release.read_bytes())["payload"])

    def test_two_of_three_sign_and_everything_is_compared(self):
        release = self.manifest()
        self.sign(release, self.keys[0])
        self.assertEqual(self.checks(1, release)["signatures"],
                         ("failed", "it is signed by 1 of the 2 keys that must sign"))
        self.sign(release, self.keys[1])
        checks = self.checks(0, release, "--artifacts", self.directory, "--executable", self.executable)
        self.assertEqual(list(checks), ["format", "signatures", "artifacts", "sbom", "runtime"])
        self.assertEqual({outcome for outcome, _ in checks.values()}, {"passed"})
        self.assertEqual(checks["signatures"][1], "signed by 2 of 3 release keys, 2 needed")
        self.assertIn(runtime_hash(self.executable), checks["runtime"][1])
        text = parmana.must("release", "verify", release, "--trust", self.trust, "--artifacts", self.directory)
        self.assertIn("ok    signatures ", text)
        self.assertRegex(text, r"\nvalid\ncompare the trust root out of band: sha256:[0-9a-f]{64}\n$")

    def test_the_manifest_says_what_the_files_are(self):
        manifest = self.payload(self.manifest())
        files = [{"digest": wire(sha256(content)), "path": path.name, "size": len(content)}
                 for path in (self.executable, self.directory / parmana.VERIFIER.name)
                 for content in [path.read_bytes()]]
        self.assertEqual(manifest, canonical({
            "artifacts": files, "counter": 1, "format": "parmana-release/1",
            "runtimeHashes": [runtime_hash(self.executable)],
            "sbom": {"digest": wire(sha256(b"{}")), "path": "parmana.spdx.json"}, "version": "0.2.0"}))

    def test_who_signs_first_leaves_no_trace_and_nobody_signs_twice(self):
        first, second = self.manifest("first.json"), self.manifest("second.json")
        self.sign(first, self.keys[0], self.keys[1])
        before = first.read_bytes()
        self.sign(first, self.keys[0], self.keys[1])
        self.sign(second, self.keys[1], self.keys[0])
        self.assertEqual((first.read_bytes(), second.read_bytes()), (before, before))
        self.assertEqual(before, envelope(self.payload(first), [ALICE, BORIS]))

    def test_a_signature_can_go_to_another_file(self):
        release, out = self.manifest(), self.place / "signed.json"
        before = release.read_bytes()
        parmana.must("release", "sign", release, "--key", self.keys[0], "--out", out)
        self.assertEqual(release.read_bytes(), before)
        self.assertEqual(len(json.loads(out.read_bytes())["signatures"]), 1)

    def test_signatures_that_do_not_count(self):
        release = self.place / "release.json"
        manifest = self.payload(self.manifest())
        good = json.loads(envelope(manifest, [ALICE, BORIS]))
        cases = {"nobody": envelope(manifest, []), "a stranger": envelope(manifest, [ALICE, Key(0x99)]),
                 "one too many": envelope(manifest, [ALICE, BORIS, Key(0x99)]),
                 "a key of another role": envelope(manifest, [ALICE, Key(0xa3)])}
        swapped = json.loads(json.dumps(good))
        swapped["signatures"][0]["sig"] = good["signatures"][1]["sig"]
        cases["a swapped signature"] = canonical(swapped)
        for name, text in cases.items():
            with self.subTest(name):
                release.write_bytes(text)
                self.assertEqual(self.outcomes(1, release)["signatures"], "failed")

    def test_one_key_twice_is_no_release(self):
        release = self.manifest()
        once = json.loads(envelope(self.payload(release), [ALICE]))
        once["signatures"] *= 2
        release.write_bytes(canonical(once))
        self.assertEqual(self.outcomes(1, release), {"format": "failed"})

    def test_an_altered_file_is_named(self):
        release = self.sign(self.manifest(), *self.keys[:2])
        for path, check in ((self.executable, "artifacts"), (self.directory / parmana.VERIFIER.name, "artifacts"),
                            (self.sbom, "sbom")):
            before = path.read_bytes()
            for content in (before + b"\0", before[:-1] + bytes([before[-1] ^ 1])):
                path.write_bytes(content)
                outcome, detail = self.checks(1, release, "--artifacts", self.directory)[check]
                self.assertEqual((outcome, detail), ("failed", f"`{path.name}` is not the file of the release"))
            path.unlink()
            self.assertEqual(self.checks(1, release, "--artifacts", self.directory)[check],
                             ("failed", f"`{path.name}` is not there"))
            path.write_bytes(before)
        self.assertEqual(self.outcomes(0, release, "--artifacts", self.directory)["artifacts"], "passed")

    def test_what_was_not_given_is_not_judged(self):
        release = self.sign(self.manifest(), *self.keys[:2])
        self.assertEqual(self.outcomes(3, release), {"format": "passed", "signatures": "passed",
                                                     "artifacts": "not_judged", "sbom": "not_judged"})
        self.assertEqual(self.outcomes(3, release, "--artifacts", self.directory, trust=False)["signatures"],
                         "not_judged")

    def test_an_executable_is_run_only_when_release_keys_signed_for_it(self):
        release = self.manifest()
        asked = self.checks(1, release, "--executable", self.executable)["runtime"]
        self.assertEqual(asked, ("not_judged", "an executable is not asked before its release is known to be signed"))
        self.sign(release, *self.keys[:2])
        other = self.place / "other"
        other.write_text(f"#!/bin/sh\ntouch {self.place}/ran\n")
        other.chmod(0o755)
        outcome, detail = self.checks(1, release, "--executable", other)["runtime"]
        self.assertEqual((outcome, detail), ("failed", f"`{other}` is no artifact of this release and was not run"))
        self.assertFalse((self.place / "ran").exists())

    def test_a_rolling_upgrade_admits_both_and_the_next_release_only_one(self):
        newer = self.place / "newer" / "parmana"
        newer.parent.mkdir()
        newer.write_bytes(self.executable.read_bytes() + b"\0")
        newer.chmod(0o755)
        old, new = runtime_hash(self.executable), runtime_hash(newer)
        self.assertNotEqual(old, new)
        first = self.sign(self.manifest("1.json", 1, whole=False), *self.keys[:2])
        both = self.sign(self.manifest("2.json", 2, "--previous", first, "--keep-previous", executable=newer,
                                       whole=False), *self.keys[:2])
        last = self.sign(self.manifest("3.json", 3, "--previous", both, executable=newer, whole=False), *self.keys[:2])
        for release, admitted in ((first, [old]), (both, [old, new]), (last, [new])):
            self.assertEqual(json.loads(self.payload(release))["runtimeHashes"], sorted(admitted))
            for runtime in (old, new):
                outcome, detail = self.checks(3 if runtime in admitted else 1, release, "--runtime", runtime)["runtime"]
                self.assertEqual(outcome, "passed" if runtime in admitted else "failed")
                self.assertIn(runtime, detail)
        self.assertEqual(self.outcomes(3, last, "--previous", both)["previous"], "passed")
        self.assertEqual(self.checks(1, last, "--previous", first)["previous"],
                         ("failed", "it follows another release"))
        self.assertEqual(self.checks(1, first, "--previous", both)["previous"],
                         ("failed", "the counter 1 is not above 2"))

    def test_a_counter_only_rises(self):
        first = self.manifest("1.json", 4, whole=False)
        for counter in (3, 4):
            self.refused("rollback_refused", "manifest", "--executable", self.executable, "--version", "0.2.1",
                         "--counter", counter, "--previous", first, "--out", self.place / "2.json")
        self.refused("release_invalid", "manifest", "--executable", self.executable, "--version", "0.2.1",
                     "--counter", 0, "--out", self.place / "2.json")
        self.assertFalse((self.place / "2.json").exists())

    def test_further_runtimes_are_admitted_by_their_hash(self):
        other = wire(bytes(32))
        release = self.manifest("1.json", 1, "--admit", other, "--admit", other)
        self.assertEqual(json.loads(self.payload(release))["runtimeHashes"],
                         [other, runtime_hash(self.executable)])

    def test_what_is_no_parmana_of_a_release(self):
        script = self.place / "script"
        script.write_text("#!/bin/sh\necho '{}'\n")
        script.chmod(0o755)
        lying = self.place / "lying"  # another program of ours that has no such command
        shutil.copy(parmana.VERIFIER, lying)
        for executable in ("/bin/true", script, lying):
            self.refused("release_invalid", "manifest", "--executable", executable, "--version", "1", "--counter", 1,
                         "--out", self.place / "out.json")
        self.refused("io_failed", "manifest", "--executable", self.place, "--version", "1", "--counter", 1,
                     "--out", self.place / "out.json")

    def test_mistakes_are_refused(self):
        release = self.manifest()
        named = ["manifest", "--executable", self.executable, "--counter", 1, "--out", self.place / "out.json"]
        self.refused("usage", *named, "--version", "1", "--artifact", self.executable)
        self.refused("usage", *named, "--version", "1", "--admit", "sha256:0")
        self.refused("release_invalid", *named, "--version", "1 2")
        self.refused("key_invalid", "sign", release, "--key", ALICE.write(self.place / "policy.key", "policy"))
        self.refused("data_missing", "sign", release, "--key", self.place / "nothing")
        self.refused("release_invalid", "sign", self.trust, "--key", self.keys[0])
        self.refused("io_failed", "verify", self.place / "nothing", "--trust", self.trust)
        self.refused("usage", "verify", release, "--trust", self.trust, "--runtime", "sha256:0")
        self.assertEqual(self.outcomes(1, self.trust), {"format": "failed"})
        done = parmana.run("release", "manifest", "--executable", self.executable, "--version", "1", "--counter", 1,
                           "--keep-previous", "--out", self.place / "out.json")
        self.assertEqual(done.returncode, 2)


if __name__ == "__main__":
    unittest.main(verbosity=2)
