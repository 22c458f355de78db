// The page: files in, report on the screen. What comes from files is put on the screen as text only, and without the
// characters that move the cursor or the direction of writing.
import {
    Invalid,
    Unsupported,
    exitCode,
    integrity,
    parseTime,
    parseTrustRoot,
    parseWitnessPolicy,
    printable,
    timeInWords,
    verify,
    type Outcome,
    type Report,
    type Summary,
} from "./index.js";
import { fromUtf8 } from "./bytes.js";

type Place = "evidence" | "trust" | "witnesses";
type State = "empty" | "checking" | "unaltered" | "valid" | "invalid" | "open" | "error";
const FILE_BYTES_MAX = 4 * 1024 * 1024;

function find<T extends HTMLElement>(id: string): T {
    const found = document.getElementById(id);
    if (found === null) throw new Error(`the page lacks ${id}`);
    return found as T;
}

function element(name: string, text: string, className = ""): HTMLElement {
    const made = document.createElement(name);
    made.textContent = printable(text);
    made.className = className;
    return made;
}

function show(state: State, title: string, explanation: string): void {
    find("result").dataset["state"] = state;
    find("verdict").textContent = title;
    find("explanation").textContent = printable(explanation);
    find("report").hidden = state === "empty" || state === "checking" || state === "error";
}

const MARKS: Readonly<Record<Outcome, string>> = {
    passed: "✓ passed",
    failed: "✗ failed",
    not_judged: "– not judged",
};

function showChecks(report: Report): void {
    find("checks").replaceChildren(
        ...report.checks.map((check) => {
            const row = element("tr", "");
            row.dataset["outcome"] = check.outcome;
            row.dataset["check"] = check.name;
            const name = element("td", "");
            name.append(element("code", check.name));
            const cells = [element("td", MARKS[check.outcome]), name, element("td", check.detail)];
            cells.forEach((cell) => cell.setAttribute("role", "cell"));
            row.setAttribute("role", "row");
            row.append(...cells);
            return row;
        }),
    );
}

function bracket(summary: Summary): string {
    if (summary.notAfter === null) return "not known: the file has no valid time of the log";
    const until = `not after ${timeInWords(summary.notAfter)}`;
    const from = summary.notBefore === null ? "" : `not before ${timeInWords(summary.notBefore)}, `;
    return `${from}${until}, by the clock of the log`;
}

function showSummary(report: Report): void {
    const { summary } = report;
    find("summary-section").hidden = summary === null;
    if (summary === null) return;
    const failed = exitCode(report) === 1;
    const standing = failed ? "so says a file that failed" : "as attested; not re-derived here";
    find("summary-title").textContent = failed ? "What the file says: do not rely on it" : "What was attested";
    const rows: readonly [string, string, string?][] = [
        ["Decision", `${summary.decision} (${standing})`, "strong"],
        ["Reason", summary.reason],
        ["Rule", summary.rule],
        ["Policy", `${summary.policyId} ${summary.policyVersion}`],
        ["Execution", summary.executionId],
        ["Ledger", `${summary.origin}, tenant ${summary.tenant}`],
        ["Place in the log", `entry ${summary.logIndex} of ${summary.treeSize}`],
        ["Logged", bracket(summary)],
        [
            "Attested",
            summary.attestation === "log" ? "by the signature of its group" : "by a signature of its own",
        ],
    ];
    find("summary").replaceChildren(
        ...rows.flatMap(([term, text, className]) => [element("dt", term), element("dd", text, className)]),
    );
}

function compare(): void {
    const expected = find<HTMLInputElement>("expected").value.trim().toLowerCase();
    const fingerprint = find("fingerprint").textContent ?? "";
    const same = expected === fingerprint || `sha256:${expected}` === fingerprint;
    const comparison = find("comparison");
    comparison.dataset["same"] = expected === "" ? "" : same ? "yes" : "no";
    comparison.textContent = expected === "" ? "" : same ? "✓ the same fingerprint" : "✗ another fingerprint";
}

