# stop, urgent, distress, take: bad use, and folders without a node. Between nodes: tests/scripts/stop.sh.

== stop of nobody
$ parley stop
? 2
! parley: stop: expected parley stop FOLDER [WORDS…]

== urgent of nobody
$ parley urgent
? 2
! parley: urgent: expected parley urgent FOLDER [WORDS…]

== distress of nobody
$ parley distress
? 2
! parley: distress: expected parley distress FOLDER [WORDS…]

== take of nothing
$ parley take
? 2
! parley: take: expected parley take FOLDER [CALL] [option…]

== take of two calls
$ parley take us "us STOP 1" "us STOP 2"
? 2
! parley: take: expected parley take FOLDER [CALL] [option…]

== no node's folder: stop
$ parley stop nowhere "fire on our people"
? 2
! parley: stop: nowhere is no node's folder (it has no node.json)

== no node's folder: urgent
$ parley urgent nowhere --mode REAL
? 2
! parley: urgent: nowhere is no node's folder (it has no node.json)

== no node's folder: distress
$ parley distress nowhere
? 2
! parley: distress: nowhere is no node's folder (it has no node.json)

== no node's folder: take
$ parley take nowhere
? 2
! parley: take: nowhere is no node's folder (it has no node.json)

== an option of another verb
$ parley stop us --ceased
? 2
! parley: stop: unknown option --ceased; `parley stop --help` lists what it takes

== a place is the raiser's to say
$ parley take us --place here
? 2
! parley: take: unknown option --place; `parley take --help` lists what it takes

== a wait that is no number
$ parley stop us --wait soon
? 2
! parley: stop: --wait: "soon" is not a number; expected seconds

== a mode that is none
$ parley distress us --mode FUN
? 2
! parley: distress: --mode: "FUN" is no mode; expected REAL, EXERCISE or TEST

== two answers at a time
$ parley take us --ceased --continuing
? 2
! parley: take: --continuing: one answer at a time

== withdrawn and not ours
$ parley take us --withdraw --not-ours
? 2
! parley: take: --not-ours: one answer at a time

== no letter holds a call back: the folder is what is wrong
$ parley stop nowhere $'fire\xff on us'
? 2
! parley: words: what is not UTF-8 is sent as ?
! parley: stop: nowhere is no node's folder (it has no node.json)

== more parties than a line has
$ parley stop us $(for i in $(seq 65); do echo --to p$i; done)
? 2
! parley: stop: --to: more than 64 parties

== help of stop
$ parley stop --help | sed -n '1p;3p;$p'
> usage: parley stop FOLDER [WORDS…] [option…]
> STOP: cease or hold now, your act endangers lives
> exit status: 0 it is at their node, 1 it is not (yet), 2 bad use, 3 it could not be sent: telephone

== help of urgent
$ parley urgent --help | sed -n '1p;3p'
> usage: parley urgent FOLDER [WORDS…] [option…]
> URGENT: a person to the line now

== help of distress
$ parley distress --help | sed -n '1p;3p'
> usage: parley distress FOLDER [WORDS…] [option…]
> DISTRESS: our people need help

== help of take
$ parley take --help | sed -n '1p;3p;$p'
> usage: parley take FOLDER [CALL] [option…]
> takes a call that rings, and says what became of it
> exit status: 0 as asked, 2 bad use or nothing rings, 3 the machine failed
