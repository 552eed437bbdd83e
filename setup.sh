#!/bin/sh
# SPDX-License-Identifier: MIT
# Installs what building and running need from Debian's packages, with --test what the tests need as well, and with
# --bench the peers of make bench.
# Only what is missing is installed, and nothing else is touched.
set -eu

build='gcc libc6-dev make libopenblas-dev libcsv-dev libyajl-dev libmsgpack-dev libdeflate-dev libmd-dev'
tests='bats time valgrind mandoc shellcheck cppcheck clang libclang-rt-dev clang-format gnuplot-nox parallel miller jq
	dataset-fashion-mnist libjpeg-turbo-progs netpbm sox pkgconf git locales musl-tools
	tidy python3-html5lib python3 python3-numpy python3-pandas python3-msgpack python3-msgpack-numpy python3-sklearn
	curl kcat mosquitto-clients redis-tools systemd-journal-remote'
# Chromium, in which tests/ae-report.bats looks at a page where it is there, takes 350 MB and is left out.
# tests/live.bats starts these by itself, on ports of its own; 70 MB with what they need.
servers='mosquitto redis-server prometheus-node-exporter prometheus-alertmanager'
peers='g++ libdnnl-dev miller python3 python3-pandas python3-sklearn python3-torch python3-onnx python3-msgpack'
command -v npm >/dev/null || peers="$peers nodejs npm"

case $#$* in
0) wanted=$build ;;
1--bench) wanted="$build $peers" ;;
1--test)
	wanted="$build $tests"
	if [ -d /run/systemd/system ]; then
		echo "setup.sh: left out, since systemd would start them: $servers; tests that lack them are skipped"
	else
		wanted="$wanted $servers"
	fi
	;;
*)
	echo 'usage: setup.sh [--test | --bench]' >&2
	exit 2
	;;
esac

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
	echo "setup.sh: no apt-get here; install what your system calls these: $wanted" >&2
	exit 1
fi

missing=
for package in $wanted; do
	# shellcheck disable=SC2016 # ${Status} is dpkg-query's
	case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
	*' installed') ;;
	*) missing="$missing $package" ;;
	esac
done
if [ -z "$missing" ]; then
	echo 'setup.sh: everything is installed already'
	exit 0
fi

if [ "$(id -u)" -eq 0 ]; then
	as_root='env'
elif command -v sudo >/dev/null; then
	as_root='sudo env'
else
	echo "setup.sh: neither root nor sudo; have somebody install:$missing" >&2
	exit 1
fi

# Nor does another init start them.
policy=/usr/sbin/policy-rc.d
if [ "$*" = --test ] && [ ! -e $policy ]; then
	trap '$as_root rm $policy' EXIT
	printf '%s\n' '#!/bin/sh' 'exit 101' | $as_root tee $policy >/dev/null
	$as_root chmod 755 $policy
fi

echo "setup.sh: installing$missing"
# shellcheck disable=SC2086 # lists of words
{
	$as_root DEBIAN_FRONTEND=noninteractive apt-get update -qq
	$as_root DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends $missing
}
