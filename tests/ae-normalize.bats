#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-normalize: fit, apply, invert a scaler.
load helpers
load scoring

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	{
		echo id,time,flow,heat,still,label
		awk 'BEGIN { for (i = 1; i <= 60; i++) print "u" i "," i "," i * 37 % 61 / 7 "," i * i % 53 - 20 ",4,ok" }'
	} >plant.csv
	ae-cat -o plant.aes plant.csv
	ae-normalize -q --fit minmax --save minmax.aem -o scaled.aes plant.aes
	F=$BATS_FILE_TMPDIR
	export F
}

# scaled METHOD [OPTION...]: x of four rows of two columns, a line a row.
scaled() {
	printf 'a,b\n1,10\n2,30\n3,20\n6,-20\n' | ae-normalize -q --fit "$1" "${@:2}" | ae-cat -c --cols x | sed 1d | tr '\n' ' '
}

@test "ae-normalize: --help, --version, unknown options" {
	check_manners ae-normalize
}

@test "ae-normalize: what is wrong in the arguments alone is status 2" {
	expect_error 2 'one of --fit METHOD, -m FILE and --invert is required' ae-normalize "$F/plant.csv"
	expect_error 2 '--fit, -m and --invert exclude each other' ae-normalize --fit minmax --invert "$F/plant.csv"
	expect_error 2 '--fit, -m and --invert exclude each other' ae-normalize --fit minmax -m x "$F/plant.csv"
	expect_error 2 '--save and --per go with --fit' ae-normalize --invert --save x "$F/plant.csv"
	expect_error 2 'unknown word of --per "row": expected column or tensor' ae-normalize --fit minmax --per row "$F/plant.csv"
	expect_error 2 'unknown word of --missing "never": expected error, skip, mask, mean or last' \
		ae-normalize --fit minmax --missing never "$F/plant.csv"
	ae-normalize --help | grep -q -- '--missing HOW .*: error, skip, mask, mean or last;'
	ae-cat --help | grep -q -- '--missing HOW .*: error, skip or mask;'
	for method in minimax minmax:; do
		expect_error 2 "unknown scaler \"$method\"; did you mean minmax?" ae-normalize --fit "$method" "$F/plant.csv"
	done
	for method in div: div:0 div:-1 div:nan div:inf div:x; do
		expect_error 2 "\"$method\": div:K takes a number K above 0, such as div:255" \
			ae-normalize --fit "$method" "$F/plant.csv"
	done
	expect_error 2 'unknown scaler "div"; did you mean div:K[?]' ae-normalize --fit div "$F/plant.csv"
	expect_error 2 'unknown scaler "Standard"; did you mean standard[?]' ae-normalize --fit Standard "$F/plant.csv"
	expect_error 2 'unknown scaler "": expected minmax, standard, robust, maxabs or div:K' \
		ae-normalize --fit '' "$F/plant.csv"
}

@test "ae-normalize: the methods of --help are those of the page" {
	ae-normalize --help | sed -n 's/.*--fit METHOD *fit \(.*\), and apply it.*/\1/p' | sed 's/, \| or /\n/g' >in-help
	grep -qx div:K in-help
	sed -n '/^\.Ss Scaler/,/^\.It Fl -per/s/^\.It Cm \([a-z]*\)\( : Ns Ar \(.*\)\)*$/\1:\3/p' "$ROOT/man/ae-normalize.1" |
		sed 's/:$//' | diff - in-help
}

@test "ae-normalize: golden output: minmax, standard, robust, maxabs, div, by column and by tensor" {
	[ "$(scaled minmax)" = '0,0.6 0.2,1 0.4,0.8 1,0 ' ]
	[ "$(scaled standard)" = '-1.069045,0 -0.5345225,1.069045 0,0.5345225 1.6035675,-1.6035675 ' ]
	[ "$(scaled robust)" = '-0.75,-0.25 -0.25,0.75 0.25,0.25 1.75,-1.75 ' ]
	[ "$(scaled maxabs)" = '0.16666667,0.33333334 0.33333334,1 0.5,0.6666667 1,-0.6666667 ' ]
	[ "$(scaled div:4)" = '0.25,2.5 0.5,7.5 0.75,5 1.5,-5 ' ]
	[ "$(scaled minmax --per column)" = "$(scaled minmax)" ]
	[ "$(scaled minmax --per tensor)" = '0.42,0.6 0.44,1 0.46,0.8 0.52,0 ' ]
	[ "$(scaled maxabs --per tensor)" = '0.033333335,0.33333334 0.06666667,1 0.1,0.6666667 0.2,-0.6666667 ' ]
}

