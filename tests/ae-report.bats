#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-report: one page of HTML on verdicts.
load helpers
load plotting
load scoring

# In $F, besides what scoring_fixture makes: v.aes, the verdicts with x, recon and the features to blame; loss.csv.
setup_file() {
	scoring_fixture
	ae-train -q --where label=1 --net 140-16-4-16-140 --out sigmoid --loss mae --epochs 30 --lr 0.01 --log loss.csv \
		-m same.aem train.n.aes
	ae-err --keep --top 3 test.r.aes | ae-thresh -m m.aem -O aest -o v.aes
}

setup() {
	helpers_setup
	need_gnuplot
}

# report ARGS...: makes r.html of the fixture's verdicts, or of others.
report() {
	ae-report -m "$F/m.aem" -o r.html "$@"
}

# texts_of_page HTML: the texts in its pictures, one a line.
texts_of_page() {
	grep -o '<text[^>]*>.*</text>' "$1" | sed 's/<[^>]*>//g; s/^ *//; s/ *$//'
}

# text_of HTML: its text, without markup and pictures, each piece on a line.
text_of() {
	/usr/bin/python3 - "$1" <<-'END'
		import sys
		from html.parser import HTMLParser
		class Text(HTMLParser):
		    hidden = 0
		    def handle_starttag(self, tag, attrs):
		        self.hidden += tag in ("svg", "style")
		    def handle_endtag(self, tag):
		        self.hidden -= tag in ("svg", "style")
		    def handle_data(self, data):
		        if not self.hidden and data.strip():
		            print(data.strip())
		Text().feed(open(sys.argv[1], encoding="utf-8").read())
	END
}

@test "ae-report: --help, --version, unknown options" {
	local program=ae-report
	cp "$F/m.aem" .
	check_manners ae-report 'err,pred -m m.aem'
	expect_error 2 '-m FILE is required: *' $program "$F/v.aes"
	expect_error 2 '--normal and --anomaly exclude each other' $program -m m.aem --normal 1 --anomaly 0 "$F/v.aes"
	expect_error 2 '--floor is measured by labels: --normal LABEL or --anomaly LABEL says what they mean' $program -m m.aem --floor a=b "$F/v.aes"
	expect_error 2 '--floor x: expected NAME=FILE' $program -m m.aem --normal 1 --floor x "$F/v.aes"
}

@test "ae-report: measures are those of ae-metrics" {
	report --normal 1 "$F/v.aes"
	text_of r.html >text
	ae-metrics --normal 1 "$F/v.aes" >metrics
	local name
	for name in ROC-AUC PR-AUC; do
		grep -qx "$(awk -v name=$name '$1 == name { print $2 }' metrics)" text
	done
	for name in 2 3 4; do # precision, recall, F1
		grep -qx "$(awk -v i=$name '$1 == "anomaly" && NF == 4 { print $i }' metrics)" text
	done
	grep -qx 'Chance' text
	grep -qx "ae-normalize -m m.aem | ae-recon -m m.aem | ae-err --metric mae | ae-thresh -m m.aem" text
}

@test "ae-report: the same bytes from anywhere, and for any batches" {
	report --normal 1 "$F/v.aes"
	mkdir elsewhere
	cp "$F/m.aem" "$F/v.aes" elsewhere
	(cd elsewhere && ae-report -m m.aem --normal 1 <v.aes >r.html)
	cmp r.html elsewhere/r.html
	ae-cat --batch-rows 7 "$F/v.aes" | ae-report -m "$F/m.aem" --normal 1 | cmp - r.html
	run ! grep -F "$F" r.html
}

@test "ae-report: a floor is measured beside, by the truth of the verdicts" {
	ae-cat --cols err "$F/test.e.aes" -o bare.aes
	report --normal 1 --floor "Linear=$F/test.e.aes" --floor 'Scores <alone>=bare.aes' "$F/v.aes"
	text_of r.html >text
	grep -qx 'Linear' text
	grep -qx 'Scores <alone>' text
	[ "$(grep -cx "$(ae-metrics --normal 1 "$F/test.e.aes" | awk '$1 == "ROC-AUC" { print $2 }')" text)" -eq 3 ]
}

