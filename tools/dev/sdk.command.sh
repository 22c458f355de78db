# ./dev sdk     build the verifier in TypeScript and the page build/sdk/verify.html
#
# Installs the compiler by npm into build/npm-sdk. The package lies in build/sdk: node build/sdk/dist/cli.js --help.

# shellcheck shell=bash

# shellcheck source=tools/dev/sdk.sh
source "$ROOT/tools/dev/sdk.sh"

main() {
    [[ $# -eq 0 ]] || die "sdk: unknown argument \`$1\`"
    sdk_build
}
