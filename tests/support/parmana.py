"""What the system tests share: the programs, data directories, a server under test, requests and load.

Only processes started here are ever ended, by their pid, and each of them dies with the test that started it.
"""
import contextlib
import ctypes
import dataclasses
import http.client
import json
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PARMANA_BIN", ROOT / "build/release/parmana")).resolve()
VERIFIER = pathlib.Path(os.environ.get("PARMANA_VERIFY_BIN", BINARY.parent / "parmana-verify")).resolve()
LOAD = pathlib.Path(os.environ.get("PARMANA_LOAD_BIN", BINARY.parent / "bench/parmana-load")).resolve()

READY = "Parmana governance runtime listening on port "
SEED_SIGNALS = {"claim_amount": 1200, "vip_customer": False}
SEED_REQUEST = {"policyId": "claims-approval", "policyVersion": "1.0.0", "signals": SEED_SIGNALS}

_libc = ctypes.CDLL(None, use_errno=True)


def _die_with_parent():
    _libc.prctl(1, signal.SIGKILL, 0, 0, 0)  # PR_SET_PDEATHSIG


def start(argv, **options):
    """A child process that does not outlive us."""
    return subprocess.Popen([str(word) for word in argv], preexec_fn=_die_with_parent, **options)


def run(*argv, binary=None, stdin=None, timeout=60):
    """One run of the command line to its end: a CompletedProcess with text in stdout and stderr."""
    words = [str(binary or BINARY), *map(str, argv)]
    return subprocess.run(words, input=stdin, capture_output=True, text=True, timeout=timeout,
                          stdin=None if stdin is not None else subprocess.DEVNULL, check=False)


