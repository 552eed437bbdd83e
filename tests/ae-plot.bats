#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-plot: pictures of streams, through gnuplot.
load helpers
load scoring
load plotting

setup_file() {
	scoring_fixture
	ae-train -q --where label=1 --net 140-4-140 --epochs 5 --valid 0.2 --log "$F/loss.csv" -m "$F/other.aem" "$F/train.n.aes"
}

# Four 3x2 images of one channel, the first all black and the last all white, and their labels.
images() {
	printf 'a,b,c,d,e,f,label\n'
	printf '0,0,0,0,0,0,0\n0,0.2,0.4,0.6,0.8,1,1\n1,0,1,0,1,0,9\n7,1,1,1,1,1,9.0\n'
}

@test "ae-plot: --help, --version, unknown options" {
	check_manners ae-plot
}

# The options that each kind lists in --help: "OPTION KIND".
options_in_help() {
	ae-plot --help | awk '
		/^Kinds:/ { inside = 1; next }
		/^$/ { inside = 0 }
		inside && /^  [a-z]/ { kind = $1 }
		inside { for (i = 1; i <= NF; i++) if ($i ~ /^--/) print substr($i, 3), kind }' | sort
}

# The kinds that the page names with each option, as in ".Cm hist , roc", "and", ".Cm pr :".
options_in_page() {
	awk '
		/^\.Sh / { inside = $2 == "OPTIONS" }
		inside && /^\.It Fl / { match($0, /-[a-z]+/); option = substr($0, RSTART + 1, RLENGTH - 1) }
		inside && /^\.Cm / {
			for (i = 2; i <= NF; i++)
				if ($i == ":") { for (k = 1; k <= n; k++) print option, kinds[k] }
				else if ($i != ",") kinds[++n] = $i
			next
		}
		$0 != "and" { n = 0 }' "$ROOT/man/ae-plot.1" | sort
}

@test "ae-plot: the page has the kinds of --help, and the options that go with each" {
	ae-plot --help | sed -n '/^Kinds:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p' >in-help
	[ "$(wc -l <in-help)" -ge 8 ]
	sed -n '/^\.Sh DESCRIPTION/,/^\.El/s/^\.It Cm //p' "$ROOT/man/ae-plot.1" | diff in-help -
	options_in_help >in-help
	[ "$(wc -l <in-help)" -gt 20 ]
	options_in_page | diff in-help -
}

@test "ae-plot: what is wrong in the arguments alone is status 2" {
	expect_error 2 'the first operand says what to draw: *' ae-plot
	expect_error 2 'unknown chart "hits"; did you mean hist?' ae-plot hits
	expect_error 2 'unknown chart "histogram"; did you mean hist?' ae-plot histogram
	expect_error 2 'unknown chart "screenshot": expected loss, line, * or *' ae-plot screenshot
	expect_error 2 '--bins goes with hist' ae-plot roc --bins 3 --normal 1 "$F/test.e.aes"
	expect_error 2 '--head goes with loss, grid, hist, confusion, roc, pr*' ae-plot line --head 3 "$F/test.aes"
	expect_error 2 '--model goes with loss, hist, roc, pr*' ae-plot overlay -m "$F/m.aem" "$F/test.r.aes"
	expect_error 2 '--bins 0: *' ae-plot hist --bins 0 "$F/test.e.aes"
	for range in 1 2,1 1,1 a,b '1,' ',1' 1,2,3 nan,1; do
		expect_error 2 "--range $range: expected A,B*" ae-plot hist --range "$range" "$F/test.e.aes"
	done
	expect_error 2 '--range 0,1: with --log both ends are above 0' ae-plot hist --log --range 0,1 "$F/test.e.aes"
	expect_error 2 '--log goes with loss, hist,*' ae-plot roc --log --normal 1 "$F/test.e.aes"
	expect_error 2 '--at x: expected a number' ae-plot hist --at x "$F/test.e.aes"
	expect_error 2 '--at and -m exclude each other' ae-plot hist --at 1 -m "$F/m.aem" "$F/test.e.aes"
	for kind in confusion roc pr; do
		expect_error 2 'either --normal LABEL or --anomaly LABEL is required' ae-plot $kind "$F/test.v.csv"
		expect_error 2 'either --normal LABEL or --anomaly LABEL is required' ae-plot $kind --normal 1 --anomaly 0 "$F/test.v.csv"
	done
	expect_error 2 'line draws one row: *' ae-plot line --sample 2 "$F/test.aes"
	expect_error 2 '-o x.gif: expected a name in .png, .svg or .txt, or -O' ae-plot hist -o x.gif "$F/test.e.aes"
	ae-plot hist -o H.PNG "$F/test.e.aes"
	ae-plot hist -o h.png "$F/test.e.aes"
	cmp H.PNG h.png
	expect_error 2 'unknown output format "csv": expected png, svg or text' ae-plot hist -O csv "$F/test.e.aes"
	expect_error 2 '--where x: *' ae-plot hist --where x "$F/test.e.aes"
	[ ! -e x.gif ]
}

@test "ae-plot: --size and --scale" {
	need_gnuplot
	local kind text
	for kind in hist 'hist --by label' 'roc --normal 1' 'line --cols err'; do
		# shellcheck disable=SC2086 # words
		ae-plot $kind --size 640x300 -o p.png "$F/test.e.aes"
		[ "$(size_of p.png)" = '640 300' ]
		# shellcheck disable=SC2086
		ae-plot $kind --size 640x300 --scale 2 -o p.png "$F/test.e.aes"
		[ "$(size_of p.png)" = '1280 600' ]
		# the same drawing, shown larger
		# shellcheck disable=SC2086
		ae-plot $kind --size 640x300 -o one.svg "$F/test.e.aes"
		grep -qx ' width="640" height="300"' one.svg
		# shellcheck disable=SC2086
		ae-plot $kind --size 640x300 --scale 2.5 -O svg "$F/test.e.aes" | sed '3s/.*/ width="640" height="300"/' | cmp - one.svg
		# shellcheck disable=SC2086
		text=$(ae-plot $kind --size 100x30 "$F/test.e.aes")
		[ "$(wc -L <<<"$text")" -le 100 ]
		[ "$(wc -L <<<"$text")" -gt 90 ]
		[ "$(wc -l <<<"$text")" -gt 26 ]
	done
	ae-plot loss --scale 0.5 -O png "$F/loss.csv" >p.png
	[ "$(size_of p.png)" = '400 240' ]
	for text in 640 640x x300 640x300x2 0640x300 99x300 640x99 640x16001 -640x300 '640 x300' 1e3x300; do
		expect_error 2 "--size $text: expected WIDTHxHEIGHT in pixels, 100 to 16000 each" ae-plot hist -O svg "--size=$text" "$F/test.e.aes"
	done
	expect_error 2 '--size 39x24: expected COLUMNSxLINES of text, 40x12 to 1000x1000' ae-plot hist --size 39x24 "$F/test.e.aes"
	expect_error 2 '--scale goes with PNG and SVG: text has no pixels' ae-plot hist --scale 2 "$F/test.e.aes"
	expect_error 2 '--scale 11: *' ae-plot hist --scale 11 -O png "$F/test.e.aes"
	expect_error 1 'the picture would have 32000 pixels in a row, more than 16000: *' \
		ae-plot hist --size 16000x100 --scale 2 -O png "$F/test.e.aes"
}

