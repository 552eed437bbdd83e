#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-metrics: how well verdicts and scores agree with the labels.
load helpers
load fixture

verdicts() {
	cat "$ROOT/tests/expected/verdicts.csv"
}

# A row for each cell of the confusion matrix, two for a hit.
few() {
	printf 'label,err,pred\n0,9,1\n0,8,1\n0,1,0\n1,7,1\n1,2,0\n'
}

@test "ae-metrics: --help, --version, unknown options" {
	check_manners ae-metrics
}

@test "ae-metrics: exactly one of --normal and --anomaly is required" {
	expect_error 2 'either --normal LABEL or --anomaly LABEL is required' ae-metrics "$F/test.v.csv"
	expect_error 2 'either --normal LABEL or --anomaly LABEL is required' ae-metrics --normal 1 --anomaly 0 "$F/test.v.csv"
	expect_error 2 '--where x: *' ae-metrics --normal 1 --where x "$F/test.v.csv"
}

@test "ae-metrics: golden output" {
	few >few.csv
	ae-metrics --normal 1 few.csv >out.txt
	cmp out.txt - <<-'END'
		rows         5
		no verdict   0

		               anomaly normal   <- verdict
		anomaly              2         1
		normal               1         1

		             precision    recall        F1
		anomaly         0.6667    0.6667    0.6667
		normal          0.5000    0.5000    0.5000

		accuracy     0.6000
		ROC-AUC      0.6667
		PR-AUC       0.8667
		prevalence   0.6000
		best F1      0.8000
	END
	ae-metrics --anomaly 0 few.csv | cmp - out.txt
}

