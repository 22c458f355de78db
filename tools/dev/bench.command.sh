# ./dev bench [NAME] [ARGUMENTS]     measure; JSON lines on stdout and nothing else
#
# ./dev bench evaluate/claims-bench measures decisions a second, and in the same run two implementations of CEL in
# JavaScript on the same policy and inputs. They come by npm and want node 20.19; without, a line says that they were
# skipped.
#
# ./dev bench evaluate --policy FILE --signals FILE.jsonl measures evaluation in process and
# prints the SHA-256 of all decision words.

# shellcheck shell=bash

# shellcheck source=tools/dev/npm.sh
source "$ROOT/tools/dev/npm.sh"

main() {
    need_packages build
    build release parmana parmana-verify parmana-bench parmana-load
    if [[ " $* " != *' --policy '* ]] && has_peers "${1:-}" && command -v npm >/dev/null; then
        npm_packages "$ROOT/tests/conformance" "$ROOT/build/npm" ||
            say "bench: npm cannot install the other implementations"
    fi
    exec "$ROOT/build/release/bench/parmana-bench" "$@"
}

# has_peers NAME: whether the benchmark, or one of several, compares with others.
has_peers() { [[ -z $1 || $1 == -* || $1 == evaluate || $1 == evaluate/claims-bench ]]; }
