#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Images: IDX and PNM as input, PNM as output.
load helpers

# image SAMPLES [HEADER]: a P5 image of 3x2; both are for printf %b.
image() {
	printf %b "${2:-P5\n3 2\n255\n}$1"
}

# idx SAMPLES [HEADER]: an IDX file, by default of two images of one row and two columns.
idx() {
	printf %b "${2:-\0\0\010\03\0\0\0\02\0\0\0\01\0\0\0\02}$1"
}

# schema FILE...: name, role, type and shape of every column.
schema() {
	ae-info "$@" | sed -n '/^columns/,/^scaler/{ s/^columns//; /^scaler/d; s/^ *//; s/  */ /g; p; }'
}

# fashion_file NAME: the unpacked file of Fashion-MNIST, or skips the test.
fashion_file() {
	local file=/usr/share/datasets/fashion-mnist/$1
	[ -e "$file.gz" ] || skip "no $file.gz (Debian: dataset-fashion-mnist)"
	gzip -dc "$file.gz" >"$1"
}

# The samples of a file: all after its first N bytes.
samples() {
	tail -c "+$(($1 + 1))" "$2"
}

X6=x.1.1.1,x.1.2.1,x.1.3.1,x.2.1.1,x.2.2.1,x.2.3.1

# ---- IDX ----

@test "IDX: three dimensions are grey images of bytes" {
	idx abcd >a.idx
	[ "$(schema a.idx)" = 'x x u8 [1,2,1]' ]
	[ "$(ae-cat -c a.idx)" = $'x.1.1.1,x.1.2.1\n97,98\n99,100' ]
	ae-info a.idx | grep -qx 'stream      a.idx (idx)'
	ae-cat <a.idx >a.aes
	ae-cat -I idx a.idx | cmp - a.aes
}

@test "IDX: other numbers of dimensions stay as they are, one is a value a row" {
	idx abc '\0\0\010\01\0\0\0\03' >one.idx
	[ "$(schema one.idx)" = 'x x u8 [1]' ]
	[ "$(ae-cat -c one.idx)" = $'x.1\n97\n98\n99' ]
	idx abcdef '\0\0\010\02\0\0\0\02\0\0\0\03' >two.idx
	[ "$(schema two.idx)" = 'x x u8 [3]' ]
	idx abcdef '\0\0\010\04\0\0\0\01\0\0\0\01\0\0\0\02\0\0\0\03' >four.idx
	[ "$(schema four.idx)" = 'x x u8 [1,2,3]' ]
	[ "$(schema --shape 6 four.idx)" = 'x x u8 [6]' ]
	expect_error 1 'four.idx: --shape 5 holds 5 values, but a row of the array has 6' ae-cat --shape 5 four.idx
	idx '' '\0\0\010\03\0\0\0\0\0\0\0\02\0\0\0\02' >none.idx
	[ "$(ae-info --count none.idx)" = 0 ]
}

@test "IDX: to npy and back into a stream nothing changes" {
	head -c 12000 /dev/urandom >random
	{ idx '' '\0\0\010\03\0\0\0\024\0\0\0\036\0\0\0\024' && cat random; } >a.idx
	[ "$(schema a.idx)" = 'x x u8 [30,20,1]' ]
	ae-cat a.idx -o a.npy
	samples $(($(wc -c <a.npy) - 12000)) a.npy | cmp - random
	same 'ae-cat a.npy' 'ae-cat a.idx'
}

@test "IDX: several files are streams one after the other" {
	idx abcd >a.idx
	[ "$(ae-cat -c a.idx a.idx | wc -l)" -eq 5 ]
	idx ab '\0\0\010\01\0\0\0\02' >b.idx
	expect_error 1 'b.idx: columns other than those of the stream before it: "x" has shape \[1\], not \[1,2,1\]' ae-cat a.idx b.idx
}

