"""What the documents say about policies and CEL is true of the program.

* Every `yaml` block is a whole policy that `policy check` finds nothing wrong with (`file=NAME`; `faulty` when the page
  shows the findings), or stands in a policy that is checked (`from=PATH`), or declares the signals of the examples,
  or has tests (`tests.yaml`).
* Every row of a table `| expression | value |` is evaluated: by a policy whose condition compares the two, with the
  signals that the page declared last (blocks `yaml signals` and `json signals`). A value `error: …` is why the
  evaluation is refused, `finding: …` what `policy check` says.
* Every row of a table `| written | canonical |`, and of `| cell | below | condition |`, is what `policy build` writes.
* docs/reference/cel.md names every function, macro, reserved word, error and limit of the source, and no other.
"""
import json
import pathlib
import re
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

DOCS = parmana.ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))
REFERENCE = DOCS / "reference/cel.md"
BLOCK = re.compile(r"^```(yaml|json)([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def source(path):
    return (parmana.ROOT / "src" / path).read_text(encoding="utf-8")


def cells(line):
    """Of a row of a table; `\\|` is a bar."""
    return [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line.strip())[1:-1]]


def code(cell):
    """What stands between the backticks of a cell that is code."""
    ticks = re.match(r"`+", cell).group()
    return cell[len(ticks):-len(ticks)].strip() if len(ticks) > 1 else cell[1:-1]


def tables(text, *heads):
    """(line, cells) of each row of the tables whose first columns have these heads."""
    inside = False
    for number, line in enumerate(text.splitlines(), 1):
        row = cells(line) if line.startswith("|") else []
        if tuple(row[:len(heads)]) == heads:
            inside = True
        elif not row:
            inside = False
        elif inside and not set(row[0]) <= set("-: "):
            yield number, row


def policy_around(signals, condition):
    rule = {"match": [{"id": "same", "condition": condition, "outcome": {"decision": "approved", "reason": "same"}},
                      {"id": "other", "outcome": {"decision": "rejected", "reason": "other"}}]}
    return ("policyId: example\npolicyVersion: 1.0.0\nsignals:\n" + signals +
            f"rule: {json.dumps(rule, ensure_ascii=False)}\n")


def table_around(signals, cell, column):
    table = {"hitPolicy": "first", "inputs": [column],
             "rows": [{"id": "same", "when": [cell], "outcome": {"decision": "approved", "reason": "same"}}],
             "default": {"id": "other", "outcome": {"decision": "rejected", "reason": "other"}}}
    return ("policyId: example\npolicyVersion: 1.0.0\nsignals:\n" + signals +
            f"table: {json.dumps(table, ensure_ascii=False)}\n")


