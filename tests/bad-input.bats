#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Bad input, one test for each kind: an exact message, exit status 1 (2 for what is wrong in the arguments alone), no end
# mark, nothing half written. Then what looks bad and is accepted, and the silent mistakes that are caught.
load helpers
load fixture

# refused MESSAGE COMMAND...: fails with status 1 and this message, on standard output and into a named file, which
# stays what it was.
refused() {
	local message=$1
	shift
	expect_error 1 "$message" "$@" || return
	echo old >kept
	expect_error 1 "$message" "$@" -o kept || return
	[ "$(<kept)" = old ] && no_rubbish
}

# no_model STATUS MESSAGE COMMAND...: so fails a program that writes FILE.aem; what stood there stays.
no_model() {
	local status=$1 message=$2
	shift 2
	old_model kept.aem
	expect_error "$status" "$message" "$@" -m kept.aem || return
	is_old_model kept.aem && [ ! -e kept.aem.ckpt ] && no_rubbish
}

no_rubbish() {
	[ -z "$(find . -name '.aefilters-*')" ]
}

# csv NAME LINE...: a file of these lines; printf's escapes work.
csv() {
	local name=$1
	shift
	# shellcheck disable=SC2059 # they are formats
	printf "$(printf '%s\\n' "$@")" >"$name"
}

# The map of a header of one f32 column "x", shape [], a batch of one row, and an end after it.
X='\x81\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa3f32\xa5shape\x90'
ROW='\x94\x01\x01\xc4\x04\x00\x00\x80\x3f'
END='\x93\x02\x81\xa4rows\x01'

# ---- text ----

@test "long options are written in full" {
	printf 'a,b\n1,2\n' >f.csv
	expect_error 2 'unknown option --head; the nearest is --header' ae-err --head 5 f.csv
	expect_error 2 'unknown option --no-head; the nearest is --no-header' ae-cat --no-head f.csv
	expect_error 2 'unknown option --heade; the nearest is --header' ae-cat --heade=a,b f.csv
	expect_error 2 'unknown option --vers; the nearest is --version' ae-cat --vers
	expect_error 2 'unknown option --mod; the nearest is --model' ae-thresh --mod f.csv f.csv
	ae-cat -c --head 1 --no-header --label=2 -- - <<<1,2 | grep -qx '1,2'
	ae-info --act relu --net 2-1 --shape 2 | grep -q dense # a former name
}

@test "bad input: a ragged row, short" {
	csv a.csv id,a,b u1,1,2 u2,3 u3,5,6
	refused 'a.csv: line 3: expected 3 fields, got 2' ae-cat a.csv
	refused 'a.csv: line 3: expected 3 fields, got 2' ae-normalize --fit div:2 a.csv
}

@test "bad input: a ragged row, long" {
	csv a.csv id,a,b u1,1,2 u2,3,4,5 u3,5,6
	refused 'a.csv: line 3: expected 3 fields, got 4' ae-cat a.csv
	refused 'a.csv: line 3: expected 3 fields, got 4' ae-normalize --fit minmax a.csv
}

@test "bad input: text in a number column" {
	csv a.csv id,a,b u1,1,2 u2,three,4
	refused 'a.csv: line 3: column "a": "three" is not a number; text columns are named with --label, --id, --time or --pass' ae-cat a.csv
	csv a.csv 1,2 3,x
	refused 'a.csv: line 2: column "2": "x" is not a number; text columns are named with --label, --id, --time or --pass' ae-cat -H a.csv
}

@test "bad input: zero bytes" {
	: >a.csv
	refused 'a.csv: empty input: not even a header' ae-cat a.csv
	refused '<stdin>: empty input: not even a header' ae-recon -m "$F/m.aem" </dev/null
	true | refused '<stdin>: empty input: the program before it wrote nothing' ae-recon -m "$F/m.aem"
	true | refused '<stdin>: empty input: the program before it wrote nothing' ae-cat -I csv
	true | refused '<stdin>: empty input: the program before it wrote nothing' ae-cat -I idx
	true | refused '<stdin>: empty input: the program before it wrote nothing' ae-err -I aest
}

@test "bad input: NaN in x" {
	csv a.csv id,a,b u1,1,2 u2,3,NaN
	refused 'a.csv: line 3: column "b": missing value; --missing skip leaves such rows out, --missing mask keeps them' ae-cat a.csv
	csv a.csv id,a,b u1,1,2 u2,,4
	refused 'a.csv: line 3: column "a": missing value; --missing skip leaves such rows out, --missing mask keeps them' ae-cat a.csv
	hand_made "$X" '\x94\x01\x01\xc4\x04\x00\x00\xc0\x7f' "$END" >a.aes
	refused 'a.aes: after row 0: row 1, column "x": NaN or infinity, and the header does not say missing' ae-cat a.aes
}

@test "bad input: infinity in x" {
	local word
	for word in inf -inf Infinity; do
		csv a.csv id,a,b u1,1,2 "u2,3,$word"
		refused "a.csv: line 3: column \"b\": \"$word\" is infinite or too large" ae-cat a.csv
		refused "a.csv: line 3: column \"b\": \"$word\" is infinite or too large" ae-cat --missing=mask a.csv
	done
	hand_made "$X" '\x94\x01\x01\xc4\x04\x00\x00\x80\xff' "$END" >a.aes
	refused 'a.aes: after row 0: row 1, column "x": NaN or infinity, and the header does not say missing' ae-cat a.aes
}

@test "bad input: 1e400" {
	csv a.csv a,b 1,2 1e400,3
	printf 'x,t\n1,2\n3,4\n5,1e39\n' >t.csv
	refused 't.csv: line 4: column "t": "1e39" is too large for f32' ae-cat --f32 --x x --target t t.csv
	refused 'a.csv: line 3: column "a": "1e400" is infinite or too large' ae-cat a.csv
	csv a.csv a,b 1,2 1e39,3
	refused 'a.csv: line 3: column "a": "1e39" is too large for f32' ae-cat --f32 a.csv
	ae-cat a.csv >a.aes # a double holds it
}

