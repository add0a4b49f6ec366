# recognition: bad use, and folders without a node.

== recognition without anything to do
$ parley recognition
? 2
! parley: recognition: nothing to do; expected state, withdraw, list

== of nobody
$ parley recognition state us --desk ru-night
? 2
! parley: recognition: expected parley recognition state FOLDER PARTY

== no node's folder
$ parley recognition list nowhere
? 2
!~ parley: recognition: .*nowhere.*no node's folder.*

== an option of another verb
$ parley recognition list us --urgent
? 2
! parley: recognition: unknown option --urgent; `parley recognition --help` lists what it takes
