#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Preparation is part of the model: steps record themselves, -m applies the next one, and scorers want all of them.
load helpers
load scoring

# rows N: two sensors of three machines.
rows() {
	seq "$1" | awk 'BEGIN { print "machine,a,b,label" } { print "mno", $1 }' | awk 'NR == 1 { print $1; next }
		{ i = NR - 1; printf "%s,%.4f,%.4f,%s\n", substr("mno", i % 3 + 1, 1), sin(i / 7) * 10, cos(i / 5) + 3, i % 50 ? "ok" : "bad" }'
}

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	rows 600 >rows.csv
	train() { ae-train -q --net 10-4-10 --epochs 3 -m "$1"; }
	ae-normalize -q --pass machine,label --fit standard rows.csv | ae-window --size 5 --group machine | train sw.aem
	ae-window --size 5 --group machine --pass machine,label rows.csv | ae-normalize -q --fit standard | train ws.aem
	ae-window --size 5 --group machine --pass machine,label rows.csv | train w.aem
	ae-normalize -q --pass machine,label --fit standard rows.csv | ae-train -q --net 2-1-2 --epochs 2 -m s.aem
	ae-cat --pass machine,label rows.csv -o rows.aes
}

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	ln -s "$BATS_FILE_TMPDIR"/* .
}

@test "preparation: -m takes each step's parameters from the model, scaler before or after the window" {
	ae-normalize -m sw.aem --pass machine,label rows.csv | ae-window -m sw.aem | ae-recon -m sw.aem | ae-err -o sw.aes
	ae-window -m ws.aem --pass machine,label rows.csv | ae-normalize -m ws.aem | ae-recon -m ws.aem | ae-err -o ws.aes
	ae-window -m w.aem --pass machine,label rows.csv | ae-recon -m w.aem | ae-err -c | tail -n +2 | grep -vc nan | grep -qx 588
	[ "$(ae-cat -c sw.aes | wc -l)" -eq 601 ]
	# a scaler of each sensor does the same to a window as to its rows
	ae-normalize --fit div:3 --pass machine,label rows.csv | ae-window --size 5 --group machine -c >rows.txt
	ae-window --size 5 --group machine --pass machine,label rows.csv | ae-normalize --fit div:3 -c | cmp - rows.txt
}

@test "preparation: streams and models say what x has had" {
	ae-window -m ws.aem --pass machine,label rows.csv | ae-info | grep -qx 'prepared by ae-window (size 5, stride 1, group machine)'
	ae-info sw.aem | grep -A 1 '^prepared by' | sed 's/^.\{12\}//' | cmp - <(
		echo 'ae-normalize (standard per column, 2 columns)'
		echo 'ae-window (size 5, stride 1, group machine)')
	ae-info s.aem | grep -qx 'scaler      standard per column, 2 columns'
	ae-info --pass machine,label rows.csv | grep -qx 'scaler      none'
}

@test "preparation: a program out of turn says what x has had and what puts it right" {
	expect_error 1 '<stdin>: x has not been prepared, but the model'\''s next step is ae-normalize: pipe it through ae-normalize -m sw.aem | ae-window -m sw.aem' \
		pipe 'ae-cat --pass machine,label rows.csv | ae-recon -m sw.aem'
	expect_error 1 '<stdin>: x has not been prepared, but *: pipe it through ae-normalize -m sw.aem | ae-window -m sw.aem' \
		pipe 'ae-cat --pass machine,label rows.csv | ae-window -m sw.aem'
	expect_error 1 '<stdin>: x has had ae-normalize (standard per column, 2 columns), but the model'\''s next step is ae-window: pipe it through ae-window -m sw.aem' \
		pipe 'ae-normalize -m sw.aem --pass machine,label rows.csv | ae-recon -m sw.aem'
	expect_error 1 '<stdin>: x has had ae-window (size 5, stride 1, group machine), but the model'\''s first step is ae-normalize (*): pipe the original through ae-normalize -m sw.aem | ae-window -m sw.aem' \
		pipe 'ae-window -m ws.aem --pass machine,label rows.csv | ae-normalize -m sw.aem'
	expect_error 1 '<stdin>: x has had ae-window (size 4, stride 1, group machine), but the model'\''s first step is ae-window (size 5, *): pipe the original through ae-window -m ws.aem | ae-normalize -m ws.aem' \
		pipe 'ae-window --size 4 --group machine --pass machine,label rows.csv | ae-normalize -m ws.aem'
	expect_error 1 '<stdin>: x has had ae-window (size 5, *), but the model takes x as it comes' \
		pipe 'ae-cat --pass machine,label rows.csv | ae-train -q --net 2-1-2 --epochs 1 -m plain.aem && ae-window -m w.aem --pass machine,label rows.csv | ae-recon -m plain.aem'
	expect_error 1 '<stdin>: x has had ae-window (size 5, stride 1), but the model'\''s first step is ae-window (size 5, stride 1, group machine): *' \
		pipe 'ae-window --size 5 --pass machine,label rows.csv | ae-recon -m w.aem'
	expect_error 1 '<stdin>: x has had ae-normalize (*) and ae-window (*), but these are all of the model'\''s steps' \
		pipe 'ae-normalize -m sw.aem --pass machine,label rows.csv | ae-window -m sw.aem | ae-window -m sw.aem'
	expect_error 1 '<stdin>: s.aem: x of this model does not go through ae-window' pipe 'ae-normalize -m s.aem --pass machine,label rows.csv | ae-window -m s.aem'
	expect_error 2 '--size: with -m it comes from w.aem' ae-window -m w.aem --size 5 rows.csv
	expect_error 2 '--group: with -m it comes from w.aem' ae-window -m w.aem --group machine rows.csv
}

@test "preparation: a second scaler is refused unless the model asks for it" {
	expect_error 1 '<stdin>: x is scaled already; --invert undoes it' pipe 'ae-normalize -m s.aem --pass machine,label rows.csv | ae-normalize -m s.aem'
	expect_error 1 '<stdin>: x is scaled already; --invert undoes it' pipe 'ae-normalize -m s.aem --pass machine,label rows.csv | ae-normalize --fit minmax'
	expect_error 1 '<stdin>: x has had ae-window (*) and ae-normalize (*), but these are all of the model'\''s steps' \
		pipe 'ae-window -m ws.aem --pass machine,label rows.csv | ae-normalize -m ws.aem | ae-normalize -m ws.aem'
}

@test "preparation: text that is partly prepared is refused, and --scaled vouches for the whole list" {
	ae-normalize -m sw.aem --pass machine,label rows.csv -o text.csv
	expect_error 1 'text.csv: text does not say what x has had: pipe the original through ae-normalize -m sw.aem | ae-window -m sw.aem' \
		ae-window -m sw.aem --pass machine,label text.csv
	ae-window -m w.aem --pass machine,label rows.csv | ae-recon -m w.aem -o r.aes
	ae-window -m w.aem --pass machine,label rows.csv -o windows.csv
	expect_error 1 'windows.csv: text does not say how x was prepared: pipe the original through ae-window -m w.aem, or vouch with --scaled that this was' \
		ae-recon -m w.aem --missing mask --pass machine,label windows.csv
	ae-recon -m w.aem --scaled --missing mask --pass machine,label windows.csv | ae-err -c | cut -d, -f 1,2,13- | cmp - <(ae-err -c r.aes | cut -d, -f 1,2,13-)
}

@test "preparation: --invert undoes a scaler that comes last, or before a window alone" {
	ae-window -m ws.aem --pass machine,label rows.csv -o want.aes
	ae-window -m ws.aem --pass machine,label rows.csv | ae-normalize -m ws.aem | ae-normalize --invert | ae-info >info
	grep -qx 'prepared by ae-window (size 5, stride 1, group machine)' info
	ae-normalize -m sw.aem --pass machine,label rows.csv | ae-window -m sw.aem | ae-normalize --invert | ae-info | tail -n +2 | cmp - <(tail -n +2 info)
	expect_error 1 '<stdin>: nothing to invert: x is not scaled' pipe 'ae-window -m ws.aem --pass machine,label rows.csv | ae-normalize --invert'
}

@test "preparation: features in another order, before the scaler and after the window" {
	awk -F, '{ print $3 "," $2 "," $1 "," $4 }' rows.csv >turned.csv
	score() { ae-window -m ws.aem --pass machine,label "$1" | ae-normalize -m ws.aem | ae-recon -m ws.aem | ae-err -o "$2"; }
	score rows.csv want.aes
	score turned.csv got.aes
	ae-cat -c want.aes | cut -d, -f 3- | cmp - <(ae-cat -c got.aes | cut -d, -f 3-)
	# the stream's own preparation is put in order with x
	ae-window --size 5 --group machine --pass machine,label turned.csv | ae-normalize -q --fit standard -o turned.aes
	ae-recon -m ws.aem turned.aes | ae-err | ae-info | grep '^model' | cmp - <(
		ae-window -m ws.aem --pass machine,label rows.csv | ae-normalize -m ws.aem | ae-recon -m ws.aem | ae-err | ae-info | grep '^model')
}

@test "preparation: --valid, --init and --resume want the same steps" {
	ae-normalize -m sw.aem --pass machine,label rows.csv | ae-window -m sw.aem -o sw.aes
	ae-train -q --net 10-4-10 --epochs 1 -m v.aem --valid sw.aes sw.aes
	ae-train -q --resume v.aem --epochs 2 -m v.aem sw.aes
	expect_error 1 'v.aem: was trained on x of another preparation: *' pipe 'ae-window -m ws.aem --pass machine,label rows.csv | ae-normalize -m ws.aem | ae-train -q --resume v.aem --epochs 3 -m v2.aem'
	ae-window -m ws.aem --pass machine,label rows.csv | ae-normalize -m ws.aem -o ws.aes
	expect_error 1 'ws.aes: x was prepared otherwise than the training rows' ae-train -q --net 10-4-10 --epochs 1 -m v.aem --valid ws.aes sw.aes
	# only the scaler is missing
	ae-window -m ws.aem --pass machine,label rows.csv -o w.aes
	ae-train -q --net 10-4-10 --epochs 1 -m one.aem --valid w.aes ws.aes
	ae-train -q --net 10-4-10 --epochs 1 -m two.aem --valid ws.aes ws.aes
	cmp one.aem two.aem
}

@test "preparation: ae-info --pipeline prints the pipeline that scores, and it runs" {
	fit() { ae-recon -m "$1" | ae-err "${@:2}" | ae-smooth --mean 3 --group machine | ae-thresh -q --fit quantile:0.98 -m "$1" >/dev/null; }
	cp sw.aem 'a model.aem'
	ae-normalize -m sw.aem --pass machine,label rows.csv | ae-window -m sw.aem | fit 'a model.aem' --metric max
	want="ae-normalize -m 'a model.aem' | ae-window -m 'a model.aem' | ae-recon -m 'a model.aem' | ae-err --metric max | ae-smooth --mean 3 --group machine | ae-thresh -m 'a model.aem'"
	[ "$(ae-info --pipeline 'a model.aem')" = "$want" ]
	bash -o pipefail -c "$(ae-info --pipeline 'a model.aem')" <rows.csv >got.csv
	[ "$(wc -l <got.csv)" -eq 601 ]
	grep -q ',1$' got.csv
	ae-normalize -m sw.aem --pass machine,label rows.csv | ae-window -m sw.aem | ae-recon -m 'a model.aem' | ae-err --metric max |
		ae-smooth --mean 3 --group machine | ae-thresh -m 'a model.aem' | cmp - got.csv
	# a threshold in original units; none; parts alone
	ae-normalize -m s.aem --pass machine,label rows.csv | ae-recon -m s.aem | ae-normalize --invert | ae-err --metric mae |
		ae-thresh -q --fit quantile:0.98 -m s.aem >/dev/null
	[ "$(ae-info --pipeline s.aem)" = 'ae-normalize -m s.aem | ae-recon -m s.aem | ae-normalize --invert | ae-err --metric mae | ae-thresh -m s.aem' ]
	bash -o pipefail -c "$(ae-info --pipeline s.aem)" <rows.csv | grep -c ',1$' | grep -qE '^1[23]$'
	[ "$(ae-info --pipeline w.aem)" = 'ae-window -m w.aem | ae-recon -m w.aem | ae-err' ]
	ae-normalize -q --pass machine,label --fit minmax --save f.aem rows.csv -o /dev/null
	[ "$(ae-info --pipeline f.aem)" = 'ae-normalize -m f.aem' ]
	expect_error 1 'none.aem: No such file or directory' ae-info --pipeline none.aem
}

@test "preparation: a scaler for each group, with small and unknown groups scaled as all rows are" {
	awk 'BEGIN { srand(3); print "machine,a,b"
		for (i = 0; i < 900; i++) { m = i % 3 ? "m" : "n"; if (i % 90 == 5) m = "few"
			printf "%s,%.5f,%.5f\n", m, (m == "m" ? 100 : 1) * rand(), (m == "n" ? 50 : 2) + rand() } }' >g.csv
	ae-normalize -q --fit standard --group machine --pass machine --save g.aem g.csv -o g.aes
	python3 - "$(ae-cat -c g.aes | tr '\n' ' ')" <<'PY'
import csv, statistics, sys
rows = list(csv.reader(open("g.csv")))[1:]
got = [[float(v) for v in r.split(",")[1:]] for r in sys.argv[1].split()[1:]]
names = [r[0] for r in rows]
assert len(got) == len(rows) and names.count("few") < 100
for c in range(2):
    unit = {}
    for name in ("m", "n", "few"):
        x = [float(r[c + 1]) for r in rows if name == "few" or r[0] == name]
        unit[name] = statistics.fmean(x), statistics.pstdev(x)
    for name, row, out in zip(names, rows, got):
        mean, sd = unit[name]
        assert abs((float(row[c + 1]) - mean) / sd - out[c]) < 1e-5
PY
	# applied by the saved file, in any batches; an unknown group is as a small one
	ae-normalize -m g.aem --pass machine g.csv -c | cmp - <(ae-cat -c g.aes)
	for batch in 1 7; do ae-cat --pass machine --batch-rows $batch g.csv | ae-normalize -m g.aem -c | cmp - <(ae-cat -c g.aes); done
	sed 's/^few/new/' g.csv | ae-normalize -m g.aem --pass machine -c | sed 's/^new/few/' | cmp - <(ae-cat -c g.aes)
	# which is said, once for each group, and not of the rows of the fit
	sed 's/^few/new/; 5s/^[a-z]*/more/' g.csv | ae-normalize -m g.aem --pass machine 2>err.txt | ae-normalize --invert -c >/dev/null
	[ "$(<err.txt)" = 'ae-normalize: 2 groups without a scaler of their own have that of all rows, the first: "more"' ]
	ae-normalize --fit standard --group machine --pass machine g.csv 2>&1 >/dev/null | grep -c 'of their own\|of its own' | grep -qx 0
	# while a feed waits, too
	mkfifo feed
	ae-normalize -m g.aem --pass machine <feed >live.aes 2>live.err &
	exec 8>feed
	printf 'machine,a,b\nm,1,2\nnew,1,2\n' >&8
	eventually grep -qx 'ae-normalize: 1 group without a scaler of its own has that of all rows: "new"' live.err
	exec 8>&-
	wait $!
	[ "$(wc -l <live.err)" -eq 1 ]
	ae-normalize --invert g.aes -c | awk -F, 'NR == FNR { want[FNR] = $2; next } FNR > 1 { d = $2 - want[FNR]; if (d * d > 1e-8) exit 1 }' g.csv -
	# the model keeps them
	ae-info g.aes | grep -qx 'prepared by ae-normalize (standard per column, 2 columns, group machine)'
	ae-train -q --net 2-1-2 --epochs 2 -m m.aem g.aes
	ae-normalize -m m.aem --pass machine g.csv | ae-recon -m m.aem -c >a.csv
	ae-recon -m m.aem -c g.aes | cmp - a.csv
	[ "$(ae-info --pipeline m.aem)" = 'ae-normalize -m m.aem | ae-recon -m m.aem | ae-err' ]
	# what does not fit
	expect_error 1 'g.csv: --group: no column "plant"*' ae-normalize --fit standard --group plant --pass machine g.csv
	expect_error 2 '--group: div:3 is the same for all groups' ae-normalize --fit div:3 --group machine g.csv
	expect_error 2 '--group goes with --fit or with --missing last' ae-normalize -m g.aem --group machine g.csv
	expect_error 1 '<stdin>: --group: no column "machine"*' pipe 'cut -d, -f 2- g.csv | ae-normalize -m g.aem'
	ae-normalize -q --fit standard --pass machine g.csv -o plain.aes
	expect_error 1 'plain.aes: x has had ae-normalize (standard per column, 2 columns), but the model*' ae-recon -m m.aem plain.aes
}

