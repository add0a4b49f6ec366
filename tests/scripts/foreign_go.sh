#!/bin/bash
# A log of 70,000 entries, its tiles, checkpoints, cosignatures and proofs, checked by golang.org/x/mod/sumdb (Debian's
# golang-golang-x-mod-dev), and refused after a bit of it is turned.
set -u
source_dir=$2 build_dir=$3
# shellcheck source=tests/foreign/refusals.sh
. "$source_dir/tests/foreign/refusals.sh"

modules=/usr/share/gocode
if ! command -v go >/dev/null || [ ! -d "$modules/src/golang.org/x/mod/sumdb" ]; then
	echo "# skip: golang-go or golang-golang-x-mod-dev is not installed"
	exit 77
fi
mkdir -p "$build_dir/foreign"
export GO111MODULE=off GOPATH=$modules GOFLAGS='' GOCACHE=$build_dir/foreign/go-cache
check=$work/check_log

accepts "the verifier is built" go build -o "$check" "$source_dir/tests/foreign/check_log.go"
accepts "the log is made" "$build_dir/tests/make_log" "$work/log"
accepts "the log is accepted" "$check" "$work/log"
grep -qx '70000 entries, 11 proofs, consistent with size 4321' "$work/out"
tell $? "all of it was read: $(cat "$work/out")"

refuses "a hash of a full tile" tile/0/100 4000 "$check"
refuses "a hash of a partial tile" tile/0/273.p/112 40 "$check"
refuses "a hash of a tile of level 1" tile/1/000 8191 "$check"
refuses "a hash of a partial tile of level 1" tile/1/001.p/17 0 "$check"
refuses "the only hash of level 2" tile/2/000.p/1 5 "$check"
refuses "an entry" tile/entries/123 70 "$check"
refuses "an entry's length" tile/entries/124 1 "$check"
refuses "the last entry" tile/entries/273.p/112 -1 "$check"
refuses "the checkpoint's origin" checkpoint 2 "$check"
refuses "the checkpoint's size" checkpoint 16 "$check"
refuses "the checkpoint's root" checkpoint 30 "$check"
refuses "the log's signature" checkpoint 120 "$check"
refuses "the mirror's cosignature" checkpoint -20 "$check"
refuses "the older checkpoint's root" checkpoint.old 30 "$check"
refuses "a proof's hash" proof/65536 60 "$check"
refuses "a proof's index" proof/65536 33 "$check"
echo "1..$n"
exit $bad
