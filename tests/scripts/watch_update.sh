#!/bin/bash
# An own movement is off route and its notice does not hold the place: whoever looks at the screen of any desk of the
# organisation has the act ready, one key. Prints TAP.
set -u
support=$(realpath "$(dirname "$0")/../support")
# shellcheck source=tests/support/nodes.bash
. "$support/nodes.bash"
# shellcheck source=tests/support/screens.bash
. "$support/screens.bash"

line_of un ru
say $? "two sides begin a line in TEST"
serve un && serve ru && opened un && opened ru
say $? "both serve"
screen un 100 30
shows un "the screen is there" 'nobody of un is on watch'
press un s
shows un "a shift begins" 'SHIFT begins'
write un en
press un Enter
shows un "it has begun" 'shift begun'

at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
cat >plan.json <<END
{"kind": "convoy", "title": "31 trucks", "contact": "+963 11 000 000", "from": "$(at '-1 hour')", "to": "$(at '+9 hours')",
 "areas": [{"vertices": ["36.20000N 37.10000E", "36.14500N 36.95600E"], "half_width_m": 300}]}
END
try "a convoy" "$parley" file un plan.json
try "departs" "$parley" movement departed un un#1
try "and is reported elsewhere, by a program that updates nothing" \
	"$parley" movement check-in un un#1 --place "36.50000N 37.00000E" --no-update
shows un "the act that is due, with its key" 'the notice does not hold the place.*U update|U update'
# The rows move while their ages do: the one that is meant is looked for, then the key is pressed.
for _ in $(seq 10); do
	select_row un 'U update' && press un u
	shown un 'updated with the place reported' 2 && break
done
grep -q 'updated with the place reported' out/log
say $? "U does it"
gone un "and the alarm is gone" 'does not hold the place'
until_says "the other side has it to read anew" 'on route' "$parley" movement list ru un#1
plan
