#!/bin/bash
# A desk's day on two real nodes: notices filed, served, read back, judged; overlaps answered; what is heard on the
# telephone; updates, cancels, ends; marks, read-outs, contents for some only. Prints TAP.
set -u
# shellcheck source=tests/support/nodes.bash
. "$(dirname "$0")/../support/nodes.bash"

line_of us ru
say $? "two sides begin a line in TEST"
serve us && serve ru && opened us && opened ru
say $? "both serve"

# ---- a notice, from filing to units told -----------------------------------------------------------------------------

try "a flight is filed and served" "$parley" file us --kind flight --at 35.2854N,40.1760E --radius 5km --from +3h \
	--to +4h --lower FL150 --upper FL245 --call-sign HOBO11 --call-back "+1 555 0100" --wait 20
says "it has a name" '^us#1  flight  TEST  live'
says "nothing overlaps, and nothing more is said than that" '^No overlap found\. Nothing is said about what nobody has filed'
says "the other side has it" '^ru: SENT · THEY HAVE IT'
until_says "ru sees it" 'READ BACK no' "$parley" ack ru us#1
try "ru understands it" "$parley" ack ru us#1 --understood
says "that is the third rung" '^ru: SENT · THEY HAVE IT.* · READ BACK [0-9]+ s · UNITS TOLD no'
try "ru tells its units" "$parley" ack ru us#1 --units-told
until_says "us sees both" 'READ BACK [0-9]+ s · UNITS TOLD [0-9]+ s' "$parley" ack us us#1
refuse "nobody receives its own notice" "own" "$parley" ack us us#1 --understood
refuse "no such notice" 'no such notice here; expected a name as us#12' "$parley" ack ru us#99

# ---- live fire, late, overlapping, read back -------------------------------------------------------------------------

try "live fire in ten minutes across it" "$parley" file ru --kind "live-fire area" --at 35.29N,40.18E --radius 2km \
	--from now --to +5h --upper 6000mMSL --again "35.20N 40.17E"
says "its places lie apart" '^PLACE DOUBTFUL  the two lie 100[0-9]{2} m apart, [0-9]+ m would agree; sent all the same'
says "the overlap is found" '^OVERLAP with us#1 \(flight\)  open  near 35°17'
says "with the separation in force" 'separation in force [0-9]+ m across, [0-9]+ m up; .+'
overlap=$(sed -n 's/^OVERLAP.* id //p' out/log)
until_says "us sees the live fire" 'SENT' "$parley" ack us ru#1
refuse "live fire is read back" "read" "$parley" ack us ru#1 --understood
try "in own words" "$parley" ack us ru#1 --read-back "live fire two km round the airfield, from now" --upper 6000mMSL
until_says "ru sees the words" 'us read back: live fire two km round the airfield' "$parley" ack ru ru#1
printf 'Tell\t\t35.2000\t40.1700\t800\tvillage\tours\nTwin\t\t35.2\t40.1\t\t\tours\nTwin\t\t36.2\t40.1\t\t\tours\n' >us/gazetteer.tsv
try "a place in another notation" "$parley" ack us ru#1 --read-back "fire" --position "35°17'24\"N 40°10'48\"E"
until_says "agrees" '^    place: 0\.0 km from the place filed' "$parley" ack ru ru#1
try "a position among the words, and a name of the own gazetteer" "$parley" ack us ru#1 \
	--read-back "live fire at 35.2000N 40.1700E" --name Tell
until_says "the sender sees that it differs" '^    place DIFFERS: 10\.[0-9] km from the place filed' "$parley" ack ru ru#1
says "and the name" '^    place DIFFERS: [0-9.]+ km from the areas filed'
refuse "a name that two places have" '2 places are called so' "$parley" ack us ru#1 --read-back fire --name Twin
refuse "a position that is none" 'position' "$parley" ack us ru#1 --read-back fire --position "the airfield"
try "ru: not as meant" "$parley" ack ru ru#1 --correction "not round the airfield: 2 km north of it"
until_says "us sees the correction" '  CORRECTION: not round the airfield' "$parley" ack us ru#1
try "us reads back again" "$parley" ack us ru#1 --read-back "live fire 2 km north of the airfield"
until_says "ru has both" 'north of the airfield' "$parley" ack ru ru#1
try "as meant" "$parley" ack ru ru#1 --as-meant
says "and so it stands" 'AS MEANT'
try "us answers the overlap" "$parley" ack us --overlap "$overlap" --answer cannot-accommodate --text "we are on the way"
refuse "an answer that there is not" "answer" "$parley" ack us --overlap "$overlap" --answer maybe
refuse "no such overlap" "no such overlap here" "$parley" ack us --overlap nothing --answer understood

