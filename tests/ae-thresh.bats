#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-thresh: fit a threshold on err, or apply one.
load helpers
load fixture

scores() {
	printf 'id,note,label,err\n"a,1",x y,0,1\n02,"p""q",1,10\n3 ,,1,3\nd,n,0,4\ne,m,1,2\n'
}

# another_model NAME [OPTION...]: a model of the same rows, and the scores it gives in NAME.e.aes.
another_model() {
	ae-train -q --net 140-3-140 --out sigmoid --epochs 1 "${@:2}" -m "$1.aem" "$F/train.n.aes"
	ae-recon -m "$1.aem" "$F/test.n.aes" | ae-err -o "$1.e.aes"
}

@test "ae-thresh: --fit and --compare refuse the options of a stream that is followed" {
	printf 'err\n1\n2\n3\n' >e.csv
	for fit in '--fit sigma:1 --save z.aem' --compare; do
		for option in '--state st' '--max-gap 5' '--window 5' --hold-anomalies; do
			# shellcheck disable=SC2086 # several words
			run -2 ae-thresh $option $fit e.csv
			[[ $output == *' go with --stream'* || $output == *'the latter four'* ]]
		done
	done
	[ ! -e z.aem ] && [ ! -e st ]
}

@test "ae-thresh: --help, --version, unknown options" {
	check_manners ae-thresh
}

@test "ae-thresh: what is wrong in the arguments alone is status 2" {
	local method
	expect_error 2 'one of --fit METHOD, -m FILE and --at VALUE is required' ae-thresh "$F/test.e.aes"
	expect_error 2 'one of --fit METHOD, -m FILE and --at VALUE is required' ae-thresh -m m --at 1 "$F/test.e.aes"
	expect_error 2 '--fit goes into a model*' ae-thresh --fit sigma:1 "$F/test.e.aes"
	expect_error 2 '--fit goes into a model*' ae-thresh --fit sigma:1 -m m --save s "$F/test.e.aes"
	expect_error 2 '--fit excludes --at*' ae-thresh --fit sigma:1 --save s --at 1 "$F/test.e.aes"
	expect_error 2 '--fit excludes *--exit-code' ae-thresh --fit sigma:1 --save s --exit-code "$F/test.e.aes"
	expect_error 2 '--save*--fit' ae-thresh --at 1 --save s "$F/test.e.aes"
	expect_error 2 '*--where*--fit' ae-thresh --at 1 --where label=1 "$F/test.e.aes"
	for method in nan x '' 1e999 0x1; do
		expect_error 2 "--at $method: expected a number" ae-thresh --at "$method" "$F/test.e.aes"
	done
	expect_error 2 '*"sigm:1"*sigma*' ae-thresh --fit sigm:1 --save s "$F/test.e.aes"
	expect_error 2 '*"bogus"*sigma:K, quantile:Q, mad:K, iqr:K, f1, fpr:A, pot:Q or fixed:V' ae-thresh --fit bogus --save s "$F/test.e.aes"
	expect_error 2 '*"sigma" needs a number*' ae-thresh --fit sigma --save s "$F/test.e.aes"
	expect_error 2 '*"nan" is not a number' ae-thresh --fit mad:nan --save s "$F/test.e.aes"
	expect_error 2 '*quantile*from 0 to 1*' ae-thresh --fit quantile:1.5 --save s "$F/test.e.aes"
	expect_error 2 '--where label: expected COL OP VALUE*' ae-thresh --fit sigma:1 --where label --save s "$F/test.e.aes"
	[ ! -e s ]
}

@test "ae-thresh: the methods of --help are those of the page" {
	ae-thresh --help | sed -n 's/.*--fit METHOD *fit \(.*\), and print it.*/\1/p' | sed 's/, \| or /\n/g' >in-help
	grep -qx sigma:K in-help
	sed -n 's/^\.It Cm \([a-z]*\) : Ns Ar \(.*\)$/\1:\2/p; s/^\.It Cm \(f1\)$/\1/p' "$ROOT/man/ae-thresh.1" | diff - in-help
}

@test "ae-thresh: the five methods give NumPy's numbers" {
	fit() {
		scores | ae-thresh -q --pass note --fit "$1" --save t.thr
	}
	[ "$(fit sigma:2)" = '10.32455532033676 sigma:2 err 5 rows, label 0: 2, 1: 3' ] # mean 4, population's sd sqrt(10)
	[ "$(fit sigma:-1)" = '0.8377223398316205 sigma:-1 err 5 rows, label 0: 2, 1: 3' ]
	[ "$(fit quantile:0.9)" = '7.6000000000000005 quantile:0.9 err 5 rows, label 0: 2, 1: 3' ]
	[ "$(fit quantile:1)" = '10 quantile:1 err 5 rows, label 0: 2, 1: 3' ]
	[ "$(fit mad:3)" = '7.4478 mad:3 err 5 rows, label 0: 2, 1: 3' ]
	[ "$(fit iqr:1.5)" = '7 iqr:1.5 err 5 rows, label 0: 2, 1: 3' ]
	[ "$(fit fixed:2.5)" = '2.5 fixed:2.5 err 5 rows, label 0: 2, 1: 3' ]
	scores | ae-thresh --pass note -m t.thr -t | cut -f5 | paste -sd, | grep -qx 'pred,0,1,1,1,0'
}

