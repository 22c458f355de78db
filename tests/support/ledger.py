"""A ledger as others see it: its heads, tiles and entry bundles, from a server or from the directory, and what its
segment files say. RFC 6962, C2SP tlog-tiles and signed-note once more, with the standard library and openssl: none
of our code.
"""
import dataclasses
import json
import subprocess

import parmana
from reference import (b64, leaf_body, leaf_hash, openssl_verifies, pem, pre_authentication_encoding, root_from_proof,
                       sha256, statement_leaf_body, unb64)

WIDTH = 256
KINDS = {1: "decision", 2: "refusal", 3: "group", 4: "replay", 5: "policy", 6: "key", 7: "release"}
BY_LOG = 0x40


@dataclasses.dataclass(frozen=True)
class Head:
    origin: str
    size: int
    root: bytes
    note: str


class Trust:
    """The keys of a data directory, out of its trust root."""

    def __init__(self, data):
        root = json.loads((data / "trust.json").read_text())["signed"]
        self.origin = root["origin"]
        keys = {role: root["roles"][role]["keyids"][0] for role in ("attestation", "log")}
        self.attestation, self.log = (bytes.fromhex(root["keys"][keys[role]]["keyval"]["public"]) for role in keys)

    def head(self, note):
        """Of a note that the log key signed."""
        text, _, lines = note.partition("\n\n")
        origin, size, root = text.split("\n")
        hint = sha256(origin.encode(), b"\n\1", self.log)[:4]
        blobs = [unb64(line.split(" ")[2]) for line in lines.splitlines()]
        signature, = (blob[4:] for blob in blobs if blob[:4] == hint)
        assert openssl_verifies(pem(self.log), text.encode() + b"\n", signature), note
        assert origin == self.origin, note
        return Head(origin, int(size), unb64(root), note)

    def check_envelope(self, envelope):
        """The statement in an envelope that the attestation key signed."""
        payload = unb64(envelope["payload"])
        signature, = envelope["signatures"]
        message = pre_authentication_encoding(envelope["payloadType"], payload)
        assert openssl_verifies(pem(self.attestation), message, unb64(signature["sig"]))
        return json.loads(payload)

    def leaf_of(self, answer):
        """What the tree has to hash for an answer of /evaluate or /executions."""
        if "group" in answer:
            return statement_leaf_body(unb64(answer["group"]["payload"]))
        signature, = answer["attestation"]["signatures"]
        return leaf_body(unb64(answer["attestation"]["payload"]), unb64(signature["sig"]), self.attestation)

    def check_group(self, answer, envelope=None):
        """An answer without signature stands in the group that its envelope vouches for: the group's predicate."""
        group = answer["group"]
        statement = self.check_envelope(envelope or answer["attestation"])
        assert statement["predicateType"] == "urn:parmana:group/v1", statement
        said = statement["predicate"]
        place = answer["log"]["index"] - said["first"]
        assert group["first"] == said["first"] and 0 <= place < said["count"], (answer, said)
        leaf = leaf_hash(self.leaf_of(answer))
        root = root_from_proof(place, said["count"], leaf, [unb64(text) for text in group["hashes"]])
        assert root.hex() == said["root"]["digest"]["sha256"], (answer, said)
        return said

    def check_included(self, answer):
        """An answer that waited for a head proves itself under it."""
        log = answer["log"]
        head = self.head(log["checkpoint"])
        assert head.size == log["treeSize"] > log["index"], log
        proof = [unb64(text) for text in log["hashes"]]
        assert root_from_proof(log["index"], head.size, leaf_hash(self.leaf_of(answer)), proof) == head.root, log
        return head


def cosignatures(note, typed_keys):
    """The names of those whose cosignature of the note verifies; `typed_keys` by name, 0x04 and 32 bytes."""
    text, _, lines = note.partition("\n\n")
    found = []
    for line in lines.splitlines():
        _, name, blob = line.split(" ")
        typed = typed_keys.get(name)
        raw = unb64(blob)
        if typed is None or raw[:4] != sha256(name.encode(), b"\n", typed)[:4]:
            continue
        message = f"cosignature/v1\ntime {int.from_bytes(raw[4:12], 'big')}\n{text}\n".encode()
        assert openssl_verifies(pem(typed[1:]), message, raw[12:]), note
        found.append(name)
    return found


def tile_path(level, index, width=WIDTH):
    """`level` may be `entries`."""
    digits = f"{index:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[at:at + 3] for at in range(0, len(digits), 3)]
    path = "/".join(["x" + group for group in groups[:-1]] + groups[-1:])
    return f"tile/{level}/{path}" + (f".p/{width}" if width < WIDTH else "")


def tree_levels(leaves):
    """Hashes of complete subtrees: leaves, pairs, and so on."""
    levels = [leaves]
    while len(levels[-1]) > 1:
        below = levels[-1]
        levels.append([sha256(b"\1", below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)])
    return levels


