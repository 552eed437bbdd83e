#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-cat: convert, concatenate, select, check.
load helpers
load scoring

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	{
		echo id,time,flow,heat,label
		awk 'BEGIN { for (i = 1; i <= 60; i++) print "unit " i "," 2 * i "," i / 4 "," 100 - i "," (i % 5 ? "ok" : "bad") }'
	} >plant.csv
	ae-cat -o plant.aes plant.csv
	F=$BATS_FILE_TMPDIR
	export F
}

@test "ae-cat: --help, --version, unknown options" {
	check_manners ae-cat
}

@test "ae-cat: what is wrong in the arguments alone is status 2" {
	expect_error 2 '--skip x: expected a whole number from 0 *' ae-cat --skip x "$F/plant.csv"
	expect_error 2 '--head -1: expected a whole number *' ae-cat --head=-1 "$F/plant.csv"
	expect_error 2 '-c, -t and -O exclude each other' ae-cat -c -O aest "$F/plant.csv"
	expect_error 2 'unknown output format "xls": expected csv, tsv, jsonl, aest, msgpack, npy or pnm' ae-cat -O xls "$F/plant.csv"
	expect_error 2 '--where label: expected COL OP VALUE, *' ae-cat --where label "$F/plant.csv"
	expect_error 2 '--where flow<1,2: several values go with = and != alone; a value with a comma is quoted' ae-cat --where 'flow<1,2' "$F/plant.csv"
	expect_error 2 '--set id=3: expected label=VALUE' ae-cat --set id=3 "$F/plant.csv"
	expect_error 2 '--set and --label-file exclude each other' ae-cat --set label=3 --label-file x "$F/plant.csv"
	expect_error 2 '--number and --id-file exclude each other' ae-cat --number --id-file x "$F/plant.csv"
}

@test "ae-cat: golden output, byte for byte" {
	printf 'id,a,b,label\nq,1,-2.5,\nrs,0.1,3,t\n' >f.csv
	[ "$(ae-cat --f32 f.csv | od -An -v -tx1 | tr -d ' \n')" = "$(tr -d ' \n' <<-'END'
		94 a4 41455354 01 81 a4 636f6c73 93
		84 a4 6e616d65 a2 6964 a4 726f6c65 a2 6964 a4 74797065 a4 74657874 a5 7368617065 90
		85 a4 6e616d65 a1 78 a4 726f6c65 a1 78 a4 74797065 a3 663332 a5 7368617065 91 02
		a8 6665617475726573 92 a1 61 a1 62
		84 a4 6e616d65 a5 6c6162656c a4 726f6c65 a5 6c6162656c a4 74797065 a4 74657874 a5 7368617065 90
		ce 9a38c5a1
		96 01 02
		c4 0b 01000000 03000000 71 7273
		c4 10 0000803f 000020c0 cdcccc3d 00004040
		c4 09 00000000 01000000 74
		ce 24e11db8
		93 02 81 a4 726f7773 02 ce a02dbea0
	END
	)" ]
}

@test "ae-cat: CSV, TSV and AEST hold the same" {
	ae-cat "$F/plant.csv" | cmp - "$F/plant.aes"
	ae-cat -c "$F/plant.aes" | cmp - "$F/plant.csv"
	ae-cat -t "$F/plant.aes" >plant.tsv
	tr '\t' , <plant.tsv | cmp - "$F/plant.csv"
	ae-cat -I tsv plant.tsv | cmp - "$F/plant.aes"
	ae-cat <"$F/plant.csv" | cmp - "$F/plant.aes"
	ae-cat - <"$F/plant.csv" | cmp - "$F/plant.aes"
}

@test "ae-cat: --batch-rows 1, 2, 7, 16, 17 and 512 give equal rows" {
	same_for_batches "$F/plant.aes" ae-cat
	same_for_batches "$F/plant.aes" ae-cat --where 'label=ok' --skip 3 --head 40 --tail 30 --sample 20 --cols label,x
}

@test "ae-cat: id, time, label and pass columns go through byte for byte" {
	printf '%s\n' 'id,time,label,word,a' '"q, r",2024-01-01T00:00:00Z,"say ""no""", spaces ,1' ',,,,2' \
		"\"two
lines\",x,$(printf '\351\0377'),ä,3" >f.csv
	ae-cat --multiline --pass word f.csv >f.aes
	ae-cat --multiline -c f.aes >g.csv
	sort f.csv | cmp - <(sort g.csv)
	# into a file batches have fixed sizes, however the rows came
	ae-cat f.aes | ae-cat --batch-rows 1 | ae-cat -o back.aes
	cmp back.aes f.aes
}

