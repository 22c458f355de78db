#!/usr/bin/env python3
"""Enforces the rules of CONTRIBUTING.md that a machine can check.

    tools/tidy.py [PATH…]     check everything, or only what lies below the paths

Prints `file:line: what is wrong` for each violation and exits 1 when there is one.
"""

import pathlib
import re
import sys

import codes
import cpp_text

ROOT = pathlib.Path(__file__).resolve().parent.parent

FILE_LINES_MAX = 600
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 120

BANNED = {
    r"(?<!operator )\bnew\b": "raw `new`",
    r"(?<!= )(?<!operator )\bdelete\b": "raw `delete`",
    r"\bv?sprintf\b": "`sprintf`",
    r"\bstrto[dfl]d?\b": "`strtod` and its kin depend on the locale",
    r"\bstd::regex\b": "`std::regex`",
    r"\bs?rand\s*\(": "`rand`",
    r"\bassert\s*\(": "`assert`: write INVARIANT",
}
EXCEPTIONS = r"\b(throw|catch)\b"

# The adapters: who may include a library. A private header of an adapter may include it too, a
# module's public header may not.
TESTS = ["_test.", "/test_", "tests/"]
LIBRARIES = {
    "openssl/": ["src/crypto/"],
    "sodium": ["src/crypto/"],
    "p11-kit/": ["apps/parmana-pkcs11/"],
    "boost/": ["src/http/", "src/server/"],
    "CLI/": ["src/cli/"],
    "libpq-fe.h": ["src/store/"],
    "re2/": ["src/cel/"],
    "yaml.h": ["src/yaml/"],
    "gtest/": TESTS,
    "gmock/": TESTS,
    "nlohmann/": TESTS + ["fuzz/"],
    "benchmark/": ["bench/"],
}
MAY_CATCH = ["src/http/", "src/server/", "src/cli/"]

# Written in two parts, so that this file does not contain what it looks for.
MARKERS = re.compile(r"\b(" + "|".join(["TO" + "DO", "FIX" + "ME", "XX" + "X"]) + r")\b")
CODE_SUFFIXES = {".cpp", ".hpp", ".py", ".sh", ".ts", ".mjs"}
SKIPPED_DIRECTORIES = {".git", "build", "run", "node_modules", "__pycache__", "third_party"}


class Report:
    def __init__(self):
        self.lines = []

    def add(self, path, line, message):
        self.lines.append(f"{path}:{line}: {message}")


def all_files():
    """Paths relative to the root, sorted, of what belongs to the project."""
    found = []
    for path in ROOT.rglob("*"):
        relative = path.relative_to(ROOT)
        if SKIPPED_DIRECTORIES.isdisjoint(relative.parts) and path.is_file():
            found.append(relative)
    return sorted(found)


def module_table():
    """Of each module its floor and what only its tests may use, from the module() calls."""
    modules = {}
    for path in sorted(ROOT.glob("src/*/CMakeLists.txt")):
        text = re.sub(r"#.*", "", path.read_text(encoding="utf-8"))
        for name, body in re.findall(r"\bmodule\(\s*(\w+)\s+([^)]*)\)", text):
            floor = re.search(r"\bFLOOR\s+(\d+)", body)
            extra = re.search(r"\bTEST_DEPS\s+((?:[a-z0-9_]+\s*)+)", body)
            modules[name] = (int(floor.group(1)), set(extra.group(1).split()) if extra else set())
    return modules


def check_floors(path, includes, modules, report):
    if path.parts[0] != "src" or len(path.parts) < 3:
        return
    own = path.parts[1]
    if own not in modules:
        report.add(path, 1, f"`{own}` has no module() call")
        return
    floor, test_deps = modules[own]
    is_test = cpp_text.is_test(path)
    for line, name, quoted in includes:
        other = name.split("/")[0]
        if not quoted or other == own or name == "build_info.hpp":  # made by the build
            continue
        if other not in modules:
            report.add(path, line, f"`{name}` belongs to no module")
        elif modules[other][0] >= floor and not (is_test and other in test_deps):
            theirs = modules[other][0]
            report.add(path, line, f"{own} (floor {floor}) may not include {other} (floor {theirs})")


