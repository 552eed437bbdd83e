#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# CONTRIBUTING.md, followed to the letter in a copy of the tree: what it says to write compiles, passes and works.
load helpers

# follow HEADING: does what the recipe says. A block below a line "`FILE`:" is a new file; a diff has, for each "--- FILE",
# lines to find (" "), to find and take out ("-"), and to put after them ("+"); other blocks are commands.
follow() {
	local kind
	rm -rf "$BATS_TEST_TMPDIR/blocks"
	mkdir "$BATS_TEST_TMPDIR/blocks"
	awk -v heading="## $1" -v to="$BATS_TEST_TMPDIR/blocks" '
		/^## / { inside = $0 == heading }
		!inside { next }
		/^```/ && !fenced { fenced = 1; kind = substr($0, 4); n++; print file ? file : kind > (to "/" n ".kind"); next }
		/^```/ { fenced = 0; file = ""; next }
		fenced { print > (to "/" n ".text"); next }
		/^`[^`]*`:$/ { file = substr($0, 2, length($0) - 3); next }' CONTRIBUTING.md
	for kind in "$BATS_TEST_TMPDIR"/blocks/*.kind; do
		case $(<"$kind") in
		diff) edit "${kind%.kind}.text" || return ;;
		sh) bash -e "${kind%.kind}.text" || return ;;
		*) cp "${kind%.kind}.text" "$(<"$kind")" || return ;;
		esac
	done
}

# edit DIFF: each group of " " and "-" lines stands in the file once; the "+" lines go after it.
edit() {
	local file files
	mapfile -t files < <(sed -n 's/^--- //p' "$1" | sort -u)
	for file in "${files[@]}"; do
		awk -v file="$file" '
			FNR == NR {
				if (/^--- /) { here = $2 == file; before = 0; next }
				if (!here) next
				if (!/^\+/ && !before) { groups++; before = 1 }
				if (/^\+/) { before = 0; added[groups] = added[groups] substr($0, 2) "\n"; next }
				find[groups] = find[groups] substr($0, 2) "\n"
				if (/^ /) kept[groups] = kept[groups] substr($0, 2) "\n"
				next
			}
			{ text = text $0 "\n" }
			END {
				for (i = 1; i <= groups; i++) {
					at = index("\n" text, "\n" find[i])
					if (!at) { print "not in " file ":\n" find[i] > "/dev/stderr"; exit 1 }
					text = substr(text, 1, at - 1) kept[i] added[i] substr(text, at + length(find[i]))
				}
				printf "%s", text
			}' "$1" "$file" >"$file.new" || return
		mv "$file.new" "$file"
	done
}

# Unoptimised and without the kernels' variants, which would take minutes.
build() {
	env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -j2 BUILD=build KERNELS=generic CFLAGS=-O0 KERNEL_CFLAGS= "$@"
}

@test "contributing: every recipe of the page, followed in a copy of the tree" {
	local recipe
	cp -r "$ROOT"/{Makefile,CONTRIBUTING.md,lib,filters,man,tests,examples} .
	for recipe in 'A filter' 'A layer' 'An activation' 'A loss' 'An optimiser' 'A format' 'A chart kind' 'A metric'; do
		follow "$recipe"
	done
	build all build/unit/test_gradients build/examples/heartbeats
	for recipe in gain softsign quartic; do
		build/unit/test_gradients $recipe >out.txt || { cat out.txt && false; }
		grep -q "^ok - .*$recipe" out.txt
	done
	# What the recipes say to run, in the copy; the programs that are as they were are the optimised ones.
	mkdir programs
	ln -s "$AE_BUILD"/* programs
	ln -sf "$PWD/build/ae-abs" programs
	AE_BUILD=$PWD/programs bats tests/ae-abs.bats
	AE_BUILD=$PWD/build bats -f 'lint|every option|every word|every program has' tests/man.bats
	bats -f 'every program' tests/faults.bats
	AE_BUILD=$PWD/programs python3 tests/tools/faults.py --only ae-abs --faults 40 --kills 0 faults
	PATH=$PWD/build:$PATH
	[ "$(printf '\001\002\377\000' | ae-cat -I bytes --shape 2 -c)" = $'x.1,x.2\n1,2\n255,0' ]
	expect_error 1 '<stdin>: the last row has 1 bytes, not 2' ae-cat -I bytes --shape 2 < <(printf '\001\002\003')
	printf 'a,b,recon.a,recon.b\n1,2,2,1\n1,2,2,4\n' | ae-err -c --metric bias >bias.csv
	[ "$(<bias.csv)" = $'err\n0\n1.5' ]
	printf 'a,b\n1,2\n3,4\n' >rows.csv
	ae-train -q --net 'dense 2 gain softsign | dense 2' --loss quartic --optimizer nesterov --epochs 2 -m m.aem rows.csv
	ae-recon -m m.aem rows.csv | ae-err >e.aes
	if command -v gnuplot >/dev/null; then
		ae-plot trend -o trend.txt e.aes
		[ "$(grep -c . trend.txt)" -gt 2 ]
	fi
	if command -v clang-format >/dev/null; then
		cp "$ROOT/.clang-format" .
		clang-format --dry-run -Werror filters/ae-abs.c lib/net/layer_gain.c lib/io/bytes.c lib/plot/chart_trend.c
	fi
}
