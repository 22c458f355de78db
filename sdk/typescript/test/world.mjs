// A small world that makes evidence of parmana-evidence/2 with node:crypto alone: nothing here is of the package.
// It signs whatever it is given, so that tests can forge with the real keys.
import { createHash, createHmac, createPrivateKey, createPublicKey, sign as signEd25519 } from "node:crypto";

/** Canonical JSON, for ASCII names and integers. */
export function jcs(value) {
    if (Array.isArray(value)) return `[${value.map(jcs).join(",")}]`;
    if (value === null || typeof value !== "object") return JSON.stringify(value);
    return `{${Object.keys(value)
        .filter((name) => value[name] !== undefined)
        .sort()
        .map((name) => `${JSON.stringify(name)}:${jcs(value[name])}`)
        .join(",")}}`;
}

const bytes = (part) => (typeof part === "string" ? Buffer.from(part) : Buffer.from(part));
export const sha256 = (...parts) =>
    createHash("sha256")
        .update(Buffer.concat(parts.map(bytes)))
        .digest();
const hex = (...parts) => sha256(...parts).toString("hex");
const b64 = (part) => bytes(part).toString("base64");

export class Key {
    constructor(number) {
        const der = Buffer.concat([
            Buffer.from("302e020100300506032b657004220420", "hex"),
            Buffer.alloc(32, number),
        ]);
        this.secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
        this.spki = createPublicKey(this.secret).export({ format: "der", type: "spki" });
        this.public = this.spki.subarray(12);
        this.object = {
            keytype: "ed25519",
            keyval: { public: this.public.toString("hex") },
            scheme: "ed25519",
        };
        this.id = hex(jcs(this.object));
    }
    sign(...parts) {
        return signEd25519(null, Buffer.concat(parts.map(bytes)), this.secret);
    }
    envelope(payloadType, payload) {
        const size = (part) => bytes(part).length;
        const head = `DSSEv1 ${size(payloadType)} ${payloadType} ${size(payload)} `;
        return {
            payload: b64(payload),
            payloadType,
            signatures: [{ keyid: this.id, sig: b64(this.sign(head, payload)) }],
        };
    }
    /** The envelope with the signature of this key, too. */
    cosigned(envelope) {
        const payload = Buffer.from(envelope.payload, "base64");
        const [own] = this.envelope(envelope.payloadType, payload).signatures;
        const signatures = [...envelope.signatures, own].sort((a, b) => (a.keyid < b.keyid ? -1 : 1));
        return { ...envelope, signatures };
    }
    noteId(name, type) {
        return sha256(name, "\n", [type], this.public).subarray(0, 4);
    }
    verifierKey(name, type) {
        const key = b64(Buffer.concat([Buffer.from([type]), this.public]));
        return `${name}+${this.noteId(name, type).toString("hex")}+${key}`;
    }
    noteLine(name, text) {
        return `— ${name} ${b64(Buffer.concat([this.noteId(name, 1), this.sign(text)]))}\n`;
    }
    cosignature(name, text, time) {
        const seconds = Buffer.alloc(8);
        seconds.writeBigUInt64BE(BigInt(time));
        const signature = this.sign(`cosignature/v1\ntime ${time}\n`, text);
        return `— ${name} ${b64(Buffer.concat([this.noteId(name, 4), seconds, signature]))}\n`;
    }
}

const node = (left, right) => sha256([1], left, right);
const split = (size) => 2 ** Math.floor(Math.log2(size - 1));
export function treeRoot(leaves) {
    if (leaves.length === 0) return sha256();
    if (leaves.length === 1) return leaves[0];
    const k = split(leaves.length);
    return node(treeRoot(leaves.slice(0, k)), treeRoot(leaves.slice(k)));
}
export function inclusion(index, leaves) {
    if (leaves.length === 1) return [];
    const k = split(leaves.length);
    const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
    return index < k
        ? [...inclusion(index, left), treeRoot(right)]
        : [...inclusion(index - k, right), treeRoot(left)];
}
/** RFC 6962 §2.1.2. */
export function consistency(from, leaves, complete = true) {
    if (from === 0) return [];
    if (from === leaves.length) return complete ? [] : [treeRoot(leaves)];
    const k = split(leaves.length);
    const [left, right] = [leaves.slice(0, k), leaves.slice(k)];
    if (from <= k) return [...consistency(from, left, complete), treeRoot(right)];
    return [...consistency(from - k, right, false), treeRoot(left)];
}

