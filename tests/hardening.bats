#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The binaries are hardened, whatever CFLAGS a user gives.
load helpers

setup() {
	helpers_setup
	command -v readelf >/dev/null || skip 'no readelf (Debian: binutils)'
	unsanitized 'it has no FORTIFY_SOURCE'
}

# dry TARGET ARG...: what make would run for it in an empty folder.
dry() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$ROOT" -n BUILD="$BATS_TEST_TMPDIR/b" "${@:2}" "$1"
}

@test "hardening: programs are position-independent, bound at start, with a stack that nothing runs on" {
	local program
	for program in "$ROOT"/filters/*.c; do
		program=$AE_BUILD/$(basename "$program" .c)
		readelf -hW "$program" | grep -q 'Type: *DYN'
		readelf -dW "$program" | grep -q 'FLAGS.*BIND_NOW'
		readelf -lW "$program" | grep -q GNU_RELRO
		readelf -lW "$program" | grep 'GNU_STACK' | grep -q ' RW '
	done
	readelf -dW "$AE_BUILD/libaefilters.so" | grep -q 'FLAGS.*BIND_NOW'
	readelf -lW "$AE_BUILD/libaefilters.so" | grep -q GNU_RELRO
}

@test "hardening: the stack protector and the checks of FORTIFY_SOURCE are compiled in" {
	nm -D "$AE_BUILD/ae-train" >symbols
	grep -q ' U __stack_chk_fail' symbols
	grep -qE ' U __(mem|str|sn|f|v)[a-z]*_chk' symbols
}

# for_cet FILE...: all are marked for it.
for_cet() {
	local file
	for file; do
		readelf -nW "$file" | grep -q 'IBT, SHSTK' || { echo "not for CET: $file"; return 1; }
	done
}

@test "hardening: every object is for CET, and so are the programs where the start files of the C library are" {
	[ "$(uname -m)" = x86_64 ] || skip 'CET is of x86-64'
	mapfile -t objects < <(find "$AE_BUILD/lib" -name '*.o')
	[ "${#objects[@]}" -gt 100 ]
	for_cet "${objects[@]}"
	if for_cet "$("${CC:-cc}" -print-file-name=crti.o)"; then
		for_cet "$AE_BUILD/ae-cat" "$AE_BUILD/libaefilters.so"
	fi
}

@test "hardening: CFLAGS and LDFLAGS of a user do not take it away" {
	dry all CFLAGS='-O1 -fno-stack-protector -D_FORTIFY_SOURCE=0 -fcf-protection=none' \
		LDFLAGS='-no-pie -fno-stack-protector -Wl,-z,norelro' >made
	grep -e ' -c -o [^ ]*csv.o' made >object
	grep -q -e '-fno-stack-protector.* -fstack-protector-strong' object
	grep -q -e '-D_FORTIFY_SOURCE=0.* -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3' object
	grep -e ' -o [^ ]*/ae-cat ' made | grep -q -e '-no-pie -fno-stack-protector .* -fstack-protector-strong .*-fPIE -pie -Wl,-z,relro,-z,now'
	# with -no-pie behind it, -shared would be a program without main
	grep -e ' -o [^ ]*/libaefilters.so' made | grep -q -e '-no-pie .*-shared .*-Wl,-z,relro,-z,now'
	# without an optimising compiler FORTIFY_SOURCE is only a warning
	dry all CFLAGS=-O0 | grep -e ' -c -o [^ ]*csv.o' >object
	run -1 grep -q -e -D_FORTIFY object
}
