# SPDX-License-Identifier: MIT
# For the tests of the programs that train, score and measure: `load scoring` after `load helpers`.

# scoring_fixture: call it in setup_file(). Made-up beats and all that the pipeline makes of them, in $F:
#   beats.csv                      300 beats, no header, the label last
#   train.aes test.aes             split, unscaled
#   train.n.aes test.n.aes         scaled by the model's scaler
#   m.aem                          the model with its threshold; bare.aem the same without
#   test.r.aes test.e.aes          reconstruction, score
#   test.v.csv                     verdicts
scoring_fixture() {
	F=$BATS_FILE_TMPDIR
	export F
	cd "$F" || return
	ecg_synthetic 300 7 >beats.csv
	ae-split -H --label -1 --test 0.4 --seed 3 -o train.aes --test-out test.aes beats.csv
	ae-normalize --fit minmax --per tensor -o train.n.aes train.aes
	ae-train -q --where label=1 --net 140-16-4-16-140 --out sigmoid --loss mae --epochs 30 --lr 0.01 -m m.aem train.n.aes
	cp m.aem bare.aem
	ae-recon -m m.aem train.n.aes | ae-err | ae-thresh --where label=1 --fit quantile:0.9 -m m.aem >fit.txt
	ae-normalize -m m.aem -o test.n.aes test.aes
	ae-recon -m m.aem -o test.r.aes test.n.aes
	ae-err -o test.e.aes test.r.aes
	ae-thresh -m m.aem -o test.v.csv test.e.aes
}

# small [PROGRAM...]: the rows of expected/small.csv as its model takes them, and through each of these programs.
SMALL=$ROOT/tests/expected/small.aem
small() {
	ae-normalize --id id --time time --pass plant -m "$SMALL" "$ROOT/tests/expected/small.csv" | small_through "$@"
}

small_through() {
	if [ $# -eq 0 ]; then
		cat
	else
		"$1" -m "$SMALL" | small_through "${@:2}"
	fi
}

# check_manners PROGRAM [WAY...]: what every program answers, whatever it does.
check_manners() {
	local program=$1 help
	help=$("$program" --help 2>&1 >/dev/null) || return
	[ -z "$help" ] || return
	[ "$("$program" -h)" = "$("$program" --help)" ] || return
	[[ $("$program" --help) == "usage: $program "* ]] || return
	[[ $("$program" --version) == "$program (aefilters) "*", AEST version 1" ]] || return
	[ "$("$program" -V)" = "$("$program" --version)" ] || return
	expect_error 2 '*the nearest is --quiet' "$program" --quite </dev/null || return
	expect_error 2 'unknown option -Z*' "$program" -Z </dev/null || return
	expect_error 2 'option --header needs an argument' "$program" --header </dev/null || return
	"$program" --help >/dev/full 2>/dev/null && return 1
	keeps_rejects "$@"
}

# reading PROGRAM [WAY...]: every way in which the program reads a stream, a line each: the columns of numbers that it
# reads, and the options. A program that has no line here and gives no way reads two columns without any option.
reading() {
	if [ $# -gt 1 ]; then
		printf '%s\n' "${@:2}"
		return
	fi
	case $1 in
	ae-cat) printf '%s\n' 'a,b -c' 'a,b -c --head 1000' 'a,b --tail 2' ;;
	ae-decode) echo 'latent.1 -m manners.aem' ;;
	ae-encode | ae-recon) echo 'a,b -m manners.aem' ;;
	ae-err) echo 'a,b,recon.a,recon.b' ;;
	ae-info) printf '%s\n' 'a,b' 'a,b --count' 'a,b --stats' ;;
	ae-metrics) echo 'err,pred --anomaly 1' ;;
	ae-noise) echo 'a,b --gaussian 0.1' ;;
	ae-normalize)
		printf '%s\n' 'a,b --fit minmax' 'a,b --fit div:2' 'a,b --fit standard --save manners-scaler.aem' \
			'a,b -m manners-scaler.aem'
		;;
	ae-plot) printf '%s\n' 'err hist -O text' 'a,b line -O text' 'err,pred confusion --anomaly 1 -O text' ;;
	ae-split) echo 'a,b --test 0.5 --test-out manners-test.aes' ;;
	ae-thresh) printf '%s\n' 'err --at 0.5' 'err --fit sigma:1 --save manners-scaler.aem' 'err -m manners-scaler.aem' ;;
	ae-train) echo 'a,b --net 2-1-2 --epochs 1 -m manners.aem' ;;
	ae-window) printf '%s\n' 'a,b --size 3' 'a,b --size 2 --stride 2 --drop-incomplete' ;;
	*) echo 'a,b' ;;
	esac
}