def must(*argv, **options):
    """The stdout of a run that has to succeed."""
    done = run(*argv, **options)
    if done.returncode != 0:
        command = " ".join(map(str, argv))
        raise AssertionError(f"{command} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


@contextlib.contextmanager
def scratch():
    """An empty directory (a Path), removed at the end unless PARMANA_KEEP is set."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="parmana-test-", dir=os.environ.get("PARMANA_TEST_TMP")))
    try:
        yield path
    finally:
        if not os.environ.get("PARMANA_KEEP"):
            shutil.rmtree(path, ignore_errors=True)


def init(data, demo=True):
    must("init", "--data", data, *(["--demo"] if demo else []))
    return data


def sign(data, policy, *words):
    """Signs a policy with the policy key of the directory and installs it, which lets nothing govern yet. Returns its
    hash and its name, ID@VERSION."""
    policy_hash = must("policy", "sign", policy, "--data", data, *words).split()[-1]
    rows = parse_json(must("policy", "list", "--data", data, "--json"))["policies"]
    row, = [row for row in rows if row.get("policyHash") == policy_hash]
    return policy_hash, f"{row['policyId']}@{row['policyVersion']}"


def govern(data, policy, *words):
    """Signs a policy and lets it govern; also beside a running server. `words` go to `policy activate`."""
    policy_hash, name = sign(data, policy)
    must("policy", "activate", name, "--data", data, *words)
    return policy_hash


def verify_evidence(data, names):
    """Each execution's evidence, from the directory alone, passes the offline verifier."""
    trust = data.parent / (data.name + ".trust.json")
    file = data.parent / (data.name + ".evidence.json")
    for path in (trust, file):
        path.unlink(missing_ok=True)
    must("trust", "export", "--data", data, "--format", "json", "--out", trust)
    for name in names:
        must("evidence", name, "--data", data, "--out", file)
        must("verify", file, "--trust", trust)
        file.unlink()


def unique_members(pairs):
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError(f"duplicate member among {[name for name, _ in pairs]}")
    return members


def parse_json(text):
    return json.loads(text, object_pairs_hook=unique_members)


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict  # names in lower case
    body: bytes

    def json(self):
        return parse_json(self.body)

    def code(self):
        """The code of a problem, or nothing."""
        if self.headers.get("content-type") != "application/problem+json":
            return None
        return self.json().get("code")


class Server:
    """A running server; a context manager. `prefix` stands before the command line (strace -D …)."""

    COMMAND = ("serve",)
    READY = READY

    def __init__(self, data, prefix=(), environment=None, ready_seconds=30, binary=None, options=(), port=0):
        self.data = pathlib.Path(data)
        self.stderr_path = self.data.parent / (self.data.name + ".stderr")
        argv = [*prefix, binary or BINARY, *self.COMMAND, "--data", data, "--listen", f"127.0.0.1:{port}",
                *options]
        with open(self.stderr_path, "ab") as stderr:
            self.process = start(argv, stdout=subprocess.PIPE, stderr=stderr, stdin=subprocess.DEVNULL,
                                 env={**os.environ, **(environment or {})})
        self.port = None
        self._connection = None
        try:
            self.port = self._read_ready_line(time.monotonic() + ready_seconds)
        except Exception:
            self.kill()
            raise

    def _read_ready_line(self, deadline):
        """The port, or None when the server ended first."""
        line = b""
        while not line.endswith(b"\n"):
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([self.process.stdout], [], [], left)[0]:
                raise TimeoutError(f"no ready line; stdout {line!r}, stderr: {self.stderr()[-2000:]}")
            chunk = os.read(self.process.stdout.fileno(), 4096)
            if not chunk:
                self.wait(10)
                return None
            line += chunk
        text = line.decode()
        if not text.startswith(self.READY):
            raise AssertionError(f"the first line is {text!r}")
        return int(text[len(self.READY):])

    def __enter__(self):
        if self.port is None:
            raise AssertionError(f"the server ended with {self.process.returncode}: {self.stderr()[-2000:]}")
        return self

    def __exit__(self, *_):
        self.stop()

    @property
    def pid(self):
        return self.process.pid

    def stderr(self):
        return self.stderr_path.read_text(errors="replace")

    def wait(self, seconds):
        """The exit code (negative: the signal)."""
        code = self.process.wait(timeout=seconds)
        self.process.stdout.close()
        if self._connection:
            self._connection.close()
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        return self.wait(10)

    def stop(self, seconds=10):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def request(self, method, path, body=None, headers=None):
        """`body`: bytes as they are, or a value to be written as JSON. One keep-alive connection."""
        headers = dict(headers or {})
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None:
            headers.setdefault("Content-Type", "application/json")
        for attempt in (0, 1):
            fresh = self._connection is None
            if fresh:
                self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
            try:
                self._connection.request(method, path, body=body, headers=headers)
                response = self._connection.getresponse()
                break
            except (ConnectionError, http.client.BadStatusLine):
                self._connection.close()
                self._connection = None
                if fresh or attempt:  # only a kept connection may have been closed meanwhile
                    raise
        answer = Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        if response.will_close:
            self._connection.close()
            self._connection = None
        return answer

    def get(self, path, headers=None):
        return self.request("GET", path, headers=headers)

    def post(self, path, body, headers=None):
        return self.request("POST", path, body, headers)

    def evaluate(self, execution_id, signals=None, headers=None, **members):
        body = {**SEED_REQUEST, "signals": SEED_SIGNALS if signals is None else signals, **members}
        if execution_id is not None:
            body["executionId"] = execution_id
        return self.post("/evaluate", body, headers)


class Load:
    """parmana-load, started at once; `finish` waits for it."""

    def __init__(self, port, record=None, **options):
        argv = [LOAD, "--port", port]
        for name, value in options.items():
            argv += [f"--{name.replace('_', '-')}"] + ([] if value is True else [value])
        if record:
            argv += ["--record", record]
        self.record = record
        self.process = start(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL)

    def finish(self, seconds=60, code=0):
        """The summary, as a value; the exit code has to be `code`."""
        try:
            out, err = self.process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
            raise
        if self.process.returncode != code:
            raise AssertionError(f"parmana-load ended with {self.process.returncode}: {out!r} {err!r}")
        return parse_json(out)

    def answers(self):
        """The record: [(id, status, word)], status 0 for a request without an answer."""
        lines = pathlib.Path(self.record).read_text().splitlines()
        return [(name, int(status), word) for name, status, word in (line.split(" ") for line in lines)]


def load_signals(execution_id):
    """The signals that parmana-load sends under this identity (without --amount and --vary)."""
    return {"claim_amount": int(execution_id.rsplit("-", 1)[1]) * 7919 % 60000, "vip_customer": False}


def _read_answer(stream):
    status = int(stream.readline().split(b" ", 2)[1])
    length = None
    while (line := stream.readline()) not in (b"\r\n", b""):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            length = int(value)
    body = stream.read(length)
    if len(body) != length:
        raise ConnectionError("the answer was cut off")
    return status, body


def pipelined(port, requests, depth=32):
    """Sends raw requests, `depth` at a time on one connection; yields (status, body) in their order."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        stream = connection.makefile("rb")
        for first in range(0, len(requests), depth):
            group = requests[first:first + depth]
            connection.sendall(b"".join(group))
            for _ in group:
                yield _read_answer(stream)


def read_executions(port, identities):
    """GET /executions/{id} for each: a list of (status, body)."""
    host = f"Host: 127.0.0.1:{port}\r\n\r\n"
    return list(pipelined(port,
                          [f"GET /executions/{name} HTTP/1.1\r\n{host}".encode() for name in identities]))


class Strace:
    """strace with one injection, attached to a running process; ends with it, or by `detach`."""

    def __init__(self, pid, inject, output=os.devnull, options=()):
        names = inject.split(":", 1)[0]
        argv = ["strace", "-f", "-p", pid, "-o", output, "-e", f"trace={names}", "-e", f"inject={inject}",
                *options]
        self.process = start(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                             stdin=subprocess.DEVNULL)
        os.set_blocking(self.process.stderr.fileno(), False)
        said, deadline = b"", time.monotonic() + 10
        while b" attached" not in said:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"strace did not attach: {said!r}")
            select.select([self.process.stderr], [], [], 0.1)
            said += self.process.stderr.read() or b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.detach()

    def kill(self):
        self.process.kill()
        self.process.wait(timeout=10)

    def detach(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)  # leaves the traced process running
        self.process.wait(timeout=10)
        self.process.stderr.close()


def started_under_strace(inject, output=os.devnull, options=()):
    """A `prefix` for Server: the server stays our own child, strace stands aside and ends with it."""
    names = inject.split(":", 1)[0]
    prefix = ["strace", "-D", "-q", "-f", "-o", str(output), "-e", f"trace={names}"]
    return [*prefix, *(["-e", f"inject={inject}"] if ":" in inject else []), *options]


def free_port():
    """A port on loopback that nothing listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
