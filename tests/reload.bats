#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# --reload: a chain takes up a new model while it runs, and no row is lost.
load helpers

# readings ROWS [SEED]: two machines, three columns, ids and times.
readings() {
	awk -v n="$1" -v seed="${2:-1}" 'BEGIN {
		srand(seed)
		print "machine,time,id,a,b,c"
		for (i = 1; i <= n; i++)
			printf "m%d,%d,r%d,%.3f,%.3f,%.3f\n", i % 2, 1700000000 + i, i, rand() * 10, rand() * 3 + 5, rand()
	}'
}

# train MODEL SEED [WINDOW]: a model with a threshold on 400 such rows; without windows with a scaler alone.
train() {
	readings 400 "$2" >train.csv
	if [ -n "${3-}" ]; then
		ae-normalize -q --fit standard --pass machine train.csv | ae-window -q --size "$3" --group machine -o train.aes
	else
		ae-normalize -q --fit standard --pass machine train.csv -o train.aes
	fi
	ae-train -q --net "dense 4 tanh | dense $((${3:-1} * 3))${3:+ reshape ${3}x3}" --epochs 2 --seed "$2" -m "$1" train.aes
	ae-recon -m "$1" train.aes | ae-err | ae-thresh -q --fit quantile:0.6 -m "$1" >threshold.txt
}

setup_file() {
	cd "$BATS_FILE_TMPDIR" || return
	train a.aem 1
	train b.aem 2
	train wa.aem 1 4
	train wb.aem 2 4
}

setup() {
	helpers_setup
	F=$BATS_FILE_TMPDIR
	mkfifo feed
}

teardown() {
	exec 9>&-
}

# chain: the programs on the rows of the feed, verdicts in out.csv, what they say in note.
chain() {
	{
		ae-normalize -m M --reload --pass machine <feed | ae-recon -m M | ae-err | ae-thresh -m M
	} >out.csv 2>note &
	exec 9>feed
}

# put FROM: a new model takes the place of M.
put() {
	cp "$1" M.new
	mv M.new M
}

# plain MODEL FILE: the verdicts on a file by that model, without the header.
plain() {
	ae-normalize -m "$1" --pass machine "$2" | ae-recon -m "$1" | ae-err | ae-thresh -m "$1" | tail -n +2
}

@test "--reload: a new model is taken up while no row comes, and by the programs behind" {
	readings 60 3 >in.csv
	cp "$F/a.aem" M
	chain
	head -n 31 in.csv >&9
	eventually has_lines out.csv 31
	put "$F/b.aem"
	eventually has_lines note 1
	tail -n +32 in.csv >&9
	exec 9>&-
	wait
	[ "$(<note)" = 'ae-normalize: M: a new model after row 30' ]
	{ head -n 31 in.csv; } >first.csv
	{ head -n 1 in.csv && tail -n +32 in.csv; } >second.csv
	{ head -n 1 out.csv && plain "$F/a.aem" first.csv && plain "$F/b.aem" second.csv; } >want.csv
	cmp out.csv want.csv
	run ! cmp -s <(plain "$F/a.aem" second.csv) <(plain "$F/b.aem" second.csv)
}

# windows OPTION...: the same with windows of machines, which the first program makes.
windows() {
	{
		ae-window -m M --reload --pass machine <feed | ae-normalize -m M | ae-recon -m M | ae-err | ae-smooth --mean 3 --group machine |
			ae-thresh --at 1 "$@"
	} >out.csv 2>note &
	exec 9>feed
}

# windows_of MODEL FILE: its rows with windows and errors by that model.
windows_of() {
	ae-window -m "$1" --pass machine "$2" | ae-normalize -m "$1" | ae-recon -m "$1" | ae-err -c | tail -n +2
}

# twins: models A and B of windows, of the same preparation with other weights.
twins() {
	readings 400 1 >train.csv
	ae-window -q --size 4 --group machine --pass machine train.csv | ae-normalize -q --fit div:10 -o train.aes
	ae-train -q --net 'dense 4 tanh | dense 12 reshape 4x3' --epochs 1 --seed 1 -m A train.aes
	ae-train -q --net 'dense 4 tanh | dense 12 reshape 4x3' --epochs 3 --seed 9 -m B train.aes
}

