#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-train --calibrate: rows that the training does not see, for a threshold.
load helpers
load scoring

# readings ROWS: columns of every role
readings() {
	awk -v n="$1" 'BEGIN {
		print "id,time,a,label,b,note,c"
		for (i = 1; i <= n; i++)
			printf "r%d,2024-01-01 00:%02d:00,%.3f,%s,%.3f,\"n, %d\",%.3f\n", i, i % 60, sin(i), i % 5 ? "ok" : "bad",
				cos(i), i, sin(i) * cos(2 * i)
	}'
}

net=(--pass note --net 3-2-3 --epochs 3 --batch 8)

@test "ae-train --calibrate: the rows come as they were, with all columns, and are marked" {
	readings 41 >all.csv
	ae-normalize --pass note --fit standard all.csv >all.aes
	ae-train --net 3-2-3 --epochs 1 --calibrate 0.25 --calibrate-out held.aes -m m.aem all.aes 2>err.txt
	grep -q '; 30 rows, the last ones held out' err.txt
	same 'ae-cat -c held.aes' 'ae-cat --tail 11 all.aes | ae-cat -c'
	ae-info held.aes >held.txt
	grep -qx 'held out    yes: no training saw these rows' held.txt
	same "grep -v -e '^held out' -e '^stream' -e '^rows' held.txt" "ae-info all.aes | grep -v -e '^stream' -e '^rows'"
	run -1 grep -q 'held out' <(ae-info all.aes)
	ae-train -q --net 3-2-3 --epochs 1 --calibrate 0.25 --calibrate-out held.Xq3 -m m.aem all.aes
	cmp held.aes held.Xq3
	expect_error 2 '--calibrate-out held.csv: a stream is written there, *' ae-train -q --net 3-2-3 --calibrate 0.25 --calibrate-out held.csv -m m.aem all.aes
	# of text too, in the types that it has
	ae-train "${net[@]}" --calibrate 0.25 --calibrate-out text.aes -m m.aem all.csv 2>err.txt
	same 'ae-cat -c text.aes' 'ae-cat --pass note --tail 11 all.csv | ae-cat -c'
}

# bats test_tags=threads
@test "ae-train --calibrate: neither training nor validation sees the rows" {
	readings 40 >all.csv
	readings 22 >train.csv
	readings 30 | sed '2,23d' >valid.csv
	ae-train "${net[@]}" --valid 0.2 --calibrate 0.25 --calibrate-out held.aes -m m.aem -j 1 all.csv 2>err.txt
	ae-train "${net[@]}" --valid valid.csv -m same.aem -j 2 train.csv 2>err.txt
	cmp m.aem same.aem
	readings 30 | ae-train "${net[@]}" -m same.aem 2>err.txt
	ae-train "${net[@]}" --calibrate 0.25 --calibrate-out held.aes -m m.aem all.csv 2>err.txt
	cmp m.aem same.aem
	[ "$(ae-info --count held.aes)" -eq 10 ]
}

@test "ae-train: a share that makes a whole number of rows is that number, of --calibrate and of --valid" {
	readings 100 >all.csv
	local share
	for share in 07 14 28 29 55 57; do # 0.07 * 100 is more than 7 in doubles, 0.29 * 100 less than 29
		ae-train -q "${net[@]}" --epochs 1 --calibrate "0.$share" --calibrate-out held.aes -m m.aem all.csv
		[ "$(ae-info --count held.aes)" -eq "${share#0}" ]
	done
	ae-train "${net[@]}" --epochs 1 --valid 0.07 -m m.aem all.csv 2>err.txt
	grep -q '; 93 rows, the last ones held out' err.txt
	ae-train -q "${net[@]}" --epochs 1 --calibrate 1e-12 --calibrate-out held.aes -m m.aem all.csv
	[ "$(ae-info --count held.aes)" -eq 1 ]
}

