// Evidence files: those of the compatibility data, and those of a world of its own, true and forged with real keys.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "node:test";
import { COMPAT, DIST, failed, load, outcomes } from "./support.mjs";
import {
    Key,
    MANIFEST,
    STATEMENT,
    WITNESS_POLICY,
    bundle,
    jcs,
    keyEvent,
    keys,
    nextRoot,
    parts,
    seal,
    sha256,
    trustRoot,
    witnesses,
} from "./world.mjs";

const api = await load("index");
const { VERDICT, exitCode, humanReport, integrity, parseTrustRoot, parseWitnessPolicy, reportJson, verify } =
    api;
const TRUST = jcs(trustRoot());
const options = {
    trustRoot: await parseTrustRoot(TRUST),
    witnessPolicy: await parseWitnessPolicy(WITNESS_POLICY),
};
const KINDS = ["statement", "log"];
const NAMES = [
    "format",
    "trust_root",
    "trust_chain",
    "attestation_signature",
    "group",
    "statement",
    "record_digest",
    "binding",
    "policy_hash",
    "policy_signature",
    "policy_bundle",
    "runtime_hash",
    "release",
    "signals_schema",
    "verdict",
    "checkpoint_signature",
    "inclusion",
    "checkpoint_time",
    "trust_expiry",
    "previous_checkpoint",
    "witnesses",
];
const FIRST_FORMAT = ["trust_chain", "group", "checkpoint_time", "trust_expiry", "previous_checkpoint", "witnesses"];

test("the evidence files of the first format verify", async () => {
    const trustRoot = readFileSync(join(COMPAT, "data/trust.json"), "utf8");
    const names = readdirSync(join(COMPAT, "evidence"));
    assert.equal(names.length, 20);
    const expected = JSON.parse(readFileSync(join(COMPAT, "expected.json"), "utf8"));
    for (const name of names) {
        const report = await verify(readFileSync(join(COMPAT, "evidence", name)), { trustRoot });
        assert.ok(integrity(report), humanReport(report));
        assert.equal(exitCode(report), 3);
        assert.equal(report.valid, false);
        assert.equal(report.verdict, VERDICT);
        assert.equal(report.summary.decision, expected[name.replace(".json", "")].answer.decision);
        const old = NAMES.filter((check) => !FIRST_FORMAT.includes(check));
        assert.deepEqual(
            report.checks.map((check) => check.name),
            old,
        );
    }
});

test("an altered byte of an evidence file is found wherever it stands", async () => {
    const trustRoot = await parseTrustRoot(readFileSync(join(COMPAT, "data/trust.json"), "utf8"));
    const bytes = readFileSync(join(COMPAT, "evidence/action-0.json"));
    for (let at = 0; at < bytes.length; at += 23) {
        const altered = Buffer.from(bytes);
        altered[at] ^= 1 << (at % 8);
        assert.equal(exitCode(await verify(altered, { trustRoot })), 1, `byte ${at}`);
    }
});

test("good evidence of both kinds passes all that is judged here", async () => {
    for (const kind of KINDS) {
        const report = await verify(jcs(seal(parts(), kind)), options);
        assert.ok(integrity(report), humanReport(report));
        assert.deepEqual(
            report.checks.map((check) => check.name),
            NAMES.filter((name) => kind === "log" || name !== "group"),
        );
        assert.equal(report.summary.attestation, kind);
        assert.deepEqual([report.summary.notBefore, report.summary.notAfter], [1_800_000_000n, 1_800_000_060n]);
    }
});

test("every place in a tree, with and without a head before it", async () => {
    for (const kind of KINDS) {
        for (const size of [1, 2, 3, 7, 8]) {
            for (let index = 0; index < size; ++index) {
                const p = parts((x) =>
                    Object.assign(x, { size, index, previous: index, first: index, count: 1 }),
                );
                const report = await verify(jcs(seal(p, kind)), options);
                assert.ok(integrity(report), `${kind} ${index} of ${size}: ${humanReport(report)}`);
            }
        }
    }
});

