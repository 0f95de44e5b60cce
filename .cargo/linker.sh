#!/bin/sh
# Links like `cc`; a release of the server is linked twice. The second time the functions that run between its start and
# the first event it accepts (server/startup.order) lie together, so that a server at rest keeps a twelfth of its code in
# memory and not half of it: docs/adr/0051.
#
# A symbol bears the hash of its crate, which changes with every compiler and version. The list is without them, so which
# symbols it means is only seen once they have been linked.
set -eu

# Hashes of crates, and what LLVM appends to functions that it moved.
plain='gsub(/Cs[0-9A-Za-z]+_/, "Cs_", plain); sub(/\.llvm\.[0-9]+$/, "", plain)'

if [ "${1-}" = --plain-names ]; then
    exec awk "{ plain = \$0; $plain; print plain }"
fi

list=$(dirname "$0")/../server/startup.order
output='' lld='' before=''
for word in "$@"; do
    [ "$before" != -o ] || output=$word
    [ "$word" != -fuse-ld=lld ] || lld=lld
    before=$word
done
case "$lld:$output" in
lld:*/release/deps/trunkline-*) ;;
*) exec cc "$@" ;;
esac
if ! command -v nm >/dev/null; then
    exec cc "$@"
fi

cc "$@"
order=$(mktemp)
trap 'rm -f "$order"' EXIT
nm --defined-only --numeric-sort --format=just-symbols "$output" | awk "
    NR == FNR { wanted[\$0]; next }
    { plain = \$0; $plain; if (plain in wanted) print }
" "$list" - >"$order"
cc "$@" "-Wl,--symbol-ordering-file=$order" -Wl,--no-warn-symbol-ordering