@test "preparation: a column that is constant or nearly empty in a group has the scale of all rows there" {
	/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip 'no NumPy for Python'
	awk 'BEGIN { srand(4); print "machine,a,b,c"
		for (i = 0; i < 900; i++) { m = i % 3 ? "m" : "n"
			printf "%s,%.4f,%s,%s\n", m, 5 * rand(), m == "n" ? "7" : sprintf("%.4f", 1e6 * rand()),
				(m == "n" && 200 < i) ? "" : sprintf("%.4f", 3 * rand() + (m == "n") * 90) } }' >g.csv
	local method
	for method in standard robust minmax; do
		ae-normalize --missing mask --fit $method --group machine --pass machine --save $method.aem -o $method.aes g.csv 2>err.txt
		grep -qx 'ae-normalize: 1 of 2 groups has columns that are constant or have fewer than 100 values: those take the scale of all rows ("n", column "b")' err.txt
		ae-cat -c $method.aes >$method.csv
	done
	/usr/bin/python3 - <<'PY'
import csv
import numpy as np
rows = list(csv.reader(open("g.csv")))[1:]
names = np.array([r[0] for r in rows])
x = np.array([[float(v or "nan") for v in r[1:]] for r in rows])
assert 0 < np.isfinite(x[names == "n", 2]).sum() < 100
unit = {"standard": lambda v: (v.mean(), v.std()), "robust": lambda v: (np.median(v), np.subtract(*np.quantile(v, [.75, .25]))),
        "minmax": lambda v: (v.min(), np.ptp(v))}