test("without a trust root nothing that needs a key is judged", async () => {
    for (const kind of KINDS) {
        const report = await verify(jcs(seal(parts(), kind)));
        const open = report.checks.filter((check) => check.outcome === "not_judged").map((check) => check.name);
        const needed = [
            "trust_root",
            "trust_chain",
            "attestation_signature",
            "policy_signature",
            "release",
            "signals_schema",
            "verdict",
            "checkpoint_signature",
            ...(kind === "log" ? [] : ["inclusion"]),
            "checkpoint_time",
            "trust_expiry",
            "previous_checkpoint",
            "witnesses",
        ];
        assert.deepEqual(open, needed);
        assert.equal(integrity(report), false);
        assert.equal(exitCode(report), 3);
    }
});

test("witnesses are judged by a policy, and missed only where there are none", async () => {
    const silent = parts((p) => (p.cosigners = [[], []]));
    const root = { trustRoot: options.trustRoot };
    assert.equal(outcomes(await verify(jcs(seal(parts())), root)).witnesses, "not_judged");
    const unwatched = await verify(jcs(seal(silent)), root);
    assert.equal(outcomes(unwatched).witnesses, "passed");
    assert.match(humanReport(unwatched), /rollback_undetectable/);
    const none = { ...root, witnessPolicy: "quorum none\n" };
    assert.equal(outcomes(await verify(jcs(seal(silent)), none)).witnesses, "passed");
    assert.equal(outcomes(await verify(jcs(seal(parts())), none)).witnesses, "failed", "a stranger's line");
});

/** Evidence of which the manifest says something else, signed and attested all the same. */
const restated = (changes) => {
    const p = parts();
    const { bundle: policy, manifest } = bundle(changes);
    const hash = sha256(manifest).toString("hex");
    p.policy = policy;
    p.predicate.policy.digest.sha256 = hash;
    p.record.policyHash = `sha256:${hash}`;
    return verify(jcs(seal(p)), options);
};

test("manifests of both formats are read, and every other is none", async () => {
    const first = { format: "parmana-bundle/1", counter: undefined, requirements: undefined };
    for (const good of [{}, { requirements: {} }, { counter: 2 ** 53 - 1 }])
        assert.equal(outcomes(await restated(good)).policy_bundle, "passed", jcs(good));
    assert.equal(outcomes(await restated(first)).policy_bundle, "passed");
    for (const bad of [
        { format: "parmana-bundle/1" },
        { ...first, format: "parmana-bundle/2" },
        { format: "parmana-bundle/3" },
        { counter: undefined },
        { requirements: undefined },
        { counter: 0 },
        { counter: "1" },
        { requirements: [] },
        { requirements: { more: 1 } },
        { requirements: { capabilities: [] } },
        { requirements: { capabilities: ["Batch"] } },
        { requirements: { capabilities: ["batch", "batch"] } },
        { requirements: { capabilities: ["wait", "batch"] } },
        { requirements: { capabilities: ["a".repeat(65)] } },
        { requirements: { runtimeVersion: "1.2" } },
    ]) {
        assert.deepEqual(failed(await restated(bad)), ["policy_bundle"], JSON.stringify(bad));
    }
});

test("a policy in an unknown language or schema can be neither right nor wrong", async () => {
    for (const unknown of [{ languageProfile: "parmana-verse/1" }, { schemaVersion: "7.0.0" }]) {
        const report = await restated(unknown);
        assert.equal(outcomes(report).policy_bundle, "not_judged", humanReport(report));
        assert.deepEqual(failed(report), []);
    }
});

