#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-recon: x through a model gives recon.
load helpers
load fixture

@test "ae-recon: --help, --version, unknown options" {
	check_manners ae-recon
}

@test "ae-recon: -m is required, and what is wrong in the arguments alone is status 2" {
	expect_error 2 '-m FILE is required' ae-recon "$F/test.n.aes"
	expect_error 2 '--threads 0: *' ae-recon -m "$F/m.aem" -j 0 "$F/test.n.aes"
	expect_error 2 '--batch-rows x: *' ae-recon -m "$F/m.aem" --batch-rows x "$F/test.n.aes"
	expect_error 2 'unknown output format "png"; did you mean pnm[?]' ae-recon -m "$F/m.aem" -O png "$F/test.n.aes"
}

@test "ae-recon: gives PyTorch's numbers, whatever the activation" {
	small | ae-recon -m "$SMALL" | ae-cat -c --cols recon >recon.csv
	near 1e-6 "$ROOT/tests/expected/small.recon.csv" recon.csv
}

@test "ae-recon: golden output, to the bit where there is fused multiply-add" {
	fma_or_skip
	small | ae-recon -m "$SMALL" >recon.aes
	ae-cat -c recon.aes >recon.csv
	sed 's/,[^,]*$//' "$ROOT/tests/expected/small.golden.csv" | cmp - recon.csv
}

@test "ae-recon: adds recon after all columns, which pass through byte for byte and in order" {
	small >n.aes
	ae-recon -m "$SMALL" n.aes >r.aes
	ae-cat -c n.aes >n.csv
	ae-cat -c r.aes >r.csv
	[ "$(head -n 1 r.csv)" = "$(head -n 1 n.csv),$(head -n 1 "$ROOT/tests/expected/small.recon.csv")" ]
	ae-cat -c --cols id,time,pass,x,label r.aes | cmp - n.csv
	grep -q '^"unit 0, left",2024-03-01T00:00:00Z, n 0,' r.csv
	grep -q '^0073,2024-03-01T00:00:03Z,"ab""c",' r.csv
}

@test "ae-recon: pass columns of any type and shape are carried" {
	printf 'a,b,n,m,word\n0.1,0.9,3,4.5,x\n0.7,0.3,5,6.25,"y,z"\n' >p.csv
	ae-train -q --x a,b --net 2-1-2 --epochs 1 -m p.aem p.csv
	ae-cat -c --x a,b p.csv >wanted.csv
	ae-recon -m p.aem --x a,b p.csv | ae-cat -c | sed 's/,[^,]*,[^,]*$//' | cmp - wanted.csv
}

# bats test_tags=threads
@test "ae-recon: a large file has the same bytes with any number of threads, through a pipe, in batches of any size, and without checksums" {
	local files=() j
	for ((j = 0; j < 40; j++)); do
		files+=("$F/test.n.aes")
	done
	ae-cat --batch-rows 3000 -o large.aes "${files[@]}"
	ae-cat "${files[@]}" | "$(tool frames)" nil >nil.aes
	ae-cat --batch-rows 1 -o single.aes large.aes
	ae-recon -m "$F/m.aem" -j 1 -c single.aes >wanted.csv
	for j in 1 2 3; do
		ae-recon -m "$F/m.aem" -j "$j" -c large.aes | cmp - wanted.csv
		ae-recon -m "$F/m.aem" -j "$j" large.aes | ae-cat -c | cmp - wanted.csv
		ae-recon -m "$F/m.aem" -j "$j" -c nil.aes | cmp - wanted.csv
		ae-cat large.aes | ae-recon -m "$F/m.aem" -j "$j" | ae-cat | ae-cat -c | cmp - wanted.csv
	done
	head -c -1000 large.aes >cut.aes
	expect_error 1 'cut.aes: after row *: the stream is cut inside a message' ae-recon -m "$F/m.aem" -j 3 -o out.aes cut.aes
}

@test "ae-recon: CSV, TSV and AEST give the same output" {
	ae-recon -m "$F/m.aem" "$F/test.n.aes" >from-aest.aes
	ae-cat -c "$F/test.n.aes" >n.csv
	ae-cat -t "$F/test.n.aes" >n.tsv
	ae-recon -m "$F/m.aem" --scaled --f32 n.csv >from-csv.aes
	same_stream from-csv.aes from-aest.aes
	ae-recon -m "$F/m.aem" --scaled --f32 -I tsv n.tsv | cmp - from-csv.aes
	ae-recon -m "$F/m.aem" -c "$F/test.n.aes" >from-aest.csv
	ae-recon -m "$F/m.aem" --scaled -c n.csv | cmp - from-aest.csv
	ae-recon -m "$F/m.aem" --scaled --f32 -c n.csv | cmp - from-aest.csv
	ae-recon -m "$F/m.aem" -t "$F/test.n.aes" | tr '\t' , | cmp - from-aest.csv
}