for method, of in unit.items():
    got = np.array([[float(v or "nan") for v in r[1:]] for r in list(csv.reader(open(method + ".csv")))[1:]])
    for name in "mn":
        for c in range(3):
            own, every = x[names == name, c], x[:, c]
            center, scale = of(own[np.isfinite(own)])
            if name == "n" and c > 0:
                every = of(every[np.isfinite(every)])
                center, scale = (center, every[1]) if c == 1 else every
            np.testing.assert_allclose(got[names == name, c], (own - center) / scale, rtol=1e-5, atol=1e-6)
PY
	# and what is not 7 any more is as far from it as in the sister's units
	printf 'machine,a,b,c\nn,1,1000007,1\n' | ae-normalize -m minmax.aem --pass machine -c | tail -n 1 | awk -F, '{ exit !($3 > 0.9 && $3 < 1.1) }'
}

@test "preparation: steps do not depend on how rows come, and a cut stream is an error" {
	same_for_cuts rows.aes ae-window -m ws.aem
	for batch in 1 7 1000; do
		ae-cat --pass machine,label --batch-rows $batch rows.csv | ae-normalize -q --fit robust --group machine --save "$batch.aem" -o /dev/null
		ae-cat --pass machine,label --batch-rows $batch rows.csv | ae-window -m ws.aem | ae-normalize -m ws.aem -c >"$batch.csv"
	done
	cmp 1.aem 7.aem && cmp 1.aem 1000.aem && cmp 1.csv 7.csv && cmp 1.csv 1000.csv
	same_for_cuts rows.aes ae-normalize -m 7.aem
	ae-normalize -m 7.aem rows.aes -o scaled.aes
	same_for_cuts scaled.aes ae-normalize --invert
}

