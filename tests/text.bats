#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# CSV and TSV: how text becomes a stream, how a stream becomes text, and what is refused, with file, line and column.
load helpers

# is TEXT FILE...: ae-cat makes exactly this of a file. Options may stand among the files.
is() {
	local wanted=$1
	shift
	ae-cat -c "$@" >is.csv || return
	printf '%s\n' "$wanted" | cmp - is.csv || {
		cat is.csv
		return 1
	}
}

# schema FILE...: name, role, type and shape of every column.
schema() {
	ae-info "$@" | sed -n '/^columns/,/^scaler/{ s/^columns//; /^scaler/d; s/^ *//; s/  */ /g; p; }'
}

# text_refused MESSAGE TEXT [OPTION...]: a file f.csv that holds TEXT (for printf %b) is an error.
text_refused() {
	local message=$1
	printf %b "$2" >f.csv
	shift 2
	cat_refuses "$message" f.csv "$@"
}

# ---- headers ----

@test "a header row is expected, and its names are the features" {
	printf 'a,b\n1,2\n' >f.csv
	is $'a,b\n1,2' f.csv
	[ "$(schema f.csv)" = 'x x f64 [2] "a" to "b"' ]
}

@test "a header with a numeric cell is an error that names --no-header, --header and --numeric-header" {
	local remedy='--no-header, or --header a,b,c, says that there is no header row, --numeric-header that this is one'
	text_refused "line 1: column 1 of the header is the number 1: $remedy" '1,2\n3,4\n'
	text_refused "line 1: column 2 of the header is the number -2e3: $remedy" 'a,-2e3\n3,4\n'
}

