#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Where an error comes from: ae-err --per-feature, --top K with and without -m; and errors without a model, --of x.
load helpers
load fixture

# Two rows held against their x by hand.
two_rows() {
	printf 'id,a,b,c,recon.a,recon.b,recon.c\nu1,1,2,3,1,5,7\nu2,1,2,3,1,2,3\n'
}

# ---- --per-feature ----

@test "ae-err --per-feature: a second err in the shape of x, absolute or squared" {
	[ "$(two_rows | ae-err -c --metric mae --per-feature)" = $'id,err,err.a,err.b,err.c\nu1,2.3333333333333335,0,3,4\nu2,0,0,0,0' ]
	[ "$(two_rows | ae-err -c --metric mse --per-feature)" = $'id,err,err.a,err.b,err.c\nu1,8.333333333333334,0,9,16\nu2,0,0,0,0' ]
	[ "$(two_rows | ae-err -c --metric rmse --per-feature | sed -n 2p)" = u1,2.886751345948129,0,3,4 ]
	[ "$(two_rows | ae-err -c --metric max --per-feature | sed -n 2p)" = u1,4,0,3,4 ]
}

@test "ae-err --per-feature: ae-thresh takes the score, not the features" {
	[ "$(two_rows | ae-err --per-feature --metric max | ae-thresh --at 3 | cut -d, -f1,6)" = $'id,pred\nu1,1\nu2,0' ]
	two_rows | ae-err -c --per-feature --metric max | ae-thresh --at 3 >from-text.csv
	two_rows | ae-err --per-feature --metric max | ae-thresh --at 3 | cmp - from-text.csv
}

@test "ae-err --per-feature: text reads back as what it was" {
	two_rows | ae-err --per-feature -o e.aes
	same 'ae-cat -c e.aes | ae-cat -c' 'ae-cat -c e.aes'
	ae-cat -c e.aes | ae-info | grep -qE '^ +err +err +f64 +\[3\] "err.a" to "err.c"$'
}

@test "ae-err --per-feature: the mean of the features is the score" {
	ae-err --per-feature --metric mae "$F/test.r.aes" -c | awk -F, '
		NR > 1 {
			sum = 0
			for (i = 3; i <= NF; i++)
				sum += $i
			gap = sum / 140 - $2
			if (NF != 142 || gap > 1e-12 || gap < -1e-12)
				exit 1
		}'
}

# ---- --top ----

@test "ae-err --top K: the features that the error comes from, and their shares, the largest first" {
	[ "$(two_rows | ae-err -c --metric mae --top 2)" = "id,err,top1,top1_share,top2,top2_share
u1,2.3333333333333335,c,0.64,b,0.36
u2,0,a,0,b,0" ]
	[ "$(two_rows | ae-err -c --top 3 | sed -n 2p | cut -d, -f3-)" = c,0.64,b,0.36,a,0 ]
	# the shares do not depend on the metric
	same 'two_rows | ae-err -c --metric mae --top 3 | cut -d, -f3-' 'two_rows | ae-err -c --metric max --top 3 | cut -d, -f3-'
}

@test "ae-err --top K: unnamed inputs are named by their number" {
	printf 'x.1,x.2,recon.1,recon.2\n1,2,1,4\n' | ae-err -c --top 1 >out.csv
	[ "$(<out.csv)" = $'err,top1,top1_share\n2,x.2,1' ]
}

@test "ae-err --top K: columns of role pass, text and numbers, that later programs carry" {
	two_rows | ae-err --top 1 --metric max | ae-thresh --at 3 -O aest >v.aes
	ae-info v.aes | grep -qE '^ +top1 +pass +text +\[\]$'
	ae-info v.aes | grep -qE '^ +top1_share +pass +f64 +\[\]$'
	[ "$(ae-cat -c --where pred=1 v.aes)" = $'id,err,top1,top1_share,pred\nu1,4,c,0.64,1' ]
}

@test "ae-err --top K: more than there are features, more than 16, none" {
	expect_error 1 '*--top 4: there are 3 features' ae-err --top 4 <(two_rows)
	expect_error 2 '--top 17: expected a whole number from * to 16' ae-err --top 17 <(two_rows)
	expect_error 2 '--top -1: expected a whole number from * to 16' ae-err --top -1 <(two_rows)
	expect_error 2 '--top x: expected a whole number from * to 16' ae-err --top x <(two_rows)
}

@test "ae-err --top K: a row that was not computed names no feature" {
	ae-err -c --missing=mask --top 2 <(printf 'id,a,b,recon.a,recon.b\nu1,nan,1,nan,nan\nu2,1,2,1,4\nu3,,2,1,4\n') >out.csv
	[ "$(sed -n 2p out.csv)" = u1,nan,,nan,,nan ]
	[ "$(sed -n 3p out.csv)" = u2,2,b,1,a,0 ]
	[ "$(sed -n 4p out.csv | cut -d, -f3,4)" = b,1 ] # a is missing there, so nothing is known of it
}

# A noisy sensor and a still one. A network that has learnt nothing, its output between 0 and 1, misses the noisy one by more.
pump() {
	awk -v rows="$1" 'BEGIN {
		print "noisy,still"
		for (n = 0; n < rows; n++)
			print 0.5 + (n * 7919 % 101 - 50) * 0.1 "," 0.5 + (n * 104729 % 103 - 51) * 0.002
	}'
}

