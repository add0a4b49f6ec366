# parley check: what is found, and how it is printed.

== nothing overlaps
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
| {"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [10.01, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json
>~ no overlap found among 2 plans, 0 left out, [0-9]+ ms

== the same as JSON prints nothing
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json --json

== the same as a table has its header
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json --format csv
>~ a,a_party,a_kind,b,b_party,b_kind,from,to,.*

== the same on a map is an empty collection
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [10, 50]}, "properties": {"parley": {"radius_m": 100}}}
$ parley check a.json --format geojson | tr -d ' \n'
> {"type":"FeatureCollection","features":[]}

== Deir ez-Zor, in full
$ parley check --zone Asia/Damascus $DEMO/deir-ez-zor-2016.geojson
? 1
> overlap 1: partner-positions (partner positions, protected; site; party russia)
>   with      strikes-as-flown (strikes, where they fell; live-fire area; party coalition)
>~   when      from 2016-09-17T12:55:00.000Z \(2016-09-17 15:55:00.000 EEST\) to 2016-09-17T13:56:00.000Z .*, 1 h 01 min 00 s
>*
>~ 1 overlap found among 4 plans, 0 left out, .*

== Latakia, as JSON lines: sorted, cannot tell is said
$ parley check --json $DEMO/latakia-2018.geojson $DEMO/latakia-2018-il20.json | cut -d, -f1-4
? 0
> {"a": "khmeimim", "b": "khmeimim-approach", "from": "2018-09-17T17:00:00.000Z", "to": "2018-09-17T20:00:00.000Z"
> {"a": "khmeimim-approach", "b": "strike-area", "from": "2018-09-17T18:40:00.000Z", "to": "2018-09-17T20:00:00.000Z"
>~ \{"a": "il-20", "b": "khmeimim-approach", "from": "2018-09-17T18:57:10.3469.*Z", "to": "2018-09-17T19:03:00.000Z"

== cannot tell, until the terrain is stated
$ parley check --json $DEMO/latakia-2018.geojson | grep -c 'cannot tell'; parley check --json --terrain 0..100 $DEMO/latakia-2018.geojson | grep -c 'cannot tell'
? 1
> 1
> 0

== the ground far below: no overlap
$ parley check --json --terrain -400..-350 $DEMO/latakia-2018.geojson | cut -d, -f1,2
> {"a": "khmeimim-approach", "b": "strike-area"

== every format names the same pairs
$ for f in csv geojson json; do parley check --format $f $DEMO/latakia-2018.geojson $DEMO/latakia-2018-il20.json | grep -c khmeimim-approach; done
> 3
> 3
> 3

== only what happens in a window
$ parley check --json --from 2018-09-17T17:30:00Z --to 2018-09-17T18:39:59Z $DEMO/latakia-2018.geojson | cut -d, -f1-4
> {"a": "khmeimim", "b": "khmeimim-approach", "from": "2018-09-17T17:30:00.000Z", "to": "2018-09-17T18:39:59.000Z"

== what touches overlaps: a window of one instant
$ parley check --json --from 2018-09-17T18:40:00Z --to 2018-09-17T18:40:00Z $DEMO/latakia-2018.geojson | cut -d, -f1-4
>~ .*"khmeimim".*
> {"a": "khmeimim-approach", "b": "strike-area", "from": "2018-09-17T18:40:00.000Z", "to": "2018-09-17T18:40:00.000Z"

== separation: 199 m is found with 200, not with 198
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 0}}}
| {"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [0.00178763, 0]}, "properties": {"parley": {"radius_m": 0}}}
$ for h in 198 200; do parley check --horizontal $h --json a.json | cut -d, -f1,2; done
> {"a": "a", "b": "b"

== vertical separation, in feet and metres
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10, "upper": {"value": 1000, "unit": "FT", "datum": "MSL"}}}}
| {"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10, "lower": {"value": 400, "unit": "M", "datum": "MSL"}}}}
$ for v in 95.1 95.3; do parley check --vertical $v --json a.json | grep -o '"vertical_m": 95.[0-9]*'; done
>~ "vertical_m": 95.(2|19999)[0-9]*

== flight levels against mean sea level need pressure and temperature
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10, "lower": {"value": 100, "unit": "FL"}, "upper": {"value": 110, "unit": "FL"}}}}
| {"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10, "lower": {"value": 3450, "unit": "M", "datum": "MSL"}, "upper": {"value": 3500, "unit": "M", "datum": "MSL"}}}}
$ parley check --json a.json | grep -c 'cannot tell'; parley check --json --qnh 1012..1014 --isa -2..2 a.json | grep -c .
? 1
> 1
> 0

== two features without an end: always
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10}}}
| {"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10}}}
$ parley check --json a.json | cut -d, -f1-6
> {"a": "a", "b": "b", "from": null, "to": null, "intervals": [[null, null]]

== trajectories that meet at the last instant of one of them
@ a.json
| {"type": "FeatureCollection", "features": [
| {"type": "Feature", "id": "m1", "temporalGeometry": {"type": "MovingPoint", "datetimes": ["2020-01-01T00:00:00Z", "2020-01-01T00:10:00Z"], "coordinates": [[10, 50, 1000], [11, 50, 1000]]}, "properties": {}},
| {"type": "Feature", "id": "m2", "temporalGeometry": {"type": "MovingPoint", "datetimes": ["2020-01-01T00:10:00Z", "2020-01-01T00:20:00Z"], "coordinates": [[11, 50, 1000], [12, 50, 1000]]}, "properties": {}}]}
$ parley check --json a.json | cut -d, -f1-4
> {"a": "m1", "b": "m2", "from": "2020-01-01T00:10:00.000Z", "to": "2020-01-01T00:10:00.000Z"

== and a trajectory that ends when an area begins
@ a.json
| {"type": "FeatureCollection", "features": [
| {"type": "Feature", "id": "m1", "temporalGeometry": {"type": "MovingPoint", "datetimes": ["2020-01-01T00:00:00Z", "2020-01-01T00:10:00Z"], "coordinates": [[10, 50, 1000], [11, 50, 1000]]}, "properties": {}},
| {"type": "Feature", "id": "z", "geometry": {"type": "Point", "coordinates": [11, 50]}, "properties": {"parley": {"radius_m": 50, "from": "2020-01-01T00:10:00Z"}}}]}
$ parley check --json a.json | cut -d, -f1-4
> {"a": "m1", "b": "z", "from": "2020-01-01T00:10:00.000Z", "to": "2020-01-01T00:10:00.000Z"

== local time before and after summer time ends
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10, "from": "2018-10-27T12:00:00Z", "to": "2018-10-27T13:00:00Z"}}}
| {"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10}}}
| {"type": "Feature", "id": "c", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10, "from": "2018-10-28T12:00:00Z", "to": "2018-10-28T13:00:00Z"}}}
$ parley check --zone Europe/Paris a.json | grep -E '^overlap|when'
>~ overlap 1: a .*
>~   when      from 2018-10-27T12:00:00.000Z \(2018-10-27 14:00:00.000 CEST\) to .*
>~ overlap 2: b .*
>~   when      from 2018-10-28T12:00:00.000Z \(2018-10-28 13:00:00.000 CET\) to .*