@test "ae-plot: an SVG has the title of the picture, or what its axes say" {
	need_gnuplot
	ae-plot hist --title 'Errors <of> A&B' -o t.svg "$F/test.e.aes"
	[ "$(grep -c '<title>' t.svg)" -eq 1 ] # gnuplot's names of plots are shown under the pointer
	grep -qx '<title>Errors &lt;of&gt; A&amp;B</title>' t.svg
	ae-plot hist -o t.svg "$F/test.e.aes"
	grep -qx '<title>Rows by Reconstruction error (mae)</title>' t.svg
	ae-plot loss -o t.svg "$F/loss.csv"
	grep -qx '<title>Loss by Epoch</title>' t.svg
	ae-plot roc --normal 1 -o t.svg "$F/test.e.aes"
	grep -q '^<title>ROC curve, area [0-9.]*</title>$' t.svg
	ae-plot line --title label --where label=0 -o t.svg "$F/test.aes"
	grep -qx '<title>0</title>' t.svg
	images | ae-plot grid --shape 3,2 -o t.svg
	grep -qx '<title>Images</title>' t.svg
}

@test "ae-plot: a metric with all its modifiers stands in the histogram" {
	need_gnuplot
	ae-err --metric mae --standardise --worst 0.25 -m "$F/m.aem" -o long.aes "$F/test.r.aes"
	ae-plot hist -O svg long.aes >long.svg
	texts_of long.svg | grep -qx 'Reconstruction error (mae.*standardise.*0.25.*)'
}

@test "ae-plot: loss" {
	need_gnuplot
	drawn loss "$F/loss.csv" '800 480'
	grep -qx 'Training loss' texts
	grep -qx 'Validation loss' texts
	grep -qx Epoch texts
	grep -q 'Validation loss #' picture.txt
	# without validation; one epoch; two trainings
	sed 's/,[^,]*$/,/; 1s/,$/,valid_loss/' "$F/loss.csv" >plain.csv
	drawn loss plain.csv '800 480'
	run ! grep -q Validation texts
	head -n 2 plain.csv >one.csv
	drawn loss --title 'one epoch' one.csv '800 480'
	grep -qx 'one epoch' texts
	drawn loss "$F/loss.csv" "$F/loss.csv" '800 480'
	[ "$(grep -c -e 'Training loss' -e 'Validation loss' texts)" -eq 2 ] # one log, of two trainings
	expect_error 1 "$F/test.v.csv: no column \"epoch\": ae-train --log*" ae-plot loss "$F/test.v.csv"
	head -n 1 plain.csv >none.csv
	expect_error 1 'none.csv: no epoch to draw' ae-plot loss none.csv
}

@test "ae-plot: loss tells several logs apart by what differs in their names" {
	need_gnuplot
	mkdir -p runs/deep runs/wide
	cp "$F/loss.csv" runs/deep/loss.csv
	sed 's/,[^,]*$/,/; 1s/,$/,valid_loss/' "$F/loss.csv" >runs/wide/loss.csv
	drawn loss runs/deep/loss.csv runs/wide/loss.csv '800 480'
	for name in 'deep: training' 'deep: validation' 'wide: training'; do
		grep -qx "$name" texts
		grep -q "$name [*#\$%]" picture.txt
	done
	cp runs/deep/loss.csv deep.csv
	ae-plot loss deep.csv runs/wide/loss.csv -O svg >two.svg
	texts_of two.svg | grep -qx 'runs/wide/loss.csv: training'
	texts_of two.svg | grep -qx 'deep.csv: training'
}

@test "ae-plot: loss marks the epoch whose weights a model kept, or else the best one" {
	need_gnuplot
	printf 'epoch,loss,valid_loss\n1,3,4\n2,2,2.5\n3,1,3\n' >log.csv
	ae-plot loss -O svg log.csv >l.svg
	texts_of l.svg | grep -qx 'Least validation loss, epoch 2'
	ae-train -q --where label=1 --net 140-4-140 --epochs 40 --lr 0.03 --valid 0.3 --patience 2 --log kept.csv -m kept.aem "$F/train.n.aes"
	kept=$(ae-info kept.aem | sed -n 's/.*after epoch \([0-9]*\) of .*/\1/p')
	[ -n "$kept" ]
	drawn loss -m kept.aem kept.csv '800 480'
	grep -qx "Weights kept of epoch $kept" texts
	# the last one, without patience, and no validation
	ae-train -q --where label=1 --net 140-4-140 --epochs 4 --log plain.csv -m plain.aem "$F/train.n.aes"
	ae-plot loss -m plain.aem -O svg plain.csv >l.svg
	texts_of l.svg | grep -qx 'Weights kept of epoch 4'
	expect_error 1 'log.csv: the model of -m kept epoch 4, which the log does not have' ae-plot loss -m plain.aem log.csv
	expect_error 1 '*in the log of one training, not of several' ae-plot loss -m plain.aem plain.csv kept.csv
	ae-normalize --fit minmax --save scaler.aem "$F/test.aes" >/dev/null
	expect_error 1 'scaler.aem: does not say which epoch was kept' ae-plot loss -m scaler.aem log.csv
}

@test "ae-plot: loss reads what Keras logs, and has a logarithmic axis" {
	need_gnuplot
	printf 'epoch,accuracy,loss,val_accuracy,val_loss\n0,0.9,100,0.8,120\n1,0.9,1,0.8,1.5\n2,0.9,0.01,0.8,0.02\n' >keras.csv
	drawn loss keras.csv '800 480'
	grep -qx 'Validation loss' texts
	grep -qx 'Least validation loss, epoch 2' texts
	ae-plot loss --log -O svg keras.csv >l.svg
	texts_of l.svg | grep -qx 0.01
	printf 'epoch,loss\n1,0\n2,0\n' >zero.csv
	ae-plot loss zero.csv >l.txt
	expect_error 1 'zero.csv: no loss above 0 to draw with --log' ae-plot loss --log zero.csv
	printf 'epoch,loss\n1,nan\n2,nan\n' >nan.csv
	expect_error 1 'nan.csv: no loss to draw' ae-plot loss nan.csv
}

