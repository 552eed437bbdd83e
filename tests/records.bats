#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Text as loggers and other programs write it: which lines are rows, what a missing number looks like, TSV, and the
# messages that name the option that helps.
load helpers

# is TEXT FILE...: ae-cat makes exactly this of a file. Options may stand among the files.
is() {
	local wanted=$1
	shift
	ae-cat -c "$@" >is.csv || return
	printf '%s\n' "$wanted" | cmp - is.csv || {
		cat is.csv
		return 1
	}
}

# text_refused MESSAGE TEXT [OPTION...]: a file f.csv that holds TEXT (for printf %b) is an error.
text_refused() {
	local message=$1
	printf %b "$2" >f.csv
	shift 2
	cat_refuses "$message" f.csv "$@"
}

# text_is WANTED TEXT [OPTION...]: what ae-cat -c makes of a file that holds TEXT; both are for printf %b.
text_is() {
	local wanted
	wanted=$(printf %b. "$1")
	wanted=${wanted%.}
	printf %b "$2" >f.csv
	shift 2
	is "${wanted%$'\n'}" "$@" f.csv
}

# ---- a record is a line ----

@test "a stray quote costs its own line only" {
	{
		echo id,a,b
		for i in $(seq 1000); do
			case $i in
				10) echo '"pump 5,1,2' ;;
				900) echo '10" pipe,1,2' ;;
				*) echo "r$i,$i,1" ;;
			esac
		done
	} >q.csv
	[ "$(ae-cat -q --on-bad skip -c q.csv | wc -l)" = 999 ]
	ae-cat -q --on-bad skip --rejects bad -c q.csv >/dev/null
	[ "$(<bad)" = $'"pump 5,1,2\n10" pipe,1,2' ]
	cat_refuses 'line 11: a quote is never closed; --multiline reads cells of several lines' q.csv
	[ "$(ae-info --count -q --on-bad skip q.csv)" = 998 ]
}

@test "a stray quote costs its own line only in a live stream too" {
	mkfifo in
	ae-cat -q --on-bad skip -c <in | cat >out &
	exec 7>in
	printf 'id,a\np1,1\n"p2,2\np3,3\np4,4\n' >&7
	for _ in $(seq 500); do
		[ "$(wc -l <out)" -eq 4 ] && break
		sleep 0.02
	done
	[ "$(<out)" = $'id,a\np1,1\np3,3\np4,4' ]
	exec 7>&-
	wait
}

# in_pieces COMMAND...: each line of standard input is a piece (as for printf %b) that the command reads alone.
in_pieces() {
	python3 -c '
import array, fcntl, subprocess, sys, termios, time
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE)
for piece in sys.stdin:
    child.stdin.write(piece.rstrip("\n").encode().decode("unicode_escape").encode())
    child.stdin.flush()
    unread, tries = array.array("i", [1]), 0
    while unread[0] and child.poll() is None and tries < 10000:
        fcntl.ioctl(child.stdin, termios.FIONREAD, unread)
        time.sleep(0.001)
        tries += 1
child.stdin.close()
sys.exit(child.wait())' "$@"
}

@test "a line that comes in pieces is whole, whatever was read before it" {
	printf '%s\n' 'a,b\n1,2\n5,6\n' '3,' '4' '.5' '\n' '"7"' ',8\n9,' '1' '0\n' | in_pieces ae-cat -c >out.csv
	[ "$(<out.csv)" = $'a,b\n1,2\n5,6\n3,4.5\n7,8\n9,10' ]
}

@test "--multiline reads and writes cells of several lines; without it they are errors that name row and column" {
	printf 'id,a\n"two\nlines",1\nq,2\n' >f.csv
	is $'id,a\n"two\nlines",1\nq,2' --multiline f.csv
	cat_refuses 'line 2: a quote is never closed; --multiline reads cells of several lines' f.csv
	ae-cat --multiline f.csv >f.aes
	expect_error 1 'row 1, column "id" holds a line end: --multiline writes cells of several lines, TSV (-t) writes \\n' \
		ae-cat -c f.aes
	ae-cat -c --multiline f.aes | cmp - f.csv
	{ printf 'id,a\n' && seq -f 'p%g,1' 4999 && printf '"x\ny",1\n'; } | ae-cat --multiline >g.aes
	expect_error 1 'row 5000, column "id" holds a line end: *' ae-cat -c g.aes
	expect_error 1 '*row 1, column "id" holds a line end: *' ae-split --ordered --test 0.5 --test-out test.csv -o train.csv f.aes
	ae-split --ordered --test 0.5 --multiline --test-out test.csv -o train.csv f.aes
	[ "$(<train.csv)" = $'id,a\n"two\nlines",1' ]
	printf '"two\nnames",a\n1,2\n' | ae-cat --multiline >h.aes
	expect_error 1 'the name of column "two" holds a line end: *' ae-cat -c h.aes
}

# ---- lines that are no rows ----

@test "--comment: lines that begin so are no rows, before the header and behind it" {
	text_is 'a,b\n1,2\n3,4\n' '# logger 7\n# "site 3\n#\na,b\n1,2\n# pause\n3,4\n#end\n' --comment '#'
	text_is 'a,b\n1,2\n' '// x\na,b\n//,5\n1,2\n' --comment //
	text_is 'x.1,x.2\n1,2\n' '%,3\n1,2\n' --comment % -H
	text_is 'id,a\n#1,2\n' 'id,a\n#1,2\n'
	printf '# one\n' >f.csv
	cat_refuses 'empty input: not even a header' f.csv --comment '#'
	text_is 'id,a\n"p\n# q",1\n' 'id,a\n"p\n# q",1\n' --comment '#' --multiline
	expect_error 2 '--comment "": expected what such lines begin with' ae-cat --comment '' f.csv
}

