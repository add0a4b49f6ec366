#!/bin/bash
# What the documents show is what the program prints: each block ```console of README.md and docs/ is run, in the
# root of the project, and compared. Times taken differ from run to run, and digits beyond the eighth of a fraction from
# compiler to compiler; neither is compared.
set -u
parley=$(realpath "$1") source_dir=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$parley" "$work/bin/parley"
export PATH=$work/bin:$PATH
cd "$source_dir" || exit 1
n=0 bad=0

timeless() { sed -E 's#left out, [0-9.]+ (ms|s)$#left out, T#; s#([0-9]\.[0-9]{8})[0-9]+#\1#g'; }

# check_block DOCUMENT LINE: runs the command of $work/block and compares with the lines after it.
check_block() {
	local command
	command=$(sed -n '1s/^\$ //p' "$work/block")
	command=${command//build\/release\/parley/parley}
	sed 1d "$work/block" | timeless >"$work/expected"
	# shellcheck disable=SC2086
	bash -c "$command" 2>&1 </dev/null | timeless >"$work/got"
	n=$((n + 1))
	if diff "$work/expected" "$work/got" >"$work/diff"; then
		echo "ok $n - $1:$2 $command"
	else
		bad=1
		echo "not ok $n - $1:$2 $command"
		sed 's/^/# /' "$work/diff"
	fi
}

for document in README.md docs/*.md; do
	line=0 begun=0
	while IFS= read -r text; do
		line=$((line + 1))
		if [ "$begun" -eq 0 ] && [ "$text" = '```console' ]; then
			begun=$line
			: >"$work/block"
		elif [ "$begun" -ne 0 ] && [ "$text" = '```' ]; then
			check_block "$document" "$begun"
			begun=0
		elif [ "$begun" -ne 0 ]; then
			printf '%s\n' "$text" >>"$work/block"
		fi
	done <"$document"
done
echo "1..$n"
exit $bad