@test "ae-report: a floor of other rows is refused" {
	ae-cat --head 9 "$F/test.e.aes" -o few.aes
	ae-cat "$F/test.e.aes" "$F/test.e.aes" -o many.aes
	expect_error 1 '--floor: few.aes: 9 rows, but the verdicts have 120: a floor has the same rows' \
		ae-report -m "$F/m.aem" --normal 1 --floor a=few.aes -o r.html "$F/v.aes"
	expect_error 1 '--floor: many.aes: more than the 120 rows of the verdicts: *' \
		ae-report -m "$F/m.aem" --normal 1 --floor a=many.aes -o r.html "$F/v.aes"
	{ ae-cat --tail 119 "$F/test.e.aes"; ae-cat --head 1 "$F/test.e.aes"; } >turned.aes
	expect_error 1 '--floor: turned.aes: row *: not the label of row * of the verdicts: *' \
		ae-report -m "$F/m.aem" --normal 1 --floor a=turned.aes -o r.html "$F/v.aes"
	ae-cat --number "$F/v.aes" -o ids.aes
	ae-cat --number "$F/test.e.aes" | ae-cat --where id!=5 -o gap.aes
	expect_error 1 '--floor: gap.aes: row 6: not the id of row 6 of the verdicts: *' \
		ae-report -m "$F/m.aem" --normal 1 --floor a=gap.aes -o r.html ids.aes
	[ ! -e r.html ]
}

@test "ae-report: a floor is held against the ids that it shares by name" {
	ae-cat -c --cols label,err,pred "$F/v.aes" | awk -v OFS=, 'NR == 1 { print "id,machine", $0; next } { print NR, "m" NR % 3, $0 }' >two.csv
	cut -d, -f 2- two.csv >one.csv
	sed 's/m0/m9/' one.csv >wrong.csv
	cut -d, -f 3- two.csv | sed '1s/^/number,/; 2,$s/^/7,/' >other.csv
	ae-cat --id id --id machine two.csv -o two.aes
	ae-cat --id machine one.csv -o one.aes
	ae-cat --id machine wrong.csv -o wrong.aes
	ae-cat --id number other.csv -o other.aes
	report --normal 1 --floor one=one.aes --floor both=two.aes --floor other=other.aes two.aes
	report --normal 1 --floor both=two.aes one.aes
	expect_error 1 '--floor: wrong.aes: row 2: not the id of row 2 of the verdicts: *' \
		ae-report -m "$F/m.aem" --normal 1 --floor a=wrong.aes -o r2.html two.aes
}

@test "ae-report: verdicts of another model, and none at all, are refused" {
	expect_error 1 "*v.aes: the verdicts were made with another model than *small.aem" \
		ae-report -m "$SMALL" --normal 1 -o r.html "$F/v.aes"
	expect_error 1 '*test.e.aes: no verdicts, a column pred: ae-thresh -O aest *' \
		ae-report -m "$F/m.aem" --normal 1 -o r.html "$F/test.e.aes"
	expect_error 1 '*: no row has that label; *' ae-report -m "$F/m.aem" --normal 7 -o r.html "$F/v.aes"
	ae-cat --head 0 "$F/v.aes" -o none.aes
	expect_error 1 '*: no rows to report on' ae-report -m "$F/m.aem" -o r.html none.aes
	expect_error 1 'no/such/r.html: *' ae-report -m "$F/m.aem" -o no/such/r.html "$F/v.aes"
	[ ! -e r.html ]
	expect_error 1 '<stdout>: *' full ae-report -m "$F/m.aem" "$F/v.aes"
}

@test "ae-report: what is not said is left out with a line" {
	ae-cat --cols err,pred "$F/v.aes" -o bare.aes
	report bare.aes
	text_of r.html >text
	grep -q 'Nothing is measured: the rows have no labels' text
	report "$F/v.aes"
	text_of r.html | grep -q 'Nothing is measured: --normal LABEL or --anomaly LABEL says'
	ae-cat -c --cols pred bare.aes >pred.csv
	report pred.csv
	text_of r.html | grep -q 'The rows have no scores, a column err: ae-err makes it.'
}

