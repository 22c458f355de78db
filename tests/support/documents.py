"""Documents are executed: every `console` block, in order, with its output compared.

In a block, a line that begins with `$ ` is a command (a backslash at its end continues it); the lines behind it are
what it must print, where `…` stands for anything within a line. A block tagged `console server` is a command that keeps
running while the rest of the document runs, or until the next such block, before which it is told to stop. A block of
any language tagged `file=NAME` is a file of that name from then on. Port 3000 is replaced by a free one.
"""
import os
import pathlib
import re
import subprocess
import unittest

import parmana

BLOCK = re.compile(r"^```(console|console server|\w+ .*?file=\S+.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def steps(block):
    """Pairs of command and expected lines."""
    found = []
    continued = False
    for line in block.splitlines():
        if continued:
            found[-1][0] += "\n" + line
        elif line.startswith("$ "):
            found.append([line[2:], []])
        else:
            found[-1][1].append(line)
        continued = (continued or line.startswith("$ ")) and line.endswith("\\")
    return found


def pattern(lines):
    return re.compile("\n".join(re.escape(line).replace("…", ".*") for line in lines))


class Document(unittest.TestCase):
    """Executes documents in directories of their own."""

    server = None

    def prepare(self, place, port):
        """A directory that looks like a clone to the commands of a document."""
        (place / "build").mkdir()
        (place / "build/release").symlink_to(parmana.BINARY.parent)
        (place / "policies").symlink_to(parmana.ROOT / "policies")
        (place / "run").mkdir()
        dev = place / "dev"
        dev.write_text(f'#!/bin/sh\ncommand=$1; shift\nexec "{parmana.ROOT}/dev" "$command" --data "{place}/run/demo" '
                       f'--listen 127.0.0.1:{port} "$@"\n')
        dev.chmod(0o755)

    def start_server(self, command, place, port):
        self.stop_server()
        self.server = process = parmana.start(["sh", "-c", f"exec {command}"], cwd=place, stdout=subprocess.PIPE,
                                              text=True, stderr=subprocess.DEVNULL)
        self.addCleanup(self.stop_server)
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n").replace(str(port), "3000"))
            if line.startswith(parmana.READY):
                return "\n".join(lines[-1:])
        self.fail(f"`{command}` ended before it was ready: {lines}")

    def stop_server(self):
        if self.server is None:
            return
        self.server.terminate()
        self.server.wait(30)
        self.server.stdout.close()
        self.server = None

    def execute(self, document):
        blocks = BLOCK.findall(document.read_text())
        place = self.enterContext(parmana.scratch())
        port = parmana.free_port()
        self.prepare(place, port)
        servers = [block for tag, block in blocks if tag == "console server"]
        if not any("./dev run" in block for block in servers):
            parmana.init(place / "run/demo")
        if not servers and any("localhost:3000" in block for _, block in blocks):
            self.start_server(f"build/release/parmana serve --data run/demo --listen 127.0.0.1:{port}", place, port)
        count = 0
        for tag, block in blocks:
            if name := re.search(r"file=(\S+)", tag):
                (place / name.group(1)).parent.mkdir(parents=True, exist_ok=True)
                (place / name.group(1)).write_text(block)
                continue
            for command, expected in steps(block):
                count += 1
                words = re.sub(r"\b(localhost|127\.0\.0\.1):3000\b", rf"\1:{port}", command)
                if tag == "console server":
                    printed = self.start_server(words, place, port)
                else:
                    done = subprocess.run(["bash", "-c", words], cwd=place, capture_output=True, text=True, timeout=60,
                                          check=False, env={**os.environ, "LC_ALL": "C.UTF-8"})
                    printed = done.stdout.rstrip("\n").replace(f":{port}", ":3000")
                with self.subTest(document=document.name, command=command):
                    self.assertRegex(printed + "\n", re.compile(pattern(expected).pattern + r"\n?\Z"))
        return count
