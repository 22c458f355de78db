// The trust root (docs/formats/trust-root.md): which key plays which role for one tenant and origin.
import { Invalid, toHex } from "./bytes.js";
import { checkPublicKey, sha256, verifySignature } from "./crypto.js";
import { keyId } from "./dsse.js";
import { Fields } from "./fields.js";
import { canonical, isArray, parse, type Json } from "./json.js";
import { utf8 } from "./bytes.js";

/** What a key may sign, as far as evidence is judged with it. */
export type Role = "attestation" | "log" | "policy" | "root";
/** Roles that may have nobody, and roles of TUF that nobody plays here. */
const VACANT = ["approver", "release", "witness"];
const UNPLAYED = ["snapshot", "targets", "timestamp"];
/** What these sign has one signature. */
const ONE_SIGNATURE = ["attestation", "log"];

type Keys = ReadonlyMap<string, Uint8Array>;

/** A valid trust root. */
export interface TrustRoot {
    /** The document in its one spelling, without a final newline. */
    readonly text: string;
    readonly origin: string;
    readonly tenant: string;
    readonly version: number;
    /** `sha256:` and the SHA-256 of the signed part; to be compared out of band. */
    readonly fingerprint: string;
    /** Of each role its keys, by key id. */
    readonly keys: Readonly<Record<Role, Keys>>;
    /** So many policy keys sign a policy. */
    readonly policyThreshold: number;
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

/** `expires` is not judged, but is a time. */
function isTime(text: string): boolean {
    const zone = "(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
    const clock = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?";
    const parts = new RegExp(`^([0-9]{4})-([0-9]{2})-([0-9]{2})T${clock}${zone}$`).exec(text);
    if (parts === null) return false;
    const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
    const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
    return year >= 1 && day >= 1 && day <= days;
}

/** The earlier versions of the chain, each with the index of the entry that put it in force. */
function checkHistory(fields: Fields, version: number): void {
    const history = fields.has("history") ? fields.array("history") : [];
    let before = -1;
    for (const [i, value] of history.entries()) {
        const past: Fields = Fields.open(value, "/signed/history", ["fingerprint", "from"]);
        if (!/^sha256:[0-9a-f]{64}$/.test(past.string("fingerprint")))
            past.invalid("fingerprint", "`sha256:` and 64 hexadecimal digits");
        const from = past.integer("from");
        if (!(i === 0 ? from === 0 : from > before || (from === 0 && i === 1)))
            past.invalid("from", "0 in the first and then ascending");
        before = from;
    }
    if (history.length !== version - 1) fields.invalid("history", "one entry for each earlier version");
}

function readCompromised(fields: Fields): Set<string> {
    const ids = new Set<string>();
    if (!fields.has("compromised")) return ids;
    for (const [id, from] of fields.object("compromised")) {
        if (!/^[0-9a-f]{64}$/.test(id)) fields.invalid("compromised", "members that are key ids");
        if (typeof from !== "number" || from < 0) fields.invalid("compromised", "an index for each key");
        ids.add(id);
    }
    return ids;
}

/** Counts distinct keys. Of a later version the root keys of the one before may have signed, too. */
async function checkSignatures(
    list: readonly Json[],
    signed: string,
    root: Members,
    version: number,
): Promise<void> {
    let good = 0;
    let before = "";
    for (const value of list) {
        const fields: Fields = Fields.open(value, "/signatures", ["keyid", "sig"]);
        const signature = fields.hex("sig", 64);
        const id = fields.string("keyid");
        if (id <= before) fields.invalid("keyid", "in ascending order, each key once");
        before = id;
        const key = root.members.get(id);
        if (key === undefined) {
            if (version > 1) continue;
            throw new Invalid("a signature is by a key that is not a root key");
        }
        if (!(await verifySignature(key, utf8(signed), signature))) {
            throw new Invalid("a root signature does not verify");
        }
        ++good;
    }
    if (good < root.threshold) {
        throw new Invalid(`the trust root is signed by ${good} of ${root.threshold} root keys`);
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
 * Reads and checks a trust root; one newline may end the text. `expires` is not judged. Throws Invalid for a document
 * that is not valid, Unsupported on a platform without Ed25519.
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
    if (!isTime(fields.string("expires"))) fields.invalid("expires", "a time (RFC 3339)");
    fields.constant("spec_version", "1.0.34");
    const origin = readName(fields, "origin");
    const tenant = readName(fields, "tenant");
    const version = fields.integer("version");
    if (version < 1) fields.invalid("version", "positive");
    checkHistory(fields, version);
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
    const others = new Map([...VACANT, ...UNPLAYED].filter((role) => roles.has(role)).map((r) => [r, read(r)]));
    const approvals = fields.has("activation_approvals") ? fields.integer("activation_approvals") : 0;
    if (approvals < 0 || approvals > (others.get("approver")?.members.size ?? 0))
        fields.invalid("activation_approvals", "between 0 and the number of approvers");
    for (const id of readCompromised(fields)) {
        if (used.has(id)) throw new Invalid("a compromised key plays a role");
    }
    const signed = canonical(outer.any("signed"));
    const signatures = outer.any("signatures");
    if (!isArray(signatures)) outer.invalid("signatures", "an array");
    await checkSignatures(signatures, signed, root, version);
    return {
        text,
        origin,
        tenant,
        version,
        fingerprint: `sha256:${toHex(await sha256(signed))}`,
        keys: {
            attestation: attestation.members,
            log: log.members,
            policy: policy.members,
            root: root.members,
        },
        policyThreshold: policy.threshold,
    };
}
