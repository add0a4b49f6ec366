#!/bin/bash
# The screen on two real nodes: the view over time, what is heard, telephones, shelving, a shift handed over. Keys are
# sent, what is drawn is read. Prints TAP.
set -u
support=$(realpath "$(dirname "$0")/../support") source_dir=$(realpath "$2")
# shellcheck source=tests/support/nodes.bash
. "$support/nodes.bash"
# shellcheck source=tests/support/screens.bash
. "$support/screens.bash"

# heard NAME LINE [SECONDS]: the program of --sound comes to have been run with these words.
heard() {
	for _ in $(seq $((${3:-30} * 5))); do
		grep -qx -- "$2" out/heard 2>/dev/null && break
		sleep 0.2
	done
	cp out/heard out/log 2>/dev/null
	grep -qx -- "$2" out/heard
	say $? "$1"
}

for side in us ru; do port[$side]=$(free_port); done
{
	"$parley" init us --party us --log us.example/line --address "http://127.0.0.1:${port[us]}" &&
		"$parley" init ru --party ru --log ru.example/line --address "http://127.0.0.1:${port[ru]}" \
			--telephone "+7 495 0100, duty desk" --telephone "+7 495 0199" &&
		echo '{"lead_times": [{"kind": "flight", "lead_s": 86400, "source": "Annex 2"}]}' >terms.json &&
		"$parley" init us --with ru/ru.card --terms terms.json --yes --mode TEST &&
		"$parley" init ru --accept us/constitution.note --yes && "$parley" init us --accept ru/constitution.note --yes
} >out/log 2>&1
say $? "two sides begin a line in TEST"
serve us && serve ru && opened us && opened ru && "$parley" key new us us-ops/console-2 >out/log 2>&1
say $? "both serve, and us has a second console"

# ---- tones without a screen --------------------------------------------------------------------------------------------

"$parley" watch --try-sounds >out/tones 2>&1
[ $? -eq 0 ] && tr '\a' b <out/tones >out/log &&
	[ "$(grep -c . out/log)" -eq 8 ] && grep -A1 '^STOP' out/log | grep -qx 'bbbbb' &&
	grep -A1 '^DISTRESS' out/log | grep -qx 'bbbb' && grep -A1 '^URGENT' out/log | grep -qx 'bbb' &&
	grep -A1 '^ACTION' out/log | grep -qx 'b'
say $? "each tone is another number of beeps in the same time"
"$parley" watch --try-sounds --sound /nowhere/tone >out/log 2>&1
[ $? -eq 3 ] && grep -q 'no sound: /nowhere/tone does not start' out/log
say $? "a program that is not there is said, and fails"
refuse "the screen needs a folder" "expected parley watch FOLDER" "$parley" watch
refuse "trying sounds needs none" "expected parley watch FOLDER" "$parley" watch us --try-sounds

cat >tone <<'T'
#!/bin/bash
echo "$# $*" >>"$(dirname "$0")/out/heard"
T
chmod +x tone
screen us 80 24 --sound "$work/tone" --no-bell
screen ru 80 24
heard "nobody on watch is class 2: urgent" "2 urgent TEST"
press us s
write us "en,ru"
press us Enter
press ru s
write ru "ru,fr"
press ru Enter
shows us "both are on watch" 'Nothing needs you\.'

# ---- over time ---------------------------------------------------------------------------------------------------------

