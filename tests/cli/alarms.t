# alarms: bad use, and folders without a node.

== alarms of nothing
$ parley alarms
? 2
! parley: alarms: nothing to do; expected list, shelve, unshelve

== a folder without a word is listed
$ parley alarms nowhere
? 2
!~ parley: alarms: .*nowhere.*no node's folder.*

== a shelf without a situation
$ parley alarms shelve us --until +60min --reason busy
? 2
! parley: alarms: expected parley alarms shelve FOLDER SITUATION

== too many operands
$ parley alarms us ru
? 2
! parley: alarms: expected parley alarms list FOLDER
