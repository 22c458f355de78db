#!/usr/bin/env python3
"""Pins the time zones of this machine's tz database in src/civil/zones.txt, for maintainers.

    tools/zones.py --write [DIRECTORY]     write the data and the expected offsets of the tests
    tools/zones.py --check [DIRECTORY]     exit 1 when they are not what --write would make them

DIRECTORY holds compiled TZif files (RFC 9636) and is /usr/share/zoneinfo unless named. The data is read by
the code below; the expected offsets come from Python's own zoneinfo, which shares nothing with it. Neither
the build nor the tests need this program: the data moves only when a maintainer moves it.
"""

import datetime
import pathlib
import random
import re
import struct
import sys
import zoneinfo

ROOT = pathlib.Path(__file__).resolve().parent.parent
DATA = ROOT / "src/civil/zones.txt"
EXPECTED = ROOT / "src/civil/zones_expected.txt"
SYSTEM = pathlib.Path("/usr/share/zoneinfo")

# Not zones, or zones of this machine only.
LEFT_OUT = {"Factory", "localtime", "posixrules"}
LEFT_OUT_DIRECTORIES = {"posix", "right"}

HEAD = """\
# The time zones that civil::find_zone knows, pinned from the tz database, which is in the public domain.
# Written by tools/zones.py; src/civil/zones.cmake turns it into tables. Unix seconds and seconds east of UTC:
#   zone NAME always OFFSET                           never had another
#   zone NAME OFFSET [AT/OFFSET...] then RULE         from 1970 on, from each AT on, and by RULE from the last AT on
#   link NAME ZONE                                    the same as ZONE from 1970 on
# RULE is STANDARD [DAYLIGHT START END]; START and END are MONTH.WEEK.DAY/SECONDS, as in POSIX TZ: on the
# WEEK-th DAY (0 is Sunday, week 5 the last) of the month, that long after 0:00 of the clock that is left.
"""

HEAD_EXPECTED = """\
# What Python's zoneinfo says, at instants that were drawn once: zone, Unix seconds, seconds east of UTC.
# Written by tools/zones.py from the data that src/civil/zones.txt was made from.
"""

LAST_YEAR = 2200  # how far rules are compared with explicit transitions


class Refused(Exception):
    """The data holds something that the program is not made for."""


def read_tzif(data):
    """(transitions [(unix seconds, offset)], offset before the first, POSIX TZ string) of a TZif file."""
    header = struct.Struct(">4sc15x6L")
    magic, version, *counts = header.unpack_from(data)
    if magic != b"TZif" or version < b"2":
        raise Refused("not a TZif file of version 2 or later")
    isut, isstd, leap, time, kind, text = counts
    start = header.size + time * 5 + kind * 6 + text + leap * 8 + isstd + isut  # behind the 32-bit block
    _, _, isut, isstd, leap, time, kind, text = header.unpack_from(data, start)
    if leap:
        raise Refused("counts leap seconds")
    at = start + header.size
    instants = struct.unpack_from(f">{time}q", data, at)
    at += time * 8
    kinds = data[at:at + time]
    at += time
    offsets = [struct.unpack_from(">lBB", data, at + i * 6)[0] for i in range(kind)]
    at += kind * 6 + text + isstd + isut
    newline, footer, end = data[at:at + 1], data[at + 1:-1], data[-1:]
    if newline != b"\n" or end != b"\n" or b"\n" in footer:
        raise Refused("has no footer")
    return [(t, offsets[k]) for t, k in zip(instants, kinds)], offsets[0], footer.decode("ascii")


def seconds_of(text):
    """`-3:30` and its kin in seconds."""
    sign = -1 if text.startswith("-") else 1
    hours, minutes, seconds = (text.lstrip("+-") + ":0:0").split(":")[:3]
    return sign * (int(hours) * 3600 + int(minutes) * 60 + int(seconds))


class Rule:
    """A POSIX TZ string: a standard offset, or two offsets and the two changes of each year."""

    NAME = r"(?:[A-Za-z]+|<[A-Za-z0-9+-]+>)"
    OFFSET = r"([+-]?\d+(?::\d+){0,2})"
    CHANGE = r"M(\d+)\.(\d)\.(\d)(?:/" + OFFSET + ")?"
    SPELLING = re.compile(f"{NAME}{OFFSET}(?:{NAME}{OFFSET}?,{CHANGE},{CHANGE})?")

    def __init__(self, text):
        match = self.SPELLING.fullmatch(text)
        if not match:
            raise Refused(f"`{text}` is not a rule by months, weeks and days")
        standard, daylight, *changes = match.groups()
        self.standard = -seconds_of(standard)
        self.changes = None
        if changes[0] is None:
            return
        self.daylight = -seconds_of(daylight) if daylight else self.standard + 3600
        self.changes = []
        for month, week, day, time in (changes[:4], changes[4:]):
            # So that a change falls into one year, whatever the clock says.
            if not 2 <= int(month) <= 11 or not 1 <= int(week) <= 5 or not int(day) <= 6:
                raise Refused(f"`{text}` changes in a month that the program does not expect")
            self.changes.append((int(month), int(week), int(day), seconds_of(time or "2")))

    def instants(self, year):
        """[(unix seconds, offset from then on)] of one year, in their order."""
        if not self.changes:
            return []
        result = []
        for (month, week, day, time), before, after in zip(self.changes, (self.standard, self.daylight),
                                                           (self.daylight, self.standard)):
            first = datetime.date(year, month, 1)
            date = first + datetime.timedelta((day - first.isoweekday()) % 7 + 7 * (week - 1))
            if date.month != month:
                date -= datetime.timedelta(7)
            days = date.toordinal() - datetime.date(1970, 1, 1).toordinal()
            result.append((days * 86400 + time - before, after))
        return sorted(result)

    def offset(self, instant):
        if not self.changes:
            return self.standard
        year = datetime.datetime.fromtimestamp(instant, datetime.timezone.utc).year
        return [after for at, after in self.instants(year - 1) + self.instants(year) if at <= instant][-1]

    def __str__(self):
        if not self.changes:
            return str(self.standard)
        changes = " ".join("{}.{}.{}/{}".format(*change) for change in self.changes)
        return f"{self.standard} {self.daylight} {changes}"


