#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# bats file_tags=threads
# Values that f32 cannot hold: an absurd reading is an anomaly, and the rows around it are scored as ever.
load helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	awk 'BEGIN { srand(1); print "id,a,b,c"; for (i = 0; i < 100; i++) {
		u = rand(); printf "%d,%.3f,%.3f,%.3f\n", i, u, 2 * u, 3 + rand() } }' >good.csv
	local method
	for method in standard minmax robust maxabs; do
		ae-normalize -q --fit $method good.csv | ae-train -q --net 3-2-3 --epochs 5 -m $method.aem
	done
	ae-normalize --fit div:4 good.csv | ae-train -q --net 3-2-3 --epochs 5 -m div.aem
	ae-train -q --net 3-2-3 --epochs 5 -m unscaled.aem good.csv
	# Steps of a million leave weights of a million: 1e30 overflows inside.
	ae-train -q --net 3-2-2-3 --act linear --lr 1e6 --epochs 1 --batch 100 -m wild.aem good.csv
	F=$BATS_FILE_TMPDIR
	export F
}

# scores MODEL FILE [OPTION...]: the scored rows, with x and recon.
scores() {
	local scaler=(ae-normalize -m "$F/$1.aem")
	case $1 in
	unscaled | wild) scaler=(ae-cat) ;;
	esac
	"${scaler[@]}" "$2" | ae-recon -m "$F/$1.aem" | ae-err --keep "${@:3}"
}

# absurd VALUE: rows with it in the second one's a and the last one's c.
absurd() {
	printf 'id,a,b,c\n1,0.1,0.2,3.5\n2,%s,0.4,3.5\n3,0.3,0.6,3.5\n4,0.3,0.6,%s\n' "$1" "$1"
}

@test "beyond f32: the row is an anomaly, its neighbours have the scores that they have without it" {
	local model value metric
	for model in standard minmax robust maxabs div unscaled wild; do
		for value in 1.7976931348623157e308 -1.7976931348623157e308 1e39 -3e38 1e31 1.0000001e30 -1e30; do
			for metric in mae mse rmse max cosine; do
				absurd $value >rows.csv
				scores $model rows.csv --metric $metric -c 2>notes >got.csv
				sed '/^id\|^[13],/!d' rows.csv >ordinary.csv
				scores $model ordinary.csv --metric $metric -c | cmp - <(sed '/^id\|^[13],/!d' got.csv)
				[ "$(grep -ci 'inf\|nan' got.csv)" -eq 0 ]
				ae-thresh --at 1e20 got.csv | ae-cat -c --cols id,pred | sed '/^[13],/d' |
					cmp - <(printf 'id,pred\n2,1\n4,1\n')
			done
		done
	done 2>err.txt || {
		cat err.txt
		false
	}
}

@test "beyond f32: the first is noted at once, their number at the end, and -q says nothing" {
	absurd 1e300 >rows.csv
	ae-normalize -m "$F/minmax.aem" rows.csv 2>notes >n.aes
	diff notes - <<-'NOTES'
		ae-normalize: rows.csv: line 3, column "a": beyond f32, taken as 1e30
		ae-normalize: 2 values beyond f32 were taken as 1e30
	NOTES
	ae-recon -m "$F/minmax.aem" n.aes 2>notes >r.aes
	[ ! -s notes ]
	ae-err r.aes 2>notes | ae-thresh --at 1 >verdicts.csv 2>>notes
	[ ! -s notes ]
	ae-recon -m "$F/unscaled.aem" <(head -n 3 rows.csv) 2>notes >r.aes
	[ "$(sed -n 2p notes)" = 'ae-recon: 1 value beyond f32 was taken as 1e30' ]
	ae-recon -q -m "$F/unscaled.aem" rows.csv 2>notes >r.aes
	[ ! -s notes ]
	ae-recon -m "$F/wild.aem" rows.csv 2>&1 >r.aes | head -n 1 >notes
	[ "$(<notes)" = 'ae-recon: rows.csv: line 3, column "a": beyond f32, taken as 1e30' ]
	printf 'a,b,c\n1,1,1\n1e30,1,1\n' | ae-recon -m "$F/wild.aem" 2>notes >r.aes
	[ "$(sed -n 1p notes)" = 'ae-recon: <stdin>: line 3: beyond f32 inside the network, taken as 1e30' ]
	[[ $(sed -n 2p notes) == 'ae-recon: '*' values beyond f32 were taken as 1e30' ]]
}