const relabel = (object, name, value) => ({ ...object, [name]: value });
/** What is wrong, the one check that finds it, the parts or the sealed file altered. */
const FORGERIES = [
    ["another attestation key", "attestation_signature", (p) => (p.attestationKey = keys.stranger)],
    ["the log key attests", "attestation_signature", (p) => (p.attestationKey = keys.log)],
    ["a refusal", "statement", (p) => (p.predicateType = "urn:parmana:refusal/v1")],
    ["a member more in the statement", "statement", (p) => (p.predicate.more = 1)],
    ["another identity in the statement", "binding", (p) => (p.predicate.executionId = "order-8")],
    ["another subject", "binding", (p) => (p.subject = "execution:order-8")],
    ["another decision in the record", "binding", (p) => (p.record.decision = "rejected")],
    ["another rule", "binding", (p) => (p.predicate.rule = "none")],
    ["other signals", "binding", (p) => (p.record.signals = { amount: 13 })],
    ["another blind", "binding", (p) => (p.record.blind = "00".repeat(32))],
    ["an action that was not attested", "binding", (p) => (p.record.action = { type: "pay" })],
    ["another fingerprint", "binding", (p) => (p.record.executionFingerprint = `sha256:${"00".repeat(32)}`)],
    ["another origin", "binding", (p) => (p.record.origin = p.predicate.origin = "elsewhere")],
    ["another tenant", "binding", (p) => (p.record.tenant = p.predicate.tenant = "other")],
    ["a member more in the record", "binding", (p) => (p.record.more = 1)],
    ["the next blind epoch", "binding", (p) => (p.record.blindEpoch = 2)],
    [
        "another policy hash",
        "policy_hash",
        (p) => {
            p.predicate.policy.digest.sha256 = "00".repeat(32);
            p.record.policyHash = `sha256:${"00".repeat(32)}`;
        },
    ],
    ["a policy signed by a stranger", "policy_signature", (p) =>
        (p.policy.envelope = keys.stranger.envelope(MANIFEST, bundle().manifest))],
    ["a policy signed by a stranger, too", "policy_signature", (p) =>
        (p.policy.envelope = keys.stranger.cosigned(p.policy.envelope))],
    ["a policy signed by one of two", "policy_signature", (p) =>
        (p.policy.envelope = keys.policy.envelope(MANIFEST, bundle().manifest))],
    ["a policy signed by nobody", "policy_signature", (p) => (p.policy.envelope.signatures = [])],
    ["one signature for two keys", "policy_signature", (p) =>
        (p.policy.envelope.signatures[1].sig = p.policy.envelope.signatures[0].sig)],
    ["a policy signed as a statement", "policy_signature", (p) =>
        (p.policy.envelope = keys.policyToo.cosigned(keys.policy.envelope(STATEMENT, bundle().manifest)))],
    [
        "an altered policy file",
        "policy_bundle",
        (p) => (p.policy.files["policy.json"] = Buffer.from("{}").toString("base64")),
    ],
    ["a file more", "policy_bundle", (p) => (p.policy.files["more.txt"] = "")],
    ["no file", "policy_bundle", (p) => (p.policy.files = {})],
    ["another schema", "policy_bundle", (p) => (p.predicate.schema.digest.sha256 = "00".repeat(32))],
    ["another language", "policy_bundle", (p) => (p.predicate.languageProfile = "parmana-cel/1")],
    ["another runtime", "runtime_hash", (p) => (p.runtime = { program: "other" })],
    ["a head by a stranger", "checkpoint_signature", (p) => (p.logKey = keys.stranger)],
    ["a time by a stranger", "checkpoint_time", (p) => (p.cosigner = keys.stranger)],
    ["a time that runs back", "checkpoint_time", (p) => (p.times = [1_800_000_061, 1_800_000_060])],
    [
        "a previous head by a stranger",
        "previous_checkpoint checkpoint_time",
        (p) => (p.previousKey = keys.stranger),
    ],
    ["a previous head that covers the entry", "previous_checkpoint", (p) => (p.previous = 6)],
    ["too few witnesses", "witnesses", (p) => (p.cosigners = [[witnesses[1]], []])],
    ["a strange witness", "witnesses", (p) => (p.cosigners = [[...witnesses, keys.stranger], []])],
    ["a strange witness before", "witnesses", (p) => (p.cosigners = [witnesses, [keys.stranger]])],
    ["another place", "inclusion", null, (f) => (f.inclusionProof.logIndex = 4)],
    ["another size", "inclusion", null, (f) => (f.inclusionProof.treeSize = 12)],
    ["a hash less", "inclusion", null, (f) => f.inclusionProof.hashes.pop()],
    [
        "a hash more of consistency",
        "previous_checkpoint",
        null,
        (f) => f.previousCheckpoint.consistency.push(f.inclusionProof.hashes[0]),
    ],
    [
        "another trust root",
        "trust_chain",
        null,
        (f) => (f.trustRoots = [trustRoot({ expires: "2037-01-01T00:00:00Z" })]),
    ],
    ["something else as the trust root", "trust_chain", null, (f) => (f.trustRoots = [7])],
    ["no trust root", "format", null, (f) => (f.trustRoots = [])],
    ["two trust roots", "format", null, (f) => f.trustRoots.push(trustRoot())],
    ["another record", "record_digest", null, (f) => (f.record = relabel(f.record, "reason", "other"))],
];
const OF_GROUPS = [
    ["a group of another origin", "group", (p) => (p.groupOrigin = "elsewhere")],
    ["a group of another tenant", "group", (p) => (p.groupTenant = "other")],
    ["a group that does not cover the entry", "group", null, (f) => (f.inclusionProof.logIndex = 7)],
    ["a hash less of the group", "group", null, (f) => f.group.hashes.pop()],
];

