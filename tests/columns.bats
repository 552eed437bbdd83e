#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-cat's new columns (--number, --id-file, --label-file, --set, --paste) and its selection, in the order they work.
load helpers
load scoring

# counting N: a CSV file of N rows "a" = 0 ... N-1, "b" ten times that.
counting() {
	echo a,b
	seq 0 $(($1 - 1)) | awk '{ print $1 "," 10 * $1 }'
}

# cells NAME [FILE...]: the values of one column, in one line.
cells() {
	ae-cat -c "${@:2}" | column "$1" | tail -n +2 | paste -sd ' '
}

setup() {
	helpers_setup
	counting 10 >n.csv
}

# ---- new columns ----

@test "ae-cat --number: the row's number from 0 becomes its id, across batches and files" {
	[ "$(ae-cat -c --number --head 2 n.csv)" = $'a,b,id\n0,0,0\n1,10,1' ]
	counting 5000 >many.csv
	ae-cat --number --batch-rows 7 many.csv | ae-cat -c --cols id,x | awk -F, 'NR > 1 && $1 != $2 { exit 1 }'
	[ "$(ae-cat -c --number n.csv n.csv | tail -n 1)" = 9,90,19 ]
	ae-cat -o n.aes n.csv
	[ "$(cat n.aes n.aes | ae-cat -c --number | tail -n 1)" = 9,90,19 ]
	ae-cat --number n.csv | ae-info | grep -qE '^ +id +id +text +\[\]$'
}

@test "ae-cat --number: numbers come before the selection" {
	[ "$(ae-cat --number --where 'a>=7' n.csv | cells id)" = '7 8 9' ]
	[ "$(ae-cat --number --tail 2 n.csv | cells id)" = '8 9' ]
	[ "$(ae-cat --number --where 'id=3,5' n.csv | cells a)" = '3 5' ]
}

@test "ae-cat --number: a column id that is there already is an error" {
	printf 'id,a\nx,1\n' >id.csv
	expect_error 1 '--number: there is a column "id" already' ae-cat --number id.csv
	expect_error 1 '--id-file: there is a column "id" already' ae-cat --id-file n.csv id.csv
	expect_error 2 '--number and --id-file exclude each other' ae-cat --number --id-file n.csv n.csv
	[ "$(printf 'unit,a\nx,1\n' | ae-cat -c --id unit --number)" = $'unit,a,id\nx,1,0' ] # others stay
}

@test "ae-cat --label-file: a line a row, npy or IDX, in place of a label that is there" {
	seq 0 9 | sed 's/^/ok, "/' >lines
	[ "$(ae-cat -c --label-file lines --head 2 n.csv)" = $'a,b,label\n0,0,"ok, ""0"\n1,10,"ok, ""1"' ]
	seq 0 9 | sed 's/$/\r/' | head -c -2 >crlf # no newline at the end
	[ "$(ae-cat --label-file crlf n.csv | cells label)" = '0 1 2 3 4 5 6 7 8 9' ]
	printf '\0\0\10\1\0\0\0\12\11\10\7\6\5\4\3\2\1\0' >labels.idx
	[ "$(ae-cat --label-file labels.idx n.csv | cells label)" = '9 8 7 6 5 4 3 2 1 0' ]
	seq 9 -1 0 | ae-cat -H -o labels.npy
	ae-cat --label-file labels.npy n.csv >npy.aes
	ae-cat --label-file labels.idx n.csv | cmp - npy.aes
	ae-cat --label a n.csv | ae-cat --label-file labels.idx -c --head 1 >out.csv
	[ "$(<out.csv)" = $'b,label\n0,9' ]
}

@test "ae-cat --id-file: ids with anything in them" {
	printf 'one\ntwo, too\n\n"four"\n 5 \n6\n7\n8\n9\n10\n' >ids
	[ "$(ae-cat -c --id-file ids --head 5 --cols id n.csv)" = $'id\none\n"two, too"\n""\n"""four"""\n 5 ' ]
}

