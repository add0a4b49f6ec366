#!/bin/bash
# STOP, URGENT, DISTRESS between two real nodes by the verbs: raised with nothing stated, taken, passed on, ceased,
# withdrawn; the mode is asked; the other node away, and back. Prints TAP.
set -u
# shellcheck source=tests/support/nodes.bash
. "$(dirname "$0")/../support/nodes.bash"

line_of us ru
say $? "the line begins"
serve us && serve ru && opened us && opened ru
say $? "both serve"

"$parley" stop us >out/log 2>&1 </dev/null
[ $? -eq 2 ] && grep -q 'is the stop real? --mode REAL or --mode TEST says so' out/log
say $? "on a line in TEST the mode is asked, and a pipe cannot answer"

"$parley" stop us --mode TEST --wait 30 >out/log 2>&1
[ $? -eq 0 ] && grep -qx SENT out/log && grep -qx 'AT THEIR NODE ru.example/line' out/log
say $? "STOP with nothing stated is at their node"

"$parley" take ru --role director >out/log 2>&1 && grep -qx 'us STOP 1: taken' out/log && ! grep -q UNVERIFIED out/log
say $? "it is taken there"
until_says "and that is in the record" 'call\.taken' "$parley" log show ru
"$parley" take ru --passed-on "battle director" >out/log 2>&1 && grep -qx 'us STOP 1: passed on' out/log
say $? "and passed on"
until_says "that too" 'call\.passed' "$parley" log show ru
"$parley" take ru "us STOP 1" --ceased >out/log 2>&1 && grep -qx 'us STOP 1: ceased' out/log
say $? "and reported ceased"
until_says "in the record of both" 'call\.reported' "$parley" log show us --log ru.example/line
"$parley" take ru "us STOP 9" >out/log 2>&1
[ $? -eq 2 ] && grep -q 'nothing called "us STOP 9" rings here' out/log
say $? "what does not ring is said"

"$parley" stop us "$(printf 'é%.0s' {1..1500})" --place "long words" --mode TEST --wait 30 >out/log 2>&1
[ $? -eq 0 ] && grep -qx SENT out/log && grep -qx 'parley: words: cut after 2000 bytes' out/log
say $? "words that are too many are cut, and sent"
"$parley" stop us $'fire\xff' --place $'no \xc3 letter' --mode TEST --wait 30 >out/log 2>&1
[ $? -eq 0 ] && grep -qx SENT out/log && grep -qx 'parley: words: what is not UTF-8 is sent as ?' out/log
say $? "what is no letter is replaced, and sent"

stop ru
"$parley" distress us "aircraft down" --place "35.285N 40.176E" --mode REAL --wait 20 >out/log 2>&1
[ $? -eq 1 ] && grep -q '^NOT DELIVERED to ru.example/line – PHONE' out/log
say $? "their node away: NOT DELIVERED, telephone"
serve ru
opened ru
until_says "it rings there as soon as the node is back" '^us DISTRESS 4: taken' "$parley" take ru --words "we have it"
"$parley" take us "us DISTRESS 4" --withdraw >out/log 2>&1 && grep -qx 'us DISTRESS 4: withdrawn' out/log
say $? "and is withdrawn"

stop us
stop ru
"$parley" stop us --mode REAL >out/log 2>&1
[ $? -eq 3 ] && grep -q 'NOT SENT – PHONE' out/log
say $? "the own node away: telephone"
"$parley" log export us stick/us >out/log 2>&1 && "$parley" log export ru stick/ru >>out/log 2>&1 &&
	"$parley" verify stick/us stick/ru >out/log 2>&1 && grep -q '^no fault' out/log
say $? "both records verify"
plan
