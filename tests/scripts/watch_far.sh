#!/bin/bash
# The screen over TLS, with nodes that are reached beyond loopback where this machine has such an address, by the
# certificate that init made; what a hostile peer writes; terminals without colours, of other sizes, resized. Prints TAP.
set -u
support=$(realpath "$(dirname "$0")/../support")
# shellcheck source=tests/support/nodes.bash
. "$support/nodes.bash"
# shellcheck source=tests/support/screens.bash
. "$support/screens.bash"

address=$(hostname -I 2>/dev/null | tr ' ' '\n' | grep -m 1 -E '^[0-9.]+$')
[ -n "$address" ] || address=127.0.0.1
echo "# nodes at https://$address"

for side in us ru; do port[$side]=$(free_port); done
{
	"$parley" init us --party us --log us.example/line --address "https://$address:${port[us]}" &&
		"$parley" init ru --party ru --log ru.example/line --address "https://$address:${port[ru]}" \
			--telephone "$(printf '+7\033[2J495\0330100')" &&
		"$parley" init us --with ru/ru.card --yes --mode TEST &&
		"$parley" init ru --accept us/constitution.note --yes && "$parley" init us --accept ru/constitution.note --yes
} >out/log 2>&1
say $? "two sides begin a line with certificates"
serve us && serve ru && opened us && opened ru
say $? "both serve"
grep -q "reached at https://$address" out/us.serve && cp out/us.serve out/log
says "by https, at that address" "reached at https://$address"

screen us 80 24
screen_env="env NO_COLOR=1" screen ru 80 24
shows us "the screen is connected" 'ru · LINE [0-9]+ s'
press us s
write us "en"
press us Enter
press ru s
write ru "ru"
press ru Enter
shows us "and files" 'shift begun'
shows ru "the other too" 'shift begun'

# ---- what a hostile peer writes ----------------------------------------------------------------------------------------

esc=$(printf '\033')
hostile="$esc[2J$esc]0;owned$(printf '\a')$esc[31mred $(printf '\302\2332J') $(printf '\342\200\256')desrever$(printf '\r\n\b\177')"
zalgo=$(printf 'z'; printf '\314\200%.0s' $(seq 60))
"$parley" file ru --kind "live-fire area" --at 35.29N,40.18E --radius 2km --from +20min --to +5h --upper 6000mMSL \
	--title "$hostile" --call-sign "$hostile" --frequency "$esc[2J" --call-back "$esc[5;5H+7 495 $esc" >out/log 2>&1
grep -q 'ru#1' out/log
say $? "a notice full of escapes is filed"
"$parley" query ask ru "$hostile$zalgo" --to us >out/log 2>&1
say $? "a query too"
"$parley" stop ru "$hostile" --place "$hostile" --call-back "$hostile" --mode TEST >out/log 2>&1
shows us "STOP rings, with its text cleaned" 'F2 TAKES IT   TEST ru STOP 1: +\[2J +\]0;owned +\[31mred'
press us F2
shows us "and is taken" 'ru STOP 1 TAKEN: 1'
press us 1
shows us "passed on" 'ru STOP 1 passed: 4'
press us 4
shows us "and has ceased" 'ru STOP 1.*: ceased'
select_row us 'ru#1'
shows us "the notice in detail, cleaned" 'call sign \?\[2J'
press us v
shows us "over time" '▶ru#1 live-fire'
press us v F8
shows us "its telephones" '☎ ru: \+7\?\[2J495\?0100'
press us Escape g
shows us "in the list of a hand-over" 'HAND OVER: all that is open'
press us Escape
select_row us 'live fire'
until_key us b "and where it is read back" 'READ BACK, in your own words'
press us Escape
# Every escape sequence that was written is one of the screen's own: styles, places, end of line, screens, cursor.
raw() { sed -e "s/$esc\[[0-9;]*m//g" -e "s/$esc\[[0-9]*;1H//g" -e "s/$esc\[K//g" -e "s/$esc\[2J//g" \
	-e "s/$esc\[?\(1049\|25\)[hl]//g" "out/$1.raw" | tr -d '\a\r\n'; }
