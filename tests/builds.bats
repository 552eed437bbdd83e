#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What flags and paths of a user do to a build. Real builds here are of a few objects, without the fast kernels.
load helpers

# make_in BUILD ARG...: runs make in the checkout, as a user would, without this run's variables.
make_in() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -C "$ROOT" BUILD="$1" "${@:2}"
}

build() {
	make_in "$BATS_TEST_TMPDIR/b" "$@"
}

# object ARG...: makes one object with these arguments.
object() {
	build "$@" "$BATS_TEST_TMPDIR/b/lib/core/error.o"
}

# made COUNT ARG...: making the object compiles so many files.
made() {
	object "${@:2}" >log
	[ "$(grep -c -e ' -c -o ' log)" -eq "$1" ] || { cat log; return 1; }
}

@test "builds: flags that would change the bits of scores are refused" {
	local flag
	for flag in -Ofast -ffast-math '-ffast-math -fno-finite-math-only' -ffinite-math-only; do
		run ! object CFLAGS="-O2 $flag"
		[[ $output == *'change the bits of scores'* ]]
	done
	run ! object CC=gcc CFLAGS=-fsingle-precision-constant
	[[ $output == *'changes the bits of scores'* ]]
	if [ "$(uname -m)" = x86_64 ]; then
		run ! object CC=gcc CFLAGS=-mfpmath=387
		[[ $output == *'float must be computed as float'* ]]
	fi
}

@test "builds: LDFLAGS change neither the bits of scores nor the hardening" {
	local file
	build -n LDFLAGS=-DLINKED all unit "$BATS_TEST_TMPDIR"/b/{bench/bench_train,examples/heartbeats} >made
	grep -e '-DLINKED.* -o ' made >links
	for file in ae-cat libaefilters.so unit/test_opt fuzz/fuzz_csv bench/bench_train examples/heartbeats; do
		grep -q -e "-o $BATS_TEST_TMPDIR/b/$file" links
	done
	run ! grep -v -e '-DLINKED.* -ffp-contract=off .*-fno-unsafe-math-optimizations .*-fstack-protector-strong ' links
	build LDFLAGS=-funsafe-math-optimizations CFLAGS=-O0 "$BATS_TEST_TMPDIR/b/examples/heartbeats"
	nm b/examples/heartbeats >symbols
	run ! grep -q fast_math symbols # what makes the processor read tiny numbers as 0
}

# library BUILD ARG...: the public library made with these arguments, and the program that drives it, as BUILD.driver.
library() {
	make_in "$1" -s KERNELS="$KERNELS" "${@:2}" "$1/libaefilters.a"
	link_driver "$1"
}

link_driver() {
	local libs
	libs=$(sed -n 's/^API_LIBS = //p' "$ROOT/Makefile")
	# shellcheck disable=SC2086 # words are meant
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -I"$ROOT/lib/api" "$ROOT/tests/tools/library.c" "$1/libaefilters.a" $libs -pthread \
		-o "$1.driver"
}

# bits DRIVER: digests of models that it trains, and of reconstructions by the models of the first one, on each instruction set.
bits() {
	local isa i models=(
		'net=dense 64 gelu, dense 9 silu | dense 64 tanh, dense 140 sigmoid;loss=bce;scaler=minmax;optimizer=adamw'
		'net=dense 40 sigmoid, layernorm, dense 9 elu | dense 20 leakyrelu, batchnorm, dense 140;loss=huber'
		'net=conv 8 3x3/2 relu, batchnorm, conv 4 3x3 | convt 4 3x3/2 leakyrelu, conv 1 3x3;shape=14,10,1;optimizer=sgd')
	for isa in $KERNELS; do
		for i in "${!models[@]}"; do
			IFS=';' read -ra settings <<<"${models[i]}"
			AE_ISA=$isa "$1" train trained.aem epochs=2 "${settings[@]}" <rows.csv 2>losses
			[ -e "$isa.$i.aem" ] || cp trained.aem "$isa.$i.aem"
			AE_ISA=$isa "$1" recon "$isa.$i.aem" 1 <rows.csv >outputs
			cksum trained.aem losses outputs
		done
	done
}

