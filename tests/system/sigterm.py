"""SIGTERM under load: the server ends what it has begun, exits with 0 in time, and all it told is kept."""
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from account import Account  # noqa: E402

LIMIT_SECONDS = 5


class GracefulStop(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = parmana.init(self.place / "data")

    def stop_under_load(self, name, **options):
        with parmana.Server(self.data) as server:
            load = parmana.Load(server.port, self.place / f"{name}.record", ids=name, seconds=20,
                                tolerate_disconnect=True, **options)
            time.sleep(0.4)
            begun = time.monotonic()
            self.assertEqual(server.stop(LIMIT_SECONDS), 0)
            self.assertLess(time.monotonic() - begun, LIMIT_SECONDS)
        load.finish()
        return load.answers()

    def test_everything_told_before_the_stop_is_there_after_it(self):
        account = Account()
        for turn, options in enumerate(({"connections": 32}, {"connections": 8, "pipeline": 16},
                                        {"connections": 64, "copies": 4})):
            with self.subTest(**options):
                answers = self.stop_under_load(f"turn{turn}", **options)
                self.assertTrue([answer for answer in answers if answer[1] == 200])
                with parmana.Server(self.data) as server:
                    account.check(server, answers)
                self.assertEqual(account.verdict()["lost"], 0)
                self.assertEqual(account.verdict()["double"], 0)

    def test_an_idle_server_with_open_connections_stops_at_once(self):
        with parmana.Server(self.data) as server:
            self.assertEqual(server.evaluate("one").status, 200)  # leaves a kept connection behind
            begun = time.monotonic()
            self.assertEqual(server.stop(LIMIT_SECONDS), 0)
            self.assertLess(time.monotonic() - begun, 2)

    def test_a_second_server_is_refused_while_the_first_holds_the_directory(self):
        with parmana.Server(self.data) as server:
            second = parmana.run("serve", "--data", self.data, "--listen", "127.0.0.1:0", timeout=20)
            self.assertEqual(second.returncode, 2)
            self.assertIn("data_locked", second.stderr)
            self.assertEqual(server.get("/health").status, 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