for side in us ru; do
	raw "$side" | LC_ALL=C grep -c "$(printf '[\001-\037\177]')" >out/log
	grep -qx 0 out/log && ! raw "$side" | grep -q "$(printf '\302\233\|\342\200\256')"
	say $? "nothing of it reached the terminal of $side"
done
grep -q "$esc\[2J" out/us.raw && [ "$(grep -o "$esc\[2J" out/us.raw | wc -l)" -le 2 ]
say $? "the screen was cleared by nobody else"
tm display-message -p -t us '#{pane_title}' >out/log
! grep -q owned out/log
say $? "the terminal's title is its own"

# ---- colours -----------------------------------------------------------------------------------------------------------

grep -q "$esc\[43;30m" out/us.raw
say $? "class 3 is amber where there are colours"
! grep -qE "$esc\[[0-9;]*(3[0-9]|4[0-9]|9[0-9]|10[0-9])(;[0-9]+)*m" out/ru.raw && grep -q "$esc\[1;7m" out/ru.raw
say $? "NO_COLOR: none, bold and reverse"
shows ru "words and shapes say the same" '[△▲⯃] (ACTION|URGENT)'
tm new-session -d -s plain -x 80 -y 24 "TERM=vt220 $parley watch us 2>out/plain.err"
: >out/plain.raw
tm pipe-pane -t plain "cat >>$work/out/plain.raw"
shows plain "a vt220 has a screen" 'NEEDS ME'
tm resize-window -t plain -x 81 -y 24
for _ in $(seq 100); do
	grep -q 'NEEDS ME' out/plain.raw && break
	sleep 0.1
done
! grep -qE "$esc\[[0-9;]*(4[0-9]|9[0-9])(;[0-9]+)*m" out/plain.raw
say $? "without colours"
press plain q y
tm new-session -d -s dumb -x 80 -y 24 "TERM=dumb $parley watch us >out/dumb 2>&1; echo \$? >>out/dumb"
for _ in $(seq 100); do
	grep -qx '[0-9]*' out/dumb 2>/dev/null && break
	sleep 0.1
done
cp out/dumb out/log
grep -q 'TERM=dumb' out/log && tail -n 1 out/log | grep -qx 2
say $? "a terminal that cannot be drawn on is refused"

# ---- sizes -------------------------------------------------------------------------------------------------------------

# sized WIDTH HEIGHT NAME PATTERN: resized, it shows that, and no line is wider.
sized() {
	tm resize-window -t us -x "$1" -y "$2"
	shows us "$3" "$4"
	[ "$(wc -L <out/log)" -le "$1" ] && [ "$(wc -l <out/log)" -le "$2" ]
	say $? "and fits into $1 by $2"
}
sized 160 50 "wide: the place of each row, and more keys" 'L shelve  G hand over'
press us v
shows us "the view over time is as wide" 'OVER TIME ±3 h'
sized 60 16 "smaller, STOP is still named" 'F8 STOP$'
sized 20 5 "absurd" 'TEST'
tm resize-window -t us -x 1 -y 1
sized 400 100 "large" 'OVER TIME'
press us v
sized 80 24 "as before" 'NEEDS ME'
tm resize-window -t us -x 40 -y 10
press us F8
shows us "STOP in a small terminal" 'STOP +to '
shows us "with the key that sends" 'Enter SENDS'
press us Escape '?' x
sized 80 24 "and back" 'NEEDS ME'

# ---- the line is cut ---------------------------------------------------------------------------------------------------

kill -KILL "${pid[ru]}"
wait "${pid[ru]}" 2>/dev/null
unset "pid[ru]"
shows us "the line is cut: the telephone stands there" 'ru · LINE CUT .*☎ \+7'
press us F8
until_key us Enter "one more key" 'R: this is REAL'
press us e
shows us "NOT DELIVERED – PHONE, with the number" 'NOT DELIVERED – PHONE'
shows us "under the top" '^ +☎ ru: |☎ ru: \+7'
press us q y
for _ in $(seq 100); do
	tm has-session -t us 2>/dev/null || break
	sleep 0.1
done
! tm has-session -t us 2>/dev/null && cp out/us.err out/log && [ ! -s out/us.err ]
say $? "Q and Y leave, and nothing went wrong"
plan
