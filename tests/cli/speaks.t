# speaks: bad use, and folders without a node.

== speaks without anything to do
$ parley speaks
? 2
! parley: speaks: nothing to do; expected state, attest, dispute, end, list

== for nobody
$ parley speaks state us
? 2
! parley: speaks: expected parley speaks state FOLDER FORCES [WORDS]

== no node's folder
$ parley speaks list nowhere
? 2
!~ parley: speaks: .*nowhere.*no node's folder.*
