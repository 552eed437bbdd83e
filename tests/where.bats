#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --where: what a condition means, whatever the program.
load helpers
load scoring

# picks COND... < CSV: the first column of the rows for which they hold, on one line
picks() {
	ae-cat -c "${@/#/--where=}" "${options[@]}" | sed 1d | cut -d, -f1 | paste -sd' '
}

# against_python KIND OPTION...: every condition of where.py gives the rows that Python's decimal finds
against_python() {
	local seed condition rows options
	[ -x /usr/bin/python3 ] || skip 'no python3'
	for seed in 1 2; do
		/usr/bin/python3 "$ROOT/tests/expected/where.py" "$1" $seed >conditions
		ae-cat "${@:2}" -o rows.aes rows.csv
		while IFS=$'\t' read -r condition rows; do
			[ "$(picks "$condition" <rows.aes)" = "$rows" ] || {
				echo "$1, seed $seed: $condition gives $(picks "$condition" <rows.aes), not $rows"
				return 1
			}
		done <conditions
		[ "$(wc -l <conditions)" -eq 120 ]
	done
}

@test "where: text compares by the exact value of its decimals" {
	against_python text --pass row
}

@test "where: f64 compares as its shortest text" {
	against_python f64 --x v
}

@test "where: f32 compares as its shortest text" {
	against_python f32 --f32 --x v
}

@test "where: ids of any length, 1.10 = 1.1, 0.1 in every type" {
	local options
	printf 'id,a\n1234567890123456788,1\n1234567890123456789,2\n1234567890123456790,3\n1.10,4\n1e3,5\nx1,6\n' >i.csv
	[ "$(picks id=1234567890123456789 <i.csv)" = 1234567890123456789 ]
	[ "$(picks 'id>1234567890123456788' <i.csv)" = '1234567890123456789 1234567890123456790 x1' ]
	[ "$(picks id=1.1 <i.csv)" = 1.10 ]
	[ "$(picks id=1000 <i.csv)" = 1e3 ]
	[ "$(picks id=01000.0,x1 <i.csv)" = '1e3 x1' ]
	printf 'id,a\np,0.1\nq,0.10000000000000002\n' >a.csv
	[ "$(picks a=0.1 <a.csv)" = p ]
	[ "$(picks a=.10 <a.csv)" = p ]
	[ "$(picks a=0.1000000000000000055511151231257827 <a.csv)" = '' ]
	[ "$(picks 'a>0.1' <a.csv)" = q ]
	options=(--f32)
	[ "$(picks a=0.1 <a.csv)" = 'p q' ]
	[ "$(picks 'a>0.1' <a.csv)" = '' ]
	[ "$(picks 'a<=0.1' <a.csv)" = 'p q' ]
}

@test "where: columns of numbers are compared with numbers alone" {
	local cond
	printf 'flow,err,pred,id\n4,1,0,a\n41,2,1,b\n100,3,,c\n' >f.csv
	for cond in 'flow>=5O' 'flow>50%' 'flow>=0x32' 'flow=fast' 'flow!=4,fast' 'err<one' 'pred=yes' 'flow<1e' 'flow=inf' \
		'flow="4 1"'; do
		expect_error 1 "--where $cond: column \"*\" is read as numbers, and \"*\" is none*" ae-cat --where "$cond" f.csv
	done
	expect_error 1 '--where flow>50%: *, and "50%" is none; --pass makes it text' ae-cat --where 'flow>50%' f.csv
	# text compares with anything
	ae-cat -c --where 'id>=5O' f.csv | grep -c , | grep -qx 4
}

@test "where: every program that has it refuses a word for a number" {
	printf 'label,err,a\n0,1,1\n1,2,2\n' >f.csv
	expect_error 1 '--where err>1x: *is read as numbers*' ae-cat --where 'err>1x' f.csv
	expect_error 1 '--where err>1x: *is read as numbers*' ae-metrics --normal 0 --where 'err>1x' f.csv
	expect_error 1 '--where err>1x: *is read as numbers*' ae-thresh --fit sigma:1 --save t --where 'err>1x' f.csv
	expect_error 1 '--where err>1x: *is read as numbers*' ae-plot hist --where 'err>1x' f.csv
	expect_error 1 '--where a>1x: *is read as numbers*' ae-train -q --net 1-1 -m m --where 'a>1x' f.csv
}

