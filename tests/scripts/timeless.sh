#!/bin/bash
# Nothing below the node reads a clock: the fold cannot depend on time passing, and what is shown gets its `now` from
# whoever asks (picture/picture.h). Looks at what the libraries of these layers call. Prints TAP.
set -u
build_dir=$3
command -v nm >/dev/null || { echo "1..0 # skip: nm is not here"; exit 77; }
n=0 bad=0
for layer in base geo conflict formats record picture line; do
	n=$((n + 1))
	library=$build_dir/libprl_$layer.a
	# As nm has them: "clock_gettime", "__isoc23_...", "time@GLIBC" …
	calls=$(nm -u "$library" 2>/dev/null | awk '$1 == "U" { sub(/@.*/, "", $2); print $2 }' | sort -u)
	clocks=$(grep -xE 'clock(_gettime|_getres|_nanosleep)?|time|times|ftime|gettimeofday|timespec_get|nanosleep|usleep|sleep|timer_.*|alarm' <<<"$calls")
	if [ -n "$calls" ] && [ -z "$clocks" ]; then
		echo "ok $n - layer $layer reads no clock"
	else
		bad=1
		echo "not ok $n - layer $layer reads no clock"
		echo "# ${library##*/}: ${clocks:-nothing could be read of it}"
	fi
done
echo "1..$n"
exit $bad