@test "beyond f32: a live feed goes on, the first note comes at once" {
	mkfifo feed
	(ae-normalize -c -m "$F/standard.aem" <feed 2>notes | cat >out.csv) &
	local filter=$!
	exec 8>feed
	absurd 1e300 >&8
	local tries=0
	until grep -q '^4,' out.csv && [ -s notes ]; do
		sleep 0.1
		[ $((++tries)) -lt 300 ]
	done
	[ "$(<notes)" = 'ae-normalize: <stdin>: line 3, column "a": beyond f32, taken as 1e30' ]
	exec 8>&-
	wait $filter
}

@test "beyond f32: batches, threads and neighbours change no bit, with missing values too" {
	local model
	for model in standard unscaled wild; do
		{
			absurd 1e300
			absurd -1e308 | tail -n +2
			echo 9,,1,2
			tail -n 60 "$F/good.csv"
			absurd 1e35 | tail -n +2
		} >rows.csv
		scaled=rows.csv
		if [ $model = standard ]; then
			ae-normalize -q --missing=mask -m "$F/$model.aem" rows.csv >n.aes
			scaled=n.aes
		fi
		ae-recon -q --missing=mask -m "$F/$model.aem" $scaled | ae-cat --batch-rows 512 >wanted.aes
		for rows in 1 2 7 16 17; do
			ae-cat --missing=mask --batch-rows $rows $scaled | ae-recon -q -j 3 -m "$F/$model.aem" |
				ae-cat --batch-rows 512 | cmp - wanted.aes
		done
		ae-recon -q --missing=mask -m "$F/$model.aem" --f32 -c <(ae-cat -c --missing=mask $scaled) --scaled \
			2>/dev/null | cmp - <(ae-cat -c wanted.aes) || [ $model != standard ]
	done
}

@test "beyond f32: encoder and decoder give what the model gives" {
	local model
	for model in unscaled wild; do
		absurd -1e300 >rows.csv
		ae-encode -q -m "$F/$model.aem" rows.csv | ae-decode -q -m "$F/$model.aem" >halves.aes
		ae-recon -q -m "$F/$model.aem" rows.csv | ae-cat --cols id,recon | cmp - halves.aes
	done
	printf 'latent.1,latent.2\n1e300,-1e300\n1,2\n' >latent.csv
	ae-decode -m "$F/unscaled.aem" latent.csv 2>notes >r.aes
	[ "$(sed -n 2p notes)" = 'ae-decode: 2 values beyond f32 were taken as 1e30' ]
}

@test "beyond f32: inside the network each layer's overflow is 1e30, as plain sums in NumPy have it" {
	/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip 'no NumPy'
	printf 'a,b,c\n0,0,0\n1,0,0\n0,1,0\n0,0,1\n' >axes.csv
	printf 'latent.1\n0\n1\n' >latents.csv
	absurd -1.5e308 | cut -d, -f2- >rows.csv
	# 1e30 times weights of 1e5 twice overflows before the latent; 1e30 times 1e5 after it does not.
	ae-train -q --net 'dense 1, dense 1 | dense 3' --lr 1e5 --epochs 1 --batch 100 -m two.aem "$F/good.csv"
	ae-encode -m two.aem -c axes.csv >first.csv
	ae-decode -m two.aem -c latents.csv >second.csv
	ae-recon -q -m two.aem -c rows.csv >got.csv
	/usr/bin/python3 - <<-'END'
		import numpy as np

		def table(path, columns):
		    with open(path) as f:
		        names = f.readline().strip().split(",")
		        rows = [line.strip().split(",") for line in f]
		    return np.array([[float(r[i]) for i, n in enumerate(names) if n.startswith(columns)] for r in rows])

		def layer(x, probe):
		    y = x @ (probe[1:] - probe[0]) + probe[0]
		    return np.where(np.abs(y) < 3.4e38, y, np.sign(y) * 1e30)

		x = np.clip(table("rows.csv", ("a", "b", "c")), -1e30, 1e30)
		latent = layer(x, table("first.csv", "latent."))
		wanted = layer(latent, table("second.csv", "recon."))
		got = table("got.csv", "recon.")
		assert (np.abs(latent[[1, 3]]) == 1e30).all() and (np.abs(wanted[[1, 3]]) > 1e34).all()
		assert np.allclose(got[[1, 3]], wanted[[1, 3]], rtol=1e-3, atol=0), (got, wanted)
	END
}

