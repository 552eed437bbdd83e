#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Outputs that live: text as it comes, whatever it goes to; what a failure leaves; logs that grow.
load helpers
load scoring

# holds FILE TEXT: that is all there is in it, but for newlines at the end.
holds() {
	[ -e "$1" ] && [ "$(<"$1")" = "$2" ]
}

# ---- text as it comes ----

@test "text into a regular file goes out when no more input is waiting" {
	local format
	mkfifo in
	for format in -c -t; do
		ae-cat $format <in >out.txt 3>&- &
		exec 8>in
		printf 'a,b\n1,2\n' >&8
		eventually holds out.txt "$(printf 'a,b\n1,2' | if [ $format = -t ]; then tr , '\t'; else cat; fi)"
		printf '3,4\n' >&8
		eventually holds out.txt "$(printf 'a,b\n1,2\n3,4' | if [ $format = -t ]; then tr , '\t'; else cat; fi)"
		exec 8>&-
		wait $!
	done
}

@test "verdicts of a chain go into a file one by one, and the bytes are those of a pipe" {
	local row
	printf 'id,a,b\n1,1,1\n2,2,2\n3,3,1\n' >rows.csv
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem rows.csv
	mkfifo in
	ae-recon -m m.aem <in 3>&- | ae-err 3>&- | ae-thresh --at 1 >verdicts.csv 3>&- &
	exec 8>in
	head -n 1 rows.csv >&8
	for row in 1 2 3; do
		sed -n "$((row + 1))p" rows.csv >&8
		eventually grep -q "^$row," verdicts.csv
	done
	exec 8>&-
	wait $!
	ae-recon -m m.aem rows.csv | ae-err | ae-thresh --at 1 | cat | cmp - verdicts.csv
}

@test "AEST into a regular file keeps batches of fixed size, however its rows come" {
	mkfifo in
	seq 3 | ae-cat -H >whole.aes
	ae-cat -H <in >live.aes 3>&- &
	exec 8>in
	echo 1 >&8
	eventually idle $! in
	echo 2 >&8
	eventually idle $! in
	echo 3 >&8
	exec 8>&-
	wait $!
	cmp whole.aes live.aes
	same 'seq 3 | ae-cat -H -c --batch-rows 2' 'seq 3 | ae-cat -H -c'
}

@test "a named output of text appears when it is whole, not before" {
	mkfifo in
	ae-cat -o out.csv <in 3>&- &
	exec 8>in
	printf 'a\n1\n' >&8
	eventually idle $! in
	[ ! -e out.csv ]
	exec 8>&-
	wait $!
	holds out.csv $'a\n1'
}

@test "what was computed before a failure is in a file as it is in a pipe" {
	local format
	{ echo id,a && seq 3000 | sed 's/$/,1/' && echo 3001,oops; } >bad.csv
	for format in csv tsv; do
		run -1 sh -c "ae-cat -O $format bad.csv >file 2>err.txt"
		run -1 pipe "ae-cat -O $format bad.csv 2>err.txt | cat >through"
		cmp file through
		[ "$(wc -l <file)" -eq 3002 ]
		[ "$(tail -n 1 file)" = '!' ]
	done
	# The batch that was not full yet is in the stream, which has no end.
	run -1 sh -c 'ae-cat bad.csv >file.aes 2>err.txt'
	expect_error 1 'file.aes: after row 3000: the stream is cut: no end mark' ae-cat -c file.aes
	run -1 sh -c 'ae-cat -c file.aes >back 2>err.txt'
	cmp back <(ae-cat -c bad.csv 2>err.txt || true)
}

@test "a killed writer of text leaves whole lines" {
	mkfifo in
	ae-cat -c <in >out.csv 3>&- &
	exec 8>in
	printf 'a\n1\n2' >&8
	eventually holds out.csv $'a\n1'
	kill -KILL $!
	wait $! || true
	exec 8>&-
	printf 'a\n1\n' | cmp - out.csv
}

# ---- what failed ----

@test "text that failed ends in a line with an exclamation mark, on its own" {
	printf 'a\n1\nx\n' >bad.csv
	run -1 sh -c 'ae-cat -c bad.csv >out.csv 2>err.txt'
	printf 'a\n1\n!\n' | cmp - out.csv
	run -1 sh -c 'ae-cat -c nowhere.csv >out.csv 2>err.txt'
	printf '!\n' | cmp - out.csv
	run -1 sh -c 'ae-info nowhere.csv >out.txt 2>err.txt'
	printf '!\n' | cmp - out.txt
	# PNM is no text: its readers look at the first byte that follows.
	printf 'P5 1 1 255\nxP5 1 1 255\n' >bad.pgm
	run -1 sh -c 'ae-cat -O pnm bad.pgm >out.pgm 2>err.txt'
	printf 'P5\n1 1\n255\nx!' | cmp - out.pgm
}

@test "rows before one that cannot be written are written" {
	printf 'id,a\n1,1\n2,2\n"x\ny",3\n4,4\n' | ae-cat --multiline >ends.aes
	run -1 sh -c 'ae-cat -c ends.aes >out.csv 2>err.txt'
	printf 'id,a\n1,1\n2,2\n!\n' | cmp - out.csv
	run -1 ae-cat --append log.csv ends.aes
	run -1 ae-cat --append log.csv ends.aes
	printf 'id,a\n1,1\n2,2\n!\nid,a\n1,1\n2,2\n!\n' | cmp - log.csv
}

