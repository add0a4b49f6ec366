# movement, bundle, hit: bad use, and folders without a node.

== movement without anything to do
$ parley movement
? 2
! parley: movement: nothing to do; expected list, late, departed, check-in, stopped, arrived, update, positions

== what is not to be done
$ parley movement lost un un#1
? 2
! parley: movement: lost is not to be done; expected list, late, departed, check-in, stopped, arrived, update, positions

== a notice is missing
$ parley movement departed un
? 2
! parley: movement: expected parley movement departed FOLDER NOTICE

== too much
$ parley movement late un un#1
? 2
! parley: movement: expected parley movement late FOLDER

== no node's folder
$ parley movement list nowhere
? 2
!~ parley: movement: .*nowhere.*no node's folder.*

== an accuracy that is none
$ parley movement check-in un un#1 --accuracy far
? 2
! parley: movement: --accuracy: "far" is not a number; expected metres

== bundle without anything to do
$ parley bundle frob un
? 2
! parley: bundle: frob is not to be done; expected list, take, read, ended

== bundle take what
$ parley bundle take un
? 2
! parley: bundle: expected parley bundle take FOLDER BUNDLE

== hit without words
$ parley hit report un
? 2
! parley: hit: expected parley hit report FOLDER WORDS

== a count that is none
$ parley hit report un "x" --killed many
? 2
! parley: hit: --killed: "many" is no count; expected 10, or 10..18

== a range the wrong way round
$ parley hit report un "x" --hurt 18..10
? 2
! parley: hit: --hurt: "18..10" is no count; expected 10, or 10..18
