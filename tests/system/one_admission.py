"""One execution identity, one admission: many copies at once over many connections."""
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

IDENTITIES = 10_000
COPIES = 8


class OneAdmission(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.place = cls.enterClassContext(parmana.scratch())
        cls.server = cls.enterClassContext(parmana.Server(parmana.init(cls.place / "data")))

    def drive(self, **options):
        record = self.place / f"{options['ids']}.record"
        load = parmana.Load(self.server.port, record, connections=64, requests=IDENTITIES * COPIES,
                            copies=COPIES,
                            **options)
        summary = load.finish(seconds=120)
        self.assertEqual(summary["unanswered"], 0)
        return summary, load.answers()

    def assert_one_winner_each(self, answers):
        winners = [name for name, status, _ in answers if status == 200]
        self.assertEqual(len(winners), IDENTITIES)
        self.assertEqual(len(set(winners)), IDENTITIES)

    def test_equal_copies_are_told_that_the_identity_is_consumed(self):
        summary, answers = self.drive(ids="equal")
        self.assertEqual(set(summary["answers"]), {"200", "409"})
        self.assertEqual(sum(summary["answers"]["200"].values()), IDENTITIES)
        self.assertEqual(summary["answers"]["409"],
                         {"execution_identity_consumed": IDENTITIES * (COPIES - 1)})
        self.assert_one_winner_each(answers)

    def test_copies_with_other_signals_are_told_of_the_conflict(self):
        summary, answers = self.drive(ids="other", vary=True)
        self.assertEqual(set(summary["answers"]), {"200", "409"})
        self.assertEqual(sum(summary["answers"]["200"].values()), IDENTITIES)
        self.assertEqual(summary["answers"]["409"],
                         {"execution_identity_conflict": IDENTITIES * (COPIES - 1)})
        self.assert_one_winner_each(answers)

    def test_copies_in_one_pipeline_have_one_winner_too(self):
        summary, answers = self.drive(ids="pipeline", pipeline=16)
        self.assertEqual(summary["answers"]["409"],
                         {"execution_identity_consumed": IDENTITIES * (COPIES - 1)})
        self.assert_one_winner_each(answers)


if __name__ == "__main__":
    unittest.main(verbosity=2)
