#!/bin/bash
# STOP that nobody takes, while nodes are killed: real processes, kill -9, started again. It rings on at its step, by the
# times of the constitution, which are short here: the ring command of ru writes a line for each time. Prints TAP.
set -u
# shellcheck source=tests/support/nodes.bash
. "$(dirname "$0")/../support/nodes.bash"

before_end() { tmux -S "$work/tmux" kill-server 2>/dev/null; }
died() { kill -KILL "${pid[$1]}" && wait "${pid[$1]}" 2>/dev/null; unset "pid[$1]"; }
# rang NAME LINE: the ring command has written it.
rang() { until_says "$1" "^$2\$" cat rung; }

echo '{"timers": {"ring_s": [1, 2, 3]}}' >terms
terms=terms line_of us ru
say $? "the line begins, with its own times"
printf '#!/bin/sh\necho "$PARLEY_CALL $PARLEY_STEP $PARLEY_AGAIN" >>"%s/rung"\n' "$work" >siren
chmod +x siren
sed -i "0,/{/s|{|{ \"ring\": {\"command\": [\"$work/siren\"]},|" ru/node.json
touch rung
serve us && serve ru && opened us && opened ru
say $? "both serve"

"$parley" stop us "fire on our people" --mode REAL --wait 30 >out/log 2>&1 && grep -qx 'AT THEIR NODE ru.example/line' out/log
say $? "STOP is at their node"
! grep -q RINGING out/log
say $? "and rings nowhere, for all that is known: no desk has said so"
rang "the command is run" 'us STOP( 1)? [0-3] [0-9]+'
rang "everybody is rung" 'us STOP 1 3 [0-9]+'
rang "and after the last step again" 'us STOP 1 3 [1-9][0-9]*'

died ru
: >rung
serve ru && opened ru
say $? "their node is killed, and starts again"
rang "it rings on" 'us STOP 1 3 [0-9]+'
! grep -qE ' [0-2] [0-9]+$' rung
say $? "at once at the step of its age"
rang "again and again" 'us STOP 1 3 [1-9][0-9]*'
died ru
died us
: >rung
serve us && serve ru && opened us && opened ru
say $? "both are killed, and start again"
rang "it rings on" 'us STOP 1 3 [0-9]+'

if command -v tmux >/dev/null; then
	tmux -S "$work/tmux" -f /dev/null new-session -d -s ru -x 80 -y 24 "$parley watch ru 2>out/ru.err"
	until_says "the screen of a desk has it" 'F2 TAKES IT   us STOP 1: fire on our people' \
		tmux -S "$work/tmux" capture-pane -t ru -p
	"$parley" stop us "once more, elsewhere" --place "35.285N 40.176E" --mode REAL --wait 60 >out/log 2>&1
	until_says "with that screen open it is RINGING at their node" '^RINGING at ru.example/line' \
		"$parley" stop us "once more, elsewhere" --place "35.285N 40.176E" --mode REAL --wait 60
	died ru
	serve ru && opened ru
	say $? "their node is killed under the screen, and starts again"
	until_says "and the screen has both" 'us STOP 2: once more' tmux -S "$work/tmux" capture-pane -t ru -p
else
	echo "ok $((n += 1)) - a screen # SKIP tmux is not here"
fi
until_says "somebody takes it" '^us STOP 1: taken' "$parley" take ru "us STOP 1" --role director
"$parley" take ru "us STOP 1" --passed-on "battle director" >out/log 2>&1 && grep -qx 'us STOP 1: passed on' out/log
say $? "and passes it on"
until_says "the record has it" 'call\.passed' "$parley" log show ru
died ru
: >rung
serve ru && opened ru
"$parley" distress us "aircraft down" --mode REAL --wait 30 >out/log 2>&1
rang "after one more start another call rings" 'us DISTRESS( [0-9]+)? 3 [0-9]+'
! grep -q '^us STOP 1 ' rung
say $? "and what was passed on does not"
stop us
stop ru
"$parley" log export us stick/us >out/log 2>&1 && "$parley" log export ru stick/ru >>out/log 2>&1 &&
	"$parley" verify stick/us stick/ru >out/log 2>&1 && grep -q '^no fault' out/log
say $? "both records verify"
plan
