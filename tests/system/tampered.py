"""Whoever can write to the disk, and knows the store's format, still cannot free a used identity or change a
record: all digests and chain values are recomputed here after the alteration, and it is found all the same."""
import hashlib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

HEADER, GROUP, FRAME = 512, 72, 36


def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def rewrite(path, change, links=None):
    """Applies `change` to the body of every frame and makes every digest and chain value right again. `links`
    are the chain values that the groups name. Returns the chain values."""
    old = path.read_bytes()
    out = bytearray(old[:HEADER])
    chain, chains, at = old[72:104], [], HEADER
    while old[at:at + 4] == b"PGR1":
        header = bytearray(old[at:at + GROUP])
        size = int.from_bytes(header[32:40], "big")
        payload, end = old[at + GROUP:at + GROUP + size], at + GROUP + size + 32
        frames, heads = b"", b""
        while payload:
            length = int.from_bytes(payload[:4], "big")
            body = change(payload[FRAME:FRAME + length])
            head = len(body).to_bytes(4, "big") + sha256(body)
            frames, heads, payload = frames + head + body, heads + head, payload[FRAME + length:]
        header[32:40] = len(frames).to_bytes(8, "big")
        if links is not None:
            header[40:72] = links[len(chains)]
        chain = sha256(chain, header, heads)
        chains.append(chain)
        out += header + frames + chain
        at = end
    path.write_bytes(out + bytes(max(0, len(old) - len(out))))
    return chains


class Tampered(unittest.TestCase):
    def setUp(self):
        self.place = self.enterContext(parmana.scratch())
        self.data = parmana.init(self.place / "data")
        self.first_checkpoint = (self.data / "tlog/checkpoint").read_bytes()  # over nothing
        with parmana.Server(self.data) as server:
            for name in ("victim-1", "other-1"):
                self.assertEqual(server.evaluate(name).status, 200)

    def alter(self, change_log, change_records):
        links = rewrite(self.data / "records/00000001.seg", change_records)
        rewrite(self.data / "log/00000001.seg", change_log, links)

    def refused(self):
        done = parmana.run("serve", "--data", self.data, "--listen", "127.0.0.1:0", timeout=20)
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertIn("data_corrupt", done.stderr)

    def without_checkpoint(self):
        (self.data / "tlog/checkpoint").write_bytes(self.first_checkpoint)

    def test_rewriting_without_a_change_is_not_noticed(self):
        self.alter(lambda body: body, lambda body: body)
        with parmana.Server(self.data) as server:
            self.assertEqual(server.evaluate("victim-1").status, 409)

    def test_a_renamed_identity(self):
        for covered in (True, False):
            with self.subTest(covered=covered):
                if not covered:
                    self.without_checkpoint()
                rename = lambda body: body.replace(b"victim-1", b"victim-2", 1)  # noqa: E731  the store's own field
                self.alter(rename, rename)
                self.refused()

    def test_a_renamed_identity_in_the_statement_too(self):
        for covered in (True, False):
            with self.subTest(covered=covered):
                if not covered:
                    self.without_checkpoint()
                rename = lambda body: body.replace(b"victim-1", b"victim-2")  # noqa: E731
                self.alter(rename, rename)
                self.refused()

    def test_a_decision_that_is_called_a_refusal(self):
        code = b"\0\0signal_type"
        def as_refusal(body):
            size = int.from_bytes(body[1:3], "big")
            return b"\2" + body[1:3 + size] + (len(code) - 2).to_bytes(2, "big") + code[2:] + body[5 + size:]
        self.alter(as_refusal, lambda body: body)
        self.refused()

    def test_an_altered_record_is_not_told(self):
        self.alter(lambda body: body, lambda body: body.replace(b'"claim_amount":1200', b'"claim_amount":1300'))
        with parmana.Server(self.data) as server:
            for path in ("/executions/victim-1", "/executions/victim-1/evidence"):
                answer = server.get(path)
                self.assertEqual((answer.status, answer.code()), (500, "data_corrupt"))
            self.assertNotEqual(server.evaluate("victim-1").status, 200)


if __name__ == "__main__":
    unittest.main(verbosity=2)
