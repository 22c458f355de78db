// RFC 6962 §2.1 trees over SHA-256; proofs are verified as RFC 9162 §2.1.3.2 and §2.1.4.2 say. `fn` and `sn` are the
// names of the RFC: the position on the present level of the node followed, and of the last node of that level.
// Positions go up to 2^53 − 1, so they are halved by arithmetic and not by 32-bit shifts.
import { equal } from "./bytes.js";
import { sha256 } from "./crypto.js";

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** SHA-256(0x00 ‖ body). */
export function hashLeaf(body: Uint8Array | string): Promise<Uint8Array> {
    return sha256(LEAF, body);
}

/** SHA-256(0x01 ‖ left ‖ right). */
export function hashNode(left: Uint8Array, right: Uint8Array): Promise<Uint8Array> {
    return sha256(NODE, left, right);
}

/** The root of a tree without leaves. */
export function emptyRoot(): Promise<Uint8Array> {
    return sha256();
}

/** A walk from a leaf to the root: where a proof's next hash belongs. */
class Climb {
    constructor(
        private fn: number,
        private sn: number,
    ) {}

    /** Nothing is above any more: a further hash is left over. */
    get isAtRoot(): boolean {
        return this.sn === 0;
    }

    get siblingIsLeft(): boolean {
        return this.fn % 2 === 1 || this.fn === this.sn;
    }

    up(): void {
        this.fn = Math.floor(this.fn / 2);
        this.sn = Math.floor(this.sn / 2);
    }

    /** Past the level just joined; from the left also past levels without a sibling at the right edge. */
    pass(fromLeft: boolean): void {
        if (fromLeft) {
            while (this.fn % 2 === 0 && this.fn !== 0) this.up();
        }
        this.up();
    }

    skipOdd(): void {
        while (this.fn % 2 === 1) this.up();
    }
}

/** Whether the proof leads from the leaf at `index` to the root of the tree of `size` leaves (RFC 9162 §2.1.3.2). */
export async function verifyInclusion(
    index: number,
    size: number,
    leaf: Uint8Array,
    proof: readonly Uint8Array[],
    root: Uint8Array,
): Promise<boolean> {
    if (index >= size) return false;
    const climb = new Climb(index, size - 1);
    let hash = leaf;
    for (const sibling of proof) {
        if (climb.isAtRoot) return false;
        const left = climb.siblingIsLeft;
        hash = await (left ? hashNode(sibling, hash) : hashNode(hash, sibling));
        climb.pass(left);
    }
    return climb.isAtRoot && equal(hash, root);
}

/**
 * Whether the tree of `to` leaves is an extension of that of `from` leaves (RFC 9162 §2.1.4.2). From nothing, and
 * between equal sizes, the proof is empty.
 */
export async function verifyConsistency(
    from: number,
    to: number,
    proof: readonly Uint8Array[],
    fromRoot: Uint8Array,
    toRoot: Uint8Array,
): Promise<boolean> {
    if (from > to) return false;
    if (from === 0 && !equal(fromRoot, await emptyRoot())) return false;
    if (from === to) return proof.length === 0 && equal(fromRoot, toRoot);
    if (from === 0) return proof.length === 0;

    const climb = new Climb(from - 1, to - 1);
    climb.skipOdd();
    // An old tree that is one complete subtree is its own first node; otherwise the proof begins with it.
    const complete = (BigInt(from) & (BigInt(from) - 1n)) === 0n;
    const first = complete ? fromRoot : proof[0];
    if (first === undefined) return false;
    let oldHash = first;
    let newHash = first;
    for (const sibling of complete ? proof : proof.slice(1)) {
        if (climb.isAtRoot) return false;
        const left = climb.siblingIsLeft;
        if (left) oldHash = await hashNode(sibling, oldHash);
        newHash = await (left ? hashNode(sibling, newHash) : hashNode(newHash, sibling));
        climb.pass(left);
    }
    return climb.isAtRoot && equal(oldHash, fromRoot) && equal(newHash, toRoot);
}
