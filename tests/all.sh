#!/bin/bash
# Runs the tests of a build folder with ctest and counts the single tests in what they print.
#   tests/all.sh BUILD_DIR [NAME]    everything that was printed is in BUILD_DIR/tests.log
set -u
build=$1
name=${2:-}
here=$(dirname "$0")

export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1}
ctest --test-dir "$build" -V -j "$(nproc)" ${name:+-R "$name"} 2>&1 |
	tee "$build/tests.log" | awk -f "$here/count.awk"
