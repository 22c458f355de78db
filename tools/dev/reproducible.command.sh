# ./dev reproducible [--keep]     build the release twice, in other places and circumstances: the same bytes?
#
# Of the last commit, with clean clones; takes two whole builds. --keep leaves them.

# shellcheck shell=bash

main() {
    need_packages build
    exec "$ROOT/tools/reproducible.sh" "$@"
}
