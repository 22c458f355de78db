// Records and statements (docs/formats/record-and-statement.md), and the leaves of the log.
import { Invalid, fromUtf8, toBase64, toHex, utf8 } from "./bytes.js";
import { hmacSha256, sha256 } from "./crypto.js";
import type { Envelope } from "./dsse.js";
import { Fields } from "./fields.js";
import { canonical, object, parse, type Json } from "./json.js";
import { hashLeaf } from "./merkle.js";
import type { SaidRelease } from "./release.js";

/** Payload type of every signed statement. */
export const STATEMENT_PAYLOAD = "application/vnd.in-toto+json";
const STATEMENT_TYPE = "https://in-toto.io/Statement/v1";
const DECISION_TYPE = "urn:parmana:decision/v1";
const REFUSAL_TYPE = "urn:parmana:refusal/v1";
const GROUP_TYPE = "urn:parmana:group/v1";
const KEY_EVENT_TYPE = "urn:parmana:key-event/v1";

/** What a policy can decide. */
export type Decision = "approved" | "rejected" | "override_required";

/** A decision statement. Digests of policy, runtime, schema and record are in hexadecimal. */
export interface DecisionStatement {
    readonly subjectName: string;
    readonly recordDigest: string;
    readonly actionDigest: string | null;
    readonly decision: Decision;
    readonly executionId: string;
    readonly languageProfile: string;
    readonly origin: string;
    readonly policyDigest: string;
    readonly policyId: string;
    readonly policyVersion: string;
    /** Null in statements of before there were releases. */
    readonly release: SaidRelease | null;
    readonly rule: string;
    readonly runtimeDigest: string;
    readonly schemaDigest: string;
    readonly signalsDigest: string;
    readonly tenant: string;
}

/** What a statement of either kind says about whom. */
export interface Said {
    readonly subjectName: string;
    readonly executionId: string;
    readonly origin: string;
    readonly tenant: string;
    readonly inWords: string;
}

/** A group statement: `count` consecutive entries from `first`, and the root of the tree over their leaves. */
export interface GroupStatement {
    readonly first: number;
    readonly count: number;
    readonly origin: string;
    readonly tenant: string;
    readonly root: Uint8Array;
}

/** A key event: a version of the trust root comes into force. */
export interface KeyEventStatement {
    readonly version: number;
    readonly fingerprint: string;
    readonly origin: string;
    readonly tenant: string;
}

/** A decision record. `signals` and `action` are canonical JSON. */
export interface DecisionRecord {
    readonly action: string | null;
    readonly blind: Uint8Array;
    readonly decision: Decision;
    readonly executionFingerprint: string;
    readonly executionId: string;
    readonly origin: string;
    readonly policyHash: string;
    readonly policyId: string;
    readonly policyVersion: string;
    readonly reason: string;
    readonly rule: string;
    readonly signals: string;
    readonly tenant: string;
}

/** Whether a text can identify an execution. */
export function isExecutionId(text: string): boolean {
    return /^[A-Za-z0-9][A-Za-z0-9._~-]{0,127}$/.test(text);
}

/** The name of the subject of a statement about an execution. */
export function subjectName(executionId: string): string {
    return `execution:${executionId}`;
}

function readDecision(fields: Fields): Decision {
    const word = fields.string("decision");
    if (word === "approved" || word === "rejected" || word === "override_required") return word;
    return fields.invalid("decision", "`approved`, `rejected` or `override_required`");
}

function readCanonical(payload: Uint8Array): Json {
    const text = fromUtf8(payload);
    const document = parse(text);
    if (canonical(document) !== text) throw new Invalid("the statement is not in canonical form");
    return document;
}

function openStatement(payload: Uint8Array): Fields {
    const fields: Fields = Fields.open(readCanonical(payload), "/", [
        "_type",
        "predicate",
        "predicateType",
        "subject",
    ]);
    fields.constant("_type", STATEMENT_TYPE);
    return fields;
}

function digestMember(fields: Fields, name: string, where: string): string {
    return Fields.open(fields.any(name), `${where}/${name}`, ["sha256"]).string("sha256");
}

function digestOf(fields: Fields, name: string): string {
    return digestMember(
        Fields.open(fields.any(name), `/predicate/${name}`, ["digest"]),
        "digest",
        `/predicate/${name}`,
    );
}

function readSubject(statement: Fields): { subjectName: string; recordDigest: string } {
    const [first, ...more] = statement.array("subject");
    if (first === undefined || more.length > 0) statement.invalid("subject", "an array of exactly one subject");
    const subject = Fields.open(first, "/subject/0", ["digest", "name"]);
    return { recordDigest: digestMember(subject, "digest", "/subject/0"), subjectName: subject.string("name") };
}