@test "ae-thresh: f1, fpr, pot and K*METHOD give the numbers of scikit-learn, NumPy and SciPy" {
	local rule value
	while IFS=$'\t' read -r rule value; do
		ae-thresh -q --normal ok --fit "$rule" --save t.thr "$ROOT/tests/expected/thresholds.csv" >fit.txt
		grep -qF " $rule err 15" fit.txt
		awk -v value="$value" -v rule="$rule" '{ gap = $1 / value - 1; most = rule ~ /pot/ ? 1e-8 : 1e-15
			exit !(gap <= most && gap >= -most) }' fit.txt
		ae-info t.thr | grep -q "^threshold *$(cut -d' ' -f1 fit.txt) ${rule//\*/\\*} err .* 1500 \(normal \)\?rows"
		ae-thresh -m t.thr "$ROOT/tests/expected/thresholds.csv" >v.csv
		ae-thresh --at "$(cut -d' ' -f1 fit.txt)" "$ROOT/tests/expected/thresholds.csv" | cmp - v.csv
	done <"$ROOT/tests/expected/thresholds.tsv"
	[ "$(wc -l <"$ROOT/tests/expected/thresholds.tsv")" -eq 12 ]
}

@test "ae-thresh: --fit f1 takes both classes, whichever label is given, and other methods normal rows alone" {
	local e=$ROOT/tests/expected/thresholds.csv
	ae-thresh --fit f1 --normal ok --save a.thr "$e" | grep -qx '4.2818 f1 err 1500 normal rows and 90 anomalies, label ok: 1500, bad: 90'
	ae-info a.thr | grep -q '^threshold  *4.2818 f1 err .* 1500 normal rows$'
	ae-thresh --fit f1 --anomaly bad --save b.thr "$e" >/dev/null
	cmp a.thr b.thr
	tac "$e" | { echo label,err && head -n -1; } >back.csv
	ae-thresh --fit f1 --anomaly bad --save b.thr back.csv >/dev/null
	cmp a.thr b.thr
	ae-thresh -m a.thr -O aest "$e" | ae-metrics --normal ok --json | tr -d ' ' | grep -q '"f1":0.780748.*"best_f1":0.780748.*"best_threshold":4.2818,'
	ae-thresh --fit mad:3 --normal ok --save a.thr "$e" >fit.txt 2>msg
	[ ! -s msg ]
	ae-thresh --fit mad:3 --where label=ok --save b.thr "$e" | cmp - fit.txt
	cmp a.thr b.thr
	printf 'label,err\n1,1\n,2\n1.0,3\n0,9\n' >some.csv
	ae-thresh --fit f1 --normal 1 --save t.thr some.csv 2>msg | grep -q '^9 f1 err [12] normal rows and [12] anomalies'
	[ "$(cat msg)" = 'ae-thresh: 1 row without a label left out' ]
}

@test "ae-thresh: --fit f1 without both classes names the alternatives" {
	local e=$ROOT/tests/expected/thresholds.csv
	expect_error 2 '--fit f1 needs --normal LABEL or --anomaly LABEL' ae-thresh --fit f1 --save t.thr "$e"
	expect_error 2 '--normal excludes --anomaly' ae-thresh --fit f1 --normal a --anomaly b --save t.thr "$e"
	expect_error 2 '*--normal, --anomaly and --bootstrap go with --fit' ae-thresh --at 1 --normal a "$e"
	expect_error 1 "$e: f1 needs rows of both classes, and there are 1500 normal rows and 0 anomalies; *quantile:Q, mad:K, fpr:A and pot:Q*" \
		ae-thresh --fit f1 --normal ok --where label=ok --save t.thr "$e"
	expect_error 1 '*there are 0 normal rows and 90 anomalies; *' ae-thresh --fit f1 --anomaly bad --where label=bad --save t.thr "$e"
	expect_error 1 '--normal fine: no row has that label; there are *ok: 1500*' ae-thresh --fit f1 --normal fine --save t.thr "$e"
	expect_error 1 '*label*' ae-thresh --fit f1 --normal ok --save t.thr <(ae-cat --cols err "$e")
	[ ! -e t.thr ]
}

