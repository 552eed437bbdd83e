#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-decode: latent through the second half of a model gives recon.
load helpers
load scoring

setup_file() {
	scoring_fixture
	ae-encode -m "$F/m.aem" -o "$F/test.l.aes" "$F/test.n.aes"
}

small() {
	ae-normalize --id id --time time --pass plant -m "$ROOT/tests/expected/small.aem" "$ROOT/tests/expected/small.csv" |
		ae-encode -m "$ROOT/tests/expected/small.aem"
}

full() {
	"$@" >/dev/full
}

@test "ae-decode: --help, --version, unknown options" {
	check_manners ae-decode
}

@test "ae-decode: -m is required, and what is wrong in the arguments alone is status 2" {
	expect_error 2 '-m FILE is required' ae-decode "$F/test.l.aes"
	expect_error 2 '--threads 0: *' ae-decode -m "$F/m.aem" -j 0 "$F/test.l.aes"
	expect_error 2 'unknown option --scaled*' ae-decode -m "$F/m.aem" --scaled "$F/test.l.aes"
}

@test "ae-decode: gives PyTorch's numbers" {
	small | ae-decode -m "$ROOT/tests/expected/small.aem" | ae-cat -c --cols recon >recon.csv
	near 1e-6 "$ROOT/tests/expected/small.recon.csv" recon.csv
}

@test "ae-decode: PyTorch's latent as text gives PyTorch's reconstruction" {
	ae-decode -m "$ROOT/tests/expected/small.aem" -c "$ROOT/tests/expected/small.latent.csv" >recon.csv
	near 1e-5 "$ROOT/tests/expected/small.recon.csv" recon.csv
}

@test "ae-decode: latent goes, recon comes last with the model's names, all else passes byte for byte and in order" {
	small >l.aes
	ae-decode -m "$ROOT/tests/expected/small.aem" -o r.aes l.aes
	[ "$(ae-cat -c r.aes | head -n 1)" = "id,time,plant,label,$(head -n 1 "$ROOT/tests/expected/small.recon.csv")" ]
	cmp <(ae-cat -c --cols id,time,pass,label r.aes) <(ae-cat -c --cols id,time,pass,label l.aes)
	ae-info r.aes | grep -qE '^ +recon +recon +f32 +\[9\] "recon.speed" to "recon.volt"$'
}

@test "ae-decode --keep: latent stays" {
	ae-decode --keep -m "$F/m.aem" -o r.aes "$F/test.l.aes"
	ae-cat --cols label,latent r.aes | ae-cat -c | cmp - <(ae-cat -c "$F/test.l.aes")
	ae-cat -c --cols recon r.aes | cmp - <(ae-decode -m "$F/m.aem" "$F/test.l.aes" | ae-cat -c --cols recon)
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
	ae-decode -m "$F/m.aem" --f32 l.csv | cmp - from-aest.aes
}

@test "ae-decode: --batch-rows 1, 2, 7, 16, 17 and 512 give equal rows" {
	same_for_batches "$F/test.l.aes" ae-decode -m "$F/m.aem"
}

@test "ae-decode: -j changes nothing" {
	ae-decode -m "$F/m.aem" -j 1 "$F/test.l.aes" >one.aes
	ae-decode -m "$F/m.aem" -j 3 "$F/test.l.aes" | cmp - one.aes
}

@test "ae-decode: latent of another model is refused, one of the same shape too" {
	ae-train -q --net 140-4-140 --epochs 1 -m other.aem "$F/train.n.aes"
	expect_error 1 "$F/test.l.aes: latent was not made with other.aem" ae-decode -m other.aem "$F/test.l.aes"
	# the same model with a threshold is the same network
	ae-decode -m "$F/bare.aem" "$F/test.l.aes" | cmp - <(ae-decode -m "$F/m.aem" "$F/test.l.aes")
	# a stream that does not say where its latent is from
	ae-cat -c --cols latent -o l.csv "$F/test.l.aes"
	ae-cat -o made.aes l.csv
	expect_error 1 "made.aes: latent was not made with $F/m.aem" ae-decode -m "$F/m.aem" made.aes
}

@test "ae-decode: latent of another shape, and a stream without latent, are refused" {
	printf 'latent.1,latent.2\n1,2\n' >two.csv
	expect_error 1 'two.csv: column "latent": expected 4 values of shape \[4\], got 2 of shape \[2\]' ae-decode -m "$F/m.aem" two.csv
	expect_error 1 "$F/test.n.aes: no column of role latent; the stream has: x, label" ae-decode -m "$F/m.aem" "$F/test.n.aes"
}

@test "ae-decode: a row without latent has no reconstruction" {
	printf 'latent.1,latent.2,latent.3,latent.4\n,,,\n1,2,3,4\n1,,3,4\n' >l.csv
	ae-decode --missing=mask -m "$ROOT/tests/expected/small.aem" -c l.csv >r.csv
	[ "$(sed -n 2p r.csv)" = nan,nan,nan,nan,nan,nan,nan,nan,nan ]
	[ "$(sed -n 4p r.csv)" = nan,nan,nan,nan,nan,nan,nan,nan,nan ]
	[ "$(grep -c nan r.csv)" -eq 2 ]
}

@test "ae-decode: a cut stream is an error" {
	same_for_cuts "$F/test.l.aes" ae-decode -m "$F/m.aem"
}

@test "ae-decode: streams of a header alone, and stopped ones, stay such" {
	ae-cat --head 0 "$F/test.l.aes" | ae-decode -m "$F/m.aem" >none.aes
	has_end none.aes
	[ "$(ae-info --count none.aes)" -eq 0 ]
	ae-train -q --net 140-2-140 --epochs 1 -m raw.aem "$F/train.aes"
	stopped_stream "$F/test.aes" stopped.aes
	ae-encode -m raw.aem stopped.aes | ae-decode -m raw.aem >out.aes
	is_stopped out.aes
}

@test "ae-decode: a file that is no model, or holds no network, is refused" {
	expect_error 1 'no.aem: No such file or directory' ae-decode -m no.aem "$F/test.l.aes"
	ae-normalize --fit minmax --save scaler.aem "$F/test.aes" >/dev/null
	expect_error 1 'scaler.aem: holds no network; ae-train writes files that do' ae-decode -m scaler.aem "$F/test.l.aes"
}

@test "ae-decode: /dev/full is an error" {
	expect_error 1 '<stdout>: No space left on device' full ae-decode -m "$F/m.aem" "$F/test.l.aes"
}

@test "ae-decode: a reader that has gone ends it quietly" {
	quiet_when_closed ae-decode -m "$F/m.aem" "$F/test.l.aes"
}

@test "ae-decode: clean under valgrind" {
	valgrind_clean ae-decode -m "$F/m.aem" -j 2 "$F/test.l.aes" >out.aes
	ae-decode -m "$F/m.aem" "$F/test.l.aes" | cmp - out.aes
	run valgrind_clean ae-decode -m "$F/m.aem" "$F/test.n.aes"
	[ "$status" -eq 1 ]
}
