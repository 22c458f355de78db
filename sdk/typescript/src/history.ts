// Where in one ledger each trust root of a chain came into force (docs/formats/trust-root.md, "Keys by position"). A
// root governs from the entry that says so on, that entry included, up to the next one.
import { Invalid } from "./bytes.js";
import type { KeySignature } from "./dsse.js";
import { checkSuccessor, type Keys, type Role, type TrustRoot } from "./trust.js";

/** A trust root, and the index of the entry from which on it is in force. */
export interface Force {
    readonly root: TrustRoot;
    readonly from: number;
}

/** A chain of trust roots by position. */
export class History {
    private readonly forces: Force[];
    private readonly cuts: Map<string, number>;

    /** The first root is in force from the first entry on. */
    constructor(private readonly first: TrustRoot) {
        this.forces = [{ root: first, from: 0 }];
        this.cuts = new Map(first.compromised);
    }

    /** The next root, in force from the entry at `from` on. Throws Invalid when it may not follow. */
    async add(next: TrustRoot, from: number): Promise<void> {
        const last = this.newest;
        await checkSuccessor(last.root, next);
        if (from <= last.from && !(from === 0 && this.forces.length === 1))
            throw new Invalid("a trust root comes into force before the one before it");
        if (next.history.at(-1)?.from !== last.from)
            throw new Invalid("the trust root before was in force from another entry on");
        for (const [id, index] of next.compromised) this.cuts.set(id, index);
        this.forces.push({ root: next, from });
    }

    /**
     * What a root that the verifier holds says of this chain and of keys: its own chain need not be at hand. Throws
     * Invalid when it is of another chain, or knows a root in force at or before `index` that is not here.
     */
    heed(held: TrustRoot, index: number): void {
        const place = this.forces[held.version - 1];
        if (place !== undefined && place.root.fingerprint !== held.fingerprint)
            throw new Invalid(`version ${held.version} of the trust root is another one`);
        for (const [i, past] of held.history.entries()) {
            const here = this.forces[i];
            if (here === undefined) {
                if (past.from <= index) throw new Invalid(`version ${i + 1} of the trust root is not enclosed`);
            } else if (here.root.fingerprint !== past.fingerprint || here.from !== past.from) {
                throw new Invalid(`version ${i + 1} of the trust root is another one, or from another entry on`);
            }
        }
        for (const [id, from] of held.compromised) this.cuts.set(id, Math.min(from, this.cuts.get(id) ?? from));
    }

    /** All of it, in ascending order of versions. */
    get all(): readonly Force[] {
        return this.forces;
    }

    /** The newest root. */
    get newest(): Force {
        return this.forces.at(-1) ?? { root: this.first, from: 0 };
    }

    /** The key, if it plays the role at the entry. Whether it is compromised is not considered. */
    find(role: Role, keyId: string, index: number): Uint8Array | null {
        return this.at(index).keys[role].get(keyId) ?? null;
    }

    /** The first index from which the key is not believed any more, if that is at or before `index`. */
    compromisedFrom(keyId: string, index: number): number | null {
        const from = this.cuts.get(keyId);
        return from === undefined || index < from ? null : from;
    }

    /**
     * What is signed once and holds for long, as policies and releases are: why it does not hold at the entry, or null.
     * It holds under a root that was in force there or before, when none of those who signed was compromised by then.
     */
    async findUnsignedEver(
        signatures: readonly KeySignature[],
        index: number,
        judge: (root: TrustRoot) => Promise<string | null>,
    ): Promise<string | null> {
        for (const { keyId } of signatures) {
            const from = this.compromisedFrom(keyId, index);
            if (from !== null) return `key ${keyId.slice(0, 16)} that signed is compromised from entry ${from} on`;
        }
        let newest: string | null = null;
        for (const { root } of this.forces.filter(({ from }) => from <= index).reverse()) {
            const fault = await judge(root);
            if (fault === null) return null;
            newest ??= fault;
        }
        return newest ?? "no trust root was in force";
    }

    /** The root in force at the last entry that a head covers; over nothing, the first. */
    atHead(size: number): TrustRoot {
        return size === 0 ? this.first : this.at(size - 1);
    }

    /** The keys of a role that are believed in a head over so many entries. */
    keysAtHead(role: Role, size: number): Keys {
        const believed = [...this.atHead(size).keys[role]].filter(
            ([id]) => this.compromisedFrom(id, Math.max(size - 1, 0)) === null,
        );
        return new Map(believed);
    }

    /** The root in force at an entry. */
    at(index: number): TrustRoot {
        return this.forces.filter(({ from }) => from <= index).at(-1)?.root ?? this.first;
    }
}
