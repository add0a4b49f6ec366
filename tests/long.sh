#!/bin/bash
# The full counts: the tests optimised with PARLEY_LONG=1, then five minutes of each fuzzer, one on each core. Writes
# docs/test-long.md.
# PARLEY_FUZZ_SECONDS changes the five minutes; then nothing is written.
set -u
cd "$(dirname "$0")/.." || exit 3
# shellcheck source=tools/packages.sh
. tools/packages.sh

seconds=${PARLEY_FUZZ_SECONDS:-300}
started=$(date -u +%Y-%m-%dT%H:%MZ)
fuzzed=0 crashed=0 table=
export PARLEY_LONG=1

# fuzz_one PROGRAM: runs it on a copy of its corpus; a crash is kept in build/fuzz/found/. An input may take a minute of wall
# time: the slowest of the corpora (fuzz/corpus/pair/tangled) takes a second, instrumented six, beside other work forty.
fuzz_one() {
	local name=${1##*/fuzz_}
	local work=build/fuzz/inputs/$name log=build/fuzz/$name.log
	mkdir -p "$work" build/fuzz/found
	"$1" -max_total_time="$seconds" -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
		-artifact_prefix="build/fuzz/found/$name-" "$work" "fuzz/corpus/$name" >"$log" 2>&1
	echo $? >"build/fuzz/$name.status"
}

# fuzz_told PROGRAM: says how it went and adds its row.
fuzz_told() {
	local name=${1##*/fuzz_}
	local log=build/fuzz/$name.log
	if [ "$(cat "build/fuzz/$name.status")" = 0 ]; then
		fuzzed=$((fuzzed + 1))
		echo "ok   fuzz/$name"
	else
		crashed=$((crashed + 1))
		tail -n 40 "$log"
		echo "FAIL fuzz/$name (build/fuzz/found/$name-*)"
	fi
	table+="| $name | $(awk '/number_of_executed_units/ { print $2 }' "$log") | $(find "build/fuzz/inputs/$name" -type f | wc -l) |"$'\n'
}

build long || exit 3
build fuzz || exit 3
counts=$(tests/all.sh build/long | tee /dev/stderr | tail -n 1)
# As many at a time as there are cores: each is one thread.
for program in build/fuzz/fuzz/fuzz_*; do
	[ -x "$program" ] || continue
	while [ "$(jobs -rp | wc -l)" -ge "$(nproc)" ]; do
		wait -n
	done
	fuzz_one "$program" &
done
wait
for program in build/fuzz/fuzz/fuzz_*; do
	[ -x "$program" ] && fuzz_told "$program"
done

read -r passed _ failed _ skipped _ <<<"$counts"
passed=$((passed + fuzzed))
failed=$((failed + crashed))
last="$passed passed, $failed failed${skipped:+, $skipped skipped}"
# asked before the file is opened, which changes it
commit=$(git rev-parse --short=12 HEAD 2>/dev/null || echo unknown)$(git diff --quiet HEAD -- 2>/dev/null || echo ', with changes')
if [ "$seconds" = 300 ]; then
	cat >docs/test-long.md <<EOF
# The long test

\`./test long\`: every test optimised with its full counts, then five minutes of each fuzzer.

| | |
|---|---|
| begun | $started |
| ended | $(date -u +%Y-%m-%dT%H:%MZ) |
| commit | $commit |
| last line | $last |

| fuzzer | runs in $seconds s | new inputs kept |
|---|---|---|
$table
EOF
fi
echo "$last"
[ "$failed" -eq 0 ]
