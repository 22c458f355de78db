// The trust root (docs/formats/trust-root.md): which key plays which role for one tenant and origin.
import { Invalid, toHex } from "./bytes.js";
import { checkPublicKey, sha256, verifySignature } from "./crypto.js";
import { keyId } from "./dsse.js";
import { Fields } from "./fields.js";
import { canonical, isArray, parse, type Json } from "./json.js";
import { utf8 } from "./bytes.js";

/** What a key may sign. */
export type Role = "attestation" | "log" | "policy" | "root";
const ROLES: readonly Role[] = ["attestation", "log", "policy", "root"];

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

function readRole(
    roles: Fields,
    role: Role,
    keys: Keys,
    used: Set<string>,
): { members: Keys; threshold: number } {
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
    if (threshold < 1 || threshold > members.size)
        entry.invalid("threshold", "between 1 and the number of keys");
    if (role !== "root" && threshold !== 1) entry.invalid("threshold", "1 in every role but `root`");
    return { members, threshold };
}

/** Counts distinct keys, not signatures. */
async function checkSignatures(
    list: readonly Json[],
    signed: string,
    keys: Keys,
    threshold: number,
): Promise<void> {
    const good = new Set<string>();
    for (const value of list) {
        const fields: Fields = Fields.open(value, "/signatures", ["keyid", "sig"]);
        const signature = fields.hex("sig", 64);
        const id = fields.string("keyid");
        const key = keys.get(id);
        if (key === undefined) throw new Invalid("a signature is by a key that is not a root key");
        if (!(await verifySignature(key, utf8(signed), signature))) {
            throw new Invalid("a root signature does not verify");
        }
        good.add(id);
    }
    if (good.size < threshold) {
        throw new Invalid(`the trust root is signed by ${good.size} of ${threshold} root keys`);
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
    const fields: Fields = Fields.open(outer.any("signed"), "/signed", SIGNED);
    fields.constant("_type", "root");
    if (fields.boolean("consistent_snapshot")) fields.invalid("consistent_snapshot", "false");
    if (fields.string("expires") === "") fields.invalid("expires", "a time");
    fields.constant("spec_version", "1.0.34");
    const origin = readName(fields, "origin");
    const tenant = readName(fields, "tenant");
    const version = fields.integer("version");
    if (version < 1) fields.invalid("version", "positive");
    const keys = await readKeys(fields);
    const roles = Fields.open(fields.any("roles"), "/signed/roles", ROLES);
    const used = new Set<string>();
    const [attestation, log, policy, root] = [
        readRole(roles, "attestation", keys, used),
        readRole(roles, "log", keys, used),
        readRole(roles, "policy", keys, used),
        readRole(roles, "root", keys, used),
    ];
    const signed = canonical(outer.any("signed"));
    const signatures = outer.any("signatures");
    if (!isArray(signatures)) outer.invalid("signatures", "an array");
    await checkSignatures(signatures, signed, root.members, root.threshold);
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
    };
}