@test "ae-thresh: --fit pot says what it needs, and where nothing says that rows were held out" {
	local e=$ROOT/tests/expected/thresholds.csv
	ae-thresh --fit pot:0.001 --normal ok --save t.thr "$e" 2>msg >/dev/null
	grep -q 'nothing says that these errors are of rows held out of the training (ae-train --calibrate): .* too short a tail for pot:0.001$' msg
	head -n 400 "$e" >few.csv
	expect_error 1 'few.csv: pot fits the tail beyond the quantile 0.98 of the errors, and 8 of 399 lie there: it needs 10, as 500 rows have; quantile:Q, mad:K and fpr:A need fewer' \
		ae-thresh -q --fit pot:0.001 --save few.thr few.csv
	{ echo err && seq 900 | sed 's/.*/1/'; } >alike.csv
	expect_error 1 'alike.csv: *and 0 of 900 lie there*' ae-thresh -q --fit pot:0.001 --save few.thr alike.csv
	expect_error 2 '"pot:0.99": expected a number from 1e-12 to 0.02, not "0.99"' ae-thresh --fit pot:0.99 --save few.thr "$e"
	expect_error 2 '"fpr:1.5": expected a number from 0 to 1, not "1.5"' ae-thresh --fit fpr:1.5 --save few.thr "$e"
	expect_error 2 '"fpr:-0.1": *' ae-thresh --fit fpr:-0.1 --save few.thr "$e"
	expect_error 2 '"f1:3": f1 takes no number' ae-thresh --fit f1:3 --normal ok --save few.thr "$e"
	expect_error 2 '"0\*mad:3": "0" is no number above 0' ae-thresh --fit '0*mad:3' --save few.thr "$e"
	expect_error 2 '"x\*mad:3": "x" is no number above 0' ae-thresh --fit 'x*mad:3' --save few.thr "$e"
	[ ! -e few.thr ]
}

@test "ae-thresh: golden output: err stays, pred comes last, all else passes byte for byte" {
	scores | ae-thresh --pass note --at 3 |
		cmp - <(printf 'id,note,label,err,pred\n"a,1",x y,0,1,0\n02,"p""q",1,10,1\n3 ,,1,3,1\nd,n,0,4,1\ne,m,1,2,0\n')
	same 'scores | ae-thresh --pass note --at 3 -O aest | ae-cat -c' 'scores | ae-thresh --pass note --at 3'
	scores | ae-thresh --pass note --at 3 -t | head -n 2 | tail -n 1 | cmp - <(printf 'a,1\tx y\t0\t1\t0\n')
}

@test "ae-thresh: anomaly means err >= threshold" {
	printf 'err\n0.3\n0.30000000000000004\n0.29999999999999999\n0.29999999999999993\n' | ae-thresh --at 0.3 |
		cut -d, -f2 | paste -sd, | grep -qx 'pred,1,1,1,0'
}

@test "ae-thresh: rows without a score have no verdict: an empty cell, 255 in AEST" {
	printf 'id,err\na,nan\nb,5\nc,\nd,0.1\n' >e.csv
	ae-thresh --missing=mask --at 1 e.csv | cmp - <(printf 'id,err,pred\na,nan,\nb,5,1\nc,nan,\nd,0.1,0\n')
	ae-thresh --missing=mask --at 1 -O aest e.csv >v.aes
	ae-cat --cols pred v.aes | od -An -v -tu1 -w1 | grep -c 255
	same 'ae-thresh --missing=mask --at 1 e.csv | ae-cat --missing=mask -O aest' 'ae-cat v.aes'
}

@test "ae-thresh: writes text, AEST where asked" {
	head -c 9 <(ae-thresh --at 1 "$F/test.e.aes") | grep -q '^label,err'
	ae-thresh --at 1 -o v.aes -O aest "$F/test.e.aes"
	same 'ae-cat -c v.aes' "ae-thresh --at 1 $F/test.e.aes"
}

@test "ae-thresh: CSV, TSV and AEST give the same verdicts" {
	ae-cat -c "$F/test.e.aes" >e.csv
	ae-cat -t "$F/test.e.aes" >e.tsv
	ae-thresh -m "$F/m.aem" --scaled e.csv | cmp - "$F/test.v.csv"
	ae-thresh -m "$F/m.aem" --scaled -I tsv e.tsv | cmp - "$F/test.v.csv"
	same 'ae-thresh --at 0.03 e.csv' "ae-thresh --at 0.03 $F/test.e.aes"
	ae-thresh --where label=1 --fit mad:3 --save csv.thr e.csv | cut -d' ' -f1 >csv
	ae-thresh --where label=1 --fit mad:3 --save aes.thr "$F/test.e.aes" | cut -d' ' -f1 | cmp - csv
}

