# parley file, heard, update, cancel, end, ack without a node: what is refused, and what the details come to (--dry-run).

== details by options, values and units as written
$ parley file us --dry-run --kind flight --at 35.2854N,40.1760E --radius 5km --from 2016-09-17T12:55:00Z --to 2016-09-17T14:00:00Z --lower 300mAGL --upper FL245 --frequency "121.5 MHz" --call-sign HOBO11 --unmanned
> {"kind":"flight","from":"2016-09-17T12:55:00.000Z","to":"2016-09-17T14:00:00.000Z","frequency":"121.5 MHz","call_sign":"HOBO11","unmanned":true,"areas":[{"place":"35.2854N,40.1760E","radius_m":5000.0,"lower":{"value":300,"unit":"M","datum":"AGL"},"upper":{"value":245,"unit":"FL"}}]}

== vertices become a polygon as written
$ parley file us --dry-run --kind site --vertices "35.28N 40.17E; 35.29N 40.18E; 35.27N 40.19E"
> {"kind":"site","areas":[{"vertices":["35.28N 40.17E","35.29N 40.18E","35.27N 40.19E"]}]}

== a position that reads two ways: both readings
$ parley file us --kind flight --at 3517N4010E --radius 5km
? 2
!~ parley: file: --at: reads two ways: degrees and minutes: 35.28333°N 040.16667°E; or decimal degrees without their point: 35.17000°N 040.10000°E; 14 km apart.*

== a position without radius
$ parley file us --kind flight --at 35.28N40.17E
? 2
! parley: file: --at: a radius is needed; expected --radius with m, km or NM

== no kind
$ parley file us --at 35.28N40.17E --radius 2km
? 2
!~ parley: file: what is done is not stated; expected --kind flight, .*

== another kind
$ parley file us --kind raid
? 2
!~ parley: file: --kind: "raid"; expected flight, live-fire area, .*

== a time without zone
$ parley file us --kind flight --from 13:52
? 2
! parley: file: --from: "13:52" does not say in which zone; expected UTC as 13:52Z, or RFC 3339 with an offset

== no time
$ parley file us --kind flight --to tomorrow
? 2
! parley: file: --to: "tomorrow" is no time; expected +60min, 13:52Z, 2016-09-17T12:55:00Z or now

== a level without datum
$ parley file us --kind flight --upper 300m
? 2
! parley: file: --upper: "300m" is no level; expected FL245, 300mAGL, 4500ftMSL or 120mW84 (unit and datum are needed)

== a radius without unit
$ parley file us --kind flight --at 35.28N40.17E --radius 5
? 2
! parley: file: --radius: "5" is no distance; expected a number with m, km, NM, ft or mi

== how many, in part
$ parley file us --kind convoy --vehicles 3.5
? 2
! parley: file: --vehicles: "3.5" is not a whole number

== a second place that reads two ways is not taken for a name
$ parley file us --kind flight --again "3517N 4010E"
? 2
!~ parley: file: --again: reads two ways: .*

== a GeoJSON feature
@ plan.geojson
| {"type": "Feature", "geometry": {"type": "Point", "coordinates": [40.176, 35.2854]},
|  "properties": {"parley": {"id": "x", "kind": "live-fire area", "radius_m": 2000, "name": "Range 4",
|   "from": "2016-09-17T12:55:00Z", "upper": {"value": 4500, "units": "FT", "reference": "MSL"}}}}
$ parley file us plan.geojson --dry-run
> {"kind":"live-fire area","title":"Range 4","from":"2016-09-17T12:55:00Z","areas":[{"radius_m":2000,"upper":{"value":4500,"unit":"FT","datum":"MSL"},"geometry":{"type":"Point","coordinates":[40.176,35.2854]}}]}

== options win over the file
@ plan.geojson
| {"type": "Feature", "geometry": {"type": "Point", "coordinates": [40.176, 35.2854]},
|  "properties": {"parley": {"id": "x", "kind": "flight", "radius_m": 2000}}}
$ parley file us plan.geojson --dry-run --kind rescue --upper FL100
> {"kind":"rescue","areas":[{"radius_m":2000,"geometry":{"type":"Point","coordinates":[40.176,35.2854]},"upper":{"value":100,"unit":"FL"}}]}

== a member that no notice has
@ plan.geojson
| {"type": "Feature", "geometry": null, "properties": {"parley": {"id": "x", "kind": "flight", "colour": "red"}}}
$ parley file us plan.geojson --dry-run
? 2
! parley: file: properties.parley.colour: no such member

