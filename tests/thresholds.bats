#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-thresh: thresholds that follow the stream, p-values, intervals and the table of all methods.
load helpers
load scoring

E=$ROOT/tests/expected/thresholds.csv

# expected COLUMN: of thresholds_rows.csv, without its header.
expected() {
	tail -n +2 "$ROOT/tests/expected/thresholds_rows.csv" | cut -d, -f"$1"
}

verdicts() {
	ae-thresh "$@" "$E" | tail -n +2 | cut -d, -f3
}

@test "ae-thresh --stream: the verdicts are those of NumPy and SciPy on the last scores" {
	verdicts --stream quantile:0.9 --window 50 | cmp - <(expected 1)
	verdicts --stream quantile:0.9 --window 50 --hold-anomalies | cmp - <(expected 2)
	verdicts --stream pot:0.01 --window 500 | cmp - <(expected 3)
	verdicts --stream pot:0.01 --window 500 --hold-anomalies | cmp - <(expected 4)
	run ! cmp -s <(expected 1) <(expected 2)
	same "ae-thresh --stream quantile --window 50 $E" "ae-thresh --stream quantile:0.99 --window 50 $E"
}

@test "ae-thresh --stream: before the window is full -m or --at judges, or nobody" {
	verdicts --stream quantile:0.9 --window 50 | head -n 50 | sort -u | cmp - <(echo)
	same "ae-thresh --at 2 $E | head -n 51" "ae-thresh --at 2 --stream quantile:0.9 --window 50 $E | head -n 51"
	ae-thresh -q --fit fixed:2 --save t.thr "$E" >/dev/null
	same "ae-thresh --at 2 --stream quantile:0.9 --window 50 $E" "ae-thresh -m t.thr --stream quantile:0.9 --window 50 $E"
}

@test "ae-thresh --stream: a score that is missing has no verdict and is not taken" {
	printf 'err\n1\n2\nnan\n3\n2\n' | ae-thresh --missing=mask --stream quantile:0.5 --window 2 |
		cmp - <(printf 'err,pred\n1,\n2,\nnan,\n3,1\n2,0\n')
}

@test "ae-thresh --stream: how rows arrive changes nothing" {
	ae-cat "$E" >e.aes
	same_for_batches e.aes ae-thresh --stream quantile:0.9 --window 30 --hold-anomalies
	same_for_batches e.aes ae-thresh --stream pot:0.01 --window 500
	same_for_cuts e.aes ae-thresh --stream quantile:0.9 --window 30
}

@test "ae-thresh --stream --group: a window each, and --state goes on" {
	awk -F, 'NR == 1 { print "g,err"; next } { print (NR % 3 == 0 ? "a" : "b") "," $2 }' "$E" >g.csv
	ae-thresh --pass g --stream quantile:0.9 --window 20 --group g g.csv >v.csv
	local g
	for g in a b; do
		ae-cat --pass g --where g=$g g.csv | ae-thresh --stream quantile:0.9 --window 20 | cmp - <(grep -E "^(g|$g)," v.csv)
	done
	ae-thresh --pass g --stream pot:0.01 --window 500 g.csv >whole.csv
	ae-thresh --pass g --stream pot:0.01 --window 500 --state s <(head -n 701 g.csv) >part.csv
	ae-thresh --pass g --stream pot:0.01 --window 500 --state s <(sed 2,701d g.csv) | tail -n +2 >>part.csv
	cmp whole.csv part.csv
	expect_error 1 '*no column "h"*' ae-thresh --pass g --stream quantile --window 20 --group h g.csv
}

@test "ae-thresh --stream: options that do not go together are status 2" {
	expect_error 2 '--stream needs --window N' ae-thresh --stream quantile:0.9 "$E"
	expect_error 2 '--stream pot needs a --window of at least 500' ae-thresh --stream pot --window 499 "$E"
	expect_error 2 '*"mad:3"*pot:Q*' ae-thresh --stream mad:3 --window 10 "$E"
	expect_error 2 '*expected a number from 0 to 1*' ae-thresh --stream quantile:2 --window 10 "$E"
	expect_error 2 '*go with --stream' ae-thresh --at 1 --hold-anomalies "$E"
	expect_error 2 '*goes with --fit, --stream, --episodes, *--max-gap and --state with the latter four' ae-thresh --at 1 --group g "$E"
	expect_error 2 '--fit excludes *--stream and --exit-code' ae-thresh --fit mad:3 --save t --stream quantile --window 9 "$E"
	expect_error 2 '--pvalue goes with -m FILE, without --stream' ae-thresh --at 1 --pvalue "$E"
}