test("each forgery with real keys is found by its check and no other", async () => {
    let count = 0;
    for (const kind of KINDS) {
        for (const [what, expected, change, alter] of FORGERIES) {
            const file = seal(parts(change ?? undefined), kind);
            alter?.(file);
            const report = await verify(jcs(file), options);
            const wanted = expected.split(" ");
            const isPlaced = kind === "log" && what === "another place"; // still within its group, but not its place
            assert.deepEqual(
                failed(report).sort(),
                (isPlaced ? ["group", ...wanted] : wanted).sort(),
                `${kind}: ${what}: ${humanReport(report)}`,
            );
            ++count;
        }
    }
    for (const [what, expected, change, alter] of OF_GROUPS) {
        const file = seal(parts(change ?? undefined), "log");
        alter?.(file);
        const names = failed(await verify(jcs(file), options));
        assert.ok(names.includes(expected), what);
    }
    assert.ok(count >= 80);
});

/** Evidence of entry 5 of 11 under a trust root that changed with the entry at `from`. */
function rotated(from, { root = {}, event = {}, signers, key, change = () => {} } = {}) {
    const next = nextRoot(trustRoot(), 0, root, signers);
    const p = parts((x) => {
        x.roots = [trustRoot(), next];
        x.events = [{ at: from, envelope: keyEvent(next, event, key), key }];
        const at = (size) => (size > from ? keys.nextLog : keys.log);
        x.attestationKey = x.index >= from ? keys.nextAttestation : keys.attestation;
        x.logKey = x.cosigner = at(x.size);
        x.previousKey = at(x.previous);
        change(x);
    });
    return { p, next };
}
const under = async (root, p, more = {}) =>
    verify(jcs(seal(p)), { ...options, trustRoot: await parseTrustRoot(jcs(root)), ...more });

test("evidence is judged by the keys of its place, whichever version is held", async () => {
    for (const from of [1, 2, 3, 4, 6, 7, 10]) {
        const { p, next } = rotated(from);
        for (const held of [trustRoot(), next]) {
            const report = await under(held, p);
            assert.ok(integrity(report), `${from}: ${humanReport(report)}`);
            assert.equal(outcomes(report).key_events, "passed");
        }
    }
    const { next } = rotated(20);
    assert.ok(integrity(await under(next, parts())), "a root that came into force later vouches for it");
    assert.deepEqual(failed(await under(nextRoot(next, 8), parts())), [
        "trust_chain",
        "attestation_signature",
        "checkpoint_signature",
        "checkpoint_time",
        "previous_checkpoint",
    ]);
});