def without_repetitions(initial, transitions):
    """The transitions that change the offset."""
    result = []
    for at, offset in transitions:
        if offset != (result[-1][1] if result else initial):
            result.append((at, offset))
    return result


def history(data):
    """What stands behind `zone NAME` in the data file, from a TZif file."""
    transitions, initial, footer = read_tzif(data)
    rule = Rule(footer)
    changes = without_repetitions(initial, transitions)
    if not changes and not rule.changes and rule.standard == initial:
        return f"always {initial}"
    initial = ([initial] + [offset for at, offset in changes if at <= 0])[-1]
    changes = [(at, offset) for at, offset in changes if at > 0]
    if (changes[-1][1] if changes else initial) != rule.offset(changes[-1][0] if changes else 0):
        raise Refused("the rule does not continue the transitions")
    by_rule = [change for year in range(1970, LAST_YEAR) for change in rule.instants(year)]
    # The last change goes if the rule, in force from the one before it, makes it and no other.
    while len(changes) > 0:
        since, offset = changes[-2] if len(changes) > 1 else (0, initial)
        made = [change for change in by_rule if since < change[0] <= changes[-1][0]]
        if made != changes[-1:] or rule.offset(since) != offset:
            break
        changes.pop()
    return " ".join([str(initial)] + [f"{at}/{offset}" for at, offset in changes] + ["then", str(rule)])


def zone_files(directory):
    """{name: bytes} of all zones and links."""
    result = {}
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if name in LEFT_OUT or name.split("/")[0] in LEFT_OUT_DIRECTORIES or not path.is_file():
            continue
        data = path.read_bytes()
        if data.startswith(b"TZif"):
            result[name] = data
    return result


def version_of(directory):
    plain = directory / "+VERSION"
    if plain.is_file():
        return plain.read_text(encoding="ascii").strip()
    first = (directory / "tzdata.zi").read_text(encoding="ascii").splitlines()[0]
    return first.removeprefix("# version ")


def data_text(directory):
    lines = [f"version {version_of(directory)}"]
    first_with = {}
    for name, data in sorted(zone_files(directory).items()):
        try:
            past = history(data)
        except Refused as reason:
            raise Refused(f"{name}: {reason}") from None
        if past in first_with:
            lines.append(f"link {name} {first_with[past]}")
        else:
            first_with[past] = name
            lines.append(f"zone {name} {past}")
    return HEAD + "\n".join(lines) + "\n"


def expected_offset(zone, instant):
    when = datetime.datetime.fromtimestamp(instant, datetime.timezone.utc).astimezone(zone)
    return int(when.utcoffset().total_seconds())


def expected_text(directory):
    """Of each of sixty zones six instants from anywhere, and both sides of a change between two of them."""
    zoneinfo.reset_tzpath([str(directory)])
    draw = random.Random(1970)
    first = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    last = int((first.replace(year=2101) - first).total_seconds())
    rows = []
    for name in sorted(draw.sample(sorted(zone_files(directory)), 60)):
        zone = zoneinfo.ZoneInfo(name)
        instants = {draw.randrange(last) for _ in range(6)}
        instants.update(sides_of_a_change(zone, sorted(instants)))
        rows += [f"{name} {instant} {expected_offset(zone, instant)}" for instant in sorted(instants)]
    return HEAD_EXPECTED + "\n".join(rows) + "\n"


def sides_of_a_change(zone, instants):
    """The last second before and the first after a change between two neighbours, by halving."""
    for low, high in zip(instants, instants[1:]):
        before = expected_offset(zone, low)
        if before == expected_offset(zone, high):
            continue
        while high - low > 1:
            middle = (low + high) // 2
            if expected_offset(zone, middle) == before:
                low = middle
            else:
                high = middle
        return [low, high]
    return []


def main(arguments):
    if not 1 <= len(arguments) <= 2 or arguments[0] not in ("--write", "--check"):
        print(__doc__, file=sys.stderr)
        return 2
    directory = pathlib.Path(arguments[1]) if len(arguments) == 2 else SYSTEM
    current = True
    for path, text in (DATA, data_text(directory)), (EXPECTED, expected_text(directory)):
        if arguments[0] == "--write":
            path.write_text(text, encoding="ascii")
        elif not path.is_file() or path.read_text(encoding="ascii") != text:
            print(f"{path.relative_to(ROOT)} is not what {directory} holds", file=sys.stderr)
            current = False
    return 0 if current else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
