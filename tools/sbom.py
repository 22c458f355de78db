#!/usr/bin/env python3
"""Writes the bill of materials of the release programs: SPDX 2.3 JSON, the same bytes for the same build.

    tools/sbom.py [--build DIR] [--out FILE]     default: build/release, to stdout

Nothing is listed by hand. What is linked stands in the link maps, what only has headers in ninja's log
of dependencies; dpkg says which package each file belongs to, and its copyright file the licence where it is plain.
The one time in it is that of the source commit.
"""
import argparse
import datetime
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROGRAMS = ("parmana", "parmana-verify", "parmana-pkcs11")
# They put bytes of their own into the programs.
BUILD_TOOLS = ("g++-12", "binutils")
# Names in Debian's copyright files that mean one licence of SPDX.
LICENCES = {"Apache-2.0": "Apache-2.0", "BSD-3-clause": "BSD-3-Clause", "BSD-3-google": "BSD-3-Clause",
            "BSL-1.0": "BSL-1.0", "Expat": "MIT", "ISC": "ISC"}


class Unusable(Exception):
    pass


def output(*command, cwd=None, may_fail=False):
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    if done.returncode != 0 and not may_fail:
        raise Unusable(f"`{command[0]}`: {done.stderr.strip()}")
    return done.stdout


def linked_files(link_map):
    """The archives and objects outside the build that gave something to a program, and the shared libraries that it
    loads."""
    if not link_map.exists():
        raise Unusable(f"there is no {link_map}: build the preset `release`")
    text = link_map.read_text(encoding="utf-8")
    inside = re.findall(r"^(/[^\s(]+\.a)\(", text, re.MULTILINE) + re.findall(r"^LOAD (/\S+\.o)$", text, re.MULTILINE)
    loaded = re.findall(r"^LOAD (/\S+\.so[.\d]*)$", text, re.MULTILINE)
    return [{path.resolve() for path in map(pathlib.Path, found)} for found in (inside, loaded)]


def inputs_of(build, program):
    return output("ninja", "-t", "inputs", program, cwd=build).splitlines()


def header_files(build, program):
    """The files of the system that the objects of a program include."""
    objects = {line for line in inputs_of(build, program) if line.endswith(".o")}
    found, wanted = set(), False
    for line in output("ninja", "-t", "deps", cwd=build).splitlines():
        if line and not line.startswith(" "):
            wanted = line.split(":", 1)[0] in objects
        elif wanted and line.strip().startswith("/usr/"):
            found.add(line.strip())
    return {pathlib.Path(path).resolve() for path in found}


def packages_of(files):
    """The Debian packages that the files belong to. A file that belongs to none is an error: it would be missing."""
    # dpkg knows some files by their names from before /lib became a link to /usr/lib.
    spellings = {name: file for file in files for name in (str(file), str(file).removeprefix("/usr"))}
    packages, missing = set(), set(files)
    for line in output("dpkg-query", "-S", *sorted(spellings), may_fail=True).splitlines():
        names, _, path = line.rpartition(": ")
        if path in spellings and not line.startswith("diversion "):
            packages |= {name.split(":")[0] for name in names.split(", ")}
            missing.discard(spellings[path])
    if missing:
        raise Unusable(f"these belong to no package: {' '.join(sorted(map(str, missing)))}")
    return packages


def licence_of(package):
    """That of all files that no other paragraph names, when the copyright file is machine-readable."""
    file = pathlib.Path("/usr/share/doc") / package / "copyright"
    if file.exists():
        for paragraph in file.read_text(encoding="utf-8", errors="replace").split("\n\n"):
            if re.search(r"^Files: *\*$", paragraph, re.MULTILINE):
                name = re.search(r"^License: *(\S.*)$", paragraph, re.MULTILINE)
                return LICENCES.get(name.group(1).strip(), "NOASSERTION") if name else "NOASSERTION"
    return "NOASSERTION"


def source_of(package):
    """Source package, its version, and that of the binary package."""
    form = "${source:Package} ${source:Version} ${Version}"
    return output("dpkg-query", "-W", "-f", form, package).split()


def spdx_id(*parts):
    return "SPDXRef-" + "-".join(re.sub(r"[^A-Za-z0-9.]", "-", part.replace("+", "p")) for part in parts)


def library(source, packages):
    """One SPDX package for what comes from one source package of Debian."""
    version = source_of(packages[0])[1]
    binaries = ", ".join(f"{name} {source_of(name)[2]}" for name in packages)
    licences = {licence_of(name) for name in packages}
    quoted = [urllib.parse.quote(part, safe="") for part in (source, version)]
    return {"SPDXID": spdx_id("Debian", source), "name": source, "versionInfo": version,
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
            "licenseDeclared": licences.pop() if len(licences) == 1 else "NOASSERTION",
            "copyrightText": "NOASSERTION", "supplier": "Organization: Debian",
            "sourceInfo": f"Debian source package {source} {version}, by {binaries}",
            "externalRefs": [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                              "referenceLocator": f"pkg:deb/debian/{quoted[0]}@{quoted[1]}?arch=source"}]}


