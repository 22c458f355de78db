"""Trust roots that ask for several policy keys, made with openssl."""
import json

import reference


def root_of(data, others, threshold):
    """The trust root of a directory with more policy keys (secrets in `others`), signed anew by its root key."""
    signed = json.loads((data / "trust.json").read_text())["signed"]
    role = signed["roles"]["policy"]
    for other in others:
        public = reference.public_of(other)
        signed["keys"][reference.key_id(public)] = {
            "keytype": "ed25519", "keyval": {"public": public.hex()}, "scheme": "ed25519"}
        role["keyids"] = sorted([*role["keyids"], reference.key_id(public)])
    role["threshold"] = threshold
    seed = reference.seed_of(data / "keys/root.key")
    signature = reference.sign(seed, reference.canonical(signed)).hex()
    keyid = reference.key_id(reference.public_of(seed))
    return reference.jcs({"signatures": [{"keyid": keyid, "sig": signature}], "signed": signed})