@test "IDX: labels and ids from files go beside" {
	idx abcd >a.idx
	idx '\011\0' '\0\0\010\01\0\0\0\02' >labels.idx
	printf 'first\nsecond\n' >ids
	[ "$(ae-cat -c --label-file labels.idx --id-file ids --cols id,label a.idx)" = $'id,label\nfirst,9\nsecond,0' ]
	[ "$(ae-cat -c --number --cols id a.idx)" = $'id\n0\n1' ]
}

@test "bad input: IDX with a wrong magic" {
	idx abcd '\0\0\015\03\0\0\0\02\0\0\0\01\0\0\0\02' >float.idx
	cat_refuses 'IDX: elements of type 0d, 4-byte floats: only unsigned bytes (08) are read' float.idx
	idx abcd '\0\0\011\03\0\0\0\02\0\0\0\01\0\0\0\02' >signed.idx
	cat_refuses 'IDX: elements of type 09, signed bytes: only unsigned bytes (08) are read' signed.idx
	idx abcd '\0\0\01\03\0\0\0\02\0\0\0\01\0\0\0\02' >other.idx
	cat_refuses 'IDX: elements of type 01, no known type: only unsigned bytes (08) are read' other.idx
	idx abcd '\0\0\010\0' >none.idx
	cat_refuses 'IDX: 0 dimensions; 1 to 9 are read' none.idx
	idx abcd '\0\0\010\012' >many.idx
	cat_refuses 'IDX: 10 dimensions; 1 to 9 are read' many.idx
	idx abcd '\03\010\0\0\02\0\0\0\01\0\0\0\02\0\0\0' >swapped.idx
	cat_refuses 'IDX: begins with bytes 03 08 00 00, not with 00 00 08' swapped.idx -I idx
	cat_refuses 'empty input: not even a header' /dev/null -I idx
}

@test "bad input: IDX with a wrong count" {
	local n
	idx abcd >a.idx
	for ((n = 1; n < 16; n++)); do
		head -c "$n" a.idx >cut.idx
		cat_refuses 'IDX: cut inside the header' cut.idx
	done
	head -c 17 a.idx >cut.idx
	cat_refuses 'IDX: cut after row 0 of 2' cut.idx
	head -c 19 a.idx >cut.idx
	cat_refuses 'IDX: cut after row 1 of 2' cut.idx
	idx abcde >long.idx
	cat_refuses 'IDX: something follows the array' long.idx
	cat a.idx a.idx >twice.idx
	cat_refuses 'IDX: something follows the array' twice.idx
	idx '' '\0\0\010\03\0\0\0\02\0\0\0\0\0\0\0\02' >zero.idx
	cat_refuses 'IDX: a row needs from 1 to 2^31-1 values' zero.idx
	idx '' '\0\0\010\03\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377\0377' >huge.idx
	cat_refuses 'IDX: a row needs from 1 to 2^31-1 values' huge.idx
	idx abcd '\0\0\010\02\0377\0377\0377\0377\0177\0377\0377\0377' >huge.idx
	resident_below 30000 bash -c '! ae-cat huge.idx >/dev/null 2>err.txt'
	[ "$(<err.txt)" = 'ae-cat: huge.idx: IDX: cut after row 0 of 4294967295' ]
}

@test "bad input: labels of another length" {
	idx abcd >a.idx
	idx '\01' '\0\0\010\01\0\0\0\01' >short.idx
	idx '\01\02\03' '\0\0\010\01\0\0\0\03' >long.idx
	expect_error 1 'short.idx: 1 rows, but the stream has more' ae-cat --label-file short.idx a.idx
	expect_error 1 'long.idx: 3 rows, but the stream has 2' ae-cat --label-file long.idx a.idx
	expect_error 1 'long.idx: 3 rows, but the stream has 2' ae-cat --id-file long.idx a.idx
	idx '\01\02' '\0\0\010\01\0\0\0\03' >cut.idx
	expect_error 1 'cut.idx: IDX: 3 values are announced, but 2 are there' ae-cat --label-file cut.idx a.idx
	expect_error 1 'a.idx: IDX: an array of more than one value a row' ae-cat --label-file a.idx a.idx
	idx '\0' '\0\0\010\01\0' >cut.idx
	expect_error 1 'cut.idx: IDX: cut inside the header' ae-cat --label-file cut.idx a.idx
	gzip short.idx
	expect_error 1 'short.idx.gz: gzip data: zcat it first' ae-cat --label-file short.idx.gz a.idx
}