# is_of_twins FILE: the smoothed verdicts on in.csv, by A on 20 rows and then by B.
is_of_twins() {
	{ echo 'machine,time,id,err' && windows_of A in.csv | head -n 20 && windows_of B in.csv | tail -n +21; } >errors.csv
	ae-smooth --mean 3 --group machine --missing mask errors.csv | ae-thresh --at 0.01 -c >want.csv
	cmp "$1" want.csv
}

@test "--reload: windows, smoothing and episodes go on where the steps before are the same" {
	twins
	readings 40 3 >in.csv
	cp A M
	windows --at 0.01 --episodes e.jsonl --group machine
	head -n 21 in.csv >&9
	eventually has_lines out.csv 21
	put B
	eventually grep -q 'a new model' note
	tail -n +22 in.csv >&9
	exec 9>&-
	wait
	[ "$(<note)" = 'ae-window: M: a new model after row 20' ]
	# windows cross the boundary: only the first three rows of each machine have none
	is_of_twins out.csv
	# one episode for each machine, from its first window to the end
	[ "$(grep -c '"event":"start"' e.jsonl)" = 2 ]
}

@test "--reload --state: what went on with a new model goes on after a restart too" {
	twins
	readings 60 3 >in.csv
	cp A M
	kept() {
		ae-window -m M --reload --pass machine --state w.state | ae-normalize -m M | ae-recon -m M | ae-err |
			ae-smooth --mean 3 --group machine --state s.state |
			ae-thresh --at 0.01 --group machine --merge-gap 2 --episodes e.jsonl --state e.state
	}
	kept <feed >out.csv 2>note &
	exec 9>feed
	head -n 21 in.csv >&9
	eventually has_lines out.csv 21
	put B
	eventually grep -q 'a new model' note
	sed -n '22,41p' in.csv >&9
	exec 9>&-
	wait
	{ head -n 1 in.csv && tail -n +42 in.csv; } | kept 2>>note | tail -n +2 >>out.csv
	[ "$(<note)" = 'ae-window: M: a new model after row 20' ]
	is_of_twins out.csv
	[ "$(grep -c '"event":"start"' e.jsonl)" = 2 ] && ! grep -q '"event":"end"' e.jsonl
}

@test "--reload: --missing last fills from rows before the new model, and with --state after a restart" {
	readings 60 3 | awk -F, -v OFS=, 'NR == 22 || NR == 23 || NR == 42 || NR == 43 { $4 = "" } 1' >in.csv
	cp "$F/a.aem" M
	fill() {
		ae-normalize -m "$1" --pass machine --missing last --group machine "${@:2}"
	}
	fill M --reload --state n.state -c <feed >out.csv 2>note &
	exec 9>feed
	head -n 21 in.csv >&9
	eventually has_lines out.csv 21
	put "$F/b.aem"
	eventually grep -q 'a new model' note
	sed -n '22,41p' in.csv >&9
	exec 9>&-
	wait
	{ head -n 1 in.csv && tail -n +42 in.csv; } | fill M --reload --state n.state --headerless -q -c >>out.csv
	{ fill "$F/a.aem" -q -c in.csv | head -n 21 && fill "$F/b.aem" -q -c in.csv | tail -n +22; } >want.csv
	cmp out.csv want.csv
	run ! grep -q '^[^,]*,[^,]*,[^,]*,,' out.csv
	[ "$(awk -F, 'NR > 1 && $NF == 2' out.csv | wc -l)" = 4 ] # n_obs
}

@test "--reload: what was kept of rows that were prepared otherwise starts anew, and this is said" {
	readings 40 3 >in.csv
	cp "$F/a.aem" M
	{
		ae-normalize -m M --reload --pass machine <feed | ae-recon -m M | ae-err | ae-smooth --mean 3 --group machine |
			ae-thresh --at 1 --stream quantile:0.9 --window 20 --episodes e.jsonl
	} >out.csv 2>note &
	exec 9>feed
	head -n 21 in.csv >&9
	eventually has_lines out.csv 21
	put "$F/b.aem"
	eventually grep -q 'a new model' note
	tail -n +22 in.csv >&9
	exec 9>&-
	wait
	sort note | diff - <(sort <<-'END'
		ae-normalize: M: a new model after row 20
		ae-smooth: with the new model x is prepared otherwise: all groups start anew
		ae-thresh: with the new model x is prepared otherwise: what follows from the rows before starts anew
		ae-thresh: with the new model x is prepared otherwise: episodes start anew
	END
	)
}

