// C2SP tlog-policy: which witnesses must have cosigned a checkpoint.
import { Invalid, toHex, utf8 } from "./bytes.js";
import { parseVerifierKey, type VerifierKey } from "./note.js";

const POLICY_BYTES_MAX = 64 * 1024;
/** Of logs, of witnesses and of groups: the least that the specification asks for. */
const DEFINITIONS_MAX = 32;
/** Of the 16 signature lines of a note the log takes two. */
const ROOM_FOR_WITNESSES = 14;

/** A witness or a group, as the quorum counts it; `needed` is the fewest cosignatures that satisfy it. */
type Member = { readonly needed: number } & (
    | { readonly kind: "witness"; readonly key: VerifierKey }
    | { readonly kind: "group"; readonly threshold: number; readonly members: readonly string[] }
);

/** A policy, read. */
export interface WitnessPolicy {
    /** The verifier keys of all witnesses, in the order of the file. */
    readonly witnesses: readonly VerifierKey[];
    readonly members: ReadonlyMap<string, Member>;
    /** The name of the member that must have witnessed; null for `quorum none`. */
    readonly quorum: string | null;
}

class Builder {
    readonly members = new Map<string, Member>();
    readonly witnesses: VerifierKey[] = [];
    quorum: string | null | undefined;
    private readonly counts = { log: 0, witness: 0, group: 0 };
    private readonly keys = new Set<string>();
    private readonly taken = new Set<string>();

    private count(of: "log" | "witness" | "group"): void {
        if (++this.counts[of] > DEFINITIONS_MAX)
            throw new Invalid(`there are more than ${DEFINITIONS_MAX} of ${of}`);
    }

    async line(items: readonly string[]): Promise<void> {
        const [keyword, ...rest] = items;
        if (keyword === "log") return this.log(rest);
        if (keyword === "witness") return this.witness(rest);
        if (keyword === "group") return this.group(rest);
        if (keyword === "quorum") return this.setQuorum(rest);
        throw new Invalid(`\`${keyword ?? ""}\` is not a word that begins a line`);
    }

    private async key(text: string, of: "log" | "witness"): Promise<VerifierKey> {
        const key = await parseVerifierKey(text);
        if (key.type !== (of === "log" ? 0x01 : 0x04)) throw new Invalid(`the key is not that of a ${of}`);
        const bytes = toHex(key.key);
        // The same key under another name is the same party, and no log watches itself.
        if (this.keys.has(bytes)) throw new Invalid("the key stands on a line before");
        this.keys.add(bytes);
        return key;
    }

    private async log(items: readonly string[]): Promise<void> {
        this.count("log");
        const [key] = items;
        if (key === undefined || items.length > 2) throw new Invalid("a log has a key, and perhaps an address");
        await this.key(key, "log");
    }

    private async witness(items: readonly string[]): Promise<void> {
        this.count("witness");
        const [name, text] = items;
        if (name === undefined || text === undefined || items.length > 3) {
            throw new Invalid("a witness has a name, a key, and perhaps an address");
        }
        const key = await this.key(text, "witness");
        this.define(name, { kind: "witness", key, needed: 1 });
        this.witnesses.push(key);
    }

    private group(items: readonly string[]): void {
        this.count("group");
        const [name, threshold, ...members] = items;
        if (name === undefined || threshold === undefined || members.length === 0) {
            throw new Invalid("a group has a name, a threshold and members");
        }
        for (const member of members) {
            if (!this.members.has(member)) throw new Invalid(`\`${member}\` is not defined before it is used`);
            if (this.taken.has(member)) throw new Invalid(`\`${member}\` is a member twice`);
            this.taken.add(member);
        }
        const count = threshold === "any" ? 1 : threshold === "all" ? members.length : Number(threshold);
        const spelled = threshold === "any" || threshold === "all" || /^[1-9][0-9]*$/.test(threshold);
        if (!spelled || count > members.length) throw new Invalid("a threshold is not within its group");
        // No witness stands under two members, so the cheapest members are the cheapest way.
        const costs = members.map((member) => this.members.get(member)?.needed ?? 0).sort((a, b) => a - b);
        const needed = costs.slice(0, count).reduce((sum, cost) => sum + cost, 0);
        this.define(name, { kind: "group", threshold: count, members, needed });
    }

    private define(name: string, member: Member): void {
        if (name === "none" || this.members.has(name)) throw new Invalid(`\`${name}\` is taken`);
        this.members.set(name, member);
    }

    private setQuorum(items: readonly string[]): void {
        const [name] = items;
        if (name === undefined || items.length !== 1) throw new Invalid("a quorum is one name");
        if (this.quorum !== undefined) throw new Invalid("there is more than one quorum");
        if (name !== "none" && !this.members.has(name))
            throw new Invalid(`\`${name}\` is not defined before it is used`);
        if ((this.members.get(name)?.needed ?? 0) > ROOM_FOR_WITNESSES) {
            throw new Invalid(`no checkpoint has room for more than ${ROOM_FOR_WITNESSES} cosignatures`);
        }
        this.quorum = name === "none" ? null : name;
    }
}

/**
 * Reads a policy (C2SP tlog-policy): at most 64 KiB, and 32 lines each of logs, witnesses and groups; Ed25519 keys of
 * type 0x01 for logs, 0x04 for witnesses, each once. Addresses are not looked at. Throws Invalid with the line.
 */
export async function parseWitnessPolicy(text: string): Promise<WitnessPolicy> {
    const builder = new Builder();
    if (utf8(text).length > POLICY_BYTES_MAX) throw new Invalid("the witness policy is longer than 64 KiB");
    if (!text.endsWith("\n"))
        throw new Invalid("the last line of the witness policy does not end with a newline");
    const lines = text.split("\n");
    for (let i = 0; i < lines.length; ++i) {
        const line = lines[i] ?? "";
        try {
            if (/[\u0000-\u0008\u000a-\u001f\u007f]/.test(line)) throw new Invalid("a control character");
            const items = line.split(/[ \t]+/).filter((item) => item !== "");
            if (items.length > 0 && !items[0]?.startsWith("#")) await builder.line(items);
        } catch (error) {
            if (error instanceof Invalid) throw new Invalid(`witness policy, line ${i + 1}: ${error.message}`);
            throw error;
        }
    }
    if (builder.quorum === undefined) throw new Invalid("the witness policy has no quorum");
    return { witnesses: builder.witnesses, members: builder.members, quorum: builder.quorum };
}

/** Whether the quorum holds when exactly these of the policy's witnesses have cosigned. */
export function holdsQuorum(policy: WitnessPolicy, cosigned: ReadonlySet<VerifierKey>): boolean {
    const witnessed = (name: string): boolean => {
        const member = policy.members.get(name);
        if (member === undefined) return false;
        if (member.kind === "witness") return cosigned.has(member.key);
        return member.members.filter(witnessed).length >= member.threshold;
    };
    return policy.quorum === null || witnessed(policy.quorum);
}