@test "bad input: hexadecimal" {
	csv a.csv a,b 1,2 0x1F,3
	refused 'a.csv: line 3: column "a": "0x1F" is not a number; text columns are named with --label, --id, --time or --pass' ae-cat a.csv
}

@test "bad input: spaces in a number" {
	local cell
	for cell in ' 1' '1 ' '1 000' ' '; do
		csv a.csv a,b 1,2 "$cell,3"
		case $cell in
			1*0) refused "a.csv: line 3: column \"a\": \"$cell\" is not a number; text columns are named with --label, --id, --time or --pass" ae-cat a.csv ;;
			*) refused "a.csv: line 3: column \"a\": \"$cell\" is not a number: blanks around numbers are not taken: *" ae-cat a.csv ;;
		esac
	done
}

@test "bad input: an integer above 2^24" {
	csv a.csv a,b 1,2 3,16777217
	refused 'a.csv: line 3: column "b": "16777217" is an integer above 2^24, more like an id than an input: say which it is with --label, --id, --time, --pass or --x' ae-cat a.csv
	ae-cat -c --x a,b a.csv | cmp - a.csv
	csv a.csv a,b 1,2 3,16777216 5,16777217.5 7,1.7e7
	ae-cat a.csv >a.aes
}

@test "bad input: a column called anomaly among the inputs" {
	local name
	for name in anomaly Class y changepoint index ''; do
		csv a.csv "a,b,$name" 1,2,0
		refused "a.csv: line 1: column \"$name\" looks like truth or bookkeeping, not like an input: say which it is with --label, --id, --time, --pass or --x" ae-cat a.csv
		ae-cat --label 3 a.csv >a.aes
	done
}

@test "bad input: an unterminated quote" {
	csv a.csv id,a,b u1,1,2 '"u2,3,4' u3,5,6
	refused 'a.csv: line 3: a quote is never closed; --multiline reads cells of several lines' ae-cat a.csv
	refused 'a.csv: line 3: a quote is never closed' ae-cat --multiline a.csv
	csv a.csv id,a,b u1,1,2 'u"2,3,4'
	refused 'a.csv: line 3: misplaced quote' ae-cat a.csv
}

@test "bad input: a last row without newline" {
	printf 'a,b\n1,2\n3,4' >a.csv
	refused 'a.csv: line 3: no newline at the end, so the file may be cut; --lenient-eof accepts it' ae-cat a.csv
	[ "$(ae-cat -c --lenient-eof a.csv)" = "$(<a.csv)" ]
}

@test "bad input: a NUL byte" {
	printf 'id,a,b\nu1,1,2\nu\0002,3,4\n' >a.csv
	refused 'a.csv: line 3: NUL byte' ae-cat a.csv
	printf 'id,a\0,b\nu1,1,2\n' >a.csv
	refused 'a.csv: line 1: NUL byte' ae-cat a.csv
}

@test "bad input: a blank line" {
	csv a.csv a,b 1,2 '' 3,4
	refused 'a.csv: line 3: blank line; *' ae-cat a.csv
	csv a.csv a,b 1,2 3,4 ''
	refused 'a.csv: line 4: blank line; *' ae-cat a.csv
	csv a.csv a 1 '' 3
	refused 'a.csv: line 3: column "a": missing value; --missing skip leaves such rows out, --missing mask keeps them' ae-cat a.csv
}

@test "bad input: a header with numbers and no -H" {
	csv a.csv 1.5,2,3 4,5,6
	refused 'a.csv: line 1: column 1 of the header is the number 1.5: --no-header, or --header a,b,c, says that there is no header row, --numeric-header that this is one' ae-cat a.csv
	csv a.csv a,2.5,c 4,5,6
	refused 'a.csv: line 1: column 2 of the header is the number 2.5: *' ae-cat a.csv
}

@test "bad input: a label column that is absent" {
	csv a.csv a,b 1,2 3,4
	no_model 1 '--where: no column "label" of single values; the columns are: x' ae-train --net 2-1-2 --where label=1 a.csv
	expect_error 1 'a.csv: no column of role label; the stream has: a, b; --label COL of the first program names it' ae-metrics --normal 1 a.csv
	refused 'a.csv: line 1: --label: no column "label"' ae-cat --label label a.csv
	csv a.csv temp,lable 1,0
	refused 'a.csv: line 1: --label: no column "label"; the nearest is "lable"' ae-cat --label label a.csv
	refused '--where: no column "label" of single values; similar names are: "lable"' ae-cat --where label=1 a.csv
	refused 'a.csv: line 1: --label -3: there are 2 columns' ae-cat --label -3 a.csv
}

# ---- AEST ----

@test "bad input: AEST of an unknown version" {
	printf '\x94\xa4AEST\x02\x80\xc0' >a.aes
	refused 'a.aes: AEST version 2; this program reads version 1' ae-cat a.aes
	printf '\x94\xa4AEST\xcd\x01\x00\x80\xc0' >a.aes
	refused 'a.aes: AEST version 256; this program reads version 1' ae-cat a.aes
}

@test "bad input: AEST with a huge count" {
	hand_made "$X" '\x94\x01\xce\xff\xff\xff\xff\xc4\x04\x00\x00\x80\x3f' "$END" >a.aes
	refused 'a.aes: after row 0: column "x": expected 4 bytes for each of 4294967295 rows, got 4' ae-cat a.aes
	hand_made '\x81\xa4cols\xdd\xff\xff\xff\xff' >a.aes
	refused 'a.aes: header: *' resident_below 16384 ae-cat a.aes
	hand_made "$X" '\x93\x02\x81\xa4rows\xcf\xff\xff\xff\xff\xff\xff\xff\xff' >a.aes
	refused 'a.aes: after row 0: the end says 18446744073709551615 rows, but 0 came' ae-cat a.aes
}

