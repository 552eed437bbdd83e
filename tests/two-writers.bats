#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Two programs that write one model: the second sees that the file is not what it was when it began.
load helpers
load fixture

# waits_for_feed PID PROGRAM: returns when the program has read what came from "feed" and waits for the rest.
waits_for_feed() {
	eventually grep -q "$2" "/proc/$1/comm"
	eventually idle "$1" feed
}

# overtaken FILE COMMAND...: runs it on the rows of FILE, while somebody else puts another model into m.aem.
overtaken() {
	local pid status=0 rows=$1
	shift
	cp -p m.aem other
	cat "$F/m.aem" >other
	rm -f feed
	mkfifo feed
	"$@" <feed >out.txt 2>err.txt 3>&- &
	pid=$!
	exec 8>feed
	head -c 1000 "$rows" >&8
	waits_for_feed $pid "$1"
	mv other m.aem
	tail -c +1001 "$rows" >&8
	exec 8>&-
	wait $pid || status=$?
	return $status
}

@test "ae-train: a model that another program changed meanwhile stays, and the new one is in M.new" {
	local train=(ae-train -q --where label=1 --net 140-4-140 --epochs 1 -m)
	"${train[@]}" alone.aem "$F/train.n.aes"
	cp "$F/bare.aem" m.aem
	run -1 overtaken "$F/train.n.aes" "${train[@]}" m.aem
	[ "$(<err.txt)" = 'ae-train: m.aem: another program has changed it meanwhile; this model is in m.aem.new' ]
	cmp m.aem "$F/m.aem"
	cmp m.aem.new alone.aem
	# one that stayed is replaced
	"${train[@]}" m.aem "$F/train.n.aes"
	cmp m.aem alone.aem
}

@test "ae-train: whatever has the name M.new stays, and the model of another process that lost too" {
	local n train=(ae-train -q --where label=1 --net 140-4-140 --epochs 1 --seed)
	for n in 2 3; do
		"${train[@]}" $n -m alone.$n "$F/train.n.aes"
	done
	mkdir m.aem.new
	ln -s nowhere m.aem.new.2
	for n in 2 3; do
		cp "$F/bare.aem" m.aem
		chmod 600 m.aem
		run -1 overtaken "$F/train.n.aes" "${train[@]}" $n -m ./m.aem
		[ "$(<err.txt)" = "ae-train: ./m.aem: another program has changed it meanwhile; this model is in ./m.aem.new.$((n + 1))" ]
	done
	for n in 2 3; do
		cmp m.aem.new.$((n + 1)) alone.$n
		[ "$(stat -c %a m.aem.new.$((n + 1)))" = 600 ] # as m.aem
	done
	rmdir m.aem.new
	[ "$(readlink m.aem.new.2)" = nowhere ]
	[ -z "$(find . -name '.aefilters*')" ]
}

@test "ae-thresh --fit: a model that another program changed meanwhile is an error, and stays" {
	cp "$F/bare.aem" m.aem
	run -1 overtaken "$F/test.e.aes" ae-thresh --fit sigma:1 -m m.aem
	[ "$(tail -n 1 err.txt)" = 'ae-thresh: m.aem: another program has changed it meanwhile: fit again' ]
	[ ! -s out.txt ]
	cmp m.aem "$F/m.aem"
}

@test "a lock on the folder that somebody keeps is not waited for without end" {
	cp "$F/bare.aem" m.aem
	exec 8<.
	flock -n 8
	timeout -s KILL 60 ae-thresh -q --fit sigma:1 -m m.aem "$F/test.e.aes" 8<&-
	exec 8<&-
	ae-info m.aem | grep -q '^threshold .*sigma:1'
}

@test "ae-train: the checkpoint has the permissions of the model" {
	local pid status=0
	cp "$F/bare.aem" m.aem
	chmod 600 m.aem
	ae-train -q --where label=1 --net 140-4-140 --epochs 1000000 --log log.csv -m m.aem "$F/train.n.aes" 2>err.txt 3>&- &
	pid=$!
	eventually has_lines log.csv 2
	kill -TERM $pid
	wait $pid || status=$?
	[ "$status" -eq 143 ]
	[ "$(stat -c %a m.aem.ckpt)" = 600 ]
}

