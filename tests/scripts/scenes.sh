#!/bin/bash
# The scenarios of scenarios/, each played against real nodes: every expectation is met. Prints TAP, a line a scenario,
# with the expectations counted.
set -u
parley=$(realpath "$1") source_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$source_dir" || exit 1
n=0 bad=0

say() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		bad=1
		echo "not ok $n - $2"
		tail -n 40 "$work/log" | sed 's/^/# /'
	fi
}

for scenario in scenarios/*.jsonl; do
	PARLEY_SLACK_MS=20000 TMPDIR=$work "$parley" replay "$scenario" >"$work/log" 2>&1
	status=$?
	say $status "$scenario: $(tail -n 1 "$work/log" | sed 's/.* end  *//')"
done

# What a scenario keeps can be looked at afterwards, by verbs of their own.
"$parley" replay scenarios/day-away.jsonl --quiet --keep "$work/kept" >"$work/log" 2>&1
say $? "kept: day-away.jsonl is played"
for side in us ru; do
	"$parley" log export "$work/kept/$side" "$work/$side.export" >>"$work/log" 2>&1 || bad=1
done
"$parley" verify "$work/us.export" "$work/ru.export" >"$work/log" 2>&1
say $? "kept: verify finds no fault"

# An expectation that is not met is found.
sed 's/"count": 50/"count": 51/' scenarios/day-away.jsonl >"$work/wrong.jsonl"
"$parley" replay "$work/wrong.jsonl" >"$work/log" 2>&1
[ $? -eq 1 ] && grep -q 'wrong.jsonl:11: all of them are there.*expected 51, found 50' "$work/log"
say $? "what is not met is said with its line, and ends with 1"
echo "1..$n"
exit $bad
