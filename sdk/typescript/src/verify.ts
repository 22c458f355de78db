// The offline verifier: an evidence file and a pinned trust root in, one named check after the other out.
import { Invalid, fromUtf8 } from "./bytes.js";
import { parseEnvelope, verifyEnvelope, type Envelope } from "./dsse.js";
import { parseEvidence, type Evidence } from "./evidence.js";
import { canonical, isObject, parse } from "./json.js";
import * as attested from "./judge.js";
import { Case, NO_ROOT, fail, judge, pass, skip } from "./judge.js";
import * as logged from "./judge_log.js";
import { VERDICT, exitCode, type Check, type Judgement, type Report, type Summary } from "./report.js";
import { STATEMENT_PAYLOAD, isExecutionId, parseStatement, subjectName, type Said } from "./statement.js";
import { parseTime } from "./time.js";
import { parseTrustRoot, type TrustRoot } from "./trust.js";
import { parseWitnessPolicy, type WitnessPolicy } from "./witness_policy.js";

/** What a verifier brings along. Texts are read first; a text that is not valid makes `verify` throw Invalid. */
export interface Options {
    /** The pinned trust root. Without it nothing that needs a key is judged. */
    readonly trustRoot?: TrustRoot | string | null | undefined;
    /** A C2SP tlog-policy: whose cosignatures count. Without it cosignatures of witnesses are not judged. */
    readonly witnessPolicy?: WitnessPolicy | string | null | undefined;
    /**
     * When the trust root must not have expired, as unix seconds or in RFC 3339. Without it that is judged at the time
     * of the checkpoint.
     */
    readonly at?: bigint | string | null | undefined;
}

interface Step {
    readonly name: string;
    readonly run: (c: Case) => Judgement | Promise<Judgement>;
    readonly when?: (evidence: Evidence) => boolean;
}
const inKindLog = (evidence: Evidence): boolean => evidence.group !== null;
const isRotated = (evidence: Evidence): boolean => (evidence.bracket?.trustPath.events.length ?? 0) > 0;
const inVersion2 = (evidence: Evidence): boolean => evidence.bracket !== null;

const STEPS: readonly Step[] = [
    { name: "trust_chain", run: logged.trustChain, when: inVersion2 },
    { name: "attestation_signature", run: attested.attestationSignature },
    { name: "group", run: attested.group, when: inKindLog },
    { name: "statement", run: attested.statement },
    { name: "record_digest", run: attested.recordDigest },
    { name: "binding", run: attested.binding },
    { name: "policy_hash", run: attested.policyHash },
    { name: "policy_signature", run: attested.policySignature },
    { name: "policy_bundle", run: attested.policyBundle },
    { name: "runtime_hash", run: attested.runtimeHash },
    { name: "release", run: attested.release },
    { name: "signals_schema", run: attested.signalsSchema },
    { name: "verdict", run: attested.verdict },
    { name: "checkpoint_signature", run: logged.checkpointSignature },
    { name: "inclusion", run: logged.inclusion },
    { name: "key_events", run: logged.keyEvents, when: isRotated },
    { name: "checkpoint_time", run: logged.checkpointTime, when: inVersion2 },
    { name: "trust_expiry", run: logged.trustExpiry, when: inVersion2 },
    { name: "previous_checkpoint", run: logged.previousCheckpoint, when: inVersion2 },
    { name: "witnesses", run: logged.witnesses, when: inVersion2 },
];

async function judgeEvidence(c: Case): Promise<Check[]> {
    const checks: Check[] = [];
    for (const { name, run, when } of STEPS) {
        if (when === undefined || when(c.evidence)) checks.push({ name, ...(await run(c)) });
    }
    return checks;
}

async function summarize(c: Case): Promise<Summary | null> {
    const { record } = c;
    if (record === null) return null;
    const { executionId, decision, rule, reason, policyId, policyVersion, origin, tenant } = record;
    const { logIndex, treeSize, group } = c.evidence;
    return {
        executionId,
        decision,
        rule,
        reason,
        policyId,
        policyVersion,
        origin,
        tenant,
        attestation: group === null ? "statement" : "log",
        logIndex,
        treeSize,
        ...(await logged.timesOf(c)),
    };
}

function readStatement(envelope: Envelope): Said | Judgement {
    if (envelope.payloadType !== STATEMENT_PAYLOAD) return fail("the payload is not an in-toto statement");
    try {
        return parseStatement(envelope.payload);
    } catch (error) {
        if (error instanceof Invalid) return fail(error.message);
        throw error;
    }
}

function findMismatch(said: Said, root: TrustRoot | null): string | null {
    if (!isExecutionId(said.executionId)) return "executionId";
    if (said.subjectName !== subjectName(said.executionId)) return "subject";
    if (root !== null && said.origin !== root.origin) return "origin of the trust root";
    if (root !== null && said.tenant !== root.tenant) return "tenant of the trust root";
    return null;
}

