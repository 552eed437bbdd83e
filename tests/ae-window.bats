#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-window: sliding windows over the rows of a series.
load helpers
load fixture

# rows N: made-up rows of three groups, two sensors.
rows() {
	awk -v n="$1" 'BEGIN {
		srand(7)
		print "id,time,a,b,label"
		for (i = 0; i < n; i++)
			printf "%s,t%d,%d,%.3f,%d\n", substr("mno", int(rand() * 3) + 1, 1), i, i, rand(), i % 2
	}'
}

# timed N: rows of three groups at times with gaps, which now and then run backwards.
timed() {
	awk -v n="$1" 'BEGIN {
		srand(11)
		print "id,time,a"
		for (i = 0; i < n; i++) {
			t += rand() < 0.1 ? -3 : rand() < 0.1 ? 60 : 2
			printf "%s,%d,%d\n", substr("mno", int(rand() * 3) + 1, 1), t, i
		}
	}'
}

# twin SIZE STRIDE GROUPED DROP < rows: the windows by the plainest program.
twin() {
	awk -F, -v OFS=, -v size="$1" -v stride="$2" -v grouped="$3" -v drop="$4" '
		NR == 1 {
			printf "id,time"
			for (w = 1; w <= size; w++)
				printf size == 1 ? ",a,b" : ",x.%d.a,x.%d.b", w, w
			print ",label"
			next
		}
		{
			group = grouped ? $1 : ""
			n = ++seen[group]
			held[group, n] = $3 "," $4
			whole = n >= size && (n - size) % stride == 0
			if (!whole && drop)
				next
			printf "%s,%s", $1, $2
			for (w = n - size + 1; w <= n; w++)
				printf ",%s", whole ? held[group, w] : "nan,nan"
			print "," $5
		}'
}

@test "ae-window: --help, --version, unknown options" {
	check_manners ae-window
}

@test "ae-window: what is wrong in the arguments alone is status 2" {
	expect_error 2 '--size W is required, or -m FILE' ae-window "$F/test.aes"
	expect_error 2 '--size 0: expected a whole number from 1 to 1048576' ae-window --size 0 "$F/test.aes"
	expect_error 2 '--stride 0: expected a whole number *' ae-window --size 2 --stride 0 "$F/test.aes"
	expect_error 2 '--max-groups 0: expected a whole number *' ae-window --size 2 --max-groups 0 "$F/test.aes"
}

@test "ae-window: windows as a plain program makes them, however the rows are cut into batches" {
	local size stride grouped drop batch options
	rows 300 >rows.csv
	for size in 1 2 5 17; do
		for stride in 1 3; do
			for grouped in 0 1; do
				for drop in 0 1; do
					twin $size $stride $grouped $drop <rows.csv | tr -d ' ' >wanted.csv
					options=(--size "$size" --stride "$stride")
					[ $grouped -eq 0 ] || options+=(--group id)
					[ $drop -eq 0 ] || options+=(--drop-incomplete)
					for batch in 1 7 512; do
						ae-cat --batch-rows $batch rows.csv | ae-window "${options[@]}" >got.aes
						ae-cat -c got.aes | awk -F, -v OFS=, '{ for (i = 3; i < NF; i++) if (NR > 1 && $i != "nan") $i = sprintf(i % 2 ? "%d" : "%.3f", $i); print }' | cmp - wanted.csv
					done
				done
			done
		done
	done
}

@test "ae-window: windows larger than what is made at once" {
	awk 'BEGIN { srand(1); for (i = 0; i < 700; i++) print i "," rand() }' >two.csv
	# 300 rows of 2 doubles are 4800 bytes a window: more than 16 MiB for the whole batch
	ae-window -H --size 300 --drop-incomplete two.csv >one.aes
	awk 'BEGIN { for (i = 0; i < 5000; i++) print i % 700 }' >long.csv
	ae-window -H --size 1000 --drop-incomplete long.csv | ae-cat -c | tail -n 1 | tr , '\n' | cmp - <(tail -n 1000 long.csv)
	[ "$(ae-window -H --size 1000 --drop-incomplete long.csv | ae-info --count)" -eq 4001 ]
	[ "$(ae-info --count one.aes)" -eq 401 ]
}