@test "ae-cat: a cut stream is an error" {
	same_for_cuts "$F/plant.aes" ae-cat
	same_for_cuts "$F/plant.aes" ae-cat --tail 5
}

@test "ae-cat: streams of other shapes are not joined" {
	printf '1,2,3,4\n' >f.csv
	ae-cat -H f.csv -o vector.aes
	ae-cat -H --shape 2,2 f.csv -o square.aes
	expect_error 1 'square.aes: columns other than those of the stream before it*' ae-cat vector.aes square.aes
}

@test "ae-cat: a full disk, a missing file, a folder" {
	run --separate-stderr -1 sh -c "ae-cat '$F/plant.csv' >/dev/full"
	[ "$stderr" = 'ae-cat: <stdout>: No space left on device' ]
	run --separate-stderr -1 sh -c "ae-cat -c '$F/plant.csv' >/dev/full"
	[ "$stderr" = 'ae-cat: <stdout>: No space left on device' ]
	expect_error 1 'nowhere.csv: No such file or directory' ae-cat nowhere.csv
	expect_error 1 'nowhere.csv: No such file or directory' ae-cat "$F/plant.csv" nowhere.csv
	mkdir folder
	expect_error 1 'folder: Is a directory' ae-cat folder
	expect_error 1 '<stdin>: Is a directory' sh -c 'ae-cat <folder'
	expect_error 1 'folder: is a folder, not a file' ae-cat -o folder "$F/plant.csv"
	expect_error 1 'no/out.aes: No such file or directory' ae-cat -o no/out.aes "$F/plant.csv"
}

@test "ae-cat: a closed reader ends it quietly" {
	quiet_when_closed ae-cat "$F/plant.csv"
	quiet_when_closed ae-cat -c "$F/plant.csv"
	for ((i = 0; i < 100; i++)); do
		cat "$F/plant.csv"
	done >long.csv
	run --separate-stderr -0 bash -c 'ae-cat -c long.csv | head -n 1'
	[ "$output" = id,time,flow,heat,label ]
	[ -z "$stderr" ]
}

# ---- selection ----

@test "ae-cat: --where compares numbers as numbers and everything else as text" {
	count() {
		ae-cat -c --cols id "${@/#/--where=}" "$F/plant.csv" | rows_of /dev/stdin
	}
	[ "$(count label=ok)" -eq 48 ]
	[ "$(count label=bad)" -eq 12 ]
	[ "$(count label!=ok)" -eq 12 ]
	[ "$(count label=ok,bad)" -eq 60 ]
	[ "$(count label!=ok,bad)" -eq 0 ]
	[ "$(count label=BAD)" -eq 0 ]
	[ "$(count 'flow<1')" -eq 3 ]
	[ "$(count 'flow<=1')" -eq 4 ]
	[ "$(count 'flow>14.75')" -eq 1 ]
	[ "$(count 'flow>=1.475e1')" -eq 2 ]
	[ "$(count 'flow=1.00')" -eq 1 ]
	[ "$(count 'flow=0.5,15,99')" -eq 2 ]
	[ "$(count 'time<20')" -eq 9 ]
	[ "$(count 'id=unit 7')" -eq 1 ]
	[ "$(count 'id<unit 2')" -eq 11 ]
	[ "$(count 'flow>2' 'flow<=3' label=ok)" -eq 3 ]
	expect_error 1 '--where: no column "flwo" of single values; *' ae-cat --where flwo=1 "$F/plant.csv"
	expect_error 1 '--where: no column "x" of single values; *' ae-cat --where x=1 "$F/plant.csv"
}

@test "ae-cat: --where finds names before roles" {
	printf 'err,pred,device,a\n1,1,p,1\n2,0,q,2\n3,,r,3\n' >f.csv
	[ "$(ae-cat -c --id device --where pred=1 --cols id f.csv)" = $'device\np' ]
	[ "$(ae-cat -c --id device --where id=q --cols id f.csv)" = $'device\nq' ]
	[ "$(ae-cat -c --id device --where device=q --cols id f.csv)" = $'device\nq' ]
	[ "$(ae-cat -c --id device --where 'err>=2' --cols id f.csv)" = $'device\nq\nr' ]
	[ "$(ae-cat -c --id device --where pred=255 --cols id f.csv)" = $'device\nr' ]
}

