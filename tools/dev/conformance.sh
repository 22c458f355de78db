# shellcheck shell=bash
# The tests of others, which come by npm. Read after common.sh.

# Leaves node_modules in build/npm. Does nothing when the lock file is the one that was installed.
npm_packages() {
    local from=$ROOT/tests/conformance packages=$ROOT/build/npm
    ! cmp -s "$from/package-lock.json" "$packages/installed.json" || return 0
    say "npm: installing into build/npm"
    mkdir -p "$packages"
    rm -f "$packages/installed.json" "$ROOT/build/conformance"/*.json
    cp "$from"/{package.json,package-lock.json,.npmrc} "$packages"
    (cd "$packages" && npm ci --include=dev) >&2 || return
    cp "$packages/package-lock.json" "$packages/installed.json"
}

# Leaves also the suites of @bufbuild/cel-spec in build/conformance.
conformance_data() {
    local from=$ROOT/tests/conformance packages=$ROOT/build/npm data=$ROOT/build/conformance
    # Any node will do that is there.
    if ! { command -v node && command -v npm; } >/dev/null; then need_packages conformance; fi
    npm_packages
    if [[ ! -e $data/written || $from/dump.cjs -nt $data/written ]]; then
        node "$from/dump.cjs" "$packages" "$data" >&2
        touch "$data/written"
    fi
}
