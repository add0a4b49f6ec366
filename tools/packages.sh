# shellcheck shell=bash
# Sourced by ./run, ./test and bench/run: installs the Debian packages that are missing, and says which and why.
# With nothing missing it prints nothing and needs no network.

# need WHY PACKAGE…: remembers the packages of the list that are not installed.
missing=()
need() {
	local why=$1 package list=()
	shift
	for package in "$@"; do
		if ! dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed; then
			list+=("$package")
		fi
	done
	if [ ${#list[@]} -gt 0 ]; then
		echo "parley: $why: ${list[*]}" >&2
		missing+=("${list[@]}")
	fi
}

# install_missing: installs what need() found missing, as root or with sudo; exit status 3 where that fails.
install_missing() {
	[ ${#missing[@]} -gt 0 ] || return 0
	local as_root=()
	if [ "$(id -u)" -ne 0 ]; then
		if ! command -v sudo >/dev/null; then
			echo "parley: the Debian packages named above are missing; install them as root, or install sudo:" >&2
			echo "parley:   apt-get install ${missing[*]}" >&2
			exit 3
		fi
		as_root=(sudo)
	fi
	echo "parley: installing ${#missing[@]} Debian packages with apt-get" >&2
	local log
	log=$(mktemp)
	if ! { "${as_root[@]}" apt-get update &&
		"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
			apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
		cat "$log" >&2
		rm -f "$log"
		echo "parley: apt-get failed; its messages are above" >&2
		exit 3
	fi
	rm -f "$log"
}

need_build() {
	need "to build" build-essential cmake ninja-build pkg-config libjansson-dev zlib1g-dev libssl-dev libsodium-dev \
		libsqlite3-dev libmicrohttpd-dev libgnutls28-dev libcurl4-openssl-dev libcjose-dev
	need "to relate mean sea level to the ellipsoid" proj-data
	need "to verify where keys of the F3548 interface are fetched from (parley serve --dss-jwks)" ca-certificates
}

# build PRESET: configures and builds quietly; all of the output when it fails.
build() {
	local log
	log=$(mktemp)
	if ! { cmake --preset "$1" && cmake --build --preset "$1"; } >"$log" 2>&1; then
		cat "$log" >&2
		rm -f "$log"
		echo "parley: the build of preset $1 failed; its messages are above" >&2
		return 1
	fi
	rm -f "$log"
}