@test "bad input: AEST with a wrong bin length" {
	hand_made "$X" '\x94\x01\x01\xc4\x03\x00\x00\x80' "$END" >a.aes
	refused 'a.aes: after row 0: column "x": expected 4 bytes for each of 1 rows, got 3' ae-cat a.aes
	hand_made "$X" '\x94\x01\x02\xc4\x04\x00\x00\x80\x3f' "$END" >a.aes
	refused 'a.aes: after row 0: column "x": expected 4 bytes for each of 2 rows, got 4' ae-cat a.aes
}

@test "bad input: AEST with a wrong checksum" {
	local size
	csv a.csv a,b 1,2 3,4
	ae-cat -o a.aes a.csv
	size=$(wc -c <a.aes)
	flip a.aes $((size - 2)) 4 >bad.aes
	refused 'bad.aes: after row 2: wrong checksum' ae-cat bad.aes
	flip a.aes $((size - 30)) 4 >bad.aes
	refused 'bad.aes: after row 0: wrong checksum' ae-noise --mask 0.5 bad.aes
	flip a.aes 10 4 >bad.aes
	refused 'bad.aes: header: wrong checksum' ae-cat bad.aes
}

@test "bad input: AEST with trailing garbage" {
	hand_made "$X" "$ROW" "$END" >a.aes
	{
		cat a.aes
		echo garbage
	} >bad.aes
	refused 'bad.aes: something that is no stream follows the end' ae-cat bad.aes
	{
		cat a.aes
		printf '\n'
	} >bad.aes
	refused 'bad.aes: something that is no stream follows the end' ae-cat bad.aes
}

@test "a large value under a key, or in a section, of a later version takes no more memory than a few copies of it" {
	# 16 MiB of nil: an object for each would take 24 times as much
	nils() {
		printf '\xdd\x01\0\0\0'
		head -c 16777216 /dev/zero | tr '\0' '\300'
	}
	{
		hand_made "\x82${X#????}\xa5later" | head -c -1
		nils
		printf '\xc0%b\xc0%b\xc0' "$ROW" "$END"
	} >header.aes
	{
		hand_made "${X/x84/x85}\xa5later" | head -c -1
		nils
		printf '\xc0%b\xc0%b\xc0' "$ROW" "$END"
	} >column.aes
	{
		printf '\x94\xa4AEMF\x01\x80\xc0\x94\xa5later\xc2\x81\xa1k'
		nils
		printf '\xc0\x93\xa3end\x81\xa8sections\x01\xc0'
	} >section.aem
	resident_below 65536 ae-info header.aes
	resident_below 131072 ae-cat -o header-out.aes header.aes
	[ "$(stat -c %s header-out.aes)" -gt 16777216 ]
	resident_below 65536 ae-info column.aes
	resident_below 131072 ae-cat -o column-out.aes column.aes
	[ "$(ae-cat -c column-out.aes)" = "$(ae-cat -c column.aes)" ]
	[ "$(stat -c %s column-out.aes)" -gt 16777216 ]
	resident_below 65536 ae-info -m section.aem
}

@test "bad input: rows that are announced and do not come have no header of text, and take no memory" {
	printf '\0\0\10\3\0\0\0\2\0\20\0\0\0\0\0\2abcd' >a.idx
	{
		printf '\223NUMPY\1\0\166\0'
		printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 1000000), }"
		printf abcdefgh
	} >a.npy
	printf 'P5\n20000 1000\n255\nabc' >a.pgm
	hand_made '\x81\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa3f32\xa5shape\x91\xce\x01\x00\x00\x00' >a.aes
	local file program message
	for file in a.idx a.npy a.pgm a.aes; do
		case $file in
		a.idx) message='IDX: cut after row 0 of 2' ;;
		a.npy) message='npy: cut after row 0 of 1' ;;
		a.pgm) message='PNM: cut inside image 1' ;;
		a.aes) message='after row 0: the stream is cut: no end mark' ;;
		esac
		for program in 'ae-cat -c' 'ae-cat -t' 'ae-normalize --fit div:2 -c'; do
			run -1 resident_below 16384 bash -c "$program $file >out 2>msg"
			[[ $(<msg) == *"$file: "* ]]
			[ -z "$(tr -d '!\n' <out)" ]
			run -1 bash -c "set -o pipefail; cat $file | $program >out 2>msg"
			[[ $(<msg) == *"<stdin>: "* ]]
			[ -z "$(tr -d '!\n' <out)" ]
		done
		expect_error 1 "$file: $message*" ae-cat $file
	done
	# A file is not read on where its first row cannot come.
	expect_error 1 'a.idx: IDX: cut after row 0 of 2' resident_below 16384 ae-normalize --fit minmax a.idx
}

@test "bad input: what is kept for each value of a row is allocated with the first row, not with the header" {
	local size='\xce\x7f\xff\xff\xff' file program
	hand_made "\x81\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa3f32\xa5shape\x91$size" >x.aes
	hand_made "\x81\xa4cols\x92\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa3f32\xa5shape\x91$size\x84\xa4name\xa5recon\xa4role\xa5recon\xa4type\xa3f32\xa5shape\x91$size" >recon.aes
	for file in x recon; do # with an end
		cp $file.aes $file-none.aes
		printf '\x93\x02\x81\xa4rows\x00\xc0' >>$file-none.aes
	done
	printf '\0\0\10\3\177\377\377\377\0\0\20\0\0\0\20\0abc' >a.idx
	for program in 'ae-normalize --fit '{minmax,standard,robust,maxabs} 'ae-normalize --fit minmax --per tensor' \
		'ae-info --stats' 'ae-plot line --y x -o x.png' 'ae-train --net 4 -m x.aem' 'ae-noise --gaussian 1 -o out.aes' \
		'ae-window --size 3 -o out.aes' 'ae-split --test 0.2 --test-out out.aes -o train.aes' 'ae-cat --tail 3 -o out.aes'; do
		for file in a.idx x.aes x-none.aes; do
			resident_below 16384 bash -c "$program <$file >out 2>msg || [ \$? -le 2 ]"
			run ! grep memory msg
		done
	done
	for program in 'ae-err --top 3' 'ae-err --per-feature' 'ae-err --metric cosine' 'ae-normalize --invert' 'ae-info --stats'; do
		for file in recon.aes recon-none.aes; do
			resident_below 16384 bash -c "$program <$file >out 2>msg || [ \$? -le 2 ]"
			run ! grep memory msg
		done
	done
	expect_error 1 '<stdin>: no rows to fit a scaler on' ae-normalize --fit minmax <x-none.aes
}

