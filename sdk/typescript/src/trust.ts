// The trust root (docs/formats/trust-root.md): which key plays which role for one tenant and origin, and which document
// may follow which.
import { Invalid, toHex, utf8 } from "./bytes.js";
import { checkPublicKey, sha256, verifySignature } from "./crypto.js";
import { isBefore, keyId, type KeySignature } from "./dsse.js";
import { Fields } from "./fields.js";
import { canonical, isArray, parse, type Json } from "./json.js";
import { parseTime } from "./time.js";

/** What a key may sign, as far as evidence is judged with it. */
export type Role = "attestation" | "log" | "policy" | "release" | "root" | "witness";
/** Roles that may have nobody, and roles of TUF that nobody plays here. */
const VACANT = ["approver", "release", "witness"];
const UNPLAYED = ["snapshot", "targets", "timestamp"];
/** What these sign has one signature. */
const ONE_SIGNATURE = ["attestation", "log"];

/** Keys by key id. */
export type Keys = ReadonlyMap<string, Uint8Array>;

/** An earlier version of the chain, and the index of the entry that put it in force. */
export interface Past {
    readonly fingerprint: string;
    readonly from: number;
}

/** A valid trust root: a threshold of its own root keys signed it. */
export interface TrustRoot {
    readonly origin: string;
    readonly tenant: string;
    readonly version: number;
    /** As it stands there, and in unix seconds. */
    readonly expires: string;
    readonly expiresAt: bigint;
    /** Of the versions before, from the first on. */
    readonly history: readonly Past[];
    /** Key id → the first index at which its signatures are not believed. */
    readonly compromised: ReadonlyMap<string, number>;
    /** What is signed, and by whom: of a later version also by root keys of the one before. */
    readonly signed: string;
    readonly signatures: readonly KeySignature[];
    /** `sha256:` and the SHA-256 of the signed part; to be compared out of band. */
    readonly fingerprint: string;
    /** Of each role its keys, by key id. */
    readonly keys: Readonly<Record<Role, Keys>>;
    /** So many of them sign. */
    readonly thresholds: Readonly<Record<Role, number>>;
}

async function readKey(value: Json): Promise<Uint8Array> {
    const fields: Fields = Fields.open(value, "/signed/keys", ["keytype", "keyval", "scheme"]);
    fields.constant("keytype", "ed25519");
    fields.constant("scheme", "ed25519");
    const key = Fields.open(fields.any("keyval"), "/signed/keys/keyval", ["public"]).hex("public", 32);
    checkPublicKey(key);
    return key;
}

async function readKeys(fields: Fields): Promise<Keys> {
    const keys = new Map<string, Uint8Array>();
    for (const [id, value] of fields.object("keys")) {
        const key = await readKey(value);
        if ((await keyId(key)) !== id) throw new Invalid("a key does not stand under its own id");
        keys.set(id, key);
    }
    return keys;
}

function readName(fields: Fields, name: string): string {
    const text = fields.string(name);
    if (/^[\x21-\x2a\x2c-\x7e]{1,255}$/.test(text)) return text;
    return fields.invalid(name, "1 to 255 visible ASCII characters, none of them `+`");
}

interface Members {
    readonly members: Keys;
    readonly threshold: number;
}

function readRole(roles: Fields, role: string, keys: Keys, used: Set<string>): Members {
    const entry: Fields = Fields.open(roles.any(role), `/signed/roles/${role}`, ["keyids", "threshold"]);
    const members = new Map<string, Uint8Array>();
    for (const id of entry.array("keyids")) {
        const key = typeof id === "string" ? keys.get(id) : undefined;
        if (typeof id !== "string" || key === undefined)
            entry.invalid("keyids", "ids of keys in this document");
        if (used.has(id)) throw new Invalid("a key plays more than one role");
        used.add(id);
        members.set(id, key);
    }
    const threshold = entry.integer("threshold");
    const vacant = members.size === 0 && (VACANT.includes(role) || UNPLAYED.includes(role));
    if (threshold < 1 || threshold > (vacant ? 1 : members.size))
        entry.invalid("threshold", "between 1 and the number of keys");
    if (UNPLAYED.includes(role) && !vacant) entry.invalid("keyids", "empty");
    if (ONE_SIGNATURE.includes(role) && threshold !== 1) entry.invalid("threshold", "1: it has one signature");
    return { members, threshold };
}

