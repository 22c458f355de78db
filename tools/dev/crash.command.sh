# ./dev crash [--full]     kill a server at random moments and named points; count what is lost or double

# shellcheck shell=bash

main() {
    need_packages build test
    build release parmana parmana-verify parmana-load
    exec python3 "$ROOT/tests/system/crash.py" "$@"
}
