#!/bin/bash
# A million live notices in the picture: bench/notices.sh BUILD_DIR, built with the bench preset. Prints Markdown.
set -eu
echo '## A million live notices'
echo
"$1/bench/notices_bench"