@test "ae-normalize: --per column means the last axis" {
	printf '1,2,3,4\n5,6,7,12\n' >f.csv
	[ "$(ae-normalize -H --shape 2,2 --fit minmax f.csv | ae-cat -c | sed 1d | tr '\n' ' ')" = '0,0,0.33333334,0.2 0.6666667,0.4,1,1 ' ]
	[ "$(ae-normalize -H --shape 2,2 --fit minmax f.csv | ae-info | grep scaler)" = 'scaler      minmax per column, 2 columns' ]
}

@test "ae-normalize: the header carries the scaler, the values are f32" {
	ae-info "$F/scaled.aes" >info.txt
	grep -qE '^ +x +x +f32 +\[3\] "flow" to "still"$' info.txt
	grep -qx 'scaler      minmax per column, 3 columns' info.txt
	[ "$(ae-info "$F/plant.aes" | grep scaler)" = 'scaler      none' ]
}

@test "ae-normalize: CSV, TSV and AEST give the same output" {
	ae-normalize -q --fit minmax "$F/plant.csv" | cmp - "$F/scaled.aes"
	ae-cat -t "$F/plant.aes" | ae-normalize -q -I tsv --fit minmax | cmp - "$F/scaled.aes"
	ae-normalize -m "$F/minmax.aem" "$F/plant.csv" | cmp - "$F/scaled.aes"
	ae-normalize -m "$F/minmax.aem" "$F/plant.aes" | cmp - "$F/scaled.aes"
	same "ae-normalize -c -m $F/minmax.aem $F/plant.aes" "ae-cat -c $F/scaled.aes"
}

@test "ae-normalize: --batch-rows 1, 2, 7, 16, 17 and 512 give equal rows" {
	same_for_batches "$F/plant.aes" ae-normalize -q --fit minmax
	same_for_batches "$F/plant.aes" ae-normalize -q --fit standard --per tensor
	same_for_batches "$F/plant.aes" ae-normalize -q --fit robust
	same_for_batches "$F/plant.aes" ae-normalize -m "$F/minmax.aem"
	same_for_batches "$F/scaled.aes" ae-normalize --invert
}

@test "ae-normalize: a row's result depends on the row alone" {
	for row in 0 17 59; do
		ae-cat --skip $row --head 1 "$F/plant.csv" | ae-normalize -m "$F/minmax.aem" -o one.aes
		ae-cat --skip $row --head 1 "$F/scaled.aes" | cmp - one.aes
	done
}

@test "ae-normalize: all other columns pass through byte for byte" {
	ae-cat -c --cols id,time,label "$F/plant.aes" >wanted.csv
	ae-cat -c --cols id,time,label "$F/scaled.aes" | cmp - wanted.csv
	printf 'id,word,a,recon.a,err,pred\n"q, r",,1,5,0.1,\n,"x ""y""",2,6,0.2,1\n' >f.csv
	ae-normalize --fit minmax --pass word f.csv | ae-cat -c >got.csv
	[ "$(<got.csv)" = $'id,word,a,recon.a,err,pred\n"q, r",,0,5,0.1,\n,"x ""y""",1,6,0.2,1' ]
}

@test "ae-normalize: target is scaled as x is, recon only inverted" {
	printf 'a,target.a,recon.a\n1,2,3\n3,4,5\n' >f.csv
	ae-normalize --fit minmax f.csv >s.aes
	[ "$(ae-cat -c s.aes)" = $'a,target.a,recon.a\n0,0.5,3\n1,1.5,5' ]
	[ "$(ae-normalize --invert s.aes | ae-cat -c)" = $'a,target.a,recon.a\n1,2,7\n3,4,11' ]
}

