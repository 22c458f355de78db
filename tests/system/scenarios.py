"""Runs tests/scenarios/*.txt: what happens to keys, policies and releases in their lives, told in lines.

    scenarios.py [FILE] [-k WORD_OF_A_TITLE]…

A line at the margin begins a scenario and is its title; `Given NAME` at the margin begins a starting point instead,
which scenarios share. What is indented are the steps, one a line; a line that is indented deeper goes on with the one
above it. `#` begins a comment. Every scenario works in an empty directory of its own, where `data` is the data
directory that it is about, and ends with a server stopped and `parmana log fsck` content.

    given NAME                          first: go on from where that starting point ended
    parmana WORDS…                      the command line, as in a shell
    serve [OPTIONS…]                    start the server on `data`
    stop | kill                         end it by SIGTERM, which has to succeed, or by SIGKILL
    ask ID of POLICY@VERSION [about AMOUNT]
                                        a decision about a claim of 1200, or of AMOUNT
    get PATH                            of the running server
    control TEXT                        one line on the control socket: its answer is OK or CODE
    evidence ID to FILE                 as the directory gives it under a fresh head
    verify FILES with ROOT [at TIME]    `parmana verify` and `parmana-verify`, which must agree: VALID, or INVALID
                                        and the names of all checks that fail; `*` in FILES stands for anything
    policy ID@VERSION DECISION          write the folder `ID@VERSION`: a policy that approves, rejects or asks
    release N [after FILE] admits HASH… to FILE
                                        write the manifest of a release, which nobody signed
    folder A | copy A to B | move A to B | remove A | link A to B
                                        files or folders; a B that is there gives way; the link A leads to B
    in FILE put "TEXT" for "TEXT"       the second text has to stand there
    re-sign FILE with KEY to FILE       evidence whose attestation this key signed instead
    double FILE to FILE                 the document with its first signature twice
    in BUNDLE state MEMBER = JSON, signed by KEY
    in BUNDLE change NAME: put "TEXT" for "TEXT", signed by KEY
                                        another manifest, or other content of a file, that this key signed all the same
    swap the signatures of A and B      of two bundles or installed policies
    use the newer program               from here on: the same one with another executable hash
    use the first program
    passphrase TEXT | no passphrase     what opens encrypted keys from here on
    wait until TIME
    logged N times KIND NAME [CODE]     so many entries are about an execution, refusal, replay, policy, root, release
    N times:                            do what is indented below N times, with {n} = 1, 2, …

Behind `=>` stands what has to come of a step; otherwise it just has to succeed: EXIT [CODE] of a command (0 when
nothing is said), STATUS and the decision or CODE of a request, and for both says "TEXT", or never says "TEXT", as
often as XX
"""
import datetime
import glob
import json
import os
import pathlib
import re
import shlex
import shutil
import socket
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ledger  # noqa: E402
import parmana  # noqa: E402
import reference  # noqa: E402
from releasing import RELEASE_TYPE  # noqa: E402

TEXTS = pathlib.Path(__file__).resolve().parents[1] / "scenarios"
DECISIONS = {"approves": ("approve", False), "rejects": ("reject", False), "asks": ("review", True)}
SOON_SECONDS = 4
KEEP_GOING = {"PARMANA_CHECKPOINT_INTERVAL_MS": "100"}


class Wrong(AssertionError):
    """A scenario that does not come true."""


def require(condition, said):
    if not condition:
        raise Wrong(said)


# --- reading

class Line:
    def __init__(self, text, where):
        self.text, self.where, self.block = text, where, []


def indentation(raw):
    return len(raw) - len(raw.lstrip(" "))


def read_block(lines, depth):
    """Steps of this depth, off the front of `lines`: pairs of a number and a raw line."""
    out = []
    while lines and indentation(lines[0][1]) >= depth:
        number, raw = lines[0]
        if indentation(raw) == depth:
            out.append(Line(raw.strip(), number))
            lines.pop(0)
        elif out and out[-1].text.endswith(":"):
            out[-1].block = read_block(lines, indentation(raw))
        else:
            require(out, f"line {number} is indented too much")
            out[-1].text += " " + raw.strip()
            lines.pop(0)
    return out