@test "ae-plot: line" {
	need_gnuplot
	drawn line --where label=1 --title 'A normal beat' "$F/test.aes" '800 480'
	grep -qx 'A normal beat' texts
	printf '1,normal\r\n0,anomalous\n' >names
	drawn line --where label=0 --title label --map names "$F/test.aes" '800 480'
	grep -qx anomalous texts
	# the row is the one that ae-cat selects
	ae-plot line --where label=1 --skip 4 "$F/test.aes" >one
	ae-cat --where label=1 --skip 4 --head 1 "$F/test.aes" | ae-plot line | cmp - one
	ae-plot line --sample 1 --seed 3 "$F/test.aes" >one
	ae-cat --sample 1 --seed 3 "$F/test.aes" | ae-plot line | cmp - one
	same "ae-plot line --sample 1 --seed 0 '$F/test.aes'" "ae-plot line --sample 1 '$F/test.aes'"
	ae-plot line --cols recon "$F/test.r.aes" >other
	ae-cat --cols recon "$F/test.r.aes" | ae-plot line --cols recon | cmp - other
	# few elements stand under their names, a missing one is a gap
	printf 'a,b %%d,c\n1,,3\n' | ae-plot line --missing=mask -O svg >named.svg
	texts_of named.svg | grep -qx 'b %d'
	# others are counted: there is no element 1.5
	printf '10,20,30,10\n' | ae-plot line -H -O svg >numbered.svg
	run ! grep -qx '1\.5' <(texts_of numbered.svg)
	texts_of numbered.svg | grep -qx 4
	expect_error 1 "$F/test.aes: no row to draw" ae-plot line --where label=7 "$F/test.aes"
	expect_error 1 "$F/test.e.aes: no column of role x; *; ae-err --keep keeps x and recon" ae-plot line "$F/test.e.aes"
	expect_error 1 '*column "label" is text*' ae-plot line --cols label "$F/test.aes"
	expect_error 1 '*a line is of one column' ae-plot line --cols x,recon "$F/test.r.aes"
	expect_error 1 '*--title x: a column of shape \[140\] *' ae-plot line --title x "$F/test.aes"
}

@test "ae-plot: overlay" {
	need_gnuplot
	drawn overlay --where label=0 "$F/test.r.aes" '800 480'
	for text in Input Reconstruction Error; do
		grep -qx $text texts
	done
	printf 'a,b,target.a,target.b,recon.a,recon.b\n1,2,3,4,5,6\n' >t.csv
	ae-plot overlay t.csv >target
	ae-plot overlay --cols target,recon t.csv | cmp - target
	ae-plot overlay --cols x,recon t.csv >x
	run cmp -s x target
	[ "$status" -eq 1 ]
	expect_error 1 '*no column of role recon; *; ae-recon makes it, ae-err --keep keeps it' ae-plot overlay "$F/test.aes"
	expect_error 1 't.csv: --cols: no column "y"' ae-plot overlay --cols x,y t.csv
	expect_error 1 '*an overlay is of two columns*' ae-plot overlay --cols x t.csv
	expect_error 2 '*--cols x,"y: a quote is never closed' ae-plot overlay --cols 'x,"y' t.csv
	ae-plot overlay --cols '"x","recon"' t.csv | cmp - x
	printf 'x.1,x.2,recon.1\n1,2,3\n' >two.csv
	expect_error 1 'two.csv: recon of shape \[1\] over x of shape \[2\]' ae-plot overlay two.csv
}

@test "ae-plot: hist" {
	need_gnuplot
	drawn hist "$F/test.e.aes" '800 480'
	grep -qx 'Reconstruction error (mae)' texts
	printf '1,normal\n0,anomalous\n' >names
	drawn hist --by label --map names -m "$F/m.aem" "$F/test.e.aes" '800 480'
	normal=$(ae-cat --where label=1 "$F/test.e.aes" | ae-info --count)
	grep -qx "normal ($normal)" texts
	grep -qx "anomalous ($((120 - normal)))" texts
	grep -q '^Threshold 0\.0' texts
	# a threshold alone, and in a file of its own
	ae-thresh --fit quantile:0.5 --save half.aem "$F/test.e.aes"
	drawn hist -m half.aem "$F/test.e.aes" '800 480'
	drawn hist --at 99 "$F/test.e.aes" '800 480'
	grep -qx 'Threshold 99 →' texts
	# exact counts: 1 bin, the highest of which is as tall as the axis says
	printf 'err\n1\n2\n3\n' | ae-plot hist --bins 1 >bin.txt
	grep -q '^ *3 ' bin.txt
	# 3 bins of 2, 1 and 4 rows, from left to right
	printf 'err\n1\n1\n2\n3\n3\n3\n4\n' | ae-plot hist --bins 3 >bins.txt
	grep -qE '^ *2 \|\*{10,} +\*' bins.txt
	grep -qE '^ +1 \|\*\+ +\*{10,} +\+\*\|$' bins.txt
	grep -qE '^ +4 \|\+\+ .* \*{10,}\|$' bins.txt
	printf 'err\n5\n5\n' | ae-plot hist >same.txt
}

@test "ae-plot: hist has the classes in the order of --map, the first one in blue" {
	need_gnuplot
	printf 'label,err\n0,2\n1,1\n1,1.5\n7,3\n' >h.csv
	printf '1,normal\n0,anomalous\n' >names
	ae-plot hist --by label --map names -O svg h.csv >h.svg
	texts_of h.svg | grep '(' >keys
	printf '%s\n' 'normal (2)' 'anomalous (1)' '7 (1)' | cmp - keys
	sed -n '/normal (2)/,/anomalous (1)/p' h.svg | grep -qi 'rgb( *0, 114, 178)'
	run ! grep -qi 'rgb(214, *39, *40)' h.svg # a red
	# without names, as numbers
	ae-plot hist --by label -O svg h.csv >h.svg
	texts_of h.svg | grep '(' >keys
	printf '%s\n' '0 (1)' '1 (2)' '7 (1)' | cmp - keys
}

