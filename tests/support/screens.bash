# shellcheck shell=bash
# Sourced by the tests/scripts that look at `parley watch` in a terminal of its own (tmux), after nodes.bash:
#   screen SIDE WIDTH HEIGHT [option…]   starts it in a session of that name; what it wrote raw is in out/SIDE.raw
#   press SIDE KEY…  write SIDE TEXT     keys, as a person sends them
#   shows SIDE NAME PATTERN              it comes to show a line like that, within 30 s
#   until_key SIDE KEY NAME PATTERN      the key is pressed again until it does
#   leaves SIDE NAME                     Q and Y leave, and nothing was said on the standard error
command -v tmux >/dev/null || { echo "1..0 # skip: tmux is not here"; exit 77; }
export LANG=C.UTF-8 LC_ALL=C.UTF-8 TZ=UTC

tm() { tmux -S "$work/tmux" -f /dev/null "$@"; }
before_end() { tm kill-server 2>/dev/null; }
look() { tm capture-pane -t "$1" -p >out/log 2>&1; }

screen() {
	local side=$1 width=$2 height=$3
	shift 3
	: >"out/$side.raw"
	tm new-session -d -s "$side" -x "$width" -y "$height" \
		"${screen_env:-env} $parley watch $side $* 2>out/$side.err"
	tm pipe-pane -t "$side" "cat >>$work/out/$side.raw"
}

shown() { # SIDE PATTERN SECONDS
	for _ in $(seq $(($3 * 5))); do
		look "$1"
		grep -qE -- "$2" out/log && return 0
		sleep 0.2
	done
	return 1
}
shows() {
	shown "$1" "$3" 30
	say $? "$2"
}
# never SIDE NAME PATTERN: it is not there now.
never() {
	look "$1"
	! grep -qE -- "$3" out/log
	say $? "$2"
}
# gone SIDE NAME PATTERN: it comes to be not there.
gone() {
	for _ in $(seq 150); do
		look "$1"
		grep -qE -- "$3" out/log || break
		sleep 0.2
	done
	! grep -qE -- "$3" out/log
	say $? "$2"
}
press() {
	local side=$1
	shift
	for key in "$@"; do
		tm send-keys -t "$side" "$key"
		sleep 0.1
	done
}
write() { tm send-keys -t "$1" -l "$2"; }
# A key may be held back: the list has moved, or what it acts on has not come yet. Pressed again only when the screen has
# had long to show it, so that it is not typed into what it opened.
until_key() {
	for _ in $(seq 8); do
		press "$1" "$2"
		shown "$1" "$4" 6 && break
	done
	grep -qE -- "$4" out/log
	say $? "$3"
}
selected_line() {
	look "$1"
	grep -m 1 '▶' out/log
}
# select_row SIDE PATTERN: the selection is moved to a row like that, from the first on.
select_row() {
	local before
	for _ in 1 2 3; do
		press "$1" k k k k k k k k
		sleep 0.5
		for _ in $(seq 12); do
			before=$(selected_line "$1")
			grep -qE -- "$2" <<<"$before" && return 0
			press "$1" j
			for _ in $(seq 10); do
				[ "$(selected_line "$1")" != "$before" ] && break
				sleep 0.2
			done
		done
	done
	return 1
}
leaves() {
	press "$1" Escape q y
	for _ in $(seq 150); do
		tm has-session -t "$1" 2>/dev/null || break
		sleep 0.2
	done
	! tm has-session -t "$1" 2>/dev/null && [ ! -s "out/$1.err" ]
	local status=$?
	cp "out/$1.err" out/log
	say $status "$2"
}