@test "bad input: no rows of more values than a line of text can name" {
	hand_made '\x81\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa2u8\xa5shape\x91\xce\x7f\xff\xff\xff' \
		'\x93\x02\x81\xa4rows\x00' >a.aes
	[ "$(ae-info --count a.aes)" = 0 ]
	expect_error 1 'no rows, and 2147483647 names to write for them, which no line of text holds' \
		resident_below 16384 ae-cat -c a.aes
	ae-cat a.aes | ae-cat -O npy >a.npy
	[ "$(ae-info --count a.npy)" = 0 ]
}

@test "a long header of text goes out with the first row, or at the end where there is none; a short one at once" {
	ae-cat --header "$(seq -s, -f f%g 1 5000)" -o wide.aes <(seq -s, 1 5000)
	ae-cat -c wide.aes >wide.csv
	[ "$(head -n 1 wide.csv)" = "$(seq -s, -f f%g 1 5000)" ]
	[ "$(wc -l <wide.csv)" = 2 ]
	ae-cat -c wide.aes wide.aes | cmp - <(cat wide.csv && tail -n 1 wide.csv)
	[ "$(ae-cat -c --head 0 wide.aes)" = "$(head -n 1 wide.csv)" ]
	ae-cat --head 0 wide.aes >none.aes
	ae-cat -t none.aes none.aes | cmp - <(head -n 1 wide.csv | tr , '\t')
	mkfifo in out
	ae-cat -c <in >out 3>&- &
	exec 8>in 9<out
	printf 'a,b\n' >&8
	read -r -t 20 line <&9
	[ "$line" = a,b ]
	exec 8>&-
	wait $!
}

# ---- data and model ----

@test "bad input: 5,000 columns against a model of 140 inputs" {
	yes 0.5 | head -n 5000 | paste -sd, >wide.csv
	local got='wide.csv: column "x": expected 140 values of shape \[140\], got 5000 of shape \[5000\]'
	refused "$got" ae-normalize -H -m "$F/m.aem" wide.csv
	refused "$got" ae-recon -H --scaled -m "$F/m.aem" wide.csv
	refused "$got" ae-encode -H --scaled -m "$F/m.aem" wide.csv
	no_model 1 'network: "140-8-140" takes 140 values, but a row \[5000\] has 5000' ae-train -H --net 140-8-140 wide.csv
	no_model 1 "$F/m.aem: was trained on x of shape \[140\], but this one has \[5000\]" \
		ae-train -H --resume "$F/m.aem" --epochs 99 wide.csv
}

@test "bad input: no training row left after --where" {
	no_model 1 "$F/train.aes: no row is left for training: --where takes none; there are labels *" ae-train --net 140-8-140 --where label=7 "$F/train.aes"
	csv a.csv a,b 1, 2, ,3
	ae-cat --missing=mask -o a.aes a.csv
	no_model 1 'a.aes: no row is left for training: 3 have missing values' ae-train --net 2-1-2 a.aes
}

@test "bad input: a target that the network does not make" {
	csv a.csv a,b,target.a,target.b,target.c 1,2,3,4,5
	no_model 1 'the network makes rows of shape \[2\], but target has \[3\]' ae-train --net 2-1-2 a.csv
	csv b.csv a,b,target.a 1,2,3
	no_model 1 'the network makes rows of shape \[2\], but target has \[1\]' ae-train --net 2-1-2 b.csv
	csv x.csv a,b 1,2
	no_model 1 'the network makes rows of shape \[3\], but x has \[2\]' ae-train --net 2-1-3 x.csv
	csv c.csv a,b,target.a,target.b 1,2,3,4
	no_model 1 'b.csv: the network makes rows of shape \[2\], but target has \[1\]' ae-train --net 2-1-2 --valid b.csv c.csv
}

@test "bad input: x of another scaler than the model's" {
	local remedy="x was scaled by another scaler than the model's: scale the original with ae-normalize -m $F/m.aem"
	ae-normalize --fit standard -o other.aes "$F/test.aes"
	refused "other.aes: $remedy" ae-recon -m "$F/m.aem" other.aes
	refused "other.aes: $remedy" ae-encode -m "$F/m.aem" other.aes
	refused 'other.aes: x is scaled already; --invert undoes it' ae-normalize -m "$F/m.aem" other.aes
	refused 'other.aes: x is scaled already; --invert undoes it' ae-normalize --fit minmax other.aes
	no_model 1 "$F/m.aem: was trained on x of another scaler: scale the original with ae-normalize -m" \
		ae-train --resume "$F/m.aem" --epochs 99 other.aes
	no_model 1 'other.aes: x was scaled by another scaler than the training rows' \
		ae-train --net 140-2-140 --valid other.aes "$F/train.n.aes"
}

@test "bad input: unscaled x for a model of scaled x" {
	local remedy="pipe it through ae-normalize -m $F/m.aem"
	refused "$F/test.aes: x is not scaled, but the model was trained on scaled x: $remedy" ae-recon -m "$F/m.aem" "$F/test.aes"
	refused "$F/test.aes: x is not scaled, but the model was trained on scaled x: $remedy" ae-encode -m "$F/m.aem" "$F/test.aes"
	ae-cat -c -o text.csv "$F/test.n.aes"
	refused "text.csv: text does not say how x was scaled: pipe the original through ae-normalize -m $F/m.aem, or vouch with --scaled that this was" \
		ae-recon -m "$F/m.aem" text.csv
}

