#!/bin/sh
# The box index beside its peers, in one run on this machine: bench/boxes.sh BUILD_DIR [--large]
#
# BUILD_DIR: built with the bench preset (bench/run does). Writes workload files to BUILD_DIR/data, runs parley,
# Boost.Geometry and CGAL on each, one after another, stops where the digests of their answers differ, and prints
# tables in Markdown. Ratios are above 1 where parley is better.
#   --large  the peers on 10^7 boxes too: ten minutes, 4 GB
set -eu
build=${1:-}
large=${2:-}
if [ ! -x "$build/parley" ] || { [ -n "$large" ] && [ "$large" != --large ]; }; then
	sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
	exit 2
fi
data=$build/data
gen=$build/bench/gen_boxes_bench
boost=$build/bench/peer_boost
cgal=$build/bench/peer_cgal

mkdir -p "$data"
make_file() { # FILE KIND COUNT SEED
	[ -s "$data/$1" ] || { "$gen" "$2" "$3" "$4" > "$data/$1.new" && mv "$data/$1.new" "$data/$1"; }
}

run() { # FILE [QUERIES]
	echo "boxes: parley $*" >&2
	"$build/parley" bench boxes "$@"
}

peer() { # PROGRAM ARGUMENTS...
	echo "boxes: $*" >&2
	"$@"
}

# The value of a key of one line of JSON; empty where it is absent.
value() { # KEY JSON
	printf '%s\n' "$2" | sed -n 's/.*"'"$1"'": "\{0,1\}\([^",}]*\).*/\1/p'
}

ratio() { # ABOVE BELOW
	awk -v a="$1" -v b="$2" 'BEGIN { if (a == "" || b == "" || b + 0 == 0) print "-"; else printf "%.1f", a / b }'
}

same() { # KEY NAME JSON NAME JSON
	a=$(value "$1" "$3") b=$(value "$1" "$5")
	if [ -z "$a" ] || [ "$a" != "$b" ]; then
		echo "ANSWERS DIFFER: $1 of $2 is '$a', of $4 '$b'" >&2
		exit 1
	fi
}

row() { # WHAT PARLEY PEER RATIO
	printf '| %s | %s | %s | %s |\n' "$1" "$2" "$3" "$4"
}

table() { # TITLE PEER
	printf '\n### %s\n\n| | parley | %s | ratio |\n|---|---|---|---|\n' "$1" "$2"
}

best() { # least|most A B
	awk -v how="$1" -v a="$2" -v b="$3" 'BEGIN { print (how == "least") == (a + 0 < b + 0) ? a : b }'
}

# Against the better of the peer's two scalings, row by row.
compare_queries() { # TITLE OURS SPREAD MEAN
	same hits_xor parley "$2" "Boost" "$3"
	same hits_xor parley "$2" "Boost" "$4"
	table "$1" "Boost.Geometry packed, best of two scalings"
	for key in p50_us p99_us bytes_per_box build_s; do
		theirs=$(best least "$(value $key "$3")" "$(value $key "$4")")
		row $key "$(value $key "$2")" "$theirs" "$(ratio "$theirs" "$(value $key "$2")")"
	done
	theirs=$(best most "$(value queries_per_s "$3")" "$(value queries_per_s "$4")")
	row queries_per_s "$(value queries_per_s "$2")" "$theirs" "$(ratio "$(value queries_per_s "$2")" "$theirs")"
}

compare_churn() { # TITLE OURS RSTAR
	same hits_xor parley "$2" "Boost rstar" "$3"
	same hits_xor_after parley "$2" "Boost rstar" "$3"
	table "$1" "Boost.Geometry rstar<16>, incremental"
	for key in remove_us insert_us p50_us_after; do
		row "$key" "$(value $key "$2")" "$(value $key "$3")" "$(ratio "$(value $key "$3")" "$(value $key "$2")")"
	done
	# Boost's tree cannot be read while it is written, so its queries have the processor and the caches to themselves.
	row "p50_us_writing, a writer replacing $(value written_per_s "$2") a second meanwhile" \
		"$(value p50_us_writing "$2")" "$(value p50_us_after "$3") (no writer)" \
		"$(ratio "$(value p50_us_after "$3")" "$(value p50_us_writing "$2")")"
}

compare_join() { # TITLE OURS FILE CUTOFF...
	title=$1 ours=$2 file=$3
	shift 3
	table "$title" "CGAL box_self_intersection_d"
	for cutoff; do
		theirs=$(peer "$cgal" "$data/$file" "$cutoff")
		same join_xor parley "$ours" "CGAL $cutoff" "$theirs"
		row "all pairs, s (cutoff $cutoff)" "$(value join_s "$ours")" "$(value join_s "$theirs")" \
			"$(ratio "$(value join_s "$theirs")" "$(value join_s "$ours")")"
	done
}

printf '## Boxes in space and time\n'

make_file queries.p4d city 100000 2
make_file city6.p4d city 1000000 1
ours=$(run "$data/city6.p4d" "$data/queries.p4d")
spread=$(peer "$boost" spread "$data/city6.p4d" "$data/queries.p4d")
mean=$(peer "$boost" mean "$data/city6.p4d" "$data/queries.p4d")
compare_queries "10^6 volumes, city mix" "$ours" "$spread" "$mean"
rstar=$(peer "$boost" rstar "$data/city6.p4d" "$data/queries.p4d")
compare_churn "Half of 10^6 replaced live" "$ours" "$rstar"
compare_join "All overlapping pairs of 10^6 ($(value join_pairs "$ours"))" "$ours" city6.p4d 10 10000 20000

make_file europe.p4d europe 33000 1
ours=$(run "$data/europe.p4d")
compare_join "A European day: 33,000 flights, $(value n "$ours") boxes, $(value join_pairs "$ours") pairs" "$ours" europe.p4d 10000
row "build and join, s" "$(awk -v a="$(value build_s "$ours")" -v b="$(value join_s "$ours")" 'BEGIN { print a + b }')" "" ""

if [ -n "$large" ]; then
	make_file city7.p4d city 10000000 1
	ours=$(run "$data/city7.p4d" "$data/queries.p4d")
	spread=$(peer "$boost" spread "$data/city7.p4d" "$data/queries.p4d")
	mean=$(peer "$boost" mean "$data/city7.p4d" "$data/queries.p4d")
	compare_queries "10^7 volumes, city mix" "$ours" "$spread" "$mean"
	compare_join "All overlapping pairs of 10^7 ($(value join_pairs "$ours"))" "$ours" city7.p4d 20000
fi

printf '\n### parley as the number of boxes grows\n\n'
printf '| boxes | build, s | bytes a box | query p50, µs | pairs | join, s | remove, µs | insert, µs | p50 after, µs |\n'
printf '|---|---|---|---|---|---|---|---|---|\n'
make_file city5.p4d city 100000 1
make_file city7.p4d city 10000000 1
for size in city5 city6 city7; do
	ours=$(run "$data/$size.p4d" "$data/queries.p4d")
	printf '|'
	for key in n build_s bytes_per_box p50_us join_pairs join_s remove_us insert_us p50_us_after; do
		printf ' %s |' "$(value $key "$ours")"
	done
	printf '\n'
done
