"""Kills the server at random moments under load and at named points, restarts it unattended, and counts.

    crash.py [--kills N] [--points N] [--full] [--seed S] [--only CLASS]

Classes: `random` (SIGKILL at any moment), `before_append` (at the entry of a write to a segment),
`append_to_fsync` (at the entry of its sync), `fsync_to_answer` (at the entry of a send of an answer),
`recovery` (at the entry of a write, sync, rename or open below the data directory that is being recovered).
The last line of output counts the kills that really happened; a class without one, anything lost and anything
admitted twice end the program with 1.
"""
import argparse
import json
import pathlib
import random
import re
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from account import Account  # noqa: E402

CONNECTIONS = 32
ROUNDS_A_DIRECTORY = 20  # then a fresh one, so that reading back stays cheap
SEGMENT = r"/(log|records)/[^>]*\.seg>"
# class: the calls at whose entry the server dies, the largest count to wait for, what the call is about
POINTS = {
    "before_append": ("pwrite64", 30, SEGMENT),
    "append_to_fsync": ("fdatasync,fsync", 12, SEGMENT),
    "fsync_to_answer": ("sendmsg,sendto,writev", 300, r'"HTTP/1\.1 (200|409)'),
}
RECOVERY_CALLS = ("pwrite64", "fdatasync", "fsync", "rename", "renameat", "renameat2", "openat", "ftruncate",
                  "unlink",
                  "unlinkat", "fallocate")
RECOVERY_KILLS_A_DIRECTORY = 3


def counted_calls(trace):
    """The calls of a trace in order: (name, the how many-th of its name in its thread, the line). Injections
    count in the same way."""
    counts = {}
    for line in trace.read_text(errors="replace").splitlines():
        call = re.match(r"(\d+) +(\w+)\(", line)
        if call:
            counts[call.groups()] = counts.get(call.groups(), 0) + 1
            yield call[2], counts[call.groups()], line


class Crash:
    def __init__(self, place, seed):
        self.place = place
        self.rng = random.Random(seed)
        self.account = Account(self.rng)
        self.checked = 0
        self.rounds = 0
        self.data = None
        self.slowest_restart = 0.0

    def directory(self):
        if self.data is None or self.rounds % ROUNDS_A_DIRECTORY == 0:
            self.finish_directory()
            self.data = parmana.init(self.place / f"data-{self.rounds}")
            self.account.admitted.clear()
        self.rounds += 1
        return self.data

    def finish_directory(self):
        if self.data is not None:
            names = sorted(self.account.admitted)
            parmana.verify_evidence(self.data, self.rng.sample(names, min(5, len(names))))
            parmana.must("log", "fsck", "--data", self.data)

    def load(self, server, seconds=20):
        """Two copies of each identity, so that 409s under way are judged too."""
        return parmana.Load(server.port, self.place / f"round-{self.rounds}.record",
                            ids=f"round{self.rounds}",
                            connections=CONNECTIONS, copies=2, seconds=seconds, tolerate_disconnect=True)

    def restart(self):
        begun = time.monotonic()
        server = parmana.Server(self.data)
        self.slowest_restart = max(self.slowest_restart, time.monotonic() - begun)
        return server

    def confront(self, load):
        load.finish()
        with self.restart() as server:
            self.checked += self.account.check(server, load.answers())
        pathlib.Path(load.record).unlink()

    def kill_at_random(self):
        data = self.directory()
        with parmana.Server(data) as server:
            load = self.load(server)
            time.sleep(self.rng.uniform(0.01, 0.35))
            killed = server.kill() == -signal.SIGKILL
        self.confront(load)
        return int(killed)

    def kill_at_point(self, name):
        """A kill counts when the call that it hit is one on a segment, or the send of an answer."""
        calls, largest, about = POINTS[name]
        data = self.directory()
        count, trace = self.rng.randint(1, largest), self.place / "point.trace"
        with parmana.Server(data) as server:
            load = self.load(server)
            time.sleep(self.rng.uniform(0.02, 0.1))
            inject = f"{calls}:signal=SIGKILL:when={count}"
            with parmana.Strace(server.pid, inject, trace, ["-y", "-s", "16"]) as tracer:
                try:
                    killed = server.wait(3) == -signal.SIGKILL
                except parmana.subprocess.TimeoutExpired:
                    killed = False
                    tracer.kill()  # a tracer that hangs holds on to a process that is dead already
                    server.kill()
        self.confront(load)
        hit = next((line for _, number, line in counted_calls(trace) if number == count), "")
        return int(killed and re.search(about, hit) is not None)

    def kill_in_recovery(self, wanted):
        """Crashes once under load, then up to three times in a row while that crash is being recovered."""
        data = self.directory()
        with parmana.Server(data) as server:
            load = self.load(server)
            time.sleep(self.rng.uniform(0.05, 0.2))
            server.kill()
        killed = 0
        for _ in range(min(wanted, self.rng.randint(1, RECOVERY_KILLS_A_DIRECTORY))):
            killed += self.start_and_die(self.rng.choice(self.recovery_points()))
        self.confront(load)
        return killed

    def recovery_points(self):
        """[(call, count)]: the calls below the data directory before the ready line, each as the n-th of its
        thread, learned once from a start after a kill."""
        if not hasattr(self, "_points"):
            trace = self.place / "start.trace"
            prefix = parmana.started_under_strace(",".join(RECOVERY_CALLS), trace, options=["-y"])
            with parmana.Server(self.data, prefix=prefix) as server:
                server.kill()
            self._points = [(call, number) for call, number, line in counted_calls(trace)
                            if str(self.data) in line]
            if not self._points:
                raise AssertionError("no system call of the recovery was seen")
        return self._points

    def start_and_die(self, point):
        call, count = point
        prefix = parmana.started_under_strace(f"{call}:signal=SIGKILL:when={count}")
        server = parmana.Server(self.data, prefix=prefix)
        if server.port is None:
            return int(server.process.returncode == -signal.SIGKILL)
        server.kill()  # came up before the count was reached: not a kill of this class
        return 0


def run(crash, arguments):
    wanted = {"random": arguments.kills, **{name: arguments.points for name in (*POINTS, "recovery")}}
    counts = {}
    for name, number in wanted.items():
        if arguments.only and name != arguments.only:
            continue
        counts[name] = 0
        for _ in range(2 * number + 5):
            if counts[name] >= number:
                break
            if name == "random":
                counts[name] += crash.kill_at_random()
            elif name == "recovery":
                counts[name] += crash.kill_in_recovery(number - counts[name])
            else:
                counts[name] += crash.kill_at_point(name)
        print(f"{name}: {counts[name]} kills, {crash.checked} answered looked up so far", flush=True)
    crash.finish_directory()
    return counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, help="random kills (20; 200 with --full)")
    parser.add_argument("--points", type=int, help="kills at each named point (20)")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", help="one class")
    arguments = parser.parse_args()
    arguments.kills = arguments.kills or (200 if arguments.full else 20)
    arguments.points = arguments.points or 20
    print(f"seed {arguments.seed}", flush=True)
    with parmana.scratch() as place:
        crash = Crash(place, arguments.seed)
        counts = run(crash, arguments)
    verdict = crash.account.verdict()
    slowest = round(crash.slowest_restart, 3)
    print(json.dumps({**counts, "checked": crash.checked, "slowest_restart_s": slowest, **verdict}))
    for name in (crash.account.lost + crash.account.double)[:10]:
        print(f"lost or double: {name}", file=sys.stderr)
    return 1 if verdict["lost"] or verdict["double"] or not all(counts.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