@test "--skip-lines: so many lines of each input file come before the header" {
	text_is 'a,b\n1,2\n' 'Logger 7; "site\n\na,b\n1,2\n' --skip-lines 2
	text_is 'x.1,x.2\n1,2\n' '\xef\xbb\xbfa,b\n1,2\n' --skip-lines 1 -H
	printf 'one\na,b\n1,2\n' >f.csv
	printf 'two\na,b\n3,4\n' >g.csv
	is $'a,b\n1,2\n3,4' --skip-lines 1 f.csv g.csv
	text_refused 'there are 2 lines, and --skip-lines leaves them all out' 'a,b\n1,2\n' --skip-lines 5
	text_refused 'line 4: column "b": "x" is not a number*' 'one\na,b\n1,2\n3,x\n' --skip-lines 1
	expect_error 2 '--skip-lines -1: expected a whole number *' ae-cat --skip-lines -1 f.csv
	text_is 'a,c\n1,2\n' 'sep=;\na;c\n1;2\n' --skip-lines 1 -d ';'
}

@test "--units: the line after a header is no row, after a repeated header too" {
	text_is 'a,b\n1,2\n3,4\n' 'a,b\ndegC,bar\n1,2\na,b\ndegC,bar\n3,4\n' --units
	text_is 'id,a\np,1\n' 'id,a\n-,\np,1\n' --units
	text_is 'a,b\n1,2\n' '# x\na,b\n# y\n°C,%%\n1,2\n' --units --comment '#'
	text_refused 'line 2: --units: this line is to hold units, but it holds numbers' 'a,b\n1,2\n' --units
	text_refused 'line 5: --units: this line is to hold units, but it holds numbers' \
		'a,b\ndegC,bar\n1,2\na,b\n3,4\n' --units
	text_is 'a,b\n1,2\n' 'a,b\nin,"\n1,2\n' --units
	text_is 'a,b\n1,2\n3,4\n' 'a,b\nm,s\n1,2\n"a","b"\nm,s\n3,4\n' --units
	printf 'a,b\nm,s\n1,2\n' >f.csv
	is $'a,b\n1,2\n1,2' --units f.csv f.csv
	expect_error 2 '--units goes with a header row' ae-cat --units -H f.csv
	expect_error 2 '--units goes with a header row' ae-cat --units --header a,b f.csv
}

# ---- repeated headers ----

@test "a repeated header is told whatever its line end, byte order mark and quotes" {
	text_is 'id,a\n1,2\n3,4\n' '\xef\xbb\xbfid,a\n1,2\n\xef\xbb\xbfid,a\n3,4\n'
	text_is 'id,a\n1,2\n3,4\n' 'id,a\r\n1,2\r\nid,a\n3,4\n'
	text_is 'id,a\n1,2\n3,4\n' 'id,a\n1,2\n\xef\xbb\xbfid,a\r\n3,4\r\n'
	text_is 'id,a\n1,2\n3,4\n' 'id,a\n1,2\n"id","a"\n3,4\n'
	text_is 'label,time\nok,1\nbad,2\n' 'label,time\r\nok,1\r\nlabel,time\nbad,2\n'
	text_is 'label,time\nok,1\nbad,2\n' 'label,time\nok,1\n"label","time"\nbad,2\n'
	text_is 'id,"a\nb"\n1,2\n3,4\n' 'id,"a\nb"\n1,2\nid,"a\nb"\n3,4\n' --multiline
	text_is 'x.1,x.2\n1,2\n3,4\n' '\xef\xbb\xbf1,2\n\xef\xbb\xbf3,4\n' -H
	printf '\xef\xbb\xbfid,a\r\n1,2\r\n' >f.csv
	printf '\xef\xbb\xbfid,a\n3,4\n' >g.csv
	is $'id,a\n1,2\n3,4\n1,2' f.csv g.csv f.csv
	[ "$(cat f.csv g.csv f.csv | ae-info --count)" = 3 ]
}

@test "a side file may begin with a byte order mark and have CR LF" {
	printf 'a\n1\n2\n' >f.csv
	printf '\xef\xbb\xbfgood\r\nbad\r\n' >names
	is $'a,label\n1,good\n2,bad' --label-file names f.csv
	is $'a,id\n1,good\n2,bad' --id-file names f.csv
}

@test "a change of columns inside a log is reported as that" {
	text_refused 'line 3: another header: the columns change here: column 2 is "c", not "b"' 'a,b\n1,2\na,c\n3,4\n'
	text_refused 'line 3: another header: the columns change here: column 1 is "b", not "a"' 'a,b\n1,2\nb,a\n3,4\n'
	text_refused 'line 3: another header: the columns change here: 3 columns, not 2' 'a,b\n1,2\na,b,c\n3,4,5\n'
	text_refused 'line 3: another header: the columns change here: 1 columns, not 2' 'a,b\n1,2\na\n3\n'
	text_refused 'line 3: another header: the columns change here: column 1 is "c", not "a"' 'a,b\n1,2\nc,d\n3,4\n'
	text_refused 'line 3: another header: the columns change here: column 1 is "time", not "id"' \
		'id,label\n1,2\ntime,id\n' --x id
	text_refused 'line 3: another header: the columns change here: column 1 is "label", not "time"' \
		'time,label\n1,ok\nlabel,time\nok,2\n'
	# no headers: a word in the one column of numbers, words that repeat, spellings of missing
	text_refused 'line 3: column "a": "x" is not a number; *' 'id,a\np,1\nq,x\n'
	text_refused 'line 3: column "a": "off" is not a number; *' 'a,b\n1,2\noff,off\n'
	text_refused 'line 3: column "a": "null" is not a number; *' 'a,b\n1,2\nnull,N/A\n'
}