function readRelease(fields: Fields): SaidRelease | null {
    if (!fields.has("release")) return null;
    const release: Fields = Fields.open(
        fields.any("release"),
        "/predicate/release",
        [],
        ["digest", "name"],
    );
    if (release.has("digest") === release.has("name"))
        fields.invalid("release", "either a digest or `development`");
    if (release.has("digest"))
        return { digest: digestMember(release, "digest", "/predicate/release") };
    release.constant("name", "development");
    return { digest: null };
}

const DECISION_PREDICATE = [
    "decision",
    "executionId",
    "languageProfile",
    "origin",
    "policy",
    "rule",
    "runtime",
    "schema",
    "signalsDigest",
    "tenant",
];

/** Reads a statement of decision/v1: canonical and closed. Throws Invalid. */
export function parseDecisionStatement(payload: Uint8Array): DecisionStatement {
    const statement: Fields = openStatement(payload);
    statement.constant("predicateType", DECISION_TYPE);
    const fields: Fields = Fields.open(statement.any("predicate"), "/predicate", DECISION_PREDICATE, [
        "actionDigest",
        "release",
    ]);
    const policy = Fields.open(fields.any("policy"), "/predicate/policy", ["digest", "id", "version"]);
    return {
        ...readSubject(statement),
        actionDigest: fields.has("actionDigest") ? fields.string("actionDigest") : null,
        decision: readDecision(fields),
        executionId: fields.string("executionId"),
        languageProfile: fields.string("languageProfile"),
        origin: fields.string("origin"),
        policyDigest: digestMember(policy, "digest", "/predicate/policy"),
        policyId: policy.string("id"),
        policyVersion: policy.string("version"),
        release: readRelease(fields),
        rule: fields.string("rule"),
        runtimeDigest: digestOf(fields, "runtime"),
        schemaDigest: digestOf(fields, "schema"),
        signalsDigest: fields.string("signalsDigest"),
        tenant: fields.string("tenant"),
    };
}

const REFUSAL_PREDICATE = ["code", "executionId", "origin", "policy", "requestDigest", "runtime", "tenant"];

function parseRefusal(statement: Fields): Said {
    const fields: Fields = Fields.open(statement.any("predicate"), "/predicate", REFUSAL_PREDICATE, [
        "release",
    ]);
    const policy = Fields.open(fields.any("policy"), "/predicate/policy", ["id", "version"], ["digest"]);
    if (policy.has("digest")) digestMember(policy, "digest", "/predicate/policy");
    for (const name of ["id", "version"]) policy.string(name);
    for (const name of ["code", "requestDigest"]) fields.string(name);
    digestOf(fields, "runtime");
    readRelease(fields);
    return {
        subjectName: readSubject(statement).subjectName,
        executionId: fields.string("executionId"),
        origin: fields.string("origin"),
        tenant: fields.string("tenant"),
        inWords: "a refusal: nothing was admitted",
    };
}

/** Reads a statement of decision/v1 or refusal/v1: canonical and closed. Throws Invalid. */
export function parseStatement(payload: Uint8Array): Said {
    const statement: Fields = openStatement(payload);
    if (statement.string("predicateType") === REFUSAL_TYPE) return parseRefusal(statement);
    const decision = parseDecisionStatement(payload);
    return { ...decision, inWords: `${decision.decision}, about ${decision.subjectName}` };
}

/**
 * Reads a statement of group/v1: canonical and closed; digest and name of its subject are recomputed. Throws Invalid.
 */
export async function parseGroupStatement(payload: Uint8Array): Promise<GroupStatement> {
    const statement: Fields = openStatement(payload);
    statement.constant("predicateType", GROUP_TYPE);
    const predicate = statement.any("predicate");
    const fields: Fields = Fields.open(predicate, "/predicate", ["count", "first", "origin", "root", "tenant"]);
    const count = fields.unsigned("count");
    const first = fields.unsigned("first");
    if (count < 1) fields.invalid("count", "positive");
    const hex = hexDigestOf(fields, "root");
    const root = Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
    await checkSubject(statement, `group:${first}`);
    return { count, first, origin: fields.string("origin"), tenant: fields.string("tenant"), root };
}

/** The subject of a statement whose record is its predicate. */
async function checkSubject(statement: Fields, name: string): Promise<void> {
    const subject = readSubject(statement);
    if (subject.recordDigest !== toHex(await sha256(canonical(statement.any("predicate")))))
        throw new Invalid("the subject of the statement is not its predicate");
    if (subject.subjectName !== name) throw new Invalid("the subject of the statement is another one");
}

function hexDigestOf(fields: Fields, name: string): string {
    const hex = digestOf(fields, name);
    return /^[0-9a-f]{64}$/.test(hex) ? hex : fields.invalid(name, "a SHA-256 digest");
}