@test "text that failed before its header is an error to read, unless a run that went well follows" {
	printf '!\n' >log.csv
	expect_error 1 'log.csv: line 1: "!": the program that wrote this failed' ae-cat log.csv
	expect_error 1 '<stdin>: line 1: "!": the program that wrote this failed' pipe 'ae-cat -c nowhere.csv 2>/dev/null | ae-cat'
	printf 'id,err\na,1\n' | ae-thresh --at 2 >>log.csv
	ae-cat -c log.csv 2>err.txt | cmp - <(printf 'id,err,pred\na,1,0\n')
	[ "$(head -n 1 err.txt)" = 'ae-cat: log.csv: line 1: "!": a program that wrote into this failed' ]
	[ "$(tail -n 1 err.txt)" = 'ae-cat: 1 run that wrote this text failed' ]
}

@test "runs appended around one that failed stand on lines of their own" {
	local n
	for n in 1 x 3; do
		printf 'id,err\n%s,%s\n' a $n >in.csv
		ae-thresh --at 2 in.csv >>log.csv 2>err.txt || true
	done
	printf 'id,err,pred\na,1,0\nid,err,pred\n!\nid,err,pred\na,3,1\n' | cmp - log.csv
	ae-cat -c log.csv 2>err.txt | cmp - <(printf 'id,err,pred\na,1,0\na,3,1\n')
	holds err.txt 'ae-cat: log.csv: line 4: "!": a program that wrote into this failed
ae-cat: 1 run that wrote this text failed'
	[ "$(ae-info --count log.csv 2>/dev/null)" -eq 2 ]
	ae-thresh --at 2 nowhere.csv >>log.csv 2>err.txt || true
	expect_error 1 'log.csv: line 7: "!": the program that wrote this failed' ae-info -q --count log.csv
}

@test "a full disk: the line that was cut is taken back, and the mark follows the last whole one" {
	seq 2000 >rows.csv
	# A limit on the size of files cuts a write as a full disk does. (bash counts in KiB.)
	run -1 bash -c 'trap "" XFSZ; ulimit -f 4; ae-cat -H -c rows.csv >out.csv 2>err.txt'
	holds err.txt 'ae-cat: <stdout>: File too large'
	[ "$(tail -n 1 out.csv)" = '!' ]
	{ echo x.1 && seq 2000; } | head -n "$(($(wc -l <out.csv) - 1))" | cmp - <(head -n -1 out.csv)
	[ "$(wc -l <out.csv)" -gt 500 ]
	expect_error 1 '<stdout>: No space left on device' full ae-cat -H -c rows.csv
}

@test "after a line that another writer left cut, >> begins anew, and the cut line is no row" {
	printf 'a,b\n1,2\n3,0.4' >log.csv
	printf 'a,b\n5,6\n' | ae-cat -c >>log.csv
	printf 'a,b\n1,2\n3,0.4!\n!\na,b\n5,6\n' | cmp - log.csv
	printf 'a,b\n3,0.4' >log.csv
	ae-cat -c nowhere.csv >>log.csv 2>err.txt || true
	printf 'a,b\n3,0.4!\n!\n' | cmp - log.csv
}

# ---- logs that grow ----

@test "a live row that ends in ! waits for the line after it" {
	mkfifo in
	ae-cat -q -c --append out.csv <in 3>&- &
	exec 8>in
	printf 'id\na\nb!\n' >&8
	eventually holds out.csv $'id\na'
	printf 'c\nd!\n' >&8
	eventually holds out.csv $'id\na\n"b!"\nc'
	printf '!' >&8
	sleep 0.1
	printf '\nid\ne\nf!\n' >&8
	eventually holds out.csv $'id\na\n"b!"\nc\ne'
	exec 8>&-
	wait $!
	holds out.csv $'id\na\n"b!"\nc\ne\n"f!"'
}

@test "--append: the header once, then rows, as they come" {
	mkfifo in
	printf 'a,b\n1,2\n' | ae-cat --append log.csv
	printf 'a,b\n1,2\n' | cmp - log.csv
	ae-cat --append log.csv <in >out.txt 3>&- &
	exec 8>in
	printf 'a,b\n3,4\n' >&8
	eventually holds log.csv $'a,b\n1,2\n3,4'
	exec 8>&-
	wait $!
	[ ! -s out.txt ]
	printf 'a,b\n' | ae-cat --append log.csv
	printf 'a,b\n1,2\n3,4\n' | cmp - log.csv
	printf 'a\tb\n1\t2\n' | ae-cat -I tsv --append log.tsv
	printf 'a,b\n3,4\n' | ae-cat --append log.tsv
	printf 'a\tb\n1\t2\n3\t4\n' | cmp - log.tsv
	printf 'a,b\n3,4\n' | ae-cat -t --append any.log
	printf 'a\tb\n3\t4\n' | cmp - any.log
	printf 'id,err\nx,1\n' | ae-thresh --at 2 --append verdicts
	holds verdicts $'id,err,pred\nx,1,0'
}

@test "--append: a header of many names is one like any other" {
	seq -s, 5000 | ae-cat -H >wide.aes
	ae-cat --append log.csv wide.aes
	ae-cat --append log.csv wide.aes wide.aes
	{ ae-cat -c wide.aes && ae-cat -c wide.aes | tail -n 1 && ae-cat -c wide.aes | tail -n 1; } | cmp - log.csv
	seq -s, 4999 | ae-cat -H >other.aes
	expect_error 1 'log.csv: begins with *' ae-cat --append log.csv other.aes
	echo 1 | ae-cat -H --head 0 --append none.csv
	holds none.csv x.1
}

@test "--append: every write is whole lines, so two programs share a log" {
	local n
	{ echo id,a && seq -f '%g,1' 30000; } >one.csv
	{ echo id,a && seq -f '%g,2' 30000; } >two.csv
	echo id,a >log.csv
	ae-cat --append log.csv one.csv &
	n=$!
	ae-cat --append log.csv two.csv
	wait $n
	grep ',1$' log.csv | cmp - <(tail -n +2 one.csv)
	grep ',2$' log.csv | cmp - <(tail -n +2 two.csv)
	[ "$(wc -l <log.csv)" -eq 60001 ]
}