export const keys = {
    root: new Key(1),
    attestation: new Key(2),
    log: new Key(3),
    policy: new Key(4),
    policyToo: new Key(5),
    stranger: new Key(9),
    rootToo: new Key(6),
    nextAttestation: new Key(7),
    nextLog: new Key(8),
};
export const witnesses = [new Key(11), new Key(12), new Key(13)];
export const ORIGIN = "ledger.example/7";
export const MANIFEST = "application/vnd.parmana.policy-bundle+json";
export const STATEMENT = "application/vnd.in-toto+json";
const witnessLine = (key, i) =>
    `witness w${i} ${key.verifierKey(`witness.example/${i}`, 4)} https://witness.example/${i}\n`;
export const WITNESS_POLICY = `# two of three
log ${keys.log.verifierKey(ORIGIN, 1)}
${witnesses.map(witnessLine).join("")}
group two 2 w0 w1 w2
quorum two
`;

export function trustRoot(changes = {}) {
    const role = (...list) => ({ keyids: list.map((key) => key.id), threshold: 1 });
    const all = [keys.root, keys.attestation, keys.log, keys.policy, keys.policyToo];
    const signed = {
        _type: "root",
        consistent_snapshot: false,
        expires: "2036-01-01T00:00:00Z",
        keys: Object.fromEntries(all.map((key) => [key.id, key.object])),
        origin: ORIGIN,
        roles: {
            attestation: role(keys.attestation),
            log: role(keys.log),
            policy: { ...role(keys.policy, keys.policyToo), threshold: 2 },
            root: role(keys.root),
        },
        spec_version: "1.0.34",
        tenant: "default",
        version: 1,
        ...changes,
    };
    return { signatures: [{ keyid: keys.root.id, sig: keys.root.sign(jcs(signed)).toString("hex") }], signed };
}

/** The version behind `before`, with other root, attestation and log keys; signed by both root keys. */
export function nextRoot(before, from, changes = {}, signers = [keys.root, keys.rootToo]) {
    const signed = structuredClone(before.signed);
    const role = (...list) => ({ keyids: list.map((key) => key.id).sort(), threshold: list.length });
    const all = [keys.root, keys.rootToo, keys.nextAttestation, keys.nextLog, keys.policy, keys.policyToo];
    const vacant = { keyids: [], threshold: 1 };
    Object.assign(signed, {
        activation_approvals: 0,
        compromised: {},
        history: [...(before.signed.history ?? []), { fingerprint: `sha256:${hex(jcs(before.signed))}`, from }],
        keys: Object.fromEntries(all.map((key) => [key.id, key.object])),
        roles: {
            ...signed.roles,
            attestation: role(keys.nextAttestation),
            log: role(keys.nextLog),
            root: role(keys.root, keys.rootToo),
            snapshot: vacant,
            targets: vacant,
            timestamp: vacant,
        },
        version: before.signed.version + 1,
        ...changes,
    });
    const signatures = signers.map((key) => ({ keyid: key.id, sig: key.sign(jcs(signed)).toString("hex") }));
    return { signatures: signatures.sort((one, other) => (one.keyid < other.keyid ? -1 : 1)), signed };
}