@test "ae-recon: --batch-rows 1, 2, 7, 16, 17 and 512 give equal rows" {
	same_for_batches "$F/test.n.aes" ae-recon -m "$F/m.aem"
}

@test "ae-recon: --batch-rows N writes exactly N rows a batch" {
	local sizes
	ae-recon -m "$F/m.aem" --batch-rows 50 -o fifty.aes "$F/test.n.aes"
	ae-recon -m "$F/m.aem" "$F/test.n.aes" | ae-cat --batch-rows 50 | cmp - fifty.aes
	sizes=$(wc -c <fifty.aes)
	ae-recon -m "$F/m.aem" --batch-rows 40 -o forty.aes "$F/test.n.aes"
	[ "$(wc -c <forty.aes)" -eq "$sizes" ] # three batches both
	run cmp -s fifty.aes forty.aes
	[ "$status" -eq 1 ]
}

@test "ae-recon: a cut stream is an error" {
	same_for_cuts "$F/test.n.aes" ae-recon -m "$F/m.aem"
	same_for_cuts "$F/test.n.aes" ae-recon -m "$F/m.aem" -c
}

@test "ae-recon: an x of another shape is refused" {
	yes 0.5 | head -n 5000 | paste -sd, >wide.csv
	expect_error 1 'wide.csv: *expected 140 values*, got 5000*' ae-recon -H --scaled -m "$F/m.aem" wide.csv
	ae-cat -H wide.csv >wide.aes
	expect_error 1 'wide.aes: *expected 140 values*, got 5000*' ae-recon -m "$F/m.aem" wide.aes
	cut -d, -f1-139 "$F/beats.csv" >narrow.csv
	expect_error 1 'narrow.csv: *expected 140 values*, got 139*' ae-recon -H --scaled -m "$F/m.aem" narrow.csv
}

@test "ae-recon: a stream without x is refused" {
	printf 'label,err\n1,0.5\n' >e.csv
	expect_error 1 'e.csv: *x*' ae-recon -m "$F/m.aem" e.csv
}

@test "ae-recon: other feature names are refused, the same in another order put right" {
	printf 'a,b,c\n0.1,0.2,0.3\n0.5,0.6,0.7\n' >abc.csv
	printf 'b,a,c\n0.2,0.1,0.3\n0.6,0.5,0.7\n' >bac.csv
	ae-train -q --net 3-2-3 --epochs 1 -m abc.aem abc.csv
	ae-recon -m abc.aem abc.csv >/dev/null
	same 'ae-recon -m abc.aem bac.csv' 'ae-recon -m abc.aem abc.csv'
	sed 's/a/d/' bac.csv >bdc.csv
	ae-cat -o bdc.aes bdc.csv
	expect_error 1 'bdc.csv: line 1: no column "a", which the model takes' ae-recon -m abc.aem bdc.csv
	expect_error 1 'bdc.aes: x has no feature "a", which the model has' ae-recon -m abc.aem bdc.aes
	tail -n +2 abc.csv | ae-recon -H -m abc.aem >/dev/null # unnamed fits
}

@test "ae-recon: unscaled x is refused, and the remedy named" {
	expect_error 1 "* x is not scaled*pipe it through ae-normalize -m $F/m.aem" ae-recon -m "$F/m.aem" "$F/test.aes"
}

@test "ae-recon: x of another scaler is refused, and the remedy named" {
	ae-normalize --fit standard -o other.aes "$F/test.aes"
	expect_error 1 "* another scaler than the model's*ae-normalize -m $F/m.aem" ae-recon -m "$F/m.aem" other.aes
	# The same method fitted on other rows is another scaler.
	ae-normalize --fit minmax --per tensor -o other.aes "$F/test.aes"
	expect_error 1 '* another scaler than *' ae-recon -m "$F/m.aem" other.aes
	# --scaled vouches for text alone.
	expect_error 1 '* another scaler than *' ae-recon -m "$F/m.aem" --scaled other.aes
}

@test "ae-recon: scaled x is refused by a model of unscaled x" {
	ae-train -q --net 140-2-140 --epochs 1 -m raw.aem "$F/train.aes"
	expect_error 1 '* x is scaled, but *ae-normalize --invert' ae-recon -m raw.aem "$F/test.n.aes"
	ae-recon -m raw.aem "$F/test.aes" >/dev/null
	ae-cat -c "$F/test.aes" | ae-recon -m raw.aem >/dev/null
}

