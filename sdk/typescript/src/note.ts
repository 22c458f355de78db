// C2SP signed-note, tlog-checkpoint and tlog-cosignature (docs/formats/checkpoint.md).
import { Invalid, compareBytes, concat, equal, fromBase64, toHex, utf8 } from "./bytes.js";
import { checkPublicKey, sha256, verifySignature } from "./crypto.js";

const NOTE_BYTES_MAX = 64 * 1024;
const SIGNATURE_LINES_MAX = 16;
const PREFIX = "\u2014 ";
const WHITE_SPACE = /[\u0009-\u000d\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Signature types of C2SP signed-note: a plain signature, and a cosignature with a time. */
export type SignatureType = 0x01 | 0x04;

/** One signature line. The blob begins with the four bytes of the key hint. */
export interface SignatureLine {
    readonly line: string;
    readonly name: string;
    readonly blob: Uint8Array;
}

/** A note: the text that is signed, which ends in a newline, and the lines below it. */
export interface Note {
    readonly text: string;
    readonly signatures: readonly SignatureLine[];
}

/** What a checkpoint says. */
export interface Checkpoint {
    readonly origin: string;
    readonly size: number;
    readonly root: Uint8Array;
}

/** A checkpoint of parmana-evidence/2: signed and cosigned by the log, perhaps cosigned by witnesses. */
export interface CosignedCheckpoint extends Checkpoint {
    readonly note: Note;
    readonly signature: SignatureLine;
    readonly cosignature: SignatureLine;
    readonly witnesses: readonly SignatureLine[];
}

/** Whether C2SP signed-note allows this name of a key: not empty, no white space, no `+`, no control character. */
export function isKeyName(name: string): boolean {
    return name !== "" && !/[\u0000-\u001f+]/.test(name) && !WHITE_SPACE.test(name);
}

/** SHA-256(name ‖ 0x0A ‖ type ‖ key): the full key id; signature lines carry its first four bytes. */
export function noteKeyId(name: string, type: SignatureType, key: Uint8Array): Promise<Uint8Array> {
    return sha256(`${name}\n`, Uint8Array.of(type), key);
}

/** A verifier key of C2SP signed-note: `name+hex8+base64(type ‖ key)`. */
export interface VerifierKey {
    readonly name: string;
    readonly type: SignatureType;
    readonly key: Uint8Array;
}

/**
 * Reads a verifier key of type 0x01 or 0x04; the key id is recomputed and the key must be a good one. Throws Invalid.
 */
export async function parseVerifierKey(text: string): Promise<VerifierKey> {
    const [, name, hint, encoded] = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(text) ?? [];
    const bytes = encoded === undefined ? null : fromBase64(encoded, 33);
    if (name === undefined || hint === undefined || bytes === null || !isKeyName(name)) {
        throw new Invalid("a verifier key is not `name+key id+base64` of an Ed25519 key");
    }
    const type = bytes[0];
    if (type !== 0x01 && type !== 0x04) throw new Invalid("a verifier key is not of a log or of a cosigner");
    const key = bytes.slice(1);
    checkPublicKey(key);
    if (toHex((await noteKeyId(name, type, key)).subarray(0, 4)) !== hint) {
        throw new Invalid("the key id of a verifier key is not that of its name and key");
    }
    return { name, type, key };
}

function malformed(what: string): never {
    throw new Invalid(`the note is not well formed: ${what}`);
}

function parseSignatureLine(line: string): SignatureLine {
    if (!line.startsWith(PREFIX)) malformed("a signature line does not begin with a dash");
    const space = line.indexOf(" ", PREFIX.length);
    if (space < 0) malformed("a signature line has no signature");
    const name = line.slice(PREFIX.length, space);
    if (!isKeyName(name)) malformed("a signature line has no valid key name");
    const blob = fromBase64(line.slice(space + 1));
    if (blob === null || blob.length <= 4) malformed("a signature is not canonical base64");
    return { line, name, blob };
}

/**
 * C2SP signed-note, strictly: no control characters but newline, split at the last blank line, 1 to 16 signature lines
 * in canonical base64, at most 64 KiB. Throws Invalid.
 */
export function parseNote(note: string): Note {
    if (utf8(note).length > NOTE_BYTES_MAX) malformed("it is longer than 64 KiB");
    if (/[\u0000-\u0009\u000b-\u001f]/.test(note)) malformed("it has control characters");
    const blank = note.lastIndexOf("\n\n");
    if (blank < 0) malformed("there is no blank line");
    const below = note.slice(blank + 2);
    if (!below.endsWith("\n")) malformed("it does not end with a signature line");
    const lines = below.slice(0, -1).split("\n");
    if (lines.length > SIGNATURE_LINES_MAX) malformed("there are more than 16 signature lines");
    return { text: note.slice(0, blank + 1), signatures: lines.map(parseSignatureLine) };
}

/** C2SP tlog-checkpoint without extension lines: origin, size, root. Throws Invalid. */
export function parseCheckpoint(text: string): Checkpoint {
    const lines = text.split("\n");
    const [origin, size, root] = lines;
    if (
        lines.length !== 4 ||
        lines[3] !== "" ||
        origin === undefined ||
        size === undefined ||
        root === undefined
    ) {
        throw new Invalid("the checkpoint is not valid: it does not have three lines");
    }
    if (!isKeyName(origin)) throw new Invalid("the checkpoint is not valid: the origin is not a name of a key");
    if (!/^(0|[1-9][0-9]{0,15})$/.test(size) || !Number.isSafeInteger(Number(size))) {
        throw new Invalid("the checkpoint is not valid: the size is not a decimal number within 2^53-1");
    }
    const hash = fromBase64(root, 32);
    if (hash === null)
        throw new Invalid("the checkpoint is not valid: the root is not canonical base64 of 32 bytes");
    return { origin, size: Number(size), root: hash };
}

const SIGNATURE_BLOB_BYTES = 4 + 64;
const COSIGNATURE_BLOB_BYTES = 4 + 8 + 64;

/**
 * A note of parmana-evidence/2: a checkpoint with the log's signature, the log's cosignature, and witnesses'
 * cosignatures in strictly ascending order of their lines. Signatures are not verified. Throws Invalid.
 */
export function parseCosignedCheckpoint(text: string): CosignedCheckpoint {
    const note = parseNote(text);
    const checkpoint = parseCheckpoint(note.text);
    const [signature, cosignature, ...witnesses] = note.signatures;
    if (signature === undefined || cosignature === undefined) malformed("it lacks the log's cosignature");
    if (signature.name !== checkpoint.origin || signature.blob.length !== SIGNATURE_BLOB_BYTES) {
        malformed("the first signature line is not a signature of the log");
    }
    if (cosignature.name !== checkpoint.origin || cosignature.blob.length !== COSIGNATURE_BLOB_BYTES) {
        malformed("the second signature line is not a cosignature of the log");
    }
    witnesses.forEach((line, i) => {
        if (line.blob.length !== COSIGNATURE_BLOB_BYTES || line.name === checkpoint.origin) {
            malformed("a further line is not a cosignature of a witness");
        }
        const before = witnesses[i - 1];
        if (before !== undefined && compareBytes(utf8(before.line), utf8(line.line)) >= 0) {
            malformed("the lines of witnesses are not in ascending order");
        }
    });
    return { ...checkpoint, note, signature, cosignature, witnesses };
}

async function names(
    line: SignatureLine,
    name: string,
    type: SignatureType,
    key: Uint8Array,
): Promise<boolean> {
    const id = await noteKeyId(name, type, key);
    return line.name === name && equal(line.blob.subarray(0, 4), id.subarray(0, 4));
}

/**
 * Whether the note is signed by the key under this name (C2SP signed-note): lines of other keys are ignored, one wrong
 * line of this key spoils it.
 */
export async function isSignedBy(note: Note, name: string, key: Uint8Array): Promise<boolean> {
    let signed = false;
    for (const line of note.signatures) {
        if (!(await names(line, name, 0x01, key))) continue;
        if (!(await verifySignature(key, utf8(note.text), line.blob.subarray(4)))) return false;
        signed = true;
    }
    return signed;
}

/** The time of a cosignature of 76 bytes, in unix seconds, as it claims it. */
export function cosignatureTime(line: SignatureLine): bigint {
    return new DataView(line.blob.buffer, line.blob.byteOffset).getBigUint64(4);
}

/** Whether the line is a cosignature/v1 (C2SP tlog-cosignature) of the note's text by the key under this name. */
export async function isCosignedBy(
    note: Note,
    line: SignatureLine,
    name: string,
    key: Uint8Array,
): Promise<boolean> {
    if (line.blob.length !== COSIGNATURE_BLOB_BYTES || !(await names(line, name, 0x04, key))) return false;
    const time = cosignatureTime(line);
    if (time >= 1n << 63n) return false;
    const message = concat(`cosignature/v1\ntime ${time}\n`, note.text);
    return verifySignature(key, message, line.blob.subarray(12));
}
