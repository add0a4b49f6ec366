#!/bin/bash
# parley verify over one log of 1,000,000 entries of 1 KB with one signature each: bench/verify.sh BUILD_DIR [ENTRIES].
# Prints Markdown. The floor is what libsodium takes for the signatures alone, measured in the same run.
set -eu
build=$1 count=${2:-1000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
signatures=$("$build/bench/verify_bench" "$work" "$count" | awk '{ print $2 }')
size=$(stat -c %s "$work"/export/logs/*/tile/entries/000)
TIMEFORMAT='%U %S'
times=$({ time "$build/parley" verify "$work/export" >"$work/out"; } 2>&1)
tail -n 1 "$work/out" | grep -q '^no fault' || exit 1
awk -v times="$times" -v floor="$signatures" -v n="$count" -v bytes="$((size / 256))" 'BEGIN {
	split(times, t, " ")
	all = t[1] + t[2]
	print "## Verifying a record\n"
	printf "| %d entries of %d bytes, one signature each, one core | seconds of processor |\n|---|---|\n", n, bytes
	printf "| `parley verify`: every hash, signature, chain and rule | %.1f |\n", all
	printf "| the signatures alone (libsodium) | %.1f |\n", floor
	printf "| ratio | %.2f |\n", all / floor
}'