# keeps_rejects PROGRAM [WAY...]: with --on-bad skip it leaves bad rows out, reports the first one with its place, counts
# them, and --rejects has their lines, byte for byte, however it reads the stream.
keeps_rejects() {
	local program=$1 columns options way
	if reading "$@" | grep -q 'manners\.aem'; then
		printf 'a,b\n0,1\n1,0\n' | ae-train -q --net 2-1-2 --epochs 1 -m manners.aem || return
	fi
	reading "$@" >ways.txt || return
	while read -r columns options; do
		awk -v columns="$columns" 'BEGIN {
			n = split(columns, names, ",")
			print "label," columns
			for (row = 0; row < 40; row++) {
				printf "%d", row % 2
				for (i = 1; i <= n; i++)
					printf ",%d", int(row / i + i) % 2
				print row == 20 ? "x" : "" # the last number of this row is none
				if (row == 9)
					print "\"two\nlines\"," (n > 1 ? "1" : "x")
			}
			print 1
		}' >bad-rows.csv
		awk '/x|lines|two/ || !/,/' bad-rows.csv >bad-lines.csv
		rm -f rejects.csv
		read -ra way <<<"$options"
		"$program" "${way[@]}" --multiline --on-bad skip --rejects rejects.csv bad-rows.csv >rejects.out 2>rejects.err || return
		grep -qE "^$program: bad-rows.csv: line [0-9]+: .*: left out\$" rejects.err || return
		grep -qx "$program: 3 bad rows left out" rejects.err || return
		cmp bad-lines.csv rejects.csv || return
	done <ways.txt
}

# check_apply PROGRAM COLUMN FILE: what the programs that put rows through a network have in common. FILE is one of the
# fixture's streams, of whose COLUMN the program makes another.
check_apply() {
	local part
	for part in arguments rows keep streams model output memory; do
		"apply_$part" "$@" || {
			echo "check_apply $*: $part"
			return 1
		}
	done
}

apply_arguments() {
	expect_error 2 '-m FILE is required' "$1" "$3" || return
	expect_error 2 '--threads 0: *' "$1" -m "$F/m.aem" -j 0 "$3" || return
	expect_error 2 'unknown output format "png"; did you mean pnm[?]' "$1" -m "$F/m.aem" -O png "$3"
}

# The same rows in any batches and with any number of threads.
apply_rows() {
	same_for_batches "$3" "$1" -m "$F/m.aem" || return
	"$1" -m "$F/m.aem" -j 1 "$3" >one.aes || return
	"$1" -m "$F/m.aem" -j 3 "$3" | cmp - one.aes
}

# With --keep COLUMN stays, and what is made is the same.
apply_keep() {
	local new=recon
	[ "$1" != ae-encode ] || new=latent
	"$1" --keep -m "$F/m.aem" -o kept.aes "$3" || return
	same "ae-cat -c --cols label,$2 kept.aes" "ae-cat -c --cols label,$2 $3" || return
	same "$1 -m $F/m.aem $3 | ae-cat -c --cols $new" "ae-cat -c --cols $new kept.aes"
}

# Cut streams are errors; a header alone and a stopped stream stay what they are.
apply_streams() {
	same_for_cuts "$3" "$1" -m "$F/m.aem" || return
	ae-cat --head 0 "$3" | "$1" -m "$F/m.aem" >none.aes || return
	has_end none.aes || return
	[ "$(ae-info --count none.aes)" -eq 0 ] || return
	stopped_stream "$3" stopped.aes || return
	"$1" -m "$F/m.aem" stopped.aes >out.aes || return
	is_stopped out.aes || return
	[ "$(ae-info --count out.aes)" = "$(ae-info --count "$3")" ]
}

apply_model() {
	expect_error 1 'no.aem: No such file or directory' "$1" -m no.aem "$3" || return
	ae-normalize --fit minmax --save scaler.aem "$F/test.aes" >/dev/null || return
	expect_error 1 'scaler.aem: holds no network; ae-train writes files that do' "$1" -m scaler.aem "$3"
}

apply_output() {
	expect_error 1 '<stdout>: No space left on device' full "$1" -m "$F/m.aem" "$3" || return
	quiet_when_closed "$1" -m "$F/m.aem" "$3"
}

apply_memory() {
	valgrind_clean "$1" -m "$F/m.aem" -j 2 "$3" >out.aes || return
	"$1" -m "$F/m.aem" "$3" | cmp - out.aes || return
	expect_error 1 '*' valgrind_clean "$1" -m "$F/m.aem" "$F/test.aes" # unscaled, without latent
	expect_error 1 "*m.aem: needs * MiB to be applied with -j 2, more than 2.0 KiB: --memory *[KM] allows it" \
		"$1" -j 2 --memory 2K -m "$F/m.aem" "$3" || return
	"$1" --memory 3G -m "$F/m.aem" "$3" | cmp - out.aes || return
	expect_error 2 '--memory 1X: expected a number of bytes, as 512M or 4G' "$1" --memory 1X -m "$F/m.aem" "$3" || return
	expect_error 2 '--memory 99999999T: expected *' "$1" --memory 99999999T -m "$F/m.aem" "$3"
}