@test "where: columns that a program passes through compare as numbers too, the same in every program" {
	local cond program
	local -A programs=([ae-cat]='' [ae-thresh]='--fit fixed:1 --save t.aem' [ae-metrics]='--normal 0' [ae-plot]='hist -O text')
	local na=(--na -999 --missing mask)
	printf 'id,a,label,err\n9,0.1,0,.5\n8,-999,1,.7\n7,5,0,.2\n10,007,1,.3\n' >na.csv
	for program in "${!programs[@]}"; do
		for cond in a=abc 'a>1e' a!=abc; do
			# shellcheck disable=SC2086 # several words
			expect_error 1 "--where $cond: column \"a\" is read as numbers, and *; --pass makes it text" \
				$program ${programs[$program]} "${na[@]}" --where "$cond" na.csv
		done
		# shellcheck disable=SC2086
		$program ${programs[$program]} --pass a --where a!=abc na.csv >/dev/null
		printf 'a,label,err,pred\n1,0,1,1\nx,1,1,0\n' >bad.csv
		# shellcheck disable=SC2086
		expect_error 1 '*line 3: column "a": *' $program ${programs[$program]} --where 'a>0' bad.csv
	done
	# how many rows: numbers in order, none below 0 but the missing one
	fitted() {
		ae-thresh -q --fit fixed:1 --save t.aem "${na[@]}" --where "$1" na.csv | grep -o '[0-9]* rows'
	}
	[ "$(fitted 'a<0')" = '0 rows' ]
	[ "$(fitted 'a=7')" = '1 rows' ]
	[ "$(fitted 'a>=5')" = '2 rows' ]
	[ "$(fitted ' a >= 5 ')" = '2 rows' ]
	[ "$(fitted a=)" = '1 rows' ]
	[ "$(fitted x=5)" = '1 rows' ]
	[ "$(fitted 'id>8')" = '2 rows' ]
	ae-thresh -q --at 0.4 "${na[@]}" na.csv >v.csv # nothing is compared: bytes are carried
	[ "$(cut -d, -f2 v.csv | paste -sd' ')" = 'a 0.1 -999 5 007' ]
}

@test "where: operators of other languages are refused, and such values are quoted" {
	local cond options
	printf 'machine,a\npump-A,1\n=pump,2\n~x,3\n' >m.csv
	for cond in machine==pump-A 'machine=~pump' 'machine!=~pump' 'machine = =pump' machine=a,=pump 'machine=<a' 'machine=>a'; do
		expect_error 2 "--where $cond: the value begins with \"?\"; the operators are = != < <= > >=, and such a value is quoted: '\"*\"'" \
			ae-cat --pass machine --where "$cond" m.csv
	done
	options=(--pass machine)
	[ "$(picks 'machine="=pump"' <m.csv)" = '=pump' ]
	[ "$(picks 'machine="=pump","~x"' <m.csv)" = '=pump ~x' ]
	expect_error 2 '--where err==1: *' ae-thresh --fit fixed:1 --save t.aem --where err==1 m.csv
	expect_error 2 '--where err==1: *' ae-metrics --normal 0 --where err==1 m.csv
	expect_error 2 '--where err==1: *' ae-plot hist --where err==1 m.csv
	expect_error 2 '--where err==1: *' ae-train --pass machine --net 1-1 -m m.aem --where err==1 m.csv
}

