#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What ae-train says of a run: its last losses, inputs of unlike ranges, a loss that learned nothing, units without use.
load helpers

E=$ROOT/tests/expected


quiet_about() {
	! grep -q "$1" err.txt || {
		cat err.txt
		return 1
	}
}

# ---- the last losses ----

@test "ae-train: the last losses are one line at the end, those of the log, and ae-info shows them" {
	ae-train --net 3-2-3 --epochs 7 --valid 0.3 --log log.csv -m m.aem "$E/mean_row.csv" 2>err.txt
	awk -F, 'END { printf "loss %.6g, valid_loss %.6g, after 7 epochs\n", $2, $3 }' log.csv >wanted
	[ "$(tail -n 1 err.txt)" = "ae-train: $(<wanted)" ]
	[ "$(grep -c '^ae-train: loss ' err.txt)" -eq 1 ]
	[ "$(ae-info m.aem | sed -n 's/^loss  *//p')" = "$(sed 's/^loss //' wanted)" ]
	ae-train --net 3-2-3 --epochs 1 --log log.csv -m m.aem "$E/mean_row.csv" 2>err.txt
	[ "$(tail -n 1 err.txt)" = "$(awk -F, 'END { printf "ae-train: loss %.6g, after 1 epoch\n", $2 }' log.csv)" ]
	ae-train -q --net 3-2-3 --epochs 1 -m m.aem "$E/mean_row.csv" 2>err.txt
	[ ! -s err.txt ]
	ae-info m.aem | grep -q '^loss  *[0-9.]*, after 1 epoch$'
}

@test "ae-train --patience: the losses are those of the epoch whose weights are kept" {
	local kept all
	ae-train --net 3-16-3 --epochs 500 --lr 0.05 --batch 4 --patience 3 --valid "$E/mean_row_other.csv" --log log.csv \
		-m m.aem "$E/mean_row.csv" 2>err.txt
	kept=$(tail -n +2 log.csv | sort -t, -g -k3 | head -n 1)
	all=$(tail -n 1 log.csv | cut -d, -f1)
	[ "${kept%%,*}" -lt "$all" ]
	awk -F, -v all="$all" '{ printf "loss %.6g, valid_loss %.6g, after epoch %d of %d, whose weights are kept\n", $2, $3, $1, all }' \
		<<<"$kept" >wanted
	[ "$(tail -n 1 err.txt)" = "ae-train: $(<wanted)" ]
	[ "$(ae-info m.aem | sed -n 's/^loss  */loss /p')" = "$(<wanted)" ]
}

# bats test_tags=threads
@test "ae-train: stored losses: the same bytes for any -j, -v, --log; of the last run with --resume; no part of the digest" {
	local options=(--net 3-2-3 --epochs 4 --valid 0.3 -m)
	ae-train -q -j 1 "${options[@]}" m.aem "$E/mean_row.csv"
	ae-train -j 2 -v --log log.csv "${options[@]}" same.aem "$E/mean_row.csv" 2>err.txt
	cmp m.aem same.aem
	ae-train -q --net 3-2-3 --epochs 2 -m two.aem "$E/mean_row.csv"
	ae-train -q --resume two.aem --epochs 4 -m resumed.aem "$E/mean_row.csv"
	ae-train -q --net 3-2-3 --epochs 4 -m four.aem "$E/mean_row.csv"
	cmp resumed.aem four.aem
	"$(tool without_losses)" m.aem >plain.aem
	run cmp -s plain.aem m.aem
	[ "$status" -eq 1 ]
	same "ae-info m.aem | sed '/^loss/d; /^warning/d; /^latent/d; /^model/d'" "ae-info plain.aem | sed /^model/d"
	same "ae-recon -m plain.aem $E/mean_row.csv" "ae-recon -m m.aem $E/mean_row.csv"
}

@test "ae-thresh --fit and ae-train --strip keep the stored losses" {
	ae-train -q --net 3-2-3 --epochs 2 --strip -m m.aem "$E/mean_row.csv"
	ae-info m.aem | grep '^loss' >before
	ae-recon -m m.aem "$E/mean_row.csv" | ae-err | ae-thresh --fit sigma:2 -m m.aem >fit.txt
	ae-info m.aem | grep '^loss' | cmp - before
}

