# ./dev test [--full] [CTEST ARGUMENTS]     build and run all tests; this is what CI runs
#
# Builds release and dev (the determinism test compares them) and runs ctest in build/release: unit tests,
# system tests, determinism and tidy. --full adds the long ones. A single test: ./dev test -R 'json\.'

# shellcheck shell=bash

main() {
    local -a selection=(--label-exclude '^full$')
    local -a arguments=()
    local argument
    for argument in "$@"; do
        if [[ $argument == --full ]]; then selection=(); else arguments+=("$argument"); fi
    done
    need_packages build test
    build dev all
    build release all
    exec ctest --test-dir "$ROOT/build/release" --parallel 2 --output-on-failure --no-tests=error \
        "${selection[@]}" "${arguments[@]}"
}
