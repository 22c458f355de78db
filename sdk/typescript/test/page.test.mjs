// The page in a real browser, opened as a file: what an auditor sees for good and for bad files.
import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { after, before } from "node:test";
import { pathToFileURL } from "node:url";
import { Chromium, PROGRAM } from "./chromium.mjs";
import { COMPAT, PAGE, ROOT } from "./support.mjs";
import { WITNESS_POLICY, jcs, keys, parts, seal, trustRoot, witnesses } from "./world.mjs";

const skip = PROGRAM === null ? "there is no chromium" : false;
if (skip) console.log(`NOT CHECKED: ${skip}`);
const place = mkdtempSync(join(tmpdir(), "parmana-files-"));
const TRUST = `${jcs(trustRoot())}\n`;
const MARKUP = '<img src=x onerror="document.title=1"><b>bold</b>\u202etxt';
const SIZE = { width: 1100, height: 900, deviceScaleFactor: 1, mobile: false };
let browser;
const requests = [];
const complaints = [];

const file = (name, text) => {
    writeFileSync(join(place, name), text);
    return join(place, name);
};

before(async () => {
    if (skip) return;
    browser = await Chromium.start();
    browser.listen(({ method, params }) => {
        if (method === "Network.requestWillBeSent") requests.push(params.request.url);
        if (method === "Log.entryAdded") complaints.push(params.entry.text);
        if (method === "Runtime.exceptionThrown") complaints.push(JSON.stringify(params.exceptionDetails));
    });
    await browser.call("Emulation.setDeviceMetricsOverride", SIZE);
});
after(async () => {
    await browser?.stop();
    rmSync(place, { recursive: true, force: true });
});

const SEEN = `(() => {
    const text = (id) => document.getElementById(id).textContent.trim();
    const shown = (id) => document.getElementById(id).checkVisibility();
    return {
        state: document.getElementById("result").dataset.state,
        verdict: text("verdict"), explanation: text("explanation"),
        report: shown("report"), fingerprint: text("fingerprint"),
        summary: text("summary"), title: text("summary-title"), summaryShown: shown("summary-section"),
        checks: Object.fromEntries([...document.querySelectorAll("#checks tr")]
            .map((row) => [row.dataset.check, row.dataset.outcome])),
        details: [...document.querySelectorAll("#checks td:last-child")].map((cell) => cell.textContent),
        elements: document.querySelectorAll("#result img, #result b, #result script").length, page: document.title,
    };
})()`;

