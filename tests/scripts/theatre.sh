#!/bin/bash
# A line with a theatre, one side alone: what is said of a notice outside of it, and of one that states no area.
# Prints TAP.
set -u
# shellcheck source=tests/support/nodes.bash
. "$(dirname "$0")/../support/nodes.bash"

echo '{"theatre": {"name": "the valley", "place": "35.3300N 40.1300E", "radius_m": 100000, "source": "terms, 1"}}' >terms.json
port[us]=$(free_port)
try "a line with a theatre" "$parley" init us --party us --alone --mode TEST --yes --terms terms.json \
	--address "http://127.0.0.1:${port[us]}"
serve us && opened us
say $? "serves"
try "a site inside" "$parley" file us --kind site --at 35.3400N,40.1400E --radius 200m
! grep -q THEATRE out/log
say $? "nothing is said of it"
try "a site outside is taken" "$parley" file us --kind site --at 33.5000N,36.3000E --radius 200m
says "with a remark" '^OUTSIDE THE THEATRE  taken and compared all the same'
try "live fire without an area" "$parley" file us --kind "live-fire area" --from now --to +2h --upper 3000mMSL
says "it counts for the theatre, by name" '^    it counts for the whole theatre: the valley'
says "it overlaps with what lies inside" '^OVERLAP with us#1'
says "as any other" '^    one states no area: it counts for the whole theatre'
says "and with what lies outside" '^OVERLAP with us#2'
says "of which it cannot tell" '^    cannot tell: one states no area, the other lies outside of the theatre'
try "a name that nobody knows" "$parley" file us --kind flight --place "north Syria" --from +3h --to +4h
says "is unusable" '^UNUSABLE  the place cannot be used: a name alone is no place'
says "and counts for the theatre" '^    it counts for the whole theatre: the valley'

port[un]=$(free_port)
try "a line without one" "$parley" init un --party un --alone --mode TEST --yes --address "http://127.0.0.1:${port[un]}"
serve un && opened un
say $? "serves too"
try "a site anywhere" "$parley" file un --kind site --at 33.5000N,36.3000E --radius 200m
! grep -q THEATRE out/log
say $? "is outside of nothing"
try "live fire without an area" "$parley" file un --kind "live-fire area" --from now --to +2h
says "counts for the whole earth, and says why" '^    it counts for the whole earth: no theatre is agreed'
says "in the overlap too" '^    one states no area: it counts for the whole earth'
plan