@test "ae-report: what comes from data is no markup" {
	awk -F, -v OFS=, 'NR == 1 { print; next } { $1 = $1 == 1 ? "<script>alert(1)</script>" : "\"a&b'"'"'\""; print }' \
		<(ae-cat -c --cols label,err,pred "$F/v.aes") >evil.csv
	report --normal '<script>alert(1)</script>' --title '</title><script>' --floor '<i>=evil.csv' evil.csv
	run ! grep -qi '<script\|<i>' r.html
	text_of r.html | grep -qx '</title><script>'
}

@test "ae-report: losses, and a log that is none" {
	report "$F/v.aes"
	text_of r.html | grep -q -- '--log FILE shows the losses'
	report --log "$F/loss.csv" "$F/v.aes"
	grep -q '<title>Loss by Epoch</title>' r.html
	rm r.html
	printf 'epoch,loss,valid_loss\n' >long.csv
	ae-train -q --where label=1 --net 140-16-4-16-140 --out sigmoid --valid 0.2 --patience 2 --lr 0.02 --epochs 60 --log long.csv \
		-m kept.aem "$F/train.n.aes"
	ae-recon -m kept.aem "$F/test.n.aes" | ae-err | ae-thresh --at 1 -O aest -o kept.aes
	ae-report -m kept.aem --log long.csv -o r.html kept.aes
	kept=$(ae-info kept.aem | sed -n 's/.*, after epoch \([0-9]*\) of .*/\1/p')
	[ "$kept" -lt "$(tail -n 1 long.csv | cut -d , -f 1)" ]
	grep -q "Weights kept of epoch $kept<" r.html
	rm r.html
	printf 'a,b\n1,2\n' >other.csv
	expect_error 1 '--log: other.csv: no column "epoch": *' ae-report -m "$F/m.aem" --log other.csv -o r.html "$F/v.aes"
	expect_error 1 '--log: none.csv: *' ae-report -m "$F/m.aem" --log none.csv -o r.html "$F/v.aes"
	[ ! -e r.html ]
}

@test "ae-report: a log without a loss that is a number leaves out the picture" {
	printf 'epoch,loss,valid_loss\n1,nan,nan\n2,nan,nan\n' >nan.csv
	report --log nan.csv "$F/v.aes"
	text_of r.html | grep -qx 'No picture: no loss to draw'
}

# cells HTML N: the cells of its table number N, a line a row, tabs between.
cells() {
	/usr/bin/python3 - "$@" <<-'END'
		import re, sys, html
		tables = re.findall("<table>.*?</table>", open(sys.argv[1], encoding="utf-8").read(), re.S)
		for row in re.findall("<tr.*?</tr>", tables[int(sys.argv[2])], re.S):
		    print("\t".join(html.unescape(re.sub("<[^>]*>", "", c)) for c in re.findall("<t[dh].*?</t[dh]>", row)))
	END
}

@test "ae-report: episodes are those of ae-thresh --episodes" {
	awk 'BEGIN {
		print "time,err,pred,top1,top1_share"
		for (i = 0; i < 400; i++) {
			err = (i * 7919) % 101 + i % 3 / 10
			printf "2026-11-28T00:%02d:%02dZ,%s,%d,f%d,0.%d\n", i / 60, i % 60, err, (err >= 90), i % 5, 10 + i % 90
		}
	}' >rows.csv
	ae-thresh --at 90 --episodes - rows.csv >episodes.jsonl
	report rows.csv
	cells r.html 0 >table
	/usr/bin/python3 - <<-'END'
		import json
		ends = [e for e in map(json.loads, open("episodes.jsonl")) if e["event"] == "end"]
		rows = [line.rstrip("\n").split("\t") for line in open("table", encoding="utf-8")][1:]
		assert len(ends) > 20 and len(rows) == 20, (len(ends), len(rows))
		worst = sorted(ends, key=lambda e: -e["peak"])[:20]
		worst.sort(key=lambda e: e["start_row"])
		for e, row in zip(worst, rows):
		    top = e["top"][0]
		    assert row[:3] == [e["start"], e["end"], str(e["rows"])], (e, row)
		    assert abs(float(row[3]) - e["peak"]) < 0.06
		    assert row[4] == f"{top['feature']} {100 * top['share']:.0f}\u00a0%", row
	END
	text_of r.html | grep -q "^[0-9]* episodes; the 20 with the largest scores are:"
}