== an F3548 intent
@ intent.json
| {"operational_intent": {"reference": {"id": "x", "state": "Accepted"}, "details": {"volumes": [{"volume":
|  {"outline_circle": {"center": {"lng": 40.1, "lat": 35.2}, "radius": {"value": 900, "units": "M"}},
|   "altitude_lower": {"value": 100, "reference": "W84", "units": "M"}},
|  "time_start": {"value": "2016-09-17T12:55:00Z", "format": "RFC3339"},
|  "time_end": {"value": "2016-09-17T13:55:00Z", "format": "RFC3339"}}]}}}
$ parley file us intent.json --dry-run
> {"kind":"flight","from":"2016-09-17T12:55:00Z","to":"2016-09-17T13:55:00Z","areas":[{"radius_m":900,"geometry":{"type":"Point","coordinates":[40.1,35.2]},"lower":{"value":100,"unit":"M","datum":"W84"},"from":"2016-09-17T12:55:00Z","to":"2016-09-17T13:55:00Z"}]}

== no JSON: the line is named
@ plan.json
| {"type": "Feature",
|  "geometry": nul}
$ parley file us plan.json
? 2
!~ parley: plan.json:2: no JSON: .*

== no such file
$ parley file us none.geojson --kind flight
? 2
! parley: file: none.geojson is not there

== no node's folder
$ parley file us --kind flight
? 2
! parley: file: us is no node's folder (it has no node.json)

== a language without phrases
$ parley file us --kind flight --read-out en,de
? 2
! parley: file: --read-out: "de": no phrases in that language; expected two of en, fr, ru, ar

== heard: another way
$ parley heard us "leave" --by pigeon
? 2
! parley: heard: --by: "pigeon"; expected call, walk-in, e-mail or other

== heard: no words
$ parley heard us ""
? 2
! parley: heard: no words; expected what was said, as it was said

== end: a count without a number
$ parley end us us#1 --count flights
? 2
! parley: end: --count: "flights"; expected WHAT=N, as flights=3

== ack: two acts at once
$ parley ack us ru#1 --understood --units-told
? 2
! parley: ack: --units-told: one act at a time: understood is asked for already

== cancel: which one
$ parley cancel us
? 2
! parley: cancel: expected parley cancel FOLDER NOTICE [option…]

== drill: another class
$ parley drill us --class MAYDAY
? 2
! parley: drill: --class: "MAYDAY"; expected STOP, URGENT or DISTRESS

== drill: half a call
$ parley drill us --calls 1.5
? 2
! parley: drill: --calls: "1.5" is not a whole number

== watch: which folder
$ parley watch
? 2
! parley: watch: expected parley watch FOLDER

== watch: no node's folder
$ parley watch us
? 2
! parley: watch: us is no node's folder (it has no node.json)

== shown to drone traffic services: a word that is none
$ parley file us --dry-run --kind exercise --uss=all
? 2
! parley: file: --uss: "all"; expected area, full or none

== shown to drone traffic services: a site only where it is written out
$ for k in site convoy "ground movement" rescue evacuation repair; do parley file us --dry-run --kind "$k" --uss; echo $?; done; for k in site convoy; do parley file us --dry-run --kind $k --uss=area; done; parley file us --dry-run --kind exercise --uss
> 2
> 2
> 2
> 2
> 2
> 2
> {"kind":"site"}
> {"kind":"convoy"}
> {"kind":"exercise"}
!~ parley: file: --uss: drone traffic services would see where it is .site.; if that is meant, write --uss=area
!~ parley: file: --uss: drone traffic services would see where it is .convoy.; .*
!~ parley: file: --uss: drone traffic services would see where it is .ground movement.; .*
!~ parley: file: --uss: drone traffic services would see where it is .rescue.; .*
!~ parley: file: --uss: drone traffic services would see where it is .evacuation.; .*
!~ parley: file: --uss: drone traffic services would see where it is .repair.; .*

== shown: bad use, and a folder without a node
$ parley shown; echo $?; parley shown us a b; echo $?; parley shown nowhere
? 2
> 2
> 2
! parley: shown: expected parley shown FOLDER [NOTICE] [option…]
! parley: shown: expected parley shown FOLDER [NOTICE] [option…]
!~ parley: shown: .*nowhere.*no node's folder.*

== intents: bad use, and a folder without a node
$ parley intents; echo $?; parley intents us b; echo $?; parley intents us --notice us#1 --area 1,2,3,4; echo $?
? 0
> 2
> 2
> 2
! parley: intents: expected parley intents FOLDER [option…]
! parley: intents: expected parley intents FOLDER [option…]
! parley: intents: --notice stands without --area, --from and --to

== intents: an area and a count that are none, and a folder without a node
$ parley intents us --area 1,2; echo $?; parley intents us --count 0; echo $?; parley intents nowhere
? 2
> 2
> 2
!~ parley: intents: --area: "1,2", expected south,west,north,east in degrees: 47,34,49,36
!~ parley: intents: --count.*
!~ parley: intents: .*nowhere.*no node's folder.*