@test "ae-metrics: gives scikit-learn's numbers, with ties, missing scores, verdicts and labels" {
	verdicts | ae-metrics -q --normal N --missing=mask --json | tr -s '{}:, ' ',,,,,' >ours
	tr -s '{}:, ' ',,,,,' <"$ROOT/tests/expected/verdicts.json" >scikit-learn
	[ "$(tr , '\n' <ours | grep -c '"')" -eq 25 ]
	near 1e-12 scikit-learn ours
}

@test "ae-metrics: --json is one valid object on one line" {
	few | ae-metrics --normal 1 --json >out.json
	[ "$(wc -l <out.json)" -eq 1 ]
	grep -q '^{"rows": 5, "no_verdict": 0, "confusion": {"tp": 2, "fp": 1, "tn": 1, "fn": 1}, "accuracy": 0.6, ' out.json
	# Undefined values are null.
	printf 'label,pred\n1,0\n' | ae-metrics --normal 1 --json >null.json
	grep -q '"anomaly": {"precision": null, "recall": null, "f1": null, "support": 0}, "roc_auc": null, "pr_auc": null' null.json
	[ -x /usr/bin/python3 ] || skip 'no python3 to parse it with'
	/usr/bin/python3 -c 'import json, sys; assert json.load(open("out.json"))["normal"]["support"] == 2; json.load(open("null.json"))'
}

@test "ae-metrics: undefined measures say so" {
	printf 'label,err,pred\n1,1,0\n1,2,0\n' | ae-metrics --normal 1 >out.txt
	[ "$(grep -c undefined out.txt)" -eq 4 ]
	for name in ROC-AUC PR-AUC 'best F1'; do
		grep -qE "^$name +undefined: only one class$" out.txt
	done
	grep -qE '^accuracy +1.0000$' out.txt
	printf 'label,err,pred\n1,1,0\n1,2,0\n' | ae-metrics --anomaly 1 >out.txt
	[ "$(grep -c 'undefined: only one class$' out.txt)" -eq 3 ]
	# Rows without a score make no class.
	printf 'label,err\n1,1\n1,2\n0,nan\n' >one.csv
	ae-metrics --missing=mask --normal 1 one.csv >out.txt
	[ "$(grep -c 'undefined: only one class$' out.txt)" -eq 3 ]
	grep -qx 'no score     1' out.txt
	grep -qx 'accuracy     undefined: no row has a verdict' out.txt
	ae-metrics --missing=mask --anomaly 1 --json one.csv >out.json
	grep -q '"roc_auc": null, "pr_auc": null, .*"best_f1": null, "best_threshold": null, "no_score": 1, ' out.json
}

@test "ae-metrics: rows without a label are left out and counted" {
	local word
	few >few.csv
	ae-metrics --normal 1 few.csv >whole.txt 2>err.txt
	[ ! -s err.txt ]
	for word in '' nan NaN NA; do
		(few && printf '%s,5,0\n%s,0.5,1\n' "$word" "$word") >some.csv
		ae-metrics --normal 1 some.csv >out.txt 2>err.txt
		[ "$(<err.txt)" = 'ae-metrics: 2 rows without a label left out' ]
		grep -qx 'no label     2' out.txt
		grep -v '^no label' out.txt | cmp - whole.txt
		ae-metrics --anomaly 0 some.csv 2>err.txt | cmp - out.txt
		ae-metrics -q --normal 1 --json some.csv 2>err.txt >out.json
		[ ! -s err.txt ]
		grep -q '"no_label": 2}$' out.json
	done
	# Not one label is an error; and a row that is asked for by this name is no error.
	printf 'label,err\n,1\nNA,2\n' >none.csv
	expect_error 1 'none.csv: no row has a label' ae-metrics --normal 1 none.csv
	printf 'label,pred\nbad,1\n,0\nNA,0\n,1\n' >only.csv
	ae-metrics --normal '' only.csv >out.txt 2>err.txt
	[ ! -s err.txt ]
	grep -qx 'accuracy     0.7500' out.txt
	ae-metrics --normal NA only.csv | cmp - out.txt
	expect_error 1 '--anomaly bad: no row has that label*' ae-metrics --anomaly bad <(sed 's/bad/ok/' only.csv)
}

@test "ae-metrics: CSV, TSV and AEST give the same output" {
	ae-metrics --normal 1 "$F/test.v.csv" >csv.txt
	ae-cat -t "$F/test.v.csv" | ae-metrics -I tsv --normal 1 | cmp - csv.txt
	ae-cat "$F/test.v.csv" | ae-metrics --normal 1 | cmp - csv.txt
	ae-thresh -m "$F/m.aem" -O aest "$F/test.e.aes" | ae-metrics --normal 1 | cmp - csv.txt
	verdicts | ae-cat --missing=mask >v.aes
	same 'ae-metrics --normal N v.aes' 'verdicts | ae-metrics --missing=mask --normal N'
}

@test "ae-metrics: batches and the order of rows change nothing" {
	local n
	ae-metrics --normal 1 --json "$F/test.v.csv" >whole.json
	for n in 1 2 7 16 17 512; do
		ae-cat --batch-rows $n "$F/test.v.csv" | ae-metrics --normal 1 --json | cmp - whole.json
	done
	(head -n 1 "$F/test.v.csv" && tail -n +2 "$F/test.v.csv" | sort -t, -k2 -r) | ae-metrics --normal 1 --json | cmp - whole.json
	cat "$F/test.v.csv" "$F/test.v.csv" | ae-metrics --normal 1 | grep -qE '^rows +240$'
}

@test "ae-metrics: scores alone, or verdicts alone, are enough" {
	ae-metrics --normal 1 "$F/test.e.aes" >scores.txt
	grep -qE '^no verdict +120$' scores.txt
	[ "$(grep ROC-AUC scores.txt)" = "$(ae-metrics --normal 1 "$F/test.v.csv" | grep ROC-AUC)" ]
	cut -d, -f1,3 "$F/test.v.csv" | ae-metrics --normal 1 >verdicts.txt
	grep -qE '^ROC-AUC +undefined: no row has a score$' verdicts.txt
	[ "$(grep accuracy verdicts.txt)" = "$(ae-metrics --normal 1 "$F/test.v.csv" | grep accuracy)" ]
	expect_error 1 "$F/test.aes: neither pred nor err to measure" ae-metrics --normal 1 "$F/test.aes"
}

@test "ae-metrics: labels are numbers if both are, else text" {
	printf 'label,pred\n1.0,0\n0.0,1\n' >l.csv
	ae-metrics --normal 1 l.csv >out.txt
	grep -qE '^accuracy +1.0000$' out.txt
	ae-metrics --anomaly 0 l.csv | cmp - out.txt
	ae-metrics --normal 1e0 l.csv | cmp - out.txt
	printf 'label,pred\n1234567890123456788,1\n1234567890123456789,0\n' | ae-metrics --normal 1234567890123456789 |
		grep -qx 'accuracy     1.0000'
	verdicts | ae-metrics --missing=mask --anomaly 'ST, elevated' | grep -qE '^prevalence +0\.[0-9]+$'
}

@test "ae-metrics: a label that no row has is an error listing those found" {
	expect_error 1 '--normal 2: no row has that label; there are 1: *, 0: *' ae-metrics --normal 2 <(sort -r "$F/test.v.csv")
	verdicts | expect_error 1 '--anomaly n: *N: 2*, ST, elevated: *' ae-metrics --missing=mask --anomaly n
}

@test "ae-metrics: --where selects, and may leave nothing" {
	verdicts | ae-metrics --missing=mask --where 'label=N,V' --normal N | grep -qE '^rows +3[0-9]+$'
	verdicts >v.csv
	expect_error 1 '*no row*' ae-metrics --missing=mask --where label=x --normal N v.csv
}

@test "ae-metrics: an empty stream, a stopped one and a cut one are refused" {
	ae-cat --head 0 "$F/test.v.csv" >none.aes
	expect_error 1 '*no rows to measure' ae-metrics --normal 1 none.aes
	ae-cat "$F/test.v.csv" >v.aes
	ae-cat -c v.aes >v.csv
	stopped_stream v.aes stopped.aes
	expect_error 1 '*stopped before its end*' ae-metrics --normal 1 stopped.aes
	same_for_cuts v.aes ae-metrics --normal 1
	same_for_cuts v.aes ae-metrics --normal 1 --json
	head -c -1 v.csv >cut.csv
	expect_error 1 'cut.csv: *' ae-metrics --normal 1 cut.csv
	(cat v.csv && printf '!') >failed.csv
	expect_error 1 'failed.csv: *' ae-metrics --normal 1 failed.csv
}

@test "ae-metrics: a stream without labels, or of another kind, is refused" {
	cut -d, -f2,3 "$F/test.v.csv" >unlabelled.csv
	expect_error 1 'unlabelled.csv: no column of role label; the stream has: err, pred; --label COL of the first program names it' ae-metrics --normal 1 unlabelled.csv
	yes 0.5 | head -n 5000 | paste -sd, | ae-cat -H >wide.aes
	expect_error 1 'wide.aes: *label*' ae-metrics --normal 1 wide.aes
	printf 'label,pred\n1,7\n' >seven.csv
	expect_error 1 'seven.csv: line 2: *"7" is not a verdict*' ae-metrics --normal 1 seven.csv
}

@test "ae-metrics: scores of different models are not measured together" {
	ae-err --metric mse -o mse.aes "$F/test.r.aes"
	expect_error 1 'mse.aes: scores of another model*' ae-metrics --normal 1 "$F/test.e.aes" mse.aes
}

@test "ae-metrics: the label may be any column" {
	few | sed 's/label/truth/' >t.csv
	same 'ae-metrics --label truth --normal 1 t.csv' 'few | ae-metrics --normal 1'
	same 'ae-metrics --label 1 --normal 1 t.csv' 'few | ae-metrics --normal 1'
}

@test "ae-metrics: /dev/full is an error" {
	expect_error 1 '*No space left on device' full ae-metrics --normal 1 "$F/test.v.csv"
	expect_error 1 '*No space left on device' full ae-metrics --json --normal 1 "$F/test.v.csv"
}

@test "ae-metrics: a reader that has gone ends it quietly" {
	quiet_when_closed ae-metrics --normal 1 "$F/test.v.csv"
}

@test "ae-metrics: clean under valgrind" {
	valgrind_clean ae-metrics --normal 1 "$F/test.v.csv" >/dev/null
	valgrind_clean ae-metrics --json --where 'err>0.01' --normal 1 "$F/test.e.aes" "$F/test.e.aes" >/dev/null
	run valgrind_clean ae-metrics --normal 2 "$F/test.e.aes"
	[ "$status" -eq 1 ]
}

# series GROUP: two machines in turns, with rows without a verdict and one without a label.
series() {
	printf 'machine,label,err,pred\n'
	printf '%s\n' a,0,1,0 b,1,5,1 a,1,2,0 b,0,2,0 a,1,3,1 b,1,2,0 a,1,4,0 b,,9,1 a,0,1,1 b,0,1, b,1,3,1 c,0,3,1
}

@test "ae-metrics: --events and --point-adjust give what a plain reading of the definitions gives" {
	[ -x /usr/bin/python3 ] || skip 'no python3'
	local way
	for way in '' '--by machine'; do
		# shellcheck disable=SC2086 # words are meant
		ae-metrics -q --anomaly 1 --events --point-adjust --json $way "$ROOT/tests/expected/events.csv" >"out$way.json"
	done
	/usr/bin/python3 - "$ROOT/tests/expected" <<-'END'
		import json, subprocess, sys
		folder = sys.argv[1]
		expected = json.load(open(folder + "/events.json"))
		one, by = json.load(open("out.json")), json.load(open("out--by machine.json"))
		pairs = [(one, "all rows as one series"), (by, "all")] + [(g, g["group"]) for g in by["groups"]]
		assert len(pairs) == len(expected) == 5
		for ours, name in pairs:
		    subprocess.check_call([folder + "/same_members.py", json.dumps(ours), json.dumps(expected[name])])
	END
}

@test "ae-metrics: an event is detected by any row of it, and runs of verdicts pass over rows without one" {
	series | ae-metrics -q --anomaly 1 --events --point-adjust --by machine | sed -n '/^events  /,$p' >out.txt
	cmp out.txt - <<-'END'
		events       4
		detected     3
		flagged runs 5, of them 3 in an event
		mean delay   0.3333 rows
		median delay 0 rows

		             precision    recall        F1
		events          0.6000    0.7500    0.6667
		adjusted        0.7143    0.8333    0.7692   <- each row of a detected event counts as flagged
		random          0.6735    0.6875    0.6804   <- the same of 0.5000 of the rows, flagged by chance
	END
	# One alarm, in the midst of which a row has no verdict.
	printf 'label,pred\n0,0\n1,0\n1,0\n1,1\n1,\n1,1\n0,1\n0,0\n0,1\n' | ae-metrics --anomaly 1 --events >out.txt
	grep -qx 'flagged runs 2, of them 1 in an event' out.txt
	grep -qx 'mean delay   2 rows' out.txt
	# Without alarms, and without events.
	printf 'label,pred\n0,0\n1,0\n' | ae-metrics --anomaly 1 --events --point-adjust >out.txt
	grep -qx 'flagged runs 0, of them 0 in an event' out.txt
	run -1 grep delay out.txt
	grep -qE '^events +undefined +0.0000 +0.0000$' out.txt
	grep -qE '^random +undefined +0.0000 +0.0000 .* 0.0000 of the rows' out.txt
	printf 'label,pred\n0,1\n0,0\n' | ae-metrics --normal 0 --events >out.txt
	grep -qE '^events +0.0000 +undefined +0.0000$' out.txt
	# All flagged: chance does as well.
	printf 'label,pred\n0,1\n1,1\n' | ae-metrics --normal 0 --point-adjust >out.txt
	[ "$(grep -E '^(adjusted|random)' out.txt | cut -c 14-42 | sort -u | wc -l)" -eq 1 ]
}

@test "ae-metrics: a delay is in seconds too where rows have times" {
	printf 'time,label,pred\n2026-11-27 10:00:00,1,0\n2026-11-27T10:05:00.5Z,1,1\n11:00,0,0\n' >one.csv
	printf 'time,label,pred\n1000,1,0\n1001,1,0\n1003.25,1,1\n1010,0,0\n,1,0\n7,1,1\n' >two.csv
	ae-metrics --anomaly 1 --events one.csv | grep -qx 'mean delay   1 row, 300.5 s'
	ae-metrics --anomaly 1 --events two.csv >out.txt
	grep -qx 'mean delay   1.5 rows, 3.25 s' out.txt
	ae-metrics --anomaly 1 --events --json one.csv two.csv >out.json
	grep -q '"mean_delay": 1.3333333333333333, "median_delay": 1, "mean_seconds": 151.875, "median_seconds": 151.875' out.json
	sed 's/^[0-9]*/x/' two.csv | ae-metrics --anomaly 1 --events | grep -qx 'mean delay   1.5 rows'
	printf 'time,label,pred\n0001-01-01,1,0\n0001-01-02,1,1\n,0,0\n9999-12-31T23:59,1,0\n9999-12-31T23:59:59.5,1,1\n' |
		ae-metrics --anomaly 1 --events | grep -qx 'mean delay   1 row, 43229.8 s'
	printf 'time,label,pred\n0001-01-01,1,0\n9999-01-01,1,1\n' | ae-metrics --anomaly 1 --events |
		grep -qx 'mean delay   1 row, 3.15506e+11 s'
}

@test "ae-metrics: where time runs backwards within an event its delay is in rows alone, and a note says so" {
	local note='whose delay is in rows alone'
	printf 'time,label,pred\n100,1,0\n50,1,1\n60,0,0\n7,1,1\n' >back.csv
	ae-metrics --anomaly 1 --events back.csv >out.txt 2>err.txt
	grep -qx 'mean delay   0.5 rows, 0 s' out.txt
	grep -qx "ae-metrics: time runs backwards in 1 event, $note" err.txt
	# Also if it has come back when the event is detected; not after that, between events, or where none is detected.
	printf 'time,label,pred\n10,1,0\n5,1,0\n,1,0\n12,1,1\n' >up.csv
	ae-metrics --anomaly 1 --events up.csv >out.txt 2>err.txt
	grep -qx 'mean delay   3 rows' out.txt
	grep -qx "ae-metrics: time runs backwards in 1 event, $note" err.txt
	printf 'time,label,pred\n10,1,0\n12,1,1\n5,1,1\n3,0,0\n2,1,0\n1,1,0\n1,0,0\n0,1,0\n4,1,1\n' >after.csv
	ae-metrics --anomaly 1 --events after.csv >out.txt 2>err.txt
	grep -qx 'mean delay   1 row, 3 s' out.txt
	! grep backwards err.txt || return 1
	sed '1s/^/g,/; 2,$s/^/a,/' back.csv >groups.csv
	sed '1d; s/^/b,/' up.csv >>groups.csv
	ae-metrics --anomaly 1 --events --by g groups.csv 2>&1 >out.txt | grep -qx "ae-metrics: time runs backwards in 2 events, $note"
	ae-metrics --anomaly 1 --events --json back.csv back.csv 2>/dev/null | grep -q '"mean_seconds": 0,'
	ae-metrics --anomaly 1 --point-adjust back.csv 2>&1 | grep backwards && return 1
	ae-metrics -q --anomaly 1 --events back.csv 2>&1 | grep backwards && return 1
	true
}

@test "ae-metrics: no event goes on from one file to the next, nor beyond a row that is there no more" {
	printf 'label,pred\n0,0\n1,1\n' >one.csv
	printf 'label,pred\n1,0\n0,0\n' >two.csv
	ae-metrics --anomaly 1 --events one.csv two.csv | grep -qx 'events       2'
	cat one.csv two.csv | ae-metrics --anomaly 1 --events | grep -qx 'events       1'
	(ae-cat one.csv && ae-cat two.csv) | ae-metrics --anomaly 1 --events | grep -qx 'events       2'
	sed 's/^/a,/; 1s/a,/g,/' one.csv >one.g.csv
	sed 's/^/a,/; 1s/a,/g,/' two.csv >two.g.csv
	ae-metrics --anomaly 1 --events --by g one.g.csv two.g.csv | grep -qx 'events       2'
	# Rows that --where leaves out are not there.
	printf 'label,pred,k\n1,1,a\n0,0,b\n1,0,a\n0,0,a\n' >k.csv
	ae-metrics --anomaly 1 --events k.csv | grep -qx 'events       2'
	ae-metrics --anomaly 1 --events --pass k --where k=a k.csv | grep -qx 'events       1'
}

@test "ae-metrics: --by prints a line a group, sorted, their mean, and all" {
	series | ae-metrics -q --anomaly 1 --by machine >out.txt
	sed '/^$/,$d' out.txt >table.txt
	cmp table.txt - <<-'END'
		           rows  anomalies  precision   recall       F1  ROC-AUC   PR-AUC  best F1
		a             5          3     0.5000   0.3333   0.4000   1.0000   1.0000   1.0000
		b             5          3     1.0000   0.6667   0.8000   0.9167   0.9167   0.8571
		c             1          0     0.0000        -   0.0000        -        -        -
		mean                           0.5000   0.5000   0.4000   0.9583   0.9583   0.9286
		all          11          6     0.6000   0.5000   0.5455   0.8667   0.8500   0.8571
	END
	# What follows is of all rows, and each group is what it is alone.
	series | ae-metrics -q --anomaly 1 >all.txt
	sed '1,/^$/d' out.txt | cmp - all.txt
	series >s.csv
	ae-metrics -q --anomaly 1 --events --json --by machine s.csv >by.json
	ae-metrics -q --anomaly 1 --events --json --pass machine --where machine=b s.csv >b.json
	grep -qF "{\"group\": \"b\", $(sed 's/^{//' b.json)" by.json
	grep -qF '"by": "machine", "groups": [{"group": "a", "rows": 5, ' by.json
	grep -q '"mean": {"precision": 0.5, "recall": 0.5, .*"mean_delay": 0.5}}$' by.json
	# By a number, by the verdict, and by names that JSON and terminals must not take for their own.
	ae-metrics -q --anomaly 1 --by pred s.csv | grep -qE '^none +1 +0 '
	printf 'g,label,pred\n"a""\\",1,1\n\001\xff,0,0\n' >odd.csv
	ae-metrics --anomaly 1 --by g odd.csv | grep -qF '\x01\xff'
	ae-metrics --anomaly 1 --by g --json odd.csv >odd.json
	grep -qF '"group": "a\u0022\u005c"' odd.json
	grep -qF '"group": "\u0001\ufffd"' odd.json
	printf 'label,err\n1,0.5\n0,1\n0,0.50\n' | ae-metrics --anomaly 1 --by err | grep -qE '^0.5 +2 +1 '
}

@test "ae-metrics: cells that are empty are a group with a name" {
	printf 'g,label,pred\nm,1,1\n,0,0\n' | ae-metrics --anomaly 1 --by g | grep -qE '^\(empty\) +1 +0 '
	printf 'g,label,pred\nm,1,1\n,0,0\n' | ae-metrics --anomaly 1 --by g --json | grep -qF '"group": ""'
}

# interleaved ARG...: verdicts on scores of two machines, smoothed with these arguments.
interleaved() {
	seq 12 | awk 'BEGIN { print "machine,label,err" } { print ($1 % 2 ? "m" : "n") "," ($1 > 4 && $1 < 8) "," $1 }' |
		ae-smooth --mean 2 "$@" --pass machine | ae-thresh --at 4 -O aest
}

@test "ae-metrics: --events over the rows of several series names the option that measures each by itself" {
	local note='ae-metrics: events run across the rows of several series: --by machine measures each by itself'
	interleaved --group machine >v.aes
	for option in --events --point-adjust; do
		ae-metrics --anomaly 1 $option v.aes >all.txt 2>err.txt
		grep -qx "$note" err.txt
		ae-metrics --anomaly 1 $option --by machine v.aes >by.txt 2>err.txt
		[ ! -s err.txt ]
		ae-metrics --anomaly 1 $option --where machine=m v.aes >one.txt 2>err.txt
		[ ! -s err.txt ]
	done
	ae-metrics --anomaly 1 v.aes >rows.txt 2>err.txt
	[ ! -s err.txt ]
	interleaved | ae-metrics --anomaly 1 --events >all.txt 2>err.txt
	[ ! -s err.txt ]
	# the group of a window says it too, where nothing was smoothed
	seq 40 | awk 'BEGIN { print "machine,label,a" } { print ($1 % 2 ? "m" : "n") "," ($1 % 9 > 6) "," $1 }' |
		ae-window --size 2 --group machine --pass machine --drop-incomplete -o w.aes
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem w.aes
	ae-recon -m m.aem w.aes | ae-err | ae-thresh --at 4 -O aest | ae-metrics --anomaly 1 --events 2>err.txt >all.txt
	grep -qx "$note" err.txt
}

@test "ae-metrics: --by and --events do not depend on batches" {
	local n
	ae-cat "$ROOT/tests/expected/events.csv" -o e.aes
	ae-metrics -q --anomaly 1 --events --point-adjust --by machine --json e.aes >whole.json
	for n in 1 2 7 16 17 512; do
		ae-cat --batch-rows $n e.aes | ae-metrics -q --anomaly 1 --events --point-adjust --by machine --json | cmp - whole.json
	done
}

@test "ae-metrics: --events without verdicts, and --by of no column or of too many groups, are errors" {
	printf 'label,err\n1,1\n0,0\n' >scores.csv
	expect_error 1 'scores.csv: --events needs verdicts, a column pred*' ae-metrics --anomaly 1 --events scores.csv
	expect_error 1 'scores.csv: --point-adjust needs verdicts*' ae-metrics --anomaly 1 --point-adjust scores.csv
	expect_error 1 'scores.csv: --by: no column "machine"' ae-metrics --anomaly 1 --by machine scores.csv
	expect_error 1 '*--by: column "x" has several values a row' ae-metrics --anomaly 1 --by x \
		<(printf 'a,b,label,err\n1,2,1,1\n' | ae-cat --x a,b)
	awk 'BEGIN { print "id,label,err"; for (i = 0; i <= 100000; i++) print i ",0,1" }' >many.csv
	expect_error 1 'many.csv: --by id: more than 100000 groups*' ae-metrics --normal 0 --by id many.csv
}

@test "ae-metrics: --by and --events are clean under valgrind" {
	series >s.csv
	valgrind_clean ae-metrics -q --anomaly 1 --events --point-adjust --by machine s.csv >out.txt
	valgrind_clean ae-metrics -q --anomaly 1 --events --json --by machine s.csv s.csv >out.txt
}
