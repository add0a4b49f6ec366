#!/bin/bash
# The real screen on two real nodes, in terminals of 80 by 24 (tmux): keys are sent, what is drawn is read. Prints TAP.
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

"$parley" watch us >out/log 2>&1 </dev/null
[ $? -eq 2 ]
say $? "without a terminal it says so"
for side in us ru; do
	screen "$side" 80 24
done

# ---- quiet -----------------------------------------------------------------------------------------------------------

shows us "nobody is on watch, with the key that is next" 'TEST nobody of us is on watch.* S *$'
press us s
shows us "S asks for languages" 'SHIFT begins'
write us "en,ru"
press us Enter
press ru s
write ru "ru,en"
press ru Enter
shows us "nothing to do, and it says so" 'Nothing needs you\. No notice yet\.'
shows us "bands of the mode at the top" '^ TEST · TEST'
[ "$(grep -c '^ TEST · TEST' out/log)" -eq 2 ]
say $? "and at the bottom"
shows us "the peer, with two ages" 'ru · LINE [0-9]+ s · PERSON [0-9]+ s · declared .* / observed '
shows us "UTC and local time" '[0-9]{2}:[0-9]{2}:[0-9]{2}Z [0-9]{2}:[0-9]{2} '
press us t
shows us "T says that somebody is here" '^[0-9:]+Z person test: somebody is here'
press us '?'
shows us "help lists the keys" 'read back in own words'
press us '?'
never us "any key closes it" 'read back in own words'

# ---- a notice: read back, judged -------------------------------------------------------------------------------------

"$parley" file us --kind flight --at 35.2854N,40.1760E --radius 5km --from +3h --to +4h --lower FL150 --upper FL245 >out/log 2>&1
say $? "us files a flight"
printf 'Range \033[31m\033[2J four' >title
"$parley" file ru --kind "live-fire area" --at 35.29N,40.18E --radius 2km --from +40min --to +5h --upper 6000mMSL \
	--title "$(cat title)" --call-sign "$(printf 'A\033]0;x\007B')" >out/log 2>&1
grep -q 'ru#1' out/log
say $? "ru files live fire, its title full of escapes, or it is refused"
grep -q 'ru#1' out/log || "$parley" file ru --kind "live-fire area" --at 35.29N,40.18E --radius 2km --from +40min --to +5h \
	--upper 6000mMSL >out/log 2>&1
shows us "the live fire needs us" 'ACTION +ru .*ru#1 \(live fire\): read it back'
shows us "the overlap too, with the key that is next" 'us#1 overlaps with ru#1.*O answer'
select_row us 'ru#1 \(live fire\)'
shows us "the ladder of what is selected" 'us: SENT · THEY HAVE IT [0-9]+ (s|min) · no READ BACK · no UNITS TOLD'
until_key us b "B asks for the own words" 'READ BACK, in your own words'
write us "live fire, 2 km round the airfield"
press us Enter
shows us "and files them" '^[0-9:]+Z ru#1 read back'
shows ru "ru sees that there is something to judge" 'us has read back ru#1.*M or C'
select_row ru 'us has read back'
shows ru "the words themselves" 'read back: “live fire, 2 km round the airfield”'
until_key ru m "as meant" '^[0-9:]+Z ru#1 as meant'
select_row us 'overlaps with ru#1'
shows us "the overlap in detail, with its separation" 'separation in force [0-9]+ m / [0-9]+ m'
until_key us o "O asks for the answer" 'ANSWER  1 understood'
press us 3
shows us "and a digit gives it" '^[0-9:]+Z .*cannot accommodate'

# ---- by voice --------------------------------------------------------------------------------------------------------