@test "--append: a log with other columns is refused, and nothing is written to it" {
	printf 'a,c\n1,2\n' >log.csv
	cp log.csv before.csv
	printf 'a,b\n1,2\n' >in.csv
	expect_error 1 'log.csv: begins with "a,c", and these rows have the header "a,b": other columns go to another file' \
		ae-cat --append log.csv in.csv
	cmp log.csv before.csv
	for start in a 'a,' a,b,c '"a,b"' 'a,b ' '#'; do
		echo "$start" >log.csv
		expect_error 1 "log.csv: begins with \"$start\", *" ae-cat --append log.csv in.csv
		holds log.csv "$start"
	done
	printf a >log.csv # a header that was cut
	expect_error 1 'log.csv: begins with "a...", *' ae-cat --append log.csv in.csv
	printf 'a,b\r\n3,4\r\n' >log.csv
	ae-cat --append log.csv in.csv
	printf 'a,b\r\n3,4\r\n1,2\n' | cmp - log.csv
	printf 'a,b' >log.csv # written by hand
	ae-cat --append log.csv in.csv
	printf 'a,b\n1,2\n' | cmp - log.csv
}

@test "--append: rows whose columns come in another order get that of the log, whatever brought them" {
	printf 'id,a,"b,2"\n' >log.csv
	printf '%s\n' '{"b,2":4,"id":"s,\"q","a":3}' '{"id":"t","a":5,"b,2":6}' >in.jsonl
	ae-cat --append log.csv in.jsonl
	printf '!\n' >>log.csv
	ae-cat --append log.csv in.jsonl
	printf '%s\n' 'id,a,"b,2"' '"s,""q",3,4' t,5,6 '!' 'id,a,"b,2"' '"s,""q",3,4' t,5,6 | cmp - log.csv
	printf 'a\tid\tb,2' >log.tsv # written by hand
	ae-cat --append log.tsv in.jsonl
	printf 'a\tid\tb,2\n3\ts,"q\t4\n5\tt\t6\n' | cmp - log.tsv
	printf 'note,a\n"x\ny",1\n' >in.csv
	printf 'a,note\n' >log.csv
	ae-cat --multiline --pass note --append log.csv in.csv in.csv
	printf 'a,note\n1,"x\ny"\n1,"x\ny"\n' | cmp - log.csv
	printf 'a,b,b\n' >log.csv
	printf 'b,a,b\n1,2,3\n' >in.csv
	expect_error 1 'log.csv: begins with "a,b,b", *' ae-cat --append log.csv in.csv
}

@test "--append: a log that gets the name meanwhile may have another order" {
	mkfifo in
	printf 'b,a\n' >log.csv
	ae-cat -q --append log.csv <in 3>&- &
	exec 8<>in
	printf 'a,b\n1,2\n' >&8
	eventually has_lines log.csv 2
	mv log.csv old.csv
	printf '3,4\n' >&8
	eventually has_lines log.csv 2
	printf 'b,a\n' >new.csv
	mv new.csv log.csv
	printf '5,6\n' >&8
	eventually has_lines log.csv 2
	exec 8>&-
	wait
	holds log.csv $'b,a\n6,5'
	holds old.csv $'b,a\n2,1'
}

@test "--append: what another program writes into an empty log, before we have the lock, is its header" {
	unsanitized 'what is preloaded comes before its own malloc'
	cat >first.c <<-'END'
		#include <fcntl.h>
		#include <stdlib.h>
		#include <unistd.h>

		int flock(int fd, int operation)
		{
			(void)fd;
			(void)operation;
			int log = open("log.csv", O_WRONLY | O_APPEND);
			if (lseek(log, 0, SEEK_END) == 0)
				(void)!write(log, getenv("FIRST"), 8);
			return close(log);
		}
	END
	"${CC:-cc}" -shared -fPIC -o first.so first.c
	printf 'a,b\n1,2\n3,4\n' >in.csv
	FIRST=$'b,a\n9,8\n' LD_PRELOAD=./first.so ae-cat --append log.csv in.csv
	holds log.csv $'b,a\n9,8\n2,1\n4,3'
	: >log.csv
	FIRST=$'a,x\n9,8\n' LD_PRELOAD=./first.so \
		expect_error 1 'log.csv: begins with "a,x", and these rows have the header "a,b": *' ae-cat --append log.csv in.csv
	holds log.csv $'a,x\n9,8'
}

@test "--append: a log that is cut in its place may begin otherwise then" {
	local status=0
	mkfifo in
	ae-cat -q --append log.csv <in 2>err.txt 3>&- &
	exec 8<>in
	printf 'a,b\n1,2\n' >&8
	eventually has_lines log.csv 2
	printf 'b,a\n' >log.csv
	printf '3,4\n' >&8
	eventually has_lines log.csv 2
	holds log.csv $'b,a\n4,3'
	printf 'a,b\n9,9\n9,9\n' >log.csv # longer than it was
	printf '5,6\n' >&8
	eventually has_lines log.csv 4
	holds log.csv $'a,b\n9,9\n9,9\n5,6'
	printf 'a,x\n' >log.csv
	printf '7,8\n' >&8
	eventually gone $!
	wait $! || status=$?
	exec 8>&-
	[ $status -eq 1 ]
	holds err.txt 'ae-cat: log.csv: begins with "a,x", and these rows have the header "a,b": other columns go to another file'
	holds log.csv a,x
	status=0
	ae-cat -q --append log.jsonl <in 2>err.txt 3>&- &
	exec 8<>in
	printf 'a,b\n1,2\n' >&8
	eventually has_lines log.jsonl 1
	printf '%s\n' '{"a":3,"x":4}' >log.jsonl
	printf '3,4\n' >&8
	eventually gone $!
	wait $! || status=$?
	exec 8>&-
	[ $status -eq 1 ]
	holds log.jsonl '{"a":3,"x":4}'
}

