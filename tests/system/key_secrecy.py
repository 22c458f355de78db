"""Key bytes stay where they belong: not in what the server prints, not in a core, not with another process.

Looked for as they are, in base64 and in hexadecimal. That they are gone from the memory of a process when a key is, is
a unit test (src/crypto/wipe_test.cpp).
"""
import os
import pathlib
import re
import resource
import signal
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402
from reference import unb64  # noqa: E402
from unprivileged import Unprivileged  # noqa: E402

def patterns_of(data):
    """{description: bytes} of every secret of a directory."""
    found = {}
    for file in sorted((data / "keys").glob("*.key")):
        text = file.read_text().split()[2]
        raw = unb64(text)
        found |= {f"{file.stem}, raw": raw, f"{file.stem}, base64": text[:40].encode(),
                  f"{file.stem}, hexadecimal": raw.hex().encode()}
    return found


def mappings(pid):
    """(begin, end, whether a core dump has it) of each mapping that can be read."""
    out, place = [], None
    for line in pathlib.Path(f"/proc/{pid}/smaps").read_text().splitlines():
        if match := re.match(r"([0-9a-f]+)-([0-9a-f]+) r", line):
            place = (int(match[1], 16), int(match[2], 16))
        elif re.match(r"[0-9a-f]+-[0-9a-f]+ ", line):
            place = None
        elif line.startswith("VmFlags:") and place:
            out.append((*place, "dd" not in line.split()))
    return out


def count_in_memory(pid, patterns):
    """{(description, whether a core dump would have it): how often}."""
    counts = {}
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for begin, end, dumped in mappings(pid):
            try:
                memory.seek(begin)
                content = memory.read(end - begin)
            except (OSError, ValueError, OverflowError):
                continue  # what the kernel maps for itself
            for name, pattern in patterns.items():
                counts[name, dumped] = counts.get((name, dumped), 0) + content.count(pattern)
    return counts


class Server(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = parmana.init(self.place / "data")
        self.patterns = patterns_of(self.data)
        self.assertEqual(len(self.patterns), 15)

    def use(self, server):
        """Everything that touches a key, and everything that goes wrong."""
        self.assertEqual(server.evaluate("one").status, 200)
        server.evaluate("one")
        server.evaluate("refused", {})
        server.post("/evaluate", {**parmana.SEED_REQUEST})  # a derived identity
        server.post("/evaluate/batch?attestation=log&wait=included",
                    {"items": [{**parmana.SEED_REQUEST, "executionId": f"batch-{at}"} for at in range(5)]})
        server.post("/evaluate", b"{")
        server.get("/nothing")
        self.assertEqual(server.get("/executions/one/evidence").status, 200)
        load = parmana.Load(server.port, connections=8, requests=2000)
        load.finish()

    def expect_none(self, content, where):
        for name, pattern in self.patterns.items():
            self.assertNotIn(pattern, content, f"{name} in {where}")

    def test_nothing_that_is_printed_has_a_key(self):
        with parmana.Server(self.data) as server:
            self.use(server)
            os.set_blocking(server.process.stdout.fileno(), False)
            printed = server.process.stdout.read() or b""
            server.stop()
        self.expect_none(printed + server.stderr_path.read_bytes(), "the output of the server")
        key = self.data / "keys/attestation.key"
        whole = key.read_text()
        for text in (whole[:-3] + "\n", whole.replace("attestation", "log"), whole + whole, whole.strip(),
                     whole.replace("KEY-1", "KEY-2")):
            key.write_text(text)
            done = parmana.run("serve", "--data", self.data, "--listen", "127.0.0.1:0")
            self.assertEqual(done.returncode, 2)
            self.expect_none((done.stdout + done.stderr).encode(), f"what is said of {text.split()[:2]}")
        key.write_text(whole)
        for argv in (("keys", "list"), ("policy", "list"), ("log", "fsck")):
            self.expect_none(parmana.must(*argv, "--data", self.data).encode(), argv)

    def test_only_pages_that_no_core_has_hold_a_key(self):
        if os.geteuid() != 0:
            self.skipTest("NOT CHECKED: only root reads the memory of the server")
        with parmana.Server(self.data) as server:
            self.use(server)
            counts = count_in_memory(server.pid, self.patterns)
        for name in ("attestation, raw", "log, raw", "blind, raw"):
            self.assertGreater(counts.get((name, False), 0), 0, f"{name}: this test does not see what it looks for")
        self.assertEqual({key: count for key, count in counts.items() if count and (key[1] or "raw" not in key[0])}, {})
        for name in ("policy, raw", "root, raw"):
            self.assertEqual(counts.get((name, False), 0), 0, "it is not needed for serving")

    def test_a_crash_leaves_no_core(self):
        def cores():
            return [path for path in self.place.iterdir() if path.name.startswith("core")]

        def no_limit():
            hard = resource.getrlimit(resource.RLIMIT_CORE)[1]
            resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))

        def abort(argv, ready):
            process = subprocess.Popen(argv, cwd=self.place, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       preexec_fn=no_limit)
            if ready:
                self.assertTrue(process.stdout.readline().startswith(parmana.READY.encode()))
            os.kill(process.pid, signal.SIGABRT)
            status = os.waitpid(process.pid, 0)[1]
            process.returncode = -signal.SIGABRT
            process.stdout.close()
            self.assertEqual(os.WTERMSIG(status), signal.SIGABRT)
            return os.WCOREDUMP(status)

        self.assertFalse(abort([parmana.BINARY, "serve", "--data", self.data, "--listen", "127.0.0.1:0"], True))
        self.assertEqual(cores(), [])
        if not abort(["sleep", "60"], False):
            print("NOT CHECKED: this system dumps no process at all", file=sys.stderr)


class AnotherProcess(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.nobody = Unprivileged(self.place)

    def read(self, pid, name):
        """What that other process says when it tries."""
        return self.nobody.run("cat", f"/proc/{pid}/{name}", env={**os.environ, "LC_ALL": "C"}).stderr

    def test_of_the_same_user_reads_nothing_and_the_server_itself_is_not_hindered(self):
        data = self.place / "data"
        self.nobody.must(self.nobody.binary, "init", "--data", data, "--demo")
        argv = [self.nobody.binary, "serve", "--data", data, "--listen", "127.0.0.1:0"]
        with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, **self.nobody.user) as process, \
                subprocess.Popen(["sleep", "60"], **self.nobody.user) as other:
            try:
                self.assertTrue(process.stdout.readline().startswith(parmana.READY.encode()))
                for name in ("environ", "mem"):
                    self.assertIn("Permission denied", self.read(process.pid, name))
                self.assertNotIn("Permission denied", self.read(other.pid, "environ"), "this test sees no difference")
            finally:
                process.terminate()
                other.terminate()
            self.assertEqual(process.wait(10), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
