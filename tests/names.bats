#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Named features meet by name: whatever order the columns of a text or the features of a stream stand in, the result is
# that of the order that a program already has, to the byte; another set is refused, and the first difference is named.
load helpers
load scoring

# Five sensors, a model of them, and new rows of which one is out of order.
setup_file() {
	F=$BATS_FILE_TMPDIR
	export F
	cd "$F" || return
	awk 'BEGIN {
		srand(5)
		print "id,flow,heat,p.in,p.out,rpm"
		for (i = 0; i < 120; i++) {
			u = rand(); v = rand()
			printf "r%d,%.4f,%.3f,%.2f,%.5f,%d\n", i, u, 40 + 20 * v, 100 * u + v, u * v, 1000 + 500 * u
		}
	}' >train.csv
	sed '9s/,[^,]*,/,77,/' train.csv | head -n 41 >live.csv
	ae-cat -o live.aes live.csv
	ae-normalize -q --fit standard --save s.aem -o train.n.aes train.csv
	ae-train -q --net 5-3-5 --epochs 5 --seed 1 -m m.aem train.n.aes
	ae-train -q --net 5-3-5 --epochs 5 --seed 1 -m raw.aem train.csv
	ae-normalize -m m.aem -o live.n.aes live.csv
	ae-recon -m m.aem live.n.aes -o live.r.aes
	ae-err -o live.e.aes live.r.aes
	ae-thresh --fit quantile:0.9 -m m.aem live.e.aes
	ae-thresh -m m.aem -o live.v.csv live.e.aes
}

# permute SEED FILE [COLUMN...]: the CSV file with its columns in another order, and with columns of text of these names
# added in between.
permute() {
	python3 "$ROOT/tests/expected/permute.py" "$@"
}

# columns LIST [FILE]: these columns of a stream as CSV.
columns() {
	ae-cat -c --cols "$@"
}

# ---- the order itself ----

@test "names: random permutations of columns give the errors that Python gives" {
	python3 - <<'END'
import random
rng = random.Random(3)
for n in (2, 3, 7, 140):
    names = [f"f{i}" for i in range(n)]
    order = rng.sample(range(n), n)
    with open(f"in{n}.csv", "w") as stream, open(f"wanted{n}.csv", "w") as wanted:
        stream.write(",".join(names + [f"target.{names[i]}" for i in order]) + "\n")
        wanted.write("err\n")
        for _ in range(20):
            x = [rng.randrange(-999, 999) for _ in range(n)]
            target = [rng.randrange(-999, 999) for _ in range(n)]
            stream.write(",".join(str(v) for v in x + [target[i] for i in order]) + "\n")
            wanted.write(f"{max(abs(a - b) for a, b in zip(x, target))}\n")
END
	local n
	for n in 2 3 7 140; do
		ae-err --of x --metric max -c "in$n.csv" | cmp - "wanted$n.csv"
		ae-cat "in$n.csv" | ae-err --of x --metric max -c | cmp - "wanted$n.csv"
	done
}

# ---- one stream: recon and target against x ----

@test "names: ae-err pairs recon with x by name, in text and in AEST" {
	printf 'id,a,b,recon.b,recon.a\n1,10,20,21,10\n2,1,2,2,5\n' >ba.csv
	printf 'id,a,b,recon.a,recon.b\n1,10,20,10,21\n2,1,2,5,2\n' >ab.csv
	ae-err --metric mae -c ab.csv >wanted.csv
	[ "$(<wanted.csv)" = $'id,err\n1,0.5\n2,2' ]
	ae-err --metric mae -c ba.csv | cmp - wanted.csv
	ae-cat -o ba.aes ba.csv
	ae-cat --batch-rows 1 ba.csv | ae-err --metric mae -c | cmp - wanted.csv
	same 'ae-err --metric mae --per-feature --top 1 --keep -c ba.aes' 'ae-err --metric mae --per-feature --top 1 --keep -c ab.csv'
	columns recon ba.aes | head -n 1 | grep -qx 'recon.b,recon.a' # ae-cat holds nothing against anything
}

@test "names: ae-err pairs target with recon, and both with x" {
	printf 'a,b,target.b,target.a,recon.b,recon.a\n1,2,20,10,21,10\n' >t.csv
	[ "$(ae-err --metric mae -c t.csv)" = $'err\n0.5' ]
	[ "$(ae-err --of x --metric max -c t.csv)" = $'err\n18' ]
	printf 'target.a,target.b,recon.b,recon.a\n10,20,21,10\n' >turned.csv
	same 'ae-err --metric mae -c turned.csv' 'ae-err --metric mae -c t.csv'
	# x of another set, of which neither is compared
	printf 'c,d,target.a,target.b,recon.b,recon.a\n0,0,10,20,21,10\n' >turned.csv
	same 'ae-err --metric mae -c turned.csv' 'ae-err --metric mae -c t.csv'
}

