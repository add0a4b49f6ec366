#!/bin/bash
# A running node under an open-loop load, what 10^6 acts take on disk, and how long a start takes with them:
# bench/record.sh BUILD_DIR, built with the bench preset. Prints Markdown. PARLEY_ACTS changes the 10^6.
set -eu
parley=$1/parley bench=$1/bench/record_bench
acts=${PARLEY_ACTS:-1000000}
work=$(mktemp -d)
trap 'stop; rm -rf "$work"' EXIT
us_port=18440 ru_port=18441

# Ends the nodes that run, and waits until they are gone: a snapshot is written.
stop() {
	local pid
	for pid in $(jobs -p); do
		kill "$pid" 2>/dev/null || true
	done
	wait
}

# party NAME PORT: keys and card.
party() {
	"$parley" init "$work/$1" --party "$1" --log "$1.example/line" --address "http://127.0.0.1:$2" >&2
}

# serve NAME [option…]: runs a node and waits until it listens; prints the seconds that took.
serve() {
	local name=$1 began ended
	shift
	began=$(date +%s.%N)
	"$parley" serve "$work/$name" "$@" >"$work/$name.out" 2>>"$work/$name.err" &
	until grep -q listening "$work/$name.out" 2>/dev/null; do
		kill -0 $! 2>/dev/null || { cat "$work/$name.err" >&2; exit 3; }
		sleep 0.02
	done
	ended=$(date +%s.%N)
	took=$(echo "$began $ended" | awk '{ printf "%.2f", $2 - $1 }')
}

# open_port PORT: waits until the node appends.
open_port() {
	until curl -sf "http://127.0.0.1:$1/healthy" >/dev/null; do
		sleep 0.05
	done
}

mebibytes() {
	du -cb "$@" | awk 'END { printf "%.0f", $1 / 1048576 }'
}

echo '## A node of two, 2,000 signed entries a second'
echo
party us $us_port
party ru $ru_port
"$parley" init "$work/us" --with "$work/ru/ru.card" --mode TEST --yes >/dev/null
"$parley" init "$work/ru" --accept "$work/us/constitution.note" --yes >/dev/null
"$parley" init "$work/us" --accept "$work/ru/constitution.note" --yes >/dev/null
serve us
serve ru
open_port $us_port
"$bench" --folder "$work/us" --port $us_port --peer-folder "$work/ru" --peer-port $ru_port --rate 2000 --seconds 30
stop
rm -rf "$work/us" "$work/ru"

echo '## A node alone, 10,000 entries a second recorded for a program'
echo
"$parley" init "$work/us" --party us --address "http://127.0.0.1:$us_port" --alone --mode TEST --yes >/dev/null
serve us
open_port $us_port
"$bench" --folder "$work/us" --port $us_port --recorded yes --rate 10000 --seconds $((acts / 10000))
resident=$(awk '/^VmRSS/ { printf "%.0f", $2 / 1024 }' "/proc/$(jobs -p | tail -n 1)/status")
stop

echo "## A record of $acts acts"
echo
size=$(mebibytes "$work"/us/record.db*)
snapshot=$(mebibytes "$work/us/snapshot")
serve us
by_snapshot=$took
stop
serve us --replay
by_replay=$took
stop
echo "| | |"
echo "|---|---|"
echo "| record.db | $size MiB, $(echo "$size $acts" | awk '{ printf "%.0f", $1 * 1048576 / $2 }') bytes an act |"
echo "| snapshot | $snapshot MiB |"
echo "| memory of the node after them | $resident MiB |"
echo "| start by snapshot | $by_snapshot s |"
echo "| start by replay | $by_replay s |"