@test "words of another number than the names, and none of them, are a bad row" {
	text_refused 'line 3: expected 4 fields, got 2' 'id,a,b,c\np,1,2,3\nP-xx,garbage\n'
	text_refused 'line 3: expected 2 fields, got 5' 'a,b\n1,2\nsensor,lost,and,found,again\n'
	text_refused 'line 3: expected 3 fields, got 2' 'time,a,b\n0h,1,2\n1h,restart\n'
	text_refused 'line 3: column "a": "lost" is not a number; *' 'time,a,b,c\n0h,1,2,3\nlost,lost,off,lost\n' --id time
	text_refused 'line 3: another header: the columns change here: column 2 is "c", not "b"' 'a,b\n1,2\na,c,d,e\n'
	text_is 'id,a,b\np,1,2\nq,3,4\n' 'id,a,b\np,1,2\nP-xx,garbage\nq,3,4\n' --on-bad skip -q
}

@test "--on-bad skip: rows under the header of other columns are bad until ours comes again" {
	text_is 'a,b\n1,2\n7,8\n' 'a,b\n1,2\nb,a\n3,4\n5,6\na,b\n7,8\n' --on-bad skip -q
	text_is 'id,a\n1,2\n7,8\n' 'id,a\n1,2\nid,b\n3,4\n"id","a"\n7,8\n' --on-bad skip -q
	# words that are not, or not mostly, names of the header cost their own line
	text_is 'a,b\n1,2\n3,4\n' 'a,b\n1,2\nsensor lost,restart\n3,4\n' --on-bad skip -q
	text_is 'id,a,b\np,1,2\nq,3,4\n' 'id,a,b\np,1,2\na,off,lost\nq,3,4\n' --on-bad skip -q
}

@test "--on-bad skip: a line of words with another number of fields costs itself alone" {
	text_is 'temp,press\n1,2\n3,4\n5,6\n' 'temp,press\n1,2\npress\n3,4\n5,6\n' --on-bad skip -q
	text_is 'a,b,c,d\n1,2,3,4\n5,6,7,8\n' 'a,b,c,d\n1,2,3,4\na,b,c\n5,6,7,8\n' --on-bad skip -q
	text_is 'id,flow,c,d\np,2,3,4\nq,6,7,8\n' 'id,flow,c,d\np,2,3,4\nflow\nq,6,7,8\n' --on-bad skip -q
	text_is 'a,b\n1,2\n5,6\n' 'a,b\n1,2\na,b,c\n1,2,3\n5,6\n' --on-bad skip -q
	text_is 'label,time\nok,1\nbad,2\n' 'label,time\nok,1\nlabel\nbad,2\n' --on-bad skip -q
}

@test "--on-bad skip: a header of as many other names ends the rows, whatever its case and blanks" {
	text_is 'id,time,flow,speed\na,1,10,500\n' \
		'id,time,flow,speed\na,1,10,500\nId,Time,Speed,Flow\na,2,501,11\n' --on-bad skip -q
	text_is 'a,b\n1,2\n7,8\n' 'a,b\n1,2\nB, A\n3,4\na,b\n7,8\n' --on-bad skip -q
	text_is 'z,zz\n1,2\n7,8\n' 'z,zz\n1,2\nZZ, Z\n3,4\nz,zz\n7,8\n' --on-bad skip -q
	text_is 'label,time\nok,1\nok,3\n' 'label,time\nok,1\nTime,Label\n2,bad\nlabel,time\nok,3\n' --on-bad skip -q
	# all names are new: from three columns of numbers on, if each is another word
	text_is 'a,b,c\n1,2,3\n7,8,9\n' 'a,b,c\n1,2,3\nflow,speed,temp\n4,5,6\na,b,c\n7,8,9\n' --on-bad skip -q
	text_is 'id,a,b,c\np,1,2,3\n' 'id,a,b,c\np,1,2,3\nkey,flow,speed,temp\nq,4,5,6\n' --on-bad skip -q
	text_is 'a,b,c\n1,2,3\n4,5,6\n' 'a,b,c\n1,2,3\nlost,off,lost\n4,5,6\n' --on-bad skip -q
	text_is 'time,a,b,c\n0h,1,2,3\n2h,4,5,6\n' 'time,a,b,c\n0h,1,2,3\n1h,sensor,is,lost\n2h,4,5,6\n' --on-bad skip -q
	text_is 'a,b,c\n1,2,3\n4,5,6\n' 'a,b,c\n1,2,3\nsensor,7,lost\n4,5,6\n' --on-bad skip -q
	printf 'a,b\n1,2\nB,A\n3,4\n5,6\n' >f.csv
	ae-cat --on-bad skip f.csv >out.aes 2>err.txt
	[ "$(head -n 1 err.txt)" = 'ae-cat: f.csv: line 3: another header: the columns change here: column 1 is "B", not "a": left out' ]
	[ "$(tail -n 1 err.txt)" = 'ae-cat: 3 bad rows left out' ]
	ae-cat -q --on-bad skip --rejects bad.csv f.csv >out.aes
	[ "$(<bad.csv)" = $'B,A\n3,4\n5,6' ]
	text_refused 'line 3: another header: the columns change here: column 1 is "B", not "a"' 'a,b\n1,2\nB,A\n3,4\n'
}

@test "--on-bad skip: random headers in random logs, by the rule written down plainly" {
	python3 "$BATS_TEST_DIRNAME/expected/headers.py" "$(command -v ae-cat)" 300
}

# ---- the mark of a failed writer ----

@test "a line of exactly ! is an error as the last line, and before anything but a repeated header" {
	local failed='line 3: "!": the program that wrote this failed'
	text_refused "$failed" 'a,b\n1,2\n!\n'
	text_refused "$failed" 'a,b\n1,2\n!'
	text_refused "$failed" 'a,b\n1,2\n!' --lenient-eof
	text_refused "$failed" 'a,b\n1,2\n!\n' --on-bad skip
	text_refused "$failed" 'id\np\n!\n'
	text_refused "$failed" 'id\np\n!' --lenient-eof
	text_refused "$failed, and no header follows" 'a,b\n1,2\n!\n3,4\n'
	text_refused "$failed, and no header follows" 'id\np\n!\nq\n'
	text_refused "$failed" '1,2\n3,4\n!\n5,6\n' -H
	text_refused "$failed" '# x\na\n!\n' --comment '#' -I csv
	text_refused 'line 1: "!": the program that wrote this failed' '!\n'
	text_refused 'line 2: no newline at the end, *' 'a,b\n1,2!'
	printf 'a,b\n1,2\n!\n' | expect_error 1 "<stdin>: $failed" ae-info --count
}