def by_source(packages):
    out = {}
    for name in sorted(packages):
        out.setdefault(source_of(name)[0], []).append(name)
    return out


def program_package(name, content, facts):
    """A program, and its one file."""
    sha1 = hashlib.sha1(content).hexdigest()  # SPDX 2.3 §8.4 requires it beside any better one
    file = {"SPDXID": spdx_id("File", name), "fileName": f"./{name}", "fileTypes": ["BINARY"],
            "checksums": [{"algorithm": "SHA1", "checksumValue": sha1},
                          {"algorithm": "SHA256", "checksumValue": hashlib.sha256(content).hexdigest()}],
            "licenseConcluded": "NOASSERTION", "licenseInfoInFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION"}
    package = {"SPDXID": spdx_id("Package", name), "name": name, "versionInfo": facts["version"],
               "downloadLocation": "NOASSERTION", "filesAnalyzed": True,
               "packageVerificationCode": {
                   "packageVerificationCodeValue": hashlib.sha1(sha1.encode()).hexdigest()},
               "licenseConcluded": "NOASSERTION", "licenseDeclared": "Apache-2.0",
               "licenseInfoFromFiles": ["NOASSERTION"], "copyrightText": "NOASSERTION",
               "primaryPackagePurpose": "APPLICATION",
               "sourceInfo": f"source revision {facts['sourceRevision']}, {facts['compiler']}"}
    return package, file


def time_zones(release):
    return {"SPDXID": spdx_id("Data", "tz"), "name": "tz database", "versionInfo": release,
            "downloadLocation": "NOASSERTION", "filesAnalyzed": False, "licenseConcluded": "NOASSERTION",
            "licenseDeclared": "NOASSERTION", "copyrightText": "NOASSERTION",
            "comment": "in the public domain; its offsets from 1970 on are compiled in"}


def commit_time(revision):
    commit = revision.removesuffix("-modified")
    seconds = output("git", "-c", "safe.directory=*", "-C", ROOT, "show", "-s", "--format=%ct", commit)
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def relation(one, kind, other, comment=None):
    out = {"spdxElementId": one, "relationshipType": kind, "relatedSpdxElement": other}
    return out | ({"comment": comment} if comment else {})


def make(build):
    facts = json.loads(output(build / "parmana", "version", "--json"))["manifest"]
    packages, files, relations, libraries = [], [], [], set()
    for name in PROGRAMS:
        linked, loaded = (by_source(packages_of(found)) for found in linked_files(build / f"{name}.map"))
        compiled = by_source(packages_of(header_files(build, name)))
        package, file = program_package(name, (build / name).read_bytes(), facts)
        packages.append(package)
        files.append(file)
        relations += [relation("SPDXRef-DOCUMENT", "DESCRIBES", package["SPDXID"]),
                      relation(package["SPDXID"], "CONTAINS", file["SPDXID"])]
        if any(line.endswith("/zone_tables.cpp") for line in inputs_of(build, name)):
            relations.append(relation(package["SPDXID"], "CONTAINS", spdx_id("Data", "tz")))
        for source in sorted(linked.keys() | compiled.keys()):
            libraries |= set(linked.get(source, [])) | set(compiled.get(source, []))
            relations.append(relation(package["SPDXID"], "STATIC_LINK", spdx_id("Debian", source),
                                      None if source in linked else "headers only, compiled in"))
        for source, names in loaded.items():
            libraries |= set(names)
            relations.append(relation(package["SPDXID"], "DYNAMIC_LINK", spdx_id("Debian", source)))
        for tool in BUILD_TOOLS:
            libraries.add(tool)
            relations.append(relation(spdx_id("Debian", source_of(tool)[0]), "BUILD_TOOL_OF", package["SPDXID"]))
    packages.append(time_zones(facts["timeZoneData"]))
    packages += [library(source, names) for source, names in sorted(by_source(libraries).items())]
    content = {"packages": packages, "files": files, "relationships": relations}
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
    return {"spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
            "name": f"parmana-{facts['version']}", "documentNamespace": f"urn:parmana:sbom:sha256:{digest}",
            "creationInfo": {"created": commit_time(facts["sourceRevision"]), "creators": ["Tool: parmana-sbom-1"]},
            **content}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build/release")
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    try:
        text = json.dumps(make(arguments.build.resolve()), indent=1, sort_keys=True, ensure_ascii=True) + "\n"
    except (Unusable, OSError) as error:
        print(f"sbom: {error}", file=sys.stderr)
        return 2
    if arguments.out:
        arguments.out.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
