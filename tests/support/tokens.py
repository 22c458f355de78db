"""A PKCS#11 token in files, by SoftHSM2: for keys that no file of ours holds."""
import os
import pathlib
import subprocess

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
           "/usr/lib64/pkcs11/libsofthsm2.so")
MODULE = next((path for path in MODULES if os.path.exists(path)), None)
LABEL = "parmana test"
PIN = "a PIN that nobody guesses"


class Token:
    """A fresh token below `place`. `environment` makes the module find it."""

    def __init__(self, place):
        self.tokens = pathlib.Path(place) / "tokens"
        self.tokens.mkdir()
        configuration = self.tokens.parent / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {self.tokens}\n")
        self.environment = {"SOFTHSM2_CONF": str(configuration)}
        self.pin = self.tokens.parent / "pin"
        self.set_pin(PIN)
        argv = ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--pin", PIN, "--so-pin", "12345678"]
        subprocess.run(argv, env={**os.environ, **self.environment}, check=True, capture_output=True, timeout=60)

    def set_pin(self, pin, mode=0o600):
        self.pin.write_text(pin + "\n")
        self.pin.chmod(mode)

    def uri(self, name, module=None):
        """Of the key of this name."""
        return (f"pkcs11:token={LABEL.replace(' ', '%20')};object={name}"
                f"?module-path={module or MODULE}&pin-source={self.pin}")
