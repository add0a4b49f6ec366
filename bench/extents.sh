#!/bin/sh
# What an F3548 extent costs to read, to prepare, to compare: bench/extents.sh BUILD_DIR, built with the bench preset. Prints
# Markdown.
set -eu
echo '## Extents of F3548, one volume'
echo
echo '```'
"$1/bench/extent_bench"
echo '```'