@test "ae-window: the header: shape, names, what may be missing, the lineage" {
	printf 'a,b\n1,2\n3,4\n' | ae-window --size 2 | ae-info | grep -qE 'x +x +f64 +\[2,2\] missing "x.1.a" to "x.2.b"'
	ae-normalize --fit standard <(rows 50) | ae-window --size 4 | ae-info | grep -A 1 '^prepared by' | sed 's/^.\{12\}//' | paste -sd , | grep -qx 'ae-normalize (standard per column, 2 columns),ae-window (size 4, stride 1)'
	# one column of plain values
	printf '1\n2\n3\n' | ae-window -H --size 2 --drop-incomplete -c | tail -n +2 | cmp - <(printf '1,2\n2,3\n')
}

@test "ae-window: one stream is one series; a repeated header in text continues it" {
	printf 'a\n1\n2\n' >one.csv
	printf 'a\n3\n4\n' >two.csv
	[ "$(ae-window --size 2 -c one.csv two.csv | paste -sd ' ')" = 'x.1.a,x.2.a nan,nan 1,2 nan,nan 3,4' ]
	[ "$(cat one.csv two.csv | ae-window --size 2 -c | paste -sd ' ')" = 'x.1.a,x.2.a nan,nan 1,2 2,3 3,4' ]
	[ "$(cat <(ae-cat one.csv) <(ae-cat two.csv) | ae-window --size 2 -c | paste -sd ' ')" = 'x.1.a,x.2.a nan,nan 1,2 nan,nan 3,4' ]
}

@test "ae-window --max-groups: the group not seen for longest is forgotten, and that is said" {
	printf 'id,a\nm,1\nn,2\nm,3\no,4\nm,5\nn,6\n' >three.csv
	ae-window --size 2 --group id --drop-incomplete --max-groups 2 -c three.csv >got.csv 2>err.txt
	[ "$(paste -sd ' ' got.csv)" = 'id,x.1.a,x.2.a m,1,3 m,3,5' ]
	[ "$(head -n 1 err.txt)" = 'ae-window: three.csv: line 5: more than 2 groups (--max-groups): "n", not seen for longest, is forgotten and starts anew when it comes back' ]
	[ "$(tail -n 1 err.txt)" = 'ae-window: 2 times a group was forgotten: there are more than 2 (--max-groups)' ]
	ae-window -q --size 2 --group id --max-groups 2 -c three.csv 2>err.txt >got.csv
	[ ! -s err.txt ]
	# a number is named as output shows it, a row where there are no lines
	tr mno 123 <three.csv | ae-cat --pass 1 | ae-window --size 2 --group id --max-groups 2 -o o.aes 2>err.txt
	[[ $(head -n 1 err.txt) == 'ae-window: <stdin>: row 4: '*': "2", not seen '* ]]
	printf 'err,a\n0.5,1\n2,2\n1e300,3\n' | ae-window --size 2 --group err --max-groups 1 -o o.aes 2>err.txt
	[[ $(head -n 1 err.txt) == 'ae-window: <stdin>: line 3: more than 1 group (--max-groups): "0.5", not seen '* ]]
	ae-window --size 2 --group id --drop-incomplete -c three.csv 2>err.txt | tail -n 1 | grep -qx 'n,2,6'
	[ ! -s err.txt ]
}

@test "ae-window --max-groups: on a live feed the first is said at once, and how many more while no row comes" {
	mkfifo feed
	ae-window --size 2 --group id --max-groups 2 -c <feed >live.csv 2>err.txt &
	exec 9>feed
	printf 'id,a\nm,1\nn,2\no,3\n' >&9
	eventually [ -s err.txt ]
	[ "$(<err.txt)" = 'ae-window: <stdin>: line 4: more than 2 groups (--max-groups): "m", not seen for longest, is forgotten and starts anew when it comes back' ]
	printf 'p,4\nq,5\n' >&9
	eventually grep -q 'line 6' err.txt
	grep -qE '^ae-window: [12] more groups? forgotten, the last: <stdin>: line 6: "o"$' err.txt
	exec 9>&-
	wait
	[ "$(tail -n 1 err.txt)" = 'ae-window: 3 times a group was forgotten: there are more than 2 (--max-groups)' ]
}

