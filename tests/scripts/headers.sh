#!/bin/bash
# Each public header compiles alone, as C17 and as C++17, without a warning.
set -u
source_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 bad=0

try() {
	n=$((n + 1))
	local what=$1
	shift
	if "$@" >"$work/log" 2>&1; then
		echo "ok $n - $what"
	else
		bad=1
		echo "not ok $n - $what"
		sed 's/^/# /' "$work/log"
	fi
}

for header in "$source_dir"/include/parley/*.h; do
	name=${header##*/}
	echo "#include <parley/$name>" >"$work/alone.c"
	cp "$work/alone.c" "$work/alone.cpp"
	flags=(-Wall -Wextra -Wpedantic -Werror -I "$source_dir/include" -fsyntax-only)
	try "$name as C" cc -std=c17 "${flags[@]}" "$work/alone.c"
	try "$name as C++" c++ -std=c++17 "${flags[@]}" "$work/alone.cpp"
done
echo "1..$n"
exit $bad
