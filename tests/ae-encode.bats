#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-encode: x through the first half of a model gives latent.
load helpers
load fixture

@test "ae-encode: --help, --version, unknown options" {
	check_manners ae-encode
}

# bats test_tags=threads
@test "ae-encode: what all programs that apply a model do" {
	check_apply ae-encode x "$F/test.n.aes"
}

@test "ae-encode: gives PyTorch's numbers" {
	small | ae-encode -m "$SMALL" | ae-cat -c --cols latent >latent.csv
	near 5e-6 "$ROOT/tests/expected/small.latent.csv" latent.csv
}

@test "ae-encode: x goes, latent comes last, all else passes byte for byte and in order" {
	small >n.aes
	ae-encode -m "$SMALL" -o l.aes n.aes
	[ "$(ae-cat -c l.aes | head -n 1)" = id,time,plant,label,latent.1,latent.2,latent.3,latent.4 ]
	same 'ae-cat -c --cols id,time,pass,label l.aes' 'ae-cat -c --cols id,time,pass,label n.aes'
	ae-info l.aes | grep -qE '^ +latent +latent +f32 +\[4\]$'
}

@test "ae-encode: with ae-decode it equals ae-recon to the bit" {
	local net
	ae-encode -m "$F/m.aem" --keep "$F/test.n.aes" | ae-decode -m "$F/m.aem" | ae-cat --cols x,label,recon -o two.aes
	cmp two.aes "$F/test.r.aes"
	small | ae-encode --keep -m "$SMALL" | ae-decode -m "$SMALL" |
		ae-cat -c --cols recon >two.csv
	small | ae-recon -m "$SMALL" | ae-cat -c --cols recon | cmp - two.csv
	for net in '140-8|32-140' '140-32-8|140' 'dense 8 relu, dense 3 | dense 140 sigmoid' 'dense 8 | dense 3, dense 140' 'dense 140 |'; do
		ae-train -q --net "$net" --epochs 1 -m n.aem "$F/train.n.aes"
		ae-encode -m n.aem "$F/test.n.aes" | ae-decode -m n.aem | ae-cat -c --cols recon >two.csv
		ae-recon -m n.aem "$F/test.n.aes" | ae-cat -c --cols recon | cmp - two.csv
	done
}

@test "ae-encode: the cut is at |, else after the narrowest layer, the first of them" {
	local net
	for net in '140-8|32-140:8' '140-32|8-140:32' '140-16-4-16-140:4' '140-8-16-8-140:8' 'dense 9, dense 5 | dense 140:5'; do
		ae-train -q --net "${net%:*}" --epochs 1 -m n.aem "$F/train.n.aes"
		ae-encode -m n.aem "$F/test.n.aes" | ae-info | grep -qE "^ +latent +latent +f32 +\[${net##*:}\]$"
	done
}

@test "ae-encode: the shape of latent in text reads back" {
	ae-encode -m "$F/m.aem" -c "$F/test.n.aes" >l.csv
	ae-cat -c l.csv | cmp - l.csv
	ae-cat --f32 l.csv | ae-info | grep -qE '^ +latent +latent +f32 +\[4\]$'
}

@test "ae-encode: CSV, TSV and AEST give the same output" {
	ae-encode -m "$F/m.aem" "$F/test.n.aes" >from-aest.aes
	ae-cat -c "$F/test.n.aes" >n.csv
	ae-cat -t "$F/test.n.aes" >n.tsv
	ae-encode -m "$F/m.aem" --scaled --f32 n.csv >from-text.aes
	same_stream from-text.aes from-aest.aes
	ae-encode -m "$F/m.aem" --scaled --f32 -I tsv n.tsv >from-text.aes
	same_stream from-text.aes from-aest.aes
	same "ae-encode -m $F/m.aem --scaled -c n.csv" "ae-encode -m $F/m.aem -c $F/test.n.aes"
}

@test "ae-encode: an x of another shape, and a stream without x, are refused" {
	cut -d, -f1-139 "$F/beats.csv" >narrow.csv
	expect_error 1 'narrow.csv: column "x": expected 140 values of shape \[140\], got 139 of shape \[139\]' \
		ae-encode -H --scaled -m "$F/m.aem" narrow.csv
	expect_error 1 "$F/test.e.aes: no column of role x; the stream has: label, err" ae-encode -m "$F/m.aem" "$F/test.e.aes"
	printf 'a,b,c\n0.1,0.2,0.3\n' >abc.csv
	printf 'b,a,c\n0.2,0.1,0.3\n' >bac.csv
	ae-train -q --net 3-2-3 --epochs 1 -m abc.aem abc.csv
	same 'ae-encode -m abc.aem bac.csv' 'ae-encode -m abc.aem abc.csv'
	printf 'b,A,c\n0.2,0.1,0.3\n' >bAc.csv
	expect_error 1 'bAc.csv: line 1: no column "a", which the model takes' ae-encode -m abc.aem bAc.csv
	expect_error 1 'bAc.csv: x has no feature "a", which the model has' ae-encode -m abc.aem --x b,A,c bAc.csv
}

@test "ae-encode: unscaled x, and x of another scaler, are refused, the remedy named" {
	expect_error 1 "* x is not scaled*pipe it through ae-normalize -m $F/m.aem" ae-encode -m "$F/m.aem" "$F/test.aes"
	ae-normalize --fit standard -o other.aes "$F/test.aes"
	expect_error 1 "* another scaler than the model's*ae-normalize -m $F/m.aem" ae-encode -m "$F/m.aem" other.aes
	ae-cat -c -o n.csv "$F/test.n.aes"
	expect_error 1 'n.csv: text does not say how x was scaled: *--scaled*' ae-encode -m "$F/m.aem" n.csv
}

@test "ae-encode: a row without all its values has no latent" {
	small | ae-cat -c | sed '2s/,[^,]*,\([^,]*\)$/,,\1/' >holes.csv
	ae-encode --missing=mask --scaled --id id --time time --pass plant -m "$SMALL" holes.csv |
		ae-cat -c --cols latent >out.csv
	[ "$(sed -n 2p out.csv)" = nan,nan,nan,nan ]
	near 5e-6 <(sed 2d "$ROOT/tests/expected/small.latent.csv") <(sed 2d out.csv)
}
