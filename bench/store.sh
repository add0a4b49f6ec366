#!/bin/sh
# The store on the disk that the build stands on: bench/store.sh BUILD_DIR. Prints Markdown. Its peer is the disk: a commit
# can take no less than one fdatasync.
set -eu
folder=$(mktemp -d "$1/store-XXXXXX")
trap 'rm -rf "$folder"' EXIT
echo '## The store'
echo
"$1/bench/store_bench" "$folder"