press us v
shows us "V: nothing in it yet" 'No notice of this time that we may see'
{
	"$parley" file us --kind flight --at 35.2854N,40.1760E --radius 5km --from +30min --to +2h --lower FL150 --upper FL245 &&
		"$parley" file us --kind site --at 36.2854N,41.1760E --radius 1km --from +20min &&
		"$parley" file ru --kind "live-fire area" --at 35.29N,40.18E --again 36.1N,40.18E --radius 2km --from +40min \
			--to +80min --upper 6000mMSL --call-back "+7 495 0111"
} >out/log 2>&1
say $? "three notices are filed"
shows us "lanes by party, the own one first" '^ us$'
shows us "LATE is seen" 'us#1 flight .*LATE'
shows us "open-ended is seen" 'us#2 site .*~~+> +OPEN-ENDED'
shows us "DOUBTFUL is seen, and an overlap that waits" 'ru#1 live-fire .*X.* DOUBTFUL'
shows us "on both bars" 'us#1 flight .*=?X+=* '
grep -qE 'times in UTC .*[0-9]{2}:00Z' out/log && grep -q '▼' out/log && grep -q '│' out/log
say $? "the axis has times, and the now-line"
shows us "±3 h" 'OVER TIME ±3 h · by party'
press us +
shows us "+ zooms in" 'OVER TIME ±1 h'
press us - -
shows us "- zooms out" 'OVER TIME ±6 h'
press us Tab
shows us "Tab: lanes by kind" 'by kind \(Tab\)'
shows us "with the kind as their heading" '^ live-fire area$'
press us Right Right Right Right
shows us "away from now it says so" 'NOT NOW: .*N now'
press us n
gone us "N returns" 'NOT NOW'
press us Left
shows us "one step back shows now still" 'OVER TIME ±6 h'
press us N Tab
select_row us '▶ru#1'
shows us "a notice is selected" '▶ru#1 live'
until_key us b "and read back here" 'READ BACK, in your own words'
write us "live fire"
press us Enter
shows us "which is filed" '^[0-9:]+Z ru#1 read back'
until_key us o "O answers the overlap of what is selected" 'ANSWER  1 understood'
press us 3
shows us "which is filed too" '^[0-9:]+Z ru#1 .*cannot accommodate'
select_row ru 'overlaps with us#1'
until_key ru o "ru answers" 'ANSWER  1 understood'
press ru 1
shows us "answered by both: x" 'ru#1 live-fire .*[^X]x[^X]'
press us Escape
shows us "Esc: the list" '── selected|Nothing needs you'
heard "class 3 sounds as action" "2 action TEST"

# ---- telephones --------------------------------------------------------------------------------------------------------

press us F8
shows us "the STOP panel has the telephones of the constitution" '☎ ru: \+7 495 0100 \(duty desk\) · \+7 495 0199'
shows us "the phrase in the language of their watch" 'say in fr \(not reviewed\): “Cessez'
never us "and in no other" 'أوقفوا'
press us Tab
shows us "URGENT has a phrase of its own" 'A person to the line, now'
press us Escape
"$parley" channel declare ru open --rungs director --call-back "+7 495 0123" >out/log 2>&1
say $? "ru declares the telephone of its director"
press us F8
shows us "it is there too" '\+7 495 0123 \(director\)'
press us Escape
for language in en fr ru ar; do
	sed -n '/"call phrase"/,/]/p' "$source_dir/docs/words.json" | grep -o "\"$language\": \"[^\"]*\"" |
		sed 's/^[^:]*: "\(.*\)"$/\1/' | while read -r phrase; do
		grep -qF "\"$phrase\"" "$source_dir/src/cli/watch_panel.c" || echo "$phrase"
	done
done >out/log
[ ! -s out/log ]
say $? "phrases are those of docs/words.json, to the letter"

# ---- calls: tones ------------------------------------------------------------------------------------------------------

: >out/heard
"$parley" distress ru --mode EXERCISE >out/log 2>&1
heard "DISTRESS has its tone, and the mode of the call" "2 distress EXERCISE"
"$parley" stop ru "; touch pwned; \$(touch pwned)" --mode EXERCISE >out/log 2>&1
heard "STOP has its own, and is worse" "2 stop EXERCISE"
[ -s out/heard ] && ! grep -vxE '2 (stop|distress|urgent|action) (TEST|EXERCISE|REAL)' out/heard && [ ! -e pwned ]
say $? "the program is told nothing that another wrote"
shows us "the one that is worse is the one that F2 takes" 'F2 TAKES IT .*ru STOP'
press us F2
shows us "taken: the keys that are next stand under the top" 'ru STOP [0-9]+ TAKEN: 1 passed on · 2 not ours · 3 cannot reach units'
shows us "beside what still rings" 'F2 TAKES IT .*ru DISTRESS'
press us 1
shows us "and those after" 'ru STOP [0-9]+ passed: 4 ceased · 5 continuing'
press us F2
shows us "F2 again takes the other" 'ru DISTRESS [0-9]+ TAKEN: 1'
press us 4
gone us "4 is for the one that was passed on" 'ru STOP [0-9]+ passed:'
heard "taken, and for 60 s no word: it sounds as urgent" "2 urgent EXERCISE" 120
: >out/heard
press us 1
shows us "the other is passed on too" 'ru DISTRESS [0-9]+ passed: 4'
press us 4
gone us "all is said" 'TAKEN|F2 TAKES IT'
sleep 2
! grep -q 'stop\|distress' out/heard
say $? "and neither sounds any more"

# ---- shelved -----------------------------------------------------------------------------------------------------------