@test "bad input: gzip fed without zcat" {
	idx abcd | gzip >a.idx.gz
	image abcdef | gzip >a.pgm.gz
	for format in '' -Iidx -Ipnm; do
		cat_refuses 'gzip data: zcat it first' a.idx.gz $format
		cat_refuses 'gzip data: zcat it first' a.pgm.gz $format
	done
	same 'zcat a.pgm.gz | ae-cat' 'image abcdef | ae-cat'
}

# ---- PNM in ----

@test "PNM: one image a row, grey and colour, in height, width, channels" {
	{ image abcdef && image ghijkl; } >a.pgm
	[ "$(schema a.pgm)" = 'x x u8 [2,3,1]' ]
	[ "$(ae-cat -c a.pgm)" = "$X6"$'\n97,98,99,100,101,102\n103,104,105,106,107,108' ]
	ae-info a.pgm | grep -qx 'stream      a.pgm (pnm)'
	image abcdef 'P6\n2 1\n255\n' >a.ppm
	[ "$(schema a.ppm)" = 'x x u8 [1,2,3]' ]
	[ "$(ae-cat -c a.ppm)" = $'x.1.1.1,x.1.1.2,x.1.1.3,x.1.2.1,x.1.2.2,x.1.2.3\n97,98,99,100,101,102' ]
	[ "$(schema --shape 6 a.ppm)" = 'x x u8 [6]' ]
	expect_error 1 'a.ppm: --shape 2,2 holds 4 values, but an image has 6' ae-cat --shape 2,2 a.ppm
}

@test "PNM: comments, other white space, and samples that look like either" {
	image '#\n #P5' 'P5 # a comment\n#another one\n\t3\r2\v255\n' >a.pgm
	[ "$(ae-cat -c a.pgm)" = "$X6"$'\n35,10,32,35,80,53' ]
	image abcdef 'P5#1 1\n3#2\n2 255# 4\n' >b.pgm
	same 'ae-cat -I pnm b.pgm' 'image abcdef | ae-cat'
	head -c 70000 /dev/zero | tr '\0' x >long
	{ printf 'P5 #' && cat long; } >long.pgm
	cat_refuses 'PNM: image 1: a header of more than 65536 bytes' long.pgm
}

@test "PNM: samples of one byte stay as they are whatever the maxval" {
	image '\01\02\03\04\05\06' 'P5\n3 2\n7\n' >a.pgm
	[ "$(schema a.pgm)" = 'x x u8 [2,3,1] maxval 7' ]
	[ "$(ae-cat -c a.pgm)" = "$X6"$'\n1,2,3,4,5,6' ]
	image '\01\02\03\04\05\010' 'P5\n3 2\n7\n' >b.pgm
	cat_refuses 'PNM: image 1: a sample of 8, above the maxval 7' b.pgm
	{ image abcdef && cat a.pgm; } >c.pgm
	cat_refuses 'PNM: image 2: its maxval is 7, but that of the first is 255: pamdepth makes them equal' c.pgm
}

@test "PNM: 16 bits are accepted, as f32" {
	image '\0\01\01\0\0377\0377\0\0\0\02\0200\0' 'P5\n3 2\n65535\n' >a.pgm
	[ "$(schema a.pgm)" = 'x x f32 [2,3,1] maxval 65535' ]
	[ "$(ae-cat -c a.pgm)" = "$X6"$'\n1,256,65535,0,2,32768' ]
	image '\0\01\01\0\01\0' 'P6\n1 1\n256\n' >b.ppm
	[ "$(ae-cat -c b.ppm)" = $'x.1.1.1,x.1.1.2,x.1.1.3\n1,256,256' ]
	image '\0\01\01\0\01\01' 'P6\n1 1\n256\n' >c.ppm
	cat_refuses 'PNM: image 1: a sample of 257, above the maxval 256' c.ppm
	{ image abcdef && cat a.pgm; } >d.pgm
	cat_refuses 'PNM: image 2: its maxval is 65535, but that of the first is 255: *' d.pgm
}