@test "ae-cat: --skip, --head and --tail, across batches" {
	ids() {
		ae-cat -c --cols id "$@" "$F/plant.aes" | sed 1d | tr -d 'a-z ' | tr '\n' ' '
	}
	ae-cat --batch-rows 4 "$F/plant.csv" >four.aes
	[ "$(ids --head 3)" = '1 2 3 ' ]
	[ "$(ids --skip 58)" = '59 60 ' ]
	[ "$(ids --skip 2 --head 3)" = '3 4 5 ' ]
	[ "$(ids --tail 2)" = '59 60 ' ]
	[ "$(ids --head 10 --tail 2)" = '9 10 ' ]
	[ "$(ids --skip 5 --head 10 --tail 2)" = '14 15 ' ]
	[ "$(ids --where label=bad --skip 1 --head 3 --tail 2)" = '15 20 ' ]
	[ "$(ids --head 0)" = '' ]
	[ "$(ids --tail 0)" = '' ]
	[ "$(ids --skip 60)" = '' ]
	[ "$(ids --skip 61 --head 4)" = '' ]
	[ "$(ids --head 18446744073709551614 --skip 59)" = '60 ' ]
	[ "$(ids --tail 1000 | wc -w)" -eq 60 ]
	for options in '--head 3' '--head 4' '--skip 3 --head 9' '--tail 5' '--skip 59' '--head 0'; do
		# shellcheck disable=SC2086 # several options
		same "ae-cat $options four.aes" "ae-cat $options $F/plant.csv"
	done
}

@test "ae-cat: --head stops reading when it has enough" {
	{
		cat "$F/plant.csv"
		echo 'this is no row'
	} >bad.csv
	[ "$(ae-cat -c --head 2 --cols id bad.csv)" = $'id\nunit 1\nunit 2' ]
	run bash -c 'yes 1 | ae-cat -H --head 5 -c | wc -l'
	[ "$output" -eq 6 ]
}

@test "ae-cat: --cols chooses by name or role, in this order" {
	[ "$(ae-cat -c --head 1 --cols label,id "$F/plant.csv")" = $'label,id\nok,unit 1' ]
	[ "$(ae-cat -c --head 1 --cols x "$F/plant.csv")" = $'flow,heat\n0.25,99' ]
	printf 'id,device,a,b\n1,2,3,4\n' >f.csv
	[ "$(ae-cat -c --id id,device --cols id f.csv)" = $'id,device\n1,2' ]
	[ "$(ae-cat -c --id id,device --cols device,x f.csv)" = $'device,a,b\n2,3,4' ]
	expect_error 1 '--cols: no column "flow*"*' ae-cat --cols flows "$F/plant.csv"
	expect_error 1 '--cols: no column ""' ae-cat --cols '' "$F/plant.csv"
}

# ---- npy ----

# npy DESCR SHAPE [BYTES]: an npy file; BYTES are for printf.
npy() {
	local header="{'descr': '$1', 'fortran_order': False, 'shape': ($2), }"
	printf '\x93NUMPY\x01\x00\x76\x00%-117s\n' "$header"
	# shellcheck disable=SC2059 # a format
	printf "${3-}"
}

@test "ae-cat: npy in and out" {
	npy '<f4' '2, 3' '\0\0\200\077\0\0\0\100\0\0\100\100\0\0\200\100\0\0\240\100\0\0\300\100' >a.npy
	[ "$(ae-cat -c a.npy)" = $'x.1,x.2,x.3\n1,2,3\n4,5,6' ]
	ae-cat a.npy -o b.npy
	cmp a.npy b.npy
	ae-cat a.npy | ae-cat -O npy | cmp - a.npy
	npy '|u1' '2, 1, 2, 1' '\0\001\002\377' >a.npy
	[ "$(ae-cat -c a.npy)" = $'x.1.1.1,x.1.2.1\n0,1\n2,255' ]
	ae-cat -O npy a.npy | cmp - a.npy
	npy '<i8' '2,' '\001\0\0\0\0\0\0\0\377\377\377\377\377\377\377\377' >a.npy
	[ "$(ae-cat -c a.npy)" = $'x.1\n1\n-1' ]
	npy '<f4' '0, 3' >a.npy
	ae-cat -O npy a.npy | cmp - a.npy
	expect_error 1 'npy holds one column of numbers: *' ae-cat -O npy "$F/plant.csv"
	same "ae-cat -O npy --cols x $F/plant.csv | ae-cat -c | sed 1d" "ae-cat -c --cols x $F/plant.csv | sed 1d"
}