@test "ae-err --top K -m FILE: each gap counts in units of what is usual in training" {
	pump 200 >train.csv
	ae-train -q --net 2-1-2 --out sigmoid --force --lr 0 --epochs 1 -m m.aem train.csv
	printf 'noisy,still,recon.noisy,recon.still\n0,0,2,1\n' >live.csv
	# by size the noisy sensor comes first, by what is usual the still one
	[ "$(ae-err -c --top 2 live.csv)" = $'err,top1,top1_share,top2,top2_share\n2.5,noisy,0.8,still,0.2' ]
	ae-err -c --top 2 -m m.aem live.csv >units.csv
	[ "$(sed -n 2p units.csv | cut -d, -f2)" = still ]
	# the same from the numbers that the training rows give: root mean squares of the gaps
	ae-recon -m m.aem train.csv | ae-err -c --metric mse --per-feature |
		awk -F, 'NR > 1 { a += $2; b += $3 } END { printf "%.17g %.17g\n", a / (NR - 1), b / (NR - 1) }' >squares
	awk '{ a = 4 / $1; b = 1 / $2; printf "%.6f\n", b / (a + b) }' squares >wanted
	[ "$(sed -n 2p units.csv | cut -d, -f3 | awk '{ printf "%.6f\n", $1 }')" = "$(<wanted)" ]
}

@test "ae-err --top K -m FILE: a model of other features, or without statistics, is refused" {
	pump 20 >train.csv
	ae-train -q --net 2-1-2 --epochs 1 -m two.aem train.csv
	expect_error 1 '*two.aem: holds training errors of 2 features, but there are 3' ae-err --top 1 -m two.aem <(two_rows)
	ae-normalize --fit minmax --save scaler.aem train.csv >scaled.aes
	expect_error 1 '*scaler.aem: holds no network; ae-train writes files that do' ae-err --top 1 -m scaler.aem <(two_rows)
	expect_error 1 '*nowhere.aem: No such file or directory' ae-err --top 1 -m nowhere.aem <(two_rows)
}

@test "ae-err --top: the same in any batches, from CSV and AEST" {
	same_for_batches "$F/test.r.aes" ae-err --top 3 -m "$F/m.aem" --per-feature
	ae-cat -c "$F/test.r.aes" | ae-err -c --metric mae --top 3 -m "$F/m.aem" >from-text.csv
	ae-err -c --metric mae --top 3 -m "$F/m.aem" "$F/test.r.aes" | cmp - from-text.csv
}

# ---- --of x ----

@test "ae-err --of x: the input against the target, without a model" {
	printf 'id,a,b,target.a,target.b\nu1,1,2,1,5\n' >t.csv
	[ "$(ae-err -c --of x --metric max t.csv)" = $'id,err\nu1,3' ]
	[ "$(ae-err -c --of x --per-feature --top 1 t.csv)" = $'id,err,err.a,err.b,top1,top1_share\nu1,4.5,0,9,b,1' ]
	printf 'a,b,target.a,target.b,recon.a,recon.b\n1,2,1,5,9,9\n' >r.csv
	[ "$(ae-err -c --of x --metric max r.csv)" = $'err\n3' ] # recon is left alone
	[ "$(ae-err -c --metric max r.csv)" = $'err\n8' ]
	expect_error 1 '*: no column of role target; the stream has: id, x, *' ae-err --of x <(two_rows)
	expect_error 2 '--of recon: *' ae-err --of recon t.csv
}

@test "ae-err --of x: what ae-noise did" {
	ae-noise --gaussian 0.05 --seed 1 "$F/test.n.aes" | ae-err --of x --metric rmse | ae-cat -c --cols err >e.csv
	[ "$(rows_of e.csv)" -eq 120 ]
	awk 'NR > 1 { sum += $1 } END { mean = sum / (NR - 1); exit !(mean > 0.049 && mean < 0.051) }' e.csv
}