@test "ae-thresh: --batch-rows 1, 2, 7, 16, 17 and 512 give equal rows" {
	same_for_batches "$F/test.e.aes" ae-thresh -m "$F/m.aem"
}

@test "ae-thresh: a fit does not depend on batches or the order of rows" {
	local n
	cp "$F/bare.aem" one.aem
	ae-thresh -q --fit sigma:1.5 -m one.aem "$F/test.e.aes" >one.txt
	for n in 1 7 512; do
		cp "$F/bare.aem" n.aem
		ae-cat --batch-rows $n "$F/test.e.aes" | ae-thresh -q --fit sigma:1.5 -m n.aem | cmp - one.txt
		cmp n.aem one.aem
	done
	cp "$F/bare.aem" n.aem
	cat <(ae-cat --skip 77 "$F/test.e.aes") <(ae-cat --head 77 "$F/test.e.aes") |
		ae-thresh -q --fit sigma:1.5 -m n.aem >n.txt
	cut -d' ' -f1-5 n.txt | cmp - <(cut -d' ' -f1-5 one.txt)
	cmp n.aem one.aem
}

@test "ae-thresh: --fit puts the threshold into the model and changes nothing else" {
	cp "$F/bare.aem" m.aem
	ae-info m.aem >before
	ae-thresh --where label=1 --fit quantile:0.95 -m m.aem "$F/test.e.aes" >fit.txt
	ae-info m.aem >after
	diff <(grep -v '^threshold' before) <(grep -v '^threshold' after)
	grep -q "^threshold *$(cut -d' ' -f1 fit.txt) quantile:0.95 mae" after
	ae-recon -m m.aem "$F/test.n.aes" | cmp - "$F/test.r.aes"
	# A second fit replaces the first; the first again gives the first bytes.
	cp m.aem first.aem
	ae-thresh -q --fit fixed:7 -m m.aem "$F/test.e.aes" | grep -q '^7 fixed:7 mae 120 rows'
	ae-thresh -m m.aem "$F/test.e.aes" | tail -n +2 | grep -c ',0$' | grep -qx 120
	ae-thresh --where label=1 --fit quantile:0.95 -m m.aem "$F/test.e.aes" >/dev/null
	cmp m.aem first.aem
}

@test "ae-thresh: --save keeps the threshold alone, -m applies it all the same" {
	ae-thresh --where label=1 --fit quantile:0.9 --save t.thr "$F/test.e.aes" >fit.txt
	ae-thresh -m t.thr "$F/test.e.aes" >v.csv
	ae-thresh --at "$(cut -d' ' -f1 fit.txt)" "$F/test.e.aes" | cmp - v.csv
	[ "$(wc -c <t.thr)" -lt 3000 ]
	expect_error 1 't.thr: holds no network*' ae-recon -m t.thr "$F/test.n.aes"
	# It knows its model.
	another_model other
	expect_error 1 '*err was made with another model than the threshold in t.thr' ae-thresh -m t.thr other.e.aes
}

@test "ae-thresh: --fit prints the value first, then method, metric, rows and labels" {
	cp "$F/bare.aem" m.aem
	ae-thresh -q --fit sigma:1 -m m.aem "$F/test.e.aes" | grep -qE '^0\.[0-9]+ sigma:1 mae 120 rows, label [01]: [0-9]+, [01]: [0-9]+$'
	ae-cat --cols err "$F/test.e.aes" | ae-thresh -q --fit sigma:1 -m m.aem | grep -qE '^0\.[0-9]+ sigma:1 mae 120 rows$'
}

@test "ae-thresh: --fit on rows of several labels warns, --where chooses" {
	cp "$F/bare.aem" m.aem
	ae-thresh --fit sigma:1 -m m.aem "$F/test.e.aes" >/dev/null 2>err.txt
	grep -q 'more than one label ([01]: [0-9]*, [01]: [0-9]*); --where label=V chooses one' err.txt
	ae-thresh -q --fit sigma:1 -m m.aem "$F/test.e.aes" >/dev/null 2>err.txt
	[ ! -s err.txt ]
	ae-thresh --where label=1 --fit sigma:1 -m m.aem "$F/test.e.aes" 2>err.txt >where.txt
	[ ! -s err.txt ]
	ae-cat --where label=1 "$F/test.e.aes" | ae-thresh --fit sigma:1 -m m.aem | cmp - where.txt
}

@test "ae-thresh: sigma keeps its digits where the errors are large beside their spread" {
	# 1e9 and the even numbers from 0 to 199,998 as millionths: mean and deviation are known.
	awk 'BEGIN { print "err"; for (i = 0; i < 100000; i++) printf "1000000000.%06d\n", i * 2 }' >far.csv
	local value
	value=$(ae-thresh -q --fit sigma:3 --save far.aem far.csv | cut -d' ' -f1)
	# the mean is 1e9 + 0.099999, the deviation 2e-6 sqrt((100000^2 - 1) / 12)
	awk -v value="$value" 'BEGIN {
		gap = value - (1e9 + 0.099999 + 3 * 2e-6 * sqrt((1e10 - 1) / 12))
		exit !(gap < 2e-7 && gap > -2e-7)
	}'
}

