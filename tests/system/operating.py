"""What an operator does, and does wrong: every mistake is refused with a sentence and a code, and loses nothing;
every command says what it did and ends with the code that scripts rely on."""
import json
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

POLICY = parmana.ROOT / "policies/claims-approval/1.0.0/policy.json"


class Mistakes(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = parmana.init(self.place / "data")

    def refused(self, code, *argv):
        done = parmana.run(*argv, timeout=20)
        self.assertEqual(done.returncode, 2, f"{argv}: {done.stdout}{done.stderr}")
        self.assertIn(f"parmana: {code}: ", done.stderr)
        return done.stderr

    def serve_refused(self, code, **environment):
        return self.refused(code, "serve", "--data", self.data, "--listen", "127.0.0.1:0")

    def test_init_refuses_a_directory_that_exists(self):
        before = (self.data / "trust.json").read_bytes()
        self.refused("data_exists", "init", "--data", self.data)
        self.assertEqual((self.data / "trust.json").read_bytes(), before)

    def test_init_refuses_an_incomplete_key_set(self):
        keys = self.place / "keys"
        shutil.copytree(self.data / "keys", keys)
        (keys / "blind.key").unlink()
        self.refused("data_missing", "init", "--data", self.place / "other", "--keys", keys)

    def test_a_directory_that_is_none(self):
        self.refused("data_missing", "serve", "--data", self.place / "nothing")
        (self.place / "empty").mkdir()
        self.refused("data_missing", "serve", "--data", self.place / "empty")

    def test_a_newer_format(self):
        (self.data / "format").write_text("parmana-data 2\n")
        self.assertIn("`2`", self.serve_refused("data_newer"))

    def test_a_format_that_is_none(self):
        (self.data / "format").write_text("something else\n")
        self.serve_refused("data_corrupt")

    def test_an_unknown_configuration_key(self):
        (self.data / "config.json").write_text('{"allow_derived_id":true}')
        self.assertIn("allow_derived_id", self.serve_refused("configuration_invalid"))

    def test_a_key_file_that_others_can_read(self):
        for mode in (0o640, 0o604, 0o660):
            (self.data / "keys/attestation.key").chmod(mode)
            self.serve_refused("key_file_exposed")

    def test_a_key_file_behind_a_link(self):
        key = self.data / "keys/log.key"
        key.rename(self.place / "log.key")
        key.symlink_to(self.place / "log.key")
        done = parmana.run("serve", "--data", self.data, "--listen", "127.0.0.1:0", timeout=20)
        self.assertEqual(done.returncode, 2)

    def test_a_key_in_the_place_of_another(self):
        shutil.copy(self.data / "keys/log.key", self.data / "keys/attestation.key")
        self.serve_refused("key_invalid")

    def test_keys_of_another_directory(self):
        other = parmana.init(self.place / "other")
        shutil.rmtree(self.data / "keys")
        shutil.copytree(other / "keys", self.data / "keys")
        self.serve_refused("key_invalid")

    def test_a_trust_root_of_another_directory(self):
        other = parmana.init(self.place / "other")
        with parmana.Server(self.data) as server:
            server.evaluate("one")
        shutil.copy(other / "trust.json", self.data / "trust.json")
        shutil.rmtree(self.data / "keys")
        shutil.copytree(other / "keys", self.data / "keys")
        self.serve_refused("data_corrupt")

    def test_a_store_that_is_shorter_than_its_checkpoint(self):
        older = self.place / "older"
        with parmana.Server(self.data) as server:
            server.evaluate("one")
            server.get("/executions/one/evidence")
        shutil.copytree(self.data, older, ignore=shutil.ignore_patterns("control.sock"))
        with parmana.Server(self.data) as server:
            server.evaluate("two")
            server.get("/executions/two/evidence")
        for family in ("log", "records"):
            shutil.rmtree(self.data / family)
            shutil.copytree(older / family, self.data / family)
        self.assertIn("checkpoint", self.serve_refused("data_corrupt"))

    def test_a_checkpoint_that_is_gone(self):
        with parmana.Server(self.data) as server:
            server.evaluate("one")
        (self.data / "tlog/checkpoint").unlink()
        self.assertIn("checkpoint", self.serve_refused("data_corrupt"))
        for family in ("log", "records"):  # and with it everything that it vouched for
            for segment in (self.data / family).iterdir():
                segment.unlink()
        self.serve_refused("data_corrupt")

    def test_output_that_cannot_be_written(self):
        full = self.enterContext(open("/dev/full", "wb"))
        done = subprocess.run([str(parmana.BINARY), "openapi"], stdout=full,
                              stderr=subprocess.PIPE, text=True, timeout=20, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("io_failed", done.stderr)

    def test_a_signal_that_means_nothing_does_not_keep_the_server_from_stopping(self):
        with parmana.Server(self.data) as server:
            server.process.send_signal(signal.SIGUSR1)
            time.sleep(0.2)
            self.assertEqual(server.get("/health").status, 200)
            self.assertEqual(server.stop(5), 0)

    def test_a_silent_peer_of_the_control_socket_does_not_hold_up_the_stop(self):
        with parmana.Server(self.data) as server, socket.socket(socket.AF_UNIX) as peer:
            peer.connect(str(self.data / "control.sock"))
            time.sleep(0.1)
            begun = time.monotonic()
            self.assertEqual(server.stop(5), 0)
            self.assertLess(time.monotonic() - begun, 2)

    def test_a_refusal_of_another_request_is_not_attested_by_an_earlier_one(self):
        with parmana.Server(self.data) as server:
            first = server.post("/evaluate", {**parmana.SEED_REQUEST, "executionId": "a", "policyId": "nope"})
            second = server.post("/evaluate", {**parmana.SEED_REQUEST, "executionId": "a", "policyVersion": "7.0.0"})
        self.assertEqual((first.code(), second.code()), ("policy_unknown", "policy_unknown"))
        self.assertIn("attestation", first.json())
        self.assertNotIn("attestation", second.json())

    def test_listening_beyond_loopback(self):
        for address in ("0.0.0.0:0", "192.168.1.1:0", "[::]:0"):
            self.refused("listen_refused", "serve", "--data", self.data, "--listen", address)

    def test_a_port_that_is_taken(self):
        other = parmana.init(self.place / "other")
        with parmana.Server(self.data) as server:
            self.refused("io_failed", "serve", "--data", other, "--listen", f"127.0.0.1:{server.port}")

    def test_a_listen_address_that_is_none(self):
        for listen in ("3000", "127.0.0.1", "127.0.0.1:port", "127.0.0.1:70000"):
            self.refused("usage", "serve", "--data", self.data, "--listen", listen)

    def test_versions_never_change(self):
        changed = self.place / "policy.json"
        changed.write_text(POLICY.read_text().replace("50000", "50001"))
        self.refused("data_exists", "policy", "sign", changed, "--data", self.data)


class PoliciesOnDisk(unittest.TestCase):
    """A policy that is not as it was signed does not decide, and takes no other down with it."""

    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = parmana.init(self.place / "data")
        self.installed = self.data / "policies/claims-approval/1.0.0"

    def refusal(self):
        with parmana.Server(self.data) as server:
            answer = server.evaluate("refused-here")
            listed = [(row["policyId"], row["policyVersion"]) for row in server.get("/policies").json()["policies"]]
            self.assertNotIn(("claims-approval", "1.0.0"), listed)
        self.assertEqual(answer.status, 422)
        self.assertEqual(answer.json()["attestation"]["payloadType"], "application/vnd.in-toto+json")
        return answer.code()

    def test_altered_bytes(self):
        file = self.installed / "policy.json"
        file.write_text(file.read_text().replace("50000", "50001"))
        self.assertEqual(self.refusal(), "policy_altered")

    def test_a_policy_without_signature(self):
        (self.installed / "bundle.json").unlink()
        self.assertEqual(self.refusal(), "policy_unsigned")

    def test_a_signature_of_another_key_set(self):
        other = parmana.init(self.place / "other")
        shutil.copy(other / "policies/claims-approval/1.0.0/bundle.json", self.installed / "bundle.json")
        self.assertEqual(self.refusal(), "policy_unsigned")

    def test_a_policy_behind_a_link(self):
        (self.installed / "policy.json").rename(self.place / "policy.json")
        (self.installed / "policy.json").symlink_to(self.place / "policy.json")
        self.assertEqual(self.refusal(), "policy_altered")

    def test_a_policy_under_another_version(self):
        self.installed.rename(self.installed.parent / "2.0.0")
        with parmana.Server(self.data) as server:
            self.assertEqual(server.evaluate("a").code(), "policy_altered")  # it governs, and is not there
            self.assertEqual(server.post("/evaluate", {**parmana.SEED_REQUEST, "policyVersion": "2.0.0",
                                                       "executionId": "b"}).code(), "policy_altered")

    def test_evidence_outlives_the_policy(self):
        with parmana.Server(self.data) as server:
            server.evaluate("decided")
        shutil.rmtree(self.installed)
        with parmana.Server(self.data) as server:
            self.assertEqual(server.get("/executions/decided/evidence").status, 200)
        parmana.verify_evidence(self.data, ["decided"])


class Commands(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = parmana.init(self.place / "data")

    def test_policy_check_names_file_line_and_column(self):
        self.assertEqual(parmana.run("policy", "check", POLICY).returncode, 0)
        bad = self.place / "policy.json"
        bad.write_text(POLICY.read_text().replace('"greater_than": 50000', '"greater_then": 50000'))
        done = parmana.run("policy", "check", bad)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, rf"{bad}:12:\d+: unknown key `greater_then`")

    def test_a_new_policy_is_signed_and_governs_when_it_is_activated_and_not_before(self):
        source = POLICY.read_text().replace("claims-approval", "small-claims")
        (self.place / "policy.json").write_text(source)
        request = {**parmana.SEED_REQUEST, "policyId": "small-claims", "executionId": "a"}
        listed = ("policy", "list", "--data", self.data)
        with parmana.Server(self.data) as server:
            printed = parmana.must("policy", "sign", self.place / "policy.json", "--data", self.data)
            self.assertRegex(printed, r"^policy hash: sha256:[0-9a-f]{64}\n$")
            self.assertIn("small-claims@1.0.0 installed sha256:", parmana.must(*listed))
            self.assertEqual(server.post("/evaluate", request).code(), "policy_unknown")
        with parmana.Server(self.data) as server:  # a start changes nothing about that
            self.assertEqual(server.post("/evaluate", request).code(), "policy_inactive")
            said = parmana.must("policy", "activate", "small-claims@1.0.0", "--data", self.data)
            self.assertRegex(said, r"^policy small-claims@1\.0\.0 activated, with entry [0-9]+\n$")
            answer = server.post("/evaluate", request).json()
            self.assertEqual(answer["provenance"]["policyHash"], printed.split()[-1])
            self.assertGreater(answer["log"]["index"], int(said.split()[-1]))
        self.assertIn("small-claims@1.0.0 active sha256:", parmana.must(*listed))

    def test_evaluate_reads_an_object_or_lines_and_consumes_nothing(self):
        lines = '{"claim_amount":1,"vip_customer":true}\n{"claim_amount":60000,"vip_customer":true}\n{}\n'
        done = parmana.run("evaluate", "--data", self.data, "--policy", "claims-approval@1.0.0", "--signals", "-",
                           "--json", stdin=lines)
        answers = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([a.get("wouldDecide") for a in answers], ["approved", "rejected", None])
        self.assertEqual(answers[2]["code"], "signal_missing")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(parmana.run("evaluate", "--data", self.data, "--policy", "claims-approval@1.0.0", "--signals",
                                     "-", stdin='{\n "claim_amount": 1,\n "vip_customer": true}').returncode, 0)

    def test_openapi_is_the_same_on_every_run_and_over_http(self):
        first = parmana.must("openapi")
        self.assertEqual(first, parmana.must("openapi"))
        with parmana.Server(self.data) as server:
            self.assertEqual(server.get("/openapi.json").body.decode(), first.rstrip("\n"))

    def test_version_says_the_hash_that_the_server_attests(self):
        version = json.loads(parmana.must("version", "--json"))
        with parmana.Server(self.data) as server:
            self.assertEqual(server.get("/runtime/manifest").json()["runtimeHash"], version["runtimeHash"])

    def test_a_checkpoint_comes_through_the_control_socket_or_without_a_server(self):
        with parmana.Server(self.data) as server:
            index = server.evaluate("one").json()["log"]["index"]
            self.assertEqual((self.data / "control.sock").stat().st_mode & 0o777, 0o600)
            through_socket = parmana.must("log", "checkpoint", "--data", self.data)
            self.assertEqual(through_socket.splitlines()[1], str(index + 1))
        self.assertEqual(parmana.must("log", "checkpoint", "--data", self.data), through_socket)

    def test_evidence_beside_a_running_server_waits_for_a_checkpoint(self):
        with parmana.Server(self.data) as server:
            server.evaluate("one")
            parmana.must("log", "checkpoint", "--data", self.data)
            parmana.verify_evidence(self.data, ["one"])
            done = parmana.run("evidence", "nobody", "--data", self.data)
            self.assertEqual(done.returncode, 2)
            self.assertIn("execution_unknown", done.stderr)

    def test_verify_ends_with_the_code_of_its_case(self):
        trust = self.place / "trust.json"
        file = self.place / "evidence.json"
        with parmana.Server(self.data) as server:
            server.evaluate("one")
            file.write_bytes(server.get("/executions/one/evidence").body)
        parmana.must("trust", "export", "--data", self.data, "--out", trust)
        cases = [(0, [file, "--trust", trust]), (3, [file]), (2, [self.place / "nothing", "--trust", trust]),
                 (2, [file, "--trust", self.place / "nothing"]), (2, [file, "--trust", file])]
        altered = self.place / "altered.json"
        altered.write_bytes(file.read_bytes() + b"\n")
        cases.append((1, [altered, "--trust", trust]))
        altered_twice = self.place / "altered-twice.json"
        altered_twice.write_bytes(file.read_bytes().replace(b'"claim_amount":1200', b'"claim_amount":1201'))
        cases.append((1, [altered_twice, "--trust", trust]))
        for code, argv in cases:
            with self.subTest(argv=argv):
                self.assertEqual(parmana.run("verify", *argv).returncode, code)
                self.assertEqual(parmana.run(*argv, binary=parmana.VERIFIER).returncode, code)
        self.assertEqual(parmana.run(binary=parmana.VERIFIER).returncode, 2)

    def test_help_names_every_command(self):
        text = parmana.must("--help")
        for command in ("init", "serve", "evaluate", "verify", "evidence", "policy", "log", "trust", "openapi",
                        "version"):
            self.assertIn(f"  {command} ", text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