@test "ae-train --calibrate: what is in the rows does not reach the model, nor its warnings, nor a refusal" {
	readings 40 >all.csv
	awk -F, -v OFS=, 'NR > 31 { $3 *= 1e6 } { print }' all.csv >far.csv
	local calibrate=(--calibrate 0.25 --calibrate-out held.aes) more
	for more in '--lr 0.001' '--out tanh'; do
		# shellcheck disable=SC2086 # two words
		ae-train -q "${net[@]}" $more "${calibrate[@]}" -m m.aem all.csv
		# shellcheck disable=SC2086
		ae-train -q "${net[@]}" $more "${calibrate[@]}" -m far.aem far.csv
		cmp m.aem far.aem
	done
	# Those that validate are looked at for what the loss takes, and for nothing else.
	expect_error 1 '*x goes from *' ae-train -q "${net[@]}" --out tanh --valid 0.25 -m far.aem far.csv
	ae-train -q "${net[@]}" --valid 0.25 -m far.aem far.csv 2>err.txt
	run -1 grep -q '^warning.*ranges' <(ae-info far.aem)
}

@test "ae-train --calibrate: the share is of the rows that --where leaves, without those that have missing values" {
	readings 50 | sed '$d' >all.csv
	sed 's/^r48,\([^,]*\),[^,]*/r48,\1,/' all.csv >holes.csv
	ae-train "${net[@]}" --missing skip --where label=ok --calibrate 0.1 --calibrate-out held.aes -m m.aem holes.csv 2>err.txt
	[ "$(ae-cat --cols id -c held.aes | tail -n +2 | paste -sd ' ')" = 'r44 r46 r47 r49' ]
	ae-train "${net[@]}" --missing mask --where label=ok --calibrate 0.1 --calibrate-out held.aes -m m.aem holes.csv 2>err.txt
	[ "$(ae-cat --cols id -c held.aes | tail -n +2 | paste -sd ' ')" = 'r46 r47 r48 r49' ]
}

@test "ae-train --calibrate: the mark goes down the pipe into the threshold" {
	readings 40 >all.csv
	ae-train -q "${net[@]}" --calibrate 0.25 --calibrate-out held.aes -m m.aem all.csv
	ae-recon -m m.aem held.aes | ae-err >err.aes
	ae-info err.aes | grep -q '^held out'
	ae-thresh --fit quantile:0.9 -m m.aem err.aes >fit.txt
	ae-info m.aem | grep -qE '^threshold .* against x, original units, 10 held-out rows$'
	ae-recon -m m.aem all.csv | ae-err | ae-thresh --fit quantile:0.9 -m m.aem >fit.txt
	ae-info m.aem | grep -qE '^threshold .*, 40 rows$'
	# and is none of rows that are joined with others
	ae-cat --pass note --head 5 all.csv >seen.aes
	expect_error 1 '*' ae-cat held.aes seen.aes
}

@test "ae-train --calibrate: model and rows are there together, or neither" {
	readings 40 >all.csv
	local calibrate=(--calibrate 0.25 --calibrate-out held.aes)
	old_model m.aem
	echo before >held.aes
	expect_error 1 '*' ae-train -q "${net[@]}" --lr 1e6 --optimizer sgd --epochs 9 "${calibrate[@]}" -m m.aem all.csv
	is_old_model m.aem
	[ "$(<held.aes)" = before ]
	# no room for the rows, and none for the model
	expect_error 1 '/dev/full: *' ae-train -q "${net[@]}" --calibrate 0.25 --calibrate-out /dev/full -m m.aem all.csv
	is_old_model m.aem
	expect_error 1 '/dev/full: *' ae-train -q "${net[@]}" "${calibrate[@]}" -m /dev/full all.csv
	[ "$(<held.aes)" = before ]
	rm -f m.aem* held.aes
	ae-train -q "${net[@]}" "${calibrate[@]}" -m m.aem all.csv
	[ "$(ls)" = "$(printf '%s\n' all.csv expect_error.err expect_error.out held.aes m.aem)" ]
}

@test "ae-train --calibrate: where another program has replaced the model, the rows are not written" {
	readings 40 >all.csv
	old_model m.aem
	mkfifo feed
	ae-train -q "${net[@]}" --calibrate 0.25 --calibrate-out held.aes -m m.aem feed 2>err.txt &
	local pid=$!
	exec 9>feed
	head -n 20 all.csv >&9
	old_model other && printf more >>other && mv other m.aem
	tail -n +21 all.csv >&9
	exec 9>&-
	local got=0
	wait "$pid" || got=$?
	[ "$got" -eq 1 ]
	grep -q 'm.aem: another program has changed it meanwhile; this model is in m.aem.new, and the rows held out are not written' err.txt
	[ ! -e held.aes ]
}