@test "PNM: several files are streams one after the other, with equal columns" {
	image abcdef >a.pgm
	image ghijkl >b.pgm
	same 'cat a.pgm b.pgm | ae-cat | ae-cat -c' 'ae-cat -c a.pgm b.pgm'
	image abcdef 'P5\n2 3\n255\n' >c.pgm
	expect_error 1 'c.pgm: columns other than those of the stream before it: "x" has shape \[3,2,1\], not \[2,3,1\]' ae-cat a.pgm c.pgm
	image abcdef 'P5\n3 2\n200\n' >d.pgm
	expect_error 1 'd.pgm: images of maxval 200, but those before it have 255: pamdepth makes them equal' \
		ae-cat a.pgm d.pgm
	ae-cat -o d.aes d.pgm
	expect_error 1 'a.pgm: images of maxval 255, but those before it have 200: *' ae-cat d.aes a.pgm
}

@test "PNM: ids are ordinals, or come from a file" {
	{ image abcdef && image ghijkl; } >a.pgm
	[ "$(ae-cat -c --number --cols id a.pgm)" = $'id\n0\n1' ]
	printf 'a.png\nb.png\n' >names
	[ "$(ae-cat -c --id-file names --set label=cat --cols id,label a.pgm)" = $'id,label\na.png,cat\nb.png,cat' ]
}

@test "PNM: an image goes on before the next is sent" {
	local line i
	mkfifo in out
	ae-cat <in 3>&- | ae-cat -c --head 3 >out 3>&- &
	exec 8<>in 9<>out
	for i in 1 2 3; do
		image "abcde$i" >&8
		[ "$i" -gt 1 ] || read -r -t 60 -u 9 line
		read -r -t 60 -u 9 line
		[ "$line" = "97,98,99,100,101,$((48 + i))" ]
	done
	exec 8>&-
	wait $!
}

@test "bad input: an image of another size than the first" {
	{ image abcdef && image ghijkl && image abcdef 'P5\n2 3\n255\n'; } >size.pgm
	cat_refuses 'PNM: image 3: 2x3 in P5, but the first is 3x2 in P5' size.pgm
	{ image abcdef && image abc 'P6\n1 1\n255\n'; } >kind.pgm
	cat_refuses 'PNM: image 2: 1x1 in P6, but the first is 3x2 in P5' kind.pgm
}

@test "bad input: truncated PNM, wherever it is cut" {
	local n
	{ image abcdef && image ghijkl; } >a.pgm
	for ((n = 1; n < 34; n++)); do
		head -c "$n" a.pgm >cut.pgm
		case $n in
		[1-9] | 10) cat_refuses 'PNM: cut inside the header' cut.pgm ;;
		1[1-6]) cat_refuses 'PNM: cut inside image 1' cut.pgm ;;
		17) [ "$(ae-info --count cut.pgm)" = 1 ] ;;
		*) cat_refuses 'PNM: cut inside image 2' cut.pgm ;;
		esac
	done
	cat_refuses 'empty input: not even a header' /dev/null -I pnm
}

@test "bad input: P4" {
	image a 'P4\n3 2\n' >a.pbm
	cat_refuses 'PNM: image 1: P4, a bitmap, is not read: pbmtopgm 1 1 makes P5 or P6 of it' a.pbm
	{ image abcdef && cat a.pbm; } >b.pnm
	cat_refuses 'PNM: image 2: P4, a bitmap, *' b.pnm
}

