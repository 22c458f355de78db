"""Fail closed: every doubtful input is a refusal with a code and a pointer, signed, and consumes nothing.

The rows are those on which five known policy engines were measured (most of them approve), written for the
two signals of claims-approval, and the spellings of numbers that Parmana refuses.
"""
import base64
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

AMOUNT, VIP = "/signals/claim_amount", "/signals/vip_customer"

# what is doubtful, the signals as sent, code, pointer
ROWS = [
    ("a boolean is missing", '{"claim_amount":1200}', "signal_missing", VIP),
    ("an integer is missing", '{"vip_customer":false}', "signal_missing", AMOUNT),
    ("all signals are missing", "{}", "signal_missing", AMOUNT),
    ("an integer is null", '{"claim_amount":null,"vip_customer":false}', "signal_type", AMOUNT),
    ("a boolean is null", '{"claim_amount":1200,"vip_customer":null}', "signal_type", VIP),
    ("a boolean is a string", '{"claim_amount":1200,"vip_customer":"false"}', "signal_type", VIP),
    ("a boolean is a truthy string", '{"claim_amount":20000,"vip_customer":"true"}', "signal_type", VIP),
    ("a boolean is a number", '{"claim_amount":20000,"vip_customer":1}', "signal_type", VIP),
    ("an integer is a string", '{"claim_amount":"95","vip_customer":false}', "signal_type", AMOUNT),
    ("an integer is a boolean", '{"claim_amount":true,"vip_customer":false}', "signal_type", AMOUNT),
    ("an integer is an array", '{"claim_amount":[1200],"vip_customer":false}', "signal_type", AMOUNT),
    ("an integer is an object", '{"claim_amount":{"is":1200},"vip_customer":false}', "signal_type", AMOUNT),
    ("an integer is negative", '{"claim_amount":-5,"vip_customer":false}', "signal_range", AMOUNT),
    ("an integer just below its range", '{"claim_amount":-1,"vip_customer":false}', "signal_range", AMOUNT),
    ("an integer is at the exact limit, negative", '{"claim_amount":-9007199254740991,"vip_customer":false}',
     "signal_range", AMOUNT),
    ("an integer has a fraction", '{"claim_amount":1000.0000001,"vip_customer":false}', "signal_type",
     AMOUNT),
    ("an integer is written 1200.0", '{"claim_amount":1200.0,"vip_customer":false}', "signal_type", AMOUNT),
    ("an integer is written 1e3", '{"claim_amount":1e3,"vip_customer":false}', "signal_type", AMOUNT),
    ("an integer is written -0", '{"claim_amount":-0,"vip_customer":false}', "signal_type", AMOUNT),
    ("a field is unknown", '{"claim_amount":1200,"vip_customer":false,"vip_costumer":true}', "signal_unknown",
     "/signals/vip_costumer"),
    ("a field is unknown and needs escaping", '{"claim_amount":1200,"vip_customer":false,"a/b~c":true}',
     "signal_unknown", "/signals/a~1b~0c"),
    ("a field differs in case", '{"claim_amount":1200,"Vip_customer":false}', "signal_unknown",
     "/signals/Vip_customer"),
    ("a field has the empty name", '{"":1,"claim_amount":1200,"vip_customer":false}', "signal_unknown",
     "/signals/"),
]
# what the reader already refuses: no refusal is signed for a text that is not exact
UNREADABLE = [
    ("an integer beyond 2^53", '{"claim_amount":9007199254740993,"vip_customer":false}', "number_not_exact"),
    ("an integer of many digits", '{"claim_amount":1' + "0" * 40 + ',"vip_customer":false}',
     "number_not_exact"),
    ("not a number", '{"claim_amount":NaN,"vip_customer":false}', "json_malformed"),
    ("a leading zero", '{"claim_amount":01200,"vip_customer":false}', "json_malformed"),
    ("a plus sign", '{"claim_amount":+1200,"vip_customer":false}', "json_malformed"),
    ("a signal twice", '{"claim_amount":1,"claim_amount":99999,"vip_customer":false}',
     "json_duplicate_member"),
    ("a signal twice, once escaped", '{"claim_amount":1,"claim\\u005famount":99999,"vip_customer":false}',
     "json_duplicate_member"),
]


