#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Files of kinds that no program reads: each is named, with what to do, and text that looks a little like one is read.
load helpers

# refuses_kind MESSAGE BYTES: these bytes (for printf %b) are refused in a file, from a pipe and where -I says csv.
refuses_kind() {
	printf %b "$2" >f
	cat_refuses "$1" f
	expect_error 1 "<stdin>: $1" eval 'ae-cat -c <f'
	expect_error 1 "<stdin>: $1" eval 'cat f | ae-info -I csv'
	expect_error 1 "f: $1" ae-cat -I aest f
}

@test "compressed data is named, and its program" {
	refuses_kind 'gzip data: zcat it first' '\x1f\x8b\x08\0'
	refuses_kind 'zstd data: zstdcat it first' '\x28\xb5\x2f\xfd\x04\0'
	refuses_kind 'xz data: xzcat it first' '\xfd7zXZ\0\0\x04'
	refuses_kind 'bzip2 data: bzcat it first' 'BZh91AY&SY\x01'
	refuses_kind 'a zip archive: unzip -p it first' 'PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0t.csv'
	refuses_kind 'an npz archive (zip): load it with numpy *' \
		'PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.npy\x93NUMPY'
	refuses_kind 'an Excel or Office file (zip): export it as CSV first' \
		'PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x13\0\0\0[Content_Types].xml'
	python3 -c 'import bz2, lzma
open("f.bz2", "wb").write(bz2.compress(b"a,b\n1,2\n"))
open("f.xz", "wb").write(lzma.compress(b"a,b\n1,2\n"))'
	cat_refuses 'bzip2 data: bzcat it first' f.bz2
	cat_refuses 'xz data: xzcat it first' f.xz
}

@test "text of another encoding is named, and iconv makes it readable" {
	local encoding
	printf 'a,b\n1,2\n' >t.csv
	for encoding in UTF-16 UTF-32; do
		iconv -f UTF-8 -t $encoding t.csv >f
		cat_refuses "$encoding text: iconv -f $encoding -t UTF-8 it first" f
		iconv -f $encoding -t UTF-8 f | ae-cat -c | cmp - t.csv
	done
	for encoding in UTF-16LE UTF-16BE; do
		iconv -f UTF-8 -t $encoding t.csv >f
		cat_refuses "UTF-16 text: iconv -f $encoding -t UTF-8 it first" f
		iconv -f $encoding -t UTF-8 f | ae-cat -c | cmp - t.csv
	done
}

@test "text that begins with a letter beyond ASCII in another encoding than UTF-8 is named" {
	local byte
	for byte in '\x80' '\xa0' '\xb5' '\xbf' '\x93'; do # euro in CP1252, a hard space, micro, an upside-down question mark, a quote
		printf "%bm,b\n1,2\n" "$byte" >f
		cat_refuses 'no UTF-8 text: iconv -f LATIN1 -t UTF-8 it first, if it is Latin-1; -I csv reads it as it is' f
		ae-cat -c -I csv f | cmp - f
		iconv -f LATIN1 -t UTF-8 f >utf8
		ae-cat -c utf8 | cmp - utf8
	done
	ae-cat -o f.aes utf8
	{ printf '\x95' && tail -c +2 f.aes; } >f # a damaged stream is one
	cat_refuses '*' f
	[[ $(ae-cat f 2>&1 >/dev/null) != *UTF-8* ]]
}

@test "images, tables and other files are named" {
	refuses_kind 'a PNG image: pngtopnm it first' '\x89PNG\r\n\x1a\n\0\0'
	refuses_kind 'a JPEG image: djpeg it first' '\xff\xd8\xff\xe0\0'
	refuses_kind 'a GIF image: giftopnm it first' 'GIF89a'
	refuses_kind 'a TIFF image: tifftopnm it first' 'II*\0'
	refuses_kind 'a BMP image: bmptopnm it first' 'BM\x01\x02\x03\x04\0\0\0\0'
	refuses_kind 'a WAV sound file: *' 'RIFF\x01\x02\x03\x04WAVEfmt'
	refuses_kind 'an HDF5 file: *' '\x89HDF\r\n\x1a\n'
	refuses_kind 'a Parquet file: *' 'PAR1\x15\x04'
	refuses_kind 'an Arrow file: *' 'ARROW1\0\0'
	refuses_kind 'an SQLite database: *' 'SQLite format 3\0'
	refuses_kind 'a Python pickle: *' '\x80\x04\x95'
	python3 -c 'import pickle, sqlite3
pickle.dump([1], open("f.pickle", "wb"))
db = sqlite3.connect("f.db"); db.execute("create table t (a)"); db.commit()'
	cat_refuses 'a Python pickle: *' f.pickle
	cat_refuses 'an SQLite database: *' f.db
	printf 'a,b\n1,2\n3,5\n' >t.csv
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem t.csv
	cat_refuses 'a model: models are named with -m, and ae-info describes them' m.aem
}

@test "JSON arrays, XML and HTML are named; -I csv reads them as text" {
	local json='a JSON array: jq -c * makes JSON lines of it*' text
	for text in '[{"a":1}]\n' '[[1,2]]\n' '[1,2]\n' \
		'[9,1]\n' '[9]\n' '[ 9]\n' '[true]\n' '[false,1]\n' '[null]\n' '[\n  null,1]\n' '[]\n' '\n\t[1]\n' \
		'\xef\xbb\xbf [true ]\n'; do
		printf %b "$text" >f
		cat_refuses "$json" f
		expect_error 1 "<stdin>: $json" ae-cat <f
	done
	for text in '<?xml version="1.0"?>\n' '<!DOCTYPE html>\n' '<html>\n'; do
		printf %b "$text" >f
		cat_refuses '*ML: export it as CSV first' f
	done
	printf '[1],{"b}\n1,2\n' | tr -d '"' >f
	ae-cat -c -I csv f | cmp - f
}

@test "a side file of another kind is named; its lines may look like JSON" {
	printf 'a\n1\n2\n' >t.csv
	printf '\xfd7zXZ\0' >names
	expect_error 1 'names: xz data: xzcat it first' ae-cat --label-file names t.csv
	printf '{"x":1}\n<?xml\n' >names
	[ "$(ae-cat -c --cols label --label-file names t.csv)" = $'label\n"{""x"":1}"\n<?xml' ]
}

@test "text whose first letters begin a magic is text" {
	local name
	for name in PAR1 BM BMP GIF PK BZh ARROW1 RIFF Obj '<OPEN>' '[V]' '{x}' '[nullable]' '[true north]' '[f]' ' a' II MM 'SQLite format' CDF FEA1 7z '%PDF'; do
		printf '%s,b\n1,2\n' "$name" >f
		ae-cat -c f | cmp - f
		ae-cat -c <f >got; cmp got f
	done
}

@test "bytes that come one by one are told too" {
	local i
	printf '\xfd7zXZ\0\0\x04' >f
	slowly() { for i in 0 1 2 3 4 5 6 7; do tail -c +$((i + 1)) f | head -c 1; sleep 0.01; done; }
	expect_error 1 '<stdin>: xz data: xzcat it first' eval 'slowly | ae-cat'
	printf 'P,b\n1,2\n' >f
	[ "$(slowly | ae-cat -c)" = $'P,b\n1,2' ]
}
