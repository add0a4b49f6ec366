#!/bin/bash
# Two sides, each a real process: the quick start of docs/two-sides.md and what follows it. The line begins, messages go
# both ways with files, one side stops and the record goes by stick, keys come and go, a program writes, a backup is put
# back; then the same over TLS with pinned certificates. Prints TAP.
set -u
# shellcheck source=tests/support/nodes.bash
. "$(dirname "$0")/../support/nodes.bash"

# begin SCHEME: two folders, us and ru, with a line of mode TEST between them.
begin() {
	rm -rf us ru
	us=$1://127.0.0.1:$(free_port)
	ru=$1://127.0.0.1:$(free_port)
	try "$1: keys of us" "$parley" init us --party us --title "United States" --log us.example/line --address "$us"
	try "$1: keys of ru" "$parley" init ru --party ru --title Russia --log ru.example/line --address "$ru"
	try "$1: us drafts" "$parley" init us --with ru/ru.card --yes --mode TEST
	try "$1: ru signs" "$parley" init ru --accept us/constitution.note --yes
	try "$1: us takes the signature" "$parley" init us --accept ru/constitution.note --yes
	cmp -s us/constitution.note ru/constitution.note
	say $? "$1: both hold the same constitution"
	serve us && serve ru
	say $? "$1: both serve"
	opened us && opened ru
	say $? "$1: both take entries"
}

# ---- the line, plain ------------------------------------------------------------------------------------------------

begin http
try "peers are reached" "$parley" peer list us
says "and listed" '^ru.example/line  good, connected'
try "parties are listed" "$parley" party list us
says "with their titles" '^ru +ru.example/line +Russia'

echo "the route" >route.txt
try "a message with a file is SERVED on the other side" "$parley" message us "Convoy at 10:00." --to ru --attach route.txt --wait 20
says "and says so" '^SERVED on ru.example/line since 20'
try "the answer too" "$parley" message ru "Received." --language en --wait 20
says "by the other clock" '^SERVED on us.example/line since 20'
"$parley" content list ru --json >out/log 2>&1
says "the file is there" '"state":"here"'
printf 'Текст' | "$parley" message us - --language ru --wait 20 >out/log 2>&1
say $? "a text from standard input"
refuse "no such party" "party xx" "$parley" message us "hello" --to xx
refuse "no key of that name" "us-ops%none" "$parley" message us "hello" --key us-ops/none

# ---- one side stops, the record goes by stick -----------------------------------------------------------------------