# same_for_batches FILE COMMAND...: the command, a row-wise filter whose input is FILE's rows, writes the same rows
# whatever the batches of its input and output.
same_for_batches() {
	local file=$1 n
	shift
	"$@" -c "$file" >whole.csv || return
	[ "$(wc -l <whole.csv)" -gt 10 ] || return
	for n in 1 2 7 16 17 512; do
		ae-cat --batch-rows $n "$file" >in.aes || return
		[ $n -gt 20 ] || ! cmp -s in.aes "$file" || return # the batches do differ
		"$@" -c in.aes | cmp - whole.csv || return
		"$@" -O aest --batch-rows $n "$file" >out.aes || return
		ae-cat -c out.aes | cmp - whole.csv || return
	done
}

# same_for_cuts FILE COMMAND...: FILE cut anywhere is an error that says so and leaves no whole output.
same_for_cuts() {
	local file=$1 size at
	shift
	size=$(wc -c <"$file")
	for at in 1 7 100 $((size / 2)) $((size - 20)) $((size - 9)) $((size - 1)); do
		head -c "$at" "$file" >cut.aes
		expect_error 1 'cut.aes: *the stream is cut*' "$@" cut.aes || return
	done
	: >cut.aes
	expect_error 1 'cut.aes: empty input: not even a header' "$@" cut.aes || return
	# Between two messages: all but the end, which has 13 bytes or a few more.
	for at in 13 14 15 16 17 18 19; do
		head -c -"$at" "$file" >cut.aes
		expect_error 1 'cut.aes: *the stream is cut*' "$@" cut.aes || return
	done
}

# quiet_when_closed COMMAND...: a reader that has gone ends it as SIGPIPE does, without a word. (A FIFO whose only reading
# end is closed: bash cannot wait reliably for the process of a >(...).)
quiet_when_closed() {
	local status=0 fifo=$BATS_TEST_TMPDIR/closed.fifo
	mkfifo "$fifo" || return
	exec 8<>"$fifo"
	exec 9>"$fifo"
	exec 8>&-
	rm "$fifo"
	"$@" >&9 2>closed.txt || status=$?
	exec 9>&-
	cat closed.txt
	[ "$status" -eq 141 ] && [ ! -s closed.txt ]
}

# valgrind_clean COMMAND...: no error of memory, no leak that is lost. Skips where valgrind is absent. A sanitizer build
# looks for itself.
valgrind_clean() {
	if sanitized; then
		"$@"
		return
	fi
	command -v valgrind >/dev/null || skip 'no valgrind'
	[ -z "${AE_EMULATED-}" ] || skip 'valgrind sees no other machine'
	valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite "$@"
}

# near TOLERANCE A B: two CSV files of the same cells; numbers may differ by TOLERANCE.
near() {
	paste -d '\n' "$2" "$3" | awk -F, -v tolerance="$1" '
		NR % 2 { n = split($0, wanted); next }
		n != NF { print "line " NR / 2 ": " n " cells and " NF; bad = 1; exit 1 }
		{
			for (i = 1; i <= n; i++) {
				gap = wanted[i] - $i
				number = wanted[i] ~ /^-?[0-9.]/ && $i ~ /^-?[0-9.]/
				if (number ? gap > tolerance || -gap > tolerance : wanted[i] != $i) {
					print "line " NR / 2 ", cell " i ": " wanted[i] " and " $i
					bad = 1
					exit 1
				}
			}
		}
		END { exit bad || NR == 0 || NR % 2 }'
}

# rows_of FILE: how many lines but the header.
rows_of() {
	echo $(($(wc -l <"$1") - 1))
}

# stopped_stream AEST OUT: OUT becomes AEST's rows and lineage with an end that says that SIGTERM stopped them.
stopped_stream() {
	local pid reader rows whole status=0 end=14 to=$BATS_TEST_TMPDIR/stopped.to from=$BATS_TEST_TMPDIR/stopped.from
	rows=$(ae-info --count "$1") || return
	[ "$rows" -lt 128 ] || end=15
	[ "$rows" -lt 256 ] || end=16
	whole=$(($(wc -c <"$1") - end)) # all but the end message
	mkfifo "$to" "$from"
	cat "$from" >"$2" &
	reader=$!
	ae-cat <"$to" >"$from" &
	pid=$!
	exec 8>"$to"
	head -c "$whole" "$1" >&8
	eventually has_bytes "$2" "$whole" || return
	kill -TERM $pid
	wait $pid || status=$?
	exec 8>&-
	wait $reader
	rm "$to" "$from"
	[ $status -eq 143 ] && has_end "$2" && [ "$(ae-info --count "$2")" -eq "$rows" ]
}

# is_stopped AEST: its end says so.
is_stopped() {
	tail -c 40 "$1" | grep -aq stopped
}