@test "bad input: a model with a flipped bit" {
	local size at
	size=$(wc -c <"$F/m.aem")
	for at in 2 7 30 400 $((size / 3)) $((size / 2)) $((size - 300)) $((size - 2)); do
		flip "$F/m.aem" "$at" 4 >flipped.aem
		refused 'flipped.aem: *' ae-recon -m flipped.aem "$F/test.n.aes"
	done
	flip "$F/m.aem" $((size / 2)) 4 >flipped.aem
	refused 'flipped.aem: message *: wrong checksum' ae-recon -m flipped.aem "$F/test.n.aes"
	refused 'flipped.aem: message *: wrong checksum' ae-thresh -m flipped.aem "$F/test.e.aes"
	expect_error 1 'flipped.aem: message *: wrong checksum' ae-info flipped.aem
}

@test "bad input: a model of a newer version" {
	{
		printf '\x94\xa4AEMF\x02\x80\xc0'
		tail -c +14 "$F/m.aem"
	} >newer.aem
	refused 'newer.aem: model format version 2, this program reads version 1' ae-recon -m newer.aem "$F/test.n.aes"
}

@test "bad input: a model that is cut" {
	local size at
	size=$(wc -c <"$F/m.aem")
	for at in 1 6 100 $((size / 2)) $((size - 1)); do
		head -c "$at" "$F/m.aem" >cut.aem
		refused 'cut.aem: truncated: it ends inside a message' ae-recon -m cut.aem "$F/test.n.aes"
	done
	head -c 13 "$F/m.aem" >cut.aem
	refused 'cut.aem: truncated: it ends without its end' ae-recon -m cut.aem "$F/test.n.aes"
	: >cut.aem
	refused 'cut.aem: not a model file: it is empty' ae-recon -m cut.aem "$F/test.n.aes"
	{
		cat "$F/m.aem"
		echo more
	} >long.aem
	refused 'long.aem: bytes after its end' ae-recon -m long.aem "$F/test.n.aes"
}

@test "bad input: a model of another shape, or other names" {
	csv ab.csv a,b 1,2 3,4
	csv abc.csv a,b,c 1,2,3
	csv ac.csv a,c 1,2
	ae-train -q --net 2-1-2 --epochs 1 -m ab.aem ab.csv
	refused 'abc.csv: x has a feature "c", which the model has not' ae-recon --x a,b,c -m ab.aem abc.csv
	refused 'ac.csv: line 1: no column "b", which the model takes' ae-recon -m ab.aem ac.csv
	refused 'ac.csv: x has no feature "b", which the model has' ae-recon --x a,c -m ab.aem ac.csv
	no_model 1 'ab.aem: holds another network: dense 1 relu | dense 2' ae-train --net 2-2-2 --init ab.aem ab.csv
}

@test "bad input: a threshold that was fitted for another network" {
	ae-train -q --net 140-2-140 --epochs 1 -m other.aem "$F/train.n.aes"
	ae-recon -m other.aem "$F/test.n.aes" | ae-err -o other.e.aes
	refused "other.e.aes: err was made with another model than the threshold in $F/m.aem" ae-thresh -m "$F/m.aem" other.e.aes
	cp "$F/m.aem" kept.aem
	expect_error 1 'other.e.aes: err was made with another model than kept.aem' ae-thresh --fit sigma:1 -m kept.aem other.e.aes
	cmp kept.aem "$F/m.aem"
	refused "$F/bare.aem: holds no threshold; ae-thresh --fit puts one there" ae-thresh -m "$F/bare.aem" "$F/test.e.aes"
}

@test "bad input: a threshold that was fitted on another metric" {
	ae-err --metric max -o max.aes "$F/test.r.aes"
	refused "max.aes: err is max, but the threshold in $F/m.aem was fitted on mae" ae-thresh -m "$F/m.aem" max.aes
	ae-normalize --invert "$F/test.r.aes" | ae-err -o original.aes
	refused "original.aes: err is in original units, but the threshold in $F/m.aem in scaled ones" ae-thresh -m "$F/m.aem" original.aes
	ae-noise --gaussian 0.1 "$F/test.n.aes" | ae-recon -m "$F/m.aem" | ae-err -o target.aes
	refused "target.aes: err is against target, but the threshold in $F/m.aem was fitted on errors against x" \
		ae-thresh -m "$F/m.aem" target.aes
}

@test "bad input: fitting an empty stream" {
	csv none.csv a,b
	csv scores.csv label,err
	refused 'none.csv: no rows to fit a scaler on' ae-normalize --fit minmax none.csv
	no_model 1 'none.csv: no rows to train on' ae-train --net 2-1-2 none.csv
	expect_error 1 'scores.csv: no rows to fit a threshold on' ae-thresh --fit sigma:1 --save new.thr scores.csv
	expect_error 1 'scores.csv: no rows to measure' ae-metrics --normal 1 scores.csv
	[ ! -e new.thr ]
}

# ---- files ----

@test "bad input: a model path that is a folder" {
	mkdir folder
	csv a.csv a,b 1,2 3,4
	csv e.csv err 1 2
	# before the first epoch, not after the last
	expect_error 1 'folder: is a folder, not a file' ae-train --net 2-1-2 --epochs 1000000 -m folder a.csv
	refused 'folder: is a folder, not a model file' ae-recon -m folder a.csv
	refused 'folder: is a folder, not a file' ae-normalize --fit minmax --save folder a.csv
	expect_error 1 'folder: is a folder, not a file' ae-thresh --fit sigma:1 --save folder e.csv
	expect_error 1 'folder: is a folder, not a file' ae-cat a.csv -o folder
	expect_error 1 'folder: Is a directory' ae-cat folder
	[ -z "$(ls -A folder)" ]
}

@test "bad input: a model path that cannot be written" {
	csv a.csv a,b 1,2 3,4
	expect_error 1 'nowhere/m.aem: No such file or directory' ae-train --net 2-1-2 --epochs 1000000 -m nowhere/m.aem a.csv
	expect_error 1 '/proc/m.aem: *' ae-train --net 2-1-2 --epochs 1000000 -m /proc/m.aem a.csv
	expect_error 1 'a.csv/m.aem: Not a directory' ae-train --net 2-1-2 --epochs 1000000 -m a.csv/m.aem a.csv
	expect_error 1 'nowhere/a.aes: No such file or directory' ae-cat -o nowhere/a.aes a.csv
	[ "$(id -u)" -eq 0 ] || {
		mkdir closed
		chmod a-w closed
		expect_error 1 'closed/m.aem: Permission denied' ae-train --net 2-1-2 --epochs 1000000 -m closed/m.aem a.csv
	}
}

