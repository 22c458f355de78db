#!/usr/bin/env bash
# Builds the release programs of the last commit twice, in circumstances that differ, and compares them.
#
#   tools/reproducible.sh [--keep]
#
# Prints the SHA-256 of each program and ends with 0 when both builds gave the same bytes, with 1 and the first
# byte that differs when they did not. Two clones in directories whose names differ in length, other time zone,
# locale, umask, home and order of the work, no cache of objects. Takes two builds: about a quarter of an hour on
# two cores. --keep leaves the clones.
set -euo pipefail

source_tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
readonly source_tree programs=(parmana parmana-verify parmana-pkcs11)
keep=''
case ${1:-} in
    '') ;;
    --keep) keep=yes ;;
    *) sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac

say() { echo "reproducible: $*" >&2; }

place=$(mktemp -d /var/tmp/parmana-reproducible-XXXXXX)
cleanup() {
    if [[ -n $keep ]]; then say "the clones are in $place"; else rm -rf "$place"; fi
}
trap cleanup EXIT

# The commit is taken once: work in the checkout may go on meanwhile.
revision=$(git -c safe.directory='*' -C "$source_tree" rev-parse --verify HEAD)
git -c safe.directory='*' clone -q --bare "$source_tree" "$place/source.git"

# build_in DIRECTORY UMASK JOBS VARIABLE=VALUE…: a clone of the commit, built with an environment of its own.
build_in() {
    local directory=$1 mask=$2 jobs=$3 log=$1.log
    shift 3
    mkdir -p "$(dirname "$directory")" "$place/home"
    say "building ${revision:0:12} in $directory"
    (
        umask "$mask"
        git clone -q --no-checkout "$place/source.git" "$directory"
        git -C "$directory" checkout -q --detach "$revision"
        cd "$directory"
        there() { nice -n 5 env -i PATH=/usr/bin:/bin CCACHE_DISABLE=1 "$@"; }
        there "$@" cmake --preset release -DPARMANA_TESTS=OFF -DPARMANA_BENCH=OFF
        there "$@" cmake --build build/release --parallel "$jobs" --target "${programs[@]}"
    ) >"$log" 2>&1 || { tail -n 30 "$log" >&2; say "the build failed"; exit 2; }
}

one=$place/a
two=$place/another-directory/with-a-much-longer-name/checkout
build_in "$one" 022 "$(nproc)" HOME="$place/home" LC_ALL=C TZ=UTC
build_in "$two" 077 "$(($(nproc) * 2))" HOME=/nonexistent LANG=C.UTF-8 TZ=Pacific/Kiritimati

same=yes
for program in "${programs[@]}"; do
    for directory in "$one" "$two"; do
        (cd "$directory/build/release" && sha256sum "$program")
    done
    cmp "$one/build/release/$program" "$two/build/release/$program" || same=''
done
[[ -n $same ]] || { say "the builds differ"; exit 1; }
say "both builds gave the same programs"
