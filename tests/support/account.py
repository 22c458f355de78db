"""Keeps account of all that a server has answered, over crashes, and confronts the restarted server with it.

lost:   an identity answered 200 or 409 that is not there afterwards.
double: an identity admitted twice, or admitted after it was told to be consumed.
"""
import random

import parmana

CONSUMED = {"execution_identity_consumed"}


class Account:
    def __init__(self, rng=None):
        self.rng = rng or random.Random(1)
        self.admitted = set()      # identities whose 200 has been seen
        self.lost = []
        self.double = []
        self.committed_unanswered = 0  # there after a restart although nobody was told

    def _admit(self, name):
        if name in self.admitted:
            self.double.append(name)
        self.admitted.add(name)

    def check(self, server, answers, earlier=50, again=40):
        """Confronts `server` with the record of one load: looks up every answered identity of it and
        `earlier` ones of former loads, and sends `again` of them and all the unanswered ones once more."""
        former = sorted(self.admitted)
        former = self.rng.sample(former, min(earlier, len(former)))
        told, open_names = set(), set()
        for name, status, word in answers:
            if status == 200:
                self._admit(name)
                told.add(name)
            elif status == 409:
                if word not in CONSUMED:
                    raise AssertionError(f"{name} was answered {status} {word}")
                told.add(name)
            elif status == 0:
                open_names.add(name)
            elif status != 503:
                raise AssertionError(f"{name} was answered {status} {word}")
        open_names -= told
        self._look_up(server, sorted(told) + former)
        self._send_again(server, self.rng.sample(sorted(told), min(again, len(told))) + former[:10])
        self._settle(server, sorted(open_names))
        return len(told)

    def _look_up(self, server, names):
        for name, (status, body) in zip(names, parmana.read_executions(server.port, names)):
            record = parmana.parse_json(body) if status == 200 else {}
            if "record" not in record:
                self.lost.append(name)
            if "decision" in record:
                raise AssertionError(f"the record of {name} has a top-level decision")

    def _send_again(self, server, names):
        for name in names:
            answer = server.evaluate(name, parmana.load_signals(name))
            if answer.status == 200:
                (self.double if name in self.admitted else self.lost).append(name)
            elif answer.code() not in CONSUMED:
                raise AssertionError(f"{name} again: {answer.status} {answer.body[:200]!r}")

    def _settle(self, server, names):
        """Requests without an answer are either there, and stay consumed, or may be used once now."""
        for name, (status, _) in zip(names, parmana.read_executions(server.port, names)):
            answer = server.evaluate(name, parmana.load_signals(name))
            expected = 409 if status == 200 else 200
            if status not in (200, 404) or answer.status not in (200, 409):
                raise AssertionError(f"{name}: read {status}, then {answer.status} {answer.body[:200]!r}")
            if answer.status == 200:
                self._admit(name)
            if answer.status != expected:
                (self.double if expected == 409 else self.lost).append(name)
            if status == 200:
                self.committed_unanswered += 1
            elif server.evaluate(name, parmana.load_signals(name)).status != 409:
                self.double.append(name)

    def verdict(self):
        return {"lost": len(self.lost), "double": len(self.double),
                "committed_unanswered": self.committed_unanswered}
