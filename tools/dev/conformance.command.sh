# ./dev conformance [--cel FILE.json] [--policy DIR]     the official suites of CEL and CEL Policy, in tables
#
# Installs the suite of CEL by npm, and the programs that run it. Without arguments everything: the trees of cel-go,
# the conformance tests of cel-spec, and the suite of CEL Policy in ../shared/cel-policy. --cel runs the tests of one
# file only, which is JSON.stringify(require('@bufbuild/cel-spec/testdata/conformance.js').tests) or a part of it, and
# that of CEL Policy only with --policy.
#
# The last line is `N passed, M failed`; exits 1 when something failed.

# shellcheck shell=bash

# shellcheck source=tools/dev/conformance.sh
source "$ROOT/tools/dev/conformance.sh"

main() {
    local cel='' policy=''
    while [[ $# -gt 0 ]]; do
        case $1 in
            --cel) cel=${2:?--cel needs a file} ;;
            --policy) policy=${2:?--policy needs a directory} ;;
            *) die "conformance: unknown argument \`$1\`" ;;
        esac
        shift 2
    done
    need_packages build test
    build release cel_conformance
    local program=$ROOT/build/release/tests/conformance/cel_conformance run=$ROOT/tests/conformance/run.sh
    local -a suites=("$ROOT/build/conformance") more=()
    if [[ -n $cel ]]; then suites=(--cel "$cel"); else conformance_data; fi
    if [[ -z $cel || -n $policy ]]; then policy_suite; fi
    "$run" "$program" "${suites[@]}" "${more[@]}"
}

# Puts the arguments of run.sh for the suite of CEL Policy into `more`, where that suite is.
policy_suite() {
    [[ -n $policy || ! -d $ROOT/../shared/cel-policy ]] || policy=$ROOT/../shared/cel-policy
    if [[ -z $policy ]]; then
        say "conformance: NOT CHECKED: the suite of CEL Policy is not there (../shared/cel-policy)"
        return
    fi
    [[ -d $policy ]] || die "conformance: \`$policy\` is no directory"
    build release policy_conformance
    more=(--policy "$ROOT/build/release/tests/conformance/policy_conformance" "$policy")
}
