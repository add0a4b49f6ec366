# Reads `ctest -V` and counts single tests. A program prints TAP: "ok N - name", "not ok N - name", "# SKIP name" in
# the line of a skipped one (cmocka writes "not ok 2 # SKIP name") after a line "# skip: reason". A program that ends
# badly without a line "not ok" (it crashed, or hung) counts as one failed, and so does one that ends before all tests
# of its plan "1..N" were run. A program that prints no TAP is one test. Shows a line for each program and all that a
# failed one printed; ends with the totals.

function reason_of(n) { return n in why ? why[n] : "no reason given" }

# "17: text" is a line that test 17 printed.
match($0, /^ *[0-9]+: ?/) {
	n = substr($0, RSTART, RLENGTH)
	gsub(/[^0-9]/, "", n)
	line = substr($0, RLENGTH + 1)
	if (line ~ /^(Test command|Working Directory|Test timeout computed|Environment variables|  *(CMOCKA_|UBSAN_)[A-Z_]*=)/)
		next
	printed[n] = printed[n] "    " line "\n"
	if (match(line, /^1\.\.[0-9]+/))
		planned[n] += substr(line, 4, RLENGTH - 3)
	else if (line ~ /^# [sS]kip:/)
		why[n] = substr(line, 9)
	else if (line ~ /^(not )?ok .*# SKIP/) {
		skipped[n]++
		what = line
		sub(/.*# SKIP */, "", what)
		skips[++skip_count] = reason_of(n) "\t" what
		skip_test[skip_count] = n
	} else if (line ~ /^not ok /)
		failed[n]++
	else if (line ~ /^ok /)
		passed[n]++
	next
}

# " 3/40 Test  #3: geo/distance ......   Passed    0.01 sec"
match($0, /^ *[0-9]+\/[0-9]+ +Test +#[0-9]+: /) {
	n = substr($0, RSTART, RLENGTH)
	sub(/.*#/, "", n)
	sub(/:.*/, "", n)
	rest = substr($0, RSTART + RLENGTH)
	count = split(rest, words, " ")
	name[n] = words[1]
	seconds = words[count - 1]
	good = rest ~ /  Passed /
	told = passed[n] + failed[n] + skipped[n]
	if (rest ~ /\*\*\*Skipped/) {
		if (!skipped[n]) {
			skipped[n] = 1
			skips[++skip_count] = reason_of(n) "\t"
			skip_test[skip_count] = n
		}
		good = 1
	} else if (good && told == 0)
		passed[n] = 1
	else if (good && told < planned[n]) {
		failed[n]++
		printed[n] = printed[n] "    only " told " of " planned[n] " tests were run\n"
	}
	if (!good && !failed[n])
		failed[n]++
	if (failed[n])
		good = 0
	total_passed += passed[n]
	total_failed += failed[n]
	total_skipped += skipped[n]
	counts = passed[n] + 0 " passed"
	if (failed[n])
		counts = counts ", " failed[n] " failed"
	if (skipped[n])
		counts = counts ", " skipped[n] " skipped"
	printf "%-4s %-28s %8s s  %s\n", good ? "ok" : "FAIL", name[n], seconds, counts
	if (!good)
		printf "%s", printed[n]
	fflush()
	next
}

/^No tests were found|^CMake Error|^Unable to find executable/ {
	print
	total_failed++
}

END {
	for (i = 1; i <= skip_count; i++) {
		split(skips[i], part, "\t")
		print "skipped: " name[skip_test[i]] (part[2] != "" ? " " part[2] : "") ": " part[1]
	}
	line = total_passed + 0 " passed, " total_failed + 0 " failed"
	if (total_skipped)
		line = line ", " total_skipped " skipped"
	print line
	exit total_failed || !total_passed
}
