#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-train: fit a network, write the model.
load helpers
load fixture

# train OPTION...: a quick training of the scaled beats into m.aem.
train() {
	ae-train -q --net 140-8-140 --out sigmoid --epochs 1 -m m.aem "$@"
}

digest_of_model() {
	ae-info "$1" | awk '$1 == "digest" { print $2 }'
}

# nothing_left: no model, and nothing half written, is in the folder.
nothing_left() {
	[ "$(find . -name 'm.aem*' | wc -l)" -eq 0 ]
}

# Two sensors that go together and one that does not.
sensors() {
	awk -v rows="$1" -v seed="$2" 'BEGIN { srand(seed); print "a,b,c"
		for (i = 0; i < rows; i++) { u = rand(); printf "%.4f,%.4f,%.4f\n", u, 1 - u + 0.3 * rand(), rand() } }'
}

@test "ae-train: --help, --version, unknown options" {
	check_manners ae-train
}

@test "ae-train: writes a model, and nothing on standard output" {
	ae-train --where label=1 --net 140-8-140 --epochs 1 -m m.aem "$F/train.n.aes" >out.txt 2>err.txt
	[ ! -s out.txt ]
	[ -s m.aem ]
	[ "$(ls)" = "$(printf 'err.txt\nm.aem\nout.txt')" ]
}

@test "ae-train: says in one line which columns have which role; -q says nothing" {
	ae-train --where label=1 --net 140-8-140 --epochs 1 -m m.aem "$F/train.n.aes" 2>err.txt
	[ "$(head -n 1 err.txt)" = 'ae-train: x: 140 values, "x.1" to "x.140"; target: x; 108 rows; label, not used: 1: 108' ]
	printf 'id,speed,load,label\na,1,2,x\n' | ae-train --net 2-1-2 --epochs 1 -m m.aem 2>err.txt
	[ "$(head -n 1 err.txt)" = 'ae-train: x: 2 values: "speed", "load"; target: x; 1 row; label, not used: x: 1' ]
	printf 'a,b,target.a,target.b\n1,2,3,4\n' | ae-train --net 2-1-2 --epochs 1 -m m.aem 2>err.txt
	[ "$(head -n 1 err.txt)" = 'ae-train: x: 2 values: "a", "b"; target: target; 1 row' ]
	train "$F/train.n.aes" 2>err.txt
	[ ! -s err.txt ]
}

@test "ae-train: rows of several labels are warned of" {
	ae-train --net 140-8-140 --epochs 1 -m m.aem "$F/train.n.aes" 2>err.txt
	grep -q '^ae-train: training on rows of more than one label; --where label=V chooses one$' err.txt
	grep -qE 'label, not used: [01]: [0-9]+, [01]: [0-9]+$' err.txt
	ae-train --where label=1 --net 140-8-140 --epochs 1 -m m.aem "$F/train.n.aes" 2>err.txt
	run grep 'more than one label' err.txt
	[ "$status" -eq 1 ]
}

@test "ae-train: -v prints a line an epoch, no bar where standard error is no terminal" {
	ae-train -v --net 140-8-140 --epochs 3 -m m.aem "$F/train.n.aes" 2>err.txt
	[ "$(grep -cE '^ae-train: epoch [123]/3 loss [0-9.e-]+$' err.txt)" -eq 3 ]
	ae-train -v --net 140-8-140 --epochs 2 --valid 0.2 -m m.aem "$F/train.n.aes" 2>err.txt
	[ "$(grep -cE '^ae-train: epoch [12]/2 loss [0-9.e-]+ valid [0-9.e-]+$' err.txt)" -eq 2 ]
	ae-train --net 140-8-140 --epochs 2 -m m.aem "$F/train.n.aes" 2>err.txt
	run grep -q 'epoch [12]/' err.txt
	[ "$status" -eq 1 ]
}

@test "ae-train: a bar on a terminal has the loss, and the time that is left" {
	ae-cat --cols x "$F/train.n.aes" >t.aes
	script -qec 'ae-train --net 140-4-140 --epochs 30 -m m.aem t.aes' /dev/null </dev/null | tr '\r' '\n' >said
	grep -q '^epoch 30/30 \[=*\] step [0-9]*/[0-9]* loss [0-9.e-]* left 0:00' said
	# which is less than an hour
	run ! grep -E 'left [0-9]{2,}:' said
}

# ---- arguments ----

