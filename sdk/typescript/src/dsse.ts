// DSSE v1.0.2 envelopes with exactly one signature (docs/formats/envelope-and-leaf.md).
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

/** Whether the envelope names this key and is signed by it. */
export async function verifyEnvelope(envelope: Envelope, key: Uint8Array): Promise<boolean> {
    if (envelope.keyId !== (await keyId(key))) return false;
    const message = preAuthenticationEncoding(envelope.payloadType, envelope.payload);
    return verifySignature(key, message, envelope.signature);
}
