"""ARCHITECTURE.md's walks, of one request and of a change, are true: each function stands in its file, and is called
from where the table says, in the order of the table."""
import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
ROW = re.compile(r"^\| ([^|]+) \| `([\w:]+)` \| `([\w/.]+)` \| `([\w:]+)` in `([\w/.]+)` \|$", re.MULTILINE)


def code_of(path):
    """The text of a file without comments."""
    return re.sub(r"//[^\n]*", "", (ROOT / path).read_text())


def body_of(function, path):
    """The text of every definition of a function in a file, by its braces; empty when there is none."""
    text = code_of(path)
    bodies = []
    for match in re.finditer(rf"(?<![\w.>]){re.escape(function)}\(", text):
        depth, at = 0, match.end() - 1
        while True:  # to the end of the parameters
            depth += {"(": 1, ")": -1}.get(text[at], 0)
            at += 1
            if depth == 0:
                break
        tail = re.match(r"\s*(const|override|noexcept|\s)*(->\s*[\w:<>]+\s*)?\{", text[at:])
        if not tail:
            continue  # a declaration or a call
        begin = at + tail.end() - 1
        at, depth = begin, 0
        while True:
            depth += {"{": 1, "}": -1}.get(text[at], 0)
            at += 1
            if depth == 0:
                break
        bodies.append(text[begin:at])
    return "\n".join(bodies)


class Walk(unittest.TestCase):
    def setUp(self):
        sections = (ROOT / "ARCHITECTURE.md").read_text().split("\n## ")
        self.walks = {text.split("\n")[0]: ROW.findall(text) for text in sections if ROW.search(text)}

    def rows(self):
        return [(walk, *row) for walk, rows in self.walks.items() for row in rows]

    def test_the_tables_are_there(self):
        self.assertEqual(list(self.walks), ["The walk of one request", "The walk of a change"])
        for walk, least in zip(self.walks, (20, 10)):
            self.assertGreaterEqual(len(self.walks[walk]), least, walk)

    def test_every_function_stands_in_its_file(self):
        for walk, arrow, function, path, _, _ in self.rows():
            with self.subTest(walk=walk, arrow=arrow):
                self.assertTrue(body_of(function, path), f"{function} is not defined in {path}")

    def test_callers_call_in_the_order_of_the_table(self):
        position = {}
        for walk, arrow, function, _, caller, caller_path in self.rows():
            with self.subTest(walk=walk, arrow=arrow):
                body = body_of(caller, caller_path)
                self.assertTrue(body, f"{caller} is not defined in {caller_path}")
                name = re.compile(rf"\b{re.escape(function.split('::')[-1])}\b")
                match = name.search(body, position.get((walk, caller, caller_path), 0))
                self.assertTrue(match, f"{caller} does not call {function} after the call of the row before")
                position[(walk, caller, caller_path)] = match.end()


if __name__ == "__main__":
    unittest.main(verbosity=2)
