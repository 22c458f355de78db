"""A ledger with entries of every kind, attested in both ways, and what tests ask of it."""
import unittest

import parmana
import reference

BAD_SIGNALS = {"claim_amount": -5, "vip_customer": False}


def text_of(value):
    return reference.canonical(value).decode()


def batch(server, names, query=""):
    items = [{**parmana.SEED_REQUEST, "executionId": name} for name in names]
    answer = server.post("/evaluate/batch" + query, {"items": items})
    assert answer.status == 200, answer.body


def fill(server, prefix="e"):
    """Entries of every kind, attested in both ways."""
    for i in range(12):
        assert server.evaluate(f"{prefix}-{i}").status == 200
    for i in range(3):
        assert server.evaluate(f"{prefix}-bad-{i}", signals=BAD_SIGNALS).status == 422
        assert server.evaluate(f"{prefix}-no-{i}", policyId="no-such-policy").status == 422
    batch(server, [f"{prefix}-g-{i}" for i in range(9)], "?attestation=log")
    for _ in range(4):
        assert server.evaluate(f"{prefix}-1").status == 409  # becomes one replay entry
    must_checkpoint(server)
    batch(server, [f"{prefix}-h-{i}" for i in range(5)], "?attestation=log")
    for i in range(12, 20):
        assert server.evaluate(f"{prefix}-{i}", signals={"claim_amount": 5000 * i, "vip_customer": False}).status == 200
    must_checkpoint(server)


def must_checkpoint(server):
    return parmana.must("log", "checkpoint", "--data", server.data)


def make(data):
    parmana.init(data)
    with parmana.Server(data) as server:
        fill(server)
    with parmana.Server(data) as server:
        assert server.evaluate("late-1").status == 200
    trust = data.parent / (data.name + ".trust.json")
    parmana.must("trust", "export", "--data", data, "--out", trust)
    return trust


class Case(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = cls.enterClassContext(parmana.scratch())
        cls.data = cls.place / "data"
        cls.trust = make(cls.data)

    def report(self, file, *more, code, binary=None):
        words = () if binary else ("verify",)
        done = parmana.run(*words, file, "--trust", self.trust, "--json", *more, binary=binary)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        report = parmana.parse_json(done.stdout)
        return {check["name"]: check for check in report["checks"]}

    def named(self, checks, outcome):
        return {name for name, check in checks.items() if check["outcome"] == outcome}
