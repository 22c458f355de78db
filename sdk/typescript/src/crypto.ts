// SHA-256, HMAC and Ed25519 on WebCrypto, the last under the strict profile of docs/formats/README.md,
// "Signatures": the equation without cofactor, S < L, canonical A and R, neither of small order.
//
// WebCrypto gives the equation (its Ed25519 is RFC 8032 §5.1.7 without cofactor). Implementations differ in what
// they refuse beyond it, so this file refuses first. R is checked on its encoding: an R that is no point satisfies no
// equation.
import { Invalid, concat, toHex } from "./bytes.js";
import { L, decodePoint, isInPrimeSubgroup, isOfSmallOrder, littleEndian } from "./edwards25519.js";

/** The platform cannot do what verifying needs: no WebCrypto, or none with Ed25519. */
export class Unsupported extends Error {
    override readonly name = "Unsupported";
}

type Subtle = Crypto["subtle"];
type Key = Awaited<ReturnType<Subtle["importKey"]>>;
let subtleOnce: Promise<Subtle> | undefined;

async function findSubtle(): Promise<Subtle> {
    const here = globalThis.crypto?.subtle;
    if (here !== undefined) return here;
    if (typeof process === "undefined") {
        throw new Unsupported("this browser gives the page no WebCrypto; open it over https or as a file");
    }
    const node = await import("node:crypto"); // Node 18 has no global
    return node.webcrypto.subtle as unknown as Subtle;
}

function subtle(): Promise<Subtle> {
    subtleOnce ??= findSubtle();
    return subtleOnce;
}

/** SHA-256 of the parts, one behind the other; strings as UTF-8. */
export async function sha256(...parts: readonly (Uint8Array | string)[]): Promise<Uint8Array> {
    const crypto = await subtle();
    return new Uint8Array(await crypto.digest("SHA-256", concat(...parts) as BufferSource));
}

/** HMAC-SHA-256 (RFC 2104). */
export async function hmacSha256(key: Uint8Array, message: Uint8Array): Promise<Uint8Array> {
    const crypto = await subtle();
    const algorithm = { name: "HMAC", hash: "SHA-256" };
    const imported = await crypto.importKey("raw", key as BufferSource, algorithm, false, ["sign"]);
    return new Uint8Array(await crypto.sign("HMAC", imported, message as BufferSource));
}

const kCachedKeysMax = 256;

/** Remembers by key bytes; forgets everything when it is full, so that a stream of keys does not fill memory. */
class KeyCache<T> {
    private readonly entries = new Map<string, T>();

    get(key: Uint8Array, make: () => T): T {
        const name = toHex(key);
        const found = this.entries.get(name);
        if (found !== undefined) return found;
        if (this.entries.size >= kCachedKeysMax) this.entries.clear();
        const made = make();
        this.entries.set(name, made);
        return made;
    }
}

/** What is known of a key: usable (a canonical point, not of small order), admissible (also of prime order). */
interface KeyFacts {
    readonly usable: boolean;
    readonly admissible: boolean;
}

const facts = new KeyCache<KeyFacts>();
const imported = new KeyCache<Promise<Key>>();

function factsOf(key: Uint8Array): KeyFacts {
    return facts.get(key, () => {
        const point = decodePoint(key);
        const usable = point !== null && !isOfSmallOrder(point);
        return { usable, admissible: usable && isInPrimeSubgroup(point) };
    });
}

/**
 * A key may be registered (in a trust root or a witness policy) when it is the canonical encoding of a point of the
 * subgroup of prime order. Throws Invalid when it is not.
 */
export function checkPublicKey(key: Uint8Array): void {
    if (!factsOf(key).admissible) {
        throw new Invalid("the public key is not a canonical point of the prime-order subgroup");
    }
}

const kSmallOrderY: ReadonlySet<string> = new Set([
    // y of the eight points whose order divides 8, as encoded without the sign of x: 0, 1, −1, and ± that of order 8
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/** Whether the bytes of R are a canonical encoding of a y, and not of a point of small order. */
function isAcceptableR(encoded: Uint8Array): boolean {
    const y = encoded.slice();
    y[31] = (y[31] ?? 0) & 0x7f;
    const canonical = littleEndian(y) < 2n ** 255n - 19n;
    return canonical && !kSmallOrderY.has(toHex(y));
}

async function importKey(key: Uint8Array): Promise<Key> {
    const crypto = await subtle();
    try {
        return await crypto.importKey("raw", key as BufferSource, { name: "Ed25519" }, false, ["verify"]);
    } catch (error) {
        // A key that factsOf calls usable is a good one, so it is the algorithm that is missing.
        throw new Unsupported(`this platform does not verify Ed25519: ${String(error)}`);
    }
}

/**
 * Whether the signature of 64 bytes is one of the message by the key, under the strict profile. The key's subgroup is
 * not looked at here: checkPublicKey does that, once, where keys are registered. Throws Unsupported on a platform
 * without Ed25519.
 */
export async function verifySignature(
    key: Uint8Array,
    message: Uint8Array,
    signature: Uint8Array,
): Promise<boolean> {
    if (signature.length !== 64 || !factsOf(key).usable) return false;
    if (littleEndian(signature.subarray(32)) >= L || !isAcceptableR(signature.subarray(0, 32))) return false;
    const crypto = await subtle();
    const known = await imported.get(key, () => importKey(key));
    return crypto.verify({ name: "Ed25519" }, known, signature as BufferSource, message as BufferSource);
}