/** The event that puts a root in force, signed by its attestation key. */
export function keyEvent(root, changes = {}, key = keys.nextAttestation) {
    const predicate = {
        origin: ORIGIN,
        root: { digest: { sha256: hex(jcs(root.signed)) }, version: root.signed.version },
        runtime: { digest: { sha256: hex("runtime") } },
        tenant: "default",
        ...changes,
    };
    const statement = jcs({
        _type: "https://in-toto.io/Statement/v1",
        predicate,
        predicateType: "urn:parmana:key-event/v1",
        subject: [{ digest: { sha256: hex(jcs(predicate)) }, name: `root:${predicate.root.version}` }],
    });
    return key.envelope(STATEMENT, statement);
}

const POLICY = {
    policyId: "claims",
    policyVersion: "1.0.0",
    schemaVersion: "1.0.0",
    signalsSchema: { amount: { type: "integer" } },
    rules: [
        {
            id: "all",
            condition: { all: [] },
            outcome: { action: "approve", requires_override: false, reason: "fine" },
        },
    ],
};

export function bundle(changes = {}) {
    const file = JSON.stringify(POLICY, null, 1);
    const manifest = jcs({
        counter: 3,
        files: [{ digest: `sha256:${hex(file)}`, path: "policy.json" }],
        format: "parmana-bundle/2",
        languageProfile: "parmana-rules/1",
        policyId: "claims",
        policyVersion: "1.0.0",
        requirements: { capabilities: ["batch", "wait.included"], runtimeVersion: "0.1.0" },
        schemaVersion: "1.0.0",
        ...changes,
    });
    const envelope = keys.policyToo.cosigned(keys.policy.envelope(MANIFEST, manifest));
    return { manifest, bundle: { envelope, files: { "policy.json": b64(file) } } };
}

/** The parts of evidence before anything is signed or logged. `change` may alter them. */
export function parts(change = () => {}, manifestChanges = {}) {
    const { manifest, bundle: policy } = bundle(manifestChanges);
    const blind = Buffer.alloc(32, 77);
    const mac = (text) => `hmac-sha256:${createHmac("sha256", blind).update(text).digest("hex")}`;
    const signals = { amount: 12 };
    const runtime = { program: "parmana", version: "0.0.0" };
    const out = {
        policy,
        runtime,
        record: {
            blind: blind.toString("hex"),
            blindEpoch: 1,
            decision: "approved",
            executionFingerprint: `sha256:${hex(jcs({ policyId: "claims", policyVersion: "1.0.0", signals }))}`,
            executionId: "order-7",
            kind: "decision",
            origin: ORIGIN,
            policyHash: `sha256:${hex(manifest)}`,
            policyId: "claims",
            policyVersion: "1.0.0",
            reason: "fine",
            rule: "all",
            signals,
            tenant: "default",
        },
        predicate: {
            decision: "approved",
            executionId: "order-7",
            languageProfile: "parmana-rules/1",
            origin: ORIGIN,
            policy: { digest: { sha256: hex(manifest) }, id: "claims", version: "1.0.0" },
            rule: "all",
            runtime: { digest: { sha256: hex(jcs(runtime)) } },
            schema: { digest: { sha256: hex(jcs(POLICY.signalsSchema)) } },
            signalsDigest: mac(jcs(signals)),
            tenant: "default",
        },
        predicateType: "urn:parmana:decision/v1",
        subject: "execution:order-7",
        attestationKey: keys.attestation,
        logKey: keys.log,
        cosigner: keys.log,
        previousKey: keys.log,
        origin: ORIGIN,
        previousOrigin: ORIGIN,
        index: 5,
        size: 11,
        previous: 3,
        times: [1_800_000_000, 1_800_000_060],
        cosigners: [witnesses, []],
        first: 4,
        count: 3,
        groupOrigin: ORIGIN,
        groupTenant: "default",
        roots: [trustRoot()],
        /** Of the second root: where it stands, and the envelope. */
        events: [],
    };
    change(out);
    return out;
}