@test "ae-train: what is wrong in the arguments alone is status 2, and the option is named" {
	expect_error 2 '-m FILE is required' ae-train --net 140-8-140 "$F/train.n.aes"
	expect_error 2 '--net TEXT is required' ae-train -m m.aem "$F/train.n.aes"
	expect_error 2 '--batch 0: expected a whole number from 1 to *' train --batch 0 "$F/train.n.aes"
	expect_error 2 '--epochs 0: expected *' train --epochs 0 "$F/train.n.aes"
	expect_error 2 '--epochs 1.5: expected *' train --epochs 1.5 "$F/train.n.aes"
	expect_error 2 '--lr nan: expected a number from 0 to *' train --lr nan "$F/train.n.aes"
	expect_error 2 '--lr inf: expected *' train --lr inf "$F/train.n.aes"
	expect_error 2 '--lr -1: expected *' train --lr -1 "$F/train.n.aes"
	expect_error 2 '--momentum 2: expected *' train --momentum 2 "$F/train.n.aes"
	expect_error 2 '--seed -1: expected *' train --seed -1 "$F/train.n.aes"
	expect_error 2 '*"mea"*' train --loss mea "$F/train.n.aes"
	expect_error 2 '*"adma"*' train --optimizer adma "$F/train.n.aes"
	expect_error 2 '--patience needs --valid' train --patience 3 "$F/train.n.aes"
	expect_error 2 '--valid 1: expected a file or a share between 0 and 1' train --valid 1 "$F/train.n.aes"
	expect_error 2 '--valid 0: expected *' train --valid 0 "$F/train.n.aes"
	expect_error 2 '--where label: expected COL OP VALUE*' train --where label "$F/train.n.aes"
	nothing_left
}

@test "ae-train: an impossible network text is status 2, and the token is named" {
	refuses() { # NETWORK MESSAGE
		expect_error 2 "network: $2" ae-train -q --net "$1" -m m.aem "$F/train.n.aes"
	}
	local units='a number of units' range='a number of units from 1 to 16777216'
	refuses '' 'the text is empty'
	refuses ' ' 'the text is empty'
	refuses '|' 'expected a layer before "|"'
	refuses 'dense 8,' 'expected a layer after ","'
	refuses 'dense 8 | dense 8 | dense 140' 'more than one "|"'
	refuses 140-x-140 "\"140-x-140\": expected $units after \"140-\""
	refuses 140--140 "\"140--140\": expected $units after \"140-\""
	refuses 140-8-140- "\"140-8-140-\": expected $units after \"140-8-140-\""
	refuses '140-8|-140' "\"140-8|-140\": expected $units after \"140-8|\""
	refuses 140-0-140 "\"140-0-140\": \"0\" is not $range"
	refuses 140-99999999999-140 "\"140-99999999999-140\": \"99999999999\" is not $range"
	refuses dense "expected $units after \"dense\", as in \"dense 32\""
	refuses 'dense -3' "\"dense -3\": expected $range after \"dense\""
	refuses 'dense 0, dense 140' "\"dense 0\": expected $range after \"dense\""
	refuses 'dense x, dense 140' "\"dense x\": expected $range after \"dense\""
	refuses 'dense 8 foo, dense 140' 'unknown activation "foo": expected batchnorm, *gelu or silu'
	refuses 'dense 140 sigmod' 'unknown activation "sigmod"; did you mean sigmoid[?]'
	refuses 'dense 8 leakyrelu:x, dense 140' '"leakyrelu:x": expected a slope such as 0.3 after "leakyrelu:"'
	refuses 'dnese 8, dense 140' 'unknown layer "dnese"; did you mean dense[?]'
	expect_error 2 'network: unknown activation "rel"; did you mean relu[?]' \
		ae-train -q --net 140-8-140 --hidden-act rel -m m.aem "$F/train.n.aes"
	expect_error 2 'network: unknown activation "x.aem": expected linear, relu, *gelu or silu' \
		ae-train -q --net 140-8-140 --out-act x.aem -m m.aem "$F/train.n.aes"
	expect_error 2 '*"relu" goes with the dash form alone*' ae-train -q --net 'dense 8, dense 140' --act relu -m m.aem "$F/train.n.aes"
	expect_error 2 '*"relu" goes with the dash form alone*' ae-train -q --net 'dense 8, dense 140' --out relu -m m.aem "$F/train.n.aes"
	nothing_left
}

@test "ae-train: a network that does not fit the rows is status 1" {
	expect_error 1 '*139*140*' ae-train -q --net 139-8-139 -m m.aem "$F/train.n.aes"
	expect_error 1 '*139*' ae-train -q --net 140-8-139 -m m.aem "$F/train.n.aes"
	expect_error 1 '*8*' ae-train -q --net 'dense 8' -m m.aem "$F/train.n.aes"
	yes 0.5 | head -n 5000 | paste -sd, | ae-cat -H >wide.aes
	expect_error 1 '*140*5000*' ae-train -q --net 140-8-140 -m m.aem wide.aes
	nothing_left
}

@test "ae-train: --net @FILE reads the text from a file" {
	printf 'dense 8 relu |\n\tdense 140 sigmoid\n' >net.txt
	ae-train -q --net @net.txt --epochs 1 -m file.aem "$F/train.n.aes"
	train "$F/train.n.aes"
	cmp file.aem m.aem
	expect_error 1 '*no.txt: No such file or directory' ae-train -q --net @no.txt -m no.aem "$F/train.n.aes"
}