@test "ae-normalize: nothing is clipped" {
	printf 'a\n1\n3\n' | ae-normalize --fit minmax --save s.aem -o s.aes
	[ "$(printf 'a\n-1\n7\n' | ae-normalize -m s.aem | ae-cat -c)" = $'a\n-1\n3' ]
}

@test "ae-normalize: --invert gives the values back and takes the scaler away" {
	for method in minmax standard robust maxabs div:7; do
		for per in column tensor; do
			ae-normalize -q --fit $method --per $per "$F/plant.aes" | ae-normalize --invert -o back.aes
			[ "$(ae-info back.aes | grep scaler)" = 'scaler      none' ]
			ae-cat -c --cols x back.aes >got.csv
			near 1e-5 <(ae-cat -c --cols x "$F/plant.aes") got.csv
		done
	done
	expect_error 1 "$F/plant.aes: nothing to invert: x is not scaled" ae-normalize --invert "$F/plant.aes"
	expect_error 1 '<stdin>: nothing to invert: x is not scaled, or text does not say so: -m FILE gives the scaler' \
		sh -c "ae-cat -c '$F/scaled.aes' | ae-normalize --invert"
	ae-cat -c "$F/scaled.aes" | ae-normalize --invert -m "$F/minmax.aem" | ae-cat -c --cols x >got.csv
	near 1e-5 <(ae-cat -c --cols x "$F/plant.aes") got.csv
}

@test "ae-normalize: --invert gives f64 where x was f64, f32 where it was f32 or u8" {
	# A day of Unix times: f32 has a digit for every 128 seconds there, the scaled day one for each hundredth.
	awk 'BEGIN { print "a,target.a"; for (i = 0; i < 200; i++) printf "%d.25,%d\n", 1700000000 + i * 431, 1700000000 - i }' >day.csv
	local method
	for method in standard minmax robust; do
		ae-normalize --x a --fit $method day.csv -o day.n.aes
		[ "$(ae-info day.n.aes | grep -cE '(x|target) +f32 ')" -eq 2 ]
		ae-normalize --invert day.n.aes -o back.aes
		[ "$(ae-info back.aes | grep -cE '(x|target) +f64 ')" -eq 2 ]
		near 0.01 day.csv <(ae-cat -c back.aes)
	done
	# Text says nothing, but its numbers are f64.
	ae-normalize --x a --fit minmax --save day.aem day.csv -o day.n.aes
	ae-cat -c day.n.aes | ae-normalize --invert -m day.aem -c | cmp - <(
		ae-normalize --x a -m day.aem day.csv | ae-normalize --invert -c)
	ae-cat --f32 --x a day.csv | ae-normalize --fit minmax | ae-normalize --invert | ae-info | grep -qE 'x +f32 '
	printf 'P5 2 2 255\n0123' >image.pgm
	ae-normalize --fit div:255 image.pgm | ae-normalize --invert | ae-info | grep -qE 'f32 '
}

@test "ae-normalize: what x was goes with x, and through the model" {
	ae-train -q --net 3-2-3 --epochs 1 -m m.aem "$F/scaled.aes"
	ae-cat "$F/scaled.aes" | ae-noise --gaussian 0.1 | ae-recon -m m.aem | ae-normalize --invert -o back.aes
	[ "$(ae-info back.aes | grep -cE '(x|target|recon) +f64 ')" -eq 3 ]
	ae-encode -m m.aem "$F/scaled.aes" | ae-decode -m m.aem | ae-normalize --invert | ae-cat -c --cols recon >halves.csv
	ae-recon -m m.aem "$F/scaled.aes" | ae-normalize --invert | ae-cat -c --cols recon | cmp - halves.csv
	# The same columns and lineage: streams that say it and streams that do not are joined, either way round.
	ae-cat --f32 "$F/plant.csv" | ae-normalize -m "$F/minmax.aem" -o silent.aes
	[ "$(ae-cat "$F/scaled.aes" silent.aes | ae-cat -c | rows_of /dev/stdin)" -eq 120 ]
	[ "$(ae-cat silent.aes "$F/scaled.aes" | ae-cat -c | rows_of /dev/stdin)" -eq 120 ]
	ae-train -q --net 3-2-3 --epochs 1 -m two.aem "$F/scaled.aes" silent.aes
}