# Two machines by turns, of which a is anomalous all the time and b in rows 8 to 10 of its own.
machines() {
	awk -v a="$1" 'BEGIN {
		print "time,machine,v"
		for (i = 1; i <= 20; i++) {
			printf "%d,%s,%d\n", 2 * i - 1, a, 100 + i
			printf "%d,b,%s\n", 2 * i, (i >= 8 && i <= 10 ? 50 + i : i / 10)
		}
	}' | sed '1s/v$/err/' | ae-smooth --mean 1 --group machine --pass machine -o smooth.aes
	ae-thresh --at 50 -O aest -o runs.aes smooth.aes
}

@test "ae-report: of each run of anomalies of each group one row is drawn" {
	machines a
	report runs.aes
	text_of r.html | sed -n 's/^Row \([0-9]*\).*/\1/p' >rows
	# The worst of a's run, that of b's, and then normal rows of b, also the ones beside its run.
	[ "$(tr '\n' ' ' <rows)" = '39 20 40 38 36 34 ' ]
	text_of r.html | grep -q '^Row 39, a, '
	text_of r.html | grep -q '^Row 20, b, '
}

@test "ae-report: events are counted in each group, those of floors too" {
	# Two machines by turns; each has one event of three rows, found in its second and in its first row.
	awk 'BEGIN {
		print "time,machine,label,err"
		for (i = 1; i <= 20; i++) {
			printf("%d,a,%d,%d\n", 2 * i - 1, i >= 5 && i <= 7, (i == 6) * 60)
			printf("%d,b,%d,%d\n", 2 * i, i >= 6 && i <= 8, (i >= 6 && i <= 7 || i == 15) * 60)
		}
	}' | ae-smooth --mean 1 --group machine --pass machine -o smooth.aes
	ae-thresh --at 50 -O aest -o runs.aes smooth.aes
	ae-cat --cols err,pred -o bare.aes runs.aes
	report --normal 0 --floor Same=bare.aes runs.aes
	text_of r.html >text
	local name
	for name in 'This model' Same; do
		[ "$(grep -x -A 10 "$name" text | tail -n 4 | tr '\n' ' ')" = '0.6667 1.0000 0.8000 0.5 ' ]
	done
}

@test "ae-report: a histogram is logarithmic where nearly all rows would share a bin" {
	awk 'BEGIN { print "err,pred"; for (i = 1; i <= 95; i++) print i / 1e5 ",0"; for (i = 1; i <= 5; i++) print i ",1" }' >rows.csv
	report rows.csv
	sed -n '/<h2>Scores and threshold/,/<h2>Score over time/p' r.html >hist.html
	texts_of_page hist.html | grep -qx 0.0001
	awk 'BEGIN { print "err,pred"; for (i = 1; i <= 95; i++) print i ",0"; for (i = 1; i <= 5; i++) print 95 + i ",1" }' >rows.csv
	report rows.csv
	sed -n '/<h2>Scores and threshold/,/<h2>Score over time/p' r.html >hist.html
	texts_of_page hist.html | grep -qx 60
}

@test "ae-report: curves of rows have the names of their features at the axis, or whole numbers" {
	local name long='Accelerometer of the first bearing'
	awk -v n="\"$long\"" 'BEGIN { print "vib," n ",rpm,amp"; for (i = 0; i < 60; i++) print i % 7 "," i % 5 "," i % 3 "," i % 11 }' >x.csv
	ae-train -q --net 4-2-4 --epochs 2 -m m4.aem x.csv
	ae-recon -m m4.aem x.csv | ae-err --keep | ae-thresh --at 1 -O aest -o v.aes
	ae-report -m m4.aem -o r.html v.aes
	for name in vib rpm amp Accele…aring; do
		[ "$(texts_of_page r.html | grep -cx "$name")" = 6 ]
	done
	tail -n +2 x.csv | ae-cat -H -o x.aes
	ae-train -q --net 4-2-4 --epochs 2 -m m4.aem x.aes
	ae-recon -m m4.aem x.aes | ae-err --keep | ae-thresh --at 1 -O aest -o v.aes
	ae-report -m m4.aem -o r.html v.aes
	sed -n '/<h2[^>]*>The worst rows/,/<h2[^>]*>Losses/p' r.html >worst.html
	[ "$(texts_of_page worst.html | grep -cx 'Row [0-9]*')" = 6 ]
	# There is no element 1.5: an axis has the numbers 1 to 4.
	[ "$(texts_of_page worst.html | tr '\n' ' ' | grep -o ' 1 2 3 4 ' | wc -l)" -ge 6 ]
}