words="in one hour, leave the airspace"
[ $((${#words} + 2)) -le 40 ]
say $? "H, the words and Enter are at most 40 keys"
press us h
write us "$words"
press us Enter
shows us "what was heard is filed" 'heard: a relayed notice'
shows us "with what to ask back" 'us#2 ASK BACK: area · levels · end · frequency, call sign · call-back'
"$parley" ack us us#2 --script en >out/log 2>&1
"$parley" log show us --json | grep '"relayed"' >out/log
grep -q '"demand":"leave the airspace"' out/log && grep -q '"party":"ru"' out/log
say $? "as a relayed notice of ru, its demand apart"

# ---- STOP ------------------------------------------------------------------------------------------------------------

press ru F8
shows ru "F8 opens the panel" 'Enter SENDS'
press ru F8 F8 F8 F8 F8 F8
shows ru "F8 alone sends nothing, however often" 'Enter SENDS'
never us "nothing rings" 'F2 TAKES IT'
press ru Escape
shows ru "Esc closes it" 'NEEDS ME'
sleep 0.2
tm send-keys -t ru Enter Enter F8 Enter Enter Enter Enter
shows ru "an Enter in the same moment does not send" 'Enter SENDS'
sleep 0.5
press ru 1 p
write ru "Thardah"
press ru Enter
until_key ru Enter "on a desk in TEST one more key is asked" 'R: this is REAL'
press ru x
shows ru "without default" 'R: this is REAL'
press ru e
shows us "it rings at the other side within seconds" 'F2 TAKES IT   TEST ru STOP 1: fire on our people'
press us F2
shows us "F2 takes it" 'TEST taken · ru STOP 1'
shows ru "the caller sees who has it" 'TEST us (taken|passed).*ru STOP 1'
press us 1
shows us "1: passed on" '^[0-9:]+Z ru STOP 1.*: passed on'
shows ru "the caller sees that too" 'TEST us passed.*ru STOP 1'
press us 4
shows us "4: ceased" '^[0-9:]+Z ru STOP 1.*: ceased'

# ---- a drill ---------------------------------------------------------------------------------------------------------

"$parley" drill ru --to us --within 0 --wait 20 >out/drill 2>&1 &
drill=$!
shows us "a drill rings, as EXERCISE" 'F2 TAKES IT   EXERCISE ru URGENT 2: EXERCISE'
press us F2
wait $drill
say $? "a drill ends with 0 when it was taken"
cp out/drill out/log
grep -qE '^us-ops: took 1, half within [0-9.]+ s, the longest [0-9.]+ s$' out/log && ! grep -q console out/log
say $? "time to answer of the desk, of no person"
"$parley" drill ru --to us --within 0 --wait 1 --json >out/log 2>&1
[ $? -eq 1 ] && grep -qE '^\{"calls": 1, "unanswered": 1, "wait_s": 1\}$' out/log
say $? "unanswered is counted, and ends with 1"

# from a text field, and filled from the selection
press us h
write us "they say that"
press us F8
shows us "F8 opens from a text field" 'Enter SENDS'
press us Escape

# ---- the node is silent ----------------------------------------------------------------------------------------------

kill -STOP "${pid[us]}"
shows us "the picture says how old it is" 'PICTURE 00:0[5-9] OLD|PICTURE 00:1[0-9] OLD'
press us t
shows us "acts are disabled" 'NOT DONE .*the node does not answer'
press us F8
until_key us Enter "STOP is not" 'R: this is REAL'
press us e
kill -CONT "${pid[us]}"
shows ru "and arrives when the node is back" 'F2 TAKES IT   TEST us STOP 1: '
never us "the picture is new" 'PICTURE'

# ---- other sizes, leaving --------------------------------------------------------------------------------------------

tm resize-window -t us -x 120 -y 40
shows us "wider, with the place of each row" 'place not stated'
shows us "and more keys" 'L shelve  G hand over'
press us q n
shows us "Q alone does not leave" 'NEEDS ME'
press us q y
for _ in $(seq 50); do
	tm has-session -t us 2>/dev/null || break
	sleep 0.1
done
! tm has-session -t us 2>/dev/null && [ ! -s out/us.err ]
say $? "Q and Y leave, and nothing went wrong"
plan
