#!/usr/bin/env bash
# Proves the first ten minutes: on an empty Debian 12, with nothing but git, a clone builds, serves and passes
# its tests.
#
#   tools/bare.sh [--root DIR] [--keep] [--port N] [STEP…]     as root; steps: build run test
#
# Without steps all three. Makes a root directory with mmdebstrap from this machine's package sources
# (default: a temporary one, gone at the end), clones the last commit into it and works there with chroot.
# --root DIR --keep leaves it for a next run.
set -euo pipefail

source_tree=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
readonly source_tree suite=bookworm place=/parmana
root='' keep='' server='' port=3000
steps=()

while [[ $# -gt 0 ]]; do
    case $1 in
        --root) root=${2:?--root needs a directory}; shift ;;
        --keep) keep=yes ;;
        --port) port=${2:?--port needs a number}; shift ;;
        build | run | test) steps+=("$1") ;;
        *) sed -n '/^#!/d; /^#/!q; s/^# \{0,1\}//p' "$0"; exit 2 ;;
    esac
    shift
done
[[ ${#steps[@]} -gt 0 ]] || steps=(build run test)
[[ $(id -u) -eq 0 ]] || { echo "bare: chroot needs root" >&2; exit 2; }
[[ -n $root ]] || root=$(mktemp -d /var/tmp/parmana-bare-XXXXXX)

say() { echo "bare: $*" >&2; }

mounted=()
mount_there() {
    mkdir -p "$root/$2"
    mountpoint -q "$root/$2" && return
    if mount --rbind "$1" "$root/$2" 2>/dev/null; then
        mount --make-rslave "$root/$2" 2>/dev/null || true
        mounted+=("$root/$2")
    else
        say "cannot mount $1 there, going on without"
    fi
}

cleanup() {
    [[ -z $server ]] || kill "$server" 2>/dev/null || true
    local i
    for ((i = ${#mounted[@]} - 1; i >= 0; i--)); do umount -R -l "${mounted[i]}" || keep=yes; done
    # Nothing is deleted while something of this machine may still be mounted below.
    if [[ -z $keep ]] && ! grep -qF " $root/" /proc/self/mounts; then rm -rf --one-file-system "$root"; fi
}
trap cleanup EXIT

# A command in front of a command: a process started with it is, after three execs, the program itself.
enter=(chroot "$root" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8)
for variable in http_proxy https_proxy no_proxy; do
    [[ -z ${!variable:-} ]] || enter+=("$variable=${!variable}")
done
there() { "${enter[@]}" "$@"; }

# What this machine knows about reaching its packages: sources, proxies, certificates, names.
copy_configuration() {
    local path
    for path in /etc/resolv.conf /etc/hosts /etc/ssl/certs /usr/local/share/ca-certificates; do
        [[ -e $path ]] || continue
        mkdir -p "$root$(dirname "$path")"
        rm -rf "${root:?}$path"
        cp -aL "$path" "$root$path"
    done
    rm -rf "$root"/etc/apt/{sources.list,sources.list.d,apt.conf.d,auth.conf.d,keyrings,preferences.d}
    cp -aL /etc/apt/. "$root/etc/apt/"
}

make_root() {
    if [[ -x $root/usr/bin/git ]]; then
        say "using $root"
    else
        local -a sources=()
        mapfile -t sources < <(find /etc/apt -name '*.sources' -o -name '*.list' | sort)
        say "making $suite in $root"
        cat "${sources[@]}" |
            mmdebstrap --variant=minbase --include=ca-certificates,git "$suite" "$root" -
    fi
    copy_configuration
    mount_there /proc proc
    mount_there /dev dev
}

clone() {
    rm -rf "${root:?}$place" "$root/source.git"
    git -c safe.directory='*' clone -q --bare "$source_tree" "$root/source.git"
    there git -c safe.directory='*' clone -q /source.git "$place"
}

step_build() { there "$place/dev" build; }

step_test() { there "$place/dev" test; }

# Starts the demonstration, waits for its ready line, asks it once, stops it by its process id.
step_run() {
    local output=$root/run.out answer='' request='{"policyId":"claims-approval","policyVersion":"1.0.0",'
    request+='"signals":{"claim_amount":1200,"vip_customer":false}}'
    "${enter[@]}" "$place/dev" run --listen "127.0.0.1:$port" >"$output" &
    server=$!
    until grep -q "listening on port $port" "$output"; do
        kill -0 "$server" 2>/dev/null || { say "the server ended early"; return 1; }
        sleep 1
    done
    answer=$(curl -sS --noproxy '*' --max-time 10 -H 'Content-Type: application/json' -d "$request" \
        "http://127.0.0.1:$port/evaluate")
    kill -TERM "$server"
    wait "$server" || { say "the server did not end well"; return 1; }
    server=''
    grep -q '"decision":"approved"' <<<"$answer" || { say "not approved: $answer"; return 1; }
    say "run: approved"
}

make_root
clone
for step in "${steps[@]}"; do
    say "step $step"
    "step_$step"
done
say "done: ${steps[*]}"