@test "bad input: P1, P2 and P3" {
	image '1 0 1 0 1 0\n' 'P1\n3 2\n' >a.pbm
	cat_refuses 'PNM: image 1: P1, a plain bitmap, is not read: pbmtopgm 1 1 makes P5 or P6 of it' a.pbm
	image '1 0 1 0 1 0\n' 'P2\n# by hand\n3 2\n255\n' >a.pgm
	cat_refuses 'PNM: image 1: P2, a plain greymap, is not read: pnmtopnm makes P5 or P6 of it' a.pgm
	image '1 0 1 0 1 0\n' 'P3 2 1 255\n' >a.ppm
	cat_refuses 'PNM: image 1: P3, a plain pixmap, is not read: pnmtopnm makes P5 or P6 of it' a.ppm
}

@test "bad input: PAM" {
	image abcdef 'P7\nWIDTH 3\nHEIGHT 2\nDEPTH 1\nMAXVAL 255\nENDHDR\n' >a.pam
	cat_refuses 'PNM: image 1: P7, PAM, is not read: pamtopnm makes P5 or P6 of it' a.pam
}

@test "bad input: headers of PNM that are none" {
	image abcdef 'P5 0 2 255\n' >a.pgm
	cat_refuses 'PNM: image 1: a width that is not from 1 to 2147483647' a.pgm
	image abcdef 'P5 3 99999999999999999999999 255\n' >a.pgm
	cat_refuses 'PNM: image 1: a height that is not from 1 to 2147483647' a.pgm
	image abcdef 'P5 3 2x 255\n' >a.pgm
	cat_refuses 'PNM: image 1: a height that is no number' a.pgm
	image abcdef 'P5 3 2 65536\n' >a.pgm
	cat_refuses 'PNM: image 1: a maxval that is not from 1 to 65535' a.pgm
	image abcdef 'P6 2000000000 2000000000 255\n' >a.pgm
	cat_refuses 'PNM: image 1: 2000000000x2000000000 in P6 is more than 2^31-1 samples' a.pgm
	image 'abcdef\n' >a.pgm
	cat_refuses 'PNM: image 2: begins with byte 0a, not as P5 or P6' a.pgm
	image 'abcdefJUNK' >a.pgm
	cat_refuses 'PNM: image 2: begins with bytes 4a 55, not as P5 or P6' a.pgm
	image abcdef 'P8 3 2 255\n' >a.pgm
	cat_refuses 'PNM: image 1: begins with bytes 50 38, not as P5 or P6' a.pgm -I pnm
	image abcdef 'P53 2 255\n' >a.pgm
	cat_refuses 'PNM: image 1: no white space after P5' a.pgm -I pnm
	image abcdef 'P5 30000 30000 255\n' >a.pgm
	resident_below 30000 bash -c '! ae-cat a.pgm >/dev/null 2>err.txt'
	[ "$(<err.txt)" = 'ae-cat: a.pgm: PNM: cut inside image 1' ]
}

@test "text whose columns are called P1 to P7 is text" {
	printf 'P5,P6\n1,2\n' >a.csv
	ae-cat -c a.csv | cmp - a.csv
	printf 'P1 inlet,P2 outlet\n1,2\n' >a.csv
	ae-cat -c a.csv | cmp - a.csv
	printf 'P5\n1\n2\n3\n' >a.csv
	ae-cat -c -I csv a.csv | cmp - a.csv
	cat_refuses 'PNM: *' a.csv
}

# ---- PNM out ----

@test "PNM -> AEST -> PNM gives the same bytes" {
	{ image 'abcde\0' && image '\n\r\0377P5#'; } >a.pgm
	ae-cat a.pgm | ae-cat -O pnm | cmp - a.pgm
	ae-cat -O pnm a.pgm | cmp - a.pgm
	ae-cat -O pnm --batch-rows 1 a.pgm | cmp - a.pgm
	{ image abcdef 'P6\n1 2\n255\n' && image ghijkl 'P6\n1 2\n255\n'; } >a.ppm
	for out in out.pnm out.ppm out.pgm; do
		ae-cat a.ppm | ae-cat -o "$out"
		cmp "$out" a.ppm
	done
	ae-cat a.ppm a.ppm -O pnm | cmp - <(cat a.ppm a.ppm)
	ae-split -q --ordered --test 0.5 --test-out test.pnm -O pnm a.ppm | cmp - <(head -c 17 a.ppm)
	cmp test.pnm <(tail -c 17 a.ppm)
}

