#!/bin/bash
# A disk that is full and a reader that goes away are said, and end with status 3; never a silent success.
set -u
parley=$1 source_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
n=0 bad=0
plans=("$source_dir"/demo/latakia-2018.geojson "$source_dir"/demo/latakia-2018-il20.json)

# expect WHAT STATUS GOT PATTERN: compares the exit status and what was said on standard error.
expect() {
	n=$((n + 1))
	if [ "$2" = "$3" ] && grep -qE "$4" "$work/err"; then
		echo "ok $n - $1"
	else
		bad=1
		echo "not ok $n - $1"
		echo "# exit status $3, expected $2; standard error:"
		sed 's/^/# /' "$work/err"
	fi
}

for format in text json geojson csv; do
	"$parley" check --format $format "${plans[@]}" >/dev/full 2>"$work/err"
	expect "full disk, $format" 3 $? '^parley: standard output: No space left on device$'
	{
		sleep 0.2
		"$parley" check --format $format "${plans[@]}" 2>"$work/err"
		echo $? >"$work/status"
	} | true
	expect "reader gone, $format" 3 "$(cat "$work/status")" '^parley: standard output: Broken pipe$'
done
"$parley" help >/dev/full 2>"$work/err"
expect "full disk, help" 3 $? 'No space left on device'
"$parley" --version >/dev/full 2>"$work/err"
expect "full disk, --version" 3 $? 'No space left on device'
echo "1..$n"
exit $bad
