#!/usr/bin/env bash
# Runs the suites of CEL and prints a table for each; the last line is `N passed, M failed`.
#
#   run.sh PROGRAM DATA [--policy POLICY_PROGRAM DIRECTORY]
#       the suites in DATA, which ./dev conformance writes, against what is expected here
#   run.sh PROGRAM --cel FILE.json [--policy POLICY_PROGRAM DIRECTORY]
#       one suite of the form of DATA/conformance.json, perhaps a part of it
#
# --policy runs the suite of CEL Policy in DIRECTORY too.
# PROGRAM is cel_conformance. Exits 1 when something failed.
set -uo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
readonly here program=${1:?which program?}
declare -i passed=0 failed=0

# suite TITLE COMMAND…: a program whose last line is `N passed, M failed`.
suite() {
    local title=$1 output counts
    shift
    echo "== $title"
    output=$("$@")
    counts=${output##*$'\n'}
    if [[ $counts =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
        passed=$((passed + BASH_REMATCH[1]))
        failed=$((failed + BASH_REMATCH[2]))
        printf '%s\n\n' "$output"
    else
        failed+=1
        printf '%s\nFAILED the program ended without a result\n\n' "$output"
    fi
}

# excluding LIST: the arguments for a list of this directory, all of which must be in the suite.
excluding() { arguments=(--complete --excluded "$here/$1.txt"); }

cel_of() {
    suite "CEL" "$program" --excluded "$here/excluded.txt" --differing "$here/differing.txt" "$1"
}

everything_in() {
    local data=$1 name
    for name in parsing checking comprehension; do
        excluding "excluded_$name"
        suite "cel-go, $name" "$program" --trees "${arguments[@]}" "$data/$name.json"
    done
    excluding not_true_comprehension
    suite "cel-go, comprehension, evaluated" "$program" "${arguments[@]}" "$data/comprehension.json"
    excluding excluded
    suite "CEL" "$program" "${arguments[@]}" --differing "$here/differing.txt" --least 1626 "$data/conformance.json"
}

shift
if [[ ${1:?which suites?} == --cel ]]; then
    cel_of "${2:?which file?}"
    shift 2
else
    everything_in "$1"
    shift
fi
[[ ${1:-} != --policy ]] || suite "CEL Policy" "${2:?which program?}" "${3:?which directory?}"
echo "$passed passed, $failed failed"
[[ $failed -eq 0 ]]