@test "--append: what does not go with it" {
	echo a >in.csv
	expect_error 2 '-o and --append exclude each other' ae-cat -o x.csv --append log.csv in.csv
	expect_error 2 '--append log.csv: only text can be appended, not aest' ae-cat -O aest --append log.csv in.csv
	expect_error 2 '--append log.aes: only text can be appended, not aest' ae-cat --append log.aes in.csv
	expect_error 2 '--append log.npy: only text can be appended, not npy' ae-cat --append log.npy in.csv
	expect_error 2 '--append log.xlsx: no format of text has the suffix ".xlsx": .csv, .tsv, .jsonl, .log, .txt or none, or say -c or -t' \
		ae-cat --append log.xlsx in.csv
	expect_error 2 '--append log.csv.1: no format of text *' ae-cat --append log.csv.1 in.csv
	expect_error 2 '--append needs the name of a file' ae-cat --append - in.csv
	expect_error 1 '--append /dev/null: is no regular file; -o writes to it' ae-cat --append /dev/null in.csv
	mkdir folder
	expect_error 1 'folder: is a folder, not a file' ae-cat --append folder in.csv
	expect_error 1 'no/log.csv: No such file or directory' ae-cat --append no/log.csv in.csv
	[ "$(echo ./*)" = './expect_error.err ./expect_error.out ./folder ./in.csv' ]
	expect_error 2 '--fit gives no verdicts to --append' ae-thresh --fit sigma:1 --save t.aem --append log.csv in.csv
	expect_error 2 '--append log.csv: is the file of --test-out' ae-split --append log.csv --test-out log.csv in.csv
}

@test "--headerless: rows of CSV and TSV without the line of names" {
	printf 'id,a,b\nr 1,1,2\nr 2,3,4.5\n' >in.csv
	same 'ae-cat -c --headerless in.csv' 'ae-cat -c in.csv | sed 1d'
	same 'ae-cat -t --headerless in.csv' 'ae-cat -t in.csv | sed 1d'
	same 'ae-cat --headerless --cols x -o /dev/stdout -c in.csv' 'printf "1,2\n3,4.5\n"'
	same 'ae-cat -c --headerless in.csv | ae-cat -c --header id,a,b' 'cat in.csv'
	ae-cat in.csv in.csv | ae-cat -c --headerless - in.csv | cmp - <(ae-cat -c in.csv in.csv in.csv | sed 1d)
	printf 'id,a,b\n' >none.csv
	[ -z "$(ae-cat -c --headerless none.csv)" ]
	ae-split -c --headerless --test 0.5 --ordered --test-out test.csv -o train.csv in.csv
	[ "$(cat train.csv)" = 'r 1,1,2' ]
	[ "$(cat test.csv)" = 'r 2,3,4.5' ]
	printf 'a\n1\n2\nx\n' >bad.csv
	run -1 --separate-stderr ae-cat -c --headerless bad.csv
	[ "$output" = $'1\n2\n!' ]
	full ae-cat -c --headerless in.csv 2>err && return 1
	grep -q 'No space left' err
}

@test "--headerless: what does not go with it" {
	printf 'a\n1\n' >in.csv
	expect_error 2 '--headerless goes with CSV and TSV (-c, -t), not with aest' ae-cat --headerless in.csv
	expect_error 2 '--headerless goes with CSV and TSV (-c, -t), not with npy' ae-cat --headerless -o x.npy in.csv
	expect_error 2 '--headerless and --append exclude each other: a log begins with its header' \
		ae-cat --headerless --append log.csv in.csv
	[ ! -e x.npy ] && [ ! -e log.csv ]
}

@test "--append: suffixes of text, or any with -c or -t" {
	local name
	printf 'a\n1\n' >in.csv
	for name in log .log log.LOG log.txt log.csv 'folder.xlsx/log'; do
		mkdir -p folder.xlsx
		ae-cat --append "$name" in.csv
		cmp "$name" in.csv
	done
	ae-cat -c --append log.xlsx in.csv
	cmp log.xlsx in.csv
}

@test "--append: whoever keeps the lock of a log does not hold up the others" {
	local keeper status=0
	printf 'a\n1\n' >log.csv
	printf 'a\n2\n' >in.csv
	mkfifo in kept
	flock log.csv sh -c 'echo >kept; exec sleep 1000' 3>&- &
	keeper=$!
	read -r <kept
	run -1 flock -n log.csv true
	ae-cat --append log.csv in.csv
	holds log.csv $'a\n1\n2'
	ae-cat --append log.csv <in 2>err.txt 3>&- &
	exec 8>in
	printf 'a\n3\n' >&8
	eventually holds log.csv $'a\n1\n2\n3'
	printf '4\n' >&8
	eventually holds log.csv $'a\n1\n2\n3\n4'
	kill -TERM $!
	wait $! || status=$?
	exec 8>&-
	kill $keeper
	[ $status -eq 143 ]
	holds log.csv $'a\n1\n2\n3\n4'
}