@test "a mark before a repeated header is passed over" {
	text_is 'a,b\n1,2\n3,4\n' 'a,b\n1,2\n!\na,b\n3,4\n'
	text_is 'a,b\n1,2\n3,4\n' 'a,b\n1,2\n!\n# x\n\xef\xbb\xbfa,b\r\n3,4\r\n' --comment '#'
	text_is 'id\np\nq\n' 'id\np\n!\nid\nq\n'
	text_is 'a,b\n3,4\n' '!\na,b\n3,4\n'
	text_is 'a,b\n1,2\n3,4\n' 'a,b\n1,2\n!\n!\na,b\n3,4\n' --comment '!'
	# in other quotes too
	text_is 'a,b\n1,2\n3,4\n' 'a,b\n1,2\n!\n"a","b"\n3,4\n'
	text_is 'a,b\n1,2\n3,4\n' '"a",b\n1,2\n!\n!\na,"b"\n3,4\n'
	text_is 'id\np\nq\n' 'id\np\n!\n"id"\nq\n'
	text_is 'a,b\n1,2\n3,4\n' 'a,b\nm,s\n1,2\n!\n"a","b"\nm,s\n3,4\n' --units
	text_is 'id,"a\nb"\n1,2\n3,4\n' 'id,"a\nb"\n1,2\n!\nid,"a\nb"\n3,4\n' --multiline
	local failed='line 3: "!": the program that wrote this failed, and no header follows'
	text_refused "$failed" 'id\np\n!\n"q"\n'
	text_refused 'line 4: another header: the columns change here: column 2 is "b", not "a"' 'id,a\np,1\n!\n"id","b"\n' -q
	text_refused "$failed" 'id,a\np,1\n!\n"id"x,"a"\n' --on-bad skip
	text_refused 'line 4: a quote is never closed' 'id,a\np,1\n!\n"id,a\n' --multiline
}

@test "a mark before a header of numbers alone is passed over: behind it the line is no row" {
	text_is '1,2\n1,2\n5,6\n' '1,2\n1,2\n!\n1,2\n5,6\n' --numeric-header
	text_is '1,2\n1,2\n5,6\n' '1,2\n1,2\n!\n"1","2"\n5,6\n' --numeric-header
	text_is '1,2\n3,4\n5,6\n' '1,2\n3,4\n\xef\xbb\xbf1,2\n5,6\n' --numeric-header # files with byte order marks, joined
	text_is '1,2\n3,4\n5,6\n' '1,2\n3,4\n\xef\xbb\xbf5,6\n' --numeric-header
	text_refused 'line 3: "!": the program that wrote this failed, and no header follows' '1,2\n1,2\n!\n3,4\n' --numeric-header
	printf '1,2\n1,2\nx,3\n' >f.csv
	printf '1,2\n5,6\n' >g.csv
	run ae-cat --numeric-header --append n.csv f.csv
	[ "$status" -eq 1 ]
	ae-cat --numeric-header --append n.csv g.csv
	is $'1,2\n1,2\n5,6' --numeric-header -q n.csv
}

@test "a mark before the header in other quotes, of several lines or of numbers is passed over" {
	text_is 'a,b\n1,2\n3,4\n' 'a,b\n1,2\n!\n"a","b"\n3,4\n' -q
	text_is 'a,b\n1,2\n3,4\n' '"a","b"\r\n1,2\r\n!\r\n\xef\xbb\xbfa,b\r\n3,4\r\n' -q
	text_is 'a,"b\nc"\n1,2\n3,4\n5,6\n' 'a,"b\nc"\n1,2\n!\n"a","b\nc"\n3,4\n\xef\xbb\xbfa,"b\nc"\n5,6\n' --multiline -q
	text_is '1,2\n1,2\n3,4\n' '1,2\n1,2\n!\n"1",2\n3,4\n' --numeric-header -q
	text_is 'id,b\np,"""q"""\n' 'id\tb\n!\n\xef\xbb\xbfid\tb\np\t"q"\n' -I tsv --pass 1,2 -q
}

@test "a mark before a header of other columns is a change of columns" {
	local change='line 4: another header: the columns change here: column 1 is "c", not "a"'
	text_refused "$change" 'a,b\n1,2\n!\nc,d\n3,4\n' -q
	text_refused "$change" 'a,b\n1,2\n!\nc,b\n3,4\n' --pass 1,2 -q
	text_refused 'line 3: another header: the columns change here: 3 columns, not 2' 'a,b\n!\na,b,c\n3,4,5\n' -q
	text_is 'a,b\n1,2\n9,9\n' 'a,b\n1,2\n!\nc,d\n3,4\n!\na,b\n9,9\n' --on-bad skip -q
	text_refused 'line 3: "!": the program that wrote this failed, and no header follows' 'a,b\n1,2\n!\nc,"d\n' --on-bad skip
}