@test "a file that is replaced keeps its owner" {
	[ "$(id -u)" -eq 0 ] || skip 'only root may give files away'
	cp "$F/bare.aem" m.aem
	chown 1234:2345 m.aem
	ae-thresh -q --fit sigma:1 -m m.aem "$F/test.e.aes"
	[ "$(stat -c %u:%g m.aem)" = 1234:2345 ]
}

@test "a model that would leave bytes of another behind it, on a descriptor, is refused" {
	cp "$F/m.aem" m.aem
	expect_error 1 '/dev/fd/7: the file has bytes behind the place to write to, *' \
		ae-train -q --where label=1 --net 140-1-140 --epochs 1 -m /dev/fd/7 "$F/train.n.aes" 7<>m.aem
	cmp m.aem "$F/m.aem"
	ae-train -q --where label=1 --net 140-1-140 --epochs 1 -m /dev/fd/7 "$F/train.n.aes" 7>m.aem
	ae-info m.aem | grep -q '^network  *dense 1 '
}

@test "a link that is turned meanwhile counts no more: the file it led to at the start is written" {
	local pid
	cp "$F/bare.aem" one.aem
	cp "$F/bare.aem" two.aem
	ln -s one.aem link.aem
	mkfifo feed
	ae-thresh -q --fit sigma:1 -m link.aem <feed >out.txt 2>err.txt 3>&- &
	pid=$!
	exec 8>feed
	head -c 1000 "$F/test.e.aes" >&8
	waits_for_feed $pid ae-thresh
	ln -sfn two.aem link.aem
	tail -c +1001 "$F/test.e.aes" >&8
	exec 8>&-
	wait $pid
	cmp two.aem "$F/bare.aem"
	[ "$(readlink link.aem)" = two.aem ]
	ae-info one.aem | grep -q '^threshold .*sigma:1'
}

@test "ae-train --log: where its link leads counts from the start" {
	local pid
	echo kept >two.csv
	ln -s one.csv link.csv
	mkfifo feed
	ae-train -q --where label=1 --net 140-4-140 --epochs 1 --log link.csv -m m.aem <feed 3>&- &
	pid=$!
	exec 8>feed
	head -c 1000 "$F/train.n.aes" >&8
	waits_for_feed $pid ae-train
	ln -sfn two.csv link.csv
	tail -c +1001 "$F/train.n.aes" >&8
	exec 8>&-
	wait $pid
	[ "$(<two.csv)" = kept ]
	[ "$(head -n 1 one.csv)" = epoch,loss,valid_loss ]
}

@test "a model is on the disk before it has its name" {
	unsanitized 'what is preloaded comes before its own malloc'
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -o faults.so "$ROOT/tests/tools/faults.c"
	run -1 env FAULT_CALL=fsync FAULT_NTH=1 FAULT_ERRNO=5 LD_PRELOAD=./faults.so \
		ae-train -q --net 140-2-140 --epochs 1 -m new.aem "$F/test.n.aes"
	[[ $output == *'new.aem: Input/output error'* ]]
	[ ! -e new.aem ]
	run -1 env FAULT_CALL=fsync FAULT_NTH=1 FAULT_ERRNO=5 LD_PRELOAD=./faults.so \
		ae-normalize --fit minmax --save new.aem -o out.aes "$F/test.aes"
	[[ $output == *'new.aem: Input/output error'* ]]
	[ ! -e new.aem ] && [ ! -e out.aes ]
}

@test "two outputs take their places where the file system has no hard links" {
	unsanitized 'what is preloaded comes before its own malloc'
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -o faults.so "$ROOT/tests/tools/faults.c"
	ae-cat -o a.aes "$F/test.aes"
	ae-cat -o b.aes "$F/test.aes"
	# files without a name need a link for one; that of what is replaced, for taking it back, is not needed
	local nth done=0
	for nth in 1 2 3 4; do
		rm -f failed
		FAULT_CALL=linkat FAULT_NTH=$nth FAULT_ERRNO=1 FAULT_MARK=failed LD_PRELOAD=./faults.so \
			ae-split --test 0.5 -o a.aes --test-out b.aes "$F/test.aes" 2>err.txt || continue
		[ ! -e failed ] || done=$((done + 1))
	done
	[ "$done" -ge 1 ]
	[ "$(($(ae-info --count a.aes) + $(ae-info --count b.aes)))" -eq "$(ae-info --count "$F/test.aes")" ]
	[ -z "$(find . -name '.aefilters*')" ]
}
