#!/bin/bash
# Queries, statements, disavowals, calls and statistics on the command line, between two real nodes. Prints TAP.
set -u
# shellcheck source=tests/support/nodes.bash
. "$(dirname "$0")/../support/nodes.bash"

line_of un ru && serve un && serve ru && opened un && opened ru
say $? "a line of two"

# The first column of the newest head line of a list.
newest() { "$parley" "$1" list "$2" | grep -E '^[A-Za-z0-9+/]{10}  ' | tail -n 1 | cut -d' ' -f1; }

try "a query is asked" "$parley" query ask un "Whose is the column?" --urgent --position "35.33N 40.30E" --radius 5km
until_says "it is there, without an answer" 'un: |no answer' "$parley" query list ru
"$parley" query list ru >out/log 2>&1
says "its words" 'Whose is the column\?'
try "it is answered, by the first characters of its id" "$parley" query answer ru "$(newest query ru)" "not ours"
until_says "the answer is back" 'ru: answered, .*not ours' "$parley" query list un
"$parley" query answer un "$(newest query un)" "no" >out/log 2>&1
[ $? -eq 2 ] && grep -q 'not addressed to party un' out/log
say $? "nobody answers itself"

try "a statement is made" "$parley" statement make ru "We track it as a target." --kind warning --by Ministry --level minister
until_says "it is read with its author and level" 'warning by Ministry, level minister' "$parley" statement list un
"$parley" statement make ru "At noon." --kind decision >out/log 2>&1
[ $? -eq 2 ] && grep -q 'takes_effect' out/log
say $? "a decision needs its time"

try "a disavowal" "$parley" disavow area ru "not ours" --position "35.336N 40.305E" --radius 5km
until_says "it is there" 'not ours: all forces there' "$parley" disavow list un
try "it is disputed" "$parley" disavow dispute un "$(newest disavow un)" "they were" --by spokesman
until_says "both stay" '^  own later words differ' "$parley" disavow list ru

try "a call is asked for" "$parley" call ask un --level "chief" --agenda "the river line"
until_says "asked" 'call: asked, level chief' "$parley" call list ru
id=$(newest call ru)
try "agreed in principle" "$parley" call agree ru "$id"
try "fixed by one" "$parley" call fix ru "$id" --at 2030-05-06T09:00:00Z
until_says "the other sees it" 'ru: agreed in principle; fixed 2030' "$parley" call list un
try "fixed by the other" "$parley" call fix un "$id" --at 2030-05-06T12:00:00+03:00
until_says "fixed alike" 'call: fixed' "$parley" call list ru
try "minutes" "$parley" call minutes un "$id" "the river is the line"
until_says "its own" 'minutes .* of un, its own' "$parley" call list ru
minutes=$("$parley" call list ru | sed -n 's/^  minutes \([^ ]*\) of un.*/\1/p')
try "agreed to" "$parley" call agree-minutes ru "$minutes"
until_says "agreed minutes" 'minutes .* of un, agreed' "$parley" call list un
try "an action" "$parley" call action un "$id" "send the map" --by ru --at +1d
until_says "it is open" 'action .*, ru, by .*: open: send the map' "$parley" call list ru
action=$("$parley" call list ru | sed -n 's/^  action \(.\{10\}\)\/1,.*/\1/p')
try "done" "$parley" call done ru "${action:0:10}"
until_says "done at the other" 'action .*: done: send the map' "$parley" call list un

try "statistics" "$parley" stats un
says "of the mode of the line" '^TEST, '
says "who recorded it, of how many" 'recorded by ru +1 of 1: least'
says "silence is counted" 'queries-unanswered'
"$parley" stats un --json >out/log 2>&1
says "as JSON" '"measure": ?"crossings-per-flight"'
"$parley" stats un --from now --until -1d >out/log 2>&1
[ $? -eq 2 ] && grep -q 'after from' out/log
say $? "a period that runs backwards"

