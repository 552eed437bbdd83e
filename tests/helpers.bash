# SPDX-License-Identifier: MIT
# For every tests/*.bats: the first line of the file body is `load helpers`. Then
#
#   @test "ae-cat: a cut stream is an error" {
#           ecg_synthetic 100 > beats.csv                   # made-up beats, for a test that only needs rows
#           pipe 'ae-cat -H beats.csv | head -c 999 > cut'  # fails if any program of the pipe does
#           expect_error 1 'cut: *' ae-cat cut
#   }
#
# - A test starts in an empty folder of its own ($BATS_TEST_TMPDIR), so files need no names with folders. A file with
#   its own setup() calls helpers_setup first. What the checkout holds is found as "$ROOT/examples/...".
# - The programs come from $AE_BUILD, build/ by default.
# - Compare bytes with cmp: $output of `run` loses NUL bytes. `run a | b` runs b outside; say `run pipe 'a | b'`.
# - `same 'COMMAND' 'COMMAND'` compares what two commands write; cmp with a process substitution does not see them fail.
# - A test never times anything.
# - AE_EMULATED names the other machine whose programs are tested, mostly under qemu-user (tests/tools/on-machine).

bats_require_minimum_version 1.5.0

ROOT=$(cd "$BATS_TEST_DIRNAME/.." && pwd)
AE_BUILD=${AE_BUILD:-$ROOT/build}
case $PATH in
"$AE_BUILD:"*) ;;
*) PATH=$AE_BUILD:$PATH ;;
esac
export AE_BUILD PATH ROOT
export LC_ALL=C

setup() {
	helpers_setup
}

helpers_setup() {
	cd "$BATS_TEST_TMPDIR" || return
}

# same_stream A B: two AEST files have equal columns, lineage and values. What a scaled column was before may differ.
same_stream() {
	same "ae-cat -c '$1'" "ae-cat -c '$2'" && same "ae-info '$1' | sed 1d" "ae-info '$2' | sed 1d"
}

# same 'COMMAND' 'COMMAND': both succeed, every program of a pipeline too, with equal output, and not without any.
# `COMMAND | cmp - <(COMMAND)` also holds where both fail in the same way.
same() {
	local same_side
	for same_side in 1 2; do
		if ! (set -o pipefail && eval "${!same_side}") >"$BATS_TEST_TMPDIR/same.$same_side"; then
			echo "failed: ${!same_side}"
			return 1
		fi
	done
	if [ ! -s "$BATS_TEST_TMPDIR/same.1" ]; then
		echo "no output: $1"
		return 1
	fi
	cmp "$BATS_TEST_TMPDIR"/same.[12]
}

# pipe 'COMMAND | COMMAND' [ARG...]: a pipeline that fails if any part does; $1... are the ARGs. With run too.
pipe() {
	bash -o pipefail -c "$1" pipe "${@:2}"
}

# expect_error STATUS MESSAGE COMMAND...: the command fails as it should: with this status, with exactly one line on
# standard error, "PROGRAM: " and what the glob MESSAGE matches, and without an end on its standard output: neither
# AEST's end message nor a whole last line of text that is not the mark of a failed writer.
# PROGRAM is the first word of the command that names one of the programs, or any of them (`expect_error 1 '*' pipe '...'`).
expect_error() {
	local expected=$1 message=$2 program='ae-*' word got=0
	local out=$BATS_TEST_TMPDIR/expect_error.out err=$BATS_TEST_TMPDIR/expect_error.err
	shift 2
	for word; do
		word=${word##*/}
		if [[ $word =~ ^ae-[a-z]+$ ]]; then
			program=$word
			break
		fi
	done

	"$@" >"$out" 2>"$err" || got=$?
	if [ "$got" -ne "$expected" ]; then
		complain "exit status $got, expected $expected" "$@"
		return 1
	fi
	if [ "$(wc -l <"$err")" -ne 1 ] || [ -n "$(tail -c 1 "$err")" ]; then
		complain 'standard error is not one line' "$@"
		return 1
	fi
	# shellcheck disable=SC2053 # globs are meant
	if [[ $(<"$err") != $program:\ $message ]]; then
		complain "the message does not match \"$program: $message\"" "$@"
		return 1
	fi
	if has_end "$out"; then
		complain 'standard output has an end' "$@"
		return 1
	fi
}

# Whether a file ends as a stream that was written with success does.
has_end() {
	[ -s "$1" ] || return 1
	if [ "$(head -c 6 "$1" | od -An -tx1 | tr -d ' \n')" = 94a441455354 ]; then # ["AEST ...
		od -An -v -tx1 "$1" | tr -d ' \n' | grep -qE '9302(8|de).*a4726f7773' # [2, {... rows ...
	else
		[ -z "$(tail -c 1 "$1" | tr -d '\n')" ] && [ "$(tail -n 1 "$1")" != '!' ]
	fi
}

# cat_refuses MESSAGE FILE [OPTION...]: ae-cat refuses the file with this message.
cat_refuses() {
	expect_error 1 "$2: $1" ae-cat "${@:3}" "$2"
}

# old_model FILE: begins as a model does, so that ae-train would replace it; is_old_model FILE: it was not.
old_model() {
	printf '\x94\xa4AEMFold' >"$1"
}

is_old_model() {
	printf '\x94\xa4AEMFold' | cmp - "$1"
}

# full COMMAND...: its standard output is a full disk.
full() {
	"$@" >/dev/full
}

# column NAME [FILE]: the name of a column of CSV and its cells, a line each.
column() {
	awk -F, -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i } { print $at }' "${@:2}"
}

