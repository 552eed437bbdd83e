#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The stream as a contract between programs: ends, boundaries, batches, live feeds, signals, named outputs.
# What the reader makes of damaged bytes is in unit/test_stream.c.
load helpers
load scoring

frames() {
	"$(tool frames)" "$@"
}

# numbers N [FIRST]: a CSV file of N rows with an id.
numbers() {
	echo id,a,b
	seq "${2:-1}" "$((${2:-1} + $1 - 1))" | awk '{ print "row " $1 "," $1 "," $1 / 8 }'
}

# The map of a header of one f32 column "x", shape [], and what may follow in it.
X='\x81\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa3f32\xa5shape\x90'
ROW='\x94\x01\x01\xc4\x04\x00\x00\x80\x3f'
END0='\x93\x02\x81\xa4rows\x00'
END1='\x93\x02\x81\xa4rows\x01'

# long_ids N LENGTH: N rows with an id of so many bytes.
long_ids() {
	local row
	echo id,a
	row=$(printf '%*s' "$2" '')
	for ((i = 0; i < $1; i++)); do
		echo "$row,$i"
	done
}

# ---- sound streams ----

@test "a header and an end are a legal stream without rows" {
	numbers 0 >none.csv
	ae-cat none.csv >none.aes
	[ "$(frames <none.aes)" = $'header\nend 0' ]
	ae-cat none.aes | cmp - none.aes
	[ "$(ae-cat -c none.aes)" = id,a,b ]
	ae-normalize --fit div:2 none.aes | ae-cat -c | cmp - none.csv
}

@test "zero bytes are no stream" {
	expect_error 1 '<stdin>: empty input: not even a header' ae-cat </dev/null
	expect_error 1 '<stdin>: empty input: not even a header' ae-cat -I aest </dev/null
	expect_error 1 '<stdin>: empty input: not even a header' ae-cat -H </dev/null
	expect_error 1 '<stdin>: empty input: not even a header' ae-cat --header a,b </dev/null
	expect_error 1 '<stdin>: empty input: not even a header' ae-normalize --fit div:2 </dev/null
}

@test "a foreign writer may put nil for a checksum" {
	numbers 5000 | ae-cat --batch-rows 7 >a.aes
	frames nil <a.aes >nil.aes
	run ! cmp -s a.aes nil.aes
	ae-cat --batch-rows 7 nil.aes | cmp - a.aes
	hand_made "$X" "$ROW" "$END1" >b.aes
	[ "$(ae-cat -c b.aes)" = $'x\n1' ]
}

@test "unknown header keys are kept and passed on" {
	local extra='\x83\xa4cols\x91\x85\xa4name\xa1x\xa4role\xa1x\xa4type\xa3f32\xa5shape\x90'
	extra+='\xa4unit\x81\xa1q\x93\x01\xc0\xc3\xa5later\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xa4more\xc4\x02\x00\xff'
	hand_made "$extra" "$ROW" "$END1" >foreign.aes
	ae-cat foreign.aes | frames nil | cmp - foreign.aes
	ae-cat foreign.aes | ae-cat | frames nil | cmp - foreign.aes
	ae-normalize --fit div:1 foreign.aes | ae-normalize --invert | frames nil | cmp - foreign.aes
	ae-split --test 0.5 --test-out test.aes <(cat foreign.aes foreign.aes) | frames nil | cmp - foreign.aes
	frames nil <test.aes | cmp - foreign.aes
}

@test "a column of an unknown role is carried under its own word" {
	local map='\x81\xa4cols\x92\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa3f32\xa5shape\x90'
	map+='\x84\xa4name\xa3who\xa4role\xa4mood\xa4type\xa4text\xa5shape\x90'
	hand_made "$map" '\x95\x01\x01\xc4\x04\x00\x00\x80\x3f\xc4\x07\x03\x00\x00\x00s\x00d' "$END1" >foreign.aes
	ae-cat foreign.aes | frames nil | cmp - foreign.aes
	ae-normalize --fit div:1 foreign.aes | ae-normalize --invert | frames nil | cmp - foreign.aes
	ae-info foreign.aes | grep -qE '^ +who +mood +text +\[\]$'
}

@test "what a later version may bring is named" {
	hand_made '\x80' >later.aes
	printf '\x94\xa4AEST\x02\x80\xc0' >later.aes
	expect_error 1 'later.aes: AEST version 2; this program reads version 1' ae-cat later.aes
	hand_made "${X/f32/f16}" "$END0" >later.aes
	expect_error 1 'later.aes: header: unknown type "f16"; AEST version 1 has f32, f64, u8 and text' ae-cat later.aes
	hand_made "$X" "$ROW" '\x93\x07\x80' "$END1" >later.aes
	expect_error 1 'later.aes: after row 1: message of kind 7; AEST version 1 has batches (1) and an end (2)' \
		ae-cat later.aes
}

