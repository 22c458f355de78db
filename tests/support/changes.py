"""Changes of policies and keys under load: callers, and what the ledger says of all of it, read once more from an
export and from nothing else.
"""
import dataclasses
import json
import socket
import threading

import parmana

DECIDING = {"approved": ("approve", False), "rejected": ("reject", False), "override_required": ("review", True)}


def policy_text(identity, version, decision="approved"):
    """A policy that tells itself apart in the id of its rule and in its reason."""
    action, override = DECIDING[decision]
    rule = {"id": f"rule-{version}", "condition": {"all": []},
            "outcome": {"action": action, "requires_override": override, "reason": f"version {version} decided"}}
    signals = {"claim_amount": {"type": "integer", "required": True, "minimum": 0}}
    return json.dumps({"policyId": identity, "policyVersion": version, "schemaVersion": "1.0.0",
                       "signalsSchema": signals, "rules": [rule]}, indent=2) + "\n"


def install(data, identity, version, decision="approved"):
    """Signed with the keys of the directory; does not govern."""
    folder = data.parent / f"{identity}@{version}"
    folder.mkdir(exist_ok=True)
    (folder / "policy.json").write_text(policy_text(identity, version, decision))
    parmana.must("policy", "sign", folder, "--data", data)


@dataclasses.dataclass
class Told:
    """What one request was answered."""
    name: str
    version: str
    newest: str  # as far as the caller knew when it asked
    status: int
    word: str    # decision or code
    rule: str
    index: int   # of the entry, -1 when none was told


def told_of(name, version, newest, status, document):
    return Told(name, version, newest, status, document.get("decision") or document.get("code") or "",
                document.get("rule", ""), document.get("log", {}).get("index", -1))