class Pages(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())

    def check(self, path):
        return parmana.run("policy", "check", path).stdout

    def test_every_policy_is_one(self):
        count = 0
        for page in PAGES:
            for language, tags, text in BLOCK.findall(page.read_text(encoding="utf-8")):
                if language != "yaml" or tags.strip() == "signals":
                    continue
                with self.subTest(page=page.name, tags=tags, begin=text[:40]):
                    count += 1
                    if origin := re.search(r"from=(\S+)", tags):
                        path = parmana.ROOT / origin.group(1)
                        self.assertIn(text, path.read_text(encoding="utf-8"))
                        if path.name == "tests.yaml":
                            continue
                    elif re.search(r"file=(\S*/)?tests\.yaml", tags):  # the page runs them (readme.py)
                        continue
                    else:
                        self.assertRegex(tags, r" (file|example)=\S+")
                        path = self.place / "example.yaml"
                        path.write_text(text, encoding="utf-8")
                    said = self.check(path)
                    self.assertEqual(said == "no findings\n", "faulty" not in tags.split(), said)
        self.assertGreater(count, 5)

    def evaluate(self, signals, values, expression, value):
        """The page's value, when it is that; else what the program said."""
        path, given = self.place / "example.yaml", self.place / "signals.json"
        kind, _, wanted = value.partition(": ")
        compared = kind in ("error", "finding")
        condition = f"({expression}) == ({expression if compared else value})"
        path.write_text(policy_around(signals, condition), encoding="utf-8")
        given.write_text(values, encoding="utf-8")
        if kind == "finding":
            said = self.check(path)
            return value if f": {wanted}\n" in said else said
        done = parmana.run("policy", "explain", path, "--signals", given)
        last = (done.stdout + done.stderr).strip().splitlines()[-1]
        if kind == "error":
            why = rf"^refused: evaluation_error: (rule `same`: )?{re.escape(wanted)}( at offset|$)"
            return value if re.search(why, last) else last
        return value if last == "approved by rule `same`: same" else last

    def test_every_expression_has_its_value(self):
        count = 0
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            signals, values = "  none: {type: boolean}\n", '{"none":true}'
            for part in re.split(r"(^```.*?^```$)", text, flags=re.MULTILINE | re.DOTALL):
                if block := re.match(r"```(yaml|json) signals\n(.*)```", part, re.DOTALL):
                    indented = "".join("  " + line + "\n" for line in block.group(2).splitlines())
                    signals, values = (indented, values) if block.group(1) == "yaml" else (signals, block.group(2))
                for _, row in tables(part, "expression", "value"):
                    with self.subTest(page=page.name, expression=row[0]):
                        count += 1
                        value = code(row[1])
                        self.assertEqual(self.evaluate(signals, values, code(row[0]), value), value)
        self.assertGreater(count, 100)

    def built(self, text):
        """The condition of the first rule."""
        path, out = self.place / "example.yaml", self.place / "example.json"
        path.write_text(text, encoding="utf-8")
        parmana.must("policy", "build", path, "--out", out)
        return json.loads(out.read_bytes())["rules"][0]["condition"]

    def test_every_spelling_is_the_one_that_is_built(self):
        count = 0
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            found = re.search(r"^```yaml signals\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
            signals = "".join("  " + line + "\n" for line in found.group(1).splitlines()) if found else ""
            for _, row in tables(text, "written", "canonical"):
                with self.subTest(page=page.name, written=row[0]):
                    count += 1
                    self.assertEqual(self.built(policy_around(signals, code(row[0]))), code(row[1]))
            for _, row in tables(text, "cell", "below", "condition"):
                with self.subTest(page=page.name, cell=row[0]):
                    count += 1
                    self.assertEqual(self.built(table_around(signals, code(row[0]), code(row[1]))), code(row[2]))
        self.assertGreater(count, 20)


# How the source names an operator, and how an expression writes it.
OPERATORS = {"_?_:_": "{} ? {} : {}", "!_": "!{}", "-_": "-{}", "@in": "{} in {}", "_[_]": "{}[{}]", "_[?_]": "{}[?{}]"}


def written(function, signature):
    """A signature of declarations.cpp as the page has it."""
    receiver, parameters, result = re.fullmatch(r"(?:(.+)\.)?\((.*)\) -> (.+)", signature).groups()
    if function in OPERATORS or re.fullmatch(r"_\W+_", function):
        shape = OPERATORS.get(function, "{} " + function.strip("_") + " {}")
        names = re.findall(r"[\w.]+(?:\((?:[^()]|\([^()]*\))*\))?", parameters)
        return f"{shape.format(*names)} -> {result}"
    return f"{receiver + '.' if receiver else ''}{function}({parameters}) -> {result}"


def declared():
    """Every overload that an expression can call."""
    text = source("cel/declarations.cpp")
    rows = re.findall(r'\{"([^"]+)",\s*"[^"]+",\s*"((?:[^"]*\.)?\([^"]*\) -> [^"]+)"\}', text)
    orders = re.search(r"kPairs\[\] = \{(.*?)\};", text, re.DOTALL).group(1)
    rows += [(f"_{sign}_", signature) for sign in ("<", "<=", ">", ">=")
             for signature in re.findall(r'"(\([^"]*\) -> bool)"', orders)]
    internal = ("@not_strictly_false", "cel.@mapInsert")
    return {written(function, signature) for function, signature in rows if function not in internal}


def expanded():
    """Every macro of the source."""
    text = source("cel/macros.cpp")
    return set(re.findall(r'name == "(\w+)"', text[text.index("expand_standard"):]))


def constants(prefix):
    """Values of limits.hpp."""
    values = {}
    for name, text in re.findall(r"inline constexpr \S+ (k\w+) =\s+([^;]+);", source("base/limits.hpp")):
        plain = text.replace("'", "").replace("std::int64_t{1}", "1").replace("/", "//")
        values[name] = eval(plain, {}, values)  # noqa: S307 (our own header)
    return {name: value for name, value in values.items() if name.startswith(prefix)}


class Reference(unittest.TestCase):
    def setUp(self):
        self.text = REFERENCE.read_text(encoding="utf-8")

    def column(self, head, *more):
        return [row for _, row in tables(self.text, head, *more)]

    def test_every_signature_is_there_and_no_other(self):
        said = [signature for row in self.column("signature") for signature in re.findall(r"`([^`]*)`", row[0])]
        self.assertEqual(len(said), len(set(said)), "a signature stands twice")
        self.assertEqual(sorted(said), sorted(declared()))
        self.assertGreater(len(said), 200)

    def test_every_macro_is_there(self):
        said = {name for row in self.column("macro") for call in re.findall(r"`([^`]*)`", row[0])
                for name in re.findall(r"(\w+)\(", call)}
        self.assertEqual(said, expanded() | {"has"})

    def test_every_error_is_there(self):
        texts = source("cel/value.cpp")
        described = re.search(r"describe\(Fault fault\) \{(.*?)\n\}", texts, re.DOTALL).group(1)
        faults = set(re.findall(r'case Fault::\w+:\s+return "([^"]+)"', described))
        self.assertEqual({code(row[0]) for row in self.column("error", "when")}, faults)

    def test_every_reserved_word_is_there(self):
        words = re.search(r"kReserved = \{(.*?)\}", source("cel/lexer.cpp"), re.DOTALL).group(1)
        line, = re.findall(r"^Reserved words: (.*?)\.$", self.text, re.MULTILINE | re.DOTALL)
        self.assertEqual(re.findall(r"`(\w+)`", line), re.findall(r'"(\w+)"', words))

    def test_the_figures_of_conformance_are_those_of_the_suite(self):
        suite = parmana.ROOT / "tests/conformance"
        least, = re.findall(r"--least (\d+)", (suite / "run.sh").read_text())
        figures = re.search(r"Of its ([\d,]+) tests .*? ([\d,]+) pass; the other (\d+) are.*?(\d+) tests", self.text,
                            re.DOTALL).groups()
        needed, passed, block, more = (int(figure.replace(",", "")) for figure in figures)
        self.assertEqual((passed + more, passed + block), (int(least), needed))
        excluded = (suite / "excluded.txt").read_text().splitlines()
        self.assertEqual(block, sum(line.endswith("the internal form of an optimiser") for line in excluded))

    def test_the_time_zones_are_those_of_the_program(self):
        version = json.loads(parmana.must("version", "--json"))["manifest"]["timeZoneData"]
        self.assertIn(f"release {version} of the tz database", self.text)

    def test_the_limits_that_other_pages_name_are_these(self):
        said = {row[0]: row[1] for row in self.column("limit", "value", "name")}
        rows = [row for _, row in tables((DOCS / "policies.md").read_text(encoding="utf-8"), "limit", "value")]
        self.assertGreater(len(rows), 5)
        for label, value in rows:
            with self.subTest(label):
                self.assertIn(value, [other for name, other in said.items() if name.startswith(label)])

    def test_every_limit_has_its_value(self):
        said = {code(row[2]): int(row[1].replace(",", "")) for row in self.column("limit", "value", "name")}
        for prefix in ("kCel", "kPolicy", "kCondition", "kYaml"):
            for name, value in constants(prefix).items():
                self.assertEqual(said.get(name), value, name)
        for name, value in said.items():
            self.assertEqual(constants("k")[name], value, name)


if __name__ == "__main__":
    unittest.main(verbosity=2)