/** TUF has one spelling of times: seconds, in UTC. */
function readExpiry(fields: Fields): { expires: string; expiresAt: bigint } {
    const expires = fields.string("expires");
    const expiresAt = expires.length === 20 && expires.endsWith("Z") ? parseTime(expires) : null;
    return { expires, expiresAt: expiresAt ?? fields.invalid("expires", "a time (`YYYY-MM-DDTHH:MM:SSZ`)") };
}

/** The earlier versions of the chain, each with the index of the entry that put it in force. */
function readHistory(fields: Fields, version: number): Past[] {
    const out: Past[] = [];
    for (const value of fields.has("history") ? fields.array("history") : []) {
        const past: Fields = Fields.open(value, "/signed/history", ["fingerprint", "from"]);
        const fingerprint = past.string("fingerprint");
        if (!/^sha256:[0-9a-f]{64}$/.test(fingerprint))
            past.invalid("fingerprint", "`sha256:` and 64 hexadecimal digits");
        const from = past.integer("from");
        const before = out.at(-1);
        const rises = before === undefined ? from === 0 : from > before.from || (from === 0 && out.length === 1);
        if (!rises) past.invalid("from", "0 in the first and then ascending");
        out.push({ fingerprint, from });
    }
    if (out.length !== version - 1) fields.invalid("history", "one entry for each earlier version");
    return out;
}

function readCompromised(fields: Fields): Map<string, number> {
    const out = new Map<string, number>();
    if (!fields.has("compromised")) return out;
    for (const [id, from] of fields.object("compromised")) {
        if (!/^[0-9a-f]{64}$/.test(id)) fields.invalid("compromised", "members that are key ids");
        if (typeof from !== "number" || from < 0) fields.invalid("compromised", "an index for each key");
        else out.set(id, from);
    }
    return out;
}

function readSignatures(list: readonly Json[]): KeySignature[] {
    const out: KeySignature[] = [];
    for (const value of list) {
        const fields: Fields = Fields.open(value, "/signatures", ["keyid", "sig"]);
        const one = { keyId: fields.string("keyid"), signature: fields.hex("sig", 64) };
        const before = out.at(-1);
        if (before !== undefined && !isBefore(before.keyId, one.keyId))
            fields.invalid("keyid", "in ascending order, each key once");
        out.push(one);
    }
    return out;
}

type Document = Pick<TrustRoot, "signed" | "signatures" | "version">;

/** As many of the keys signed as the threshold says, and none of them wrongly. */
async function checkThreshold(document: Document, keys: Keys, threshold: number): Promise<void> {
    let good = 0;
    for (const { keyId: id, signature } of document.signatures) {
        const key = keys.get(id);
        if (key === undefined) continue;
        if (!(await verifySignature(key, utf8(document.signed), signature)))
            throw new Invalid("a root signature does not verify");
        ++good;
    }
    if (good >= threshold) return;
    const { version } = document;
    throw new Invalid(`version ${version} of the trust root is signed by ${good} of ${threshold} root keys`);
}

function checkSigners(document: Document, ...allowed: readonly Keys[]): void {
    for (const { keyId: id } of document.signatures) {
        if (!allowed.some((keys) => keys.has(id)))
            throw new Invalid("a signature is by a key that is not a root key");
    }
}

/**
 * Whether `next` may follow `before`: same tenant and origin, the next version, signed by the thresholds of both and by
 * nobody else, with the history of `before` and `before` itself, and no compromise taken back. Throws Invalid.
 */