def read_file(path):
    """(title, steps) of each scenario, and by name the steps of each starting point."""
    lines = [(number, raw.rstrip()) for number, raw in enumerate(path.read_text().splitlines(), 1)
             if raw.strip() and not raw.lstrip().startswith("#")]
    scenarios, givens = [], {}
    while lines:
        number, title = lines.pop(0)
        require(not title.startswith(" "), f"{path.name}:{number}: a step without scenario")
        depth = indentation(lines[0][1]) if lines else 0
        require(depth > 0, f"{path.name}:{number}: a scenario without steps")
        steps = read_block(lines, depth)
        for step in steps:
            step.where = f"{path.name}:{step.where}"
        if title.startswith("Given "):
            givens[title.removeprefix("Given ")] = steps
        else:
            scenarios.append((title, steps))
    return scenarios, givens


class Expected:
    """What stands behind `=>`."""

    def __init__(self, text):
        self.never = re.findall(r'never says "([^"]*)"', text)
        text = re.sub(r'never says "[^"]*"', "", text)
        self.says = re.findall(r'says "([^"]*)"', text)
        self.words = re.sub(r'says "[^"]*"', "", text).replace(",", " ").split()

    def check_text(self, said):
        for text in self.says:
            require(text in said, f"it does not say `{text}` but: {said.strip()}")
        for text in self.never:
            require(text not in said, f"it says `{text}`: {said.strip()}")


# --- doing

def rfc3339(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def put_away(path):
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def copy(source, target):
    put_away(target)
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("control.sock"))
    else:
        shutil.copy2(source, target)


def key_id_of(path):
    lines = parmana.must("keys", "public", path).strip().split("\n")
    return reference.key_id(reference.unb64("".join(lines[1:-1]))[12:])


def policy_text(identity, version, decision):
    action, override = DECISIONS[decision]
    rule = {"id": f"rule-{version}", "condition": {"all": []},
            "outcome": {"action": action, "requires_override": override, "reason": f"version {version} {decision}"}}
    signals = {"claim_amount": {"type": "integer", "required": True, "minimum": 0}}
    return json.dumps({"policyId": identity, "policyVersion": version, "schemaVersion": "1.0.0",
                       "signalsSchema": signals, "rules": [rule]}, indent=2) + "\n"


