# SPDX-License-Identifier: MIT
# The manual pages: free of lint, complete in their options, and true in their examples.
load helpers

pages() {
	printf '%s\n' "$ROOT"/man/*.[1357]
}

# The folder in which the examples run: 500 beats, a log of 400 rows, and 12 later rows of which the last three are bad.
example_data() {
	ecg_synthetic 500 >ecg.csv
	awk -f "$ROOT/tests/sensors.awk" >sensors.csv
	awk -v first=400 -v rows=12 -v faulty=3 -f "$ROOT/tests/sensors.awk" >live.csv
}

examples() {
	example_data
	"$ROOT/tests/run-examples" "$@"
}

# Puts a python3 that has msgpack first in PATH, or skips the test.
need_python_msgpack() {
	local python
	for python in python3 /usr/bin/python3; do
		if "$python" -c 'import msgpack' 2>/dev/null; then
			mkdir bin
			ln -s "$(command -v "$python")" bin/python3
			PATH=$PWD/bin:$PATH
			return
		fi
	done
	skip "no python3 that has msgpack (Debian: python3-msgpack)"
}

# The options of a page's OPTIONS section: "-m, --model FILE".
options_of_page() {
	awk '
		/^\.Sh / { inside = $2 == "OPTIONS" }
		inside && /^\.It Fl / {
			sub(/^\.It /, "")
			gsub(/Fl /, "-"); gsub(/ ,/, ","); gsub(/(Ar|Cm) /, ""); gsub(/ Ns /, "")
			print
		}' "$1" | sort
}

options_of_help() {
	"$1" --help | sed -n 's/^  \( *-.*\)/\1/p' | sed 's/^ *//; s/  .*//' | sort
}

@test "man: every program has a page, and every page a program or a format" {
	for source in "$ROOT"/filters/*.c; do
		name=$(basename "$source" .c)
		[ -e "$ROOT/man/$name.1" ]
	done
	for page in "$ROOT"/man/*.1; do
		[ -e "$ROOT/filters/$(basename "$page" .1).c" ]
	done
	[ -e "$ROOT/man/aefilters.7" ]
	[ -e "$ROOT/man/ae-stream.5" ]
	[ -e "$ROOT/man/ae-model.5" ]
}

@test "man: lint" {
	command -v mandoc >/dev/null || skip "no mandoc"
	mapfile -t all < <(pages)
	# Style too, but whether pages that are not installed are found says nothing.
	lint=$(mandoc -T lint -W style "${all[@]}" 2>/dev/null | grep -v -e 'referenced manual not found' | grep .) || true
	echo "$lint"
	[ -z "$lint" ]
	# Nor may a page refer to one of ours that does not exist.
	sed -n 's/^\.Xr \(ae[^ ]*\) \([1357]\).*/\1.\2/p' "${all[@]}" | sort -u | while read -r name; do
		[ -e "$ROOT/man/$name" ]
	done
}

@test "man: every option of --help is on the page, and no other" {
	for page in "$ROOT"/man/*.1; do
		name=$(basename "$page" .1)
		options_of_help "$name" >in-help
		options_of_page "$page" >in-page
		[ "$(wc -l <in-help)" -gt 10 ]
		[[ $("$name" --help) != *'[]'* ]]
		diff -u --label "$name --help" --label "$name.1" in-help in-page
	done
}

# The options whose argument is a word of a table: "-I", "--loss".
options_with_words() {
	cat "$ROOT"/lib/cli/opt.h "$ROOT"/filters/*.c | tr '\n' ' ' |
		grep -oE "AE_(WORD|RENAMED)\\(\\s*(NULL, '.'|\"[a-z-]+\")" | sed -n "s/.*'\(.\)'\$/-\1/p; s/.*\"\(.*\)\"\$/--\1/p" | sort -u
}

# words_of_help PROGRAM OPTION: the words that --help lists for it, a line each, without their arguments.
words_of_help() {
	"$1" --help | grep -E -- "^  .*$2 [A-Z]" | grep -oE '([^ ,]+, )*[^ ,]+ or [^ ,;]+' | sed 's/, \| or /\n/g' | sed 's/[:[].*//'
}