def check_libraries(path, includes, report):
    for line, name, quoted in includes:
        if quoted:
            continue
        for library, places in LIBRARIES.items():
            if not name.startswith(library):
                continue
            public = path.parts[0] == "src" and path.name == f"{path.parent.name}.hpp"
            if public or not any(place in str(path) for place in places):
                report.add(path, line, f"<{name}> stays in its adapter ({', '.join(places)})")


def check_cpp(path, text, modules, report):
    includes = cpp_text.includes(text)
    check_floors(path, includes, modules, report)
    check_libraries(path, includes, report)
    bare = cpp_text.without_comments_and_strings(text)
    for number, line in enumerate(bare.splitlines(), 1):
        if line.lstrip().startswith("#include"):
            continue
        for pattern, message in BANNED.items():
            if re.search(pattern, line):
                report.add(path, number, f"banned: {message}")
        if re.search(EXCEPTIONS, line) and not any(str(path).startswith(place) for place in MAY_CATCH):
            report.add(path, number, "banned: `throw` and `catch` outside an adapter")
    for match in re.finditer(r"[\w>]\{[^;]*?\bTRY\(", bare):
        report.add(path, bare.count("\n", 0, match.end()) + 1,
                   "`TRY` within the braces of an initializer: g++ 12 leaks what was made before it")
    for first, last in cpp_text.functions(bare):
        length = last - first + 1
        if length > FUNCTION_LINES_MAX:
            report.add(path, first, f"a function of {length} lines, {FUNCTION_LINES_MAX} are the limit")


def check_text(path, text, report):
    lines = text.splitlines()
    if path.suffix in CODE_SUFFIXES:
        if len(lines) > FILE_LINES_MAX:
            report.add(path, 1, f"{len(lines)} lines, {FILE_LINES_MAX} are the limit")
        for number, line in enumerate(lines, 1):
            if len(line) > COLUMNS_MAX:
                report.add(path, number, f"{len(line)} columns, {COLUMNS_MAX} are the limit")
    for number, line in enumerate(lines, 1):
        if marker := MARKERS.search(line):
            report.add(path, number, f"a leftover `{marker.group(1)}`")
    if path.suffix == ".md":
        titles = len(re.findall(r"^# ", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S), re.M))
        if titles != 1:
            report.add(path, 1, f"{titles} titles, a page has one")


def check_codes(texts, report):
    if not codes.is_current():
        report.add("docs/reference/codes.md", 1, "not current: run tools/codes.py --write")
    words = set()
    for path, text in texts.items():
        if cpp_text.is_test(path) or path.parts[0] == "tests":
            words.update(re.findall(r"\w+", text))
    for code, _, _, _ in codes.rows():
        if code not in words:
            report.add("src/base/code.hpp", 1, f"no test mentions `{code}`")


def main(arguments):
    below = [pathlib.Path(argument).resolve() for argument in arguments]
    report = Report()
    modules = module_table()
    texts = {}
    for path in all_files():
        if path.suffix in CODE_SUFFIXES | {".md", ".txt", ".cmake", ".json", ".jsonl", ".patch"}:
            texts[path] = (ROOT / path).read_text(encoding="utf-8", errors="replace")
    for path, text in texts.items():
        absolute = ROOT / path
        if below and not any(absolute == place or place in absolute.parents for place in below):
            continue
        if path.suffix in CODE_SUFFIXES | {".md", ".cmake"}:
            check_text(path, text, report)
        if path.suffix in {".cpp", ".hpp"}:
            check_cpp(path, text, modules, report)
    if not below:
        check_codes(texts, report)
    for line in report.lines:
        print(line)
    print(f"tidy: {len(report.lines)} violations", file=sys.stderr)
    return 1 if report.lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