class World:
    """Where one scenario happens."""

    def __init__(self, here, points):
        self.here, self.points = here, points
        self.server = None
        self.soon = None
        self.entry = None
        self.counter = None
        self.binary = parmana.BINARY
        self.environment = {}

    def path(self, name):
        return self.here / name

    # The steps, by their first word. Each takes the match of its form and what is expected.

    def given(self, match, _):
        self.points.restore(match[1])

    def parmana(self, match, expected):
        self.expect_exit(self.run(*shlex.split(match[1])), expected)

    def run(self, *words, binary=None):
        argv = [str(binary or self.binary), *words]
        done = parmana.subprocess.run(argv, capture_output=True, text=True, timeout=60, check=False,
                                      stdin=parmana.subprocess.DEVNULL, env={**os.environ, **self.environment})
        changed = re.search(r"with entry (\d+)$", done.stdout, re.MULTILINE)
        if changed:
            self.entry = changed[1]
        return done

    @staticmethod
    def expect_exit(done, expected):
        exit_code, code, *more = [*expected.words, None, None] if expected.words else ["0", None]
        require(not any(more), f"`{more}` is no expectation")
        said = done.stdout + done.stderr
        require(done.returncode == int(exit_code), f"it ended with {done.returncode}: {said.strip()}")
        require(code is None or re.search(rf"\b{code}: ", said), f"the code is not `{code}`: {said.strip()}")
        expected.check_text(said)

    def serve(self, match, expected):
        require(self.server is None, "a server is at work already")
        options = shlex.split(match[1])
        if expected.words:
            words = ("serve", "--data", "data", "--listen", "127.0.0.1:0", *options)
            return self.expect_exit(self.run(*words), expected)
        self.server = parmana.Server(self.path("data"), environment={**KEEP_GOING, **self.environment},
                                     options=options, binary=self.binary).__enter__()

    def stop(self, *_):
        server, self.server = self.server, None
        require(server is not None, "no server is at work")
        require(server.stop() == 0, f"the server ended badly: {server.stderr()[-2000:]}")

    def kill(self, *_):
        server, self.server = self.server, None
        require(server is not None, "no server is at work")
        server.kill()

    def ask(self, match, expected):
        identity, policy, version, amount = match.groups()
        body = {"policyId": policy, "policyVersion": version, "executionId": identity,
                "signals": {"claim_amount": int(amount or 1200)}}
        answer = self.server.post("/evaluate", body)
        document = answer.json()
        wanted = [*expected.words, None][:2] if expected.words else ["200", None]
        self.expect_answer(answer, document.get("decision") or document.get("code"), wanted, expected)

    @staticmethod
    def expect_answer(answer, word, wanted, expected):
        require((str(answer.status), word if wanted[1] else None) == tuple(wanted),
                f"the answer is {answer.status} {word}: {answer.body.decode()[:600]}")
        expected.check_text(answer.body.decode())

    def get(self, match, expected):
        answer = self.server.get(match[1])
        wanted = [*expected.words, None][:2] if expected.words else ["200", None]
        self.expect_answer(answer, answer.code(), wanted, expected)

    def control(self, match, expected):
        with socket.socket(socket.AF_UNIX) as peer:
            peer.settimeout(10)
            peer.connect(str(self.path("data/control.sock")))
            peer.sendall(match[1].encode().decode("unicode_escape").encode() + b"\n")
            said = peer.makefile().readline()
        code = said.split(" ")[1] if said.startswith("error ") else "ok"
        require([code] == (expected.words or ["ok"]), f"the answer is {said}")
        expected.check_text(said)

    def evidence(self, match, _):
        identity, file = match.groups()
        put_away(self.path(file))
        self.must("log", "checkpoint", "--data", "data")
        self.must("evidence", identity, "--data", "data", "--out", file)

    def must(self, *words):
        done = self.run(*words)
        require(done.returncode == 0, f"`{' '.join(words)}` ended with {done.returncode}: {done.stdout}{done.stderr}")

    def verify(self, match, expected):
        pattern, root, at = match.groups()
        files = sorted(glob.glob(pattern, root_dir=self.here))
        require(files, f"there is no `{pattern}`")
        word, *wanted = expected.words or ["VALID"]
        require(word in ("VALID", "INVALID") and bool(wanted) == (word == "INVALID"), f"`{word}` is no verdict")
        for file in files:
            words = [file, "--trust", root, "--json", *(["--at", at] if at else [])]
            first = self.run("verify", *words)
            second = self.run(*words, binary=parmana.VERIFIER)
            require((first.returncode, first.stdout) == (second.returncode, second.stdout),
                    f"the two verifiers do not agree: {first.stdout}{first.stderr}{second.stdout}{second.stderr}")
            require(first.returncode in (0, 1), f"{file}: {first.stdout}{first.stderr}")
            checks = json.loads(first.stdout)["checks"]
            failed = {check["name"]: check["detail"] for check in checks if check["outcome"] == "failed"}
            require(set(failed) == set(wanted), f"{file}: these fail: {failed or 'none'}")
            expected.check_text(first.stdout)

    def policy(self, match, _):
        identity, version, decision = match.groups()
        folder = self.path(f"{identity}@{version}")
        put_away(folder)
        folder.mkdir()
        (folder / "policy.json").write_text(policy_text(identity, version, decision))

    def release(self, match, _):
        number, previous, hashes, file = match.groups()
        before = reference.unb64(json.loads(self.path(previous).read_text())["payload"]) if previous else None
        artifacts = [{"digest": reference.wire(bytes(32)), "path": "parmana", "size": 1}]
        manifest = {"artifacts": artifacts, "counter": int(number), "format": "parmana-release/1",
                    "runtimeHashes": sorted(hashes.split()), "version": f"0.{number}.0"}
        if before:
            manifest["previous"] = reference.wire(reference.sha256(before))
        self.path(file).write_text(reference.jcs({"payload": reference.b64(reference.canonical(manifest)),
                                                  "payloadType": RELEASE_TYPE, "signatures": []}))

    def folder(self, match, _):
        self.path(match[1]).mkdir(0o700)

    def copy(self, match, _):
        copy(self.path(match[1]), self.path(match[2]))

    def move(self, match, _):
        put_away(self.path(match[2]))
        self.path(match[1]).rename(self.path(match[2]))

    def remove(self, match, _):
        require(self.path(match[1]).exists(), "it is not there")
        put_away(self.path(match[1]))

    def link(self, match, _):
        put_away(self.path(match[1]))
        self.path(match[1]).symlink_to(self.path(match[2]))

    def replace(self, match, _):
        file, new, old = match.groups()
        text = self.path(file).read_text()
        require(old in text, f"`{old}` does not stand in {file}")
        self.path(file).write_text(text.replace(old, new, 1))

    def resign(self, match, _):
        source, key, target = match.groups()
        evidence = json.loads(self.path(source).read_text())
        envelope = evidence["envelope"]
        evidence["envelope"] = reference.envelope_of(envelope["payloadType"], reference.unb64(envelope["payload"]),
                                                     reference.seed_of(self.path(key)))
        self.path(target).write_text(reference.jcs(evidence))

    def double(self, match, _):
        document = json.loads(self.path(match[1]).read_text())
        holder = document.get("envelope", document)
        holder["signatures"] = [holder["signatures"][0], *holder["signatures"]]
        self.path(match[2]).write_text(reference.jcs(document) + "\n")

    def restate(self, match, _):
        file, member, value, key = match.groups()
        bundle = json.loads(self.path(file).read_text())
        manifest = json.loads(reference.unb64(bundle["envelope"]["payload"]))
        self.write_bundle(file, bundle, {**manifest, member: json.loads(value)}, key)

    def change(self, match, _):
        file, name, new, old, key = match.groups()
        bundle = json.loads(self.path(file).read_text())
        manifest = json.loads(reference.unb64(bundle["envelope"]["payload"]))
        content = reference.unb64(bundle["files"][name])
        require(old.encode() in content, f"`{old}` does not stand in {name}")
        content = content.replace(old.encode(), new.encode(), 1)
        bundle["files"][name] = reference.b64(content)
        for row in manifest["files"]:
            if row["path"] == name:
                row["digest"] = reference.wire(reference.sha256(content))
        self.write_bundle(file, bundle, manifest, key)

    def write_bundle(self, file, bundle, manifest, key):
        bundle["envelope"] = reference.envelope_of(bundle["envelope"]["payloadType"], reference.canonical(manifest),
                                                   reference.seed_of(self.path(key)))
        self.path(file).write_text(reference.jcs(bundle) + "\n")

    def swap(self, match, _):
        documents = [json.loads(self.path(name).read_text()) for name in match.groups()]
        holders = [document.get("envelope", document) for document in documents]
        holders[0]["signatures"], holders[1]["signatures"] = holders[1]["signatures"], holders[0]["signatures"]
        for name, document in zip(match.groups(), documents):
            self.path(name).write_text(reference.jcs(document))

    def use(self, match, _):
        self.binary = self.newer() if match[1] == "newer" else parmana.BINARY

    def newer(self):
        newer = self.path("newer-parmana")
        if not newer.exists():
            newer.write_bytes(parmana.BINARY.read_bytes() + b"\0")
            newer.chmod(0o755)
        return newer

    def passphrase(self, match, _):
        self.environment = {}
        if match[1]:
            file = self.path("passphrase")
            file.touch(0o600)
            file.write_text(match[1] + "\n")
            self.environment = {"PARMANA_KEY_PASSPHRASE_FILE": str(file)}

    def wait(self, match, _):
        until = datetime.datetime.fromisoformat(match[1]).timestamp()
        time.sleep(max(0.0, until - time.time()) + 0.05)

    def logged(self, match, _):
        count, kind, name, code = match.groups()
        about = [f"{entry.kind} {entry.name} {entry.code}".strip() for entry in ledger.read_entries(self.path("data"))]
        kind = "decision" if kind == "execution" else "key" if kind == "root" else kind
        wanted = f"{kind} {name} {code or ''}".strip()
        found = sum(1 for one in about if one == wanted or (code is None and one.startswith(wanted + " ")))
        require(found == int(count), f"{found} times; the ledger has {about}")

    # One step after the other.

    def value_of(self, name):
        if name == "soon":
            self.soon = self.soon or time.time() + SOON_SECONDS
        times = {"soon": self.soon, "later": 20 * 365 * 86400 + int(time.time()), "past": 1_600_000_000}
        if name in times:
            return rfc3339(times[name])
        if name.startswith("id "):
            return key_id_of(self.path(name[3:]))
        if name.startswith("name "):
            file = self.path(name[5:])
            return f"{file.read_text().split(' ')[1]}-{key_id_of(file)[:16]}.key"
        runtimes = {"runtime": parmana.BINARY, "newer runtime": None}
        if name in runtimes:
            said = parmana.must("version", "--json", binary=runtimes[name] or self.newer())
            return json.loads(said)["runtimeHash"]
        known = {"entry": self.entry, "n": self.counter, "policies": str(parmana.ROOT / "policies"),
                 "other runtime": reference.wire(bytes(32))}
        require(known.get(name) is not None, f"`{{{name}}}` stands for nothing")
        return str(known[name])

    def play(self, steps):
        for step in steps:
            try:
                self.play_one(step)
            except Wrong as why:
                if str(why).startswith("at "):
                    raise
                raise Wrong(f"at {step.where}: {step.text}\n{why}") from None

    def play_one(self, step):
        if again := re.fullmatch(r"(\d+) times:", step.text):
            for self.counter in range(1, int(again[1]) + 1):
                self.play(step.block)
            self.counter = None
            return
        require(not step.block, "nothing can be indented below this")
        if self.counter is not None:
            step = Line(step.text.replace("{n}", str(self.counter)), step.where)
        text = re.sub(r"\{(\w[^{}\":]*)\}", lambda found: self.value_of(found[1]), step.text)
        text, _, expected = text.partition(" => ")
        for form, method in FORMS:
            if match := re.fullmatch(form, text):
                return method(self, match, Expected(expected))
        raise Wrong("no step has this form")

    def end(self):
        if self.server is not None:
            self.stop()
        if self.path("data/format").exists():
            self.must("log", "fsck", "--data", "data")