@test "ae-train --calibrate: pca:K and --resume hold the same rows out" {
	readings 40 >all.csv
	ae-train -q --pass note --net pca:2 --calibrate 0.25 --calibrate-out held.aes -m m.aem all.csv
	readings 30 | ae-train -q --pass note --net pca:2 -m same.aem
	cmp m.aem same.aem
	local two=(--pass note --calibrate 0.25 --calibrate-out)
	ae-train -q "${net[@]}" --epochs 2 "${two[@]}" first.aes -m two.aem all.csv
	ae-train -q --resume two.aem --epochs 3 "${two[@]}" held.aes -m three.aem all.csv
	cmp first.aes held.aes
	ae-train -q "${net[@]}" "${two[@]}" held.aes -m once.aem all.csv
	cmp once.aem three.aem
}

@test "ae-train --calibrate: the same bytes for batches of the input, a boundary, and standard output" {
	readings 40 >all.csv
	ae-train -q "${net[@]}" --calibrate 0.25 --calibrate-out held.aes -m m.aem all.csv
	ae-cat --pass note --batch-rows 7 all.csv | ae-train -q --net 3-2-3 --epochs 3 --batch 8 --calibrate 0.25 \
		--calibrate-out - -m same.aem >out.aes
	cmp m.aem same.aem
	same 'ae-cat -c out.aes' 'ae-cat -c held.aes'
	ae-cat --pass note --head 33 all.csv >first.aes
	ae-cat --pass note --skip 33 all.csv >second.aes
	ae-train -q --net 3-2-3 --epochs 3 --batch 8 --calibrate 0.25 --calibrate-out cut.aes -m same.aem first.aes second.aes
	cmp m.aem same.aem
	same 'ae-cat -c cut.aes' 'ae-cat -c held.aes'
}

@test "ae-train --calibrate: what does not go together" {
	readings 10 >all.csv
	old_model m.aem
	local share
	for share in 0 1; do
		expect_error 2 "--calibrate $share: expected a share between 0 and 1" \
			ae-train "${net[@]}" --calibrate "$share" --calibrate-out held.aes -m m.aem all.csv
	done
	for share in 1.5 -0.1 nan half; do
		expect_error 2 "*--calibrate*" ae-train "${net[@]}" --calibrate "$share" --calibrate-out held.aes -m m.aem all.csv
	done
	expect_error 2 '--calibrate needs --calibrate-out FILE, where the rows go' \
		ae-train "${net[@]}" --calibrate 0.2 -m m.aem all.csv
	expect_error 2 '--calibrate-out needs --calibrate F, *' ae-train "${net[@]}" --calibrate-out held.aes -m m.aem all.csv
	expect_error 2 '*m.aem*' ae-train "${net[@]}" --calibrate 0.2 --calibrate-out m.aem -m m.aem all.csv
	expect_error 1 '--calibrate-out ./all.csv: is the input' ae-train "${net[@]}" --calibrate 0.2 --calibrate-out ./all.csv -m m.aem all.csv
	expect_error 2 '--calibrate-out held.csv: a stream is written there, since csv does not say *' \
		ae-train "${net[@]}" --calibrate 0.2 --calibrate-out held.csv -m m.aem all.csv
	expect_error 1 'none/held.aes: *' ae-train "${net[@]}" --calibrate 0.2 --calibrate-out none/held.aes -m m.aem all.csv
	expect_error 1 '--calibrate 0.99 leaves no row for training' \
		ae-train -q "${net[@]}" --calibrate 0.99 --calibrate-out held.aes -m m.aem all.csv
	expect_error 1 '--calibrate 0.5 with --valid leaves no row for training' \
		ae-train -q "${net[@]}" --calibrate 0.5 --valid 0.5 --calibrate-out held.aes -m m.aem all.csv
	is_old_model m.aem
	[ ! -e held.aes ]
}

@test "ae-train --calibrate: clean under valgrind" {
	readings 40 >all.csv
	valgrind_clean ae-train -q "${net[@]}" --epochs 1 --calibrate 0.25 --calibrate-out held.aes -m m.aem all.csv
	[ "$(ae-info --count held.aes)" -eq 10 ]
}
