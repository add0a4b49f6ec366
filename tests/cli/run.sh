#!/bin/bash
# Runs the cases of one .t file; prints TAP. The format is in README.md beside this file.
#   run.sh PARLEY FILE.t
set -u
parley=$(realpath "$1")
cases=$(realpath "$2")
source_dir=$(realpath "$(dirname "$0")/../..")
export DEMO=$source_dir/demo DATA=$source_dir/../shared/data FIXTURES=$source_dir/tests/fixtures
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$parley" "$work/bin/parley"
export PATH=$work/bin:$PATH

number=0 failures=0 name=
reset() {
	command='' status=0 missing='' file=''
	want_out=() want_err=()
}

# matches NAME FILE WANTED…: whether FILE has the lines wanted; says the first difference.
matches() {
	local stream=$1 at=0 i wanted
	local -a lines
	mapfile -t lines <"$2"
	shift 2
	for ((i = 1; i <= $#; i++)); do
		wanted=${!i}
		case $wanted in
		'*'*)
			# Skips lines until the next wanted one fits, or all of them at the end.
			if ((i == $#)); then
				return 0
			fi
			local next=$((i + 1))
			while ((at < ${#lines[@]})) && ! fits "${lines[at]}" "${!next}"; do
				at=$((at + 1))
			done
			continue
			;;
		esac
		if ((at >= ${#lines[@]})); then
			echo "# $stream ends before: ${wanted#?}"
			return 1
		fi
		if ! fits "${lines[at]}" "$wanted"; then
			echo "# $stream line $((at + 1)) is: ${lines[at]}"
			echo "#   expected:   ${wanted#?}"
			return 1
		fi
		at=$((at + 1))
	done
	if ((at < ${#lines[@]})); then
		echo "# $stream goes on with: ${lines[at]}"
		return 1
	fi
}

# fits LINE WANTED: WANTED is "=TEXT" or "~PATTERN".
fits() {
	case $2 in
	=*) [ "$1" = "${2#=}" ] ;;
	*) [[ $1 =~ ^(${2#\~})$ ]] ;;
	esac
}

run_case() {
	[ -n "$name" ] || return 0
	number=$((number + 1))
	if [ -n "$missing" ]; then
		echo "# skip: $missing"
		echo "ok $number # SKIP $name"
		return
	fi
	local got said=''
	(cd "$work/case" && bash -c "$command") </dev/null >"$work/out" 2>"$work/err"
	got=$?
	if [ "$got" -ne "$status" ]; then
		said="# exit status is $got, expected $status"$'\n'$(sed 's/^/# stderr: /' "$work/err" | head -n 20)
	fi
	said+=$'\n'$(matches stdout "$work/out" "${want_out[@]}") || true
	said+=$'\n'$(matches stderr "$work/err" "${want_err[@]}") || true
	said=$(sed '/^$/d' <<<"$said")
	if [ -n "$said" ]; then
		failures=$((failures + 1))
		echo "not ok $number - $name"
		echo "# \$ $command"
		echo "$said"
	else
		echo "ok $number - $name"
	fi
}

# wanted KIND REST: one expectation as "=TEXT", "~PATTERN" or "*".
wanted() {
	case $1 in
	'~ '*) printf '~%s' "${1#\~ }" ;;
	'*'*) printf '*' ;;
	*) printf '=%s' "${1# }" ;;
	esac
}

reset
while IFS= read -r line || [ -n "$line" ]; do
	case $line in
	'' | '#'*) ;;
	'== '*)
		run_case
		reset
		name=${line#== }
		rm -rf "$work/case"
		mkdir "$work/case"
		;;
	'@ '*)
		file=$work/case/${line#@ }
		: >"$file"
		;;
	'| '*) printf '%s\n' "${line#| }" >>"$file" ;;
	'% '*)
		read -r path reason <<<"${line#% }"
		eval "path=$path"
		[ -e "$path" ] || missing=$reason
		;;
	'$ '*) command=${line#\$ } ;;
	'? '*) status=${line#\? } ;;
	'>'*) want_out+=("$(wanted "${line#>}")") ;;
	'!'*) want_err+=("$(wanted "${line#!}")") ;;
	*)
		echo "Bail out! ${cases##*/}: this line is none of the format: $line"
		exit 1
		;;
	esac
done <"$cases"
run_case
echo "1..$number"
[ "$failures" -eq 0 ]