@test "preparation: --invert does not go behind a step that moves values" {
	expect_error 1 '<stdin>: the last step of x is ae-transform (diff 1*), and no scaler: nothing to invert' \
		pipe 'ae-normalize -m s.aem --pass machine,label rows.csv | ae-transform --diff 1 | ae-normalize --invert'
	ae-normalize -m s.aem --pass machine,label rows.csv | ae-transform -q --diff 1 | ae-train -q --net 2-1-2 --epochs 1 -m d.aem
	expect_error 1 'd.aem: the last step of the model*s preparation is no scaler' \
		pipe 'printf "recon.a,recon.b\n1,2\n" | ae-normalize --invert -m d.aem'
}

@test "preparation: ae-info --pipeline keeps the group of the smoothing, whatever the length of its name" {
	local name
	name=$(printf 'g%.0s' {1..300})
	{
		echo "$name,a,b"
		for i in {1..40}; do echo "m$((i % 2)),$i,$((i * i % 7))"; done
	} >named.csv
	ae-window --size 2 --group "$name" --pass "$name" named.csv | ae-train -q --net 4-2-4 --epochs 1 -m named.aem
	ae-window -m named.aem --pass "$name" named.csv | ae-recon -m named.aem | ae-err |
		ae-smooth --mean 3 --group "$name" | ae-thresh -q --fit quantile:0.9 -m named.aem >thresh.txt
	ae-info --pipeline named.aem | grep -qF "ae-smooth --mean 3 --group $name |"
	# a group of the preparation is none of the smoothing
	ae-window -m named.aem --pass "$name" named.csv | ae-recon -m named.aem | ae-err |
		ae-smooth --mean 3 | ae-thresh -q --fit quantile:0.9 -m named.aem >thresh.txt
	ae-info --pipeline named.aem | grep -qF 'ae-smooth --mean 3 | '
}