@test "ae-train: the dash form is relu inside and linear at the end unless said otherwise" {
	ae-train -q --net 140-8-140 --epochs 1 -m dash.aem "$F/train.n.aes"
	ae-train -q --net 'dense 8 relu, dense 140 linear' --epochs 1 -m list.aem "$F/train.n.aes"
	cmp dash.aem list.aem
	ae-train -q --net 140-8-4-8-140 --act tanh --out sigmoid --epochs 1 -m dash.aem "$F/train.n.aes"
	ae-train -q --net 'dense 8 tanh, dense 4 tanh | dense 8 tanh, dense 140 sigmoid' --epochs 1 -m list.aem "$F/train.n.aes"
	cmp dash.aem list.aem
}

@test "ae-train: the defaults are batch 32, epochs 10, lr 0.001, adam, mse, seed 0" {
	ae-train -q --net 140-8-140 -m default.aem "$F/train.n.aes"
	ae-train -q --net 140-8-140 --batch 32 --epochs 10 --lr 0.001 --optimizer adam --loss mse --seed 0 --decay 0 \
		-m said.aem "$F/train.n.aes"
	cmp default.aem said.aem
}

@test "ae-train: every setting that matters changes the weights" {
	local other
	train "$F/train.n.aes"
	for other in '--batch 31' '--epochs 2' '--lr 0.002' '--optimizer sgd' '--loss mae' '--loss huber' '--seed 1' '--decay 0.1' \
		'--where label=1'; do
		# shellcheck disable=SC2086
		train $other -m other.aem "$F/train.n.aes"
		[ "$(digest_of_model other.aem)" != "$(digest_of_model m.aem)" ]
	done
	train --optimizer sgd -m a.aem "$F/train.n.aes"
	train --optimizer sgd --momentum 0.9 -m b.aem "$F/train.n.aes"
	[ "$(digest_of_model a.aem)" != "$(digest_of_model b.aem)" ]
}

# ---- rows ----

@test "ae-train: CSV, TSV and AEST give the same model" {
	ae-cat -c --cols x "$F/train.n.aes" >n.csv
	ae-cat -t --cols x "$F/train.n.aes" >n.tsv
	ae-cat --f32 n.csv >n.aes
	train -m csv.aem n.csv
	train -m f32.aem --f32 n.csv
	train -m tsv.aem -I tsv n.tsv
	train -m aest.aem n.aes
	[ "$(digest_of_model csv.aem)" = "$(digest_of_model aest.aem)" ]
	[ "$(digest_of_model tsv.aem)" = "$(digest_of_model aest.aem)" ]
	cmp f32.aem aest.aem
}

@test "ae-train: --where is the same as selecting before" {
	train --where label=1 -m where.aem "$F/train.n.aes"
	ae-cat --where label=1 "$F/train.n.aes" | train
	cmp where.aem m.aem
	train --where 'label!=0' --where 'x.1<0.6' -m where.aem "$F/train.n.aes"
	ae-cat --where 'x.1<0.6' --where label=1 "$F/train.n.aes" | train
	cmp where.aem m.aem
}

@test "ae-train: several files are one set of rows, streams of different scalers are not" {
	ae-cat --head 100 "$F/train.n.aes" >a.aes
	ae-cat --skip 100 "$F/train.n.aes" >b.aes
	train -m two.aem a.aes b.aes
	cat a.aes b.aes | train -m cat.aem
	train "$F/train.n.aes"
	cmp two.aem m.aem
	cmp cat.aem m.aem
	ae-normalize --fit minmax -o other.aes "$F/test.aes"
	expect_error 1 'other.aes: another scaler than in the stream before it' train -m no.aem a.aes other.aes
}

@test "ae-train: no row, no row left, and no such column are errors" {
	ae-cat --head 0 "$F/train.n.aes" >none.aes
	ae-cat --cols x "$F/train.n.aes" >unlabelled.aes
	expect_error 1 'none.aes: no rows to train on' train none.aes
	expect_error 1 "$F/train.n.aes: no row is left for training: --where takes none; there are labels 1: 108, 0: 72" train --where label=9 "$F/train.n.aes"
	ae-cat --cols x "$F/train.n.aes" | expect_error 1 "<stdin>: no row is left for training: --where takes none" train --where x.1=99
	expect_error 1 '*label*' train --where label=1 unlabelled.aes
	printf 'label,err\n1,0.5\n' >e.csv
	expect_error 1 'e.csv: *x*' train e.csv
	expect_error 1 'no.aes: No such file or directory' train no.aes
	: >empty
	expect_error 1 'empty: *' train empty
	nothing_left
}

@test "ae-train: a cut stream and a stopped one are refused" {
	same_for_cuts "$F/train.n.aes" train
	stopped_stream "$F/test.aes" stopped.aes
	expect_error 1 'stopped.aes: the stream was stopped before its end*' train --force stopped.aes
	nothing_left
}

@test "ae-train: the model keeps scaler, feature names, shape and settings" {
	sensors 50 1 | ae-normalize --fit standard -o s.aes
	ae-train -q --net 3-2-3 --loss huber --lr 0.01 --decay 0.5 --optimizer sgd --momentum 0.5 --epochs 3 --batch 7 --seed 9 \
		-m m.aem s.aes
	ae-info m.aem >info.txt
	grep -q '^input *\[3\]' info.txt
	grep -A 2 '^features *a' info.txt | grep -q ' c$'
	grep -q '^scaler *standard per column' info.txt
	grep -q '^training *loss huber.* sgd.* lr 0.01, decay 0.5, .*3 epochs, batch 7, seed 9' info.txt
	# The scaler alone scales as the whole stream was.
	sensors 50 1 | ae-normalize -m m.aem | cmp - s.aes
}

