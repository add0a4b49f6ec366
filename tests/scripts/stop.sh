#!/bin/bash
# STOP, URGENT, DISTRESS between two real nodes by the verbs: raised with nothing stated, taken, passed on, ceased,
# withdrawn; the mode is asked; the other node away, and back. Prints TAP.
set -u
parley=$(realpath "$1")
work=$(mktemp -d)
declare -A pid=()
trap 'kill "${pid[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
n=0 bad=0

say() {
	n=$((n + 1))
	[ "$1" -eq 0 ] && echo "ok $n - $2" && return
	bad=1
	echo "not ok $n - $2"
	tail -n 5 ./*.err out 2>/dev/null | sed 's/^/# /'
}

free_port() {
	local port
	while :; do
		port=$((10000 + RANDOM % 22000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

serve() {
	"$parley" serve "$1" >"$1.out" 2>>"$1.err" &
	pid[$1]=$!
}

healthy() {
	for _ in $(seq 300); do
		curl -sf "http://127.0.0.1:${port[$1]}/healthy" >/dev/null && return
		sleep 0.1
	done
}

# until COMMAND…: tries for 30 s.
until_holds() {
	for _ in $(seq 300); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}

declare -A port=([us]=$(free_port) [ru]=$(free_port))
for side in us ru; do
	"$parley" init $side --party $side --log $side.example/line --address "http://127.0.0.1:${port[$side]}" >/dev/null
done
"$parley" init us --with ru/ru.card --mode TEST --yes >/dev/null &&
	"$parley" init ru --accept us/constitution.note --yes >/dev/null &&
	"$parley" init us --accept ru/constitution.note --yes >/dev/null
say $? "the line begins"
serve us
serve ru
healthy us
healthy ru

"$parley" stop us >out 2>&1 </dev/null
[ $? -eq 2 ] && grep -q 'is the stop real? --mode REAL or --mode TEST says so' out
say $? "on a line in TEST the mode is asked, and a pipe cannot answer"

"$parley" stop us --mode TEST --wait 30 >out 2>&1
[ $? -eq 0 ] && grep -qx SENT out && grep -qx 'AT THEIR NODE ru.example/line' out
say $? "STOP with nothing stated is at their node"

"$parley" take ru --role director >out 2>&1 && grep -qx 'us STOP 1: taken' out
say $? "it is taken there"
"$parley" take ru --passed-on "battle director" >out 2>&1 && grep -qx 'us STOP 1: passed on' out
say $? "and passed on"
"$parley" take ru "us STOP 1" --ceased >out 2>&1 && grep -qx 'us STOP 1: ceased' out
say $? "and reported ceased"
"$parley" take ru "us STOP 9" >out 2>&1
[ $? -eq 2 ] && grep -q 'nothing called "us STOP 9" rings here' out
say $? "what does not ring is said"

"$parley" stop us "$(printf 'é%.0s' {1..1500})" --place "long words" --mode TEST --wait 30 >out 2>&1
[ $? -eq 0 ] && grep -qx SENT out && grep -qx 'parley: words: cut after 2000 bytes' out
say $? "words that are too many are cut, and sent"
"$parley" stop us $'fire\xff' --place $'no \xc3 letter' --mode TEST --wait 30 >out 2>&1
[ $? -eq 0 ] && grep -qx SENT out && grep -qx 'parley: words: what is not UTF-8 is sent as ?' out
say $? "what is no letter is replaced, and sent"

kill "${pid[ru]}" && wait "${pid[ru]}"
unset 'pid[ru]'
"$parley" distress us "aircraft down" --place "35.285N 40.176E" --mode REAL --wait 20 >out 2>&1
[ $? -eq 1 ] && grep -q '^NOT DELIVERED to ru.example/line – PHONE' out
say $? "their node away: NOT DELIVERED, telephone"
serve ru
healthy ru
taken() { "$parley" take ru --words "we have it" >out 2>&1 && grep -q '^us DISTRESS 4: taken' out; }
until_holds taken
say $? "it rings there as soon as the node is back"
"$parley" take us "us DISTRESS 4" --withdraw >out 2>&1 && grep -qx 'us DISTRESS 4: withdrawn' out
say $? "and is withdrawn"

for side in us ru; do
	kill "${pid[$side]}" && wait "${pid[$side]}"
	unset "pid[$side]"
done
"$parley" stop us --mode REAL >out 2>&1
[ $? -eq 3 ] && grep -q 'NOT SENT – PHONE' out
say $? "the own node away: telephone"
"$parley" log export us stick/us >out 2>&1 && "$parley" log export ru stick/ru >>out 2>&1 &&
	"$parley" verify stick/us stick/ru >out 2>&1 && grep -q '^no fault' out
say $? "both records verify"
echo "1..$n"
exit $bad
