"""What the tools of others judge: the exports and served files of a server that ran just now, with a witness."""
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from reference import b64, sha256, unb64  # noqa: E402
from witnessing import PKCS8_ED25519, Witness, verifier_key  # noqa: E402

WITNESS = "witness.example/w1"
MANY = 280  # entries beyond the first full tile
SIGNALS = {
    "claims-approval@1.0.0": {"claim_amount": 1200, "vip_customer": False},
    "loan-approval@1.0.0": {"credit_score": 701, "loan_amount": 100000, "employment": "self_employed"},
    "patient-triage@1.0.0": {"symptom_severity": 8, "heart_rate": 80, "temperature": 37.8, "symptoms": ["cough"],
                             "age": 30},
}


def signed_by(key_file, message):
    """Ed25519 by the seed in a key file of ours, through openssl."""
    with tempfile.TemporaryDirectory() as place:
        key, text = pathlib.Path(place, "key.der"), pathlib.Path(place, "message")
        key.write_bytes(PKCS8_ED25519 + unb64(pathlib.Path(key_file).read_text().split()[2]))
        text.write_bytes(message)
        return subprocess.run(["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER", "-inkey", key, "-in", text],
                              capture_output=True, check=True).stdout


class Exports:
    """One data directory: its keys and trusted root, and what it says of its decisions."""

    def __init__(self, data):
        self.data = data
        root = json.loads(parmana.must("trust", "export", "--data", data))["signed"]
        self.origin = root["origin"]
        self.public, self.key_ids, self.pems = {}, {}, {}
        for role in ("attestation", "log"):
            self.key_ids[role], = root["roles"][role]["keyids"]
            self.public[role] = bytes.fromhex(root["keys"][self.key_ids[role]]["keyval"]["public"])
            self.pems[role] = parmana.must("trust", "export", "--data", data, "--format", "pem", "--role", role)
        self.spki = {role: "".join(pem.splitlines()[1:-1]) for role, pem in self.pems.items()}
        self.root = json.loads(parmana.must("trust", "export", "--data", data, "--format", "sigstore"))
        self.log_key = parmana.must("log", "key", "--data", data).strip()
        self.clock_key = verifier_key(self.origin, 4, self.public["log"])

    def export(self, name, form):
        return parmana.must("evidence", name, "--data", self.data, "--format", form)

    def bundle(self, name):
        return json.loads(self.export(name, "sigstore"))

    def resigned(self, size, root):
        """A head that this log never published, by its own key."""
        text = f"{self.origin}\n{size}\n{b64(root)}\n"
        hint = sha256(self.origin.encode(), b"\n\1", self.public["log"])[:4]
        signature = signed_by(self.data / "keys/log.key", text.encode())
        return f"{text}\n\N{EM DASH} {self.origin} {b64(hint + signature)}\n"


class Fresh(Exports):
    """A log with a witness, decisions of several policies, refusals, a group, and two heads."""

    def __init__(self, place):
        witness = place / "witness"
        self.witness_key = parmana.must("witness", "init", "--data", witness, "--name", WITNESS).strip()
        super().__init__(parmana.init(place / "data"))
        parmana.must("witness", "add-log", "--data", witness, self.log_key)
        self.mirror = place / "mirror"
        self.bundles, self.proofs, self.payloads, self.group = {}, {}, {}, None
        with Witness(witness) as served:
            policy = place / "witnesses"
            policy.write_text(f"witness w1 {self.witness_key} http://127.0.0.1:{served.port}\nquorum w1\n")
            # Heads when they are asked for, so that the first decisions stand under one that the witness cosigned.
            quiet = {"PARMANA_CHECKPOINT_INTERVAL_MS": "60000"}
            with parmana.Server(self.data, options=("--witnesses", policy), environment=quiet) as server:
                self.decide(server)
                self.read(server)
                self.refused = parmana.run("evidence", "grouped", "--data", self.data, "--format", "sigstore")

    @staticmethod
    def decided(server, name, policy, path="/evaluate"):
        policy_id, version = policy.split("@")
        answer = server.post(path, {"policyId": policy_id, "policyVersion": version, "executionId": name,
                                    "signals": SIGNALS[policy]})
        assert answer.status == 200, answer.body

    def decide(self, server):
        self.names = []
        for at, policy in enumerate(SIGNALS):
            self.names.append(f"decision-{at}")
            self.decided(server, self.names[-1], policy)
            assert server.evaluate(f"refused-{at}", {"claim_amount": -1, "vip_customer": False}).status == 422
        self.older = self.witnessed(server)
        items = [{**parmana.SEED_REQUEST, "executionId": f"one-of-many-{at}"} for at in range(MANY)]
        assert server.post("/evaluate/batch", {"items": items}).status == 200
        self.names += [items[0]["executionId"], items[-1]["executionId"]]
        self.decided(server, "grouped", "loan-approval@1.0.0", "/evaluate?attestation=log")
        self.newest = self.witnessed(server)

    def witnessed(self, server):
        """A head over everything, with the line of the witness."""
        covered = int(parmana.must("log", "checkpoint", "--data", self.data).splitlines()[1])
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            note = server.get("/log/checkpoint").body.decode()
            if int(note.splitlines()[1]) >= covered and f"\N{EM DASH} {WITNESS} " in note:
                return note
            time.sleep(0.05)
        raise AssertionError(f"no witness cosigned {covered} entries")

    def read(self, server):
        for name in self.names:
            self.bundles[name] = self.bundle(name)
        for name in [*self.names, "grouped"]:
            self.proofs[name] = self.export(name, "tlog-proof")
            evidence = json.loads(self.export(name, "json"))
            self.group = evidence.get("group")
            attested = self.group or evidence["envelope"]
            self.payloads[name] = attested["payload"]
        for path in ["checkpoint", *served_paths(int(self.newest.splitlines()[1]))]:
            answer = server.get("/log/" + path)
            assert answer.status == 200, (path, answer.body)
            file = self.mirror / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(answer.body)


class Stranger(Exports):
    """Another log, with keys of its own."""

    def __init__(self, place):
        super().__init__(parmana.init(place / "stranger"))
        with parmana.Server(self.data) as server:
            for name in ("one", "two"):
                assert server.evaluate(name).status == 200
            self.head = parmana.must("log", "checkpoint", "--data", self.data)
            self.one = self.bundle("one")


def served_paths(size):
    """The tiles and entry bundles of a tree, as C2SP tlog-tiles names them."""
    levels, count, level = [("entries", size)], size, 0
    while count:
        levels.append((level, count))
        count, level = count >> 8, level + 1
    for name, count in levels:
        full, rest = divmod(count, 256)
        assert full < 1000
        for at in range(full):
            yield f"tile/{name}/{at:03}"
        if rest:
            yield f"tile/{name}/{full:03}.p/{rest}"