FORMS = [(form, method) for form, method in (
    (r"given (.+)", World.given), (r"parmana (.+)", World.parmana), (r"serve ?(.*)", World.serve),
    (r"stop", World.stop), (r"kill", World.kill), (r"ask (\S+) of (\S+)@(\S+)(?: about (\d+))?", World.ask),
    (r"get (\S+)", World.get),
    (r"control (.*)", World.control), (r"evidence (\S+) to (\S+)", World.evidence),
    (r"verify (\S+) with (\S+)(?: at (\S+))?", World.verify), (r"policy (\S+)@(\S+) (\S+)", World.policy),
    (r"release (\d+)(?: after (\S+))? admits (.+) to (\S+)", World.release), (r"folder (\S+)", World.folder),
    (r"copy (\S+) to (\S+)", World.copy),
    (r"move (\S+) to (\S+)", World.move), (r"remove (\S+)", World.remove), (r"link (\S+) to (\S+)", World.link),
    (r'in (\S+) put "(.*)" for "(.*)"', World.replace), (r"re-sign (\S+) with (\S+) to (\S+)", World.resign),
    (r"in (\S+) state (\S+) = (.*), signed by (\S+)", World.restate),
    (r'in (\S+) change (\S+): put "(.*)" for "(.*)", signed by (\S+)', World.change),
    (r"passphrase (.+)|no passphrase", World.passphrase),
    (r"double (\S+) to (\S+)", World.double), (r"swap the signatures of (\S+) and (\S+)", World.swap),
    (r"use the (newer|first) program", World.use), (r"wait until (\S+)", World.wait),
    (r"logged (\d+) times (execution|refusal|replay|policy|root|release) (\S+)(?: (\S+))?", World.logged))]