@test "ae-thresh --pvalue: the share of calibration errors at or above err" {
	ae-thresh -q --normal ok --fit mad:3 --save t.thr "$E" >/dev/null
	ae-thresh -m t.thr --pvalue "$E" >v.csv
	head -n 1 v.csv | grep -qx 'label,err,pred,pvalue'
	cut -d, -f1-3 v.csv | cmp - <(ae-thresh -m t.thr "$E")
	tail -n +2 v.csv | cut -d, -f4 | paste -d' ' - <(expected 5) |
		awk '{ d = $1 - $2 } d > 1e-15 || d < -1e-15 { exit 1 } END { exit NR != 1590 }'
	printf 'err\nnan\n1e9\n-1\n' | ae-thresh --missing=mask -m t.thr --pvalue | cut -d, -f2,3 | head -n 3 |
		cmp - <(printf 'pred,pvalue\n,nan\n1,0.0006662225183211193\n')
	ae-cat "$E" >e.aes
	same_for_batches e.aes ae-thresh -m t.thr --pvalue
	expect_error 1 '*there is a column "pvalue" already' ae-thresh -m t.thr --pvalue --pass pvalue v.csv
	printf 'err\n' >none.csv
	ae-thresh -q --fit fixed:1 --save f.thr none.csv >/dev/null
	expect_error 1 '*: the threshold keeps no errors*' ae-thresh -m f.thr --pvalue "$E"
}

@test "ae-thresh --pvalue: of more than 10,000 errors it is near, and never beyond 0 and 1" {
	seq 30000 | awk 'BEGIN { print "err" } { print $1 * $1 }' >many.csv
	ae-thresh -q --fit mad:3 --save t.thr many.csv >/dev/null
	printf 'err\n0\n1\n225000000\n250000001\n899999999\n900000000\n900000001\n' | ae-thresh -m t.thr --pvalue |
		tail -n +2 | cut -d, -f3 >p
	paste -d' ' p <(printf '%s\n' 30001 30001 15002 14190 2 2 1) |
		awk '{ d = $1 - $2 / 30001 } d > 2e-5 || d < -2e-5 { print; bad = 1 } END { exit bad }'
}

@test "ae-thresh --bootstrap: the interval is that of a second implementation" {
	# /usr/bin/python3 tests/expected/thresholds_rows.py interval
	ae-thresh -q --normal ok --fit '1.333*quantile:0.99' --save t.thr "$E" >one.txt
	ae-thresh -q --normal ok --bootstrap 200 --seed 3 --fit '1.333*quantile:0.99' --save u.thr "$E" >two.txt
	head -n 1 two.txt | cmp - one.txt
	cmp t.thr u.thr
	awk 'NR == 2 { a = $6 - 5.5608067506749972; b = $8 - 7.5979970257500007
		exit !($3 == 200 && a * a < 1e-26 && b * b < 1e-26) }' two.txt
	ae-thresh -q --normal ok --bootstrap 40 --fit f1 --save t.thr "$E" |
		tail -n 1 | cmp - <(echo '95% of 40 resamples from 3.77904 to 5.47207')
	expect_error 2 '*--bootstrap go with --fit' ae-thresh --at 1 --bootstrap 5 "$E"
}

@test "ae-thresh --compare: each method's value and what it flags, and nothing is written" {
	ae-thresh -q --compare --normal ok "$E" >table.txt
	head -n 1 table.txt | grep -qE '^method +value +flags +precision +recall +F1$'
	local method value flags precision recall f1
	while read -r method value flags precision recall f1; do
		ae-thresh -q --normal ok --fit "$method" --save t.thr "$E" | grep -qF "$value $method err"
		ae-thresh -m t.thr -O aest "$E" | ae-metrics --normal ok >m.txt
		grep -qE "^anomaly +$precision +$recall +$f1$" m.txt
		[ "$(ae-thresh -m t.thr "$E" | grep -c ',1$')" -eq "$flags" ]
	done < <(tail -n +2 table.txt)
	[ "$(wc -l <table.txt)" -eq 9 ]
	ae-thresh -q --compare "$E" | grep -qE '^mad:3 +2\.99[0-9]* +164 +0\.1031$'
	ae-thresh --compare <(head -n 100 "$E") 2>/dev/null | grep -q '^pot:0.001 *-  pot fits the tail'
	expect_error 2 '--compare writes nothing*' ae-thresh --compare --save t "$E"
	expect_error 1 '*no rows*' ae-thresh --compare <(head -n 1 "$E")
}

G=$ROOT/tests/expected/threshold_groups.csv

# judged COLUMN FILE: the verdicts by FILE are those of threshold_groups.csv.
judged() {
	ae-thresh --pass machine -m "$2" all.csv | tail -n +2 | cut -d, -f4 | cmp - <(tail -n +2 "$G" | cut -d, -f"$1")
}