@test "beyond f32: random doubles of all sizes: as many verdicts as rows, and finite scores" {
	/usr/bin/python3 -c 'import numpy' 2>/dev/null || skip 'no NumPy'
	/usr/bin/python3 - >rows.csv <<-'END'
		import numpy as np
		rng = np.random.default_rng(7)
		values = rng.integers(0, 2**64, 4000, dtype=np.uint64).view(np.float64)
		values = values[np.isfinite(values)]
		edges = [np.finfo(float).max, 5e-324, 2.2250738585072014e-308, 1e30, 3.4028235677973366e38, 3.4e38, 0.0]
		values = np.concatenate([values, edges, [-e for e in edges]])
		values = values[: len(values) // 3 * 3].reshape(-1, 3)
		print("a,b,c")
		for row in values:
		    print(",".join(repr(float(v)) for v in row))
	END
	local model
	for model in standard minmax robust maxabs div unscaled wild; do
		scores $model rows.csv --per-feature --top 2 2>/dev/null | ae-thresh --at 1e20 -O aest >out.aes
		[ "$(ae-cat -c --cols pred out.aes | sed 1d | grep -c '^[01]$')" -eq $(($(wc -l <rows.csv) - 1)) ]
		[ "$(ae-cat -c out.aes | sed 1d | grep -ci 'inf\|nan')" -eq 0 ]
	done
}

@test "beyond f32: the feature with the absurd reading is named first, in units of training errors too" {
	absurd 1e300 >rows.csv
	scores standard rows.csv --top 2 2>/dev/null | ae-cat -c --cols id,top1 >top.csv
	[ "$(sed -n 3p top.csv)" = 2,a ]
	scores standard rows.csv --top 2 -m "$F/standard.aem" 2>/dev/null | ae-cat -c --cols id,top1 >top.csv
	[ "$(sed -n 3p top.csv)" = 2,a ]
	[ "$(sed -n 5p top.csv)" = 4,c ]
}

@test "beyond f32: a network that copies its input does not call it normal" {
	# One linear unit, and a row of 1e30 alone.
	awk 'BEGIN { print "a"; for (i = 0; i < 64; i++) print i / 64 }' >one.csv
	ae-train -q --net 1-1-1 --act linear --out linear --lr 1e6 --epochs 1 -m copy.aem one.csv
	local value
	for value in 1e300 -1e300; do
		printf 'a\n%s\n' $value | ae-recon -q -m copy.aem | ae-err | ae-thresh --at 1e20 | cut -d, -f2 |
			cmp - <(printf 'pred\n1\n')
	done
}

@test "beyond f32: text says 1e30 as well as AEST, and what is more is no nearer" {
	local metric
	for metric in mae mse rmse max cosine; do
		printf 'a,b,recon.1,recon.2\n1e+30,2,1e+30,2\n-1e+30,2,-1e+30,2\n2,3e38,2,3e38\n1e300,1,1e300,1\n1,2,1,2\n' |
			ae-err --metric $metric | ae-thresh --at 1e20 -c | cut -d, -f2 | tr '\n' ' ' >pred.txt
		[ "$(<pred.txt)" = 'pred 1 1 1 1 0 ' ]
	done
}

@test "beyond f32: ae-noise sets f32 to what f32 holds" {
	yes 0.5 | head -n 40 | paste -sd, | ae-cat -H --f32 | ae-noise --salt-pepper 1 --clip -1e300,1e300 -c >noisy.csv
	[ "$(sed 1d noisy.csv | cut -d, -f1-40 | tr , '\n' | sort -u | paste -sd,)" = -1e+30,1e+30 ]
}

@test "beyond f32: fitting refuses such values and names row and column" {
	absurd 1e300 >rows.csv
	expect_error 1 'rows.csv: line 3, column "a": 1e30 or more, and nothing is fitted on such values: leave the row out' \
		ae-train -q --net 3-2-3 -m no.aem rows.csv
	absurd 1e30 >rows.csv
	expect_error 1 'rows.csv: line 3, column "a": 1e30 or more, *' ae-train -q --net 3-2-3 -m no.aem --f32 rows.csv
	ae-normalize -q -m "$F/minmax.aem" <(absurd -1e300) >n.aes
	expect_error 1 'n.aes: row 2, column "a": 1e30 or more, *' ae-train -q --net 3-2-3 -m no.aem n.aes
	[ ! -e no.aem ]
	# Rows that only validate, too.
	ae-normalize -q --fit minmax "$F/good.csv" >good.aes
	expect_error 1 'n.aes: row 2, column "a": 1e30 or more, *' ae-train -q --net 3-2-3 --epochs 1 -m no.aem --valid n.aes good.aes
	absurd 1e300 >rows.csv
	expect_error 1 'rows.csv: line 3, column "a": 1e30 or more, *' \
		ae-train -q --net 3-2-3 --epochs 1 -m no.aem --valid rows.csv good.aes
	# A row that is left out does no harm.
	ae-train -q --where 'a<1e20' --where 'c<1e20' --net 3-2-3 --epochs 1 -m yes.aem rows.csv
}

@test "beyond f32: no scaler is fitted on 1e30 and more, by any method, whatever it would make of them" {
	local method value
	for value in 1e30 -1e30 1.0000001e30 3e38 -1e300; do
		for method in minmax standard robust maxabs div:1e25; do
			printf '# a log\nid,a,flow\nq,1,2\n# more\nr,3,4\ns,5,%s\nt,1e300,1\n' $value >log.csv
			expect_error 1 'log.csv: line 6, column "flow": 1e30 or more, and nothing is fitted on such values: leave the row out' \
				ae-normalize -q --comment '#' --fit $method log.csv
			ae-cat --comment '#' log.csv >log.aes
			expect_error 1 'log.aes: row 3, column "flow": 1e30 or more, *' ae-normalize -q --fit $method log.aes
			expect_error 1 'log.csv: line 6, column "flow": 1e30 or more, *' \
				ae-train -q --comment '#' --net 2-1-2 -m no.aem log.csv
		done
	done
	printf 'a\n1\n9.9e29\n' | ae-normalize -q --fit maxabs -c | cmp - <(printf 'a\n1.010101e-30\n1\n')
}

@test "beyond f32: places in text are lines, of rows that only validate too" {
	{
		printf '# a log\n'
		head -n 4 "$F/good.csv"
		printf '# more\n8,,1,2\n9,0.5,1e300,3\n'
	} >log.csv
	ae-normalize -q --fit minmax "$F/good.csv" >good.aes
	# minmax of b: 1e300 is beyond f32 after scaling.
	expect_error 1 'log.csv: line 8, column "b": 1e30 or more, *' \
		ae-train -q --comment '#' --missing skip --net 3-2-3 --epochs 1 -m no.aem --valid log.csv good.aes
	expect_error 1 'log.csv: line 8, column "b": 1e30 or more, *' \
		ae-train -q --comment '#' --missing skip --net 3-2-3 --epochs 1 -m no.aem log.csv
	ae-recon --comment '#' --missing skip -m "$F/unscaled.aem" log.csv 2>notes >r.aes
	grep -qx 'ae-recon: log.csv: line 8, column "b": beyond f32, taken as 1e30' notes
	ae-normalize --comment '#' --missing skip -m "$F/minmax.aem" <log.csv 2>notes >r.aes
	grep -qx 'ae-normalize: <stdin>: line 8, column "b": beyond f32, taken as 1e30' notes
	expect_error 1 'log.csv: line 3, column "c": the scaled value is too large for f32' \
		ae-normalize --comment '#' --missing skip --fit div:1e-30 --x c log.csv --pass id,a,b
}

@test "beyond f32: a robust scaler whose rows leave f32 by it, and a target's, are errors" {
	awk 'BEGIN { print "a"; for (i = 0; i < 99; i++) print i * 1e-300; print 1e29 }' >rows.csv
	expect_error 1 'rows.csv: row 100 (header and comments not counted), column "a": the scaled value is too large for f32' ae-normalize -q --fit robust rows.csv
	printf 'a,target.a\n1e-20,1\n2e-20,1e29\n' >target.csv
	expect_error 1 'target.csv: row 2 (header and comments not counted), column "target.a": the scaled value is too large for f32' \
		ae-normalize -q --fit minmax target.csv
}

@test "beyond f32: a column without spread and an absurd reading" {
	printf 'a,b\n1,5\n2,5\n' | ae-normalize -q --fit standard --save s.aem >n.aes
	printf 'a,b\n1,5\n2,-1e308\n1,6\n' | ae-normalize -m s.aem 2>notes | ae-cat -c | cmp - <(printf 'a,b\n-1,0\n1,-1e+30\n-1,1\n')
	grep -q 'line 3, column "b": beyond f32' notes
}

@test "beyond f32: --invert gives finite values, those of the other rows as ever" {
	local model
	for model in standard minmax robust maxabs; do
		absurd 1.7976931348623157e308 >rows.csv
		ae-normalize -q -m "$F/$model.aem" rows.csv | ae-recon -q -m "$F/$model.aem" | ae-normalize --invert >o.aes
		[ "$(ae-cat -c o.aes | grep -ci 'inf\|nan')" -eq 0 ]
		ae-err o.aes | ae-thresh --at 1e20 | ae-cat -c --cols id,pred | sed 1d | tr '\n' ' ' >pred.txt
		[ "$(<pred.txt)" = '1,0 2,1 3,0 4,1 ' ]
	done
	# What stood for "beyond" still does, whatever the scale.
	printf 'a\n1\n2\n' | ae-normalize -q --fit maxabs --save s.aem >n.aes
	printf 'a,recon.a\n1e30,-1e30\n-1e30,1e30\n1e37,-1e300\n0.5,1\n' | ae-normalize --invert -m s.aem -c |
		cmp - <(printf 'a,recon.a\n1e+30,-1e+30\n-1e+30,1e+30\n1e+30,-1e+30\n1,2\n')
}

@test "beyond f32: a network that copies its input does not call it normal after --invert either" {
	awk 'BEGIN { print "a"; for (i = 0; i < 64; i++) print 20 + i / 64 }' >one.csv
	ae-normalize -q --fit standard one.csv | ae-train -q --net 1-1-1 --act linear --out linear --lr 1e6 --epochs 1 -m copy.aem
	local metric
	for metric in mae mse rmse max cosine; do
		printf 'a\n1e308\n-1.79e308\n' | ae-normalize -q -m copy.aem | ae-recon -q -m copy.aem | ae-normalize --invert |
			ae-err --metric $metric | ae-thresh --at 1e20 | cut -d, -f2 | cmp - <(printf 'pred\n1\n1\n')
	done
}

@test "beyond f32: what a bounded activation hides is replaced and noted, in both halves too" {
	awk 'BEGIN { print "a"; for (i = 0; i < 64; i++) print i / 64 }' >one.csv
	# Two weights of a million: 1e29 overflows, and the sigmoid gives 0 or 1 all the same.
	ae-train -q --net 'dense 1, dense 1 | dense 1 sigmoid' --lr 1e6 --epochs 1 -m hidden.aem one.csv
	{
		cat one.csv
		printf '1e29\n2\n-1e29\n'
	} >rows.csv
	ae-recon -m hidden.aem rows.csv 2>notes >whole.aes
	[ "$(sed -n 1p notes)" = 'ae-recon: rows.csv: line 66: beyond f32 inside the network, taken as 1e30' ]
	local rows
	for rows in 1 7 512; do
		ae-cat --batch-rows $rows rows.csv | ae-recon -q -j 2 -m hidden.aem | ae-cat --batch-rows 512 | cmp - whole.aes
	done
	ae-encode -q -m hidden.aem rows.csv >latent.aes
	ae-cat -c --cols latent latent.aes | grep -c '^-\?1e+30$' | cmp - <(echo 2)
	same 'ae-decode -q -m hidden.aem latent.aes' 'ae-cat --cols recon whole.aes'
	# of several inputs too: the row is the one that has the value
	awk 'BEGIN { print "a,b"; for (i = 0; i < 64; i++) print i / 64 "," i / 64 }' >two.csv
	ae-train -q --net 'dense 1, dense 1 | dense 2 sigmoid' --lr 1e6 --epochs 1 -m pair.aem two.csv
	echo '1,1e29' >>two.csv
	ae-recon -m pair.aem two.csv 2>notes >pair.aes
	[ "$(sed -n 1p notes)" = 'ae-recon: two.csv: line 66: beyond f32 inside the network, taken as 1e30' ]
}