/**
 * Reads a statement of key-event/v1: canonical and closed; digest and name of its subject are recomputed. Throws
 * Invalid.
 */
export async function parseKeyEventStatement(payload: Uint8Array): Promise<KeyEventStatement> {
    const statement: Fields = openStatement(payload);
    statement.constant("predicateType", KEY_EVENT_TYPE);
    const names = ["origin", "root", "runtime", "tenant"];
    const fields: Fields = Fields.open(statement.any("predicate"), "/predicate", names);
    const root: Fields = Fields.open(fields.any("root"), "/predicate/root", ["digest", "version"]);
    const hex = digestMember(root, "digest", "/predicate/root");
    if (!/^[0-9a-f]{64}$/.test(hex)) root.invalid("digest", "a SHA-256 digest");
    const version = root.integer("version");
    if (version < 1) root.invalid("version", "positive");
    hexDigestOf(fields, "runtime");
    await checkSubject(statement, `root:${version}`);
    return {
        version,
        fingerprint: `sha256:${hex}`,
        origin: fields.string("origin"),
        tenant: fields.string("tenant"),
    };
}

const RECORD = [
    "blind",
    "blindEpoch",
    "decision",
    "executionFingerprint",
    "executionId",
    "kind",
    "origin",
    "policyHash",
    "policyId",
    "policyVersion",
    "reason",
    "rule",
    "signals",
    "tenant",
];

/** Reads the record of a decision: closed. Throws Invalid. */
export function parseDecisionRecord(value: Json): DecisionRecord {
    const fields: Fields = Fields.open(value, "/record", RECORD, ["action"]);
    fields.constant("kind", "decision");
    const blind = fields.hex("blind", 32);
    if (fields.integer("blindEpoch") !== 1) fields.invalid("blindEpoch", "1");
    const executionId = fields.string("executionId");
    if (!isExecutionId(executionId)) {
        throw new Invalid(
            "an execution identity is 1 to 128 of `A-Z a-z 0-9 . _ ~ -`, the first a letter or digit",
        );
    }
    return {
        action: fields.has("action") ? canonical(fields.any("action")) : null,
        blind,
        decision: readDecision(fields),
        executionFingerprint: fields.string("executionFingerprint"),
        executionId,
        origin: fields.string("origin"),
        policyHash: fields.string("policyHash"),
        policyId: fields.string("policyId"),
        policyVersion: fields.string("policyVersion"),
        reason: fields.string("reason"),
        rule: fields.string("rule"),
        signals: canonical(fields.object("signals")),
        tenant: fields.string("tenant"),
    };
}

/** `hmac-sha256:` and the digest of canonical JSON under an execution's blind. */
export async function blindedDigest(blind: Uint8Array, text: string): Promise<string> {
    return `hmac-sha256:${toHex(await hmacSha256(blind, utf8(text)))}`;
}

/** The execution fingerprint: SHA-256(JCS({policyId, policyVersion, signals})). */
export async function executionFingerprint(record: DecisionRecord): Promise<string> {
    const head = canonical(object({ policyId: record.policyId, policyVersion: record.policyVersion }));
    return `sha256:${toHex(await sha256(`${head.slice(0, -1)},"signals":${record.signals}}`))}`;
}

/** DER of RFC 8410 §4 before the 32 bytes of the key. */
const SPKI_HEAD = Uint8Array.of(0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00);

async function payloadHash(payload: Uint8Array): Promise<Json> {
    return object({ algorithm: "SHA2_256", digest: toBase64(await sha256(payload)) });
}

/** The leaf of a signed statement: the body of a Rekor v2 `dsse` 0.0.2 entry (docs/formats/envelope-and-leaf.md). */
export async function envelopeLeaf(envelope: Envelope, key: Uint8Array): Promise<Uint8Array> {
    const rawBytes = toBase64(Uint8Array.from([...SPKI_HEAD, ...key]));
    const verifier = object({ keyDetails: "PKIX_ED25519", publicKey: object({ rawBytes }) });
    const signatures = [object({ content: toBase64(envelope.signature), verifier })];
    const dsseV002 = object({ payloadHash: await payloadHash(envelope.payload), signatures });
    return hashLeaf(canonical(object({ apiVersion: "0.0.2", kind: "dsse", spec: object({ dsseV002 }) })));
}

/** The leaf of a statement that a group signs for: kind `statement`, version 1 (docs/formats/evidence.md). */
export async function statementLeaf(payload: Uint8Array): Promise<Uint8Array> {
    const spec = object({ payloadHash: await payloadHash(payload) });
    return hashLeaf(canonical(object({ apiVersion: "1", kind: "statement", spec })));
}
