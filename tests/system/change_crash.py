"""Kills the server while a policy or a trust root comes into force, restarts it unattended, and asks what is in force.

    change_crash.py [--kills N] [--full] [--seed S]

Classes: `point` (SIGKILL at the entry of each system call below the data directory that such a change makes, one after
the other; with --full also of those that only open files), `random` (at any moment around a change) and `loaded` (the
same, with callers). After each restart the change either stands in the ledger and is in force, or it never happened,
and can be made; who was told that it happened was told the truth. A root of which there is only the file is taken back.
"""
import argparse
import json
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ledger  # noqa: E402
import parmana  # noqa: E402
from changes import Caller, Replay, ask_control, export, install  # noqa: E402
from crash import counted_calls  # noqa: E402

POLICY = "crash"
CALLS = ("pwrite64", "fdatasync", "fsync", "rename", "renameat", "renameat2", "mkdir", "mkdirat", "unlink", "unlinkat",
         "ftruncate", "fallocate", "write")
QUIET = {"PARMANA_CHECKPOINT_INTERVAL_MS": "60000"}


class Change:
    """One change, asked for in a thread of its own; `told` is what came of it, nothing when nobody said."""

    def __init__(self, crash):
        self.told = None
        self.before = crash.state()
        self.thread = threading.Thread(target=self.run, args=(crash,), daemon=True)

    def run(self, crash):
        try:
            self.told = self.make(crash)
        except (OSError, subprocess.TimeoutExpired):
            pass

    def start(self):
        self.thread.start()

    def finish(self):
        self.thread.join(60)
        assert not self.thread.is_alive(), "a change hangs"


class PolicyChange(Change):
    kind = "policy"

    def make(self, crash):
        changed, said = ask_control(crash.data, "policy_activate", POLICY, crash.version(1))
        assert changed, said
        return True


class RootChange(Change):
    kind = "root"

    def __init__(self, crash):
        super().__init__(crash)
        self.document = crash.next_root()

    def make(self, crash):
        changed, said = ask_control(crash.data, "root_activate", document=self.document)
        assert changed, said
        return True


