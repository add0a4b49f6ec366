#!/bin/sh
# Polygon against polygon beside GEOS: bench/footprints.sh BUILD_DIR, built with the bench preset. Prints Markdown.
set -eu
echo '## Polygon against polygon, 8 vertices, exact'
echo
echo '```'
"$1/bench/footprint_bench"
echo '```'