@test "--reload: a file that is cut, damaged, empty, gone or of another shape is told once, and the model before stays" {
	local n
	readings 200 3 >in.csv
	cp "$F/a.aem" M
	ae-train -q --net 'dense 2 | dense 3' --epochs 1 -m other.aem <(ae-normalize -q --fit standard --pass machine in.csv)
	ae-train -q --net 'dense 2 | dense 2' --epochs 1 -m narrow.aem <(ae-normalize -q --fit standard --pass machine,c in.csv)
	cp "$F/b.aem" large.aem
	truncate -s 40M large.aem
	head -c 900 "$F/b.aem" >cut.aem
	flip "$F/b.aem" 1200 3 >bad.aem
	: >empty.aem
	mkdir folder
	chain
	head -n 2 in.csv >&9
	eventually has_lines out.csv 2
	n=1 # what is said
	for file in cut.aem bad.aem empty.aem other.aem narrow.aem large.aem "$F/wa.aem"; do
		put "$file"
		eventually has_lines note $n
		n=$((n + 1))
		echo "m0,1700000002,r$n,1,5,0.5" >&9
		eventually has_lines out.csv $((n + 1))
	done
	rm M
	eventually has_lines note $n
	mkdir M
	eventually has_lines note $((n + 1))
	rmdir M
	put "$F/b.aem"
	eventually grep -q 'a new model' note
	exec 9>&-
	wait
	diff note - <<-'END'
		ae-normalize: M: truncated: it ends inside a message (the model in use stays)
		ae-normalize: M: message 11: wrong checksum (the model in use stays)
		ae-normalize: M: not a model file: it is empty (the model in use stays)
		ae-normalize: M: holds no threshold; ae-thresh --fit puts one there before it gets this name (the model in use stays)
		ae-normalize: M: takes x of shape [2], not [3] (the model in use stays)
		ae-normalize: M: has 41943040 bytes, more than the 32 MiB that --reload takes; ae-train --strip leaves the state of the optimiser out (the model in use stays)
		ae-normalize: M: x goes through other programs (the model in use stays)
		ae-normalize: M: No such file or directory (the model in use stays)
		ae-normalize: M: --reload takes a regular file (the model in use stays)
		ae-normalize: M: a new model after row 8
	END
	[ "$(wc -l <out.csv)" = 9 ]
}

# other LOSS OPTION...: a model of the same rows, trained so, without a threshold
other() {
	ae-normalize -q --fit standard --missing mask train.csv |
		ae-train -q --net 'dense 4 tanh | dense 2' --epochs 1 --loss "$@"
}

@test "--reload: a model of another loss, or without --missing mask where the one in use has it, does not fit" {
	awk 'BEGIN { print "a,b"; for (i = 0; i < 200; i++) print i % 7 "," (i % 3 ? i % 5 : "") }' >train.csv
	other mse --missing mask -m mse.aem
	other mae --missing mask -m mae.aem
	other mse -m whole.aem
	other mse --missing mask --init mse.aem -m next.aem
	cp mse.aem M
	ae-normalize -m M --reload --missing mask <feed 2>note | ae-recon -m M --impute | ae-normalize --invert -c >out.csv 2>note2 &
	exec 9>feed
	printf 'a,b\n1,\n' >&9
	eventually has_lines out.csv 2
	put mae.aem
	eventually has_lines note 1
	put whole.aem
	eventually has_lines note 2
	printf '2,\n' >&9
	eventually has_lines out.csv 3
	put next.aem
	eventually has_lines note 3
	printf '3,\n' >&9
	exec 9>&-
	wait
	diff note - <<-'END'
		ae-normalize: M: was trained with --loss mae, not mse, and errors would be others (the model in use stays)
		ae-normalize: M: was not trained with --missing mask, as the one in use was (the model in use stays)
		ae-normalize: M: a new model after row 2
	END
	[ "$(wc -l <out.csv)" = 4 ]
	run ! grep -q -e ',$' out.csv
}