"$parley" query ask ru "Who was there at noon?" --to us >out/log 2>&1 || "$parley" query --help >out/log 2>&1
shows us "a query is class 3" 'ACTION .*ru'
select_row us ACTION
until_key us l "L asks until when, and why" 'SHELVE until when, and why'
write us "+2h"
press us Enter
shows us "no reason: not shelved" 'NOT SHELVED: expected until when, then why'
until_key us l "L again" 'SHELVE until when, and why'
write us "soon they look it up"
press us Enter
shows us "no time: not shelved" 'NOT SHELVED: .*soon'
until_key us l "and again" 'SHELVE until when, and why'
write us "+2h they look it up"
press us Enter
shows us "shelved, and counted" 'NEEDS ME [0-9]+.* · 1 shelved \(R shows\)'
"$parley" alarms us --json >out/log 2>&1
grep -q '"reason": *"they look it up"' out/log
say $? "signed with the reason"
press us r
shows us "R shows it" 'shelved .*ru '
select_row us shelved
shows us "with who, until when and why" 'shelved until [0-9:]+Z by us-ops: they look it up'
until_key us l "L takes it back" 'shelved no longer'
gone us "and it is not counted" '1 shelved'
press us r
press us z
shows us "Z is silent for 30 s" 'SILENT [0-9]+ s'

# ---- the shift ---------------------------------------------------------------------------------------------------------

for i in 1 2 3 4 5 6; do
	"$parley" query ask ru "Question $i" --to us >/dev/null 2>&1
done
shows us "more waits" 'NEEDS ME ([7-9]|1[0-9])'
tm resize-window -t us -x 80 -y 12
press us g
shows us "G lists all that is open" 'HAND OVER: all that is open, [0-9]+ items'
shows us "a small screen has not all of it" 'Enter only at the end'
press us Enter
never us "Enter is not the end of it" 'WHO COMES'
for _ in $(seq 10); do
	look us
	grep -q 'Enter goes on' out/log && break
	press us Space
	sleep 0.2
done
shows us "read to the end" '· Enter goes on'
count=$(sed -n 's/^ HAND OVER: all that is open, \([0-9]*\) items.*/\1/p' out/log)
press us Enter
shows us "then who comes is asked" 'WHO COMES: the name of their key'
write us "us-ops/console-1"
press us Enter
shows us "not the one that leaves" 'two people sign'
press us $(printf 'BSpace %.0s' $(seq 16))
write us "us-ops/console-9"
press us Enter
shows us "no key that is not here" 'console-9.*No such file'
press us BSpace
write us "2"
press us Enter
shows us "languages" 'LANGUAGES of who comes'
write us "en,ru"
press us Enter
write us "ru is slow tonight"
press us Enter
shows us "who leaves signs" 'WHO LEAVES \(us-ops/console-1\)'
press us y
never us "by Enter, and nothing else" 'WHO COMES \('
press us Enter
shows us "who comes signs" 'WHO COMES \(us-ops/console-2\)'
press us Enter
shows us "by Y, and nothing else" 'WHO COMES \(us-ops/console-2\)'
press us y
tm resize-window -t us -x 80 -y 24
shows us "the screen is theirs" 'this is the screen of us-ops/console-2'
"$parley" shift list us --all --json >out/log 2>&1
grep 'console-1' out/log | grep -q "\"count\": *$count" && grep 'console-1' out/log | grep -q 'ru is slow tonight' &&
	grep 'console-2' out/log | grep -q took_over
say $? "signed by two, with what both have seen and the words"
press us t
shows us "acts are signed by who came" '^[0-9:]+Z person test'
"$parley" log show us --json >out/log 2>&1
tail -n 30 out/log | grep '"person.present"' | grep -q 'us-ops/console-2'
say $? "in the log too"
press us e n
shows us "E asks, and N keeps the shift" 'shift: desk'
press us e y
shows us "E and Y end it" 'nobody signed on'
press us g
shows us "nothing to hand over then" 'no shift of us-ops/console-2 is on'

# ---- all keys that help names ------------------------------------------------------------------------------------------

press us '?'
shows us "help has what is new" 'V +view over time'
for word in 'L +shelve' 'R +show what is shelved' 'G +hand it over' 'E +it ends' 'W +withdraw' 'Z +silent for 30 s$' 'O +overlap: 1 to 4$' \
	'P +units told$' 'F2 +take what rings$' 'any key: back$' 'Beeps: STOP without pause'; do
	grep -qE "$word" out/log || echo "$word"
done >out/missing
[ ! -s out/missing ]
say $? "each of them"
press us q
press us q y
for _ in $(seq 100); do
	tm has-session -t us 2>/dev/null || break
	sleep 0.1
done
! tm has-session -t us 2>/dev/null && cp out/us.err out/log && [ ! -s out/us.err ]
say $? "Q and Y leave, and nothing went wrong"
plan
