// Reads the lines of agreement_generate from stdin, verifies each with the verifier in TypeScript, and compares the
// two reports check by check:  agreement_generate POLICIES | node compare.mjs [--least-sole N]
//
// Both must name the same checks in the same order with the same outcomes; apart are `signals_schema` and `verdict`,
// for which TypeScript evaluates no policies. No damaged file may be accepted by either, and a lie must be found by its
// check and by no other. Both readers of trust roots and of witness policies must admit the same texts. Prints which
// check caught how much; ends with 1 on any difference, 77 when the package is not built.
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const DIST = join(resolve(dirname(fileURLToPath(import.meta.url)), "../.."), "build/sdk/dist");
if (!existsSync(join(DIST, "index.js"))) {
    console.log("SKIPPED: the package in TypeScript is not built: ./dev test does it");
    process.exit(77);
}
const api = await import(join(DIST, "index.js"));
const { Invalid, integrity, parseTrustRoot, parseWitnessPolicy, reportJson, verify } = api;

const AT_ONCE = 32;
const APART = new Set(["signals_schema", "verdict"]);
const ANSWERED_BY = new Map([
    ["signals_schema", "schema"],
    ["verdict", "verdict"],
    ["witnesses", "witness"],
]);
const option = process.argv.indexOf("--least-sole");
const leastSole = option < 0 ? 0 : Number(process.argv[option + 1]);

const counts = {
    roots: 0,
    refused: 0,
    policies: 0,
    watched: { passed: 0, failed: 0, refused: 0 },
    evidence: 0,
    accepted: 0,
    mutations: 0,
    lies: 0,
    differences: 0,
    mutationsAccepted: 0,
};
/** Of each check: how many damaged files it caught here and there, and how many it alone caught. */
const caught = new Map();
const byMutation = new Map();
const examples = [];

/** What a reader makes of a text, once for each text. */
function once(read) {
    const known = new Map();
    return (text) => {
        if (text === null) return null;
        if (!known.has(text)) known.set(text, read(text));
        return known.get(text);
    };
}
const trustRoot = once(parseTrustRoot);
const witnessPolicy = once(parseWitnessPolicy);

function differ(line, what) {
    ++counts.differences;
    if (examples.length < 10) examples.push(`${line.mutation ?? "as it was"}: ${what}`);
}

const timeOf = (line) => (line.at === null ? null : BigInt(line.at));

/** The first difference between the reports, in words; null when they agree but for the checks that are `apart`. */
function difference(theirs, ours, apart = APART) {
    if (theirs.kind !== ours.kind) return `kind ${theirs.kind} and ${ours.kind}`;
    if (theirs.trustFingerprint !== ours.trustFingerprint) return "the fingerprints";
    const names = (report) => report.checks.map((check) => check.name).join(" ");
    if (names(theirs) !== names(ours)) return `checks ${names(theirs)} and ${names(ours)}`;
    for (const [i, there] of theirs.checks.entries()) {
        const here = ours.checks[i];
        if (apart.has(there.name) || there.outcome === here.outcome) continue;
        return `${there.name}: ${there.outcome} (${there.detail}) and ${here.outcome} (${here.detail})`;
    }
    if (theirs.executionId !== ours.executionId) return "the execution that it is about";
    const left = new Map([...apart].map((check) => [ANSWERED_BY.get(check), true]));
    for (const [name, { passed }] of Object.entries(theirs.results)) {
        if (!left.has(name) && ours.results[name].passed !== passed) return `the answer \`${name}\``;
    }
    return null;
}

const failures = (report) =>
    report.checks.filter((check) => check.outcome === "failed").map((check) => check.name);

function tally(line, theirs, ours) {
    const [there, here] = [failures(theirs), failures(ours)];
    for (const [names, side] of [
        [there, "there"],
        [here, "here"],
    ]) {
        for (const name of names) {
            const row = caught.get(name) ?? { there: 0, here: 0, sole: 0 };
            ++row[side];
            if (side === "here" && here.length === 1 && there.length === 1) ++row.sole;
            caught.set(name, row);
        }
    }
    const group = byMutation.get(line.mutation) ?? { count: 0, checks: new Set() };
    ++group.count;
    here.forEach((name) => group.checks.add(name));
    byMutation.set(line.mutation, group);
    if (line.lie !== null && (here.join() !== line.lie || there.join() !== line.lie)) {
        differ(line, `must be found by ${line.lie} alone: ${there.join(" ")} and ${here.join(" ")}`);
    }
}