export async function checkSuccessor(before: TrustRoot, next: TrustRoot): Promise<void> {
    if (next.version !== before.version + 1)
        throw new Invalid(`version ${next.version} of the trust root does not follow version ${before.version}`);
    if (next.origin !== before.origin || next.tenant !== before.tenant)
        throw new Invalid("the next trust root is of another origin or tenant");
    checkSigners(next, next.keys.root, before.keys.root);
    await checkThreshold(next, before.keys.root, before.thresholds.root);
    const newest = next.history.at(-1);
    const same =
        newest?.fingerprint === before.fingerprint &&
        before.history.every((past, i) => {
            const there = next.history[i];
            return there?.fingerprint === past.fingerprint && there.from === past.from;
        });
    if (!same) throw new Invalid("the history of the next trust root is another one");
    for (const [id, from] of before.compromised) {
        if ((next.compromised.get(id) ?? Infinity) > from) throw new Invalid("a compromise is taken back");
    }
}

const SIGNED = [
    "_type",
    "consistent_snapshot",
    "expires",
    "keys",
    "origin",
    "roles",
    "spec_version",
    "tenant",
    "version",
];

/**
 * Reads and checks a trust root; one newline may end the text. Whether it has expired is not judged here. Throws
 * Invalid for a document that is not valid, Unsupported on a platform without Ed25519.
 */
export async function parseTrustRoot(file: string): Promise<TrustRoot> {
    const text = file.endsWith("\n") ? file.slice(0, -1) : file;
    const document = parse(text);
    if (canonical(document) !== text) throw new Invalid("the trust root is not in canonical form");
    const outer: Fields = Fields.open(document, "/", ["signatures", "signed"]);
    const fields: Fields = Fields.open(outer.any("signed"), "/signed", SIGNED, [
        "activation_approvals",
        "compromised",
        "history",
    ]);
    fields.constant("_type", "root");
    if (fields.boolean("consistent_snapshot")) fields.invalid("consistent_snapshot", "false");
    const expiry = readExpiry(fields);
    fields.constant("spec_version", "1.0.34");
    const origin = readName(fields, "origin");
    const tenant = readName(fields, "tenant");
    const version = fields.integer("version");
    if (version < 1) fields.invalid("version", "positive");
    const history = readHistory(fields, version);
    const keys = await readKeys(fields);
    const roles = Fields.open(
        fields.any("roles"),
        "/signed/roles",
        ["attestation", "log", "policy", "root"],
        [...VACANT, ...UNPLAYED],
    );
    const used = new Set<string>();
    const read = (role: string): Members => readRole(roles, role, keys, used);
    const [attestation, log, policy, root] = [read("attestation"), read("log"), read("policy"), read("root")];
    const nobody: Members = { members: new Map(), threshold: 1 };
    const others = new Map([...VACANT, ...UNPLAYED].filter((role) => roles.has(role)).map((r) => [r, read(r)]));
    const release = others.get("release") ?? nobody;
    const witness = others.get("witness") ?? nobody;
    const approvals = fields.has("activation_approvals") ? fields.integer("activation_approvals") : 0;
    if (approvals < 0 || approvals > (others.get("approver")?.members.size ?? 0))
        fields.invalid("activation_approvals", "between 0 and the number of approvers");
    const compromised = readCompromised(fields);
    for (const id of compromised.keys()) {
        if (used.has(id)) throw new Invalid("a compromised key plays a role");
    }
    const signed = canonical(outer.any("signed"));
    const list = outer.any("signatures");
    if (!isArray(list)) outer.invalid("signatures", "an array");
    const signatures = readSignatures(list);
    // Of a later version the root keys of the one before may have signed, too.
    if (version === 1) checkSigners({ version, signed, signatures }, root.members);
    await checkThreshold({ version, signed, signatures }, root.members, root.threshold);
    return {
        origin,
        tenant,
        version,
        ...expiry,
        history,
        compromised,
        signed,
        signatures,
        fingerprint: `sha256:${toHex(await sha256(signed))}`,
        keys: {
            attestation: attestation.members,
            log: log.members,
            policy: policy.members,
            release: release.members,
            root: root.members,
            witness: witness.members,
        },
        thresholds: {
            attestation: attestation.threshold,
            log: log.threshold,
            policy: policy.threshold,
            release: release.threshold,
            root: root.threshold,
            witness: witness.threshold,
        },
    };
}
