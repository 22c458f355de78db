#!/usr/bin/env python3
"""Makes the worked examples of docs/formats/ anew, with a data directory and keys of their own.

    tools/examples.py --write     needs build/release/parmana of a committed tree

What is given (policies, the request, texts) stays; what follows from it is replaced. Needed when a format changes;
tests/system/formats.py then recomputes all of it.
"""
import json
import os
import pathlib
import re
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests/support"))
import parmana  # noqa: E402
import reference as r  # noqa: E402
import sealing  # noqa: E402
from witnessing import Witness, verifier_key  # noqa: E402

PAYLOAD_TYPE = "application/vnd.in-toto+json"
WIDTH = 128


# Heads are published when they are asked for only, and every commit has a file of the index.
ENVIRONMENT = {"PARMANA_CHECKPOINT_INTERVAL_MS": "60000", "PARMANA_CHECKPOINT_ENTRIES_MAX": "1000000",
               "PARMANA_INDEX_FILE_ENTRIES": "1"}
WITNESS = "witness.example/w2"


def governed(server, data, given):
    """What happens in the example: the policy is activated, a decision, a refusal, two replays, three decisions that
    the log attests, and another log key comes into force. None when the three did not come into one commit."""
    request = json.loads(given["request"])
    key = {"Idempotency-Key": given["idempotency-key"].decode()}

    def other(name, **signals):
        return {"policyId": request["policyId"], "policyVersion": request["policyVersion"], "executionId": name,
                "signals": {**request["signals"], **signals}}

    parmana.must("policy", "activate", f"{request['policyId']}@{request['policyVersion']}", "--data", data)
    parmana.must("log", "checkpoint", "--data", data)
    assert server.post("/evaluate", given["request"], headers=key).status == 200
    assert server.post("/evaluate", other("refund-1002", risk=1.5)).status == 422
    for _ in range(2):
        assert server.post("/evaluate", given["request"]).status == 409
    items = [other("refund-1003", risk=0.9), other("refund-1004", amount_cents=1250), other("refund-1005", risk=0.5)]
    batch = server.post("/evaluate/batch?attestation=log", {"items": items})
    assert [result["status"] for result in batch.json()["results"]] == [200, 200, 200], batch.body
    if len(batch.json()["groups"]) != 1:
        return None
    parmana.must("keys", "rotate", "--role", "log", "--data", data)
    time.sleep(2)  # so that the two heads around the decisions have different times
    return {"evidence": server.get("/executions/refund-1001/evidence").body,
            "evidence-log": server.get("/executions/refund-1004/evidence").body}


def interchange(data):
    """The decision in the formats of others, while the head that the evidence has is the newest one."""
    return {"sigstore-bundle": parmana.must("evidence", "refund-1001", "--data", data, "--format", "sigstore"),
            "sigstore-trusted-root": parmana.must("trust", "export", "--data", data, "--format", "sigstore"),
            "tlog-proof": parmana.must("evidence", "refund-1001", "--data", data, "--format", "tlog-proof"),
            "tlog-proof-log": parmana.must("evidence", "refund-1004", "--data", data, "--format", "tlog-proof")}


def witnessed(place, note, log_key):
    """The head with the cosignature of a witness."""
    data = place / "witness"
    key = parmana.must("witness", "init", "--data", data, "--name", WITNESS).strip()
    parmana.must("witness", "add-log", "--data", data, log_key)
    with Witness(data) as witness:
        answer = witness.add("old 0\n\n" + note)
    assert answer.status == 200, answer.body
    return {"head-witness-key": key, "head-witnessed": note + answer.body.decode()}


def groups_of(segment):
    """Each group of a segment file: its bytes, and the bodies of its frames."""
    header, _ = r.read_fields("Segment header", segment)
    at, out = 512, []
    for group, bodies, _ in r.read_groups(segment, header):
        size = 72 + group["payload_bytes"] + 32
        out.append((segment[at:at + size], bodies))
        at += size
    return out


def of_store(data):
    """The entries by the name of what they are about, and the first two commits as they stand in the files."""
    out, entries = {}, []
    for family, heading in (("log", "Log frame"), ("records", "Record frame")):
        segment = (data / family / "00000001.seg").read_bytes()
        groups = groups_of(segment)
        out |= {f"{family}-header": segment[:136].hex()}
        out |= {f"{family}-group-{number}": groups[number - 1][0].hex() for number in (1, 2)}
        entries.append([r.read_fields(heading, body)[0] for _, bodies in groups for body in bodies])
    log, records = entries
    by_kind = {entry["kind"]: at for at, entry in enumerate(log)}
    refusal = by_kind[2]
    out |= {"refusal-statement": log[refusal]["payload"], "refusal-record": records[refusal]["record"],
            "group-statement": log[by_kind[3]]["payload"], "replay-statement": log[by_kind[4]]["payload"],
            "policy-event-statement": log[by_kind[5]]["payload"],
            "key-event-statement": log[by_kind[6]]["payload"],
            "idempotency-digest": "hmac-sha256:" + records[1]["idempotency_digest"].hex()}
    for number in (0, 1):
        out[f"index-file-{number}"] = (data / f"cache/index-{number:08}").read_bytes().hex()
    return out


