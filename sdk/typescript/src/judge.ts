// What the checks build on, and those about what was attested. Each stands on its own feet: what one finds wrong does
// not turn another red, and what cannot be judged because of it says so. Keys come from the trust root only.
import { Invalid, toHex } from "./bytes.js";
import { sha256 } from "./crypto.js";
import { findUnsigned, verifyEnvelope, type Envelope } from "./dsse.js";
import type { Evidence } from "./evidence.js";
import { verifyInclusion } from "./merkle.js";
import type { Checkpoint, Note } from "./note.js";
import { MANIFEST_TYPE, OfAnotherDay, openFiles, type PolicyDocument } from "./policy.js";
import { judgeRelease } from "./release.js";
import { VERDICT_COMMAND, type Judgement } from "./report.js";
import {
    STATEMENT_PAYLOAD,
    blindedDigest,
    executionFingerprint,
    parseDecisionRecord,
    parseDecisionStatement,
    parseGroupStatement,
    statementLeaf,
    subjectName,
    type DecisionRecord,
    type DecisionStatement,
    type GroupStatement,
} from "./statement.js";
import { History } from "./history.js";
import type { TrustRoot } from "./trust.js";
import type { WitnessPolicy } from "./witness_policy.js";

/** One evidence file under judgement: what was given, and what earlier checks leave to later ones. */
export class Case {
    attestationKey: Uint8Array | null = null;
    statement: DecisionStatement | null = null;
    record: DecisionRecord | null = null;
    policy: PolicyDocument | null = null;
    checkpoint: Checkpoint | null = null;
    checkpointNote: Note | null = null;
    recordIsAttested = false;
    bundleIsAttested = false;
    /** What keys are judged by; null without a trust root. */
    trust: History | null;

    constructor(
        readonly evidence: Evidence,
        readonly root: TrustRoot | null,
        readonly witnessPolicy: WitnessPolicy | null,
        /** When to judge expiry, instead of the time of the checkpoint. */
        readonly at: bigint | null,
    ) {
        this.trust = root === null ? null : new History(root);
    }

    /** What the attestation key signed: the decision statement, or the statement about its group. */
    get signed(): Envelope {
        const envelope = this.evidence.envelope ?? this.evidence.group?.envelope;
        if (envelope === undefined) throw new Error("evidence has an envelope or a group");
        return envelope;
    }

    /** The bytes of the decision statement. */
    get payload(): Uint8Array {
        return this.evidence.group?.payload ?? this.signed.payload;
    }
}

/** The check passed. */
export function pass(detail: string): Judgement {
    return { outcome: "passed", detail };
}
/** The check failed. */
export function fail(detail: string): Judgement {
    return { outcome: "failed", detail };
}
/** The check cannot be judged. */
export function skip(detail: string): Judgement {
    return { outcome: "not_judged", detail };
}
/** Passed or failed. */
export function judge(good: boolean, passed: string, failed: string): Judgement {
    return good ? pass(passed) : fail(failed);
}

/** What a reader makes of a text: the value, or the failure that its Invalid describes. */
async function attempt<T>(read: () => T | Promise<T>): Promise<{ value: T } | { failure: Judgement }> {
    try {
        return { value: await read() };
    } catch (error) {
        if (error instanceof Invalid) return { failure: fail(error.message) };
        throw error;
    }
}

/** What a check without a trust root says. */
export const NO_ROOT = "no trust root was given";
const NO_STATEMENT = "there is no statement to compare with";

/** By a key that was an attestation key at the entry and is believed there: the statement, or that about its group. */
export async function attestationSignature(c: Case): Promise<Judgement> {
    if (c.trust === null) return skip(NO_ROOT);
    const { logIndex } = c.evidence;
    c.attestationKey = c.trust.find("attestation", c.signed.keyId, logIndex);
    if (c.attestationKey === null)
        return fail(`the key is not an attestation key that the trust root had at entry ${logIndex}`);
    const cut = c.trust.compromisedFrom(c.signed.keyId, logIndex);
    if (cut !== null) return fail(`the attestation key is compromised from entry ${cut} on`);
    return judge(
        await verifyEnvelope(c.signed, c.attestationKey),
        `signed by attestation key ${c.signed.keyId.slice(0, 16)}`,
        "the signature does not verify",
    );
}

