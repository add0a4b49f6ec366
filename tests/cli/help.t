# The program without files: help and version.

== help lists the verbs
$ parley help
> parley finds every overlap in space and time between what two sides will do.
>
> usage: parley VERB [argument…]
>
> verbs:
>~   check    .*
>~   init     .*
>~   serve    .*
>*
>~   help     .*
>*

== --help is help
$ parley --help | head -n 1
> parley finds every overlap in space and time between what two sides will do.

== no verb: help on standard error, bad use
$ parley
? 2
! parley finds every overlap in space and time between what two sides will do.
!*

== help of a verb
$ parley help check | head -n 1
> usage: parley check FILE… [option…]

== --help of a verb is the same
$ for verb in $(parley help | sed -n '/^verbs:/,/^$/s/^  \([a-z]*\) .*/\1/p' | grep -vx help); do diff <(parley help $verb) <(parley $verb --help); done

== --help wins over what else is wrong
$ parley check nothing-there --horizontal --help | head -n 1
> usage: parley check FILE… [option…]

== after -- it is a file
$ parley check -- --help
? 2
>~ no overlap found among 0 plans, 1 left out, [0-9]+ ms
!~ parley: --help: .*No such file.*

== the presets are listed
$ parley check --help | grep -c -E '^  (do365b|buffered|cd3d|nmac|f3442)'
> 12

== version
$ parley --version
>~ parley [0-9]+\.[0-9]+\.[0-9]+

== help of what is not there
$ parley help frob
? 2
! parley: frob: no such verb; `parley help` lists them