@test "names: recon or target of another set is refused, and the first feature without partner named" {
	printf 'a,b,recon.c,recon.d\n10,20,10,20\n' >cd.csv
	expect_error 1 'cd.csv: recon has no feature "a", which x has' ae-err -c cd.csv
	printf 'flow,heat,recon.flow,recon.heap\n10,20,10,20\n' >near.csv
	expect_error 1 'near.csv: recon has no feature "heat", which x has; the nearest is "heap"' ae-err -c near.csv
	printf 'a,a,recon.a,recon.b\n10,20,10,20\n' >twice.csv
	expect_error 1 'twice.csv: x has two features called "a", and recon has them otherwise' ae-err -c twice.csv
	expect_error 1 'cd.csv: recon has no feature "a", which x has' ae-plot overlay -O text cd.csv
	sed 's/recon/target/g' cd.csv >target.csv
	expect_error 1 'target.csv: target has no feature "a", which x has' ae-normalize --fit minmax target.csv
	expect_error 1 'target.csv: target has no feature "a", which x has' ae-train --net 2-1-2 -m t.aem target.csv
	[ ! -e t.aem ]
}

@test "names: where one side has no names they meet by place, as ever" {
	printf 'a,b,recon.1,recon.2\n1,2,1,4\n' | ae-err --metric mae -c >out.csv
	[ "$(<out.csv)" = $'err\n1' ]
	printf 'x.1,x.2,recon.b,recon.a\n1,2,1,4\n' | ae-err --metric mae -c | cmp - out.csv
	same "tail -n +2 $F/live.csv | ae-normalize -H --id 1 -m $F/m.aem | ae-recon -m $F/m.aem | ae-err -c | cut -d, -f2" \
		"columns err $F/live.e.aes"
	ae-cat --cols x "$F/live.csv" | ae-cat -c >named.csv
	sed '1s/.*/x.1,x.2,x.3,x.4,x.5/' named.csv >numbered.csv
	same "ae-normalize -m $F/m.aem -c numbered.csv | tail -n +2" "ae-normalize -m $F/m.aem -c named.csv | tail -n +2"
}

@test "names: cells that spell their places, x.2 or recon.1.2, come there from wherever they stand" {
	printf 'x.2,x.1,recon.1,recon.2\n2,1,1,4\n' | ae-err --metric mae -c >out.csv
	[ "$(<out.csv)" = $'err\n1' ]
	printf 'x.2.1,id,x.1.2,x.2.2,x.1.1\n21,a,12,22,11\n' | ae-cat -c >out.csv
	[ "$(<out.csv)" = $'x.1.1,x.1.2,x.2.1,x.2.2,id\n11,12,21,22,a' ]
	seq -f 'x.%g' 12 | tac | paste -sd, >down.csv
	seq 12 | tac | paste -sd, >>down.csv
	ae-cat -c down.csv | cmp - <(seq -f 'x.%g' 12 | paste -sd,; seq 12 | paste -sd,)
	ae-encode -m "$F/raw.aem" "$F/live.csv" -c --batch-rows 1 | cut -d, -f2- >latent.csv
	permute 1 latent.csv >p.csv
	same "ae-decode -m $F/raw.aem p.csv" "ae-decode -m $F/raw.aem latent.csv"
}

