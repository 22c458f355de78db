"""The sequencer is killed, or told EIO, at every system call of a round, of a start and of a stop that touches the
files of the log; then everything that was admitted, and every head that was ever served, is confronted with a restart.

    sequencing.py [--full]

Without --full only some of the calls are struck, always the same ones. The last line counts the strikes.
"""
import argparse
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ledger  # noqa: E402
import parmana  # noqa: E402

CALLS = ("openat", "pwrite64", "renameat", "renameat2", "unlinkat", "mkdirat", "fsync", "fdatasync")
HOW = {"kill": "signal=SIGKILL", "eio": "error=EIO"}
QUIET = {"PARMANA_CHECKPOINT_INTERVAL_MS": "60000", "PARMANA_CHECKPOINT_ENTRIES_MAX": "1000000"}
WIDTH = ledger.WIDTH
# Entries before and behind the round: over the first boundary of a tile, and over one with a level above.
SPANS = ((250, 260), (500, 530))
STRIKES_OF_THE_SHORT_TEST = 26


def item(name):
    return {**parmana.SEED_REQUEST, "executionId": name}


def thread_writes(pid):
    """System calls that write, of each thread so far."""
    found = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError):
            text = pathlib.Path(f"/proc/{pid}/task/{thread}/io").read_text()
            found[int(thread)] = int(re.search(r"^syscw: (\d+)$", text, re.MULTILINE)[1])
    return found


class Tracer:
    """strace on one thread, with one injection or none."""

    def __init__(self, thread, calls, inject, output):
        argv = ["strace", "-p", thread, "-y", "-o", output, "-e", f"trace={calls}"]
        argv += ["-e", f"inject={inject}"] if inject else []
        self.process = parmana.start(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                     stdin=subprocess.DEVNULL)
        said = b""
        while b" attached" not in said:
            part = os.read(self.process.stderr.fileno(), 4096)
            if not part:
                raise AssertionError(f"strace did not attach: {said!r}")
            said += part

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:  # it holds on to a process that is dead already
            self.process.kill()
            self.process.wait(timeout=5)
        self.process.stderr.close()


class Base:
    """A data directory of exactly so many entries under a head whose tiles were not settled, and what is in it."""

    def __init__(self, place, size):
        self.place, self.size = place / f"base-{size}", size
        self.place.mkdir()
        self.data = parmana.init(self.place / "data")
        self.trust = ledger.Trust(self.data)
        self.names = []
        with parmana.Server(self.data, environment=QUIET, options=self.options(self.place)) as server:
            have = server.get("/ready").json()["entries"]
            self.names = [f"base-{number}" for number in range(size - have)]
            self.post(server, self.names)
            parmana.must("log", "checkpoint", "--data", self.data)
            assert self.trust.head(server.get("/log/checkpoint").body.decode()).size == size
            server.kill()

    @staticmethod
    def options(place):
        return ("--high-water", place / "mark")

    @staticmethod
    def post(server, names, query=""):
        answer = server.post("/evaluate/batch" + query, {"items": [item(name) for name in names]})
        assert answer.status == 200, answer.body[:300]
        assert {result["status"] for result in answer.json()["results"]} <= {200}, answer.body[:300]


