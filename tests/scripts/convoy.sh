#!/bin/bash
# A convoy on the command line, between two real nodes: notified, departed although nobody has read it, read back, checked
# in, off the route, a truce declared ended, hit; and all of it verified from files. Prints TAP.
set -u
# shellcheck source=tests/support/nodes.bash
. "$(dirname "$0")/../support/nodes.bash"

line_of un ru && serve un && serve ru && opened un && opened ru
say $? "a line of two"

at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
cat >plan.json <<END
{"kind": "convoy", "title": "31 trucks", "vehicles": 31, "contact": "+963 11 000 000", "from": "$(at '-1 hour')",
 "to": "$(at '+9 hours')", "areas": [{"vertices": ["36.20000N 37.10000E", "36.14500N 36.95600E"], "half_width_m": 300}],
 "movement": {"check_ins": ["$(at '-20 minutes')", "$(at '+3 hours')"], "tolerance_s": 600}}
END
try "the plan is a notice" "$parley" file un plan.json
try "it is listed" "$parley" movement list un
says "as planned" '^un#1 +planned +31 trucks'
try "departed, though nobody has read it" "$parley" movement departed un un#1 --at "$(at '-50 minutes')"
says "and that is said first" '^Not yet read by: ru\. Departing is your decision\.'
"$parley" movement late un >out/log 2>&1
[ $? -eq 1 ]
say $? "late ends with 1 where there are any"
says "and says so" 'LATE by 2?[0-9] min'
until_says "the other side reads the same" 'Position differs from plan. Still protected. Contact: \+963' "$parley" movement late ru

"$parley" ack ru un#1 --understood >out/log 2>&1
[ $? -eq 2 ]
say $? "one key does not do for a convoy"
says "and why" 'needs a read-back'
try "read back" "$parley" ack ru un#1 --read-back "31 trucks to Urum al-Kubra" --name Urum
until_says "their words are seen" '31 trucks to Urum al-Kubra' "$parley" ack un un#1
try "as meant" "$parley" ack un un#1 --as-meant

try "a check-in ends late" "$parley" movement check-in un un#1 --place "36.20000N 37.10000E"
try "none is late" "$parley" movement late un
try "coarse from now on" "$parley" movement positions un un#1 "10 km"
try "a coarse place" "$parley" movement check-in un un#1 --place "36.1450N 36.9560E"
"$parley" movement list un un#1 --json >out/log 2>&1
says "is rounded before it is signed" '"accuracy_m": ?7[0-9]{3}'
says "and cannot tell" '"cannot tell"'
! grep -q '36.1450N' out/log
say $? "the exact one is nowhere"
try "exact again" "$parley" movement positions un un#1 exact
try "off the route" "$parley" movement check-in un un#1 --place "36.30000N 37.00000E"
says "is said" '^Position differs from plan. Still protected.'
[ "$(grep -c '^entry' out/log)" -eq 2 ]
say $? "and updates the notice"
until_says "which is to be read anew" 'Not yet read by: ru' "$parley" movement list un un#1
refuse "once is enough" 'is not off route' "$parley" movement update un un#1
try "another program reports it elsewhere" "$parley" movement check-in un un#1 --place "36.50000N 37.00000E" --no-update
until_says "each desk of the organisation is told to update" 'the notice does not hold the place' "$parley" alarms list un
until_says "ru is told where it is" 'Position differs from plan' "$parley" alarms list ru
! grep -q 'does not hold the place' out/log
say $? "and has nothing to update"
refuse "it is not ru's" "" "$parley" movement update ru un#1
try "a desk of the organisation does it" "$parley" movement update un un#1
"$parley" alarms list un >out/log 2>&1
! grep -q 'does not hold the place' out/log
say $? "then nobody is told any more"
try "on the road again" "$parley" movement check-in un un#1 --place "36.30000N 37.00000E"

try "a site" "$parley" file un --kind site --at "36.14500N 36.95600E" --radius 150m
until_says "at the other side" 'THEY HAVE IT' "$parley" ack ru un#2
refused() {
	"$parley" bundle ended ru "truce of 12 September" "It is over." >out/log 2>&1
	[ $? -eq 2 ]
}
refused
say $? "one person does not declare an end"
try "two people declare a truce ended" "$parley" bundle ended ru "truce of 12 September" "It is over." --second ru-ops
until_says "one bundle of it all" '1 movements, 1 sites' "$parley" bundle list ru
try "taken" "$parley" bundle take ru last
try "read back" "$parley" bundle read ru last un#1 "31 trucks, off the route at 36.3"
until_says "seen at the organisation" 'taken by: ru' "$parley" bundle list un
! grep -q 'not read back by' out/log
say $? "with receipts by item"

try "a hit" "$parley" hit report un "trucks hit" --notice un#1 --killed 10 --hurt 15..22 --origin "UN board"
until_says "in the register of both" 'killed: 10 or more' "$parley" hit list ru
says "who had read what" 'ru had read an earlier version, first'
try "stopped" "$parley" movement stopped un un#1 --unloading --words "warehouse"
try "arrived" "$parley" movement arrived un un#1

# Details that some parties alone may read stay apart when the place is added.
try "a plan for ru only" "$parley" file un plan.json --audience ru
try "it departs" "$parley" movement departed un un#3
try "off the route" "$parley" movement check-in un un#3 --place "36.30000N 37.00000E"
[ "$(grep -c '^entry' out/log)" -eq 2 ]
say $? "the notice is updated"
"$parley" log show un --json 2>&1 | grep notice.updated | tail -n 1 >out/log
grep -q '"content"' out/log && ! grep -q '36.30000N' out/log
say $? "by a content, not in the entry"
until_says "and ru has it" 'un#3 .*on route' "$parley" movement list ru un#3
try "exported" "$parley" log export un files
try "verified, months later" "$parley" verify files
plan