# failed NAME STATUS PATTERN COMMAND…: ends with that status, with a line like that.
failed() {
	local name=$1 status=$2 pattern=$3
	shift 3
	"$@" >out/log 2>&1
	[ $? -eq "$status" ] && grep -qE -- "$pattern" out/log
	say $? "$name"
}
failed "nobody on watch is of class 2" 1 '^2 URGENT  ' "$parley" alarms un
"$parley" shift begin un >out/log 2>&1
"$parley" query ask ru "Who is at the ford?" >out/log 2>&1
until_says "a query waits" '^  query' "$parley" alarms un
says "what to do" 'do: answer it, or decline to'
situation=$("$parley" alarms un | sed -n 's/^  \(query.*\)/\1/p' | head -n 1)
try "nothing of class 1 or 2" "$parley" alarms un
failed "no reason" 2 'needs --until and --reason' "$parley" alarms shelve un "$situation" --until +60min
failed "no such situation" 2 'no alarm has the situation' "$parley" alarms shelve un nothing --until +60min --reason x
failed "too long" 2 '30 days' "$parley" alarms shelve un "$situation" --until +40d --reason x
failed "what is not shelved" 2 'not shelved' "$parley" alarms unshelve un "$situation"
try "it is shelved" "$parley" alarms shelve un "$situation" --until +60min --reason "asked by telephone"
"$parley" alarms un >out/log 2>&1
grep -q '^1 shelved$' out/log && ! grep -qF "$situation" out/log
say $? "it is a count"
"$parley" alarms un --json >out/log 2>&1
says "JSON has it with its reason" '"reason": ?"asked by telephone"'
try "and back" "$parley" alarms unshelve un "$situation"
"$parley" alarms un >out/log 2>&1
grep -qF "$situation" out/log && ! grep -q ' shelved$' out/log
say $? "it is shown again"
failed "class 2 is not shelved" 2 'only classes 3 and 4' "$parley" alarms shelve ru \
	"$("$parley" alarms ru | sed -n '/^2 /,/^  [^ ]*$/p' | sed -n 4p | cut -c3-)" --until +60min --reason x

recognition() { "$parley" recognition "$@"; }
try "posts are recognised" recognition state un ru --post "liaison teams" --number 3 --of 5
until_says "the other reads it" 'post liaison teams of ru: recognised, 3 of 5, from ' recognition list ru
try "withdrawn, from later" recognition withdraw un ru --post "liaison teams" --from 2099-01-01T00:00:00Z --reason "it moves"
until_says "why" 'withdrawn, from 2099.*: it moves' recognition list ru
says "until then" 'until then: recognised'
failed "neither desk nor post" 2 'exactly one of' recognition state un ru
failed "desk and post" 2 'exactly one of' recognition state un ru --desk ru-1 --post x
failed "the own party" 2 'expected another party' recognition state un un --desk un-1
failed "a desk of another" 2 'no desk of party' recognition state un ru --desk un-1
failed "no party of the line" 2 'not of this line' recognition state un xx --post x
failed "more than there are" 2 '6 of 5' recognition state un ru --post x --number 6 --of 5
failed "half a team" 2 'whole number' recognition state un ru --post x --number 2.5
recognition list un --json >out/log 2>&1
says "as JSON" '"in_force": ?false'

try "who answers for whom" "$parley" speaks state un "Council" --standing "bound party" --instrument Annex --clause 2
until_says "the other reads it" 'un answers for Council \(bound party\): stated' "$parley" speaks list ru
says "the instrument" 'until ended; under Annex, 2'
try "disputed" "$parley" speaks dispute ru "$(newest speaks ru)" "they act alone"
until_says "both are shown" 'ru, .*: disputed: they act alone' "$parley" speaks list un
failed "only its author ends it" 2 'only party un' "$parley" speaks end ru "$(newest speaks ru)"
failed "a clause of nothing" 2 'needs --instrument' "$parley" speaks state un x --clause 2
failed "no such standing" 2 'standing' "$parley" speaks state un x --standing friends
failed "backwards" 2 'to_time: before from' "$parley" speaks state un x --from +2h --until +1h
try "ended" "$parley" speaks end un "$(newest speaks un)"
until_says "not in force" 'disputed, not in force' "$parley" speaks list ru
try "a claim" "$parley" speaks state un "Brigade" --of ru
until_says "a claim it is" 'ru answers for Brigade .*: claimed' "$parley" speaks list ru
try "attested" "$parley" speaks attest ru "$(newest speaks ru)"
until_says "attested it is" 'ru answers for Brigade .*: attested' "$parley" speaks list un

