"""What must be refused: each mutation of a good case, and why it has to be refused, as the tool says it."""
import copy
import json

from reference import b64, sha256, unb64

BOTH = ("3", "4")
ROOT = "calculated root hash does not match"
COUNT = "invalid hash count"
HEAD = "invalid checkpoint signature"
BODY = "TLOG_BODY_ERROR"
SIGNATURE = "SIGNATURE_ERROR"


def flipped(text, at=0):
    """Another base64 of as many bytes."""
    raw = bytearray(unb64(text))
    raw[at] ^= 1
    return b64(bytes(raw))


def entry(case):
    return case["bundle"]["verificationMaterial"]["tlogEntries"][0]


def proof(case):
    return entry(case)["inclusionProof"]


def signature(case):
    return case["bundle"]["dsseEnvelope"]["signatures"][0]


def set_note(case, change):
    checkpoint = proof(case)["checkpoint"]
    before = checkpoint["envelope"]
    checkpoint["envelope"] = change(before)
    assert checkpoint["envelope"] != before


def in_leaf(case, change):
    """Changes the leaf body."""
    body = json.loads(unb64(entry(case)["canonicalizedBody"]))
    change(body["spec"]["dsseV002"])
    entry(case)["canonicalizedBody"] = b64(json.dumps(body, sort_keys=True, separators=(",", ":")).encode())


def line(number, change):
    """Changes one line of a note."""
    def apply(note):
        lines = note.split("\n")
        lines[number] = change(lines[number])
        return "\n".join(lines)
    return apply


def blob(at):
    """Changes one byte of a signature line: 0 to 3 are its key hint."""
    def apply(text):
        start, _, raw = text.rpartition(" ")
        return f"{start} {flipped(raw, at)}"
    return apply


def without(*numbers):
    return lambda note: "\n".join(text for at, text in enumerate(note.split("\n")) if at not in numbers)


SIZE = line(1, lambda text: str(int(text) + 1))
TREE_ROOT = line(2, flipped)
ORIGIN = line(0, lambda text: text[:-1] + ("0" if text[-1] != "0" else "1"))
LOG_SIGNATURE, LOG_HINT = line(4, blob(10)), line(4, blob(0))
LOG_NAME = line(4, lambda text: text.replace("localhost/", "localhosd/"))
TIME, TIME_SIGNATURE = line(5, blob(11)), line(5, blob(20))
WITNESS_TIME, WITNESS_SIGNATURE = line(6, blob(11)), line(6, blob(20))
NO_LOG_LINE, NO_LINES = without(4), without(4, 5, 6)


def other_payload(case):
    envelope = case["bundle"]["dsseEnvelope"]
    payload = unb64(envelope["payload"]).replace(b'"approved"', b'"rejected"')
    assert b64(payload) != envelope["payload"]
    envelope["payload"] = b64(payload)
    return b64(sha256(payload))


def payload_and_leaf(case):
    digest = other_payload(case)
    in_leaf(case, lambda spec: spec["payloadHash"].update(digest=digest))


def payload_leaf_and_tree(case):
    """A log of one entry, which says what it is made to say; only the head is not signed."""
    payload_and_leaf(case)
    root = b64(sha256(b"\0", unb64(entry(case)["canonicalizedBody"])))
    proof(case).update(hashes=[], logIndex="0", rootHash=root, treeSize="1")
    set_note(case, lambda note: "\n".join([note.split("\n")[0], "1", root, *note.split("\n")[3:]]))


def signature_and_leaf(case):
    signature(case)["sig"] = flipped(signature(case)["sig"])
    in_leaf(case, lambda spec: spec["signatures"][0].update(content=signature(case)["sig"]))


def swap_hashes(case):
    hashes = proof(case)["hashes"]
    hashes[0], hashes[1] = hashes[1], hashes[0]


def put(case, path, value):
    """Sets the member at a path of names and indices."""
    *way, last = path
    for step in way:
        case = case[step]
    assert last not in case or case[last] != value
    case[last] = value


TLOG = ("root", "tlogs", 0)
ENVELOPE = ("bundle", "dsseEnvelope")