@test "ae-cat: big-endian npy, as NumPy writes it on such machines" {
	npy '>f4' '2, 3' '\077\200\0\0\100\0\0\0\100\100\0\0\100\200\0\0\100\240\0\0\300\300\0\0' >big.npy
	npy '<f4' '2, 3' '\0\0\200\077\0\0\0\100\0\0\100\100\0\0\200\100\0\0\240\100\0\0\300\300' >little.npy
	ae-cat -O npy big.npy | cmp - little.npy
	npy '>f8' '1,' '\300\034\0\0\0\0\0\0' >a.npy
	[ "$(ae-cat -c a.npy)" = $'x.1\n-7' ]
	npy '>i2' '2,' '\001\002\377\376' >a.npy
	[ "$(ae-cat -c a.npy)" = $'x.1\n258\n-2' ]
	npy '>u2' '2,' '\001\002\377\376' >a.npy
	[ "$(ae-cat -c a.npy)" = $'x.1\n258\n65534' ]
	npy '>i8' '1,' '\377\377\377\377\377\377\377\376' >a.npy
	[ "$(ae-cat -c a.npy)" = $'x.1\n-2' ]
	[ "$(printf '1\n' | ae-cat --no-header -c --id-file a.npy)" = $'x.1,id\n1,-2' ]
	npy '>f4' '1,' '\177\200\0\0' >a.npy
	expect_error 1 'a.npy: row 1, column "x.1": infinity' ae-cat a.npy
}

@test "ae-cat: npy that is cut, longer, in Fortran order or of other types is an error" {
	npy '<f4' '2,' '\0\0\200\077\0\0\0' >a.npy
	expect_error 1 'a.npy: *' ae-cat a.npy
	npy '<f4' '2,' '\0\0\200\077' >a.npy
	expect_error 1 'a.npy: *' ae-cat a.npy
	npy '<f4' '1,' '\0\0\200\077\0' >a.npy
	expect_error 1 'a.npy: *' ae-cat a.npy
	local type
	for type in f1 f2 f3 f5 f6 f7 i3 i5 i6 i7 u3 u5 u6 u7 b2 b4 b8; do
		npy "<$type" '1,' '\0\0\200\077\0\0\0\0' >a.npy
		expect_error 1 "a.npy: npy: elements of type '<$type': save floats of 4 or 8 bytes, integers or bools" ae-cat a.npy
	done
	npy '<c8' '1,' '\0\0\200\077\0\0\0\0' >a.npy
	expect_error 1 'a.npy: *' ae-cat a.npy
	npy '<f4' '1,' '\0\0\200\177' >a.npy
	expect_error 1 'a.npy: row 1, column "x.1": infinity' ae-cat a.npy
	npy '<f4' '4611686018427387904, 2' >a.npy
	expect_error 1 'a.npy: *' ae-cat a.npy
	npy '<f4' '1, 4611686018427387904, 4, 2' >a.npy
	expect_error 1 'a.npy: *' ae-cat a.npy
	npy '<f4' '1,' '\0\0\200\077' | sed 's/False/True /' >a.npy
	expect_error 1 'a.npy: *Fortran*' ae-cat a.npy
	npy '<f4' '1,' '\0\0\200\077' >good.npy
	for ((at = 1; at < $(wc -c <good.npy); at += 3)); do
		head -c $at good.npy >a.npy
		expect_error 1 'a.npy: *' ae-cat a.npy
	done
}

@test "ae-cat: NumPy reads our npy, and we read NumPy's" {
	/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip 'no NumPy'
	ae-cat -O npy --cols x "$F/plant.csv" >x.npy
	/usr/bin/python3 - <<-'END'
		import numpy as np
		x = np.load("x.npy")
		assert x.shape == (60, 2) and x.dtype == np.float64 and x[3, 0] == 1 and x[59, 1] == 40, x
		for dtype in "f4 f8 u1 i1 i2 u2 i4 u4 i8 u8 ?".split():
		    np.save(dtype.replace("?", "bool") + ".npy", (np.arange(12).reshape(2, 3, 2) % 2 * 100 + 1).astype(dtype))
	END
	for type in f4 f8 u1 i1 i2 u2 i4 u4 i8 u8; do
		[ "$(ae-cat -c $type.npy)" = $'x.1.1,x.1.2,x.2.1,x.2.2,x.3.1,x.3.2\n1,101,1,101,1,101\n1,101,1,101,1,101' ]
	done
	[ "$(ae-cat -c bool.npy | tail -n 1)" = 1,1,1,1,1,1 ]
}

