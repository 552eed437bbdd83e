#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The files that arguments name: no output is an input of the same run, and no two outputs are one file.
load helpers

setup() {
	helpers_setup
	printf 'id,a,b\n1,1,1\n2,2,x\n3,3,1\n' >bad.csv
	printf 'id,a,b\n1,1,1\n2,2,2\n3,3,1\n' >rows.csv
	printf 'id,c\n1,1\n2,2\n3,3\n' >beside.csv
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem rows.csv
	ae-recon -m m.aem rows.csv | ae-err >err.aes
	mkdir before
	cp ./*.* before
}

# unharmed: every file of setup() is as it was, and there is no other.
unharmed() {
	local file
	rm -f expect_error.*
	for file in *; do
		[ "$file" = before ] || cmp "$file" "before/$file" || return
	done
	[ "$(find . -maxdepth 1 -type f | wc -l)" -eq "$(find before -type f | wc -l)" ]
}

# refused STATUS MESSAGE COMMAND...: the error, and nothing has been touched.
refused() {
	expect_error "$@" && unharmed
}

@test "--rejects is no file that any option or operand reads" {
	local skip='--on-bad skip --rejects' file
	# shellcheck disable=SC2086 # words
	{
		refused 1 '--rejects bad.csv: is the input' ae-info --stats $skip bad.csv rows.csv bad.csv
		refused 1 '--rejects rows.csv: is the input' ae-info --stats $skip rows.csv bad.csv rows.csv
		refused 1 '--rejects rows.csv: is the file of --valid' ae-train --net 2-1-2 -m n.aem $skip rows.csv --valid rows.csv bad.csv
		refused 1 '--rejects m.aem: is the file of --init' ae-train --net 2-1-2 -m n.aem $skip m.aem --init m.aem bad.csv
		refused 1 '--rejects m.aem: is the file of --resume' ae-train -m n.aem $skip m.aem --resume m.aem bad.csv
		refused 1 '--rejects beside.csv: is the file of --paste' ae-cat $skip beside.csv --paste ./beside.csv rows.csv
		refused 1 '--rejects beside.csv: is the file of --label-file' ae-cat $skip beside.csv --label-file beside.csv rows.csv
		refused 1 '--rejects beside.csv: is the file of --id-file' ae-cat $skip beside.csv --id-file beside.csv rows.csv
		refused 1 '--rejects beside.csv: is the file of --net' ae-train --net @beside.csv -m n.aem $skip beside.csv rows.csv
		refused 1 '--rejects beside.csv: is the file of --map' ae-plot line $skip beside.csv --map beside.csv rows.csv
		for file in recon encode decode err plot\ hist normalize; do
			refused 1 '--rejects m.aem: is the file of --model' ae-$file -m m.aem $skip m.aem bad.csv
		done
		refused 1 '--rejects m.aem: is the file of --model' ae-thresh -m m.aem $skip m.aem err.aes
		refused 1 '--rejects m.aem: is the file of --model' ae-thresh --fit mad:3 -m m.aem $skip m.aem err.aes
	}
}

@test "no two outputs are one file" {
	local skip='--on-bad skip --rejects'
	: >o.csv
	: >before/o.csv
	# shellcheck disable=SC2086 # words
	{
		refused 2 '--output o.csv: is the file of --rejects' ae-cat $skip o.csv -o o.csv bad.csv
		refused 2 '--append o.csv: is the file of --rejects' ae-cat $skip o.csv --append o.csv bad.csv
		refused 2 '--append o.csv: is the file of --test-out' ae-split --append o.csv --test-out ./o.csv rows.csv
		refused 2 '--output new.csv: is the file of --test-out' ae-split -o new.csv --test-out ./new.csv rows.csv
		refused 2 '--output ../*/new.csv: is the file of --test-out' ae-split -o "../${PWD##*/}/new.csv" --test-out new.csv rows.csv
		refused 2 '--log n.aem: is the file of --model' ae-train --net 2-1-2 -m n.aem --log n.aem rows.csv
		refused 2 '--rejects l.csv: is the file of --log' ae-train --net 2-1-2 -m n.aem --log l.csv $skip l.csv rows.csv
		refused 2 '--rejects s.aem: is the file of --save' ae-normalize --fit minmax --save s.aem $skip s.aem rows.csv
		refused 2 '--output s.aem: is the file of --save' ae-normalize --fit minmax --save s.aem -o s.aem rows.csv
		refused 2 '--rejects s.aem: is the file of --save' ae-thresh --fit mad:3 --save s.aem $skip s.aem err.aes
		refused 2 '--output p.png: is the file of --rejects' ae-plot hist -o p.png $skip p.png err.aes
	}
}