@test "PNM: maxval is kept through every filter that keeps images, so that white stays white" {
	image '\0\01\05\016\017\07' 'P5\n3 2\n15\n' >four.pgm
	image '\0\01\0377\0377\01\0\0\0\0200\0\03\0377' 'P5\n3 2\n65535\n' >sixteen.pgm
	image '\01\0\0\0377\01\0\0\0\0\0\0\01' 'P6\n1 2\n256\n' >nine.ppm
	local file maxval
	for file in four.pgm sixteen.pgm nine.ppm; do
		maxval=$(sed -n 3p $file)
		ae-cat -O pnm $file | cmp - $file
		ae-cat $file | ae-cat --head 1 --set label=a | ae-cat --cols x -O pnm | cmp - $file
		ae-normalize --fit "div:$maxval" $file | ae-normalize --invert -O pnm | cmp - $file
		ae-normalize --fit minmax $file | ae-noise --mask 0.5 | ae-normalize --invert |
			ae-cat --cols target -O pnm | cmp - $file
		[ "$(schema $file)" = "$(ae-cat $file | schema)" ]
	done
	# Without a maxval it is 255: text and arrays, and values of a network that are beyond it.
	same 'ae-cat -c four.pgm | ae-cat --shape 2,3 -O pnm' "image '\0\01\05\016\017\07'"
}

@test "PNM: a reconstruction has the maxval of the images, directly and by way of latent values" {
	image '\0\01\05\016\017\07' 'P5\n3 2\n15\n' >a.pgm
	ae-normalize --fit div:15 a.pgm >a.aes
	ae-train -q --net 6-6-6 --epochs 3 --lr 0.1 -m m.aem a.aes
	ae-recon -m m.aem a.aes | ae-normalize --invert >r.aes
	ae-cat --cols recon -o r.pgm r.aes
	[ "$(sed -n 3p r.pgm)" = 15 ]
	ae-encode -m m.aem a.aes | ae-decode -m m.aem | ae-normalize --invert -O pnm | cmp - r.pgm
}

@test "AEST: maxval stands in the header only where it is not 255, and from 1 to 65535" {
	image abcdef >a.pgm
	ae-cat a.pgm >a.aes
	run -1 grep -q maxval a.aes
	/usr/bin/python3 -c 'import msgpack' 2>/dev/null || skip 'no msgpack for Python'
	local maxval
	for maxval in 15 65535; do
		image '\0\01' "P5\n$((maxval > 255 ? 1 : 2)) 1\n$maxval\n" | ae-cat -o b.aes
		/usr/bin/python3 -c 'import msgpack, sys
head = next(iter(msgpack.Unpacker(open("b.aes", "rb"))))
assert head[2]["cols"][0]["maxval"] == int(sys.argv[1]), head' $maxval
	done
	for maxval in 0 65536 -1 '"a"' 1.5; do
		/usr/bin/python3 -c 'import msgpack, sys
x = {"name": "x", "role": "x", "type": "u8", "shape": [2], "maxval": eval(sys.argv[1])}
pack = msgpack.Packer(use_bin_type=True).pack
sys.stdout.buffer.write(pack(["AEST", 1, {"cols": [x]}, None]) + pack([2, {"rows": 0}, None]))' "$maxval" >c.aes
		expect_error 1 'c.aes: header: column "x": maxval is from 1 to 65535' ae-cat c.aes
	done
}