class Connection:
    """Keep-alive HTTP/1.1, one request after the other."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")
        self.head = f"Host: 127.0.0.1:{port}\r\nContent-Type: application/json\r\n"

    def post(self, path, value):
        body = json.dumps(value).encode()
        self.socket.sendall(f"POST {path} HTTP/1.1\r\n{self.head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
        status, length = int(self.stream.readline().split(b" ", 2)[1]), None
        while (line := self.stream.readline()) not in (b"\r\n", b""):
            name, _, text = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(text)
        return status, json.loads(self.stream.read(length))

    def close(self):
        self.stream.close()
        self.socket.close()


class Caller(threading.Thread):
    """Asks about the version that `version_of()` says, until it is told to stop. A lost connection ends it."""

    def __init__(self, port, name, identity, version_of, query="", batch=1):
        super().__init__(daemon=True)
        self.port, self.prefix, self.identity, self.version_of = port, name, identity, version_of
        self.query, self.batch = query, batch
        self.told, self.unanswered, self.failure = [], [], None
        self.stopping = threading.Event()

    def run(self):
        try:
            connection = Connection(self.port)
            count = 0
            while not self.stopping.is_set():
                self.ask(connection, [f"{self.prefix}-{count + i}" for i in range(self.batch)])
                count += self.batch
            connection.close()
        except (OSError, IndexError, ValueError, TypeError) as why:
            self.failure = why

    def ask(self, connection, names):
        version, newest = self.version_of()
        items = [{"policyId": self.identity, "policyVersion": version, "executionId": name,
                  "signals": {"claim_amount": 1200}} for name in names]
        self.unanswered = names
        if self.batch == 1:
            status, document = connection.post("/evaluate" + self.query, items[0])
            self.told.append(told_of(names[0], version, newest, status, document))
        else:
            status, document = connection.post("/evaluate/batch" + self.query, {"items": items})
            assert status == 200, document
            self.told += [told_of(name, version, newest, one["status"], one["body"])
                          for name, one in zip(names, document["results"])]
        self.unanswered = []

    def finish(self):
        self.stopping.set()
        self.join(60)
        assert not self.is_alive(), "a caller hangs"


def export(data, into):
    """The whole ledger, as a file, and the newest root beside it; verified."""
    into.unlink(missing_ok=True)
    trust = into.with_suffix(".trust.json")
    trust.unlink(missing_ok=True)
    parmana.must("log", "checkpoint", "--data", data)
    parmana.must("log", "export", "--data", data, "--out", into, timeout=300)
    parmana.must("trust", "export", "--data", data, "--out", trust)
    parmana.must("verify", into, "--trust", trust, timeout=600)  # every signature, leaf and verdict
    parmana.must(into, "--trust", trust, timeout=600, binary=parmana.VERIFIER)
    parmana.must("log", "fsck", "--data", data, timeout=600)
    return into


class Replay:
    """The entries of an export in their order. `faults` says what was decided by something that did not govern, or
    signed by a key that was not in force."""

    def __init__(self, file):
        self.faults, self.decisions, self.events, self.refusals = [], {}, [], {}
        self.standing = {}   # (id, version) → (state, digest)
        self.sequence = {}
        with open(file) as lines:
            manifest = json.loads(next(lines))
            self.keys = {root["signed"]["version"]: set(root["signed"]["roles"]["attestation"]["keyids"])
                         for root in manifest["trustRoots"]}
            self.root = 1
            for line in lines:
                entry = json.loads(line)
                if "index" in entry:
                    self.take(entry)

    def fault(self, entry, why):
        self.faults.append(f"entry {entry['index']}, {entry['kind']}: {why}: {json.dumps(entry['record'])[:300]}")

    def take(self, entry):
        record = entry["record"]
        if entry["kind"] == "key":
            if record["root"]["version"] != self.root + 1:
                self.fault(entry, f"behind root {self.root}")
            self.root = record["root"]["version"]
            self.events.append((entry["index"], "root", str(self.root), "activated"))
        # The root that an entry puts in force is in force at that entry.
        if "envelope" in entry:
            signer, = entry["envelope"]["signatures"]
            if signer["keyid"] not in self.keys[self.root]:
                self.fault(entry, f"not signed by an attestation key of root {self.root}")
        if entry["kind"] == "policy":
            self.change(entry, record)
        elif entry["kind"] == "decision":
            self.judge(entry, record)
        elif entry["kind"] == "refusal":
            self.refusals.setdefault(record["executionId"], []).append((record["code"], record["policyVersion"]))
            state = self.standing.get((record["policyId"], record["policyVersion"]), ("", ""))[0]
            if record["code"] == "policy_superseded" and state != "superseded":
                self.fault(entry, f"the version was {state}")

    def change(self, entry, record):
        key = (record["policy"]["id"], record["policy"]["version"])
        if record["sequence"] != self.sequence.get(key[0], 0) + 1:
            self.fault(entry, "not the next event of the policy")
        self.sequence[key[0]] = record["sequence"]
        self.events.append((entry["index"], *key, record["event"]))
        digest = record["policy"]["digest"]["sha256"]
        if record["event"] in ("deactivated", "expired"):
            self.standing[key] = (record["event"], digest)
            return
        for other, (state, its) in self.standing.items():
            if other[0] == key[0] and other[1] not in record["kept"] and state == "active":
                self.standing[other] = ("superseded", its)
        self.standing[key] = ("active", digest)

    def judge(self, entry, record):
        name = record["executionId"]
        if name in self.decisions:
            self.fault(entry, "decided twice")
        self.decisions[name] = (entry["index"], record["policyVersion"], record["rule"], record["decision"])
        state, digest = self.standing.get((record["policyId"], record["policyVersion"]), ("unknown", ""))
        if state != "active" or record["policyHash"] != "sha256:" + digest:
            self.fault(entry, f"decided by a version that was {state}")

    def compare(self, told):
        """What callers were told is what stands there, once; what nobody was told is not there."""
        said = {}
        for one in told:
            if one.status == 200:
                said[one.name] = one
                if self.decisions.get(one.name) != (one.index, one.version, f"rule-{one.version}", one.word):
                    self.faults.append(f"{one} is not in the ledger as it was told: {self.decisions.get(one.name)}")
            elif one.name in self.decisions:
                self.faults.append(f"{one} was told, and the identity is consumed")
        return said


def ask_control(data, what, identity="", version="", keep=(), document=""):
    """A change, on the control socket itself: (True, what happened) or (False, code)."""
    request = {"document": document, "expires": "", "keep": list(keep), "onlyOrder": False, "order": "",
               "policyId": identity, "policyVersion": version, "what": what}
    with socket.socket(socket.AF_UNIX) as peer:
        peer.settimeout(60)
        peer.connect(str(data / "control.sock"))
        peer.sendall(b"change " + json.dumps(request).encode() + b"\n")
        with peer.makefile() as stream:
            answer = stream.readline()
    if not answer.endswith("\n"):
        raise ConnectionError("no answer")
    word, _, rest = answer.partition(" ")
    return word == "ok", rest.strip() if word == "ok" else rest.split(" ")[0]
