# shellcheck shell=bash
# Packages of npm, by a lock file. Read after common.sh.

# npm_packages FROM INTO: leaves what FROM/package-lock.json names in INTO/node_modules. Does nothing when that lock
# file is the one that was installed there.
npm_packages() {
    local from=$1 packages=$2
    # Any node will do that is there.
    if ! { command -v node && command -v npm; } >/dev/null; then need_packages npm; fi
    ! cmp -s "$from/package-lock.json" "$packages/installed.json" || return 0
    say "npm: installing into ${packages#"$ROOT/"}"
    mkdir -p "$packages"
    rm -f "$packages/installed.json"
    cp "$from"/{package.json,package-lock.json,.npmrc} "$packages"
    (cd "$packages" && npm ci --include=dev) >&2 || return
    cp "$packages/package-lock.json" "$packages/installed.json"
}