@test "--reload: a threshold on errors made or smoothed otherwise, or of other groups, does not fit, and both are named" {
	local n=0 said
	readings 400 1 >train.csv
	# fitted MODEL ERRORS [OPTION]...: with a threshold on the errors that this shell command makes of recon
	fitted() {
		cp "$F/a.aem" "$1"
		ae-normalize -q -m "$1" --time time --pass machine train.csv | ae-recon -m "$1" | sh -c "$2" |
			ae-thresh -q --fit quantile:0.6 -m "$1" "${@:3}" >/dev/null
	}
	fitted one.aem 'ae-err | ae-smooth --mean 3'
	fitted gap.aem 'ae-err | ae-smooth --mean 3 --max-gap 1m'
	fitted by.aem 'ae-err | ae-smooth --mean 3 --group machine'
	fitted none.aem ae-err
	fitted metric.aem 'ae-err --metric max | ae-smooth --mean 3'
	fitted groups.aem 'ae-err | ae-smooth --mean 3' --group machine
	cp one.aem M
	ae-normalize -m M --reload --pass machine <feed 2>note | ae-recon -m M | ae-err | ae-smooth --mean 3 | ae-thresh -m M >out.csv &
	exec 9>feed
	head -n 11 train.csv >&9
	eventually has_lines out.csv 11
	for said in gap by none metric groups; do
		put $said.aem
		eventually has_lines note $((++n))
	done
	sed -n 12,21p train.csv >&9
	eventually has_lines out.csv 21
	exec 9>&-
	wait
	diff note - <<-'END'
		ae-normalize: M: its threshold is for errors by mse against x, scaled units, smoothed by mean:3, max-gap 1m, that of the one in use for errors by mse against x, scaled units, smoothed by mean:3 (the model in use stays)
		ae-normalize: M: its threshold is for errors by mse against x, scaled units, smoothed by mean:3, group machine, that of the one in use for errors by mse against x, scaled units, smoothed by mean:3 (the model in use stays)
		ae-normalize: M: its threshold is for errors by mse against x, scaled units, that of the one in use for errors by mse against x, scaled units, smoothed by mean:3 (the model in use stays)
		ae-normalize: M: its threshold is for errors by max against x, scaled units, smoothed by mean:3, that of the one in use for errors by mse against x, scaled units, smoothed by mean:3 (the model in use stays)
		ae-normalize: M: its threshold is for errors by mse against x, scaled units, smoothed by mean:3, values by machine, that of the one in use for errors by mse against x, scaled units, smoothed by mean:3 (the model in use stays)
	END
}

@test "a continued stream whose scores are made otherwise starts smoothing, windows and episodes anew, and says so" {
	local cols='\xa4cols\x91\x84\xa4name\xa3err\xa4role\xa3err\xa4type\xa3f64\xa5shape\x90' metric='\xa7lineage\xc4\x0c\x81\xa6metric\xa3'
	local row='\x94\x01\x01\xc4\x08\0\0\0\0\0\0\xf0\x3f' end='\x93\x02\x81\xa4rows\x01'
	hand_made "\x82$cols${metric}mse" "$row" "$end" >s.aes
	for next in mse mae; do
		hand_made "\x83$cols$metric$next\xa9continued\xc3" "$row" "$end" | cat s.aes - >$next.aes
	done
	ae-smooth --mean 2 mse.aes >/dev/null 2>note
	[ ! -s note ]
	ae-smooth --mean 2 mae.aes 2>>note >/dev/null
	ae-thresh --at 0.5 --episodes - mse.aes >one.jsonl
	[ "$(grep -c '"event":"start"' one.jsonl)" = 1 ]
	ae-thresh --at 0.5 --episodes - mae.aes 2>>note >two.jsonl
	[ "$(grep -c '"event":"start"' two.jsonl)" = 2 ]
	ae-thresh --stream quantile:0.5 --window 2 mae.aes 2>>note >/dev/null
	grep -v 'no column of role "time"' note | diff - <(
		cat <<-'END'
			ae-smooth: with the new model scores are made otherwise: what follows from the rows before starts anew
			ae-thresh: with the new model scores are made otherwise: episodes start anew
			ae-thresh: with the new model scores are made otherwise: what follows from the rows before starts anew
		END
	)
}