# ---- resources ----

# ---- --paste and the options of text ----

@test "ae-cat --paste: the pasted text has the roles that the options give, by the names that it has" {
	printf 'machine,stamp,flow,heat\nm1,t1,1,2\nm2,t2,3,4\n' >l.csv
	printf 'machine,recon.heat,recon.flow\nm1,2.5,1.5\nm2,4.5,3.5\n' >r.csv
	local wanted=$'machine,stamp,flow,heat,recon.flow,recon.heat\nm1,t1,1,2,1.5,2.5\nm2,t2,3,4,3.5,4.5'
	[ "$(ae-cat -c --id machine --time stamp --paste r.csv l.csv)" = "$wanted" ]
	[ "$(ae-cat -c --id 1 --time 2 --paste r.csv l.csv)" = "$wanted" ]
	ae-cat --id machine --time stamp -o l.aes l.csv
	[ "$(ae-cat -c --paste r.csv l.aes)" = "$wanted" ]
	ae-cat --id machine -o r.aes r.csv
	[ "$(ae-cat -c --id machine --time stamp --paste r.aes l.csv)" = "$wanted" ]
	# they are the same roles: the ids are compared
	sed 's/^m2/m3/' r.csv >other.csv
	expect_error 1 'other.csv: row 2: id "m3" beside id "m2"' ae-cat -o o.aes --id machine --time stamp --paste other.csv l.csv
	printf 'recon.flow,recon.heat,state\n1,2,on\n3,4,off\n' >state.csv
	[ "$(ae-cat -c --id machine --time stamp --label state --paste state.csv l.aes)" = \
		$'machine,stamp,flow,heat,recon.flow,recon.heat,label\nm1,t1,1,2,1,2,on\nm2,t2,3,4,3,4,off' ]
	# a name that neither has
	expect_error 1 'l.csv: line 1: --id: no column "asset"*' ae-cat -o o.aes --id asset --paste r.csv l.csv
}

@test "ae-cat --paste: the pasted text is read as the other is: -d --na --comment --units --missing" {
	printf '# one\nid;flow\n-;bar\na;1\nb;none\n' >l.csv
	printf '# two\nid;recon.flow\n-;bar\n# more\na;none\nb;2\n' >r.csv
	ae-cat -c -d ';' --na none --comment '#' --units --missing mask --paste r.csv l.csv >got.csv
	[ "$(<got.csv)" = $'id,flow,recon.flow\na,1,nan\nb,nan,2' ]
}

@test "ae-cat --paste: rows that are left out of the pasted text are told, kept, and never move others" {
	printf 'id,flow\na,1\nb,2,3\nc,4\n' >l.csv
	printf 'id,recon.flow\na,1.5\nb,x\nc,4.5\n' >r.csv
	ae-cat -c --on-bad skip --rejects bad.csv --paste r.csv l.csv >got.csv 2>notes
	[ "$(<got.csv)" = $'id,flow,recon.flow\na,1,1.5\nc,4,4.5' ]
	[ "$(sort bad.csv)" = $'b,2,3\nb,x' ]
	grep -q '^ae-cat: l.csv: line 3: .*: left out$' notes
	grep -q '^ae-cat: r.csv: line 3: .*: left out$' notes
	[ "$(grep -cx 'ae-cat: 1 bad row left out' notes)" -eq 2 ]
	# another row is bad there
	printf 'id,recon.flow\na,1.5\nb,2.5\nc,x\n' >later.csv
	run -1 --separate-stderr ae-cat -o o.aes --on-bad skip --paste later.csv l.csv
	# shellcheck disable=SC2154 # run sets it
	[ "${stderr_lines[-1]}" = 'ae-cat: later.csv: row 2: id "b" beside id "c"' ]
	# without ids nothing tells that the rows belong together
	cut -d, -f2- l.csv >ln.csv
	cut -d, -f2 later.csv >rn.csv
	run -1 --separate-stderr ae-cat -o o.aes --on-bad skip --paste rn.csv ln.csv
	[[ ${stderr_lines[-1]} == 'ae-cat: rn.csv: rows were left out, and without ids nothing tells which rows belong together: --id '* ]]
	[ ! -e o.aes ]
}

# ---- text that these programs wrote, without its options ----

