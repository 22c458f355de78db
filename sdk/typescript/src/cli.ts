#!/usr/bin/env node
// parmana-verify-js: files in, report on stdout, exit code out.
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Invalid, Unsupported, exitCode, humanReport, integrity, reportJson, verify } from "./index.js";
import { fromUtf8 } from "./bytes.js";

const FILE_BYTES_MAX = 4 * 1024 * 1024;
const USAGE = `usage: parmana-verify-js FILE [--trust FILE] [--witnesses FILE] [--at TIME] [--json] [--without-verdict]

Judges an evidence file or a bare attestation. Policies are not evaluated: the verdict is not derived again, so
evidence is never fully judged. For that: parmana verify FILE --trust FILE

  --trust FILE        the pinned trust root
  --witnesses FILE    the witness policy (C2SP tlog-policy)
  --at TIME           when the trust root must not have expired (RFC 3339); else at the time of the checkpoint
  --json              the report as JSON
  --without-verdict   end with 0 when nothing but the verdict and the signals' schema is left unjudged

exit codes: 0 valid, 1 a check failed, 2 a file or the command line is not valid, 3 not fully judged
`;

class Usage extends Error {}

function readFile(path: string): Uint8Array {
    let bytes: Uint8Array;
    try {
        bytes = readFileSync(path);
    } catch {
        throw new Invalid(`\`${path}\` cannot be read`);
    }
    if (bytes.length > FILE_BYTES_MAX) throw new Invalid(`\`${path}\` is too large`);
    return bytes;
}

function readArguments() {
    try {
        return parseArgs({
            allowPositionals: true,
            options: {
                trust: { type: "string" },
                witnesses: { type: "string" },
                at: { type: "string" },
                json: { type: "boolean", default: false },
                "without-verdict": { type: "boolean", default: false },
                help: { type: "boolean", short: "h", default: false },
            },
        });
    } catch (error) {
        throw new Usage(error instanceof Error ? error.message : String(error));
    }
}

async function main(): Promise<number> {
    const { values, positionals } = readArguments();
    if (values.help) {
        process.stdout.write(USAGE);
        return 0;
    }
    const [path] = positionals;
    if (path === undefined || positionals.length !== 1) throw new Usage("one file is needed");
    const text = (name: string | undefined) => (name === undefined ? null : fromUtf8(readFile(name)));
    const report = await verify(readFile(path), {
        trustRoot: text(values.trust),
        witnessPolicy: text(values.witnesses),
        at: values.at,
    });
    process.stdout.write(values.json ? `${reportJson(report)}\n` : humanReport(report));
    return values["without-verdict"] && integrity(report) ? 0 : exitCode(report);
}

main().then(
    (code) => {
        process.exitCode = code;
    },
    (error: unknown) => {
        if (!(error instanceof Invalid || error instanceof Unsupported || error instanceof Usage)) throw error;
        process.stderr.write(`parmana-verify-js: ${error.message}\n${error instanceof Usage ? USAGE : ""}`);
        process.exitCode = 2;
    },
);