@test "what ae-train may write beside its model is an output" {
	local train=(ae-train --net 2-1-2 -m m.aem)
	cp m.aem m.aem.ckpt
	cp rows.csv m.aem.new
	cp m.aem.* before
	refused 2 '--log ./m.aem.ckpt: is one of the files of --model' "${train[@]}" --log ./m.aem.ckpt rows.csv
	refused 2 '--rejects m.aem.new: is one of the files of --model' "${train[@]}" --on-bad skip --rejects m.aem.new rows.csv
	refused 1 '--model m.aem.new: is the input' "${train[@]}" m.aem.new
	refused 1 '--model m.aem.new: is the file of --valid' "${train[@]}" --valid m.aem.new rows.csv
	ae-train -q --resume m.aem.ckpt --epochs 2 -m m.aem rows.csv
}

@test "two outputs into one pipe, FIFO or socket are refused, and into /dev/null or a terminal are not" {
	local skip='--on-bad skip --rejects'
	mkfifo fifo
	# shellcheck disable=SC2086 # words
	{
		expect_error 2 '--output ./fifo: is the file of --rejects' ae-cat $skip fifo -o ./fifo bad.csv
		expect_error 2 '--test-out /dev/stdout: is the output' pipe 'ae-split --test-out /dev/stdout rows.csv | cat'
		expect_error 2 '--output /dev/fd/8: is the file of --rejects' \
			pipe "ae-cat $skip /dev/fd/7 -o /dev/fd/8 bad.csv 7>&1 8>&1 | cat"
		ae-cat -q $skip /dev/null -o /dev/null bad.csv
		script -qec "ae-cat -c -q $skip /dev/fd/2 -o /dev/stdout bad.csv" /dev/null >both.txt
	}
	# what is printed for people may stand among what is sent there too
	[ "$(ae-info -q --on-bad skip --rejects /dev/stdout bad.csv | head -n 1)" = 2,2,x ]
	# a socket may be input and output, as inetd has it
	python3 - <<-'EOF'
		import socket, subprocess
		ours, theirs = socket.socketpair()
		program = subprocess.Popen(["ae-cat", "-c"], stdin=theirs, stdout=theirs)
		theirs.close()
		ours.sendall(b"id,a\n1,2\n")
		ours.shutdown(socket.SHUT_WR)
		assert ours.makefile().read() == "id,a\n1,2\n"
		assert program.wait() == 0
	EOF
}

@test "a symbolic link to a file that is not there yet is that file" {
	ln -s new.csv link.csv
	expect_error 2 '--output link.csv: is the file of --rejects' ae-cat --on-bad skip --rejects new.csv -o link.csv bad.csv
	[ ! -e new.csv ]
}

@test "what is written is no file that is read" {
	refused 1 '--model rows.csv: is the input' ae-train --net 2-1-2 -m rows.csv rows.csv
	refused 1 '--model rows.csv: is the file of --valid' ae-train --net 2-1-2 -m rows.csv --valid rows.csv bad.csv
	refused 1 '--log rows.csv: is the input' ae-train --net 2-1-2 -m n.aem --log rows.csv rows.csv
	refused 1 '--log beside.csv: is the file of --valid' ae-train --net 2-1-2 -m n.aem --log beside.csv --valid beside.csv rows.csv
	refused 1 '--log m.aem: is the file of --init' ae-train --net 2-1-2 -m n.aem --log m.aem --init m.aem rows.csv
	refused 1 '--output m.aem: is the file of --model' ae-recon -m m.aem -o m.aem rows.csv
	refused 1 '--output beside.csv: is the file of --paste' ae-cat --paste beside.csv -o beside.csv rows.csv
	refused 1 '--test-out rows.csv: is the input' ae-split --test-out rows.csv rows.csv
	refused 1 '--save rows.csv: is the input' ae-normalize --fit minmax --save rows.csv rows.csv
	refused 1 '--save err.aes: is the input' ae-thresh --fit mad:3 --save err.aes err.aes
}

@test "standard output that is a file counts, and so does standard input" {
	local command
	for command in 'ae-metrics rows.csv' 'ae-info rows.csv' 'ae-cat rows.csv' 'ae-info <rows.csv' 'ae-cat - <rows.csv' \
		'ae-recon -m rows.csv bad.csv' 'ae-plot hist rows.csv' 'ae-cat -o /dev/stdout rows.csv'; do
		run -1 sh -c "$command >>rows.csv 2>err.txt"
		grep -qE 'the output is one of the inputs|--output /dev/stdout: is the input' err.txt
		rm err.txt
		unharmed
	done
	for command in 'ae-cat --on-bad skip --rejects rows.csv' 'ae-info --on-bad skip --rejects rows.csv' \
		'ae-split --test-out rows.csv'; do
		run -2 sh -c "$command bad.csv >>rows.csv 2>err.txt"
		grep -q 'rows.csv: is the output$' err.txt
		rm err.txt
		unharmed
	done
	run -1 sh -c 'ae-cat --on-bad skip --rejects bad.csv <bad.csv 2>err.txt'
	grep -q -- '--rejects bad.csv: is the input$' err.txt
	expect_error 2 '--rejects -: is the output' pipe 'ae-cat --on-bad skip --rejects - bad.csv | cat'
	# nor standard output where the program writes something else there
	local skip=(--on-bad skip --rejects -)
	expect_error 2 '--rejects needs the name of a file' ae-info --count "${skip[@]}" bad.csv
	expect_error 2 '--rejects needs the name of a file' ae-metrics --normal 0 "${skip[@]}" bad.csv
	expect_error 2 '--rejects needs the name of a file' ae-train --net 2-1-2 -m n.aem "${skip[@]}" bad.csv
	expect_error 2 '--rejects needs the name of a file' ae-plot line -o p.png "${skip[@]}" bad.csv
}

