# query, statement, disavow, call, stats: bad use, and folders without a node.

== query without anything to do
$ parley query
? 2
! parley: query: nothing to do; expected ask, answer, decline, list

== what is not to be done
$ parley query frob us
? 2
! parley: query: frob is not to be done; expected ask, answer, decline, list

== an answer without words
$ parley query answer us abcd
? 2
! parley: query: expected parley query answer FOLDER ID WORDS

== no node's folder
$ parley query list nowhere
? 2
!~ parley: query: .*nowhere.*no node's folder.*

== a statement without words
$ parley statement make us
? 2
! parley: statement: expected parley statement make FOLDER WORDS

== a dispute of nothing
$ parley disavow dispute us
? 2
! parley: disavow: expected parley disavow dispute FOLDER ID WORDS

== a call without anything to do
$ parley call
? 2
! parley: call: nothing to do; expected ask, agree, decline, fix, held, not-held, minutes, agree-minutes, action, done, list

== stats of nothing
$ parley stats
? 2
! parley: stats: expected parley stats FOLDER

== an option of another verb
$ parley stats us --urgent
? 2
! parley: stats: unknown option --urgent; `parley stats --help` lists what it takes