@test "ae-normalize: errors after --invert are those of f64, in original units" {
	awk 'BEGIN { srand(3); print "a,b"; for (i = 0; i < 64; i++) { u = rand(); printf "%.6f,%.6f\n", 1e9 + u, 1e9 - u } }' >far.csv
	ae-normalize --x a,b --fit standard far.csv -o far.n.aes
	ae-train -q --net 2-1-2 --epochs 3 -m far.aem far.n.aes
	ae-recon -m far.aem far.n.aes | ae-normalize --invert -o far.o.aes
	ae-err --metric mae -c far.o.aes >got.csv
	ae-cat -c far.o.aes | awk -F, 'NR == 1 { print "err" } NR > 1 {
		u = $1 - $3; v = $2 - $4; printf "%.17g\n", ((u < 0 ? -u : u) + (v < 0 ? -v : v)) / 2 }' | near 1e-9 - got.csv
}

@test "ae-normalize: what is scaled already is refused, and the remedy named" {
	expect_error 1 "$F/scaled.aes: x is scaled already; --invert undoes it" ae-normalize --fit minmax "$F/scaled.aes"
	ae-cat --f32 "$F/plant.csv" -o f32.aes
	expect_error 1 "$F/scaled.aes: x is scaled already; --invert undoes it" ae-normalize -m "$F/minmax.aem" "$F/scaled.aes"
	expect_error 1 "$F/scaled.aes: x is scaled already*" ae-normalize --fit div:2 "$F/scaled.aes"
	expect_error 1 "$F/scaled.aes: x is scaled already*" ae-normalize --fit minmax f32.aes "$F/scaled.aes"
}

@test "ae-normalize --fit: streams of one model are one stream, of two they are refused" {
	printf 'a,b\n1,2\n3,5\n4,4\n7,1\n' >p.csv
	ae-normalize --fit minmax p.csv -o n.aes
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem n.aes
	ae-recon -m m.aem n.aes | ae-normalize --invert -o of-model.aes
	ae-cat -c of-model.aes | ae-cat -o of-none.aes
	[ "$(ae-normalize --fit minmax of-model.aes of-model.aes | ae-cat -c | rows_of /dev/stdin)" -eq 8 ]
	expect_error 1 'of-model.aes: another model than in the stream before it' ae-normalize --fit minmax of-none.aes of-model.aes
}