@test "ae-report: images among the worst rows are drawn as images, windows as curves" {
	awk 'BEGIN {
		for (row = 1; row <= 40; row++)
			for (i = 0; i < 30; i++)
				printf "%g%s", i * row % 17 / 17 - 0.5, i < 29 ? "," : "\n"
	}' | ae-cat -H --shape 6,5 -o x.aes
	ae-train -q --net 'dense 3 tanh | dense 30, reshape 6x5' --epochs 2 -m image.aem x.aes
	ae-recon -m image.aem x.aes | ae-err --keep | ae-thresh --at 0.1 -O aest -o v.aes
	ae-report -m image.aem -o r.html v.aes
	[ "$(grep -c "<image .*data:image/png" r.html)" = 12 ]
	# From the least to the largest number: those of -0.5 and 0.5 are not black and grey, but black and white.
	mkdir spy
	printf '#!/bin/sh\ncat >"%s/script" && cat "%s/script" >>"%s/scripts" && exec "%s" "$@" <"%s/script"\n' \
		"$PWD" "$PWD" "$PWD" "$(command -v gnuplot)" "$PWD" >spy/gnuplot
	chmod +x spy/gnuplot
	PATH=$PWD/spy:$PATH ae-report -m image.aem -o r.html v.aes
	sed -n '/^[$]image0_0/,/^end/p' scripts | grep '^[0-9]' | tr ' ' '\n' | sort -n | sed -n '1p;$p' >ends
	[ "$(sed -n 1p ends)" = 0 ] && [ "$(sed -n '$p' ends)" -gt 9000000 ]
	run ! grep -q 'its reconstruction dashed' r.html
	# The same numbers as windows of a series of five columns.
	awk 'BEGIN { print "a,b,c,d,e"; for (row = 0; row < 60; row++) printf "%d,%d,%d,%d,%d\n", row % 7, row % 5, row % 3, row % 2, row % 11 }' |
		ae-window --size 6 --drop-incomplete -o w.aes
	ae-train -q --net 'dense 3 tanh | dense 30, reshape 6x5' --epochs 2 -m window.aem w.aes
	ae-recon -m window.aem w.aes | ae-err --keep | ae-thresh --at 0.1 -O aest -o v.aes
	ae-report -m window.aem -o r.html v.aes
	grep -q 'its reconstruction dashed' r.html
	run ! grep -q '<image ' r.html
}

@test "ae-report: the normal row before a run of anomalies keeps its place" {
	printf 'time,err,pred\n1,1,0\n2,5,0\n3,9,1\n4,8,1\n5,2,0\n' >rows.csv
	report rows.csv
	[ "$(text_of r.html | sed -n 's/^Row \([0-9]*\).*/\1/p' | tr '\n' ' ')" = '3 2 5 1 ' ]
}

@test "ae-report: long texts are cut between characters" {
	local long
	long=$(printf '\303\244%.0s' {1..60})
	machines "$long"
	report runs.aes
	printf 'id,err,pred\n%s,1,1\n' "$long" | ae-cat --id id | ae-report -m "$F/m.aem" -o id.html
	text_of r.html >text
	text_of id.html >>text
	[ "$(grep -c "$(printf '\303\244%.0s' {1..39})\$" text)" -ge 2 ]
	run ! grep -q "$(printf '\357\277\275')" text
}

