"""Encrypted key files (docs/formats/keys.md) once more: libsodium, by ctypes, and openssl. None of our code."""
import ctypes
import ctypes.util
import subprocess

from reference import unb64

ARGON2ID13 = 2
# PrivateKeyInfo of an Ed25519 seed (RFC 8410 §7), up to the seed.
PKCS8 = bytes.fromhex("302e020100300506032b657004220420")


def _sodium():
    library = ctypes.CDLL(ctypes.util.find_library("sodium") or "libsodium.so.23")
    assert library.sodium_init() >= 0
    return library


def key_of(passphrase, salt, passes, kibibytes):
    """Argon2id, one lane."""
    key = ctypes.create_string_buffer(32)
    done = _sodium().crypto_pwhash(key, ctypes.c_ulonglong(32), passphrase, ctypes.c_ulonglong(len(passphrase)), salt,
                                   ctypes.c_ulonglong(passes), ctypes.c_size_t(kibibytes * 1024), ARGON2ID13)
    if done != 0:
        raise MemoryError
    return key.raw


def unsealed(key, nonce, sealed, additional_data):
    secret = ctypes.create_string_buffer(len(sealed) - 16)
    done = _sodium().crypto_aead_xchacha20poly1305_ietf_decrypt(
        secret, None, None, sealed, ctypes.c_ulonglong(len(sealed)), additional_data,
        ctypes.c_ulonglong(len(additional_data)), nonce, key)
    if done != 0:
        raise ValueError("the tag is another one")
    return secret.raw


def opened(line, passphrase):
    """(purpose, public key, key of the passphrase, secret) of an encrypted key file."""
    words = line.decode().removesuffix("\n").split(" ")
    if len(words) != 8 or words[0] != "PARMANA-ENCRYPTED-KEY-1":
        raise ValueError("this is no encrypted key file")
    purpose, public, passes, kibibytes, salt, nonce, sealed = words[1:]
    key = key_of(passphrase, unb64(salt), int(passes), int(kibibytes))
    secret = unsealed(key, unb64(nonce), unb64(sealed), line[:len(line) - len(sealed) - 1])
    return purpose, None if public == "-" else unb64(public), key, secret


def public_of_seed(seed):
    done = subprocess.run(["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input=PKCS8 + seed,
                          capture_output=True, check=True)
    return done.stdout[-32:]
