#!/bin/sh
# Well clear, a batch of 1,000,000 pairs: bench/wellclear.sh BUILD_DIR. Prints Markdown. No Debian package computes it,
# so that there is no peer; the goal is 35 ns a pair with both times.
set -eu
echo '## Well clear'
echo
echo '| DO-365 TAUMOD, 1,000,000 random pairs, both times, one thread | ns a pair |'
echo '|---|---|'
echo "| parley | $("$1/parley" bench --count 1000000 | tail -n 1) |"