# log ROWS: a log of two machines with times, ids, labels, text, and holes in its sensors.
log() {
	seq "$1" | awk 'BEGIN { print "stamp,machine,rowid,a,b,fault,kind" }
		{ i = $1; printf "2026-03-01T%02d:%02d,%s,r%d,%s,%.4f,%d,%s\n", i / 60, i % 60, i % 2 ? "m" : "n", i,
			i % 13 ? sprintf("%.4f", sin(i / 7) * 10) : "", cos(i / 5) + 3, i % 50 == 0, i % 50 ? "ok" : "bad" }'
}

# pipeline_runs STAGES: m.aem's pipeline is these, and gives log.csv the scores and verdicts of scores.aes.
pipeline_runs() {
	[ "$(ae-info --pipeline m.aem)" = "$1" ] || {
		ae-info --pipeline m.aem
		return 1
	}
	bash -o pipefail -c "$1" <log.csv >got.csv 2>err.txt || {
		cat err.txt
		return 1
	}
	ae-thresh -m m.aem scores.aes | ae-cat --missing skip --id rowid -c --cols rowid,err,pred >want.csv
	ae-cat --missing skip --id rowid -c --cols rowid,err,pred got.csv | cmp - want.csv && [ "$(wc -l <want.csv)" -gt 300 ]
}

