"""The formats of docs/formats/ once more: the standard library, and openssl for Ed25519. None of our code.

It reads examples and the tables of store.md out of the documents, so what it computes is what they say.
"""
import base64
import hashlib
import hmac
import json
import pathlib
import re
import subprocess
import tempfile

DOCUMENTS = pathlib.Path(__file__).resolve().parents[2] / "docs/formats"
EXAMPLE = re.compile(r"^```(?:text|json|yaml) example=(\S+)( lines)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def examples():
    """By name. The lines of an example are one line on the page's width, or are lines when it says so."""
    found = {}
    for path in sorted(DOCUMENTS.glob("*.md")):
        for name, lines, body in EXAMPLE.findall(path.read_text(encoding="utf-8")):
            if name in found:
                raise ValueError(f"two examples are called {name}")
            found[name] = (body if lines else body.replace("\n", "")).encode()
    return found


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def keyed(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256).digest()


def wire(digest):
    return "sha256:" + digest.hex()


def b64(raw):
    return base64.b64encode(raw).decode()


def unb64(text):
    raw = base64.b64decode(text, validate=True)
    if b64(raw) != text:
        raise ValueError("another spelling of base64")
    return raw


def number(value):
    """ECMAScript's spelling of a finite number."""
    if isinstance(value, int):
        return str(value)
    if value == 0:
        return "0"
    mantissa, _, exponent = repr(abs(value)).partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    point = len(whole.lstrip("0")) - (len(fraction) - len(fraction.lstrip("0")) if whole == "0" else 0)
    point += int(exponent or 0)
    digits = digits.rstrip("0")
    if len(digits) <= point <= 21:
        text = digits + "0" * (point - len(digits))
    elif 0 < point <= 21:
        text = digits[:point] + "." + digits[point:]
    elif -6 < point <= 0:
        text = "0." + "0" * -point + digits
    else:
        text = digits[0] + ("." + digits[1:] if digits[1:] else "") + f"e{point - 1:+d}"
    return ("-" if value < 0 else "") + text


def jcs(value):
    """RFC 8785."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(jcs(name) + ":" + jcs(value[name]) for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(jcs, value)) + "]"
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    return number(value) if isinstance(value, (int, float)) else json.dumps(value, ensure_ascii=False)


def canonical(value):
    return jcs(value).encode()


def pre_authentication_encoding(payload_type, payload):
    return b"DSSEv1 %d %s %d %s" % (len(payload_type), payload_type.encode(), len(payload), payload)


def key_id(public):
    key = {"keytype": "ed25519", "keyval": {"public": public.hex()}, "scheme": "ed25519"}
    return sha256(canonical(key)).hex()


def spki(public):
    return bytes.fromhex("302a300506032b6570032100") + public


def pem(public):
    return f"-----BEGIN PUBLIC KEY-----\n{b64(spki(public))}\n-----END PUBLIC KEY-----\n"


def openssl_verifies(pem_text, message, signature):
    with tempfile.TemporaryDirectory() as place:
        files = {"key": pem_text.encode(), "message": message, "signature": signature}
        for name, content in files.items():
            pathlib.Path(place, name).write_bytes(content)
        done = subprocess.run(["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "key", "-rawin",
                               "-in", "message", "-sigfile", "signature"], cwd=place, capture_output=True)
    return done.returncode == 0


def seed_of(key_file):
    """The secret of a key file."""
    return unb64(key_file.read_text().split()[2])


def sign(seed, message):
    """Ed25519, by openssl."""
    der = bytes.fromhex("302e020100300506032b657004220420") + seed
    with tempfile.TemporaryDirectory() as scratch:
        place = pathlib.Path(scratch)
        (place / "key").write_bytes(der)
        (place / "message").write_bytes(message)
        command = ["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", place / "key", "-in",
                   place / "message"]
        return subprocess.run(command, check=True, capture_output=True).stdout


def public_of(seed):
    """The 32 bytes of the public key."""
    der = bytes.fromhex("302e020100300506032b657004220420") + seed
    command = ["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"]
    return subprocess.run(command, input=der, check=True, capture_output=True).stdout[12:]


def envelope_of(payload_type, payload, *seeds):
    """Signed by all of them, in the order of their key ids."""
    message = pre_authentication_encoding(payload_type, payload)
    signatures = [{"keyid": key_id(public_of(seed)), "sig": b64(sign(seed, message))} for seed in seeds]
    return {"payload": b64(payload), "payloadType": payload_type,
            "signatures": sorted(signatures, key=lambda one: one["keyid"])}


def leaf_body(payload, signature, public):
    hashed = {"algorithm": "SHA2_256", "digest": b64(sha256(payload))}
    verifier = {"keyDetails": "PKIX_ED25519", "publicKey": {"rawBytes": b64(spki(public))}}
    spec = {"payloadHash": hashed, "signatures": [{"content": b64(signature), "verifier": verifier}]}
    return canonical({"apiVersion": "0.0.2", "kind": "dsse", "spec": {"dsseV002": spec}})


def leaf_hash(body):
    return sha256(b"\0", body)


def tree_root(leaves):
    """RFC 6962 §2.1."""
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256()
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return sha256(b"\1", tree_root(leaves[:split]), tree_root(leaves[split:]))


def root_from_proof(index, size, leaf, proof):
    """RFC 9162 §2.1.3.2."""
    node, last = index, size - 1
    out = leaf
    for sibling in proof:
        if last == 0:
            raise ValueError("the proof is too long")
        if node % 2 == 1 or node == last:
            out = sha256(b"\1", sibling, out)
            while node % 2 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            out = sha256(b"\1", out, sibling)
        node, last = node >> 1, last >> 1
    if last != 0:
        raise ValueError("the proof is too short")
    return out


def is_consistent(old, new, proof, old_root, new_root):
    """RFC 9162 §2.1.4.2; from size 0 everything follows."""
    if old == 0:
        return not proof and old_root == sha256()
    if old == new:
        return not proof and old_root == new_root
    if not 0 < old < new:
        return False
    path = list(proof) if old & (old - 1) else [old_root, *proof]
    node, last = old - 1, new - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    if not path:
        return False
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            first, second = sha256(b"\1", sibling, first), sha256(b"\1", sibling, second)
            while node & 1 == 0 and node != 0:
                node, last = node >> 1, last >> 1
        else:
            second = sha256(b"\1", second, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and first == old_root and second == new_root


def note_key_id(name, kind, public):
    return sha256(name.encode(), b"\n", bytes([kind]), public)


def read_note(note):
    """The text of a signed note and its lines, each a name and the bytes behind it."""
    text, _, rest = note.partition("\n\n")
    if not rest.endswith("\n"):
        raise ValueError("the last line of the note does not end")
    lines = []
    for line in rest[:-1].split("\n"):
        start, name, blob = line.split(" ")
        if start != "\u2014":
            raise ValueError("a line of the note is no signature")
        lines.append((name, unb64(blob)))
    return text + "\n", lines


def cosignature_message(text, time):
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosigned_at(text, line, name, public):
    """The time of a cosignature by a key under a name."""
    said, blob = line
    if (said, blob[:4], len(blob)) != (name, note_key_id(name, 4, public)[:4], 76):
        raise ValueError("the line is not a cosignature by this key")
    time = int.from_bytes(blob[4:12], "big")
    if not openssl_verifies(pem(public), cosignature_message(text, time), blob[12:]):
        raise ValueError("the cosignature does not verify")
    return time


def bundle_entries(raw):
    """The entries of a bundle of tlog-tiles."""
    out = []
    while raw:
        size = int.from_bytes(raw[:2], "big")
        out.append(raw[2:2 + size])
        if len(out[-1]) != size:
            raise ValueError("the bundle is cut off")
        raw = raw[2 + size:]
    return out


def tiles(leaves):
    """Every tile over these leaf hashes, by its path."""
    out, level, hashes = {}, 0, leaves
    while hashes:
        for index in range(0, len(hashes), 256):
            part = hashes[index:index + 256]
            digits = f"{index // 256:03}" if index < 256_000 else None  # as far as the tests go
            out[f"tile/{level}/{digits}" + (f".p/{len(part)}" if len(part) < 256 else "")] = b"".join(part)
        full = len(hashes) // 256 * 256
        hashes = [tree_root(hashes[at:at + 256]) for at in range(0, full, 256)]
        level += 1
    return out


def statement_leaf_body(payload):
    hashed = {"algorithm": "SHA2_256", "digest": b64(sha256(payload))}
    return canonical({"apiVersion": "1", "kind": "statement", "spec": {"payloadHash": hashed}})


def leaf_body_of(evidence, attestation_key):
    """What the tree hashes for the decision of an evidence file, a value."""
    if "group" in evidence:
        return statement_leaf_body(unb64(evidence["group"]["payload"]))
    signature, = evidence["envelope"]["signatures"]
    return leaf_body(unb64(evidence["envelope"]["payload"]), unb64(signature["sig"]), attestation_key)


def log_id(origin, log_key):
    return {"keyId": b64(sha256(origin.encode(), b"\n\1", log_key))}


def first_format(evidence):
    """Evidence of the second format as the first one would have it."""
    gone = ("keyEvents", "previousCheckpoint", "release", "trustRoots")
    out = {name: value for name, value in evidence.items() if name not in gone}
    text, _, lines = evidence["checkpoint"].partition("\n\n")
    return canonical({**out, "checkpoint": text + "\n\n" + lines.split("\n")[0] + "\n",
                      "format": "parmana-evidence/1"})


def sigstore_bundle(evidence, origin, attestation_key, log_key):
    proof = evidence["inclusionProof"]
    checkpoint = evidence["checkpoint"]
    entry = {"canonicalizedBody": b64(leaf_body_of(evidence, attestation_key)),
             "inclusionProof": {"checkpoint": {"envelope": checkpoint}, "hashes": proof["hashes"],
                                "logIndex": str(proof["logIndex"]), "rootHash": checkpoint.split("\n")[2],
                                "treeSize": str(proof["treeSize"])},
             "integratedTime": "0", "kindVersion": {"kind": "dsse", "version": "0.0.2"},
             "logId": log_id(origin, log_key), "logIndex": str(proof["logIndex"])}
    return canonical({"dsseEnvelope": evidence["envelope"],
                      "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                      "verificationMaterial": {"publicKey": {"hint": key_id(attestation_key)}, "tlogEntries": [entry]}})


def sigstore_trusted_root(origin, *log_keys):
    """Every log key there ever was, in the order of their key ids."""
    logs = [{"baseUrl": "https://" + origin, "checkpointKeyId": log_id(origin, key), "hashAlgorithm": "SHA2_256",
             "logId": log_id(origin, key), "operator": origin,
             "publicKey": {"keyDetails": "PKIX_ED25519", "rawBytes": b64(spki(key))}}
            for key in sorted(log_keys, key=key_id)]
    return canonical({"mediaType": "application/vnd.dev.sigstore.trustedroot.v0.2+json", "tlogs": logs})


def tlog_proof(evidence, attestation_key):
    proof = evidence["inclusionProof"]
    lines = ["c2sp.org/tlog-proof@v1", "extra " + b64(leaf_body_of(evidence, attestation_key)),
             f"index {proof['logIndex']}", *proof["hashes"], "", evidence["checkpoint"]]
    return "\n".join(lines).encode()


def holds(condition, signals):
    """A condition of a policy."""
    for name, join in (("all", all), ("any", any)):
        if name in condition:
            return join(holds(part, signals) for part in condition[name])
    if "not" in condition:
        return not holds(condition["not"], signals)
    (operator, operand), = ((name, value) for name, value in condition.items() if name != "signal")
    value = signals[condition["signal"]]
    return {"equals": lambda: value == operand, "in": lambda: value in operand,
            "greater_than": lambda: value > operand, "less_than": lambda: value < operand,
            "greater_than_or_equal": lambda: value >= operand,
            "less_than_or_equal": lambda: value <= operand}[operator]()


def rule_of(policy, signals):
    """The first rule that holds."""
    return next(rule for rule in policy["rules"] if holds(rule["condition"], signals))


def manifest_of(files, counter=1, requirements=None):
    """What is signed of a policy's files, by path; of the first format with counter 0."""
    policy = json.loads(files["policy.json"])
    names = ("policyId", "policyVersion", "schemaVersion")
    terms = {"counter": counter, "requirements": requirements or {}} if counter else {}
    return {"files": [{"digest": wire(sha256(files[path])), "path": path} for path in sorted(files)],
            "format": f"parmana-bundle/{2 if counter else 1}",
            "languageProfile": policy.get("languageProfile", "parmana-rules/1"),
            **terms, **{name: policy[name] for name in names}}


def table(heading):
    """The rows (offset, size, field) of the table below a heading of store.md."""
    text = (DOCUMENTS / "store.md").read_text(encoding="utf-8")
    section = re.search(rf"^#+ {heading}$(.*?)(?=^#|\Z)", text, re.MULTILINE | re.DOTALL).group(1)
    rows = [[cell.strip() for cell in line.strip("|").split("|")]
            for line in section.splitlines() if line.startswith("|")]
    return [(offset, size, field.strip("`")) for offset, size, field, *_ in rows[2:]]


def read_fields(heading, raw):
    """The fields of one structure by its table, and how many bytes it took. A field of 1, 2, 4 or 8 bytes is
    a number, any other one bytes."""
    fields, at = {}, 0
    for offset, size, name in table(heading):
        if offset.isdigit() and int(offset) != at:
            raise ValueError(f"{heading}: `{name}` stands at {at}, the table says {offset}")
        if size.isdigit():
            count = int(size)
        elif size.startswith("32 × "):
            count = 32 * fields[size[5:].strip("`")]
        else:
            count = fields[size.strip("`")]
        part = raw[at:at + count]
        if len(part) != count:
            raise ValueError(f"{heading}: `{name}` is cut off")
        fields[name] = int.from_bytes(part, "big") if size in ("1", "2", "4", "8") else part
        at += count
    return fields, at


def read_groups(segment, header):
    """The groups of one segment file: (header, frame bodies, chain value)."""
    chain, at, index, out = header["chain"], 512, header["first_index"], []
    for sequence in range(header["first_sequence"], 1 << 62):
        if segment[at:at + 4] != b"PGR1":
            break
        group, size = read_fields("Group header", segment[at:])
        if (group["sequence"], group["first_index"]) != (sequence, index):
            raise ValueError("a group does not continue the one before")
        payload = segment[at + size:at + size + group["payload_bytes"]]
        covered, bodies = [chain, segment[at:at + size]], []
        while payload:
            frame, frame_size = read_fields("Frame", payload)
            if sha256(frame["body"]) != frame["digest"]:
                raise ValueError("the digest of a frame does not match")
            covered.append(payload[:36])
            bodies.append(frame["body"])
            payload = payload[frame_size:]
        if len(bodies) != group["count"]:
            raise ValueError("a group has another number of frames than its header says")
        chain = sha256(*covered)
        at += size + group["payload_bytes"]
        if segment[at:at + 32] != chain:
            raise ValueError("the chain value does not match")
        at += 32
        index += len(bodies)
        out.append((group, bodies, chain))
    if segment[at:].strip(b"\0"):
        raise ValueError("there is something behind the last group")
    return out
