#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-decode: latent through the second half of a model gives recon.
load helpers
load scoring

setup_file() {
	scoring_fixture
	ae-encode -m "$F/m.aem" -o "$F/test.l.aes" "$F/test.n.aes"
}

@test "ae-decode: --help, --version, unknown options" {
	check_manners ae-decode
}

# bats test_tags=threads
@test "ae-decode: what all programs that apply a model do" {
	check_apply ae-decode latent "$F/test.l.aes"
}

@test "ae-decode: knows no --scaled, for latent is never scaled" {
	expect_error 2 'unknown option --scaled*' ae-decode -m "$F/m.aem" --scaled "$F/test.l.aes"
}

@test "ae-decode: gives PyTorch's numbers" {
	small ae-encode | ae-decode -m "$SMALL" | ae-cat -c --cols recon >recon.csv
	near 1e-6 "$ROOT/tests/expected/small.recon.csv" recon.csv
}

@test "ae-decode: PyTorch's latent as text gives PyTorch's reconstruction" {
	ae-decode -m "$SMALL" -c "$ROOT/tests/expected/small.latent.csv" >recon.csv
	near 1e-5 "$ROOT/tests/expected/small.recon.csv" recon.csv
}

@test "ae-decode: latent goes, recon comes last with the model's names, all else passes byte for byte and in order" {
	small ae-encode >l.aes
	ae-decode -m "$SMALL" -o r.aes l.aes
	[ "$(ae-cat -c r.aes | head -n 1)" = "id,time,plant,label,$(head -n 1 "$ROOT/tests/expected/small.recon.csv")" ]
	same 'ae-cat -c --cols id,time,pass,label r.aes' 'ae-cat -c --cols id,time,pass,label l.aes'
	ae-info r.aes | grep -qE '^ +recon +recon +f32 +\[9\] "recon.speed" to "recon.volt"$'
}

@test "ae-decode: after ae-encode it equals ae-recon to the bit" {
	ae-decode -m "$F/m.aem" "$F/test.l.aes" | ae-cat -c --cols recon >two.csv
	ae-cat -c --cols recon "$F/test.r.aes" | cmp - two.csv
}

@test "ae-decode: recon can be brought back to the original units" {
	ae-decode -m "$F/m.aem" "$F/test.l.aes" | ae-normalize --invert | ae-cat -c --cols recon >two.csv
	ae-normalize --invert "$F/test.r.aes" | ae-cat -c --cols recon | cmp - two.csv
}

@test "ae-decode: CSV, TSV and AEST give the same output" {
	ae-cat -c "$F/test.l.aes" >l.csv
	ae-cat -t "$F/test.l.aes" >l.tsv
	ae-decode -m "$F/m.aem" "$F/test.l.aes" >from-aest.aes
	ae-decode -m "$F/m.aem" -c "$F/test.l.aes" >from-aest.csv
	ae-decode -m "$F/m.aem" --f32 -c l.csv | cmp - from-aest.csv
	ae-decode -m "$F/m.aem" -c l.csv | cmp - from-aest.csv
	ae-decode -m "$F/m.aem" -I tsv -c l.tsv | cmp - from-aest.csv
	ae-decode -m "$F/m.aem" --f32 l.csv >from-text.aes
	same_stream from-text.aes from-aest.aes
}

@test "ae-decode: latent of another model is refused, one of the same shape too" {
	ae-train -q --net 140-4-140 --epochs 1 -m other.aem "$F/train.n.aes"
	expect_error 1 "$F/test.l.aes: latent was not made with other.aem" ae-decode -m other.aem "$F/test.l.aes"
	# the same model with a threshold is the same network
	same "ae-decode -m $F/bare.aem $F/test.l.aes" "ae-decode -m $F/m.aem $F/test.l.aes"
	# a stream that does not say where its latent is from
	ae-cat -c --cols latent -o l.csv "$F/test.l.aes"
	ae-cat -o made.aes l.csv
	expect_error 1 "made.aes: latent was not made with $F/m.aem" ae-decode -m "$F/m.aem" made.aes
}

@test "ae-decode: latent of another shape, and a stream without latent, are refused" {
	printf 'latent.1,latent.2\n1,2\n' >two.csv
	expect_error 1 'two.csv: column "latent": expected 4 values of shape \[4\], got 2 of shape \[2\]' ae-decode -m "$F/m.aem" two.csv
	expect_error 1 "$F/test.n.aes: no column of role latent; the stream has: x, label; ae-recon --latent and ae-encode make it" ae-decode -m "$F/m.aem" "$F/test.n.aes"
}

@test "ae-decode: a row without latent has no reconstruction" {
	printf 'latent.1,latent.2,latent.3,latent.4\n,,,\n1,2,3,4\n1,,3,4\n' >l.csv
	ae-decode --missing=mask -m "$SMALL" -c l.csv >r.csv
	[ "$(sed -n 2p r.csv)" = nan,nan,nan,nan,nan,nan,nan,nan,nan ]
	[ "$(sed -n 4p r.csv)" = nan,nan,nan,nan,nan,nan,nan,nan,nan ]
	[ "$(grep -c nan r.csv)" -eq 2 ]
}