@test "ae-thresh: --fit leaves out rows without a score and says how many" {
	printf 'err\n1\nnan\n3\nnan\n' | ae-thresh --missing=mask --fit sigma:0 --save t.thr >out.txt 2>err.txt
	[ "$(cat out.txt)" = '2 sigma:0 err 2 rows' ]
	[ "$(cat err.txt)" = 'ae-thresh: 2 rows without a score left out' ]
	printf 'err\nnan\n' >nan.csv
	expect_error 1 '*no rows to fit*' ae-thresh --missing=mask --fit sigma:0 --save none.thr nan.csv
	[ ! -e none.thr ]
}

@test "ae-thresh: --fit refuses an empty stream, a selection of none, a stopped one and a cut one" {
	cp "$F/bare.aem" m.aem
	ae-cat --head 0 "$F/test.e.aes" >none.aes
	ae-cat --cols err "$F/test.e.aes" >unlabelled.aes
	expect_error 1 '*no rows to fit*' ae-thresh --fit sigma:1 -m m.aem none.aes
	expect_error 1 '*no rows to fit*' ae-thresh --where label=9 --fit sigma:1 -m m.aem "$F/test.e.aes"
	expect_error 1 '*label*' ae-thresh --where label=1 --fit sigma:1 -m m.aem unlabelled.aes
	scores | ae-cat --pass note >scores.aes
	stopped_stream unlabelled.aes stopped.aes
	expect_error 1 '*stopped before its end*' ae-thresh --fit sigma:1 --save t.thr stopped.aes
	same_for_cuts "$F/test.e.aes" ae-thresh -q --fit sigma:1 -m m.aem
	cmp m.aem "$F/bare.aem"
	[ ! -e t.thr ]
}

@test "ae-thresh: --fit into another model than the one that made err is refused" {
	another_model other
	expect_error 1 '*err was made with another model than other.aem' ae-thresh -q --fit sigma:1 -m other.aem "$F/test.e.aes"
	cp "$F/bare.aem" m.aem
	ae-cat -c "$F/test.e.aes" >e.csv
	expect_error 1 '*does not say which model made err*--scaled*' ae-thresh -q --fit sigma:1 -m m.aem e.csv
	cmp m.aem "$F/bare.aem"
	ae-thresh -q --scaled --fit sigma:1 -m m.aem e.csv | cut -d' ' -f1 >value
	cp "$F/bare.aem" m2.aem
	ae-thresh -q --fit sigma:1 -m m2.aem "$F/test.e.aes" | cut -d' ' -f1 | cmp - value
	# What text did not say, nothing can contradict.
	same "ae-thresh -m m.aem $F/test.e.aes" "ae-thresh -m m2.aem $F/test.e.aes"
	expect_error 1 '*another model*' ae-thresh -m m.aem other.e.aes
}

@test "ae-thresh: streams of different lineage are not fitted together" {
	another_model other
	expect_error 1 '*another model or metric*' ae-thresh -q --fit sigma:1 --save t.thr "$F/test.e.aes" other.e.aes
	ae-thresh -q --fit sigma:1 --save t.thr "$F/test.e.aes" "$F/test.e.aes" | grep -q ' 240 rows'
}

@test "ae-thresh: a threshold for another network is refused" {
	another_model other
	expect_error 1 "other.e.aes: err was made with another model than the threshold in $F/m.aem" ae-thresh -m "$F/m.aem" other.e.aes
	expect_error 1 'other.e.aes: err was made with *' ae-thresh --scaled -m "$F/m.aem" other.e.aes
}

@test "ae-thresh: a threshold fitted on another metric is refused" {
	local metric
	for metric in mse rmse max; do
		ae-err --metric $metric -o e.aes "$F/test.r.aes"
		expect_error 1 "e.aes: err is $metric, but the threshold in $F/m.aem was fitted on mae" ae-thresh -m "$F/m.aem" e.aes
	done
	# Without a model too.
	printf 'a,b,target.a,target.b\n1,2,3,4\n5,6,1,1\n' >t.csv
	ae-err --of x --metric mae t.csv | ae-thresh --fit sigma:1 --save t.thr >/dev/null
	ae-err --of x --metric mae t.csv | ae-thresh -m t.thr >/dev/null
	ae-err --of x --metric max t.csv >max.aes
	expect_error 1 'max.aes: err is max, but *' ae-thresh -m t.thr max.aes
}

