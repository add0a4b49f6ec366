#!/bin/bash
# The proof files of a log of 70,000 entries, checked by @sigstore/verify (npm, pinned in tests/foreign/), and refused
# after a bit of them, of the checkpoint in them or of an entry is turned.
set -u
source_dir=$2 build_dir=$3
# shellcheck source=tests/foreign/refusals.sh
. "$source_dir/tests/foreign/refusals.sh"

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
	echo "# skip: nodejs or npm is not installed"
	exit 77
fi

# npm ci into the build folder, once for each lock file. Its engines are for newer Node.js than Debian's; the two files
# that are used here run on 18.
modules=$build_dir/foreign/npm
lock=$source_dir/tests/foreign/package-lock.json
if ! cmp -s "$lock" "$modules/installed"; then
	mkdir -p "$modules"
	cp "$lock" "$source_dir/tests/foreign/package.json" "$modules/"
	if ! (cd "$modules" && npm ci --ignore-scripts --no-audit --no-fund --cache "$build_dir/foreign/npm-cache" --fetch-retries 1) >"$work/out" 2>&1; then
		if ! npm ping --fetch-retries 0 >"$work/ping" 2>&1; then
			sed 's/^/# /' "$work/out"
			echo "# skip: npm reaches no registry"
			exit 77
		fi
		tell 1 "npm ci"
		echo "1..1"
		exit 1
	fi
	cp "$lock" "$modules/installed"
fi
check=(node "$source_dir/tests/foreign/check_log.js" "$modules/node_modules")

accepts "the log is made" "$build_dir/tests/make_log" "$work/log"
accepts "the log is accepted" "${check[@]}" "$work/log"
grep -qx '11 proofs' "$work/out"
tell $? "all of it was read: $(cat "$work/out")"

refuses "an entry" tile/entries/256 4 "${check[@]}"
refuses "the last entry" tile/entries/273.p/112 -1 "${check[@]}"
refuses "a proof's hash" proof/65536 60 "${check[@]}"
refuses "the last hash of a proof" proof/69999 300 "${check[@]}"
refuses "a proof's index" proof/4321 32 "${check[@]}"
end=$(grep -abo '^log\.test/line$' "$work/log/proof/4321" | cut -d: -f1)
refuses "the checkpoint's origin" proof/4321 "$end" "${check[@]}"
refuses "the checkpoint's size" proof/4321 $((end + 15)) "${check[@]}"
refuses "the checkpoint's root" proof/4321 $((end + 30)) "${check[@]}"
refuses "the log's signature" proof/4321 $((end + 120)) "${check[@]}"
echo "1..$n"
exit $bad
