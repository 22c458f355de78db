# ./dev run [--data DIR] [--listen ADDRESS:PORT]     serve a demonstration
#
# Installs what is missing, builds, makes DIR (default run/demo) with keys generated there and signed sample
# policies when it does not exist, and serves it on 127.0.0.1:3000 until it is stopped.

# shellcheck shell=bash

main() {
    local data=$ROOT/run/demo listen=127.0.0.1:3000
    while [[ $# -gt 0 ]]; do
        case $1 in
            --data) data=${2:?--data needs a directory} ;;
            --listen) listen=${2:?--listen needs an address} ;;
            *) die "run: unknown argument \`$1\`" ;;
        esac
        shift 2
    done
    need_packages build
    build release parmana parmana-verify
    local parmana=$ROOT/build/release/parmana
    if [[ ! -e $data ]]; then
        mkdir -p -- "$(dirname -- "$data")"
        "$parmana" init --data "$data" --demo
    fi
    exec "$parmana" serve --data "$data" --listen "$listen"
}