# shellcheck disable=SC2086,SC2317 # words of options; functions that are called by name
@test "preparation: ae-info --pipeline says how the text is read that the model was trained on, and it runs" {
	local roles='--time stamp --id machine,rowid' series='--group machine --max-gap 10m'
	log 400 >log.csv
	first() { "$@" --missing mask $roles --label fault --pass kind log.csv; }
	scored() {
		"$@" >x.aes
		ae-train -q --missing mask --net "${net:-8-3-8}" --epochs 2 -m m.aem x.aes
		ae-recon -m m.aem x.aes | ae-err | ae-smooth --ewma 5 $series -o scores.aes
		ae-thresh -q --fit quantile:0.9 -m m.aem scores.aes >/dev/null
	}
	local rest="ae-recon -m m.aem | ae-err --metric mse | ae-smooth --ewma 5 $series | ae-thresh -m m.aem"
	{
		all() { first ae-transform --baseline ewma:5 $series | ae-normalize -q --fit standard --group machine | ae-window --size 4 $series; }
		scored all
		pipeline_runs "ae-transform -m m.aem $roles --missing mask | ae-normalize -m m.aem | ae-window -m m.aem | $rest"
		all() { first ae-normalize -q --fit standard --group machine | ae-window --size 4 $series; }
		scored all
		pipeline_runs "ae-normalize -m m.aem $roles --missing mask | ae-window -m m.aem | $rest"
		# a plain scaler first: the roles are those of the window's input
		all() { first ae-normalize -q --fit standard | ae-window --size 4 $series; }
		scored all
		pipeline_runs "ae-normalize -m m.aem $roles --missing mask | ae-window -m m.aem | $rest"
	}
	# rows with holes that are left out of the training
	first ae-window --size 4 --group machine | ae-train -q --net 8-3-8 --epochs 2 -m m.aem 2>/dev/null
	[ "$(ae-info --pipeline m.aem)" = "ae-window -m m.aem $roles --missing mask | ae-recon -m m.aem | ae-err" ]
	# without preparation, and without holes and names that say less than their roles
	cut -d, -f4,5 log.csv | ae-train -q --missing mask --net 2-1-2 --epochs 1 -m m.aem
	[ "$(ae-info --pipeline m.aem)" = 'ae-recon -m m.aem --missing mask | ae-err' ]
	sed '1s/stamp/time/; 1s/rowid/id/' log.csv | sed 's/,,/,1,/' |
		ae-window --size 4 --group machine --pass machine,kind,fault | ae-train -q --net 8-3-8 --epochs 1 -m m.aem
	[ "$(ae-info --pipeline m.aem)" = 'ae-window -m m.aem | ae-recon -m m.aem | ae-err' ]
}