stop ru
say $? "SIGTERM ends a node with 0"
[ -s ru/snapshot ]
say $? "and leaves a snapshot"
echo "by hand" >hand.txt
"$parley" message us "By stick." --to ru --attach hand.txt --wait 0.3 >out/log 2>&1
[ $? -eq 1 ]
say $? "a message that cannot reach the other side ends with 1"
says "and says for whom it waits" '^WAITING for ru.example/line'
try "us exports" "$parley" log export us stick-us
try "ru imports, no node running" "$parley" log import ru stick-us
says "entries and the file are new" '^new here: [1-9][0-9]* entries of other logs, 1 contents'
mkdir aside && mv ru/keys/ru* aside/
try "again, without a key to log in with" "$parley" log import ru stick-us
mv aside/* ru/keys/
try "again" "$parley" log import ru stick-us
says "nothing is new" '^new here: 0 entries of other logs, 0 contents'
try "ru exports its answer" "$parley" log export ru stick-ru
stop us
serve us --alone && opened us
say $? "us goes on alone"
try "us imports into the running node" "$parley" log import us stick-ru
says "its checkpoints come back cosigned" 'checkpoints of us.example/line that others have cosigned'
"$parley" log show us --json >out/log 2>&1
grep '"text":"By stick."' out/log | grep -q ru.example/line
say $? "what went by stick is cosigned by the other side"
serve ru && opened ru
say $? "ru runs again"
try "and has what came by stick" "$parley" content list ru
says "with both files" '(here.*)'
try "the line goes on" "$parley" message ru "Both again." --wait 30

# an export of another line is refused
"$parley" init other --party other --alone --yes >out/log 2>&1
try "another line" "$parley" log export other stick-other
refuse "its export is refused" "line" "$parley" log import us stick-other
cp -r stick-us stick-bad
printf 'x' | dd of=stick-bad/logs/us.example%line/tile/entries/000.p/"$(ls stick-us/logs/us.example%line/tile/entries/000.p)" bs=1 seek=200 conv=notrunc 2>/dev/null
"$parley" log import ru stick-bad >out/log 2>&1
[ $? -ne 0 ]
say $? "a stick with other bytes on it is refused"

# ---- keys -----------------------------------------------------------------------------------------------------------

try "a key for another device" "$parley" key new us us-ops/console-2
try "signs" "$parley" message us "From the second console." --key us-ops/console-2 --wait 20
cp us/keys/us-ops%console-2.key old.key
try "is rotated" "$parley" key rotate us us-ops/console-2
try "signs under its new key" "$parley" message us "Still here." --key us-ops/console-2
cmp -s us/keys/us-ops%console-2.key old.key
[ $? -eq 1 ]
say $? "the old private key is gone from the folder"
refuse "and signs nothing any more" "" "$parley" message us "Old." --key ./old.key
try "is revoked" "$parley" key revoke us us-ops/console-2 --reason retired
refuse "and no longer valid" "no longer valid" "$parley" message us "Late." --key us-ops/console-2
refuse "a name is given once" "there already" "$parley" key new us us-ops/console-2
refuse "a key of another desk is not certified" "console" "$parley" key new us us-air/console-1
[ ! -e us/keys/us-air%console-1.key ]
say $? "and leaves no file behind"
"$parley" key new device us-ops/console-3 --only-key >out/vkey 2>&1
say $? "a key made on the device itself"
try "is certified" "$parley" key certify us "$(head -n 1 out/vkey)"
try "and signs from there" "$parley" message us "From the device." --key device/keys/us-ops%console-3.key --wait 20
refuse "one person alone does not put a key in doubt" "two" "$parley" key compromised us us-ops/console-3 --from 5
try "the first of two people signs" "$parley" key compromised us us-ops/console-3 --from 5 --out doubt.note
refuse "the same person is no second one" "" "$parley" key compromised us --add-signature doubt.note --second us-ops
try "the second signs and files it" "$parley" key compromised us --add-signature doubt.note --second us-ops/console-1
try "keys are listed" "$parley" key list us
says "the one in doubt" '^us-ops/console-3 +us +console +in doubt from entry 5'
try "another key in doubt, both people here" "$parley" key new us us-ops/console-4
try "in one step" "$parley" key compromised us us-ops/console-4 --from 9 --second us-ops/console-1
"$parley" message us "Wait." --wait 20 >out/log 2>&1
try "the other side knows" "$parley" key list ru
says "since when" '^us-ops/console-4 +us +console +in doubt from entry 9'
try "a key's fingerprint" "$parley" key show us log
says "twelve groups" '^fingerprint( [0-9]{4}){12}$'
try "another desk" "$parley" desk open us us-air --title "Air desk"
try "its key certifies" "$parley" key new us us-air/console-1 --desk us-air
try "the root key and a second person close it" "$parley" desk close us us-air --second us-ops
try "desks are listed" "$parley" desk list us
says "closed" '^us-air +us +closed'
cp us/keys/us%root.key root.key
mv us/keys/us%root.key away.key
refuse "no desk without the root key" "us%root.key" "$parley" desk open us us-sea
try "with the root key from a stick" "$parley" desk open us us-sea --root ./root.key
mv away.key us/keys/us%root.key
try "the root key revokes a desk's own key" "$parley" key revoke us us-sea --desk us/root --reason lost
try "the root key is rotated" "$parley" key rotate us us/root
refuse "the old root key opens nothing" "" "$parley" desk open us us-land --root ./root.key

# ---- a program ------------------------------------------------------------------------------------------------------

"$parley" key token us us-radar >out/token 2>&1
say $? "a token for a program"
token=$(tail -n 1 out/token)
if command -v curl >/dev/null; then
	curl -s -o out/log -w '%{http_code}' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
		-d '{"text": "Track lost.", "language": "en", "mode": "TEST"}' "$us/parley/v1/messages" | grep -q 201
	say $? "it has a message recorded"
	curl -s "$us/" | grep -q 'This is a node of a deconfliction line'
	say $? "the address says what it is"
	try "it is dismissed" "$parley" key dismiss us us-radar
	curl -s -o out/log -w '%{http_code}' -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
		-d '{"text": "Late.", "language": "en"}' "$us/parley/v1/messages" | grep -q 401
	say $? "and no longer heard"
else
	echo "ok $((n += 1)) - a program writes # SKIP no curl"
fi

# ---- settings -------------------------------------------------------------------------------------------------------

refuse "a peer that is none" "no other log" "$parley" peer set us xx.example/line http://127.0.0.1:1
refuse "an address that is none" "expected https://" "$parley" peer set us ru.example/line 127.0.0.1:1
try "a peer has moved" "$parley" peer set us ru.example/line "$ru"
try "and is where the constitution says again" "$parley" peer set us ru.example/line -
refuse "contents are kept for good here" "for good" "$parley" content delete-due us

# ---- backup, restore ------------------------------------------------------------------------------------------------

try "a backup while the node runs" "$parley" backup us us.backup --with-keys
try "a record alone" "$parley" backup us us.db
refuse "never over another" "not empty" "$parley" backup us us.backup
ls us.backup/*.db-* >out/log 2>&1
[ $? -ne 0 ]
say $? "the backup is one file of record"
try "after it, one more message" "$parley" message us "After the backup." --wait 20
stop us
"$parley" message us "hello" >out/log 2>&1
[ $? -eq 3 ]
say $? "without a node a verb ends with 3"
says "and says how to start it" 'parley serve us'
refuse "what is no backup is not put back" "parley backup" "$parley" restore stick-us nowhere
[ ! -e nowhere ]
say $? "and leaves nothing behind"
mv us us.lost
try "the backup is put back" "$parley" restore us.backup us
serve us && opened us
say $? "it hears from its peer before it takes anything"
grep -q 'were taken back from its mirror' out/us.serve
say $? "its tail was taken back"
"$parley" log show us --json >out/log 2>&1
says "the message after the backup is there" 'After the backup'
says "and that it was taken back is recorded" 'node.restored'
try "it goes on" "$parley" message us "Here again." --wait 30
[ ! -e us/restored ]
say $? "the mark of the backup is gone"
stop us
stop ru
rm -f us/record.db* us/snapshot
try "a record alone is put back" "$parley" restore us.db us
serve us
sleep 2.5
"$parley" message us "Too early." >out/log 2>&1
[ $? -eq 3 ]
say $? "without a peer nothing is taken"
says "and says why" "has not yet heard from a peer"
serve ru && opened us
say $? "with a peer it is"
try "and both go on" "$parley" message us "And again." --wait 30
try "an archive" "$parley" archive us archive
[ -s archive/ARCHIVE.txt ] && [ -s archive/constitution.note ] && [ -d archive/contents ] && ! find archive -name '*.key' | grep -q .
say $? "holds the constitution and the contents and no private key"
stop us
stop ru

# ---- over TLS -------------------------------------------------------------------------------------------------------

begin https
try "https: a message with a file is SERVED" "$parley" message us "Convoy at 10:00." --attach route.txt --wait 20
try "https: both ways" "$parley" message ru "Received." --wait 20
stop ru
"$parley" init fake --party ru --log ru.example/line --address "$ru" >out/log 2>&1
cp ru/tls.crt ru.crt && cp ru/tls.key ru.tls && cp fake/tls.crt fake/tls.key ru/
serve ru
sleep 3
"$parley" peer list us >out/log 2>&1
says "https: another certificate than the constitution's is no peer" 'not connected'
stop ru
cp ru.crt ru/tls.crt && cp ru.tls ru/tls.key
serve ru && opened ru
try "https: with its own it is" "$parley" message us "Welcome back." --wait 60
stop us
stop ru

# ---- a line without any network -------------------------------------------------------------------------------------

rm -rf us ru stick-us stick-ru
for side in us ru; do
	"$parley" init $side --party $side --log $side.example/line >out/log 2>&1
	sed -i "s/127.0.0.1:8440/127.0.0.1:$(free_port)/" $side/node.json
done
"$parley" init us --with ru/ru.card --yes --mode TEST >out/log 2>&1
"$parley" init ru --accept us/constitution.note --yes >out/log 2>&1
"$parley" init us --accept ru/constitution.note --yes >out/log 2>&1
serve us && serve ru && opened us && opened ru
say $? "by stick alone: both serve, with nobody to reach"
# carry FROM TO: one stick.
carry() {
	"$parley" log export "$1" "stick-$1" && "$parley" log import "$2" "stick-$1"
}
try "by stick alone: what begins the logs goes one way" carry us ru
try "and the other" carry ru us
try "a message with a file" "$parley" message us "By stick alone." --to ru --attach route.txt
try "goes" carry us ru
try "and is cosigned back" carry ru us
"$parley" log show us --json >out/log 2>&1
grep 'By stick alone' out/log | grep -q '"served_on":\["ru.example/line"\]'
say $? "SERVED, and no wire between them"
"$parley" message ru "Received." >out/log 2>&1
try "the answer goes" carry ru us
try "back again" carry us ru
"$parley" verify stick-us stick-ru >out/log 2>&1
say $? "both sticks together verify"
"$parley" peer list us >out/log 2>&1
says "what the other holds is known from its stick" 'it holds [1-9][0-9]* entries'
try "a backup" "$parley" backup us stick.db
try "after it a message" "$parley" message us "After the backup."
try "goes by stick" carry us ru
"$parley" log export ru stick-ru >out/log 2>&1
stop us
rm -f us/record.db* us/snapshot
try "the disk is lost, the backup is put back" "$parley" restore stick.db us
serve us
sleep 1
"$parley" message us "Too early." >out/log 2>&1
[ $? -eq 3 ]
say $? "nobody has been heard: nothing is taken"
refuse "a running node takes no tail from a stick" "stop the node" "$parley" log import us stick-ru
stop us
try "with the node stopped the stick gives the tail back" "$parley" log import us stick-ru
says "and says so" '^taken back: [1-9][0-9]* entries of our own log us.example/line'
serve us --alone && opened us
say $? "then the line goes on"
try "in one history" "$parley" message us "Here again."
try "that the other side takes" carry us ru
"$parley" verify stick-us >out/log 2>&1
say $? "and that verifies"
stop us
stop ru
plan
