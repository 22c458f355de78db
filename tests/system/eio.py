"""Every sync fails from some moment on: no success after it, the process stops, recovery is clean."""
import pathlib
import random
import re
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from account import Account  # noqa: E402

SYNCS = "fdatasync,fsync"
SENDS = "sendmsg,sendto,writev"
# A send that was ready before the failing sync may still leave after it; nothing later than this.
GRACE_SECONDS = 0.25


def read_trace(path):
    """[(seconds, call, arguments, failed)] in order of time: when a call failed, and when others began."""
    lines, begun = [], {}
    for line in path.read_text(errors="replace").splitlines():
        parts = re.match(r"(\d+) +(\d+\.\d+) (.*)", line)
        if not parts:
            continue
        thread, seconds, rest = parts.groups()
        failed = "EIO" in rest and "INJECTED" in rest
        if call := re.match(r"(\w+)\((.*)", rest):
            begun[thread] = call.groups()
            lines.append((float(seconds), *call.groups(), failed))
        elif failed:  # `<... fdatasync resumed>`
            lines.append((float(seconds), *begun[thread], True))
    return sorted(lines)


class FailingSync(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = parmana.init(self.place / "data")
        self.account = Account()

    def load(self, server, name, **options):
        return parmana.Load(server.port, self.place / f"{name}.record", ids=name, connections=32, copies=2,
                            tolerate_disconnect=True, **options)

    def fail_syncs(self, server, first):
        self.trace = self.place / "trace"
        return parmana.Strace(server.pid, f"{SYNCS}:error=EIO:when={first}+", self.trace,
                              ["-e", f"trace={SYNCS},{SENDS}", "-ttt", "-y", "-s", "16"])

    def assert_stops(self, server):
        code = server.wait(10)
        self.assertNotEqual(code, 0, "the process has to end with a failure")
        self.assertNotEqual(code, -9)

    def assert_trace_is_clean(self):
        """Nothing is told after the first failure, and no file is synced again after it failed."""
        lines = read_trace(self.trace)
        failures = [line for line in lines if line[3]]
        self.assertTrue(failures, "no sync was made to fail")
        first = failures[0][0]
        late = [line for line in lines if line[1] in SENDS.split(",") and line[0] > first + GRACE_SECONDS and
                re.search(r'"HTTP/1\.1 (200|409)', line[2])]
        self.assertEqual(late, [])
        failed_files = set()
        for _, call, arguments, failed in lines:
            if call not in SYNCS.split(","):
                continue
            file = re.match(r"\d+<[^>]*\.seg>", arguments)
            if file:
                self.assertNotIn(file[0], failed_files, "a sync was tried again where it had failed")
            if file and failed:
                failed_files.add(file[0])
        return failures[0]

    def assert_recovers(self, answers):
        with parmana.Server(self.data) as server:
            self.account.check(server, answers, again=100)
            self.assertEqual(server.evaluate("after-recovery").status, 200)
            self.assertEqual(server.evaluate("after-recovery").code(), "execution_identity_consumed")
        self.assertEqual(self.account.verdict()["lost"], 0)
        self.assertEqual(self.account.verdict()["double"], 0)
        parmana.verify_evidence(self.data, ["after-recovery", *sorted(self.account.admitted)[:3]])
        parmana.must("log", "fsck", "--data", self.data)

    def test_no_success_at_all_when_the_failure_precedes_the_load(self):
        with parmana.Server(self.data) as server:
            before = self.load(server, "before", requests=2000)
            self.assertEqual(before.finish()["unanswered"], 0)
            with self.fail_syncs(server, 1):
                after = self.load(server, "after", seconds=3)
                self.assert_stops(server)
            after.finish()
            told = [answer for answer in after.answers() if answer[1] not in (0, 503)]
            self.assertEqual(told, [])
            self.assertTrue(after.answers(), "the load has to reach the server")
            self.assert_trace_is_clean()
        self.assert_recovers(before.answers() + after.answers())

    def test_everything_told_before_a_failure_under_load_is_kept(self):
        chance = random.Random(7)
        for moment in range(4):
            with self.subTest(moment=moment), parmana.Server(self.data) as server:
                load = self.load(server, f"moment{moment}", seconds=20)
                time.sleep(chance.uniform(0.05, 0.2))
                with self.fail_syncs(server, chance.randint(1, 40)):
                    self.assert_stops(server)
                load.finish()
                self.assertTrue([answer for answer in load.answers() if answer[1] == 200])
                self.assert_trace_is_clean()
                server.kill()
                self.assert_recovers_round(load.answers(), moment)

    def assert_recovers_round(self, answers, moment):
        with parmana.Server(self.data) as server:
            self.account.check(server, answers, again=50)
            self.assertEqual(server.evaluate(f"after-moment-{moment}").status, 200)
        self.assertEqual(self.account.verdict()["lost"], 0)
        self.assertEqual(self.account.verdict()["double"], 0)

    def test_a_failing_sync_at_start_up_stops_the_start(self):
        with parmana.Server(self.data) as server:
            load = self.load(server, "crash", seconds=20)
            time.sleep(0.2)
            server.kill()
        load.finish()
        trace = self.place / "start.trace"
        prefix = parmana.started_under_strace(f"{SYNCS}:error=EIO:when=1+", trace)
        server = parmana.Server(self.data, prefix=prefix)
        if server.port is None:
            self.assertGreater(server.process.returncode, 0)
        else:  # nothing to sync at a start: then the first decision fails
            with self.assertRaises(Exception):
                self.assertNotIn(server.evaluate("too-late").status, (200, 409))
                server.evaluate("later-still")
            self.assert_stops(server)
        self.assert_recovers(load.answers())


if __name__ == "__main__":
    unittest.main(verbosity=2)