@test "ae-window --max-gap: a longer time without a row starts the group anew" {
	cat >t.csv <<-'END'
		machine,time,a
		m,2026-11-27 10:00:00,1
		n,2026-11-27T10:00:01Z,2
		m,2026-11-27T10:01:00Z,3
		n,2026-11-27T11:02:01.5+01:00,4
		m,2026-11-27 10:02:00.5,5
		m,2026-11-27 10:02:00.5,6
		n,2026-11-27 10:03:01.5,7
	END
	ae-window --size 2 --id machine --group machine --max-gap 1m --drop-incomplete -c t.csv >got.csv 2>err.txt
	[ "$(cut -d, -f3,4 got.csv | paste -sd ' ')" = 'x.1.a,x.2.a 1,3 5,6 4,7' ]
	[ "$(<err.txt)" = 'ae-window: 2 gaps longer than 1m (--max-gap): the group starts anew after each' ]
	# each group has its own time, and all rows together are one without --group
	ae-window --size 2 --id machine --max-gap 60s --drop-incomplete -c t.csv 2>err.txt | cut -d, -f3,4 | paste -sd ' ' >got
	[ "$(<got)" = 'x.1.a,x.2.a 1,2 2,3 5,6' ] || cat got
	# numbers: seconds, from 1e11 on milliseconds, from 1e14 microseconds, which is said once
	printf 'time,a\n1732736940,1\n1732736941.5,2\n' | ae-window --size 2 --max-gap 1500ms --drop-incomplete -c 2>err.txt | tail -n 1 | grep -q ',1,2$'
	[ ! -s err.txt ]
	printf 'time,a\n1732736940000,1\n1732736941500,2\n' | ae-window --size 2 --max-gap 1500ms --drop-incomplete -c 2>err.txt | tail -n 1 | grep -q ',1,2$'
	[ "$(<err.txt)" = 'ae-window: <stdin>: line 2: time "1732736940000" is taken for milliseconds since 1970' ]
	printf 'time,a\n1732736940000000,1\n1732736941500001,2\n' | ae-window --size 2 --max-gap 1.5s --drop-incomplete -c >got.csv 2>err.txt
	[ "$(wc -l <got.csv)" -eq 1 ]
	[ "$(tail -n 1 err.txt)" = 'ae-window: 1 gap longer than 1500ms (--max-gap): the group starts anew after it' ]
	# and from 1e17 nanoseconds
	printf 'time,a\n1764000000000000000,1\n1764000001500000000,2\n1764000003000000001,3\n' | ae-window --size 2 --max-gap 1.5s --drop-incomplete -c >got.csv 2>err.txt
	[ "$(cut -d, -f2- got.csv | paste -sd ' ')" = 'x.1.a,x.2.a 1,2' ]
	[ "$(head -n 1 err.txt)" = 'ae-window: <stdin>: line 2: time "1764000000000000000" is taken for nanoseconds since 1970' ]
}

@test "ae-window --max-gap: all years from 0 to 9999, and a state keeps them" {
	printf 'time,a\n0000-01-01,1\n0000-01-01T00:00:50Z,2\n1600-02-29,3\n2026-11-27,4\n9999-12-31T23:59:58Z,5\n9999-12-31T23:59:59Z,6\n' >t.csv
	ae-window --size 2 --max-gap 1m --drop-incomplete -c t.csv 2>err.txt | cut -d, -f2- | paste -sd ' ' >got
	[ "$(<got)" = 'x.1.a,x.2.a 1,2 5,6' ]
	[ "$(<err.txt)" = 'ae-window: 3 gaps longer than 1m (--max-gap): the group starts anew after each' ]
	head -n 6 t.csv | ae-window -q --size 2 --max-gap 1m --state s.state -o out.aes
	[ "$(ae-info s.state | sed -n 's/^last time *//p')" = 9999-12-31T23:59:58Z ]
	printf 'time,a\n9999-12-31T23:59:59Z,6\n' | ae-window --size 2 --max-gap 1m --state s.state -c | tail -n 1 | grep -q ',5,6$'
	printf 'time,a\n99999999999,1\n' | ae-window -q --size 1 --max-gap 1m -c | tail -n 1 | grep -qx 99999999999,1
}