# --- all of them

class Points:
    """Starting points, played once each and kept. All happens at one path, for a data directory may name it."""

    def __init__(self, place, givens):
        self.place, self.givens, self.kept = place, givens, set()
        self.here = place / "here"

    def clear(self):
        put_away(self.here)
        self.here.mkdir()
        os.chdir(self.here)

    def restore(self, name):
        require(name in self.givens, f"there is no starting point `{name}`")
        kept = self.place / ("given " + name)
        if name not in self.kept:
            self.clear()
            world = World(self.here, self)
            world.play(self.givens[name])
            world.end()
            copy(self.here, kept)
            self.kept.add(name)
        copy(kept, self.here)
        os.chdir(self.here)


class Scenarios(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.addClassCleanup(os.chdir, os.getcwd())
        cls.points = Points(cls.enterClassContext(parmana.scratch()), GIVENS)

    def play(self, steps):
        self.points.clear()
        world = World(self.points.here, self.points)
        try:
            world.play(steps)
            world.end()
        except Wrong as why:
            self.fail(str(why))
        finally:
            if world.server is not None:
                world.server.kill()


GIVENS = {}


def add_all(only):
    """Starting points of all files, scenarios of one; of all when none is named."""
    for path in sorted(TEXTS.glob("*.txt")):
        scenarios, givens = read_file(path)
        GIVENS.update(givens)
        for title, steps in scenarios if only in (None, path.stem) else ():
            name = "test_" + re.sub(r"\W+", "_", title)
            require(not hasattr(Scenarios, name), f"two scenarios are called `{title}`")
            test = lambda self, steps=steps: self.play(steps)  # noqa: E731
            test.__doc__ = title
            setattr(Scenarios, name, test)


if __name__ == "__main__":
    arguments = sys.argv[1:]
    add_all(arguments.pop(0) if arguments and not arguments[0].startswith("-") else None)
    unittest.main(verbosity=2, argv=[sys.argv[0], *arguments])
