#!/bin/bash
# What parley init asks at a terminal (tmux), and that it asks nothing without one. Prints TAP.
set -u
command -v tmux >/dev/null || { echo "1..0 # skip: tmux is not here"; exit 77; }
export LANG=C.UTF-8 LC_ALL=C.UTF-8
# shellcheck source=tests/support/nodes.bash
. "$(dirname "$0")/../support/nodes.bash"

tm() { tmux -S "$work/tmux" -f /dev/null "$@"; }
before_end() { tm kill-server 2>/dev/null; }
# shows NAME PATTERN: the screen comes to show it, 60 s at most.
shows() {
	for _ in $(seq 300); do
		tm capture-pane -t init -p -S -200 >out/log 2>&1
		grep -qE -- "$2" out/log && break
		sleep 0.2
	done
	grep -qE -- "$2" out/log
	say $? "$1"
}
# One session stays, or tmux goes with the last one while the next is being made.
tm new-session -d -s stays "sleep 3600"
# asked COMMAND: in a new terminal. Ends with the line "status N".
asked() {
	tm kill-session -t init 2>/dev/null
	tm new-session -d -s init -x 100 -y 50 "$1; echo status \$?; sleep 600"
}
# answer TEXT: typed, with Enter.
answer() {
	[ -z "$1" ] || tm send-keys -t init -l "$1"
	tm send-keys -t init Enter
}
# stated FOLDER KIND KIND: what the constitution says of a pair: "HORIZONTAL VERTICAL SOURCE".
stated() {
	sed -nE "s/.*\"kinds\": \[\"($2\", \"$3|$3\", \"$2)\"\], \"horizontal_m\": ([0-9.]*), \"vertical_m\": ([0-9.]*), \"source\": \"([^\"]*)\".*/\2 \3 \4/p" \
		"$1/constitution.note"
}
# states NAME EXPECTED FOLDER KIND KIND
states() {
	stated "$3" "$4" "$5" >out/log
	[ "$(cat out/log)" = "$2" ]
	say $? "$1"
}

# ---- six Enters ------------------------------------------------------------------------------------------------------

port[us]=$(free_port)
asked "$parley init us --party us --alone --address http://127.0.0.1:${port[us]}"
shows "the first row, with the default and what it rests on" '^1 of 6  flight and flight: .*ICAO Doc 4444, 8.7.3'
shows "the default in metres, with its source" '9260 m across, 304.8 m up \(default of parley'
for row in 2 3 4 5 6; do
	answer ""
	shows "Enter leads to row $row" "^$row of 6 "
done
answer ""
shows "then the constitution is shown and asked for" 'Type yes:'
answer yes
shows "and the log is open" '^status 0'
[ "$(grep -c '"kinds": ' us/constitution.note)" = 45 ]
say $? "all pairs of kinds are written down"
states "with where they come from" "500.0 300.0 default of parley, taken at init" us convoy site
states "each as its row has it" "5556.0 304.8 default of parley, taken at init" us exercise flight
! grep -E '_m": (0|0\.0)[,}]' us/constitution.note >out/log
say $? "none is 0"
serve us && opened us
say $? "a node serves it"

# ---- other answers ---------------------------------------------------------------------------------------------------

asked "$parley init them --party them --alone"
shows "a row" '^1 of 6'
answer 0
shows "0 is refused" '0 is no separation'
answer "0m 1000ft"
shows "0 across too" '0m 1000ft'
answer "5NM"
shows "two distances are needed" 'expected two distances'
answer "5000 300"
shows "with units" '"5000 300"; expected two'
answer "4000km 1km"
shows "not the half of the earth" 'at most 1000 km'
answer "10 km / 0.5 km"
shows "a source is asked for" 'from which document and clause\?'
answer ""
shows "and needed" 'expected 1 to 199'
answer "Terms, 4"
shows "the next row" '^2 of 6'
answer ""
shows "flights and the ground" '^3 of 6'
answer e
shows "each pair of it" '1 of 6  flight and ground movement'
answer ""
shows "a pair" '2 of 6  flight and convoy'
answer "3NM 1000ft"
shows "the source typed last is offered" 'clause \[Terms, 4\]'
answer ""
shows "the next pair" '3 of 6  flight and site'
answer -
shows "back to the pair before, as answered" '5556 m across, 304.8 m up \(Terms, 4\)'
for pair in 3 4 5 6; do
	answer ""
	shows "pair $pair" "$pair of 6  flight and"
done
answer ""
shows "after the last pair the next row" '^4 of 6'
answer -
shows "back to a row" '^3 of 6'
answer e
answer -
answer -
shows "and the rows before" '5556 m across'
for _ in 1 2 3 4 5 6; do answer ""; done
shows "until all are answered" 'Type yes:'
answer no
shows "whoever does not sign" 'not signed'
[ ! -e them/constitution.note ]
say $? "leaves nothing behind"

asked "$parley init them --alone"
shows "again, the keys are there" '^1 of 6'
answer "10km 500m"
answer "Terms, 4"
answer ""
answer e
answer ""
answer "3NM 1000ft"
answer "Terms, 5"
for _ in 1 2 3 4 5 6 7; do answer ""; done
shows "asked to sign" 'Type yes:'
answer yes
shows "signed" '^status 0'
states "as it was typed, in metres" "10000.0 500.0 Terms, 4" them flight flight
states "one pair of a row" "5556.0 304.8 Terms, 5" them convoy flight
states "the others of it" "1000.0 304.8 default of parley, taken at init" them flight site

asked "$parley init gone --party gone --alone"
shows "a row once more" '^1 of 6'
tm send-keys -t init C-d
shows "the end of the input is no answer" 'was not answered to the end'
shows "and says so by its status" '^status 2'

# ---- where nothing is asked ------------------------------------------------------------------------------------------

echo '{"separation": [{"kinds": ["flight", "flight"], "horizontal_m": 3000, "vertical_m": 300, "source": "T, 1"}]}' >terms.json
asked "$parley init stated --party stated --alone --terms terms.json"
shows "who brings terms is asked to sign only" 'Type yes:'
! grep -q '1 of 6' out/log
say $? "nothing else"
answer yes
shows "signs" '^status 0'
states "the terms hold" "3000 300 T, 1" stated flight flight
asked "$parley init quick --party quick --alone --yes"
shows "--yes asks nothing" '^status 0'
echo yes | "$parley" init piped --party piped --alone >out/log 2>&1
say $? "a script is asked to sign only"
! grep -q separation piped/constitution.note
say $? "and the defaults hold"
for zero in '"horizontal_m": 0, "vertical_m": 300' '"horizontal_m": 3000, "vertical_m": 0'; do
	echo "{\"separation\": [{\"kinds\": [\"flight\", \"site\"], $zero, \"source\": \"T, 1\"}]}" >terms.json
	refuse "a file that states $zero" '/separation/0/' "$parley" init zero --party zero --alone --yes --terms terms.json
	rm -rf zero
done
plan