@test "ae-train: a fresh file has no threshold" {
	cp "$F/m.aem" m.aem
	ae-thresh -m m.aem "$F/test.e.aes" >/dev/null
	train "$F/train.n.aes"
	expect_error 1 'm.aem: holds no threshold*' ae-thresh -m m.aem "$F/test.e.aes"
}

@test "ae-train: x that the output cannot reach is refused unless forced" {
	awk 'BEGIN { print "a,b,c"; for (i = 0; i < 40; i++) print i * 37 % 256 "," i * 91 % 256 "," i * 17 % 256 }' >pixels.csv
	expect_error 1 'x goes from * to 2*, but the network'\''s output only from 0 to 1: scale it with ae-normalize, give the last layer another activation, or --force' \
		ae-train -q --net 3-2-3 --out sigmoid -m m.aem pixels.csv
	nothing_left
	ae-train -q --force --net 3-2-3 --out sigmoid --epochs 1 -m m.aem pixels.csv
	ae-train -q --net 3-2-3 --epochs 1 -m m.aem pixels.csv
	ae-normalize --fit minmax pixels.csv | ae-train -q --net 3-2-3 --out sigmoid --epochs 1 -m m.aem
	ae-normalize --fit standard pixels.csv >standard.aes
	expect_error 1 'x goes from -*' ae-train -q --net 3-2-3 --out sigmoid -m no.aem standard.aes
	expect_error 1 'x goes from -* only from -1 to 1*' ae-train -q --net 3-2-3 --out tanh -m no.aem standard.aes
	expect_error 1 'x goes from -* only from 0 to infinity*' ae-train -q --net 3-2-3 --out relu -m no.aem standard.aes
	[ ! -e no.aem ]
}

@test "ae-train: a loss that is no number stops it with an error" {
	awk 'BEGIN { print "a,b"; for (i = 0; i < 40; i++) printf "%e,%e\n", i * 1e18, -i * 1e18 }' >huge.csv
	expect_error 1 'the loss is no longer a number after epoch *learning rate*' \
		ae-train -q --net 2-2-2 --lr 1000 --optimizer sgd --epochs 50 -m m.aem huge.csv
	nothing_left
}

@test "ae-train: rows with missing values are left out and counted" {
	sensors 30 3 >full.csv
	sed '5s/^[^,]*/NA/; 9s/,[^,]*$/,/' full.csv >holes.csv
	ae-normalize --missing=mask --fit standard holes.csv >holes.aes
	ae-train --net 3-2-3 --epochs 2 -m m.aem holes.aes 2>err.txt
	grep -q '^ae-train: 2 rows with missing values left out; --missing mask trains on what they hold$' err.txt
	grep -q '; 28 rows$' err.txt
	expect_error 1 'holes.csv: line 5: *missing*' ae-train -q --net 3-2-3 -m no.aem holes.csv
	ae-train -q --missing=skip --net 3-2-3 --epochs 2 -m skip.aem holes.csv
	sed '5d;9d' full.csv | ae-train -q --net 3-2-3 --epochs 2 -m few.aem
	cmp skip.aem few.aem
}

# bats test_tags=threads
@test "ae-train: --missing=mask trains on the cells that are there" {
	sensors 200 4 | awk -F, -v OFS=, 'NR > 1 && NR % 3 == 0 { $(NR % 2 + 1) = "" } NR == 7 { $0 = ",," } { print }' >holes.csv
	ae-normalize --missing=mask --fit standard holes.csv >holes.aes
	ae-train --missing=mask --net 3-2-3 --epochs 30 --lr 0.01 --log loss.csv -m m.aem holes.aes 2>err.txt
	grep -q '; 199 rows$' err.txt
	awk -F, 'NR == 2 { first = $2 } END { exit !($2 < 0.8 * first) }' loss.csv
	# A hole is scored by the other cells.
	ae-recon -m m.aem holes.aes | ae-err -c >e.csv
	[ "$(grep -c nan e.csv)" -eq 1 ]
	# -j changes nothing here either.
	ae-train -q -j 1 --missing=mask --net 3-2-3 --epochs 30 --lr 0.01 -m one.aem holes.aes
	ae-train -q -j 2 --missing=mask --net 3-2-3 --epochs 30 --lr 0.01 -m two.aem holes.aes
	cmp one.aem two.aem
}

@test "ae-train: learns: the loss falls, and the model gives that loss" {
	ae-train -q --net 140-16-140 --loss mse --epochs 20 --lr 0.005 --log loss.csv --valid "$F/test.n.aes" -m m.aem "$F/train.n.aes"
	[ "$(head -n 1 loss.csv)" = epoch,loss,valid_loss ]
	[ "$(wc -l <loss.csv)" -eq 21 ]
	[ "$(cut -d, -f1 loss.csv | tail -n +2 | paste -sd,)" = "$(seq -s, 20)" ]
	awk -F, 'NR == 2 { first = $2 } END { exit !($2 < 0.5 * first) }' loss.csv
	ae-recon -m m.aem "$F/test.n.aes" | ae-err -c |
		awk -F, 'NR > 1 { sum += $2 } END { printf "%.9f\n", sum / (NR - 1) }' >scored
	near 1e-6 scored <(tail -n 1 loss.csv | cut -d, -f3)
}