@test "ae-recon: text x wants --scaled where the model has a scaler" {
	ae-cat -c "$F/test.n.aes" >n.csv
	expect_error 1 "n.csv: text does not say how x was scaled:*ae-normalize -m $F/m.aem*--scaled*" ae-recon -m "$F/m.aem" n.csv
	ae-recon -m "$F/m.aem" --scaled n.csv >/dev/null
}

@test "ae-recon: the network takes f64 rounded to f32, and u8" {
	printf '0,10,200\n7,77,255\n0,1,2\n' >u8.csv
	ae-train -q -H --net 3-2-3 --epochs 1 -m u8.aem u8.csv
	ae-recon -m u8.aem -H u8.csv | ae-cat -c --cols recon >f64.csv
	ae-recon -m u8.aem -H --f32 u8.csv | ae-cat -c --cols recon | cmp - f64.csv
	printf '0.1,10.000000000001,200\n7,77,255\n0,1,2\n' | ae-recon -m u8.aem -H | ae-cat -c --cols recon >near.csv
	printf '0.1,10,200\n7,77,255\n0,1,2\n' | ae-recon -m u8.aem -H | ae-cat -c --cols recon | cmp - near.csv
}

@test "ae-recon: a row without values has no reconstruction, others are not touched by it" {
	ae-normalize --missing=mask -m "$SMALL" --id id --time time --pass plant \
		"$ROOT/tests/expected/small.csv" | ae-recon -m "$SMALL" |
		ae-cat -c --cols id,recon >whole.csv
	awk -F, -v OFS=, 'NR == 4 { for (i = 4; i <= 12; i++) $i = "" } NR == 6 { $7 = "NA" } { print }' \
		"$ROOT/tests/expected/small.csv" >holes.csv
	ae-normalize --missing=mask -m "$SMALL" --id id --time time --pass plant holes.csv |
		ae-recon -m "$SMALL" | ae-cat -c --cols id,recon >out.csv
	sed -n 4p out.csv | grep -q '^0072,nan,nan,nan,nan,nan,nan,nan,nan,nan$'
	cmp <(sed '4d;6d' out.csv) <(sed '4d;6d' whole.csv)
	# The model was not trained with masked values: one missing value spoils the row.
	sed -n 6p out.csv | grep -q '^0074,nan,nan,nan,nan,nan,nan,nan,nan,nan$'
}

@test "ae-recon: rows that get no reconstruction for a missing value are told, the first at once, and their number" {
	printf 'a,b,c\n1,2,3\n4,6,5\n' >abc.csv
	ae-train -q --net 3-2-3 --epochs 1 -m plain.aem abc.csv
	printf 'a,b,c\n1,2,3\n,,\n1,,3\n4,5,6\n,2,\n' >holes.csv
	ae-recon -m plain.aem --missing mask -o r.aes holes.csv 2>notes
	[ "$(sed -n 1p notes)" = "ae-recon: holes.csv: line 4: a value is missing, and plain.aem was not trained with\
 --missing mask: such rows are not computed; ae-normalize --missing last or mean fills them" ]
	[ "$(sed -n 2p notes)" = 'ae-recon: 2 rows with missing values were not computed' ]
	# The same over small batches, with --latent, and in the encoder alone; a row without any value is none of them.
	for run in 'ae-recon --batch-rows 1' 'ae-recon --latent' ae-encode; do
		$run -m plain.aem --missing mask holes.csv 2>&1 >r.aes | sed 's/^ae-encode/ae-recon/' | diff notes -
	done
	[ -z "$(ae-recon -q -m plain.aem --missing mask -o r.aes holes.csv 2>&1)" ]
	head -n 3 holes.csv >none.csv
	[ -z "$(ae-recon -m plain.aem --missing mask -o r.aes none.csv 2>&1)" ]
	# A live feed has the first one while it goes on.
	mkfifo feed
	ae-recon -m plain.aem --missing mask feed 2>live >r.aes &
	exec 7>feed
	head -n 4 holes.csv >&7
	eventually grep -q 'line 4: a value is missing' live
	exec 7>&-
	wait $!
	ae-train -q --missing mask --net 3-2-3 --epochs 1 -m masked.aem abc.csv
	[ -z "$(ae-recon -m masked.aem --missing mask -o r.aes holes.csv 2>&1)" ]
}

