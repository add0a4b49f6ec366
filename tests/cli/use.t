# Bad use: exit status 2, one line that says what is wrong and what was expected.

== unknown verb
$ parley frob
? 2
! parley: frob: no such verb; `parley help` lists them

== unknown option
$ parley check --frob x.json
? 2
! parley: check: unknown option --frob; `parley check --help` lists what it takes

== unknown option with a value
$ parley check --frob=3 x.json
? 2
! parley: check: unknown option --frob; `parley check --help` lists what it takes

== no file
$ parley check
? 2
! parley: check: no file given; usage: parley check FILE… [option…]

== an option without its value
$ parley check x.json --horizontal
? 2
! parley: check: --horizontal needs a value, M

== a switch with a value
$ parley check x.json --json=yes
? 2
! parley: check: --json takes no value

== not a number
$ parley check x.json --horizontal 5NM
? 2
! parley: check: --horizontal: "5NM" is not a number; expected metres

== NaN
$ parley check x.json --vertical nan
? 2
! parley: check: --vertical: "nan" is not a number; expected metres

== infinite
$ parley check x.json --vertical 1e999
? 2
! parley: check: --vertical: "1e999" is not a number; expected metres

== negative
$ parley check x.json --horizontal -1
? 2
! parley: check: --horizontal: -1 is out of range; expected metres from 0 to 1000000

== empty value
$ parley check x.json --horizontal=
? 2
! parley: check: --horizontal: "" is not a number; expected metres

== a time without an offset
$ parley check x.json --from 2018-09-17T18:40:00
? 2
!~ parley: check: --from: "2018-09-17T18:40:00" is not a time; expected RFC 3339 with an offset.*

== a day that does not exist
$ parley check x.json --to 2018-02-30T18:40:00Z
? 2
!~ parley: check: --to: "2018-02-30T18:40:00Z" names a day or an hour that does not exist

== a window that runs backwards
$ parley check x.json --from 2018-09-17T18:40:00Z --to 2018-09-17T18:39:59Z
? 2
! parley: check: --from is after --to; expected a window that runs forwards

== no such format
$ parley check x.json --format xml
? 2
! parley: check: --format: "xml" is no format; expected text, json, geojson or csv

== no such zone
$ parley check x.json --zone Asia/Atlantis
? 2
!~ parley: check: --zone: "Asia/Atlantis" is not in the time zone database of this machine; expected a zone, .*

== a zone that would leave the database
$ parley check x.json --zone ../../etc/passwd
? 2
!~ parley: check: --zone: "../../etc/passwd" is not in the time zone database.*

== no such preset
$ parley check x.json --well-clear do999
? 2
! parley: check: --well-clear: "do999" is no preset; `parley check --help` lists them

== a range that is none
$ parley check x.json --qnh 1013 --isa 0..0
? 2
! parley: check: --qnh: "1013" is not a range; expected LOW..HIGH in hPa

== a range that runs backwards
$ parley check x.json --terrain 300..200
? 2
! parley: check: --terrain: 300..200 runs backwards; expected LOW..HIGH

== a range out of range
$ parley check x.json --qnh 800..1013 --isa 0..0
? 2
! parley: check: --qnh: 800..1013 is out of range; expected hPa from 850 to 1090

== a range with something after it
$ parley check x.json --isa -10..10K --qnh 1000..1020
? 2
! parley: check: --isa: "-10..10K" is not a range; expected LOW..HIGH in kelvin

== pressure without temperature
$ parley check x.json --qnh 1000..1020
? 2
! parley: check: --qnh is given without --isa; the conversion of flight levels needs both

== temperature without pressure
$ parley check x.json --isa -10..10
? 2
! parley: check: --isa is given without --qnh; the conversion of flight levels needs both

== well clear on a map
$ parley check x.json --well-clear nmac --format geojson
? 2
! parley: check: --well-clear is written as text or JSON only

== advice in a table
$ parley check x.json --advise --format csv
? 2
! parley: check: --advise is written as text or JSON only

== a geoid that is not there
$ parley check --geoid nothing.gtx x.json
? 2
!~ parley: nothing.gtx: .*

== bench of what is not there
$ parley bench frob
? 2
! parley: bench: "frob" is not expected here; expected boxes, wellclear or nothing

== bench with a bad count
$ parley bench --count 0
? 2
! parley: bench: --count: 0 is out of range; expected boxes and pairs from 1 to 10000000