@test "a line that ends in ! before the mark was cut: it is part of the mark" {
	local cut='line 4: "!": a program that wrote into this failed; its last row is cut, and left out'
	printf 'pred,label\n1,attack\n0,nor!\n!\npred,label\n0,normal\n' >f.csv
	is $'pred,label\n1,attack\n0,normal' -q f.csv
	[ "$(ae-cat f.csv 2>&1 >out.aes)" = "ae-cat: f.csv: $cut
ae-cat: 1 run that wrote this text failed" ]
	[ "$(ae-metrics -q --normal normal f.csv | grep rows)" = 'rows         2' ]
	text_is 'id\na\nb\n' 'id\r\na\r\nnor!\r\n!\r\nid\r\nb\r\n' -q
	text_is 'id,b\np,q\n' 'id\tb\nr\ts!\n!\nid\tb\np\tq\n' -I tsv --pass 1,2 -q
	text_is 'pred,label\n0,a\n' 'pred,la!\n!\npred,label\n0,a\n' -q
	text_refused 'line 3: "!": the program that wrote this failed' 'id,label\na!\n!\n'
	# by itself it is a row like any other, and so it is in quotes
	text_is 'id\n"nor!"\n"b!"\n' 'id\nnor!\nb!\n'
	text_is 'id\n"nor!"\nb\n' 'id\n"nor!"\n!\nid\nb\n' -q
	text_is 'id\n"nor!"\n!x\n' 'id\nnor!\n!x\n'
	text_is 'id\n"nor!"\n' 'id\nnor!' --lenient-eof
	# which one byte of the next line may tell
	mkfifo feed
	ae-cat -c <feed >live.csv 3>&- &
	exec 8<>feed
	printf 'id\nnor!\nb' >&8
	eventually has_lines live.csv 2
	exec 8>&-
	wait $! || :
}

@test "a last cell that ends in ! is written in quotes, so that a mark behind it costs no row" {
	text_is 'id,"b!"\n!,"a!"\nx!,b\n' 'id,b!\n!,a!\nx!,b\n' --pass 1,2
	printf 'id,label\np,alarm!\nq,"a\nb"\n' >f.csv
	ae-cat --multiline f.csv >f.aes
	run -1 sh -c 'ae-cat -c f.aes >log.csv 2>err.txt'
	ae-cat -q -c --append log.csv <(printf 'id,label\nr,ok\n')
	ae-cat -q -c log.csv | cmp - <(printf 'id,label\np,"alarm!"\nr,ok\n')
	[ "$(ae-cat -t --where id=p f.aes)" = $'id\tlabel\np\talarm!' ]
}

@test "--multiline: a mark ends a cell that was cut" {
	text_is 'id,a\nr,1\n"z,1",7\n' 'id,a\nr,1\n"abc\nd!\n!\nid,a\n"z,1",7\n' --multiline -q
	text_is 'id,a\nr,1\n"z,1",7\n' 'id,a\nr,1\n"abc\n!\nid,a\n"z,1",7\n' --multiline -q
	text_refused 'line 3: "!": the program that wrote this failed' 'id,a\n"abc\n!\n' --multiline
	text_refused 'line 3: "!": the program that wrote this failed' '"abc",1\n"abc\n!\nd",1\n' --multiline -H --id 1
	# so no cell is written that holds such a line
	printf 'id\ta\nx\\n!\\ny\t1\n' >f.tsv
	expect_error 1 'row 1, column "id" holds a line "!", which in CSV says that the writer failed: TSV (-t) writes it' \
		pipe 'ae-cat -I tsv --multiline -c f.tsv | cat'
	is $'id,a\n"!\n!",1' --multiline -I tsv <(printf 'id\ta\n!\\n!\t1\n')
	[ "$(ae-cat -I tsv --multiline -t f.tsv)" = "$(<f.tsv)" ]
}

@test "a byte order mark before a repeated header in other quotes" {
	text_is 'i,b\nx,2\n3,4\n' '"i","b"\nx,2\n\xef\xbb\xbfi,b\r\n3,4\n' --pass 1,2
	text_is 'n1,n2\n9,2\n' '"n1","n2"\n\xef\xbb\xbfn1,n2\n9,2.0\n'
	text_is 'a,b\n1,2\n3,4\n' 'a,b\n1,2\n\xef\xbb\xbf"a","b"\n3,4\n'
	# the first header is one of savetxt, the other has no "# "
	text_is 'a,b\n1,2\n3,4\n' '# a,b\n1,2\n\xef\xbb\xbfa,b\n3,4\n'
	text_is 'i,b\nx,2\n3,4\n' '# i,b\nx,2\n\xef\xbb\xbf"i",b\n3,4\n' --pass 1,2
	# before anything else it is data, as anywhere in a text
	text_is 'i,b\nx,2\n\xef\xbb\xbfy,4\n' 'i,b\nx,2\n\xef\xbb\xbfy,4\n' --pass 1,2
}

@test "marks that are passed over are counted and reported" {
	printf 'a,b\n1,2\n!\na,b\n!\na,b\n3,4\n' >f.csv
	ae-cat f.csv >out.aes 2>err.txt
	[ "$(head -n 1 err.txt)" = 'ae-cat: f.csv: line 3: "!": a program that wrote into this failed' ]
	[ "$(tail -n 1 err.txt)" = 'ae-cat: 2 runs that wrote this text failed' ]
	[ "$(ae-info --count f.csv 2>err.txt)" = 2 ]
	[ "$(tail -n 1 err.txt)" = 'ae-info: 2 runs that wrote this text failed' ]
	[ -z "$(ae-cat -q f.csv 2>&1 >/dev/null)" ]
}

@test "--on-bad skip leaves out rows: a quote that is never closed, or a record without end, ends the run" {
	printf 'id,a\np,x\n"q,1\nr,2\n' >f.csv
	run -1 ae-cat -q -c --multiline --on-bad skip --rejects bad.csv f.csv
	[[ $output == *'ae-cat: f.csv: line 3: a quote is never closed'* ]]
	[ "$(<bad.csv)" = p,x ]
	rm bad.csv
	{ printf 'id,a\np,x\n"' && head -c 70000000 /dev/zero | tr '\0' q && printf '",1\nr,2\n'; } >f.csv
	run -1 ae-cat -q -c --on-bad skip --rejects bad.csv f.csv
	[[ $output == *'ae-cat: f.csv: line 3: longer than 64 MiB'* ]]
	[ "$(<bad.csv)" = p,x ]
}

@test "without header row, blank lines before the first row are missing cells where there is one column" {
	# Without header row the first line that is not blank says how many columns there are.
	text_is 'x.1\nnan\nnan\n1\nnan\n2\n' '\n\n1\n\n2\n' -H --missing mask
	text_is 'x.1\nnan\n1\n' '# c\n\r\n# d\n1\r\n' -H --comment '#' --missing mask
	text_is 'id\n""\n"a\nb"\n""\n' '\n"a\nb"\n\n' -H --id 1 --multiline
	text_is 'x.1\n1\n' '\n\n1\n' -H --missing skip -q
	text_refused 'line 1: column "1": missing value; *' '\n1\n' -H
	text_refused 'line 3: column "1": missing value; *' '# c\n# d\n\n1\n' -H --comment '#'
	text_refused 'line 2: column "1": "a" is not a number; *' '\na\n' -H --missing mask
	text_refused 'line 2: blank line; * leaves such lines out' '# c\n\n1,2\n' -H --comment '#' --missing mask
	text_refused 'line 1: blank line; * leaves such lines out' '\n\n' -H --missing mask
	text_is 'a\nnan\n1\n' '\n1\n' --header a --missing mask
}

@test "a cell of ! alone on its line is written so that it reads back" {
	text_is 'id\n"!"\n"!!"\n!a\n' 'id\n"!"\n!!\n!a\n'
	printf 'id\n"!"\n"\\!"\n' | ae-cat >f.aes
	[ "$(ae-cat -t f.aes)" = $'id\n\\!\n\\\\!' ]
	same 'ae-cat -t f.aes | ae-cat -I tsv -c' 'ae-cat -c f.aes'
	# A backslash before it means this where it is the whole line; elsewhere it is data.
	printf 'id\tt\ta\n\\!foo\t\\!\t1\n' | ae-cat -I tsv --pass t -c | cmp - <(printf 'id,t,a\n\\!foo,\\!,1\n')
	printf 'id\n\\!foo\n\\!\n' | ae-cat -I tsv -c | cmp - <(printf 'id\n\\!foo\n"!"\n')
	ae-cat -t f.aes | ae-cat -I tsv -o got.aes
	cmp got.aes f.aes
	text_is 'id,a\n!,1\n' 'id,a\n!,1\n'
	[ "$(printf '"!"\n1\n' | ae-cat -c)" = $'"!"\n1' ]
}

# ---- missing numbers ----

@test "--na: further spellings of a missing number, exactly as they stand" {
	text_is 'a,b\n1,2\nnan,3\n' 'a,b\n1,2\nN/A,3\n' --na N/A --missing mask
	text_is 'a,b\n1,2\n' 'a,b\n1,2\n?,3\n4,-\n5,null\n6,\n7,NA\n8,nan\n' --na 'N/A,-,?,null' --missing skip -q
	text_is 'a,b\n1,nan\n' 'a;b\n1;x,y\n' --na '"x,y"' --missing mask -d ';'
	text_is 'a,b\n1,nan\n-1,2\n' 'a,b\n1,-999\n-1,2\n' --na -999 --missing mask
	text_refused 'line 2: column "a": missing value; *' 'a,b\n-,1\n' --na -
	text_refused 'line 2: column "a": "n/a" is not a number; *' 'a,b\nn/a,1\n' --na N/A
	text_is 'id,label,a\n-,-,1\n' 'id,label,a\n-,-,1\n' --na - # text stays as it is
	expect_error 2 '--na "x: a quote is never closed' ae-cat --na '"x' f.csv
}

@test "a spelling of missing that is not known yet is an error that names --na" {
	local cell
	for cell in N/A n/a na null NULL None '#N/A' '<NA>' - -- ? . '(empty)'; do
		text_refused "line 3: column \"a\": \"$cell\" is not a number; if it stands for a missing value: --na '$cell'" \
			"a,b\n1,2\n$cell,3\n"
		is $'a,b\n1,2\nnan,3' --missing mask --na "$cell" f.csv
	done
}

# ---- messages that name the option ----

@test "comments, units, titles and sep=: the error names the option" {
	text_refused "line 2: column \"logger 7\": \"# site 3\" is not a number; if lines that begin with # are comments: --comment '#'" \
		'# logger 7\n# site 3\na,b\n1,2\n'
	text_refused "line 2: expected 1 fields, got 2; if lines that begin with # are comments: --comment '#'" \
		'# logger 7\na,b\n1,2\n'
	text_refused "line 1: column \"#\" looks like *; if lines that begin with # are comments: --comment '#'" '#\na,b\n1,2\n'
	text_refused "line 3: expected 2 fields, got 1; if lines that begin with # are comments: --comment '#'" \
		'a,b\n1,2\n# pause\n'
	text_refused 'line 2: column "a": "degC" is not a number; *; if this line holds units: --units' 'a,b\ndegC,bar\n1,2\n'
	text_refused 'line 2: column "a": "m3/h" is not a number; *; if this line holds units: --units' 'id,a\n-,m3/h\np,1\n'
	text_refused 'line 3: column "b": "x" is not a number; text columns are named with --label, --id, --time or --pass' \
		'a,b\n1,2\n3,x\n'
	text_refused 'line 2: expected 1 fields, got 2; if lines stand before the header: --skip-lines N' 'Report\na,b\n1,2\n'
	text_refused "line 1: \"sep=;\" tells the delimiter of what follows: --skip-lines 1 -d ';'" 'sep=;\na;b\n1;2\n'
	text_refused "line 1: \"sep=;\" tells the delimiter of what follows: --skip-lines 1 -d ';'" 'sep=;\na;b\n1;2\n' -d ';'
	text_refused "line 1: \"sep=\\\\t\" tells the delimiter of what follows: --skip-lines 1 -d '\\\\t'" 'sep=\t\na\tb\n'
}

@test "units whose first cell is empty, and titles, are told" {
	local numbers='*text columns are named with --label, --id, --time or --pass'
	text_refused 'line 2: column "a": missing value; *; if this line holds units: --units' 'a,b\n,degC\n1,2\n'
	text_refused "line 2: column \"b\": \"degC\" $numbers; if this line holds units: --units" 'a,b\n,degC\n1,2\n' --missing mask
	text_is 'a,b\n1,2\n' 'a,b\n,degC\n1,2\n' --units
	text_refused 'line 2: another header: *; if this line holds units: --units' 'time,V,A\ns,V,A\n1,2,3\n'
	text_refused 'line 2: column "a": missing value; --missing skip leaves such rows out, --missing mask keeps them' 'a,b\n,2\n'
	text_refused 'line 3: column "a": missing value; --missing skip leaves such rows out, --missing mask keeps them' \
		'a,b\n1,2\n,x\n' # behind a row
	local title='if lines stand before the header: --skip-lines N'
	text_refused "line 2: expected 1 fields, got 3; $title" 'Historian export v3\ntime,a,b\n1,2,3\n'
	text_refused "line 2: column \"Historian export v3\": missing value; *; $title" 'Historian export v3\n\ntime,a,b\n1,2,3\n'
	text_refused "line 3: expected 1 fields, got 3; $title" 'Historian export v3\n\ntime,a,b\n1,2,3\n' --missing skip -q
	text_refused "line 1: column \"\" looks like truth *; $title" 'Historian export v3,\ntime,a\n1,2\n'
	text_refused "line 1: columns \"\", \"\" look like truth *; $title" 'Report,,\ntime,a,b\n1,2,3\n'
	text_refused "line 2: column \"Export of\": \"flow\" $numbers; if this line holds units: --units; if it is the header: --skip-lines 1" \
		'Export of,plant 7\nflow,speed\n1,2\n'
	text_is 'flow,speed\n1,2\n' 'Export of,plant 7\nflow,speed\n1,2\n' --skip-lines 1
}

@test "blanks around numbers, and blank lines, are told, and what helps does" {
	text_refused "line 2: column \"b\": \" 2\" is not a number: blanks around numbers are not taken: sed 's/ \*, \*/,/g; s/^ \*//; s/ \*\$//' it first" 'a,b\n1, 2\n'
	sed 's/ *, */,/g; s/^ *//; s/ *$//' f.csv | ae-cat -c | cmp - <(printf 'a,b\n1,2\n')
	text_refused "line 2: column \"b\": \"2 \" is not a number: blanks around numbers *'s/ \*\\\\t \*/\\\\t/g;*" 'a\tb\n1\t2 \n' -d '\t'
	text_refused "line 3: blank line; sed '/^\\\\r\*\$/d' leaves such lines out" 'a,b\n1,2\n\n3,4\n\r\n'
	sed '/^\r*$/d' f.csv | ae-cat -c | cmp - <(printf 'a,b\n1,2\n3,4\n')
}

@test "a file with another delimiter is told as that whatever words stand in its header" {
	text_refused "line 1: there is one column, \"datetime;a;b\": is the delimiter -d ';'?" 'datetime;a;b\n2026-03-01 10:00;1;2\n'
	text_refused "line 1: there is one column, \"time|a|anomaly\": is the delimiter -d '|'?" 'time|a|anomaly\n1|2|3\n'
	printf 'machine,a\np,1\n' >comma.csv
	expect_error 1 'comma.csv: line 1: --id: no column "machine"; there is one column, "machine,a": is the delimiter a comma, -d ,?' \
		ae-cat -d ';' --id machine comma.csv
	text_refused "line 1: there is one column, \"label\\\\ta\": is the delimiter a tab: *" 'label\ta\n1\t2\n'
}

@test "another delimiter, and decimal commas, are told" {
	text_refused "line 1: there is one column, \"a;b\": is the delimiter -d ';'?" 'a;b\n1;2\n'
	text_refused "line 2: column \"a\": \"12 -3\" is not a number: is the delimiter a space: -d ' '?" 'a\n12 -3\n'
	text_refused 'line 2: column "a": "12 kg" is not a number; text columns *' 'a\n12 kg\n'
	text_refused "line 1: there is one column, \"a;b\": is the delimiter -d ';'?" 'a;b\n1,5;2\n' -I csv
	text_refused "line 1: there is one column, \"a|b\": is the delimiter -d '|'?" 'a|b\n'
	text_refused "line 1: there is one column, \"a\\\\tb\": is the delimiter a tab: -d '\\\\t', or -I tsv?" 'a\tb\n1\t2\n'
	text_refused 'line 1: there is one column, "a,b": is the delimiter a comma: -d ,?' 'a,b\n1,2\n' -I tsv
	text_refused "line 1: misplaced quote; is the delimiter -d ';'?" '"a";"b"\n1;2\n'
	text_refused "line 1: column \"1\": \"1;2\" is not a number: is the delimiter -d ';'?" '1;2\n' -H
	text_refused "line 1: column \"1\": \"1 2\" is not a number: is the delimiter a space: -d ' '?" '1 2\n' -H
	text_refused 'line 2: column "a": "1,5" is not a number: a decimal comma? Numbers have a point: tr , . makes it of each comma' \
		'a;b\n1,5;2\n' -d ';'
	text_refused 'line 2: column "a": "-1,5e3" is not a number: a decimal comma? Numbers have a point' 'a,b\n"-1,5e3",2\n'
	printf 'a;b\n1,5;2\n' | expect_error 1 "<stdin>: line 1: there is one column, *" ae-info
	text_is '"a;b"\n1\n' 'a;b\n1\n' -d ,
	local name
	for name in '"a;b"' $'"a\tb"' '"a|b"' '";"' '"say ""a|b"""' '"a,b"'; do # a quoted name is one, and is written so
		printf '%s\n1\n' "$name" >f.csv
		ae-cat -c f.csv | cmp - f.csv
	done
	text_is 'a;b,c|d\n1,2\n' 'a;b,c|d\n1,2\n'
	# thousands
	local number
	for number in 1.234,5 -12.345.678,25 '1.234,'; do
		text_refused "line 2: column \"a\": \"$number\" is not a number: a decimal comma, and points between thousands? Numbers have a point: tr -d . | tr , . makes them so" \
			"a;b\n$number;2\n" -d ';'
		text_refused "line 2: column \"a\": \"$number\" is not a number: a decimal comma, and points between thousands? Numbers have a point and nothing else" \
			"a,b\n\"$number\",2\n"
	done
	for number in 1,234.5 12,345,678 +1,234,567.; do
		text_refused "line 2: column \"a\": \"$number\" is not a number: commas between thousands? Numbers have none: tr -d , takes them away" \
			"a;b\n$number;2\n" -d ';'
		text_refused "line 2: column \"a\": \"$number\" is not a number: commas between thousands? Numbers have none" "a,b\n\"$number\",2\n"
	done
	text_refused 'line 2: column "a": "192.168.100.200" is not a number; text columns *' 'a;b\n192.168.100.200;2\n' -d ';'
	text_refused 'line 2: column "a": "1.23,5" is not a number: is the delimiter *' 'a;b\n1.23,5;2\n' -d ';'
}

@test "lines that end in a carriage return alone are told" {
	text_refused "lines end in a carriage return alone: tr '\\\\r' '\\\\n' it first" 'a,b\r1,2\r'
	tr '\r' '\n' <f.csv | ae-cat -c | cmp - <(printf 'a,b\n1,2\n')
	text_refused 'line 1: no newline at the end, *' 'a,b\r'
}

# ---- TSV ----

@test "TSV: no quotes, and escapes for tab, line ends and backslash, both ways" {
	printf 'id\ta\n"5"" pipe"\t1\ntab\\there\t2\nn\\nl\\r\\\\\t3\n\\x\\\t4\n' >f.tsv
	ae-cat -I tsv f.tsv >f.aes
	[ "$(ae-cat -I tsv --where a=1 --cols id -c f.tsv)" = $'id\n"""5"""" pipe"""' ]
	[ "$(ae-cat --where $'id=tab\there' --cols x -c f.aes)" = $'a\n2' ]
	[ "$(ae-cat --where $'id=n\nl\r\\' --cols x -c f.aes)" = $'a\n3' ]
	[ "$(ae-cat -t f.aes)" = $'id\ta\n"5"" pipe"\t1\ntab\\there\t2\nn\\nl\\r\\\\\t3\n\\\\x\\\\\t4' ]
	ae-cat -t f.aes | ae-cat -I tsv -o got.aes
	cmp got.aes f.aes
	text_refused "line 2: column \"\"a\"\": \"\"1\"\" is not a number: TSV has no quotes; -I csv -d '\\\\t' reads them" \
		'"id"\t"a"\n"p"\t"1"\n' -I tsv --id 1
	is $'id,a\np,1' -I csv -d '\t' --id 1 f.csv
	# -d of CSV keeps its quotes, and a backslash is data
	printf 'id\ta\n"x\ty"\t1\n\\t\t2\n' >g.csv
	is $'id,a\nx\ty,1\n\\t,2' -d '\t' g.csv
	is $'id,a\nx\ty,1\n\\t,2' -d '\t' -I csv g.csv
}

@test "TSV of one column: empty cells are blank lines" {
	printf 'id\np\n\n""\n' >f.tsv
	[ "$(ae-cat -I tsv -t f.tsv)" = $'id\np\n\n""' ]
	[ "$(ae-cat -I tsv -c f.tsv)" = $'id\np\n""\n""""""' ]
}

@test "TSV is Miller's, both ways" {
	command -v mlr >/dev/null || skip 'Miller is not installed'
	printf 'id,a\n"5"" pipe",1\n"tab\there",2\n"two\nlines",3\nb\\s,4\n"""q""",5\n' >f.csv
	ae-cat --multiline f.csv >f.aes
	mlr --icsv --otsv cat f.csv | ae-cat -I tsv -o got.aes
	cmp got.aes f.aes
	ae-cat -t f.aes | mlr --itsv --ojson cat >got.json
	mlr --icsv --ojson cat f.csv | cmp - got.json
}

@test "TSV is Miller's, both ways: random cells" {
	command -v mlr >/dev/null || skip 'Miller is not installed'
	# A line of "!" alone is a mark in CSV, in a cell too.
	python3 -c 'import csv, random, re, sys
rnd = random.Random(5)
pieces = ["a", "7", " ", ",", "\"", "\t", "\\", "t", "n", "\n", "!", "#", "é", ""]
cell = lambda: re.sub("(?m)^!$", "!!", "x" + "".join(rnd.choice(pieces) for _ in range(rnd.randrange(6))))
out = csv.writer(sys.stdout, lineterminator="\n")
out.writerow(["id", "time", "label"])
out.writerows([cell() for _ in range(3)] for _ in range(500))' >f.csv
	ae-cat --multiline f.csv >f.aes
	mlr --icsv --otsv cat f.csv | ae-cat -I tsv -o got.aes
	cmp got.aes f.aes
	ae-cat -t f.aes | mlr --itsv --ojson cat | cmp - <(mlr --icsv --ojson cat f.csv)
	cmp <(ae-cat -t f.aes) <(mlr --icsv --otsv cat f.csv)
}

# ---- differential ----

@test "random CSV and TSV: the cells are those of Python's csv module" {
	python3 "$BATS_TEST_DIRNAME/expected/records.py" "$(command -v ae-cat)" 150
}

@test "a message is one line, whatever the text that it quotes holds" {
	text_refused 'line 3: column "a": "x\\ny\\x1b\[1m\\r" is not a number; *' 'id,a\np,"x\ny\033[1m\r"\n' --multiline
	printf 'a\nx\033[1m\n1\n' >f.csv
	ae-cat --on-bad skip f.csv 2>err.txt >out.aes
	[[ $(head -n 1 err.txt) == *'"x\x1b[1m" is not a number'* ]]
}

@test "random text with random options is read or refused, in one line" {
	python3 "$BATS_TEST_DIRNAME/expected/random-text.py" "$(command -v ae-cat)" 200
}
