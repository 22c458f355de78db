# ./dev fuzz [TARGET] [--seconds N]     run the fuzzers, each for N seconds (default 60)
#
# Starts from fuzz/corpus/WORD, the first word of TARGET; what is new goes to build/fuzz/corpus/TARGET, a
# failing input to build/fuzz/findings.

# shellcheck shell=bash

main() {
    local target='' seconds=60
    while [[ $# -gt 0 ]]; do
        case $1 in
            --seconds) seconds=${2:?--seconds needs a number}; shift ;;
            -*) die "fuzz: unknown argument \`$1\`" ;;
            *) target=$1 ;;
        esac
        shift
    done
    need_packages build fuzz
    build fuzz all
    local program name found=0
    for program in "$ROOT"/build/fuzz/fuzz/fuzz_*; do
        [[ -f $program && -x $program ]] || continue
        name=${program##*/fuzz_}
        [[ -z $target || $name == "$target" ]] || continue
        found=1
        say "fuzzing $name for $seconds s"
        local new=$ROOT/build/fuzz/corpus/$name seeds=$ROOT/fuzz/corpus/${name%%_*}
        [[ -d $seeds ]] || die "fuzz: $seeds is missing"
        mkdir -p "$new" "$ROOT/build/fuzz/findings"
        "$program" -max_total_time="$seconds" -timeout=5 -rss_limit_mb=2048 -print_final_stats=1 \
            -artifact_prefix="$ROOT/build/fuzz/findings/$name-" "$new" "$seeds" >&2
    done
    [[ $found -eq 1 ]] || die "fuzz: there is no target \`${target:-at all}\`"
}
