# translation: bad use, and folders without a node.

== translation without anything to do
$ parley translation
? 2
! parley: translation: nothing to do; expected add, review, object, list

== without words
$ parley translation add us ru.example/line 12
? 2
! parley: translation: expected parley translation add FOLDER LOG INDEX WORDS

== no node's folder
$ parley translation list nowhere
? 2
!~ parley: translation: .*nowhere.*no node's folder.*
