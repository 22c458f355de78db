# shellcheck shell=bash
# The compiler of sdk/typescript, which comes by npm. Read after common.sh.

# Leaves node_modules in build/npm-sdk. Does nothing when the lock file is the one that was installed.
sdk_packages() {
    local from=$ROOT/sdk/typescript packages=$ROOT/build/npm-sdk
    # Any node will do that is there.
    if ! { command -v node && command -v npm; } >/dev/null; then need_packages sdk; fi
    ! cmp -s "$from/package-lock.json" "$packages/installed.json" || return 0
    say "npm: installing into build/npm-sdk"
    mkdir -p "$packages"
    rm -f "$packages/installed.json"
    cp "$from"/{package.json,package-lock.json,.npmrc} "$packages"
    (cd "$packages" && npm ci --include=dev) >&2 || return
    cp "$packages/package-lock.json" "$packages/installed.json"
}

# Leaves the package in build/sdk and the page in build/sdk/verify.html.
sdk_build() {
    sdk_packages
    say "building build/sdk"
    node "$ROOT/sdk/typescript/build.mjs" >&2
}