@test "a column by which the model tells groups is known: no note of it, but of others" {
	awk 'BEGIN { print "m,a,b"; for (i = 0; i < 400; i++) print "g" i % 2 "," sin(i) "," cos(i) }' >x.csv
	ae-normalize -q --pass m --fit standard --group m x.csv | ae-train -q --net 2-1-2 --epochs 1 -m scaler.aem
	ae-normalize -q --pass m --fit standard x.csv | ae-window --size 3 --group m --drop-incomplete |
		ae-train -q --net 'flatten, dense 2, dense 6, reshape 3x2' --epochs 1 -m window.aem
	ae-normalize -q --pass m --fit standard x.csv | ae-train -q --net 2-1-2 --epochs 1 -m threshold.aem
	ae-normalize -q --pass m -m threshold.aem x.csv | ae-recon -m threshold.aem | ae-err |
		ae-thresh -q --fit quantile:0.9 --group m -m threshold.aem >fit.txt
	local model
	for model in scaler window threshold; do
		ae-normalize -m $model.aem x.csv 2>err.txt >n.aes
		run -1 grep 'does not know' err.txt
		sed 's/$/,z/;1s/z$/other/' x.csv | ae-normalize -m $model.aem 2>err.txt >n.aes
		grep -q '1 column that the model does not know is passed through: "other"$' err.txt
	done
}
