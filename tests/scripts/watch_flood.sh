#!/bin/bash
# The screen (120 by 40) on two real nodes: a flood from one peer is one row that says how many, and lists them when it is opened; the
# view over time has what was cancelled and ended. Prints TAP.
set -u
support=$(realpath "$(dirname "$0")/../support")
# shellcheck source=tests/support/nodes.bash
. "$support/nodes.bash"
# shellcheck source=tests/support/screens.bash
. "$support/screens.bash"

line_of us ru
say $? "two sides begin a line in TEST"
serve us && serve ru && opened us && opened ru
say $? "both serve"
try "us signs on" "$parley" shift begin us desk --languages en
try "ru signs on" "$parley" shift begin ru desk --languages ru,en
screen us 120 40
shows us "quiet" 'Nothing needs you'

# ---- a flood ---------------------------------------------------------------------------------------------------------

for k in $(seq 8); do "$parley" query ask ru "question $k" >out/log 2>&1 || bad=1; done
shows us "eight rows have a place each" 'NEEDS ME 8'
for k in $(seq 9 12); do "$parley" query ask ru "question $k" >out/log 2>&1 || bad=1; done
shows us "what is new then is one row that says how many" 'ACTION +ru .*FLOOD: 4 more from ru.*Enter lists'
shows us "all of them are counted" 'NEEDS ME 12'
try "what is urgent" "$parley" file ru --kind "live-fire area" --at 35.29N,40.18E --radius 2km --from +5min --to +5h
shows us "has a row of its own, the first" 'URGENT +ru .*ru#1 begins'
select_row us 'FLOOD'
press us Enter
shows us "Enter opens it" 'FLOOD: 4 more from ru.*Enter hides'
shows us "they are counted once" 'NEEDS ME 13, 1 of class 1 or 2'
for _ in 1 2 3 4; do
	press us j
done
shows us "and are listed" '▶.*question (9|1[012])'
press us a
shows us "to be acted upon as any row" 'ACT +1 answer 2 decline'
press us 1
write us "we do not know"
press us Enter
shows us "which takes it from the flood" 'FLOOD: 3 more from ru'
select_row us 'FLOOD'
press us Enter
shows us "Enter closes it again" 'Enter lists'

# ---- over time -------------------------------------------------------------------------------------------------------

try "a flight" "$parley" file us --kind flight --at 36.2854N,41.1760E --radius 5km --from -20min --to +2h
try "and one" "$parley" file us --kind flight --at 36.2854N,42.1760E --radius 5km --from +1h --to +2h
press us v
shows us "both are there" 'us#2 flight .*=='
try "the first ends" "$parley" end us us#1
try "the second is given up" "$parley" cancel us us#2 --reason rain
shows us "what ended is drawn until then, and says so" 'us#1 flight [^=]*-[^=]* ENDED'
shows us "what was cancelled too" 'us#2 flight [^=]*--[^=]* CANCELLED'
shows us "with its sign below" ' - over '
leaves us "Q and Y leave, and nothing went wrong"
plan
