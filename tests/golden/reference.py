#!/usr/bin/env python3
"""Checks the golden records with an implementation of its own: the standard library and a little RFC 8032.

    reference.py records.jsonl

Every hash, keyed hash and signature in the file is recomputed from the documents beside it.
"""

import base64
import hashlib
import hmac
import json
import sys

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def point(y, odd):
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if (x * x - square) % P:
        raise ValueError("not a point")
    x = P - x if x % 2 != odd else x
    return (x, y, 1, x * y % P)


def decode(raw):
    number = int.from_bytes(raw, "little")
    return point(number % 2**255, number >> 255)


def add(a, b):
    e, f = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    c, d = 2 * a[3] * b[3] * D, 2 * a[2] * b[2]
    e, f, g, h = f - e, d - c, d + c, f + e
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def multiply(scalar, base):
    out = (0, 1, 1, 0)
    for bit in bin(scalar)[2:]:
        out = add(out, out)
        out = add(out, base) if bit == "1" else out
    return out


BASE = point(4 * pow(5, P - 2, P) % P, 0)


def verifies(key, message, signature):
    r, s = signature[:32], int.from_bytes(signature[32:], "little")
    challenge = int.from_bytes(hashlib.sha512(r + key + message).digest(), "little") % L
    left, right = multiply(s, BASE), add(decode(r), multiply(challenge, decode(key)))
    same = (left[0] * right[2] - right[0] * left[2]) % P == 0
    return s < L and same and (left[1] * right[2] - right[1] * left[2]) % P == 0


def members(text):
    """The members of an object, each as its raw text."""
    decoder, out, at = json.JSONDecoder(), {}, 1
    while text[at] != "}":
        at += text[at] == ","
        name, at = decoder.raw_decode(text, at)
        _, end = decoder.raw_decode(text, at + 1)
        out[name] = text[at + 1:end]
        at = end
    return out


def sha256(data):
    return hashlib.sha256(data if isinstance(data, bytes) else data.encode()).hexdigest()


def keyed(key, *parts):
    return hmac.new(key, b"".join(parts), hashlib.sha256)


def blinded(blind, data):
    return "hmac-sha256:" + keyed(blind, data).hexdigest()


def derived_id(key, digest):
    mac = keyed(key, b"parmana derived execution identity\0", bytes.fromhex(digest)).digest()
    return "d_" + base64.b32encode(mac[:20]).decode().lower()


def check(scene, line):
    raw = members(line)
    record, statement = json.loads(raw["record"]), json.loads(raw["statement"])
    request, parts = json.loads(json.loads(raw["request"])), members(raw["record"])
    key, blind = bytes.fromhex(scene["blindKey"]), bytes.fromhex(json.loads(raw["blind"]))
    public = bytes.fromhex(scene["publicKey"])
    signature = base64.b64decode(json.loads(raw["signature"]))
    predicate = statement["predicate"]

    governed = ",".join(f'"{name}":{parts[name]}' for name in ("policyId", "policyVersion", "signals"))
    action = f'"action":{parts["action"]},' if "action" in parts else ""
    digest = sha256("{" + action + governed + "}")
    identity = request.get("executionId") or derived_id(key, digest)
    yield "identity", record["executionId"] == predicate["executionId"] == identity
    subject = {"digest": {"sha256": sha256(raw["record"])}, "name": "execution:" + identity}
    yield "subject", statement["subject"] == [subject]
    names = "\0".join([record["origin"], record["tenant"], identity]).encode()
    yield "blind", keyed(key, names).digest() == blind and record["blind"] == blind.hex()
    yield "fingerprint", record["executionFingerprint"] == "sha256:" + sha256("{" + governed + "}")
    yield "signals", record["signals"] == request["signals"] and record.get("action") == request.get("action")
    for name in ("policyId", "policyVersion"):
        yield name, record[name] == request[name] == predicate["policy"][name[6:].lower()]
    yield "runtime", "sha256:" + predicate["runtime"]["digest"]["sha256"] == scene["runtimeHash"]
    if record["kind"] == "decision":
        yield "signalsDigest", predicate["signalsDigest"] == blinded(blind, parts["signals"].encode())
        expected = blinded(blind, parts["action"].encode()) if action else None
        yield "actionDigest", predicate.get("actionDigest") == expected
        shared = ("decision", "rule", "tenant", "origin")
        yield "decision", all(record[name] == predicate[name] for name in shared)
    else:
        yield "requestDigest", predicate["requestDigest"] == blinded(blind, bytes.fromhex(digest))
        yield "code", record["code"] == predicate["code"]
    payload = raw["statement"].encode()
    encoded = b"DSSEv1 28 application/vnd.in-toto+json %d " % len(payload) + payload
    yield "signature", verifies(public, encoded, signature)
    spec = json.loads(raw["leaf"])["spec"]["dsseV002"]
    hashed = {"algorithm": "SHA2_256", "digest": base64.b64encode(hashlib.sha256(payload).digest()).decode()}
    spki = base64.b64encode(bytes.fromhex("302a300506032b6570032100") + public).decode()
    signed = {"content": base64.b64encode(signature).decode(),
              "verifier": {"keyDetails": "PKIX_ED25519", "publicKey": {"rawBytes": spki}}}
    yield "leaf", spec == {"payloadHash": hashed, "signatures": [signed]}


def main(path):
    with open(path, encoding="utf-8", newline="\n") as file:
        first, *lines = file.read().rstrip("\n").split("\n")  # a line separator of Unicode ends no line
    scene = json.loads(first)
    runtime = "sha256:" + sha256(members(first)["runtimeManifest"])
    failures, checks = ([] if scene["runtimeHash"] == runtime else ["runtime manifest"]), 1
    for number, line in enumerate(lines, 2):
        for name, good in check(scene, line):
            checks += 1
            if not good:
                failures.append(f"line {number}: {name}")
    print("\n".join(failures + [f"{len(lines)} records, {checks} checks, {len(failures)} failures"]))
    return 1 if failures or len(lines) < 50 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
