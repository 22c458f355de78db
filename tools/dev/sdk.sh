# shellcheck shell=bash
# The compiler of sdk/typescript, which comes by npm. Read after common.sh.

# shellcheck source=tools/dev/npm.sh
source "$ROOT/tools/dev/npm.sh"

# Leaves the compiler in build/npm-sdk.
sdk_packages() { npm_packages "$ROOT/sdk/typescript" "$ROOT/build/npm-sdk"; }

# Leaves the package in build/sdk and the page in build/sdk/verify.html.
sdk_build() {
    sdk_packages
    say "building build/sdk"
    node "$ROOT/sdk/typescript/build.mjs" >&2
}