# Makes all.csv of all rows, and q.thr and f.thr of those that are not of the machine "new".
fit_groups() {
	cut -d, -f1-3 "$G" >all.csv
	grep -v '^new,' all.csv >fit.csv
	ae-thresh --pass machine --normal ok --fit quantile:0.95 --group machine --save q.thr fit.csv >q.txt 2>q.err
	ae-thresh --pass machine --normal ok --fit f1 --group machine --save f.thr fit.csv >f.txt 2>f.err
}

@test "ae-thresh --fit --group: values and p-values are those of NumPy; small and unknown groups have those of all rows" {
	fit_groups
	# /usr/bin/python3 tests/expected/threshold_groups.py
	judged 4 q.thr
	judged 5 f.thr
	ae-thresh --pass machine -m q.thr --pvalue all.csv | cut -d, -f5 | paste -d' ' - <(cut -d, -f6 "$G") | tail -n +2 |
		awk '{ d = $1 - $2 } d > 1e-15 || d < -1e-15 { exit 1 } END { exit NR != 1151 }'
	# which is said, with the first name
	ae-thresh --pass machine -m q.thr all.csv 2>&1 >/dev/null |
		grep -qxE 'ae-thresh: [0-9]+ groups? without a threshold of (its|their) own (has|have) that of all rows(, the first)?: "[a-z]+"'
	grep '^machine\|^a,' all.csv | ae-thresh --pass machine -m q.thr 2>err.txt >/dev/null
	[ ! -s err.txt ]
	# the first line is that of a threshold without groups
	ae-thresh --normal ok --fit quantile:0.95 --save all.thr --pass machine fit.csv | cmp - <(head -n 1 q.txt)
	sed -n 2p q.txt | grep -qx 'values by machine from 0.0[0-9]* to 449.[0-9]*, groups 4 of 5'
	sed -n 2p f.txt | grep -qx 'values by machine from 0.0[0-9]* to [0-9.]*, groups 3 of 5'
	grep -qx 'ae-thresh: 1 of 5 groups has fewer than 100 normal rows: the value of all rows holds' q.err
	grep -q '^ae-thresh: 1 of 5 groups cannot have f1: the value of all rows holds ("pure": f1 needs ' f.err
	ae-info q.thr | grep -qx ' *values by machine from 0.0[0-9]* to 449.[0-9]*, groups 4'
	ae-info --pipeline q.thr | grep -qx 'ae-thresh -m q.thr'
	# the order of the rows of a fit changes nothing
	{ head -n 1 fit.csv && tail -n +2 fit.csv | tac; } | ae-thresh -q --pass machine --normal ok --fit f1 --group machine --save turned.thr >/dev/null
	cmp f.thr turned.thr
	# a numeric column of groups, and an interval of the value of all rows
	sed 's/^[a-z]*,/7,/;1s/7/machine/' fit.csv | ae-thresh -q --normal ok --bootstrap 9 --fit mad:3 --group machine --save n.thr --pass machine >n.txt
	sed -n '2s/[0-9.]* to [0-9.]*$//p;3s/[0-9.]* to [0-9.]*,//p' n.txt | cmp - <(printf '95%% of 9 resamples from \nvalues by machine from  groups 2 of 2\n')
}

@test "ae-thresh --fit --group: a group whose errors have no spread has the value of all rows; one that is flagged is told" {
	awk 'BEGIN { srand(5); print "machine,err"; for (i = 0; i < 300; i++) printf "a,%.4f\nb,0.25\nc,%.4f\n", rand(), 9 + rand() }' >rows.csv
	ae-thresh --pass machine --fit quantile:0.99 --group machine --save t.aem rows.csv >out.txt 2>err.txt
	grep -qx 'ae-thresh: 1 of 3 groups has errors without spread: the value of all rows holds' err.txt
	grep -q 'groups 2 of 3$' out.txt
	[ "$(grep '^b' rows.csv | sed 1imachine,err | ae-thresh --pass machine -m t.aem | grep -c ',anomaly$')" -eq 0 ]
	ae-thresh --pass machine --fit quantile:0.2 --group machine --save t.aem rows.csv >out.txt 2>err.txt
	grep -qx 'ae-thresh: 2 of 3 groups have a value that calls more than half of the rows it was fitted on anomalies, the first is "a"; *fit on normal rows, or with a larger number' err.txt
}

@test "ae-thresh --group: how rows arrive changes nothing" {
	fit_groups
	ae-cat --pass machine all.csv >all.aes
	same_for_batches all.aes ae-thresh -m q.thr --pvalue
	same_for_batches all.aes ae-thresh -m f.thr
	same_for_cuts all.aes ae-thresh -m q.thr
}

