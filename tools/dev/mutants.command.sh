# ./dev mutants [NAME...]     break one promise at a time and see that a test notices
#
# Each tests/mutants/NAME.patch is applied to a copy of the last commit, which is built and tested. A header
# line `# expect: REGEX` in the patch names the tests that must turn red; they run first, the whole suite only
# when they stay green. A mutant that no longer applies or compiles is a failure, as is one that survives.

# shellcheck shell=bash

# shellcheck source=tools/dev/conformance.sh
source "$ROOT/tools/dev/conformance.sh"
# shellcheck source=tools/dev/sdk.sh
source "$ROOT/tools/dev/sdk.sh"
# shellcheck source=tools/dev/foreign.sh
source "$ROOT/tools/dev/foreign.sh"

main() {
    need_packages build test browser
    conformance_data
    sdk_packages
    foreign_tools
    tree=$ROOT/build/mutants/tree
    logs=$ROOT/build/mutants/logs
    mkdir -p "$logs"
    local -a patches=()
    local name
    if [[ $# -eq 0 ]]; then
        patches=("$ROOT"/tests/mutants/*.patch)
    else
        for name in "$@"; do patches+=("$ROOT/tests/mutants/${name%.patch}.patch"); done
    fi
    for name in "${patches[@]}"; do [[ -f $name ]] || die "mutants: there is no \`$name\`"; done

    # Where a test is red already, every mutant looks caught.
    say "the suite without a mutant"
    { fresh_tree && build_there && suite_there; } >"$logs/none.log" 2>&1 ||
        die "mutants: the last commit itself is not green: see build/mutants/logs/none.log"

    local -i caught=0 survived=0 unusable=0
    local patch verdict
    printf '%-44s %s\n' mutant verdict
    for patch in "${patches[@]}"; do
        name=$(basename "$patch" .patch)
        verdict=$(judge "$patch" "$logs/$name.log")
        printf '%-44s %s\n' "$name" "$verdict"
        case $verdict in
            caught*) caught+=1 ;;
            survived*) survived+=1 ;;
            *) unusable+=1 ;;
        esac
    done
    [[ $unusable -eq 0 ]] || echo "$unusable unusable: see build/mutants/logs"
    echo "$caught caught, $survived survived"
    [[ $survived -eq 0 && $unusable -eq 0 ]]
}

# judge PATCH LOG: prints one verdict.
judge() {
    local patch=$1 log=$2 expected
    fresh_tree >"$log" 2>&1 || { echo "no copy of the tree"; return; }
    git_there apply --whitespace=nowarn "$patch" >>"$log" 2>&1 || { echo "no longer applies"; return; }
    build_there >>"$log" 2>&1 || { echo "does not build"; return; }
    expected=$(sed -n 's/^# expect: //p' "$patch" | head -n 1)
    if [[ -n $expected ]] && ! test_there --tests-regex "$expected" >>"$log" 2>&1; then
        if grep -q 'No tests were found' "$log"; then
            echo "names no test: $expected"
        else
            echo "caught by $expected"
        fi
    elif ! suite_there >>"$log" 2>&1; then
        echo "caught by the suite"
    else
        echo "survived"
    fi
}

git_there() { git -c "safe.directory=*" -C "$tree" "$@"; }

fresh_tree() {
    local head
    head=$(git_here rev-parse HEAD)
    if [[ ! -e $tree/.git ]]; then
        git_here worktree prune
        git_here worktree add --force --detach "$tree" "$head"
    fi
    # The build directory of the copy is ignored by git and stays.
    git_there checkout --force --detach "$head" && git_there clean -fdq &&
        mkdir -p "$tree/build" && ln -sfn "$ROOT/build/conformance" "$tree/build/conformance" &&
        ln -sfn "$ROOT/build/npm" "$tree/build/npm" &&
        ln -sfn "$ROOT/build/npm-sdk" "$tree/build/npm-sdk" &&
        ln -sfn "$ROOT/build/npm-foreign" "$tree/build/npm-foreign"
}

build_there() {
    (cd "$tree" && export CCACHE_BASEDIR=$tree && cmake --preset release &&
        cmake --build build/release --parallel "$(nproc)")
}

# All but the long tests, and tidy, which judges the text and not what it does.
suite_there() { test_there --stop-on-failure --label-exclude '^full$' --exclude-regex '^tidy$'; }

test_there() {
    ctest --test-dir "$tree/build/release" --parallel 2 --no-tests=error --output-on-failure "$@"
}
