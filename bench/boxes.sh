#!/bin/sh
# The box index beside its peers, in one run on this machine: bench/boxes.sh [--large] [--scale]
#
# Needs the bench preset built (cmake --preset bench && cmake --build --preset bench). Writes workload files to
# build/bench/data, runs parley, Boost.Geometry and CGAL on each, one after another, compares the digests of their
# answers (and fails loudly where they differ), and prints tables for docs/benchmarks.md.
#   --large  adds the peers on 10^7 boxes: ten minutes and 3 GB
#   --scale  adds parley alone on 10^7 boxes
# Ratios are peer / parley, for queries a second parley / peer: above 1 parley is better.
set -eu
cd "$(dirname "$0")/.."
build=build/bench
data=$build/data
gen=$build/bench/gen_boxes_bench
boost=$build/bench/peer_boost
cgal=$build/bench/peer_cgal
parley=${PARLEY:-$build/parley bench boxes}
large=no scale=no
for option; do
	case $option in
	--large) large=yes scale=yes ;;
	--scale) scale=yes ;;
	*) sed -n '2,11s/^# \{0,1\}//p' "$0"; exit 2 ;;
	esac
done

mkdir -p "$data"
make_file() { # FILE KIND COUNT SEED
	[ -s "$data/$1" ] || { "$gen" "$2" "$3" "$4" > "$data/$1.new" && mv "$data/$1.new" "$data/$1"; }
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

head() { # TITLE PEER
	printf '\n%s\n\n| | parley | %s | ratio |\n|---|---|---|---|\n' "$1" "$2"
}

compare_queries() { # TITLE OURS PACKED
	same hits_xor parley "$2" "Boost packed" "$3"
	head "$1" "Boost.Geometry packed, scaled axes"
	row "query p50, µs" "$(value p50_us "$2")" "$(value p50_us "$3")" "$(ratio "$(value p50_us "$3")" "$(value p50_us "$2")")"
	row "query p99, µs" "$(value p99_us "$2")" "$(value p99_us "$3")" "$(ratio "$(value p99_us "$3")" "$(value p99_us "$2")")"
	row "queries/s" "$(value queries_per_s "$2")" "$(value queries_per_s "$3")" \
		"$(ratio "$(value queries_per_s "$2")" "$(value queries_per_s "$3")")"
	row "bytes a box" "$(value bytes_per_box "$2")" "$(value bytes_per_box "$3")" \
		"$(ratio "$(value bytes_per_box "$3")" "$(value bytes_per_box "$2")")"
	row "build, s" "$(value build_s "$2")" "$(value build_s "$3")" "$(ratio "$(value build_s "$3")" "$(value build_s "$2")")"
}

compare_churn() { # TITLE OURS RSTAR
	same hits_xor parley "$2" "Boost rstar" "$3"
	same hits_xor_after parley "$2" "Boost rstar" "$3"
	head "$1" "Boost.Geometry rstar<16>, incremental"
	for key in remove_us insert_us p50_us_after; do
		row "$key" "$(value $key "$2")" "$(value $key "$3")" "$(ratio "$(value $key "$3")" "$(value $key "$2")")"
	done
}

compare_join() { # TITLE OURS FILE CUTOFF...
	title=$1 ours=$2 file=$3
	shift 3
	head "$title" "CGAL box_self_intersection_d"
	for cutoff; do
		theirs=$("$cgal" "$data/$file" "$cutoff")
		same join_xor parley "$ours" "CGAL $cutoff" "$theirs"
		row "all pairs, s (cutoff $cutoff)" "$(value join_s "$ours")" "$(value join_s "$theirs")" \
			"$(ratio "$(value join_s "$theirs")" "$(value join_s "$ours")")"
	done
}

printf 'Machine: %s, %s cores, %s\n' "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | sed -n 1p)" "$(nproc)" "$(date -u +%F)"

make_file queries.p4d city 100000 2
make_file city6.p4d city 1000000 1
ours=$($parley "$data/city6.p4d" "$data/queries.p4d")
packed=$("$boost" packed "$data/city6.p4d" "$data/queries.p4d")
compare_queries "10^6 volumes, city mix" "$ours" "$packed"
rstar=$("$boost" rstar "$data/city6.p4d" "$data/queries.p4d")
compare_churn "Half of 10^6 replaced live" "$ours" "$rstar"
compare_join "All overlapping pairs of 10^6 ($(value join_pairs "$ours"))" "$ours" city6.p4d 10 10000 20000

make_file europe.p4d europe 33000 1
ours=$($parley "$data/europe.p4d")
compare_join "A European day: 33,000 flights, $(value n "$ours") boxes, $(value join_pairs "$ours") pairs" "$ours" europe.p4d 10000
row "build and join, s" "$(awk -v a="$(value build_s "$ours")" -v b="$(value join_s "$ours")" 'BEGIN { print a + b }')" "" ""

if [ $large = yes ]; then
	make_file city7.p4d city 10000000 1
	ours=$($parley "$data/city7.p4d" "$data/queries.p4d")
	packed=$("$boost" packed "$data/city7.p4d" "$data/queries.p4d")
	compare_queries "10^7 volumes, city mix" "$ours" "$packed"
	compare_join "All overlapping pairs of 10^7 ($(value join_pairs "$ours"))" "$ours" city7.p4d 20000
fi

printf '\nparley as the number of boxes grows\n\n'
printf '| boxes | build, s | bytes a box | query p50, µs | pairs | join, s | remove, µs | insert, µs | p50 after, µs |\n'
printf '|---|---|---|---|---|---|---|---|---|\n'
make_file city5.p4d city 100000 1
sizes="city5 city6"
[ $scale = no ] || { make_file city7.p4d city 10000000 1; sizes="$sizes city7"; }
for size in $sizes; do
	ours=$($parley "$data/$size.p4d" "$data/queries.p4d")
	printf '|'
	for key in n build_s bytes_per_box p50_us join_pairs join_s remove_us insert_us p50_us_after; do
		printf ' %s |' "$(value $key "$ours")"
	done
	printf '\n'
done
