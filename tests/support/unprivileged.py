"""Programs under test as a user who is not root, where the test itself is run by root."""
import os
import pathlib
import shutil
import subprocess

import parmana

NOBODY = 65534


class Unprivileged:
    """The programs in a directory of their own below `place`, and runs of them as nobody; as ourselves when we are not
    root."""

    def __init__(self, place):
        self.place = pathlib.Path(place)
        self.is_root = os.geteuid() == 0
        self.user = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if self.is_root else {}
        programs = self.place / "programs"
        programs.mkdir()
        for name in ("parmana", "parmana-pkcs11"):
            shutil.copy(parmana.BINARY.parent / name, programs / name)
        self.binary = programs / "parmana"
        self.own(self.place)

    def own(self, path):
        """What was made for the user belongs to it."""
        if not self.is_root:
            return
        for found in (path, *path.rglob("*")):
            os.chown(found, NOBODY, NOBODY, follow_symlinks=False)

    def run(self, *argv, **options):
        return subprocess.run([str(word) for word in argv], capture_output=True, text=True, timeout=60, check=False,
                              stdin=subprocess.DEVNULL, **self.user, **options)

    def must(self, *argv):
        done = self.run(*argv)
        assert done.returncode == 0, f"{argv}: {done.stderr}"
        return done.stdout
