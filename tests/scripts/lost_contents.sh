#!/bin/bash
# A node whose folder is put back to an older state: its log's tail comes back from the mirror, and so do the contents
# that the tail says had arrived; what nobody hands out again is said. Prints TAP.
set -u
parley=$(realpath "$1")
work=$(mktemp -d)
declare -A pid=()
trap 'kill "${pid[@]}" 2>/dev/null; wait 2>/dev/null; rm -rf "$work"' EXIT
cd "$work" || exit 1
n=0 bad=0

say() {
	n=$((n + 1))
	[ "$1" -eq 0 ] && echo "ok $n - $2" && return
	bad=1
	echo "not ok $n - $2"
	tail -n 5 ./*.err | sed 's/^/# /'
}

free_port() {
	local port
	while :; do
		port=$((10000 + RANDOM % 22000))
		(exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
	done
	echo "$port"
}

# healthy SIDE: waits until its node takes entries, which it does when a peer has said how far its log had come.
healthy() {
	for _ in $(seq 300); do
		curl -sf "http://127.0.0.1:${port[$1]}/healthy" >/dev/null && return
		sleep 0.1
	done
}

# serve SIDE: starts its node.
serve() {
	"$parley" serve "$1" >"$1.out" 2>"$1.err" &
	pid[$1]=$!
}

# begin SIDE: runs its node until it is healthy.
begin() {
	serve "$1"
	healthy "$1"
}

finish() {
	kill "${pid[$1]}"
	wait "${pid[$1]}"
	unset "pid[$1]"
}

declare -A port=([us]=$(free_port) [ru]=$(free_port))
for side in us ru; do
	"$parley" init $side --party $side --log $side.example/line --address "http://127.0.0.1:${port[$side]}" >/dev/null
done
"$parley" init us --with ru/ru.card --mode TEST --yes >/dev/null &&
	"$parley" init ru --accept us/constitution.note --yes >/dev/null &&
	"$parley" init us --accept ru/constitution.note --yes >/dev/null
say $? "the line begins"

serve us
serve ru
healthy us
healthy ru
begin_us=$("$parley" message us "before" --mode TEST --wait 20 | grep -c SERVED)
[ "$begin_us" = 1 ]
say $? "the line is there"
finish us
cp -r us old
begin us

echo "from them" >theirs.txt
echo "from us" >ours.txt
"$parley" message ru "with a file" --mode TEST --attach theirs.txt --wait 20 >out 2>&1 && grep -q SERVED out
say $? "their content has arrived"
"$parley" message us "with a file" --mode TEST --attach ours.txt --wait 20 >out 2>&1 && grep -q SERVED out
say $? "our content has arrived there"
sleep 1

finish us
rm -r us
mv old us
begin us
grep -q "were taken back from its mirror" us.err
say $? "the tail is taken back"
grep -q "1 contents that were lost here were fetched again" us.err
say $? "their content is fetched again"
grep -q "1 contents that our log says are kept here are not" us.err
say $? "our own, which nobody hands out, is said to be missing"
"$parley" log export us export >/dev/null 2>&1
grep -rq "from them" export/contents && ! grep -rq "from us" export/contents
say $? "what is here is what was said"
"$parley" log export ru theirs >/dev/null 2>&1 && "$parley" log import us theirs >out 2>&1
rm -rf export
"$parley" log export us export >/dev/null 2>&1
grep -rq "from us" export/contents
say $? "an import from the other side brings it"
echo "1..$n"
exit $bad