@test "ae-cat --label-file and --id-file: the mark of a failed writer and a blank last line are no values" {
	local option mark='line 2: "!": the program that wrote this failed; a value of ! is given in CSV, with --paste'
	printf 'a\n1\n2\n3\n' >three.csv
	for option in --label-file --id-file; do
		printf 'x\n!\ny\n' >lines
		expect_error 1 "lines: $mark" ae-cat $option lines three.csv
		printf 'x\n!' >lines
		expect_error 1 "lines: $mark" ae-cat $option lines three.csv
		printf '\xef\xbb\xbf!\r\n' >lines
		expect_error 1 "lines: ${mark/2/1}" ae-cat $option lines three.csv
		printf 'x\n\n\n' >lines
		expect_error 1 'lines: line 3: the last line is blank: *' ae-cat $option lines three.csv
		printf 'x\ny\n\r\n' >lines
		expect_error 1 'lines: line 3: the last line is blank: *' ae-cat $option lines three.csv
		printf 'x\n\n"!"\n' >lines
		[ "$(ae-cat $option lines --cols "${option:2:-5}" -c three.csv)" = "${option:2:-5}"$'\nx\n""\n"""!"""' ]
	done
	printf 'label\nx\n"!"\n""\n' >label.csv
	[ "$(ae-cat --paste label.csv -c three.csv)" = $'a,label\n1,x\n2,"!"\n3,' ]
}

@test "ae-cat --label-file and --id-file: another number of rows, and files that are none, are errors" {
	seq 9 >nine
	seq 11 >eleven
	expect_error 1 'nine: 9 rows, but the stream has more' ae-cat --label-file nine n.csv
	expect_error 1 'eleven: 11 rows, but the stream has 10' ae-cat --id-file eleven n.csv
	ae-cat --label-file eleven --head 3 n.csv >part.aes # the rest is not looked at
	[ "$(cells label part.aes)" = '1 2 3' ]
	expect_error 1 'nowhere: No such file or directory' ae-cat --label-file nowhere n.csv
	printf '\0\0\10\1\0\0\0\12\1\2\3' >cut.idx
	expect_error 1 'cut.idx: IDX: 10 values are announced, but 3 are there' ae-cat --label-file cut.idx n.csv
	printf '\0\0\10\3\0\0\0\2\0\0\0\1\0\0\0\2abcd' >images.idx
	expect_error 1 'images.idx: IDX: *' ae-cat --label-file images.idx n.csv
	seq 10 | gzip >ten.gz
	expect_error 1 'ten.gz: gzip data: zcat it first' ae-cat --label-file ten.gz n.csv
	ae-cat -o two.npy n.csv
	expect_error 1 'two.npy: npy: an array of more than one value a row' ae-cat --label-file two.npy n.csv
}

@test "ae-cat --set label=V: every row gets it, in place of a label that is there" {
	[ "$(ae-cat -c --set label=good,or,bad --head 1 n.csv)" = $'a,b,label\n0,0,"good,or,bad"' ]
	[ "$(ae-cat --label a n.csv | ae-cat -c --set label= --head 1)" = $'b,label\n0,' ]
	expect_error 2 '--set x=1: expected label=VALUE' ae-cat --set x=1 n.csv
	expect_error 2 '--set and --label-file exclude each other' ae-cat --set label=1 --label-file n.csv n.csv
}

@test "ae-cat --paste: columns of another stream stand beside" {
	printf 'time,label\n' >t.csv
	seq 0 9 | sed 's/.*/t&,l&/' >>t.csv
	[ "$(ae-cat -c --paste t.csv --tail 1 n.csv)" = $'a,b,time,label\n9,90,t9,l9' ]
	ae-cat --paste t.csv n.csv >all.aes
	# whatever the batches of both sides
	ae-cat --batch-rows 3 -o three.aes t.csv
	same 'ae-cat --batch-rows 4 n.csv | ae-cat --paste three.aes | ae-cat -c' 'ae-cat -c all.aes'
	cat three.aes three.aes >six.aes
	ae-cat -c --paste six.aes n.csv n.csv | tail -n +2 >twice.csv
	same 'cat twice.csv' 'ae-cat -c all.aes | tail -n +2 && ae-cat -c all.aes | tail -n +2'
	ae-cat --paste - n.csv <t.csv | cmp - all.aes
}

