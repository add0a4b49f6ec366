# transcript: bad use, and folders without a node.

== transcript without anything to do
$ parley transcript
? 2
! parley: transcript: nothing to do; expected add, as-said, otherwise, list

== no node's folder
$ parley transcript list nowhere
? 2
!~ parley: transcript: .*nowhere.*no node's folder.*

== without a summary
$ parley transcript add us
? 2
! parley: transcript: expected parley transcript add FOLDER SUMMARY

== otherwise needs words
$ parley transcript otherwise us 3fQx
? 2
! parley: transcript: expected parley transcript otherwise FOLDER ID WORDS