@test "ae-train --init: takes --missing mask over, or says that it is dropped" {
	awk 'BEGIN { print "a,b"; for (i = 0; i < 200; i++) print i % 7 "," (i % 3 ? i % 5 : "") }' >train.csv
	grep -v ',$' train.csv >whole.csv
	other mse --missing mask -m I
	ae-normalize -q -m I whole.csv | ae-train --init I --net 'dense 4 tanh | dense 2' --epochs 1 -m J 2>said
	run ! grep -q 'missing' said
	ae-info J | grep '^training' | grep -q 'missing values masked'
	[ "$(echo 'a,b
1,' | ae-normalize -q -m J --missing mask | ae-recon -m J | ae-err -c | tail -n 1)" != '' ]
	ae-train --init I --missing skip --net 'dense 4 tanh | dense 2' --epochs 1 -m K whole.csv 2>said
	grep -qx 'ae-train: I: was trained with --missing mask, and the new model is not: rows with missing values get no verdict from it' said
	run ! grep -q 'masked' <(ae-info K)
}

# pair: models one and two of the same scaler, with thresholds, and saved.aes, which carries the first.
pair() {
	local seed=0 n
	readings 400 1 >train.csv
	ae-normalize -q --fit standard --pass machine train.csv -o train.aes
	for n in one two; do
		ae-train -q --net 'dense 2 tanh | dense 3' --epochs 1 --seed ${#n}$((seed += 1)) -m $n train.aes
		ae-recon -m $n train.aes | ae-err | ae-thresh -q --fit quantile:0.6 -m $n >threshold.txt
	done
	readings 100 3 >in.csv
	ae-normalize --reload -m one --pass machine in.csv -o saved.aes
}

# judged MODEL COMMAND...: what the rest of the chain makes of the command's stream
judged() {
	"${@:2}" | ae-recon -m "$1" | ae-err | ae-thresh -m "$1"
}

@test "--reload: a stored stream carries a model, and -m holds all the same" {
	pair
	ae-normalize -m two --pass machine in.csv | ae-recon -m two -o want.aes
	ae-recon -m two saved.aes | ae-cat -c | cmp - <(ae-cat -c want.aes)
	ae-recon -m two <saved.aes | ae-cat -c | cmp - <(ae-cat -c want.aes)
	run ! cmp -s <(ae-recon -m one saved.aes | ae-cat -c) <(ae-cat -c want.aes)
	# nothing is passed on to those behind
	ae-recon -m two saved.aes | ae-err | ae-thresh -m two | tail -n +2 | cmp - <(plain two in.csv)
	[ "$(ae-recon -m two saved.aes | ae-info - | grep -c carries)" = 0 ]
	ae-recon -m one < <(cat saved.aes) | ae-err -o err.aes
	ae-info err.aes | grep -q carries
	[ "$(ae-smooth --mean 2 err.aes | ae-info - | grep -c carries)" = 0 ]
	# a threshold that was fitted later, in the file of the chain's model
	cp one W
	ae-normalize --reload -m W --pass machine in.csv -o saved.aes
	ae-recon -m W saved.aes | ae-err | ae-thresh -q --fit quantile:0.5 -m W >/dev/null
	[ "$(ae-recon -m W saved.aes | ae-err | ae-thresh -m W | grep -c ',1$')" = 50 ]
}

@test "--reload: in a pipe a model that -m does not name is an error, and that of the chain is used" {
	pair
	expect_error 1 '<stdin>: carries another model, of --reload, than two: -m names that of the first program; *' ae-recon -m two < <(cat saved.aes)
	expect_error 1 '<stdin>: carries another model, *' ae-recon -m two < <(ae-cat saved.aes)
	expect_error 1 '<stdin>: carries another model, *' ae-normalize --invert -m two < <(cat saved.aes)
	expect_error 1 '<stdin>: carries another model, *' ae-recon -m <(cat one) < <(cat saved.aes)
	cp one copy
	judged copy cat saved.aes | tail -n +2 | cmp - <(plain one in.csv)
	ae-recon -m one < <(cat saved.aes) | ae-err -o err.aes
	expect_error 1 '<stdin>: carries another model, *' ae-thresh -m two < <(cat err.aes)
	# a threshold alone holds
	ae-thresh -q --fit fixed:0 --save T err.aes
	[ "$(ae-thresh -m T < <(cat err.aes) | grep -c ',1$')" = 100 ]
	# two such streams in a row
	ae-normalize --reload -m two --pass machine in.csv -o other.aes
	run --separate-stderr ae-recon -m one < <(cat saved.aes other.aes)
	[[ $status = 1 && $stderr = *': carries another model, '* ]]
	judged one cat saved.aes saved.aes | wc -l | grep -qx 201
}

@test "--reload: ae-info shows the model that a stream carries, and ae-cat copies it" {
	pair
	digest=$(ae-info one | sed -n 's/^digest *//p')
	ae-info saved.aes >about
	grep -qx "carries     $digest" about
	grep -qx "$(ae-info one | grep '^threshold')" about
	ae-cat saved.aes | ae-info - | tail -n +2 | cmp - <(tail -n +2 about)
}

@test "--reload: a model that is replaced before the first row comes is taken up as any" {
	pair
	cp one M
	chain
	eventually grep -q . <(pgrep -f 'ae-thresh -m M')
	sleep 0.3
	put two
	cat in.csv >&9
	exec 9>&-
	wait
	[ "$(wc -l <out.csv)" = 101 ]
	[ "$(<note)" = 'ae-normalize: M: a new model after row 0' ]
	tail -n +2 out.csv | cmp - <(plain two in.csv)
}

@test "--reload: a model that is replaced before a program behind begins is taken up as any" {
	pair
	cp one M
	{
		ae-normalize -m M --reload --pass machine <feed | tee seen | {
			eventually [ -e go ]
			ae-recon -m M | ae-err | ae-thresh -q -m M
		}
	} >out.csv 2>note &
	exec 9>feed
	head -n 51 in.csv >&9
	eventually has_bytes seen 5000
	put two
	: >go
	eventually has_lines out.csv 51
	eventually grep -q 'a new model' note
	tail -n +52 in.csv >&9
	exec 9>&-
	wait
	sort note | diff - <(printf '%s\n' \
		'ae-normalize: M: a new model after row 50' \
		'ae-recon: <stdin>: carries the model that M held when the chain began: it is used, and not what M holds by now' \
		'ae-thresh: <stdin>: carries the model that M held when the chain began: it is used, and not what M holds by now')
	{ plain one in.csv | head -n 50 && plain two in.csv | tail -n +51; } >want.csv
	tail -n +2 out.csv | cmp - want.csv
}

@test "--reload: a stored stream never takes the place of a model that was replaced without a word" {
	pair
	ae-normalize --reload -m ./one --pass machine in.csv -o saved.aes
	plain one in.csv >want1.csv
	mv two one
	plain one in.csv >want2.csv
	judged one cat saved.aes >out.csv 2>note
	tail -n +2 out.csv | cmp - want1.csv
	[ "$(grep -c 'carries the model that one held when the chain began' note)" = 2 ]
	# in its file it is known to be stored
	ae-recon -m one saved.aes 2>note | ae-err | ae-thresh -m one | tail -n +2 | cmp - want2.csv
	[ ! -s note ]
	expect_error 1 '<stdin>: carries another model, *' ae-recon -m one < <(ae-cat saved.aes)
	mkdir folder
	cp one folder
	expect_error 1 '<stdin>: carries another model, *' ae-recon -m folder/one < <(cat saved.aes)
	ae-recon -q -m "$PWD/.//one" < <(cat saved.aes) 2>note | ae-info --count - | grep -qx 100
	grep -q ': carries the model' note
}

@test "--reload: a threshold for groups of another column ends the episodes that go on" {
	local model
	readings 400 1 >train.csv
	ae-normalize -q --fit standard --pass machine,id train.csv -o train.aes
	for model in 1 2; do
		ae-train -q --net 'dense 2 tanh | dense 3' --epochs 1 --seed $model -m m$model train.aes
	done
	for model in 1 2; do
		awk -F, -v OFS=, 'NR > 1 { $3 = "q" NR % 3 } 1' train.csv | ae-normalize -q -m m$model --pass machine |
			ae-recon -m m$model | ae-err -o err.aes
		ae-thresh -q --fit quantile:0.5 --group "$(echo machine id | cut -d ' ' -f $model)" --save T$model err.aes >/dev/null
	done
	readings 120 3 | awk -F, -v OFS=, 'NR > 1 { $3 = "q" NR % 3 } 1' >in.csv
	cp m1 M
	cp T1 T
	{
		ae-normalize -m M --reload --pass machine <feed | ae-recon -m M | ae-err | ae-thresh -m T --episodes e.jsonl
	} >out.csv 2>note &
	exec 9>feed
	head -n 61 in.csv >&9
	eventually has_lines out.csv 61
	cp T2 T.new
	mv T.new T
	put m2
	eventually grep -q 'a new model' note
	eventually grep -qx 'ae-thresh: with the new model the threshold is for groups of another column: episodes start anew' note
	tail -n +62 in.csv >&9
	exec 9>&-
	wait
	[ "$(wc -l <out.csv)" = 121 ]
	# all that has begun has ended, with the group that it began with
	[ "$(grep -c '"event":"start"' e.jsonl)" = "$(grep -c '"event":"end"' e.jsonl)" ]
	[ "$(grep '"start_row":\([1-9]\|[1-5][0-9]\|60\),' e.jsonl | grep -vc '"group":"m[01]"')" = 0 ]
	[ "$(grep -v '"start_row":\([1-9]\|[1-5][0-9]\|60\),' e.jsonl | grep -vc '"group":"q[012]"')" = 0 ]
	[ "$(grep '"event":"end"' e.jsonl | sed 's/.*"end_row":\([0-9]*\).*/\1/' | sort -n | awk '$1 > 60' | wc -l)" -gt 0 ]
	# none of the first groups goes on beyond the change
	[ "$(grep '"group":"m' e.jsonl | sed -n 's/.*"end_row":\([0-9]*\).*/\1/p' | awk '$1 > 60' | wc -l)" = 0 ]
}

@test "--reload: SIGHUP looks at once, without --reload it ends the program" {
	local pid n
	readings 200 3 >in.csv
	cp "$F/a.aem" M
	ae-normalize -m M --reload --pass machine <feed >out.aes 2>note &
	pid=$!
	exec 9>feed
	head -n 2 in.csv >&9
	eventually has_bytes out.aes 1000
	for n in 1 2 3 4 5; do # each is taken up, though there is no time for it otherwise
		put "$F/b.aem"
		kill -HUP $pid
		eventually has_lines note $((2 * n - 1))
		put "$F/a.aem"
		kill -HUP $pid
		eventually has_lines note $((2 * n))
	done
	kill -HUP $pid # nothing is new
	printf 'x' >M # which is told again each time that it asks
	kill -HUP $pid
	eventually has_lines note 11
	kill -HUP $pid
	eventually has_lines note 12
	tail -n 1 in.csv >&9
	exec 9>&-
	wait $pid
	[ "$(tail -n 2 note | uniq)" = 'ae-normalize: M: not a model file (the model in use stays)' ]
	[ "$(ae-info --count out.aes)" = 2 ]
	env --default-signal=HUP ae-normalize -m "$F/a.aem" --pass machine <feed >out.aes &
	pid=$!
	exec 9>feed
	head -n 2 in.csv >&9
	eventually has_bytes out.aes 100
	kill -HUP $pid
	wait $pid || [ $? -eq 129 ]
}

@test "--reload: a program behind, and what cannot be reloaded, are refused" {
	readings 20 3 >in.csv
	ae-normalize -q -m "$F/wa.aem" --pass machine -o n.aes in.csv
	expect_error 1 'n.aes: --reload is for the first program of a chain, here ae-normalize: what it reloads comes with the stream' \
		ae-window -m "$F/wa.aem" --reload n.aes
	ae-cat --pass machine in.csv >in.aes
	for program in ae-normalize ae-recon ae-encode ae-err; do
		expect_error 1 'in.aes: --reload is for the first program of a chain, which reads no AEST: *' $program -m "$F/a.aem" --reload in.aes
	done
	ae-normalize -q --fit standard --save scaler.aem --pass machine in.csv -o x.aes
	expect_error 1 'scaler.aem: holds a scaler alone: with --reload it is the model of the whole chain' ae-normalize -m scaler.aem --reload in.csv
	expect_error 1 '/dev/null: --reload takes a regular file' ae-err -m /dev/null --reload in.csv
	expect_error 2 '--reload goes with --model*' ae-normalize --fit standard --reload in.csv
	expect_error 2 '--invert excludes --reload' ae-normalize --invert -m "$F/a.aem" --reload in.csv
	expect_error 2 '--fit excludes --reload' ae-thresh --fit sigma:1 -m "$F/a.aem" --reload in.csv
}

@test "--reload: ae-cat in the midst passes the new model on, but does not mix what waits for the end" {
	readings 40 3 >in.csv
	cp "$F/a.aem" M
	{
		ae-normalize -m M --reload --pass machine <feed | tee scaled.aes | ae-cat --where machine=m1 | ae-recon -m M | ae-err | ae-thresh -m M
	} >out.csv 2>note &
	exec 9>feed
	head -n 21 in.csv >&9
	eventually has_lines out.csv 11
	put "$F/b.aem"
	eventually grep -q 'a new model' note
	tail -n +22 in.csv >&9
	exec 9>&-
	wait
	{ plain "$F/a.aem" in.csv | head -n 20 && plain "$F/b.aem" in.csv | tail -n +21; } | grep ^m1 >want.csv
	tail -n +2 out.csv | cmp - want.csv
	expect_error 1 'scaled.aes: another scaler or model than in the stream before it' ae-cat --tail 3 scaled.aes
	expect_error 1 '*: another scaler *' ae-train -q --net 'dense 2 | dense 3' -m n.aem scaled.aes
}

@test "--reload: under load each row has the verdict of one of the models, in order" {
	local growth=()
	! sanitized || growth=(--growth 1000000) # what it frees it keeps for a while
	python3 "$ROOT/tests/tools/reloads.py" --reloads 25 "${growth[@]}" "$PWD/load"
}

@test "--reload: ae-thresh alone takes up a new threshold" {
	printf 'err\n1\n3\n' >err.csv
	ae-thresh -q --fit fixed:2 --save T err.csv
	ae-thresh -m T --reload <feed >out.csv 2>note &
	exec 9>feed
	printf 'err\n1\n3\n' >&9
	eventually has_lines out.csv 3
	ae-thresh -q --fit fixed:4 --save T err.csv
	eventually has_lines note 1
	printf '3\n5\n' >&9
	exec 9>&-
	wait
	[ "$(tr '\n' ' ' <out.csv)" = 'err,pred 1,0 3,1 3,0 5,1 ' ]
}

@test "--reload: a header with a model that is none is an error" {
	hand_made '\x82\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa3f64\xa5shape\x90\xa6reload\xc4\x03abc' '\x93\x02\x81\xa4rows\x00' >bad.aes
	expect_error 1 "*: carries another model, of --reload, than *" ae-normalize -m "$F/a.aem" <(cat bad.aes)
	hand_made '\x82\xa4cols\x91\x84\xa4name\xa1x\xa4role\xa1x\xa4type\xa3f64\xa5shape\x90\xa6reload\x05' '\x93\x02\x81\xa4rows\x00' >bad.aes
	expect_error 1 'bad.aes: header: reload is no model of at most 32 MiB' ae-cat bad.aes
}

@test "--reload: light retraining, as aefilters(7) has it, is taken up, and what is kept of rows goes on" {
	"$ROOT/tests/run-examples" -x "$ROOT/man/aefilters.7"
	readings 200 3 >new.csv
	cp "$F/a.aem" M
	{
		ae-normalize -m M --reload --pass machine <feed | ae-recon -m M | ae-err | ae-smooth --mean 3 | ae-thresh --at 1
	} >out.csv 2>note &
	exec 9>feed
	head -n 21 new.csv >&9
	eventually has_lines out.csv 21
	bash -o pipefail again M new.csv
	eventually grep -q 'a new model' note
	tail -n +22 new.csv >&9
	exec 9>&-
	wait
	[ "$(<note)" = 'ae-normalize: M: a new model after row 20' ]
	[ "$(wc -l <out.csv)" = 201 ]
	# the scaler is the old one, the weights are not, and there is a threshold
	cp "$F/a.aem" before.aem
	same 'ae-normalize -q -m M -c new.csv' 'ae-normalize -q -m before.aem -c new.csv'
	run ! cmp -s <(plain M new.csv) <(plain "$F/a.aem" new.csv)
	# another scaler is no light retraining, and said
	ae-normalize -q --fit minmax --pass machine new.csv |
		ae-train --init M --net 'dense 4 tanh | dense 3' --lr 1e-4 --epochs 1 -m N 2>said
	grep -q '^ae-train: M: its weights were trained on x that was prepared otherwise, as by another scaler; ' said
	ae-train --init M --net 'dense 4 tanh | dense 3' --lr 1e-4 --epochs 1 -m N again.aes 2>said
	run ! grep -q 'prepared otherwise' said
}
