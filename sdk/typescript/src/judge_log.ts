// The checks about the log: heads, places in the tree, times, witnesses.
import { Invalid } from "./bytes.js";
import { NO_ROOT, fail, judge, pass, skip, type Case } from "./judge.js";
import { verifyConsistency, verifyInclusion } from "./merkle.js";
import {
    cosignatureTime,
    isCosignedBy,
    isSignedBy,
    parseCheckpoint,
    parseNote,
    type CosignedCheckpoint,
    type Note,
    type SignatureLine,
    type VerifierKey,
} from "./note.js";
import type { Judgement } from "./report.js";
import { envelopeLeaf, statementLeaf } from "./statement.js";
import type { History } from "./history.js";
import { timeInWords } from "./time.js";
import { judgeChain, judgeExpiry, judgeKeyEvents } from "./trust_path.js";
import { holdsQuorum, type WitnessPolicy } from "./witness_policy.js";

/** Whether a log key that signs heads of this size signed the note under the origin's name. */
async function isByLog(trust: History, note: Note, size: number): Promise<boolean> {
    for (const key of trust.keysAtHead("log", size).values()) {
        if (await isSignedBy(note, trust.newest.root.origin, key)) return true;
    }
    return false;
}

/** The enclosed trust roots are a chain with the one that the verifier holds. Only in parmana-evidence/2. */
export async function trustChain(c: Case): Promise<Judgement> {
    if (c.root === null) return skip(NO_ROOT);
    const { bracket, treeSize } = c.evidence;
    if (bracket === null) return skip("the file encloses no trust roots");
    const { trust, judgement } = await judgeChain(bracket.trustPath, c.root, Math.max(treeSize - 1, 0));
    c.trust = trust;
    return judgement;
}

/** The entries that put the later roots in force. Only where there is more than one root. */
export async function keyEvents(c: Case): Promise<Judgement> {
    if (c.trust === null) return skip(NO_ROOT);
    const { bracket } = c.evidence;
    if (bracket === null || c.checkpoint === null) return skip("there is no checkpoint");
    return judgeKeyEvents(bracket.trustPath, c.trust, c.checkpoint);
}

/** The newest enclosed root had not expired at the time of the checkpoint, or at the time that was given. */
export async function trustExpiry(c: Case): Promise<Judgement> {
    if (c.trust === null) return skip(NO_ROOT);
    return judgeExpiry(c.trust, (await timesOf(c)).notAfter, c.at);
}

/** The checkpoint is of the trust root's origin and signed by a log key that it had at its size. */
export async function checkpointSignature(c: Case): Promise<Judgement> {
    try {
        c.checkpointNote = parseNote(c.evidence.checkpoint);
        c.checkpoint = parseCheckpoint(c.checkpointNote.text);
    } catch (error) {
        if (!(error instanceof Invalid)) throw error;
        return fail("the checkpoint is not a signed note of a tree head");
    }
    if (c.root === null || c.trust === null) return skip(NO_ROOT);
    if (c.checkpoint.origin !== c.root.origin)
        return fail("the checkpoint is of another origin than the trust root");
    return judge(
        await isByLog(c.trust, c.checkpointNote, c.checkpoint.size),
        `${c.checkpoint.origin} at size ${c.checkpoint.size}`,
        "the checkpoint is not signed by a log key that the trust root had at its size",
    );
}

/** The proof leads from the leaf, computed anew, to the root of the checkpoint. */
export async function inclusion(c: Case): Promise<Judgement> {
    const { envelope, group, logIndex, proof, treeSize } = c.evidence;
    if (group === null && c.attestationKey === null) return skip("the leaf needs the attestation key");
    if (c.checkpoint === null) return skip("there is no checkpoint");
    if (c.checkpoint.size !== treeSize) return fail("the proof is for another tree size than the checkpoint");
    const leaf =
        envelope !== null && c.attestationKey !== null
            ? await envelopeLeaf(envelope, c.attestationKey)
            : await statementLeaf(c.payload);
    return judge(
        await verifyInclusion(logIndex, treeSize, leaf, proof, c.checkpoint.root),
        `entry ${logIndex} of ${treeSize}`,
        "the inclusion proof does not lead to the root of the checkpoint",
    );
}

/** The time of the log's own cosignature; null when it is not by a log key of the trust root. */
async function timeOf(trust: History, head: CosignedCheckpoint): Promise<bigint | null> {
    for (const key of trust.keysAtHead("log", head.size).values()) {
        if (await isCosignedBy(head.note, head.cosignature, head.origin, key)) {
            return cosignatureTime(head.cosignature);
        }
    }
    return null;
}

/** The times between which the entry was logged, by the clock of the log; null where a time is not valid. */
export async function timesOf(c: Case): Promise<{ notBefore: bigint | null; notAfter: bigint | null }> {
    const { bracket } = c.evidence;
    if (c.trust === null || bracket === null) return { notBefore: null, notAfter: null };
    return {
        notBefore: await timeOf(c.trust, bracket.previous),
        notAfter: await timeOf(c.trust, bracket.checkpoint),
    };
}

