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

@test "ae-train: a model that another program changed meanwhile stays, and the new one is in M.new" {
	local pid status=0
	cp "$F/bare.aem" m.aem
	mkfifo feed
	ae-train -q --where label=1 --net 140-4-140 --epochs 1 -m m.aem <feed >out.txt 2>err.txt 3>&- &
	pid=$!
	exec 8>feed
	head -c 1000 "$F/train.n.aes" >&8
	waits_for_feed $pid ae-train
	cp "$F/m.aem" other && mv other m.aem
	tail -c +1001 "$F/train.n.aes" >&8
	exec 8>&-
	wait $pid || status=$?
	[ "$status" -eq 1 ]
	[ "$(<err.txt)" = 'ae-train: m.aem: another program has changed it meanwhile; this model is in m.aem.new' ]
	cmp m.aem "$F/m.aem"
	ae-train -q --where label=1 --net 140-4-140 --epochs 1 -m alone.aem "$F/train.n.aes"
	cmp m.aem.new alone.aem
	# a file that came to be meanwhile is one too, and one that stayed is replaced
	ae-train -q --where label=1 --net 140-4-140 --epochs 1 -m m.aem "$F/train.n.aes"
	cmp m.aem alone.aem
}

@test "ae-thresh --fit: a model that another program changed meanwhile is an error, and stays" {
	local pid status=0
	cp "$F/bare.aem" m.aem
	mkfifo feed
	ae-thresh --fit sigma:1 -m m.aem <feed >out.txt 2>err.txt 3>&- &
	pid=$!
	exec 8>feed
	head -c 1000 "$F/test.e.aes" >&8
	waits_for_feed $pid ae-thresh
	cp "$F/m.aem" other && mv other m.aem
	tail -c +1001 "$F/test.e.aes" >&8
	exec 8>&-
	wait $pid || status=$?
	[ "$status" -eq 1 ]
	[ "$(tail -n 1 err.txt)" = 'ae-thresh: m.aem: another program has changed it meanwhile: fit again' ]
	[ ! -s out.txt ]
	cmp m.aem "$F/m.aem"
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

@test "ae-thresh --fit: of many at once on one model each has its say, or says so" {
	local n failed=0 pids=()
	cp "$F/bare.aem" m.aem
	for n in 1 2 3 4 5 6 7 8; do
		ae-thresh -q --fit sigma:$n -m m.aem "$F/test.e.aes" >out.$n 2>err.$n &
		pids+=($!)
	done
	for n in "${!pids[@]}"; do
		wait "${pids[$n]}" || {
			grep -q 'another program has changed it meanwhile: fit again$' err.$((n + 1))
			failed=$((failed + 1))
		}
	done
	[ "$failed" -lt 8 ]
	ae-info m.aem | grep -q '^threshold '
	# who succeeded last is in the file
	grep -l . out.? | while read -r n; do cut -d ' ' -f 2 "$n"; done | grep -qx "$(ae-info m.aem | sed -n 's/^threshold *[^ ]* \(sigma:[0-9]\).*/\1/p')"
	[ -z "$(find . -name '.aefilters*')" ]
}