@test "a huge count, a wrong bin length, a wrong checksum and trailing garbage are errors" {
	hand_made "$X" '\x94\x01\xce\xff\xff\xff\xff\xc4\x04\x00\x00\x80\x3f' "$END1" >bad.aes
	expect_error 1 'bad.aes: after row 0: column "x": expected 4 bytes for each of 4294967295 rows, got 4' ae-cat bad.aes
	hand_made "$X" '\x94\x01\x01\xc4\x03\x00\x00\x80' "$END1" >bad.aes
	expect_error 1 'bad.aes: after row 0: column "x": expected 4 bytes for each of 1 rows, got 3' ae-cat bad.aes
	hand_made "$X" "$ROW" '\xdd\xff\xff\xff\xff\x01' >bad.aes
	expect_error 1 'bad.aes: after row 1: *' ae-cat bad.aes
	ae-cat <(numbers 3) >good.aes
	{
		head -c -3 good.aes
		printf '\1\2\3'
	} >bad.aes
	expect_error 1 'bad.aes: after row 3: wrong checksum' ae-cat bad.aes
	{
		cat good.aes
		echo a,b
	} >bad.aes
	expect_error 1 'bad.aes: something that is no stream follows the end' ae-cat bad.aes
}

@test "a reader asks for no more memory than bytes arrive" {
	# a bin of 2 GiB is told, and 1 MiB of it comes
	{
		hand_made "$X"
		printf '\x94\x01\xce\x1f\xff\xff\xff\xc6\x7f\xff\xff\xfc'
		head -c 1048576 /dev/zero
	} >huge.aes
	cat >run <<-'END'
		! ae-cat huge.aes >/dev/null 2>err.txt
	END
	resident_below 16384 bash run
	[ "$(<err.txt)" = 'ae-cat: huge.aes: after row 0: the stream is cut inside a message' ]
}

@test "a short stream of a big schema may not make a reader take all memory" {
	# one column of 2^31-1 values a row, no rows
	hand_made '\x81\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa3f32\xa5shape\x91\xce\x7f\xff\xff\xff' "$END0" >wide.aes
	resident_below 16384 ae-cat -o out.aes wide.aes
	frames nil <out.aes | cmp - wide.aes
}

@test "infinity and NaN that the header does not announce are errors of a row and column" {
	hand_made "$X" "$ROW" '\x94\x01\x01\xc4\x04\x00\x00\x80\x7f' '\x93\x02\x81\xa4rows\x02' >inf.aes
	expect_error 1 'inf.aes: after row 1: row 2, column "x": NaN or infinity, and the header does not say missing' \
		ae-cat inf.aes
}

# ---- the mandatory end ----

@test "a filter that fails writes no end, so the next ones fail too, without pipefail" {
	numbers 10 >bad.csv
	echo 'row 11,x,1' >>bad.csv
	run --separate-stderr -1 sh -c 'ae-cat bad.csv | ae-cat | ae-normalize --fit div:1 | ae-cat >out.aes'
	run ! has_end out.aes
	grep -qxF 'ae-cat: bad.csv: line 12: column "a": "x" is not a number; text columns are named with --label, --id, --time or --pass' \
		<<<"$stderr"
	[ "${#stderr_lines[@]}" -eq 4 ]
	run -1 sh -c 'ae-cat bad.csv 2>&1 | ae-split --test 0.5 --test-out test.aes >out.aes'
	[ ! -e test.aes ]
}

@test "text that failed ends in an exclamation mark, which no reader takes for a row" {
	numbers 3 >bad.csv
	echo 'row 4,x,1' >>bad.csv
	run -1 sh -c 'ae-cat -c bad.csv >out.csv 2>err.txt'
	[ "$(tail -n 1 out.csv)" = '!' ]
	head -n -1 out.csv | cmp - <(head -n -1 bad.csv)
	expect_error 1 'out.csv: *' ae-cat out.csv
	expect_error 1 'out.csv: *' ae-cat --lenient-eof out.csv
	expect_error 1 '<stdin>: *' ae-cat < <(ae-cat -c nowhere.csv 2>/dev/null)
	ae-cat -c nowhere.csv 2>/dev/null >empty.csv || true
	[ "$(<empty.csv)" = '!' ]
}

@test "a cut stream is an error wherever it is cut, through a pipe too" {
	numbers 40 | ae-cat --batch-rows 9 >a.aes
	same_for_cuts a.aes ae-cat
	same_for_cuts a.aes ae-normalize --fit minmax
	expect_error 1 '<stdin>: after row 40: the stream is cut: no end mark' \
		sh -c 'head -c -14 a.aes | ae-cat'
}

# ---- one stream after another ----

@test "row-wise filters pass the boundary between streams on, ae-cat joins them" {
	ae-cat <(numbers 3) >a.aes
	ae-cat <(numbers 2 4) >b.aes
	cat a.aes b.aes | ae-normalize --fit div:2 >two.aes
	[ "$(frames <two.aes)" = $'header\nbatch 3\nend 3\nheader\nbatch 2\nend 2' ]
	ae-normalize --fit div:2 a.aes b.aes | cmp - two.aes
	[ "$(ae-cat two.aes | frames | tr '\n' ' ')" = 'header batch 3 batch 2 end 5 ' ]
	ae-cat a.aes b.aes -o joined.aes
	[ "$(frames <joined.aes)" = $'header\nbatch 5\nend 5' ]
	cat a.aes b.aes | ae-cat -o joined2.aes
	cmp joined.aes joined2.aes
	ae-cat -c joined.aes | cmp - <(numbers 5)
	ae-cat -c a.aes <(numbers 2 4) | cmp - <(numbers 5)
}

