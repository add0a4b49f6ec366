# What serving refuses, and how it ends.

== no folder given
$ parley serve
? 2
! parley: serve: expected one folder, made by `parley init`

== a folder that is none
$ parley serve nowhere
? 2
!~ parley: serve: nowhere/keys/log.key: No such file or directory
! parley: serve: `parley init` makes a node's folder and opens its log

== an empty folder
$ mkdir empty; parley serve empty
? 2
!~ parley: serve: empty/keys/log.key: No such file or directory
! parley: serve: `parley init` makes a node's folder and opens its log

== keys that others could read
$ parley init us --party us --alone --yes >/dev/null; chmod 644 us/keys/log.key; parley serve us
? 2
!~ parley: serve: us/keys/log.key can be read by others \(mode 0644\): make it yours alone with chmod 600, and think about whether the key must be replaced

== another's key
$ parley init us --party us --alone --yes >/dev/null; parley init ru --party ru >/dev/null; cp ru/keys/witness.key us/keys/witness.key; parley serve us
? 2
!~ parley: serve: keys/witness.key is not the key that the constitution names: .*

== beyond this machine without TLS
$ parley init us --party us --alone --yes >/dev/null; parley serve us --listen 0.0.0.0:9001
? 2
! parley: serve: 0.0.0.0:9001: beyond loopback a node serves with TLS only; tls.crt and tls.key are missing

== an address that is none
$ parley init us --party us --alone --yes >/dev/null; parley serve us --listen 127.0.0.1
? 2
!*

== a port in use
$ parley init us --party us --alone --yes >/dev/null; parley init ru --party ru --alone --yes >/dev/null; parley serve us --listen 127.0.0.1:0 >log & until grep -q listening log 2>/dev/null; do sleep 0.05; done; port=$(sed -n 's/.*:\([0-9]*\)$/\1/p' log); parley serve ru --listen 127.0.0.1:$port; echo "exit $?"; kill %1; wait
> exit 3
!~ parley: serve: .*in use.*

== a second process on the same folder
$ parley init us --party us --alone --yes >/dev/null; parley serve us --listen 127.0.0.1:0 >log & until grep -q listening log 2>/dev/null; do sleep 0.05; done; parley serve us --listen 127.0.0.1:0; echo "exit $?"; kill %1; wait
> exit 2
!~ parley: serve: us/record.db.*[0-9]+.*

== SIGTERM ends it with a snapshot, and it starts from that
$ parley init us --party us --alone --yes >/dev/null; parley serve us --listen 127.0.0.1:0 >log & until grep -q listening log 2>/dev/null; do sleep 0.05; done; kill -TERM %1; wait %1; echo "exit $?"; ls us/snapshot; parley serve us --listen 127.0.0.1:0 >log2 & until grep -q listening log2 2>/dev/null; do sleep 0.05; done; kill -INT $!; wait $!; echo "exit $?"
> exit 0
> us/snapshot
> exit 0

== a snapshot that is damaged is left aside
$ parley init us --party us --alone --yes >/dev/null; echo x >us/snapshot; parley serve us --listen 127.0.0.1:0 >log & until grep -q listening log 2>/dev/null; do sleep 0.05; done; kill %1; wait %1; echo "exit $?"
> exit 0
!~ .* the snapshot is left aside, everything is read again: .*