def of_bundle(fresh, stranger, other):
    """(name, what it does to a case, the reason, the majors that refuse it). The case is under the older head; `other`
    is another good bundle of the same log."""
    hint = ("bundle", "verificationMaterial", "publicKey", "hint")
    cut = {"keyId": b64(unb64(fresh.root["tlogs"][0]["logId"]["keyId"])[:4])}
    other_entry = other["verificationMaterial"]["tlogEntries"][0]
    size = int(fresh.older.split("\n")[1])
    return [
        ("payload", other_payload, BODY, BOTH),
        ("payload and leaf", payload_and_leaf, ROOT, BOTH),
        ("payload, leaf and tree", payload_leaf_and_tree, HEAD, BOTH),
        ("payload type", lambda c: put(c, (*ENVELOPE, "payloadType"), "application/json"), SIGNATURE, BOTH),
        ("signature", lambda c: signature(c).update(sig=flipped(signature(c)["sig"])), BODY, BOTH),
        ("signature and leaf", signature_and_leaf, ROOT, BOTH),
        ("signature of another decision",
         lambda c: put(c, (*ENVELOPE, "signatures"), other["dsseEnvelope"]["signatures"]), BODY, BOTH),
        ("two signatures", lambda c: put(c, (*ENVELOPE, "signatures"), [signature(c)] * 2), "signatures", BOTH),
        ("no signature", lambda c: put(c, (*ENVELOPE, "signatures"), []), "signatures", BOTH),
        ("an empty signature", lambda c: signature(c).update(sig=""), "sig", BOTH),
        ("envelope of another decision", lambda c: put(c, ENVELOPE, other["dsseEnvelope"]), BODY, BOTH),
        ("entry of another decision",
         lambda c: put(c, ("bundle", "verificationMaterial", "tlogEntries"), [other_entry]), BODY, BOTH),
        ("leaf of another decision", lambda c: entry(c).update(canonicalizedBody=other_entry["canonicalizedBody"]),
         ROOT, BOTH),
        ("key in the leaf", lambda c: in_leaf(c, lambda spec: spec["signatures"][0]["verifier"]["publicKey"].update(
            rawBytes=fresh.spki["log"])), ROOT, BOTH),
        ("two signatures in the leaf",
         lambda c: in_leaf(c, lambda spec: spec["signatures"].append(spec["signatures"][0])), ROOT, BOTH),
        ("version of the leaf", lambda c: entry(c)["kindVersion"].update(version="0.0.1"), BODY, BOTH),
        ("kind of the leaf", lambda c: entry(c)["kindVersion"].update(kind="hashedrekord"), BODY, BOTH),
        ("proof hash", lambda c: proof(c)["hashes"].insert(0, flipped(proof(c)["hashes"].pop(0))), ROOT, BOTH),
        ("proof hashes in another order", swap_hashes, ROOT, BOTH),
        ("a proof hash too few", lambda c: proof(c)["hashes"].pop(), COUNT, BOTH),
        ("a proof hash too many", lambda c: proof(c)["hashes"].append(proof(c)["hashes"][0]), COUNT, BOTH),
        ("index", lambda c: proof(c).update(logIndex=str(int(proof(c)["logIndex"]) ^ 1)), ROOT, BOTH),
        ("index outside of the tree", lambda c: proof(c).update(logIndex=str(size)), "invalid index", BOTH),
        ("index below the tree", lambda c: proof(c).update(logIndex="-1"), "invalid index", BOTH),
        ("tree size", lambda c: set_note(c, SIZE), HEAD, BOTH),
        ("root of the checkpoint", lambda c: set_note(c, TREE_ROOT), HEAD, BOTH),
        ("origin of the checkpoint", lambda c: set_note(c, ORIGIN), HEAD, BOTH),
        ("checkpoint signature", lambda c: set_note(c, LOG_SIGNATURE), HEAD, BOTH),
        ("checkpoint key hint", lambda c: set_note(c, LOG_HINT), HEAD, BOTH),
        ("checkpoint key name", lambda c: set_note(c, LOG_NAME), HEAD, BOTH),
        ("checkpoint by the cosigners only", lambda c: set_note(c, NO_LOG_LINE), HEAD, BOTH),
        ("checkpoint without signatures", lambda c: set_note(c, NO_LINES), "no signatures|separator", BOTH),
        ("checkpoint of the tree as it grew", lambda c: set_note(c, lambda _: fresh.newest), f"{ROOT}|{COUNT}", BOTH),
        ("checkpoint of another log", lambda c: set_note(c, lambda _: stranger.head), HEAD, BOTH),
        ("checkpoint with another root, signed by the log",
         lambda c: set_note(c, lambda _: fresh.resigned(size, bytes(32))), ROOT, BOTH),
        ("no entry", lambda c: put(c, ("bundle", "verificationMaterial", "tlogEntries"), []), "tlog entries", BOTH),
        ("no inclusion proof", lambda c: entry(c).pop("inclusionProof"), "inclusionProof", BOTH),
        ("no checkpoint", lambda c: proof(c).pop("checkpoint"), "checkpoint", BOTH),
        ("media type", lambda c: put(c, ("bundle", "mediaType"), "application/json"), "mediaType", BOTH),
        ("key hint", lambda c: put(c, hint, fresh.key_ids["log"]), "key not found", BOTH),
        ("another key behind the hint", lambda c: put(c, ("keys", fresh.key_ids["attestation"]), fresh.spki["log"]),
         SIGNATURE, BOTH),
        ("another trusted root", lambda c: put(c, ("root",), stranger.root), HEAD, BOTH),
        ("another key in the trusted root",
         lambda c: put(c, (*TLOG, "publicKey", "rawBytes"), stranger.spki["log"]), HEAD, BOTH),
        ("another name in the trusted root", lambda c: put(c, (*TLOG, "baseUrl"), "https://log.example/1"), HEAD, BOTH),
        ("no log in the trusted root", lambda c: put(c, ("root", "tlogs"), []), HEAD, BOTH),
        ("log id", lambda c: entry(c)["logId"].update(stranger.root["tlogs"][0]["logId"]), HEAD, ("4",)),
        ("log ids cut to four bytes in the trusted root",
         lambda c: c["root"]["tlogs"][0].update(logId=cut, checkpointKeyId=cut), HEAD, ("4",)),
    ]


def unseen():
    """What these verifiers do not look at, as docs/formats/interchange.md says."""
    return [
        ("root beside the proof", lambda c: proof(c).update(rootHash=b64(bytes(32)))),
        ("tree size beside the proof", lambda c: proof(c).update(treeSize="1")),
        ("index beside the proof", lambda c: entry(c).update(logIndex="0")),
        ("key id of the envelope", lambda c: signature(c).update(keyid="")),
        ("lines of time and witness", lambda c: set_note(c, lambda note: TIME(WITNESS_SIGNATURE(note)))),
    ]


def mutated(case, change):
    changed = copy.deepcopy(case)
    change(changed)
    assert changed != case
    return changed
