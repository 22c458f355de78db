# ./dev bench [NAME] [ARGUMENTS]     measure; JSON lines on stdout and nothing else
#
# ./dev bench evaluate --policy FILE --signals FILE.jsonl measures evaluation in process and
# prints the SHA-256 of all decision words.

# shellcheck shell=bash

main() {
    need_packages build
    build release parmana parmana-verify parmana-bench parmana-load
    exec "$ROOT/build/release/bench/parmana-bench" "$@"
}