@test "ae-window --max-gap: a time that runs backwards or is none is a bad row" {
	printf 'id,time,a\nm,10,1\nn,5,2\nm,9,3\nm,soon,4\nm,11,5\nm,,6\n' >back.csv
	expect_error 1 'back.csv: line 4: time "9" runs backwards: it is earlier than that of the row before in its group; --on-bad skip leaves such rows out' \
		ae-window --size 2 --group id --max-gap 5s back.csv
	expect_error 1 'back.csv: line 3: time "5" runs backwards: it is earlier than that of the row before; --on-bad *' ae-window --size 2 --max-gap 5s back.csv
	ae-window --size 2 --group id --max-gap 5s --on-bad skip -c back.csv >got.csv 2>err.txt
	[ "$(paste -sd ' ' got.csv)" = 'id,time,x.1.a,x.2.a m,10,nan,nan n,5,nan,nan m,11,1,5' ]
	[ "$(<err.txt)" = 'ae-window: back.csv: line 4: time "9" runs backwards: it is earlier than that of the row before in its group: left out
ae-window: 3 bad rows left out' ]
	# their lines are kept, in their order among others
	printf 'id,time,a\nm,10,1\nm,11,x\nm,9,3\nm,soon,4\nm,12\nm,13,5\nm,,6\n' >mixed.csv
	for command in 'ae-window --size 2' 'ae-transform --diff 1' 'ae-smooth --mean 2' 'ae-thresh --stream quantile:0.9 --window 2'; do
		case $command in ae-smooth* | ae-thresh*) sed '1s/a$/err/' mixed.csv ;; *) cat mixed.csv ;; esac >in.csv
		rm -f bad.csv slow.csv
		# shellcheck disable=SC2086
		$command -q --max-gap 5s --on-bad skip --rejects bad.csv -o out.csv in.csv
		[ "$(paste -sd ' ' bad.csv)" = 'm,11,x m,9,3 m,soon,4 m,12 m,,6' ]
		# shellcheck disable=SC2086
		while read -r line; do echo "$line" && sleep 0.01; done <in.csv | $command -q --max-gap 5s --on-bad skip --rejects slow.csv -o slow.out.csv
		cmp slow.csv bad.csv
		cmp slow.out.csv out.csv
	done
	rm bad.csv
	printf 'a\n1\n-2\n3\nx\n' | ae-transform -q --log1p --on-bad skip --rejects bad.csv -c | paste -sd ' ' | grep -qE '^a 0.69[0-9]* 1.38[0-9]*$'
	[ "$(paste -sd ' ' bad.csv)" = '-2 x' ]
	# so are the objects of JSON lines and of MessagePack, several in an array too
	python3 - <<-'PY'
		import json
		rows = [{"time": str(10 + i), "id": "m", "a": i % 100} for i in range(300)]
		for i in range(7, 300, 7):
		    rows[i] = dict(rows[i], **({"time": "soon"} if i % 2 else {"a": "x"}))
		text = lambda s: bytes([0xA0 + len(s)]) + s.encode()
		pack = lambda r: b"\x83" + b"".join(text(k) + (text(v) if isinstance(v, str) else bytes([v])) for k, v in r.items())
		for name, some in (("in", rows), ("bad", rows[7::7])):
		    open(name + ".jsonl", "w").write("".join(json.dumps(r) + "\n" for r in some))
		    open(name + ".mp", "wb").write(b"".join(map(pack, some)))
		open("list.mp", "wb").write(b"".join(b"\x9f" + b"".join(map(pack, rows[i:i + 15])) for i in range(0, 300, 15)))
	PY
	for file in in.jsonl in.mp list.mp; do
		for command in 'ae-window --size 2' 'ae-transform --diff 1'; do
			# shellcheck disable=SC2086
			$command -q --group id --max-gap 5s --on-bad skip --rejects "r.${command%% *}.$file" -o out.csv "$file"
			cmp "r.${command%% *}.$file" "bad.${file##*.}"
			# shellcheck disable=SC2086
			{ head -c 1000 && sleep 0.2 && cat; } <"$file" | $command -q --group id --max-gap 5s --on-bad skip --rejects "slow.${command%% *}.$file" -o out.csv
			cmp "slow.${command%% *}.$file" "bad.${file##*.}"
		done
	done
	timed 200 | ae-cat >long.aes
	same_for_batches long.aes ae-window -q --size 3 --group id --max-gap 20s --on-bad skip
	ae-window --size 3 --group id --max-gap 20s --on-bad skip -c long.aes 2>err.txt >got.csv
	grep -q '^ae-window: long.aes: row [0-9]*: time .* runs backwards' err.txt
	[ "$(wc -l <got.csv)" -eq $((201 - $(sed -n 's/^ae-window: \([0-9]*\) bad rows left out.*/\1/p' err.txt))) ]
	printf 'time,a\nsoon,1\n' | expect_error 1 '<stdin>: line 2: time "soon" is neither like 2026-11-27T18:49:00Z nor seconds since 1970, of the years 0 to 9999; --on-bad *' ae-window --size 2 --max-gap 5s
	printf 'id,a\nm,1\n' | expect_error 1 '<stdin>: --max-gap: no column of role "time": where the text is read, --time COL says which it is' ae-window --size 2 --max-gap 5s
	expect_error 2 '--max-gap 5: expected a time such as 500ms, 90s, 15m, 1.5h or 7d, above 0' ae-window --size 2 --max-gap 5 back.csv
	expect_error 2 '--max-gap 0s: expected *' ae-window --size 2 --max-gap 0s back.csv
	# without --max-gap no time is read
	ae-window --size 2 --group id -o w.aes back.csv
}