# flip FILE BYTE BIT: the file with this bit turned, on standard output.
flip() {
	local byte
	byte=$(od -An -tu1 -j "$2" -N 1 "$1")
	head -c "$2" "$1"
	# shellcheck disable=SC2059
	printf "\\x$(printf %02x $((byte ^ (1 << $3))))"
	tail -c +"$(($2 + 2))" "$1"
}

# hand_made HEADER-MAP [MESSAGE...]: a stream with nil for its checksums; the arguments are for printf.
hand_made() {
	local message
	printf '\x94\xa4AEST\x01'
	for message; do
		# shellcheck disable=SC2059 # they are formats
		printf "$message\\xc0"
	done
}

# eventually COMMAND...: it succeeds at last. What it waits for comes within a second or two.
eventually() {
	for _ in {1..600}; do
		"$@" && return
		sleep 0.1
	done
	echo "never true: $*"
	return 1
}

# idle PID FIFO: it has read all that was written to the FIFO, and sleeps until more comes.
idle() {
	taken "$2" && sleeps "$1"
}

# taken FIFO: all that was written to it has been read.
taken() {
	! read -r -t 0 <"$1"
}

sleeps() {
	[[ $(cat "/proc/$1/stat" 2>/dev/null) == *') S '* ]]
}

# gone PID: the process has ended; that of a child of ours, which nobody has waited for yet, too.
gone() {
	[ ! -e "/proc/$1" ] || [[ $(cat "/proc/$1/stat" 2>/dev/null) == *') Z '* ]]
}

# has_bytes FILE N: at least so many.
has_bytes() {
	[ "$(wc -c <"$1")" -ge "$2" ]
}

# has_lines FILE N: at least so many.
has_lines() {
	[ "$(wc -l <"$1")" -ge "$2" ]
}

complain() {
	echo "$1"
	echo "command: ${*:2}"
	echo 'standard error:'
	sed 's/^/    /' "$BATS_TEST_TMPDIR/expect_error.err"
}

# ecg_synthetic ROWS [SEED]: beats on standard output, 140 values and the label (1 normal, 0 abnormal), no header.
ecg_synthetic() {
	local generator=$AE_BUILD/examples/heartbeats new
	if [ ! -x "$generator" ]; then
		generator=$BATS_SUITE_TMPDIR/heartbeats
		if [ ! -x "$generator" ]; then
			new=$(mktemp "$generator.XXXXXX")
			"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -ffp-contract=off -o "$new" \
				"$ROOT/examples/ecg/heartbeats.c" -lm && mv "$new" "$generator" || return
		fi
	fi
	"$generator" -n "$1" -s "${2:-1}"
}

# ecg_real: sets ECG to the real beats of the same layout (ECG5000), or skips the test where they are not at hand.
# AE_DATA names the folder that has ecg5000/ecg.csv or ecg5000/ecg.csv.gz.
ecg_real() {
	local data=${AE_DATA:-$BATS_TEST_DIRNAME/../../shared/data} new
	ECG=$data/ecg5000/ecg.csv
	[ -e "$ECG" ] && return
	[ -e "$ECG.gz" ] || skip "no ecg5000/ecg.csv(.gz) in ${AE_DATA:-the data folder} (AE_DATA)"
	ECG=$BATS_SUITE_TMPDIR/ecg.csv
	[ -e "$ECG" ] && return
	new=$(mktemp "$ECG.XXXXXX")
	gzip -dc "$data/ecg5000/ecg.csv.gz" >"$new" && mv "$new" "$ECG"
}

# tool NAME: prints the path of tests/tools/NAME.c's program, which it builds once.
tool() {
	local program=$BATS_SUITE_TMPDIR/$1 new
	if [ ! -x "$program" ]; then
		new=$(mktemp "$program.XXXXXX")
		"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -o "$new" "$ROOT/tests/tools/$1.c" && mv "$new" "$program" || return
	fi
	echo "$program"
}

# sanitized: whether the programs were built with a sanitizer that has a malloc and memory of its own: valgrind, limits
# of memory and preloaded functions do not go with it.
sanitized() {
	nm -D "$AE_BUILD/ae-cat" 2>/dev/null | grep -qE '__(asan|tsan)_init'
}

# unsanitized WHY: skips the test under such a sanitizer.
unsanitized() {
	! sanitized || skip "a sanitizer build: $1"
}

# fma_or_skip: the exact bits of networks are promised for processors with fused multiply-add. i386 alone of those
# emulated lacks it.
fma_or_skip() {
	local models=$ROOT/tests/expected/models-0.1
	[ "${AE_EMULATED-i386}" = i386 ] || return 0
	AE_ISA=avx2 ae-recon -m "$models/dense.aem" "$models/rows.aes" >/dev/null 2>&1 ||
		skip 'no fused multiply-add here'
}

# runtime: what links the runtime that the public library of a sanitizer build needs.
runtime() {
	case $(nm -D "$AE_BUILD/ae-cat") in
	*__asan_init*) echo -fsanitize=address,undefined ;;
	*__tsan_init*) echo -fsanitize=thread ;;
	esac
}

# resident_below KIB COMMAND...: the command succeeds and never has KIB or more of memory resident. A sanitizer build and
# an emulator, which take more for themselves, only run it.
resident_below() {
	local limit=$1 maxrss used
	shift
	maxrss=$(tool maxrss) || return
	used=$(mktemp "$BATS_TEST_TMPDIR/resident.XXXXXX")
	"$maxrss" "$used" "$@" || return
	used=$(<"$used")
	sanitized && return
	[ -z "${AE_EMULATED-}" ] || return 0
	[ "$used" -lt "$limit" ] && return
	echo "$used KiB resident, $limit allowed: $*" >&2
	return 1
}
