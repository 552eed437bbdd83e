# SPDX-License-Identifier: MIT
# For the tests of ae-plot: `load plotting` after `load helpers`.

need_gnuplot() {
	command -v gnuplot >/dev/null || skip 'no gnuplot (Debian: gnuplot-nox)'
}

# size_of PNG: its width and height.
size_of() {
	[ "$(head -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 89504e470d0a1a0a ] || return
	[ "$(tail -c 8 "$1" | od -An -tx1 | tr -d ' \n')" = 49454e44ae426082 ] || return
	od -An -tu1 -j 16 -N 8 "$1" | awk '{ print $3 * 256 + $4, $7 * 256 + $8 }'
}

# texts_of SVG: every text in it, a line each.
texts_of() {
	[[ $(head -n 1 "$1") == '<?xml '* ]] || return
	[[ $(grep . "$1" | tail -n 1) == '</svg>' ]] || return
	sed -n 's/.*<text[^>]*> *\(.*\)<\/text>.*/\1/p' "$1"
}

# drawn KIND ARGS... SIZE: makes picture.png of that size, picture.svg and its texts, and picture.txt, each the same
# to a file and to standard output.
drawn() {
	local size=${*: -1} args=("${@:1:$#-1}")
	ae-plot "${args[@]}" -o picture.png || return
	[ "$(size_of picture.png)" = "$size" ] || return
	ae-plot "${args[@]}" -O png | cmp - picture.png || return
	ae-plot "${args[@]}" -o picture.svg || return
	texts_of picture.svg >texts || return
	ae-plot "${args[@]}" -O svg | cmp - picture.svg || return
	ae-plot "${args[@]}" -o picture.txt || return
	ae-plot "${args[@]}" | cmp - picture.txt || return
	[ "$(wc -L <picture.txt)" -le 79 ] || return
	[ "$(grep -c . picture.txt)" -gt 2 ] || return
}

# with_script ARGS...: runs ae-plot with a gnuplot that keeps its commands in `script`; `notes` has what was said.
with_script() {
	mkdir -p fake-gnuplot || return
	cat >fake-gnuplot/gnuplot <<-END || return
		#!/bin/sh
		cat >"$PWD/script"
		echo '<svg width="1" height="1" viewBox="0 0 1 1"><title>gnuplot</title>'
		echo '</svg>'
	END
	chmod +x fake-gnuplot/gnuplot || return
	PATH=$PWD/fake-gnuplot:$PATH ae-plot "$@" >fake-picture 2>notes
}

# block NAME: the data of $NAME in that script.
block() {
	sed -n "/^[$]$1 /,/^end/p" script | sed '1d;$d'
}