# losses_with PYTHON-DICT: m.aem with these keys in its section of losses, or $section, as other.aem
losses_with() {
	/usr/bin/python3 - "$1" "${section:-losses}" <<-'PY'
		import io, msgpack, struct, sys, zlib

		data = open("m.aem", "rb").read()
		unpacker = msgpack.Unpacker(io.BytesIO(data), strict_map_key=False)
		out, at = b"", 0
		for message in unpacker:
		    end = unpacker.tell()
		    part = data[at:end]
		    if message[0] == sys.argv[2]:
		        message[2].update(eval(sys.argv[1]))
		        part = msgpack.packb(message[:3] + [0])[:-1]
		        part += b"\xce" + struct.pack(">I", zlib.crc32(part))
		    out, at = out + part, end
		open("other.aem", "wb").write(out)
	PY
}

@test "stored losses that are not understood are no error, and stay in the file" {
	/usr/bin/python3 -c 'import msgpack' 2>/dev/null || skip 'no msgpack for Python'
	local keys
	ae-train -q --net 3-2-3 --epochs 2 --strip -m m.aem "$E/mean_row.csv"
	losses_with '{}'
	cmp m.aem other.aem
	for keys in '{"median": 0.25}' '{"kept": 9}' '{"loss": "small"}' '{"valid_loss": "none"}' '{"epochs": -1}'; do
		losses_with "$keys"
		ae-recon -m m.aem "$E/mean_row.csv" >wanted.aes
		ae-recon -m other.aem "$E/mean_row.csv" | cmp - wanted.aes
		run -1 pipe "ae-info other.aem | grep '^loss '"
		ae-recon -m other.aem "$E/mean_row.csv" | ae-err | ae-thresh --fit sigma:2 -m other.aem >fit.txt
		LC_ALL=C grep -aq losses other.aem
	done
}

# ---- the inputs ----

@test "ae-train names all its inputs where they are up to 20, else the first and the last" {
	seq -s, -f 'v%g' 20 >twenty.csv
	seq -s, 20 >>twenty.csv
	ae-train --net 20-1-20 --epochs 1 -m m.aem twenty.csv 2>err.txt
	[ "$(head -n 1 err.txt)" = "ae-train: x: 20 values: $(seq -s, -f '"v%g"' 20 | sed 's/,/, /g'); target: x; 1 row" ]
	sed '1s/$/,more/; 2s/$/,5/' twenty.csv | ae-train --net 21-1-21 --epochs 1 -m m.aem 2>err.txt
	[ "$(head -n 1 err.txt)" = 'ae-train: x: 21 values, "v1" to "more"; target: x; 1 row' ]
	printf 'only,id\n1,a\n' | ae-train --net 1-1 --epochs 1 -m m.aem 2>err.txt
	grep -q '^ae-train: x: .*"only"' err.txt
}

# ---- no better than the mean row ----

@test "ae-train: a loss no better than that of the mean row is warned of, with NumPy's figure, for every loss" {
	local name of_rows of_holes of_other number='[0-9.e-]*'
	while read -r name of_rows of_holes of_other; do
		ae-train --net 3-2-3 --out sigmoid --lr 0 --epochs 1 --loss "$name" -m m.aem "$E/mean_row.csv" 2>err.txt
		grep -q "^ae-train: the loss on the training rows, $number, is no better than $of_rows, that of giving every row their mean: " err.txt
		ae-train --missing=mask --net 3-2-3 --out sigmoid --lr 0 --epochs 1 --loss "$name" -m m.aem "$E/mean_row_holes.csv" 2>err.txt
		grep -q ", is no better than $of_holes, that of giving every row their mean: " err.txt
		ae-train --net 3-8-3 --out sigmoid --lr 0.02 --epochs 200 --batch 8 --loss "$name" --valid "$E/mean_row_other.csv" \
			-m m.aem "$E/mean_row.csv" 2>err.txt
		quiet_about 'loss on the training rows'
		grep -q "^ae-train: the validation loss, $number, is no better than $of_other, that of giving every row the mean of the training rows: " err.txt
	done <"$E/mean_row.txt"
	ae-train -q --net 3-2-3 --lr 0 --epochs 1 -m m.aem "$E/mean_row.csv" 2>err.txt
	[ ! -s err.txt ]
}