@test "ae-plot: hist says in the picture what --range leaves out, and where a threshold beyond it is" {
	need_gnuplot
	printf 'err\n0.5\n1\n2\n2\n3\n9\n10\n' >h.csv
	for at in '0.1 ← Threshold 0.1' '5 Threshold 5 →' '2 Threshold 2'; do
		ae-plot hist -q --range 1,3 --at "${at%% *}" h.csv -O svg >h.svg
		texts_of h.svg >texts
		grep -qx '1 below 1 and 2 above 3: not drawn' texts
		grep -qxF "${at#* }" texts
		ae-plot hist -q --range 1,3 --at "${at%% *}" h.csv >h.txt
		grep -qx ' *1 below 1 and 2 above 3: not drawn' h.txt
		grep -qF "${at#* }" h.txt
	done
	run ! grep -q -e '-->' -e '<--' h.txt
	ae-plot hist -q --range 1,3 --at 0.1 h.csv | grep -q '<---'
	ae-plot hist -q --range 1,3 --at 5 h.csv | grep -q -- '--->'
	# nothing is said where nothing is left out
	ae-plot hist -q --range 0,10 h.csv -O svg >h.svg
	run ! grep -q 'not drawn' h.svg
	# a threshold near the scores widens the axis, one that would flatten them does not
	ae-plot hist --at 15 -O svg h.csv >h.svg
	texts_of h.svg | grep -qx 'Threshold 15'
	ae-plot hist --at 150 -O svg h.csv >h.svg
	texts_of h.svg | grep -qx 'Threshold 150 →'
	texts_of h.svg | grep -qx 10
}

@test "ae-plot: hist of a huge score keeps the shape of the others" {
	need_gnuplot
	awk 'BEGIN { print "label,err"; for (i = 0; i < 199; i++) print i % 2 "," 1 + i / 100; print "1,1e30" }' >h.csv
	ae-plot hist -O svg h.csv >h.svg
	texts_of h.svg >texts
	grep -qx '1 above 2.98, up to 1e+30: the bar on the right' texts
	grep -qx 2.5 texts
	run ! grep -q e+29 texts
	ae-plot hist --by label h.csv >h.txt
	grep -qx ' *1 above 2.98, up to 1e+30: the bar on the right' h.txt
	# no few of them: as it is
	for ((i = 0; i < 5; i++)); do echo 1,1e30; done >>h.csv
	ae-plot hist -O svg h.csv >h.svg
	run ! grep -q 'the bar' h.svg
	# a class of which they are many neither
	{ head -n 200 h.csv && echo 2,1e30 && echo 2,2e30; } >few.csv
	ae-plot hist -O svg few.csv | grep -q 'the bar on the right'
	ae-plot hist --by label -O svg few.csv >h.svg
	run ! grep -q 'the bar' h.svg
	# a logarithmic axis has places for all, and none for 0
	echo 0,0 >>h.csv
	ae-plot hist --log -O svg h.csv >h.svg 2>note
	[ "$(<note)" = 'ae-plot: rows that are not in the picture: 1' ]
	texts_of h.svg >texts
	grep -qx '1 not above 0: not drawn' texts
	grep -qx 1e+30 texts
	ae-plot hist -q --log --range 1,2 --at 100 h.csv >h.txt
	grep -q 'Threshold 100 →' h.txt
	expect_error 1 '*no err above 0 to draw with --log' ae-plot hist --log <(printf 'err\n0\n-1\n')
	# the largest that there is, alone
	printf 'err\n1e30\n' | ae-plot hist >h.txt
	printf 'err\n0.25\n' | ae-plot hist --log >h.txt
}

@test "ae-plot: hist has whole ticks for counts" {
	need_gnuplot
	local n
	for n in 1 2 3 5; do
		for ((i = 0; i < n; i++)); do echo 1; done | ae-plot hist --header err -O svg >h.svg
		texts_of h.svg | sed -n '/^Rows$/q; /^[0-9.]*$/p' | head -n $((n + 1)) | cmp - <(seq 0 $n)
	done
}

@test "ae-plot: names of sixty characters stay in the picture and tell each other apart" {
	need_gnuplot
	local i names='' cells=''
	for ((i = 10; i < 22; i++)); do
		names+=,sensor_${i}_temperature_of_the_outlet_of_the_heat_exchanger_${i}ab
		cells+=,0.$i
	done
	names=${names:1}
	printf '%s\n' "$names,recon.${names//,/,recon.}" "${cells:1}$cells" >long.csv
	drawn overlay long.csv '800 480'
	grep -qx 'sensor_10_…nger_10ab' texts
	[ "$(grep -c 'sensor_.*…' texts)" -eq 12 ]
	[ "$(grep 'rotate(-90' picture.svg | grep -c .)" -ge 12 ]
	run ! grep -q sensor picture.txt # no room: their numbers
	grep -q Element picture.txt
	run ! grep -q -e Error -e XX picture.txt # text has no areas
	# of classes
	printf 'label,err\n%s,1\n%s,2\n' "$(printf 'a%.0s' {1..80})z" "$(printf 'a%.0s' {1..80})y" >long.csv
	drawn hist --by label long.csv '800 480'
	grep -q '^a*…a*z (1)$' texts
	grep -q 'aay (1) [*]' picture.txt
	ae-plot hist --by label --size 300x300 -O svg long.csv | grep -q '>a\{5,12\}…a\{4,12\}z (1)<'
}

@test "ae-plot: CSV with ids, times and words is read as ae-metrics reads it" {
	need_gnuplot
	awk 'BEGIN {
		print "id,time,machine,note,err,pred,label"
		for (i = 0; i < 40; i++)
			printf "r%d,2026-01-01T00:00:%02dZ,m%d,%s,%s,%d,%s\n", i, i, i % 2, i % 3 ? "" : "as words", i / 40, (i > 30), (i > 25 ? "bad" : "ok")
	}' >v.csv
	ae-metrics --normal ok v.csv >metrics
	ae-plot roc --normal ok -O svg v.csv >roc.svg
	texts_of roc.svg | grep -qx "ROC curve, area $(awk '/^ROC-AUC/ { print $2 }' metrics)"
	ae-plot confusion --normal ok -O svg v.csv >c.svg
	texts_of c.svg | grep -qx 9
	ae-plot hist --by machine -O svg v.csv >h.svg
	texts_of h.svg | grep -qx 'm1 (20)'
	ae-plot pr --normal ok --where 'err<0.9' v.csv >p.txt
}

@test "ae-plot: hist counts what it does not show" {
	need_gnuplot
	printf 'label,err\na,1\nb,2\nb,nan\na,9\n' >h.csv
	ae-plot hist --missing=mask --range 0,5 --by label -O svg h.csv >h.svg 2>note
	[ "$(cat note)" = 'ae-plot: rows that are not in the picture: 2' ]
	texts_of h.svg | grep -qx 'b (1)'
	ae-plot hist -q --missing=mask --range 0,5 h.csv 2>&1 >/dev/null | cmp - /dev/null
	(echo label,err && seq 11 | sed 's/$/,1/') >many.csv
	expect_error 1 '--by label: more than 10 classes' ae-plot hist --by label many.csv
	expect_error 1 'h.csv: --by: no column "klass"' ae-plot hist --missing=mask --by klass h.csv
	expect_error 1 'h.csv: --by: no column "labl"; the nearest is "label"' ae-plot hist --missing=mask --by labl h.csv
	expect_error 1 "$F/test.aes: no column of role err; the stream has: x, label; ae-err makes it" ae-plot hist "$F/test.aes"
	ae-cat --head 0 "$F/test.e.aes" >none.aes
	expect_error 1 'none.aes: no err to draw' ae-plot hist none.aes
}

