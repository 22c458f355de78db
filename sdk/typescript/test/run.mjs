// Runs test files by name:  node sdk/typescript/test/run.mjs json crypto evidence
//
// Ends with 77 when the package is not built (sdk/typescript/build.mjs), which only a machine without npm may be.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { DIST, ROOT } from "./support.mjs";

if (!existsSync(join(DIST, "index.js"))) {
    console.log("SKIPPED: the package is not built: ./dev test does it");
    process.exit(77);
}
const files = process.argv.slice(2).map((name) => join(ROOT, "sdk/typescript/test", `${name}.test.mjs`));
process.exit(
    spawnSync(process.execPath, ["--no-warnings", "--test", ...files], { stdio: "inherit" }).status ?? 1,
);