@test "ae-normalize tells where div is not the maxval of the images" {
	image '\0\01\05\016\017\07' 'P5\n3 2\n15\n' >a.pgm
	ae-normalize --fit div:255 --save s.aem -o a.aes a.pgm 2>msg
	grep -qx 'ae-normalize: a.pgm: x has images of maxval 15, so that dividing by 255 makes 0.0588235 of white: --fit div:MAXVAL makes 1 of it' msg
	ae-normalize -m s.aem -o b.aes a.pgm 2>msg
	grep -q 'white: pamdepth gives all images one maxval' msg
	cmp a.aes b.aes
	ae-normalize --fit div:15 -o c.aes a.pgm 2>msg
	ae-normalize --fit minmax -o d.aes a.pgm 2>>msg
	ae-normalize --invert -o e.aes a.aes 2>>msg
	run -1 grep white msg
}

@test "PNM: IDX and npy become images, of two axes too" {
	idx abcdef '\0\0\010\03\0\0\0\01\0\0\0\02\0\0\0\03' >a.idx
	same 'ae-cat -O pnm a.idx' 'image abcdef'
	same 'ae-cat -O pnm --shape 2,3 a.idx' 'image abcdef'
	ae-cat a.idx -o a.npy
	same 'ae-cat -O pnm a.npy' 'image abcdef'
}

@test "PNM: numbers are rounded half to even and clamped" {
	printf 'a,b,c,d,e,f\n0.5,1.5,2.5,-0.5,-7,-0.4\n254.5,255.4,255.5,1e300,-1e300,254.50001\n' >a.csv
	{ image '\0\02\02\0\0\0' && image '\0376\0377\0377\0377\0\0377'; } >wanted.pgm
	ae-cat --shape 2,3,1 -O pnm a.csv | cmp - wanted.pgm
	sed 's/1e300/1e30/g' a.csv | ae-cat --f32 --shape 2,3 -O pnm | cmp - wanted.pgm
}

@test "PNM: scaled values are refused, and --invert brings the samples back" {
	head -c 6000 /dev/urandom >random
	{ idx '' '\0\0\010\03\0\0\0\012\0\0\0\024\0\0\0\036' && cat random; } >a.idx
	ae-cat -o a.pgm a.idx
	local fit
	for fit in div:255 minmax standard; do
		ae-normalize --fit "$fit" a.idx >scaled.aes
		expect_error 1 'x is scaled, and PNM holds 0 to maxval: pipe it through ae-normalize --invert' \
			ae-cat -O pnm scaled.aes
		expect_error 1 'x is scaled, and PNM *' ae-normalize --fit "$fit" -O pnm a.idx
		ae-normalize --invert -O pnm scaled.aes | cmp - a.pgm
		ae-normalize --invert scaled.aes | ae-cat -O pnm | cmp - a.pgm
	done
	expect_error 1 'x is scaled, and PNM *' ae-split -q --test 0.5 --test-out t.aes -O pnm scaled.aes
	ae-noise --gaussian 0.1 scaled.aes >noisy.aes
	expect_error 1 'target is scaled, and PNM *' ae-cat --cols target -O pnm noisy.aes
	ae-normalize --invert noisy.aes | ae-cat --cols target -O pnm | cmp - a.pgm
	expect_error 1 'x is scaled, and PNM *' ae-cat --cols x -o x.pgm noisy.aes
	[ ! -e x.pgm ]
}

@test "PNM: only one column of images can be written" {
	image abcdef >a.pgm
	expect_error 1 'PNM holds one column of images: ae-cat --cols chooses it' ae-cat --number -O pnm a.pgm
	expect_error 1 'PNM holds one column of images: ae-cat --cols chooses it' ae-cat --number --cols id -O pnm a.pgm
	expect_error 1 'PNM holds images of shape [[]h,w,1], [[]h,w,3] or [[]h,w], but "x" has the shape [[]6]' \
		ae-cat --shape 6 -O pnm a.pgm
	expect_error 1 'PNM holds images of shape * but "x" has the shape [[]3,1,2]' ae-cat --shape 3,1,2 -O pnm a.pgm
	expect_error 2 'unknown output format "png"; did you mean pnm[?]' ae-cat -O png a.pgm
	expect_error 2 'unknown input format "png"; did you mean pnm[?]' ae-cat -I png a.pgm
}

