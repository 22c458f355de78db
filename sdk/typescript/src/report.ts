// What verifying says: one named check after the other, and what may be concluded.
import { canonical, object, type Json } from "./json.js";

/** The outcome of one check. */
export type Outcome = "passed" | "failed" | "not_judged";

/** What one check found. `detail` may quote what a stranger wrote: show it as text only. */
export interface Judgement {
    readonly outcome: Outcome;
    readonly detail: string;
}

/** A check with its name. The names and their order are an API, the same as those of `parmana verify --json`. */
export interface Check extends Judgement {
    readonly name: string;
}

/**
 * What the attested statement and record say, for showing; every value is as good as the checks around it. `decision`
 * is attested and was not derived again. Times are unix seconds by the clock of the log.
 */
export interface Summary {
    readonly executionId: string;
    readonly decision: string;
    readonly rule: string;
    readonly reason: string;
    readonly policyId: string;
    readonly policyVersion: string;
    readonly origin: string;
    readonly tenant: string;
    /** `statement`: signed by itself; `log`: signed as part of a group. */
    readonly attestation: "statement" | "log";
    readonly logIndex: number;
    readonly treeSize: number;
    /** Seconds between which the entry was logged; null without valid times (parmana-evidence/1 has none). */
    readonly notBefore: bigint | null;
    readonly notAfter: bigint | null;
}

/** The value of `verdict` in a report about evidence: this verifier evaluates no policies. */
export const VERDICT = "not re-derived here";
/** How to have the verdict derived again. */
export const VERDICT_COMMAND = "parmana verify FILE --trust FILE";

/** A report. `reportJson` writes all of it but the summary. */
export interface Report {
    readonly kind: "evidence" | "attestation";
    readonly trustFingerprint: string | null;
    /** Which execution the statement is about, when there is one that can be read. */
    readonly executionId: string | null;
    readonly checks: readonly Check[];
    /** Every check passed. Never true of evidence, of which the verdict is not judged here: see `integrity`. */
    readonly valid: boolean;
    readonly verdict: typeof VERDICT | null;
    readonly summary: Summary | null;
}

const LEFT_TO_OTHERS: ReadonlySet<string> = new Set(["signals_schema", "verdict"]);

/** What the checks come to: one named answer for each question that people ask. */
export interface Finding {
    /** Every check of it was made, and passed. */
    readonly passed: boolean;
    /** Name and detail of the first check that did not pass; else of the last. */
    readonly reason: string;
}

const QUESTIONS: Readonly<Record<string, readonly string[]>> = {
    signature: ["format", "attestation_signature", "group", "statement", "record_digest", "binding"],
    runtime: ["runtime_hash"],
    schema: ["signals_schema"],
    policy_bundle: ["policy_hash", "policy_signature", "policy_bundle"],
    release: ["release"],
    trust_root: ["trust_root", "trust_chain", "key_events", "trust_expiry"],
    log: ["checkpoint_signature", "inclusion", "checkpoint_time", "previous_checkpoint", "held_head"],
    witness: ["witnesses"],
    verdict: ["verdict"],
};

function answer(names: readonly string[], checks: readonly Check[]): Finding {
    const asked = checks.filter((check) => names.includes(check.name));
    const told = asked.find((check) => check.outcome !== "passed") ?? asked[asked.length - 1];
    if (told === undefined) return { passed: false, reason: "there is nothing in the file to judge it by" };
    return { passed: told.outcome === "passed", reason: `${told.name}: ${told.detail}` };
}

/** The answers by name, the same as in `parmana verify --json`. */
export function results(report: Report): Readonly<Record<string, Finding>> {
    return Object.fromEntries(
        Object.entries(QUESTIONS).map(([name, checks]) => [name, answer(checks, report.checks)]),
    );
}

/** 0 when every check passed, 1 when one failed, 3 when none failed but something was not judged. */
export function exitCode(report: Report): 0 | 1 | 3 {
    if (report.checks.some((check) => check.outcome === "failed")) return 1;
    const all = report.checks.length > 0 && report.checks.every((check) => check.outcome === "passed");
    return all ? 0 : 3;
}

/**
 * Whether nothing failed and everything was judged but what needs the policy to be evaluated (`signals_schema`,
 * `verdict`): the bytes are those that were attested, signed and logged under the trust root. It does not say that the
 * policy decides so.
 */
export function integrity(report: Report): boolean {
    return (
        report.checks.length > 0 &&
        report.checks.every(
            (check) =>
                check.outcome === "passed" ||
                (check.outcome === "not_judged" && LEFT_TO_OTHERS.has(check.name)),
        )
    );
}

/** The report as `parmana verify --json` writes it: canonical JSON. */
export function reportJson(report: Report): string {
    const members: Record<string, Json> = {
        checks: report.checks.map(({ detail, name, outcome }) => object({ detail, name, outcome })),
        kind: report.kind,
        results: object(
            Object.fromEntries(
                Object.entries(results(report)).map(([name, { passed, reason }]) => [name, object({ passed, reason })]),
            ),
        ),
        valid: report.valid,
    };
    if (report.executionId !== null) members["executionId"] = report.executionId;
    if (report.trustFingerprint !== null) members["trustFingerprint"] = report.trustFingerprint;
    if (report.verdict !== null) members["verdict"] = report.verdict;
    return canonical(object(members));
}

/** Text without the characters that move the cursor or the direction of writing: details quote strangers. */
export function printable(text: string): string {
    return text.replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, "?");
}

const MARKS: Readonly<Record<Outcome, string>> = { passed: "ok    ", failed: "FAIL  ", not_judged: "--    " };

/** One line a check, what to conclude, and the fingerprint to compare: for a terminal. */
export function humanReport(report: Report): string {
    const lines = report.checks.map(
        (check) => MARKS[check.outcome] + check.name.padEnd(23) + printable(check.detail),
    );
    const code = exitCode(report);
    const whole = integrity(report)
        ? `unaltered; the verdict was ${VERDICT}: ${VERDICT_COMMAND}`
        : "not fully judged";
    lines.push(code === 0 ? "valid" : code === 1 ? "INVALID" : whole);
    if (report.trustFingerprint !== null) {
        lines.push(`compare the trust root out of band: ${report.trustFingerprint}`);
    }
    return `${lines.join("\n")}\n`;
}