@test "--append: after a failed run the mark, and after the mark the header again" {
	printf 'a,b\n1,2\n' >good.csv
	printf 'a,b\n3,4\nx,5\n' >bad.csv
	ae-cat --append log.csv good.csv
	run -1 ae-cat --append log.csv bad.csv
	printf 'a,b\n1,2\n3,4\n!\n' | cmp - log.csv
	# A run that is started again and again adds nothing until it has rows.
	printf 'a,b\nx,5\n' >none.csv
	run -1 ae-cat --append log.csv none.csv
	run -1 ae-cat --append log.csv nowhere.csv
	printf 'a,b\n1,2\n3,4\n!\n' | cmp - log.csv
	ae-cat --append log.csv good.csv
	printf 'a,b\n1,2\n3,4\n!\na,b\n1,2\n' | cmp - log.csv
	run -1 ae-cat --append log.csv none.csv
	printf 'a,b\n1,2\n3,4\n!\na,b\n1,2\n!\n' | cmp - log.csv
	# A last line that a killed program cut is no row, and says so.
	printf 'a,b\n1,0.4' >log.csv
	ae-cat --append log.csv good.csv
	printf 'a,b\n1,0.4!\n!\na,b\n1,2\n' | cmp - log.csv
	ae-cat -c log.csv 2>err.txt | cmp - good.csv
	[ "$(head -n 1 err.txt)" = 'ae-cat: log.csv: line 3: "!": a program that wrote into this failed; its last row is cut, and left out' ]
	printf '!\n' >log.csv
	ae-cat --append log.csv good.csv
	printf '!\na,b\n1,2\n' | cmp - log.csv
}

@test "--append: a log has the same header whatever its quotes, byte order mark and line ends" {
	local start
	printf 'id,a\np,1\n' >in.csv
	for start in '"id","a"\n' '\xef\xbb\xbfid,a\r\n' '\xef\xbb\xbf"id",a\n' '!\nid,"a"\n' 'id,!\n!\r\n"id",a\n'; do
		printf %b "${start}q,2\n" >log.csv
		ae-cat --append log.csv in.csv
		printf %b "${start}q,2\np,1\n" | cmp - log.csv
		ae-cat -q -c log.csv | cmp - <(printf 'id,a\nq,2\np,1\n')
	done
	printf '"id",a' >log.csv
	ae-cat --append log.csv in.csv
	printf '"id",a\np,1\n' | cmp - log.csv
	# a header that itself ends in "!" is none that was cut
	printf 'id,a!\np,1\n' >bang.csv
	cp bang.csv bang.log
	ae-cat --append bang.log bang.csv
	printf 'id,a!\np,1\np,1\n' | cmp - bang.log
	printf 'id,"a\nb"\np,1\n' >lines.csv
	ae-cat --multiline --append lines.log lines.csv
	ae-cat --multiline --append lines.log lines.csv
	printf 'id,"a\nb"\np,1\np,1\n' | cmp - lines.log
	expect_error 1 'lines.log: begins with "id,"a", and these rows have the header "id,a": *' ae-cat --append lines.log in.csv
	printf 'id\ta\\tb\np\t1\n' >in.tsv
	ae-cat -I tsv --append log.tsv in.tsv
	ae-cat -I tsv --append log.tsv in.tsv
	printf 'id\ta\\tb\np\t1\np\t1\n' | cmp - log.tsv
}

@test "--append and >>: a mark with CR LF, or without newline, is a mark" {
	local wanted=$'a,b\n3,4' marked
	printf '%s\n' "$wanted" >in.csv
	for marked in '!\r\n' 'a,b\r\n1,2\r\n!\r\n'; do
		printf %b "$marked" >log.csv
		ae-cat --append log.csv in.csv
		printf %b "$marked$wanted\n" | cmp - log.csv
		ae-cat -q -c log.csv >out.csv
	done
	for marked in '!' 'a,b\n!' 'a,b\n1,2\n!'; do
		printf %b "$marked" >log.csv
		cp log.csv shell.csv
		ae-cat --append log.csv in.csv
		printf %b "$marked\n$wanted\n" | cmp - log.csv
		ae-cat -c in.csv >>shell.csv
		cmp log.csv shell.csv
	done
	holds out.csv $'a,b\n1,2\n3,4'
	printf 'a,b\n!' >log.csv
	run -1 sh -c 'ae-cat -c nowhere.csv >>log.csv 2>err.txt'
	printf 'a,b\n!\n!\n' | cmp - log.csv
}

@test "--multiline: --append and >> mark a cell that was cut, at the end of a line or within" {
	local cut way
	printf 'id,a\n"z,1",7\n"y\ny",8\n' >in.csv
	for cut in '"abc\n' '"abc\nd' '"ab""c\n\n' 'r,"\n'; do
		for way in '--append log.csv in.csv' 'in.csv >>log.csv'; do
			printf %b "id,a\nr,1\n$cut" >log.csv
			sh -c "ae-cat --multiline -c $way"
			sh -c "ae-cat --multiline -c $way"
			ae-cat --multiline -c log.csv >out.csv 2>err.txt
			printf 'id,a\nr,1\n"z,1",7\n"y\ny",8\n"z,1",7\n"y\ny",8\n' | cmp - out.csv
			[ "$(tail -n 1 err.txt)" = 'ae-cat: 1 run that wrote this text failed' ]
		done
	done
	# what only looks like that is whole: quotes that end, a stray one, a cell that a mark ended
	for cut in '"ab""c\nd",2\n' 'p"q,2\n' '"abc\n!\nid,a\n'; do
		printf %b "id,a\nr,1\n$cut" >log.csv
		cp log.csv wanted.csv
		ae-cat --multiline --append log.csv in.csv
		tail -n +2 in.csv >>wanted.csv
		cmp log.csv wanted.csv
	done
}

@test "--append: a full disk cuts no line" {
	seq 2000 >rows.csv
	run -1 bash -c 'trap "" XFSZ; ulimit -f 4; ae-cat -H --append log.csv rows.csv 2>err.txt'
	holds err.txt 'ae-cat: log.csv: File too large'
	[ "$(tail -n 1 log.csv)" = '!' ]
	{ echo x.1 && seq 2000; } | head -n "$(($(wc -l <log.csv) - 1))" | cmp - <(head -n -1 log.csv)
}

