"""What authors of policies run: tests with coverage, and one layout for their files."""
import json
import pathlib
import shutil
import sys
import unittest
import xml.etree.ElementTree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

SAMPLES = parmana.ROOT / "policies"
CLAIMS = SAMPLES / "claims-approval/1.1.0"
# What XML escapes, and what it cannot hold.
ODD_NAME = '<odd> & "name"\n\t\u0001 日本'


class Case(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.claims = self.place / "claims"
        shutil.copytree(CLAIMS, self.claims)
        self.tests = self.claims / "tests.yaml"

    def alter(self, path, old, new):
        text = path.read_text()
        self.assertIn(old, text)
        path.write_text(text.replace(old, new))

    def run_tests(self, *argv):
        return parmana.run("policy", "test", *argv)


class Tests(Case):
    def test_every_sample_is_covered_whole(self):
        done = self.run_tests(SAMPLES, "--require-coverage", 100)
        self.assertEqual(done.returncode, 0, done.stdout)
        policies = list(SAMPLES.glob("*/*/policy.json"))
        self.assertEqual(len(done.stdout.splitlines()), len(policies) + 1)
        self.assertTrue(done.stdout.splitlines()[-1].startswith(f"{len(policies)} policies: "))

    def test_a_changed_rule_turns_a_test_red_and_says_where(self):
        self.alter(self.claims / "policy.yaml", "> 50000", "> 60000")
        done = self.run_tests(self.claims)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"""{self.tests}:9:7: over the limit
  expected: rejected by rule `amount-over-limit`
  got: approved by rule `standard-approval`: the claim is within the limits
  rule `amount-over-limit` does not hold
    false: signals.claim_amount > 60000
  rule `large-claim-needs-a-person` does not hold
    true: signals.claim_amount > 10000
    true: signals.vip_customer
  rule `standard-approval` holds
{self.claims}/policy.yaml: 7 passed, 1 failed; rules 2/3, outcomes 5/6 (77 %)
  rule `amount-over-limit` held in no test
  rule `amount-over-limit`: never true: signals.claim_amount > 60000
""", done.stdout)

    def test_the_source_is_tested_unless_the_json_is_named(self):
        self.alter(self.claims / "policy.json", "> 50000", "> 60000")
        for named, code in ((self.claims, 0), (self.claims / "policy.yaml", 0), (self.tests, 0),
                            (self.claims / "policy.json", 1)):
            self.assertEqual(self.run_tests(named).returncode, code, named)

    def test_both_profiles_are_tested_as_json(self):
        for name in ("claims-approval/1.0.0", "claims-approval/1.1.0"):
            self.assertEqual(self.run_tests(SAMPLES / name / "policy.json", "--require-coverage", 100).returncode, 0)

    def test_missing_coverage_and_missing_tests_are_failures(self):
        self.alter(self.tests, "    - [over the limit, 50001, true, ~, rejected, amount-over-limit, ~]\n", "")
        self.assertEqual(self.run_tests(self.claims).returncode, 0)
        self.assertEqual(self.run_tests(self.claims, "--require-coverage", 77).returncode, 0)
        done = self.run_tests(self.claims, "--require-coverage", 78)
        self.assertEqual(done.returncode, 1)
        self.assertIn("77 % covered, 78 % required", done.stdout)
        self.tests.unlink()
        done = self.run_tests(self.claims)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no tests", done.stdout)
        self.assertEqual(self.run_tests(self.claims, "--require-coverage", 101).returncode, 2)
        self.assertEqual(self.run_tests(self.place / "nothing").returncode, 2)
        (self.place / "empty").mkdir()
        self.assertEqual(self.run_tests(self.place / "empty").returncode, 2)

    def test_findings_have_file_line_and_column(self):
        self.alter(self.tests, "signals.vip_customer", "signals.vip_costumer")
        done = self.run_tests(self.claims, SAMPLES)
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.tests}:2:41: signal `vip_costumer` is not declared\n", done.stdout)
        self.assertIn(f"{self.claims}/policy.yaml: not tested\n", done.stdout)
        self.alter(self.claims / "policy.yaml", "> 50000", "> '50000'")
        said = self.run_tests(self.claims).stdout
        self.assertIn("policy.yaml:16:39: no overload of `_>_` takes `(int, string)`\n", said)
        (self.claims / "policy.yaml").unlink()
        (self.claims / "policy.json").write_text("{}\n")
        self.assertIn("policy.json:1:1: missing key `policyId`\n", self.run_tests(self.claims).stdout)

    def test_the_json_report_says_the_same(self):
        self.alter(self.tests, "[small,", f"[{json.dumps(ODD_NAME)},")
        self.alter(self.tests, "50001, true, ~, rejected, amount-over-limit", "50000, true, ~, rejected, ~")
        done = self.run_tests(self.claims, "--json")
        self.assertEqual(done.returncode, 1)
        report = parmana.parse_json(done.stdout)
        self.assertEqual(done.stdout, json.dumps(report, ensure_ascii=False, sort_keys=True,
                                                 separators=(",", ":")) + "\n")
        self.assertEqual(report["passed"], False)
        self.assertEqual(report["summary"], {"failed": 1, "outcomes": {"covered": 5, "total": 6}, "passed": 7,
                                             "rules": {"covered": 2, "total": 3}})
        policy, = report["policies"]
        self.assertEqual(policy["tests"][0]["name"], ODD_NAME)
        failed, = [test for test in policy["tests"] if not test["passed"]]
        self.assertEqual(failed["expected"], {"decision": "rejected"})
        self.assertEqual(failed["got"]["rule"], "standard-approval")
        self.assertEqual([step["rule"] for step in failed["trace"]],
                         ["amount-over-limit", "large-claim-needs-a-person", "standard-approval"])
        self.assertEqual(policy["coverage"]["uncovered"],
                         [{"rule": "amount-over-limit"},
                          {"condition": "signals.claim_amount > 50000", "outcome": True, "rule": "amount-over-limit"}])

    def test_the_junit_report_is_well_formed(self):
        self.alter(self.tests, "[small,", f"[{json.dumps(ODD_NAME)},")
        self.alter(self.tests, "50001, true, ~, rejected, amount-over-limit", "50000, true, ~, rejected, ~")
        faulty = self.place / "faulty"
        shutil.copytree(CLAIMS, faulty)
        self.alter(faulty / "tests.yaml", "rejected", "<rejected>")
        report = self.place / "report.xml"
        done = self.run_tests(self.claims, faulty, SAMPLES, "--junit", report, "--require-coverage", 100)
        self.assertEqual(done.returncode, 1)
        suites = xml.etree.ElementTree.parse(report).getroot()
        self.assertEqual(suites.tag, "testsuites")
        self.assertEqual([suite.tag for suite in suites], ["testsuite"] * 8)
        for name, tag in (("tests", "testcase"), ("failures", "failure"), ("errors", "error")):
            for element in (suites, *suites):
                self.assertEqual(int(element.get(name)), len(list(element.iter(tag))), name)
        self.assertEqual((suites.get("failures"), suites.get("errors")), ("2", "1"))
        claims, = (suite for suite in suites if suite.find("testcase[failure]") is not None)
        self.assertEqual(claims.get("name"), "claims-approval@1.1.0")
        self.assertEqual(claims[0].get("name"), ODD_NAME.replace("\u0001", "\ufffd"))
        self.assertEqual(claims[-1].get("name"), "coverage")
        failure, = claims.find("testcase[failure]")
        self.assertIn("expected rejected, got approved", failure.get("message"))
        self.assertIn("rule `amount-over-limit` does not hold\n", failure.text)
        self.assertEqual(self.run_tests(SAMPLES, "--junit", self.place / "no/directory").returncode, 2)