@test "ae-report: the features to blame are those of ae-err --top, by --top and by --keep" {
	ae-recon -m "$F/m.aem" "$F/test.n.aes" | ae-err --top 3 -m "$F/m.aem" | ae-thresh -m "$F/m.aem" -O aest -o top.aes
	ae-recon -m "$F/m.aem" "$F/test.n.aes" | ae-err --keep | ae-thresh -m "$F/m.aem" -O aest -o keep.aes
	report top.aes
	text_of r.html | grep -A 6 '^Row ' >top
	report keep.aes
	text_of r.html | grep -A 6 '^Row ' >keep
	[ "$(grep -c '%, x\.' top)" -eq 6 ]
	[ "$(grep '%, x\.' top)" = "$(grep '%, x\.' keep)" ]
	[ "$(grep -o '<title>Row [0-9]*</title>' r.html | sed 's/[^0-9]//g')" = \
		"$(ae-cat -c --cols err keep.aes | awk 'NR > 1 { print $1, NR - 1 }' | sort -gr | awk 'NR <= 6 { print $2 }')" ]
}

@test "ae-report: the page is HTML" {
	report --normal 1 --log "$F/loss.csv" --floor "a=$F/test.e.aes" "$F/v.aes"
	grep -oE '(src|href|url|action)[=(][^ >]*' r.html | grep -v "#f[0-9]" >outside || true
	[ ! -s outside ]
	run ! grep -qi 'http\|@import\|<script\|<link\|<iframe\| on[a-z]*=' r.html
	! command -v tidy || tidy -q -e r.html
	if /usr/bin/python3 -c 'import html5lib' 2>/dev/null; then
		/usr/bin/python3 -c 'import html5lib; html5lib.HTMLParser(strict=True).parse(open("r.html", "rb").read())'
	fi
	# ids are there once
	grep -oE " id=['\"][^'\"]*" r.html | sort | uniq -d >twice
	[ ! -s twice ]
}

# shot WIDTH dark|light OUT: a picture of r.html in Chromium without a network; what it logs is in `log`.
shot() {
	local dark=() apart=()
	[ "$2" = light ] || dark=(--blink-settings=preferredColorScheme=0)
	! unshare -rn true 2>/dev/null || apart=(unshare -rn)
	timeout 120 "${apart[@]}" chromium --headless=new --no-sandbox --disable-gpu --hide-scrollbars --enable-logging=stderr \
		--user-data-dir="$PWD/chromium" "${dark[@]}" --window-size="$1,900" --screenshot="$3" \
		"file://$PWD/r.html" >log 2>&1
}

@test "ae-report: Chromium shows it without a network, narrow and wide, light and dark" {
	command -v chromium >/dev/null || skip 'no Chromium (Debian: chromium, 350 MB)'
	report --normal 1 --log "$F/loss.csv" "$F/v.aes"
	local width
	for width in 500 1400; do
		shot $width light "$PWD/light.png"
		run ! grep -q CONSOLE log
		shot $width dark "$PWD/dark.png"
		run ! grep -q CONSOLE log
		[ "$(size_of light.png)" = "$width 900" ]
		run ! cmp -s light.png dark.png
	done
}

@test "ae-report: one row, scores of 1e30, missing values and long names" {
	local name
	name=$(printf 'n%.0s' {1..60})
	printf 'time,%s,b,recon.%s,recon.b,err,pred\n1,2,nan,2.5,1,1e30,1\n' "$name" "$name" >one.csv
	report --missing mask one.csv
	text_of r.html | grep -q "^$name"
	printf 'err,pred\n1e30,1\n0.5,0\nnan,\n' >two.csv
	report --missing mask two.csv
	text_of r.html | grep -qx '1 anomaly, 1 normal, 1 none'
	printf 'err,pred\n,\n' >none.csv
	report --missing mask none.csv
	text_of r.html | grep -qx 'No row has a score.'
}

@test "ae-report: a floor is not written over, and SIGTERM ends it behind floors too" {
	cp "$F/test.e.aes" floor.aes
	expect_error 1 '--output floor.aes: is the file of --floor' ae-report -m "$F/m.aem" --normal 1 --floor f=floor.aes -o floor.aes "$F/v.aes"
	cmp floor.aes "$F/test.e.aes"
	mkdir slow
	printf '#!/bin/sh\n: >begun\nexec sleep 5\n' >slow/gnuplot
	chmod +x slow/gnuplot
	PATH=$PWD/slow:$PATH ae-report -m "$F/m.aem" --normal 1 --floor f=floor.aes -o r.html "$F/v.aes" 2>said &
	local pid=$!
	eventually test -e begun
	kill $pid
	run -143 wait $pid
	[ ! -e r.html ]
}
