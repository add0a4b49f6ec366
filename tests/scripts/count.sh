#!/bin/bash
# The counting of ./test: single tests, skips with their reasons, crashes, tests that never ran.
set -u
count=$2/tests/count.awk
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 bad=0

# expect WHAT STATUS LAST: the lines of standard input as ctest prints them, counted.
expect() {
	local status=0
	awk -f "$count" >"$work/out" || status=$?
	n=$((n + 1))
	if [ "$status" = "$2" ] && [ "$(tail -n 1 "$work/out")" = "$3" ]; then
		echo "ok $n - $1"
	else
		bad=1
		echo "not ok $n - $1"
		echo "# status $status, expected $2; last line: $(tail -n 1 "$work/out")"
	fi
}

expect "all pass" 0 '3 passed, 0 failed' <<'END'
1: 1..2
1: ok 1 - a
1: ok 2 - b
1/2 Test #1: geo/one .........................   Passed    0.01 sec
2/2 Test #2: scripts/two ......................   Passed    0.01 sec
END
expect "a failed one" 1 '1 passed, 1 failed' <<'END'
1: 1..2
1: ok 1 - a
1: not ok 2 - b
1/1 Test #1: geo/one .........................***Failed    0.01 sec
END
expect "a skipped one, as cmocka writes it" 0 '1 passed, 0 failed, 1 skipped' <<'END'
1: 1..2
1: ok 1 - a
1: # skip: no data
1: not ok 2 # SKIP b
1/1 Test #1: geo/one .........................   Passed    0.01 sec
END
n=$((n + 1))
if grep -qx 'skipped: geo/one b: no data' "$work/out"; then
	echo "ok $n - with its reason"
else
	bad=1
	echo "not ok $n - with its reason"
fi
expect "a crash counts once" 1 '1 passed, 1 failed' <<'END'
1: 1..3
1: ok 1 - a
1/1 Test #1: geo/one .........................***Exception: SegFault  0.01 sec
END
expect "a program that ends before its plan" 1 '1 passed, 1 failed' <<'END'
1: 1..3
1: ok 1 - a
1/1 Test #1: geo/one .........................   Passed    0.01 sec
END
expect "a script skipped as a whole" 0 '1 passed, 0 failed, 1 skipped' <<'END'
1: # skip: no terminal
1/2 Test #1: scripts/one .........................***Skipped   0.01 sec
2/2 Test #2: scripts/two .........................   Passed    0.01 sec
END
expect "a hang" 1 '0 passed, 1 failed' <<'END'
1/1 Test #1: geo/one .........................***Timeout 900.01 sec
END
expect "nothing at all is a failure" 1 '0 passed, 0 failed' </dev/null
echo "1..$n"
exit $bad
