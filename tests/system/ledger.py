"""What the ledger promises, from outside: attestation by the log, batches, answers that wait for a head or for
witnesses, the files of the log, and the entries that nobody asked for."""
import concurrent.futures
import http.client
import http.server
import json
import pathlib
import shutil
import sys
import threading
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import ledger  # noqa: E402
import parmana  # noqa: E402
from reference import leaf_hash, unb64  # noqa: E402
from witnessing import Witness  # noqa: E402

QUIET = {"PARMANA_CHECKPOINT_INTERVAL_MS": "60000", "PARMANA_CHECKPOINT_ENTRIES_MAX": "1000000"}  # heads on demand only
OTHER_SIGNALS = {"claim_amount": 7, "vip_customer": True}


def item(name, **members):
    return {**parmana.SEED_REQUEST, "executionId": name, **members}


def key_of(name):
    return f"idempotency-key-of-{name}".ljust(40, "-")


class Detour:
    """A way to a server on this machine on which every answer takes so many seconds longer."""

    def __init__(self, port, seconds):
        class Handler(http.server.BaseHTTPRequestHandler):
            def forward(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
                connection.request(self.command, self.path, body, {"Content-Type": "text/plain"})
                answer = connection.getresponse()
                content = answer.read()
                connection.close()
                time.sleep(seconds)
                self.send_response(answer.status)
                self.send_header("Content-Type", answer.headers["Content-Type"])
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = forward

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


class Case(unittest.TestCase):
    ENVIRONMENT = QUIET

    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = parmana.init(self.place / "data")
        self.trust = ledger.Trust(self.data)

    def serve(self, environment=None, **options):
        return parmana.Server(self.data, environment={**self.ENVIRONMENT, **(environment or {})}, **options)

    def evaluate(self, server, name, query="", key=False, **members):
        headers = {"Idempotency-Key": key_of(name)} if key else {}
        return server.post("/evaluate" + query, item(name, **members), headers)

    def batch(self, server, items, query="", headers=None):
        answer = server.post("/evaluate/batch" + query, {"items": items}, headers)
        self.assertEqual(answer.status, 200, answer.body[:500])
        found = answer.json()
        self.assertEqual(set(found), {"groups", "results"})
        self.assertEqual(len(found["results"]), len(items))
        return found["groups"], found["results"]

    def checkpoint(self):
        return self.trust.head(parmana.must("log", "checkpoint", "--data", self.data))

    def assert_problem(self, answer, status, code):
        self.assertEqual((answer.status, answer.code()), (status, code), answer.body[:300])

    def assert_evidence(self, server, names, code=0):
        """By both programs; 3 is for cosignatures, which say nothing without a policy that names the witnesses."""
        trust, file = self.place / "trust.json", self.place / "evidence.json"
        shutil.copy(self.data / "trust.json", trust)
        for name in names:
            answer = server.get(f"/executions/{name}/evidence")
            self.assertEqual(answer.status, 200, answer.body)
            file.write_bytes(answer.body)
            for done in (parmana.run("verify", file, "--trust", trust),
                         parmana.run(file, "--trust", trust, binary=parmana.VERIFIER)):
                self.assertEqual(done.returncode, code, done.stdout + done.stderr)
                self.assertEqual([line.split()[1] for line in done.stdout.splitlines() if line.startswith("--")],
                                 ["witnesses"] if code == 3 else [])


class AttestedByTheLog(Case):
    def test_the_group_vouches_for_it(self):
        with self.serve() as server:
            for name in ("one", "two"):
                answer = self.evaluate(server, name, "?attestation=log")
                self.assertEqual(answer.status, 200, answer.body)
                said = self.trust.check_group(answer.json())
                self.assertEqual(said["origin"], self.trust.origin)
            read = server.get("/executions/one").json()
            self.trust.check_group(read)
            self.assert_evidence(server, ["one", "two"])
            altered = json.loads(json.dumps(answer.json()))
            altered["group"]["payload"] = read["group"]["payload"]
            with self.assertRaises(AssertionError):
                self.trust.check_group(altered)

    def test_a_retry_gives_the_same_bytes_also_after_a_restart(self):
        with self.serve() as server:
            first = {name: self.evaluate(server, name, "?attestation=log", key=True).body for name in ("a", "b")}
            signed = self.evaluate(server, "signed", key=True).body
            self.assertEqual(self.evaluate(server, "a", "?attestation=log", key=True).body, first["a"])
            # How it is attested was decided by the first request.
            self.assertEqual(self.evaluate(server, "a", key=True).body, first["a"])
            self.assertEqual(self.evaluate(server, "signed", "?attestation=log", key=True).body, signed)
            self.assert_problem(self.evaluate(server, "a", "?attestation=log"), 409, "execution_identity_consumed")
        with self.serve() as server:
            for name, body in first.items():
                again = self.evaluate(server, name, "?attestation=log", key=True)
                self.assertEqual((again.status, again.body), (200, body))
            self.trust.check_group(again.json())
            self.assert_evidence(server, ["a", "b", "signed"])

    def test_a_refusal_has_a_signature_of_its_own(self):
        with self.serve() as server:
            answer = self.evaluate(server, "refused", "?attestation=log", policyId="nope")
            self.assert_problem(answer, 422, "policy_unknown")
            statement = self.trust.check_envelope(answer.json()["attestation"])
            self.assertEqual(statement["predicateType"], "urn:parmana:refusal/v1")

    def test_many_at_once_share_groups(self):
        with self.serve() as server, concurrent.futures.ThreadPoolExecutor(16) as pool:
            def one(number):
                connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
                connection.request("POST", "/evaluate?attestation=log", json.dumps(item(f"many-{number}")),
                                   {"Content-Type": "application/json"})
                answer = json.loads(connection.getresponse().read())
                connection.close()
                return answer
            answers = list(pool.map(one, range(200)))
            groups = {self.trust.check_group(answer)["first"] for answer in answers[:40]}
            self.assertLessEqual(len(groups), 40)
            self.assertEqual(len({answer["log"]["index"] for answer in answers}), 200)


class Batch(Case):
    def check_items(self, groups, results):
        said = []
        for envelope in groups:
            said.append((self.trust.check_envelope(envelope)["predicate"], envelope))
        for result in results:
            body = result["body"]
            envelope, = (envelope for group, envelope in said if group["first"] == body["group"]["first"])
            self.assertNotIn("attestation", body)
            # The envelope was verified once; here it counts which group it is.
            self.trust.check_envelope = lambda _: json.loads(unb64(envelope["payload"]))
            try:
                self.trust.check_group(body, envelope)
            finally:
                del self.trust.check_envelope

    def test_one_item(self):
        with self.serve() as server:
            groups, (result,) = self.batch(server, [item("alone")])
            self.assertEqual((groups, result["status"]), ([], 200))
            statement = self.trust.check_envelope(result["body"]["attestation"])
            self.assertEqual(statement["subject"][0]["name"], "execution:alone")
            groups, results = self.batch(server, [item("alone-by-log")], "?attestation=log")
            self.assertEqual((len(groups), results[0]["status"]), (1, 200))
            self.check_items(groups, results)

    def test_a_thousand_items(self):
        for query in ("", "?attestation=log"):
            with self.subTest(query=query), self.serve() as server:
                names = [f"thousand{len(query)}-{number}" for number in range(1000)]
                groups, results = self.batch(server, [item(name) for name in names], query)
                self.assertEqual([result["status"] for result in results], [200] * 1000)
                self.assertEqual([result["body"]["execution_id"] for result in results], names)
                self.assertEqual(len({result["body"]["log"]["index"] for result in results}), 1000)
                if query:
                    self.check_items(groups, results)
                else:
                    for result in results[::100]:
                        self.trust.check_envelope(result["body"]["attestation"])
                head = self.checkpoint()
                entries, _ = ledger.Files.over_http(server).check(head)
                for result in results:
                    self.assertEqual(entries[result["body"]["log"]["index"]], self.trust.leaf_of(result["body"]))
                self.assert_evidence(server, names[::500])

    def test_partial_refusal_is_normal(self):
        items = [item("good"), item("unknown", policyId="nope"), item("bad", signals={"claim_amount": "much"}),
                 {"executionId": "less"}, {**item("more"), "extra": 1}, item("x" * 200), 7, item("good-too")]
        for query in ("", "?attestation=log"):
            with self.subTest(query=query), self.serve() as server:
                _, results = self.batch(server, [json.loads(json.dumps(each).replace("good", "good" + query[1:2]))
                                                 for each in items], query)
                found = [(result["status"], result["body"].get("code"), result["body"].get("pointer"))
                         for result in results]
                self.assertEqual([found[0][0], found[7][0]], [200, 200])
                self.assertEqual(found[1][:2], (422, "policy_unknown"))
                self.assertEqual(found[2][0], 422)
                self.assertTrue(found[2][2].startswith("/signals/"), found[2])
                self.assertEqual(found[3][:2], (400, "member_missing"))
                self.assertEqual(found[4], (400, "member_unknown", "/extra"))
                self.assertEqual(found[5][:2], (400, "execution_id_invalid"))
                self.assertEqual(found[6][0], 400)
                self.assertEqual(server.get("/executions/good-too".replace("good", "good" + query[1:2])).status, 200)
                for name in ("unknown", "bad", "less", "more"):
                    self.assertEqual(server.get(f"/executions/{name}").status, 404)

    def test_one_identity_many_times_has_one_winner(self):
        for query in ("", "?attestation=log"):
            with self.subTest(query=query), self.serve() as server:
                name = f"same{len(query)}"
                items = [item(name) for _ in range(50)] + [item(name, signals=OTHER_SIGNALS)]
                items += [item(f"{name}-other-{number}") for number in range(20)]
                _, results = self.batch(server, items, query)
                same = [(result["status"], result["body"].get("code")) for result in results[:51]]
                self.assertEqual([status for status, _ in same].count(200), 1)
                self.assertEqual(set(same) - {(200, None)}, {(409, "execution_identity_consumed"),
                                                            (409, "execution_identity_conflict")})
                self.assertEqual({result["status"] for result in results[51:]}, {200})
                decided = [entry for entry in ledger.read_entries(self.data)
                           if entry.kind == "decision" and entry.name == name]
                self.assertEqual(len(decided), 1)

    def test_a_retry_with_the_key_gives_the_winners_answer(self):
        with self.serve() as server:
            headers = {"Idempotency-Key": key_of("batch")}
            for query in ("", "?attestation=log"):
                items = [item(f"retried{query[1:4]}-{number}") for number in range(5)]
                first = server.post("/evaluate/batch" + query, {"items": items}, headers)
                again = server.post("/evaluate/batch" + query, {"items": items}, headers)
                self.assertEqual((first.status, again.status), (200, 200))
                self.assertEqual(first.body, again.body)
                _, results = self.batch(server, items, query)
                self.assertEqual({result["status"] for result in results}, {409})

    def test_bodies_that_are_no_batch(self):
        with self.serve() as server:
            many = server.post("/evaluate/batch", {"items": [item(f"n{number}") for number in range(1001)]})
            self.assert_problem(many, 400, "member_invalid")
            self.assertEqual(many.json()["pointer"], "/items")
            large = json.dumps({"items": [item("large", signals={"text": "x" * (1 << 20)})]}).encode()
            self.assert_problem(server.post("/evaluate/batch", large), 413, "body_too_large")
            for body in ({"items": []}, {"items": {}}, {"items": 1}):
                self.assert_problem(server.post("/evaluate/batch", body), 400, "member_invalid")
            self.assert_problem(server.post("/evaluate/batch", {}), 400, "member_missing")
            self.assert_problem(server.post("/evaluate/batch", {"items": [item("a")], "x": 1}), 400, "member_unknown")
            self.assert_problem(server.post("/evaluate/batch", b"[]"), 400, "member_invalid")
            self.assert_problem(server.post("/evaluate/batch", b'{"items":['), 400, "json_malformed")
            self.assertEqual(server.get("/executions/n0").status, 404)


class Included(Case):
    def test_the_answer_proves_itself(self):
        with self.serve() as server:
            files, heads = ledger.Files.over_http(server), []
            for number in range(12):
                query = "?wait=included" + ("&attestation=log" if number % 3 == 0 else "")
                answer = self.evaluate(server, f"waits-{number}", query)
                self.assertEqual(answer.status, 200, answer.body)
                heads.append(self.trust.check_included(answer.json()))
                self.assertGreaterEqual(files.head(self.trust).size, heads[-1].size)
            groups, results = self.batch(server, [item(f"batch-{number}") for number in range(300)],
                                         "?attestation=log&wait=included")
            self.assertTrue(groups)
            heads += {self.trust.check_included(result["body"]) for result in results[::50]}
            _, levels = files.check(files.head(self.trust))
            for head in heads:
                self.assertTrue(ledger.extends(levels, head))

    def test_an_entry_under_a_head_is_told_at_once(self):
        with self.serve() as server:
            before = self.evaluate(server, "early", key=True)
            self.assertNotIn("checkpoint", before.json()["log"])
            head = self.checkpoint()
            after = self.evaluate(server, "early", "?wait=included", key=True).json()
            self.assertEqual(self.trust.check_included(after), head)
            self.assertEqual(after["attestation"], before.json()["attestation"])

    def test_queries_that_mean_nothing(self):
        with self.serve() as server:
            for number, query in enumerate(("wait=soon", "wait=", "wait", "attestation=none", "attestation", "x=1",
                                            "wait=included&wait=included", "attestation=log&attestation=log",
                                            "wait=included&x=1", "wait=witnessed", "WAIT=included", "wait=included%20",
                                            "wait=included&&attestation=log")):
                with self.subTest(query=query):
                    self.assert_problem(self.evaluate(server, f"bad-{number}", "?" + query), 400, "query_invalid")
                    self.assert_problem(server.post("/evaluate/batch?" + query, {"items": [item(f"bad-{number}")]}),
                                        400, "query_invalid")
                    self.assertEqual(server.get(f"/executions/bad-{number}").status, 404)
            self.assert_problem(server.get("/log/checkpoint?size=1"), 400, "query_invalid")
            self.assertEqual(self.evaluate(server, "good", "?attestation=log&wait=included").status, 200)


class Witnessed(Case):
    ENVIRONMENT = {"PARMANA_CHECKPOINT_INTERVAL_MS": "200"}

    def setUp(self):
        super().setUp()
        self.keys = {}
        for name in ("w1", "w2"):
            key = parmana.must("witness", "init", "--data", self.place / name, "--name", f"{name}.example").strip()
            parmana.must("witness", "add-log", "--data", self.place / name, ledger.verifier_key_of(self.trust))
            self.keys[name] = key
        self.typed = {key.split("+")[0]: unb64(key.split("+", 2)[2]) for key in self.keys.values()}

    def witnesses(self, **ports):
        return ledger.witness_policy(self.place / "policy", self.trust,
                                     [(name, self.keys[name], f"http://127.0.0.1:{port}")
                                      for name, port in ports.items()])

    def assert_cosigned(self, answer, *names):
        self.assertEqual(answer.status, 200, answer.body)
        self.trust.check_included(answer.json())
        found = ledger.cosignatures(answer.json()["log"]["checkpoint"], self.typed)
        self.assertEqual(sorted(found), [f"{name}.example" for name in names])

    def test_a_quorum_and_what_comes_without_one(self):
        with Witness(self.place / "w1") as one, Witness(self.place / "w2") as two:
            options = ("--witnesses", self.witnesses(w1=one.port, w2=two.port))
            with self.serve(options=options) as server:
                self.assertEqual(server.get("/ready").json()["notices"], [])
                self.assert_cosigned(self.evaluate(server, "cosigned", "?wait=witnessed"), "w1", "w2")
                self.assert_cosigned(self.evaluate(server, "by-log", "?wait=witnessed&attestation=log"), "w1", "w2")
                self.assert_evidence(server, ["cosigned", "by-log"], code=3)
                two.kill()
                begun = time.monotonic()
                late = self.evaluate(server, "late", "?wait=witnessed", key=True)
                self.assert_problem(late, 503, "not_included")
                self.assertLess(time.monotonic() - begun, 20)
                self.assertIn("witness_quorum_missing", server.get("/ready").json()["notices"])
                self.assert_problem(self.evaluate(server, "late"), 409, "execution_identity_consumed")
                self.assertEqual(self.evaluate(server, "late", key=True).status, 200)
                # However often the other one was asked meanwhile.
                with Witness(self.place / "w2", port=two.port):
                    self.assert_cosigned(self.evaluate(server, "late", "?wait=witnessed", key=True), "w1", "w2")
                self.assertEqual(self.evaluate(server, "half", "?wait=included", key=True).status, 200)
                files = ledger.Files.over_http(server)
                while ledger.cosignatures(files.expect("checkpoint").decode(), self.typed) != ["w1.example"]:
                    time.sleep(0.1)
                self.assertEqual(self.evaluate(server, "behind", "?wait=included").status, 200)
                with Witness(self.place / "w2", port=two.port):
                    self.assert_cosigned(self.evaluate(server, "half", "?wait=witnessed", key=True), "w1", "w2")

    def test_a_log_with_a_new_key(self):
        """A witness refuses what a key signed that it does not know, and goes on where it stood when it is told."""
        pinned = self.place / "pinned.json"
        parmana.must("trust", "export", "--data", self.data, "--out", pinned)
        with Witness(self.place / "w1") as one:
            options = ("--witnesses", self.witnesses(w1=one.port))
            with self.serve(options=options) as server:
                self.assert_cosigned(self.evaluate(server, "before", "?wait=witnessed"), "w1")
                parmana.must("keys", "rotate", "--data", self.data, "--role", "log")
                self.assertEqual(self.evaluate(server, "meanwhile", "?wait=included").status, 200)
                late = self.evaluate(server, "late", "?wait=witnessed", key=True)
                self.assert_problem(late, 503, "not_included")
                one.stop()
                key = parmana.must("log", "key", "--data", self.data).strip()
                parmana.must("witness", "add-log", "--data", self.place / "w1", key)
                with Witness(self.place / "w1", port=one.port):
                    self.assertEqual(self.evaluate(server, "late", "?wait=witnessed", key=True).status, 200)
                    evidence = [server.get(f"/executions/{name}/evidence").body for name in ("before", "late")]
            for n, body in enumerate(evidence):
                (self.place / f"evidence-{n}.json").write_bytes(body)
                parmana.must("verify", self.place / f"evidence-{n}.json", "--trust", pinned, *options)
            with Witness(self.place / "w1", port=one.port), self.serve(options=options) as server:
                self.assertEqual(self.evaluate(server, "after", "?wait=witnessed").status, 200)

    def test_under_load_every_answer_has_its_cosignature(self):
        """Also when the witness is slower than heads follow each other."""
        with Witness(self.place / "w1") as witness, Detour(witness.port, 0.25) as detour, \
                self.serve({"PARMANA_CHECKPOINT_INTERVAL_MS": "100"},
                           options=("--witnesses", self.witnesses(w1=detour.port))) as server:
            load = parmana.Load(server.port, self.place / "load.record", ids="load", connections=4, seconds=4)
            answers = []
            while load.process.poll() is None:
                query = "?wait=witnessed" + ("&attestation=log" if len(answers) % 2 else "")
                answers.append(self.evaluate(server, f"amid-{len(answers)}", query))
            load.finish()
            for answer in answers:
                self.assert_cosigned(answer, "w1")
            self.assertGreater(len(answers), 2)


class FilesOfTheLog(Case):
    BAD = ("tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/0/abc", "tile/64/000",
           "tile/00/000", "tile/-1/000", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256",
           "tile/0/000.p/010", "tile/0/x000/000/000", "tile/0/000/000", "tile/entries", "tile/entries/",
           "tile/data/000", "tile/0/000.replacing", "tile/0/000/", "tile//000", "tile/0//000", "checkpoint.p/1",
           "checkpoint/", "settled", "heads", "heads.index", "lock", "", "tile/../settled", "tile/../../trust.json",
           "tile/0/../../../keys/log.key", "tile/0/000.p/../../../../format", "../trust.json", "..%2ftrust.json",
           "tile/%2e%2e/settled", "tile/0/%2e%2e/%2e%2e/settled", "tile/0/000%00",
           "tile/0/000.p/1/../../../../checkpoint", "//etc/passwd", "tile//etc/passwd", "tile/0/x000/../000")

    def test_all_of_them(self):
        with self.serve() as server:
            files = ledger.Files.over_http(server)
            done, answers = 0, []
            for count in (100, 156, 1, 255, 88):
                groups, results = self.batch(server, [item(f"file-{done + number}") for number in range(count)],
                                             "?attestation=log" if count % 2 else "")
                done, answers = done + count, answers + [result["body"] for result in results]
                head = self.checkpoint()
                self.assertEqual(files.head(self.trust), head)
                entries, _ = files.check(head)
                for answer in answers:
                    self.assertEqual(entries[answer["log"]["index"]], self.trust.leaf_of(answer))
            self.assertGreater(head.size, 600)
            self.assertEqual([leaf_hash(entry) for entry in entries],
                             [entry.leaf for entry in ledger.read_entries(self.data)])
            # What is not (any more) there.
            for name in ("tile/0/000.p/101", "tile/0/007", "tile/0/002.p/255", "tile/entries/003", "tile/2/000.p/1",
                         "tile/1/000.p/9", "tile/0/x001/000", "tile/63/000"):
                self.assert_problem(server.get("/log/" + name), 404, "route_unknown")
            self.assertEqual(server.get("/log/tile/0/000").headers["content-type"], "application/octet-stream")
            self.assertTrue(server.get("/log/checkpoint").headers["content-type"].startswith("text/plain"))

    def test_never_another_file(self):
        with self.serve() as server:
            self.batch(server, [item(f"n{number}") for number in range(300)])
            head = self.checkpoint()
            (self.data / "tlog/tile/0/009").symlink_to(self.data / "keys/log.key")
            (self.data / "tlog/tile/0/010").mkdir()
            secrets = [path.read_bytes() for path in self.data.rglob("*")
                       if path.is_file() and path.stat().st_size and "tile" not in path.parts]
            for name in (*self.BAD, "tile/0/009", "tile/0/010"):
                with self.subTest(name=name):
                    answer = server.get("/log/" + name)
                    self.assertGreaterEqual(answer.status, 400)
                    self.assertNotIn(answer.body, secrets)
                    if name not in ("tile/0/009", "tile/0/010"):
                        self.assertIn(answer.status, (400, 404))
            self.assert_problem(server.request("POST", "/log/checkpoint", {}), 405, "method_not_allowed")
            self.assert_problem(server.request("PUT", "/log/tile/0/000", {}), 405, "method_not_allowed")
            ledger.Files.over_http(server).check(head)


class Events(Case):
    def policy_events(self):
        return [(entry.code, entry.name) for entry in ledger.read_entries(self.data) if entry.kind == "policy"]

    def replays(self):
        return [(entry.name, entry.code, entry.statement["predicate"]["count"])
                for entry in ledger.read_entries(self.data) if entry.kind == "replay"]

    def test_which_policies_govern(self):
        with self.serve() as server:
            listed = {f"{row['policyId']}@{row['policyVersion']}" for row in server.get("/policies").json()["policies"]}
        first = self.policy_events()
        self.assertEqual(len(first), len(listed))
        self.assertEqual(set(first), {("activated", name) for name in listed})
        for _ in range(2):  # the second time, the first events stand under a head
            with self.serve() as server:
                self.evaluate(server, f"decided-{_}")
            self.assertEqual(self.policy_events(), first)
        source = (parmana.ROOT / "policies/claims-approval/1.0.0/policy.json").read_text()
        (self.place / "policy.json").write_text(source.replace("claims-approval", "small-claims"))
        digest, name = parmana.sign(self.data, self.place / "policy.json")
        with self.serve() as server:
            self.assertEqual(self.policy_events(), first, "what is only installed does not govern")
            parmana.must("policy", "activate", name, "--data", self.data)
            self.assertEqual(self.policy_events()[len(first):], [("activated", "small-claims@1.0.0")])
        event = [entry for entry in ledger.read_entries(self.data) if entry.kind == "policy"][-1].statement
        self.assertEqual((event["predicate"]["event"], event["predicate"]["sequence"], event["predicate"]["kept"]),
                         ("activated", 1, []))
        self.assertEqual("sha256:" + event["predicate"]["policy"]["digest"]["sha256"], digest)
        shutil.rmtree(self.data / "policies/small-claims")
        for _ in range(2):  # what is gone from the disk governs no less by the ledger, and decides nothing
            with self.serve() as server:
                answer = self.evaluate(server, f"gone-{_}", policyId="small-claims")
                self.assert_problem(answer, 422, "policy_altered")
            self.assertEqual(len(self.policy_events()), len(first) + 1)
        parmana.must("policy", "deactivate", name, "--data", self.data)
        self.assertEqual(self.policy_events()[len(first) + 1:], [("deactivated", "small-claims@1.0.0")])
        event = [entry for entry in ledger.read_entries(self.data) if entry.kind == "policy"][-1].statement
        self.assertEqual(event["predicate"]["sequence"], 2)

    def test_a_policy_event_precedes_what_the_policy_decides(self):
        with self.serve() as server:
            self.evaluate(server, "decided")
        kinds = [entry.kind for entry in ledger.read_entries(self.data)]
        self.assertEqual(set(kinds[:kinds.index("decision")]), {"policy"})

    def test_replays_are_counted_once_an_interval(self):
        with self.serve() as server:
            for name in ("a", "b"):
                self.assertEqual(self.evaluate(server, name).status, 200)
            for _ in range(3):
                self.assert_problem(self.evaluate(server, "a"), 409, "execution_identity_consumed")
            for _ in range(2):
                answer = self.evaluate(server, "a", signals=OTHER_SIGNALS)
                self.assert_problem(answer, 409, "execution_identity_conflict")
            self.assert_problem(self.evaluate(server, "b"), 409, "execution_identity_consumed")
            self.assertEqual(self.replays(), [])
            head = self.checkpoint()
            expected = [("a", "execution_identity_conflict", 2), ("a", "execution_identity_consumed", 3),
                        ("b", "execution_identity_consumed", 1)]
            self.assertEqual(sorted(self.replays()), expected)
            self.assertEqual(head.size, len(ledger.read_entries(self.data)), "the head covers the counts")
            self.assertEqual(self.checkpoint().size, head.size, "and an interval without replays adds nothing")
            self.batch(server, [item("a")] * 40)
            self.checkpoint()
            self.assertEqual(self.replays()[3:], [("a", "execution_identity_consumed", 40)])
            self.assert_problem(self.evaluate(server, "b"), 409, "execution_identity_consumed")
            # An answer fetched with its key is no replay.
            self.assertEqual(self.evaluate(server, "keyed", key=True).status, 200)
            self.assertEqual(self.evaluate(server, "keyed", key=True).status, 200)
        self.assertEqual(self.replays()[4:], [("b", "execution_identity_consumed", 1)], "counted at the stop")

    def test_a_repeated_refusal_is_one_entry_and_a_count(self):
        with self.serve() as server:
            for _ in range(5):
                self.assert_problem(self.evaluate(server, "r", policyId="nope"), 422, "policy_unknown")
            self.assert_problem(self.evaluate(server, "r", signals={}), 422, "signal_missing")
            self.checkpoint()
            refusals = [(entry.name, entry.code) for entry in ledger.read_entries(self.data) if entry.kind == "refusal"]
            self.assertEqual(sorted(refusals), [("r", "policy_unknown"), ("r", "signal_missing")])
            self.assertEqual(self.replays(), [("r", "policy_unknown", 4)])
            self.assertEqual(self.evaluate(server, "r").status, 200, "a refusal consumes nothing")


class Cadence(Case):
    def wait_for(self, server, size, seconds):
        """Seconds until a head over `size` entries was there, by the clock of this side."""
        files, begun = ledger.Files.over_http(server), time.monotonic()
        while files.head(self.trust).size < size:
            if time.monotonic() - begun > seconds:
                return None
            time.sleep(0.02)
        return time.monotonic() - begun

    def test_a_head_within_a_second_or_so(self):
        with parmana.Server(self.data) as server:
            took = []
            for number in range(3):
                index = self.evaluate(server, f"one-{number}").json()["log"]["index"]
                took.append(self.wait_for(server, index + 1, 10))
            self.assertNotIn(None, took)
            self.assertLess(min(took), 1.5)

    def test_sooner_when_many_have_come(self):
        with self.serve({"PARMANA_CHECKPOINT_ENTRIES_MAX": "256"}) as server:
            self.checkpoint()
            _, results = self.batch(server, [item(f"few-{number}") for number in range(200)])
            self.assertIsNone(self.wait_for(server, 200, 0.8), "without 256 entries the interval counts")
            _, results = self.batch(server, [item(f"many-{number}") for number in range(100)])
            size = max(result["body"]["log"]["index"] for result in results) + 1
            self.assertIsNotNone(self.wait_for(server, size - 44, 20), "a third of the interval")


class OneWriter(Case):
    def test_the_second_server_is_refused_and_the_first_goes_on(self):
        with self.serve() as server:
            self.assertEqual(self.evaluate(server, "one").status, 200)
            head = self.checkpoint()
            self.assertIn("data_locked", ledger.serve_refused(self.data))
            self.assertIn("data_locked", ledger.serve_refused(self.data, "--high-water", self.place / "mark"))
            self.assertEqual(self.evaluate(server, "two", "?wait=included").status, 200)
            files = ledger.Files.over_http(server)
            self.assertTrue(ledger.extends(files.check(files.head(self.trust))[1], head))


if __name__ == "__main__":
    unittest.main(verbosity=2)