# ---- changed, over, given up -----------------------------------------------------------------------------------------

try "us moves its flight up" "$parley" update us us#1 --lower FL250 --upper FL280 --reason "keeping above it"
says "what was not given stays" '^us#1  flight  TEST  live'
"$parley" log show us --json >out/log 2>&1
grep notice.updated out/log | grep -q '"place":"35.2854N,40.1760E"'
say $? "the place as it was written"
until_says "the ladder begins anew" 'READ BACK no · UNITS TOLD no' "$parley" ack us us#1
refuse "nobody changes another's notice" "" "$parley" update ru us#1 --upper FL100
try "us ends it, with counts" "$parley" end us us#1 --count flights=2 --count "crossings=~4"
says "over" '^us#1  flight  TEST  ended'
refuse "once" "" "$parley" cancel us us#1
try "ru cancels" "$parley" cancel ru ru#1 --reason weather
says "given up" '^ru#1  live-fire area  TEST  cancelled'

# ---- by voice --------------------------------------------------------------------------------------------------------

try "what is heard" "$parley" heard us "in one hour, leave the airspace" --from-party ru --by walk-in
says "is relayed" '^RELAYED – NOT SIGNED BY ru'
says "lead time 60 min" '^lead time from when it was heard: 60 min'
says "the whole theatre" '^area: not stated = whole theatre'
says "the demand is kept apart" '^DEMAND, apart from the notice: leave the airspace$'
says "asks back: area" '^  Which area'
says "asks back: levels" '^  From which height'
says "asks back: end" '^  When does it end'
says "asks back: frequency" '^  On which frequency'
says "asks back: call-back" '^  Which number'
try "two times leave it unstated" "$parley" heard us "in one hour, no, in 20 minutes" --from-party ru
says "lead time not stated" '^lead time from when it was heard: not stated'

# ---- read out, sealed, bad details -----------------------------------------------------------------------------------

try "a script in two languages" "$parley" ack us us#1 --script en,ru
says "digit by digit" 'two eight zero'
says "in Russian too" 'два восемь ноль'
says "with blanks" '\[ _+ \]'
says "and the mode first" 'TEST TEST TEST'
try "a notice for nobody's eyes" "$parley" file us --kind site --at 35.5N,40.5E --radius 2km --disclosure sealed
"$parley" log show us --json >out/log 2>&1
! grep -q '35.5N,40.5E' out/log
say $? "is in the log as its hash only"
try "where and when for all, the rest for some" "$parley" file us --kind exercise --title "Quiet Heron" --at 35.6N,40.6E \
	--radius 3km --to +5h --disclosure area
"$parley" log show us --json >out/log 2>&1
grep -q '35.6N,40.6E' out/log && ! grep -q 'Quiet Heron' out/log
say $? "is in the log without its title"
try "its title changes" "$parley" update us us#5 --title "Loud Heron"
"$parley" log show us --json >out/log 2>&1
! grep -q 'Heron' out/log
say $? "which is not in the log either"
printf '{"kind":"flight","areas":[{"place":"35.2N 40.1E","radius_m":-5}]}' >bad.json
refuse "a wrong field is named" "radius_m" "$parley" file us bad.json
printf '{"kind":"flight","colour":"red"}' >bad.json
refuse "an unknown member too" "colour" "$parley" file us bad.json
printf '{"kind":"flight","areas":[{"place":"3517N4010E","radius_m":500}]}' >bad.json
refuse "a text that reads two ways in a file" "two ways" "$parley" file us bad.json
plan