@test "PNM: what fails ends in no image" {
	printf 'a,b\n1,2\nnan,3\n' | ae-cat --missing=mask --shape 1,2 >a.aes
	expect_error 1 'row 2, column "x": PNM has no place for a missing value' ae-cat -O pnm a.aes
	{ image abcdef && image ghi; } >cut.pgm
	run -1 bash -c 'set -o pipefail; ae-cat -O pnm cut.pgm | cat >out.pgm'
	[ "$(tail -c 7 out.pgm)" = abcdef! ]
	cat_refuses 'PNM: image 2: begins with byte 21, not as P5 or P6' out.pgm
	run -1 ae-cat -o none.pgm cut.pgm
	[ ! -e none.pgm ]
	full() { ae-cat -O pnm a.pgm >/dev/full; }
	image abcdef >a.pgm
	expect_error 1 '<stdout>: No space left on device' full
}

@test "PNM: a stream without rows is written as nothing" {
	idx '' '\0\0\010\03\0\0\0\0\0\0\0\02\0\0\0\02' | ae-cat -O pnm >out.pnm
	[ ! -s out.pnm ]
}

# ---- size ----

@test "60,000 images pass in bounded memory" {
	{ idx '' '\0\0\010\03\0\0\0352\0140\0\0\0\034\0\0\0\034' && head -c 47040000 /dev/zero; } >a.idx
	resident_below 20000 ae-cat -o a.aes a.idx
	resident_below 20000 ae-cat -o a.pgm a.aes
	resident_below 20000 ae-cat -o b.aes a.pgm
	cmp a.aes b.aes
	[ "$(ae-info --count b.aes)" = 60000 ]
	# u8 is one byte on the wire.
	[ "$(wc -c <a.aes)" -lt 47200000 ]
	resident_below 20000 bash -c 'set -o pipefail; cat a.pgm | ae-cat -O npy >a.npy'
}

@test "images of a megabyte pass in memory of a few" {
	local i
	head -c 3145728 /dev/urandom >random
	for i in 1 2 3 4 5 6; do
		image '' 'P6\n1024 1024\n255\n' && cat random
	done >a.ppm
	resident_below 40000 ae-cat -o a.aes a.ppm
	ae-cat -O pnm a.aes | cmp - a.ppm
}

@test "Fashion-MNIST: images and labels" {
	fashion_file t10k-images-idx3-ubyte
	fashion_file t10k-labels-idx1-ubyte
	ae-cat --label-file t10k-labels-idx1-ubyte -o test.aes t10k-images-idx3-ubyte
	[ "$(schema test.aes)" = $'x x u8 [28,28,1]\nlabel label text []' ]
	[ "$(ae-info --count test.aes)" = 10000 ]
	[ "$(ae-cat -c --cols label test.aes | tail -n +2 | sort | uniq -c | tr -s ' \n' ' ')" = \
		' 1000 0 1000 1 1000 2 1000 3 1000 4 1000 5 1000 6 1000 7 1000 8 1000 9 ' ]
	ae-cat --cols x test.aes -o test.npy
	cmp <(samples 128 test.npy) <(samples 16 t10k-images-idx3-ubyte)
	ae-cat --cols x test.aes -o test.pgm
	[ "$(wc -c <test.pgm)" -eq $((10000 * (784 + 13))) ]
	ae-cat test.pgm -O npy | cmp - test.npy
}

@test "images of Netpbm's programs are read" {
	local program
	for program in pgmramp pngtopnm pnmtopng pnmflip; do
		command -v "$program" >/dev/null || skip "no $program (Debian: netpbm)"
	done
	pgmramp -lr 20 10 >a.pgm
	pnmflip -lr a.pgm >b.pgm
	{ pnmtopng a.pgm | pngtopnm && pnmtopng b.pgm | pngtopnm; } 2>/dev/null | ae-cat >both.aes
	ae-cat -O pnm both.aes | cmp - <(cat a.pgm b.pgm)
}
