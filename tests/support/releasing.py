"""Release keys and trust roots that name them, by docs/formats/, with the standard library and openssl. None of our
code.
"""
import pathlib
import subprocess
import tempfile

from reference import b64, canonical, key_id, pre_authentication_encoding

RELEASE_TYPE = "application/vnd.parmana.release+json"
PKCS8_ED25519 = bytes.fromhex("302e020100300506032b657004220420")


class Key:
    """An Ed25519 key with the seed of one repeated byte."""

    def __init__(self, fill):
        self.seed = bytes([fill]) * 32
        self.public = self._openssl("pkey", "-pubout", "-outform", "DER")[-32:]
        self.id = key_id(self.public)

    def _openssl(self, command, *words, message=b""):
        with tempfile.TemporaryDirectory() as place:
            pathlib.Path(place, "key").write_bytes(PKCS8_ED25519 + self.seed)
            pathlib.Path(place, "message").write_bytes(message)
            return subprocess.run(["openssl", command, "-inkey" if command == "pkeyutl" else "-in", "key",
                                   "-keyform" if command == "pkeyutl" else "-inform", "DER", *words],
                                  cwd=place, capture_output=True, check=True).stdout

    def sign(self, message):
        return self._openssl("pkeyutl", "-sign", "-rawin", "-in", "message", message=message)

    def write(self, path, purpose="release"):
        path.touch(mode=0o600)
        path.write_text(f"PARMANA-KEY-1 {purpose} {b64(self.seed)}\n")
        return path


def trust_root(release_keys, threshold, others=(0xa1, 0xa2, 0xa3, 0xa4)):
    """Version 1, with a key for each of the other roles."""
    by_role = dict(zip(("attestation", "log", "policy", "root"), ([Key(fill)] for fill in others)))
    by_role["release"] = release_keys
    keys = {key.id: {"keytype": "ed25519", "keyval": {"public": key.public.hex()}, "scheme": "ed25519"}
            for members in by_role.values() for key in members}
    roles = {role: {"keyids": sorted(key.id for key in members), "threshold": threshold if role == "release" else 1}
             for role, members in by_role.items()}
    signed = {"_type": "root", "consistent_snapshot": False, "expires": "2036-01-01T00:00:00Z", "keys": keys,
              "origin": "localhost/example", "roles": roles, "spec_version": "1.0.34", "tenant": "default",
              "version": 1}
    root, = by_role["root"]
    signature = {"keyid": root.id, "sig": root.sign(canonical(signed)).hex()}
    return canonical({"signatures": [signature], "signed": signed})


def envelope(manifest, keys):
    """The manifest signed by the keys."""
    message = pre_authentication_encoding(RELEASE_TYPE, manifest)
    signatures = [{"keyid": key.id, "sig": b64(key.sign(message))} for key in sorted(keys, key=lambda key: key.id)]
    return canonical({"payload": b64(manifest), "payloadType": RELEASE_TYPE, "signatures": signatures})
