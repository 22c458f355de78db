# shellcheck shell=bash
# Tools that we did not write, for the tests in tests/foreign. Read after common.sh.

# shellcheck source=tools/dev/npm.sh
source "$ROOT/tools/dev/npm.sh"

# Leaves sigstore-js and a node for it in build/npm-foreign. Go is the machine's own, or Debian's.
foreign_tools() {
    npm_packages "$ROOT/tests/foreign" "$ROOT/build/npm-foreign"
    need_packages foreign
    command -v go >/dev/null || need_packages golang
    command -v go >/dev/null || say "foreign: NOT CHECKED: what Go says; there is no Go here"
}
