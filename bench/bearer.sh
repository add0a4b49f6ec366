#!/bin/bash
# What it costs to know who calls the F3548 interface: bench/bearer.sh BUILD_DIR. Prints Markdown.
set -eu
"$1/bench/bearer_bench"