@test "ae-train: trains towards target where there is one" {
	ae-noise --gaussian 0.3 --seed 4 "$F/train.n.aes" >noisy.aes
	ae-train -q --net 140-16-140 --epochs 40 --lr 0.005 -m target.aem noisy.aes
	ae-cat --cols x noisy.aes >x.aes
	ae-train -q --net 140-16-140 --epochs 40 --lr 0.005 -m x.aem x.aes
	local model
	for model in target x; do
		ae-noise --gaussian 0.3 --seed 5 "$F/test.n.aes" | ae-recon -m $model.aem | ae-err -c |
			awk -F, 'NR > 1 { sum += $2 } END { print sum / (NR - 1) }' >$model
	done
	awk -v a="$(cat target)" -v b="$(cat x)" 'BEGIN { exit !(a < b) }'
}

# ---- validation ----

@test "ae-train: --valid FRACTION holds out the last rows after --where" {
	ae-train --where label=1 --net 140-8-140 --out sigmoid --epochs 2 --valid 0.25 --log loss.csv -m share.aem "$F/train.n.aes" 2>err.txt
	grep -q '; 81 rows, the last ones held out' err.txt
	ae-cat --where label=1 "$F/train.n.aes" >normal.aes
	ae-cat --head 81 normal.aes >head.aes
	ae-cat --skip 81 normal.aes >tail.aes
	train --epochs 2 --valid tail.aes --log file.csv -m file.aem head.aes
	cmp loss.csv file.csv
	# one row too
	ae-cat --head 4 head.aes | ae-train --net 140-8-140 --epochs 1 --valid 0.25 -m one.aem 2>err.txt
	grep -q '; 3 rows, the last ones held out' err.txt
	cmp share.aem file.aem
	# Watching changes no weight, and nothing but the stored losses.
	train --epochs 2 -m alone.aem head.aes
	cmp <("$(tool without_losses)" alone.aem) <("$(tool without_losses)" file.aem)
	expect_error 1 '--valid 0.999 leaves no row for training' train --valid 0.999 "$F/train.n.aes"
}

@test "ae-train: --valid FILE is not filtered, and is scaled as the training rows are" {
	train --where label=1 --valid "$F/test.n.aes" --log scaled.csv "$F/train.n.aes"
	train --where label=1 --valid "$F/test.aes" --log unscaled.csv "$F/train.n.aes"
	cmp scaled.csv unscaled.csv
	ae-cat -c "$F/test.aes" >test.csv
	train --where label=1 --valid test.csv --log text.csv "$F/train.n.aes"
	cmp scaled.csv text.csv
	ae-cat --where label=1 "$F/test.n.aes" >some.aes
	train --where label=1 --valid some.aes --log some.csv "$F/train.n.aes"
	run cmp -s some.csv scaled.csv
	[ "$status" -eq 1 ]
}

@test "ae-train: --valid FILE of another scaler, another shape or without rows is refused" {
	ae-normalize --fit standard -o other.aes "$F/test.aes"
	expect_error 1 'other.aes: *another scaler*' train --valid other.aes "$F/train.n.aes"
	printf '1,2,3\n' | ae-cat -H >narrow.aes
	expect_error 1 'narrow.aes: *shape*' train --valid narrow.aes "$F/train.n.aes"
	ae-cat --head 0 "$F/test.n.aes" >none.aes
	expect_error 1 'none.aes: no rows*' train --valid none.aes "$F/train.n.aes"
	expect_error 1 'no.aes: No such file or directory' train --valid no.aes "$F/train.n.aes"
	expect_error 1 'other.aes: *' train --valid other.aes --log l.csv "$F/train.n.aes"
	nothing_left
	[ ! -e l.csv ]
}

@test "ae-train: --patience stops, and the model is that of the best epoch" {
	local best
	sensors 12 5 >few.csv
	sensors 60 6 >others.csv
	over() {
		ae-train -q --net 3-32-32-3 --act tanh --lr 0.02 --batch 4 --valid others.csv few.csv "$@"
	}
	over --epochs 400 --patience 4 --log loss.csv -m patient.aem
	[ "$(wc -l <loss.csv)" -lt 401 ] # it did stop
	best=$(tail -n +2 loss.csv | sort -t, -g -k3 | head -n 1 | cut -d, -f1)
	[ "$(wc -l <loss.csv)" -eq $((best + 4 + 1)) ]
	over --epochs "$best" -m best.aem
	[ "$(digest_of_model patient.aem)" = "$(digest_of_model best.aem)" ]
	# Where it does not come to a stop, the best weights are kept too.
	over --epochs $((best + 2)) --patience 4 -m short.aem
	[ "$(digest_of_model short.aem)" = "$(digest_of_model best.aem)" ]
	# Patience 0 never stops.
	over --epochs $((best + 6)) --patience 0 --log all.csv -m all.aem
	[ "$(wc -l <all.csv)" -eq $((best + 6 + 1)) ]
	[ "$(digest_of_model all.aem)" != "$(digest_of_model best.aem)" ]
}

