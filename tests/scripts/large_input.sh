#!/bin/bash
# A large file is read in memory that does not grow with it: 64 MB here, 1 GB in the long test, plain and by gzip.
set -u
parley=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
megabytes=64 bound_mb=160
[ -n "${PARLEY_LONG:-}" ] && megabytes=1024
export ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}quarantine_size_mb=16:detect_leaks=0
n=0 bad=0

# Features of 32 KiB each, most of it a note that nothing needs; the first two overlap, the others are far apart.
generate() {
	awk -v count=$((megabytes * 32)) 'BEGIN {
		note = "x"
		while (length(note) < 32000)
			note = note note
		note = substr(note, 1, 32000)
		print "{\"type\": \"FeatureCollection\", \"features\": ["
		for (i = 0; i < count; i++) {
			at = i < 2 ? 0 : i
			printf "{\"type\": \"Feature\", \"id\": \"site-%d\", \"properties\": {\"note\": \"%s\", ", i, note
			printf "\"parley\": {\"kind\": \"site\", \"radius_m\": 100}}, "
			printf "\"geometry\": {\"type\": \"Point\", \"coordinates\": [%.1f, %.1f]}}%s\n",
				at % 1000 / 10, int(at / 1000) / 10, i + 1 < count ? "," : ""
		}
		print "]}"
	}'
}

# run_bounded COMMAND…: its peak of resident memory in MB.
run_bounded() {
	"$@" >"$work/out" 2>"$work/err" &
	local pid=$! peak=0 now state=
	while [ -e "/proc/$pid/status" ] && [ "$state" != Z ]; do
		now=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$pid/status" 2>/dev/null)
		state=$(sed -n 's/^State:[^A-Z]*\(.\).*/\1/p' "/proc/$pid/status" 2>/dev/null)
		[ -n "$now" ] && peak=$now
		sleep 0.05
	done
	wait "$pid"
	status=$?
	peak_mb=$((peak / 1024))
}

expect() {
	n=$((n + 1))
	if [ "$status" -eq 1 ] && [ "$(wc -l <"$work/out")" -eq 1 ] && [ "$peak_mb" -gt 0 ] &&
		[ "$peak_mb" -lt "$bound_mb" ]; then
		echo "ok $n - $1: $peak_mb MB"
	else
		bad=1
		echo "not ok $n - $1"
		echo "# status $status, $(wc -l <"$work/out") lines, $peak_mb MB of $bound_mb"
		head -n 5 "$work/err" | sed 's/^/# /'
	fi
}

generate >"$work/large.geojson"
run_bounded "$parley" check --json "$work/large.geojson"
expect "a file of $megabytes MB"
gzip -1 "$work/large.geojson"
run_bounded "$parley" check --json "$work/large.geojson.gz"
expect "the same by gzip"
echo "1..$n"
exit $bad
