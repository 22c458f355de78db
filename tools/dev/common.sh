# shellcheck shell=bash
# Helpers of the commands of ./dev. All chatter goes to stderr: stdout belongs to the command's result.
# `ROOT` is the directory of the repository; nothing here depends on the caller's directory.

: "${ROOT:?this file is read by ./dev}"

# Objects are shared between build directories and between worktrees.
export CCACHE_BASEDIR=$ROOT

say() { echo "dev: $*" >&2; }

die() {
    say "$@"
    exit 2
}

# A checkout may belong to another user, as it does in many containers.
git_here() { git -c "safe.directory=*" -C "$ROOT" "$@"; }

as_root() {
    if [[ $(id -u) -eq 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "packages are missing and there is no sudo; as root: apt-get install ${missing[*]}"
    fi
}

# need_packages PURPOSE…: installs what tools/packages/PURPOSE.txt lists and the machine lacks.
need_packages() {
    local purpose package
    missing=()
    for purpose in "$@"; do
        while read -r package; do
            is_installed "$package" || missing+=("$package")
        done < <(grep -v '^#' "$ROOT/tools/packages/$purpose.txt")
    done
    [[ ${#missing[@]} -eq 0 ]] && return
    command -v apt-get >/dev/null || die "install these by hand, this is not Debian: ${missing[*]}"
    say "installing ${missing[*]}"
    as_root apt-get update -q >&2
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends "${missing[@]}" >&2
}

is_installed() {
    command -v dpkg-query >/dev/null &&
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null) == installed ]]
}

# build PRESET TARGET…: configures build/PRESET and builds the targets.
build() {
    local preset=$1 log
    shift
    say "building $preset: $*"
    log=$(mktemp)
    if ! (cd "$ROOT" && cmake --preset "$preset") >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
    cmake --build "$ROOT/build/$preset" --parallel "$(nproc)" --target "$@" >&2
}
