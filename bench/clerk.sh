#!/bin/sh
# Entries a second, durable, in one process: bench/clerk.sh BUILD_DIR. Prints Markdown.
set -eu
folder=$(mktemp -d ./clerk-bench.XXXXXX)
trap 'rm -rf "$folder"' EXIT
echo '## Durable entries'
echo
echo 'Clerk, committer and store in one process with two threads that file; an answer means one checkpoint and one fsync'
echo 'over it. Signed ones are verified by the threads that file.'
echo
"$1/bench/clerk_bench" "$folder"