/** The reader of trust roots says the same as that in C++, and when both admit it, the reports agree. */
async function judgeRoot(line) {
    ++counts.roots;
    const root = await parseTrustRoot(line.trust).catch((error) => (error instanceof Invalid ? null : error));
    if (root instanceof Error) return differ(line, String(root));
    if (line.report === null) ++counts.refused;
    if ((root === null) !== (line.report === null)) {
        return differ(line, `refused: ${line.report === null} and ${root === null}: ${line.trust}`);
    }
    if (root === null) return;
    const report = await verify(new Uint8Array(Buffer.from(line.evidence, "base64")), {
        trustRoot: root,
        at: timeOf(line),
    });
    const what = difference(line.report, JSON.parse(reportJson(report)));
    if (what !== null) differ(line, what);
}

/** The reader of witness policies says the same as that in C++, and counts the same cosignatures as enough. */
async function judgePolicy(line) {
    ++counts.policies;
    ++counts.watched[line.watched];
    const policy = await parseWitnessPolicy(line.witnesses).catch((error) =>
        error instanceof Invalid ? null : error,
    );
    if (policy instanceof Error) return differ(line, String(policy));
    let outcome = "refused";
    if (policy !== null) {
        const file = new Uint8Array(Buffer.from(line.evidence, "base64"));
        const report = await verify(file, {
            trustRoot: await trustRoot(line.trust),
            witnessPolicy: policy,
            at: timeOf(line),
        });
        outcome = report.checks.find((check) => check.name === "witnesses").outcome;
        // The report of this line was made without the policy; what the policy says stands in `watched`.
        const what = difference(line.report, JSON.parse(reportJson(report)), new Set([...APART, "witnesses"]));
        if (what !== null) differ(line, what);
    }
    if (outcome !== line.watched)
        differ(line, `${line.watched} and ${outcome}: ${JSON.stringify(line.witnesses)}`);
}

async function judge(text) {
    const line = JSON.parse(text);
    if (line.mutation === "trust root") return judgeRoot(line);
    if (line.mutation === "witness policy") return judgePolicy(line);
    const theirs = line.report;
    const report = await verify(new Uint8Array(Buffer.from(line.evidence, "base64")), {
        trustRoot: await trustRoot(line.trust),
        witnessPolicy: await witnessPolicy(line.witnesses),
        at: timeOf(line),
    });
    const ours = JSON.parse(reportJson(report));
    const what = difference(theirs, ours);
    if (what !== null) differ(line, what);
    const accepted = integrity(report);
    if (accepted !== theirs.valid) differ(line, `accepted: ${theirs.valid} and ${accepted}`);
    if (line.mutation === null) {
        ++counts.evidence;
        if (accepted) ++counts.accepted;
        if (failures(theirs).length > 0) differ(line, `good evidence fails: ${failures(theirs).join(" ")}`);
        return;
    }
    ++counts.mutations;
    if (line.lie !== null) ++counts.lies;
    if (accepted || theirs.valid) {
        ++counts.mutationsAccepted;
        differ(line, "the damaged file is accepted");
    }
    tally(line, theirs, ours);
}

function print() {
    const table = (rows) => {
        const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => String(row[i]).length)));
        for (const row of rows) {
            const cells = row.map((cell, i) =>
                typeof cell === "number" ? String(cell).padStart(widths[i]) : cell.padEnd(widths[i]),
            );
            console.log(cells.join("  ").trimEnd());
        }
        console.log("");
    };
    const of = [...byMutation].map(([name, group]) => [name, group.count, [...group.checks].sort().join(" ")]);
    table([["damage", "files", "caught by"], ...of]);
    const rows = [...caught].sort().map(([name, row]) => [name, row.there, row.here, row.sole]);
    table([["check", "caught in C++", "in TypeScript", "by it alone"], ...rows]);
    for (const example of examples) console.log(`DIFFERENT ${example}`);
    console.log(
        `${counts.evidence} files of evidence (${counts.accepted} fully judged and good), ` +
            `${counts.mutations} damaged (${counts.lies} signed and hashed anew), ` +
            `${counts.mutationsAccepted} of them accepted; ${counts.roots} trust roots (${counts.refused} refused); ` +
            `${counts.policies} witness policies (${JSON.stringify(counts.watched)}); ` +
            `${counts.differences} differences`,
    );
}

const running = new Set();
for await (const text of createInterface({ input: process.stdin, crlfDelay: Infinity })) {
    const one = judge(text).finally(() => running.delete(one));
    running.add(one);
    if (running.size >= AT_ONCE) await Promise.race(running);
}
await Promise.all(running);
print();
const nothing = counts.evidence === 0 || counts.accepted === 0 || counts.mutations === 0;
if (counts.differences > 0 || nothing || counts.lies < leastSole) process.exit(1);