@test "ae-thresh --group: what it does not go with, and a column that is missing" {
	fit_groups
	expect_error 1 'fit.csv: --group: no column "plant"*' ae-thresh --fit mad:3 --group plant --save x fit.csv
	expect_error 1 '<stdin>: --group: no column "machine"*' pipe 'cut -d, -f2,3 all.csv | ae-thresh -m q.thr'
	expect_error 2 '--group: fixed:3 is the same for all groups' ae-thresh --fit fixed:3 --group machine --save x fit.csv
	expect_error 2 '--compare writes nothing: *--group*' ae-thresh --compare --group machine fit.csv
	expect_error 2 '--group goes with --fit, --stream, --episodes, *' ae-thresh -m q.thr --group machine all.csv
	expect_error 1 'q.thr: --stream does not go on from a threshold with values of groups: *' \
		ae-thresh --pass machine -m q.thr --stream quantile --window 9 all.csv
	awk 'BEGIN { print "machine,err"; for (i = 0; i <= 100000; i++) print "m" i "," i }' >many.csv
	expect_error 1 '*--group: more than 100000 groups' ae-thresh --pass machine --fit mad:3 --group machine --save x many.csv
	{
		printf '\x94\xa4AEST\x01\x81\xa4cols\x92\x84\xa4name\xa2id\xa4role\xa2id\xa4type\xa4text\xa5shape\x90'
		printf '\x84\xa4name\xa3err\xa4role\xa3err\xa4type\xa3f64\xa5shape\x90\xc0'
		printf '\x95\x01\x02\xc4\x0a\x01\0\0\0\x02\0\0\0\0b\xc4\x10\0\0\0\0\0\0\0\0\0\0\0\0\0\0\xf0\x3f\xc0'
		printf '\x93\x02\x81\xa4rows\x02\xc0'
	} >nul.aes
	expect_error 1 '*--group: a name with a NUL byte' ae-thresh --fit mad:3 --group id --save x nul.aes
	[ ! -e x ]
}

# broken CODE: q.thr after Python has changed the map t of the threshold, its checksums right.
broken() {
	/usr/bin/python3 -c "$(cat <<-'END'
		import msgpack, sys, zlib
		out = b""
		for m in msgpack.Unpacker(open("q.thr", "rb"), strict_map_key=False):
		    if m[0] == "threshold":
		        t = m[2]
		        g = t["groups"]
		        exec(sys.argv[1])
		    body = bytes([0x90 | len(m)]) + b"".join(msgpack.packb(v) for v in m[:-1])
		    out += body + b"\xce" + zlib.crc32(body).to_bytes(4, "big")
		open("broken.thr", "wb").write(out)
	END
	)" "$1"
}

@test "ae-thresh -m: tables of groups that cannot be are refused" {
	/usr/bin/python3 -c 'import msgpack' 2>/dev/null || skip 'no msgpack for Python'
	fit_groups
	broken pass
	cmp q.thr broken.thr
	local change
	for change in 'g[0], g[1] = g[1], g[0]' 'g[1][0] = g[0][0]' 'g[0][0] = "a\0"' 'g[0][0] = 1' 'g[0].append(1)' 'g[0].pop()' \
		'g[0][1] = 99' 'g[0][1] = 2**63' 'g[1][1] = t["rows"] - g[0][1] + 1' 'g[0][1] = -1' 'g[0][2] = float("nan")' \
		'g[0][2] = "1"' 'g[0][3] = g[0][3][4:]' 'g[0][3] = g[0][3][::-1]' 'g[0][3] = bytes(400) + b"\0\0\x80\x7f"' \
		't["groups"] = {}' 't["groups"] = [g[0]] * 100001' 'del t["groups"]' 'del t["group"]' 't["group"] = 1' 't["group"] = "a\0"'; do
		broken "$change"
		expect_error 1 'broken.thr: *threshold: *' ae-thresh --pass machine -m broken.thr all.csv
	done
}

@test "ae-thresh --stream, --pvalue, --bootstrap and --compare: clean under valgrind" {
	ae-cat --head 620 "$E" >e.aes
	valgrind_clean ae-thresh --stream pot:0.01 --window 500 --group label e.aes >/dev/null
	valgrind_clean ae-thresh -q --normal ok --bootstrap 3 --fit f1 --save t.thr e.aes >/dev/null
	valgrind_clean ae-thresh -m t.thr --pvalue e.aes e.aes >/dev/null
	valgrind_clean ae-thresh -q --compare --normal ok e.aes >/dev/null
	fit_groups
	valgrind_clean ae-thresh -q --pass machine --normal ok --fit f1 --group machine --save v.thr fit.csv >/dev/null
	valgrind_clean ae-thresh --pass machine -m v.thr --pvalue all.csv >/dev/null
}