def root_of(levels, size):
    """RFC 6962 §2.1 for any beginning of the tree."""
    root, at = None, 0
    parts = []
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            parts.append(levels[level][at >> level])
            at += 1 << level
    for part in reversed(parts):
        root = part if root is None else sha256(b"\1", part, root)
    return root if root is not None else sha256()


class Files:
    """The files of a log by their names; `read` gives the bytes of one, or nothing."""

    def __init__(self, read):
        self.read = read

    @classmethod
    def over_http(cls, server):
        def read(name):
            answer = server.get("/log/" + name)
            return answer.body if answer.status == 200 else None
        return cls(read)

    @classmethod
    def of_directory(cls, data):
        def read(name):
            file = data / "tlog" / name
            return file.read_bytes() if file.is_file() else None
        return cls(read)

    def expect(self, name):
        content = self.read(name)
        assert content is not None, f"{name} is missing"
        return content

    def tile(self, level, index, width, unit=32):
        """A partial one may have given way to the full one, which begins with it."""
        content = self.read(tile_path(level, index, width))
        if content is None and width < WIDTH:
            content = self.expect(tile_path(level, index))[:width * unit]
        assert content is not None, f"{tile_path(level, index, width)} is missing"
        return content

    def head(self, trust):
        return trust.head(self.expect("checkpoint").decode())

    def entries(self, size):
        """The leaf bodies of [0, size), out of the bundles of a tree of that size."""
        out = []
        for index in range(-(-size // WIDTH)):
            width = min(WIDTH, size - index * WIDTH)
            rest, found = self.tile("entries", index, width, 1 << 20), []
            while rest and len(found) < width:
                length = int.from_bytes(rest[:2], "big")
                assert len(rest) >= 2 + length, "an entry is cut off"
                found.append(rest[2:2 + length])
                rest = rest[2 + length:]
            assert len(found) == width, (index, width, len(found))
            out += found
        return out

    def check(self, head):
        """Every tile and bundle under a head is there, and recomputes from the entries; these, and the tree."""
        entries = self.entries(head.size)
        levels = tree_levels([leaf_hash(entry) for entry in entries])
        assert root_of(levels, head.size) == head.root, f"the entries do not make the root over {head.size}"
        count, level = head.size, 0
        while count:
            for index in range(-(-count // WIDTH)):
                hashes = levels[level * 8][index * WIDTH:(index + 1) * WIDTH]
                name = tile_path(level, index, len(hashes))
                assert self.tile(level, index, len(hashes)) == b"".join(hashes), f"{name} is wrong"
            count, level = count // WIDTH, level + 1
        return entries, levels


def extends(levels, head):
    """The tree has the head's tree as its beginning."""
    return head.size <= len(levels[0]) and root_of(levels, head.size) == head.root


@dataclasses.dataclass(frozen=True)
class Entry:
    kind: str
    by_log: bool
    name: str
    code: str
    leaf: bytes
    statement: dict


def _take(body, size):
    count = int.from_bytes(body[:size], "big")
    return body[size:size + count], body[size + count:]


def entry_of(body):
    """The body of a frame of the log family."""
    name, rest = _take(body[1:], 2)
    code, rest = _take(rest, 2)
    statement, rest = _take(rest[32 + 32 + 64:], 4)
    assert not rest
    return Entry(KINDS[body[0] & ~BY_LOG], bool(body[0] & BY_LOG), name.decode(), code.decode(),
                 body[5 + len(name) + len(code):][:32], json.loads(statement))


def read_entries(data):
    """All entries, out of the segments; beside a server, those of before."""
    out = []
    for segment in sorted((data / "log").glob("*.seg")):
        raw = segment.read_bytes()
        at = 512
        while raw[at:at + 4] == b"PGR1":
            payload = raw[at + 72:at + 72 + int.from_bytes(raw[at + 32:at + 40], "big")]
            at += 72 + len(payload) + 32
            while payload:
                size = int.from_bytes(payload[:4], "big")
                out.append(entry_of(payload[36:36 + size]))
                payload = payload[36 + size:]
    return out


def witness_policy(file, trust, witnesses):
    """A policy file that asks every one of `witnesses`: (name, verifier key, URL)."""
    lines = [f"log {verifier_key_of(trust)}"]
    lines += [f"witness {name} {key} {url}" for name, key, url in witnesses]
    lines += [f"group all-of-them all {' '.join(name for name, _, _ in witnesses)}", "quorum all-of-them", ""]
    file.write_text("\n".join(lines))
    return file


def verifier_key_of(trust):
    typed = b"\1" + trust.log
    return f"{trust.origin}+{sha256(trust.origin.encode(), bytes([10]), typed)[:4].hex()}+{b64(typed)}"


def serve_refused(data, *options, environment=None, seconds=20):
    """The stderr of a start that has to be refused."""
    argv = [str(parmana.BINARY), "serve", "--data", str(data), "--listen", "127.0.0.1:0", *map(str, options)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=seconds, check=False,
                          stdin=subprocess.DEVNULL, env={**parmana.os.environ, **(environment or {})})
    assert done.returncode == 2, (done.returncode, done.stdout, done.stderr[-2000:])
    return done.stderr