/** The group statement speaks of this ledger and covers the entry, and its tree has the entry's leaf in its place. */
export async function group(c: Case): Promise<Judgement> {
    const { group, logIndex } = c.evidence;
    if (group === null) return skip("the statement is signed by itself");
    if (group.envelope.payloadType !== STATEMENT_PAYLOAD)
        return fail("the payload is not an in-toto statement");
    const read = await attempt(() => parseGroupStatement(group.envelope.payload));
    if ("failure" in read) return read.failure;
    const said: GroupStatement = read.value;
    if (c.root !== null && said.origin !== c.root.origin) return fail("the group is of another origin");
    if (c.root !== null && said.tenant !== c.root.tenant) return fail("the group is of another tenant");
    const place = logIndex - said.first;
    if (place < 0 || place >= said.count) return fail("the group does not cover the entry");
    const leaf = await statementLeaf(group.payload);
    const good = await verifyInclusion(place, said.count, leaf, group.hashes, said.root);
    return judge(
        good,
        `entry ${place} of the group of ${said.count} from ${said.first}`,
        "the proof does not lead to the root of the group",
    );
}

/** The payload is a decision statement, canonical and closed. */
export async function statement(c: Case): Promise<Judgement> {
    const { envelope } = c.evidence;
    if (envelope !== null && envelope.payloadType !== STATEMENT_PAYLOAD) {
        return fail("the payload is not an in-toto statement");
    }
    const read = await attempt(() => parseDecisionStatement(c.payload));
    if ("failure" in read) return read.failure;
    c.statement = read.value;
    return pass(`a decision statement about ${read.value.subjectName}`);
}

/** SHA-256(JCS(record)) is the digest of the subject. */
export async function recordDigest(c: Case): Promise<Judgement> {
    if (c.statement === null) return skip(NO_STATEMENT);
    c.recordIsAttested = toHex(await sha256(c.evidence.record)) === c.statement.recordDigest;
    return judge(
        c.recordIsAttested,
        "the record is the subject of the statement",
        "the record is not the one that was attested",
    );
}

/** The first value in which statement, record and trust root differ; null when they agree. */
async function findMismatch(said: DecisionStatement, kept: DecisionRecord, root: TrustRoot | null) {
    const pairs: readonly [string, unknown, unknown][] = [
        ["executionId", said.executionId, kept.executionId],
        ["subject", said.subjectName, subjectName(kept.executionId)],
        ["tenant", said.tenant, kept.tenant],
        ["origin", said.origin, kept.origin],
        ["policyId", said.policyId, kept.policyId],
        ["policyVersion", said.policyVersion, kept.policyVersion],
        ["policyHash", `sha256:${said.policyDigest}`, kept.policyHash],
        ["decision", said.decision, kept.decision],
        ["rule", said.rule, kept.rule],
        ["signalsDigest", said.signalsDigest, await blindedDigest(kept.blind, kept.signals)],
        [
            "actionDigest",
            said.actionDigest,
            kept.action === null ? null : await blindedDigest(kept.blind, kept.action),
        ],
        ["executionFingerprint", kept.executionFingerprint, await executionFingerprint(kept)],
        ["origin of the trust root", said.origin, root?.origin ?? said.origin],
        ["tenant of the trust root", said.tenant, root?.tenant ?? said.tenant],
    ];
    return pairs.find(([, one, other]) => one !== other)?.[0] ?? null;
}

/** Statement and record speak of the same execution, and every derived value is what it must be. */
export async function binding(c: Case): Promise<Judgement> {
    if (c.statement === null || !c.recordIsAttested) return skip("the record is not the attested one");
    const read = await attempt(() => parseDecisionRecord(c.evidence.recordValue));
    if ("failure" in read) return read.failure;
    c.record = read.value;
    const mismatch = await findMismatch(c.statement, c.record, c.root);
    return judge(
        mismatch === null,
        `statement, record and trust root agree on ${c.record.origin}`,
        `\`${mismatch ?? ""}\` does not agree`,
    );
}