# words_of_page PROGRAM OPTION: the words that the page has where it describes the option, or, if it refers to another place
# there, anywhere on that page.
words_of_page() {
	local item page=$ROOT/man/$1.1 other
	item=$(awk -v option="${2#-}" '
		/^\.(It Fl|S[hs]) / { inside = 0 }
		/^\.It Fl / { for (i = 3; i <= NF; i++) if ($i == option) inside = 1 }
		inside' "$page")
	other=$(sed -n "s|^\.Xr \(ae-[a-z]*\) 1.*|$ROOT/man/\1.1|p; s|^\.Sx .*|$page|p" <<<"$item" | head -n 1)
	if [ -n "$other" ]; then cat "$other"; else echo "$item"; fi | awk '/^\./ {
		cm = 0
		for (i = 1; i <= NF; i++) {
			if ($i ~ /^\.?Cm$/) cm = 1
			else if ($i ~ /^\.?[A-Z][a-z]$/) cm = 0
			else if (cm && $i ~ /^[a-z0-9]/) {
				print $i
				if (sub(/:.*/, "", $i)) print $i
			}
		}
	}'
}

@test "man: every word that --help lists for an option is on the page" {
	local option program word found=0
	[ "$(options_with_words | wc -l)" -ge 10 ]
	for option in $(options_with_words); do
		for page in "$ROOT"/man/*.1; do
			program=$(basename "$page" .1)
			"$program" --help | grep -qE -- "^  .*$option [A-Z]" || continue
			words_of_page "$program" "$option" >in-page
			for word in $(words_of_help "$program" "$option"); do
				found=$((found + 1))
				grep -qx -- "$word" in-page || {
					echo "$program.1: $option: $word"
					return 1
				}
			done
		done
	done
	[ "$found" -gt 150 ]
}

@test "man: aefilters(7) has the options that all programs share" {
	options_of_page "$ROOT/man/aefilters.7" >shared
	for page in "$ROOT"/man/*.1; do
		awk '/^\.Ss (Input|Output|Common)$/ { shared = 1 } /^\.Sh/ || (/^\.Ss/ && !/ (Input|Output|Common)$/) { shared = 0 }
			shared && /^\.It Fl / {
				sub(/^\.It /, "")
				gsub(/Fl /, "-"); gsub(/ ,/, ","); gsub(/(Ar|Cm) /, ""); gsub(/ Ns /, "")
				print
			}' "$page"
	done | sort -u >used
	diff -u shared used
}

# Pages whose examples need more than the programs.
needs_gnuplot='ae-plot ae-report'

@test "man: the examples of every program's page" {
	local page name ran=''
	example_data
	for page in "$ROOT"/man/*.1; do
		name=$(basename "$page" .1)
		[[ " $needs_gnuplot " != *" $name "* ]] || continue
		mkdir "in-$name"
		cp ./*.csv "in-$name"
		(cd "in-$name" && "$ROOT/tests/run-examples" "$page") || {
			echo "examples of $name"
			return 1
		}
		ran+=" $name"
	done
	[ "$(wc -w <<<"$ran")" -ge 12 ]
}

@test "man: examples of ae-plot" {
	command -v gnuplot >/dev/null || skip "no gnuplot (Debian: gnuplot-nox)"
	examples "$ROOT/man/ae-plot.1"
}

@test "man: examples of ae-report" {
	command -v gnuplot >/dev/null || skip "no gnuplot (Debian: gnuplot-nox)"
	examples "$ROOT/man/ae-report.1"
	tail -n 1 report.html | grep -qx '</html>'
}

@test "man: examples of the library" {
	command -v pkg-config >/dev/null || skip "no pkg-config"
	make -s -C "$ROOT" -o all install BUILD="$AE_BUILD" DESTDIR="$PWD/dest" PREFIX=/usr
	export PKG_CONFIG_SYSROOT_DIR=$PWD/dest PKG_CONFIG_PATH=$PWD/dest/usr/lib/pkgconfig LD_LIBRARY_PATH=$PWD/dest/usr/lib
	sed -i "/^Libs:/s/\$/ $(runtime)/" dest/usr/lib/pkgconfig/aefilters.pc
	examples "$ROOT/man/aefilters.3"
	ae-train -q -H --net 2-1-2 -m m.aem <<<$'1,2\n3,4'
	ae-recon -m m.aem -H <<<$'1,2\n3,4' | ae-err | ae-thresh --fit fixed:10 -m m.aem >fit.txt
	printf '1,2\n100,4\n' | ae-cat -H -O npy | tail -c 32 | ./alarm m.aem | grep -qE '^row 2: [0-9.]+$'
}

@test "man: examples of ae-model" {
	examples "$ROOT/man/ae-model.5"
}

@test "man: examples of aefilters" {
	examples "$ROOT/man/aefilters.7"
}

@test "man: examples of ae-stream, without the Python ones" {
	examples -w times.py "$ROOT/man/ae-stream.5"
}

@test "man: examples of ae-stream, all" {
	need_python_msgpack
	examples "$ROOT/man/ae-stream.5"
}

@test "man: every page has examples, and those that are not a program's are run by name above" {
	local page
	for page in $(pages); do
		grep -q '^\.Sh EXAMPLES' "$page"
		[[ $page == *.1 ]] || grep -q "examples .*$(basename "$page")\"\$" "$BATS_TEST_FILENAME"
	done
}

# The filter in $1 passes streams on as they came, says no to what is wrong, and then writes no end.
check_filter() {
	local n size
	printf 'id,a,b\n1,2,-3\n2,0.5,4\n' | ae-cat --batch-rows 1 >one.aes
	cat one.aes one.aes >two.aes
	pipe "$1 | $2" <two.aes >back.aes
	cmp two.aes back.aes
	printf 'a\n' | pipe "ae-cat | $1 | ae-cat -c" >empty.csv
	printf 'a\n' | cmp - empty.csv
	size=$(wc -c <one.aes)
	for ((n = 0; n < size; n++)); do
		head -c "$n" one.aes >cut.aes
		run -1 bash -c "$1 <cut.aes >out.aes"
		run ! has_end out.aes
		expect_error 1 '*' ae-cat out.aes
	done
	# A changed byte in the values.
	{ head -c $((size - 30)) one.aes && printf '\377' && tail -c 29 one.aes; } >bad.aes
	run ! cmp -s one.aes bad.aes
	run -1 bash -c "$1 <bad.aes >out.aes"
	run ! has_end out.aes
	# Scaled values would carry a lineage that is no longer true.
	pipe "ae-normalize --fit div:2 one.aes >scaled.aes"
	run -1 bash -c "$1 <scaled.aes >out.aes"
	[ ! -s out.aes ]
	# What comes after an end must be a header.
	{ cat one.aes && tail -c 20 one.aes; } >more.aes
	run -1 bash -c "$1 <more.aes >out.aes"
	expect_error 1 '*' ae-cat out.aes
}

@test "man: the C filter of ae-stream fails as it should" {
	"$ROOT/tests/run-examples" -x "$ROOT/man/ae-stream.5"
	"${CC:-cc}" -std=c11 -Wall -Wextra -Werror -O1 -g -fsanitize=address,undefined -fno-sanitize-recover \
		-o negate negate.c -lmsgpackc -ldeflate
	ASAN_OPTIONS=detect_leaks=0 check_filter ./negate ./negate
}

@test "man: the Python filter of ae-stream fails as it should" {
	need_python_msgpack
	"$ROOT/tests/run-examples" -x "$ROOT/man/ae-stream.5"
	check_filter 'python3 times.py -1' 'python3 times.py -1'
}

@test "man: the filters of ae-stream take a stream without checksums" {
	need_python_msgpack
	"$ROOT/tests/run-examples" -x "$ROOT/man/ae-stream.5"
	"${CC:-cc}" -std=c11 -O1 -o negate negate.c -lmsgpackc -ldeflate
	sed '/^    crc = /d; s/write(packed + crc)/write(packed + b"\\xc0")/' times.py >plain.py
	run ! cmp -s times.py plain.py
	printf 'id,a\n1,2\n' | pipe 'ae-cat | python3 plain.py 3 | ./negate | ae-cat -c' >out.csv
	printf 'id,a\n1,-6\n' | cmp - out.csv
	printf 'id,a\n1,2\n' | pipe 'ae-cat | python3 plain.py 3 | ae-cat -c' >out.csv
	printf 'id,a\n1,6\n' | cmp - out.csv
}