@test "ae-train: --log without validation has an empty third cell" {
	train --epochs 2 --log loss.csv "$F/train.n.aes"
	grep -cE '^[12],0\.[0-9]+,$' loss.csv | grep -qx 2
	expect_error 1 'no/loss.csv*' train --log no/loss.csv -m other.aem "$F/train.n.aes"
	[ ! -e other.aem ]
}

# ---- going on ----

@test "ae-train: 10 epochs and --resume to 20 give the bytes of 20" {
	local options
	for options in '' '--optimizer sgd --momentum 0.9' '--loss mae --decay 0.01' '--valid 0.2'; do
		# shellcheck disable=SC2086
		train $options --epochs 20 -m twenty.aem "$F/train.n.aes"
		# shellcheck disable=SC2086
		train $options --epochs 10 -m ten.aem "$F/train.n.aes"
		# shellcheck disable=SC2046,SC2086
		ae-train -q $(echo "$options" | grep -o -e '--valid 0.2') --resume ten.aem --epochs 20 -m more.aem "$F/train.n.aes"
		cmp more.aem twenty.aem
	done
	ae-train -q --resume ten.aem --epochs 20 --valid 0.2 -m ten.aem "$F/train.n.aes" # onto itself
	cmp ten.aem twenty.aem
}

@test "ae-train: --resume refuses settings of its own, other rows, a stripped model, and no more epochs" {
	train --epochs 3 "$F/train.n.aes"
	expect_error 2 '--lr: with --resume it comes from m.aem' ae-train --resume m.aem --lr 1 --epochs 5 -m o.aem "$F/train.n.aes"
	expect_error 2 '--net: with --resume it comes from m.aem' ae-train --resume m.aem --net 3-2-3 --epochs 5 -m o.aem "$F/train.n.aes"
	expect_error 1 'm.aem: 3 epochs are done; *' ae-train -q --resume m.aem --epochs 3 -m o.aem "$F/train.n.aes"
	expect_error 1 'm.aem: *' ae-train -q --resume m.aem --epochs 5 -m o.aem "$F/train.aes"
	train --strip -m stripped.aem "$F/train.n.aes"
	expect_error 1 'stripped.aem: holds no state*' ae-train -q --resume stripped.aem --epochs 5 -m o.aem "$F/train.n.aes"
	expect_error 1 'no.aem: No such file or directory' ae-train -q --resume no.aem --epochs 5 -m o.aem "$F/train.n.aes"
	[ ! -e o.aem ]
}

@test "ae-train: --strip leaves the optimiser's state out and changes nothing else" {
	train "$F/train.n.aes"
	train --strip -m stripped.aem "$F/train.n.aes"
	[ "$(digest_of_model stripped.aem)" = "$(digest_of_model m.aem)" ]
	[ "$(wc -c <stripped.aem)" -lt $(($(wc -c <m.aem) / 2)) ]
	same "ae-recon -m stripped.aem $F/test.n.aes" "ae-recon -m m.aem $F/test.n.aes"
}

@test "ae-train: --init begins with the weights of another model of the same network" {
	train --epochs 2 -m two.aem "$F/train.n.aes"
	train --lr 0 --init two.aem "$F/train.n.aes"
	[ "$(digest_of_model m.aem)" = "$(digest_of_model two.aem)" ]
	expect_error 1 'two.aem: *' ae-train -q --net 140-9-140 --init two.aem -m o.aem "$F/train.n.aes"
}

@test "ae-train: SIGTERM and SIGINT leave a checkpoint, never the model, and --resume goes on from it" {
	local signal pid status n
	for signal in TERM INT; do
		status=0
		old_model live.aem
		: >err.txt
		# bash has background commands ignore SIGINT; env gives it back.
		env --default-signal=INT ae-train -v --net 140-64-140 --epochs 100000 -m live.aem "$F/train.n.aes" 2>err.txt &
		pid=$!
		eventually grep -q 'epoch 5/' err.txt
		kill -$signal $pid
		wait $pid || status=$?
		[ "$signal:$status" = TERM:143 ] || [ "$signal:$status" = INT:130 ]
		is_old_model live.aem
		[ -s live.aem.ckpt ]
		[ "$(find . -name 'live.aem*' | wc -l)" -eq 2 ]
		n=$(($(grep -c epoch err.txt) + 3))
		ae-train -q --resume live.aem.ckpt --epochs $n -m resumed.aem "$F/train.n.aes"
		ae-train -q --net 140-64-140 --epochs $n -m straight.aem "$F/train.n.aes"
		[ "$(digest_of_model resumed.aem)" = "$(digest_of_model straight.aem)" ]
		rm live.aem.ckpt
	done
}

