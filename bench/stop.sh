#!/bin/bash
# STOP between two running nodes while 2,000 signed entries a second are filed at the raiser's: bench/stop.sh BUILD_DIR,
# built with the bench preset. Prints Markdown.
set -eu
parley=$1/parley
work=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$work"' EXIT
us_port=18460 ru_port=18461

party() {
	"$parley" init "$work/$1" --party "$1" --log "$1.example/line" --address "http://127.0.0.1:$2" >&2
}

party us $us_port
party ru $ru_port
"$parley" init "$work/us" --with "$work/ru/ru.card" --mode TEST --yes >/dev/null
"$parley" init "$work/ru" --accept "$work/us/constitution.note" --yes >/dev/null
"$parley" init "$work/us" --accept "$work/ru/constitution.note" --yes >/dev/null
for side in us ru; do
	"$parley" serve "$work/$side" >"$work/$side.out" 2>&1 &
done
for port in $us_port $ru_port; do
	until curl -sf "http://127.0.0.1:$port/healthy" >/dev/null; do
		sleep 0.05
	done
done
echo '## STOP, while 2,000 entries a second are filed'
echo
"$1/bench/record_bench" --folder "$work/us" --port $us_port --peer-folder "$work/ru" --peer-port $ru_port --rate 2000 \
	--seconds 45 >"$work/load" &
load=$!
sleep 12 # it signs first
"$1/bench/stop_bench" --folder "$work/us" --peer-folder "$work/ru" --peer-port $ru_port
wait $load
echo "Meanwhile: $(grep offered "$work/load")"