@test "ae-plot: hist notes that nearly all rows share the first bin, where --log parts them" {
	need_gnuplot
	awk 'BEGIN { print "err"; for (i = 1; i <= 95; i++) print i / 1e5; for (i = 1; i <= 5; i++) print i }' >rows.csv
	ae-plot hist rows.csv 2>&1 >/dev/null | grep -qx 'ae-plot: 95 of 100 rows share the first bin: --log parts them'
	for args in --log '--range 0,5' -q; do
		# shellcheck disable=SC2086 # an option and its value
		ae-plot hist $args rows.csv 2>&1 >/dev/null | cmp - /dev/null
	done
	# Not where it would part nothing: 95 scores that are the same, or 0.
	for value in 3 0 -1 0.001; do
		awk -v v=$value 'BEGIN { print "err"; for (i = 1; i <= 95; i++) print v; for (i = 1; i <= 5; i++) print v + i }' >rows.csv
		ae-plot hist rows.csv 2>&1 >/dev/null | cmp - /dev/null
	done
}

@test "ae-plot: hist of a range without rows is an empty histogram" {
	need_gnuplot
	printf 'label,err\na,1\nb,2\nb,nan\na,9\n' >h.csv
	ae-plot hist --missing=mask --range 10,20 --at 15 -O svg h.csv >h.svg 2>note
	[ "$(cat note)" = 'ae-plot: rows that are not in the picture: 4' ]
	texts_of h.svg | grep -qx 20
	texts_of h.svg | grep -qx 'Threshold 15'
	texts_of h.svg | grep -qx '3 below 10 and 0 above 20: not drawn'
	# every value of the column stands in the key, with the rows that it has in the range
	# names in quotes, and names that two columns have
	printf 'err,"a, b",u,u\n1,k,2,3\n2,l,3,4\n' >q.csv
	ae-plot hist --pass 2-4 --by '"a, b"' -O svg q.csv >quoted.svg
	ae-plot hist --pass 2-4 --by 'a, b' -O svg q.csv | cmp - quoted.svg
	expect_error 1 'q.csv: --by: columns 3 and 4 of the stream are both called "u"' ae-plot hist --pass 2-4 --by u q.csv
	expect_error 1 'q.csv: --title: columns 3 and 4 of the stream are both called "u"' \
		ae-plot line --cols err --pass 2-4 --title u q.csv
	ae-plot hist --missing=mask --range 8,10 --by label -O svg h.csv >h.svg
	texts_of h.svg | grep -qx 'a (1)'
	texts_of h.svg | grep -qx 'b (0)'
	ae-plot hist --missing=mask --range 10,20 --by label h.csv >h.txt
	grep -q 'b (0)' h.txt
	# but a stream without a score is none to draw
	printf 'err\nnan\n' >none.csv
	expect_error 1 'none.csv: no err to draw' ae-plot hist --missing=mask --range 0,1 none.csv
}

@test "ae-plot: a threshold of another model, or none, is refused" {
	cp "$F/other.aem" .
	ae-recon -m other.aem "$F/test.n.aes" | ae-err | ae-thresh --where label=1 --fit fixed:1 -m other.aem >/dev/null
	expect_error 1 "$F/test.e.aes: err was made with another model than the threshold in other.aem" ae-plot hist -m other.aem "$F/test.e.aes"
	expect_error 1 "$F/bare.aem: holds no threshold*" ae-plot hist -m "$F/bare.aem" "$F/test.e.aes"
	ae-err --metric mse -o mse.aes "$F/test.r.aes"
	expect_error 1 'mse.aes: err is mse, but the threshold*' ae-plot hist -m "$F/m.aem" mse.aes
	expect_error 1 'mse.aes: another scaler or model*' ae-plot hist "$F/test.e.aes" mse.aes
}

@test "ae-plot: grid" {
	need_gnuplot
	images >i.csv
	printf '0,T-shirt/top\n1,Trouser\n9,Ankle boot\n' >names
	# 3x2 pixels of 42, a column of captions, four across
	drawn grid --shape 3,2 i.csv "$((130 + 4 * 84 + 3 * 8 + 14)) $((14 + 126 + 14))"
	drawn grid --shape 3,2,1 --title label --map names i.csv "$((130 + 4 * 84 + 3 * 8 + 14)) $((26 + 126 + 14))"
	[ "$(grep -cx 'Ankle boot' texts)" -eq 2 ]
	grep -qx T-shirt/top texts
	grep -qx original texts
	# a row each of original, noisy and reconstructed
	ae-cat --shape 3,2,1 --head 2 i.csv | ae-noise --gaussian 0.1 | ae-train -q --net 6-2-6 -m i.aem
	ae-cat --shape 3,2,1 --head 2 i.csv | ae-noise --gaussian 0.1 | ae-recon -m i.aem -o r.aes
	drawn grid --title images r.aes "$((130 + 2 * 84 + 8 + 14)) $((26 + 3 * 126 + 2 * 8 + 14))"
	[ "$(grep -cxE 'original|noisy|reconstructed|images' texts)" -eq 4 ]
	[ "$(grep -c '<image' picture.svg)" -eq 6 ]
	drawn grid --cols recon r.aes "$((130 + 2 * 84 + 8 + 14)) $((14 + 126 + 14))"
	# colours; a large image is reduced
	seq 0 179 | paste -sd, | ae-plot grid -H --shape 10,6,3 --range 0,179 -o c.png
	[ "$(size_of c.png)" = "$((130 + 72 + 14)) $((14 + 120 + 14))" ]
	yes 0.5 | head -n 60000 | paste -sd, | ae-plot grid -H --shape 200,300 -o large.png
	[ "$(size_of large.png)" = "$((130 + 100 + 14)) $((14 + 67 + 14))" ]
}

