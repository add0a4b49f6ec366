#!/bin/bash
# Acts at the screen on own notices and on what another party may not see, and test messages; on two real nodes. Prints TAP.
set -u
support=$(realpath "$(dirname "$0")/../support")
# shellcheck source=tests/support/nodes.bash
. "$support/nodes.bash"
# shellcheck source=tests/support/screens.bash
. "$support/screens.bash"

# act SIDE PATTERN DIGIT TITLE: the row like that is selected, A pressed, then the digit, until the form of that title is open.
act() {
	for _ in 1 2 3; do
		shown "$1" "$2" 20 || break
		select_row "$1" "$2" && press "$1" a && shown "$1" '^ ACT ' 6 && press "$1" "$3" && shown "$1" "$4" 6 && return
		press "$1" Escape
	done
	say 1 "$1: $2: $3: $4"
}

line_of us ru
say $? "two sides begin a line in TEST"
serve us && serve ru && opened us && opened ru
say $? "both serve"
try "us signs on" "$parley" shift begin us desk --languages en
try "ru signs on" "$parley" shift begin ru desk --languages ru,en
screen us 100 30
shows us "quiet" 'Nothing needs you'

# ---- test messages ---------------------------------------------------------------------------------------------------

try "ru sends a test message" "$parley" present ru --ask us
shows us "when the next one is due is said" 'Next: test [0-9]{2}:[0-9]{2}Z'
for _ in $(seq 8); do
	press us t
	shown us 'test of ru: somebody is here' 4 && break
done
grep -q 'test of ru: somebody is here' out/log
say $? "T answers it"
until_says "ru has the answer" '"answered": *"20' "$parley" channel show ru --json

# ---- own notices -----------------------------------------------------------------------------------------------------

try "an open-ended site" "$parley" file us --kind site --at 35.2854N,40.1760E --radius 2km --from -20min --audience ru
try "a flight" "$parley" file us --kind flight --at 36.2854N,41.1760E --radius 5km --from +1h --to +2h
try "and one" "$parley" file us --kind flight --at 36.2854N,43.1760E --radius 5km --from +1h --to +2h
press us v
act us 'us#1 site' 3 'WHEN IT ENDS'
write us "soon"
press us Enter
shows us "what cannot be read is said" 'NOT DONE: to: '
press us BSpace BSpace BSpace BSpace
write us "+2h"
press us Enter
shows us "another end" 'us#1: another end'
act us 'us#2 flight' 2 'IT WILL NOT BE DONE'
write us "rain"
press us Enter
shows us "given up" 'us#2 flight .* CANCELLED'
act us 'us#3 flight' 1 'IT HAS ENDED'
press us Enter
shows us "over" 'us#3: end it'
press us v
until_says "with the reason" 'notice.cancelled.*rain' "$parley" log show us --json
"$parley" log show us --json 2>&1 | grep notice.updated | tail -n 1 >out/log
grep -q '"content"' out/log
say $? "details for some only were not put into the entry"

# ---- statements, the channel -----------------------------------------------------------------------------------------

words="From the first of the month the road to the east of the river is open for no vehicle of any kind by night; those"
words="$words who have to use it say so at this desk a day before, with the number of vehicles and the names of drivers."
try "ru announces a decision" "$parley" statement make ru "$words" --kind decision --at +3h
shows us "which us reads" 'ru announces: From the first'
select_row us 'ru announces'
shows us "whole" 'the names of drivers\.'
shows us "with its time" 'takes effect [0-9]{2}:[0-9]{2}Z'
press us d
shows us "D has a statement too" '4 a statement'
press us 4
shows us "which asks for no answer" 'A STATEMENT'
write us "we shall not use it"
press us Enter
shows us "is made" 'asked: a statement|a statement'
until_says "and is at ru" 'we shall not use it' "$parley" statement list ru
try "ru limits its channel" "$parley" channel declare ru limited --reason "the line is being repaired"
shows us "us is told" 'ru has declared the channel limited'
select_row us 'declared the channel'
shows us "with rung and reason" 'desk: limited from .* the line is being repaired'

# ---- what they may not see -------------------------------------------------------------------------------------------

try "a sealed site" "$parley" file us --kind site --at 34.00N,39.00E --radius 2km --from now --to +5h --disclosure sealed
try "ru flies there" "$parley" file ru --kind flight --at 34.00N,39.01E --radius 3km --from +20min --to +3h
act us 'ru#1 .*overlaps with an own object' 1 'TELL THEM'
press us Enter
shows us "told, of their notice alone" 'ru#1: tell them that it overlaps|tell them that it overlaps'
gone us "and nobody has to" 'overlaps with an own object'
until_says "ru knows that its notice overlaps" 'OVERLAP|ru#1 overlaps' "$parley" alarms list ru
"$parley" ack us ru#1 --tell --understood >out/log 2>&1
[ $? -eq 2 ] && grep -q 'one act at a time' out/log
say $? "--tell is an act by itself"
try "and tells" "$parley" file ru --kind flight --at 34.00N,39.02E --radius 3km --from +20min --to +3h
until_says "the second too" 'ru#2 .*overlaps with an own object' "$parley" alarms list us
try "by the command line" "$parley" ack us ru#2 --tell --text "call us"
leaves us "Q and Y leave, and nothing went wrong"
plan
