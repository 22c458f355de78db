#!/usr/bin/env python3
"""The same signals give the same decisions: on every build, in every locale and time zone.

    compare.py BUILD_DIRECTORY…

Feeds each sample policy the same few thousand signals through every build and compares the digest of all
decision words. Builds that do not exist are skipped; a single one is still compared across environments. The
digests are also compared with digests.txt, so that a change of any decision shows up in a review
(`compare.py --write BUILD_DIRECTORY` after a change that is meant).
"""

import hashlib
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GOLDEN = HERE / "digests.txt"
INPUTS = 5000
ENVIRONMENTS = [
    {"LC_ALL": "C", "TZ": "UTC"},
    {"LC_ALL": "tr_TR.UTF-8", "TZ": "Asia/Kathmandu"},
    {"LC_ALL": "de_DE.UTF-8", "TZ": "America/St_Johns", "MALLOC_PERTURB_": "165"},
]


class Dice:
    """Numbers that are the same with every version of Python."""

    def __init__(self, seed):
        self.blocks = (hashlib.sha256(f"{seed}:{i}".encode()).digest() for i in itertools.count())

    def roll(self, sides):
        return int.from_bytes(next(self.blocks)[:8], "big") % sides

    def choose(self, values):
        return values[self.roll(len(values))]


def literals(value, kind):
    """Every literal of one type in a policy document: where its decisions change."""
    if isinstance(value, dict):
        return [x for part in value.values() for x in literals(part, kind)]
    if isinstance(value, list):
        return [x for part in value for x in literals(part, kind)]
    return [value] if type(value) is kind else []


def candidates(policy):
    """For each declared signal values of its type around everything that the policy compares with."""
    numbers = sorted({n + d for n in literals(policy, int) for d in (-1, 0, 1)} | {0, 1, 2**53 - 1})
    texts = sorted(set(literals(policy, str)) | {"", "ı", "İ", "\u00e9", "e\u0301", "\U0001f600"})
    stamps = ["1970-01-01T00:00:00Z", "2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-11-25T10:00:00.5+01:00",
              "9999-12-31T23:59:59Z"]
    simple = {"integer": numbers, "boolean": [True, False], "string": texts + ["V-123456", "chest pain", "a"],
              "number": [0, 0.5, 37.2, 39.5, 41, 1e-7, 1e300], "timestamp": stamps,
              "duration": ["0s", "23h59m", "24h", "-1.5s", "100h"]}

    def values(form):
        if form["type"] == "enum":
            return form["values"]
        if form["type"] == "list":
            return [[], *([x, y] for x in values(form["elements"]) for y in values(form["elements"])[:3])]
        if form["type"] == "map":
            return [{}, *({key: x} for key in ("unit", "V-123456") for x in values(form["elements"]))]
        fitting = [x for x in simple[form["type"]] if not isinstance(x, (int, float)) or isinstance(x, bool)
                   or form.get("minimum", x) <= x <= form.get("maximum", x)]
        return fitting or simple[form["type"]]

    # Every twentieth value is missing or of another type: refusals are compared as well.
    return {name: values(form) for name, form in policy["signalsSchema"].items()}


def signal_lines(policy, seed):
    dice = Dice(seed)
    values = candidates(policy)
    lines = []
    for _ in range(INPUTS):
        signals = {}
        for name, choices in values.items():
            odd = dice.roll(40)
            if odd == 0:
                continue
            signals[name] = dice.choose([None, "x", -1, True, 7]) if odd == 1 else dice.choose(choices)
        lines.append(json.dumps(signals, ensure_ascii=False))
    return "\n".join(lines) + "\n"


def digest(build, policy, signals, environment):
    command = [build / "bench/parmana-bench", "evaluate", "--policy", policy, "--signals", signals]
    command += ["--seconds", "0.05", "--rounds", "1"]
    environment = {**os.environ, **environment}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{build.name} failed on {policy}: {done.stderr}")
    return json.loads(done.stdout)["decisions_sha256"]


def main(arguments):
    write = "--write" in arguments
    builds = [pathlib.Path(argument).resolve() for argument in arguments if argument != "--write"]
    builds = list(dict.fromkeys(b for b in builds if (b / "bench/parmana-bench").exists()))
    if not builds:
        sys.exit("no build to compare")
    lines, failures = [], 0
    for path in sorted(ROOT.glob("policies/*/*/policy.json")):
        name = "/".join(path.parts[-3:-1])
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
            file.write(signal_lines(json.loads(path.read_text(encoding="utf-8")), name))
            file.flush()
            seen = {}
            for build, environment in itertools.product(builds, ENVIRONMENTS):
                found = digest(build, path, file.name, environment)
                seen.setdefault(found, []).append(f"{build.name} with {environment}")
        if len(seen) > 1:
            failures += 1
            print(f"{name}: not the same everywhere: {json.dumps(seen, indent=2)}")
        lines.append(f"{name} {min(seen)}\n")
    if write:
        GOLDEN.write_text("".join(lines), encoding="utf-8")
    elif GOLDEN.read_text(encoding="utf-8") != "".join(lines):
        failures += 1
        print(f"the decisions are not those of {GOLDEN.relative_to(ROOT)}; they are\n{''.join(lines)}")
    runs = len(builds) * len(ENVIRONMENTS)
    print(f"{len(lines)} policies, {runs} runs of each: {failures} differences")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
