#!/bin/sh
# A filing among 10^6 live notices: bench/line.sh BUILD_DIR. Prints Markdown.
set -eu
folder=$(mktemp -d ./line-bench.XXXXXX)
trap 'rm -rf "$folder"' EXIT
echo '## A filing among 10^6 live notices'
echo
echo 'One node in one process, with the threads that file; an answer means that the overlaps with all live notices are'
echo 'found and recorded, and one checkpoint and one fsync are over it. Filings come at their times whether or not those'
echo 'before are answered, and are timed from then.'
echo
"$1/bench/line_bench" "$folder"