class Run:
    """A copy of a base on which one strike falls."""

    def __init__(self, base, behind, number):
        self.base, self.behind, self.trust = base, behind, base.trust
        self.place = base.place.parent / f"run-{number}"
        self.place.mkdir()
        self.data = self.place / "data"
        shutil.copytree(base.data, self.data, ignore=shutil.ignore_patterns("control.sock"))
        shutil.copy(base.place / "mark", self.place / "mark")
        self.trace = self.place / "trace"
        self.names, self.heads = list(base.names), []

    def serve(self, prefix=()):
        return parmana.Server(self.data, prefix=prefix, environment=QUIET, options=Base.options(self.place))

    def see_head(self, server):
        self.heads.append(self.trust.head(server.get("/log/checkpoint").body.decode()))

    def decide(self, server, names, query=""):
        Base.post(server, names, query)
        self.names += names

    def ask_for_a_round(self, server):
        """The status of an answer that needs a head over everything, or nothing when none came."""
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=20)
        with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
            connection.request("GET", f"/executions/{self.names[-1]}/evidence")
            answer = connection.getresponse()
            answer.read()
            return answer.status
        return None

    def sequencer_of(self, server):
        """Its thread: the one that writes files when a round is asked for. That round is before the strike."""
        self.decide(server, ["warm"])
        before = thread_writes(server.pid)
        assert self.ask_for_a_round(server) == 200
        after = thread_writes(server.pid)
        thread, = (thread for thread in after if after[thread] > before.get(thread, 0))
        return thread

    def check_public(self):
        """What is public now can be checked by anybody, and is remembered outside already."""
        files = ledger.Files.of_directory(self.data)
        public = files.head(self.trust)
        files.check(public)
        assert self.trust.head((self.place / "mark").read_text()).size >= public.size, public

    def was_struck(self):
        text = self.trace.read_text(errors="replace")
        return "INJECTED" in text or "killed by SIGKILL" in text

    # What is struck.

    def strike_round(self, call, inject):
        with self.serve() as server:
            self.see_head(server)
            thread = self.sequencer_of(server)
            self.see_head(server)
            left = self.behind - server.get("/ready").json()["entries"]
            self.decide(server, [f"new-{number}" for number in range(left - 4)])
            self.decide(server, [f"by-log-{number}" for number in range(3)], "?attestation=log")
            tracer = Tracer(thread, call, inject, self.trace)
            try:
                answered = self.ask_for_a_round(server)
                if answered is None:
                    assert server.wait(10) == -signal.SIGKILL, server.stderr()[-1000:]
                    return
            finally:
                tracer.end()
            # The disk failed once: the head is the old or the new one, and the next round makes good for it.
            self.see_head(server)
            self.check_public()
            assert answered in (200, 503), answered
            assert self.ask_for_a_round(server) == 200
            assert server.get("/ready").status == 200
            self.check_files(server)

    def strike_stop(self, call, inject):
        """The main thread settles the tiles when the server stops."""
        with self.serve() as server:
            self.decide(server, [f"new-{number}" for number in range(self.behind - self.base.size)])
            assert self.ask_for_a_round(server) == 200
            self.see_head(server)
            tracer = Tracer(server.pid, call, inject, self.trace)
            try:
                server.process.send_signal(signal.SIGTERM)
                server.wait(20)
            finally:
                tracer.end()

    def strike_start(self, call, inject):
        """Recovery writes again what was not settled."""
        prefix = ["strace", "-D", "-q", "-f", "-y", "-o", str(self.trace), "-e", f"trace={call}"]
        server = self.serve([*prefix, *(["-e", f"inject={inject}"] if inject else [])])
        if server.port is not None:
            with server, contextlib.suppress(OSError, http.client.HTTPException):  # struck behind the ready line
                self.see_head(server)
            server.kill()
        else:
            assert server.process.returncode in (2, -signal.SIGKILL), (server.process.returncode, server.stderr())

    # What is promised.

    def check_files(self, server):
        """Everything under the head is there and right, every head ever seen is a beginning of it."""
        files = ledger.Files.over_http(server)
        head = files.head(self.trust)
        self.heads.append(head)
        entries, levels = files.check(head)
        for seen in self.heads:
            assert ledger.extends(levels, seen), f"{head} does not extend {seen}"
        assert ledger.extends(levels, self.trust.head((self.place / "mark").read_text()))
        return entries

    def check_executions(self, server, entries):
        for name, (status, body) in zip(self.names, parmana.read_executions(server.port, self.names)):
            assert status == 200, f"{name} is lost: {status} {body[:200]!r}"
            answer = json.loads(body)
            assert entries[answer["log"]["index"]] == self.trust.leaf_of(answer), name

    def confront(self):
        with self.serve() as server:
            self.see_head(server)
            self.decide(server, ["behind"])  # so that the round is not the one that was struck
            assert self.ask_for_a_round(server) == 200
            self.check_executions(server, self.check_files(server))
            assert server.evaluate(self.names[-1]).code() == "execution_identity_consumed"
            # Nothing of the struck round stands in the way when its tiles become full ones.
            more = WIDTH - server.get("/ready").json()["entries"] % WIDTH + 3
            self.decide(server, [f"later-{number}" for number in range(more)])
            status = self.ask_for_a_round(server)
            assert status == 200, (status, server.get("/ready").body, server.stderr()[-1000:])
            self.check_executions(server, self.check_files(server))
        parmana.verify_evidence(self.data, [self.names[-1]])
        parmana.must("log", "fsck", "--data", self.data)
        shutil.rmtree(self.place)