@test "large batches whose features come in another order have sums that fit" {
	seq 9000 | awk 'BEGIN { print "a,b,c,d" } { print $1 "," $1 / 8 "," 7 - $1 "," 7 }' >a.csv
	awk -F, '{ print $3 "," $1 "," $4 "," $2 }' a.csv | ae-cat -o b.aes
	ae-cat a.csv | ae-cat - b.aes | ae-cat -c >both.csv
	{
		cat a.csv
		tail -n +2 a.csv
	} | cmp - both.csv
}

@test "streams with other columns cannot follow each other" {
	ae-cat <(numbers 3) >a.aes
	ae-cat --cols x a.aes >x.aes
	ae-cat --f32 <(numbers 3) >f32.aes
	sed 's/id,a,b/id,a,c/' <(numbers 3) >c.csv
	local other='columns other than those of the stream before it'
	expect_error 1 "x.aes: $other: there is no column \"id\"" ae-cat a.aes x.aes
	expect_error 1 "a.aes: $other: column \"id\" is new" ae-cat x.aes a.aes
	expect_error 1 "f32.aes: $other: \"x\" is f32, not f64" ae-normalize --fit div:1 a.aes f32.aes
	expect_error 1 "<stdin>: $other: there is no column \"id\"" sh -c 'cat a.aes x.aes | ae-cat'
	expect_error 1 "c.csv: $other: x has no feature \"b\", which that stream has" ae-cat a.aes c.csv
}

@test "streams of another lineage are not joined" {
	ae-cat <(numbers 3) >a.aes
	ae-normalize --fit minmax a.aes >minmax.aes
	ae-normalize --fit standard a.aes >standard.aes
	expect_error 1 'standard.aes: another scaler or model than in the stream before it' ae-cat minmax.aes standard.aes
	expect_error 1 '*another scaler or model*' ae-split -q --test-out t.aes minmax.aes standard.aes
	ae-cat minmax.aes minmax.aes >both.aes
}

# ---- stopping ----

# feed: writes to FIFO `in` with 8 and reads from FIFO `out` with 9. Call it when what reads `in` and writes `out` was
# started. (Opened for both, neither waits for the other side.)
feed() {
	exec 8<>in 9<>out
}

# next_line TEXT: the next line that comes out; if none does, the test fails instead of waiting for ever.
next_line() {
	local line
	read -r -t 60 -u 9 line
	[ "$line" = "$1" ]
}

@test "SIGTERM: a filter stops reading, writes what was read, ends with stopped, exits 143" {
	mkfifo in out
	{
		ae-cat <in 2>err.txt 3>&- &
		echo $! >pid
		wait $! && true
		echo $? >status
	} 3>&- | tee got.aes 3>&- | ae-cat -c >out 3>&- &
	feed
	printf 'a,b\n1,2\n' >&8
	next_line a,b
	next_line 1,2
	printf '3,4\n5,' >&8
	next_line 3,4
	kill "$(<pid)"
	wait $! || true
	exec 8>&- 9<&-
	[ "$(<status)" -eq 143 ]
	[ ! -s err.txt ]
	[ "$(ae-cat -c got.aes)" = $'a,b\n1,2\n3,4' ]
	[ "$(frames <got.aes | tail -n 1)" = 'end 2 stopped' ]
}

@test "SIGTERM: where a chain fails after it, all rows of the output that gets no name are counted" {
	printf 'a\n1\n2\n3\n' | ae-cat >whole.aes
	mkfifo in
	exec 8<>in
	ae-cat -o out.aes <in 2>err.txt 3>&- 8>&- &
	local pid=$! status=0
	head -c -8 whole.aes >&8 # its three rows, and half of the end
	eventually idle $pid in
	kill -TERM $pid
	exec 8>&-
	wait $pid || status=$?
	[ "$status" -eq 143 ]
	[ ! -e out.aes ]
	[ "$(<err.txt)" = 'ae-cat: <stdin>: after row 3: the stream is cut inside a message: 3 rows that were read are not written' ]
}

@test "SIGTERM: ignored by the parent it stays ignored, in training too, as SIGINT does" {
	mkfifo in
	exec 8<>in
	(trap '' TERM INT && exec ae-cat -c <in >out.csv 2>err.txt 3>&- 8>&-) &
	local pid=$!
	printf 'a,b\n1,2\n' >&8
	eventually has_lines out.csv 2
	kill -TERM $pid
	kill -INT $pid
	printf '3,4\n' >&8
	exec 8>&-
	wait $pid
	[ "$(<out.csv)" = $'a,b\n1,2\n3,4' ]
	printf 'a,b\n0,1\n1,0\n' >rows.csv
	# its log fills a pipe, so that it still trains when the signals come
	mkfifo log
	exec 9<>log
	(trap '' TERM INT && exec ae-train --net 2-2 --epochs 30000 --log log -m m.aem rows.csv 2>err.txt 3>&- 9>&-) &
	pid=$!
	read -r -t 60 -u 9
	kill -TERM $pid
	kill -INT $pid
	cat <&9 >log.csv 3>&- &
	local drain=$!
	wait $pid
	kill $drain
	exec 9<&-
	[ -e m.aem ]
}

