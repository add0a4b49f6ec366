# The ceremony with which a line begins, and what it refuses.

== one side alone, in one command
$ parley init us --party us --alone --yes | tail -n 5 && ls us
> the hash of the line, the same for all sides; write it down:
>~   [A-Za-z0-9+/]{43}=
> the constitution is signed by all 1 parties; the log is open.
> next: parley serve us
> Take the root key away from this machine: it is needed only to change keys.
> constitution.note
> keys
> node.json
> record.db
> record.db.lock
> us.card

== what it prints to be read aloud
$ parley init us --party us --log us.example/line
> made the keys of us in us/keys: who holds them speaks for us
> fingerprints, to be read aloud to the other parties:
>~   us/root( +|( [0-9]{4}){12})+
>~   us.example/line( +|( [0-9]{4}){12})+
>~   us.example/line/witness( +|( [0-9]{4}){12})+
>~   us.example/line/mirror( +|( [0-9]{4}){12})+
> next: give us/us.card to the other parties, and take theirs: parley init us --with CARD

== keys are for nobody else
$ parley init us --party us >/dev/null; stat -c '%a' us us/keys us/keys/*.key | sort -u
> 600
> 700

== two sides
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --with ru/ru.card --yes --mode TEST | tail -n 3; parley init ru --accept us/constitution.note --yes | tail -n 3 | head -n 1; parley init us --accept ru/constitution.note --yes | tail -n 3 | head -n 1; cmp us/constitution.note ru/constitution.note && ls us/record.db ru/record.db
> signed by 1 of 2 parties. next: give us/constitution.note to the others, who sign with
>   parley init FOLDER --accept constitution.note
> and take it back with parley init us --accept THEIR-constitution.note
> the constitution is signed by all 2 parties; the log is open.
> the constitution is signed by all 2 parties; the log is open.
> ru/record.db
> us/record.db

== the drafts of both sides are the same but for the time and who comes first in its name
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --with ru/ru.card --yes --line L >/dev/null; parley init ru --with us/us.card --yes --line L >/dev/null; diff <(sed '/^time/d;/^— /d' us/constitution.note) <(sed '/^time/d;/^— /d' ru/constitution.note) && echo same
> same

== an address with TLS makes a certificate
$ parley init us --party us --address https://127.0.0.1:9001 >/dev/null; grep -c '"tls"' us/us.card; head -n 1 us/tls.crt; stat -c %a us/tls.key
> 1
> -----BEGIN CERTIFICATE-----
> 600

== telephones stand on the card and in the constitution
$ parley init us --party us --log us.example/line --telephone "+1 555 0100, desk" --telephone "+1 555 0199" >/dev/null; parley init ru --party ru --log ru.example/line >/dev/null; parley init us --with ru/ru.card --yes | tr -d ' \n' | grep -o '"telephones":[^]]*]'; parley init ru --accept us/constitution.note --yes | tail -n 1
> "telephones":[{"number":"+15550100","who":"desk"},{"number":"+15550199"}]
> Take the root key away from this machine: it is needed only to change keys.

== a constitution with another telephone of ours than the card
$ parley init us --party us --log us.example/line --telephone "+1 555 0100, desk" >/dev/null; parley init ru --party ru --log ru.example/line >/dev/null; sed 's/0100/0666/' us/us.card >moved.card; parley init ru --with moved.card --yes >/dev/null; parley init us --accept ru/constitution.note --yes
? 2
! parley: init: the constitution has other telephones of us than this folder's card

== a telephone without a number
$ parley init us --party us --telephone ", desk"
? 2
! parley: init: --telephone: ", desk": expected a number of 1 to 40 bytes, and after a comma who answers, at most 60

== more telephones than four
$ parley init us --party us --telephone 1 --telephone 2 --telephone 3 --telephone 4 --telephone 5
? 2
! parley: init: --telephone: more than 4 telephones

== a folder that is not empty
$ mkdir us; touch us/x; parley init us --party us
? 2
! parley: init: us is not empty: keys are never written over; name a new folder

== nothing to do
$ parley init us
? 2
! parley: init: expected one folder, and --party, --with, --alone or --accept; `parley init --help` shows the ceremony

== a mode that is none
$ parley init us --party us --mode DRILL
? 2
! parley: init: --mode: "DRILL" is no mode; expected REAL, EXERCISE or TEST

== no typed
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; echo no | parley init us --with ru/ru.card >/dev/null; echo "exit $?"; ls us
> exit 2
> keys
> node.json
> us.card
! parley: init: not signed; no constitution was written

== nobody there to type
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --with ru/ru.card >/dev/null; echo "exit $?"
> exit 2
! parley: init: not signed; no constitution was written

== our own card as the other's
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --with us/us.card --yes
? 2
! parley: init: party us stands on two cards

== a card that was tampered with
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; sed 's/"party": "ru"/"party": "xx"/' ru/ru.card >bad.card; parley init us --with bad.card --yes
? 2
! parley: init: bad.card: the root key is named "ru/root", expected "xx/root"

== a card with another key than its id says
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; sed 's/\("root": "[^+]*+[0-9a-f]*+.\{20\}\)./\1x/' ru/ru.card >bad.card; parley init us --with bad.card --yes
? 2
!~ parley: init: bad.card: /?root: .*

== a card that is cut off
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; head -c 100 ru/ru.card >bad.card; parley init us --with bad.card --yes
? 2
! parley: init:4: bad.card: /root: not JSON: premature end of input

== a file that is no card
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --with ru/node.json --yes
? 2
! parley: init: ru/node.json: /log: a text, expected an object

== a constitution with another root key for us
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --with ru/ru.card --yes >/dev/null; parley init us2 --party us --log us.example/line >/dev/null; parley init us2 --accept us/constitution.note --yes
? 2
! parley: init: the constitution has another root key for us/root than this folder

== a constitution with our root key and another's log
$ parley init us --party us --log us.example/line >/dev/null; parley init ru --party ru --log ru.example/line >/dev/null; parley init them --party us --log us.example/line >/dev/null; (head -n 4 us/us.card; tail -n +5 them/us.card) >mixed.card; parley init ru --with mixed.card --yes >/dev/null; parley init us --accept ru/constitution.note --yes
? 2
! parley: init: the constitution does not have the log us.example/line as this folder's card does: its keys, its address or its certificate are others

== a constitution that has this party act in another node's log
$ for p in us ru xx; do parley init $p --party $p --log $p.example/line >/dev/null; done; (head -n 4 us/us.card; tail -n +5 ru/ru.card) >us-in-ru.card; (head -n 4 xx/xx.card; tail -n +5 us/us.card) >xx.card; parley init ru --with us-in-ru.card --with xx.card --yes >/dev/null; parley init us --accept ru/constitution.note --yes
? 2
! parley: init: the constitution has us act in another log than us.example/line: ask who drafted it

== a constitution that has us elsewhere
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null; parley init ru --party ru --log ru.example/line >/dev/null; sed 's/9001/9003/' us/us.card >moved.card; parley init ru --with moved.card --yes >/dev/null; parley init us --accept ru/constitution.note --yes
? 2
! parley: init: the constitution does not have the log us.example/line as this folder's card does: its keys, its address or its certificate are others

== a constitution without us
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --with ru/ru.card --yes >/dev/null; parley init xx --party xx >/dev/null; parley init xx --accept us/constitution.note --yes
? 2
! parley: init: the constitution does not name xx/root

== a constitution that was changed after it was signed
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --with ru/ru.card --yes >/dev/null; sed 's/Line of/Time of/' us/constitution.note >bad.note; parley init ru --accept bad.note --yes
? 1
!~ parley: init: the signature of us/root \(id [0-9a-f]{8}\) does not hold for this text

== two drafts
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --with ru/ru.card --yes --mode TEST >/dev/null; parley init ru --with us/us.card --yes >/dev/null; parley init us --accept ru/constitution.note --yes >/dev/null
? 2
! parley: init: the two files are not the same constitution: compare them, agree on one draft, and sign that one

== a constitution that is not there
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --accept none.note --yes
? 2
! parley: init: none.note: none.note is not there

== the wrong order: a constitution before there are keys
$ parley init us --accept none.note --yes
? 2
!~ parley: init: us/node.json.*

== the wrong order: serving before all have signed
$ parley init us --party us --log us.example/line --address http://127.0.0.1:9001 >/dev/null && parley init ru --party ru --log ru.example/line --address http://127.0.0.1:9002 >/dev/null; parley init us --with ru/ru.card --yes >/dev/null; parley serve us
? 2
!~ parley: serve: us/record.db: No such file or directory
! parley: serve: `parley init` makes a node's folder and opens its log

== a log is begun once
$ parley init us --party us --alone --yes >/dev/null; parley init us --alone --yes >/dev/null; echo "exit $?"
> exit 2
!*

== what the parties agree goes into the constitution
@ terms.json
| {"lead_times": [{"kind": "flight", "lead_s": 1800, "source": "MoU, 4"}], "timers": {"open_ended_s": 300}}
$ parley init us --party us --alone --terms terms.json --yes >/dev/null && parley log show us --json | head -n 1 | grep -o '"lead_s":[ 0-9]*'
> "lead_s":1800

== terms that say something else
@ terms.json
| {"parties": []}
$ parley init us --party us --alone --terms terms.json --yes >/dev/null
? 2
! parley: init: terms.json: "parties", expected separation, theatre, lead_times, timers, terrain or languages

== terms that are none of a constitution
@ terms.json
| {"lead_times": [{"kind": "attack", "lead_s": 1, "source": "x"}]}
$ parley init us --party us --alone --terms terms.json --yes >/dev/null
? 2
!~ parley: init: /lead_times/0/kind: .*

== a theatre
@ terms.json
| {"theatre": {"name": "the valley", "place": "35.3N 40.2E", "radius_m": 90000, "source": "MoU, 1"}}
$ parley init us --party us --alone --terms terms.json --yes >/dev/null && parley log show us --json | head -n 1 | grep -o '"radius_m":[ 0-9]*'
> "radius_m":90000

== a theatre that is no area
@ terms.json
| {"theatre": {"name": "the valley", "source": "MoU, 1"}}
$ parley init us --party us --alone --terms terms.json --yes >/dev/null
? 2
! parley: init: /theatre: expected geometry, place or vertices: a theatre is an area

== a theatre that cannot be read
@ terms.json
| {"theatre": {"name": "the valley", "place": "the valley", "radius_m": 90000, "source": "MoU, 1"}}
$ parley init us --party us --alone --terms terms.json --yes >/dev/null
? 2
!~ parley: init: /theatre: .*

== a theatre without a size
@ terms.json
| {"theatre": {"name": "the valley", "place": "35.3N 40.2E", "source": "MoU, 1"}}
$ parley init us --party us --alone --terms terms.json --yes >/dev/null
? 2
!~ parley: init: /theatre: .*radius_m.*

== terms without a constitution that they could go into
@ terms.json
| {}
$ parley init us --party us --terms terms.json
? 2
! parley: init: --terms goes with --with or --alone: the constitution that is drafted says it
