#!/bin/bash
# No wording of permission anywhere that a person reads: parley finds overlaps and says nothing about what may be done.
# The stems stand in docs/words.json, one line a language. Looked through: texts and enums of the program and its
# schemas, documents and manual pages, `parley help` and every --help. Lines that need one are listed in
# words.exceptions with the reason: FILE<tab>fixed text of the line<tab>REASON; an exception that no longer fits anything
# fails too.
set -u
parley=$1 source_dir=$2
cd "$source_dir" || exit 1
here=tests/scripts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export LC_ALL=C.UTF-8

# "a|b|c" of a language.
stems() {
	sed -n '/^  "forbidden": {/,/^  }/s/^    "'"$1"'": \[\(.*\)\],\{0,1\}$/\1/p' docs/words.json |
		sed 's/", "/|/g; s/^"//; s/"$//'
}
en=$(stems en) fr=$(stems fr) ru=$(stems ru) ar=$(stems ar) in_french=$(stems "fr in French text")
bad=0
if [ -n "$en" ] && [ -n "$fr" ] && [ -n "$ru" ] && [ -n "$ar" ] && [ -n "$in_french" ]; then
	echo "ok 1 - docs/words.json has stems for each language"
else
	bad=1
	echo "not ok 1 - docs/words.json has stems for each language"
fi
any="\b($en|$fr)|$ru|$ar"

places=()
for place in src include docs demo schemas web README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md run; do
	[ -e "$place" ] && places+=("$place")
done
# "Authorization" is HTTP's own name of a header (RFC 9110, 11.6.2): a line counts only where more than that is left.
grep -rnIiE --exclude-dir=node_modules "$any" "${places[@]}" | sed 's/\bAuthorization\b/HEADER/g' | grep -iE "$any" >"$work/all"
# What the program says of itself.
{
	"$parley" help
	for verb in $("$parley" help | sed -n '/^verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -vx help); do
		"$parley" "$verb" --help
	done
} | grep -iE "$any" | sed 's/^/--help:/' >>"$work/all"
# Stems that are common words elsewhere count in French only: the terms of words.json, and files in French.
grep -o '"fr": "[^"]*"' docs/words.json | grep -iE "\b($in_french)" | sed 's/^/docs\/words.json:/' >>"$work/all"
find "${places[@]}" -path '*/node_modules' -prune -o \( -name '*.fr.*' -o -path '*/fr/*' \) -type f -print0 |
	xargs -0 -r grep -nHiE "\b($in_french)" >>"$work/all"
LC_ALL=C sort "$work/all" >"$work/found"

n=0 unused=0
while IFS=$'\t' read -r file text reason; do
	case $file in '' | '#'*) continue ;; esac
	if [ -z "$reason" ] || ! grep -F "$text" "$work/found" | grep -q "^$file:"; then
		echo "# words.exceptions: nothing fits, or no reason is given: $file: $text"
		unused=1
	fi
	grep -vF "$text" "$work/found" >"$work/rest1"
	grep -F "$text" "$work/found" | grep -v "^$file:" >"$work/rest2"
	cat "$work/rest1" "$work/rest2" >"$work/found"
	n=$((n + 1))
done <"$here/words.exceptions"

if [ -s "$work/found" ]; then
	bad=1
	sed 's/^/# /' "$work/found"
	echo "not ok 2 - no word of permission outside words.exceptions"
else
	echo "ok 2 - no word of permission outside words.exceptions"
fi
if [ "$unused" -ne 0 ]; then
	bad=1
	echo "not ok 3 - each of $n exceptions is needed"
else
	echo "ok 3 - each of $n exceptions is needed"
fi
# The search itself finds what it is to find, in each language.
missed=0
while read -r line; do
	grep -qiE "$any|\b($in_french)" <<<"$line" || { missed=1 && echo "# not found: $line"; }
done <<'LINES'
you are cleared for the area
vol approuvé
d'accord, permission accordée
полёт разрешён, безопасно
تمت الموافقة: آمن موافق
LINES
for line in "received, understood, passed on" "reçu, compris" "получено, понято" "وصل، فُهم"; do
	grep -qiE "$any|\b($in_french)" <<<"$line" && { missed=1 && echo "# found: $line"; }
done
if [ "$missed" -ne 0 ]; then
	bad=1
	echo "not ok 4 - words of permission are found in four languages, and others are not"
else
	echo "ok 4 - words of permission are found in four languages, and others are not"
fi
echo "1..4"
exit $bad
