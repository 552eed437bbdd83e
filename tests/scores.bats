#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Scores that take the model's statistics: what ae-train keeps of the latent, and what ae-err makes of it.
load helpers
load fixture

setup() {
	helpers_setup
	/usr/bin/python3 -c 'import msgpack, numpy, sklearn' 2>/dev/null || skip 'no NumPy, msgpack or scikit-learn for Python'
}

scores() {
	/usr/bin/python3 "$ROOT/tests/expected/scores.py" "$@"
}

# rows N SEED: N rows of six columns that depend on each other, the last far from 0 and hardly moving.
rows() {
	awk -v n="$1" -v seed="$2" 'BEGIN { srand(seed); print "a,b,c,d,e,f"; for (i = 0; i < n; i++) {
		u = rand(); v = rand()
		printf "%.4f,%.4f,%.4f,%.4f,%.4f,%.4f\n", u, v, u + v + rand() / 9, u - v, rand() / 5, 1000 + v / 99 } }'
}

# stats_are_right MODEL ROWS: the model keeps of the latent of these rows, which it was trained on, what it should.
stats_are_right() {
	ae-encode -m "$1" -c "$2" >latent.csv
	scores stats "$1" latent.csv
}

@test "ae-train keeps mean and shrunk covariance of the latent, those of scikit-learn" {
	rows 500 1 >x.csv
	local net
	for net in 6-3-6 6-5-1-5-6 'dense 5 tanh, dense 4 elu | dense 6' 'dense 9 relu | dense 6'; do
		ae-train -q --net "$net" --epochs 3 -m m.aem x.csv
		stats_are_right m.aem x.csv
	done
	rows 3 1 >few.csv # fewer rows than latent values
	ae-train -q --net 'dense 9 tanh | dense 6' --epochs 1 -m m.aem few.csv
	stats_are_right m.aem few.csv
	head -n 2 few.csv >one.csv
	ae-train -q --net 6-3-6 --epochs 1 -m m.aem one.csv
	stats_are_right m.aem one.csv
}

@test "ae-train: statistics of the latent are of the training rows alone, and the same for any -j and with --strip" {
	rows 600 2 >x.csv
	ae-train -q -j 1 --net 6-3-6 --epochs 2 --valid 0.25 -m m.aem x.csv
	stats_are_right m.aem <(head -n 451 x.csv)
	ae-train -q -j 3 --net 6-3-6 --epochs 2 --valid 0.25 -m same.aem x.csv
	cmp m.aem same.aem
	ae-train -q --strip --net 6-3-6 --epochs 2 --valid 0.25 -m strip.aem x.csv
	stats_are_right strip.aem <(head -n 451 x.csv)
	ae-train -q --resume m.aem --epochs 4 -m four.aem x.csv
	stats_are_right four.aem x.csv
}

@test "ae-train: a latent of images, and of rows with holes; none of more than 1024 values" {
	local models=$ROOT/tests/expected/models-0.1
	ae-train -q --net 'conv 4 3x3/2 relu, conv 3 3x3 tanh | convt 1 3x3/2' --epochs 2 -m images.aem "$models/images.aes"
	stats_are_right images.aem "$models/images.aes"
	ae-train -q --missing=mask --net 6-3-6 --epochs 2 -m holes.aem <(rows 90 4 | sed '5,40s/^[^,]*//; 9s/.*/,,,,,/') 2>/dev/null
	ae-encode --missing=mask -m holes.aem -c <(rows 90 4 | sed '5,40s/^[^,]*//; 9d') >latent.csv
	scores stats holes.aem latent.csv
	awk 'BEGIN { print 1 }' | ae-train -q -H --net 'dense 1024 | dense 1' --epochs 1 -m most.aem
	awk 'BEGIN { print 1 }' | ae-train -q -H --net 'dense 1025 | dense 1' --epochs 1 -m more.aem
	grep -aq latent most.aem
	run grep -aq latent more.aem
	[ "$status" -eq 1 ]
}

@test "ae-thresh --fit keeps the statistics of the latent, to the byte" {
	rows 300 3 >x.csv
	ae-train -q --net 6-3-6 --epochs 2 -m m.aem x.csv
	cp m.aem with.aem
	ae-recon -m m.aem x.csv | ae-err | ae-thresh --fit sigma:2 -m with.aem >/dev/null
	/usr/bin/python3 - <<-PY
	import sys
	sys.path.insert(0, "$ROOT/tests/expected")
	from from_pages import Model
	assert Model("m.aem").sections["latent"] == Model("with.aem").sections["latent"]
	PY
}