/** SHA-256 of the manifest is the policy digest of the statement. */
export async function policyHash(c: Case): Promise<Judgement> {
    if (c.statement === null) return skip(NO_STATEMENT);
    c.bundleIsAttested = toHex(await sha256(c.evidence.policy.envelope.payload)) === c.statement.policyDigest;
    return judge(
        c.bundleIsAttested,
        `sha256:${c.statement.policyDigest}`,
        "the enclosed policy manifest is not the one that was attested",
    );
}

/**
 * The manifest is signed by as many policy keys of a trust root as that asks for, and by nobody else: of the one that
 * was in force at the entry, or of an earlier one. None of them is compromised by then.
 */
export async function policySignature(c: Case): Promise<Judgement> {
    if (c.trust === null) return skip(NO_ROOT);
    const { logIndex, policy } = c.evidence;
    const { envelope } = policy;
    if (envelope.payloadType !== MANIFEST_TYPE) return fail("the signed manifest is of another type");
    const fault = await c.trust.findUnsignedEver(envelope.signatures, logIndex, (root) =>
        findUnsigned(envelope, root.keys.policy, root.thresholds.policy),
    );
    if (fault !== null) return fail(fault);
    const ids = envelope.signatures.map(({ keyId }) => keyId.slice(0, 16));
    return pass(`signed by policy ${ids.length === 1 ? "key" : "keys"} ${ids.join(", ")}`);
}

/** Digests, identity, schema hash and language profile; whether the rules compile is not judged here. */
export async function policyBundle(c: Case): Promise<Judgement> {
    if (c.statement === null) return skip(NO_STATEMENT);
    if (!c.bundleIsAttested) return skip("the enclosed manifest is not the attested one");
    try {
        const policy = await openFiles(c.evidence.policy);
        if (policy.id !== c.statement.policyId || policy.version !== c.statement.policyVersion) {
            return fail("the enclosed policy has another identity than the statement names");
        }
        if (
            policy.schemaDigest !== c.statement.schemaDigest ||
            policy.profile !== c.statement.languageProfile
        ) {
            return fail("the enclosed policy has another schema or language profile");
        }
        c.policy = policy;
        return pass(`${policy.id} ${policy.version} (its rules were not compiled here)`);
    } catch (error) {
        if (error instanceof OfAnotherDay) return skip(error.message);
        if (error instanceof Invalid) return fail(error.message);
        throw error;
    }
}

/** SHA-256(JCS(runtimeManifest)) is the runtime digest of the statement. */
export async function runtimeHash(c: Case): Promise<Judgement> {
    if (c.statement === null) return skip(NO_STATEMENT);
    const hash = toHex(await sha256(c.evidence.runtimeManifest));
    return judge(
        hash === c.statement.runtimeDigest,
        `sha256:${hash} (as the runtime says of itself)`,
        "the enclosed runtime manifest is not the one that was attested",
    );
}

/** A release that was in force admits the runtime, or there was none to ask. */
export async function release(c: Case): Promise<Judgement> {
    if (c.statement === null) return skip(NO_STATEMENT);
    const { release: said, runtimeDigest } = c.statement;
    const { release: enclosed, logIndex: index } = c.evidence;
    return judgeRelease({ said, runtimeDigest, enclosed, trust: c.trust, index });
}

/** Never judged: signals are bound to schemas by the evaluator of policies, which is not here. */
export function signalsSchema(): Judgement {
    return skip(`signals are not compared with the policy's schema here; to have it done: ${VERDICT_COMMAND}`);
}

/** Never judged: policies are not evaluated here. */
export function verdict(): Judgement {
    return skip(`policies are not evaluated here; to have the verdict derived again: ${VERDICT_COMMAND}`);
}