test("keys at places that are not theirs, chains and events that are none", async () => {
    const lost = (key, from) => ({ root: { compromised: { [key.id]: from } } });
    const rows = [
        ["attestation_signature", 2, { change: (p) => (p.attestationKey = keys.attestation) }],
        ["attestation_signature", 7, { change: (p) => (p.attestationKey = keys.nextAttestation) }],
        ["attestation_signature", 7, lost(keys.attestation, 5)],
        ["", 7, lost(keys.attestation, 6)],
        ["checkpoint_signature", 7, { change: (p) => (p.logKey = keys.log) }],
        ["checkpoint_time", 7, { change: (p) => (p.cosigner = keys.log) }],
        ["previous_checkpoint checkpoint_time", 7, { change: (p) => (p.previousKey = keys.nextLog) }],
        ["previous_checkpoint checkpoint_time", 7, lost(keys.log, 2)],
        ["key_events", 7, { event: { tenant: "other" } }],
        ["key_events", 7, { event: { more: 1 } }],
        ["key_events", 7, { event: { root: { digest: { sha256: "00".repeat(32) }, version: 2 } } }],
        ["key_events", 7, { key: keys.attestation }],
        ["key_events", 7, { key: keys.stranger }],
        ["trust_expiry", 7, { root: { expires: "2020-01-01T00:00:00Z" } }],
    ];
    for (const [expected, from, how] of rows) {
        const { p, next } = rotated(from, how);
        for (const held of [trustRoot(), next]) {
            const report = await under(held, p);
            assert.deepEqual(failed(report).sort(), expected.split(" ").filter(Boolean).sort(), humanReport(report));
        }
    }
    const alone = { ...nextRoot(trustRoot(), 0).signed.roles, root: { keyids: [keys.rootToo.id], threshold: 1 } };
    const chains = [
        { root: { roles: alone }, signers: [keys.rootToo] },
        { signers: [keys.rootToo] },
        { signers: [keys.root] },
        { signers: [keys.root, keys.rootToo, keys.stranger] },
        { root: { version: 3 } },
        { root: { history: [{ fingerprint: `sha256:${"00".repeat(32)}`, from: 0 }] } },
        { root: { history: [] } },
        { root: { tenant: "other" } },
        { root: { expires: "2036-01-01T00:00:00+00:00" } },
    ];
    for (const how of chains) {
        const report = await under(trustRoot(), rotated(7, how).p);
        assert.equal(outcomes(report).trust_chain, "failed", JSON.stringify(how));
        assert.equal(outcomes(report).key_events, "not_judged");
    }
});

test("expiry is judged at the time of the checkpoint, or at the time that was given", async () => {
    const judged = async (at) => outcomes(await verify(jcs(seal(parts())), { ...options, at })).trust_expiry;
    assert.equal(await judged(undefined), "passed");
    assert.equal(await judged("2035-12-31T23:59:59Z"), "passed");
    assert.equal(await judged("2036-01-01T00:59:59+01:00"), "passed");
    assert.equal(await judged("2036-01-01T00:00:00Z"), "failed");
    assert.equal(await judged(2082758400n), "failed");
    assert.equal(await judged(2082758399n), "passed");
    for (const none of ["", "tomorrow", "2036-02-30T00:00:00Z", "2036-01-01", "0000-01-01T00:00:00Z"])
        await assert.rejects(judged(none), api.Invalid, none);
    assert.equal(api.parseTime("0001-01-01T00:00:00Z"), -62135596800n);
    assert.equal(api.parseTime("9999-12-31T23:59:59Z"), 253402300799n);
    assert.equal(api.parseTime("2024-02-29T12:34:56Z"), BigInt(Date.UTC(2024, 1, 29, 12, 34, 56) / 1000));
});

test("the layout of a file is strict", async () => {
    const remove = (name) => (f) => delete f[name];
    const lines = (f, change) => {
        const [text, below] = f.checkpoint.split("\n\n");
        const all = below.slice(0, -1).split("\n");
        f.checkpoint = `${text}\n\n${change(all).join("\n")}\n`;
    };
    const rows = [
        (f) => (f.more = 1),
        remove("trustRoots"),
        remove("previousCheckpoint"),
        remove("envelope"),
        remove("record"),
        (f) => (f.group = { envelope: f.envelope, hashes: [], payload: "" }),
        (f) => (f.format = "parmana-evidence/1"),
        (f) => (f.format = "parmana-evidence/3"),
        (f) => (f.record = []),
        (f) => (f.inclusionProof.logIndex = -1),
        (f) => (f.envelope.signatures = [...f.envelope.signatures, ...f.envelope.signatures]),
        (f) => (f.trustRoots = {}),
        (f) => (f.inclusionProof.hashes = ["AA=="]),
        (f) => lines(f, (all) => all.slice(0, 1)),
        (f) => lines(f, (all) => [all[1], all[0], ...all.slice(2)]),
        (f) => lines(f, (all) => [...all.slice(0, 2), ...all.slice(2).reverse()]),
        (f) => lines(f, (all) => [...all, all.at(-1)]),
        (f) => lines(f, (all) => [...all, all[0]]),
        (f) => (f.previousCheckpoint.note = f.checkpoint.slice(0, -1)),
        (f) => (f.previousCheckpoint.consistency = null),
    ];
    for (const [i, alter] of rows.entries()) {
        const file = seal(parts());
        alter(file);
        assert.deepEqual(failed(await verify(jcs(file), options)), ["format"], `row ${i}`);
    }
    const text = jcs(seal(parts()));
    for (const other of [
        `${text}\n`,
        ` ${text}`,
        `\ufeff${text}`,
        text.replace(":", ": "),
        text.replace("order-7", "\\u006frder-7"),
        "",
        "{}",
        "[]",
        "null",
    ]) {
        assert.deepEqual(failed(await verify(other, options)), ["format"]);
    }
    assert.deepEqual(failed(await verify(Uint8Array.of(0x7b, 0xff), options)), ["format"]);
});