try "a body begins" "$parley" body begin un "Task Force" --every "weekly" --level chief
until_says "the other is invited" 'ru: invited since' "$parley" body list ru
says "its terms" 'Task Force: level chief, led by not stated, meets weekly, place not stated'
body=$(newest body ru)
try "it joins" "$parley" body join ru "$body"
until_says "joined" 'ru: joined since' "$parley" body list un
try "it was absent" "$parley" body absent un "$body" ru --meeting "$id"
until_says "by whose word" 'ru was absent, says un, ' "$parley" body list ru
failed "no such meeting" 2 'no id of meetings' "$parley" body present un "$body" ru --meeting xxxx
failed "no party of the line" 2 'not of this line' "$parley" body absent un "$body" xx
failed "only who began it invites" 2 'only party un' "$parley" body invite ru "$body" un
failed "no such level" 2 'level' "$parley" body begin un x --level king
try "it leaves" "$parley" body leave ru "$body" "no use"
until_says "left" 'ru: left since' "$parley" body list un
try "invited again" "$parley" body invite un "$body" ru
try "and declines" "$parley" body decline ru "$body"
until_says "declined" 'ru: declined since' "$parley" body list un

said=$("$parley" statement make ru "We hold." | sed -n 's/^entry \([0-9]*\) of .*/\1/p')
until_says "a statement to translate" 'We hold' "$parley" statement list un
try "a translation" "$parley" translation add un ru.example/line "$said" "Nous tenons." --language fr --by interpreter
until_says "beside its original" 'original \(prevails\): We hold' "$parley" translation list ru
says "whose, into which" 'fr by interpreter: Nous tenons'
says "nobody reviewed it" ', unreviewed$'
failed "into no language" 2 'needs --by and --language' "$parley" translation add un ru.example/line "$said" x --by y
failed "no index" 2 'expected the index' "$parley" translation add un ru.example/line 1x y --by z --language fr
failed "no such entry" 2 'knows no entry' "$parley" translation add un ru.example/line 999999 y --by z --language fr
failed "a review by nobody" 2 'who reviewed' "$parley" translation review ru "$(newest translation ru)"
try "objected to" "$parley" translation object ru "$(newest translation ru)" "another word" --by reviewer
until_says "with the remark" 'objected by reviewer: another word' "$parley" translation list un
try "reviewed" "$parley" translation review ru "$(newest translation ru)" --by reviewer
until_says "the newest word counts" ', reviewed$' "$parley" translation list un

printf '2016-09-17T13:25:00Z\tcaller\tru\t%s\n\t\ten\tWait, I fetch somebody.\n' "Передайте срочно" >turns.tsv
try "a transcript" "$parley" transcript add un "They hold." --from 2016-09-17T13:25:00Z --until 2016-09-17T13:52:00Z \
	--turns turns.tsv --also "fr=Ils tiennent." --person "caller,ru,ru" --read-back interpreter --meeting "$id"
until_says "signed by one side" 'signed by one side: un' "$parley" transcript list ru
says "the summary in both languages" '^  summary \(fr\) Ils tiennent'
says "each turn in its own language" '2016-09-17T13:25:00.000Z caller: \(ru\) Передайте срочно'
says "who spoke is not made up" '^    \(en\) Wait'
says "who read it back" '^  read back by interpreter'
"$parley" transcript list ru --json >out/log 2>&1
grep -qF -- "$id" out/log
say $? "of which talk"
transcript=$(newest transcript ru)
failed "nobody signs twice" 2 'addressed' "$parley" transcript as-said un "$transcript"
try "the other side says so too" "$parley" transcript as-said ru "$transcript"
until_says "signed by both" 'signed by both sides: un, ru' "$parley" transcript list un
try "or otherwise" "$parley" transcript otherwise ru "$transcript" "not hold: wait"
until_says "both stay" 'ru, .*: otherwise: not hold: wait' "$parley" transcript list un
says "told differently" 'told differently: un$'
printf '\tcaller\tru\tx\nno tabs\n' >bad.tsv
failed "the line that is no turn" 2 'bad.tsv:2.*four fields' "$parley" transcript add un x --from now --turns bad.tsv
printf 'noon\tcaller\tru\tx\n' >bad.tsv
failed "a time that is none" 2 'bad.tsv:1' "$parley" transcript add un x --from now --turns bad.tsv
: >bad.tsv
failed "an empty file" 2 'no turn' "$parley" transcript add un x --from now --turns bad.tsv
failed "no such file" 2 'nowhere.tsv' "$parley" transcript add un x --from now --turns nowhere.tsv
failed "when it began is asked" 2 'needs --from' "$parley" transcript add un x
failed "it ends after it began" 2 'before from' "$parley" transcript add un x --from now --until -1min
failed "a summary without its language" 2 'LANGUAGE=WORDS' "$parley" transcript add un x --from now --also words
failed "too much of a person" 2 'ROLE,PARTY,L' "$parley" transcript add un x --from now --person a,un,en,x
failed "a party that is none" 2 'persons' "$parley" transcript add un x --from now --person "a,no body"
plan