@test "ae-thresh: a threshold fitted against another reference is refused" {
	ae-cat "$F/test.n.aes" | ae-noise --gaussian 0.1 --seed 1 | ae-recon -m "$F/m.aem" | ae-err -o target.aes
	expect_error 1 "target.aes: err is against target, but the threshold in $F/m.aem was fitted on errors against x" \
		ae-thresh -m "$F/m.aem" target.aes
}

@test "ae-thresh: a threshold fitted in other units is refused" {
	ae-normalize --invert "$F/test.r.aes" | ae-err --metric mae -o units.aes
	expect_error 1 "units.aes: err is in original units, but the threshold in $F/m.aem in scaled ones" \
		ae-thresh -m "$F/m.aem" units.aes
	cp "$F/bare.aem" m.aem
	ae-thresh -q --fit sigma:1 -m m.aem units.aes >/dev/null
	ae-thresh -m m.aem units.aes >/dev/null
	expect_error 1 '*is in scaled units, but *' ae-thresh -m m.aem "$F/test.e.aes"
}

@test "ae-thresh: text err wants --scaled where the threshold belongs to a model" {
	ae-cat -c "$F/test.e.aes" >e.csv
	expect_error 1 "e.csv: text does not say which model made err: *--scaled that $F/m.aem made it" ae-thresh -m "$F/m.aem" e.csv
	ae-cat e.csv >e.aes
	expect_error 1 'e.aes: the stream does not say which model made err: *' ae-thresh -m "$F/m.aem" e.aes
	ae-thresh --scaled -m "$F/m.aem" e.aes | cmp - "$F/test.v.csv"
}

@test "ae-thresh: a model without a threshold, or no model, is refused" {
	expect_error 1 "$F/bare.aem: holds no threshold; ae-thresh --fit puts one there" ae-thresh -m "$F/bare.aem" "$F/test.e.aes"
	expect_error 1 'no.aem: No such file or directory' ae-thresh -m no.aem "$F/test.e.aes"
	expect_error 1 "$F/beats.csv: *" ae-thresh -m "$F/beats.csv" "$F/test.e.aes"
}

@test "ae-thresh: a file that cannot be written is an error" {
	mkdir folder
	expect_error 1 'folder*' ae-thresh -q --fit sigma:1 --save folder "$F/test.e.aes"
	expect_error 1 'no/t.thr*' ae-thresh -q --fit sigma:1 --save no/t.thr "$F/test.e.aes"
	expect_error 1 '/proc/t.thr*' ae-thresh -q --fit sigma:1 --save /proc/t.thr "$F/test.e.aes"
	expect_error 1 'no.aem: *' ae-thresh -q --fit sigma:1 -m no.aem "$F/test.e.aes"
	[ "$(find . -type f ! -name 'expect_error*' | wc -l)" -eq 0 ]
}

@test "ae-thresh: a stream without err is refused" {
	expect_error 1 "$F/test.n.aes: *err*" ae-thresh --at 1 "$F/test.n.aes"
	yes 0.5 | head -n 5000 | paste -sd, | ae-cat -H >wide.aes
	expect_error 1 'wide.aes: *err*' ae-thresh --at 1 wide.aes
	expect_error 1 '*err*' ae-thresh --fit sigma:1 --save t.thr wide.aes
	printf 'err.a,err.b\n1,2\n' >features.csv
	expect_error 1 'features.csv: *err*' ae-thresh --at 1 features.csv
}

@test "ae-thresh: --exit-code is 3 if there was an anomaly, and the output is whole" {
	run --separate-stderr -3 ae-thresh --exit-code --at 3 -o v.csv <(scores | ae-cat --pass note)
	[ -z "$stderr" ]
	[ "$(wc -l <v.csv)" -eq 6 ]
	run -0 ae-thresh --exit-code --at 11 -o v.csv <(scores | ae-cat --pass note)
	run -0 ae-thresh --at 3 -o v.csv <(scores | ae-cat --pass note)
	run -3 ae-thresh --exit-code --at 3 -O aest -o v.aes <(scores | ae-cat --pass note)
	has_end v.aes
	run -0 ae-thresh --exit-code --missing=mask --at 3 <(printf 'err\nnan\n')
	printf 'err\n5\nx\n' >bad.csv
	expect_error 1 'bad.csv: line 3: *' ae-thresh --exit-code --at 3 bad.csv
}

@test "ae-thresh: a cut stream is an error" {
	same_for_cuts "$F/test.e.aes" ae-thresh -m "$F/m.aem"
	same_for_cuts "$F/test.e.aes" ae-thresh --at 1 -O aest
	same_for_cuts "$F/test.e.aes" ae-thresh --at 1 --exit-code
}