test("a bare attestation is judged by signature and statement", async () => {
    const { envelope } = seal(parts());
    const good = await verify(jcs(envelope), options);
    assert.equal(good.valid, true, humanReport(good));
    assert.deepEqual(
        good.checks.map((check) => check.name),
        ["format", "trust_root", "attestation_signature", "statement", "binding"],
    );
    const stranger = seal(parts((p) => (p.attestationKey = keys.stranger))).envelope;
    assert.deepEqual(failed(await verify(jcs(stranger), options)), ["attestation_signature"]);
    assert.deepEqual(failed(await verify(`${jcs(envelope)}\n`, options)), ["format"]);
});

test("trust roots and witness policies that are not valid are refused", async () => {
    const key = keys.log.object;
    const bad = [
        trustRoot({ version: 0 }),
        trustRoot({ origin: "a b" }),
        trustRoot({ tenant: "" }),
        trustRoot({ consistent_snapshot: true }),
        trustRoot({ more: 1 }),
        trustRoot({ keys: {} }),
        trustRoot({ keys: { ...trustRoot().signed.keys, ["00".repeat(32)]: key } }),
        trustRoot({ roles: { ...trustRoot().signed.roles, log: { keyids: [keys.policy.id], threshold: 1 } } }),
        trustRoot({ roles: { ...trustRoot().signed.roles, log: { keyids: [keys.log.id], threshold: 0 } } }),
        trustRoot({ roles: { ...trustRoot().signed.roles, targets: { keyids: [], threshold: 2 } } }),
        trustRoot({ roles: { ...trustRoot().signed.roles, others: { keyids: [], threshold: 1 } } }),
        trustRoot({ expires: "never" }),
        trustRoot({ activation_approvals: 1 }),
        trustRoot({ history: [{ fingerprint: `sha256:${"00".repeat(32)}`, from: 0 }] }),
        trustRoot({ version: 2, history: [{ fingerprint: `sha256:${"00".repeat(32)}`, from: 1 }] }),
        trustRoot({ compromised: { [keys.log.id]: 4 } }),
        trustRoot({ compromised: { x: 4 } }),
        { ...trustRoot(), signatures: [] },
        { ...trustRoot(), signatures: [...trustRoot().signatures, ...trustRoot().signatures] },
        { ...trustRoot(), signed: trustRoot({ version: 2 }).signed },
    ];
    const nobody = { keyids: [], threshold: 1 };
    const full = { approver: nobody, release: nobody, snapshot: nobody, targets: nobody, timestamp: nobody };
    for (const good of [
        trustRoot({ roles: { ...trustRoot().signed.roles, ...full, witness: nobody } }),
        trustRoot({ activation_approvals: 0, compromised: { ["00".repeat(32)]: 4 }, history: [] }),
        trustRoot({ version: 2, history: [{ fingerprint: `sha256:${"00".repeat(32)}`, from: 0 }] }),
    ]) {
        await parseTrustRoot(jcs(good));
    }
    for (const document of bad) await assert.rejects(parseTrustRoot(jcs(document)), api.Invalid, jcs(document));
    for (const text of ["", `${TRUST}\n\n`, ` ${TRUST}`])
        await assert.rejects(parseTrustRoot(text), api.Invalid);
    assert.equal((await parseTrustRoot(`${TRUST}\n`)).fingerprint, options.trustRoot.fingerprint);

    const w = (i, name = `w${i}`) => `witness ${name} ${witnesses[i].verifierKey(`x${i}`, 4)}\n`;
    for (const text of [
        "\t# note\n \nquorum none\n",
        `${w(0)}quorum w0\n`,
        `${w(0)}${w(1)}group g any w0 w1\nquorum g\n`,
        `${w(0)}${w(1)}${w(2)}group g all w0 w1\ngroup h 2 g w2\nquorum h\n`,
        `log ${keys.log.verifierKey("o", 1)} https://x\nquorum none\n`,
    ]) {
        await parseWitnessPolicy(text);
    }
    const many = (word, count) => Array.from({ length: count }, (_, i) => `${word(i)}\n`).join("");
    const extra = (i) => `witness e${i} ${new Key(40 + i).verifierKey(`e${i}`, 4)}`;
    const all = (count) =>
        `group all all ${Array.from({ length: count }, (_, i) => `e${i}`).join(" ")}\nquorum all\n`;
    await parseWitnessPolicy(`${many(extra, 32)}${all(14)}`);
    for (const text of [
        "",
        "quorum",
        "quorum none",
        `${many(extra, 33)}quorum none\n`,
        `${many(extra, 32)}${all(15)}`,
        `#${"x".repeat(65_536)}\nquorum none\n`,
        `log ${witnesses[0].verifierKey("o", 1)}\n${w(0)}quorum none\n`,
        "quorum w0\n",
        "quorum none\nquorum none\n",
        "quorum none none\n",
        `${w(0)}${w(0, "w1")}quorum none\n`,
        `${w(0)}${w(1, "w0")}quorum none\n`,
        `${w(0, "none")}quorum none\n`,
        `${w(0)}group g 2 w0\nquorum g\n`,
        `${w(0)}group g 0 w0\nquorum g\n`,
        `${w(0)}group g 01 w0\nquorum g\n`,
        `${w(0)}group g any\nquorum g\n`,
        `${w(0)}group g any w0 w0\nquorum g\n`,
        "group g any w0\nquorum none\n",
        `${w(0)}group g any w0\ngroup h any w0\nquorum g\n`,
        `witness w ${keys.log.verifierKey("o", 1)}\nquorum none\n`,
        `log ${keys.log.verifierKey("o", 4)}\nquorum none\n`,
        `quorum none\r\n`,
        "other\nquorum none\n",
    ]) {
        await assert.rejects(parseWitnessPolicy(text), api.Invalid, JSON.stringify(text));
    }
});

