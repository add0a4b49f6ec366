# parley replay on scenario files: what is wrong is said with file, line and member before anything is played.

== no such file
$ parley replay none.jsonl
? 2
!~ parley: none\.jsonl: .*

== empty
@ a.jsonl
$ parley replay a.jsonl
? 2
! parley: a.jsonl: an empty file; expected a scenario

== no JSON
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": "2016-09-17T06:00:00Z"}
| {"party": us}
$ parley replay a.jsonl
? 2
!~ parley: a\.jsonl:2: no JSON: .*

== a line that is nothing
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": "2016-09-17T06:00:00Z"}
|  
| {"note": "us"}
$ parley replay a.jsonl
? 2
! parley: a.jsonl:3: expected one of the members scene, party, claim, act, post, do, expect

== a member too much
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": "2016-09-17T06:00:00Z", "colour": "red"}
$ parley replay a.jsonl
? 2
! parley: a.jsonl:1: /colour: no member of this line; expected one of those of docs/scenarios.md

== a member missing
@ a.jsonl
| {"scene": "A", "mode": "TEST"}
$ parley replay a.jsonl
? 2
! parley: a.jsonl:1: "begin" is missing

== a member of another type
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": 5}
$ parley replay a.jsonl
? 2
! parley: a.jsonl:1: /begin: expected a text

== a mode that is none
@ a.jsonl
| {"scene": "A", "mode": "PLAY", "begin": "2016-09-17T06:00:00Z"}
$ parley replay a.jsonl
? 2
! parley: a.jsonl:1: /mode: "PLAY" is not one of those that can stand here, as "EXERCISE"

== a time that is none
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": "2016-09-17T06:00:00Z"}
| {"party": "us"}
| {"do": "wait", "time": "+5x"}
$ parley replay a.jsonl
? 2
! parley: a.jsonl:3: /time: "+5x" is no time; expected RFC 3339, or + and a number of s, m, h or d

== the head comes first
@ a.jsonl
| {"party": "us"}
$ parley replay a.jsonl
? 2
! parley: a.jsonl:1: the first line states the scene

== parties come before acts
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": "2016-09-17T06:00:00Z"}
| {"party": "us"}
| {"do": "wait"}
| {"party": "ru"}
$ parley replay a.jsonl
? 2
! parley: a.jsonl:4: parties are stated before anything is done

== no party
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": "2016-09-17T06:00:00Z"}
$ parley replay a.jsonl
? 2
! parley: a.jsonl: the scenario has no party

== a party that cannot be one
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": "2016-09-17T06:00:00Z"}
| {"party": "U S"}
$ parley replay a.jsonl
? 2
! parley: a.jsonl:2: /party: expected a short name of small letters, digits and dashes

== time goes on only
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": "2016-09-17T06:00:00Z"}
| {"party": "us"}
| {"do": "wait", "time": "2016-09-17T05:00:00Z"}
$ parley replay a.jsonl --quiet
? 2
! parley: a.jsonl:3: /time: it is 2016-09-17T06:00:00.000Z already; times never go back

== a name that stands for nothing
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": "2016-09-17T06:00:00Z"}
| {"party": "us"}
| {"expect": "/parley/v1/peers", "at": "us", "check": {"/log": "@nobody"}}
$ parley replay a.jsonl --quiet
? 2
! parley: a.jsonl:3: /check: //log: nothing is called "@nobody" so far

== an act that is refused
@ a.jsonl
| {"scene": "A", "mode": "TEST", "begin": "2016-09-17T06:00:00Z"}
| {"party": "us"}
| {"act": "say", "by": "us", "words": "Hello"}
| {"act": "say", "by": "us", "text": "Hello", "language": "en", "refused": "language"}
$ parley replay a.jsonl --quiet
? 1
>*
!~ parley: a\.jsonl:3: refused: .*
! parley: a.jsonl:4: taken; it should have been refused

== options of records
@ a.jsonl
$ parley replay a.jsonl --at 2016-09-17T12:55:00Z
? 2
! parley: replay: --at, --entry and --log are for records; a.jsonl is a scenario

== options of scenarios
$ parley replay . --keep x
? 2
! parley: replay: --keep and --quiet are for scenarios, files that end in .jsonl