@test "names: cells that spell places are put there by Python and by ae-cat alike, for every role and rank" {
	python3 - <<'END'
import itertools
import random
rng = random.Random(8)
cases = open("cases", "w")
for case in range(40):
    dims = [rng.randint(1, 12)] if case % 3 == 0 else [rng.randint(1, 4) for _ in range(rng.randint(1, 3))]
    names = rng.sample(["a", "p.in", "5.min", "b c"], rng.randint(1, 3)) if case % 2 else [""]
    dims[0] += dims[0] == 1  # what is at one place has names alone
    role = ("x", "recon", "latent", "target", "err")[case % 5]
    places = [".".join([role, *map(str, at)] + ([name] if name else []))
              for at in itertools.product(*(range(1, d + 1) for d in dims)) for name in names]
    values = [rng.randint(-99, 99) for _ in places]
    order = list(range(len(places)))
    rng.shuffle(order)
    # the names of the last axis are in the order of the file
    first = []
    for i in order:
        name = i % len(names)
        if name not in first:
            first.append(name)
    wanted = [block * len(names) + name for block in range(len(places) // len(names)) for name in first]
    for file, list_ in (("in", order), ("wanted", wanted)):
        with open(f"{file}{case}.csv", "w") as out:
            out.write(",".join(places[i] for i in list_) + "\n" + ",".join(str(values[i]) for i in list_) + "\n")
    cases.write(f"{case}\n")
END
	local case
	while read -r case; do
		ae-cat -c "in$case.csv" | cmp - "wanted$case.csv"
		ae-cat "in$case.csv" | ae-cat -c | cmp - "wanted$case.csv"
	done <cases
}

@test "names: numbered cells meet by place in every program, and windows as text meet their model" {
	# as a program that sorts names would write them
	seq -f 'x.%g' 12 | paste -sd, >un.csv
	awk 'BEGIN { srand(4); for (i = 0; i < 40; i++) for (k = 1; k <= 12; k++) printf "%.3f%s", k + rand(), k < 12 ? "," : "\n" }' >>un.csv
	python3 - <<'END'
import csv
rows = list(csv.reader(open("un.csv")))
order = sorted(range(12), key=lambda i: rows[0][i])
csv.writer(open("unlex.csv", "w"), lineterminator="\n").writerows([[row[i] for i in order] for row in rows])
END
	same 'ae-cat unlex.csv' 'ae-cat un.csv'
	ae-train -q --net 12-3-12 --epochs 2 --valid un.csv --log a.log -m a.aem un.csv
	ae-train -q --net 12-3-12 --epochs 2 --valid unlex.csv --log b.log -m b.aem un.csv
	cmp a.log b.log
	cmp a.aem b.aem
	ae-normalize -q --fit standard --save s.aem un.csv >/dev/null
	same 'ae-normalize -m s.aem unlex.csv' 'ae-normalize -m s.aem un.csv'
	ae-recon -m a.aem -c un.csv | cut -d, -f13- >recon.csv
	permute 3 recon.csv >p.csv
	same 'ae-cat --paste p.csv unlex.csv | ae-err' 'ae-cat --paste recon.csv un.csv | ae-err'
	# windows of two sensors, made elsewhere
	printf 'x.1.a,x.1.b,x.2.a,x.2.b\n1,2,3,4\n3,4,5,6\n' | ae-cat >w.aes
	ae-train -q --net 'flatten, dense 1 | dense 4' --epochs 1 -m w.aem w.aes
	ae-cat -c w.aes >w.csv
	ae-cat -o back.aes w.csv
	same_stream back.aes w.aes
	permute 5 w.csv >p.csv
	same 'ae-recon -m w.aem p.csv | ae-err' 'ae-recon -m w.aem w.aes | ae-err'
	same 'ae-recon -m w.aem -c p.csv | ae-err -c' 'ae-recon -m w.aem w.aes | ae-err -c'
	ae-recon -m w.aem -c w.aes >r.csv
	same 'permute 4 r.csv | ae-err --metric max -c' 'ae-err --metric max -c r.csv'
}

@test "names: where there are more features or fewer, the first one that differs is named" {
	printf 'a,b\n1,2\n3,5\n' >ab.csv
	printf 'a,b,c\n1,2,3\n' >abc.csv
	expect_error 1 'abc.csv: columns other than those of the stream before it: "x" has a new "c"' ae-cat ab.csv abc.csv
	expect_error 1 'ab.csv: columns other than those of the stream before it: "x" has no "c"' ae-cat abc.csv ab.csv
	ae-train -q --net 2-1-2 --epochs 1 -m ab.aem ab.csv
	ae-train -q --net 3-1-3 --epochs 1 -m abc.aem abc.csv
	ae-cat -o ab.aes ab.csv
	ae-cat -o abc.aes abc.csv
	expect_error 1 'abc.aes: x has a feature "c", which the model has not' ae-recon -m ab.aem abc.aes
	expect_error 1 'ab.aes: x has no feature "c", which the model has' ae-recon -m abc.aem ab.aes
	ae-window --size 2 --drop-incomplete ab.csv | ae-train -q --net 'flatten, dense 1 | dense 4' --epochs 1 -m w.aem
	expect_error 1 'ab.aes: x has not been prepared, but the model'\''s next step is ae-window: pipe it through ae-window -m w.aem' ae-recon -m w.aem ab.aes
	printf 'Status,Index,a\n1,2,3\n' >two.csv
	cat_refuses 'line 1: columns "Status", "Index" look like *: say which they are with *' two.csv
}

@test "names: features called by numbers are no places" {
	printf '3,1,2,recon.1,recon.2,recon.3\n30,10,20,10,20,30\n' | ae-err --numeric-header -c >out.csv
	[ "$(<out.csv)" = $'err\n0' ]
	printf '30,recon.30\n1,3\n' | ae-err --numeric-header --metric mae -c >out.csv
	[ "$(<out.csv)" = $'err\n2' ]
}

@test "names: --target gives the targets of x in its order, unless they have its names" {
	printf 'n1,n2,c1,c2\n1,2,30,40\n' >n.csv
	[ "$(ae-cat -c --x n2,n1 --target c2,c1 n.csv)" = $'n2,n1,target.n2,target.n1\n2,1,40,30' ]
	[ "$(ae-err -c --of x --metric max --x n2,n1 --target c2,c1 n.csv)" = $'err\n38' ]
	[ "$(ae-err -c --of x --metric max --x n2,n1 --target c1,c2 n.csv)" = $'err\n39' ]
	printf 'n1,n2,target.n2,target.n1\n1,2,40,30\n' >t.csv
	[ "$(ae-err -c --of x --metric max --target 3,4 t.csv)" = $'err\n38' ]
	# a denoiser of two sensors, and what is not paired
	printf 'noisy1,noisy2,clean1,clean2\n1,3,1,3\n2,3,2,4\n' >nc.csv
	printf 'noisy1,noisy2,target.noisy1,target.noisy2\n1,3,1,3\n2,3,2,4\n' >named.csv
	local options=(-q --net 2-1-2 --epochs 3)
	ae-train "${options[@]}" --x noisy1,noisy2 --target clean1,clean2 -m a.aem nc.csv
	ae-train "${options[@]}" -m b.aem named.csv
	cmp a.aem b.aem
	same 'ae-normalize -q --fit minmax --x noisy1,noisy2 --target clean1,clean2 nc.csv' 'ae-normalize -q --fit minmax named.csv'
	expect_error 1 '*the network makes rows of shape \[2], but target has \[1]' ae-train "${options[@]}" --x noisy1,noisy2 --target clean1 -m c.aem nc.csv
	expect_error 1 '*column "target" of shape \[1] does not fit *' ae-normalize -q --fit minmax --x noisy1,noisy2 --target clean1 nc.csv
	expect_error 1 '*: x of shape \[2] against target of shape \[1]' ae-err --of x --x noisy1,noisy2 --target clean1 nc.csv
}

@test "names: a scaler meets target by name, and recon on the way back" {
	printf 'a,b\n0,100\n10,300\n' | ae-normalize --fit minmax --save ab.aem >/dev/null
	printf 'a,b,target.b,target.a\n5,200,300,10\n' >t.csv
	[ "$(ae-normalize -m ab.aem -c t.csv)" = $'a,b,target.a,target.b\n0.5,0.5,1,1' ]
	[ "$(ae-normalize -m ab.aem t.csv | ae-normalize --invert -c)" = $'a,b,target.a,target.b\n5,200,10,300' ]
	[ "$(printf 'recon.b,recon.a\n0.5,1\n' | ae-normalize --invert -m ab.aem -c)" = $'recon.a,recon.b\n10,200' ]
	[ "$(printf 'b,a,recon.b,recon.a\n0,0,0.5,1\n' | ae-normalize --invert -m ab.aem -c)" = $'a,b,recon.a,recon.b\n0,100,10,200' ]
	# fitted on the stream at hand
	printf 'a,b,target.b,target.a\n0,100,300,10\n10,300,100,0\n' | ae-normalize --fit minmax -c >out.csv
	[ "$(<out.csv)" = $'a,b,target.a,target.b\n0,0,1,1\n1,1,0,0' ]
	printf 'recon.c,recon.a\n0.5,1\n' >ca.csv
	expect_error 1 'ca.csv: recon has no feature "b", which the model has' ae-normalize --invert -m ab.aem ca.csv
}

@test "names: ae-plot overlay holds recon against x by name" {
	printf 'a,b,c,recon.c,recon.a,recon.b\n1,5,2,2,1,5\n' >p.csv
	printf 'a,b,c,recon.a,recon.b,recon.c\n1,5,2,1,5,2\n' | ae-plot overlay -O text >wanted.txt
	ae-plot overlay -O text p.csv | cmp - wanted.txt
}

@test "names: ae-err --top -m takes the units of training errors by name" {
	ae-err --top 2 -m "$F/m.aem" -c "$F/live.r.aes" | cut -d, -f3- >wanted.csv
	ae-cat -c -o r.csv "$F/live.r.aes"
	local seed
	for seed in 1 2 3; do
		permute $seed r.csv >p.csv
		ae-err --top 2 -m "$F/m.aem" p.csv -c | sed 's/^[^,]*,[^,]*,//' >got.csv
		near 1e-12 wanted.csv got.csv # sums in another order
	done
}

# ---- text against a model ----

@test "names: a text finds the model's columns wherever they stand, and the rest is passed through" {
	local seed
	for seed in 1 2 3 4; do
		permute $seed "$F/live.csv" >p.csv
		ae-normalize -m "$F/m.aem" p.csv >p.n.aes
		same 'columns id,x p.n.aes' "columns id,x $F/live.n.aes"
		permute $seed "$F/live.csv" Asset "Site name" y >more.csv
		ae-normalize -q -m "$F/m.aem" more.csv | ae-recon -m "$F/m.aem" | ae-err | ae-thresh -m "$F/m.aem" >more.v.csv
		same "ae-cat -c --pass 'Asset,Site name,y' --cols id,err,pred more.v.csv" "ae-cat -c --cols id,err,pred $F/live.v.csv"
		ae-cat -c --pass 'Asset,Site name,y' --cols 'Site name' more.v.csv | sed -n 2p | grep -qx 'text 1'
	done
}

@test "names: a note of many unknown columns says that there are more, and only then" {
	local count
	printf 'a,b\n1,2\n3,5\n' | ae-train -q --net 2-1-2 --epochs 1 -m two.aem
	for count in 6 7; do # the sixth is the last that is shown
		awk -v n="$count" 'BEGIN {
			printf "a,b"
			for (i = 1; i <= n; i++) printf ",unknown column %090d", i
			printf "\n1,2"
			for (i = 1; i <= n; i++) printf ",0"
			print ""
		}' >more.csv
		run --separate-stderr ae-recon -m two.aem -o out.aes more.csv
		[ "$status" -eq 0 ]
		[[ $stderr == "ae-recon: more.csv: $count columns that the model does not know "* ]]
		[ "$(grep -o 'unknown column' <<<"$stderr" | wc -l)" -eq 6 ]
		[[ $count -eq 7 && $stderr == *'6" and more' || $count -eq 6 && $stderr == *'6"' ]]
	done
}

@test "names: one note says what is passed through, and -q none" {
	permute 2 "$F/live.csv" Asset c >more.csv
	run --separate-stderr ae-normalize -m "$F/m.aem" -o out.aes more.csv more.csv
	[ "$status" -eq 0 ]
	[[ $stderr == 'ae-normalize: more.csv: 2 columns that the model does not know are passed through: "'*'", "'*'"' ]]
	[[ $stderr == *'"Asset"'* && $stderr == *'"c"'* ]]
	run --separate-stderr ae-normalize -q -m "$F/m.aem" -o out.aes more.csv
	[ -z "$stderr" ]
	permute 2 "$F/live.csv" Asset >more.csv
	run --separate-stderr ae-recon -m "$F/raw.aem" -o out.aes more.csv
	[ "$stderr" = 'ae-recon: more.csv: 1 column that the model does not know is passed through: "Asset"' ]
	# what has a role, by name or option, is no unknown column
	run --separate-stderr ae-recon --pass Asset -m "$F/raw.aem" -o out.aes more.csv
	[ -z "$stderr" ]
}

@test "names: every program with a model finds its columns in text" {
	permute 7 "$F/live.csv" Asset >more.csv
	same "ae-recon -q -m $F/raw.aem more.csv | ae-cat --cols id,x,recon" "ae-recon -m $F/raw.aem $F/live.csv | ae-cat --cols id,x,recon"
	same "ae-encode -q -m $F/raw.aem more.csv | ae-cat --cols id,latent" "ae-encode -m $F/raw.aem $F/live.csv | ae-cat --cols id,latent"
	same "ae-normalize -q -m $F/s.aem more.csv | ae-cat --cols id,x" "ae-normalize -m $F/s.aem $F/live.csv | ae-cat --cols id,x"
	ae-train -q --net 5-3-5 --epochs 2 --init "$F/raw.aem" -m a.aem "$F/live.csv"
	ae-train -q --net 5-3-5 --epochs 2 --init "$F/raw.aem" -m b.aem more.csv
	cmp a.aem b.aem
	ae-train -q --resume "$F/raw.aem" --epochs 7 -m a.aem "$F/live.csv"
	ae-train -q --resume "$F/raw.aem" --epochs 7 -m b.aem more.csv
	cmp a.aem b.aem
	ae-normalize -q -m "$F/m.aem" more.csv -c >scaled.csv
	same "ae-recon -q --scaled -m $F/m.aem scaled.csv | columns recon" "columns recon $F/live.r.aes"
}

@test "names: a column that the model takes and the text has not is named, and the nearest one" {
	sed '1s/heat/Heat/' "$F/live.csv" >Heat.csv
	expect_error 1 'Heat.csv: line 1: no column "heat", which the model takes; the nearest is "Heat"' ae-normalize -m "$F/m.aem" Heat.csv
	cut -d, -f1,2,4- "$F/live.csv" >less.csv
	expect_error 1 'less.csv: line 1: no column "heat", which the model takes' ae-recon -m "$F/raw.aem" less.csv
	cp "$F/live.csv" live.csv
	expect_error 1 'live.csv: line 1: column "heat" is given to --pass, but the model takes it as x' ae-recon --pass heat -m "$F/raw.aem" live.csv
	sed '1s/rpm/heat/' "$F/live.csv" >twice.csv
	expect_error 1 'twice.csv: line 1: columns 3 and 6 are both called "heat", which the model takes: *' ae-recon -m "$F/raw.aem" twice.csv
}

@test "names: --x says the inputs, in whatever order, and they must be the model's" {
	permute 9 "$F/live.csv" Asset >more.csv
	same "ae-recon --x rpm,p.out,p.in,heat,flow -m $F/raw.aem more.csv 2>err.txt | columns id,x,recon" \
		"ae-recon -m $F/raw.aem $F/live.csv | columns id,x,recon"
	[ ! -s err.txt ]
	cut -d, -f1 "$F/live.csv" | sed '1s/id/other/; 2,$s/.*/1/' | paste -d, "$F/live.csv" - >other.csv
	expect_error 1 'other.csv: x has no feature "flow", which the model has' ae-recon --x other,heat,p.in,p.out,rpm -m "$F/raw.aem" other.csv
}

@test "names: a model without names takes columns by place" {
	tail -n +2 "$F/train.csv" | ae-train -q -H --id 1 --net 5-3-5 --epochs 1 -m un.aem
	printf 'b,a,c,d,e\n1,2,3,4,5\n' | ae-recon -m un.aem -c >named.csv
	printf '1,2,3,4,5\n' | ae-recon -H -m un.aem -c | tail -n 1 | cmp - <(tail -n 1 named.csv)
}

@test "names: a model of windows finds the columns of plain rows" {
	ae-normalize -q --fit standard "$F/train.csv" | ae-window --size 3 --drop-incomplete -o w.aes
	ae-train -q --net 'flatten, dense 4 tanh | dense 15' --epochs 1 -m w.aem w.aes
	ae-normalize -m w.aem "$F/live.csv" | columns id,x >wanted.csv
	permute 8 "$F/live.csv" Asset >more.csv
	ae-normalize -q -m w.aem more.csv | columns id,x | cmp - wanted.csv
	# windows as text spell their places
	ae-normalize -m w.aem "$F/live.csv" | ae-window --size 3 --drop-incomplete -c >windows.csv
	ae-normalize -m w.aem "$F/live.csv" | ae-window --size 3 --drop-incomplete | ae-recon -m w.aem | columns recon | tail -n +2 >wanted.csv
	ae-recon --scaled --shape 3,5 -m w.aem windows.csv | columns recon | tail -n +2 | cmp - wanted.csv
}

# ---- streams against a model ----

@test "names: a stream whose x is in another order is put in the model's, its scaler with it" {
	local seed n
	for seed in 1 2 3; do
		permute $seed "$F/live.csv" >p.csv
		ae-cat -o p.aes p.csv
		same "ae-normalize -m $F/m.aem p.aes | columns id,x" "columns id,x $F/live.n.aes"
		same "ae-recon -m $F/raw.aem p.aes | columns id,x,recon" "ae-recon -m $F/raw.aem $F/live.csv | columns id,x,recon"
		# scaled in that order, by a scaler fitted in that order
		permute $seed "$F/train.csv" | ae-normalize -q --fit standard --save p.s.aem -o p.train.aes
		ae-normalize -m p.s.aem -o p.n.aes p.csv
		for n in 1 2 7 512; do
			same "ae-cat --batch-rows $n p.n.aes | ae-recon -m $F/m.aem | ae-err | ae-cat --cols id,err" \
				"ae-cat --cols id,err $F/live.e.aes"
		done
		same "ae-encode -m $F/m.aem p.n.aes | columns latent" "ae-encode -m $F/m.aem $F/live.n.aes | columns latent"
	done
	ae-cat --x id,heat,p.in,p.out,rpm -o no.aes <(sed '2,$s/^r//' "$F/live.csv")
	expect_error 1 'no.aes: x has no feature "flow", which the model has' ae-recon -m "$F/raw.aem" no.aes
}

@test "names: a scaler of another x is refused in another order too" {
	permute 1 "$F/live.csv" | ae-normalize -q --fit standard -o other.aes
	expect_error 1 "other.aes: x was scaled by another scaler than the model's: *" ae-recon -m "$F/m.aem" other.aes
}

# ---- streams after one another ----

@test "names: streams of other orders come in that of the first" {
	local seed
	for seed in 1 2 3; do
		permute $seed "$F/live.csv" >p.csv
		ae-cat -o p.aes p.csv
		same "ae-cat $F/live.csv p.csv" "ae-cat $F/live.csv $F/live.csv"
		same "cat $F/live.aes p.aes $F/live.aes | ae-cat" "ae-cat $F/live.aes $F/live.aes $F/live.aes"
		same "cat $F/live.aes p.aes | ae-cat --batch-rows 7" "ae-cat --batch-rows 7 $F/live.aes $F/live.aes"
		same "ae-normalize -m $F/m.aem $F/live.csv p.csv" "ae-normalize -m $F/m.aem $F/live.csv $F/live.csv"
		same "ae-normalize -q --fit robust $F/live.aes p.aes" "ae-normalize -q --fit robust $F/live.aes $F/live.aes"
		same "ae-split -q --test-out t1.aes $F/live.aes p.aes" "ae-split -q --test-out t2.aes $F/live.aes $F/live.aes"
		cmp t1.aes t2.aes
		ae-train -q --net 5-3-5 --epochs 2 -m one.aem "$F/live.aes" p.aes
		ae-train -q --net 5-3-5 --epochs 2 -m two.aem "$F/live.aes" "$F/live.aes"
		cmp one.aem two.aem
	done
}

@test "names: verdicts whose columns stand in another order are measured and drawn as one stream" {
	awk -F, -v OFS=, 'NR == 1 { print $0, "label"; next } { print $0, NR % 3 == 0 ? "bad" : "good" }' "$F/live.v.csv" >v.csv
	permute 2 v.csv >p.csv
	same 'ae-metrics --normal good v.csv p.csv' 'ae-metrics --normal good v.csv v.csv'
	same 'ae-metrics --normal good p.csv v.csv' 'ae-metrics --normal good v.csv v.csv'
	same 'ae-plot hist -O text v.csv p.csv' 'ae-plot hist -O text v.csv v.csv'
	same 'ae-thresh --at 0.5 -c v.csv p.csv' 'ae-thresh --at 0.5 -c v.csv v.csv'
	same 'ae-thresh --fit sigma:1 --save a.aem v.csv p.csv' 'ae-thresh --fit sigma:1 --save b.aem v.csv v.csv'
	ae-noise --gaussian 0.1 --seed 3 "$F/train.n.aes" "$F/train.n.aes" >wanted.aes
	permute 3 "$F/train.csv" | ae-normalize -q --fit standard -o p.aes
	ae-noise --gaussian 0.1 --seed 3 "$F/train.n.aes" p.aes | cmp - wanted.aes
	ae-info --count v.csv p.csv >/dev/null
	awk -F, -v OFS=, '{ print $0, NR == 1 ? "pred2" : 1 }' v.csv >more.csv
	expect_error 1 'more.csv: columns other than those of the stream before it: column "pred2" is new' ae-metrics --normal good v.csv more.csv
}

@test "names: scaled streams of other orders have one scaler, by name" {
	permute 3 "$F/train.csv" | ae-normalize -q --fit standard -o p.aes
	same "ae-cat $F/train.n.aes p.aes" "ae-cat $F/train.n.aes $F/train.n.aes"
	same "ae-cat p.aes $F/train.n.aes | ae-recon -m $F/m.aem | columns recon" "ae-cat $F/train.n.aes $F/train.n.aes | ae-recon -m $F/m.aem | columns recon"
	ae-cat "$F/train.n.aes" p.aes | ae-normalize --invert -o both.aes
	same "ae-normalize --invert $F/train.n.aes $F/train.n.aes | ae-cat -c" 'ae-cat -c both.aes'
	ae-train -q --net 5-3-5 --epochs 2 -m one.aem "$F/train.n.aes" p.aes
	ae-train -q --net 5-3-5 --epochs 2 -m two.aem "$F/train.n.aes" "$F/train.n.aes"
	cmp one.aem two.aem
}

# ---- --valid ----

@test "names: --valid FILE is brought into the order of the training rows, text or AEST, scaled or not" {
	local file
	permute 5 "$F/live.csv" Asset >more.csv
	permute 5 "$F/live.csv" >p.csv
	ae-cat -o p.aes p.csv
	permute 5 "$F/train.csv" | ae-normalize -q --fit standard --save p.s.aem >/dev/null
	ae-normalize -q -m p.s.aem -o p.n.aes p.csv
	ae-train -q --net 5-3-5 --epochs 3 --valid "$F/live.n.aes" --log wanted.csv -m wanted.aem "$F/train.n.aes"
	for file in "$F/live.csv" "$F/live.aes" more.csv p.csv p.aes p.n.aes; do
		ae-train -q --net 5-3-5 --epochs 3 --valid "$file" --log log.csv -m got.aem "$F/train.n.aes"
		cmp log.csv wanted.csv
		cmp got.aem wanted.aem
	done
	sed '1s/heat/cold/' "$F/live.csv" >cold.csv
	ae-cat -o cold.aes cold.csv
	expect_error 1 'cold.csv: line 1: no column "heat", which the model takes' ae-train --net 5-3-5 --valid cold.csv -m no.aem "$F/train.n.aes"
	expect_error 1 'cold.aes: x has no feature "heat", which x of the training rows has' ae-train -q --net 5-3-5 --valid cold.aes -m no.aem "$F/train.n.aes"
	[ ! -e no.aem ]
}

@test "names: --valid as text is taken as unscaled, with a note; --scaled vouches; what looks scaled is refused" {
	ae-cat -c -o scaled.csv "$F/live.n.aes"
	ae-train -q --net 5-3-5 --epochs 3 --valid "$F/live.n.aes" --log wanted.csv -m m.aem "$F/train.n.aes"
	run --separate-stderr ae-train --net 5-3-5 --epochs 3 --valid "$F/live.csv" --log log.csv -m m.aem "$F/train.n.aes"
	[ "$status" -eq 0 ]
	[[ $stderr == *"ae-train: $F/live.csv: text does not say how x was scaled: taken as unscaled, and scaled as the training rows were"* ]]
	cmp log.csv wanted.csv
	ae-train -q --net 5-3-5 --epochs 3 --scaled --valid scaled.csv --log log.csv -m m.aem "$F/train.n.aes"
	cmp log.csv wanted.csv
	expect_error 1 'scaled.csv: the values lie in the range of the scaled training rows as they are, and outside of it once scaled: --scaled says *, --force *' \
		ae-train -q --net 5-3-5 --epochs 3 --valid scaled.csv -m no.aem "$F/train.n.aes"
	ae-train -q --force --net 5-3-5 --epochs 1 --valid scaled.csv -m m.aem "$F/train.n.aes"
	expect_error 2 '--scaled goes with --valid FILE' ae-train --net 5-3-5 --scaled -m no.aem "$F/train.n.aes"
	expect_error 2 '--scaled goes with --valid FILE' ae-train --net 5-3-5 --scaled --valid 0.2 -m no.aem "$F/train.n.aes"
	[ ! -e no.aem ]
}

# ---- --init and --resume ----

@test "names: --init and --resume bring the rows into the model's order, and refuse other features" {
	permute 6 "$F/train.csv" >p.csv
	ae-cat -o p.aes p.csv
	ae-train -q --net 5-3-5 --epochs 2 --init "$F/raw.aem" -m wanted.aem "$F/train.csv"
	ae-train -q --net 5-3-5 --epochs 2 --init "$F/raw.aem" -m got.aem p.aes
	cmp wanted.aem got.aem
	ae-train -q --resume "$F/raw.aem" --epochs 6 -m wanted.aem "$F/train.csv"
	ae-train -q --resume "$F/raw.aem" --epochs 6 -m got.aem p.aes
	cmp wanted.aem got.aem
	ae-normalize -q --fit standard -o p.n.aes p.csv
	ae-train -q --resume "$F/m.aem" --epochs 6 -m wanted.aem "$F/train.n.aes"
	ae-train -q --resume "$F/m.aem" --epochs 6 -m got.aem p.n.aes
	cmp wanted.aem got.aem
	sed '1s/heat/cold/' "$F/train.csv" | ae-cat -o cold.aes
	expect_error 1 "$F/raw.aem: x has no feature \"heat\", which the model has*" ae-train -q --resume "$F/raw.aem" --epochs 6 -m no.aem cold.aes
	expect_error 1 "$F/raw.aem: x has no feature \"heat\", which the model has*" ae-train -q --net 5-3-5 --init "$F/raw.aem" -m no.aem cold.aes
	[ ! -e no.aem ]
}

# ---- --paste ----

@test "names: --paste brings the pasted features into the order of those that are there" {
	columns recon "$F/live.r.aes" >recon.csv
	ae-cat --paste recon.csv "$F/live.n.aes" | ae-err -c >wanted.csv
	local seed n
	for seed in 1 2 3; do
		permute $seed recon.csv >p.csv
		same "ae-cat --paste p.csv $F/live.n.aes" "ae-cat --paste recon.csv $F/live.n.aes"
		for n in 1 7; do
			ae-cat --batch-rows $n -o p.aes p.csv
			ae-cat --paste p.aes "$F/live.n.aes" | ae-err -c | cmp - wanted.csv
		done
	done
	printf 'a,b\n1,2\n' >ab.csv
	printf 'recon.c,recon.d\n1,2\n' >cd.csv
	[ "$(ae-cat -c --paste cd.csv ab.csv)" = $'a,b,recon.c,recon.d\n1,2,1,2' ]
}

# ---- live, memory ----

@test "names: a row in another order goes on before the next is sent" {
	mkfifo in out
	ae-normalize -q -m "$F/m.aem" -c <in >out &
	local pid=$! line
	exec 8<>in 9<>out
	printf 'Asset,rpm,id,p.out,p.in,heat,flow\n' >&8
	read -r -t 20 line <&9
	[ "$line" = Asset,flow,heat,p.in,p.out,rpm,id ]
	printf 'pump 1,1200,r1,0.5,50,45,0.4\n' >&8
	read -r -t 20 line <&9
	[[ $line == "pump 1,"*,r1 ]]
	kill -TERM $pid
	wait $pid || [ $? -eq 143 ]
	exec 8>&- 9>&-
}

# bats test_tags=threads
@test "names: clean under valgrind" {
	permute 3 "$F/live.csv" Asset >more.csv
	ae-cat -o p.aes <(permute 3 "$F/live.csv")
	valgrind_clean ae-normalize -q -m "$F/m.aem" more.csv -o n.aes
	valgrind_clean ae-normalize -q -m "$F/m.aem" "$F/live.aes" p.aes -o n.aes
	valgrind_clean ae-recon -m "$F/m.aem" n.aes -o r.aes
	valgrind_clean ae-err --top 2 -m "$F/m.aem" r.aes -o e.aes
	valgrind_clean ae-cat --paste r.aes --cols err,recon -o both.aes e.aes
	valgrind_clean ae-train -q -j 2 --net 5-3-5 --epochs 1 --init "$F/m.aem" --valid p.aes -m t.aem n.aes
	expect_error 1 '*' valgrind_clean ae-recon -m "$F/m.aem" "$F/live.e.aes"
	expect_error 1 '*' valgrind_clean ae-cat "$F/live.aes" "$F/live.e.aes"
}

@test "features that are named after places meet x without names at these places" {
	printf 'x.2,x.1,recon.x.2,recon.x.1\n1,20,1,20\n' | ae-err -c >e.csv
	[ "$(<e.csv)" = $'err\n0' ]
	printf 'x.1,x.3,x.2,recon.x.1,recon.x.3,recon.x.2\n1,3,2,1,3,2\n' | ae-err -c >e.csv
	[ "$(<e.csv)" = $'err\n0' ]
	printf 'x.2,x.1,target.x.2,target.x.1\n1,20,1,20\n' | ae-err --of x -c >e.csv
	[ "$(<e.csv)" = $'err\n0' ]
	# a model of --x x.2,x.1, and rows that come as text, as text of ours, and as a stream without names
	printf 'x.2,x.1\n1,20\n3,40\n' >p.csv
	ae-train -q --x x.2,x.1 --net 2-1-2 --epochs 3 -m o.aem p.csv
	ae-recon -m o.aem p.csv | ae-err -c >wanted.csv
	ae-cat p.csv | ae-recon -m o.aem | ae-err -c | cmp - wanted.csv
	ae-recon -m o.aem -c p.csv | ae-err -c | cmp - wanted.csv
	ae-cat p.csv | ae-cat - <(ae-cat p.csv) | ae-recon -m o.aem | ae-err -c | head -n 3 | cmp - wanted.csv
	printf 'x.1,x.2,x.3\n1,2,3\n' | ae-train -q --x x.1,x.3 --net 2-1-2 --epochs 1 -m sb.aem
	ae-cat p.csv >p.aes
	expect_error 1 'p.aes: x has no feature "x.3", which the model has; *' ae-recon -m sb.aem p.aes
}
