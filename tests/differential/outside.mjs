// Compares src/cel with an implementation of CEL that is not ours, @bufbuild/cel, on generated programs.
//
//   cel_differential --emit --pairs N | node outside.mjs MODULES
//
// Each line has a program, its inputs and our result, all as CEL. A program that the other engine cannot plan (it has
// neither optionals nor most extensions) is counted as unsupported. A disagreement must be one of EXPLAINED, each with
// the reason; any other is printed and ends the run with 1.
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { createRequire } from "node:module";

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.log(`skipped: @bufbuild/cel needs Node.js 20, this is ${process.version}`);
  process.exit(77);
}
const require = createRequire(`${process.argv[2]}/package.json`);
const { celEnv, parse, plan, isCelError } = await import(pathToFileURL(require.resolve("@bufbuild/cel")));
const environment = celEnv();

// What @bufbuild/cel 0.6.1 does otherwise than the specification and its conformance suite. Each is looked for in the
// program, so that a new disagreement elsewhere is not hidden.
const uses = (pattern) => ({ program }) => pattern.test(program);
const EXPLAINED = [
  { reason: "timestamp(int) takes milliseconds; the specification has seconds", matches: uses(/timestamp\(/) },
  { reason: "parts of timestamps are rounded to milliseconds, and year 0 is none", matches: uses(/\.get[A-Z]/) },
  { reason: "texts are ordered by UTF-16 code units, not by code points", matches: uses(/[<>]=?/) },
  { reason: "double, int and uint read the beginning of a text, or nothing as zero",
    matches: uses(/(double|u?int)\(/) },
  { reason: "has() of what has no fields is false, not an error", matches: uses(/has\(/) },
  { reason: "bool() does not read F, f, T and t", matches: uses(/bool\(/) },
  { reason: "a number that comes out of a function is no key of a map",
    matches: uses(/[{,]\s*\??[^{}]*\(.*\)[^{}]*:/) },
  { reason: "duration() takes numbers and the empty text", matches: uses(/duration\(/) },
  { reason: "a leading dot does not reach behind the variable of a macro", matches: uses(/\(\.[a-z]/) },
  { reason: "fractions of durations are written with trailing zeros", matches: uses(/string\(|%s/) },
];

const counts = { agreed: 0, unsupported: 0, explained: 0, unexplained: 0 };
const reasons = new Map();
const examples = [];

function evaluate(text, bindings) {
  const value = plan(environment, parse(text))(bindings);
  if (isCelError(value)) throw value;
  return value;
}

function judge({ program, inputs, result }) {
  const bindings = {};
  try {
    for (const [name, text] of Object.entries(inputs)) {
      if (new RegExp(`\\b${name}\\b`).test(program)) bindings[name] = evaluate(text, {});
    }
    plan(environment, parse(program));
  } catch {
    return "unsupported";
  }
  let actual;
  try {
    actual = evaluate(program, bindings);
  } catch (error) {
    if (/unbound function|unknown function|overload|not found|undeclared/i.test(String(error)) && result !== null)
      return "unsupported";
    return result === null ? "agreed" : `it fails: ${error}`;
  }
  if (result === null) return "it has a value";
  if (/NaN|optional/.test(result)) return "unsupported";
  try {
    const same = evaluate(`actual == (${result}) && type(actual) == type(${result})`, { actual });
    return same ? "agreed" : "another value";
  } catch {
    return "unsupported";
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const row = JSON.parse(line);
  const verdict = judge(row);
  if (verdict in counts) {
    counts[verdict] += 1;
    continue;
  }
  const known = EXPLAINED.find(({ matches }) => matches(row, verdict));
  counts[known ? "explained" : "unexplained"] += 1;
  if (known) reasons.set(known.reason, (reasons.get(known.reason) ?? 0) + 1);
  if (!known && examples.length < 40) {
    examples.push(`${verdict}: ${row.program} = ${row.result} on ${JSON.stringify(row.inputs)}`);
  }
}
examples.sort((a, b) => a.length - b.length);
for (const example of examples.slice(0, 25)) console.log(example);
for (const [reason, count] of reasons) console.log(`${count} explained: ${reason}`);
console.log(Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(", "));
process.exitCode = counts.unexplained === 0 && counts.agreed > 0 ? 0 : 1;
