#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What programs hold of each row, as their pages say: the memory of 3,000,000 rows less that of 1,000,000.
load helpers

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	PATH=$AE_BUILD:$PATH
	awk 'BEGIN {
		print "err,x"
		for (i = 0; i < 1000000; i++) { u = u * 69069 + 1 - int((u * 69069 + 1) / 65536) * 65536; print u / 7 "," u }
	}' | ae-cat -o 1.aes
	ae-cat --set label=1 -o text1.aes 1.aes
	cat 1.aes 1.aes 1.aes >3.aes
	cat text1.aes text1.aes text1.aes >text3.aes
}

# resident COMMAND...: KiB that it had resident at most
resident() {
	"$(tool maxrss)" resident "$@" >/dev/null 2>messages && cat resident
}

setup() {
	helpers_setup
	unsanitized 'it takes memory for itself'
}

# grows BYTES ROWS FEW MANY: from FEW to MANY KiB are at most so many bytes for each of ROWS rows, to half a byte.
grows() {
	awk -v bytes="$1" -v rows="$2" -v few="$3" -v many="$4" 'BEGIN {
		row = (many - few) * 1024 / rows
		if (row > bytes + 0.5) { printf "%.2f bytes a row, %s allowed\n", row, bytes; exit 1 }
	}'
}

# holds BYTES FILE COMMAND...: the command holds this much a row of FILE1.aes and FILE3.aes, which end it.
holds() {
	local file=$BATS_FILE_TMPDIR/$2 few many
	few=$(resident "${@:3}" "${file}1.aes") && many=$(resident "${@:3}" "${file}3.aes") || return
	grows "$1" 2000000 "$few" "$many" || {
		echo "${*:3}"
		return 1
	}
}

@test "memory: ae-thresh --fit holds 8 bytes a row, whatever the method" {
	local rule
	for rule in sigma:3 quantile:0.99 mad:3 iqr:1.5; do
		holds 8 text ae-thresh --fit $rule --save t.aem
	done
}

@test "memory: ae-metrics holds 8 bytes a row" {
	holds 8 text ae-metrics --normal 1
	holds 8 text ae-metrics --anomaly 1 --json
}

@test "memory: ae-split holds 16 bytes a row, 8 if no column is text, 4 of them in a window that ends to grow" {
	holds 16 text ae-split --test 0.2 --test-out test.aes -o train.aes
	holds 8 '' ae-split --test 0.2 --test-out test.aes -o train.aes
}

@test "memory: ae-cat --tail and --sample hold 8 bytes a row, none if no column is text" {
	holds 8 text ae-cat --tail 900000 -o out.aes
	holds 8 text ae-cat --sample 900000 -o out.aes
	holds 0 '' ae-cat --tail 900000 -o out.aes
	holds 0 '' ae-cat --sample 900000 -o out.aes
}

@test "memory: ae-normalize --fit robust holds the values, and those of a column once more; others hold nothing" {
	holds 8 '' ae-normalize --fit robust -o out.aes
	ae-cat --x x,err -o two1.aes <(ae-cat -c "$BATS_FILE_TMPDIR/1.aes")
	mv two1.aes "$BATS_FILE_TMPDIR/two1.aes"
	cat "$BATS_FILE_TMPDIR"/two1.aes "$BATS_FILE_TMPDIR"/two1.aes "$BATS_FILE_TMPDIR"/two1.aes >"$BATS_FILE_TMPDIR/two3.aes"
	holds 24 two ae-normalize --fit robust -o out.aes
	holds 16 two ae-normalize --fit robust --per tensor -o out.aes
	holds 0 '' ae-normalize --fit standard -o out.aes
}

@test "memory: ae-info --stats holds nothing of a row" {
	holds 0 text ae-info --stats
}

@test "memory: ae-train holds x as it comes and 4 bytes a row" {
	holds 12 '' ae-train -q --net 1-1 --epochs 1 --batch 4096 -m m.aem
}

@test "memory: ae-train --valid holds 4 bytes a value more where it has to scale" {
	ae-cat --head 100 "$BATS_FILE_TMPDIR/1.aes" | ae-normalize --fit standard -o few.aes
	holds 12 '' ae-train -q --net 1-1 --epochs 1 -m m.aem few.aes --valid
}

@test "memory: what ae-info says bounds what results of any width take" {
	awk 'BEGIN { for (r = 0; r < 2; r++) for (i = 1; i <= 40000; i++) printf "%d%s", (i + r) % 7, i < 40000 ? "," : "\n" }' >wide.csv
	ae-train -q -H --net 40000-2-40000 --epochs 1 -m wide.aem wide.csv
	ae-info wide.aem | grep -qE '^memory      [12][0-9]\.[0-9] MiB to apply it with -j 1$' # blocks are as wide as a register
	awk 'BEGIN { print "latent.1,latent.2"; for (i = 0; i < 4096; i++) print i % 7 "," i % 3 }' >latent.csv
	resident_below 40000 ae-decode --memory 32M -j 1 -m wide.aem latent.csv -o out.aes
	# cut or not, the rows are the same
	same 'ae-cat -c --tail 1 out.aes' 'sed "1p;\$!d" latent.csv | ae-decode -c -j 1 -m wide.aem'
}

