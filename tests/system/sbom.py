"""The bill of materials of the release programs is SPDX 2.3, whole, and the same each time."""
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import parmana  # noqa: E402

BUILD = parmana.BINARY.parent
PROGRAMS = ("parmana", "parmana-verify", "parmana-pkcs11")


def run(*arguments):
    return subprocess.run([sys.executable, "-B", parmana.ROOT / "tools/sbom.py", *map(str, arguments)],
                          capture_output=True, text=True, timeout=120, check=False)


def output(*command):
    return subprocess.run(command, cwd=BUILD, capture_output=True, text=True, timeout=60, check=True).stdout


class Materials(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.done = run("--build", BUILD)
        if cls.done.returncode != 0:
            raise AssertionError(cls.done.stderr)
        cls.document = json.loads(cls.done.stdout)
        cls.packages = {package["SPDXID"]: package for package in cls.document["packages"]}

    def related(self, program, kind):
        return {entry["relatedSpdxElement"]: entry for entry in self.document["relationships"]
                if (entry["spdxElementId"], entry["relationshipType"]) == (f"SPDXRef-Package-{program}", kind)}

    def test_the_same_build_gives_the_same_bytes(self):
        self.assertEqual(run("--build", BUILD).stdout, self.done.stdout)

    def test_every_field_that_the_specification_requires(self):
        document = self.document
        self.assertEqual((document["spdxVersion"], document["dataLicense"], document["SPDXID"]),
                         ("SPDX-2.3", "CC0-1.0", "SPDXRef-DOCUMENT"))
        self.assertRegex(document["documentNamespace"], r"^urn:parmana:sbom:sha256:[0-9a-f]{64}$")
        self.assertTrue(document["name"] and document["creationInfo"]["creators"])
        self.assertRegex(document["creationInfo"]["created"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
        for package in document["packages"]:
            for name in ("name", "versionInfo", "downloadLocation", "licenseConcluded", "licenseDeclared",
                         "copyrightText"):
                self.assertTrue(package[name], (package["SPDXID"], name))
            self.assertEqual(package["filesAnalyzed"], "packageVerificationCode" in package)
        for file in document["files"]:
            self.assertRegex(file["fileName"], r"^\./")
            self.assertEqual([entry["algorithm"] for entry in file["checksums"]], ["SHA1", "SHA256"])
        names = [element["SPDXID"] for element in [*document["packages"], *document["files"]]]
        self.assertEqual(len(set(names)), len(names))
        for name in names:
            self.assertRegex(name, r"^SPDXRef-[A-Za-z0-9.-]+$")
        for entry in document["relationships"]:
            self.assertIn(entry["spdxElementId"], [*names, "SPDXRef-DOCUMENT"])
            self.assertIn(entry["relatedSpdxElement"], names)
        described = {entry["relatedSpdxElement"] for entry in document["relationships"]
                     if entry["relationshipType"] == "DESCRIBES"}
        self.assertEqual(described, {f"SPDXRef-Package-{program}" for program in PROGRAMS})

    def test_the_checksums_are_those_of_the_programs(self):
        for file, program in zip(self.document["files"], PROGRAMS):
            content = (BUILD / program).read_bytes()
            said = {entry["algorithm"]: entry["checksumValue"] for entry in file["checksums"]}
            self.assertEqual(said, {"SHA1": hashlib.sha1(content).hexdigest(),
                                    "SHA256": hashlib.sha256(content).hexdigest()})
            code = self.packages[f"SPDXRef-Package-{program}"]["packageVerificationCode"]
            self.assertEqual(code["packageVerificationCodeValue"],
                             hashlib.sha1(said["SHA1"].encode()).hexdigest())

    def test_every_archive_of_the_link_line_is_in_it(self):
        for program in PROGRAMS:
            link = output("ninja", "-t", "commands", program).splitlines()[-1]
            archives = re.findall(r" (/\S+\.a)\b", link)
            self.assertTrue(archives)
            linked = self.related(program, "STATIC_LINK")
            for archive in archives:
                package = output("dpkg-query", "-S", archive).split(":")[0]
                source, version = output("dpkg-query", "-W", "-f", "${source:Package} ${source:Version}",
                                         package).split()
                entry = linked[f"SPDXRef-Debian-{source}"]
                if program != "parmana-pkcs11":  # takes nothing out of some that it names
                    self.assertNotIn("comment", entry)
                said = self.packages[entry["relatedSpdxElement"]]
                self.assertEqual((said["name"], said["versionInfo"]), (source, version))

    def test_headers_and_the_libraries_of_the_compiler_count_too(self):
        linked = {program: {self.packages[name]["name"] for name in self.related(program, "STATIC_LINK")}
                  for program in PROGRAMS}
        for program in PROGRAMS[:2]:
            self.assertLessEqual({"glibc", "gcc-12", "libsodium", "openssl", "re2"}, linked[program])
            self.assertFalse(self.related(program, "DYNAMIC_LINK"))
        self.assertLessEqual({"boost1.81", "cli11", "libyaml"}, linked["parmana"])
        self.assertFalse({"boost1.81", "cli11", "libyaml"} & linked["parmana-verify"])
        zones = [program for program in PROGRAMS if "SPDXRef-Data-tz" in self.related(program, "CONTAINS")]
        self.assertEqual(zones, ["parmana", "parmana-verify"])
        loaded = {self.packages[name]["name"] for name in self.related("parmana-pkcs11", "DYNAMIC_LINK")}
        self.assertEqual(loaded, {"glibc", "gcc-12"})

    def test_a_licence_is_said_where_it_is_plain(self):
        said = {package["name"]: package["licenseDeclared"] for package in self.document["packages"]}
        self.assertEqual({name: said[name] for name in ("libsodium", "openssl", "boost1.81", "glibc", "parmana")},
                         {"libsodium": "ISC", "openssl": "Apache-2.0", "boost1.81": "BSL-1.0",
                          "glibc": "NOASSERTION", "parmana": "Apache-2.0"})

    def test_without_a_build_there_is_none(self):
        with parmana.scratch() as place:
            done = run("--build", place)
        self.assertEqual((done.returncode, done.stdout), (2, ""))


if __name__ == "__main__":
    unittest.main(verbosity=2)
