#!/bin/bash
# Drone flights near a notice, as a desk sees them: `parley intents`, the notice's detail, and F on the live screen; curl
# is the drone traffic service. Prints TAP.
set -u
support=$(realpath "$(dirname "$0")/../support")
# shellcheck source=tests/support/nodes.bash
. "$support/nodes.bash"
# shellcheck source=tests/support/screens.bash
. "$support/screens.bash"

line_of us ru
say $? "a line between us and ru"
serve us --dss-dev && serve ru && opened us && opened ru
say $? "both serve, us the F3548 interface too"
url=$(sed -n 's/^listening on //p' out/us.serve)
flies=$("$parley" token us --sub uss1 --scope utm.strategic_coordination)
id=c0000000-0000-4000-8000-000000000001
try "us files a notice" "$parley" file us --kind exercise --at 48.0000N,35.0000E --radius 5km --from +50min --to +120min \
	--mode REAL
try "no flight is near it" "$parley" intents us --notice us#1
says "and that is said" '^drone flights filed in the area of us#1: 0$'
from=$(date -u -d '+60 min' +%FT%TZ) to=$(date -u -d '+80 min' +%FT%TZ)
curl -sS -X PUT -H "Authorization: Bearer $flies" -w '\ncode %{http_code}\n' -d '{"extents":[{"volume":{
	"outline_circle":{"center":{"lat":48,"lng":35},"radius":{"value":100,"units":"M"}},
	"altitude_lower":{"value":100,"reference":"W84","units":"M"},
	"altitude_upper":{"value":120,"reference":"W84","units":"M"}},
	"time_start":{"value":"'"$from"'","format":"RFC3339"},"time_end":{"value":"'"$to"'","format":"RFC3339"}}],
	"state":"Accepted","uss_base_url":"https://uss1.example"}' "$url/dss/v1/operational_intent_references/$id" >out/log 2>&1
says "a service files a flight there" '^code 201'
try "which is listed" "$parley" intents us --notice us#1
says "with how many and since when" "^drone flights filed in the area of us#1: 1, first at ${from%Z}"
says "and what F3548 discloses" "Accepted .*100-120 m +48\.0000 +35\.0000  uss1 +$id"
try "in an area too" "$parley" intents us --area 47,34,49,36
says "it is found" "$id"
try "elsewhere" "$parley" intents us --area 40,34,41,36
says "it is not" 'no drone flight is filed there'
try "as JSON" "$parley" intents us --notice us#1 --json
says "there is no OVN in it" '^\{"notice": ?"us#1".*'
"$parley" intents ru --notice us#1 >out/log 2>&1
says "ru asks its own node, which serves no region" "serves no F3548 region"
"$parley" intents us --notice us#2 >out/log 2>&1
says "one that is not there" 'no own notice has this name'
"$parley" alarms us >out/log 2>&1
says "the alarms have it, in words" 'drone flights filed in the area of us#1: 1, first at'

screen us 120 40
select_row us 'drone flights filed in the area of us#1'
shows us "the detail says how many" 'drone flights filed in its area: 1, first at .*F lists them'
until_key us f "F lists them" 'DRONE FLIGHTS filed in the area of us#1: 1, first at'
shows us "each with its envelope" 'Accepted +100-120 m W84 +48\.0000 +35\.0000  uss1'
until_key us '?' "F stands in the help" 'F +drone flights$'
press us Escape
until_key us f "and goes back" 'F lists them'
gone us "to the list" 'DRONE FLIGHTS'
leaves us "Q leaves"
plan
