# shellcheck shell=bash
# The tests of others, which come by npm. Read after common.sh.

# shellcheck source=tools/dev/npm.sh
source "$ROOT/tools/dev/npm.sh"

# Leaves node_modules in build/npm, and the suites of @bufbuild/cel-spec in build/conformance.
conformance_data() {
    local from=$ROOT/tests/conformance packages=$ROOT/build/npm data=$ROOT/build/conformance
    npm_packages "$from" "$packages"
    if [[ $from/dump.cjs -nt $data/written || $packages/installed.json -nt $data/written ]]; then
        rm -f "$data"/*.json
        node "$from/dump.cjs" "$packages" "$data" >&2
        touch "$data/written"
    fi
}