@test "--append: follows the name of the log when it is rotated, idle or not" {
	mkfifo in
	ae-cat --append log.csv <in 3>&- &
	exec 8>in
	printf 'a\n1\n' >&8
	eventually holds log.csv $'a\n1'
	mv log.csv log.1
	sleep 0.2
	[ ! -e log.csv ] # whoever rotates it makes the new one, or the next row does
	printf '2\n' >&8
	eventually holds log.csv $'a\n2'
	holds log.1 $'a\n1'
	mv log.csv log.2
	: >log.csv
	eventually holds log.csv a # nothing was sent
	printf '3\n' >&8
	eventually holds log.csv $'a\n3'
	holds log.2 $'a\n2'
	: >log.csv # cut in its place
	printf '4\n' >&8
	eventually holds log.csv $'a\n4'
	rm log.csv
	printf '5\n' >&8
	eventually holds log.csv $'a\n5'
	exec 8>&-
	wait $!
	holds log.csv $'a\n5'
}

@test "a log is not read while it is written" {
	printf 'a\n1\n' >log.csv
	expect_error 1 '--append log.csv: is the input' ae-cat --append log.csv log.csv
	run -1 sh -c 'ae-cat -c log.csv >>log.csv 2>err.txt'
	holds err.txt 'ae-cat: the output is one of the inputs'
	printf 'err\n1\n' >log.csv
	run -1 sh -c 'ae-thresh --at 1 <log.csv >>log.csv 2>err.txt'
	holds err.txt 'ae-thresh: the output is one of the inputs'
	printf 'a\n1\n' >log.csv
	ae-cat -o log.csv --set label=1 log.csv
	holds log.csv $'a,label\n1,1'
}

@test "--append: a new log of other columns is refused as at the start" {
	local status=0
	mkfifo in
	ae-cat --append log.csv <in 2>err.txt 3>&- &
	exec 8>in
	printf 'a\n1\n' >&8
	eventually holds log.csv $'a\n1'
	mv log.csv log.1
	echo b >new.csv
	mv new.csv log.csv
	eventually gone $! # nothing was sent
	wait $! || status=$?
	exec 8>&-
	[ $status -eq 1 ]
	holds err.txt 'ae-cat: log.csv: begins with "b", and these rows have the header "a": other columns go to another file'
	holds log.csv b
	holds log.1 $'a\n1'
}

@test "--append and reports: clean under valgrind" {
	printf 'id,a\n1,1\n2,x\n3\n' >f.csv
	for n in 1 2; do
		valgrind_clean ae-cat --append log.csv --on-bad skip --rejects bad.csv f.csv 2>err.txt
	done
	holds log.csv $'id,a\n1,1\n1,1'
	run -1 valgrind_clean ae-cat --append log.csv f.csv
	printf 'id\n1\n' >g.csv
	run -1 valgrind_clean ae-cat --append log.csv g.csv
	ae-cat --append log.csv <(head -n 2 f.csv)
	holds log.csv $'id,a\n1,1\n1,1\n1,1\n!\nid,a\n1,1'
}

@test "--append: SIGTERM leaves what was read, without a mark" {
	local status=0
	mkfifo in
	ae-cat --append log.csv <in 3>&- &
	exec 8>in
	printf 'a\n1\n2' >&8
	eventually holds log.csv $'a\n1'
	kill -TERM $!
	wait $! || status=$?
	exec 8>&-
	[ $status -eq 143 ]
	printf 'a\n1\n' | cmp - log.csv
}

# ---- what is left out ----

@test "what is left out is reported when it starts, while the feed then stands still, and in all at the end" {
	local way kind
	mkfifo in
	for way in '--on-bad skip' '--missing skip'; do
		if [ "$way" = '--on-bad skip' ]; then
			kind='line 3: expected 2 fields, got 3'
		else
			kind='line 3: column "a": missing value'
		fi
		# shellcheck disable=SC2086 # options
		ae-cat -c $way <in >out.csv 2>err.txt 3>&- &
		exec 8>in
		printf 'id,a\n1,1\n' >&8
		if [ "$way" = '--on-bad skip' ]; then printf '2,3,4\n'; else printf '2,\n'; fi >&8
		eventually holds err.txt "ae-cat: <stdin>: $kind: left out"
		if [ "$way" = '--on-bad skip' ]; then printf '3,x\n4,5,6\n'; else printf '3,NA\n4,nan\n'; fi >&8
		eventually grep -qE '^ae-cat: (1|2) more rows? left out, the last: <stdin>: line (4|5): ' err.txt
		exec 8>&-
		wait $!
		[ "$(tail -n 1 err.txt)" = "ae-cat: 3 $(if [ "$way" = '--on-bad skip' ]; then echo bad rows; else
			echo rows with missing values; fi) left out" ]
		holds out.csv $'id,a\n1,1'
	done
}

@test "what is left out is reported by every program while its feed stands still" {
	local command program pid
	mkfifo in
	printf 'a,b\n0,1\n1,0\n' | ae-train -q --net 2-1-2 --epochs 1 -m m.aem
	for command in 'ae-cat --tail 1' 'ae-encode -m m.aem' 'ae-err' 'ae-info --count' 'ae-metrics --anomaly 1' \
		'ae-noise --gaussian 0.1' 'ae-normalize --fit minmax' 'ae-normalize --fit div:2' 'ae-plot hist -O text' \
		'ae-recon -m m.aem' 'ae-split --test 0.5 --test-out test.aes' 'ae-thresh --fit sigma:1 --save t.aem' \
		'ae-thresh --at 1' 'ae-train --net 2-1-2 -m new.aem' 'ae-window --size 2'; do
		program=${command%% *}
		# shellcheck disable=SC2086 # options
		$command --on-bad skip <in >out.txt 2>err.txt 3>&- &
		pid=$!
		exec 8>in
		case $program in
		ae-err) printf 'a,recon.a\n1,1\nx,1\n' ;;
		ae-metrics) printf 'err,label\n1,1\nx,1\n' ;;
		ae-plot | ae-thresh) printf 'id,err\n1,1\n1,x\n' ;;
		*) printf 'a,b\n1,1\nx,1\n' ;;
		esac >&8
		eventually grep -q "^$program: <stdin>: line 3: column \"[a-z]*\": \"x\" .*: left out\$" err.txt || {
			echo "$command"
			cat err.txt
			return 1
		}
		kill -KILL $pid
		wait $pid || true
		exec 8>&-
	done
}

