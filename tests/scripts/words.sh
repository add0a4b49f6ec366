#!/bin/bash
# No wording of permission anywhere that a person reads: parley finds overlaps and says nothing about what may be done.
# Stems from the vocabulary of the watch floor. Lines that need one are listed in words.exceptions with the reason:
# FILE<tab>fixed text of the line<tab>REASON; an exception that no longer fits anything fails too.
set -u
source_dir=$2
cd "$source_dir" || exit 1
here=tests/scripts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

en='\b(approv|cleared|clearance|authori[sz]|permit|grant|safe|confirm)'
ru='одобр|разреш|согласован|утвержд|подтвержд|безопасн'
ar='موافق|سماح|تصريح|إذن|إقرار|مصادقة|تأكيد|آمن'

places=()
for place in src include docs demo schemas README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md run; do
	[ -e "$place" ] && places+=("$place")
done
export LC_ALL=C.UTF-8
# "Authorization" is HTTP's own name of a header (RFC 9110, 11.6.2): a line counts only where more than that is left.
grep -rnIiE "$en|$ru|$ar" "${places[@]}" | sed 's/\bAuthorization\b/HEADER/g' | grep -iE "$en|$ru|$ar" |
	LC_ALL=C sort >"$work/found"

bad=0 n=0 unused=0
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
	echo "not ok 1 - no word of permission outside words.exceptions"
else
	echo "ok 1 - no word of permission outside words.exceptions"
fi
if [ "$unused" -ne 0 ]; then
	bad=1
	echo "not ok 2 - each of $n exceptions is needed"
else
	echo "ok 2 - each of $n exceptions is needed"
fi
echo "1..2"
exit $bad
