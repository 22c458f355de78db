"""Tools that we did not write judge what a server made just now: they accept it, and refuse what was altered.

sigstore-js (both majors), openssl, and Go's packages for notes and logs. The refusal has to be the tool's own, for the
reason that stands beside the mutation. PARMANA_FOREIGN names the directory with node_modules (./dev test fills it).
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
import mutations as m  # noqa: E402
import parmana  # noqa: E402
from material import Fresh, Stranger  # noqa: E402
from reference import b64, openssl_verifies, pre_authentication_encoding, unb64  # noqa: E402

PACKAGES = pathlib.Path(os.environ.get("PARMANA_FOREIGN", parmana.ROOT / "build/npm-foreign")).resolve()
GOCODE = pathlib.Path("/usr/share/gocode")
GO_MODULES = GOCODE / "src/golang.org/x/mod/sumdb"
GO = shutil.which("go")
PAYLOAD_TYPE = "application/vnd.in-toto+json"


def setUpModule():
    global PLACE, FRESH, STRANGER
    PLACE = unittest.enterModuleContext(parmana.scratch())
    FRESH, STRANGER = Fresh(PLACE), Stranger(PLACE)


def judged(command, cases):
    """What a judge says of each case."""
    text = "".join(json.dumps(case) + "\n" for case in cases)
    done = subprocess.run([str(word) for word in command], input=text, capture_output=True, text=True, timeout=300,
                          check=True)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == len(cases), done.stderr
    return said, done.stderr


def node_of_npm():
    """The node that came by npm. Not through `.bin`: npm 9 makes no links for what is optional."""
    found = sorted((PACKAGES / "node_modules").glob("node-linux-*/bin/node"))
    return found[0] if found else PACKAGES / "node_modules/node-linux/bin/node"


class Case(unittest.TestCase):
    def assert_said(self, name, said, reason):
        """Refused for the reason, or accepted when there is none."""
        with self.subTest(name):
            self.assertEqual(said["accepted"], reason is None, said["why"])
            if reason:
                self.assertRegex(said["why"], re.compile(reason))


class Sigstore(Case):
    @staticmethod
    def judge(cases):
        node = node_of_npm()
        assert node.exists(), f"{node} is missing: ./dev test installs it"
        said, versions = judged([node, HERE / "sigstore.cjs", PACKAGES], cases)
        return said, versions

    @staticmethod
    def case(bundle, of):
        return {"bundle": bundle, "keys": {of.key_ids["attestation"]: of.spki["attestation"]}, "root": of.root}

    def test_both_majors_accept_what_is_exported(self):
        names = list(FRESH.bundles)
        cases = [self.case(FRESH.bundles[name], FRESH) for name in names] + [self.case(STRANGER.one, STRANGER)]
        answers, versions = self.judge(cases)
        print(versions.strip())
        for name in ("verify 3.1.1", "verify 4.1.3", "bundle 4.0.0", "bundle 5.0.1", "node v22."):
            self.assertIn(name, versions)
        for name, said in zip([*names, "of another log"], answers):
            for major in m.BOTH:
                self.assert_said((name, major), said[major], None)

    def test_both_majors_refuse_each_mutation(self):
        names = list(FRESH.bundles)
        good = self.case(FRESH.bundles[names[0]], FRESH)
        rows = m.of_bundle(FRESH, STRANGER, FRESH.bundles[names[1]])
        answers, _ = self.judge([m.mutated(good, change) for _, change, _, _ in rows])
        for (name, _, reason, majors), said in zip(rows, answers):
            for major in m.BOTH:
                self.assert_said((name, major), said[major], reason if major in majors else None)
        both = sum(majors == m.BOTH for *_, majors in rows)
        print(f"sigstore-js: {len(rows)} mutations of a bundle, {both} of them for both majors")

    def test_what_they_do_not_look_at_is_what_the_page_says(self):
        good = self.case(FRESH.bundles["decision-0"], FRESH)
        rows = m.unseen()
        answers, _ = self.judge([m.mutated(good, change) for _, change in rows])
        for (name, _), said in zip(rows, answers):
            for major in m.BOTH:
                self.assert_said((name, major), said[major], None)

    def test_the_same_entry_twice(self):
        good = self.case(FRESH.bundles["decision-0"], FRESH)
        twice = m.mutated(good, lambda c: c["bundle"]["verificationMaterial"]["tlogEntries"].append(m.entry(c)))
        (said,), _ = self.judge([{**twice, "threshold": 2}])
        self.assert_said("4", said["4"], "duplicate tlog entry")

    def test_the_script_of_the_page_on_verifying(self):
        page = (parmana.ROOT / "docs/verifying.md").read_text(encoding="utf-8")
        script, = re.findall(r"^```js\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
        files = {"attestation.pem": FRESH.pems["attestation"], "trusted_root.json": json.dumps(FRESH.root)}
        good = FRESH.bundles["decision-0"]
        for verifier, of_bundle in (("3", "4"), ("4", "5")):
            place = PLACE / f"page-{verifier}"
            scope = place / "node_modules/@sigstore"
            scope.mkdir(parents=True)
            packages = {"verify": f"sigstore-verify-{verifier}", "bundle": f"sigstore-bundle-{of_bundle}",
                        "protobuf-specs": "@sigstore/protobuf-specs"}
            for name, target in packages.items():
                (scope / name).symlink_to(PACKAGES / "node_modules" / target)
            for bundle, said in ((good, "verified\n"), (FRESH.bundles["decision-1"] | {
                    "dsseEnvelope": good["dsseEnvelope"]}, "")):
                for name, text in {**files, "claim-1.sigstore.json": json.dumps(bundle)}.items():
                    (place / name).write_text(text)
                done = subprocess.run([node_of_npm(), "-e", script], cwd=place,
                                      capture_output=True, text=True, timeout=60, check=False)
                with self.subTest(major=verifier, expected=said):
                    self.assertEqual((done.stdout, done.returncode == 0), (said, bool(said)), done.stderr)

    def test_a_decision_that_the_log_attests_has_no_bundle(self):
        self.assertEqual((FRESH.refused.returncode, FRESH.refused.stdout), (2, ""))
        self.assertIn("not_exportable", FRESH.refused.stderr)


class Openssl(unittest.TestCase):
    def parts(self, envelope):
        self.assertEqual(envelope["payloadType"], PAYLOAD_TYPE)
        return unb64(envelope["payload"]), unb64(envelope["signatures"][0]["sig"])

    def test_each_attestation(self):
        envelopes = {name: bundle["dsseEnvelope"] for name, bundle in FRESH.bundles.items()}
        for name, envelope in {**envelopes, "group": FRESH.group["envelope"]}.items():
            payload, signature = self.parts(envelope)
            message = pre_authentication_encoding(PAYLOAD_TYPE, payload)
            with self.subTest(name):
                self.assertTrue(openssl_verifies(FRESH.pems["attestation"], message, signature))

    def test_mutations(self):
        payload, signature = self.parts(FRESH.bundles["decision-0"]["dsseEnvelope"])
        _, other = self.parts(FRESH.bundles["decision-1"]["dsseEnvelope"])
        pae = pre_authentication_encoding
        good, pem = pae(PAYLOAD_TYPE, payload), FRESH.pems["attestation"]
        altered = payload.replace(b'"approved"', b'"rejected"')
        self.assertNotEqual(payload, altered)
        rows = [("payload", pem, pae(PAYLOAD_TYPE, altered), signature),
                ("payload with one byte more", pem, pae(PAYLOAD_TYPE, payload + b"\n"), signature),
                ("length of the payload", pem, good.replace(*(b" %d {" % n for n in (len(payload), 1))), signature),
                ("payload type", pem, pae("application/json", payload), signature),
                ("payload alone", pem, payload, signature),
                ("signature", pem, good, bytes([signature[0] ^ 1]) + signature[1:]),
                ("signature with an S that is too large", pem, good, signature[:63] + bytes([signature[63] | 0xe0])),
                ("signature cut off", pem, good, signature[:63]),
                ("signature of another decision", pem, good, other),
                ("key of another role", FRESH.pems["log"], good, signature),
                ("key of another log", STRANGER.pems["attestation"], good, signature)]
        for name, key, message, sig in rows:
            with self.subTest(name):
                self.assertFalse(openssl_verifies(key, message, sig))
        print(f"openssl: {len(rows)} mutations of an attestation")


@unittest.skipUnless(GO and GO_MODULES.is_dir(), "NOT CHECKED: there is no Go here, or no golang.org/x/mod")
class Go(Case):
    @classmethod
    def setUpClass(cls):
        cls.program = PLACE / "judge"
        environment = {**os.environ, "GO111MODULE": "off", "GOPATH": str(GOCODE), "GOFLAGS": "", "GOTOOLCHAIN": "local"}
        subprocess.run([GO, "build", "-o", cls.program, *sorted(HERE.glob("*.go"))], env=environment, check=True,
                       timeout=500)
        cls.cosigners = [FRESH.clock_key, FRESH.witness_key]

    def judge(self, rows):
        """Each row: (name, reason or nothing, case)."""
        answers, _ = judged([self.program], [case for _, _, case in rows])
        for (name, reason, _), said in zip(rows, answers):
            self.assert_said(name, said, reason)
        return sum(reason is not None for _, reason, _ in rows)

    def note(self, text, **members):
        return {"Kind": "note", "Note": text, "Log": FRESH.log_key, "Cosign": self.cosigners, "Lines": 3, **members}

    def test_heads(self):
        alone = {"Cosign": [], "Lines": 1}
        head, note = FRESH.newest, self.note
        bad, unknown = "invalid signature for key", "no verifiable signatures"
        rows = [("newest", None, note(head)), ("older", None, note(FRESH.older)),
                ("log alone", None, note(head, **alone)),
                *((name, bad, note(change(head))) for name, change in (
                    ("size", m.SIZE), ("root", m.TREE_ROOT), ("origin", m.ORIGIN), ("signature", m.LOG_SIGNATURE),
                    ("time", m.TIME), ("signature of the time", m.TIME_SIGNATURE),
                    ("time of the witness", m.WITNESS_TIME), ("signature of the witness", m.WITNESS_SIGNATURE))),
                *((name, unknown, note(change(head), **alone)) for name, change in (
                    ("key hint", m.LOG_HINT), ("key name", m.LOG_NAME), ("no line of the log", m.NO_LOG_LINE))),
                ("no lines", "malformed note", note(m.NO_LINES(head))),
                ("no blank line", "malformed note", note(m.without(3)(head))),
                ("another log", unknown, note(STRANGER.head, **alone)),
                ("verifier key with another hash", "verifier",
                 note(head, Log=re.sub(r"\+(.)", lambda found: "+" + "12"[found[1] == "1"], FRESH.log_key, count=1)))]
        print(f"Go: {self.judge(rows)} mutations of a head")

    def proof(self, name, change=lambda text: text):
        """Under the first head over the decision, which another one may have followed before the witness came."""
        text = FRESH.proofs[name]
        return {"Kind": "proof", "Proof": change(text), "Payload": FRESH.payloads[name], "Log": FRESH.log_key,
                "Cosign": self.cosigners, "Lines": text.count("\n\N{EM DASH} ")}

    def test_proofs(self):
        name = FRESH.names[0]
        head = FRESH.proofs[name].split("\n").index("") + 1
        in_proof, bad = "invalid transparency proof|invalid inputs", "invalid signature for key"

        def at_head(change):
            return lambda text: "\n".join(text.split("\n")[:head]) + "\n" + change("\n".join(text.split("\n")[head:]))

        def index(text):
            return "index " + str(int(text.removeprefix("index ")) ^ 1)

        def swapped(text):
            lines = text.split("\n")
            lines[3], lines[4] = lines[4], lines[3]
            return "\n".join(lines)

        def hash_more(text):
            lines = text.split("\n")
            return "\n".join([*lines[:4], *lines[3:]])

        size = int(FRESH.older.split("\n")[1])
        rows = [*((each, None, self.proof(each)) for each in FRESH.proofs),
                ("leaf", in_proof, self.proof(name, m.line(1, lambda text: "extra " + m.flipped(text.split()[1], 9)))),
                ("index", in_proof, self.proof(name, m.line(2, index))),
                ("hash", in_proof, self.proof(name, m.line(3, m.flipped))),
                ("last hash", in_proof, self.proof(name, m.line(head - 2, m.flipped))),
                ("a hash too few", in_proof, self.proof(name, m.without(3))),
                ("a hash too many", in_proof, self.proof(name, hash_more)),
                ("hashes in another order", in_proof, self.proof(name, swapped)),
                ("size", bad, self.proof(name, at_head(m.SIZE))),
                ("root", bad, self.proof(name, at_head(m.TREE_ROOT))),
                ("head of the tree as it grew", in_proof, self.proof(name, at_head(lambda _: FRESH.newest))),
                ("signature", bad, self.proof(name, at_head(m.LOG_SIGNATURE))),
                ("another root, signed by the log", in_proof,
                 {**self.proof(name, at_head(lambda _: FRESH.resigned(size, bytes(32)))), "Cosign": [], "Lines": 1}),
                ("leaf of a group", in_proof, self.proof("grouped", m.line(1, lambda text: "extra " + m.flipped(
                    text.split()[1], 9)))),
                ("leaf of another decision", in_proof,
                 self.proof(name, m.line(1, lambda _: FRESH.proofs["decision-1"].split("\n")[1])))]
        print(f"Go: {self.judge(rows)} mutations of a tlog-proof")

    def log(self, name=None, path=None, change=None, **members):
        """The log as it was served; one file changed."""
        place = FRESH.mirror
        if path:
            place = PLACE / ("altered " + name)
            shutil.copytree(FRESH.mirror, place)
            before = (place / path).read_bytes()
            (place / path).write_bytes(change(before))
            assert (place / path).read_bytes() != before
        return {"Kind": "log", "Source": str(place), "Log": FRESH.log_key, "Cosign": self.cosigners, "Lines": 3,
                "Older": FRESH.older, **members}

    def test_the_served_log(self):
        size = int(FRESH.newest.split("\n")[1])
        older = int(FRESH.older.split("\n")[1])
        rest = size - 256
        self.assertGreater(rest, 0)
        in_tile = "downloaded inconsistent tile"
        in_proof = "invalid transparency proof"

        def flip(at):
            return lambda raw: raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1:]

        def moved(raw):
            length = 2 + int.from_bytes(raw[:2], "big")
            return raw[length:] + raw[:length]

        def altered(name, path, change, reason):
            return name, reason, self.log(name, path, change)

        alone = {"Cosign": [], "Lines": 1}
        rows = [("as it was served", None, self.log()),
                # Go 0.7.0 compares only some tiles with those above; what it proves from the others is refused.
                altered("a hash of the first tile", "tile/0/000", flip(40), f"{in_tile}|{in_proof}"),
                altered("the last hash", f"tile/0/001.p/{rest}", flip(rest * 32 - 1), in_tile),
                altered("a hash of the tile above", "tile/1/000.p/1", flip(0), in_tile),
                altered("a tile cut off", "tile/0/000", lambda raw: raw[:-32], "tile"),
                altered("an entry", "tile/entries/000", flip(30), in_proof),
                altered("the last entry", f"tile/entries/001.p/{rest}", flip(-2), in_proof),
                altered("entries in another order", "tile/entries/000", moved, in_proof),
                altered("head", "checkpoint", lambda raw: m.TREE_ROOT(raw.decode()).encode(), "invalid signature"),
                ("head with another root, signed by the log", in_tile, self.log(
                    "signed", "checkpoint", lambda _: FRESH.resigned(size, bytes(32)).encode(), Older="", **alone)),
                ("older head with another root, signed by the log", in_proof,
                 self.log(Older=FRESH.resigned(older, bytes(32)), **alone)),
                ("older head of another log", "invalid signature|no verifiable signatures",
                 self.log(Older=STRANGER.head, **alone))]
        print(f"Go: {self.judge(rows)} mutations of a served log of {size} entries")


if __name__ == "__main__":
    unittest.main(verbosity=2)
