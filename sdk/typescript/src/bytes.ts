// Bytes and their spellings. Each spelling is strict: what is accepted has one form only.

/** What a reader throws for input that is not what it must be. The message is for people. */
export class Invalid extends Error {
    override readonly name = "Invalid";
}

const kHex = "0123456789abcdef";
const kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const kDecode: Int8Array = (() => {
    const table = new Int8Array(128).fill(-1);
    for (let i = 0; i < kBase64.length; ++i) table[kBase64.charCodeAt(i)] = i;
    return table;
})();

/** The bytes as lower-case hexadecimal digits. */
export function toHex(bytes: Uint8Array): string {
    let out = "";
    for (const byte of bytes) out += kHex.charAt(byte >> 4) + kHex.charAt(byte & 15);
    return out;
}

/** Lower-case hexadecimal only; with `size`, exactly so many bytes. Null for anything else. */
export function fromHex(text: string, size?: number): Uint8Array | null {
    if (text.length % 2 !== 0 || (size !== undefined && text.length !== 2 * size)) return null;
    const out = new Uint8Array(text.length / 2);
    for (let i = 0; i < out.length; ++i) {
        const high = kHex.indexOf(text.charAt(2 * i));
        const low = kHex.indexOf(text.charAt(2 * i + 1));
        if (high < 0 || low < 0) return null;
        out[i] = (high << 4) | low;
    }
    return out;
}

/** RFC 4648 §4, with padding. */
export function toBase64(bytes: Uint8Array): string {
    let out = "";
    for (let i = 0; i < bytes.length; i += 3) {
        const rest = bytes.length - i;
        const group = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
        out += kBase64.charAt(group >> 18) + kBase64.charAt((group >> 12) & 63);
        out += rest > 1 ? kBase64.charAt((group >> 6) & 63) : "=";
        out += rest > 2 ? kBase64.charAt(group & 63) : "=";
    }
    return out;
}

function sextet(text: string, at: number): number {
    const unit = text.charCodeAt(at);
    return unit < 128 ? (kDecode[unit] ?? -1) : -1;
}

/**
 * RFC 4648 §4 in its canonical spelling (docs/formats/README.md): padded, no white space, unused bits zero.
 * With `size`, exactly so many bytes. Null for anything else.
 */
export function fromBase64(text: string, size?: number): Uint8Array | null {
    if (text.length % 4 !== 0) return null;
    const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
    const out = new Uint8Array((text.length / 4) * 3 - padding);
    if (size !== undefined && out.length !== size) return null;
    let to = 0;
    for (let i = 0; i < text.length; i += 4) {
        const padded = i + 4 === text.length ? padding : 0;
        let group = 0;
        for (let j = 0; j < 4; ++j) {
            const value = j >= 4 - padded ? 0 : sextet(text, i + j);
            if (value < 0) return null;
            group = (group << 6) | value;
        }
        if (padded === 1 && (group & 0xff) !== 0) return null;
        if (padded === 2 && (group & 0xffff) !== 0) return null;
        out[to++] = group >> 16;
        if (padded < 2) out[to++] = (group >> 8) & 0xff;
        if (padded < 1) out[to++] = group & 0xff;
    }
    return out;
}

const encoder = new TextEncoder();

/** The UTF-8 bytes of well-formed text. */
export function utf8(text: string): Uint8Array {
    return encoder.encode(text);
}

/** The text of UTF-8 bytes; a byte order mark stays in it. Throws Invalid for bytes that are not UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
    try {
        return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    } catch {
        throw new Invalid("expected well-formed UTF-8");
    }
}

/** All parts, one behind the other; strings as UTF-8. */
export function concat(...parts: readonly (Uint8Array | string)[]): Uint8Array {
    const all = parts.map((part) => (typeof part === "string" ? utf8(part) : part));
    const out = new Uint8Array(all.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of all) {
        out.set(part, at);
        at += part.length;
    }
    return out;
}

/** Whether both hold the same bytes. Not in constant time: a verifier has no secrets. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
    return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

/** The order of bytes, as of unsigned numbers: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
    const shared = Math.min(a.length, b.length);
    for (let i = 0; i < shared; ++i) {
        const difference = (a[i] ?? 0) - (b[i] ?? 0);
        if (difference !== 0) return difference;
    }
    return a.length - b.length;
}