@test "ae-recon: a model trained with --missing=mask takes a hole as 0 after scaling" {
	awk 'BEGIN { srand(1); print "a,b,c"; for (i = 0; i < 60; i++) {
		printf "%s,%.3f,%.3f\n", i % 7 ? sprintf("%.3f", rand() * 10) : "", rand() * 10, rand() } }' >holes.csv
	ae-normalize --missing=mask --fit standard holes.csv >holes.aes
	ae-train -q --missing=mask --net 3-2-3 --epochs 2 -m holes.aem holes.aes
	ae-normalize --missing=mask -m holes.aem <(printf 'a,b,c\n,5,0.5\n,,\n1,2,0.5\n') | ae-recon -m holes.aem |
		ae-cat -c --cols recon >out.csv
	[ "$(sed -n 3p out.csv)" = nan,nan,nan ]
	ae-normalize -c --missing=mask -m holes.aem <(printf 'a,b,c\n,5,0.5\n1,2,0.5\n') | sed '2s/^nan,/0,/' |
		ae-recon --scaled -m holes.aem | ae-cat -c --cols recon >wanted.csv
	sed 3d out.csv | cmp - wanted.csv
}

@test "ae-recon: a value that no f32 holds is taken as 1e30, and noted" {
	printf 'a,b,c\n0.1,0.2,0.3\n0.5,0.6,0.7\n' >abc.csv
	ae-train -q --net 3-2-3 --epochs 1 -m abc.aem abc.csv
	printf 'a,b,c\n0.1,0.2,0.3\n1e300,0.6,0.7\n' >huge.csv
	ae-recon -m abc.aem huge.csv 2>notes >huge.aes
	[ "$(sed -n 1p notes)" = 'ae-recon: huge.csv: line 3, column "a": beyond f32, taken as 1e30' ]
	ae-cat -c --cols recon huge.aes >huge.recon.csv
	printf 'a,b,c\n1e30,0.6,0.7\n' | ae-recon -m abc.aem | ae-cat -c --cols recon | sed 1d | cmp - <(sed -n 3p huge.recon.csv)
}

@test "ae-recon: a stream of a header alone stays one, one row is enough" {
	ae-cat --head 0 "$F/test.n.aes" | ae-recon -m "$F/m.aem" >none.aes
	has_end none.aes
	[ "$(ae-cat -c none.aes | wc -l)" -eq 1 ]
	ae-cat --head 1 "$F/test.n.aes" | ae-recon -m "$F/m.aem" -c >one.csv
	[ "$(wc -l <one.csv)" -eq 2 ]
}

@test "ae-recon: an old recon is replaced" {
	ae-recon -m "$F/m.aem" "$F/test.r.aes" | cmp - "$F/test.r.aes"
}

@test "ae-recon: a file that is no model, or holds no network, is refused" {
	expect_error 1 'no.aem: No such file or directory' ae-recon -m no.aem "$F/test.n.aes"
	mkdir folder
	expect_error 1 'folder: *' ae-recon -m folder "$F/test.n.aes"
	expect_error 1 "$F/beats.csv: *" ae-recon -m "$F/beats.csv" "$F/test.n.aes"
	expect_error 1 "$F/test.n.aes: *" ae-recon -m "$F/test.n.aes" "$F/test.n.aes"
	: >empty.aem
	expect_error 1 'empty.aem: *' ae-recon -m empty.aem "$F/test.n.aes"
	ae-normalize --fit minmax --save scaler.aem "$F/test.aes" >/dev/null
	expect_error 1 'scaler.aem: holds no network*' ae-recon -m scaler.aem "$F/test.n.aes"
}

@test "ae-recon: a stopped stream stays one" {
	ae-train -q --net 140-2-140 --epochs 1 -m raw.aem "$F/train.aes"
	stopped_stream "$F/test.aes" stopped.aes
	ae-recon -m raw.aem stopped.aes >out.aes
	is_stopped out.aes
	[ "$(ae-cat -c out.aes | wc -l)" -eq 121 ]
}

@test "ae-recon: SIGTERM writes what was read, an end that says so, and status 143" {
	local status=0 pid
	mkfifo to out
	ae-cat --batch-rows 10 "$F/test.n.aes" >tens.aes
	cat out >got.aes &
	ae-recon -m "$F/m.aem" <to >out & # under timeout(1) a signal may come before it knows its child
	pid=$!
	exec 5>to
	head -c 30000 tens.aes >&5 # some batches and a part of one
	eventually has_bytes got.aes 30000 # what is read is written when no more comes
	kill -TERM $pid
	wait $pid || status=$?
	exec 5>&-
	wait # for cat
	[ $status -eq 143 ]
	has_end got.aes
	is_stopped got.aes
	ae-cat -c got.aes >got.csv
	[ "$(rows_of got.csv)" -ge 30 ]
	ae-cat -c "$F/test.r.aes" | head -n "$(wc -l <got.csv)" | cmp - got.csv
}