/** A bare attestation: signature and statement, of a decision or a refusal. */
async function judgeAttestation(envelope: Envelope, root: TrustRoot | null): Promise<Check[]> {
    const key = root?.keys.attestation.get(envelope.keyId);
    const signed = key !== undefined && (await verifyEnvelope(envelope, key));
    const signature =
        root === null
            ? skip(NO_ROOT)
            : key === undefined && root.version > 1
              ? // Alone it has no place in the ledger, and the key may be one that an earlier root had.
                skip(`the key is none of version ${root.version} of the trust root: evidence tells of earlier ones`)
              : judge(
                    signed,
                    `signed by attestation key ${envelope.keyId.slice(0, 16)}`,
                    "the signature is not by an attestation key of the trust root",
                );
    const said = readStatement(envelope);
    const checks: Check[] = [{ name: "attestation_signature", ...signature }];
    if ("outcome" in said) {
        checks.push({ name: "statement", ...said });
        checks.push({ name: "binding", ...skip("there is no statement to compare with") });
        return checks;
    }
    const mismatch = findMismatch(said, root);
    checks.push({ name: "statement", ...pass(said.inWords) });
    checks.push({
        name: "binding",
        ...judge(
            mismatch === null,
            `the statement is of ${said.origin}`,
            `\`${mismatch ?? ""}\` does not agree`,
        ),
    });
    return checks;
}

type Read =
    | { readonly kind: "evidence"; readonly evidence: Evidence }
    | { readonly kind: "attestation"; readonly envelope: Envelope }
    | { readonly kind: "evidence" | "attestation"; readonly failure: string };

function looksLikeEnvelope(text: string): boolean {
    try {
        const document = parse(text);
        return isObject(document) && document.has("payloadType");
    } catch (error) {
        if (error instanceof Invalid) return false;
        throw error;
    }
}

function read(text: string): Read {
    const kind = looksLikeEnvelope(text) ? "attestation" : "evidence";
    try {
        if (kind === "evidence") return { kind, evidence: parseEvidence(text) };
        const document = parse(text);
        const envelope = parseEnvelope(document, "/");
        if (canonical(document) !== text) {
            throw new Invalid("the file is not in canonical form: it has one spelling only");
        }
        return { kind, envelope };
    } catch (error) {
        if (error instanceof Invalid) return { kind, failure: error.message };
        throw error;
    }
}

function readBytes(file: string | Uint8Array): Read {
    if (typeof file === "string") return read(file);
    try {
        return read(fromUtf8(file));
    } catch (error) {
        if (error instanceof Invalid) return { kind: "evidence", failure: error.message };
        throw error;
    }
}

function readTime(at: bigint | string | null): bigint | null {
    if (typeof at !== "string") return at;
    const seconds = parseTime(at);
    if (seconds === null) throw new Invalid("the time to judge at is not a time (RFC 3339)");
    return seconds;
}

/**
 * Judges an evidence file, or a bare attestation (a DSSE envelope: signature and statement only), offline
 * (docs/formats/evidence.md, "Checks"). The report has the checks of `parmana verify --json` in the same order with
 * the same outcomes, but that policies are not evaluated here: `signals_schema` and `verdict` are never judged, and
 * `policy_bundle` does not compile the policy. What is wrong with the file is in the report and never thrown.
 *
 * Throws Invalid for a trust root, witness policy or time that is not valid, Unsupported on a platform without Ed25519
 * in WebCrypto.
 */
export async function verify(file: string | Uint8Array, options: Options = {}): Promise<Report> {
    const { trustRoot, witnessPolicy } = options;
    const root = typeof trustRoot === "string" ? await parseTrustRoot(trustRoot) : (trustRoot ?? null);
    const policy =
        typeof witnessPolicy === "string" ? await parseWitnessPolicy(witnessPolicy) : (witnessPolicy ?? null);
    const at = readTime(options.at ?? null);
    const found = readBytes(file);
    const format = "failure" in found ? fail(found.failure) : pass(`${found.kind} in its one spelling`);
    const trust = root === null ? skip(NO_ROOT) : pass(`version ${root.version}, ${root.fingerprint}`);
    const checks: Check[] = [
        { name: "format", ...format },
        { name: "trust_root", ...trust },
    ];
    let summary: Summary | null = null;
    let executionId: string | null = null;
    if ("evidence" in found) {
        const c = new Case(found.evidence, root, policy, at);
        checks.push(...(await judgeEvidence(c)));
        summary = await summarize(c);
        executionId = c.statement?.executionId ?? null;
    } else if ("envelope" in found) {
        checks.push(...(await judgeAttestation(found.envelope, root)));
        const said = readStatement(found.envelope);
        executionId = "outcome" in said ? null : said.executionId;
    }
    const report: Report = {
        kind: found.kind,
        trustFingerprint: root?.fingerprint ?? null,
        executionId,
        checks,
        valid: false,
        verdict: found.kind === "evidence" ? VERDICT : null,
        summary,
    };
    return { ...report, valid: exitCode(report) === 0 };
}