class Crash:
    def __init__(self, place, seed, calls):
        self.rng = random.Random(seed)
        self.calls = calls
        self.place = place
        self.data = parmana.init(place / "data", demo=False)
        self.number = 0
        install(self.data, POLICY, self.version(0))
        parmana.must("policy", "activate", f"{POLICY}@{self.version(0)}", "--data", self.data)
        self.told, self.faults = [], []
        self.kills = {"point": 0, "random": 0, "loaded": 0}
        self.made = {"in force": 0, "never happened": 0, "root file without entry": 0}
        self.rounds = 0

    def version(self, ahead):
        return f"1.0.{self.number + ahead}"

    def install_next(self):
        if not (self.data / "policies" / POLICY / self.version(1)).exists():
            install(self.data, POLICY, self.version(1))

    def state(self):
        """(number of policy events, version of the newest root), by the segments of a directory at rest."""
        entries = ledger.read_entries(self.data)
        return (sum(1 for entry in entries if entry.kind == "policy"),
                1 + sum(1 for entry in entries if entry.kind == "key"))

    def next_root(self):
        """A successor of the newest root with another attestation key, signed."""
        parmana.must("trust", "export", "--data", self.data, "--out", self.place / f"root-{self.rounds}.json")
        shown = parmana.must("trust", "show", "--data", self.data)
        from_entry = re.findall(r"in force from entry (\d+) on", shown)[-1]
        made = parmana.must("keys", "generate", "--role", "attestation", "--data", self.data)
        public = re.search(r"public key: +(\S+)", made)[1]
        root = json.loads((self.place / f"root-{self.rounds}.json").read_text())
        old, = root["signed"]["roles"]["attestation"]["keyids"]
        draft = self.place / f"next-{self.rounds}.json"
        parmana.must("trust", "rotate", self.place / f"root-{self.rounds}.json", "--in-force-from", from_entry,
                     "--role", "attestation", "--key-id", old, "--key", public, "--out", draft)
        parmana.must("trust", "sign", draft, "--key", self.data / "keys/root.key")
        return draft.read_text()

    def callers(self, server):
        version = lambda: (self.version(0), "")  # noqa: E731
        return [Caller(server.port, f"r{self.rounds}-{i}", POLICY, version, "?attestation=log" if i == 2 else "")
                for i in range(3)]

    def round(self, kind, change, kill, loaded=False):
        """One kill: `kill` gets the server and the change, and ends the server."""
        self.rounds += 1
        self.install_next()
        change = change(self)
        with parmana.Server(self.data, environment={} if loaded else QUIET) as server:
            callers = self.callers(server) if loaded else []
            for caller in callers:
                caller.start()
            time.sleep(0.05 if loaded else 0)
            killed = kill(server, change)
            change.finish()
            for caller in callers:
                caller.finish()  # without its server it has failed, and that is no fault
                self.told += caller.told
        if killed:
            self.kills[kind] += 1
            self.confront(change)
        else:
            self.settle(change, self.state())
        return killed

    def confront(self, change):
        """What the restarted server has in force is what its ledger says, the change whole or not at all."""
        files = len(list((self.data / "trust").glob("*.json"))) if (self.data / "trust").exists() else 0
        with parmana.Server(self.data, environment=QUIET) as server:
            now = self.state()
            answers = {ahead: server.post("/evaluate", {
                "policyId": POLICY, "policyVersion": self.version(ahead), "executionId": f"after-{self.rounds}-{ahead}",
                "signals": {"claim_amount": 1}}) for ahead in (0, 1)}
        happened = now != change.before
        step = (1, 0) if change.kind == "policy" else (0, 1)
        if happened and now != (change.before[0] + step[0], change.before[1] + step[1]):
            self.faults.append(f"round {self.rounds}: {change.kind}: from {change.before} to {now}")
        if change.told and not happened:
            self.faults.append(f"round {self.rounds}: {change.kind}: told, and lost")
        wanted = {0: "policy_superseded", 1: 200} if happened and change.kind == "policy" else \
            {0: 200, 1: "policy_inactive"}
        for ahead, answer in answers.items():
            if wanted[ahead] not in (answer.status, answer.code()):
                self.faults.append(f"round {self.rounds}: {change.kind}: version +{ahead} is answered {answer.body!r}")
        roots = len(list((self.data / "trust").glob("*.json"))) + 1 if (self.data / "trust").exists() else 1
        if roots != now[1]:
            self.faults.append(f"round {self.rounds}: {roots} files of roots, {now[1]} in the ledger")
        self.made["in force" if happened else "never happened"] += 1
        self.made["root file without entry"] += files + 1 > now[1]
        fsck = parmana.run("log", "fsck", "--data", self.data)
        if fsck.returncode != 0:
            self.faults.append(f"round {self.rounds}: fsck: {fsck.stdout}{fsck.stderr}")
        self.settle(change, now)

    def settle(self, change, now):
        if change.kind == "policy" and now[0] > change.before[0]:
            self.number += 1

    # How the server dies.

    def points(self, change):
        """The calls below the data directory that a change makes, each as the how many-th of its thread."""
        trace = self.place / "change.trace"

        def follow(server, made):
            with parmana.Strace(server.pid, ",".join(self.calls) + ":delay_enter=0", trace, ["-y"]):
                made.start()
                made.finish()
            return False

        self.round("point", change, follow)
        found = [(call, number) for call, number, line in counted_calls(trace) if str(self.data) in line]
        return sorted(set(found))

    def kill_at(self, point):
        def kill(server, change):
            call, number = point
            with parmana.Strace(server.pid, f"{call}:signal=SIGKILL:when={number}") as tracer:
                change.start()
                try:
                    return server.wait(2) == -signal.SIGKILL
                except subprocess.TimeoutExpired:
                    tracer.kill()
                    server.kill()
                    return False
        return kill

    def kill_after(self, longest):
        def kill(server, change):
            time.sleep(self.rng.uniform(0, 0.002))
            change.start()
            time.sleep(self.rng.uniform(0, longest))
            return server.kill() == -signal.SIGKILL
        return kill


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=7, help="random ones of each class and kind")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    with parmana.scratch() as place:
        crash = Crash(place, arguments.seed, (*CALLS, "openat") if arguments.full else CALLS)
        for change in (PolicyChange, RootChange):
            if shutil.which("strace"):
                points = crash.points(change)
                for point in points:
                    crash.round("point", change, crash.kill_at(point))
                print(f"{change.kind}: {len(points)} points {points}", flush=True)
            for _ in range(arguments.kills):
                crash.round("random", change, crash.kill_after(0.04))
                crash.round("loaded", change, crash.kill_after(0.1), loaded=True)
        replay = Replay(export(crash.data, place / "export.jsonl"))
        replay.compare([one for one in crash.told if one.status == 200])
    faults = crash.faults + replay.faults
    faults += [f"{one}" for one in crash.told if one.status not in (200, 503) and one.word != "policy_superseded"]
    print("\n".join(faults[:20]) + ("\n" if faults else "") +
          f"kills {crash.kills}, changes {crash.made}; {len(crash.told)} answers, {len(replay.decisions)} decisions, "
          f"{len(faults)} faults")
    return 0 if not faults and sum(crash.kills.values()) >= 30 and all(crash.kills.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
