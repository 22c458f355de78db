"""What tools/tidy.py needs to know about C++ text. Heuristics that rely on the layout of clang-format."""

import re

TOKEN = re.compile(
    r"//[^\n]*|/\*.*?\*/"  # comments
    r'|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"'  # raw strings
    r'|"(?:\\.|[^"\\\n])*"'  # strings
    r"|(?<![0-9a-zA-Z_])'(?:\\.|[^'\\\n])+'",  # characters, but not the separators of digits
    re.S,
)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">]', re.M)
NOT_FUNCTION = re.compile(r"\b(namespace|class|struct|enum|union)\b|\bextern\s*$|=\s*$")
INITIALISER = re.compile(r"\)[^;{}]*[^:]:[^:].*[\w>]$|\)\s*:[^:].*[\w>]$", re.S)


def is_test(path):
    return path.stem.endswith("_test")


def includes(text):
    """(line, name, quoted) of each include."""
    found = INCLUDE.finditer(text)
    return [(text.count("\n", 0, m.start()) + 1, m.group(2), m.group(1) == '"') for m in found]


def without_comments_and_strings(text):
    """The same text, on the same lines, with comments blank and strings empty."""

    def blank(match):
        token = match.group(0)
        mark = "" if token.startswith("/") else token[-1] * 2
        return mark + "\n" * token.count("\n")

    return TOKEN.sub(blank, text)


def functions(bare):
    """(first line, last line) of each outermost function in a text without comments and strings."""
    bare = re.sub(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", lambda m: "\n" * m.group(0).count("\n"), bare, flags=re.M)
    found = []
    stack = []  # one entry a brace: `scope`, `initialiser`, or the first line of a function
    header = ""
    line = 1
    for character in bare:
        line += character == "\n"
        inside = any(isinstance(entry, int) for entry in stack)
        if character == "{":
            if inside or (stack and stack[-1] == "initialiser"):
                stack.append("block")
            elif INITIALISER.search(header.rstrip()):
                stack.append("initialiser")
            elif ")" in header and not NOT_FUNCTION.search(header):
                stack.append(line - header.strip().count("\n"))
            else:
                stack.append("scope")
            if stack[-1] not in ("block", "initialiser"):
                header = ""
        elif character == "}":
            entry = stack.pop() if stack else "scope"
            if isinstance(entry, int):
                found.append((entry, line))
            if entry != "initialiser":
                header = ""
        elif character == ";" and not (stack and stack[-1] == "initialiser"):
            header = ""
        elif not inside:
            header += character
    return found
