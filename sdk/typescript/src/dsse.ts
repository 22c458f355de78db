// DSSE v1.0.2 envelopes: attestations with exactly one signature (docs/formats/envelope-and-leaf.md), and what several
// keys sign.
import { concat, toHex, utf8 } from "./bytes.js";
import { sha256, verifySignature } from "./crypto.js";
import { Fields } from "./fields.js";
import { canonical, object, type Json } from "./json.js";

/** An envelope as it stands in a file. The key id is a hint: a trust root decides whose key it is. */
export interface Envelope {
    readonly payloadType: string;
    readonly payload: Uint8Array;
    readonly keyId: string;
    readonly signature: Uint8Array;
}

/** SHA-256, in hexadecimal, of the canonical TUF key object: the name of a key everywhere but in notes. */
export async function keyId(key: Uint8Array): Promise<string> {
    const keyval = object({ public: toHex(key) });
    return toHex(await sha256(canonical(object({ keytype: "ed25519", keyval, scheme: "ed25519" }))));
}

/** What is signed: `DSSEv1 SP len(type) SP type SP len(payload) SP payload`, lengths in bytes. */
export function preAuthenticationEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
    return concat(`DSSEv1 ${utf8(payloadType).length} ${payloadType} ${payload.length} `, payload);
}

/** Reads an envelope: closed, canonical base64, one signature. Throws Invalid. */
export function parseEnvelope(value: Json, where: string): Envelope {
    const fields: Fields = Fields.open(value, where, ["payload", "payloadType", "signatures"]);
    const [first, ...more] = fields.array("signatures");
    if (first === undefined || more.length > 0)
        fields.invalid("signatures", "an array of exactly one signature");
    const entry: Fields = Fields.open(first, `${where}/signatures/0`, ["keyid", "sig"]);
    return {
        payloadType: fields.string("payloadType"),
        payload: fields.base64("payload"),
        keyId: entry.string("keyid"),
        signature: entry.base64("sig", 64),
    };
}

/** One of several signatures. */
export interface KeySignature {
    readonly keyId: string;
    readonly signature: Uint8Array;
}

/** A payload that any number of keys signed: at most one signature a key. */
export interface Signed {
    readonly payloadType: string;
    readonly payload: Uint8Array;
    readonly signatures: readonly KeySignature[];
}

/** Reads an envelope of several signatures, in ascending order of different key ids. Throws Invalid. */
export function parseSigned(value: Json, where: string): Signed {
    const fields: Fields = Fields.open(value, where, ["payload", "payloadType", "signatures"]);
    const signatures: KeySignature[] = [];
    for (const one of fields.array("signatures")) {
        const entry: Fields = Fields.open(one, `${where}/signatures`, ["keyid", "sig"]);
        const before = signatures.at(-1);
        const signature = { keyId: entry.string("keyid"), signature: entry.base64("sig", 64) };
        if (before !== undefined && !isBefore(before.keyId, signature.keyId))
            fields.invalid("signatures", "in ascending order of different key ids");
        signatures.push(signature);
    }
    return { payloadType: fields.string("payloadType"), payload: fields.base64("payload"), signatures };
}

/** Of two texts, by their bytes in UTF-8. */
export function isBefore(a: string, b: string): boolean {
    const [one, other] = [utf8(a), utf8(b)];
    for (let i = 0; i < Math.min(one.length, other.length); ++i) {
        if (one[i] !== other[i]) return (one[i] ?? 0) < (other[i] ?? 0);
    }
    return one.length < other.length;
}

/**
 * Why the signatures do not do, or null: every one must be by one of the keys and verify, and as many different keys
 * must have signed as the threshold says.
 */
export async function findUnsigned(
    document: Signed,
    keys: ReadonlyMap<string, Uint8Array>,
    threshold: number,
): Promise<string | null> {
    const message = preAuthenticationEncoding(document.payloadType, document.payload);
    const signers = new Set<string>();
    for (const { keyId: id, signature } of document.signatures) {
        const key = keys.get(id);
        if (key === undefined) return `key ${id.slice(0, 16)} that signed is not one of the role`;
        if (!(await verifySignature(key, message, signature)))
            return `the signature of key ${id.slice(0, 16)} does not verify`;
        signers.add(id);
    }
    if (signers.size >= threshold) return null;
    return `it is signed by ${signers.size} of the ${threshold} keys that must sign`;
}

/** Whether the envelope names this key and is signed by it. */
export async function verifyEnvelope(envelope: Envelope, key: Uint8Array): Promise<boolean> {
    if (envelope.keyId !== (await keyId(key))) return false;
    const message = preAuthenticationEncoding(envelope.payloadType, envelope.payload);
    return verifySignature(key, message, envelope.signature);
}