def of_log(data):
    """What stands below tlog/."""
    heads = (data / "tlog/heads").read_text(encoding="utf-8")
    index = (data / "tlog/heads.index").read_bytes()
    rows = [[int.from_bytes(index[at + part:at + part + 8], "big") for part in (0, 8, 16)]
            for at in range(0, len(index), 24)]
    notes = [heads.encode()[offset:offset + length].decode() for _, offset, length in rows]
    bundle = (data / "tlog/tile/entries/000.p/9").read_bytes()
    leaves = [r.leaf_hash(body) for body in r.bundle_entries(bundle)]
    return {"head-0": notes[0], "head-1": notes[1], "checkpoint": notes[2], "heads-index": index.hex(),
            "leaves": "\n".join(leaf.hex() for leaf in leaves) + "\n", "node": r.tree_root(leaves[:2]).hex(),
            "tile": (data / "tlog/tile/0/000.p/9").read_bytes().hex(), "entry-bundle": r.b64(bundle)}


def of_directory(data):
    """What the keys and the files of the directory give."""
    exported = parmana.must("trust", "export", "--data", data).strip().encode()
    texts = [(data / "trust.json").read_bytes().strip(), exported]
    root, second = (json.loads(text)["signed"] for text in texts)
    keys, newer = ({role: bytes.fromhex(one["keys"][entry["keyids"][0]]["keyval"]["public"])
                    for role, entry in one["roles"].items() if entry["keyids"]} for one in (root, second))
    key, origin = keys["attestation"], root["origin"].encode()
    out = {"trust-root": texts[0], "trust-root-2": texts[1],
           "trust-fingerprint-2": r.wire(r.sha256(r.canonical(second))),
           "verifier-key-1": verifier_key(root["origin"], 1, keys["log"])}
    out |= {"trust-fingerprint": r.wire(r.sha256(r.canonical(root))),
            "blind-key": r.unb64((data / "keys/blind.key").read_text().split()[2]).hex(),
            "attestation-key": key.hex(), "attestation-key-id": r.key_id(key),
            "attestation-spki": r.spki(key).hex(), "log-key-id": r.note_key_id(root["origin"], 1, newer["log"]).hex(),
            "log-time-key-id": r.note_key_id(root["origin"], 4, newer["log"]).hex(),
            "verifier-key": verifier_key(root["origin"], 1, newer["log"]),
            "time-verifier-key": verifier_key(root["origin"], 4, newer["log"]),
            "store-id": r.sha256(origin, b"\0", root["tenant"].encode()).hex()}
    return out | of_store(data) | of_log(data), key


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
            "envelope": r.canonical(value["envelope"]),
            "pae-start": message[:60].replace(b" ", "␠".encode()), "pae-digest": r.sha256(message).hex(),
            "leaf-body": body, "leaf-hash": r.leaf_hash(body).hex(), "manifest": manifest,
            "policy-hash": r.wire(r.sha256(manifest)), "schema-hash": r.wire(r.sha256(r.canonical(schema))),
            "bundle-envelope": r.canonical(value["policy"]["envelope"])}


def of_log_evidence(evidence, first_format):
    """What the evidence of a decision that the log attests encloses."""
    body = r.statement_leaf_body(r.unb64(json.loads(evidence)["group"]["payload"]))
    return {"statement-leaf-body": body, "statement-leaf-hash": r.leaf_hash(body).hex(),
            "first-format-digest": r.wire(r.sha256(first_format))}


def of_request(given, blind_key):
    request = json.loads(given["request"])
    del request["executionId"]
    digest = r.sha256(r.canonical(request))
    name = r.keyed(bytes.fromhex(blind_key), b"parmana derived execution identity\0", digest)[:20]
    return {"request-digest": r.wire(digest), "derived-identity": "d_" + r.base64.b32encode(name).decode().lower()}


def of_keys(given, place):
    """The key file of formats/keys.md, which has a key of its own."""
    passphrase, file = place / "passphrase", place / "example.key"
    passphrase.write_bytes(given["key-passphrase"] + b"\n")
    passphrase.chmod(0o600)
    os.environ["PARMANA_KEY_PASSPHRASE_FILE"] = str(passphrase)
    parmana.must("keys", "generate", "--role", "attestation", "--out", file, "--encrypt")
    del os.environ["PARMANA_KEY_PASSPHRASE_FILE"]
    _, _, key, seed = sealing.opened(file.read_bytes(), given["key-passphrase"])
    return {"encrypted-key": file.read_bytes(), "key-of-passphrase": key.hex(), "key-seed": seed.hex()}


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
        (place / "policy.json").write_bytes(given["policy"])
        evidence = None
        for attempt in range(50):
            data = parmana.init(place / f"data-{attempt}", demo=False)
            parmana.must("policy", "sign", place / "policy.json", "--data", data)
            with parmana.Server(data, environment=ENVIRONMENT) as server:
                evidence = governed(server, data, given)
                exported = interchange(data) if evidence else {}
            if evidence:
                break
        assert evidence, "the last three decisions never came into one commit"
        made, key = of_directory(data)
        made |= exported | evidence | of_evidence(evidence["evidence"], key)
        made |= of_log_evidence(evidence["evidence-log"], r.first_format(json.loads(evidence["evidence"])))
        made |= witnessed(place, made["checkpoint"], made["verifier-key"])
        made |= of_request(given, made["blind-key"]) | of_source(given, place) | of_keys(given, place)
    replace(made, given)
    assert made.keys() <= r.examples().keys(), f"in no page: {made.keys() - r.examples().keys()}"
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