function showReport(report: Report): void {
    showChecks(report);
    showSummary(report);
    find("fingerprint-section").hidden = report.trustFingerprint === null;
    find("fingerprint").textContent = report.trustFingerprint ?? "";
    compare();
    const failed = report.checks.filter((check) => check.outcome === "failed").map((check) => check.name);
    const open = report.checks.filter((check) => check.outcome === "not_judged").map((check) => check.name);
    if (failed.length > 0) {
        show("invalid", "Invalid", `Failed: ${failed.join(", ")}. Do not rely on this file.`);
    } else if (report.valid) {
        show("valid", "Valid", "Every check passed. Compare the fingerprint of the trust root below.");
    } else if (integrity(report)) {
        show(
            "unaltered",
            "Unaltered; the verdict was not re-derived here",
            "What was attested, signed and logged is in this file as it was. Compare the fingerprint of the trust " +
                "root below. To have the verdict derived again: parmana verify FILE --trust FILE",
        );
    } else {
        const root =
            report.trustFingerprint === null ? " Without a trust root nothing that needs a key is judged." : "";
        const watched = open.includes("witnesses") && !files.has("witnesses");
        const policy = watched ? " A witness policy says whose cosignatures count." : "";
        show("open", "Not fully judged", `Nothing failed, but not judged: ${open.join(", ")}.${root}${policy}`);
    }
}

const files = new Map<Place, File>();
let latest = 0;

async function readFile(place: Place): Promise<Uint8Array | null> {
    const file = files.get(place);
    if (file === undefined) return null;
    if (file.size > FILE_BYTES_MAX) throw new Invalid(`${file.name} is too large`);
    return new Uint8Array(await file.arrayBuffer());
}

/** The time to judge at; null when none was asked for. */
function readTime(): bigint | null {
    const text = find<HTMLInputElement>("at").value.trim();
    if (text === "") return null;
    const seconds = parseTime(text);
    if (seconds === null) throw new Invalid("The time to judge at is not valid: write it as 2026-01-31T00:00:00Z");
    return seconds;
}

/** What a reader of a file says, with the name of the file's place in front. */
async function reading<T>(place: Place, what: string, read: (text: string) => Promise<T>): Promise<T | null> {
    const bytes = await readFile(place);
    if (bytes === null) return null;
    try {
        return await read(fromUtf8(bytes));
    } catch (error) {
        if (error instanceof Invalid) throw new Invalid(`The ${what} is not valid: ${error.message}`);
        throw error;
    }
}

async function check(): Promise<void> {
    const ticket = ++latest;
    if (!files.has("evidence")) {
        return show("empty", "Nothing to check yet", "The checks begin as soon as there is an evidence file.");
    }
    show("checking", "Checking…", "");
    try {
        const trustRoot = await reading("trust", "trust root", parseTrustRoot);
        const witnessPolicy = await reading("witnesses", "witness policy", parseWitnessPolicy);
        const at = readTime();
        const evidence = await readFile("evidence");
        const report = await verify(evidence ?? "", { trustRoot, witnessPolicy, at });
        if (ticket === latest) showReport(report);
    } catch (error) {
        if (ticket !== latest) return;
        const known = error instanceof Invalid || error instanceof Unsupported;
        show("error", "Nothing could be checked", known ? error.message : `this page failed: ${String(error)}`);
    }
}

/** Which of the three a dropped file is, by its beginning. */
async function placeOf(file: File): Promise<Place> {
    const head = await file.slice(0, 512).text();
    if (/^\s*(?:#|log\s|witness\s|group\s|quorum\s)/.test(head)) return "witnesses";
    return /^\{"signatures":/.test(head) ? "trust" : "evidence";
}

async function take(dropped: readonly File[], target: EventTarget | null): Promise<void> {
    const over = target instanceof Element ? target.closest(".file")?.querySelector("input")?.id : undefined;
    for (const file of dropped) {
        const place = dropped.length === 1 && over !== undefined ? (over as Place) : await placeOf(file);
        const held = new DataTransfer();
        held.items.add(file);
        find<HTMLInputElement>(place).files = held.files;
        files.set(place, file);
    }
    await check();
}

function listen(): void {
    for (const place of ["evidence", "trust", "witnesses"] as const) {
        const input = find<HTMLInputElement>(place);
        input.addEventListener("change", () => {
            const [file] = input.files ?? [];
            if (file === undefined) files.delete(place);
            else files.set(place, file);
            void check();
        });
    }
    find("files").addEventListener("submit", (event) => event.preventDefault());
    find("expected").addEventListener("input", compare);
    find("at").addEventListener("input", () => void check());
    document.addEventListener("dragover", (event) => {
        event.preventDefault();
        document.body.classList.add("dropping");
    });
    for (const name of ["dragleave", "drop"]) {
        document.addEventListener(name, () => document.body.classList.remove("dropping"));
    }
    document.addEventListener("drop", (event) => {
        event.preventDefault();
        void take([...(event.dataTransfer?.files ?? [])], event.target);
    });
}

listen();