@test "ae-thresh: a stopped stream stays one, and text of it has its rows" {
	ae-cat --cols err "$F/test.e.aes" >unlabelled.aes
	stopped_stream unlabelled.aes stopped.aes
	ae-thresh --at 1 -O aest stopped.aes >v.aes
	is_stopped v.aes
	[ "$(ae-thresh --at 1 stopped.aes | wc -l)" -eq 121 ]
}

@test "ae-thresh: per-feature errors pass, the score is judged" {
	printf 'err.a,err.b,err\n9,8,0.5\n7,6,0.25\n' | ae-thresh --at 0.3 |
		cmp - <(printf 'err.a,err.b,err,pred\n9,8,0.5,1\n7,6,0.25,0\n')
}

@test "ae-thresh: an old pred is replaced" {
	same "ae-thresh --at 0.03 $F/test.v.csv" "ae-thresh --at 0.03 $F/test.e.aes"
}

@test "ae-thresh: a stream of a header alone stays one" {
	ae-cat --head 0 "$F/test.e.aes" | ae-thresh --at 1 | cmp - <(printf 'label,err,pred\n')
	ae-cat --head 0 "$F/test.e.aes" | ae-thresh --at 1 --exit-code -O aest >none.aes
	has_end none.aes
}

@test "ae-thresh: more than 10,000 errors are kept as 10,001 quantiles" {
	awk 'BEGIN { print "err"; for (i = 0; i < 30000; i++) print (i * 7919 % 30011) / 8 }' >many.csv
	ae-thresh --fit quantile:0.5 --save many.thr many.csv | grep -q ' 30000 rows$'
	[ "$(wc -c <many.thr)" -gt 80008 ]
	[ "$(wc -c <many.thr)" -lt 80500 ]
	ae-thresh -m many.thr many.csv >/dev/null
	head -n 10001 many.csv | ae-thresh --fit quantile:0.5 --save few.thr | grep -q ' 10000 rows$'
	[ "$(wc -c <few.thr)" -gt 80000 ]
}

@test "ae-thresh: /dev/full is an error" {
	expect_error 1 '*No space left on device' full ae-thresh --at 1 "$F/test.e.aes"
	expect_error 1 '*No space left on device' full ae-thresh --at 1 --exit-code "$F/test.e.aes"
	expect_error 1 '*No space left on device' full ae-thresh -q --fit sigma:1 --save t.thr "$F/test.e.aes"
}

@test "ae-thresh: a reader that has gone ends it quietly" {
	quiet_when_closed ae-thresh --at 1 "$F/test.e.aes"
	quiet_when_closed ae-thresh --at 1 --exit-code -O aest "$F/test.e.aes"
}

@test "ae-thresh: clean under valgrind" {
	valgrind_clean ae-thresh -m "$F/m.aem" "$F/test.e.aes" "$F/test.e.aes" >/dev/null
	cp "$F/bare.aem" m.aem
	valgrind_clean ae-thresh -q --where label=1 --fit mad:3 -m m.aem "$F/test.e.aes" >/dev/null
	run valgrind_clean ae-thresh --fit sigma:1 -m m.aem "$F/test.n.aes"
	[ "$status" -eq 1 ]
	run valgrind_clean ae-thresh --fit sigma:1 --save t.thr "$F/test.e.aes" <(head -c 900 "$F/test.e.aes")
	[ "$status" -eq 1 ]
}

# ---- warnings ----

# warned RULE: what --fit says on standard error of e.csv
warned() {
	{ ae-thresh --fit "$1" --save t.aem e.csv >fit.txt; } 2>&1
}

@test "ae-thresh --fit: errors without spread get a warning with figures, whatever the method" {
	local rule v n
	for v in 0 0.3 0.1 1e-300 123456.789; do
		for n in 1 6 1001; do
			{ echo err && yes $v | head -n $n; } >e.csv
			for rule in sigma:3 quantile:0.99 mad:3 iqr:1.5; do
				warned $rule >msg
				[ "$(wc -l <msg)" -eq 1 ]
				grep -q "^ae-thresh: the errors have no spread ($n rows\?, all $v): the threshold $(cut -d' ' -f1 fit.txt) leaves .* --fit fixed:V$" msg
				grep -q "calls $(ae-thresh -m t.aem e.csv | grep -c ',1$') of these rows anomalies" msg
				ae-info t.aem | tail -n 1 | grep -qx ' *the errors it was fitted on have no spread'
				[ -z "$(ae-thresh -q --fit $rule --save t.aem e.csv 2>&1 >/dev/null)" ]
			done
		done
	done
	printf 'err\n0.3\n0.30000000000000004\n0.29999999999999999\n' >e.csv # alike but for rounding
	warned sigma:3 | grep -q 'no spread'
	printf 'err\n0.3\n0.3000001\n' >e.csv
	[ -z "$(warned sigma:3)" ]
}