@test "what is left out: the first of a file, whatever came after it, and the sum; -q says nothing" {
	{ echo id,a && seq -f '%g,1' 5000 && echo 5001 && seq -f '%g,x' 5002 9000; } >f.csv
	printf 'id,a\n1,\n' >g.csv
	ae-cat --on-bad skip f.csv g.csv 2>err.txt >out.aes
	[ "$(head -n 1 err.txt)" = 'ae-cat: f.csv: line 5002: expected 2 fields, got 1: left out' ]
	[ "$(tail -n 1 err.txt)" = 'ae-cat: 4001 bad rows left out' ]
	ae-cat --on-bad skip --missing skip g.csv 2>err.txt >out.aes
	holds err.txt "$(printf 'ae-cat: g.csv: line 2: column "a": missing value: left out\nae-cat: 1 row with missing values left out: not one row is left')"
	ae-cat -q --on-bad skip f.csv g.csv 2>err.txt >out.aes
	[ ! -s err.txt ]
}

@test "what is left out is told before an error that ends the run, too" {
	printf 'a\nx\n1\n2' >f.csv
	run -1 sh -c 'ae-cat --on-bad skip f.csv 2>err.txt >out.aes'
	[[ $(head -n 1 err.txt) == 'ae-cat: f.csv: line 2: column "a": "x" is not a number; '*': left out' ]]
	[[ $(tail -n 1 err.txt) == 'ae-cat: f.csv: line 4: no newline '* ]]
}

@test "--valid: what is left out of its rows is reported too" {
	printf 'a,b\n0,1\nx,1\n1,0\n' >f.csv
	printf 'a,b\n0,1\n0,y\n1,0\n' >g.csv
	ae-train --net 2-1-2 --epochs 1 --valid g.csv -m m.aem --on-bad skip f.csv 2>err.txt
	grep -q '^ae-train: f.csv: line 3: .*: left out$' err.txt
	grep -q '^ae-train: g.csv: line 3: .*: left out$' err.txt
	[ "$(grep -cx 'ae-train: 1 bad row left out' err.txt)" -eq 2 ]
}

@test "--paste: the mark of a failed run in its stream is reported too" {
	printf '!\nlabel\n2\n' >b.csv
	printf 'a\n1\n' | ae-cat -c --paste b.csv 2>err.txt >out.csv
	holds out.csv $'a,label\n1,2'
	grep -q '^ae-cat: b.csv: line 1: "!": ' err.txt
	printf 'a\n1\n' | ae-cat -q -c --paste b.csv 2>err.txt | cmp - out.csv
	[ ! -s err.txt ]
}

@test "--rejects: lines are there as they are left out, even if no row follows" {
	mkfifo in
	echo old >bad.csv
	ae-cat -c --on-bad skip --rejects bad.csv <in >out.csv 2>err.txt 3>&- &
	exec 8>in
	printf 'id,a\n' >&8
	eventually holds out.csv id,a
	holds bad.csv old
	printf '2,3,4\n' >&8
	eventually holds bad.csv $'old\n2,3,4'
	printf '3,x\n' >&8
	eventually holds bad.csv $'old\n2,3,4\n3,x'
	kill -KILL $!
	wait $! || true
	exec 8>&-
	holds bad.csv $'old\n2,3,4\n3,x'
}

@test "--rejects: a restart goes on behind what stands there, and a log that is rotated or cut is followed" {
	mkfifo in
	printf 'a\nv\n' | ae-cat -q --on-bad skip --rejects bad.csv >out.aes
	ae-cat -q --on-bad skip --rejects bad.csv <in >out.aes 3>&- &
	exec 8>in
	printf 'a\n1\nw\n' >&8
	eventually holds bad.csv $'v\nw'
	mv bad.csv bad.csv.1
	echo x >&8
	eventually holds bad.csv x
	holds bad.csv.1 $'v\nw'
	: >bad.csv
	echo y >&8
	eventually holds bad.csv y
	mv bad.csv bad.csv.2
	echo of others >bad.csv
	sleep 2.5 # nothing comes: the new file has the next one all the same
	echo z >&8
	eventually holds bad.csv $'of others\nz'
	exec 8>&-
	wait $!
	holds bad.csv.2 y
	holds bad.csv $'of others\nz'
	rm bad.csv
	mkdir bad.csv
	expect_error 1 'bad.csv: is a folder, not a file' pipe 'printf "a\nv\n" | ae-cat -q --on-bad skip --rejects bad.csv'
}

