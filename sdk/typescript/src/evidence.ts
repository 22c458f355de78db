// Evidence files, parmana-evidence/1 and /2 (docs/formats/evidence.md): layout alone, nothing is verified here.
import { Invalid, utf8 } from "./bytes.js";
import { parseEnvelope, parseSigned, type Envelope, type Signed } from "./dsse.js";
import { Fields } from "./fields.js";
import { canonical, isObject, parse, type Json } from "./json.js";
import { parseCosignedCheckpoint, type CosignedCheckpoint } from "./note.js";
import { parseBundle, type Bundle } from "./policy.js";
import { readTrustPath, type TrustPath } from "./trust_path.js";

/** A decision statement that is not signed by itself, and the signed statement about the group of its entry. */
export interface Group {
    readonly envelope: Envelope;
    readonly hashes: readonly Uint8Array[];
    readonly payload: Uint8Array;
}

/** What only parmana-evidence/2 has. */
export interface Bracket {
    readonly checkpoint: CosignedCheckpoint;
    readonly previous: CosignedCheckpoint;
    readonly consistency: readonly Uint8Array[];
    readonly trustPath: TrustPath;
}

/** An evidence file. Exactly one of `envelope` and `group` is there; `bracket` is null in parmana-evidence/1. */
export interface Evidence {
    readonly envelope: Envelope | null;
    readonly group: Group | null;
    readonly bracket: Bracket | null;
    readonly checkpoint: string;
    readonly logIndex: number;
    readonly treeSize: number;
    readonly proof: readonly Uint8Array[];
    readonly policy: Bundle;
    /** The release that admits the runtime, when one does. */
    readonly release: Signed | null;
    /** Canonical JSON of the record, as bytes. */
    readonly record: Uint8Array;
    readonly recordValue: Json;
    /** Canonical JSON of the runtime manifest, as bytes. */
    readonly runtimeManifest: Uint8Array;
}

const SHARED = ["checkpoint", "format", "inclusionProof", "policy", "record", "runtimeManifest"];

function openEvidence(document: Json): { fields: Fields; version: 1 | 2 } {
    const format = isObject(document) ? document.get("format") : null;
    if (format === "parmana-evidence/2") {
        const required = [...SHARED, "previousCheckpoint", "trustRoots"];
        const optional = ["envelope", "group", "keyEvents", "release"];
        return { fields: Fields.open(document, "/", required, optional), version: 2 };
    }
    const fields: Fields = Fields.open(document, "/", [...SHARED, "envelope"]);
    fields.constant("format", "parmana-evidence/1");
    return { fields, version: 1 };
}

function readGroup(value: Json): Group {
    const fields: Fields = Fields.open(value, "/group", ["envelope", "hashes", "payload"]);
    return {
        envelope: parseEnvelope(fields.any("envelope"), "/group/envelope"),
        hashes: fields.hashes("hashes"),
        payload: fields.base64("payload"),
    };
}

function readBracket(fields: Fields): Bracket {
    const previous = Fields.open(fields.any("previousCheckpoint"), "/previousCheckpoint", [
        "consistency",
        "note",
    ]);
    return {
        checkpoint: parseCosignedCheckpoint(fields.string("checkpoint")),
        previous: parseCosignedCheckpoint(previous.string("note")),
        consistency: previous.hashes("consistency"),
        trustPath: readTrustPath(fields),
    };
}

/** Reads an evidence file of either version: strict, closed, in its one spelling. Throws Invalid. */
export function parseEvidence(text: string): Evidence {
    const document = parse(text);
    const { fields, version } = openEvidence(document);
    const proof = Fields.open(fields.any("inclusionProof"), "/inclusionProof", [
        "hashes",
        "logIndex",
        "treeSize",
    ]);
    const isLogKind = version === 2 && fields.has("group");
    if (isLogKind && fields.has("envelope")) throw new Invalid("`envelope` and `group` exclude each other");
    if (!isLogKind && !fields.has("envelope")) throw new Invalid("`envelope` is missing");
    const evidence: Evidence = {
        envelope: isLogKind ? null : parseEnvelope(fields.any("envelope"), "/envelope"),
        group: isLogKind ? readGroup(fields.any("group")) : null,
        bracket: version === 2 ? readBracket(fields) : null,
        checkpoint: fields.string("checkpoint"),
        logIndex: proof.unsigned("logIndex"),
        treeSize: proof.unsigned("treeSize"),
        proof: proof.hashes("hashes"),
        policy: parseBundle(fields.any("policy"), "/policy"),
        release: fields.has("release") ? parseSigned(fields.any("release"), "/release") : null,
        record: utf8(canonical(fields.object("record"))),
        recordValue: fields.any("record"),
        runtimeManifest: utf8(canonical(fields.object("runtimeManifest"))),
    };
    if (canonical(document) !== text) {
        throw new Invalid("the file is not in canonical form: it has one spelling only");
    }
    return evidence;
}
