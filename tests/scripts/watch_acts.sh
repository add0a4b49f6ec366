#!/bin/bash
# Everything that people do at the screen beside notices: queries, bundles, movements, meetings, hits, tests; on two real
# nodes, in terminals of 80 by 24 and 120 by 40, one of them without colours and in another script. Prints TAP.
set -u
support=$(realpath "$(dirname "$0")/../support")
# shellcheck source=tests/support/nodes.bash
. "$support/nodes.bash"
# shellcheck source=tests/support/screens.bash
. "$support/screens.bash"

at() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
# act SIDE PATTERN DIGIT TITLE: the row like that is selected, A pressed, then the digit, until the form of that title is open.
act() {
	for _ in 1 2 3; do
		shown "$1" "$2" 20 || break
		select_row "$1" "$2" && press "$1" a && shown "$1" '^ ACT ' 6 && press "$1" "$3" && shown "$1" "$4" 6 && return
		press "$1" Escape
	done
	say 1 "$1: $2: $3: $4"
}

line_of un ru
say $? "two sides begin a line in TEST"
serve un && serve ru && opened un && opened ru
say $? "both serve"
try "un signs on" "$parley" shift begin un desk --languages en
try "ru signs on, in Russian" "$parley" shift begin ru desk --languages ru,en
screen un 80 24 --no-colours
screen ru 120 40
shows un "un is quiet" 'Nothing needs you'
shows ru "ru is quiet" 'Nothing needs you'

# ---- queries ---------------------------------------------------------------------------------------------------------

long="Что за колонна движется на юг от аэродрома, которую видели сегодня утром с наблюдательного пункта, и кто её ведёт?"
long="$long Просим ответить до полудня по всемирному времени, по телефону или здесь, на любом языке, который вам удобен."
try "ru asks at length, in Cyrillic" "$parley" query ask ru "$long" --to un --language ru
shows un "a query needs un, with its key" 'ru asks: Что за колонна.*A answer'
look un
! grep -q '[?�]  *in 4[78]h' out/log && iconv -f UTF-8 -t UTF-8 out/log >out/again && cmp -s out/log out/again
say $? "cut between two characters"
act un 'ru asks' 1 'ANSWER the query'
press un Enter
never un "nothing typed files nothing" 'ANSWER the query'
act un 'ru asks' 1 'ANSWER the query'
write un "31 грузовик с мукой"
press un Enter
shows un "the answer is filed" '^[0-9:]+Z ru asks.*: answer'
until_says "and is at ru" 'un: answered.*31 грузовик с мукой' "$parley" query list ru
press ru d
shows ru "D asks" 'ASK +1 a query 2 for a meeting 3 a test message 4 a statement'
press ru 1
shows ru "a query has its fields" 'place by name:'
write ru "И вторая?"
press ru Tab Tab
write ru "Рамла"
press ru Enter
shows ru "it is asked" '^[0-9:]+Z asked: a query'
act un 'ru asks: И вторая' 2 'DECLINE to answer'
press un Enter
shows un "declined without a word" ': decline'
until_says "ru knows that" 'un: declined' "$parley" query list ru
press ru y
shows ru "Y lists all that stands" 'ALL THAT STANDS 2'
select_row ru 'answered: Что'
shows ru "with who has answered what" 'un: answered, .* 31 грузовик с мукой'
press ru y
gone ru "and Y goes back" 'ALL THAT STANDS'

# ---- a movement ------------------------------------------------------------------------------------------------------

cat >plan.json <<END
{"kind": "convoy", "title": "31 trucks", "contact": "+963 11 000 000", "from": "$(at '-1 hour')", "to": "$(at '+9 hours')",
 "areas": [{"vertices": ["36.20000N 37.10000E", "36.14500N 36.95600E"], "half_width_m": 300}]}
END
try "a convoy, for ru alone" "$parley" file un plan.json --audience ru
press un v
shows un "un sees its convoy, in the view over time" 'un#1 convoy'
act un 'un#1 convoy' 1 'REPORT where it is'
shows un "who has not read it is said" 'Not yet read by: ru'
press un Enter
shows un "it departs with Enter" '^[0-9:]+Z un#1: departed'
press un y
shows un "and is in the list of all that stands" 'un#1 departed'
act un 'un#1 departed' 2 'REPORT where it is'
write un "36.50000N 37.00000E"
press un Tab
write un "50"
press un Enter
shows un "a text that cannot be read is said, with its field" 'NOT DONE: accuracy: "50" is no distance'
shows un "and stays" '> accuracy, as 500m: 50_'
write un "m"
press un Enter
shows un "a check-in" '^[0-9:]+Z un#1: check-in'
act un 'un#1 checked in' 3 'LATE: the next check-in'
write un "+3h"
press un Enter
shows un "late" '^[0-9:]+Z un#1: late'
press un y

shows ru "the host sees that the position differs" 'un#1: .* km from its areas.*A'
for _ in $(seq 6); do
	select_row ru 'un#1: .* km from its areas' && press ru a && shown ru 'ACT  6 units told where it is' 6 && press ru 6 &&
		shown ru 'un#1: units told where it is' 6 && break
	press ru Escape
done
grep -q 'un#1: units told where it is' out/log
say $? "the host's units are told, with two keys"
gone ru "it rings no more there" 'un#1: .* km from its areas'
for _ in $(seq 10); do
	select_row un 'U update' && press un u
	shown un 'updated with the place reported' 2 && break