@test "ae-train: no warning where the network beats the mean row, the rows are all alike, or after one epoch that learned" {
	ae-train --net 3-8-3 --lr 0.02 --epochs 100 --batch 8 --valid 0.3 -m m.aem "$E/mean_row.csv" 2>err.txt
	quiet_about 'no better'
	{ echo a,b && yes 0.3,0.7 | head -n 50; } >alike.csv
	local loss
	for loss in mse mae cosine; do
		ae-train --net 2-1-2 --epochs 1 --loss $loss -m m.aem alike.csv 2>err.txt
		quiet_about 'no better'
	done
	# The loss of a first epoch is a mean over weights that still knew nothing: those at its end count.
	awk 'NR == 1 { print } NR > 1 { for (i = 0; i < 10; i++) print }' "$E/mean_row.csv" >many.csv
	ae-train --net 3-8-3 --lr 0.003 --batch 2 --epochs 1 --log log.csv -m m.aem many.csv 2>err.txt
	awk -F, 'NR == 2 { exit !($2 > 0.0423403) }' log.csv
	quiet_about 'no better'
}

@test "ae-train: the loss of the mean row is that of target, in its type" {
	awk 'BEGIN { print "a,b,target.a,target.b"; for (i = 0; i < 40; i++) print i % 7 "," i % 5 "," i % 2 * 200 "," i % 4 * 50 }' >t.csv
	# targets 0 and 200, mean 100: 10000; 0, 50, 100, 150, mean 75: 3125
	ae-train --net 2-1-2 --epochs 1 -m m.aem t.csv 2>err.txt
	grep -q ', is no better than 6562.5, that of giving every row their mean: ' err.txt
	ae-cat --f32 t.csv | ae-train --net 2-1-2 --epochs 1 -m m.aem 2>err.txt
	grep -q ', is no better than 6562.5, that of giving every row their mean: ' err.txt
}

# ---- ranges ----

# wide A B...: 20 rows whose columns p, q, ... go from 0 to A, to B, ... in x alone
wide() {
	awk -v most="$*" 'BEGIN {
		n = split(most, m, " ")
		for (c = 1; c <= n; c++) printf "%s%s", substr("pqrstuv", c, 1), c < n ? "," : "\n"
		for (i = 0; i < 20; i++) for (c = 1; c <= n; c++) printf "%.10g%s", i / 19 * m[c], c < n ? "," : "\n"
	}'
}

# trained FILE [OPTION...]: its messages are in err.txt
trained() {
	ae-train --epochs 1 -m m.aem "${@:2}" "$1" 2>err.txt
}

@test "ae-train: unscaled inputs whose ranges differ by a factor of 1000 are warned of, by name" {
	wide 5 2000 1 >w.csv
	trained w.csv --net 3-1-3
	grep -q '^ae-train: x is not scaled, and its columns are unlike by a factor of 2e+03: "q" goes from 0 to 2000, "r" from 0 to 1; .* ae-normalize --fit standard$' err.txt
	ae-cat --f32 -o w.aes w.csv
	trained w.aes --net 3-1-3
	grep -q 'x is not scaled, .*: "q" goes from 0 to 2000, "r" from 0 to 1; ' err.txt
	wide 5 1000 1 >w.csv
	trained w.csv --net 3-1-3
	grep -q 'by a factor of 1e+03: "q"' err.txt
	wide 5 999 1 >w.csv
	trained w.csv --net 3-1-3
	quiet_about 'not scaled'
	wide 5 2000 1 >w.csv
	trained w.csv --net 3-1-3 -q
	[ ! -s err.txt ]
}

@test "ae-train: unscaled inputs of like ranges, but of unlike magnitudes, are warned of" {
	wide 5 2 | awk -F, 'NR > 1 { $2 += 101325 } { print $1 "," $2 }' >w.csv
	trained w.csv --net 2-1-2
	grep -q 'by a factor of 2.03e+04: "q" goes from 101325 to 101327, "p" from 0 to 5; ' err.txt
}

