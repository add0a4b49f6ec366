# parley log: show, export, proof, bundle.

== the name of the line stands at entry 0
$ cp -r $FIXTURES/record-0.1/us . && parley log show us --count 1 --from 0
>~        0  2016-09-17T12:00:00.000Z  EXERCISE  constitution        all roots           \[LOGGED, SERVED on ru.example/line\]  line [A-Za-z0-9+/]{43}=  a line for tests

== --count alone shows the newest
$ cp -r $FIXTURES/record-0.1/us . && parley log show us --count 2
>~       25  .*  peer.seen .*
>~       26  .*  peer.seen .*

== what has not arrived is not served
$ cp -r $FIXTURES/record-0.1/us . && parley log show us --log ru.example/line --from 10 --count 1
>~       10  .*  ru-ops/2            \[LOGGED, NOT DELIVERED to us.example/line: 1 content\]  Строительные работы до 18:00.

== what has arrived is served
$ cp -r $FIXTURES/record-0.1/us . && parley log show us --from 5 --count 1 --json | jq -c '[.index, .kind, .by, .served_on, .not_delivered, .body.language]'
% /usr/bin/jq no jq
> [5,"message.sent","us-ops/1",["ru.example/line"],[],"en"]

== a store file alone
$ cp $FIXTURES/record-0.1/us/record.db . && parley log show record.db --from 19 --count 1
>~       19  .*  End of watch.

== a log that is not there
$ cp -r $FIXTURES/record-0.1/us . && parley log show us --log un.example/line
? 2
! parley: us: no log un.example/line is kept here; expected one of us.example/line, ru.example/line

== an entry that is not there
$ cp -r $FIXTURES/record-0.1/us . && parley log proof us 27
? 2
! parley: us: log us.example/line holds entries 0 to 26, not 27

== no index
$ cp -r $FIXTURES/record-0.1/us . && parley log proof us -1
? 2
! parley: log: unknown option -1; `parley log --help` lists what it takes

== a folder that is not there
$ parley log show nowhere
? 2
!~ parley: nowhere: .*

== a sub-verb that is not there
$ parley log frob
? 2
! parley: log: frob: no such verb; usage: parley log show FOLDER [--log ORIGIN] [--from N] [--count N] [--json]
!*

== an option of another sub-verb
$ parley log proof us 1 --json
? 2
! parley: log: --json: `parley log proof` does not take it

== a proof
$ cp -r $FIXTURES/record-0.1/us . && parley log proof us 9
> c2sp.org/tlog-proof@v1
> index 9
>*
> us.example/line
>*

== a bundle, its proofs checked by hand (RFC 9162, section 2.1.3.2)
@ check.py
| import base64, glob, hashlib
| def node(l, r): return hashlib.sha256(b"\1" + l + r).digest()
| count = 0
| for note in sorted(glob.glob("out/**/*.note", recursive=True)):
|     head, checkpoint = open(note[:-4] + "tlog-proof").read().split("\n\n", 1)
|     lines = head.split("\n")
|     assert lines[0] == "c2sp.org/tlog-proof@v1"
|     index, hashes = int(lines[1].split()[1]), [base64.b64decode(x) for x in lines[2:]]
|     origin, size, root = checkpoint.split("\n")[:3]
|     r, fn, sn = hashlib.sha256(b"\0" + open(note, "rb").read()).digest(), index, int(size) - 1
|     for p in hashes:
|         if fn & 1 or fn == sn:
|             r = node(p, r)
|             while not fn & 1 and fn: fn, sn = fn >> 1, sn >> 1
|         else:
|             r = node(r, p)
|         fn, sn = fn >> 1, sn >> 1
|     assert sn == 0 and base64.b64encode(r).decode() == root, note
|     count += 1
| print(count, "proofs hold, in", origin, "of", size)
% /usr/bin/python3 no python3
$ cp -r $FIXTURES/record-0.1/us . && parley log bundle us 9 out && python3 check.py && ls out out/keys
> 6 proofs hold, in us.example/line of 18
> out:
> README.txt
> constitution.note
> constitution.tlog-proof
> entry.note
> entry.tlog-proof
> key
> keys
>
> out/keys:
> 1.note
> 1.tlog-proof
> 2.note
> 2.tlog-proof
> 3.note
> 3.tlog-proof
> 8.note
> 8.tlog-proof

== contents are left out where asked
$ cp -r $FIXTURES/record-0.1/us . && parley log export us out --no-contents && ls out
> 2 logs with 48 entries, 0 contents, 0 fork proofs in out
> README.txt
> logs

== one log alone
$ cp -r $FIXTURES/record-0.1/us . && parley log export us out --log ru.example/line && ls out/logs
> 1 log with 21 entries, 1 content, 0 fork proofs in out
> ru.example%line

== an export newer than the record stays as it is
$ cp -r $FIXTURES/record-0.1/us . && cp -r $FIXTURES/record-0.1/ru.export out && parley log export us out
? 2
!~ parley: us: .*ru.example%line holds 22 entries, the record only 2[01]