class Layout(Case):
    def fmt(self, *argv):
        return parmana.run("policy", "fmt", *argv)

    def test_every_sample_is_in_its_layout(self):
        done = self.fmt("--check", SAMPLES)
        self.assertEqual((done.returncode, done.stdout), (0, ""))

    def test_what_is_not_is_listed_and_then_changed(self):
        policy, neat = self.claims / "policy.yaml", (self.claims / "policy.yaml").read_text()
        self.alter(policy, "> 50000", ">50000   # the limit")
        messy = policy.read_text()
        policy.chmod(0o640)
        done = self.fmt("--check", self.claims)
        self.assertEqual((done.returncode, done.stdout), (1, f"not formatted: {policy}\n"))
        self.assertEqual(policy.read_text(), messy)
        done = self.fmt(self.claims)
        self.assertEqual((done.returncode, done.stdout), (0, f"formatted: {policy}\n"))
        self.assertEqual(policy.read_text(), neat.replace("> 50000", "> 50000  # the limit"))
        self.assertEqual(policy.stat().st_mode & 0o777, 0o640)
        self.assertEqual(sorted(path.name for path in self.claims.iterdir()),
                         ["policy.json", "policy.yaml", "tests.yaml"])
        parmana.must("policy", "build", policy, "--check")
        self.assertEqual(self.fmt(self.claims).stdout, "")

    def test_a_file_that_does_not_build_stays_as_it_is_and_others_do_not_wait(self):
        policy = self.claims / "policy.yaml"
        self.alter(policy, "> 50000", ">nothing")
        self.alter(self.tests, "table:", "# Tests.\ntable:   # here")
        before = policy.read_bytes()
        done = self.fmt(self.claims)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, f"{policy}:16:40: undeclared reference to `nothing`\nformatted: {self.tests}\n")
        self.assertEqual(policy.read_bytes(), before)
        self.tests.write_text("a: [\n")
        self.assertEqual(self.fmt(self.tests).returncode, 1)
        self.assertEqual(self.tests.read_text(), "a: [\n")

    def test_a_symbolic_link_stays_one(self):
        link = self.place / "policy.yaml"
        link.symlink_to(self.claims / "policy.yaml")
        self.alter(self.claims / "policy.yaml", "signals:", "signals:   # all")
        self.assertEqual(self.fmt(link).returncode, 0)
        self.assertTrue(link.is_symlink())
        self.assertIn("signals:  # all\n", (self.claims / "policy.yaml").read_text())


if __name__ == "__main__":
    unittest.main(verbosity=2)