@test "ae-train: no warning of ranges for scaled x, u8, one column, constant columns, missing cells" {
	wide 5 2000 1 >w.csv
	ae-normalize --fit standard w.csv >n.aes
	trained n.aes --net 3-1-3
	quiet_about 'not scaled'
	ae-normalize --fit div:3 w.csv >n.aes # whoever scales knows the ranges
	trained n.aes --net 3-1-3
	quiet_about 'not scaled'
	wide 2000 >one.csv
	trained one.csv --net 1-1-1
	quiet_about 'not scaled'
	wide 5 0 3 | awk -F, 'NR > 1 { $2 = 1e6 } { print $1 "," $2 "," $3 }' >constant.csv
	trained constant.csv --net 3-1-3
	quiet_about 'not scaled'
	# bytes are of one unit: a pixel that is hardly ever lit is no reason
	{ printf 'P5 2 1 255\n\000\000' && printf 'P5 2 1 255\n\377\000' && printf 'P5 2 1 255\n\377\001'; } >a.pgm
	ae-cat -o a.aes a.pgm
	trained a.aes --net 'flatten, dense 2, reshape 1x2x1'
	quiet_about 'not scaled'
	wide 5 2000 1 | awk -F, -v OFS=, 'NR == 5 { $1 = "" } { print }' >holes.csv
	trained holes.csv --net 3-1-3 --missing=mask
	grep -q '"q" goes from 0 to 2000, "r" from 0 to 1; ' err.txt
}

@test "ae-train: of images the channels are compared" {
	awk 'BEGIN { for (i = 0; i < 9; i++) print i "," i * 1e4 "," i / 9 "," 1e4 - i }' >i.csv
	trained i.csv -H --shape 1,2,2 --net 'conv 2 1x1'
	grep -q ': "channel 2" goes from 0 to 80000, "channel 1" from 0 to 8; ' err.txt
}

# ---- units ----

# rows [SCALE]: 60 rows of three values
rows() {
	awk -v s="${1:-1}" 'BEGIN { print "a,b,c"; for (i = 1; i <= 60; i++)
		printf "%.4f,%.4f,%.4f\n", s * sin(i), s * cos(2 * i), s * sin(3 * i) * cos(i) }'
}

# latents_of MODEL FILE: how many units, how many are constant, how many of these 0
latents_of() {
	ae-encode -m "$1" "$2" | ae-cat --cols latent -c | awk -F, '
		NR > 1 { for (i = 1; i <= NF; i++) {
			if (NR == 2 || $i < low[i]) low[i] = $i
			if (NR == 2 || $i > high[i]) high[i] = $i
		} }
		END {
			for (i = 1; i <= NF; i++) {
				most = high[i] > -low[i] ? high[i] : -low[i]
				same = high[i] - low[i] <= 1e-4 * most
				constant += same
				zero += same && most == 0
			}
			print NF, constant + 0, zero + 0
		}'
}

@test "ae-train: constant and dead latent units are counted, and ae-info says the same" {
	local act rate seed units constant zero all=0 some=0 none=0 wanted
	rows >rows.csv
	for act in relu tanh elu; do
		for rate in 0.01 0.4 1; do
			for seed in 1 2; do
				ae-train --net '3-16-4-16-3' --hidden-act "$act" --lr "$rate" --epochs 25 --seed "$seed" -m m.aem rows.csv \
					2>err.txt
				read -r units constant zero < <(latents_of m.aem rows.csv)
				wanted="^ae-train: $constant of $units latent units [a-z]* constant over the training rows"
				[ "$constant" -lt "$units" ] || wanted="^ae-train: all $units latent units are constant over the training rows"
				case $zero in
				0) wanted+=': ' ;;
				"$constant") wanted+=', always 0: ' ;;
				*) wanted+=", $zero of them always 0: " ;;
				esac
				case $constant in
				0) none=1 && quiet_about 'constant over' ;;
				"$units") all=1 && grep -q "$wanted.*every row gets the same" err.txt ;;
				*) some=1 && grep -q "$wanted.*narrower than it looks" err.txt ;;
				esac
				sed -n 's/^ae-train: \(.* no better than .*\|.*latent unit.*\|the output is .*\)/\1/p' err.txt >said.txt
				ae-info m.aem | sed -n 's/^warning  *//p' | cmp - said.txt
			done
		done
	done
	[ "$all$some$none" = 111 ]
}