@test "ae-thresh --fit: a threshold that calls more than half of its rows anomalies gets a warning" {
	printf 'err\n1\n5\n5\n5\n5\n7\n' >e.csv # more than half are alike: no deviation from the median
	warned mad:3 >msg
	grep -qx 'ae-thresh: the threshold 5 calls 5 of the 6 rows it was fitted on anomalies, more than half; .*' msg
	ae-info t.aem | tail -n 1 | grep -qx ' *calls 83% of the rows it was fitted on anomalies'
	warned fixed:0.5 | grep -q 'the threshold 0.5 calls 6 of the 6 rows'
	warned sigma:-3 | grep -q 'calls 6 of the 6 rows'
	[ -z "$(warned fixed:6)" ]
	[ -z "$(warned sigma:3)" ]
	ae-info t.aem | tail -n 1 | grep -q '^threshold '
	printf 'err\n1\n2\n3\n4\n' >e.csv
	[ -z "$(warned quantile:0.5)" ] # half is not more than half
	printf 'err\n0\n0\n1\n1\n1\n' >e.csv
	warned mad:3 | grep -q 'the threshold 1 calls 3 of the 5 rows it was fitted on anomalies, more than half'
	ae-info t.aem | tail -n 1 | grep -qx ' *calls 60% of the rows it was fitted on anomalies'
	[ -z "$(warned quantile:0.5)" ]
	printf 'err\n1\n2\n3\n' >e.csv
	[ -z "$(warned quantile:0.5)" ] # nor are the median and what lies above
	warned quantile:0 | grep -q 'calls 3 of the 3 rows'
	seq 20000 | sed '1i err' >e.csv # of so many rows a model keeps quantiles
	warned quantile:0.25 | grep -q 'calls 15000 of the 20000 rows'
	ae-info t.aem | tail -n 1 | grep -qx ' *calls 75% of the rows it was fitted on anomalies'
	printf 'err\n5\n' >e.csv
	[ -z "$(warned fixed:6)" ]
	printf 'err\n' >e.csv
	[ -z "$(warned fixed:6)" ]
	[ "$(ae-info t.aem | wc -l)" -eq 3 ]
}

@test "ae-thresh --fit: errors of readings beyond f32 are refused or warned of" {
	{
		printf '# scores\nid,err\n'
		seq 200 | sed 's/.*/&,&/'
		printf 'x,1e30\ny,1.5e60\n'
	} >e.csv
	local method
	expect_error 1 "e.csv: line 203: err is 1e30 or more, *: --where 'err<1e30' leaves such rows out" \
		ae-thresh --comment '#' --fit sigma:3 --save t.aem e.csv
	for method in quantile:0.9 mad:3 iqr:1.5; do
		ae-thresh --comment '#' --fit $method --save t.aem e.csv 2>msg >fit.txt
		grep -qxF "ae-thresh: fitted on 2 errors of 1e30 or more, as readings beyond f32 have them (e.csv: line 203): --where 'err<1e30' leaves such rows out" msg
		grep -q ' err 202 rows$' fit.txt
	done
	for method in quantile:0.9999 mad:1e40 iqr:1e40; do
		expect_error 1 "e.csv: the errors are too large to fit a threshold: *" \
			ae-thresh -q --comment '#' --fit $method --save no.aem e.csv
	done
	[ ! -e no.aem ]
	ae-thresh --comment '#' --fit fixed:1e40 --save t.aem e.csv 2>msg >fit.txt
	[ ! -s msg ]
	for method in sigma:3 quantile:0.9999; do
		ae-thresh --comment '#' --where 'err<1e30' --fit $method --save t.aem e.csv 2>msg >fit.txt
		[ ! -s msg ]
		grep -q ' err 200 rows$' fit.txt
	done
}

@test "ae-thresh --fit: a warning of several labels counts them, empty ones too" {
	printf 'err,label\n1,a\n2,\n3,a\n4,b\n' >e.csv
	warned sigma:3 | grep -qx 'ae-thresh: fitted on rows of more than one label (a: 2, (empty): 1, b: 1); --where label=V chooses one'
	grep -q ' 4 rows, label a: 2, (empty): 1, b: 1$' fit.txt
}

@test "ae-thresh: --fit counts rows without a label as such, in every spelling" {
	printf 'label,err\n0,1\n0,2\n,3\nNA,4\nnan,5\n' >some.csv
	ae-thresh --fit quantile:0.9 --save t.aem some.csv >fit.txt 2>err.txt
	grep -q ' 5 rows, label 0: 2, (empty): 3$' fit.txt
	grep -q 'rows of more than one label (0: 2, (empty): 3); --where label=V chooses one$' err.txt
	ae-thresh --fit quantile:0.9 --save t.aem --where label!= some.csv | grep -q ' 2 rows, label 0: 2$'
}