/** What is seen when the page has judged. */
async function settled() {
    for (let tries = 0; tries < 200; ++tries) {
        const seen = await browser.evaluate(SEEN);
        if (!["empty", "checking"].includes(seen.state)) {
            await new Promise((resolve) => setTimeout(resolve, 50));
            return browser.evaluate(SEEN);
        }
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error("the page does not come to an end");
}

/** Opens the page anew, chooses the files, and waits until it has judged. */
async function look(files) {
    await browser.goto(pathToFileURL(PAGE).href);
    for (const [id, path] of Object.entries(files)) await browser.choose(`#${id}`, path);
    return settled();
}

async function picture(name, scheme = "light") {
    await browser.call("Emulation.setEmulatedMedia", {
        features: [{ name: "prefers-color-scheme", value: scheme }],
    });
    mkdirSync(join(ROOT, "build/sdk/screens"), { recursive: true });
    writeFileSync(join(ROOT, "build/sdk/screens", `${name}.png`), await browser.screenshot());
}

const trust = () => file("trust.json", TRUST);
const policy = () => file("policy.txt", WITNESS_POLICY);
const evidence = (kind, change, alter) => {
    const made = seal(parts(change), kind);
    alter?.(made);
    return file("evidence.json", jcs(made));
};

test(
    "good evidence of either kind is unaltered, and the verdict is said not to be derived here",
    { skip },
    async () => {
        for (const kind of ["statement", "log"]) {
            const seen = await look({ trust: trust(), witnesses: policy(), evidence: evidence(kind) });
            assert.equal(seen.state, "unaltered", JSON.stringify(seen));
            assert.match(seen.verdict, /not re-derived here/);
            assert.match(seen.explanation, /parmana verify FILE --trust FILE/);
            assert.match(seen.summary, /approved \(as attested; not re-derived here\)/);
            assert.match(
                seen.summary,
                /not before 2027-01-15T08:00:00Z, not after 2027-01-15T08:01:00Z, by the clock of the log/,
            );
            assert.match(seen.fingerprint, /^sha256:[0-9a-f]{64}$/);
            assert.equal(seen.checks.verdict, "not_judged");
            assert.equal(Object.values(seen.checks).filter((outcome) => outcome === "failed").length, 0);
            assert.equal(Object.keys(seen.checks).length, kind === "log" ? 21 : 20);
            await picture(`good-${kind}`, kind === "log" ? "dark" : "light");
        }
    },
);

test("the fingerprint can be compared", { skip }, async () => {
    const { fingerprint } = await look({ trust: trust(), evidence: evidence("statement") });
    const type = (value) =>
        browser.evaluate(`(() => {
        const input = document.getElementById("expected");
        input.value = ${JSON.stringify(value)};
        input.dispatchEvent(new Event("input"));
        return document.getElementById("comparison").textContent;
    })()`);
    assert.match(await type(fingerprint), /✓ the same/);
    assert.match(await type(fingerprint.slice(7).toUpperCase()), /✓ the same/);
    assert.match(await type(`${fingerprint.slice(0, -1)}x`), /✗ another/);
    assert.equal(await type(""), "");
});

test("evidence of the first format, without a witness policy", { skip }, async () => {
    const seen = await look({
        trust: join(COMPAT, "data/trust.json"),
        evidence: join(COMPAT, "evidence/action-0.json"),
    });
    assert.equal(seen.state, "unaltered");
    assert.match(seen.summary, /no valid time of the log/);
});

test("a forged checkpoint is invalid", { skip }, async () => {
    const bad = evidence("statement", (p) => (p.logKey = p.cosigner = keys.stranger));
    const seen = await look({ trust: trust(), witnesses: policy(), evidence: bad });
    assert.equal(seen.state, "invalid");
    assert.equal(seen.checks.checkpoint_signature, "failed");
    assert.match(seen.explanation, /Failed: .*checkpoint_signature/);
    assert.match(seen.title, /do not rely on it/);
    await picture("bad-checkpoint");
});

test("an altered record is invalid, and markup in it stays text", { skip }, async () => {
    const altered = evidence("log", undefined, (f) => (f.record.reason = MARKUP));
    const seen = await look({ trust: trust(), witnesses: policy(), evidence: altered });
    assert.equal(seen.state, "invalid");
    assert.equal(seen.checks.record_digest, "failed");
    const attested = evidence("statement", (p) => (p.record.reason = MARKUP));
    const shown = await look({ trust: trust(), witnesses: policy(), evidence: attested });
    assert.equal(shown.state, "unaltered");
    assert.ok(shown.summary.includes(MARKUP.replace("\u202e", "?")));
    const unread = await look({
        trust: trust(),
        evidence: file("evidence.json", `{"${MARKUP.replaceAll('"', "'")}":1}`),
    });
    assert.equal(unread.checks.format, "failed");
    assert.equal(unread.summaryShown, false);
    for (const each of [seen, shown, unread]) {
        assert.equal(each.elements, 0);
        assert.equal(each.page, "Verify Parmana evidence");
    }
});

test("too few witnesses are invalid", { skip }, async () => {
    const few = evidence("log", (p) => (p.cosigners = [[witnesses[0]], []]));
    const seen = await look({ trust: trust(), witnesses: policy(), evidence: few });
    assert.deepEqual([seen.state, seen.checks.witnesses], ["invalid", "failed"]);
});

test("files that are dropped together find their places", { skip }, async () => {
    await browser.goto(pathToFileURL(PAGE).href);
    const dropped = [jcs(seal(parts(), "log")), WITNESS_POLICY, TRUST];
    await browser.evaluate(`(() => {
        const dataTransfer = new DataTransfer();
        ${JSON.stringify(dropped)}.forEach((text, i) => dataTransfer.items.add(new File([text], "file " + i)));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
    })()`);
    const seen = await settled();
    assert.equal(seen.state, "unaltered", JSON.stringify(seen));
    const names = await browser.evaluate(
        "['evidence', 'witnesses', 'trust'].map((id) => document.getElementById(id).files[0].name)",
    );
    assert.deepEqual(names, ["file 0", "file 1", "file 2"]);
});

test("without a trust root nothing is called good", { skip }, async () => {
    const seen = await look({ evidence: evidence("statement") });
    assert.equal(seen.state, "open");
    assert.match(seen.explanation, /Without a trust root/);
    const unwatched = await look({ trust: trust(), evidence: evidence("statement") });
    assert.equal(unwatched.state, "open");
    assert.match(
        unwatched.explanation,
        /not judged: signals_schema, verdict, witnesses\. A witness policy says/,
    );
    await browser.call("Emulation.setDeviceMetricsOverride", { ...SIZE, width: 380 });
    await picture("open");
    await browser.call("Emulation.setDeviceMetricsOverride", SIZE);
});

test("the trust root is judged at the time that is asked for", { skip }, async () => {
    await look({ trust: trust(), evidence: evidence("statement"), witnesses: policy() });
    const at = async (value) => {
        await browser.evaluate(`(() => {
            const input = document.getElementById("at");
            input.value = ${JSON.stringify(value)};
            input.dispatchEvent(new Event("input"));
        })()`);
        return settled();
    };
    assert.equal((await at("2036-01-01T00:00:00Z")).checks.trust_expiry, "failed");
    assert.equal((await at(" 2035-12-31T23:59:59Z ")).state, "unaltered");
    const none = await at("tomorrow");
    assert.deepEqual([none.state, none.report], ["error", false]);
    assert.match(none.explanation, /time to judge at is not valid/);
    assert.equal((await at("")).checks.trust_expiry, "passed");
});

test("a trust root that is none is an error, not a report", { skip }, async () => {
    const seen = await look({ trust: evidence("statement"), evidence: evidence("statement") });
    assert.deepEqual([seen.state, seen.report], ["error", false]);
    assert.match(seen.explanation, /trust root is not valid/);
});

test("the keyboard reaches every field, and every field has a label", { skip }, async () => {
    await look({ trust: trust(), evidence: evidence("statement") });
    await browser.evaluate("document.activeElement.blur()");
    const reached = [];
    for (let i = 0; i < 5; ++i) {
        await browser.key("Tab", "Tab", 9);
        reached.push(await browser.evaluate("document.activeElement.id"));
    }
    assert.deepEqual(reached, ["evidence", "trust", "witnesses", "at", "expected"]);
    const unlabelled = await browser.evaluate(
        "[...document.querySelectorAll('input')].filter((one) => one.labels.length !== 1).length",
    );
    assert.equal(unlabelled, 0);
});

test("the page asks nobody for anything and allows nothing", { skip }, async () => {
    const url = pathToFileURL(PAGE).href;
    assert.deepEqual([...new Set(requests)], [url]);
    assert.deepEqual(complaints, []);
    const text = readFileSync(PAGE, "utf8");
    assert.match(text, /http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'sha256-/);
    assert.doesNotMatch(text, /\b(?:src|href)="/);
    const tried = await browser.call("Runtime.evaluate", {
        expression: "fetch('data:text/plain,x').then(() => 'sent', () => 'refused')",
        awaitPromise: true,
        returnByValue: true,
    });
    assert.equal(tried.result.value, "refused");
});
