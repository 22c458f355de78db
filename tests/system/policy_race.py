"""Somebody who can write to the folder of the policies, and cannot sign, swaps files in it ten thousand times: under
load, while versions are activated, over restarts. Nothing is ever decided by bytes that were not signed and activated.

    policy_race.py [--swaps N] [--seed S]
"""
import argparse
import collections
import json
import pathlib
import random
import shutil
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from changes import Caller, Replay, ask_control, export, install, policy_text  # noqa: E402

POLICY = "race"
VERSIONS = ("1.0.0", "1.1.0", "1.2.0")
RESTARTS = 4
# What an activation may say when it meets a file that is not what was signed.
REFUSALS = {"policy_altered", "policy_unsigned", "policy_unknown", "policy_invalid", "json_malformed", "member_missing",
            "member_invalid", "member_unknown", "rollback_refused", "io_failed", "data_corrupt"}
# And a request about a version that a start met in such a state, or that does not govern for good reasons.
PROBLEMS = {"policy_altered", "policy_unsigned", "policy_unknown", "policy_invalid", "policy_superseded",
            "policy_inactive", "member_invalid"}


class Swapper(threading.Thread):
    """Each swap is made and, a moment later, unmade: whoever reads in between reads the wrong thing."""

    def __init__(self, data, place, rng, count):
        super().__init__(daemon=True)
        self.folder = data / "policies" / POLICY
        self.evil, self.rng, self.count = place / "evil", rng, count
        self.done, self.kinds, self.failure = 0, collections.Counter(), None
        self.make_evil()

    def make_evil(self):
        """For each version a folder that is just as it should be, but for what it decides, and nobody signed that."""
        for version in VERSIONS:
            shutil.copytree(self.folder / version, self.evil / version)
            text = policy_text(POLICY, version).replace(f"rule-{version}", "evil").replace("decided", "was evil")
            (self.evil / version / "policy.json").write_text(text)
        # And one whose manifest says so, under signatures for another.
        for version in VERSIONS:
            forged = json.loads((self.folder / version / "bundle.json").read_text())
            other = json.loads((self.folder / VERSIONS[VERSIONS.index(version) - 1] / "bundle.json").read_text())
            forged["signatures"] = other["signatures"]
            (self.evil / version / "forged.json").write_text(json.dumps(forged, separators=(",", ":"), sort_keys=True))

    def run(self):
        swaps = (self.content, self.in_place, self.link, self.folder_link, self.folder_away, self.folder_evil,
                 self.folders_change_places, self.truncated, self.forged, self.envelope_away)
        try:
            while self.done < self.count:
                swap = self.rng.choice(swaps)
                swap(self.folder / self.rng.choice(VERSIONS))
                self.kinds[swap.__name__] += 1
                self.done += 1
        except OSError as why:
            self.failure = why

    def moment(self):
        time.sleep(self.rng.choice((0, 0, 0.0002, 0.001)))

    def aside(self, path):
        """Gives way by a rename, and comes back by one."""
        aside = path.with_name(path.name + ".aside")
        path.rename(aside)
        return aside

    def replaced(self, file, content):
        """By a rename over it, so that no reader sees a half of it."""
        good = file.read_bytes()
        for bytes_of in (content, good):
            fresh = file.with_name(".fresh")
            fresh.write_bytes(bytes_of)
            fresh.replace(file)
            self.moment()

    def content(self, folder):
        self.replaced(folder / "policy.json", (self.evil / folder.name / "policy.json").read_bytes())

    def forged(self, folder):
        self.replaced(folder / "bundle.json", (self.evil / folder.name / "forged.json").read_bytes())

    def in_place(self, folder):
        file = folder / "policy.json"
        good = file.read_bytes()
        for bytes_of in ((self.evil / folder.name / "policy.json").read_bytes(), good):
            with open(file, "r+b") as stream:
                stream.write(bytes_of)
                stream.truncate()
            self.moment()

    def truncated(self, folder):
        file = folder / self.rng.choice(("policy.json", "bundle.json"))
        good = file.read_bytes()
        with open(file, "r+b") as stream:
            stream.truncate(self.rng.randrange(len(good)))
        self.moment()
        file.write_bytes(good)

    def link(self, folder):
        file = folder / self.rng.choice(("policy.json", "bundle.json"))
        aside = self.aside(file)
        file.symlink_to(self.evil / folder.name / file.name)
        self.moment()
        aside.replace(file)

    def envelope_away(self, folder):
        aside = self.aside(folder / "bundle.json")
        self.moment()
        aside.rename(folder / "bundle.json")

    def folder_away(self, folder):
        aside = self.aside(folder)
        self.moment()
        aside.rename(folder)

    def folder_link(self, folder):
        aside = self.aside(folder)
        folder.symlink_to(self.evil / folder.name)
        self.moment()
        folder.unlink()
        aside.rename(folder)

    def folder_evil(self, folder):
        aside = self.aside(folder)
        evil = self.evil / folder.name
        evil.rename(folder)
        self.moment()
        folder.rename(evil)
        aside.rename(folder)

    def folders_change_places(self, folder):
        other = self.folder / VERSIONS[VERSIONS.index(folder.name) - 1]
        aside = self.aside(folder)
        other.rename(folder)
        aside.rename(other)
        self.moment()
        aside = self.aside(folder)
        other.rename(folder)
        aside.rename(other)