@test "ae-cat --paste: ids must agree, and stand once" {
	ae-cat -c --number -o left.csv n.csv
	printf 'id,time\n' >right.csv
	seq 0 9 | sed 's/.*/&,t&/' >>right.csv
	[ "$(ae-cat -c --paste right.csv --tail 1 left.csv)" = $'a,b,id,time\n9,90,9,t9' ]
	sed 's/^4,/04,/' right.csv >other.csv
	expect_error 1 'other.csv: row 5: id "04" beside id "4"' ae-cat --paste other.csv left.csv
	expect_error 1 'other.csv: row 5: id "04" beside id "4"' ae-cat --paste other.csv <(ae-cat --batch-rows 1 left.csv)
	[ "$(ae-cat -c --paste right.csv --tail 1 n.csv)" = $'a,b,id,time\n9,90,9,t9' ] # only one side has ids
}

@test "ae-cat --paste: other lengths, and columns that are there already, are errors" {
	printf 'time\n' >short.csv
	seq 9 | sed 's/^/t/' >>short.csv
	expect_error 1 'short.csv: 9 rows, but the stream has more' ae-cat --paste short.csv n.csv
	seq 2 | sed 's/^/t/' >>short.csv
	expect_error 1 "short.csv: more rows than the stream's 10" ae-cat --paste short.csv n.csv
	expect_error 1 '--paste n.csv: *' ae-cat --paste n.csv n.csv # a second x
	expect_error 1 'nowhere.csv: No such file or directory' ae-cat --paste nowhere.csv n.csv
	ae-cat -o n.aes n.csv
	head -c -13 n.aes >cut.aes
	expect_error 1 '*cut.aes: *' ae-cat --paste cut.aes --cols x n.csv
}

@test "ae-cat --paste: what ae-decode made beside what went into ae-encode" {
	scoring=$BATS_TEST_TMPDIR/scoring
	mkdir "$scoring"
	ae-normalize -q --fit minmax n.csv | ae-cat --number -o scaled.aes
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem scaled.aes
	ae-encode -m m.aem scaled.aes | ae-decode -m m.aem | ae-cat --paste scaled.aes | ae-err -c >pasted.csv
	ae-recon -m m.aem scaled.aes | ae-err -c | cmp - pasted.csv
}

# ---- selection ----

@test "ae-cat --skip and --head: the first rows left out, the next ones taken" {
	[ "$(ae-cat --skip 8 n.csv | cells a)" = '8 9' ]
	[ "$(ae-cat --head 2 n.csv | cells a)" = '0 1' ]
	[ "$(ae-cat --head 2 --skip 3 n.csv | cells a)" = '3 4' ] # the order of the options does not matter
	[ -z "$(ae-cat --head 0 n.csv | cells a)" ]
	[ -z "$(ae-cat --skip 10 n.csv | cells a)" ]
	[ "$(ae-cat --head 18446744073709551615 --skip 9 n.csv | cells a)" = 9 ]
	counting 10000 >many.csv
	[ "$(ae-cat --skip 4095 --head 2 many.csv | cells a)" = '4095 4096' ]
}

@test "ae-cat --head: what follows is not read" {
	counting 5 >bad.csv
	echo x,y >>bad.csv
	[ "$(ae-cat --head 5 bad.csv | cells a)" = '0 1 2 3 4' ]
	expect_error 1 'bad.csv: line 7: *' ae-cat --head 6 bad.csv
	(yes 1,2 || true) | ae-cat -H --head 3 | ae-info --count | grep -qx 3
}

@test "ae-cat --tail: the last rows" {
	[ "$(ae-cat --tail 3 n.csv | cells a)" = '7 8 9' ]
	[ "$(ae-cat --tail 3 --head 5 n.csv | cells a)" = '2 3 4' ] # of the head
	[ "$(ae-cat --tail 30 n.csv | cells a)" = '0 1 2 3 4 5 6 7 8 9' ]
	[ -z "$(ae-cat --tail 0 n.csv | cells a)" ]
	counting 9000 >many.csv
	[ "$(ae-cat --tail 8191 many.csv | cells a)" = "$(seq 809 8999 | paste -sd ' ')" ]
}

