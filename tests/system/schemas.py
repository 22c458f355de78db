"""The JSON Schemas for editors say what the program takes: on documents that are right and wrong, key by key, word by
word."""
import json
import pathlib
import re
import sys
import unittest

import jsonschema
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

SAMPLES = parmana.ROOT / "policies"


class Loader(yaml.SafeLoader):
    """Types by the schema of src/yaml: no dates, no `yes`."""


Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (("null", r"~|null|", ["~", "n", ""]), ("bool", "true|false", ["t", "f"]),
                            ("int", "[-+]?[0-9]+", list("-+0123456789")),
                            ("float", r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+)", list("-+.0123456789"))):
    Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^({pattern})$"), first)


def source(path):
    return (parmana.ROOT / "src" / path).read_text(encoding="utf-8")


def schema(name):
    return json.loads((parmana.ROOT / f"schemas/{name}.schema.json").read_text(encoding="utf-8"))


def keys_read(*files):
    """What stands in the lists of check_keys."""
    return {key for name in files for key in re.findall(r'\{"(\w+)", (?:true|false)\}', source(f"authoring/{name}"))}


def keys_of(node):
    """Every property of a schema."""
    if isinstance(node, list):
        return set().union(*map(keys_of, node))
    if not isinstance(node, dict):
        return set()
    own = set(node.get("properties", {})) if isinstance(node.get("properties"), dict) else set()
    return own.union(*map(keys_of, node.values()))


POLICY = """\
policyId: p
policyVersion: 1.0.0
description: all there is
signals:
  i: {type: integer, required: false, minimum: -5, maximum: 5, description: x}
  n: {type: number, minimum: 0.5, maximum: 5}
  b: {type: boolean}
  s: {type: string, min_length: 1, max_length: 5}
  e: {type: enum, values: [a, b]}
  t: {type: timestamp}
  d: {type: duration}
  l: {type: list, elements: {type: enum, values: [a]}, min_size: 1, max_size: 5}
  m: {type: map, elements: {type: integer, minimum: 1}, max_size: 5}
boundSignals: {s: action.target, b: action.parameters.x.b}
rule:
  description: x
  variables: [{name: v, description: x, expression: signals.n > 1.0}]
  match:
    - {id: r.1, description: x, condition: variables.v, outcome: {decision: rejected, reason: x}}
    - condition: signals.b
      description: x
      rule: {description: x, match: [{id: r2, outcome: {decision: override_required, action: a_b, reason: x}}]}
    - {id: rest, outcome: {decision: approved, reason: x}}
"""
TABLE = """\
policyId: p
policyVersion: 1.0.0-rc.1+5
signals: {i: {type: integer}, e: {type: enum, values: [a, b]}}
table:
  description: x
  hitPolicy: priority
  priorities: [reject, approve]
  inputs: [signals.i, signals.e]
  rows:
    - {id: r1, description: x, when: [1, a], outcome: {decision: rejected, reason: x}}
    - {id: r2, when: ["> 5", "-"], outcome: {decision: approved, reason: x}}
  default: {id: rest, description: x, outcome: {decision: approved, reason: x}}
"""
# What to replace in a document that is right, so that it is wrong.
WRONG = [
    (POLICY, "policyId: p", "policyId: p q"), (POLICY, "policyId: p\n", ""), (POLICY, "1.0.0", "1.0"),
    (POLICY, "1.0.0", "01.0.0"), (POLICY, "description: all", "descriptoin: all"), (POLICY, "  i:", "  1i:"),
    (POLICY, "minimum: -5", "minimum: -5.5"), (POLICY, "required: false", "required: no"),
    (POLICY, "type: integer, required", "required"), (POLICY, "type: number", "type: real"),
    (POLICY, "{type: boolean}", "{type: boolean, minimum: 1}"), (POLICY, "min_length: 1", "min_length: -1"),
    (POLICY, "max_length: 5", "max_length: 5000"), (POLICY, "max_length: 5", "max_size: 5"),
    (POLICY, "values: [a, b]", "values: []"), (POLICY, "values: [a, b]", "values: [a, a]"),
    (POLICY, "{type: enum, values: [a, b]}", "{type: enum}"),
    (POLICY, "{type: timestamp}", "{type: timestamp, values: [a]}"),
    (POLICY, "elements: {type: enum, values: [a]}, ", ""),
    (POLICY, "elements: {type: enum, values: [a]}", "elements: {type: enum}"),
    (POLICY, "{type: integer, minimum: 1}", "{type: integer, required: false}"),
    (POLICY, "{type: integer, minimum: 1}", "{type: list, elements: {type: integer}}"),
    (POLICY, "max_size: 5}\nbound", "max_size: 5000}\nbound"), (POLICY, "action.target", "target"),
    (POLICY, "action.parameters.x.b", "action.parameters"), (POLICY, "name: v", "name: v-w"),
    (POLICY, "expression: signals.n > 1.0", "condition: signals.n > 1.0"),
    (POLICY, "id: r.1", "id: r 1"), (POLICY, "id: r.1, ", ""),
    (POLICY, "outcome: {decision: rejected, reason: x}", "when: []"),
    (POLICY, "decision: rejected", "decision: reject"), (POLICY, "decision: rejected, ", ""),
    (POLICY, "rejected, reason", "rejected, action: x, reason"), (POLICY, "action: a_b", "action: A"),
    (POLICY, "rejected, reason: x", "rejected, reason: ''"), (POLICY, "rejected, reason: x", "rejected"),
    (POLICY, "      description: x\n      rule", "      id: y\n      rule"),
    (POLICY, "rule: {description: x, match", "rule: {variables: [], match"),
    (POLICY, "rule:\n  desc", "rulle:\n  desc"),
    (TABLE, "hitPolicy: priority", "hitPolicy: last"), (TABLE, "  priorities: [reject, approve]\n", ""),
    (TABLE, "hitPolicy: priority", "hitPolicy: unique"), (TABLE, "  hitPolicy: priority\n", ""),
    (TABLE, "inputs", "input"), (TABLE, "when: [1, a], ", ""), (TABLE, "id: r1, ", ""), (TABLE, "id: rest", "when: []"),
    (TABLE, "table:", "rule: {match: [{id: a, outcome: {decision: approved, reason: x}}]}\ntable:"),
]

TESTS = """\
description: x
tests:
  - {name: a, description: x, signals: {i: 1, e: a}, expect: {decision: rejected, rule: r1}}
  - {name: b, signals: {i: 1, e: b}, action: ~, expect: {decision: approved}}
  - {name: c, signals: {i: ~, e: a}, action: {type: t, target: x, parameters: {y: 1}}, expect: {refused: signal_type}}
table:
  description: x
  columns: [name, signals.i, signals.e, decision, rule, refused, action.type, action.target, action.parameters.a.b]
  rows:
    - [d, 1, a, rejected, ~, ~, pay, x, 5]
"""
WRONG_TESTS = [
    (TESTS, "description: x\ntests", "descriptoin: x\ntests"), (TESTS, "name: a, ", ""), (TESTS, "name: a", "name: ''"),
    (TESTS, "signals: {i: 1, e: a}, ", ""), (TESTS, ", expect: {decision: approved}", ""),
    (TESTS, "{decision: approved}", "{}"),
    (TESTS, "{decision: approved}", "{decision: approved, refused: signal_type}"),
    (TESTS, "{decision: approved}", "{decision: approve}"), (TESTS, "refused: signal_type}", "refused: internal}"),
    (TESTS, "refused: signal_type}", "refused: signal_type, rule: r1}"), (TESTS, "action: ~", "action: []"),
    (TESTS, "{type: t, target", "{target"), (TESTS, "type: t,", "type: '',"), (TESTS, "target: x,", "target: 1,"),
    (TESTS, "parameters: {y: 1}", "parameters: []"), (TESTS, "parameters: {y: 1}", "params: {}"),
    (TESTS, "[name, ", "["), (TESTS, "signals.i,", "signal.i,"), (TESTS, "action.type", "action.kind"),
    (TESTS, "action.type", "name"), (TESTS, "parameters.a.b", "parameters..b"), (TESTS, "- [d, 1", "- {} #"),
    (TESTS, "  columns: [", "  column: ["),
]


class Schemas(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.validators = {}
        for name in ("policy", "policy-tests"):
            jsonschema.Draft202012Validator.check_schema(schema(name))
            cls.validators[name] = jsonschema.Draft202012Validator(schema(name))

    def setUp(self):
        self.place = self.enterContext(parmana.scratch())

    def faults(self, name, text):
        return [error.message for error in self.validators[name].iter_errors(yaml.load(text, Loader))]  # noqa: S506

    def builds(self, text):
        path = self.place / "policy.yaml"
        path.write_text(text)
        return parmana.run("policy", "build", path, "--out", self.place / "out.json").returncode == 0

    def reads(self, text):
        (self.place / "policy.yaml").write_text(TABLE)
        (self.place / "tests.yaml").write_text(text)
        report = parmana.parse_json(parmana.run("policy", "test", self.place / "policy.yaml", "--json").stdout)
        return report["policies"][0]["findings"] == []

    def test_what_is_right_is_right_for_both(self):
        for text in (POLICY, TABLE, *(path.read_text() for path in SAMPLES.glob("*/*/policy.yaml"))):
            self.assertEqual(self.faults("policy", text), [], text)
            self.assertTrue(self.builds(text), text)
        self.assertTrue(self.reads(TESTS))
        for text in (TESTS, *(path.read_text() for path in SAMPLES.glob("*/*/tests.yaml"))):
            self.assertEqual(self.faults("policy-tests", text), [], text)

    def test_what_is_wrong_is_wrong_for_both(self):
        for name, rows, accepted in (("policy", WRONG, self.builds), ("policy-tests", WRONG_TESTS, self.reads)):
            for text, old, new in rows:
                with self.subTest(old=old, new=new):
                    self.assertIn(old, text)
                    wrong = text.replace(old, new, 1)
                    self.assertNotEqual(self.faults(name, wrong), [])
                    self.assertFalse(accepted(wrong))

    def test_every_key_of_the_reader_is_in_the_schema_and_in_the_layout_and_no_other(self):
        declarations = set(re.findall(r'name == "(\w+)"', source("policy/signals.cpp")))
        self.assertGreater(len(declarations), 10)
        policy = keys_read("parts.cpp", "table.cpp", "governance.cpp") | declarations
        self.assertEqual(keys_of(schema("policy")), policy)
        tests = keys_read("suite_read.cpp", "request.cpp")
        self.assertEqual(keys_of(schema("policy-tests")), tests)
        layout = set(re.findall(r'\{"(\w+)", &k\w+\}', source("authoring/shape.cpp")))
        self.assertEqual(layout, policy | tests)

    def words(self, text):
        """What the program says that a word can be: its first finding names them."""
        self.assertFalse(self.builds(text))
        said = parmana.run("policy", "check", self.place / "policy.yaml").stdout
        return re.split(r", | or ", re.search(r" is (?:not )?([a-z_]+(?:, [a-z_]+)* or [a-z_]+)\n", said).group(1))

    def test_every_word_of_the_reader_is_in_the_schema(self):
        bounds = schema("policy")["$defs"]["bounds"]["properties"]["type"]["enum"]
        self.assertEqual(self.words(POLICY.replace("type: number", "type: x")), bounds)
        elements = schema("policy")["$defs"]["elements"]["allOf"][1]["properties"]["type"]["enum"]
        self.assertEqual(self.words(POLICY.replace("{type: integer, minimum: 1}", "{type: x}")), elements)
        table = schema("policy")["$defs"]["table"]["properties"]["hitPolicy"]["enum"]
        self.assertEqual(self.words(TABLE.replace("hitPolicy: priority", "hitPolicy: x")), table)
        decisions = schema("policy")["$defs"]["outcome"]["properties"]["decision"]["enum"]
        self.assertEqual(self.words(POLICY.replace("decision: rejected", "decision: x")), decisions)
        expected = schema("policy-tests")["$defs"]["expectation"]["properties"]
        self.assertEqual(expected["decision"]["enum"], decisions)
        self.assertFalse(self.reads(TESTS.replace("refused: signal_type", "refused: x")))
        said = parmana.run("policy", "test", self.place / "policy.yaml").stdout
        self.assertEqual(re.split(r", | or ", re.search(r"a refusal is (.*)", said).group(1)),
                         expected["refused"]["enum"])

    def test_everything_has_its_description_where_one_cannot_guess(self):
        for name in ("policy", "policy-tests"):
            for key, value in schema(name)["properties"].items():
                inner = schema(name)["$defs"].get(value.get("$ref", "").rsplit("/", 1)[-1], {})
                self.assertTrue(key == "description" or value.get("description") or inner.get("description"), key)


if __name__ == "__main__":
    unittest.main(verbosity=2)