@test "ae-plot: a grid of many images goes on below" {
	need_gnuplot
	images >i.csv
	(images && for ((i = 0; i < 9; i++)); do images | tail -n +2; done) >many.csv
	# 14 of 84 across in 1500 pixels, the other 6 below, with a gap between bands of titles
	drawn grid --shape 3,2 --head 20 many.csv "$((130 + 14 * 92 - 8 + 14)) $((14 + 126 + 8 + 126 + 14))"
	[ "$(grep -cx original texts)" -eq 2 ]
	drawn grid --shape 3,2 --head 20 --title label many.csv "$((130 + 14 * 92 - 8 + 14)) $((26 + 126 + 8 + 26 + 126 + 14))"
	[ "$(grep -cxE '[019].?0?' texts)" -eq 20 ]
	# with --size as many as make them largest
	ae-plot grid --shape 3,2 --head 20 --size 500x700 -O svg many.csv >g.svg
	[ "$(texts_of g.svg | grep -cx original)" -eq 5 ]
	ae-plot grid --shape 3,2 --head 20 --size 3000x200 -O svg many.csv >g.svg
	[ "$(texts_of g.svg | grep -cx original)" -eq 1 ]
	# text: no image is narrower than 14 characters, where it has 7 pixels or more
	yes '0,1,0,1,0,1,0,1,0,1,0,1,0,1,0,1' | head -n 12 | ae-plot grid --no-header --shape 2,8 >g.txt
	[ "$(grep -cx original g.txt)" -eq 2 ]
	[ "$(wc -L <g.txt)" -eq 79 ]
	[ "$(wc -l <g.txt)" -eq $((2 * 3 + 1)) ]
}

@test "ae-plot: grid as text is in characters, without gnuplot" {
	images >i.csv
	PATH=${AE_BUILD:?} ae-plot grid --shape 3,2 i.csv >out
	printf '%s\n' original '       :: @@   @@@@' '     ==++ @@   @@@@' '     ##@@ @@   @@@@' | cmp - out
	# ten of the rows, or as many as are asked for
	(images && images | tail -n +2 && images | tail -n +2) >many.csv
	[ "$(ae-plot grid --shape 3,2 many.csv | wc -L)" -eq $((10 * 5 - 1)) ]
	[ "$(ae-plot grid --shape 3,2 --head 3 many.csv | wc -L)" -le 14 ]
	ae-plot grid --shape 3,2 --sample 2 --seed 5 many.csv >two
	ae-cat --shape 3,2 --sample 2 --seed 5 many.csv | ae-plot grid | cmp - two
}

@test "ae-plot: what is no image is refused" {
	expect_error 1 '*column "x" of shape \[140\] is no image*--shape says*' ae-plot grid "$F/test.aes"
	expect_error 1 '*column "x" of shape \[5,7,4\] is no image*' ae-plot grid <(ae-cat -H --shape 5,7,4 <(seq 140 | paste -sd,))
	expect_error 1 '*no column of role target, x or recon*' ae-plot grid "$F/test.e.aes"
	expect_error 1 '*column "label" of shape \[\] is no image*' ae-plot grid --cols label "$F/test.aes"
	(images && for ((i = 0; i < 100; i++)); do images | tail -n 1; done) >many.csv
	expect_error 1 'more than 100 images*' ae-plot grid --shape 3,2 --head 101 many.csv
}

@test "ae-plot: confusion" {
	need_gnuplot
	printf 'label,err,pred\n0,9,1\n0,8,1\n0,1,0\n1,7,1\n1,2,0\n1,2,0\n1,2,0\n1,0,\n' >few.csv
	drawn confusion --normal 1 few.csv '560 500'
	printf '%s\n' 3 '75.0 %' 1 '25.0 %' 1 '33.3 %' 2 '66.7 %' >expected
	grep -E '^[0-9.]+( %)?$' texts | tail -n 8 | sort | cmp - <(sort expected)
	grep -qx 'Verdict (1 row has none)' texts
	ae-plot confusion --anomaly 0 few.csv | cmp - picture.txt
	# of a class without rows there is no share
	printf 'label,pred\n1,0\n1,1\n' >class.csv
	ae-plot confusion --normal 1 -O svg class.csv >one.svg
	[ "$(texts_of one.svg | grep -cx '0 of 0')" -eq 2 ]
	[ "$(texts_of one.svg | grep -cx '50.0 %')" -eq 2 ]
	expect_error 1 'few.csv: --normal 2: no row has that label*' ae-plot confusion --normal 2 few.csv
	expect_error 1 "$F/test.e.aes: no column of role pred*" ae-plot confusion --normal 1 "$F/test.e.aes"
	printf 'label,pred\n1,\n' >none.csv
	expect_error 1 'none.csv: no row has a verdict' ae-plot confusion --normal 1 none.csv
}

@test "ae-plot: roc and pr have the area that ae-metrics gives" {
	need_gnuplot
	ae-metrics --normal 1 "$F/test.e.aes" >metrics
	drawn roc --normal 1 -m "$F/m.aem" "$F/test.e.aes" '600 540'
	grep -qx "ROC curve, area $(awk '/^ROC-AUC/ { print $2 }' metrics)" texts
	grep -q '^threshold 0\.0' texts
	# in text chance is the lightest line, and no name lies over the ticks
	grep -q 'chance    \.' picture.txt
	grep -qE '^ *0\.4 \|' picture.txt
	[[ $(head -n 1 picture.txt) == 'True positive rate '* ]]
	drawn pr --normal 1 --title T "$F/test.e.aes" '600 540'
	grep -qx "T, average precision $(awk '/^PR-AUC/ { print $2 }' metrics)" texts
	expect_error 1 '*all of one class*' ae-plot roc --normal 1 --where label=1 "$F/test.e.aes"
	expect_error 1 "$F/test.aes: no column of role err*" ae-plot pr --normal 1 "$F/test.aes"
}

@test "ae-plot: as text the frame hides no curve that lies along an edge" {
	need_gnuplot
	{ echo label,err && seq 9 | sed 's/^/1,/' && seq 10 19 | sed 's/^/0,/'; } >rows.csv
	for kind in roc pr sweep; do
		ae-plot $kind --normal 1 rows.csv >picture.txt
		grep -q '^ *1 |[^ ]*###\|^ *1 |.*\*\*\*' picture.txt
	done
	ae-plot roc --normal 1 rows.csv >picture.txt
	grep -q '^ *0.4 |#' picture.txt
}

@test "ae-plot: rows without a label are left out and counted where the truth is drawn" {
	need_gnuplot
	local kind
	printf 'label,err,pred\n0,9,1\n0,1,0\n1,7,1\n1,2,0\n' >few.csv
	(cat few.csv && printf ',8,1\nNA,3,0\nnan,0.5,\n') >some.csv
	for kind in 'confusion --normal 1' 'roc --normal 1' 'pr --anomaly 0' 'hist --by label'; do
		# shellcheck disable=SC2086 # words
		ae-plot $kind few.csv >few.txt 2>note
		[ ! -s note ]
		# shellcheck disable=SC2086
		ae-plot $kind some.csv 2>note | cmp - few.txt
		[ "$(<note)" = 'ae-plot: rows that are not in the picture: 3, 3 of them without a label' ]
	done
	# a histogram of all rows needs no label
	ae-plot hist some.csv >all.txt 2>note
	[ ! -s note ]
	printf 'label,err,pred\n,1,0\nNA,2,1\n' >none.csv
	for kind in confusion roc pr; do
		expect_error 1 'none.csv: no row has a label' ae-plot $kind --normal 1 none.csv
	done
	expect_error 1 'none.csv: no row with an err has a label' ae-plot hist --by label none.csv
	printf 'label,err\n0,nan\n1,nan\n' >unscored.csv
	expect_error 1 'unscored.csv: no row has a score' ae-plot roc --missing=mask --normal 1 unscored.csv
	expect_error 1 '*all of one class*' ae-plot pr --anomaly 1 <(printf 'label,err\n1,2\n1,3\n')
}