@test "--rejects: two programs that share a file keep whole rows, of text and of MessagePack" {
	{ echo a,b && seq -f '%.0f,x' 20000; } >one.csv
	{ echo a,b && seq -f '%.0f,y' 20000; } >two.csv
	ae-cat -q --on-bad skip --rejects bad.csv one.csv >/dev/null &
	ae-cat -q --on-bad skip --rejects bad.csv two.csv >/dev/null
	wait $!
	sort bad.csv | cmp - <(sort <(sed 1d one.csv) <(sed 1d two.csv))
	printf '\x81\xa1a\x01\x81\xa1a\xa1x' >one.mp
	ae-cat -q --on-bad skip --rejects bad.mp one.mp >/dev/null
	ae-cat -q --on-bad skip --rejects bad.mp one.mp >/dev/null
	printf '\x81\xa1a\xa1x\x81\xa1a\xa1x' | cmp - bad.mp
	printf 'a\nx' | ae-cat -q --lenient-eof --on-bad skip --rejects last.csv >/dev/null
	printf 'a\ny' | ae-cat -q --lenient-eof --on-bad skip --rejects last.csv >/dev/null
	holds last.csv $'x\ny'
}

@test "--rejects: text goes on in a line of its own where the last one was cut, MessagePack right behind" {
	printf '{"a":"x"}\n' >in.jsonl
	for end in '4,' '!'; do
		printf '5,6\n%s' "$end" >bad
		printf 'a,b\n1,2\nx,3\ny,4\n' | ae-cat -q --on-bad skip --rejects bad >/dev/null
		holds bad $'5,6\n'"$end"$'\nx,3\ny,4'
		printf '%s' "$end" >bad
		ae-cat -q --on-bad skip --rejects bad in.jsonl >/dev/null
		holds bad "$end"$'\n{"a":"x"}'
	done
	printf '\x81\xa1a\xa1w' >bad
	printf '\x81\xa1a\x01\x81\xa1a\xa1x' | ae-cat -q --on-bad skip --rejects bad >/dev/null
	printf '\x81\xa1a\xa1w\x81\xa1a\xa1x' | cmp - bad
	printf 'a\nx\n' >in.csv
	printf %1022s '' >bad
	run -1 bash -c "trap '' XFSZ; ulimit -f 1; ae-cat -q --on-bad skip --rejects bad in.csv >/dev/null"
	printf %1022s '' | cmp - bad
}

@test "--rejects: a full disk leaves no part of a record" {
	printf '\x81\xa1a\x01\x81\xa1a\xda\x07\xd0%2000s' x >bad.mp
	printf %4000s x >kept.mp
	run -1 bash -c "trap '' XFSZ; ulimit -f 5; ae-cat -q --on-bad skip --rejects kept.mp bad.mp >out.aes"
	printf %4000s x | cmp - kept.mp
}

@test "--rejects: not onto an input, and every write is checked" {
	printf 'a\nx\n' >f.csv
	ln f.csv g.csv
	for way in 'f.csv f.csv' 'g.csv f.csv' 'g.csv nowhere.csv f.csv'; do
		# shellcheck disable=SC2086 # words
		expect_error 1 "--rejects ${way%% *}: is the input" ae-cat -q --on-bad skip --rejects $way
	done
	# shellcheck disable=SC2094 # that is what is tested
	expect_error 1 '--rejects f.csv: is the input' ae-cat -q --on-bad skip --rejects f.csv <f.csv
	printf 'a\nx\n' | cmp - f.csv
	expect_error 1 '/dev/full: No space left on device' ae-cat -q --on-bad skip --rejects /dev/full f.csv
	expect_error 1 'no/bad.csv: No such file or directory' ae-cat -q --on-bad skip --rejects no/bad.csv f.csv
	ae-cat -q --on-bad skip --rejects /dev/fd/7 f.csv 7>seven >out.aes
	holds seven x
	mkfifo lines
	ae-cat -q --on-bad skip --rejects lines f.csv >out.aes &
	[ "$(<lines)" = x ]
	wait $!
}

@test "ae-train --log: each epoch is there when it is over" {
	printf 'a,b\n0,1\n1,0\n' >f.csv
	ae-train -q --net 2-1-2 --epochs 1000000 --log loss.csv -m m.aem f.csv 3>&- &
	eventually grep -q '^2,' loss.csv
	[ "$(head -n 1 loss.csv)" = epoch,loss,valid_loss ]
	kill -KILL $!
	wait $! || true
	[ -e loss.csv ]
}

# ---- suffixes ----

@test "an output suffix that no format has is an error that lists them" {
	local name all='.csv, .tsv, .jsonl, .ndjson, .aes, .msgpack, .mp, .npy, .pnm, .pgm, .ppm, or a name without; -O says the format'
	printf 'label,a\n0,1\n1,2\n' >in.csv
	for name in x.parquet x.json x.aem x.txt x.csv.gz x.csv~ a.b/x.d; do
		mkdir -p a.b
		expect_error 2 "$name: no output format has the suffix \".${name##*.}\": $all" ae-cat -o "$name" in.csv
		[ ! -e "$name" ]
	done
	ae-split -O csv --test-out t.foo -o train.csv in.csv
	[ "$(head -n 1 t.foo)" = label,a ]
	expect_error 2 't.foo: no output format has the suffix ".foo": *' ae-split --test-out t.foo -o train.aes in.csv
	[ ! -e train.aes ]
	ae-cat -O csv -o x.txt in.csv
	cmp in.csv x.txt
	ae-cat -o a.b/x in.csv
	ae-cat in.csv | cmp - a.b/x
	ae-cat -o .x in.csv
	ae-cat -o x. in.csv
	cmp .x x.
	ae-cat -o X.CSV in.csv
	cmp in.csv X.CSV
	ae-cat -o X.Aes in.csv
	cmp a.b/x X.Aes
}

@test "a suffix says nothing of what is no regular file" {
	local reader
	echo a >in.csv
	ae-cat -o /dev/null in.csv
	ae-cat -c -o /dev/fd/7 in.csv 7>seven.d
	holds seven.d a
	mkfifo x.fifo
	cat x.fifo >got.aes &
	reader=$!
	ae-cat -o x.fifo in.csv
	wait $reader
	ae-cat in.csv | cmp - got.aes
}
