# ./dev check [--all]     what must be green before a change is sent
#
# Format, tidy, shellcheck, both compilers with -Werror, the unit tests as they are and under the
# sanitizers of addresses and undefined behaviour, and clang-tidy on the files that changed
# (--all: on every file).

# shellcheck shell=bash

# shellcheck source=tools/dev/sources.sh
source "$ROOT/tools/dev/sources.sh"

main() {
    [[ $# -eq 0 || $1 == --all ]] || die "check: unknown argument \`$1\`"
    need_packages build test check fuzz
    local -a failed=() files=()
    step() {
        local name=$1
        shift
        say "check: $name"
        "$@" || failed+=("$name")
    }
    mapfile -t files < <(cpp_sources)
    step format clang-format-19 --dry-run -Werror "${files[@]}"
    step tidy python3 "$ROOT/tools/tidy.py"
    step shell shellcheck -x -P "$ROOT" "$ROOT"/dev "$ROOT"/.ci/run "$ROOT"/tools/*.sh "$ROOT"/tools/dev/*.sh \
        "$ROOT"/tests/conformance/run.sh
    step "build dev" build dev all
    step "build clang" build clang all
    step "unit tests" unit_tests dev
    step "build asan" build asan all
    step "unit tests under sanitizers" unit_tests asan
    if [[ ${1:-} != --all ]]; then mapfile -t files < <(changed_cpp_files); fi
    step clang-tidy clang_tidy "${files[@]}"
    if [[ ${#failed[@]} -gt 0 ]]; then
        printf 'dev: check failed: %s\n' "${failed[@]}" >&2
        return 1
    fi
    say "check passed"
}

unit_tests() {
    ctest --test-dir "$ROOT/build/$1" --parallel "$(nproc)" --output-on-failure --no-tests=error \
        --label-regex '^unit$' >&2
}

clang_tidy() {
    local file
    local -a known=()
    for file in "$@"; do
        grep -qF "\"$file\"" "$ROOT/build/clang/compile_commands.json" && known+=("$file")
    done
    [[ ${#known[@]} -eq 0 ]] && return
    printf '%s\0' "${known[@]}" |
        xargs -0 -n 1 -P "$(nproc)" clang-tidy-19 -p "$ROOT/build/clang" --quiet --warnings-as-errors='*' >&2
}
