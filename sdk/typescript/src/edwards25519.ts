// The curve of Ed25519 (RFC 8032 §5.1), as far as the strict profile needs it: decoding a point, and whether
// it lies in the subgroup of prime order. Everything here is public, so nothing needs constant time.

const P = 2n ** 255n - 19n;
/** The order of the subgroup of prime order. */
export const L = 2n ** 252n + 27742317777372353535851937790883648493n;

function mod(value: bigint): bigint {
    const rest = value % P;
    return rest < 0n ? rest + P : rest;
}

function power(base: bigint, exponent: bigint): bigint {
    let result = 1n;
    let square = mod(base);
    for (let left = exponent; left > 0n; left >>= 1n) {
        if ((left & 1n) === 1n) result = mod(result * square);
        square = mod(square * square);
    }
    return result;
}

const D = mod(-121665n * power(121666n, P - 2n));
const ROOT_OF_MINUS_ONE = power(2n, (P - 1n) / 4n);

/** A point in extended coordinates (RFC 8032 §5.1.4): x = X/Z, y = Y/Z, x·y = T/Z. */
export interface Point {
    readonly X: bigint;
    readonly Y: bigint;
    readonly Z: bigint;
    readonly T: bigint;
}

const IDENTITY: Point = { X: 0n, Y: 1n, Z: 1n, T: 0n };

/** RFC 8032 §5.1.4; complete, so it also doubles. */
function add(p: Point, q: Point): Point {
    const a = mod((p.Y - p.X) * (q.Y - q.X));
    const b = mod((p.Y + p.X) * (q.Y + q.X));
    const c = mod(2n * p.T * q.T * D);
    const d = mod(2n * p.Z * q.Z);
    const [e, f, g, h] = [b - a, d - c, d + c, b + a];
    return { X: mod(e * f), Y: mod(g * h), Z: mod(f * g), T: mod(e * h) };
}

function multiply(point: Point, scalar: bigint): Point {
    let sum = IDENTITY;
    let doubled = point;
    for (let left = scalar; left > 0n; left >>= 1n) {
        if ((left & 1n) === 1n) sum = add(sum, doubled);
        doubled = add(doubled, doubled);
    }
    return sum;
}

/** The number that bytes hold, the lowest first. */
export function littleEndian(bytes: Uint8Array): bigint {
    let value = 0n;
    for (let i = bytes.length - 1; i >= 0; --i) value = (value << 8n) | BigInt(bytes[i] ?? 0);
    return value;
}

/** RFC 8032 §5.1.3, canonical encodings only: y < p, and no sign on x = 0. Null for anything else. */
export function decodePoint(bytes: Uint8Array): Point | null {
    if (bytes.length !== 32) return null;
    const encoded = littleEndian(bytes);
    const sign = encoded >> 255n;
    const y = encoded & ((1n << 255n) - 1n);
    if (y >= P) return null;
    const u = mod(y * y - 1n);
    const v = mod(D * y * y + 1n);
    let x = mod(u * power(v, 3n) * power(u * power(v, 7n), (P - 5n) / 8n));
    if (mod(v * x * x) === mod(-u)) x = mod(x * ROOT_OF_MINUS_ONE);
    if (mod(v * x * x) !== u) return null;
    if (x === 0n && sign === 1n) return null;
    if ((x & 1n) !== sign) x = mod(-x);
    return { X: x, Y: y, Z: 1n, T: mod(x * y) };
}

function isIdentity(point: Point): boolean {
    return point.X === 0n && point.Y === point.Z;
}

/** Whether the order of the point divides the cofactor, 8. */
export function isOfSmallOrder(point: Point): boolean {
    return isIdentity(multiply(point, 8n));
}

/** Whether the point lies in the subgroup of prime order; the identity does not count. */
export function isInPrimeSubgroup(point: Point): boolean {
    return !isIdentity(point) && isIdentity(multiply(point, L));
}
