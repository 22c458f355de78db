# ./dev fmt [FILE...]     format the C++ sources in place

# shellcheck shell=bash

# shellcheck source=tools/dev/sources.sh
source "$ROOT/tools/dev/sources.sh"

main() {
    need_packages check
    if [[ $# -eq 0 ]]; then
        mapfile -t files < <(cpp_sources)
        set -- "${files[@]}"
    fi
    clang-format-19 -i "$@"
}