test("the report as JSON has the members of parmana verify", async () => {
    const report = JSON.parse(reportJson(await verify(jcs(seal(parts())), options)));
    const members = ["checks", "executionId", "kind", "results", "trustFingerprint", "valid", "verdict"];
    assert.deepEqual(Object.keys(report), members);
    assert.deepEqual(Object.keys(report.checks[0]), ["detail", "name", "outcome"]);
});

test("the command line", () => {
    const place = mkdtempSync(join(tmpdir(), "parmana-sdk-"));
    const file = (name, text) => {
        writeFileSync(join(place, name), text);
        return join(place, name);
    };
    const run = (...args) =>
        spawnSync(process.execPath, ["--no-warnings", join(DIST, "cli.js"), ...args], { encoding: "utf8" });
    try {
        const good = file("good.json", jcs(seal(parts())));
        const bad = file("bad.json", jcs(seal(parts((p) => (p.logKey = keys.stranger)))));
        const more = [
            "--trust",
            file("trust.json", `${TRUST}\n`),
            "--witnesses",
            file("policy.txt", WITNESS_POLICY),
        ];
        assert.equal(run(good, ...more).status, 3);
        assert.equal(run(good, ...more, "--without-verdict").status, 0);
        assert.equal(run(good, "--without-verdict").status, 3);
        assert.equal(run(bad, ...more, "--without-verdict").status, 1);
        assert.equal(JSON.parse(run(good, ...more, "--json").stdout).verdict, VERDICT);
        assert.match(run(good, ...more).stdout, /not re-derived here: parmana verify/);
        for (const args of [
            [],
            [good, good],
            [join(place, "none")],
            [good, "--other"],
            [good, "--trust", good],
        ]) {
            const done = run(...args);
            assert.equal(done.status, 2, done.stdout);
            assert.match(done.stderr, /^parmana-verify-js: /);
        }
    } finally {
        rmSync(place, { recursive: true });
    }
});
