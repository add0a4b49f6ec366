# A record that version 0.1 wrote: every later version opens, verifies and replays it (tests/fixtures/record-0.1).
# What it knew of is as it was; what later versions find in the same entries (channels, digests) is beside it.

== both exports hold
$ parley verify $FIXTURES/record-0.1/us.export $FIXTURES/record-0.1/ru.export
>*
>~ 49 entries of 2 logs in 4 copies, 50 cosignatures, 3 contents read in .* s
> no fault: every hash and every signature holds

== the store shows all of it
$ cp -r $FIXTURES/record-0.1/us . && parley log show us | wc -l && parley log show us --log ru.example/line | wc -l
> 27
> 21

== the store gives the view that was recorded
$ cp -r $FIXTURES/record-0.1/us . && parley replay us --json | grep -E '^."what":"(content|desk|key|message|party|peer|view)"' | sed 's/"digest":"[^"]*"/"digest"/' | diff - $FIXTURES/record-0.1/us.view

== an export gives the same view
$ parley replay $FIXTURES/record-0.1/us.export --log us.example/line --json | grep -E '^."what":"(content|desk|key|message|party|peer|view)"' | sed 's/"digest":"[^"]*"/"digest"/' | diff - $FIXTURES/record-0.1/us.view

== the other side's view at an entry
$ parley replay $FIXTURES/record-0.1/us.export --entry us.example/line:5 --log ru.example/line --json | grep -E '^."what":"(content|desk|key|message|party|peer|view)"' | sed 's/"digest":"[^"]*"/"digest"/' | diff - $FIXTURES/record-0.1/ru-us-5.view

== the other side's own export gives the same
$ parley replay $FIXTURES/record-0.1/ru.export --entry us.example/line:5 --log ru.example/line --json | grep -E '^."what":"(content|desk|key|message|party|peer|view)"' | sed 's/"digest":"[^"]*"/"digest"/' | diff - $FIXTURES/record-0.1/ru-us-5.view

== today's export of the store is the export of then
$ cp -r $FIXTURES/record-0.1/us . && parley log export us out && rm out/README.txt && diff -r out $FIXTURES/record-0.1/us.export
> 2 logs with 48 entries, 1 content, 0 fork proofs in out

== and again into the same folder
$ cp -r $FIXTURES/record-0.1/us . && parley log export us out >one && parley log export us out >two && diff one two && rm out/README.txt && diff -r out $FIXTURES/record-0.1/us.export