@test "bad input: an input file that is not there, or compressed" {
	refused 'nowhere.csv: No such file or directory' ae-cat nowhere.csv
	refused 'nowhere.aem: No such file or directory' ae-recon -m nowhere.aem "$F/test.n.aes"
	csv a.csv a,b 1,2
	gzip a.csv
	refused 'a.csv.gz: gzip data: zcat it first' ae-cat a.csv.gz
}

@test "bad input: /dev/full" {
	local full='<stdout>: No space left on device'
	expect_error 1 "$full" full ae-cat "$F/test.aes"
	expect_error 1 "$full" full ae-cat -c "$F/test.aes"
	expect_error 1 "$full" full ae-cat -c --head 0 "$F/test.aes"
	expect_error 1 "$full" full ae-split --test-out test.aes "$F/test.aes"
	expect_error 1 "$full" full ae-normalize --fit minmax "$F/test.aes"
	expect_error 1 "$full" full ae-noise --mask 0.1 "$F/test.aes"
	expect_error 1 "$full" full ae-recon -m "$F/m.aem" "$F/test.n.aes"
	expect_error 1 "$full" full ae-encode -m "$F/m.aem" "$F/test.n.aes"
	expect_error 1 "$full" full ae-err "$F/test.r.aes"
	expect_error 1 "$full" full ae-thresh -m "$F/m.aem" "$F/test.e.aes"
	expect_error 1 "$full" full ae-thresh --fit sigma:1 --where label=1 --save t.thr "$F/test.e.aes"
	expect_error 1 "$full" full ae-metrics --normal 1 "$F/test.v.csv"
	expect_error 1 "$full" full ae-info "$F/m.aem"
	expect_error 1 '/dev/full: No space left on device' ae-cat -o /dev/full "$F/test.aes"
	expect_error 1 '/dev/full: No space left on device' ae-train -q --net 140-2-140 --epochs 1 -m /dev/full "$F/test.n.aes"
	expect_error 1 '/dev/full: No space left on device' ae-train -q --net 140-2-140 --epochs 1 --log /dev/full -m new.aem "$F/test.n.aes"
	[ ! -e test.aes ] && [ ! -e new.aem ]
	no_rubbish
}

# ---- arguments ----

@test "bad input: an unknown option, the nearest is named" {
	expect_error 2 'unknown option --labell; the nearest is --label' ae-cat --labell 3
	expect_error 2 'unknown option --epohcs; the nearest is --epochs' ae-train --epohcs 3
	expect_error 2 'unknown option --metrik; the nearest is --metric' ae-err --metrik=mae
	expect_error 2 'unknown option --wobble; ae-cat --help lists them' ae-cat --wobble
	expect_error 2 'unknown option -Z; ae-cat --help lists them' ae-cat -Z
}

@test "bad input: network text that is impossible, the token is named" {
	csv a.csv a,b 1,2 3,4
	no_model 2 'network: "2-x-2": expected a number of units after "2-"' ae-train --net 2-x-2 a.csv
	no_model 2 'network: "2-1-": expected a number of units after "2-1-"' ae-train --net 2-1- a.csv
	no_model 2 'network: "2-0-2": "0" is not a number of units from 1 to 16777216' ae-train --net 2-0-2 a.csv
	no_model 2 'network: unknown layer "dens"; did you mean dense?' ae-train --net 'dens 4, dense 2' a.csv
	no_model 2 'network: unknown activation "rely"; did you mean relu?' ae-train --net 'dense 4 rely, dense 2' a.csv
	no_model 2 'network: "dense 0": expected a number of units from 1 to 16777216 after "dense"' ae-train --net 'dense 0, dense 2' a.csv
	no_model 2 'network: unknown activation "rely"; did you mean relu?' ae-train --net 2-1-2 --act rely a.csv
	no_model 2 'network: expected a layer before "|"' ae-train --net '| dense 2' a.csv
	no_model 2 'network: more than one "|"' ae-train --net 'dense 1 | dense 1 | dense 2' a.csv
	no_model 1 'network: "3-1-3" takes 3 values, but a row \[2\] has 2' ae-train --net 3-1-3 a.csv
	no_model 1 'nowhere.net: No such file or directory' ae-train --net @nowhere.net a.csv
	expect_error 2 'network: unknown layer "dens"; did you mean dense?' ae-info --net 'dens 4, dense 2' --shape 2
}

@test "bad input: --batch 0" {
	expect_error 2 '--batch 0: expected a whole number from 1 to 16777216' ae-train --net 2-1-2 -m m.aem --batch 0
	expect_error 2 '--batch 1.5: expected a whole number from 1 to 16777216' ae-train --net 2-1-2 -m m.aem --batch 1.5
	expect_error 2 '--batch -1: expected a whole number from 1 to 16777216' ae-train --net 2-1-2 -m m.aem --batch -1
	expect_error 2 '--epochs 0: expected a whole number from 1 to 1000000' ae-train --net 2-1-2 -m m.aem --epochs 0
}

@test "bad input: --lr nan" {
	local word
	for word in nan inf -1 1e400 0x1 '' '1 '; do
		expect_error 2 "--lr $word: expected a number from 0 to 1000000" ae-train --net 2-1-2 -m m.aem --lr "$word"
	done
	expect_error 2 '--at nan: expected a number' ae-thresh --at nan
}

# ---- what looks bad and is accepted ----

@test "accepted: a byte order mark" {
	printf '\xef\xbb\xbfid,a,b\nu1,1,2\n' >a.csv
	[ "$(ae-cat -c a.csv)" = $'id,a,b\nu1,1,2' ]
	printf '\xef\xbb\xbf1,2\n3,4\n' >a.csv
	[ "$(ae-cat -c -H a.csv)" = $'x.1,x.2\n1,2\n3,4' ]
}