def request(name, signals):
    return (f'{{"executionId":"{name}","policyId":"claims-approval","policyVersion":"1.0.0",'
            f'"signals":{signals}}}').encode()


class FailClosed(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        place = cls.enterClassContext(parmana.scratch())
        cls.data = parmana.init(place / "data")
        cls.server = cls.enterClassContext(parmana.Server(cls.data))

    def assert_nothing_consumed(self, name):
        read = self.server.get(f"/executions/{name}")
        self.assertEqual((read.status, read.code()), (404, "execution_unknown"))
        after = self.server.evaluate(name)
        self.assertEqual(after.status, 200, after.body)
        self.assertEqual(after.json()["decision"], "approved")

    def test_every_row_is_a_signed_refusal_and_consumes_nothing(self):
        for number, (what, signals, code, pointer) in enumerate(ROWS):
            with self.subTest(what):
                name = f"row-{number}"
                for _ in range(2):  # a second refusal is the same, and still consumes nothing
                    answer = self.server.post("/evaluate", request(name, signals))
                    self.assertEqual((answer.status, answer.code()), (422, code), answer.body)
                    problem = answer.json()
                    self.assertEqual(problem["pointer"], pointer)
                    self.assertNotIn("decision", problem)
                    statement = parmana.parse_json(base64.b64decode(problem["attestation"]["payload"]))
                    self.assertIn("refusal/v1", statement["predicateType"])
                self.assert_nothing_consumed(name)

    def test_every_row_is_refused_by_simulate_and_by_the_command_line_too(self):
        for number, (what, signals, code, pointer) in enumerate(ROWS):
            with self.subTest(what):
                answer = self.server.post("/simulate", request(f"simulated-{number}", signals))
                self.assertEqual((answer.status, answer.code()), (422, code), answer.body)
                self.assertEqual(answer.json()["pointer"], pointer)
                done = parmana.run("evaluate", "--data", self.data, "--policy", "claims-approval@1.0.0",
                                   "--signals", "-",
                                   "--json", stdin=signals)
                self.assertNotIn("approved", done.stdout)
                self.assertIn(code, done.stdout + done.stderr)

    def test_what_is_not_exact_json_is_no_request_at_all(self):
        for number, (what, signals, code) in enumerate(UNREADABLE):
            with self.subTest(what):
                name = f"unreadable-{number}"
                answer = self.server.post("/evaluate", request(name, signals))
                self.assertEqual((answer.status, answer.code()), (400, code), answer.body)
                self.assertNotIn("attestation", answer.json())
                self.assert_nothing_consumed(name)

    def test_an_unknown_policy_or_version_is_refused_and_consumes_nothing(self):
        for number, (policy, version) in enumerate((("claims-approval", "9.9.9"), ("no-such-policy", "1.0.0"),
                                                    ("Claims-approval", "1.0.0"))):
            with self.subTest(policy=policy, version=version):
                name = f"policy-{number}"
                answer = self.server.evaluate(name, policyId=policy, policyVersion=version)
                self.assertEqual((answer.status, answer.code()), (422, "policy_unknown"), answer.body)
                self.assertIn("attestation", answer.json())
                self.assert_nothing_consumed(name)

    def test_the_borders_of_the_rules_decide_exactly(self):
        for amount, vip, decision in ((0, False, "approved"), (10000, False, "approved"),
                                      (10001, False, "override_required"), (10001, True, "approved"),
                                      (50000, False, "override_required"), (50000, True, "approved"),
                                      (50001, True, "rejected"), (9007199254740991, True, "rejected")):
            with self.subTest(amount=amount, vip=vip):
                answer = self.server.evaluate(f"border-{amount}-{vip}",
                                              {"claim_amount": amount, "vip_customer": vip})
                self.assertEqual((answer.status, answer.json().get("decision")), (200, decision))
                again = self.server.evaluate(f"border-{amount}-{vip}",
                                             {"claim_amount": amount, "vip_customer": vip})
                self.assertEqual(again.code(), "execution_identity_consumed")


if __name__ == "__main__":
    unittest.main(verbosity=2)