@test "ae-window: times without seconds, and dates, are read; a run that leaves out every row says so" {
	printf 'time,a\n2026-03-01T00:00,1\n2026-03-01 00:04,2\n2026-03-01T00:10Z,3\n2026-03-02,4\n' >minutes.csv
	ae-window -q --size 2 --max-gap 5m -c minutes.csv | cut -d, -f2- | paste -sd ' ' |
		grep -qx 'x.1.a,x.2.a nan,nan 1,2 nan,nan nan,nan'
	printf 'time,a\n1 March,1\n2 March,2\n' >odd.csv
	ae-window --size 2 --max-gap 5m --on-bad skip -o w.aes odd.csv 2>err.txt
	grep -qx 'ae-window: 2 bad rows left out: not one row is left' err.txt
	printf 'time,a\n1,x\n2,y\n' | ae-cat --time time --on-bad skip 2>err.txt >w.aes
	grep -qx 'ae-cat: 2 bad rows left out: not one row is left' err.txt
	printf 'time,a\n1,\n2,\n' | ae-cat --time time --missing skip 2>err.txt >w.aes
	grep -qx 'ae-cat: 2 rows with missing values left out: not one row is left' err.txt
}

@test "ae-window: a window that is longer than any group is said" {
	printf 'id,a\nm,1\nn,2\nm,3\n' >short.csv
	ae-window --size 3 --group id -o w.aes short.csv 2>err.txt
	[ "$(<err.txt)" = 'ae-window: no window: no group has 3 rows' ]
	ae-window --size 4 --drop-incomplete -o w.aes short.csv 2>err.txt
	[ "$(<err.txt)" = 'ae-window: no window: no stream has 4 rows' ]
	ae-window --size 2 --group id -o w.aes short.csv 2>err.txt
	[ ! -s err.txt ]
}

@test "ae-window --group: a column of numbers, a role, a name that is not there" {
	printf 'machine,a\n1,10\n2,20\n1,11\n' >g.csv
	[ "$(ae-window --size 2 --pass machine --group machine --drop-incomplete -c g.csv | tail -n 1)" = 1,10,11 ]
	[ "$(ae-window --size 2 --id machine --group id --drop-incomplete -c g.csv | tail -n 1)" = 1,10,11 ]
	expect_error 1 'g.csv: --group: no column "machin"; the nearest is "machine"' ae-window --size 2 --pass machine --group machin g.csv
	expect_error 1 'g.csv: --group: "a" is an input: --id or --pass makes it a column of its own' ae-window --size 2 --pass machine --group a g.csv
	expect_error 1 'g.csv: --group: no column "plant"' ae-window --size 2 --pass machine --group plant g.csv
	printf '"a, b",u,u,v\n1,2,3,4\n1,2,3,5\n' >q.csv
	[ "$(ae-window --size 2 --pass 1-3 --group '"a, b"' --drop-incomplete -c q.csv | tail -n 1)" = 1,2,3,4,5 ]
	expect_error 1 'q.csv: --group: columns 2 and 3 of the stream are both called "u"' ae-window --size 2 --pass 1-3 --group u q.csv
	expect_error 1 '*: --group: column "x" has several values a row' ae-window --size 2 --group x "$F/test.aes"
}

