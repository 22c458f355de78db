#!/usr/bin/env python3
"""Makes the worked examples of docs/formats/ anew, with a data directory and keys of their own.

    tools/examples.py --write     needs build/release/parmana of a committed tree

What is given (policies, the request, texts) stays; what follows from it is replaced. Needed when a format changes;
tests/system/formats.py then recomputes all of it.
"""
import json
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
import parmana  # noqa: E402
import reference as r  # noqa: E402

PAYLOAD_TYPE = "application/vnd.in-toto+json"
WIDTH = 128


def governed(server, given):
    """The three executions of the example: a decision, a refusal, another decision."""
    request = json.loads(given["request"])
    key = {"Idempotency-Key": given["idempotency-key"].decode()}
    risky = {"policyId": request["policyId"], "policyVersion": request["policyVersion"],
             "signals": {**request["signals"], "risk": 1.5}}
    assert server.post("/evaluate", given["request"], headers=key).status == 200
    assert server.post("/evaluate", {**risky, "executionId": "refund-1002"}).status == 422
    other = {**risky, "executionId": "refund-1003", "signals": {**request["signals"], "risk": 0.9}}
    assert server.post("/evaluate", other).status == 200
    return server.get("/executions/refund-1001/evidence").body


def interchange(data):
    """The decision in the formats of others, while the head that the evidence has is the newest one."""
    return {"sigstore-bundle": parmana.must("evidence", "refund-1001", "--data", data, "--format", "sigstore"),
            "sigstore-trusted-root": parmana.must("trust", "export", "--data", data, "--format", "sigstore"),
            "tlog-proof": parmana.must("evidence", "refund-1001", "--data", data, "--format", "tlog-proof")}


def first_group(segment):
    header, _ = r.read_fields("Segment header", segment)
    group, bodies, _ = r.read_groups(segment, header)[0]
    return segment[512:512 + 72 + group["payload_bytes"] + 32], bodies[0]


def of_directory(data, evidence):
    """What the keys and the store of the directory give."""
    out = {"evidence": evidence, "trust-root": parmana.must("trust", "export", "--data", data).strip().encode()}
    root = json.loads(out["trust-root"])["signed"]
    keys = {role: bytes.fromhex(root["keys"][entry["keyids"][0]]["keyval"]["public"])
            for role, entry in root["roles"].items()}
    key, origin = keys["attestation"], root["origin"].encode()
    note = r.sha256(origin, b"\n\1", keys["log"])
    out |= {"trust-fingerprint": r.wire(r.sha256(r.canonical(root))),
            "blind-key": r.unb64((data / "keys/blind.key").read_text().split()[2]).hex(),
            "attestation-key": key.hex(), "attestation-key-id": r.key_id(key),
            "attestation-spki": r.spki(key).hex(), "log-key-id": note.hex(),
            "verifier-key": f"{root['origin']}+{note[:4].hex()}+{r.b64(bytes([1]) + keys['log'])}",
            "store-id": r.sha256(origin, b"\0", root["tenant"].encode()).hex()}
    leaves = []
    for family, letter in (("log", "Log frame"), ("records", "Record frame")):
        segment = (data / family / "00000001.seg").read_bytes()
        group, body = first_group(segment)
        out |= {f"{family}-header": segment[:136].hex(), f"{family}-group": group.hex()}
        header, _ = r.read_fields("Segment header", segment)
        entries = [r.read_fields(letter, bodies[0])[0] for _, bodies, _ in r.read_groups(segment, header)]
        if family == "log":
            leaves = [entry["leaf"] for entry in entries]
            out["refusal-statement"] = entries[1]["payload"]
        else:
            out["refusal-record"] = entries[1]["record"]
            out["idempotency-digest"] = "hmac-sha256:" + entries[0]["idempotency_digest"].hex()
    out |= {"leaves": "\n".join(leaf.hex() for leaf in leaves) + "\n", "node": r.tree_root(leaves[:2]).hex()}
    return out, key


