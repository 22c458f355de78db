# shellcheck shell=bash
# The C++ files of the project, one a line, absolute.
cpp_sources() {
    find "$ROOT"/{src,apps,bench,fuzz,tests} -name '*.cpp' -o -name '*.hpp' | sort
}

# Those of them that differ from the upstream branch, or from the last commit's parent where there is none.
changed_cpp_files() {
    local base name
    base=$(git_here merge-base HEAD '@{upstream}' 2>/dev/null) || base=$(git_here rev-parse 'HEAD~1')
    { git_here diff --name-only --diff-filter=d "$base"; git_here ls-files --others --exclude-standard; } |
        sort -u | while read -r name; do
            [[ $name == *.cpp ]] && echo "$ROOT/$name"
        done
    return 0
}