@test "ae-window: what no window can be made of" {
	expect_error 1 '*: there is a recon of single rows: use ae-window before what made it' ae-window --size 2 "$F/test.r.aes"
	ae-noise --mask 0.1 "$F/test.n.aes" >noisy.aes
	expect_error 1 'noisy.aes: there is a target of single rows: *' ae-window --size 2 noisy.aes
	ae-window --size 2 "$F/test.n.aes" >w.aes
	expect_error 1 'w.aes: x has the shape \[2,140]: *' ae-window --size 2 w.aes
	expect_error 1 '*: no column of role x*' ae-window --size 2 "$F/test.e.aes"
	printf 'P5 2 1 255\n\1\2P5 2 1 255\n\3\4' >two.pgm
	expect_error 1 'two.pgm: x has the shape *' ae-window --size 2 two.pgm
	{
		printf '\x94\xa4AEST\x01\x81\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa2u8\xa5shape\x90\xc0'
		printf '\x94\x01\x02\xc4\x02\x00\xff\xc0\x93\x02\x81\xa4rows\x02\xc0'
	} >u8.aes
	expect_error 1 'u8.aes: x is integers, which cannot be missing: *' ae-window --size 2 u8.aes
	ae-window --size 2 --drop-incomplete -c u8.aes | tail -n 1 | grep -qx 0,255
}

@test "ae-window: a window is scored at its last row, with the scaler before or after" {
	rows 400 >rows.csv
	ae-normalize --pass label --fit standard rows.csv | ae-window --size 5 --group id --drop-incomplete |
		ae-train -q --net 10-4-10 --epochs 3 -m w.aem
	ae-normalize -m w.aem --pass label rows.csv | ae-window --size 5 --group id | ae-recon -m w.aem | ae-err |
		ae-thresh --at 1 >verdicts.csv
	[ "$(wc -l <verdicts.csv)" -eq 401 ]
	[ "$(cut -d, -f1,2 verdicts.csv)" = "$(cut -d, -f1,2 rows.csv)" ]
	# three groups of four rows without a window
	[ "$(tail -n +2 verdicts.csv | grep -c 'nan,$')" -eq 12 ]
	ae-normalize -m w.aem --pass label rows.csv | ae-window -m w.aem | ae-recon -m w.aem | ae-err | ae-thresh --at 1 | cmp - verdicts.csv
	# live: each row is answered before the next one comes
	mkfifo feed
	ae-window --size 2 -c <feed | cat >live.csv &
	exec 9>feed
	printf 'a\n1\n2\n' >&9
	eventually has_lines live.csv 3
	exec 9>&-
	wait
}

@test "ae-window: a row of missing values is missing in every window that has it" {
	printf 'a,b\n1,2\n,\n3,4\n5,6\n' | ae-window --missing mask --size 2 -c | paste -sd ' ' >got
	[ "$(<got)" = 'x.1.a,x.1.b,x.2.a,x.2.b nan,nan,nan,nan 1,2,nan,nan nan,nan,3,4 3,4,5,6' ]
}

@test "ae-window: a cut stream is an error" {
	same_for_cuts "$F/test.n.aes" ae-window --size 3
	same_for_cuts "$F/test.n.aes" ae-window --size 3 -c
}

@test "ae-window: streams of a header alone, and stopped ones, stay so" {
	ae-cat --head 0 "$F/test.n.aes" | ae-window --size 3 --drop-incomplete >none.aes
	has_end none.aes
	[ "$(ae-info --count none.aes)" -eq 0 ]
	stopped_stream "$F/test.aes" stopped.aes
	ae-window --size 2 stopped.aes >out.aes
	is_stopped out.aes
}

@test "ae-window: /dev/full is an error, a reader that has gone ends it quietly" {
	expect_error 1 '<stdout>: No space left on device' full ae-window --size 2 "$F/test.n.aes"
	quiet_when_closed ae-window --size 2 "$F/test.n.aes"
}

@test "ae-window: clean under valgrind" {
	rows 100 | ae-cat >rows.aes
	valgrind_clean ae-window --size 3 --stride 2 --group id --max-groups 2 --drop-incomplete -q rows.aes >out.aes
	valgrind_clean ae-window --size 2 --group id --max-groups 2 -o two.aes rows.aes rows.aes
	ae-window --size 3 --stride 2 --group id --max-groups 2 --drop-incomplete -q rows.aes | cmp - out.aes
}
