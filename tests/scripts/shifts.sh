#!/bin/bash
# Shifts, the channel and test messages, from the command line, with a running node: begun, handed over by two, ended;
# declared, closed by two, shown; bad use.
set -u
parley=$(realpath "$1")
work=$(mktemp -d)
pid=
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
n=0 bad=0

# check NAME STATUS TEXT COMMAND…: exit status, and a text that is in what it says.
check() {
	local name=$1 expected=$2 text=$3 status
	shift 3
	"$@" >said 2>&1 </dev/null
	status=$?
	n=$((n + 1))
	if [ "$status" -eq "$expected" ] && grep -qF -- "$text" said; then
		echo "ok $n - $name"
	else
		bad=1
		echo "not ok $n - $name: status $status, expected $expected and: $text"
		sed 's/^/# /' said
	fi
}

# report STATUS NAME
report() {
	n=$((n + 1))
	[ "$1" -eq 0 ] || bad=1
	[ "$1" -eq 0 ] && echo "ok $n - $2" || echo "not ok $n - $2"
}

port=$((10000 + RANDOM % 22000))
check "keys" 0 "" "$parley" init us --party us --log us.example/line --address "http://127.0.0.1:$port"
check "a line alone" 0 "" "$parley" init us --alone --mode TEST --yes
"$parley" serve us >serve 2>&1 &
pid=$!
for _ in $(seq 300); do
	"$parley" peer list us >log 2>&1 && ! grep -q '^nothing is taken yet' log && break
	kill -0 "$pid" 2>/dev/null || break
	sleep 0.1
done
check "a second console" 0 "" "$parley" key new us us-ops/console-2

check "nobody is on watch" 0 "nobody is on watch" "$parley" shift list us
check "no hand-over by who is not on watch" 2 "is not on watch" \
	"$parley" shift hand-over us us-ops/console-2 --second us-ops/console-2
check "begun" 0 "entry " "$parley" shift begin us "duty colonel" --languages en,ru
check "not twice" 2 "is on watch since" "$parley" shift begin us
check "listed" 0 "duty colonel" "$parley" shift list us
check "listed as JSON" 0 '"role":"duty colonel"' "$parley" shift list us --json
check "handed over by two, not by one" 2 "two people sign" "$parley" shift hand-over us us-ops/console-2
check "a convoy" 0 "us#1" "$parley" file us --kind convoy --at 35.2854N,40.1760E --radius 5km --from now --to +4h
check "departs: nothing rings for it, and it is open" 0 "entry " "$parley" movement departed us us#1
"$parley" stop us look --mode TEST --wait 1 >said 2>&1 </dev/null
grep -q '^SENT' said
report $? "a call that nobody has answered"
check "signed once" 0 "signed once, not filed yet" \
	"$parley" shift hand-over us us-ops/console-2 --out handed.entry
grep -q '^open: movements:' said && grep -q '^open: call:' said
report $? "the list has the movement and the call"
count=$(grep -c '^open: ' said)
hash=$(printf '%b' "$(sed -n 's/^open: //p' said | sha256sum | cut -c 1-64 | sed 's/../\\x&/g')" | base64)
grep -qF "\"hash\": \"$hash\"" handed.entry && grep -qF "\"count\": $count" handed.entry
report $? "what is signed is the hash of exactly that list"
check "and by who comes" 0 "entry " \
	"$parley" shift hand-over us --add-signature handed.entry --second us-ops/console-2
check "who came is on watch" 0 "us-ops/console-2" "$parley" shift list us
check "the first one is not" 2 "is not on watch" "$parley" shift end us
check "ended" 0 "entry " "$parley" shift end us --key us-ops/console-2 --reason "end of day"
check "nobody again" 0 "nobody is on watch" "$parley" shift list us
check "all of them" 0 "ended 20" "$parley" shift list us --all
check "no such role" 2 "general" "$parley" shift begin us general

check "nothing declared" 0 "declared not declared" "$parley" channel show us
check "declared" 0 "entry " "$parley" channel declare us limited --rungs director,commander
check "no such state" 2 "ended" "$parley" channel declare us ended
check "closed by two, not by one" 2 "two people sign" "$parley" channel close us ended --reason "as said"
check "closed needs a reason" 2 "reason" "$parley" channel close us ended --second us-ops/console-2
check "closed" 0 "entry " "$parley" channel close us suspended --reason "as said" --second us-ops/console-2
check "shown, declared apart from observed" 0 "declared suspended      observed open" "$parley" channel show us
check "STOP passes" 0 "STOP passes in any state" "$parley" channel show us

check "somebody is there" 0 "entry " "$parley" present us
check "nobody of that name is asked" 2 "nobody" "$parley" present us --ask nobody
check "no such test" 2 "answers" "$parley" present us --answers AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
echo "1..$n"
exit $bad