@test "builds: neither compiler nor flags change a bit of scores, or of training" {
	local driver
	unsanitized 'its flags are others'
	KERNELS=generic
	grep -qs '^flags.* fma .*avx2' /proc/cpuinfo && KERNELS='generic avx2'
	grep -qs '^flags.* avx512f .*avx512dq .*avx512bw .*avx512vl' /proc/cpuinfo && KERNELS='generic avx2 avx512'
	ecg_synthetic 200 | cut -d, -f1-140 >rows.csv
	ln -s "$AE_BUILD" ours
	link_driver ours
	bits ./ours.driver >expected
	[ "$(sort -u expected | wc -l)" -gt 12 ]
	library "$PWD/plain" CC=gcc CFLAGS=-O0 KERNEL_CFLAGS=-O0
	library "$PWD/gcc" CC=gcc KERNEL_CFLAGS=-Og \
		CFLAGS='-O1 -march=native -funsafe-math-optimizations -frounding-math -ffp-contract=fast'
	library "$PWD/clang" CC=clang KERNEL_CFLAGS=-O1 \
		CFLAGS='-O1 -march=native -funsafe-math-optimizations -ffp-contract=fast'
	for driver in plain gcc clang; do
		bits "./$driver.driver" | diff expected -
	done
}

@test "builds: the vectors of kernels compile for 32-bit ARM, whose NEON has no doubles" {
	clang --target=armv7a-linux-gnueabihf -mfpu=neon-vfpv4 -ffreestanding -std=c11 -Wall -Werror -Wno-unused-function -fsyntax-only \
		-x c "$ROOT/lib/kernels/simd.h"
}

@test "builds: no kernels are lost, and hardening stays, where a user has CPPFLAGS" {
	build -n all CPPFLAGS='-DOWN -D_FORTIFY_SOURCE=2' >made
	build -n all >plain
	grep -q -e '-DOWN.*dispatch.o' made
	[ "$(grep -o -e '-DAE_HAVE_[a-z0-9]*' made)" = "$(grep -o -e '-DAE_HAVE_[a-z0-9]*' plain)" ]
	object CPPFLAGS='-D_FORTIFY_SOURCE=2 -Wdate-time'
	object CPPFLAGS=-D_FORTIFY_SOURCE=2 CFLAGS=-O0
}

@test "builds: other flags make objects anew, the same flags none" {
	made 1
	made 0
	made 1 CFLAGS=-O1
	made 0 CFLAGS=-O1
	made 1 CFLAGS=-O1 CPPFLAGS="-DQUOTED=\"'x'\""
	made 0 CFLAGS=-O1 CPPFLAGS="-DQUOTED=\"'x'\""
	made 1 LDFLAGS=-Wl,-O1
	made 1 KERNEL_CFLAGS=-O2
	made 1 KERNELS=generic
	made 1 CC="${CC:-cc} -pipe"
	made 0 CC="${CC:-cc} -pipe"
}

@test "builds: all that is linked depends on the flags" {
	local target shared
	shared=$(basename "$(realpath "$AE_BUILD/libaefilters.so")")
	object >/dev/null
	for target in ae-cat unit/test_opt bench/bench_train examples/heartbeats libaefilters.a "$shared"; do
		build -n -p "$BATS_TEST_TMPDIR/b/$target" 2>/dev/null | awk -v from="$BATS_TEST_TMPDIR/b/$target" \
			-v to="$BATS_TEST_TMPDIR/b/flags" '
			/^[^#\t ][^=]*:[^=]/ { name = $1; sub(/:$/, "", name); for (i = 2; i <= NF; i++) needs[name] = needs[name] " " $i }
			function reach(at, list, n, i) {
				if (at == to) found = 1
				if (found || at in seen) return
				seen[at]
				n = split(needs[at], list)
				for (i = 1; i <= n; i++) reach(list[i])
			}
			END { reach(from); exit !found }' || { echo "$target"; return 1; }
	done
}

@test "builds: BUILD, DESTDIR and PREFIX may hold spaces and quotes" {
	local name link
	for name in 'a  build' "it's" 'build;(1)'; do
		ln -s "$AE_BUILD" "$name"
		set -- BUILD="$PWD/$name" DESTDIR="$PWD/it's here" PREFIX='/my own'
		build -s -o all "$@" install
		link=$(find "$ROOT" -maxdepth 1 -name '.build-*' -lname "$PWD/$name")
		rm "$link"
		[ "$(ls "it's here/my own")" = "$(printf '%s\n' bin include lib share)" ]
		"it's here/my own/bin/ae-cat" --version
		[ -e "it's here/my own/share/man/man1/ae-cat.1" ]
		grep -qx 'prefix=/my own' "it's here/my own/lib/pkgconfig/aefilters.pc"
		build -s "$@" uninstall
		rm "$link"
		[ -z "$(find "it's here" ! -type d)" ]
	done
	run ! build BUILD= clean
}

@test "builds: a checkout may stand under a name with spaces" {
	mkdir 'my check  out'
	cp -R "$ROOT"/[!b]* "$ROOT"/{bench,.ci,.gitignore} 'my check  out'
	cd 'my check  out'
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s CFLAGS=-O0 build/examples/heartbeats build/lib/core/error.o
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -n test | grep -qF "AE_BUILD='$PWD/build'"
	AE_BUILD=$AE_BUILD bats tests/includes.bats
}
