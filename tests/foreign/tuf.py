"""tuf-js, a client of The Update Framework, walks chains of our trust roots: it accepts those that people made with the
command line, and refuses what was altered, left out or signed by too few. So does `parmana trust verify`.
"""
import json
import unittest

from foreign import HERE, PACKAGES, judged, node_of_npm
from material import signed_by
from reference import b64, canonical, key_id, unb64
import parmana

UNSIGNED, VERSION = "UnsignedMetadataError", "BadVersionError"


class Roots:
    """Three root keys, of which two must sign; one is replaced, and a release key comes in. Made as people make them,
    on machines of their own: files in, files out."""

    def __init__(self, place):
        self.place = place
        for name, role in [*((name, "root") for name in "abcdx"), ("attestation", "attestation"), ("log", "log"),
                           ("policy", "policy"), ("release", "release")]:
            parmana.must("keys", "generate", "--role", role, "--out", place / f"{name}.key")
        keys = [f"root={place / name}.pub" for name in "abc"]
        keys += [f"{role}={place / role}.pub" for role in ("attestation", "log", "policy")]
        parmana.must("trust", "init", *(word for key in keys for word in ("--key", key)), "--threshold", "root=2",
                     "--expires", "2036-01-01T00:00:00Z", "--out", place / "1.json")
        self.sign("1", "ab")
        parmana.must("trust", "rotate", place / "1.json", "--role", "root", "--key-id", self.id_of("a"), "--key",
                     place / "d.pub", "--out", place / "2.json")
        self.sign("2", "abd", before="1")
        self.third("3", "cd")
        self.third("3-of-three", "bcd")
        self.third("3-expired", "cd", "--expires", "2020-01-01T00:00:00Z")

    def third(self, name, signers, *more):
        parmana.must("trust", "add-key", self.place / "2.json", "--in-force-from", "7", "--role", "release", "--key",
                     self.place / "release.pub", *more, "--out", self.place / f"{name}.json")
        self.sign(name, signers, before="2")

    def sign(self, name, signers, before=None):
        for signer in signers:
            parmana.must("trust", "sign", self.place / f"{name}.json", "--key", self.place / f"{signer}.key",
                         *(["--before", self.place / f"{before}.json"] if before else []))

    def id_of(self, name):
        pem = (self.place / f"{name}.pub").read_text().split("\n")
        return key_id(unb64(pem[1])[-32:])

    def text(self, name):
        return (self.place / f"{name}.json").read_bytes()

    def value(self, name):
        return json.loads(self.text(name))


def spelled(root):
    return canonical(root) + b"\n"


def setUpModule():
    global ROOTS
    place = unittest.enterModuleContext(parmana.scratch())
    ROOTS = Roots(place)


def without(name, number):
    """A root without one of its signatures."""
    root = ROOTS.value(name)
    del root["signatures"][number]
    return spelled(root)


def flipped(text, at):
    """One digit at a place is another one."""
    place = text.index(at) + len(at)
    digit = b"0" if text[place:place + 1] != b"0" else b"1"
    return text[:place] + digit + text[place + 1:]


class Chains(unittest.TestCase):
    def judge(self, cases):
        """What tuf-js says of chains, each a held root and what a repository has behind it."""
        lines = [{"held": b64(held), "served": [b64(one) for one in served]}
                 for held, served in cases]
        node = node_of_npm()
        self.assertTrue(node.exists(), f"{node} is missing: ./dev test installs it")
        said, versions = judged([node, HERE / "tuf.cjs", PACKAGES], lines)
        self.assertRegex(versions, r"tuf-js 6\.0\.2, node v22\.")
        return said

    def ours(self, held, served):
        """Whether `parmana trust verify` walks the chain."""
        place = ROOTS.place
        for name, text in (("held", held), *((f"served-{i}", one) for i, one in enumerate(served))):
            (place / f"{name}.json").write_bytes(text)
        return parmana.run("trust", "verify", *(place / f"served-{i}.json" for i in range(len(served))), "--trust",
                           place / "held.json").returncode == 0

    def test_a_chain_is_walked_from_whatever_version_is_held(self):
        texts = [ROOTS.text(str(number)) for number in (1, 2, 3)]
        cases = [(texts[0], texts[1:]), (texts[0], texts[1:2]), (texts[1], texts[2:]), (texts[0], []), (texts[2], []),
                 (texts[0], [texts[1], ROOTS.text("3-of-three")])]
        for (held, served), said, reached in zip(cases, self.judge(cases), (3, 2, 3, 1, 3, 3)):
            self.assertEqual((said["accepted"], said["version"]), (True, reached), said["why"])
            if served:
                self.assertTrue(self.ours(held, served))

    def test_what_is_no_chain_is_refused(self):
        one, two, three = (ROOTS.text(str(number)) for number in (1, 2, 3))
        rows = [
            ("another expiry in 2", [flipped(two, b'"expires":"203'), three], UNSIGNED),
            ("another past in 2", [flipped(two, b'"fingerprint":"sha256:'), three], UNSIGNED),
            ("another tenant in 3", [two, three.replace(b'"tenant":"default"', b'"tenant":"defaulT"')], UNSIGNED),
            ("another threshold in 2", [two.replace(b'"threshold":2', b'"threshold":1'), three], UNSIGNED),
            ("2 without its first signature", [without("2", 0), three], UNSIGNED),
            ("2 without its second signature", [without("2", 1), three], UNSIGNED),
            ("2 without its third signature", [without("2", 2), three], UNSIGNED),
            ("3 without a signature", [two, without("3", 0)], UNSIGNED),
            ("3 without the other signature", [two, without("3", 1)], UNSIGNED),
            ("3 by nobody", [two, spelled({**ROOTS.value("3"), "signatures": []})], UNSIGNED),
            ("2 is skipped", [three], UNSIGNED),
            ("2 is skipped, and enough root keys of 1 signed 3", [ROOTS.text("3-of-three")], VERSION),
            ("2 comes twice", [two, two], VERSION),
            ("1 comes again", [one], VERSION),
            ("the newest has expired", [two, ROOTS.text("3-expired")], "ExpiredMetadataError"),
        ]
        for digit in (b'"sig":"', b'"sig":"' + ROOTS.value("3")["signatures"][0]["sig"][:60].encode()):
            rows.append(("a digit of a signature of 3", [two, flipped(three, digit)], UNSIGNED))
        for stranger in self.strangers():
            rows.append(("3 by a stranger", [two, stranger], UNSIGNED))
        answers = self.judge([(one, served) for _, served, _ in rows])
        for (what, served, why), said in zip(rows, answers):
            with self.subTest(what):
                self.assertFalse(said["accepted"])
                self.assertRegex(said["why"], f"^{why}")
                self.assertFalse(self.ours(one, served), "parmana trust verify")

    @staticmethod
    def strangers():
        """Version 3 with the signature of a key that is no root key, in the place of one that is: under its own name
        and under that of the other."""
        root = ROOTS.value("3")
        signature = signed_by(ROOTS.place / "x.key", canonical(root["signed"])).hex()
        for name in (ROOTS.id_of("x"), root["signatures"][0]["keyid"]):
            signatures = [{"keyid": name, "sig": signature}, root["signatures"][1]]
            yield spelled({**root, "signatures": sorted(signatures, key=lambda one: one["keyid"])})


if __name__ == "__main__":
    unittest.main(verbosity=2)