@test "ae-cat --sample: N rows at random, in their order, a function of the seed" {
	counting 1000 >many.csv
	ae-cat -c --sample 100 --seed 1 --cols x many.csv | tail -n +2 | sed 's/,.*//' >one
	[ "$(wc -l <one)" -eq 100 ]
	[ "$(sort -un one | wc -l)" -eq 100 ]
	sort -n one | cmp - one
	ae-cat --batch-rows 7 many.csv | ae-cat -c --sample 100 --seed 1 --cols x | tail -n +2 | sed 's/,.*//' | cmp - one
	ae-cat -c --sample 100 --seed 2 --cols x many.csv | tail -n +2 | sed 's/,.*//' >two
	run -1 cmp -s one two
	# all of them if there are no more, none if none is wanted
	[ "$(ae-cat --sample 10 n.csv | cells a)" = '0 1 2 3 4 5 6 7 8 9' ]
	[ "$(ae-cat --sample 99 n.csv | cells a)" = '0 1 2 3 4 5 6 7 8 9' ]
	[ -z "$(ae-cat --sample 0 n.csv | cells a)" ]
}

@test "ae-cat --sample: every row has the same chance" {
	local seed
	for ((seed = 0; seed < 200; seed++)); do
		ae-cat --sample 3 --seed $seed n.csv | cells a
	done >draws
	# 600 draws of 10 rows: 60 each, standard deviation 6.5
	tr ' ' '\n' <draws | sort | uniq -c | awk '$1 < 34 || $1 > 86 { exit 1 } END { exit NR != 10 }'
}

@test "ae-cat: where, skip, head, tail, sample, cols, in this order" {
	local wanted
	wanted=$(ae-cat --number --where 'a>1' n.csv | ae-cat --skip 1 | ae-cat --head 6 | ae-cat --tail 5 |
		ae-cat --sample 3 --seed 4 | ae-cat -c --cols id,x)
	[ "$(wc -l <<<"$wanted")" -eq 4 ]
	[ "$(ae-cat -c --cols id,x --seed 4 --sample 3 --tail 5 --head 6 --skip 1 --where 'a>1' --number n.csv)" = "$wanted" ]
}

@test "text that holds results shows as it is, whatever its columns are called" {
	printf 'machine,Anlage,time,a,label,err,pred\nm1,Nord,t1,007,1,0.5,1\nm2,Ost,t2,,0,0.1,\n' >v.csv
	ae-cat -c v.csv | cmp - v.csv
	ae-cat v.csv | ae-cat -c | cmp - v.csv
	ae-info v.csv | grep -qE '^ +Anlage +pass +text'
	ae-plot hist -O text v.csv | grep -q .
	ae-split -q --ordered --test 0.5 --test-out t.csv -c v.csv | cmp - <(head -n 2 v.csv)
	# x is there where an option says so, and where it is spelled
	ae-cat --missing mask --x a -c v.csv | grep -qx 'm1,Nord,t1,7,1,0.5,1'
	printf 'machine,x.1,err\nm,1,2\n' >x.csv
	cat_refuses '*"machine" looks like truth or bookkeeping*' x.csv
	printf 'err,x\n1,2\n' | ae-info | grep -qE '^ +x +x +f64'
	# who fits, trains or applies a model asks
	expect_error 1 '*"machine" looks like truth*' ae-train --net 1-1 -m m.aem v.csv
	expect_error 1 '*"machine" looks like truth*' ae-normalize --fit minmax v.csv
	expect_error 1 '*"machine" looks like truth*' ae-err --of x v.csv
}

