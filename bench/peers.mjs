// Measures implementations of CEL in JavaScript on one policy; started by parmana-bench.
//
//   node peers.mjs PACKAGES DIRECTORY SECONDS
//
// PACKAGES holds node_modules, DIRECTORY policy.json (parmana-cel/1) and signals.jsonl. Expressions are parsed and
// planned once, signals are parsed before; each is run for SECONDS until it is warm and then for SECONDS. `nested` is
// the policy as one expression of conditionals that gives the decision, `separate` one expression for each rule,
// evaluated in order until one holds. Prints one line: an array of {name, per_second, decisions_sha256} or
// {name, skipped}.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [packages, directory, seconds] = process.argv.slice(2);
const policy = JSON.parse(readFileSync(join(directory, "policy.json"), "utf8"));
const inputs = readFileSync(join(directory, "signals.jsonl"), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => ({ signals: JSON.parse(line) }));

// How each makes a function of the input out of an expression.
const engines = {
  "@marcbachmann/cel-js": ({ parse }) => (text) => parse(text),
  "@bufbuild/cel": ({ celEnv, parse, plan }) => {
    const environment = celEnv();
    return (text) => plan(environment, parse(text));
  },
};

function word({ action, requires_override }) {
  if (requires_override) return "override_required";
  return action === "approve" ? "approved" : "rejected";
}
const words = policy.rules.map((rule) => word(rule.outcome));
const conditions = policy.rules.map((rule) => rule.condition ?? "true");

const forms = {
  nested: (compile) => {
    const last = JSON.stringify(words.at(-1));
    const text = conditions
      .slice(0, -1)
      .reduceRight((rest, condition, i) => `(${condition}) ? ${JSON.stringify(words[i])} : (${rest})`, last);
    return compile(text);
  },
  separate: (compile) => {
    const rules = conditions.map(compile);
    return (input) => {
      for (let i = 0; i < rules.length; i++) if (rules[i](input) === true) return words[i];
      return "refused";
    };
  },
};

// By the processor's time when that is less than what went by: other programs on the machine hardly matter.
function rate(decide) {
  const start = performance.now();
  const cpu = process.cpuUsage();
  let calls = 0;
  for (;;) {
    for (const input of inputs) decide(input);
    calls += inputs.length;
    const { user, system } = process.cpuUsage(cpu);
    const elapsed = Math.min(performance.now() - start, (user + system) / 1000);
    if (elapsed >= seconds * 1000) return (calls * 1000) / elapsed;
  }
}

function digest(decide) {
  const hash = createHash("sha256");
  for (const input of inputs) hash.update(`${decide(input)}\n`);
  return hash.digest("hex");
}

function older(version, least) {
  const [major, minor] = version.split(".").map(Number);
  return major < least[0] || (major === least[0] && minor < least[1]);
}

async function load(name) {
  const from = createRequire(join(packages, "package.json"));
  return import(pathToFileURL(from.resolve(name)));
}

async function measure(name) {
  if (older(process.versions.node, [20, 19]))
    return [{ name, skipped: `node ${process.versions.node} is older than 20.19` }];
  let library;
  try {
    library = await load(name);
  } catch {
    return [{ name, skipped: `the package is not installed in ${packages}` }];
  }
  return Object.entries(forms).map(([form, make]) => {
    const decide = make(engines[name](library));
    rate(decide);
    return { name: `${name}/${form}`, per_second: rate(decide), decisions_sha256: digest(decide) };
  });
}

const measured = [];
for (const name of Object.keys(engines)) measured.push(...(await measure(name)));
console.log(JSON.stringify(measured));
