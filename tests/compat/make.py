"""Makes the next numbered directory of compatibility data with the program as it is now:

    python3 tests/compat/make.py 02

A data directory with decisions of every verdict, refusals, an action, an Idempotency-Key, and 20 evidence
files with the trust root to verify them. Made once for each released format and never changed:
`tests/system/compat.py` opens it for ever. The keys in it are for this test alone.
"""
import json
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests/support"))
import parmana  # noqa: E402

KEY = "0123456789abcdef0123456789abcdef"


def requests():
    """Name, members of the request, headers."""
    for n in range(12):
        yield f"plain-{n}", {"signals": {"claim_amount": n * 5000, "vip_customer": n % 2 == 1}}, {}
    for n in range(6):
        action = {"type": "pay", "target": f"account-{n}", "parameters": {"amount": n * 100, "note": "Grüße\n"}}
        yield f"action-{n}", {"action": action}, {}
    yield "keyed-0", {}, {"Idempotency-Key": KEY}
    yield "largest-0", {"signals": {"claim_amount": 9007199254740991, "vip_customer": True}}, {}


def main(number):
    target = pathlib.Path(__file__).resolve().parent / number
    with parmana.scratch() as place:
        data = parmana.init(place / "data")
        expected = {}
        with parmana.Server(data) as server:
            for name, members, headers in requests():
                body = {**parmana.SEED_REQUEST, "executionId": name, **members}
                answer = server.post("/evaluate", body, headers=headers)
                assert answer.status == 200, answer.body
                expected[name] = {"request": body, "headers": headers, "answer": answer.json()}
            for n in range(3):
                body = {**parmana.SEED_REQUEST, "executionId": f"refused-{n}", "signals": {}}
                refused = server.post("/evaluate", body)
                assert refused.status == 422, refused.body
            (place / "evidence").mkdir()
            for name in expected:
                (place / "evidence" / f"{name}.json").write_bytes(server.get(f"/executions/{name}/evidence").body)
        (place / "expected.json").write_text(json.dumps(expected, indent=1, sort_keys=True) + "\n")
        shutil.copy(data / "trust.json", place / "trust.json")
        for leftover in ("lock", "control.sock"):
            (data / leftover).unlink(missing_ok=True)
        shutil.copytree(place, target, ignore=shutil.ignore_patterns("*.stderr", "lock", "control.sock"))
    assert len(expected) == 20
    print(f"made {target.relative_to(ROOT)} with {len(expected)} evidence files")


if __name__ == "__main__":
    main(sys.argv[1])
