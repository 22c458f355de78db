# ./dev test [--full] [CTEST ARGUMENTS]     build and run all tests; this is what CI runs
#
# Builds release and dev (the determinism test compares them) and runs ctest in build/release: unit tests,
# system tests, determinism, tools of others and tidy. Before that, a build by clang must make the same golden records.
# --full adds the long ones. A single test: ./dev test -R 'json\.'

# shellcheck shell=bash

# shellcheck source=tools/dev/conformance.sh
source "$ROOT/tools/dev/conformance.sh"
# shellcheck source=tools/dev/sdk.sh
source "$ROOT/tools/dev/sdk.sh"
# shellcheck source=tools/dev/foreign.sh
source "$ROOT/tools/dev/foreign.sh"

main() {
    local -a selection=(--label-exclude '^full$')
    local -a arguments=()
    local argument
    for argument in "$@"; do
        if [[ $argument == --full ]]; then selection=(); else arguments+=("$argument"); fi
    done
    need_packages build test clang browser
    conformance_data
    sdk_packages
    foreign_tools
    build dev all
    build release all
    compare_compilers
    exec ctest --test-dir "$ROOT/build/release" --parallel 2 --output-on-failure --no-tests=error \
        "${selection[@]}" "${arguments[@]}"
}

# g++ makes the golden records in both presets as a test; here clang has to make the same bytes.
compare_compilers() {
    build clang golden_records
    "$ROOT/build/clang/tests/golden/golden_records" | cmp - "$ROOT/tests/golden/records.jsonl" ||
        die "test: clang makes other decision records than tests/golden/records.jsonl"
    say "clang makes the same golden records as g++"
}
