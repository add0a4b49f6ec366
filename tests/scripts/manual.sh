#!/bin/bash
# Each verb has a manual page that names the same options as its --help, and man reads it without a warning.
set -u
parley=$1 source_dir=$2
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
		sed 's/^/# /' "$work/log"
	fi
}

verbs=$("$parley" help | sed -n '/^verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -vx help)
[ -n "$verbs" ] || { echo "not ok 1 - parley help lists verbs"; exit 1; }

for verb in $verbs; do
	page=$source_dir/docs/man/parley-$verb.1
	: >"$work/log"
	if ! [ -s "$page" ]; then
		echo "missing $page" >"$work/log"
		say 1 "$verb has a manual page"
		continue
	fi
	"$parley" "$verb" --help | sed -n 's/^  \(--[a-z-]*\).*/\1/p' | sort -u >"$work/help"
	# In the page an option is the line after .TP: `.B \-\-name` or `.BI \-\-name\  VALUE`.
	grep -A1 '^\.TP' "$page" | sed -n 's/^\.BI\{0,1\} \(\\-\\-[a-z\\-]*\).*/\1/p' | tr -d '\\' | sort -u >"$work/page"
	diff "$work/help" "$work/page" >"$work/log"
	say $? "parley-$verb.1 has the options of --help"
done
for page in "$source_dir"/docs/man/*.1; do
	: >"$work/log"
	if command -v groff >/dev/null; then
		LC_ALL=C.UTF-8 groff -man -Tutf8 -K utf8 -ww -z "$page" >"$work/log" 2>&1
		[ ! -s "$work/log" ]
		say $? "groff reads ${page##*/} without a warning"
	fi
done
echo "1..$n"
exit $bad