== several sources: gzip, standard input, a plain file
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10}}}
@ b.json
| {"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10}}}
@ c.json
| {"type": "Feature", "id": "c", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10}}}
$ gzip b.json && gzip -c c.json | parley check --json a.json b.json.gz - | cut -d, -f1,2
> {"a": "a", "b": "b"
> {"a": "a", "b": "c"
> {"a": "b", "b": "c"

== an F3548 operational intent
@ intent.json
| {"operational_intent": {"reference": {"id": "f7b5b6a1-2c1e-4d2a-9b57-0a8a3a1f3c11", "manager": "uss1", "uss_availability": "Normal",
|  "version": 1, "state": "Accepted", "time_start": {"value": "2020-01-01T00:00:00Z", "format": "RFC3339"},
|  "time_end": {"value": "2020-01-01T01:00:00Z", "format": "RFC3339"}, "uss_base_url": "https://uss1.example", "subscription_id": "x"},
|  "details": {"volumes": [{"volume": {"outline_circle": {"center": {"lat": 0, "lng": 0}, "radius": {"value": 50, "units": "M"}},
|   "altitude_lower": {"value": 50, "reference": "W84", "units": "M"}, "altitude_upper": {"value": 100, "reference": "W84", "units": "M"}},
|   "time_start": {"value": "2020-01-01T00:00:00Z", "format": "RFC3339"}, "time_end": {"value": "2020-01-01T01:00:00Z", "format": "RFC3339"}}],
|   "off_nominal_volumes": [], "priority": 0}}}
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10}}}
$ parley check --json intent.json a.json | cut -d, -f1-4
> {"a": "a", "b": "f7b5b6a1-2c1e-4d2a-9b57-0a8a3a1f3c11", "from": "2020-01-01T00:00:00.000Z", "to": "2020-01-01T01:00:00.000Z"

== names cannot write to the terminal
@ a.json
| {"type": "Feature", "id": "a", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10, "name": "red \u001b[31m \u202e"}}}
| {"type": "Feature", "id": "b", "geometry": {"type": "Point", "coordinates": [0, 0]}, "properties": {"parley": {"radius_m": 10, "name": "b"}}}
$ parley check a.json 2>&1 | grep -c $'\033'
? 1
> 0

== advice for a flight and a convoy, none for a live-fire area
$ parley check --advise $DEMO/../docs/examples/convoy.geojson $DEMO/../docs/examples/live-fire.geojson | tail -n 3
> convoy-7: with a start 08:00:01 later no overlap would be found with what is filed here
>
>~ 1 overlap found among 2 plans, .*

== advice as JSON
$ parley check --advise --json $DEMO/../docs/examples/convoy.geojson $DEMO/../docs/examples/live-fire.geojson | tail -n 1
> {"advise": "convoy-7", "delay_s": 28801, "altitude_m": null}

== well clear as JSON, and the exit status when only that is found
$ parley check --well-clear do365b-corrective --json $DEMO/../docs/examples/two-tracks.json
? 1
>~ \{"a": "north-12", "b": "south-3", "well_clear": "do365b-corrective", "violations": \[\["2018-09-17T18:04:24.54.*Z", "2018-09-17T18:05:04.00.*Z"\]\], "vertical": "known"\}

== a day over Switzerland: the pairs of the oracle
% $DATA/tracks-switzerland/flights.mfjson.gz the shared data are not beside the source folder
$ parley check --horizontal 9260 --vertical 304.8 --json $DATA/tracks-switzerland/flights.mfjson.gz | cut -d, -f1,2 | sort >found; grep '"must": true' $DATA/tracks-switzerland/expected-conflicts-9260m-304.8m.jsonl | cut -d, -f1,2 | sort >must; cut -d, -f1,2 $DATA/tracks-switzerland/expected-conflicts-9260m-304.8m.jsonl | sort >may; wc -l <must; comm -23 must found | wc -l; comm -23 found may | wc -l
> 157
> 0
> 0