@test "accepted: CRLF" {
	printf 'id,a,b\r\nu1,1,2\r\n"u,2",3,4\r\n' >a.csv
	[ "$(ae-cat -c a.csv)" = $'id,a,b\nu1,1,2\n"u,2",3,4' ]
	printf 'id\ta\tb\r\nu1\t1\t2\r\n' >a.tsv
	[ "$(ae-cat -c -I tsv a.tsv)" = $'id,a,b\nu1,1,2' ]
}

@test "accepted: quoted fields" {
	printf '"id","a","b"\n"u1","1","2"\n' >a.csv
	[ "$(ae-cat -c a.csv)" = $'id,a,b\nu1,1,2' ]
}

@test "accepted: delimiters, quotes and newlines embedded in ids" {
	printf 'id,a\n"one, two",1\n"say ""hi""",2\n"two\nlines",3\n' >a.csv
	ae-cat --multiline a.csv | ae-cat --multiline -c | cmp - a.csv
	[ "$(ae-info --multiline --count a.csv)" -eq 3 ]
	ae-cat --multiline -t a.csv | ae-cat -I tsv --multiline -c | cmp - a.csv
}

@test "npy: a file of labels whose size wraps around is an error" {
	# 2^62 + 2 values of 4 bytes are 8 bytes modulo 2^64, and 8 bytes are there
	{
		printf '\x93NUMPY\x01\x00\x76\x00'
		printf '%-117s\n' "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387906,), }"
		printf abcdefgh
	} >wraps.npy
	csv a.csv a 1 2
	expect_error 1 'wraps.npy: npy: the file is cut, or longer than the array' ae-cat -c --label-file wraps.npy a.csv
	expect_error 1 'wraps.npy: npy: the file is cut, or longer than the array' ae-cat -c --id-file wraps.npy a.csv
}

@test "accepted: a constant column" {
	local method
	csv a.csv a,b 5,1 5,2 5,4
	for method in minmax standard robust maxabs; do
		ae-normalize --fit $method a.csv >scaled.aes 2>err.txt
		ae-normalize --invert -c scaled.aes | near 1e-6 a.csv -
		ae-normalize --invert -c scaled.aes | cut -d, -f1 | cmp - <(cut -d, -f1 a.csv) # at scale 1 nothing is lost
		[ "$method" = maxabs ] || [ "$(tail -n 1 err.txt)" = 'ae-normalize: 1 constant column left at scale 1: "a"' ]
	done
	ae-normalize -q --fit minmax a.csv | ae-train -q --net 2-1-2 --epochs 2 -m m.aem
	ae-normalize -m m.aem a.csv | ae-recon -m m.aem | ae-err | ae-info --count | grep -qx 3
}

@test "accepted: one row" {
	csv a.csv id,a,b u1,1,2
	ae-normalize -q --fit standard a.csv | ae-train -q --net 2-1-2 --epochs 2 -m m.aem
	ae-normalize -m m.aem a.csv | ae-recon -m m.aem | ae-err >e.aes
	ae-thresh -q --fit sigma:1 -m m.aem e.aes | grep -q ' 1 rows$'
	[ "$(ae-thresh -m m.aem e.aes | cut -d, -f1,3)" = $'id,pred\nu1,1' ]
}

@test "accepted: a header alone" {
	ae-cat --head 0 "$F/test.aes" | ae-normalize -m "$F/m.aem" | ae-recon -m "$F/m.aem" | ae-err |
		ae-thresh -m "$F/m.aem" >out.csv
	[ "$(<out.csv)" = label,err,pred ]
	csv a.csv id,a,b
	ae-cat a.csv | ae-cat -c | cmp - a.csv
	ae-noise --mask 0.5 a.csv | ae-cat -c --cols id,x | cmp - a.csv
	[ "$(ae-info --count a.csv)" -eq 0 ]
}

@test "accepted: a reader that goes away, quietly" {
	local i
	for ((i = 0; i < 20; i++)); do
		cat "$F/test.aes"
	done >big.aes
	run --separate-stderr -141 pipe 'ae-cat -c big.aes | head -n 1 >first.csv'
	[ -z "$stderr" ]
	[ "$(wc -l <first.csv)" -eq 1 ]
	quiet_when_closed ae-cat big.aes
	quiet_when_closed ae-normalize --fit minmax big.aes
	quiet_when_closed ae-thresh -m "$F/m.aem" "$F/test.e.aes"
}

# ---- silent mistakes ----

@test "silent mistake: ae-train counts the labels it trains on, and warns of more than one" {
	ae-train --net 140-2-140 --epochs 1 -m m.aem "$F/train.n.aes" 2>err.txt
	grep -q '; label, not used: 1: 108, 0: 72$' err.txt
	grep -qx 'ae-train: training on rows of more than one label; --where label=V chooses one' err.txt
	ae-train --net 140-2-140 --epochs 1 --where label=1 -m m.aem "$F/train.n.aes" 2>err.txt
	grep -q '; label, not used: 1: 108$' err.txt
	run grep 'more than one label' err.txt
	[ "$status" -eq 1 ]
}

@test "silent mistake: ae-thresh --fit counts the labels it fits on, and warns of more than one" {
	ae-thresh --fit sigma:1 --save t.thr "$F/test.e.aes" >fit.txt 2>err.txt
	grep -q ' rows, label 1: 67, 0: 53$' fit.txt
	[ "$(<err.txt)" = 'ae-thresh: fitted on rows of more than one label (1: 67, 0: 53); --where label=V chooses one' ]
	ae-thresh --fit sigma:1 --save t.thr --where label=1 "$F/test.e.aes" >fit.txt 2>err.txt
	grep -q ' rows, label 1: 67$' fit.txt
	[ ! -s err.txt ]
}

