#!/bin/bash
# docs/roles.md against the kinds that the program knows: each kind of its table exists, is signed as the table says, and
# suspension, handing over and the end of a truce need two. Prints TAP.
set -u
cd "$2" || exit 1
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

# "kind SIGNED" of every table of kinds in the source
known=$(grep -rhoE '\{ *"[a-z_]+(\.[a-z_]+)*", *PRL_SIGNED_BY_[A-Z_]+' src/line src/picture |
	sed -E 's/\{ *"([^"]+)", *PRL_SIGNED_BY_([A-Z_]+)/\1 \2/' | sort -u)
tables=$(cat src/line/*.c src/picture/*.c)
[ -n "$known" ]
say $? "the source has tables of kinds"

rows=0
while IFS='|' read -r _ _ kinds signed _; do
	for kind in ${kinds//,/ }; do
		case $kind in *.*) ;; *) continue ;; esac
		rows=$((rows + 1))
		by=$(sed -n "s/^$kind //p" <<<"$known")
		if [ -z "$by" ]; then # in a table of another form: it exists, and its signature is not compared
			grep -qF "\"$kind\"" <<<"$tables"
			say $? "$kind is a kind"
			continue
		fi
		case $signed in
		*'**two**'*) want='^TWO$' ;;
		*'**root**, and'*) want='^ROOT_AND_ONE$' ;;
		*'**root** keys'*) want='^ROOTS$' ;;
		*'**root**'*) want='^ROOT$' ;;
		*"desk's own key"*) want='^DESK$' ;;
		*) want='^KEY(_OR_PROGRAM|_OR_NODE)?$' ;;
		esac
		grep -qE "$want" <<<"$by"
		say $? "$kind is signed by: $by"
	done
done < <(grep '^| ' docs/roles.md)
[ $rows -ge 30 ]
say $? "$rows kinds are in the table"

# what needs two, needs two in the program, whatever the page says
for kind in channel.closed shift.handed_over truce.ended key.compromised; do
	grep -qx "$kind TWO" <<<"$known"
	say $? "$kind needs two"
	grep -E "\b$kind\b" docs/roles.md | grep -qF '**two**'
	say $? "and the page says so"
done
# and every kind that needs two stands on the page
for kind in $(sed -n 's/ TWO$//p' <<<"$known"); do
	grep -qE "\b$kind\b" docs/roles.md
	say $? "$kind stands on the page"
done
echo "1..$n"
exit $bad