@test "ae-plot: text from the data is text to gnuplot" {
	need_gnuplot
	# shellcheck disable=SC2016 # nothing here is to be expanded
	{
		printf 'label,err\n'
		printf '"'"'"'; system(""touch pwned"")\n#`touch pwned` @x \\",1\n'
		printf '"EOD\nend\n$group0 << end",2\n'
		printf '"'"'''"'; ! touch pwned",3\n'
		printf '%%s%%d {/Symbol a}<b>&amp;,4\n\xff\xfe\x1b[31m\xc2\x9b,5\n'
	} >evil.csv
	# shellcheck disable=SC2016,SC1003
	for title in "'; system('touch pwned')" "''; system('touch pwned') #" $'\n!touch pwned\n' '`touch pwned`' '\'; do
		drawn hist --by label --title "$title" --multiline evil.csv '800 480'
		drawn line --skip 1 --cols err --title label --multiline evil.csv '800 480'
	done
	[ ! -e pwned ]
	ae-plot hist --by label -o evil.svg --multiline evil.csv
	texts_of evil.svg | grep -qxF '%s%d {/Symbol a}&lt;b>&amp;amp; (1)'
	texts_of evil.svg | grep -qxF '?? [31m  (1)'
	[ -x /usr/bin/python3 ] || return 0
	/usr/bin/python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("evil.svg")'
}

@test "ae-plot: the names of --map" {
	need_gnuplot
	printf 'label,err\n1,2\n' >l.csv
	printf '1.0,one, two\n' >names
	ae-plot hist --by label --map names -O svg l.csv >l.svg
	texts_of l.svg | grep -qx 'one, two (1)'
	printf '1,a\nno comma\n' >bad
	expect_error 1 'bad: line 2: expected VALUE,NAME' ae-plot hist --by label --map bad l.csv
	expect_error 1 'nowhere: No such file or directory' ae-plot hist --by label --map nowhere l.csv
}

@test "ae-plot: gnuplot absent, or in trouble" {
	expect_error 1 'gnuplot is not installed: apt-get install gnuplot-nox' env PATH="$AE_BUILD" ae-plot hist "$F/test.e.aes"
	expect_error 1 'gnuplot is not installed: *' env PATH="$AE_BUILD" ae-plot hist -o h.png "$F/test.e.aes"
	mkdir bin
	printf '#!/bin/sh\necho "line 1:" >&2\necho "   no such terminal" >&2\nexit 1\n' >bin/gnuplot
	chmod +x bin/gnuplot
	expect_error 1 'gnuplot failed: line 1: no such terminal' env PATH="$PWD/bin:$PATH" ae-plot hist -o h.png "$F/test.e.aes"
	printf '#!/bin/sh\nhead -c 99 /dev/zero\n' >bin/gnuplot
	expect_error 1 'gnuplot failed: its picture is not whole' env PATH="$PWD/bin:$PATH" ae-plot hist -o h.png "$F/test.e.aes"
	printf '#!/bin/sh\nexit 0\n' >bin/gnuplot
	expect_error 1 'gnuplot failed: *' env PATH="$PWD/bin:$PATH" ae-plot hist -o h.png "$F/test.e.aes"
	printf '#!/bin/sh\nkill -KILL $$\n' >bin/gnuplot
	expect_error 1 'gnuplot was ended by signal 9' env PATH="$PWD/bin:$PATH" ae-plot hist -o h.png "$F/test.e.aes"
	[ ! -e h.png ]
}

@test "ae-plot: nobody's settings of gnuplot change a picture" {
	need_gnuplot
	ae-plot hist -o one.svg "$F/test.e.aes"
	mkdir home
	printf 'set title "mine"\nset logscale y\n' >home/.gnuplot
	HOME=$PWD/home GNUTERM=pdf ae-plot hist "$F/test.e.aes" -O svg | cmp - one.svg
}

@test "ae-plot: CSV, AEST and any batches give the same picture" {
	need_gnuplot
	local n
	ae-plot roc --normal 1 -O svg "$F/test.v.csv" >whole.svg
	for n in 1 2 7 16 17 512; do
		ae-cat --batch-rows $n "$F/test.v.csv" | ae-plot roc --normal 1 -O svg | cmp - whole.svg
	done
	ae-cat -t "$F/test.v.csv" | ae-plot roc -I tsv --normal 1 -O svg | cmp - whole.svg
}

@test "ae-plot: a cut stream and a stopped one are refused" {
	same_for_cuts "$F/test.e.aes" ae-plot hist
	ae-cat --cols x,label "$F/test.aes" >x.aes
	ae-cat "$F/test.v.csv" >v.aes
	stopped_stream v.aes stopped.aes
	expect_error 1 'stopped.aes: *stopped before its end*nothing is drawn of a part' ae-plot hist stopped.aes
	head -c -1 "$F/test.v.csv" >cut.csv
	expect_error 1 'cut.csv: *' ae-plot confusion --normal 1 cut.csv
	[ ! -e picture.png ]
	# Also behind the rows that are drawn.
	head -c -20 "$F/test.aes" >cut.aes
	expect_error 1 'cut.aes: after row *: the stream is cut*' ae-plot line cut.aes
	expect_error 1 'cut.aes: after row *: the stream is cut*' ae-plot line -o picture.png cut.aes
	{ printf 'a,b\n1,2\n' && yes 3,4 | head -n 9999 && echo 5,x; } >bad.csv
	expect_error 1 'bad.csv: line 10002: *' ae-plot line bad.csv
	cat "$F/test.e.aes" cut.aes >both.aes
	expect_error 1 'both.aes: *' ae-plot hist --head 3 both.aes
	[ ! -e picture.png ]
}