/** Both heads have a time that a log key signed, and it does not run back. Only in parmana-evidence/2. */
export async function checkpointTime(c: Case): Promise<Judgement> {
    if (c.root === null) return skip(NO_ROOT);
    const { notBefore, notAfter } = await timesOf(c);
    if (notAfter === null) return fail("the checkpoint has no valid time of the log");
    if (notBefore === null) return fail("the previous checkpoint has no valid time of the log");
    return judge(
        notBefore <= notAfter,
        `logged between ${timeInWords(notBefore)} and ${timeInWords(notAfter)}, by the clock of the log`,
        "the previous checkpoint is younger than the checkpoint",
    );
}

/** The head before is one of this log, does not cover the entry, and the checkpoint extends it. */
export async function previousCheckpoint(c: Case): Promise<Judgement> {
    const { bracket, logIndex } = c.evidence;
    if (bracket === null) return skip("the file has no previous checkpoint");
    if (c.root === null || c.trust === null) return skip(NO_ROOT);
    const { checkpoint, consistency, previous } = bracket;
    if (previous.origin !== c.root.origin) return fail("the previous checkpoint is of another origin");
    if (!(await isByLog(c.trust, previous.note, previous.size))) {
        return fail("the previous checkpoint is not signed by a log key of the trust root");
    }
    if (previous.size > logIndex) return fail("the previous checkpoint covers the entry already");
    const good = await verifyConsistency(
        previous.size,
        checkpoint.size,
        consistency,
        previous.root,
        checkpoint.root,
    );
    return judge(
        good,
        `the log grew from ${previous.size} to ${checkpoint.size} entries`,
        "the consistency proof does not lead from the previous checkpoint to the checkpoint",
    );
}

/** The witnesses of the policy that cosigned; null when a line is not a valid cosignature of one of them. */
async function cosigners(policy: WitnessPolicy, head: CosignedCheckpoint): Promise<Set<VerifierKey> | null> {
    const found = new Set<VerifierKey>();
    const signer = async (line: SignatureLine): Promise<VerifierKey | null> => {
        for (const witness of policy.witnesses) {
            if (await isCosignedBy(head.note, line, witness.name, witness.key)) return witness;
        }
        return null;
    };
    for (const line of head.witnesses) {
        const witness = await signer(line);
        if (witness === null) return null;
        found.add(witness);
    }
    return found;
}

/**
 * Whose cosignatures of the trust root in force at a head are there, by key id; null when a line is by none of its
 * witnesses.
 */
async function rootCosigners(trust: History, head: CosignedCheckpoint): Promise<Set<string> | null> {
    const found = new Set<string>();
    for (const line of head.witnesses) {
        let by: string | null = null;
        for (const [id, key] of trust.atHead(head.size).keys.witness) {
            if (await isCosignedBy(head.note, line, line.name, key)) by = id;
        }
        if (by === null) return null;
        found.add(by);
    }
    return found;
}

/** The trust root names witnesses: as many as it asks for cosigned, and are believed there. */
async function judgeRootWitnesses(
    trust: History,
    { checkpoint, previous }: { checkpoint: CosignedCheckpoint; previous: CosignedCheckpoint },
): Promise<Judgement> {
    const now = await rootCosigners(trust, checkpoint);
    if (now === null || (await rootCosigners(trust, previous)) === null)
        return fail("a line is not a valid cosignature of a witness of the trust root");
    const believed = trust.keysAtHead("witness", checkpoint.size);
    const count = [...now].filter((id) => believed.has(id)).length;
    const threshold = trust.atHead(checkpoint.size).thresholds.witness;
    const words = `${count} witnesses of the trust root cosigned, and it asks for ${threshold}`;
    return judge(count >= threshold, words, words);
}

/** Every cosignature is by a witness of the policy, and those of the checkpoint are a quorum. */
export async function witnesses(c: Case): Promise<Judgement> {
    const { bracket } = c.evidence;
    if (bracket === null) return skip("the file has no cosignatures");
    const asked = c.trust !== null && c.trust.atHead(bracket.checkpoint.size).keys.witness.size > 0;
    if (c.witnessPolicy === null && c.trust !== null && asked) return judgeRootWitnesses(c.trust, bracket);
    const lines = bracket.checkpoint.witnesses.length + bracket.previous.witnesses.length;
    if (c.witnessPolicy === null) {
        if (lines > 0) return skip("no witness policy was given");
        return pass("nobody was asked to watch: rollback_undetectable");
    }
    const now = await cosigners(c.witnessPolicy, bracket.checkpoint);
    const before = await cosigners(c.witnessPolicy, bracket.previous);
    if (now === null || before === null) {
        return fail("a line is not a valid cosignature of a witness of the policy");
    }
    return judge(
        holdsQuorum(c.witnessPolicy, now),
        `the quorum holds: ${now.size} of the policy's witnesses cosigned`,
        "the checkpoint is not cosigned by the quorum of the policy",
    );
}