@test "options of text are an error where no input is text" {
	local option
	printf 'valve,a,b\n1,2,3\n2,3,1\n' >good.csv
	ae-cat -o good.aes good.csv
	ae-cat -H -o x.npy <(tail -n +2 good.csv)
	for option in '--pass valve' '--x a' '--label a' '--id a' '--time a' '--target a' --f32 '--na 1' --no-header \
		'--header a,b,c' --numeric-header '--shape 3' '--missing skip'; do
		# shellcheck disable=SC2086 # an option and its value
		cat_refuses "${option%% *}* is for text: this is AEST, which says its columns itself" good.aes $option
	done
	cat_refuses '--id is for text: this is npy, which has x alone' x.npy --id 1
	ae-cat --shape 1,3 --missing skip x.npy >/dev/null
	expect_error 1 'good.aes: --pass is for text: *' ae-train -q --pass valve --net 3-1-3 -m m.aem good.aes
	expect_error 1 'good.aes: --pass is for text: *' ae-train -q --pass valve --net 3-1-3 -m m.aem --valid good.aes good.aes
	expect_error 1 'good.aes: --pass is for text: *' pipe 'cat good.aes | ae-cat --pass valve - good.aes'
	[ ! -e m.aem ]
	# they are for one of the inputs, or mean something there
	ae-cat --x valve,a,b good.csv good.aes >/dev/null
	ae-cat --x valve,a,b good.aes good.csv >/dev/null
	ae-train -q --x valve,a,b --net 3-1-3 --epochs 1 -m m.aem --valid good.aes good.csv
	ae-train -q --x valve,a,b --net 3-1-3 --epochs 1 -m m.aem --valid good.csv good.aes
	ae-info --id 1 good.csv good.aes | grep -q '^stream.*good.aes'
	ae-plot grid --shape 1,3 -O text good.aes | grep -q .
	ae-cat --missing mask --on-bad skip --comment '#' good.aes | cmp - good.aes
}

@test "ae-cat --cols: columns by name or role, in the order given" {
	printf 'id,unit,a,b,label,err\nu1,m,1,2,0,0.5\n' >c.csv
	ae-cat --id id,unit --x a,b -o c.aes c.csv
	[ "$(ae-cat -c --cols label,x c.aes)" = $'label,a,b\n0,1,2' ]
	[ "$(ae-cat -c --cols unit,err c.aes)" = $'unit,err\nm,0.5' ]
	[ "$(ae-cat -c --cols id c.aes)" = $'id,unit\nu1,m' ] # a role stands for all of its columns
	expect_error 1 '*--cols: no column "nope"*' ae-cat --cols x,nope c.aes
	expect_error 1 '*--cols: no column ""*' ae-cat --cols '' c.aes
}

@test "ae-cat --cols: names are quoted as in CSV, and one that two columns have is an error" {
	printf 'id,temp,temp,"a, b",c\n1,x,y,2,3\n' >c.csv
	[ "$(ae-cat -c --pass 2-4 --cols '"a, b",id' c.csv)" = $'"a, b",id\n2,1' ]
	[ "$(ae-cat -c --pass 2-4 --cols pass c.csv)" = $'temp,temp,"a, b"\nx,y,2' ] # a role means all
	expect_error 1 '--cols: columns 2 and 3 of the stream are both called "temp"' ae-cat --pass 2-4 --cols x,temp c.csv
	expect_error 1 '--cols: no column "a"' ae-cat --pass 2-4 --cols 'a, b' c.csv
	expect_error 2 '--cols x,"a: a quote is never closed' ae-cat --cols 'x,"a' c.csv
	printf 'id,id,c\n1,2,3\n' >c.csv
	[ "$(ae-cat -c --cols id c.csv)" = $'id,id\n1,2' ]
}

@test "ae-cat --tail and --sample: bounded memory" {
	counting 200000 >many.csv
	resident_below 32768 ae-cat --sample 150000 -o s.aes many.csv
	resident_below 32768 ae-cat --tail 150000 -o t.aes many.csv
	[ "$(ae-info --count s.aes)" -eq 150000 ]
	[ "$(ae-cat --head 1 t.aes | cells a)" = 50000 ]
}

@test "ae-cat with new columns: clean under valgrind" {
	seq 10 >ids
	printf 'time\n' >t.csv
	seq 10 >>t.csv
	valgrind_clean ae-cat -c --id-file ids --set label=1 --paste t.csv --where 'a!=3' --skip 1 --tail 6 --sample 4 --cols id,time,x n.csv >out.csv
	[ "$(wc -l <out.csv)" -eq 5 ]
	run valgrind_clean ae-cat --label-file ids --paste n.csv n.csv
	[ "$status" -eq 1 ]
}
