#!/bin/bash
# A drone traffic service meets a notice of the line, as docs/dss.md tells it: two real nodes, one of which serves the
# F3548 interface, tokens of development mode, curl as the service. The notice is the other side's. Prints TAP.
set -u
# shellcheck source=tests/support/nodes.bash
. "$(dirname "$0")/../support/nodes.bash"

line_of us ru
say $? "a line between us and ru"
serve us --dss-dev --dss-uss-id our-uss && serve ru && opened us && opened ru
say $? "both serve, us the F3548 interface too"
url=$(sed -n 's/^listening on //p' out/us.serve)
flies=$("$parley" token us --sub uss1 --scope "utm.strategic_coordination utm.constraint_processing")
id=c0000000-0000-4000-8000-000000000001

# as_uss METHOD PATH [BODY]: the answer to out/log, with its code on a line of its own.
as_uss() {
	curl -sS -X "$1" -H "Authorization: Bearer $flies" -w '\ncode %{http_code}\n' ${3:+-d "$3"} "$url$2" >out/log 2>&1
}

# until_uss NAME PATTERN METHOD PATH [BODY]: an answer comes to have a line like that, within 30 s.
until_uss() {
	for _ in $(seq 300); do
		as_uss "${@:3}"
		grep -qE -- "$2" out/log && break
		sleep 0.1
	done
	says "$1" "$2"
}

# until_slowly NAME PATTERN COMMAND…: as until_says; each command is a login.
until_slowly() {
	for _ in $(seq 60); do
		"${@:3}" >out/log 2>&1
		grep -qE -- "$2" out/log && break
		sleep 0.5
	done
	says "$1" "$2"
}

# intent KEY: at 48 N 35 E in an hour, with a subscription for constraints.
intent() {
	local from to place
	from=$(date -u -d '+60 min' +%FT%TZ) to=$(date -u -d '+80 min' +%FT%TZ)
	place='"outline_circle":{"center":{"lat":48,"lng":35},"radius":{"value":100,"units":"M"}}'
	echo '{"extents":[{"volume":{'"$place"',"altitude_lower":{"value":100,"reference":"W84","units":"M"},
		"altitude_upper":{"value":120,"reference":"W84","units":"M"}},
		"time_start":{"value":"'"$from"'","format":"RFC3339"},"time_end":{"value":"'"$to"'","format":"RFC3339"}}],
		"state":"Accepted","uss_base_url":"https://uss1.example","key":['"${1:-}"'],
		"new_subscription":{"uss_base_url":"https://uss1.example","notify_for_constraints":true}}'
}

refuse "a convoy is not shown by a habit of the hand" "write --uss=area" "$parley" file ru --kind convoy --uss --mode REAL
try "ru files a notice" "$parley" file ru --kind exercise --at 48.0000N,35.0000E --radius 5km --from +50min --to +120min \
	--mode REAL --wait 20
as_uss PUT "/dss/v1/operational_intent_references/$id" "$(intent)"
says "which no service sees" '^code 201'
ovn=$(sed -n 's/.*"ovn":"\([^"]*\)".*/\1/p' out/log)
try "ru shows it" "$parley" update ru ru#1 --uss
says "and is told so" '^shown to drone traffic services: area and times$'
until_uss "a query finds it" '"manager":"our-uss"' POST /dss/v1/constraint_references/query '{"area_of_interest":{"volume":{
	"outline_circle":{"center":{"lat":48,"lng":35},"radius":{"value":100,"units":"M"}}}}}'
as_uss PUT "/dss/v1/operational_intent_references/$id/$ovn" "$(intent)"
says "the next version of the intent meets it" '^code 409'
says "with its manager" '"missing_constraints":\[.*"manager":"our-uss"'
constraint=$(sed -n 's/.*"missing_constraints":\[{"id":"\([^"]*\)".*/\1/p' out/log)
as_uss GET "/uss/v1/constraints/$constraint"
says "the details are given" '^code 200'
says "the volumes, and no kind" '"volumes":\[{"volume":{"outline_circle"'
grep -q '"type"' out/log
[ $? -eq 1 ]
say $? "nothing of what it is"
key=$(sed -n 's/.*"reference":{.*"ovn":"\([^"]*\)".*"details".*/\1/p' out/log)
as_uss PUT "/dss/v1/operational_intent_references/$id/$ovn" "$(intent "\"$key\"")"
says "with its OVN in the key the intent is taken" '^code 200'
until_slowly "ru, at its own node, sees who read" 'read by uss1: 1 times' "$parley" shown ru ru#1
says "and where" 'at us.example/line$'
try "ru cancels" "$parley" cancel ru ru#1 --mode REAL
until_uss "and it is gone" '^code 404' GET "/uss/v1/constraints/$constraint"
try "a notice that says no area" "$parley" file us --kind exercise --from +50min --to +120min --mode REAL --uss=full
"$parley" alarms us >out/log 2>&1
says "cannot be shown, and that rings" 'us#1 is not shown to drone traffic services: its area is not stated'
"$parley" shown us >out/log 2>&1
says "and is listed as such" 'NOT SHOWN by us.example/line'
stop us && stop ru
say $? "both end"
plan
