#!/usr/bin/env python3
"""Writes docs/reference/codes.md from the table in src/base/code.hpp.

    tools/codes.py --write     write the page
    tools/codes.py --check     exit 1 when the page is not what --write would make it
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/reference/codes.md"
ROW = re.compile(r'^\s*X\((\w+), (\d+), (\d+), "([^"]*)"\)', re.MULTILINE)

HEAD = """# Codes

Every failure carries one of these codes: as `code` of a problem (`application/problem+json`, RFC 9457), in
the output of the command line, and in the log. A code is never renamed and never used for something else.
*Status* is that of the HTTP answer, *exit* what a command ends with.

<!-- Written by tools/codes.py from src/base/code.hpp. -->

| code | status | exit | meaning |
|---|---|---|---|
"""


def rows():
    """(code, status, exit, sentence) of each row, in the order of the table."""
    return ROW.findall((ROOT / "src/base/code.hpp").read_text(encoding="utf-8"))


def page():
    return HEAD + "".join(f"| `{code}` | {http} | {end} | {text} |\n" for code, http, end, text in rows())


def is_current():
    return PAGE.is_file() and PAGE.read_text(encoding="utf-8") == page()


def main(arguments):
    if arguments == ["--write"]:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(), encoding="utf-8")
        return 0
    if arguments == ["--check"]:
        if not is_current():
            print("docs/reference/codes.md is not current: run tools/codes.py --write", file=sys.stderr)
        return 0 if is_current() else 1
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