@test "SIGTERM: into a regular file too" {
	local pid status=0 rows
	mkfifo to-in
	numbers 20000 >a.csv
	ae-cat -o stopped.aes <to-in 3>&- &
	pid=$!
	exec 8>to-in
	cat a.csv >&8 # more than a pipe holds: rows have been read when this returns
	kill -TERM $pid
	wait $pid || status=$?
	exec 8>&-
	[ "$status" -eq 143 ]
	rows=$(ae-info --count stopped.aes)
	[ "$rows" -gt 0 ]
	[ "$(frames <stopped.aes | tail -n 1)" = "end $rows stopped" ]
	ae-cat -c stopped.aes | cmp - <(head -n $((rows + 1)) a.csv)
	[ "$(find . -name '.aefilters*')" = '' ]
}

# rest_of FIFO FD FILE [PID]: FILE becomes what nobody has read of the FIFO, which this closes as FD. PID, a child that
# writes to it, ends first.
rest_of() {
	local reader
	cat <"$1" >"$3" 3>&- 8>&- 9>&- &
	reader=$!
	[ $# -lt 4 ] || wait "$4" || true
	eval "exec $2>&-"
	wait $reader
}

# whole_ids FILE: the first cells of the whole rows of text with a header, or of AEST, either of which may have been cut.
whole_ids() {
	if [ "$(head -c 6 "$1" | tail -c 4)" = AEST ]; then
		ae-cat -c "$1" >whole.txt 2>/dev/null || true
	else
		cp "$1" whole.txt
	fi
	head -n "$(wc -l <whole.txt)" whole.txt | sed '1d; /!$/d' | cut -d , -f 1 | cut -f 1
}

# said FILE: how many rows the messages in it say are lost.
said() {
	sed -n 's/.*: \([0-9]*\) rows that were read are not written$/\1/p' "$1" | awk '{ n += $1 } END { print n + 0 }'
}

# accounted FED LEFT OUT ERR: of the text FED all was read but what is LEFT. Its rows begin with those of OUT, and the
# others are lost, which ERR says.
accounted() {
	local out
	head -c "$(($(wc -c <"$1") - $(wc -c <"$2")))" "$1" >read.csv
	whole_ids read.csv >read.ids
	whole_ids "$3" >out.ids
	out=$(wc -l <out.ids)
	head -n "$out" read.ids | cmp - out.ids || return
	[ "$(wc -l <read.ids)" -eq $((out + $(said "$4"))) ] && return
	echo "$(wc -l <read.ids) rows were read, $out are written:"
	cat "$4"
	return 1
}

# stuck PID FD [FIFO]: the process has written to the FIFO that is FD here, and now waits for its reader: it sleeps,
# although there is more to read in the FIFO it reads.
stuck() {
	read -r -t 0 -u "$2" && { [ $# -eq 2 ] || read -r -t 0 <"$3"; } && sleeps "$1"
}

# handled PID: SIGTERM does not wait for the process.
handled() {
	gone "$1" || ! grep -qE '^S(hd|ig)Pnd:.*[4-7c-f]...$' "/proc/$1/status"
}

# holds_term PID: it handles SIGTERM itself.
holds_term() {
	grep -qE '^SigCgt:.*[4-7c-f]...$' "/proc/$1/status"
}

@test "SIGTERM: a filter that reads a file stops at once, with what was read" {
	local status=0 pid rows
	{ echo a,b && yes 1,2 | head -n 3000000; } >long.csv
	ae-cat long.csv >part.aes 3>&- &
	pid=$!
	eventually [ -s part.aes ]
	kill -TERM $pid
	wait $pid || status=$?
	[ "$status" -eq 143 ]
	rows=$(ae-info --count part.aes)
	[ "$rows" -lt 3000000 ]
	[ "$(frames <part.aes | tail -n 1)" = "end $rows stopped" ]
}

@test "SIGTERM: a filter that computes does not finish its batch" {
	local status=0 pid rows
	printf 'a,b\n0,1\n1,0\n' | ae-train -q --net 2-4000-4000-2 --epochs 1 -m m.aem
	mkfifo in
	exec 8<>in
	ae-recon -j 1 -m m.aem <in >part.aes 2>err.txt 3>&- 8>&- &
	pid=$!
	numbers 4096 >&8
	eventually taken in
	kill -TERM $pid
	wait $pid || status=$?
	exec 8>&-
	[ "$status" -eq 143 ]
	rows=$(ae-info --count part.aes)
	[ "$rows" -lt 4096 ]
	[ "$(<err.txt)" = "ae-recon: stopped before the end: $((4096 - rows)) rows that were read are not written" ]
	[ "$(frames <part.aes | tail -n 1)" = "end $rows stopped" ]
	ae-cat --cols id,x -c part.aes | cmp - <(numbers "$rows")
}

@test "SIGTERM: an output that takes nothing is given up, and the rows that are lost are counted" {
	local status pid format
	numbers 200000 >long.csv
	mkfifo in out
	for format in -c '-c --multiline' -t '-O aest' '--batch-rows 1000'; do
		exec 8<>in 9<>out
		# shellcheck disable=SC2086 # options
		ae-cat $format <in >out 2>err.txt 3>&- 8>&- 9>&- &
		pid=$!
		cat long.csv >&8 3>&- 9>&- &
		eventually stuck $pid 9 in
		kill -TERM $pid
		status=0
		wait $pid || status=$?
		rest_of in 8 left.csv $!
		rest_of out 9 got
		[ "$status" -eq 143 ]
		[[ "$(<err.txt)" =~ ^'ae-cat: <stdout>: takes nothing any more: '[0-9]+' rows that were read are not written'$ ]]
		accounted long.csv left.csv got err.txt
	done
}

@test "SIGTERM: an array that is not whole has no rows" {
	local status=0 pid
	seq 200000 >long.csv
	mkfifo out
	exec 9<>out
	ae-cat -H -O npy long.csv >out 2>err.txt 3>&- 9>&- &
	pid=$!
	eventually stuck $pid 9
	kill -TERM $pid
	wait $pid || status=$?
	exec 9>&-
	[ "$status" -eq 143 ]
	[ "$(<err.txt)" = 'ae-cat: <stdout>: takes nothing any more: 200000 rows that were read are not written' ]
}

@test "SIGTERM: a second pass whose reader has stalled says how many rows are lost" {
	local status pid command
	numbers 100000 >long.csv
	: >none
	mkfifo out
	for command in 'ae-normalize -q --fit minmax' 'ae-split --ordered --test 0.3 --test-out test.csv'; do
		exec 9<>out
		# shellcheck disable=SC2086 # options
		$command -c long.csv >out 2>err.txt 3>&- 9>&- &
		pid=$!
		eventually stuck $pid 9
		kill -TERM $pid
		status=0
		wait $pid || status=$?
		rest_of out 9 got
		[ "$status" -eq 143 ]
		[ "$(wc -l <err.txt)" -eq 1 ]
		[ "$(said err.txt)" -gt 0 ]
		accounted long.csv none got err.txt
		[ ! -e test.csv ]
	done
}

@test "SIGTERM: programs that need all rows say how many of them they had read" {
	local status pid command
	numbers 20000 >a.csv
	mkfifo in
	for command in 'ae-normalize --fit minmax' 'ae-split --test-out test.aes'; do
		exec 8<>in
		$command <in >out.aes 2>err.txt 3>&- 8>&- &
		pid=$!
		cat a.csv >&8
		eventually idle $pid in
		kill -TERM $pid
		status=0
		wait $pid || status=$?
		exec 8>&-
		[ "$status" -eq 143 ]
		grep -q ' stopped before the end: .*: 20000 rows that were read are not written$' err.txt
		[ ! -s out.aes ]
	done
}

@test "SIGTERM: --paste goes on as long as the stream does" {
	local status=0 pid
	numbers 100000 >long.csv
	seq 100000 | awk 'BEGIN { print "recon.1,recon.2,recon.3,recon.4,recon.5,recon.6,recon.7,recon.8" }
		{ print $1 ",0,0,0,0,0,0,0" }' | ae-cat -o beside.aes
	mkfifo in
	exec 8<>in
	ae-cat -c --paste beside.aes <in >got.csv 2>err.txt 3>&- 8>&- &
	pid=$!
	cat long.csv >&8 3>&- &
	eventually [ -s got.csv ]
	kill -TERM $pid
	wait $pid || status=$?
	rest_of in 8 left.csv $!
	[ "$status" -eq 143 ]
	[ ! -s err.txt ]
	accounted long.csv left.csv got.csv err.txt
	awk -F, 'NR > 1 && $2 != $4 { exit 1 }' got.csv
}

@test "SIGTERM: a stream of ours is read on for up to a second; a second signal does not wait" {
	local status pid again try
	ae-cat -o one.aes <(numbers 10)
	mkfifo to-in
	for again in false true; do
		for try in 1 2 3 4 5; do # on a busy machine the second may pass
			exec 8<>to-in
			ae-cat <to-in >out.aes 3>&- 8>&- &
			pid=$!
			head -c -20 one.aes >&8 # no end yet
			eventually [ -s out.aes ]
			kill -TERM $pid
			eventually handled $pid
			if $again; then kill -TERM $pid || true; else tail -c 20 one.aes >&8; fi
			status=0
			wait $pid || status=$?
			exec 8>&-
			[ "$status" -eq 143 ]
			if $again; then ! has_end out.aes && break; else [ "$(ae-info --count out.aes)" -eq 10 ] && break; fi
		done
		if $again; then ! has_end out.aes; else [ "$(ae-info --count out.aes)" -eq 10 ]; fi
	done
}

@test "SIGTERM: a stream of ours is read even if it begins only then" {
	local status pid try
	ae-cat -o one.aes <(numbers 10)
	mkfifo in
	for try in 1 2 3 4 5; do # on a busy machine the second may pass
		exec 8<>in
		ae-cat <in >out.aes 3>&- 8>&- &
		pid=$!
		eventually holds_term $pid
		kill -TERM $pid
		eventually handled $pid
		cat one.aes >&8
		status=0
		wait $pid || status=$?
		exec 8>&-
		[ "$status" -eq 143 ]
		! [ -s out.aes ] || break
	done
	[ "$(ae-info --count out.aes)" -eq 10 ]
}

@test "SIGTERM: rows whose reader goes meanwhile are counted" {
	local status pid try
	ae-cat -o one.aes <(numbers 10)
	mkfifo in out
	for try in 1 2 3 4 5; do # on a busy machine the second may pass
		exec 8<>in 9<>out
		ae-cat <in >out 2>err.txt 3>&- 8>&- 9>&- &
		pid=$!
		head -c 200 one.aes >&8 # the header and half of the rows
		eventually read -r -t 0 -u 9
		kill -TERM $pid
		eventually handled $pid
		exec 9>&-
		tail -c +201 one.aes >&8
		status=0
		wait $pid || status=$?
		exec 8>&-
		[ ! -s err.txt ] || break
	done
	[ "$status" -eq 143 ]
	[ "$(<err.txt)" = 'ae-cat: <stdout>: Broken pipe: 10 rows that were read are not written' ]
}

@test "SIGTERM gives up an output without signals that wait in line, and where the parent has blocked signals" {
	local way status pid
	numbers 200000 >long.csv
	mkfifo out
	for way in 'ulimit -i 0; exec' 'exec env --block-signal=ALRM' 'exec env --block-signal=TERM'; do
		exec 9<>out
		bash -c "$way ae-cat -c long.csv" >out 2>err.txt 3>&- 9>&- &
		pid=$!
		eventually stuck $pid 9
		kill -TERM $pid
		eventually gone $pid
		status=0
		wait $pid || status=$?
		exec 9>&-
		[ "$status" -eq 143 ]
		[ "$(said err.txt)" -gt 0 ]
	done
}

@test "an alarm that the parent has set ends a filter" {
	local status=0 pid
	mkfifo in
	exec 8<>in
	# whoever runs the tests may have it ignored
	env --default-signal=ALRM ae-cat -c <in >out.csv 3>&- 8>&- &
	pid=$!
	printf 'a\n1\n' >&8
	eventually [ -s out.csv ]
	kill -ALRM $pid
	eventually gone $pid
	wait $pid || status=$?
	exec 8>&-
	[ "$status" -eq 142 ]
}

@test "SIGTERM to a whole chain loses no row that was read, or says how many" {
	local pid try way
	numbers 300 >train.csv
	numbers 300000 >long.csv
	ae-normalize -q --fit standard train.csv | ae-train -q --net 2-1-2 --epochs 1 -m m.aem
	cat >chain.sh <<-'END'
		trap : TERM # waits for the others, which get it too
		ae-normalize -q -m m.aem | ae-recon -m m.aem | ae-err | ae-thresh --at 1
	END
	mkfifo in out
	for try in 1 2 3 4 5 6; do
		way=$((try % 2)) # 0: nobody reads the verdicts
		rm -f got # that of the last try has lines already
		exec 8<>in 9<>out
		if [ $way -eq 1 ]; then
			setsid bash chain.sh <in >got 2>err.txt 3>&- 8>&- 9>&- &
		else
			setsid bash chain.sh <in >out 2>err.txt 3>&- 8>&- 9>&- &
		fi
		pid=$!
		cat long.csv >&8 3>&- 9>&- &
		if [ $way -eq 1 ]; then eventually has_lines got 2; else eventually read -r -t 0 -u 9; fi
		kill -TERM -- -$pid
		wait $pid || true
		rest_of in 8 left.csv $!
		if [ $way -eq 1 ]; then exec 9>&-; else rest_of out 9 got; fi
		accounted long.csv left.csv got err.txt
		[ -s out.ids ]
		if [ $way -eq 1 ]; then
			[ ! -s err.txt ]
			has_end got
		fi
	done
}

@test "SIGTERM: programs that fit or measure keep the lines rejected so far" {
	local command pid status
	mkfifo to-in
	{ printf 'err,pred,label\nbad,0,0\n' && awk 'BEGIN { for (i = 0; i < 40000; i++) print i % 7 ",0," i % 2 }'; } >a.csv
	for command in 'ae-normalize --fit minmax --x err,pred' 'ae-train --net 2-1-2 -m m.aem --x err,pred' \
		'ae-metrics --anomaly 1' 'ae-thresh --fit sigma:1 --save t.aem' 'ae-plot hist -o h.svg'; do
		rm -f rejects.csv
		# shellcheck disable=SC2086 # options
		$command --on-bad skip --rejects rejects.csv <to-in >out.txt 2>err.txt 3>&- &
		pid=$!
		exec 8>to-in
		cat a.csv >&8 # more than a pipe holds: the first rows have been read when this returns
		kill -TERM $pid
		status=0
		wait $pid || status=$?
		exec 8>&-
		[ "$status" -eq 143 ]
		[ "$(<rejects.csv)" = bad,0,0 ] || {
			echo "$command"
			return 1
		}
	done
}

@test "SIGTERM before there is a header: 143, and no end" {
	mkfifo in out
	{
		ae-cat <in 2>err.txt 3>&- &
		echo $! >pid
		wait $! && true
		echo $? >status
	} >got 3>&- &
	exec 8<>in
	printf '\x94' >&8
	eventually [ -s pid ]
	kill "$(<pid)"
	wait $! || true
	exec 8>&-
	[ "$(<status)" -eq 143 ]
	[ ! -s got ]
}

@test "stopped is passed on, and refused by what fits or splits" {
	numbers 5 | ae-cat >a.aes
	frames nil <a.aes | head -c -10 >stopped.aes
	printf '\x93\x02\x82\xa4rows\x05\xa7stopped\xc3\xc0' >>stopped.aes
	[ "$(frames <stopped.aes | tail -n 1)" = 'end 5 stopped' ]
	[ "$(ae-cat stopped.aes | frames | tail -n 1)" = 'end 5 stopped' ]
	[ "$(ae-normalize --fit div:1 stopped.aes | frames | tail -n 1)" = 'end 5 stopped' ]
	ae-info stopped.aes | grep -qx 'rows        5, stopped'
	expect_error 1 'stopped.aes: the stream was stopped before its end: *' ae-normalize --fit minmax stopped.aes
	expect_error 1 'stopped.aes: the stream was stopped before its end: *' ae-split --test-out t.aes stopped.aes
	[ ! -e t.aes ]
}

# ---- live ----

@test "a row goes on before the next is sent: CSV in, text out" {
	mkfifo in out
	ae-cat -c <in >out 3>&- &
	feed
	echo a,b >&8
	next_line a,b
	for i in 1 2 3; do
		echo "$i,0.5" >&8
		next_line "$i,0.5"
	done
	exec 8>&-
	wait $!
}

@test "a row goes on before the next is sent: three filters with AEST between them" {
	mkfifo in out
	ae-cat <in 3>&- | ae-normalize --fit div:2 3>&- | ae-cat -c >out 3>&- &
	feed
	echo id,a >&8
	next_line id,a
	for i in 1 2 3; do
		echo "r$i,$i" >&8
		next_line "r$i,$(echo "$i" | awk '{ print $1 / 2 }')"
	done
	exec 8>&-
	wait $!
}

@test "a dead reader ends a filter that waits for input, quietly" {
	mkfifo in out
	timeout 60 ae-cat -c <in >out 2>err.txt 3>&- &
	local pid=$! status=0
	feed
	echo a,b >&8
	next_line a,b
	exec 9<&-
	wait $pid || status=$?
	exec 8>&-
	[ "$status" -eq 141 ]
	[ ! -s err.txt ]
}

@test "a dead reader ends a chain of filters that wait for input, quietly" {
	mkfifo in out
	{
		set +e
		timeout 60 ae-cat <in | timeout 60 ae-normalize --fit div:2 | timeout 60 ae-cat -c
		echo "${PIPESTATUS[*]}" >status
	} >out 2>err.txt 3>&- &
	local pid=$!
	feed
	echo a,b >&8
	next_line a,b
	exec 9<&-
	wait $pid || true
	exec 8>&-
	[ "$(<status)" = '141 141 141' ]
	[ ! -s err.txt ]
}

# ---- batches ----

# crumbs FILE: writes it in small pieces, as a slow producer would.
crumbs() {
	dd bs=113 2>/dev/null <"$1"
}

@test "a regular file has the same bytes however its rows arrived" {
	numbers 9000 >a.csv
	ae-cat -o a.aes a.csv
	[ "$(frames <a.aes)" = $'header\nbatch 4096\nbatch 4096\nbatch 808\nend 9000' ]
	crumbs a.csv | ae-cat -o b.aes
	cmp a.aes b.aes
	crumbs a.csv | ae-cat >c.aes
	cmp a.aes c.aes
	crumbs a.csv | ae-cat | ae-cat --batch-rows 5 | crumbs /dev/stdin | ae-cat >d.aes
	cmp a.aes d.aes
	crumbs a.csv | ae-cat -c | cmp - a.csv
}

@test "--batch-rows N gives exactly N rows a batch, into pipes and files" {
	numbers 100 >a.csv
	for n in 1 2 7 16 17 512; do
		frames < <(crumbs a.csv | ae-cat --batch-rows $n) >got
		awk -v n=$n 'BEGIN {
			print "header"
			for (left = 100; left > 0; left -= n) print "batch " (left < n ? left : n)
			print "end 100"
		}' | cmp - got
		crumbs a.csv | ae-cat --batch-rows $n -o file.aes
		frames <file.aes | cmp - got
		ae-cat -c file.aes | cmp - a.csv
	done
}

@test "a batch ends at the row that reaches 1 MiB" {
	# 128 numbers of 8 bytes a row
	awk 'BEGIN { for (r = 0; r < 2500; r++) { for (i = 1; i < 128; i++) printf r ","; print r } }' >wide.csv
	ae-cat -H -o wide.aes wide.csv
	[ "$(frames <wide.aes | tr '\n' ' ')" = 'header batch 1024 batch 1024 batch 452 end 2500 ' ]
	ae-cat -H wide.csv >from-pipe.aes
	cmp wide.aes from-pipe.aes
	# text counts with its offset: 400 KiB a row
	long_ids 7 409600 >long.csv
	ae-cat -o long.aes long.csv
	[ "$(frames <long.aes | tr '\n' ' ')" = 'header batch 3 batch 3 batch 1 end 7 ' ]
	# a row of more has a batch of its own
	long_ids 2 1500000 >longer.csv
	ae-cat -o longer.aes longer.csv
	[ "$(frames <longer.aes | tr '\n' ' ')" = 'header batch 1 batch 1 end 2 ' ]
	ae-cat -c longer.aes | cmp - longer.csv
}

@test "long texts do not gather in memory" {
	long_ids 700 100000 >long.csv
	resident_below 16384 ae-cat -o long.aes long.csv
	resident_below 16384 ae-cat -o again.aes long.aes
	cmp long.aes again.aes
}

# ---- named outputs ----

@test "a named output appears after success only, whole" {
	numbers 5 >a.csv
	mkfifo in
	ae-cat -o out.aes <in 3>&- &
	exec 8>in
	cat a.csv >&8
	[ ! -e out.aes ]
	exec 8>&-
	wait $!
	ae-cat -c out.aes | cmp - a.csv
}

@test "after a failure nothing is left behind, and what was there stays" {
	numbers 5 >bad.csv
	echo 'row 6,x,1' >>bad.csv
	echo precious >out.aes
	expect_error 1 'bad.csv: line 7: *' ae-cat -o out.aes bad.csv
	[ "$(<out.aes)" = precious ]
	expect_error 1 'bad.csv: line 7: *' ae-cat -o new.csv bad.csv
	expect_error 1 'bad.csv: line 7: *' ae-split --test-out test.aes -o train.aes bad.csv
	expect_error 1 'bad.csv: line 7: *' ae-normalize --fit minmax --save s.aem bad.csv
	[ "$(find . -type f ! -name 'expect_error*' | sort | tr '\n' ' ')" = './bad.csv ./out.aes ' ]
}

@test "after kill -9 nothing is left behind" {
	mkfifo in
	mkdir folder
	ae-cat -o folder/out.aes <in 3>&- &
	local pid=$!
	exec 8>in
	numbers 10000 >&8
	kill -9 $pid
	wait $pid || true
	exec 8>&-
	[ "$(find folder)" = folder ]
}

@test "FIFOs, devices and /dev/fd are written directly" {
	numbers 5 >a.csv
	mkfifo pipe
	ae-cat -c -o pipe a.csv 3>&- &
	cmp pipe a.csv
	wait $!
	[ -p pipe ]
	ae-cat -c -o /dev/fd/7 a.csv 7>seven.csv
	cmp seven.csv a.csv
	ae-cat -c -o /dev/stdout a.csv | cmp - a.csv
	ae-cat -o /dev/null a.csv
	[ -c /dev/null ]
	ae-cat -c -o - a.csv | cmp - a.csv
	expect_error 1 '/dev/full: No space left on device' ae-cat -o /dev/full a.csv
}

@test "the suffix of a named output chooses its format" {
	numbers 5 >a.csv
	ae-cat a.csv -o b.csv
	cmp a.csv b.csv
	ae-cat a.csv -o b.tsv
	tr , '\t' <a.csv | cmp - b.tsv
	ae-cat -I tsv b.tsv -o b.aes
	ae-cat a.csv | cmp - b.aes
	ae-cat a.csv -O aest -o c.csv
	cmp b.aes c.csv
	ae-split --test 0.4 --ordered --test-out t.csv a.csv | ae-cat -c | cmp - <(head -n 4 a.csv)
	{
		head -n 1 a.csv
		tail -n 2 a.csv
	} | cmp - t.csv
}

@test "a standard output that came closed is an error, and no other file takes its place" {
	numbers 5 >a.csv
	run -1 sh -c 'ae-cat -c a.csv >&- 2>err.txt'
	[ "$(<err.txt)" = 'ae-cat: <stdout>: Bad file descriptor' ]
	run -1 sh -c 'ae-split --test 0.4 --test-out test.aes a.csv >&- 2>err.txt'
	[ ! -e test.aes ]
	run -1 sh -c 'ae-cat <&- 2>err.txt'
	[ "$(<err.txt)" = 'ae-cat: <stdin>: cannot read: Bad file descriptor' ]
}