def struck_calls(trace):
    """How often each call came, in the thread that wrote to the log; out of a run without injection."""
    counts = {}
    for line in trace.read_text(errors="replace").splitlines():
        if call := re.match(r"(?:\d+ +)?(\w+)\(", line):
            counts[call[1]] = counts.get(call[1], 0) + 1
    return counts


class Strikes:
    def __init__(self, place):
        self.place = place
        self.bases = {span: Base(place, span[0]) for span in SPANS}
        self.count, self.number, self.kinds = 0, 0, {}

    def run(self, span):
        self.number += 1
        return Run(self.bases[span], span[1], self.number)

    def strike(self, span, phase, how, call, number):
        """False when the phase ended before the call came so often."""
        run = self.run(span)
        try:
            getattr(run, "strike_" + phase)(call, f"{call}:{HOW[how]}:when={number}")
            struck = run.was_struck()
            run.check_public()
            run.confront()
        except Exception as error:
            raise AssertionError(f"{span} {phase} {how} {call} {number}: {error}") from error
        if struck:
            self.count += 1
            self.kinds[f"{phase} {how}"] = self.kinds.get(f"{phase} {how}", 0) + 1
        return struck

    def calls_of(self, span, phase):
        """[(call, number)] of a run that nothing strikes."""
        run = self.run(span)
        getattr(run, "strike_" + phase)(",".join(CALLS), None)
        if phase == "start":
            points = points_of_the_log(run.trace)
        else:
            points = [(call, number + 1) for call, count in struck_calls(run.trace).items() for number in range(count)]
        run.confront()
        assert points, f"no call of the {phase} was seen"
        return points

    def all_of(self, span, phase, how):
        known = self.calls_of(span, phase)
        if phase == "start":  # other threads make calls of the same names, so that the end shows in no other way
            for call, number in known:
                self.strike(span, phase, how, call, number)
            return
        for call in sorted({call for call, _ in known}):
            number = 1
            while self.strike(span, phase, how, call, number):
                number += 1

    def some(self, wanted):
        """The moments around which names change, each in both ways; the rest spread over all phases and calls."""
        points = [(span, phase, call, number) for span in SPANS for phase in ("round", "stop", "start")
                  for call, number in self.calls_of(span, phase)]
        renames = [point for point in points if point[:2] == (SPANS[0], "round") and point[2].startswith("renameat")]
        chosen = [(how, *point) for how in HOW for point in renames]
        left = wanted - len(chosen)
        chosen += [(tuple(HOW)[at % 2], *points[at * len(points) // left]) for at in range(left)]
        for how, span, phase, call, number in chosen:
            self.strike(span, phase, how, call, number)
        return len(points)


def points_of_the_log(trace):
    """[(call, number)] in the log's directory or at the mark, each as the n-th of its name in its thread."""
    counts, found = {}, []
    for line in trace.read_text(errors="replace").splitlines():
        if call := re.match(r"(\d+) +(\w+)\(", line):
            counts[call.groups()] = counts.get(call.groups(), 0) + 1
            changes = call[2] != "openat" or "O_CREAT" in line
            if changes and re.search(r'/tlog\b|"tlog"|/mark\b|"mark', line):
                found.append((call[2], counts[call.groups()]))
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true")
    arguments = parser.parse_args()
    begun = time.monotonic()
    with parmana.scratch() as place:
        strikes = Strikes(place)
        if arguments.full:
            for span in SPANS:
                for phase in ("round", "stop", "start"):
                    for how in HOW:
                        strikes.all_of(span, phase, how)
                        print(f"{span} {phase} {how}: {strikes.count} strikes so far", flush=True)
        else:
            known = strikes.some(STRIKES_OF_THE_SHORT_TEST)
            print(f"{known} calls could be struck, in two ways each")
    print(json.dumps({"struck": strikes.count, **strikes.kinds, "seconds": round(time.monotonic() - begun)}))
    return 0 if strikes.count else 1


if __name__ == "__main__":
    sys.exit(main())
