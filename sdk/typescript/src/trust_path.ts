// The trust roots that a file encloses, and the entries that put them in force (docs/formats/evidence.md).
import { Invalid } from "./bytes.js";
import { parseEnvelope, verifyEnvelope, type Envelope } from "./dsse.js";
import { Fields } from "./fields.js";
import { History } from "./history.js";
import { canonical } from "./json.js";
import { verifyInclusion } from "./merkle.js";
import type { Checkpoint } from "./note.js";
import type { Judgement } from "./report.js";
import { STATEMENT_PAYLOAD, envelopeLeaf, parseKeyEventStatement } from "./statement.js";
import { timeInWords } from "./time.js";
import { parseTrustRoot, type TrustRoot } from "./trust.js";

/** The entry that put a trust root in force, and its place under the checkpoint. */
export interface KeyEvent {
    readonly envelope: Envelope;
    readonly hashes: readonly Uint8Array[];
    readonly index: number;
}

/** The enclosed trust roots, each canonical JSON, and for each but the first the event that put it in force. */
export interface TrustPath {
    readonly roots: readonly string[];
    readonly events: readonly KeyEvent[];
}

/** Reads `trustRoots` and, when there is more than one, `keyEvents`: layout alone. Throws Invalid. */
export function readTrustPath(fields: Fields): TrustPath {
    const roots = fields.array("trustRoots").map(canonical);
    if (roots.length === 0) fields.invalid("trustRoots", "an array of one trust root or more");
    if (fields.has("keyEvents") !== roots.length > 1)
        fields.invalid("trustRoots", "more than one where there are `keyEvents`, and only there");
    const values = fields.has("keyEvents") ? fields.array("keyEvents") : [];
    const events = values.map((value) => {
        const event: Fields = Fields.open(value, "/keyEvents", ["envelope", "hashes", "logIndex"]);
        return {
            envelope: parseEnvelope(event.any("envelope"), "/keyEvents/envelope"),
            hashes: event.hashes("hashes"),
            index: event.unsigned("logIndex"),
        };
    });
    if (events.length + 1 !== roots.length)
        fields.invalid("keyEvents", "an array of one event for each trust root behind the first");
    return { roots, events };
}

async function readChain(path: TrustPath): Promise<History> {
    const [first, ...later] = await Promise.all(path.roots.map(parseTrustRoot));
    if (first?.version !== 1) throw new Invalid("the first of them is not version 1");
    const history = new History(first);
    for (const [i, root] of later.entries()) await history.add(root, path.events[i]?.index ?? -1);
    return history;
}

function relation(newest: number, held: number): string {
    if (newest > held) return `from version ${held}, which was given, to version ${newest}`;
    if (newest < held) return `version ${held}, which was given, vouches for version ${newest}`;
    return `the enclosed trust root is the one that was given, version ${newest}`;
}

/**
 * What keys are judged by: the enclosed chain, or the held root alone where the two do not belong together. `index` is
 * the last entry that the file speaks of.
 */
export async function judgeChain(
    path: TrustPath,
    held: TrustRoot,
    index: number,
): Promise<{ trust: History; judgement: Judgement }> {
    try {
        const trust = await readChain(path);
        trust.heed(held, index);
        const detail = relation(trust.newest.root.version, held.version);
        return { trust, judgement: { outcome: "passed", detail } };
    } catch (error) {
        if (!(error instanceof Invalid)) throw error;
        const detail = `the enclosed trust roots are not a chain with the one that was given: ${error.message}`;
        return { trust: new History(held), judgement: { outcome: "failed", detail } };
    }
}

/** Why an event is none; null when it is one. */
async function findFault(event: KeyEvent, root: TrustRoot, head: Checkpoint): Promise<string | null> {
    const { envelope, hashes, index } = event;
    if (envelope.payloadType !== STATEMENT_PAYLOAD) return "its payload is not an in-toto statement";
    try {
        const said = await parseKeyEventStatement(envelope.payload);
        if (said.origin !== root.origin || said.tenant !== root.tenant)
            return "it is of another origin or tenant";
        if (said.version !== root.version || said.fingerprint !== root.fingerprint)
            return "it is about another trust root";
    } catch (error) {
        if (error instanceof Invalid) return error.message;
        throw error;
    }
    const key = root.keys.attestation.get(envelope.keyId);
    if (key === undefined) return "its key is not an attestation key of the root that it puts in force";
    if (!(await verifyEnvelope(envelope, key))) return "its signature does not verify";
    const leaf = await envelopeLeaf(envelope, key);
    if (await verifyInclusion(index, head.size, leaf, hashes, head.root)) return null;
    return "its proof does not lead to the root of the checkpoint";
}

/** Each event is an entry under the head and says which root came into force. */
export async function judgeKeyEvents(path: TrustPath, trust: History, head: Checkpoint): Promise<Judgement> {
    for (const [i, event] of path.events.entries()) {
        const force = trust.all[i + 1];
        if (force === undefined)
            return { outcome: "not_judged", detail: "the enclosed trust roots are not a chain" };
        const fault = await findFault(event, force.root, head);
        if (fault === null) continue;
        return { outcome: "failed", detail: `the event that put version ${i + 2} in force: ${fault}` };
    }
    const { root, from } = trust.newest;
    return { outcome: "passed", detail: `version ${root.version} is in force from entry ${from} on` };
}

/** The newest root of the chain had not expired at `at`, or else at the time of the head. */
export function judgeExpiry(trust: History, headTime: bigint | null, at: bigint | null): Judgement {
    const time = at ?? headTime;
    if (time === null) return { outcome: "not_judged", detail: "the head has no time that could be believed" };
    const { version, expires, expiresAt } = trust.newest.root;
    const which = at === null ? ", the time of the checkpoint" : "";
    const detail = `version ${version}, which expires at ${expires}, judged at ${timeInWords(time)}${which}`;
    return { outcome: time < expiresAt ? "passed" : "failed", detail };
}
