#!/bin/bash
# The progress bar: on a terminal when the work is long, and nowhere else.
set -u
parley=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 bad=0

say() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		bad=1
		echo "not ok $n - $2"
	fi
}

# on_terminal ARGUMENT…: runs parley with a terminal for standard error; what the terminal got is in $work/terminal.
on_terminal() {
	script -qec "'$parley' check $* >/dev/null" /dev/null </dev/null >"$work/terminal" 2>&1
}

# Comes slowly, so that it is long work on any machine.
slowly() {
	echo '{"type": "FeatureCollection", "features": ['
	for i in $(seq 12); do
		printf '{"type": "Feature", "id": %d, "geometry": {"type": "Point", "coordinates": [%d, 0]}, ' "$i" "$i"
		printf '"properties": {"parley": {"radius_m": 10}, "note": "%0100000d"}},\n' 0
		sleep 0.1
	done
	echo '{"type": "Feature", "id": 0, "geometry": {"type": "Point", "coordinates": [0, 0]},'
	echo '"properties": {"parley": {"radius_m": 10}}}]}'
}

if ! command -v script >/dev/null; then
	echo "# skip: no program \"script\" to make a terminal with"
	exit 77
fi
mkfifo "$work/pipe"
slowly >"$work/pipe" &
on_terminal "$work/pipe"
grep -q 'reading' "$work/terminal"
say $? "long work on a terminal shows a bar"
tail -c 4 "$work/terminal" | grep -q $'\033\[K'
say $? "and takes it away again"
slowly >"$work/pipe" &
on_terminal --no-progress "$work/pipe"
[ ! -s "$work/terminal" ]
say $? "--no-progress shows none"
slowly | "$parley" check - >"$work/out" 2>"$work/err"
[ ! -s "$work/err" ]
say $? "a pipe gets none"
echo "1..$n"
exit $bad