@test "ae-recon: /dev/full is an error, and a file is not half replaced" {
	expect_error 1 '*No space left on device' full ae-recon -m "$F/m.aem" "$F/test.n.aes"
	echo old >out.aes
	head -c 50000 "$F/test.n.aes" >cut.aes
	expect_error 1 'cut.aes: *' ae-recon -m "$F/m.aem" -o out.aes cut.aes
	[ "$(cat out.aes)" = old ]
	[ "$(find . -name 'out.aes*' | wc -l)" -eq 1 ]
	ae-recon -m "$F/m.aem" -o out.aes "$F/test.n.aes"
	cmp out.aes "$F/test.r.aes"
}

@test "ae-recon: a reader that has gone ends it quietly" {
	quiet_when_closed ae-recon -m "$F/m.aem" "$F/test.n.aes"
}

# latent_as_encoder MODEL FILE: --latent gives the recon of ae-recon and the latent of ae-encode, to the byte.
latent_as_encoder() {
	ae-recon --latent -m "$1" "$2" >both.aes 2>notes
	same 'ae-cat -c --cols latent both.aes' "ae-encode -m $1 $2 | ae-cat -c --cols latent"
	same 'ae-cat -c --cols recon both.aes' "ae-recon -m $1 $2 | ae-cat -c --cols recon"
}

@test "ae-recon: --latent adds what ae-encode gives, behind recon" {
	local models=$ROOT/tests/expected/models-0.1
	latent_as_encoder "$F/m.aem" "$F/test.n.aes"
	latent_as_encoder "$models/conv.aem" "$models/images.aes"
	latent_as_encoder "$models/mask.aem" "$models/holes.aes"
	small >n.aes
	latent_as_encoder "$SMALL" n.aes
	[ "$(ae-cat -c both.aes | head -n 1)" = "$(ae-recon -m "$SMALL" -c n.aes | head -n 1),$(head -n 1 "$ROOT/tests/expected/small.latent.csv")" ]
	ae-recon --latent -m "$SMALL" both.aes | cmp - both.aes
	same_for_batches "$F/test.n.aes" ae-recon --latent -m "$F/m.aem"
	ae-recon --latent -m "$F/m.aem" -j 3 "$F/test.n.aes" | cmp - <(ae-recon --latent -m "$F/m.aem" "$F/test.n.aes")
}

@test "ae-recon: --latent of rows with holes, and of values beyond f32 on either side of the cut" {
	ae-normalize --missing=mask -m "$SMALL" --id id --time time --pass plant -o holes.aes \
		<(awk -F, -v OFS=, 'NR == 4 { for (i = 4; i <= 12; i++) $i = "" } NR == 6 { $7 = "NA" } { print }' \
			"$ROOT/tests/expected/small.csv")
	latent_as_encoder "$SMALL" holes.aes
	[ "$(ae-cat -c --cols latent both.aes | grep -c nan)" -eq 2 ]
	awk -v OFS=, 'BEGIN { srand(1); print "a,b,c"; for (i = 0; i < 100; i++) print rand(), rand(), rand() }' >good.csv
	printf 'a,b,c\n1,1,1\n1e30,1,1\n1,2,3\n1e16,1,-1e16\n,2,3\n-1e300,1,1\n1,1,1\n' >wild.csv
	local act
	# Steps of a million leave weights that take 1e30 beyond f32; sigmoid hides that from what comes behind it.
	for act in linear sigmoid; do
		ae-train -q --net "dense 2, dense 2 | dense 3 $act, dense 3" --lr 1e6 --epochs 1 --batch 100 -m wild.aem good.csv
		ae-cat --missing=mask -o wild.aes wild.csv
		latent_as_encoder wild.aem wild.aes
		grep -q 'beyond f32' notes
		[ "$(ae-cat -c --cols latent both.aes | grep -ci inf)" -eq 0 ]
	done
}

# bats test_tags=threads
@test "ae-recon: clean under valgrind" {
	valgrind_clean ae-recon -m "$F/m.aem" -j 2 "$F/test.n.aes" "$F/test.n.aes" >out.aes
	same 'ae-cat -c --head 120 out.aes' "ae-cat -c $F/test.r.aes"
	valgrind_clean ae-recon -m "$SMALL" <(small) >/dev/null
	valgrind_clean ae-recon --latent -m "$F/m.aem" -j 2 "$F/test.n.aes" >/dev/null
	run valgrind_clean ae-recon -m "$F/m.aem" "$F/test.aes"
	[ "$status" -eq 1 ]
}
