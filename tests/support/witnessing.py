"""A witness under test, and a log that can lie to it: notes, proofs and signatures by docs/formats/witness.md and
checkpoint.md, with the standard library and openssl. None of our code.
"""
import pathlib
import subprocess
import tempfile

import parmana
from reference import b64, sha256, tree_root

PKCS8_ED25519 = bytes.fromhex("302e020100300506032b657004220420")


class Witness(parmana.Server):
    """`parmana witness serve`."""

    COMMAND = ("witness", "serve")
    READY = "Parmana witness listening on port "

    def add(self, body):
        return self.request("POST", "/add-checkpoint", body.encode(), {"Content-Type": "text/plain"})

    def newest(self, origin):
        return self.get(f"/{sha256(origin.encode()).hex()}/checkpoint")


def key_hint(name, typed_key):
    return sha256(name.encode(), b"\n", typed_key)[:4]


def verifier_key(name, kind, public):
    typed = bytes([kind]) + public
    return f"{name}+{key_hint(name, typed).hex()}+{b64(typed)}"


def consistency(leaves, old):
    """RFC 6962 section 2.1.2, from the definition; `leaves` are leaf hashes."""
    def subproof(m, part, whole):
        n = len(part)
        if m == n:
            return [] if whole else [tree_root(part)]
        k = 1
        while k * 2 < n:
            k *= 2
        if m <= k:
            return subproof(m, part[:k], whole) + [tree_root(part[k:])]
        return subproof(m - k, part[k:], False) + [tree_root(part[:k])]
    return subproof(old, leaves, True) if 0 < old < len(leaves) else []


class Log:
    """A log with a key of its own. `leaves(size)` is its history; a fork is another Log with the same seed."""

    def __init__(self, origin, seed=b"\1" * 32, common=0, history="a"):
        self.origin, self.common, self.history = origin, common, history
        with tempfile.NamedTemporaryFile(suffix=".der") as file:
            file.write(PKCS8_ED25519 + seed)
            file.flush()
            self._pem = self._openssl("pkey", "-inform", "DER", "-in", file.name)
            self.public = self._openssl("pkey", "-inform", "DER", "-in", file.name, "-pubout", "-outform", "DER")[-32:]

    @staticmethod
    def _openssl(*words):
        return subprocess.run(["openssl", *words], capture_output=True, check=True).stdout

    def verifier_key(self):
        return verifier_key(self.origin, 1, self.public)

    def leaves(self, size):
        return [sha256(b"\0", f"{'-' if i < self.common else self.history}{i}".encode()) for i in range(size)]

    def text(self, size):
        return f"{self.origin}\n{size}\n{b64(tree_root(self.leaves(size)))}\n"

    def note(self, size):
        text = self.text(size)
        with tempfile.TemporaryDirectory() as place:
            key, message = pathlib.Path(place, "key"), pathlib.Path(place, "message")
            key.write_bytes(self._pem)
            message.write_text(text)
            signature = self._openssl("pkeyutl", "-sign", "-rawin", "-inkey", str(key), "-in", str(message))
        blob = key_hint(self.origin, b"\1" + self.public) + signature
        return f"{text}\n\N{EM DASH} {self.origin} {b64(blob)}\n"

    def request(self, old, size):
        proof = "".join(b64(node) + "\n" for node in consistency(self.leaves(size), old))
        return f"old {old}\n{proof}\n{self.note(size)}"