@test "ae-train: an output that is the same for all rows is warned of" {
	rows | awk -F, 'NR == 1 || 1 { print NR == 1 ? $0 : 1e5 * (2 + $1) "," 1e5 * (2 + $2) "," 1e5 * (2 + $3) }' >large.csv
	ae-train --net 'dense 2 | dense 3 sigmoid' --lr 0 --epochs 1 --force --seed 3 -m m.aem large.csv 2>err.txt
	[ "$(ae-recon -m m.aem large.csv | ae-cat --cols recon -c | tail -n +2 | sort -u | wc -l)" -eq 1 ]
	[ "$(latents_of m.aem large.csv)" = '2 0 0' ]
	grep -q '^ae-train: the output is the same for all training rows: ' err.txt
	ae-info m.aem | grep -q '^warning .*the output is the same for all training rows: '
	# one latent unit, and a network without a decoder
	ae-train --net 'dense 1 sigmoid | dense 3' --lr 0 --epochs 1 --seed 3 -m m.aem large.csv 2>err.txt
	grep -q '^ae-train: the latent unit is constant over the training rows: every row gets the same' err.txt
	quiet_about 'the output is'
	ae-train --net 'dense 3 sigmoid' --lr 0 --epochs 1 --force --seed 3 -m m.aem large.csv 2>err.txt
	grep -q '^ae-train: the output is the same' err.txt
	quiet_about 'latent unit'
}

@test "ae-train: nothing is said of units where the rows are alike, or there is one" {
	{ echo a,b && yes 0.3,0.7 | head -n 50; } >alike.csv
	ae-train --net 2-4-1-4-2 --lr 1 --epochs 5 -m m.aem alike.csv 2>err.txt
	quiet_about 'constant over'
	quiet_about 'the output is'
	head -n 2 alike.csv | ae-train --net 2-1-2 --epochs 1 -m m.aem 2>err.txt
	quiet_about 'constant over'
	run -1 pipe 'ae-info m.aem | grep ^warning'
}

# bats test_tags=threads
@test "ae-train: the model keeps its warnings: the same bytes with -q and for any -j; --resume has its own" {
	rows 1000 | sed '2s/^[^,]*/1e7/' >rows.csv
	local net=(--net 3-8-2-8-3 --hidden-act relu --lr 1)
	ae-train "${net[@]}" --epochs 4 -j 1 -m m.aem rows.csv 2>err.txt
	ae-train -q "${net[@]}" --epochs 4 -j 2 -m same.aem rows.csv
	cmp m.aem same.aem
	ae-info m.aem >info.txt
	grep -q '^warning     x is not scaled, and its columns are unlike' info.txt
	[ "$(grep -c ^warning info.txt)" -ge 2 ]
	ae-train -q "${net[@]}" --epochs 2 -m two.aem rows.csv
	ae-train -q --resume two.aem --epochs 4 -m resumed.aem rows.csv
	cmp resumed.aem m.aem
	# they do not enter the digest, and a threshold keeps them
	ae-recon -m m.aem rows.csv | ae-err | ae-thresh --fit fixed:1 -m m.aem >fit.txt
	same "ae-info m.aem | grep ^warning" "grep ^warning info.txt"
}

@test "stored warnings that are not understood are no error, and stay in the file" {
	/usr/bin/python3 -c 'import msgpack' 2>/dev/null || skip 'no msgpack for Python'
	local keys
	rows >rows.csv
	ae-train -q --net 3-2-3 --lr 0 --epochs 1 -m m.aem rows.csv
	ae-info m.aem | grep -q '^warning .* no better than'
	section=warnings losses_with '{}'
	cmp m.aem other.aem
	for keys in '{"more": 1}' '{"texts": "one"}' '{"texts": [7]}' '{"epochs": -1}' '{"texts": ["x"] * 33}' \
		'{"texts": ["x" * 1000]}'; do
		section=warnings losses_with "$keys"
		same 'ae-recon -m m.aem rows.csv' 'ae-recon -m other.aem rows.csv'
		run -1 pipe "ae-info other.aem | grep '^warning '"
		ae-recon -m other.aem rows.csv | ae-err | ae-thresh --fit sigma:2 -m other.aem >fit.txt
		LC_ALL=C grep -aq warnings other.aem
	done
	# a version that does not know them trained on
	section=warnings losses_with '{"epochs": 2}'
	run -1 pipe "ae-info other.aem | grep '^warning '"
}