@test "what takes the place of its own original is allowed, and so are devices, FIFOs and descriptors" {
	ae-cat -o rows.csv --set label=1 rows.csv
	printf 'id,a,b,label\n1,1,1,1\n2,2,2,1\n3,3,1,1\n' | cmp - rows.csv
	cp before/rows.csv rows.csv
	ae-thresh --fit mad:3 -m m.aem err.aes
	ae-train -q --epochs 2 --resume m.aem -m m.aem rows.csv
	ae-train -q --net 2-1-2 --init m.aem -m m.aem rows.csv
	ae-cat -o /dev/null --on-bad skip --rejects /dev/null bad.csv 2>err.txt
	ae-cat -c --on-bad skip --rejects /dev/stderr bad.csv >out.csv 2>err.txt
	grep -qx 2,2,x err.txt
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem --log /dev/stdout rows.csv >log.csv
	[ "$(wc -l <log.csv)" -eq 2 ]
}

@test "every option that takes a FILE says in its table what it does with it" {
	run -1 grep -zoE 'AE_TEXT_OPTION\([^()]*(\([^()]*\))?[^()]*"FILE' "$ROOT"/filters/*.c "$ROOT"/lib/cli/opt.h
	# to see that something is found
	[ "$(cat "$ROOT"/filters/*.c | grep -zoE 'AE_FILE(_IN|_OUT)?\([^()]*(\([^()]*\))?[^()]*"FILE' | grep -zc .)" -ge 15 ]
}

@test "a file that is no model does not become one" {
	cp rows.csv kept.csv
	expect_error 1 'kept.csv: is there and no model: it would be lost' ae-train -q --net 2-1-2 --epochs 1 -m kept.csv rows.csv
	expect_error 1 'kept.csv: is there and no model: it would be lost' ae-normalize --fit minmax --save kept.csv rows.csv
	printf 'err\n1\n2\n' >err.csv
	expect_error 1 'kept.csv: is there and no model: it would be lost' ae-thresh --fit sigma:1 --save kept.csv err.csv
	cmp kept.csv rows.csv
	: >empty.aem
	ae-train -q --net 2-1-2 --epochs 1 -m empty.aem rows.csv
	ae-info empty.aem >/dev/null
}

@test "a file that grows beyond a limit is an error like a full disk" {
	yes 1,2 | head -n 100000 >long.csv
	# shellcheck disable=SC2016
	expect_error 1 'out.aes: File too large' bash -c 'ulimit -f 100 && ae-cat -H -o out.aes long.csv'
	[ ! -e out.aes ]
}

@test "every program: what comes behind -- is a file, whatever its name begins with" {
	local program options tried=0
	printf 'x,err,recon,a\n1,2,1,3\n4,5,4,6\n' >-q
	for program in "$ROOT"/filters/ae-*.c; do
		program=$(basename "$program" .c)
		case $program in
		ae-metrics) options=(--normal 1) ;;
		ae-noise) options=(--gaussian 1) ;;
		ae-normalize) options=(--fit standard) ;;
		ae-plot) options=(line) ;;
		ae-report) options=(-m -q) ;;
		ae-smooth) options=(--mean 2) ;;
		ae-split) options=(--test-out test.csv) ;;
		ae-thresh) options=(--at 1) ;;
		ae-train) options=(--net 1-1 -m m.aem) ;;
		ae-transform) options=(--log1p) ;;
		ae-window) options=(--size 2) ;;
		ae-recon | ae-encode | ae-decode) continue ;; # all three have the loop of ae-err
		*) options=() ;;
		esac
		expect_error 1 '-none: No such file or directory' "$program" "${options[@]}" -- -none
		tried=$((tried + 1))
	done
	[ "$tried" -eq 14 ]
	[ "$(ae-info --count -- -q)" -eq 2 ]
	[ "$(ae-info --count -- -q -q | paste -sd ' ')" = '2 2' ]
	ae-info -- -q | grep -qx 'rows        2'
	same 'ae-cat -c -- -q' 'ae-cat -c ./-q'
}
