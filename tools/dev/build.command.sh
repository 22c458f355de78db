# ./dev build [PRESET] [TARGET...]     build the programs (default: release, parmana and parmana-verify)
#
# Installs what is missing and leaves build/PRESET/parmana, parmana-pkcs11 beside it, and
# build/PRESET/parmana-verify.
# Presets: release dev asan tsan clang fuzz. The target `all` builds everything that can be built here.

# shellcheck shell=bash

main() {
    local preset=${1:-release}
    [[ $# -gt 0 ]] && shift
    need_packages build
    [[ $preset == clang || $preset == fuzz ]] && need_packages fuzz
    [[ $# -eq 0 ]] && set -- parmana parmana-verify
    build "$preset" "$@"
}
