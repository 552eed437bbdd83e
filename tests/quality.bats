#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the compilers, the sanitizers and valgrind say.
load helpers
load scoring

# sources: a copy of what is built, so that nothing of these builds lies about in the checkout.
sources() {
	cp -r "$ROOT"/{Makefile,lib,filters,tests,examples} . 2>/dev/null
	rm -rf examples/*/out
}

# Builds here take no part of what the caller of make gave it.
build() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -j2 "$@"
}

@test "quality: clang has nothing to warn of" {
	command -v clang >/dev/null || skip 'no clang'
	local flags
	cd "$ROOT"
	# shellcheck disable=SC2016 # make's own variable
	flags=$(make -s --no-print-directory -f Makefile -f <(echo 'print: ; @echo $(WARN)') print)
	[[ $flags == *-Wextra*-Werror* ]]
	# shellcheck disable=SC2086 # several flags
	clang $flags -Wno-psabi -fsyntax-only -Ilib -DAE_KERNELS=ae_kernels_generic lib/*/*.c filters/*.c tests/unit/*.c bench/*.c
	case $(clang -dumpmachine) in
	x86_64*)
		# shellcheck disable=SC2086
		clang $flags -Wno-psabi -fsyntax-only -Ilib -mavx2 -mfma -DAE_KERNELS=ae_kernels_avx2 lib/kernels/*.c
		;;
	esac
}

@test "quality: unit tests and a pipeline under the address and undefined-behaviour sanitizers" {
	local test asan flags='-O0 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined'
	local tests='metrics model msgpack net outfile rng scaler split stream threshold train'
	unsanitized 'all tests look for the same'
	sources
	# Unoptimised and without the kernels' variants, which other tests compare: they take minutes to compile.
	# shellcheck disable=SC2046,SC2086 # several names
	build SANITIZE=1 CFLAGS="$flags" KERNELS=generic BUILD=asan all $(printf ' asan/unit/test_%s' $tests)
	export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0 UBSAN_OPTIONS=print_stacktrace=1
	asan=$PWD/asan
	for test in $tests; do
		"asan/unit/test_$test" >out.txt 2>&1 || {
			tail -n 40 out.txt
			return 1
		}
	done
	ecg_synthetic 200 >beats.csv
	PATH=$asan:$PATH
	ae-split -H --label -1 --test 0.3 --test-out test.aes beats.csv >train.aes
	ae-normalize --fit minmax train.aes | ae-train -q -j 2 --net 140-12-3-12-140 --out sigmoid --epochs 2 -m m.aem
	pipe 'ae-normalize -m m.aem train.aes | ae-recon -m m.aem | ae-err | ae-thresh --fit quantile:0.9 -m m.aem' >/dev/null
	pipe 'ae-normalize -m m.aem test.aes | ae-recon -j 2 -m m.aem | ae-err | ae-thresh -m m.aem |
		ae-metrics --normal 1' >metrics.txt
	grep -q '^rows  *60$' metrics.txt
	pipe 'ae-cat -c --tail 9 --sample 5 test.aes | ae-cat -t --number | ae-cat -I tsv --id id | ae-info --stats' >/dev/null
	# refused input too
	for ((at = 1; at < 900; at += 23)); do
		head -c $at train.aes >cut.aes
		expect_error 1 'cut.aes: *' ae-cat cut.aes
	done
	printf 'a,b\n1,"x\n' >bad.csv
	expect_error 1 'bad.csv: *' ae-cat bad.csv
}

@test "quality: a pipeline under valgrind" {
	command -v valgrind >/dev/null || skip 'no valgrind'
	unsanitized 'valgrind cannot run it'
	ecg_synthetic 60 >beats.csv
	ae-split -H --label -1 --test 0.3 --test-out test.aes beats.csv >train.aes
	ae-normalize --fit minmax train.aes | ae-train -q --net 140-12-3-12-140 --out sigmoid --epochs 1 -m m.aem
	ae-normalize -m m.aem train.aes | ae-recon -m m.aem | ae-err | ae-thresh --fit quantile:0.9 -m m.aem
	cat >v <<-'END'
		exec valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "$@"
	END
	pipe 'sh v ae-normalize -m m.aem test.aes | sh v ae-recon -m m.aem | sh v ae-err | sh v ae-thresh -m m.aem -c' >got.csv
	ae-normalize -m m.aem test.aes | ae-recon -m m.aem | ae-err | ae-thresh -m m.aem -c >wanted.csv
	cut -d, -f1 got.csv | cmp - <(cut -d, -f1 wanted.csv)
	[ "$(rows_of got.csv)" -eq 18 ]
}