@test "where: blanks around an unquoted column or value do not count" {
	local options
	printf 'flow,label\n4,ok\n41, bad\n100,bad\n' >f.csv
	[ "$(picks 'flow> 50' <f.csv)" = 100 ]
	[ "$(picks 'flow > 5' <f.csv)" = '41 100' ]
	[ "$(picks 'label = bad' <f.csv)" = '41 100' ]
	[ "$(picks 'label=bad' <f.csv)" = 100 ]
	[ "$(picks 'label=" bad"' <f.csv)" = 41 ]
	[ "$(picks 'label=ok, bad' <f.csv)" = '4 41 100' ]
	[ "$(picks 'flow=4, 41' <f.csv)" = '4 41' ]
	printf 'id, flow\np,1\nq,2\n' >blank.csv
	[ "$(picks ' flow=2' <blank.csv)" = q ]
	[ "$(picks '" flow" = 2' <blank.csv)" = q ]
	expect_error 1 '*no column "flow" of single values; similar names are: " flow"' ae-cat --where flow=2 blank.csv
}

@test "where: values with commas, spaces and quotes" {
	local options
	printf 'time,label,err\n"2026-01-01 10:00:00,123","bad, very",1\n"2026-01-01 10:00:01,456",ok,2\n' >t.csv
	printf '3,"say ""no""",3\n4,very,4\n' >>t.csv
	picks() {
		ae-cat -c --where "$1" --cols err t.csv | sed 1d | paste -sd' '
	}
	[ "$(picks 'time=2026-01-01 10:00:01,456')" = 2 ]
	[ "$(picks 'time!=2026-01-01 10:00:01,456')" = '1 3 4' ]
	[ "$(picks 'time>="2026-01-01 10:00:01,456"')" = '2 3 4' ]
	[ "$(picks 'label="bad, very"')" = 1 ]
	[ "$(picks 'label="bad, very",ok')" = '1 2' ]
	[ "$(picks 'label=bad, very')" = '1 4' ]
	[ "$(picks 'label=bad, very,ok')" = '2 4' ]
	[ "$(picks 'label!="bad, very",ok')" = '3 4' ]
	[ "$(picks 'label="say ""no"""')" = 3 ]
	expect_error 2 '--where time>2026,5: several values go with = and != alone; a value with a comma is quoted' \
		ae-cat --where 'time>2026,5' t.csv
	expect_error 2 '--where time> 1, b: several values *' ae-cat --where 'time> 1, b' t.csv
	expect_error 2 '--where label="bad: a quote is never closed' ae-cat --where 'label="bad' t.csv
	expect_error 2 '--where label=5" pipe: a quote stands around a whole item*' ae-cat --where 'label=5" pipe' t.csv
}

@test "where: names with commas, operators and quotes" {
	local options=(--x 3-5)
	printf 'id,pass,"a,b",c<=d,"say ""x"""\np,1,1,2,3\nq,1,4,5,6\n' >n.csv
	[ "$(picks 'a,b=4' <n.csv)" = q ]
	[ "$(picks '"a,b"=4' <n.csv)" = q ]
	[ "$(picks '"c<=d"<=2' <n.csv)" = p ]
	[ "$(picks '"say ""x"""!=6' <n.csv)" = p ]
	[ "$(picks 'say "x"=6' <n.csv)" = q ]
	expect_error 1 '*no column "c" *' ae-cat --x 3-5 --where 'c<=d<=2' n.csv
	expect_error 2 '--where "id: a quote is never closed' ae-cat --where '"id' n.csv
	expect_error 2 '--where "id"5: expected COL OP VALUE*' ae-cat --where '"id"5' n.csv
	expect_error 2 '--where ""=5: expected COL OP VALUE*' ae-cat --where '""=5' n.csv
	expect_error 2 '--where =5: expected COL OP VALUE*' ae-cat --where '=5' n.csv
	printf 'id,go!flow\np,1\nq,2\n' >bang.csv
	options=()
	[ "$(picks 'go!flow!=1' <bang.csv)" = q ]
}

@test "where: missing matches in every spelling, and != is the complement" {
	local options=(--missing=mask) word
	printf 'id,a,label,pred\np,1,0,1\nq,,,\nr,NaN,NA,0\ns,NA,nan,1\nt,2,1,\n' >m.csv
	for word in '' nan NaN NA ' ' '""' '"nan"'; do
		[ "$(picks "a=$word" <m.csv)" = 'q r s' ] || return
		[ "$(picks "a!=$word" <m.csv)" = 'p t' ] || return
	done
	for word in '' nan NAN NA; do
		[ "$(picks "label=$word" <m.csv)" = 'q r s' ] || return
		[ "$(picks "label!=$word" <m.csv)" = 'p t' ] || return
		[ "$(picks "pred=$word" <m.csv)" = 'q t' ] || return
		[ "$(picks "pred!=$word" <m.csv)" = 'p r s' ] || return
	done
	# in quotes text is meant as it stands
	[ "$(picks 'label=""' <m.csv)" = q ]
	[ "$(picks 'label="NA"' <m.csv)" = r ]
	[ "$(picks 'label!="NA",""' <m.csv)" = 'p s t' ]
	[ "$(picks 'a=,2' <m.csv)" = 'q r s t' ]
	[ "$(picks 'a!=,2' <m.csv)" = p ]
	[ "$(picks 'a!=1' <m.csv)" = 'q r s t' ]
	[ "$(picks pred=255 <m.csv)" = 'q t' ]
	# neither more nor less
	[ "$(picks 'a>0' <m.csv)" = 'p t' ]
	[ "$(picks 'a<9' <m.csv)" = 'p t' ]
	[ "$(picks 'pred>=0' <m.csv)" = 'p r s' ]
	[ "$(picks 'label<x' <m.csv)" = 'p t' ]
	for word in 'a<' 'label>=nan' 'pred<=NA'; do
		expect_error 2 "--where $word: what is missing is neither more nor less; = and != find it" \
			ae-cat --missing=mask --where "$word" m.csv
	done
	expect_error 1 '--where a<"nan": what is missing is neither more nor less*' ae-cat --missing=mask --where 'a<"nan"' m.csv
}

@test "where: infinity in err is above every number" {
	local options
	# err of shape [], f64: 1, inf, -inf
	hand_made '\x81\xa4cols\x92\x84\xa4name\xa2id\xa4role\xa2id\xa4type\xa4text\xa5shape\x90\x84\xa4name\xa3err\xa4role\xa3err\xa4type\xa3f64\xa5shape\x90' \
		'\x95\x01\x03\xc4\x0f\x01\0\0\0\x02\0\0\0\x03\0\0\0pqr\xc4\x18\0\0\0\0\0\0\xf0\x3f\0\0\0\0\0\0\xf0\x7f\0\0\0\0\0\0\xf0\xff' \
		'\x93\x02\x81\xa4rows\x03' >inf.aes
	[ "$(picks 'err>0' <inf.aes)" = 'p q' ]
	[ "$(picks 'err>=1e400' <inf.aes)" = q ]
	[ "$(picks 'err=inf' <inf.aes)" = q ]
	[ "$(picks 'err<=-Infinity' <inf.aes)" = r ]
	[ "$(picks 'err<inf' <inf.aes)" = 'p r' ]
}

@test "where: a name that no column has is an error with similar names" {
	printf 'id,flow,flows,heat,err.flow\np,1,2,3,4\n' >n.csv
	expect_error 1 '--where: no column "flwo" of single values; similar names are: "flow", "flows"' ae-cat --where flwo=1 n.csv
	expect_error 1 '--where: no column "er.flow" *; similar names are: "err.flow", *' ae-cat --where er.flow=1 n.csv
	expect_error 1 '--where: no column "zzzzzz" of single values; the columns are: id, x, err' ae-cat --x flow,flows,heat --where zzzzzz=1 n.csv
	expect_error 1 '--where: no column "x" of single values; *' ae-cat --where x=1 n.csv
	expect_error 1 '--where: no column "x.4" of single values; *' ae-cat --where x.4=1 n.csv
	expect_error 1 '--where: no column "x.01" of single values; *' ae-cat --where x.01=1 n.csv
	expect_error 1 '--where: no column "x.99999999999999999999" *' ae-cat --where x.99999999999999999999=1 n.csv
}

@test "where: a name of several columns is an error, their places tell them apart" {
	local options
	printf 'id,temp,temp,temp\n1,10,90,0\n2,95,20,0\n3,5,5,0\n' >t.csv
	expect_error 1 '--where: "temp" means 3 columns, "x.1" and "x.2" and so on: name the one' \
		ae-cat --where 'temp>50' t.csv
	[ "$(picks 'x.1>50' <t.csv)" = 2 ]
	[ "$(picks 'x.2>50' <t.csv)" = 1 ]
	printf 'a,a,flow\n1,2,3\n' >ids.csv
	expect_error 1 '*"a" means 2 columns (the first two are number 1 and 2 of the stream)' ae-cat --id 1,2 --where a=1 ids.csv
	printf 'a,b,flow\n1,2,3\n' >ids.csv
	expect_error 1 '*"id" means 2 columns, "a" and "b": name the one' ae-cat --id a,b --where id=1 ids.csv
	[ "$(ae-cat -c --id a,b --where b=2 --cols a ids.csv | tail -n 1)" = 1 ]
}

@test "where: elements of tensors by their names" {
	local options
	printf 'id,a,b,c,d\np,1,2,3,4\nq,5,6,7,8\n' >t.csv
	ae-cat --shape 2,2 -o t.aes t.csv
	[ "$(picks d=8 <t.aes)" = q ]
	[ "$(picks x.2.1=3 <t.aes)" = p ]
	ae-cat -H --id 1 --shape 2,2,1 -o u.aes <(sed 1d t.csv)
	[ "$(picks x.2.2.1=8 <u.aes)" = q ]
	expect_error 1 '*no column "x.2.3.1" *' ae-cat --where x.2.3.1=8 u.aes
	expect_error 1 '*no column "x.2.2" *' ae-cat --where x.2.2=8 u.aes
	expect_error 1 '*no column "x.2.2.1.1" *' ae-cat --where x.2.2.1.1=8 u.aes
}

@test "where: the cost does not depend on the size that a header declares" {
	# x of u8, 65536 * 32767 values a row; no rows.
	hand_made '\x81\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa2u8\xa5shape\x92\xce\x00\x01\x00\x00\xcd\x7f\xff' \
		'\x93\x02\x81\xa4rows\x00' >huge.aes
	# A pointer for each name would be 16 GiB.
	within() {
		(ulimit -v "$((4 << 20))" && "$@")
	}
	unsanitized 'it takes more address space than the limit'
	within ae-cat --where x.65536.32767=1 huge.aes >/dev/null
	expect_error 1 '*no column "x.65536.32768" *' within ae-cat --where x.65536.32768=1 huge.aes
	expect_error 1 '*no column "nothing" *' within ae-cat --where nothing=1 huge.aes
}

@test "where: clean under valgrind" {
	printf 'id,a,a,label\np,1,2,"x, y"\nq,3,4,\n' >v.csv
	valgrind_clean ae-cat -c --where 'x.1<=3' --where 'label=x, y' --where ' id != z' v.csv >/dev/null
	run -1 valgrind_clean ae-cat --where a=1 v.csv
	run -1 valgrind_clean ae-cat --where bb=1 v.csv
	run -2 valgrind_clean ae-cat --where 'a<1,2' v.csv
}

@test "where: numbers that results pass through compare exactly, and stay as they came" {
	printf 'serial,err,label\n9007199254740993,.1,0\n9007199254740992,.3,1\n007,.2,1\n10.50,.2,1\n' >ser.csv
	[ "$(ae-thresh --fit fixed:1 --save t --where serial=9007199254740993 ser.csv)" = '1 fixed:1 err 1 rows, label 0: 1' ]
	[ "$(ae-cat -c --where 'serial>100' --cols serial ser.csv)" = $'serial\n9007199254740993\n9007199254740992' ]
	[ "$(ae-cat -c --where 'serial=7,10.5' --cols serial ser.csv)" = $'serial\n007\n10.50' ]
	echo 'x,.5,1' >>ser.csv
	expect_error 1 'ser.csv: line 6: column "serial": "x" is not a number, and --where compares it: --pass makes it text' \
		ae-cat --where 'serial>1' ser.csv
	[ "$(ae-cat -c --pass serial --where 'serial=x' ser.csv | tail -n 1)" = x,0.5,1 ]
}
