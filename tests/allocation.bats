#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Memory that runs out: whichever allocation fails, the program says so, or gives what it gives otherwise.
load helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	PATH=$AE_BUILD:$PATH
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -o faults.so "$ROOT/tests/tools/faults.c"
	printf 'id,a,b,label\n1,1,1,x\n2,2,2,y\n3,3,1,x\n4,1,2,y\n' >rows.csv
	# bad rows, headers of other columns, quotes, and more rows than a batch has
	seq 6000 | awk 'BEGIN { print "id,a,b,label,c" }
		$1 % 500 == 7 { print "bad,line"; next }
		$1 % 500 == 9 { print "w,off,lost,x,y"; next }
		$1 % 500 == 11 { print "\"q\"\"" $1 "\",1,2,\"a,b\",3"; next }
		$1 % 500 == 13 { print "q,,2,ok,3"; next }
		$1 == 5000 { print "id,b,a,label,c" }
		$1 == 5500 { print "\"id\",\"a\",\"b\",\"label\",\"c\"" }
		{ print "p" $1 "," $1 "," $1 ".5,ok," $1 }' >log.csv
	ae-normalize --fit standard rows.csv -o n.aes
	ae-train -q -j 1 --net 'dense 3 relu | dense 2' --epochs 1 -m m.aem n.aes
	ae-recon -m m.aem n.aes >r.aes
	ae-err r.aes >e.aes
	ae-thresh -q --fit sigma:1 -m m.aem e.aes >threshold.txt
	ae-thresh -m m.aem -O aest e.aes >v.aes
}

# each COMMAND...: it is run once for each of its allocations, which fails: it says so, or does not need it.
each() {
	local k status
	cd "$BATS_FILE_TMPDIR" || return
	unsanitized 'it has its own malloc'
	"$@" >ok 2>err.txt
	for ((k = 1; k < 2000; k++)); do
		rm -f failed
		status=0
		FAULT_CALL=malloc FAULT_NTH=$k FAULT_MARK=failed LD_PRELOAD=./faults.so "$@" >got 2>err.txt || status=$?
		[ -e failed ] || break
		[ $status -eq 1 ] && grep -qiE 'out of memory|cannot allocate memory' err.txt && continue
		[ $status -eq 0 ] && cmp -s ok got && continue
		echo "allocation $k: status $status: $*: $(<err.txt)"
		return 1
	done
	[ "$k" -gt 20 ] && [ "$k" -lt 2000 ]
}

@test "allocations: ae-recon gives whole rows or fails" {
	each ae-recon -m m.aem -c n.aes
}

@test "allocations: ae-encode gives whole rows or fails" {
	each ae-encode -m m.aem -c n.aes
}

@test "allocations: text is read and written as a whole, or not" {
	each ae-cat -c rows.csv
}

@test "allocations: what --on-bad skip leaves out does not depend on memory" {
	each ae-cat -c --on-bad skip --missing skip --rejects bad.csv log.csv
	each ae-cat -q --on-bad skip --missing mask log.csv
}

@test "allocations: scaling, fitted and applied" {
	each ae-normalize --fit robust -c rows.csv
	each ae-normalize -m m.aem -c rows.csv
}

@test "allocations: scores, verdicts and metrics" {
	each ae-err -c r.aes
	each ae-thresh -m m.aem e.aes
	each ae-metrics --normal x v.aes
}

@test "allocations: windows and descriptions" {
	each ae-window -c --size 2 rows.csv
	each ae-transform -c --log1p --baseline mean:2 rows.csv
	each ae-transform -c --diff 1 --group label rows.csv
	each ae-smooth -c --median 2 e.aes
	each ae-info -m m.aem
}

@test "allocations: training that goes on" {
	each ae-train -q -j 1 --resume m.aem --epochs 2 -m again.aem n.aes
}

# live ROWS: as many rows go through a pipeline one by one, and counts.ROWS.PROGRAM says what calls each program made.
live() {
	local row verdict
	mkfifo "to.$1" "from.$1"
	preloaded "$1" ae-normalize -m "$M" <"to.$1" 3>&- | preloaded "$1" ae-recon -m "$M" 3>&- | preloaded "$1" ae-err 3>&- |
		preloaded "$1" ae-thresh -m "$M" >"from.$1" 3>&- &
	exec 5>"to.$1" 6<"from.$1"
	echo id,a,b,label >&5
	IFS= read -r -t 60 verdict <&6
	[ "$verdict" = id,label,err,pred ]
	for ((row = 0; row < $1; row++)); do
		echo "r$row,$((row % 7)),1.$row,ok" >&5
		IFS= read -r -t 60 verdict <&6
		[[ $verdict == "r$row,ok,"* ]]
	done
	exec 5>&-
	[ -z "$(cat <&6)" ]
	exec 6<&-
	wait
}

preloaded() {
	FAULT_COUNTS=counts.$1.$2 LD_PRELOAD=$BATS_FILE_TMPDIR/faults.so "${@:2}"
}

# Beginning and end may take a call more or less, as bytes come together or not.
@test "live: a row more is a wait, a read and a write in each filter, and no memory" {
	unsanitized 'it has its own malloc'
	local program M=$BATS_FILE_TMPDIR/m.aem
	live 100
	live 1100
	for program in ae-normalize ae-recon ae-err ae-thresh; do
		paste -d ' ' counts.{100,1100}."$program" | awk '{ more[$1] = $4 - $2 }
			END { for (call in more)
				if (call ~ /^(poll|read|write)$/ ? (more[call] - 1000) ^ 2 > 100 : more[call] > 0)
					print call, more[call] }' >wrong.txt
		echo "$program: $(<wrong.txt)"
		[ ! -s wrong.txt ]
	done
}