@test "ae-train: SIGTERM while rows are read leaves nothing" {
	local pid status=0
	mkfifo to
	for _ in 1 2 3 4; do
		ae-cat -c "$F/train.n.aes"
	done | ae-cat -c >long.csv
	ae-train -q --net 140-8-140 -m m.aem <to 2>err.txt &
	pid=$!
	exec 5>to
	cat long.csv >&5 # more than a pipe holds: rows have been read when this returns
	kill -TERM $pid
	wait $pid || status=$?
	exec 5>&-
	[ $status -eq 143 ]
	nothing_left
}

# ---- files ----

@test "ae-train: a model path that is a folder or cannot be written is an error, and leaves nothing" {
	mkdir folder
	expect_error 1 'folder*' train -m folder "$F/train.n.aes"
	expect_error 1 'no/m.aem*' train -m no/m.aem "$F/train.n.aes"
	expect_error 1 '/proc/m.aem*' train -m /proc/m.aem "$F/train.n.aes"
	expect_error 1 '/dev/full: *' train -m /dev/full "$F/train.n.aes"
	[ -z "$(ls folder)" ]
	nothing_left
}

@test "ae-train: a failure leaves the model that was there" {
	train "$F/train.n.aes"
	cp m.aem before.aem
	head -c 50000 "$F/train.n.aes" >cut.aes
	expect_error 1 'cut.aes: *' train cut.aes
	expect_error 1 '*no row is left*' train --where label=7 "$F/train.n.aes"
	cmp m.aem before.aem
	[ "$(find . -name 'm.aem*' | wc -l)" -eq 1 ]
}

@test "ae-train: one row is enough, and a batch larger than the rows" {
	ae-cat --head 1 "$F/train.n.aes" | train --batch 1000
	ae-recon -m m.aem "$F/test.n.aes" >/dev/null
	printf 'a\n0.5\n' | ae-train -q --net 1-1 --epochs 1 -m m.aem
}

# bats test_tags=threads
@test "ae-train: clean under valgrind" {
	sensors 40 7 >s.csv
	valgrind_clean ae-train -q -j 1 --net 3-5-2-5-3 --epochs 2 --batch 7 --valid 0.3 --patience 1 --log l.csv -m m.aem s.csv
	valgrind_clean ae-train -q -j 2 --net 3-5-2-5-3 --loss mae --act elu --epochs 2 -m n.aem s.csv
	run valgrind_clean ae-train -q --net 4-2-4 -m no.aem s.csv
	[ "$status" -eq 1 ]
}

# bats test_tags=threads
@test "ae-train: gelu, silu and layernorm train, score and show like all others" {
	ae-train -q --net 140-8-4-8-140 --act gelu --out silu --epochs 1 -m dash.aem "$F/train.n.aes"
	ae-train -q --net 'dense 8 gelu, dense 4 gelu | dense 8 gelu, dense 140 silu' --epochs 1 -m list.aem "$F/train.n.aes"
	cmp dash.aem list.aem
	ae-train -q --missing=mask -j 1 --net 'layernorm, dense 8 layernorm gelu | dense 140 silu' --epochs 2 -m one.aem "$F/train.n.aes"
	ae-train -q --missing=mask -j 3 --net 'layernorm, dense 8 layernorm gelu | dense 140 silu' --epochs 2 -m m.aem "$F/train.n.aes"
	cmp one.aem m.aem
	ae-info m.aem >info.txt
	grep -qx 'network     layernorm, dense 8 layernorm gelu | dense 140 silu' info.txt
	grep -qE '^encoder +layernorm +\[140\] +280$' info.txt
	grep -qE '^ +dense 8 layernorm gelu +\[8\] +1144$' info.txt
	ae-recon -m m.aem -c "$F/train.n.aes" >whole.csv
	ae-recon -m m.aem --batch-rows 7 -j 2 "$F/train.n.aes" | ae-cat -c | cmp - whole.csv
}

# bats test_tags=threads
@test "ae-train: convolutions between gelu, silu and layernorm, the same bytes for any -j" {
	local j
	ae-cat --cols x -c "$F/train.n.aes" | ae-cat --shape 10,14,1 >img.aes
	for j in 1 2 3; do
		ae-train -q -j $j --net 'conv 4 3x3/2 gelu, conv 3 3x3 relu layernorm | convt 4 3x3/2 layernorm silu, conv 1 3x3' \
			--epochs 1 -m $j.aem img.aes
		cmp 1.aem $j.aem
	done
	same 'ae-recon -m 1.aem -c img.aes' 'ae-recon -j 2 -m 1.aem -O aest --batch-rows 3 img.aes | ae-cat -c'
}

@test "ae-train: an unknown activation is told with the list, and the page describes every layer and activation" {
	local word
	expect_error 2 'network: unknown activation "zzzzzzzz": expected linear, relu, *gelu or silu' \
		ae-train -q --net 140-8-140 --act zzzzzzzz -m m.aem "$F/train.n.aes"
	expect_error 2 '*unknown layer "zzzzzzzz": expected dense, *layernorm,*' \
		ae-train -q --net 'zzzzzzzz, dense 140' -m m.aem "$F/train.n.aes"
	for word in 'dense 1 zzzzzzzz' zzzzzzzz; do
		ae-train -q --net "$word" -m m.aem "$F/train.n.aes" 2>&1 || true
	done | sed 's/.*expected //; s/, /\n/g; s/ or /\n/' >words
	[ "$(sort -u words | wc -l)" -ge 17 ]
	while read -r word; do
		echo "$word"
		grep -q "^\.It Cm $word\b" "$ROOT/man/ae-train.1"
	done <words
}