@test "silent mistake: x that the output activation cannot reach" {
	csv a.csv a,b 0,100 200,255
	no_model 1 "x goes from 0 to 255, but the network's output only from 0 to 1: scale it with ae-normalize, give the last layer another activation, or --force" \
		ae-train -q --net 2-1-2 --out sigmoid a.csv
	no_model 1 "x goes from 0 to 255, but the network's output only from -1 to 1: *" ae-train -q --net 2-1-2 --out tanh a.csv
	csv n.csv a,b -1,1 2,3
	no_model 1 "x goes from -1 to 3, but the network's output only from 0 to infinity: *" ae-train -q --net 2-1-2 --out relu n.csv
	ae-train -q --net 2-1-2 --out sigmoid --force --epochs 1 -m m.aem a.csv
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem a.csv
	csv t.csv a,b,target.a,target.b 0,1,0,9
	no_model 1 "target goes from 0 to 9, but the network's output only from 0 to 1: *" ae-train -q --net 2-1-2 --out sigmoid t.csv
}

@test "silent mistake: ae-metrics refuses an empty stream, and one that was stopped" {
	csv a.csv label,pred
	expect_error 1 'a.csv: no rows to measure' ae-metrics --normal 1 a.csv
	stopped_stream "$F/test.e.aes" stopped.aes
	expect_error 1 'stopped.aes: the stream was stopped before its end: *' ae-metrics --normal 1 stopped.aes
	expect_error 1 'stopped.aes: the stream was stopped before its end: *' ae-thresh --fit sigma:1 --save t.thr stopped.aes
	[ ! -e t.thr ]
	stopped_stream "$F/train.n.aes" stopped.aes
	no_model 1 'stopped.aes: the stream was stopped before its end: *' ae-train --net 140-2-140 stopped.aes
	stopped_stream "$F/train.aes" stopped.aes
	refused 'stopped.aes: the stream was stopped before its end: *' ae-normalize --fit minmax stopped.aes
}

@test "silent mistake: ae-metrics refuses a label that no row has" {
	expect_error 1 '--normal 2: no row has that label; there are 1: 67, 0: 53' ae-metrics --normal 2 "$F/test.v.csv"
}

@test "silent mistake: the past of a stream refuses what does not belong together" {
	ae-normalize --fit standard -o other.aes "$F/test.aes"
	refused '*: another scaler or model than in the stream before it' ae-cat "$F/test.n.aes" other.aes
	ae-train -q --net 140-2-140 --epochs 1 -m raw.aem "$F/train.aes"
	refused "$F/test.n.aes: x is scaled, but the model was trained on unscaled x: pipe it through ae-normalize --invert" \
		ae-recon -m raw.aem "$F/test.n.aes"
	ae-encode -m raw.aem "$F/test.aes" -o latent.aes
	ae-train -q --net 140-2-140 --epochs 1 --seed 2 -m raw2.aem "$F/train.aes"
	refused 'latent.aes: latent was not made with raw2.aem' ae-decode -m raw2.aem latent.aes
	ae-cat -c "$F/test.e.aes" -o e.csv
	refused "e.csv: text does not say which model made err: score with ae-recon and ae-err, or vouch with --scaled that $F/m.aem made it" \
		ae-thresh -m "$F/m.aem" e.csv
	refused "$F/test.aes: nothing to invert: x is not scaled" ae-normalize --invert "$F/test.aes"
}

@test "silent mistake: options that would change nothing are usage errors" {
	printf 'id,err\na,1\nb,2\na,3\n' >e.csv
	ae-transform --log1p --x err -o l.aes e.csv
	local says command
	while IFS='|' read -r says command; do
		# shellcheck disable=SC2086 # they are words
		expect_error 2 "$says" $command
	done <<-'END'
		--seed goes with --sample|ae-cat --seed 5 e.csv
		--seed goes with --sample|ae-plot hist --seed 5 e.csv
		--seed goes with --gaussian or --salt-pepper or --mask|ae-noise --clip 0,1 --seed 5 e.csv
		--ordered excludes --seed|ae-split --test-out t.csv --ordered --seed 5 e.csv
		--max-groups goes with --stream or --episodes or --exec or --prom|ae-thresh --at 1 --max-groups 5 e.csv
		--max-groups goes with --stream or --episodes or --exec or --prom|ae-thresh --fit sigma:3 --save s --group id --max-groups 5 e.csv
		--max-groups goes with --group or --model|ae-thresh --at 1 --stream quantile --window 20 --max-groups 5 e.csv
		--seed goes with --bootstrap|ae-thresh --at 1 --seed 5 e.csv
		--seed goes with --bootstrap|ae-thresh --fit sigma:3 --save s --seed 5 e.csv
		--seed goes with --bootstrap|ae-thresh --compare --seed 5 e.csv
		--scaled goes with --model|ae-thresh --at 1 --scaled e.csv
		--scaled goes with --model|ae-thresh --fit sigma:3 --save s --scaled e.csv
		--fit excludes --output|ae-thresh --fit sigma:3 --save s -o v.csv e.csv
		--fit excludes --batch-rows|ae-thresh --fit sigma:3 --save s --batch-rows 4 e.csv
		--compare excludes -O|ae-thresh --compare -O csv e.csv
		--compare excludes --csv|ae-thresh --compare -c e.csv
		--max-groups goes with --group|ae-smooth --mean 3 --max-groups 5 e.csv
		--max-groups goes with --group or --model|ae-window --size 3 --max-groups 5 --x err e.csv
		--max-groups goes with --group or --model|ae-transform --diff 3 --max-groups 5 --x err e.csv
		--invert excludes --state|ae-transform --invert --state s l.aes
		--invert excludes --group|ae-transform --invert --group id l.aes
		--net excludes --stats|ae-info --net 3-1-3 --stats
		--net excludes --model|ae-info --net 3-1-3 -m m.aem
		--model excludes --count|ae-info -m m.aem --count
		--pipeline excludes --inputs|ae-info --pipeline m.aem --inputs
		--count excludes --stats|ae-info --count --stats e.csv
		--hidden-act goes with --net|ae-info --hidden-act tanh e.csv
	END
}