done
grep -q 'updated with the place reported' out/log
say $? "U updates a notice whose details are for some only"
gone un "its alarm is gone" 'does not hold the place'
until_says "the place is in the notice that ru reads" 'on route' "$parley" movement list ru un#1

# ---- read back, with fields ------------------------------------------------------------------------------------------

for _ in $(seq 8); do
	select_row ru 'un#1 ' && press ru b && shown ru 'READ BACK, in your own words' 4 && break
	press ru Escape
done
shows ru "B has fields for the place" 'bearing from it, degrees:'
write ru "колонна на север"
press ru Tab Tab Tab Tab
write ru "36.17N 37.03E"
press ru Up Up Up Down Down
press ru Enter
shows ru "read back with a position" '^[0-9:]+Z un#1 read back'
until_says "un sees the place that was meant" '"position": *"36.17N 37.03E"' "$parley" ack un un#1 --json

# ---- a hit -----------------------------------------------------------------------------------------------------------

press un y
select_row un 'un#1 checked in'
press un i
shows un "I reports a hit, of what is selected" 'of un#1'
write un "two trucks burn"
press un Tab Tab Tab
write un "2..3"
press un Enter
shows un "it is reported" ': hit reported|un#1 hit reported'
press un y
act ru 'un reports a hit: two trucks' 1 'OUR ACCOUNT'
write ru "по нашим данным, один"
press ru Enter
shows ru "ru gives its account" ': our account'
gone ru "and it needs ru no more" 'ACTION .*un reports a hit'
until_says "both are one event" '2 accounts, 2 origins' "$parley" hit list un

# ---- meetings --------------------------------------------------------------------------------------------------------

press un d
shows un "D again" 'ASK +1 a query 2 for a meeting'
press un 2
shows un "a meeting" 'ASK for a meeting'
write un "what happened at the bridge"
press un Enter
shows un "is asked for" 'asked: for a meeting'
press ru y
act ru 'MEETING .*asked: what happened' 1 'IN WORDS'
press ru Enter
shows ru "agreed in principle" ': agree'
act ru 'MEETING .*agreed.*what happened' 3 'FIX the meeting'
write ru "+60min"
press ru Tab
write ru "мост"
press ru Enter
shows ru "fixed by one side" ': fix'
act ru 'MEETING' 6 'MINUTES'
write ru "мы встретились"
press ru Enter
shows ru "minutes" ': minutes'
press un y
for _ in $(seq 8); do
	select_row un 'MEETING' && press un a && shown un '7 agree to minutes' 6 && press un 7 && shown un ': agree to minutes' 6 &&
		break
	press un Escape
done
grep -q ': agree to minutes' out/log
say $? "agreed to by the other"
act un 'MEETING' 4 'IT WAS HELD'
press un Enter
shows un "held" ': held'
until_says "all of it is in the record" 'minutes .* of ru, agreed: мы встретились' "$parley" call list un
until_says "with the outcome" 'un: asked.*held' "$parley" call list ru
press un y
press ru y

# ---- a bundle --------------------------------------------------------------------------------------------------------

sed -i 's/31 trucks/12 trucks/; s/36.20000N/35.20000N/; s/36.14500N/35.14500N/' plan.json
for k in 2 3; do
	try "convoy $k" "$parley" file un plan.json
	try "that departs" "$parley" movement departed un "un#$k"
done
try "a truce is declared ended" "$parley" bundle ended un "the truce of 12 September" "it is over" --second un-ops
act ru 'un declared the truce' 1 ': take'
shows ru "the bundle is taken" ': take'
for _ in $(seq 8); do
	select_row ru 'movements of the bundle' && press ru b && shown ru '2 left to read back, now un#' 4 && break
	press ru Escape
done
grep -q '2 left to read back' out/log
say $? "B reads the movements back, one by one"
write ru "первая"
press ru Tab Tab Tab Tab
write ru "35.17N 37.03E"
press ru Tab
write ru "100mAGL"
press ru Tab
write ru "300"
press ru Enter
shows ru "a level without its datum is not guessed" 'NOT DONE: upper: '
write ru "mAGL"
press ru Tab
write ru "now"
press ru Enter
shows ru "the second follows" '1 left to read back, now un#'
write ru "вторая"
press ru Enter
gone ru "that was all" 'movements of the bundle'
until_says "with levels and start" 'bundle.read.*"upper":.*"value":300.*"start":"20' "$parley" log show ru --json
until_says "both are read back" 'un#2 +departed' "$parley" bundle list un
! grep -q 'not read back by' out/log
say $? "by ru"

# ---- other keys ------------------------------------------------------------------------------------------------------

press ru '?'
shows ru "help has the keys" 'A +act on the row'
press ru '?'
press un d
press un 3
shows un "a test message" 'TEST MESSAGE'
press un Enter
shows un "is asked" 'asked: a test message'
until_says "and the next one is due" 'test by un: last 20.*, next 20' "$parley" channel show ru
grep -c $'\033\\[4[0-9]' out/un.raw >out/log
[ "$(cat out/log)" -eq 0 ]
say $? "no colour was sent to un"
leaves un "un leaves, and nothing went wrong"
leaves ru "nor at ru"
plan
