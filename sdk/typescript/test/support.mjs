// Where things are, and what every test of the package needs.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), "../../..");
export const DIST = join(ROOT, "build/sdk/dist");
export const PAGE = join(ROOT, "build/sdk/verify.html");

/** A module of the compiled package. */
export const load = (name) => import(join(DIST, `${name}.js`));

/** The shared vectors of a name, or null, which is said aloud: they lie outside of the tree. */
export function vectors(name) {
    const path = join(ROOT, "../shared/vectors", `${name}.json`);
    if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8"));
    console.log(`NOT CHECKED: the shared vectors of ${name} are not there`);
    return null;
}

export const COMPAT = join(ROOT, "tests/compat/01");
export const hex = (text) => new Uint8Array(Buffer.from(text, "hex"));
/** Outcome by name of check. */
export const outcomes = (report) =>
    Object.fromEntries(report.checks.map((check) => [check.name, check.outcome]));
export const failed = (report) => report.checks.filter((c) => c.outcome === "failed").map((c) => c.name);
