# body: bad use, and folders without a node.

== body without anything to do
$ parley body
? 2
! parley: body: nothing to do; expected begin, invite, join, decline, leave, absent, present, list

== a body without a name
$ parley body begin us
? 2
! parley: body: expected parley body begin FOLDER NAME [WORDS]

== who was absent
$ parley body absent us abcd
? 2
! parley: body: expected parley body absent FOLDER ID PARTY [WORDS]

== no node's folder
$ parley body list nowhere
? 2
!~ parley: body: .*nowhere.*no node's folder.*