function statementOf(p) {
    return jcs({
        _type: "https://in-toto.io/Statement/v1",
        predicate: p.predicate,
        predicateType: p.predicateType,
        subject: [{ digest: { sha256: hex(jcs(p.record)) }, name: p.subject }],
    });
}

function signedLeaf(envelope, key) {
    return sha256(
        [0],
        jcs({
            apiVersion: "0.0.2",
            kind: "dsse",
            spec: {
                dsseV002: {
                    payloadHash: {
                        algorithm: "SHA2_256",
                        digest: b64(sha256(Buffer.from(envelope.payload, "base64"))),
                    },
                    signatures: [
                        {
                            content: envelope.signatures[0].sig,
                            verifier: { keyDetails: "PKIX_ED25519", publicKey: { rawBytes: b64(key.spki) } },
                        },
                    ],
                },
            },
        }),
    );
}

function groupOf(p, payload, leaves) {
    const members = leaves.slice(p.first, p.first + p.count);
    const predicate = {
        count: p.count,
        first: p.first,
        origin: p.groupOrigin,
        root: { digest: { sha256: treeRoot(members).toString("hex") } },
        tenant: p.groupTenant,
    };
    const statement = jcs({
        _type: "https://in-toto.io/Statement/v1",
        predicate,
        predicateType: "urn:parmana:group/v1",
        subject: [{ digest: { sha256: hex(jcs(predicate)) }, name: `group:${p.first}` }],
    });
    return {
        envelope: p.attestationKey.envelope(STATEMENT, statement),
        hashes: inclusion(p.index - p.first, members).map(b64),
        payload: b64(payload),
    };
}

function head(leaves, origin, key, cosigner, time, cosigners) {
    const text = `${origin}\n${leaves.length}\n${b64(treeRoot(leaves))}\n`;
    const lines = cosigners.map((witness) =>
        witness.cosignature(`witness.example/${witnesses.indexOf(witness)}`, text, time + 1),
    );
    lines.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return `${text}\n${key.noteLine(origin, text)}${cosigner.cosignature(origin, text, time)}${lines.join("")}`;
}

/** Evidence of a kind, `statement` or `log`, as an object: write it with jcs. */
export function seal(p, kind = "statement") {
    const payload = statementOf(p);
    const envelope = p.attestationKey.envelope(STATEMENT, payload);
    const leaves = Array.from({ length: p.size }, (_, i) => sha256([0], `entry ${i}`));
    leaves[p.index] =
        kind === "statement"
            ? signedLeaf(envelope, p.attestationKey)
            : sha256(
                  [0],
                  jcs({
                      apiVersion: "1",
                      kind: "statement",
                      spec: { payloadHash: { algorithm: "SHA2_256", digest: b64(sha256(payload)) } },
                  }),
              );
    for (const { at, envelope: event, key } of p.events) leaves[at] = signedLeaf(event, key ?? keys.nextAttestation);
    const [before, after] = p.times;
    return {
        ...(kind === "statement" ? { envelope } : { group: groupOf(p, payload, leaves) }),
        checkpoint: head(leaves, p.origin, p.logKey, p.cosigner, after, p.cosigners[0]),
        format: "parmana-evidence/2",
        inclusionProof: { hashes: inclusion(p.index, leaves).map(b64), logIndex: p.index, treeSize: p.size },
        ...(p.events.length === 0
            ? {}
            : {
                  keyEvents: p.events.map(({ at, envelope: event }) => ({
                      envelope: event,
                      hashes: inclusion(at, leaves).map(b64),
                      logIndex: at,
                  })),
              }),
        policy: p.policy,
        previousCheckpoint: {
            consistency: consistency(p.previous, leaves).map(b64),
            note: head(
                leaves.slice(0, p.previous),
                p.previousOrigin,
                p.previousKey,
                p.previousKey,
                before,
                p.cosigners[1],
            ),
        },
        record: p.record,
        runtimeManifest: p.runtime,
        trustRoots: p.roots,
    };
}