def of_evidence(evidence, key):
    """What the evidence of the decision encloses."""
    value = json.loads(evidence)
    statement = r.unb64(value["envelope"]["payload"])
    message = r.pre_authentication_encoding(PAYLOAD_TYPE, statement)
    body = r.leaf_body(statement, r.unb64(value["envelope"]["signatures"][0]["sig"]), key)
    manifest = r.unb64(value["policy"]["envelope"]["payload"])
    schema = json.loads(r.unb64(value["policy"]["files"]["policy.json"]))["signalsSchema"]
    runtime = r.canonical(value["runtimeManifest"])
    return {"decision-record": r.canonical(value["record"]), "decision-statement": statement,
            "runtime-manifest": runtime, "runtime-hash": r.wire(r.sha256(runtime)),
            "envelope": r.canonical(value["envelope"]), "checkpoint": value["checkpoint"],
            "pae-start": message[:60].replace(b" ", "␠".encode()), "pae-digest": r.sha256(message).hex(),
            "leaf-body": body, "leaf-hash": r.leaf_hash(body).hex(), "manifest": manifest,
            "policy-hash": r.wire(r.sha256(manifest)), "schema-hash": r.wire(r.sha256(r.canonical(schema))),
            "bundle-envelope": r.canonical(value["policy"]["envelope"])}


def of_request(given, blind_key):
    request = json.loads(given["request"])
    del request["executionId"]
    digest = r.sha256(r.canonical(request))
    name = r.keyed(bytes.fromhex(blind_key), b"parmana derived execution identity\0", digest)[:20]
    return {"request-digest": r.wire(digest), "derived-identity": "d_" + r.base64.b32encode(name).decode().lower()}


def of_source(given, place):
    """The canonical policy of formats/policy.md and the manifest of its bundle."""
    (place / "refunds.yaml").write_bytes(given["governance"])
    parmana.must("policy", "build", place / "refunds.yaml", "--out", place / "refunds.json")
    policy = (place / "refunds.json").read_bytes()
    manifest = r.canonical(r.manifest_of({"policy.json": policy, "policy.yaml": given["governance"]}))
    schema = r.canonical(json.loads(policy)["signalsSchema"])
    return {"canonical-policy": policy, "canonical-manifest": manifest,
            "canonical-policy-hash": r.wire(r.sha256(manifest)), "canonical-schema-hash": r.wire(r.sha256(schema))}


def replace(made, given):
    """Puts the examples into the pages, and the new origin into their text."""
    origins = [json.loads(trust)["signed"]["origin"] for trust in (given["trust-root"], made["trust-root"])]

    def block(match):
        name, lines = match.group(2), match.group(3)
        if name not in made:
            return match.group(0)
        text = made[name] if isinstance(made[name], str) else made[name].decode()
        if not lines:
            text = "\n".join(text[at:at + WIDTH] for at in range(0, len(text), WIDTH)) + "\n"
        return match.group(1) + text + "```"

    for page in sorted(r.DOCUMENTS.glob("*.md")):
        text = re.sub(r"(^```\w+ example=(\S+)( lines)?\n).*?^```$", block, page.read_text(encoding="utf-8"),
                      flags=re.MULTILINE | re.DOTALL)
        page.write_text(text.replace(*origins), encoding="utf-8")


def main(arguments):
    if arguments != ["--write"]:
        print(__doc__, file=sys.stderr)
        return 2
    given = r.examples()
    with parmana.scratch() as place:
        data = parmana.init(place / "data", demo=False)
        (place / "policy.json").write_bytes(given["policy"])
        parmana.must("policy", "sign", place / "policy.json", "--data", data)
        with parmana.Server(data) as server:
            evidence = governed(server, given)
            exported = interchange(data)
        made, key = of_directory(data, evidence)
        made |= exported
        made |= of_evidence(evidence, key) | of_request(given, made["blind-key"]) | of_source(given, place)
    replace(made, given)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
