# Bad input: named with file, line and what was expected; the rest is checked; exit status 2.

== a file that is not there
$ parley check nothing.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
! parley: nothing.json: cannot be opened: No such file or directory

== a file that is not there, beside one that is
@ good.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check nothing.json good.json
? 2
>~ no overlap found among 1 plan, 1 left out, .*
! parley: nothing.json: cannot be opened: No such file or directory

== a folder
$ parley check .
? 2
>~ no overlap found among 0 plans, 1 left out, .*
! parley: .: is a directory, expected a file

== empty standard input
$ parley check -
? 2
>~ no overlap found among 0 plans, 1 left out, .*
! parley: standard input:1: is empty, expected plans

== an empty file
$ : >empty.json; parley check empty.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
! parley: empty.json:1: is empty, expected plans

== text
@ a.txt
| hello
$ parley check a.txt
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.txt:1: found .?h.?, expected a JSON object or list.*

== bytes
$ printf '\377\376\000\001' >bytes; parley check bytes
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: bytes:1: found .*, expected a JSON object or list.*

== gzip cut off in its content
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ gzip a.json && head -c 60 a.json.gz >cut.gz && parley check cut.gz
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: cut.gz:1: gzip data cut off.*

== gzip cut off in its header
$ printf '\037\213\010\000\000' >cut.gz; parley check cut.gz
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: cut.gz:1: gzip data cut off.*

== gzip with a wrong checksum
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ gzip a.json && head -c -8 a.json.gz >bad.gz && printf '12345678' >>bad.gz && parley check bad.gz
? 2
>*
!~ parley: bad.gz:[0-9]+: .*gzip.*

== a list cut off: what was whole is checked
@ a.json
| {"type": "FeatureCollection", "features": [
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}},
$ parley check a.json
? 2
>~ no overlap found among 1 plan, 1 left out, .*
!~ parley: a.json:3: the file ends inside a list.*

== a feature cut off
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "pr
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:[12]: the file ends inside .*

== NaN
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, NaN]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: is not JSON: .*NaN.*

== an infinite number
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 1e999]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: is not JSON: .*1e999.*

== a latitude over 90
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 91]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: feature "a": .*latitude 91 is out of range, expected -90 to 90

== a longitude that goes round twice
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [1000, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: feature "a": .*longitude 1000 is out of range.*

== reversed times
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100, "from": "2020-01-02T00:00:00Z", "to": "2020-01-01T00:00:00Z"}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
! parley: a.json:1: feature "a": parley: "from" is after "to", expected from <= to

== a time without an offset
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100, "from": "2020-01-02T00:00:00"}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: feature "a": parley: .*"2020-01-02T00:00:00" is not a time; expected RFC 3339 with an offset.*

== reversed altitudes
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100, "lower": {"value": 200, "unit": "M", "datum": "MSL"}, "upper": {"value": 100, "unit": "M", "datum": "MSL"}}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
! parley: a.json:1: feature "a": parley: lower 200 M is above upper 100 M, expected lower <= upper

== an altitude without a datum
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100, "lower": {"value": 200, "unit": "M"}}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
! parley: a.json:1: feature "a": parley: lower: "datum" is missing, expected one of W84, MSL, AGL, FL

== the same id twice in a file
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
| {"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [20, 50]}, "properties": {"parley": {"radius_m": 100}}}
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json
? 2
>~ no overlap found among 2 plans, 1 left out, .*
! parley: a.json:3: the id "a" was read before (a.json:1), expected each id once

== the same id in two files
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
@ b.json
| 
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json b.json
? 2
>~ no overlap found among 1 plan, 1 left out, .*
! parley: b.json:2: the id "a" was read before (a.json:1), expected each id once

== the same file twice
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json a.json
? 2
>~ no overlap found among 1 plan, 1 left out, .*
!~ parley: a.json:1: the id "a" was read before .*

== standard input twice
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check - - <a.json
? 2
>~ no overlap found among 1 plan, 1 left out, .*
! parley: standard input:1: is empty, expected plans

== a property that does not exist
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius": 100}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: feature "a": parley: "radius" is not known here, expected only id, .*

== a negative radius
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": -1}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
! parley: a.json:1: feature "a": parley: "radius_m" -1 is out of range, expected 0 to 10000000

== a feature of somebody else
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"name": "x"}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: feature "a": has no "parley" in its properties, expected .*

== a place by name only
@ a.json
| {"type": "Feature", "id": "x", "geometry": null, "properties": {"parley": {"name": "north Syria"}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
! parley: a.json:1: feature "x": has no geometry, expected one: a name alone is no place

== a ring that crosses itself
@ a.json
| {"type": "Feature", "id": "x", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 0.7], [0, 0]]]}, "properties": {"parley": {}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: feature "x": .*cross.*

== a ring that is not closed
@ a.json
| {"type": "Feature", "id": "x", "geometry": {"type": "Polygon", "coordinates": [[[0, 0], [1, 1], [1, 0], [0, 2]]]}, "properties": {"parley": {}}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: feature "x": ring 0: is not closed, .*

== an interpolation that parley does not take
@ a.json
| {"type": "Feature", "id": "m", "temporalGeometry": {"type": "MovingPoint", "interpolation": "Step", "datetimes": ["2020-01-01T00:00:00Z"], "coordinates": [[1, 2, 3]]}, "properties": {}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
! parley: a.json:1: feature "m": temporalGeometry: interpolation "Step" is not taken, expected Linear or none

== samples at the same time
@ a.json
| {"type": "Feature", "id": "m", "temporalGeometry": {"type": "MovingPoint", "datetimes": ["2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"], "coordinates": [[1, 2, 3], [1, 2, 3]]}, "properties": {}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: feature "m": temporalGeometry: sample 1: time .* expected rising times

== a missing height
@ a.json
| {"type": "Feature", "id": "m", "temporalGeometry": {"type": "MovingPoint", "datetimes": ["2020-01-01T00:00:00Z"], "coordinates": [[1, 2]]}, "properties": {}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: feature "m": temporalGeometry: coordinates: position 0: 2 numbers \(no height\), expected .*

== more positions than times
@ a.json
| {"type": "Feature", "id": "m", "temporalGeometry": {"type": "MovingPoint", "datetimes": ["2020-01-01T00:00:00Z"], "coordinates": [[1, 2, 3], [1, 2, 4]]}, "properties": {}}
$ parley check a.json
? 2
>~ no overlap found among 0 plans, 1 left out, .*
!~ parley: a.json:1: feature "m": temporalGeometry: 2 positions and 1 datetimes, expected .*

== bad input wins over overlaps, which are printed
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
| {"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
| {"type": "Feature", "id": "c", "geometry": {"type": "Point", "coordinates": [10, 95]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check --format csv a.json | wc -l; exit ${PIPESTATUS[0]}
? 2
> 2
!*

== what was left out is said on standard error where the output has no place for it
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
| {"type": "Feature", "id": "c", "geometry": {"type": "Point", "coordinates": [10, 95]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check --json a.json
? 2
!~ parley: a.json:2: .*
! parley: 1 plan checked, 1 left out

== a million vertices
$ awk 'BEGIN { printf "{\"type\": \"Feature\", \"id\": \"star\", \"properties\": {\"parley\": {}}, \"geometry\": {\"type\": \"Polygon\", \"coordinates\": [["; for (i = 0; i < 1000000; i++) { a = i * 6.283185307179586e-6; r = 5 + i % 2 / 100000; printf "[%.9f, %.9f], ", r * cos(a), r * sin(a) } print "[5, 0]]]}}" }' >star.json; parley check star.json
>~ no overlap found among 1 plan, 0 left out, .*
