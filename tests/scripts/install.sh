#!/bin/bash
# The installed tree is usable: the program runs, and the example of docs/ compiles by pkg-config and runs.
set -u
source_dir=$2 build_dir=$3
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
prefix=$work/prefix
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

flags_of() {
	PKG_CONFIG_PATH=$(dirname "$(find "$prefix" -name parley.pc)") \
		pkg-config --define-variable=prefix="$prefix" "$@" parley
}

# The library of the dev preset carries sanitizers, and then so must the program that uses it.
compile() {
	local sanitize library
	sanitize=$(sed -n 's/^PARLEY_SANITIZE:STRING=\(.\)/-fsanitize=\1/p' "$build_dir/CMakeCache.txt")
	library=$(dirname "$(find "$prefix" -name libparley.so)")
	# shellcheck disable=SC2046,SC2086
	cc -std=c17 -Wall -Wextra -Werror $sanitize "$source_dir/docs/examples/check_two_plans.c" -o "$work/example" \
		$(flags_of --cflags --libs) -Wl,-rpath,"$library"
}

example() {
	"$work/example" >"$work/out" && cat "$work/out" &&
		grep -qx 'approach and area overlap from 2018-09-17T18:40:00.000Z to 2018-09-17T19:40:00.000Z' "$work/out"
}

same_version() {
	[ "parley $(flags_of --modversion)" = "$("$prefix/bin/parley" --version)" ]
}

try "cmake --install" cmake --install "$build_dir" --prefix "$prefix"
try "the installed program and parley.pc have the same version" same_version
try "manual pages are installed" test -s "$prefix/share/man/man1/parley-check.1"
try "the licence is installed" test -s "$prefix/share/doc/parley/LICENSE"
try "docs/examples/check_two_plans.c compiles by pkg-config" compile
try "the example finds its overlap" example
echo "1..$n"
exit $bad