@test "ae-train: --hidden-act and --out-act are the names of --act and --out" {
	train --act tanh "$F/train.n.aes"
	mv m.aem old.aem
	ae-train -q --net 140-8-140 --hidden-act tanh --out-act sigmoid --epochs 1 -m m.aem "$F/train.n.aes"
	cmp m.aem old.aem
	ae-train --help | grep -q -- '--hidden-act'
	run bash -c "ae-train --help | grep -E -- '--(act|out) '"
	[ -z "$output" ]
}

@test "ae-train: settings that contradict each other, or a loss and its values, are refused" {
	expect_error 2 'decay is a schedule too*' ae-train --net 140-8-140 --schedule cosine --decay 0.1 -m m.aem "$F/train.n.aes"
	expect_error 2 'decay is a schedule too*' ae-train --net 140-8-140 --warmup 2 --decay 0.1 -m m.aem "$F/train.n.aes"
	expect_error 2 'unknown schedule "cosin"; did you mean cosine*' ae-train --net 140-8-140 --schedule cosin -m m.aem "$F/train.n.aes"
	expect_error 2 'schedule step:0,1: expected step:N,F' ae-train --net 140-8-140 --schedule step:0,1 -m m.aem "$F/train.n.aes"
	expect_error 2 'unknown schedule "cosine\[abc"*' ae-train --net 140-8-140 --schedule 'cosine[abc' -m m.aem "$F/train.n.aes"
	expect_error 2 'unknown schedule "step\[x:1,0.5"*' ae-train --net 140-8-140 --schedule 'step[x:1,0.5' -m m.aem "$F/train.n.aes"
	expect_error 2 'a warmup of 10 epochs leaves nothing*' ae-train --net 140-8-140 --schedule cosine --warmup 10 -m m.aem "$F/train.n.aes"
	expect_error 2 'weight decay: optimizer adam has none' ae-train --net 140-8-140 --weight-decay 0.1 -m m.aem "$F/train.n.aes"
	expect_error 2 'weight decay: optimizer sgd has none' \
		ae-train --net 140-8-140 --optimizer sgd --weight-decay 0.004 -m m.aem "$F/train.n.aes"
	expect_error 1 "loss bce takes outputs from 0 to 1, but the network's go from -infinity to infinity: give the last layer an \
activation that stays within, such as sigmoid, choose another loss, or --force" \
		ae-train -q --net 140-8-140 --loss bce -m m.aem "$F/train.n.aes"
	ae-normalize --fit standard "$F/train.aes" >standard.aes
	expect_error 1 "x goes from -*, but loss bce takes values from 0 to 1: scale it with ae-normalize --fit minmax, choose another \
loss, or --force" \
		ae-train -q --net 140-8-140 --out-act sigmoid --loss bce -m m.aem standard.aes
	ae-train -q --force --net 140-8-140 --loss bce --epochs 1 -m m.aem standard.aes
	local help
	help=$(ae-train --help | grep -E -- '--(loss|optimizer) ')
	[[ $help == *'mse, mae, huber, bce or cosine'*'adam, sgd or adamw'* ]]
}

@test "ae-train: the loss decides the metric of ae-err" {
	train --loss bce "$F/train.n.aes"
	ae-recon -m m.aem "$F/train.n.aes" | ae-err | ae-info | grep -q '^err .*mse against x'
	train --loss cosine "$F/train.n.aes"
	ae-recon -m m.aem "$F/train.n.aes" | ae-err | ae-info | grep -q '^err .*cosine against x'
}

@test "ae-train: momentum with an optimiser that has none is noted, and shown where it is set" {
	train_one() { ae-train --net 140-8-140 --epochs 1 "$@" "$F/train.n.aes" 2>notes; }
	train_one -m plain.aem
	run grep momentum notes
	[ "$status" -eq 1 ]
	train_one -m m.aem --momentum 0.9
	grep -qx 'ae-train: momentum: optimizer adam has none' notes
	train_one -m m.aem --momentum 0.9 -q
	[ ! -s notes ]
	train_one -m sgd.aem --optimizer sgd --momentum 0.9
	run grep momentum notes
	[ "$status" -eq 1 ]
	ae-info sgd.aem | grep -q '^training .* decay 0, momentum 0.9, 1 epochs,'
	run grep momentum <(ae-info plain.aem)
	[ "$status" -eq 1 ]
}

@test "ae-train: a condition that is none is an error of the arguments, before anything about the data" {
	printf 'a,b\n1,2\n' >two.csv
	expect_error 2 '--where =1: expected COL OP VALUE*' ae-train -m no.aem --net 2-1-3 --where =1 two.csv
	[ ! -e no.aem ]
}
