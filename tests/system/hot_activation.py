"""A hundred versions of a policy come into force one after the other, and five keys change, under full load: no request
fails, and every decision is by what governed at its place in the ledger.

    hot_activation.py [--versions N]
"""
import argparse
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from changes import Caller, Replay, export, install  # noqa: E402

POLICY = "hot"
ROTATIONS = ("attestation", "log", "attestation", "log", "attestation")
UNKEPT_EVERY = 4  # every so many activations keep no version beside the new one


class Newest:
    """What callers know of the versions: the one that governed last, as far as anybody was told."""

    def __init__(self):
        self.number = 0

    def asked(self):
        return version(self.number), version(self.number)

    def older(self):
        return version(max(0, self.number - 3)), version(self.number)


def version(number):
    return f"1.0.{number}"


def activate_all(data, newest, count):
    """Returns how long each of the changes took."""
    rotate_at = {(count * (2 * i + 1)) // (2 * len(ROTATIONS)): role for i, role in enumerate(ROTATIONS)}
    took = []
    for number in range(1, count + 1):
        keep = () if number % UNKEPT_EVERY == 0 else ("--keep", version(number - 1))
        began = time.monotonic()
        parmana.must("policy", "activate", f"{POLICY}@{version(number)}", "--data", data, *keep)
        took.append(time.monotonic() - began)
        newest.number = number
        if number in rotate_at:
            parmana.must("keys", "rotate", "--data", data, "--role", rotate_at[number])
    return took


def judge(callers, replay, count):
    told = [one for caller in callers for one in caller.told]
    faults = [f"{caller.prefix}: {caller.failure!r}" for caller in callers if caller.failure]
    faults += replay.faults
    for one in told:
        superseded = (one.status, one.word) == (422, "policy_superseded")
        if one.status != 200 and not superseded:
            faults.append(f"failed: {one}")
        # What a caller knew to be newest when it asked can only be superseded by what came while it waited.
        if superseded and ("policy_superseded", one.version) not in replay.refusals.get(one.name, []):
            faults.append(f"refused, and not in the ledger: {one}")
    said = replay.compare(told)
    faults += [f"{name} was decided, and nobody was told" for name in set(replay.decisions) - set(said)]
    activations = [event for event in replay.events if event[3] == "activated" and event[1] == POLICY]
    if [event[2] for event in activations] != [version(number) for number in range(count + 1)]:
        faults.append(f"these were activated: {activations}")
    if replay.root != len(ROTATIONS) + 1:
        faults.append(f"the root in force is {replay.root}")
    decided_by = {entry[1] for entry in replay.decisions.values()}
    return faults, told, said, decided_by


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--versions", type=int, default=100)
    count = parser.parse_args().versions
    with parmana.scratch() as place:
        data = parmana.init(place / "data", demo=False)
        for number in range(count + 1):
            install(data, POLICY, version(number))
        parmana.must("policy", "activate", f"{POLICY}@{version(0)}", "--data", data)
        newest = Newest()
        with parmana.Server(data) as server:
            callers = [Caller(server.port, f"alone{i}", POLICY, newest.asked) for i in range(4)]
            callers += [Caller(server.port, "by-log", POLICY, newest.asked, query="?attestation=log"),
                        Caller(server.port, "batch", POLICY, newest.asked, batch=8),
                        Caller(server.port, "batch-by-log", POLICY, newest.asked, query="?attestation=log", batch=8),
                        Caller(server.port, "behind", POLICY, newest.older)]
            began = time.monotonic()
            for caller in callers:
                caller.start()
            took = activate_all(data, newest, count)
            for caller in callers:
                caller.finish()
            seconds = time.monotonic() - began
        replay = Replay(export(data, place / "export.jsonl"))
        faults, told, said, decided_by = judge(callers, replay, count)
    took.sort()
    for fault in faults[:20]:
        print(fault)
    failed = sum(1 for one in told if one.status != 200 and one.word != "policy_superseded")
    print(f"{len(told)} requests in {seconds:.1f} s, {len(told) / seconds:.0f}/s: {len(said)} decided, "
          f"{len(told) - len(said) - failed} superseded, {failed} failed")
    middle = took[len(took) // 2]
    print(f"{count} activations and {len(ROTATIONS)} rotations; an activation took {middle * 1000:.0f} ms "
          f"(median), {took[-1] * 1000:.0f} ms (longest); {len(decided_by)} versions decided; {len(faults)} faults")
    enough = len(decided_by) > count * 3 // 4 and len(said) > 10 * count
    return 0 if not faults and enough else 1


if __name__ == "__main__":
    sys.exit(main())