@test "--numeric-header: names may be numbers, in --header too; a name wins over a number" {
	printf '2,0,1\n0.5,0.6,0.7\n0.8,0.9,1\n' >p.csv
	is $'2,0,1\n0.5,0.6,0.7\n0.8,0.9,1' --numeric-header p.csv
	[ "$(schema --numeric-header p.csv)" = 'x x f64 [3] "2" to "1"' ]
	[ "$(schema --numeric-header --x 1,2 p.csv)" = 'x x f64 [2] "1" to "2"
0 pass text []' ]
	[ "$(schema --numeric-header --id 3 p.csv)" = 'x x f64 [2] "2" to "0"
1 id text []' ] # no column is called 3
	same 'tail -n +2 p.csv | ae-cat --header 2,0,1' 'ae-cat --numeric-header p.csv'
	is $'a,1\n1,2' --numeric-header <(printf 'a,1\n1,2\n')
	expect_error 2 '--no-header, --header and --numeric-header exclude each other' ae-cat --numeric-header --header a,b,c p.csv
	expect_error 2 '--no-header, --header and --numeric-header exclude each other' ae-cat --numeric-header -H p.csv
}

@test "--numeric-header: a row equal to a header of numbers alone is a row" {
	printf '0\n0\n1\n0\n' >z.csv
	is $'0\n0\n1\n0' --numeric-header z.csv
	printf 'a,0\n1,2\na,0\n3,4\n' >z.csv # this one cannot be
	is $'a,0\n1,2\n3,4' --numeric-header z.csv
	printf '0,1\n0,1\n' >z.csv
	is $'0,1\n0,1\n0,1' --numeric-header z.csv z.csv # every file has a header of its own
}

@test "a header that begins with \"# \", as NumPy's savetxt writes it, is read without that" {
	printf '# time,a,b\n0.0,1,2\n0.1,3,4\n' >s.csv
	[ "$(schema s.csv)" = $'time time text []\nx x f64 [2] "a" to "b"' ]
	is $'time,a,b\n0.0,1,2\n0.1,3,4' s.csv
	is $'time,a,b\n0.0,1,2\n0.1,3,4\n0.0,1,2\n0.1,3,4' <(cat s.csv s.csv)
	printf '# t a b\n0 1 2\n' >s.txt # its default delimiter
	is $'t,a,b\n0,1,2' -d ' ' s.txt
	is $'t,a,b\n0,1,2\n0,1,2' -d ' ' <(cat s.txt s.txt)
	printf '#a,b\n1,2\n' >s.csv # a name
	is $'#a,b\n1,2' s.csv
	text_refused 'line 1: column 1 of the header is the number 0: *' '# 0,1\n1,2\n'
}

@test "-H: no header row; the columns have no names" {
	printf '1,2\n3,4\n' >f.csv
	is $'x.1,x.2\n1,2\n3,4' -H f.csv
	is $'x.1,label\n1,2\n3,4' -H --label 2 f.csv
	is $'id,x.1\n1,2\n3,4' -H --id 1 f.csv
	is $'pass.1,x.1\n1,2\n3,4' -H --pass 1 f.csv
}

@test "--header gives names to a file without header row" {
	printf '1,2\n3,4\n' >f.csv
	is $'a,b\n1,2\n3,4' --header a,b f.csv
	is $'id,b\n1,2\n3,4' --header id,b f.csv
	is $'"a,c",b\n1,2\n3,4' --header '"a,c",b' f.csv
	text_refused 'line 1: expected 3 fields, got 2' '1,2\n' --header a,b,c
	is $'1,2\n1,2' --header 1,2 f.csv
	expect_error 2 '--no-header, --header and --numeric-header exclude each other' ae-cat -H --header a,b f.csv
}

@test "a later row equal to the header is dropped" {
	printf 'a,b\n1,2\na,b\n3,4\n' >f.csv
	is $'a,b\n1,2\n3,4' f.csv
	cat f.csv f.csv >g.csv
	is $'a,b\n1,2\n3,4\n1,2\n3,4' g.csv
	is $'a,b\n1,2\n3,4\n1,2\n3,4' f.csv f.csv
	text_refused 'line 3: another header: the columns change here: column 1 is "b", not "a"' 'a,b\n1,2\nb,a\n'
}

@test "-d sets the delimiter" {
	printf 'a;b\n1;2\n' >f.csv
	is $'a,b\n1,2' -d ';' f.csv
	printf 'a\tb\n1\t2\n' >f.tsv
	is $'a,b\n1,2' -I tsv f.tsv
	is $'a,b\n1,2' -d '\t' f.tsv
	[ "$(ae-cat -t -I tsv f.tsv)" = "$(<f.tsv)" ]
	[ "$(ae-cat -O tsv -I tsv f.tsv)" = "$(<f.tsv)" ]
	expect_error 2 '-d "ab": expected one character' ae-cat -d ab f.csv
	expect_error 2 '-d """: expected one character' ae-cat -d '"' f.csv
	expect_error 2 '-d "": expected one character' ae-cat -d '' f.csv
}

@test "a text whose third letter begins the word AEST is text" {
	printf 'x,AEST\n1,2\n' >f.csv
	ae-cat -c f.csv | cmp - f.csv
}

@test "-I says the format where the first bytes would say another" {
	expect_error 2 'unknown input format "xls": expected csv, tsv, jsonl, aest, msgpack, raw:f32, raw:f64, raw:s16, raw:u8, npy, idx or pnm' ae-cat -I xls /dev/null
	text_refused 'not an AEST stream' 'a,b\n1,2\n' -I aest
	printf 'a\n1\n' | ae-cat >f.aes
	expect_error 1 'f.aes: line 1: *' ae-cat -I csv f.aes
}

# ---- roles ----

@test "names give roles: label, id, time, err, err.*, pred, target.*, recon.*, latent.*; all others are x" {
	printf '%s\n' id,time,a,b,target.a,target.b,recon.a,recon.b,latent.1,latent.2,latent.3,err,err.a,err.b,pred,label \
		i,t,1,2,3,4,5,6,7,8,9,10,11,12,1,yes >f.csv
	[ "$(schema f.csv)" = 'id id text []
time time text []
x x f64 [2] "a" to "b"
target target f64 [2] "target.a" to "target.b"
recon recon f64 [2] "recon.a" to "recon.b"
latent latent f64 [3]
err err f64 []
err err f64 [2] "err.a" to "err.b"
pred pred u8 []
label label text []' ]
	is "$(<f.csv)" f.csv
}

@test "columns of x need not stand together" {
	printf 'a,id,b\n1,i,2\n' >f.csv
	is $'a,b,id\n1,2,i' f.csv
}

@test "COLS: names, 1-based numbers, negative numbers from the end, ranges" {
	printf 'a,b,c,d\n1,2,3,4\n' >f.csv
	is $'a,b,c,label\n1,2,3,4' --label d f.csv
	is $'label,b,c,d\n1,2,3,4' --label 1 f.csv
	is $'a,b,c,label\n1,2,3,4' --label -1 f.csv
	is $'a,b,d,label\n1,2,4,3' --label -2 f.csv
	is $'a,b,c,d\n1,2,3,4' --x 2-3 f.csv
	[ "$(schema --x 2-3 f.csv)" = 'a pass text []
x x f64 [2] "b" to "c"
d pass text []' ]
	[ "$(schema --x a,3-4 f.csv | tail -n 2)" = 'x x f64 [3] "a" to "d"
b pass text []' ]
	[ "$(schema --x 2--1 f.csv | tail -n 1)" = 'x x f64 [3] "b" to "d"' ]
	[ "$(schema --id a --time b --pass c --target d f.csv)" = 'a id text []
b time text []
c pass text []
target target f64 [1] "target.d" to "target.d"' ]
	[ "$(schema --id 1,2 f.csv | head -n 2)" = 'a id text []
b id text []' ]
	schema --id 2-2 f.csv | grep -qx 'b id text \[]'
}

@test "--shape goes before what names spell: of another length they are the names of elements" {
	printf 'x.1.a,x.1.b,x.2.a,x.2.b\n1,2,3,4\n' >f.csv
	ae-cat --shape 4 f.csv | ae-info | grep -qE ' \[4] "x.1.a" to "x.2.b"$'
	[ "$(ae-cat --shape 4 f.csv | ae-cat -c)" = "$(<f.csv)" ]
}

@test "--x and --target keep the order given: names, numbers and ranges mixed" {
	printf 'a,b,c,d,e\n1,2,3,4,5\n' >f.csv
	is $'b,a,c,d,e\n2,1,3,4,5' --x b,a f.csv
	is $'a,e,c,d,b\n1,5,3,4,2' --x -1,3-4,b f.csv
	is $'a,e,c,d,b\n1,5,3,4,2' --x e,3,3-4,e,-4 f.csv # a column named twice stands where it is named first
	[ "$(schema --x e,a f.csv | grep ' x ')" = 'x x f64 [2] "e" to "a"' ]
	is $'d,e,a,target.c,target.b\n4,5,1,3,2' --target c,b --x d,e,a f.csv
	# unnamed columns too
	seq 60 | paste -sd ',,,\n' >u.csv
	ae-cat -H --x 3,1,4 -c u.csv >out.csv
	awk -F, 'BEGIN { OFS = ","; print "x.1,x.2,x.3,pass.2" } { print $3, $1, $4, $2 }' u.csv | cmp - out.csv
}

@test "COLS: an item is quoted as in CSV, so a name may hold commas and quotes" {
	printf 'id,"Bearing temperature, Max (C)","5"" pipe",b\n1,40,2,3\n' >t.csv
	printf 'id,"5"" pipe","Bearing temperature, Max (C)",b\n1,2,40,3\n' |
		cmp - <(ae-cat -c --x '"5"" pipe","Bearing temperature, Max (C)"' t.csv)
	[ "$(schema --pass '"Bearing temperature, Max (C)",b' --id '"id"' t.csv | cut -d' ' -f-4 | head -n 1)" = 'id id text []' ]
	[ "$(ae-cat --target '"Bearing temperature, Max (C)"' -c t.csv | sed -n 1p)" = 'id,"target.Bearing temperature, Max (C)","5"" pipe",b' ]
	cat_refuses "line 1: --x: no column \"Bearing temperature\"; a name with a comma is quoted as in CSV: --x '\"Bearing temperature, Max (C)\"'" \
		t.csv --x 'Bearing temperature, Max (C)'
	expect_error 2 '--x a"b: a quote stands around a whole item, and is doubled inside it' ae-cat --x 'a"b' t.csv
	expect_error 2 '--pass b,"a: a quote is never closed' ae-cat --pass 'b,"a' t.csv
}

@test "COLS: any names in any order, quoted by Python's csv" {
	/usr/bin/python3 "$ROOT/tests/expected/cols.py" "$AE_BUILD/ae-cat" 1
}

@test "a name that two columns have is an error where an option says it" {
	text_refused 'line 1: --id: columns 1 and 3 are both called "u": use their numbers' 'u,a,u\n1,2,3\n' --id u
	text_refused 'line 1: --x: columns 2 and 3 are both called "a": use their numbers' 'id,a,a\n1,2,3\n' --x a
	printf 'u,a,u\n1,2,3\n' >f.csv
	is $'u,a,u\n1,2,3' f.csv # a plain conversion refers to none
	is $'u,a,u\n1,2,3' --id 1 --pass 3 f.csv
}

@test "a name that looks like a number or a range is a name first" {
	printf '3-4,b,c,d\n1,2,3,4\n' >f.csv
	is $'label,b,c,d\n1,2,3,4' --label 3-4 f.csv
	printf 'p-1,p-2\n1,2\n' >f.csv
	is $'p-1,label\n1,2' --label p-2 f.csv
}

@test "a column that is not there is an error, with the nearest name" {
	text_refused 'line 1: --label: no column "flwo"; the nearest is "flow"' 'flow,heat\n1,2\n' --label flwo
	text_refused 'line 1: --label 3: there are 2 columns' 'flow,heat\n1,2\n' --label 3
	text_refused 'line 1: --label -3: there are 2 columns' 'flow,heat\n1,2\n' --label -3
	text_refused 'line 1: --x: no column "1-3"' 'flow,heat\n1,2\n' --x 1-3
	text_refused 'line 1: --x: no column "0*012-3"' 'a,b,c\n1,2,3\n' --x "$(printf %032d 12)-3"
	text_refused 'line 1: --x: no column ""' 'flow,heat\n1,2\n' --x flow,
	text_refused 'line 1: column "flow" is given to both --x and --label' 'flow,heat\n1,2\n' --x 1-2 --label flow
	text_refused 'line 1: column "label": a stream has one label column at most' 'a,b,c\n1,2,3\n' --label a,b
}

@test "with --x every other column is passed through" {
	printf 'word,a,class,y\nfoo,1,2,3\n' >f.csv
	is $'word,a,class,y\nfoo,1,2,3' --x a f.csv
	[ "$(schema --x a f.csv)" = 'word pass text []
x x f64 [1] "a" to "a"
class pass text []
y pass text []' ]
	printf 'id,a,label\nfoo,1,2\n' >f.csv
	[ "$(schema --x a f.csv | cut -d' ' -f1,2 | tr '\n' ' ')" = 'id id x x label label ' ]
}

@test "the label is always named label" {
	printf 'a,class\n1,2\n' >f.csv
	is $'a,label\n1,2' --label class f.csv
	[ "$(schema --label class f.csv | tail -n 1)" = 'label label text []' ]
}

@test "what looks like truth or bookkeeping among unnamed inputs is an error" {
	for name in anomaly class y changepoint index Class '' id.1 Class.12; do
		text_refused "line 1: column \"$name\" looks like truth or bookkeeping, not like an input: say which it is with --label, --id, --time, --pass or --x" \
			"a,$name\n1,2\n"
	done
	# but for an axis
	for name in x,y y,z X,Y,Z y,a,x; do
		printf '%s\n%s\n' "$name" "${name//[a-zA-Z]/1}" >f.csv
		is "$name"$'\n'"${name//[a-zA-Z]/1}" f.csv
	done
	text_refused 'line 1: column "y" looks like *' 'y,x1,xx\n1,2,3\n'
	text_refused 'line 1: columns "y", "Y" look like *' 'y,Y,b\n1,2,3\n'
	printf 'a,anomaly\n1,2\n' >f.csv
	is $'a,label\n1,2' --label anomaly f.csv
	is $'a,anomaly\n1,2' --pass anomaly f.csv
	is $'a,anomaly\n1,2' --x a,anomaly f.csv
	printf ',a\n0,1\n' >f.csv
	is $',a\n0,1' --pass 1 f.csv
	# all of them at once
	text_refused 'line 1: columns "Label", "Unnamed: 0", "ts" look like truth or bookkeeping, not like inputs: say which*' \
		'Label,a,Unnamed: 0,ts\n1,2,3,4\n'
	text_refused 'line 1: columns "y0 id", *, "y7 id" and 2 more look like truth or bookkeeping, not like inputs: say which*' \
		"$(seq -s, -f 'y%g id' 0 9)\n1\n"
	is $'time,Label,label\n1,2,3' --pass Label <(printf 'time,Label,label\n1,2,3\n')
	# where nothing is an input, nothing is refused
	printf 'err,Label\n1,0\n2,1\n' | ae-metrics --label Label --normal 0 >out
}

@test "names of public data sets: what is truth, bookkeeping or time there is refused, and no measurement is" {
	local set verdict name found=0
	while IFS=$'\t' read -r set verdict name; do
		[[ $set != \#* ]] || continue
		found=$((found + 1))
		name=${name//\"/\"\"}
		printf '"%s",zz\n1,2\n' "$name" >f.csv
		case $(ae-info --numeric-header f.csv 2>&1) in
		*' looks like truth or bookkeeping, '*) [ "$verdict" = no ] ;;
		*' [2] "'*) [ "$verdict" = input ] ;;   # zz is the other one
		*' [1] "zz"'*) [ "$verdict" = no ] ;; # its name is a role
		*) false ;;
		esac || {
			echo "$set: \"$name\" should be $verdict"
			return 1
		}
	done <"$ROOT/tests/expected/column-names.tsv"
	[ "$found" -gt 350 ]
}

@test "a Unix time among unnamed inputs is an error, with a fraction too" {
	local what='looks like a Unix time, not like an input: say which it is with --label, --id, --time, --pass or --x' t
	for t in 1700000000.512 1700000000.0 1.700000000512000084e+09 1700000000512.25 1.7000000005120E12 1700000000512000.5 \
		1000000000.5 4099999999.5 1700000000512000000.0; do
		text_refused "line 2: column \"c\": \"$t\" $what" "c,a\n$t,1\n"
		text_refused "line 1: column \"1\": \"$t\" $what" "$t,1\n" -H
	done
	for t in 999999999.5 4100000000.5 2345678901e-3 -1700000000.5 17000000.512 5000000000000.5; do
		printf 'c,a\n%s,1\n' "$t" >f.csv
		ae-cat f.csv >f.aes
	done
	printf 'c,a\n1700000000.512,1\n' >f.csv
	is $'c,a\n1700000000.512,1' --x c,a f.csv
	is $'c,a\n1700000000.512,1' --time c f.csv
	printf 'c,a\n1.5,1\n1700000000.512,1\n' >f.csv # a large value, not a column of times
	is $'c,a\n1.5,1\n1700000000.512,1' f.csv
	# The first value of each column tells, in whatever row it stands.
	text_refused "line 4: column \"c\": \"1700000001.5\" $what" 'c,a\n,1\nnan,2\n1700000001.5,3\n' --missing mask
	text_refused "line 3: column \"c\": \"1700000001.5\" $what" 'c,a\n,1\n1700000001.5,3\n' --missing mask --f32
	# A row left out has no say.
	printf 'c,a\n1,x\n1700000001.5,3\n2,4\n' >f.csv
	is $'c,a\n2,4' -q --on-bad skip f.csv
	printf 'c,a\n1.5,1\n,2\n1700000000.512,3\n' >f.csv
	is $'c,a\n1.5,1\nnan,2\n1700000000.512,3' --missing mask f.csv
}

@test "an integer above 2^24 among unnamed inputs is an error" {
	local what='is an integer above 2^24, more like an id than an input: say which it is with --label, --id, --time, --pass or --x'
	text_refused "line 3: column \"t\": \"16777217\" $what" 't,a\n16777216,1\n16777217,2\n'
	text_refused "line 2: column \"t\": \"-16777217\" $what" 't,a\n-16777217,1\n'
	text_refused "line 1: column \"1\": \"1700000000\" $what" '1700000000,1\n' -H
	printf 't,a\n16777217,1\n' >f.csv
	is $'t,a\n16777217,1' --x t,a f.csv
	is $'t,a\n16777217,1' --time t f.csv
	# pandas makes floats of integers where some are missing; what begins as a measurement may well become whole
	for t in 20240001.0 20240101123000.0 -20240001. 1.7e9 1.01325e9 1.5E+9 9007199254740991.0; do
		text_refused "line 2: column \"t\": \"$t\" $what" "t,a\n$t,1\n"
		text_refused "line 3: column \"t\": \"$t\" $what" "t,a\n,1\n$t,1\n" --missing mask
		text_refused "line 1: column \"1\": \"$t\" $what" "$t,1\n" -H
		printf 't,a\n%s,1\n' "$t" >f.csv
		ae-cat --pass t f.csv >f.aes
		ae-cat --x t,a f.csv >f.aes
		printf 't,a\n1.5,1\n%s,1\n' "$t" >f.csv
		ae-cat f.csv >f.aes
	done
	printf 't,a\n16777217.5,1e16\n17000000.0,1e9\n' >f.csv
	is $'t,a\n16777217.5,1e+16\n17000000,1000000000' f.csv
}

@test "--shape shapes x and target" {
	printf '1,2,3,4,5,6,7\n' >f.csv
	is $'x.1.1,x.1.2,x.1.3,x.2.1,x.2.2,x.2.3,label\n1,2,3,4,5,6,7' -H --label 7 --shape 2,3 f.csv
	is $'x.1.1.1,x.2.1.1,x.3.1.1,label,pass.5,pass.6,pass.7\n1,2,3,4,5,6,7' -H --x 1-3 --label 4 --shape 3,1,1 f.csv
	text_refused 'line 1: --shape 2,2 holds 4 values, but x has 7 columns' '1,2,3,4,5,6,7\n' -H --shape 2,2
	local shape
	for shape in 0 2x2 ''; do
		expect_error 2 "\"$shape\" is not a shape such as 140 or 28,28,1" ae-cat -H --shape "$shape" f.csv
	done
}

@test "--f32 makes f32 of numbers, but not of err" {
	printf 'a,recon.a,err\n0.1,16777217,0.1\n' >f.csv
	[ "$(schema --f32 f.csv | cut -d' ' -f3 | tr '\n' ' ')" = 'f32 f32 f64 ' ]
	is $'a,recon.a,err\n0.1,16777216,0.1' --f32 f.csv
	text_refused 'line 2: column "a": "1e39" is too large for f32' 'a\n1e39\n' --f32
}

# ---- numbers ----

@test "a number is a decimal with optional sign, point and exponent" {
	printf 'a\n1\n+1\n-1\n.5\n5.\n-0\n1e3\n1E-3\n1.5e+2\n007\n0e999\n' >f.csv
	is $'a\n1\n1\n-1\n0.5\n5\n-0\n1000\n0.001\n150\n7\n0' f.csv
	local cell
	for cell in 0x1F 1_000 1e 1e+ e5 + 1.2.3 1e5.5 one true 1f ١ 1d3 0b1; do
		text_refused "line 2: column \"a\": \"$cell\" is not a number; text columns are named with --label, --id, --time or --pass" \
			"a;b\n$cell;0\n" -d ';'
	done
	for cell in '1 ' ' 1' ' nan'; do
		text_refused "line 2: column \"a\": \"$cell\" is not a number: blanks around numbers are not taken: *" \
			"a;b\n$cell;0\n" -d ';'
	done
}

@test "infinity and overflow are errors" {
	local cell
	for cell in inf -inf Infinity -INFINITY +inf 1e400 -1e309 1e999999999999; do
		text_refused "line 3: column \"b\": \"$cell\" is infinite or too large" "a,b\n1,2\n3,$cell\n"
		text_refused "line 3: column \"b\": \"$cell\" is infinite or too large" "a,b\n1,2\n3,$cell\n" --missing=mask
	done
	printf 'a\n1e-400\n' >f.csv
	is $'a\n0' f.csv
}

@test "missing is an empty cell, nan or NA, and an error by default" {
	local cell
	for cell in '' nan NaN NAN NA; do
		text_refused 'line 3: column "b": missing value; --missing skip leaves such rows out, --missing mask keeps them' "a,b\n1,2\n3,$cell\n"
	done
	for cell in na -nan N/A; do
		text_refused "line 3: column \"b\": \"$cell\" is not a number; *" "a,b\n1,2\n3,$cell\n"
	done
	expect_error 2 'unknown word of --missing "maybe": expected error, skip or mask' ae-cat --missing maybe f.csv
}

@test "--missing=skip leaves the rows out and counts them" {
	printf 'a,b,label\n1,2,x\n,4,y\n5,NA,\n7,8,\n' >f.csv
	ae-cat -c --missing=skip f.csv >got.csv 2>err.txt
	[ "$(<got.csv)" = $'a,b,label\n1,2,x\n7,8,' ]
	[ "$(tail -n 1 err.txt)" = 'ae-cat: 2 rows with missing values left out' ]
	ae-cat -q -c --missing=skip f.csv 2>err.txt | cmp - got.csv
	[ ! -s err.txt ]
}

@test "--missing=mask keeps them as NaN, and the header says so" {
	printf 'a,b\n1,2\n,4\n5,NA\n' >f.csv
	is $'a,b\n1,2\nnan,4\n5,nan' --missing=mask f.csv
	[ "$(schema --missing=mask f.csv)" = 'x x f64 [2] missing "a" to "b"' ]
	ae-cat --missing=mask f.csv >f.aes
	is $'a,b\n1,2\nnan,4\n5,nan' f.aes
	ae-cat -c f.aes | ae-cat --missing=mask | cmp - f.aes
}

@test "text columns may be empty or say anything" {
	printf 'id,a,label\n,1,\nnan,2,NA\n 3 ,3, \n' >f.csv
	is "$(<f.csv)" f.csv
}

@test "a verdict is 1, 0 or empty" {
	printf 'err,pred\n1,1\n2,0\n3,\n' >f.csv
	is "$(<f.csv)" f.csv
	text_refused 'line 2: column "pred": "2" is not a verdict: 1, 0 or empty' 'err,pred\n1,2\n'
	text_refused 'line 2: column "pred": "255" is not a verdict: 1, 0 or empty' 'err,pred\n1,255\n'
}

# ---- rows ----

@test "a row with too few or too many fields is an error" {
	text_refused 'line 3: expected 2 fields, got 1' 'a,b\n1,2\n3\n'
	text_refused 'line 3: expected 2 fields, got 3' 'a,b\n1,2\n3,4,5\n'
	text_refused 'line 2: expected 3 fields, got 2' '1,2,3\n4,5\n' -H
}

@test "a blank line is an error; with one column it is a missing cell" {
	text_refused 'line 3: blank line; *' 'a,b\n1,2\n\n3,4\n'
	text_refused 'line 3: blank line; *' 'a,b\n1,2\n\r\n3,4\n'
	text_refused 'line 1: blank line; *' '\n1,2\n'
	text_refused 'line 3: column "a": missing value; *' 'a\n1\n\n3\n'
	printf 'a\n1\n\n3\n' >f.csv
	is $'a\n1\nnan\n3' --missing=mask f.csv
	printf 'id\nq\n\nr\n' >f.csv
	is $'id\nq\n""\nr' f.csv
	same 'ae-cat -c f.csv | ae-cat -c' 'ae-cat -c f.csv'
}

@test "a NUL byte is an error" {
	text_refused 'line 2: NUL byte' 'a,b\n1,\0q\n'
	text_refused 'line 2: NUL byte' 'id,b\n"q\0r",2\n'
	text_refused 'line 1: NUL byte' 'a\0b\n1\n'
}

@test "no newline at the end of the last row is an error; --lenient-eof accepts it" {
	text_refused 'line 3: no newline at the end, so the file may be cut; --lenient-eof accepts it' 'a,b\n1,2\n3,4'
	is $'a,b\n1,2\n3,4' --lenient-eof f.csv
	text_refused 'line 1: no newline at the end, *' 'a,b'
	is a,b --lenient-eof f.csv
	text_refused 'line 3: expected 2 fields, got 1' 'a,b\n1,2\n3' --lenient-eof
	text_refused 'line 2: no newline at the end, *' '1\n2' -H
	printf 'a,b\n1,2\n' >f.csv
	is $'a,b\n1,2' --lenient-eof f.csv
}

@test "a byte order mark and CRLF are accepted" {
	printf '\xef\xbb\xbfa,id\r\n1,q\r\n2,r\r\n' >f.csv
	is $'a,id\n1,q\n2,r' f.csv
	printf '\xef\xbb\xbf1,2\n' >f.csv
	is $'x.1,x.2\n1,2' -H f.csv
	printf '\xef\xbb\xbf"a","id"\r\n"1","q"\r\n' >f.csv
	is $'a,id\n1,q' f.csv
	printf 'a,id\r\n1,q\r\na,id\r\n2,r\r\n' >f.csv
	is $'a,id\n1,q\n2,r' f.csv
	text_refused 'line 2: carriage return inside a row' 'a,id\n1,q\rr\n'
	# The same whether the line has quotes or not, and next to a delimiter, where it would not be seen.
	local row
	for row in 'q\rr,"s",1' 'q\r,"s",1' '\rq,"s",1' '"q"\r,s,1' '\r"q",s,1' '"q",s\r,1' '"q",\r,1' '"q",s,1\r\r' \
		'q\r,s,1' '"q"",""\r"\r,s,1'; do
		text_refused 'line 2: carriage return inside a row' "id,t,a\n$row\n" --pass t
		text_refused 'line 2: carriage return inside a row' "id,t,a\r\n$row\r\n" --pass t
	done
	text_refused 'line 3: carriage return inside a row' 'id,t,a\n"q\nr"\r,s,1\n' --pass t --multiline
	# In quotes it is data, before the newline the end of the line.
	printf 'id,t,a\r\n"q\r","""\r",1\r\n"r",s,"2"\r\n' | ae-cat --pass t -c |
		cmp - <(printf 'id,t,a\n"q\r","""\r",1\nr,s,2\n')
	printf 'id,a\r\n"q\r\nr",1\r\n"s\r\n\r\nt","2"\r\n' | ae-cat --multiline -c |
		cmp - <(printf 'id,a\n"q\r\nr",1\n"s\r\n\r\nt",2\n')
	text_refused 'line 1: *' '\xef\xbb\xbf1,2\n'
}

@test "quoted fields: delimiters, quotes and newlines in ids are carried byte for byte" {
	printf '%s\n' 'id,a' '"p,q",1' '"say ""hi""",2' $'"two\nlines",3' $'"cr\r\nlf",4' '" spaces ",5' '"",6' "it's,7" >f.csv
	ae-cat --multiline -c f.csv >got.csv
	sed 's/^"",6/,6/; s/^" spaces "/ spaces /' f.csv | cmp - got.csv
	ae-cat --multiline -c got.csv | cmp - got.csv
	is $'a\n1\n2\n3\n4\n5\n6\n7' --multiline --cols x f.csv
	[ "$(ae-cat --multiline --cols id --where a=3 -c f.csv)" = $'id\n"two\nlines"' ]
	[ "$(ae-cat --multiline --where $'id=two\nlines' -c f.csv)" = $'id,a\n"two\nlines",3' ]
}

@test "the line that an error names counts the newlines in quotes" {
	text_refused 'line 5: column "a": "x" is not a number; *' 'id,a\n"two\nlines",1\nq,2\nr,x\n' --multiline
	text_refused 'line 5: column "a": "x" is not a number; *' 'id,a\nq,2\n"three\nlines\n",x\n' --multiline
}

@test "quotes out of place, and quotes never closed, are errors" {
	text_refused 'line 2: a quote is never closed; --multiline reads cells of several lines' 'id,a\n"q,1\nr,2\n'
	text_refused 'line 2: a quote is never closed' 'id,a\n"q,1\nr,2\n' --multiline
	text_refused 'line 2: misplaced quote' 'id,a\nq"r,1\n'
	text_refused 'line 2: misplaced quote' 'id,a\n"q"r,1\n'
	text_refused 'line 2: no newline at the end, *' 'id,a\n"q'
}

@test "a line of more than 64 MiB is an error, not a use of all memory" {
	head -c 70000000 /dev/zero | tr '\0' 1 >long.csv
	resident_below 131072 sh -c 'ae-cat -H long.csv 2>err.txt || [ $? -eq 1 ]'
	[ "$(<err.txt)" = 'ae-cat: long.csv: line 1: longer than 64 MiB' ]
}

# ---- bad rows ----

@test "--on-bad=skip leaves bad rows out and counts them; --rejects keeps their lines" {
	printf '%s\n' 'id,a' 'p,1' 'q,x' 'r' '"s
t",y' 'u,"2"v' 'w,3' '' 'z,4' >f.csv
	ae-cat -c --multiline --on-bad=skip --rejects bad.csv f.csv >got.csv 2>err.txt
	[ "$(<got.csv)" = $'id,a\np,1\nw,3\nz,4' ]
	[ "$(head -n 1 err.txt)" = 'ae-cat: f.csv: line 3: column "a": "x" is not a number; text columns are named with --label, --id, --time or --pass: left out' ]
	[ "$(tail -n 1 err.txt)" = 'ae-cat: 5 bad rows left out' ]
	printf '%s\n' 'q,x' 'r' '"s
t",y' 'u,"2"v' '' | cmp - bad.csv
	ae-cat -q -c --on-bad=skip f.csv 2>err.txt | cmp - got.csv
	[ ! -s err.txt ]
	expect_error 2 '--rejects goes with --on-bad=skip or --missing=skip' ae-cat --rejects bad.csv f.csv
	expect_error 2 'unknown word of --on-bad "ignore": expected error or skip' ae-cat --on-bad ignore f.csv
}

@test "--on-bad=skip: a missing value is bad where it is an error" {
	printf 'a\n1\nnan\n2\n' >f.csv
	ae-cat -c --on-bad=skip f.csv >got.csv 2>err.txt
	[ "$(<got.csv)" = $'a\n1\n2' ]
	[ "$(tail -n 1 err.txt)" = 'ae-cat: 1 bad row left out' ]
}

@test "--rejects: rows that --missing=skip leaves out are kept too, with --on-bad=skip and without" {
	printf 'a,b\n1,2\n,3\nx,4\n5,"nan"\n7,8\n' >f.csv
	ae-cat -q -c --on-bad=skip --missing=skip --rejects bad.csv f.csv >got.csv
	[ "$(<got.csv)" = $'a,b\n1,2\n7,8' ]
	[ "$(<bad.csv)" = $',3\nx,4\n5,"nan"' ]
	grep -v x f.csv >g.csv
	rm bad.csv
	ae-cat -q -c --missing=skip --rejects bad.csv g.csv | cmp - got.csv
	[ "$(<bad.csv)" = $',3\n5,"nan"' ]
	rm bad.csv
	expect_error 1 'f.csv: line 4: column "a": "x" *' ae-cat -q --missing=skip --rejects bad.csv f.csv
	[ "$(<bad.csv)" = ,3 ]
}

@test "--rejects: a run that fails leaves what it rejected; a clean one leaves the file empty" {
	printf 'a\n1\nx\n2' >f.csv
	expect_error 1 'f.csv: line 4: no newline *' ae-cat -q --on-bad=skip --rejects bad.csv f.csv
	[ "$(<bad.csv)" = x ]
	printf 'a\n1\n' >f.csv
	rm bad.csv
	ae-cat --on-bad=skip --rejects bad.csv -o out.aes f.csv
	[ -e bad.csv ]
	[ ! -s bad.csv ]
}

@test "--rejects: lines of files that are opened one after the other are all kept" {
	printf 'a,b\n0,1\nx,1\n1,0\n' >f.csv
	printf 'a,b\n0,y\n1,0\n' >g.csv
	printf 'x,1\n0,y\n' >both.csv
	ae-info -q --on-bad skip --rejects bad.csv f.csv g.csv >/dev/null
	cmp bad.csv both.csv
	rm bad.csv
	ae-train -q --net 2-1-2 --epochs 1 --valid g.csv -m m.aem --on-bad skip --rejects bad.csv f.csv
	cmp bad.csv both.csv
	rm bad.csv
	ae-cat --on-bad skip -q --rejects bad.csv f.csv g.csv >/dev/null
	cmp bad.csv both.csv
}

# ---- writing ----

@test "floats are written with the fewest digits that read back, plain from 1e-5 to below 1e16" {
	printf '%s\n' a 0.1 1e-5 0.00001234 9.99e-6 1e-300 123456789.125 9999999999999998 1e16 12345678901234567890.5 \
		0.30000000000000004 100 -0.5 5e-324 1.7976931348623157e308 3.0 >f.csv
	is 'a
0.1
0.00001
0.00001234
9.99e-06
1e-300
123456789.125
9999999999999998
1e+16
1.2345678901234567e+19
0.30000000000000004
100
-0.5
5e-324
1.7976931348623157e+308
3' --x a f.csv
	printf '%s\n' a 0.1 16777216 3.4028235e38 1e-45 0.3333333333 >f.csv
	is $'a\n0.1\n16777216\n3.4028235e+38\n1e-45\n0.33333334' --f32 f.csv
}

@test "floats of every exponent have no more digits than NumPy's, and read back" {
	/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip 'no NumPy'
	local digits=$ROOT/tests/expected/digits.py type
	/usr/bin/python3 "$digits" make 10000 11
	for type in f32 f64; do
		ae-cat -c -o $type.csv $type.npy
		/usr/bin/python3 "$digits" check $type $type.csv
	done
}

@test "x without names is written x.1, x.2, ... and reads back as unnamed" {
	printf '1,2\n' >f.csv
	ae-cat -H f.csv >f.aes
	ae-cat -c f.aes >g.csv
	[ "$(<g.csv)" = $'x.1,x.2\n1,2' ]
	ae-cat g.csv | cmp - f.aes
	[ "$(schema g.csv)" = 'x x f64 [2]' ]
	printf 'x.2,x.1\n1,2\n' >f.csv
	[ "$(schema f.csv)" = 'x x f64 [2]' ]
	is $'x.1,x.2\n2,1' f.csv
}

@test "elements of higher rank are written NAME.i.j and read back in their shape" {
	printf '1,2,3,4\n' >f.csv
	ae-cat -H --shape 2,2 f.csv >f.aes
	is $'x.1.1,x.1.2,x.2.1,x.2.2\n1,2,3,4' f.aes
	ae-cat -c f.aes | ae-cat | cmp - f.aes
}

@test "our text read back gives the same stream" {
	printf '%s\n' id,time,a,b,target.a,target.b,recon.a,recon.b,latent.1,err,err.a,err.b,pred,label \
		'"q,""r""",2024-01-01,1,-2.5,1e-9,4,5,6,7,10,11,12,1,' \
		' ,,1e300,0.1,0.2,0.3,0.30000000000000004,-0,1,2,3,4,,"no
pe"' >f.csv
	ae-cat --multiline f.csv >f.aes
	ae-cat -c --multiline f.aes | ae-cat --multiline | cmp - f.aes
	ae-cat -t f.aes | ae-cat -I tsv | cmp - f.aes
	same 'ae-cat -c --multiline f.aes | ae-cat --multiline -c' 'ae-cat --multiline -c f.aes'
	sed 's/1e300/1e30/' f.csv | ae-cat --multiline --f32 --cols x,recon,id >g.aes
	ae-cat -c g.aes | ae-cat --f32 | cmp - g.aes
}

@test "ids keep their own names" {
	printf 'device,at,a\nq,now,1\n' >f.csv
	is $'device,at,a\nq,now,1' --id device --time at f.csv
}

@test "the locale changes nothing" {
	local locale
	locale=$(locale -a 2>/dev/null | grep -iE '^(de|fr)_.*utf-?8$' | head -n 1)
	printf 'a,y\n1.5,2\n' >f.csv
	LC_ALL=${locale:-de_DE.UTF-8} LANG=de_DE.UTF-8 ae-cat -c --pass y f.csv | cmp - f.csv
}

@test "NAME.1 and other spellings of places: all of them, once, or --x names the columns" {
	printf 'x.1,x.3\n1,2\n' >f.csv
	cat_refuses 'line 1: the columns up to "x.3" are called by their places in x, but there is no "x.2"; --x *' f.csv
	is $'x.1,x.3\n1,2' f.csv --x x.1,x.3
	printf 'x.1.1,x.1.2,x.2.1\n1,2,3\n' >f.csv
	cat_refuses '*, but there is no "x.2.2"; --x *' f.csv
	printf 'x.2,x.3\n1,2\n' >f.csv
	cat_refuses '*, but there is no "x.1"; --x *' f.csv
	printf 'x.1.a,x.2.b,x.1.b\n1,2,3\n' >f.csv
	cat_refuses '*, but there is no "x.2.a"; --x *' f.csv
	printf 'x.1,a,x.2,x.1\n1,2,3,4\n' >f.csv
	cat_refuses '*columns 1 and 4 are both called "x.1", which is a place in x; --x *' f.csv --pass a
	printf 'x.1,x.2,recon.1,recon.3\n1,2,3,4\n' >f.csv
	cat_refuses '*, but there is no "recon.2"' f.csv
	printf 'x.1,x.2,target.1,target.1\n1,2,3,4\n' >f.csv
	cat_refuses '*columns 3 and 4 are both called "target.1", which is a place in target; --target *' f.csv
	# names that are no places
	printf 'x.01,x.02\n1,2\n' >f.csv
	is $'x.01,x.02\n1,2' f.csv
	printf 'x.1,x.4294967297\n1,2\n' >f.csv
	is $'x.1,x.4294967297\n1,2' f.csv
	printf 'x.1,x.a\n1,2\n' >f.csv
	is $'x.1,x.a\n1,2' f.csv
	printf 'x.1,x.3,a\n1,2,3\n' >f.csv
	is $'x.1,x.3,a\n1,2,3' f.csv
}

@test "long names are kept whole" {
	local name
	name=$(printf '%05000d' 7 | tr 0 n)
	printf '%s,b\n1,2\n' "$name" >f.csv
	ae-cat -c f.csv | cmp - f.csv
}

@test "header only: an empty stream; one row; one column" {
	printf 'a,b\n' >f.csv
	is a,b f.csv
	printf 'a\n1\n' >f.csv
	is $'a\n1' f.csv
}

@test "5,000 columns" {
	{
		seq -s, -f 'c%g' 5000
		seq -s, 5000
	} >f.csv
	ae-cat -c f.csv | cmp - f.csv
}

@test "text that is something else says so" {
	printf 'a,b\n1,2\n' | gzip >f.csv.gz
	expect_error 1 'f.csv.gz: gzip data: zcat it first' ae-cat f.csv.gz
	expect_error 1 '<stdin>: gzip data: zcat it first' sh -c 'ae-cat <f.csv.gz'
}
