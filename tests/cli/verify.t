# parley verify and parley replay on what was changed.

== a byte of an entry
$ cp -r $FIXTURES/record-0.1/us.export a && sed -i 's/End of watch/End of witch/' 'a/logs/us.example%line/tile/entries/000.p/27' && parley verify a
? 1
>*
> Fault: does not hold
>   a/logs/us.example%line: entry 19 and what follows cannot be relied on: a/logs/us.example%line/tile/0/000.p/27 is not the hashes of the entries beside it
>*
>~ 1 fault: a/logs/us.example%line: entry 19 .*

== the other side's sound copy beside it
$ cp -r $FIXTURES/record-0.1/us.export a && sed -i 's/End of watch/End of witch/' 'a/logs/us.example%line/tile/entries/000.p/27' && parley verify a $FIXTURES/record-0.1/ru.export
? 1
> Agreed: every side holds the same
>*
>~ 1 fault: a/logs/us.example%line: entry 19 .*

== a signature under a checkpoint
$ cp -r $FIXTURES/record-0.1/us.export a && sed -i '/^— us/s/.....$/AAAA=/' 'a/logs/us.example%line/checkpoint' && parley verify a | tail -n 1
>~ [12] faults?: a/logs/us.example%line/checkpoint: .*

== a missing file
$ cp -r $FIXTURES/record-0.1/us.export a && rm 'a/logs/ru.example%line/tile/entries/000.p/21' && parley verify a
? 1
>*
>~   a/logs/ru.example%line: entry 0 and what follows cannot be relied on: .*000.p/21 is not there
>*
>~ 1 fault: a/logs/ru.example%line: entry 0 .*

== JSON, a verdict last
$ parley verify $FIXTURES/record-0.1/us.export --json | tail -n 1
>~ \{"verdict":"holds","faults":0,"entries":48,"logs":2,"copies":2,"contents":1,"cosignatures":[0-9]+\}

== JSON of a fault
$ cp -r $FIXTURES/record-0.1/us.export a && echo x >>a/contents/* && parley verify a --json
? 1
>*
>~ \{"finding":"fault","fault":true,"text":"a/contents/e2363.* is not the content that its name says"\}
>*
>~ \{"verdict":"fault","faults":1,.*"text":"a/contents/e2363.* is not the content that its name says"\}

== --seen shows every time
$ parley verify $FIXTURES/record-0.1/us.export | grep -c 'by its own clock' && parley verify $FIXTURES/record-0.1/us.export --seen | grep -c 'by its own clock'
> 2
> 21

== no export
$ parley verify
? 2
! parley: verify: no export given; usage: parley verify EXPORT… [--seen] [--json]
!*

== a folder that is none
$ parley verify .
? 2
! parley: .: . holds no logs; expected a folder that `parley log export` wrote

== a key without a fork
$ parley verify a --key x
? 2
! parley: verify: --key goes with --fork

== a file that is no fork proof
$ parley verify --fork $FIXTURES/record-0.1/README.md $FIXTURES/record-0.1/us.export
? 2
>*
!~ parley: .*README.md: .*not a fork proof.*

== a fork proof of two checkpoints of one history proves none
$ dir=$FIXTURES/record-0.1/us.export/logs/us.example%line; { printf 'parley/v1 fork\n\n'; cat $dir/cosigned/*18; echo; cat $dir/cosigned/*18; } >fork; parley verify --fork fork --key "$(cat $dir/key)"
? 2
>~ fork: this proves no fork of us.example/line: .*one history

== replay of a changed record
$ cp -r $FIXTURES/record-0.1/us.export a && sed -i 's/End of watch/End of witch/' 'a/logs/us.example%line/tile/entries/000.p/27' && parley replay a --log us.example/line
? 1
!~ parley: a: entry 19 of us.example/line does not follow from those before it: .*signature.*

== what stands behind the moment is looked at too
$ cp -r $FIXTURES/record-0.1/us.export a && sed -i 's/End of watch/End of witch/' 'a/logs/us.example%line/tile/entries/000.p/27' && parley replay a --log us.example/line --entry us.example/line:10
? 1
!~ parley: a: the first 27 entries of us.example/line are not those that its checkpoint states

== the other log's copy must be what was seen
$ cp -r $FIXTURES/record-0.1/us.export a && sed -i 's/Received. Passed/Received. Passes/' 'a/logs/ru.example%line/tile/entries/000.p/21' && parley replay a --log us.example/line
? 1
!~ parley: a: the first 8 entries of ru.example/line are not those that us.example/line states

== a moment: the node's clock, then the authors'
$ parley replay $FIXTURES/record-0.1/us.export --log us.example/line --at 2016-09-17T12:00:16Z | head -n 1; parley replay $FIXTURES/record-0.1/us.export --log us.example/line --at 2016-09-17T12:00:18.5Z | head -n 1
> What us.example/line knew with its first 7 entries; the newest is of 2016-09-17T12:00:13.000Z
> What us.example/line knew with its first 9 entries; the newest is of 2016-09-17T12:00:18.000Z

== before the beginning
$ parley replay $FIXTURES/record-0.1/us.export --log us.example/line --at 2016-01-01T00:00:00Z
? 2
!~ parley: .*us.export: the log us.example/line begins later

== whose view
$ parley replay $FIXTURES/record-0.1/us.export | cat
!~ parley: .*us.export: there are several logs; --log says whose view to show

== an entry that was never seen
$ parley replay $FIXTURES/record-0.1/us.export --entry ru.example/line:400 --log us.example/line
? 2
!~ parley: .*: us.example/line has not recorded that it saw entry 400 of ru.example/line

== both
$ parley replay x --at 2016-01-01T00:00:00Z --entry a:1
? 2
! parley: replay: --at and --entry exclude each other; usage: parley replay EXPORT|FOLDER [--at TIME | --entry LOG:INDEX] [--log ORIGIN] [--json]
!        parley replay FILE.jsonl [--keep FOLDER] [--quiet] [--json]
