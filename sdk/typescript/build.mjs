// Builds the package and the page:  node sdk/typescript/build.mjs
//
// build/sdk/dist         the compiled package (with build/sdk/package.json, ready to be packed)
// build/sdk/verify.html  the page: one file, nothing to load
//
// Needs the compiler in build/npm-sdk, where ./dev puts it; ends with 77 without it.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = resolve(here, "../..");
const modules = join(root, "build/npm-sdk/node_modules");
const out = join(root, "build/sdk");

function compile() {
    const compiler = join(modules, "typescript/bin/tsc");
    if (!existsSync(compiler)) {
        console.error("sdk: SKIPPED: there is no compiler in build/npm-sdk; ./dev test installs it");
        process.exit(77);
    }
    rmSync(join(out, "dist"), { recursive: true, force: true });
    mkdirSync(out, { recursive: true });
    const options = ["-p", here, "--outDir", join(out, "dist"), "--typeRoots", join(modules, "@types")];
    const done = spawnSync(process.execPath, [compiler, ...options], { stdio: "inherit" });
    if (done.status !== 0) process.exit(1);
    copyFileSync(join(here, "package.json"), join(out, "package.json"));
    copyFileSync(join(root, "LICENSE"), join(out, "LICENSE"));
    copyFileSync(join(here, "README.md"), join(out, "README.md"));
}

/** `a, b as c` of an import or export list as the members of an object pattern or literal. */
function members(list) {
    const items = list
        .split(",")
        .map((item) => item.trim())
        .filter((item) => item !== "");
    return items.map((item) => item.split(/\s+as\s+/));
}

const variable = (path) => `module_${basename(path, ".js")}`;

/**
 * One compiled module as a function that returns what it exports. The compiler writes imports and exports in few
 * forms; any other is an error here.
 */
function wrap(path, text, order) {
    const exported = [];
    const body = text
        .replace(/^import \* as (\w+) from "(\.\/[\w.]+)";$/gm, (_, name, from) => {
            order(from);
            return `const ${name} = ${variable(from)};`;
        })
        .replace(/^import \{([^}]*)\} from "(\.\/[\w.]+)";$/gm, (_, list, from) => {
            order(from);
            return `const { ${members(list)
                .map(([a, b]) => (b ? `${a}: ${b}` : a))
                .join(", ")} } = ${variable(from)};`;
        })
        .replace(/^export \{([^}]*)\} from "(\.\/[\w.]+)";$/gm, (_, list, from) => {
            order(from);
            for (const [name, as] of members(list)) exported.push(`${as ?? name}: ${variable(from)}.${name}`);
            return "";
        })
        .replace(/^export ((?:async )?function|class|const) (\w+)/gm, (_, kind, name) => {
            exported.push(name);
            return `${kind} ${name}`;
        })
        .replace(/^export \{\};$/gm, "");
    const left = /^(?:import|export)\b.*$/m.exec(body);
    if (left) throw new Error(`${path}: a form of import or export that is not known here: ${left[0]}`);
    return `const ${variable(path)} = (() => {\n${body}\nreturn { ${exported.join(", ")} };\n})();\n`;
}

/** The module and all that it imports as one script, each behind what it needs. */
function bundle(entry) {
    const parts = new Map();
    const visit = (path) => {
        if (parts.has(path)) return;
        const needed = [];
        const text = wrap(path, readFileSync(join(out, "dist", path), "utf8"), (from) => needed.push(from));
        needed.forEach(visit);
        parts.set(path, text);
    };
    visit(entry);
    return [...parts.values()].join("");
}

const source = (text) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;

function page() {
    const script = bundle("./page.js");
    const style = readFileSync(join(here, "page/page.css"), "utf8");
    if (/<\/(script|style)/i.test(script + style))
        throw new Error("the script or the style would end its element");
    const policy =
        `default-src 'none'; script-src ${source(script)}; style-src ${source(style)}; ` +
        "base-uri 'none'; form-action 'none'";
    const values = { policy, style, script };
    const html = readFileSync(join(here, "page/page.html"), "utf8").replace(
        /\{\{(\w+)\}\}/g,
        (_, name) => values[name],
    );
    writeFileSync(join(out, "verify.html"), html);
}

compile();
page();
