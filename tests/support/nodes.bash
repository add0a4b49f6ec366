# shellcheck shell=bash
# Sourced by the tests/scripts that run real nodes: a folder of their own, TAP, nodes as processes that end with the script.
#   . "$(dirname "$0")/../support/nodes.bash"
# $1 is the program. Then $parley is its path, $work the current folder, out/log what was printed last, pid and port are by
# side ("us"). A script may define before_end(), and ends with `plan`.
parley=$(realpath "$1")
work=$(mktemp -d)
n=0 bad=0
declare -A pid=() port=()

end() {
	local side
	declare -F before_end >/dev/null && before_end
	for side in "${!pid[@]}"; do
		kill "${pid[$side]}" 2>/dev/null
		kill -CONT "${pid[$side]}" 2>/dev/null # one that a script has stopped
	done
	wait 2>/dev/null
	rm -rf "$work"
}
trap end EXIT
cd "$work" || exit 1
mkdir out

# say STATUS NAME: one line of TAP; what was printed last where it failed.
say() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
		return
	fi
	bad=1
	echo "not ok $n - $2"
	tail -n 25 out/log | sed 's/^/# /'
	for side in "${!pid[@]}"; do
		tail -n 5 "out/$side.serve" | sed "s/^/# $side: /"
	done
}

# The end of a script.
plan() {
	echo "1..$n"
	exit $bad
}

# try NAME COMMAND…: the command ends with 0.
try() {
	local name=$1
	shift
	"$@" >out/log 2>&1
	say $? "$name"
}

# refuse NAME TEXT COMMAND…: the command ends with 2 and says TEXT.
refuse() {
	local name=$1 text=$2
	shift 2
	"$@" >out/log 2>&1
	local status=$?
	[ $status -eq 2 ] && grep -qF -- "$text" out/log
	say $? "$name"
}

# says NAME PATTERN: what was printed last has a line like that.
says() {
	grep -qE -- "$2" out/log
	say $? "$1"
}

# until_says NAME PATTERN COMMAND…: the command comes to print a line like that, within 30 s.
until_says() {
	local name=$1 pattern=$2
	shift 2
	for _ in $(seq 300); do
		"$@" >out/log 2>&1
		grep -qE -- "$pattern" out/log && break
		sleep 0.1
	done
	says "$name" "$pattern"
}

free_port() {
	local port # below those that the system gives to connections going out
	while :; do
		port=$((10000 + RANDOM % 22000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# serve SIDE [option…]: starts its node and waits until it listens.
serve() {
	local side=$1
	shift
	"$parley" serve "$side" "$@" >"out/$side.serve" 2>&1 &
	pid[$side]=$!
	for _ in $(seq 300); do
		grep -qs '^listening' "out/$side.serve" && return 0
		kill -0 "${pid[$side]}" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}

# opened SIDE: waits until its node takes entries, which it does when a peer has said how far its log had come.
opened() {
	for _ in $(seq 300); do
		"$parley" peer list "$1" >out/log 2>&1 && ! grep -q '^nothing is taken yet' out/log && return 0
		kill -0 "${pid[$1]}" 2>/dev/null || return 1
		sleep 0.1
	done
	return 1
}

# stop SIDE: ends its node; its exit status.
stop() {
	kill -TERM "${pid[$1]}"
	wait "${pid[$1]}"
	local status=$?
	unset "pid[$1]"
	return $status
}

# line_of A B [SCHEME]: two folders with a line of mode TEST between them, signed by both; with the terms of the file
# $terms where that is set.
line_of() {
	local side
	for side in "$1" "$2"; do
		port[$side]=$(free_port)
		"$parley" init "$side" --party "$side" --title "Party $side" --log "$side.example/line" \
			--address "${3:-http}://127.0.0.1:${port[$side]}" || return
	done >out/log 2>&1
	{
		"$parley" init "$1" --with "$2/$2.card" --yes --mode TEST ${terms:+--terms "$terms"} &&
			"$parley" init "$2" --accept "$1/constitution.note" --yes &&
			"$parley" init "$1" --accept "$2/constitution.note" --yes
	} >>out/log 2>&1
}
