# shellcheck shell=bash
# Sourced by tests/scripts/foreign_*.sh: makes a log with make_log, lets a foreign verifier check it, then again with a
# byte of one file changed, which it must refuse. TAP on stdout.

# turn FILE OFFSET: turns the lowest bit of the byte at OFFSET (from the end where it is negative). The file may be a
# hard link.
turn() {
	local file=$1 offset=$2 byte
	[ "$offset" -ge 0 ] || offset=$(($(stat -c %s "$file") + offset))
	byte=$(od -An -tu1 -j "$offset" -N 1 "$file") || return 1
	cp "$file" "$file.new" || return 1
	# shellcheck disable=SC2059
	printf "\\x$(printf %02x $((byte ^ 1)))" |
		dd of="$file.new" bs=1 seek="$offset" conv=notrunc status=none || return 1
	mv "$file.new" "$file"
}

n=0
# shellcheck disable=SC2034
bad=0
tell() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		# shellcheck disable=SC2034
		bad=1
		echo "not ok $n - $2"
		sed 's/^/# /' "$work/out"
	fi
}

# accepts WHAT COMMAND…
accepts() {
	local what=$1
	shift
	"$@" >"$work/out" 2>&1
	tell $? "$what"
}

# refuses WHAT FILE OFFSET COMMAND…: the command is given a copy of the log after its own arguments. It must fail by
# itself (status 1), not crash.
refuses() {
	local what=$1 file=$2 offset=$3
	shift 3
	rm -rf "$work/changed"
	if ! { cp -al "$work/log" "$work/changed" && turn "$work/changed/$file" "$offset"; } >"$work/out" 2>&1; then
		tell 1 "$what: could not be changed"
		return
	fi
	"$@" "$work/changed" >"$work/out" 2>&1
	[ $? -eq 1 ] && grep -q '^[a-z_ 0-9]*: ' "$work/out"
	tell $? "$what is refused: $(head -n 1 "$work/out")"
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