@test "ae-normalize: constant columns are safe and reported once" {
	ae-normalize --fit minmax "$F/plant.csv" -o s.aes 2>err.txt
	[ "$(<err.txt)" = 'ae-normalize: x: 3 values: "flow", "heat", "still"
ae-normalize: 1 constant column left at scale 1: "still"' ]
	[ "$(ae-cat -c --where still!=0 s.aes | rows_of /dev/stdin)" -eq 0 ]
	ae-normalize -m "$F/minmax.aem" "$F/plant.csv" -o s.aes 2>err.txt
	[ ! -s err.txt ]
	printf '1,2,3\n1,2,4\n' | ae-normalize -H --fit standard 2>err.txt | ae-cat -c >got.csv
	[ "$(<err.txt)" = 'ae-normalize: 2 constant columns left at scale 1: "x.1", "x.2"' ]
	[ "$(<got.csv)" = $'x.1,x.2,x.3\n0,0,-1\n0,0,1' ]
}

@test "ae-normalize: a saved scaler is the same bytes every time" {
	ae-cat --batch-rows 7 "$F/plant.csv" | ae-normalize -q --fit minmax --save again.aem -o again.aes
	cmp "$F/minmax.aem" again.aem
	cmp "$F/scaled.aes" again.aes
}

@test "ae-normalize: the scaler must fit the columns" {
	ae-cat --cols id --x flow,heat "$F/plant.csv" >f.aes
	printf 'flow,heat\n1,2\n' >two.csv
	printf 'flow,still,heat\n1,2,3\n' >swapped.csv
	expect_error 1 'two.csv: *' ae-normalize -m "$F/minmax.aem" two.csv
	printf 'flow,heat,still\n1,3,2\n' >straight.csv
	same "ae-normalize -m $F/minmax.aem -c swapped.csv" "ae-normalize -m $F/minmax.aem -c straight.csv"
	expect_error 1 'f.aes: no column of role x; the stream has: id' ae-normalize --fit minmax f.aes
	expect_error 1 'f.aes: no column of role x; the stream has: id' ae-normalize --fit div:2 f.aes
	expect_error 1 "$F/plant.csv: *" ae-normalize -m "$F/plant.csv" "$F/plant.csv"
	expect_error 1 'nowhere.aem: No such file or directory' ae-normalize -m nowhere.aem "$F/plant.csv"
}

@test "ae-normalize: a saved scaler of rows takes windows of them, one of windows their rows" {
	ae-normalize -q --fit minmax --save rows.aem "$F/plant.csv" | ae-window -q --size 3 -c >want.csv
	ae-window -q --size 3 "$F/plant.csv" | ae-normalize -m rows.aem -c | cmp - want.csv
	ae-window -q --size 3 --drop-incomplete "$F/plant.csv" | ae-normalize -q --fit minmax --save windows.aem -o /dev/null
	ae-normalize -m windows.aem "$F/plant.csv" | ae-window -q --size 3 -c | cmp - want.csv
	expect_error 1 '*: column "x": expected 3 values of shape *, got 6 of shape *' \
		pipe "ae-cat --x flow,heat '$F/plant.csv' | ae-window -q --size 3 | ae-normalize -m rows.aem"
}

@test "ae-normalize: an empty stream cannot be fitted; div and a saved scaler take it" {
	head -n 1 "$F/plant.csv" >none.csv
	expect_error 1 'none.csv: no rows to fit a scaler on' ae-normalize --fit minmax none.csv
	[ "$(ae-normalize --fit div:2 none.csv | ae-cat -c)" = "$(ae-cat -c none.csv)" ]
	[ "$(ae-normalize -m "$F/minmax.aem" none.csv | ae-cat -c)" = "$(ae-cat -c none.csv)" ]
}

@test "ae-normalize: missing values count in no statistic" {
	printf 'a,b\n1,1\nnan,5\n3,\n5,9\n' >f.csv
	[ "$(ae-normalize --missing=mask --fit minmax f.csv | ae-cat -c)" = $'a,b\n0,0\nnan,0.5\n0.5,nan\n1,1' ]
	expect_error 1 'f.csv: line 3: column "a": missing value; --missing skip leaves such rows out, --missing mask keeps them' \
		ae-normalize --fit minmax f.csv
	ae-normalize --missing=skip --fit minmax f.csv 2>err.txt | ae-cat -c >got.csv
	[ "$(<got.csv)" = $'a,b\n0,0\n1,1' ]
	grep -qx 'ae-normalize: 2 rows with missing values left out' err.txt
}

@test "ae-normalize: --missing=mean puts the mean of the fitted rows in" {
	printf 'a,b\n1,1\nnan,5\n2,\n6,9\n' >f.csv
	ae-normalize --missing=mean --fit minmax --save s.aem f.csv -o s.aes
	[ "$(ae-cat -c s.aes)" = $'a,b\n0,0\n0.4,0.5\n0.2,0.5\n1,1' ]
	[ "$(printf 'a,b\n,1\n' | ae-normalize --missing=mean -m s.aem | ae-cat -c)" = $'a,b\n0.4,0' ]
	run grep -q missing <(ae-info s.aes)
	[ "$status" -eq 1 ]
}

@test "ae-normalize: --fit names its inputs, if they have names and are up to 20" {
	seq -s, -f 'v%g' 20 >twenty.csv
	seq -s, 20 >>twenty.csv
	seq -s, 2 21 >>twenty.csv
	ae-normalize --fit minmax twenty.csv >s.aes 2>err.txt
	[ "$(<err.txt)" = "ae-normalize: x: 20 values: $(seq -s, -f '"v%g"' 20 | sed 's/,/, /g')" ]
	sed '1s/$/,more/; 2,$s/$/,5/; $s/5$/6/' twenty.csv | ae-normalize --fit minmax 2>err.txt >s.aes
	[ ! -s err.txt ]
	ae-normalize -q --fit minmax twenty.csv 2>err.txt >s.aes
	tail -n +2 twenty.csv | ae-normalize -H --fit minmax 2>>err.txt >s.aes
	ae-normalize --fit div:2 twenty.csv 2>>err.txt >s.aes # nothing is fitted
	[ ! -s err.txt ]
	printf 'one,label\n1,a\n2,b\n' | ae-normalize --fit minmax 2>err.txt >s.aes
	[ "$(<err.txt)" = 'ae-normalize: x: 1 value: "one"' ]
}

@test "two inputs of one name are an error where a model, a scaler or err refers to them" {
	printf 'id,temp,temp,load\n1,1,2,3\n2,3,4,5\n' >d.csv
	local what='features 1 and 2 are both called "temp", and would be told apart by their names: rename one, or leave one out with --x or --pass'
	expect_error 1 "d.csv: x: $what" ae-normalize --fit minmax d.csv
	expect_error 1 "d.csv: x: $what" ae-normalize --fit div:2 d.csv
	expect_error 1 "d.csv: x: $what" ae-train --net 3-1-3 -m m.aem d.csv
	expect_error 1 "d.csv: target: ${what/1 and 2/1 and 2}" ae-train --net 1-1-2 -m m.aem --target 2-3 d.csv
	printf 'temp,temp,recon.temp,recon.temp\n1,2,3,4\n' >r.csv
	expect_error 1 "r.csv: x: $what" ae-err --top 1 r.csv
	expect_error 1 "r.csv: x: $what" ae-err --per-feature r.csv
	[ "$(ae-err -c r.csv)" = $'err\n4' ]
	# what refers to none works
	ae-cat -c d.csv | cmp - d.csv
	ae-cat d.csv | ae-cat -c | cmp - d.csv
	ae-normalize --pass 3 --fit minmax -c d.csv >s.csv
}

@test "ae-normalize: a value that f32 cannot hold after scaling is an error" {
	printf 'a,b\n1,2\n3,1e29\n' >f.csv
	expect_error 1 'f.csv: line 3, column "b": the scaled value is too large for f32' ae-normalize --fit div:1e-10 f.csv
	[ "$(ae-normalize --fit minmax f.csv | ae-cat -c)" = $'a,b\n0,0\n1,1' ]
}

@test "ae-normalize: mean and deviation keep their digits where the mean is a million million times the deviation" {
	/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip 'no NumPy'
	# The mean by exact fractions, the deviation from it in 80 decimals.
	/usr/bin/python3 - <<-'END'
		import numpy as np, subprocess
		from decimal import Decimal, getcontext
		from fractions import Fraction

		getcontext().prec = 80
		rng = np.random.default_rng(5)
		for offset, sd, n in [(1e9, 1e-3, 5000), (-1e9, 1e-3, 5000), (1e9, 1e-3, 20), (1e12, 1, 5000), (0, 1, 5000),
		                      (20, 5, 5000), (1e-9, 1e-21, 5000), (1e28, 1e16, 100)]:
		    x = [float(v) for v in offset + sd * rng.standard_normal(n)]
		    for first in (None, offset + 1e3 * sd):
		        values = x if first is None else [first] + x
		        open("x.csv", "w").write("a,b\n" + "".join(f"{v!r},1\n" for v in values))
		        exact = [Fraction(v) for v in values]
		        mean = sum(exact) / len(exact)
		        variance = sum((v - mean) ** 2 for v in exact) / len(exact)
		        deviation = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
		        for shape in (["--x", "a,b"], ["--per", "tensor", "--x", "a", "--pass", "b"]):
		            subprocess.run("ae-normalize -q --fit standard --save s.aem".split() + shape + ["x.csv"],
		                           stdout=open("n.aes", "wb"), check=True)
		            z = subprocess.run(["ae-cat", "-c", "--cols", "x", "n.aes"], capture_output=True, text=True).stdout
		            z = [float(v.split(",")[0]) for v in z.split()[1:]]
		            wanted = [float(Decimal((v - mean).numerator) / Decimal((v - mean).denominator) / deviation)
		                      for v in exact]
		            gap = max(abs(a - b) / max(1, abs(b)) for a, b in zip(z, wanted))
		            # The center is a double: half a unit of its last place is left.
		            assert gap < 2e-7 + np.spacing(abs(float(mean))) / 2 / float(deviation), (offset, sd, n, first, shape, gap)
		        stats = subprocess.run(["ae-info", "--stats", "--x", "a,b", "x.csv"], capture_output=True, text=True).stdout
		        row = [line.split() for line in stats.splitlines() if line.split()[:1] == ["a"]][-1]
		        assert abs(float(row[4]) / float(deviation) - 1) < 1e-5, (row, deviation)
	END
}

@test "ae-normalize: div:K waits for nothing" {
	{
		cat "$F/plant.csv"
		echo 'this is no row'
	} >bad.csv
	run bash -c 'ae-normalize -c --fit div:2 bad.csv 2>/dev/null | grep -c ^u'
	[ "$output" -eq 60 ]
	run bash -c 'ae-normalize -c --fit minmax bad.csv 2>/dev/null | grep -c ^u'
	[ "$output" -eq 0 ]
}

@test "ae-normalize: a cut stream is an error, and saves nothing" {
	same_for_cuts "$F/plant.aes" ae-normalize --fit minmax --save s.aem
	[ ! -e s.aem ]
	same_for_cuts "$F/plant.aes" ae-normalize -m "$F/minmax.aem"
	same_for_cuts "$F/scaled.aes" ae-normalize --invert
}

@test "ae-normalize: a full disk, a missing file, a folder, a closed reader" {
	run --separate-stderr -1 sh -c "ae-normalize -q --fit minmax '$F/plant.csv' >/dev/full"
	[ "$stderr" = 'ae-normalize: <stdout>: No space left on device' ]
	run --separate-stderr -1 sh -c "ae-normalize -m '$F/minmax.aem' '$F/plant.csv' >/dev/full"
	[ "$stderr" = 'ae-normalize: <stdout>: No space left on device' ]
	expect_error 1 '/dev/full: *' ae-normalize -q --fit minmax --save /dev/full "$F/plant.csv"
	expect_error 1 'nowhere.csv: No such file or directory' ae-normalize --fit minmax nowhere.csv
	expect_error 1 "$PWD: Is a directory" ae-normalize --fit minmax "$PWD"
	expect_error 1 "$PWD: *" ae-normalize -m "$PWD" "$F/plant.csv"
	quiet_when_closed ae-normalize -q --fit minmax "$F/plant.csv"
	quiet_when_closed ae-normalize -m "$F/minmax.aem" "$F/plant.csv"
}

@test "ae-normalize: 200,000 rows of 141 columns in less than 32 MiB, fitted, applied and inverted" {
	ecg_synthetic 2000 >beats.csv
	ae-cat -H --f32 --label -1 beats.csv -o beats.aes
	for ((i = 0; i < 100; i++)); do
		cat beats.aes
	done >many.aes
	TMPDIR=$BATS_TEST_TMPDIR resident_below 32768 ae-normalize --fit minmax --save s.aem -o scaled.aes many.aes
	resident_below 32768 ae-normalize -m s.aem -o applied.aes <(ae-cat many.aes)
	cmp scaled.aes applied.aes
	resident_below 32768 ae-normalize --invert -o /dev/null scaled.aes
}

@test "ae-normalize: clean under valgrind" {
	valgrind_clean ae-normalize -q --fit robust --save s.aem -o s.aes "$F/plant.aes"
	valgrind_clean ae-normalize -m s.aem -o t.aes "$F/plant.csv"
	cmp s.aes t.aes
	valgrind_clean ae-normalize --invert -o u.aes s.aes s.aes
	run valgrind_clean ae-normalize --fit minmax <(head -c 700 "$F/plant.aes")
	[ "$status" -eq 1 ]
}
