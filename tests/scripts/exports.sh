#!/bin/bash
# The shared library shows exactly the functions that the public headers mark PRL_API.
set -u
source_dir=$2 build_dir=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Comments and line ends go; then the first name before a "(" in each declaration is the function's.
for header in "$source_dir"/include/parley/*.h; do
	cc -fpreprocessed -dD -E -P "$header" 2>/dev/null | tr '\n' ' ' | tr ';{' '\n\n' |
		sed -n 's/.*\bPRL_API\b\(.*\)/\1/p' | grep -oE '\bprl_[a-z0-9_]+ *\(' | tr -d ' ('
done | LC_ALL=C sort -u >"$work/declared"
nm -D --defined-only "$build_dir/libparley.so" | awk '{ print $3 }' | grep -vE '^(__asan|__odr_asan|__ubsan|_init|_fini)' |
	LC_ALL=C sort -u >"$work/exported"

if ! [ -s "$work/declared" ]; then
	echo "# no declaration was found in the headers"
	echo "not ok 1 - exported symbols"
	exit 1
fi
if diff "$work/declared" "$work/exported" >"$work/diff"; then
	echo "ok 1 - $(wc -l <"$work/declared") exported symbols, all declared"
else
	echo "not ok 1 - exported symbols"
	sed -n 's/^</# declared, not exported:/p; s/^>/# exported, not declared:/p' "$work/diff"
	exit 1
fi