@test "ae-cat, ae-info, ae-decode: what ae-recon, ae-encode and ae-decode write is read without --id and --time" {
	local part
	awk 'BEGIN {
		print "machine,stamp,index,flow,heat"
		for (i = 0; i < 40; i++) print "m" i % 3 ",2026-01-01 " i "," 1e9 + i "," sin(i) "," cos(i)
	}' >good.csv
	ae-normalize --id machine --time stamp --pass index --fit standard -o good.aes good.csv
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem good.aes
	ae-recon -m m.aem -c good.aes >recon.csv
	ae-recon -m m.aem good.aes | ae-cat -c --cols machine,stamp,index,recon >alone.csv
	ae-encode -m m.aem -c good.aes >latent.csv
	ae-noise --gaussian 0.1 -c good.aes >target.csv
	for part in recon alone latent target; do
		ae-cat -c $part.csv | cmp - $part.csv
		ae-info $part.csv >info
		grep -qE '^(columns)? +machine +pass +text' info
		grep -qE '^ +stamp +pass +text' info
	done
	ae-decode -m m.aem -c latent.csv | cmp - alone.csv
	ae-info recon.csv | grep -qE '^ +x +x +f64 +\[2\] "flow" to "heat"$'
	ae-info target.csv | grep -qE '^ +x +x +f64 +\[2\] "flow" to "heat"$'
	ae-cat recon.csv | ae-err -c | cut -d, -f1-3 | cmp - <(cut -d, -f1-3 good.csv)
	# conditions compare what is passed through, as numbers where both sides are
	[ "$(ae-cat -c --where 'machine=m1' --where 'index<1000000004' recon.csv | cut -d, -f1,3)" = $'machine,index\nm1,1000000001' ]
}

@test "ae-cat, ae-info: text with a part of the names of recon, or places beside names, is read as ever" {
	printf 'flow,heat,recon.flow,recon.heap\n1,2,3,4\n' >part.csv
	ae-info part.csv | grep -qE ' x +x +f64 +\[2\]'
	printf 'flow,heat,recon.1,recon.2\n1,2,3,4\n' >places.csv
	ae-info places.csv | grep -qE ' x +x +f64 +\[2\]'
	printf 'machine,x.1,x.2,recon.2,recon.1\nm,1,2,3,4\n' >unnamed.csv
	ae-info unnamed.csv | grep -qE ' x +x +f64 +\[2\]$'
	[ "$(ae-cat -c --cols machine,recon unnamed.csv)" = $'machine,recon.1,recon.2\nm,4,3' ]
	printf 'machine,recon.2,recon.1\nm,2,1\n' >alone.csv
	[ "$(ae-cat -c alone.csv)" = $'machine,recon.1,recon.2\nm,1,2' ]
	printf 'machine,recon.1.a,recon.2.a\nm,1,2\n' >windows.csv
	ae-cat -c windows.csv | cmp - windows.csv
	printf 'machine,x.1,x.2,latent.1\nm,1,2,3\n' >kept.csv
	ae-info kept.csv | grep -qE ' x +x +f64 +\[2\]$'
	[ "$(ae-cat -c --x flow part.csv | head -n 1)" = flow,heat,recon.flow,recon.heap ]
}

@test "ae-cat: 200,000 rows of 141 columns in less than 32 MiB" {
	ecg_synthetic 2000 >beats.csv
	ae-cat -H --f32 --label -1 beats.csv -o beats.aes
	for ((i = 0; i < 100; i++)); do
		cat beats.aes
	done >many.aes
	resident_below 32768 ae-cat -o /dev/null many.aes
	resident_below 32768 sh -c 'ae-cat -c --where label=1 many.aes >many.csv'
	resident_below 32768 ae-cat -o /dev/null many.csv
	resident_below 34000 ae-cat --tail 100 -o /dev/null many.aes
}

@test "ae-cat: clean under valgrind" {
	valgrind_clean ae-cat -c --pass time --where label=ok --number --tail 20 --cols id,x,label \
		<(sed 's/^id/unit/' "$F/plant.csv") --id 1 >got.csv || [ "$?" -eq 1 ]
	valgrind_clean ae-cat -c --where label=ok --tail 20 --cols id,x,label "$F/plant.csv" "$F/plant.csv" >got.csv
	[ "$(rows_of got.csv)" -eq 20 ]
	valgrind_clean ae-cat --paste "$F/plant.aes" -o out.aes <(ae-cat --cols id "$F/plant.aes")
	cmp out.aes "$F/plant.aes"
	run valgrind_clean ae-cat <(head -c 700 "$F/plant.aes")
	[ "$status" -eq 1 ]
}