def change_all_the_time(data, swapper, rng, until, outcomes):
    """Activates and goes back, as often as it can, until so many swaps are made."""
    while swapper.done < until and swapper.is_alive():
        version = rng.choice(VERSIONS)
        keep = [other for other in VERSIONS if other != version and rng.random() < 0.5]
        what = rng.choice(("policy_activate", "policy_rollback"))
        changed, said = ask_control(data, what, POLICY, version, keep if what == "policy_activate" else ())
        outcomes["changed" if changed else said] += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--swaps", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    rng = random.Random(arguments.seed)
    faults, told, outcomes = [], [], collections.Counter()
    with parmana.scratch() as place:
        data = parmana.init(place / "data", demo=False)
        for version in VERSIONS:
            install(data, POLICY, version)
            parmana.must("policy", "activate", f"{POLICY}@{version}", "--data", data)
        swapper = Swapper(data, place, random.Random(rng.random()), arguments.swaps)
        swapper.start()
        for round_number in range(RESTARTS + 1):
            # A start reads what is there at that moment, whatever it is.
            with parmana.Server(data) as server:
                version_of = lambda: (rng.choice(VERSIONS), "")  # noqa: E731
                callers = [Caller(server.port, f"round{round_number}-{i}", POLICY, version_of) for i in range(4)]
                for caller in callers:
                    caller.start()
                until = arguments.swaps * (round_number + 1) // (RESTARTS + 1)
                change_all_the_time(data, swapper, rng, until, outcomes)
                for caller in callers:
                    caller.finish()
                    faults += [f"{caller.prefix}: {caller.failure!r}"] if caller.failure else []
                    told += caller.told
                if server.process.poll() is not None:
                    faults.append(f"the server ended: {server.stderr()[-2000:]}")
            if server.process.returncode != 0:
                faults.append(f"the server ended with {server.process.returncode}")
        swapper.join(60)
        faults += [f"the swapper: {swapper.failure!r}"] if swapper.failure else []
        replay = Replay(export(data, place / "export.jsonl"))
        replay.compare(told)
        faults += replay.faults
        # And with everything in its place all is as it was.
        with parmana.Server(data):
            changed, said = ask_control(data, "policy_activate", POLICY, VERSIONS[-1])
            faults += [] if changed else [f"in the end: {said}"]
    faults += [f"{one}" for one in told if one.status != 200 and (one.status, one.word in PROBLEMS) != (422, True)]
    faults += [f"{one}" for one in told if one.status == 200 and one.rule != f"rule-{one.version}"]
    faults += [f"a change was answered {code}" for code in outcomes if code != "changed" and code not in REFUSALS]
    answers = collections.Counter(one.word for one in told)
    print("\n".join(faults[:20]) + ("\n" if faults else "") +
          f"{swapper.done} swaps {dict(swapper.kinds)}\nchanges {dict(outcomes)}\nanswers {dict(answers)}\n"
          f"{len(replay.decisions)} decisions, {RESTARTS} restarts, {len(faults)} faults")
    enough = swapper.done >= arguments.swaps and outcomes["changed"] > 10 and len(outcomes) > 1
    return 0 if not faults and enough else 1


if __name__ == "__main__":
    sys.exit(main())