@test "ae-plot: an output that cannot be written is an error, and what was there stays" {
	need_gnuplot
	expect_error 1 'nowhere/x.png: No such file or directory' ae-plot hist -o nowhere/x.png "$F/test.e.aes"
	mkdir folder.png
	expect_error 1 'folder.png: is a folder, not a file' ae-plot hist -o folder.png "$F/test.e.aes"
	echo mine >kept.png
	expect_error 1 "$F/test.aes: no column of role err; the stream has: *" ae-plot hist -o kept.png "$F/test.aes"
	[ "$(cat kept.png)" = mine ]
	expect_error 1 '*No space left on device' full ae-plot hist "$F/test.e.aes"
	expect_error 1 '*No space left on device' full ae-plot hist -O png "$F/test.e.aes"
	expect_error 1 '/dev/full: No space left on device' ae-plot hist -O svg -o /dev/full "$F/test.e.aes"
}

@test "ae-plot: a terminal gets no mark" {
	need_gnuplot
	unsanitized 'what is preloaded comes before its own malloc'
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -shared -fPIC -o faults.so "$ROOT/tests/tools/faults.c"
	# the first write is of the commands for gnuplot, the second of the picture
	cat >draw <<-END
		FAULT_CALL=write FAULT_NTH=2 FAULT_ERRNO=28 LD_PRELOAD=./faults.so ae-plot hist -O text "$F/test.e.aes"
	END
	run -1 script -qec 'sh draw' /dev/null </dev/null
	[[ $output == *'<stdout>: No space left on device'* ]]
	[[ $output != *'!'* ]]
	run -1 --separate-stderr sh draw
	[ "$output" = '!' ]
}

@test "ae-plot: a reader that has gone ends it quietly" {
	need_gnuplot
	quiet_when_closed ae-plot hist "$F/test.e.aes"
	quiet_when_closed ae-plot hist -O png "$F/test.e.aes"
}

@test "ae-plot: clean under valgrind" {
	need_gnuplot
	images >i.csv
	valgrind_clean ae-plot hist --by label -m "$F/m.aem" "$F/test.e.aes" >/dev/null
	valgrind_clean ae-plot overlay --title label "$F/test.r.aes" >/dev/null
	valgrind_clean ae-plot loss "$F/loss.csv" >/dev/null
	valgrind_clean ae-plot grid --shape 3,2 --title label -O svg i.csv >/dev/null
	valgrind_clean ae-plot pr --normal 1 "$F/test.e.aes" >/dev/null
	run valgrind_clean ae-plot confusion --normal 2 "$F/test.v.csv"
	[ "$status" -eq 1 ]
}

@test "ae-plot -m: of a threshold with values of groups none is drawn, and a note says so" {
	awk 'BEGIN { print "g,label,err"; for (i = 0; i < 400; i++) print i % 2 "," (i % 9 ? "ok" : "bad") "," (i % 2 ? 100 : 1) * (1 + i * 7 % 13) }' >e.csv
	ae-thresh -q --pass g --fit quantile:0.9 --group g --save groups.thr e.csv >fit.txt
	ae-thresh -q --pass g --fit quantile:0.9 --save all.thr e.csv >fit.txt
	local kind
	for kind in hist 'roc --normal ok' 'pr --normal ok'; do
		# shellcheck disable=SC2086
		ae-plot $kind --pass g -m groups.thr -O svg e.csv >groups.svg 2>err.txt
		[ "$(<err.txt)" = 'ae-plot: groups.thr: the threshold has a value for each group of g: none is drawn; --at V draws one' ]
		# shellcheck disable=SC2086
		ae-plot $kind --pass g -O svg e.csv | cmp - groups.svg
		# shellcheck disable=SC2086
		ae-plot $kind --pass g -m all.thr -O svg e.csv >all.svg 2>err.txt
		[ ! -s err.txt ]
		run ! cmp -s all.svg groups.svg
	done
}

@test "ae-plot: loss --log draws a loss of 0 at the beginning of the scale" {
	printf 'epoch,loss,valid_loss\n1,0.6,1.2\n2,0.12,0.24\n3,0,\n' >zero.csv
	with_script loss --log -O svg zero.csv
	floor=$(sed -n 's/^set yrange \[\(.*\):\*\]$/\1/p' script)
	block log0 | awk -v floor="$floor" 'NR == 3 { exit !($2 - floor < 1e-9 && floor < 0.1001 && floor > 0.0999 && $3 == "NaN") }'
	with_script loss -O svg zero.csv
	block log0 | grep -qx '3 0 NaN'
}

@test "ae-plot: loss of several logs in a small picture shortens their names" {
	name=$(printf 'n%060d' 7)
	printf 'epoch,loss\n1,0.6\n2,0.1\n' | tee "$name.csv" >b.csv
	with_script loss --size 200x200 -O svg "$name.csv" b.csv
	grep -q "title 'n000…csv: training'" script
}

@test "ae-plot: hist of scores as far apart as numbers are" {
	need_gnuplot
	for last in 1e308 1.7e308; do
		printf 'err\n1\n%s\n' "$last" | ae-plot hist --log -o far.svg
		printf 'err\n1e-320\n%s\n' "$last" | ae-plot hist --log -o far.svg
		printf 'err\n%s\n%s\n' "$last" "$last" | ae-plot hist --log -o far.svg
		printf 'err\n%s\n%s\n' "$last" "$last" | ae-plot hist -o far.svg
	done
}

@test "ae-plot: a terminal of GNUTERM that gnuplot has not is not asked for" {
	need_gnuplot
	printf 'err\n1\n2\n' >e.csv
	ae-plot hist -O svg e.csv >plain.svg
	GNUTERM=none-such ae-plot hist -O svg e.csv | cmp - plain.svg
	GNUTERM=none-such ae-plot hist e.csv | cmp - <(ae-plot hist e.csv)
}

@test "ae-plot: SVG with ]]> in a name and a title is well-formed" {
	need_gnuplot
	printf 'err,label\n1,x]]>y\n2,b\n3,b\n' >e.csv
	ae-plot hist --label label --by label --title 'a ]]> b' -o e.svg e.csv
	python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("e.svg")'
	[ "$(grep -c ']]&gt;' e.svg)" -ge 2 ]
}

@test "ae-plot: titles of roc and pr, and names of classes, are cut between characters, at their ends" {
	title=a$(printf 'Я%.0s' {1..60})
	printf 'err,label\n1,a\n2,b\n' >e.csv
	for kind in roc pr; do
		with_script $kind -O svg --anomaly b --title "$title" e.csv
		grep -q "$title, a" script
	done
	name=$(printf 'n%059d' 7)
	printf 'u,v,kind\n1,2,%s\n2,1,%s\n' "${name}1" "${name}2" | ae-cat --label kind -o s.aes
	with_script scatter -O svg --cols x --by label s.aes
	[ "$(grep -o "title '[^']*7[12] (1)'" script | sort -u | wc -l)" = 2 ]
}
