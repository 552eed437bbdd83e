#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-train: what another of its outputs fails with costs that output, never the model.
load helpers

# rows: 20 rows of three values
rows() {
	awk 'BEGIN { print "a,b,c"; for (i = 1; i <= 20; i++) printf "%.3f,%.3f,%.3f\n", sin(i), cos(i), sin(i) * cos(2 * i) }'
}

setup() {
	helpers_setup
	rows >rows.csv
}

net=(--net 3-2-3 --epochs 400)

# limited KIB COMMAND...: no file that it writes grows beyond
limited() {
	(ulimit -f "$1" && shift && "$@")
}

@test "ae-train --log: no room for it is said at once, training goes on, and the model is whole; status 1" {
	ae-train -q "${net[@]}" --log whole.csv -m whole.aem rows.csv
	[ "$(wc -c <whole.csv)" -gt 8192 ]
	[ "$(wc -c <whole.aem)" -lt 8000 ]
	run -1 limited 8 ae-train -q "${net[@]}" --log log.csv -m m.aem rows.csv
	[ "${lines[0]}" = 'ae-train: log.csv: File too large: training goes on without it' ]
	[ "${lines[1]}" = 'ae-train: log.csv: File too large: it ends early; the model is in m.aem' ]
	[ "${#lines[@]}" -eq 2 ]
	cmp m.aem whole.aem
	# the log has whole lines
	head -n "$(wc -l <log.csv)" whole.csv | cmp - log.csv
	[ "$(wc -l <log.csv)" -gt 100 ]
	# of an ensemble too, whose first member fills the file
	ae-train -q "${net[@]}" --ensemble 2 -m two.aem rows.csv
	run -1 limited 8 ae-train -q "${net[@]}" --ensemble 2 --log log.csv -m m.aem rows.csv
	[ "${lines[1]}" = 'ae-train: log.csv: File too large: it ends early; the model is in m.aem' ]
	cmp m.aem two.aem
}

@test "ae-train --log: one that cannot begin is an error before training" {
	expect_error 1 '/dev/full: No space left on device' ae-train -q "${net[@]}" --log /dev/full -m m.aem rows.csv
	[ ! -e m.aem ]
}

@test "ae-train --log: a reader that goes away costs the log, not the model; status 141" {
	ae-train -q --net 3-2-3 --epochs 8000 -m whole.aem rows.csv
	local got=()
	ae-train -q --net 3-2-3 --epochs 8000 --log /dev/stdout -m m.aem rows.csv 2>err.txt | head -n 1 >head.txt
	got=("${PIPESTATUS[@]}")
	[ "${got[0]}" -eq 141 ]
	[ "$(<head.txt)" = epoch,loss,valid_loss ]
	[ "$(<err.txt)" = 'ae-train: /dev/stdout: Broken pipe: training goes on without it' ]
	cmp m.aem whole.aem
}

@test "ae-train -v: a reader of the messages that goes away costs no model" {
	ae-train -q --net 3-2-3 --epochs 8000 -m whole.aem rows.csv
	{ ae-train -v --net 3-2-3 --epochs 8000 -m m.aem rows.csv && echo 0 >status.txt; } 2>&1 | head -n 1 >head.txt
	[ "$(<status.txt)" = 0 ]
	cmp m.aem whole.aem
}

@test "ae-train --log: after it has failed, SIGTERM still leaves a checkpoint" {
	local pid status=0
	(ulimit -f 8 && exec ae-train -q --net 3-2-3 --epochs 1000000 --log log.csv -m m.aem rows.csv 2>err.txt 3>&-) &
	pid=$!
	eventually grep -q 'training goes on without it' err.txt
	kill -TERM $pid
	wait $pid || status=$?
	[ "$status" -eq 1 ]
	grep -q 'stopped in epoch [0-9]*; --resume m.aem.ckpt goes on after epoch [0-9]*$' err.txt
	[ "$(tail -n 1 err.txt)" = 'ae-train: log.csv: File too large: it ends early' ]
	ae-info m.aem.ckpt | grep -q '^network  *dense 2 relu | dense 3$'
}

calibrate=(--calibrate 0.25 --calibrate-out)

@test "ae-train --calibrate-out: no room for the rows: the model is in M.new, M and FILE are as they were" {
	ae-train -q "${net[@]}" "${calibrate[@]}" held.aes -m whole.aem rows.csv
	rm held.aes
	echo before >held.aes
	old_model m.aem
	expect_error 1 '/dev/full: No space left on device; this model is in m.aem.new' \
		ae-train -q "${net[@]}" "${calibrate[@]}" /dev/full -m m.aem rows.csv
	is_old_model m.aem
	cmp m.aem.new whole.aem
	# whatever has that name stays
	expect_error 1 '/dev/full: No space left on device; this model is in m.aem.new.2' \
		ae-train -q "${net[@]}" "${calibrate[@]}" /dev/full -m m.aem rows.csv
	cmp m.aem.new.2 whole.aem
	[ "$(<held.aes)" = before ]
}

# unread COMMAND...: the reader of its standard output has gone
unread() {
	mkfifo fifo
	exec 7<>fifo
	exec 8>fifo
	exec 7<&-
	rm fifo
	"$@" >&8 8>&-
}

@test "ae-train --calibrate-out: a reader that has gone: the model is in M.new" {
	ae-train -q "${net[@]}" -m whole.aem <(head -n 16 rows.csv)
	expect_error 1 '<stdout>: Broken pipe; this model is in m.aem.new' unread ae-train -q "${net[@]}" "${calibrate[@]}" - -m m.aem rows.csv
	cmp m.aem.new whole.aem
	[ ! -e m.aem ]
	expect_error 1 '<stdout>: Broken pipe; this model is in pca.aem.new' unread ae-train -q --net pca:2 "${calibrate[@]}" - -m pca.aem rows.csv
}

@test "ae-train: where one of two files cannot be closed or named at the end, neither is, and the model is in M.new" {
	unsanitized 'what is preloaded comes before its own malloc'
	local call nth failed=0
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -o faults.so "$ROOT/tests/tools/faults.c"
	ae-train -q "${net[@]}" "${calibrate[@]}" held.aes -m whole.aem rows.csv
	for call in fsync linkat rename; do
		for nth in 1 2 3 4; do
			rm -f mark m.aem.new
			old_model m.aem
			echo before >held.aes
			FAULT_CALL=$call FAULT_NTH=$nth FAULT_ERRNO=5 FAULT_MARK=mark LD_PRELOAD=./faults.so \
				ae-train -q "${net[@]}" "${calibrate[@]}" held.aes -m m.aem rows.csv 2>err.txt && continue
			[ -e mark ]
			failed=$((failed + 1))
			is_old_model m.aem
			[ "$(<held.aes)" = before ]
			[[ $(<err.txt) == 'ae-train: '*': Input/output error; this model is in m.aem.new' ]]
			cmp m.aem.new whole.aem
		done
	done
	[ "$failed" -ge 4 ]
	[ -z "$(find . -name '.aefilters*')" ]
}