@test "memory: ae-window holds nothing of a row, and twice the window's rows for each group" {
	local few many
	holds 0 '' ae-window --size 8 --drop-incomplete -o out.aes
	# groups N: 1024 rows of 8 bytes for each of 512 groups, taken for N of them
	groups() {
		awk -v n="$1" 'BEGIN { print "id,a"; for (i = 0; i < 1024 * 512; i++) print i % n "," i }' |
			ae-cat -o "$1.aes"
		resident ae-window --size 1024 --stride 4096 --group id --drop-incomplete -o out.aes "$1.aes"
	}
	few=$(groups 1)
	many=$(groups 513)
	grows 17000 512 "$few" "$many" # 16384, and what a group is
}

@test "memory: ae-plot hist, roc and pr hold 8 bytes a row" {
	command -v gnuplot >/dev/null || skip 'no gnuplot (Debian: gnuplot-nox)'
	local few many kind ones=$BATS_FILE_TMPDIR/text3.aes # gnuplot itself takes as much as 3,000,000 rows
	ae-cat --cols err "$ones" | ae-cat --set label=0 -o none.aes
	ae-cat --cols err "$ones" | ae-cat --set label=1 -o ones.aes
	for kind in 'hist' 'roc --normal 0' 'pr --normal 0'; do
		# shellcheck disable=SC2086
		few=$(resident ae-plot $kind -o p.svg none.aes ones.aes)
		# shellcheck disable=SC2086
		many=$(resident ae-plot $kind -o p.svg none.aes ones.aes none.aes ones.aes)
		grows 8 6000000 "$few" "$many"
	done
}

# said COMMAND...: KiB that a program says its model takes
said() {
	run -1 "$@" --memory 1
	[[ $output =~ needs\ ([0-9.]+)\ (bytes|KiB|MiB|GiB)\  ]] || return
	awk -v n="${BASH_REMATCH[1]}" -v unit="${BASH_REMATCH[2]}" 'BEGIN {
		split("bytes KiB MiB GiB", units, " ")
		for (i = 1; units[i] != unit; i++) n *= 1024
		printf "%d\n", n / 1024 + 1 }'
}

# bounded NET SHAPE ROWS: a model, its optimiser with it, takes what ae-recon says and no more, loading it included; the
# program itself, which ae-cat is too, may differ by 1 MiB.
bounded() {
	local base real most threads size=$((${2//,/ * }))
	head -c $((size * $3)) /dev/urandom | od -An -v -tu1 -w"$size" | awk '{ $1 = $1; print }' OFS=, |
		ae-cat --no-header --shape "$2" -o rows.aes
	ae-cat --head 2 rows.aes | ae-train -q -j 1 --force --net "$1" --epochs 1 --batch 2 -m m.aem
	base=$(resident ae-cat -o /dev/null rows.aes)
	for threads in 1 2; do
		most=$(said ae-recon -j $threads -m m.aem rows.aes)
		real=$(resident ae-recon -j $threads -m m.aem -o /dev/null rows.aes)
		[ $((real - base)) -le $((most + 1024)) ] && continue
		echo "$1: -j $threads: $((real - base)) KiB, $most said"
		return 1
	done
}

@test "memory: what a model takes is what ae-recon says, at most" {
	bounded 'dense 1000 relu | dense 4000' 4000 100
	bounded '300-2000-16-300' 300 5000
	bounded 'conv 16 3x3 relu, maxpool | upsample, conv 1 3x3' 64,64,1 200
}

@test "memory: a model that is refused is not loaded, and ae-info and ae-normalize leave its optimiser's state in the file" {
	seq -s , 4000 >row.csv
	ae-normalize --no-header --fit div:4000 row.csv row.csv -o rows.aes
	ae-train -q -j 1 --force --net 'dense 1000 | dense 4000' --epochs 1 --batch 2 -m m.aem rows.aes
	[ "$(stat -c %s m.aem)" -gt 90000000 ]
	run -1 --separate-stderr resident_below 8192 ae-recon --memory 1M -m m.aem rows.aes
	[[ ${stderr_lines[0]} = 'ae-recon: m.aem: needs '* ]]
	resident_below 40000 ae-info -m m.aem
	resident_below 40000 ae-normalize -m m.aem -o /dev/null --no-header row.csv
}
