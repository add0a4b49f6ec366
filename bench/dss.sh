#!/bin/bash
# The F3548 interface under the loads that it is made for, and what 10^6 live intents take: bench/dss.sh BUILD_DIR, built with
# the bench preset. Prints Markdown, with the goals beside the figures and what the Go DSS on PostgreSQL gave on the same
# machine. PARLEY_INTENTS changes the 10^6, PARLEY_SECONDS the 20 s of each load.
set -eu
parley=$1/parley bench=$1/bench/dss_load
intents=${PARLEY_INTENTS:-1000000} seconds=${PARLEY_SECONDS:-20}
few=1000 port=18470
work=$(mktemp -d ./dss-bench.XXXXXX) # on the disk that is meant
trap 'stop; rm -rf "$work"' EXIT

# Ends the node that runs, and waits until it is gone: a snapshot is written.
stop() {
	[ -z "${node:-}" ] || kill "$node" 2>/dev/null || true
	wait
	node=
}

# Seconds of processor time that the node has taken, all threads.
processor() {
	awk -v ticks="$(getconf CLK_TCK)" '{ printf "%.2f", ($14 + $15) / ticks }' "/proc/$node/stat"
}

# serve [option…]: runs the node and waits until it answers; $took is what that took.
serve() {
	local began
	began=$(date +%s.%N)
	"$parley" serve "$work/us" --dss-dev "$@" >"$work/out" 2>>"$work/err" &
	node=$!
	until curl -sf "http://127.0.0.1:$port/healthy" >/dev/null; do
		kill -0 $node 2>/dev/null || { cat "$work/err" >&2; exit 3; }
		sleep 0.02
	done
	took=$(echo "$began $(date +%s.%N)" | awk '{ printf "%.2f", $2 - $1 }')
	took="$took s, $(processor) s of processor time"
}

# A node without anything in it.
found() {
	stop
	rm -rf "$work/us"
	"$parley" init "$work/us" --party us --address "http://127.0.0.1:$port" --alone --mode TEST --yes >/dev/null
	serve
}

# load KIND LABEL [option…]: prints its row.
load() {
	local kind=$1 label=$2 token
	shift 2
	token=$("$parley" token "$work/us" --sub uss1 --scope utm.strategic_coordination)
	"$bench" "$kind" --label "$label" --port $port --pid $node --token "$token" --folder "$work" --seconds "$seconds" "$@"
}

# fill COUNT: as many live intents, without a row.
fill() {
	load create fill --count "$1" --seconds 3600 >/dev/null
}

resident_kb() {
	awk '/^VmRSS/ { print $2 }' "/proc/$node/status"
}

# each KB KB COUNT: bytes for each of COUNT.
each() {
	echo "$@" | awk '{ printf "%.0f", ($1 - $2) * 1024 / $3 }'
}

echo '## The F3548 interface'
echo
echo 'A node alone in development mode, fsync on, and the load generator, on one machine: 16 connections, each with one'
echo "request at a time, for $seconds s. *Server* is the node's processor time a request, all threads; *generator* how many"
echo 'cores the generator took; *told* how many subscriptions one answer names.'
echo
echo '| load | goal | the Go DSS | a second | p50 ms | p99 ms | max ms | answers | server, µs | generator | fdatasync p50, ms |'
echo '|---|---|---|---|---|---|---|---|---|---|---|'
found
load create 'create, spread, no subscription | ≥ 10,000/s, p99 ≤ 20 ms | 453/s, 750 ms'
found
load implicit 'create, spread, implicit subscription | ≥ 8,000/s, p99 ≤ 20 ms | 162/s, 3,103 ms'
found
load cell 'create, all in one cell, implicit subscriptions | ≥ 5,000/s, p99 ≤ 30 ms | 92/s, 1,948 ms'
found
fill $few
load query "query, 1 km circle, $few live | ≥ 20,000/s, p99 ≤ 5 ms | 1,326/s, 72 ms" --live $few --radius 1000
load query "query, 20 km circle, $few live | | " --live $few --radius 20000
found
empty_kb=$(resident_kb)
fill "$intents"
full_kb=$(resident_kb)
load query "query, 1 km circle, $intents live | ≥ 10,000/s, p99 ≤ 10 ms | " --live "$intents" --radius 1000
load query "query, 20 km circle, $intents live | | " --live "$intents" --radius 20000
stop
size=$(du -cb "$work"/us/record.db* | awk 'END { print $1 / 1024 }')
serve
by_snapshot=$took
started_kb=$(resident_kb)
load query "query, 1 km circle, $intents live, after a start | ≥ 10,000/s, p99 ≤ 10 ms | " --live "$intents" --radius 1000
stop
serve --replay
by_replay=$took
stop

echo
echo "| $intents live intents, no subscriptions | goal | |"
echo '|---|---|---|'
echo "| memory each, after a start | ≤ 1.5 KB | $(each "$started_kb" "$empty_kb" "$intents") bytes |"
echo "| memory each, after creating them | ≤ 1.5 KB | $(each "$full_kb" "$empty_kb" "$intents") bytes |"
echo "| start by snapshot, until it answers | ≤ 3 s | $by_snapshot |"
echo "| start by replay | | $by_replay |"
echo "| record.db, each | | $(each "$size" 0 "$intents") bytes |"
