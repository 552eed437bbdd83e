#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# ae-info: what a model, a network or a stream holds.
load helpers
load scoring

setup_file() {
	scoring_fixture
	printf 'id,time,flow,heat,label\n"a, b",1,0.5,10,x\nc,2,2.5,-10,y\nd,3,1,40,x\n' >plant.csv
	ae-cat -o plant.aes plant.csv
}

@test "ae-info --inputs: the name of every value of x" {
	seq -s, -f 'v%g' 30 >t.csv
	seq -s, 30 >>t.csv
	ae-info --inputs t.csv | sed -n '/^inputs/,/^scaler/p' >got.txt
	{ seq -f '            "v%g"' 30 && echo 'scaler      none'; } | sed '1s/^      /inputs/' | cmp - got.txt
	ae-info --inputs --label v1 t.csv | grep -c '^  *"v' | grep -qx 28 # one more stands beside the word inputs
	printf '1,2\n' | ae-info -H --inputs | grep -A1 '^inputs' | tr -s ' ' | cmp - <(printf 'inputs "x.1"\n "x.2"\n')
	[ "$(printf 'err\n1\n' | ae-info --inputs | grep -c inputs)" = 0 ]
}

@test "ae-info: --help, --version, unknown options" {
	check_manners ae-info
}

@test "ae-info: golden output for a stream" {
	ae-normalize --fit minmax "$F/plant.csv" >scaled.aes
	[ "$(ae-info scaled.aes)" = 'stream      scaled.aes
columns     id               id       text  []
            time             time     text  []
            x                x        f32   [2] "flow" to "heat"
            label            label    text  []
scaler      minmax per column, 2 columns
rows        3' ]
	cd "$F"
	[ "$(ae-info plant.csv)" = 'stream      plant.csv (text)
columns     id               id       text  []
            time             time     text  []
            x                x        f64   [2] "flow" to "heat"
            label            label    text  []
scaler      none
rows        3' ]
}

@test "ae-info: --stats gives min, max, mean, standard deviation and missing values" {
	printf 'id,a,b\nq,1,nan\nr,2,4\ns,6,\n' >f.csv
	ae-info --stats --missing=mask f.csv | sed '1,/^rows/d' >got
	[ "$(<got)" = '                                  min          max         mean           sd   missing
a                                   1            6            3      2.16025         0
b                                   4            4            4            0         2' ]
	for n in 1 2 7; do
		ae-cat --batch-rows $n --missing=mask f.csv | ae-info --stats | sed '1,/^rows/d' | cmp - got
	done
}

@test "ae-info: --count prints the number of rows alone" {
	[ "$(ae-info --count "$F/plant.csv")" = 3 ]
	[ "$(ae-info --count "$F/test.aes")" = 120 ]
	[ "$(ae-info --count <"$F/train.aes")" = 180 ]
	[ "$(cat "$F/train.aes" "$F/train.aes" | ae-info --count)" = 360 ]
	[ "$(ae-info --count "$F/plant.csv" "$F/test.aes" | tr '\n' ' ')" = '3 120 ' ]
}

@test "ae-info: CSV = AEST, and batches do not show" {
	ae-info <"$F/plant.aes" >wanted
	ae-info <"$F/plant.csv" | sed '1s/ (text)//' | cmp - wanted
	for n in 1 2 7 16 17 512; do
		ae-cat --batch-rows $n "$F/plant.csv" | ae-info | cmp - wanted
	done
}

@test "ae-info: several streams, one after the other" {
	cat "$F/plant.aes" "$F/plant.aes" >two.aes
	[ "$(ae-info two.aes | grep -cE '^rows +3$')" -eq 2 ]
	[ "$(ae-info two.aes "$F/plant.csv" | grep -c '^stream ')" -eq 3 ]
}

@test "ae-info: a model: layers, shapes, weights, settings, digest, threshold" {
	ae-info "$F/m.aem" >info.txt
	ae-info -m "$F/m.aem" | cmp - info.txt
	grep -qx "model       $F/m.aem" info.txt
	grep -qx 'input       \[140\]' info.txt
	grep -qE '^scaler +minmax per tensor' info.txt
	grep -qE '^digest +[0-9a-f]{64}$' info.txt
	grep -qx 'network     dense 16 relu, dense 4 relu | dense 16 relu, dense 140 sigmoid' info.txt
	grep -qE '^encoder +dense 16 relu +\[16\] +2256$' info.txt
	grep -qE '^ +dense 4 relu +\[4\] +68$' info.txt
	grep -qE '^decoder +dense 16 relu +\[16\] +80$' info.txt
	grep -qE '^ +dense 140 sigmoid +\[140\] +2380$' info.txt
	grep -qx 'weights     4784' info.txt
	grep -qE '^training +loss mae, adam, lr 0.01, decay 0, 30 epochs, batch 32, seed 0$' info.txt
	grep -qE '^threshold +0\.[0-9]+ quantile:0.9 mae against (x|target), scaled units, [0-9]+ rows$' info.txt
	run grep -c threshold <(ae-info "$F/bare.aem")
	[ "$output" -eq 0 ]
}

@test "ae-info: --net before there is a model" {
	[ "$(ae-info --net 4-2-4 --out sigmoid)" = 'network     dense 2 relu | dense 4 sigmoid
            layer                            output           weights
            input                            [4]
encoder     dense 2 relu                     [2]              10
                                                              10
decoder     dense 4 sigmoid                  [4]              12
                                                              12
weights     22' ]
	ae-info --net 'dense 3 tanh | dense 6' --shape 6 | grep -qx 'weights     45'
	echo 4-2-4 >net.txt
	same 'ae-info --net @net.txt --out sigmoid' 'ae-info --net 4-2-4 --out sigmoid'
	expect_error 2 '--net with a list of layers, or pca:K, needs --shape' ae-info --net 'dense 3 | dense 6'
	expect_error 2 '*"densse"*' ae-info --net 'densse 3 | dense 6' --shape 6
}

@test "ae-info: a scaler alone" {
	ae-normalize --fit standard --save s.aem "$F/plant.csv" -o s.aes
	ae-info s.aem >info.txt
	grep -qx 'scaler      standard per column, 2 columns' info.txt
	run grep -c network info.txt
	[ "$output" -eq 0 ]
}

@test "ae-info: what a cut stream prints is not whole" {
	same_for_cuts "$F/plant.aes" ae-info
	same_for_cuts "$F/plant.aes" ae-info --count
	same_for_cuts "$F/plant.aes" ae-info --stats
	printf '1,2\n3\n' >bad.csv
	expect_error 1 'bad.csv: line 2: expected 2 fields, got 1' ae-info -H bad.csv
	head -c 1000 "$F/m.aem" >cut.aem
	expect_error 1 'cut.aem: *' ae-info cut.aem
}

@test "ae-info: a full disk, a missing file, a folder" {
	run --separate-stderr -1 sh -c "ae-info '$F/plant.csv' >/dev/full"
	[ "$stderr" = 'ae-info: <stdout>: No space left on device' ]
	expect_error 1 'nowhere.csv: No such file or directory' ae-info nowhere.csv
	expect_error 1 'nowhere.aem: No such file or directory' ae-info -m nowhere.aem
	expect_error 1 "$PWD: Is a directory" ae-info "$PWD"
	quiet_when_closed ae-info "$F/plant.csv"
}

@test "ae-info: clean under valgrind" {
	valgrind_clean ae-info --stats "$F/plant.aes" "$F/plant.csv" "$F/m.aem" >got.txt
	[ "$(grep -cE '^(stream|model) ' got.txt)" -eq 3 ]
	valgrind_clean ae-info --net '140-8|8-140' >got.txt
	grep -qE '^weights +2460$' got.txt
	run valgrind_clean ae-info <(head -c 100 "$F/plant.aes")
	[ "$status" -eq 1 ]
}

@test "ae-info: a full disk is an error, however much there is to print" {
	local n
	for n in 1 20 100 1000; do
		seq $n | sed 's/$/.5/' | paste -sd, | sed p >wide.csv
		expect_error 1 '*No space left on device' full ae-info -H --stats wide.csv
	done
}

@test "ae-info --stats: values whose squares f64 cannot hold, and infinite ones, have a mean and a deviation" {
	printf 'a,b\n1e308,1e200\n-1.7e308,2\n' | ae-info --stats | tail -n 2 >got.txt
	[ "$(awk '{ print $4, $5 }' got.txt)" = $'-3.5e+307 1.35e+308\n5e+199 5e+199' ]
	local header='\x81\xa4cols\x91\x84\xa4name\xa3err\xa4role\xa3err\xa4type\xa3f64\xa5shape\x90'
	hand_made "$header" '\x94\x01\x02\xc4\x10\0\0\0\0\0\0\xf0\x7f\0\0\0\0\0\0\xf0\xff' '\x93\x02\x81\xa4rows\x02' >inf.aes
	ae-info --stats inf.aes | tail -n 1 >got.txt
	[ "$(awk '{ print $4, $5 }' got.txt)" = '0 1.79769e+308' ]
}

@test "ae-info: what terminals take for commands is shown as escapes, in names of columns, files and features" {
	printf 'id,\033[31mevil,b\nu,3,1\n' >e.csv
	ae-info --inputs --stats e.csv >out.txt
	run -1 grep -q $'\033' out.txt
	grep -q '"\\x1b\[31mevil" to "b"' out.txt
	grep -q '^\\x1b\[31mevil  *3 ' out.txt
	printf 'id,"a\n",\302\233b,\342\200\256c,\377d,\302\260C\nu,3,1,1,1,1\n' >u.csv
	ae-info --inputs --multiline u.csv >out.txt
	[ "$(sed -n '/^inputs/,$s/^[^"]*"/"/p' out.txt | tr '\n' ' ')" = $'"a\\n" "\\u{9b}b" "\\u{202e}c" "\\xffd" "\302\260C" ' ]
	cp e.csv $'x\ny.csv'
	[ "$(ae-info $'x\ny.csv' | head -n 1)" = 'stream      x\ny.csv (text)' ]
	ae-train -q --net 2-1-2 --epochs 1 -m e.aem e.csv
	ae-info e.aem | grep -q '^features    \\x1b\[31mevil$'
	printf 'label,err\n"a\033x",1\nb,2\nb,3\n' | ae-thresh -q --fit sigma:1 --save t.aem | grep -q 'label a\\x1bx: 1, b: 2'
}

@test "ae-info: the memory that a model takes grows with its widest layer, and is what --memory refuses" {
	local needs
	ae-train -q --net 3-2-3 --epochs 1 -m small.aem <(printf 'a,b,c\n1,2,3\n3,2,1\n')
	awk 'BEGIN { for (r = 0; r < 2; r++) for (i = 1; i <= 4000; i++) printf "%d%s", (i + r) % 7, i < 4000 ? "," : "\n" }' >wide.csv
	ae-train -q -H --net 4000-2-4000 --epochs 1 -m wide.aem wide.csv
	ae-info small.aem | grep -qE '^memory      [0-9.]+ KiB to apply it with -j 1$'
	needs=$(ae-info wide.aem | sed -n 's/^memory      \(.*\) to apply.*/\1/p')
	[[ $needs == *MiB ]]
	expect_error 1 "wide.aem: needs $needs to be applied with -j 1, more than 1.0 MiB: --memory * allows it" \
		ae-recon -H --memory 1M -m wide.aem wide.csv
	ae-recon -H --memory "$(sed -n 's/.*--memory \(.*\) allows it$/\1/p' expect_error.err)" -m wide.aem wide.csv >recon.aes
	ae-info -j 2 wide.aem | grep -qE '^memory      [0-9.]+ MiB to apply it with -j 2$'
}

@test "ae-info: a threshold on a distance of the latent is against nothing, and has no units" {
	awk 'BEGIN { print "a,b,c"; for (i = 1; i <= 60; i++) print sin(i) "," cos(2 * i) "," sin(3 * i) }' >x.csv
	ae-train -q --net 3-2-3 --epochs 2 -m m.aem x.csv
	ae-recon --latent -m m.aem x.csv | ae-err --metric t2 -m m.aem -o e.aes
	ae-thresh --fit fixed:9 -m m.aem e.aes >fit.txt
	ae-info m.aem | grep -qx 'threshold   9 fixed:9 t2, 60 rows'
	ae-info e.aes | grep -qx 'err         t2'
	ae-recon --latent -m m.aem x.csv | ae-err --metric t2q -m m.aem | ae-thresh --fit fixed:9 -m m.aem >fit.txt
	ae-info m.aem | grep -qx 'threshold   9 fixed:9 t2q against x, original units, 60 rows'
}
