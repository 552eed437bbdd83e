#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The public library as a user has it: installed under DESTDIR, found by pkg-config, linked shared and static.
load helpers
load scoring

setup_file() {
	scoring_fixture
	D=$F/dest
	P=$D/usr/lib/somewhere
	export D P
	can_link || return 0
	# What there is, as it is: nothing is built anew while other tests use it.
	make -s -C "$ROOT" -o all install BUILD="$AE_BUILD" DESTDIR="$D" PREFIX=/usr LIBDIR=/usr/lib/somewhere
	export PKG_CONFIG_SYSROOT_DIR=$D PKG_CONFIG_PATH=$P/pkgconfig LD_LIBRARY_PATH=$P
	build score "$ROOT/examples/score.c"
	build library "$ROOT/tests/tools/library.c" -pthread
	build_static score-static "$ROOT/examples/score.c"
	models
}

can_link() {
	command -v pkg-config >/dev/null
}

setup() {
	helpers_setup
	can_link || skip 'no pkg-config'
}

# python ARG...: Python does not have the runtime of a sanitizer, and leaves memory to the end of the process.
python() {
	LD_PRELOAD=$(ldd "$F/score" | awk '/lib[at]san/ { print $3 }') ASAN_OPTIONS=${ASAN_OPTIONS-}:detect_leaks=0 python3 "$@"
}

# build PROGRAM SOURCE [ARG...]
build() {
	# shellcheck disable=SC2046 # words are meant
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror $(runtime) "${@:2}" -o "$F/$1" \
		$(pkg-config --cflags --libs aefilters)
}

# The same with the archive: -static for this library alone, the others as --static lists them.
build_static() {
	# shellcheck disable=SC2046
	"${CC:-cc}" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror $(runtime) "${@:2}" -o "$F/$1" \
		$(pkg-config --cflags aefilters) $(pkg-config --libs --static aefilters | sed 's/-laefilters/-l:libaefilters.a/')
}

# Models of every preparation, $F/*.aem, and their rows as text, $F/rows.csv; the last column of beats.csv is the label.
models() {
	ae-cat -c --cols x test.aes | tail -n +2 >rows.csv
	ae-cat --cols x --shape 14,10,1 rows.csv -H >images.aes
	ae-normalize --fit standard train.aes | ae-train -q --net 140-9-140 --loss mse --epochs 2 -m column.aem
	ae-train -q --net 140-9-3-140 --loss huber --epochs 2 -m plain.aem train.aes
	ae-normalize --fit minmax images.aes | ae-train -q --epochs 2 -m image.aem \
		--net 'conv 4 3x3/2 relu | convt 4 3x3/2 relu, conv 1 3x3'
	# Trained on rows with holes: they are masked.
	awk -F, -v OFS=, '{ for (i = 1 + NR % 7; i <= NF; i += 11) $i = ""; print }' rows.csv >holes.csv
	ae-normalize -H --missing=mask --fit minmax holes.csv |
		ae-train -q --missing=mask --net 140-9-140 --epochs 2 -m mask.aem
}

# normalized MODEL ROWS [OPTION...]: rows of text through the model's scaler.
normalized() {
	case $1 in
	plain) ae-cat "${@:3}" -H "$2" ;;
	image) ae-normalize -m "$F/$1.aem" --shape 14,10,1 "${@:3}" -H "$2" ;;
	*) ae-normalize -m "$F/$1.aem" "${@:3}" -H "$2" ;;
	esac
}

# scores MODEL ROWS [OPTION...]: those of the pipe, as %.17g.
scores() {
	normalized "$@" | ae-recon -m "$F/$1.aem" | ae-err -c | tail -n +2 | g17
}

g17() {
	awk '{ print $1 == "nan" ? "nan" : sprintf("%.17g", $1) }'
}

@test "library: it shows the names of the header, and no other, shared and static" {
	sed -n 's/^AE_API.*[ *]\(ae_[a-z_]*\)(.*/\1/p' "$ROOT/lib/api/aefilters.h" | sort >header
	[ "$(wc -l <header)" -ge 14 ]
	nm -D --defined-only "$P/libaefilters.so" | awk '{ print $3 }' | sort | diff header -
	nm -g --defined-only "$P/libaefilters.a" | awk 'NF == 3 { print $3 }' | sort | diff header -
}

@test "library: SONAME, links, version and pkg-config agree" {
	version=$(sed -n 's/.*AE_VERSION "\(.*\)"/\1/p' "$ROOT/lib/core/version.h")
	[ "$(readlink -f "$P/libaefilters.so")" = "$P/libaefilters.so.$version" ]
	[ "$(readlink -f "$P/libaefilters.so.0")" = "$P/libaefilters.so.$version" ]
	readelf -d "$P/libaefilters.so" | grep -qF 'Library soname: [libaefilters.so.0]'
	[ "$(pkg-config --modversion aefilters)" = "$version" ]
	[[ $(ae-recon --version) == "ae-recon (aefilters) $version,"* ]]
	[ "$("$F/library" model "$F/m.aem" | cut -d' ' -f1)" = "$version" ]
	# The programs do not need the shared library, and the static build neither.
	readelf -d "$AE_BUILD/ae-recon" "$F/score-static" >needed
	run grep 'NEEDED.*aefilters' needed
	[ "$status" -eq 1 ]
	readelf -d "$F/score" | grep -q 'NEEDED.*libaefilters.so.0'
}

@test "library: the header stands alone in C99 and C++, and has the error that the sources have" {
	local standard
	for standard in c99 c11 gnu17; do
		echo '#include <aefilters.h>' |
			"${CC:-cc}" -std=$standard -Wall -Wextra -Wpedantic -Werror -I"$D/usr/include" -fsyntax-only -x c -
	done
	if command -v c++ >/dev/null; then
		# shellcheck disable=SC2046 # words are meant
		printf '#include <aefilters.h>\nint main() { return ae_version() == nullptr; }\n' |
			c++ -Wall -Wextra -Wpedantic -Werror $(runtime) -x c++ - -x none -I"$D/usr/include" -L"$P" -laefilters -o cxx
		./cxx
	fi
	members() {
		sed -n '/^struct ae_error {/,/^};/p' "$1" | sed 's|/\*.*||; s/[[:space:]]*$//'
	}
	[ "$(members "$ROOT/lib/core/error.h" | wc -l)" -eq 4 ]
	diff <(members "$ROOT/lib/core/error.h") <(members "$ROOT/lib/api/aefilters.h")
}

@test "library: make install and uninstall with a packager's folders" {
	[ -x "$D/usr/bin/ae-train" ]
	[ -e "$D/usr/share/man/man3/aefilters.3" ]
	[ -e "$D/usr/include/aefilters.h" ]
	cp -r "$D" copy
	make -s -C "$ROOT" uninstall BUILD="$AE_BUILD" DESTDIR="$PWD/copy" PREFIX=/usr LIBDIR=/usr/lib/somewhere
	[ -z "$(find copy ! -type d)" ]
}

@test "library: scores have the bits of the pipe: C shared and static, Python" {
	local model
	for model in m column plain image mask; do
		scores $model "$F/rows.csv" >expected
		[ "$(wc -l <expected)" -eq 120 ]
		[ "$(sort -u expected | wc -l)" -gt 100 ]
		"$F/score" "$F/$model.aem" <"$F/rows.csv" | cmp - expected
		"$F/score-static" "$F/$model.aem" <"$F/rows.csv" | cmp - expected
		python "$ROOT/examples/score.py" "$F/$model.aem" <"$F/rows.csv" | cut -d, -f1 | cmp - expected
	done
}

@test "library: rows with missing values: NaN, or with masks the score of what is there" {
	local model
	sed '2s/.*/'"$(printf ',%.0s' {1..139})"'/; 5s/^[^,]*//' "$F/rows.csv" >holes.csv
	for model in m column plain mask; do
		scores $model holes.csv --missing=mask >expected
		"$F/score" "$F/$model.aem" <holes.csv | cmp - expected
		python "$ROOT/examples/score.py" "$F/$model.aem" <holes.csv | cut -d, -f1 | cmp - expected
		[ "$(sed -n 2p expected)" = nan ]
		[ $model = mask ] || [ "$(grep -c nan expected)" -eq 2 ]
	done
	[ "$(grep -c nan expected)" -eq 1 ]
}

# bats test_tags=threads
@test "library: reconstructions in original units and latents are the programs'" {
	local model threads
	for model in m column image; do
		normalized $model "$F/rows.csv" >n.aes
		ae-recon -m "$F/$model.aem" n.aes | ae-normalize --invert | ae-cat -c --cols recon | tail -n +2 |
			ae-cat -H --f32 -O npy >recon.npy
		tail -c +129 recon.npy >recon
		ae-encode -m "$F/$model.aem" n.aes | ae-cat -O npy | tail -c +129 >latent
		[ "$(wc -c <recon)" -eq $((120 * 140 * 4)) ]
		for threads in 0 1 3; do
			"$F/library" recon "$F/$model.aem" $threads <"$F/rows.csv" | cmp - recon
			"$F/library" encode "$F/$model.aem" $threads <"$F/rows.csv" | cmp - latent
		done
	done
}

@test "library: values beyond f32 have the scores that the programs give them" {
	local model
	sed '2s/^[^,]*/1.7976931348623157e308/; 4s/[^,]*$/-1e31/; 5s/^[^,]*/-1e300/' "$F/rows.csv" >absurd.csv
	for model in m column plain; do
		scores $model absurd.csv >expected 2>notes
		grep -q 'values beyond f32 were taken as 1e30' notes
		[ "$(grep -c 'e+[2-6][0-9]$' expected)" -eq 3 ]
		"$F/score" "$F/$model.aem" <absurd.csv | cmp - expected
	done
}

@test "library: verdicts are ae-thresh's" {
	"$F/library" verdict "$F/m.aem" 1 <"$F/rows.csv" >ours
	ae-cat -c --cols err,pred "$F/test.v.csv" | tail -n +2 | awk -F, '{ printf "%.17g,%d\n", $1, $2 }' | cmp - ours
	[ "$(cut -d, -f2 ours | sort | uniq -c | wc -l)" -eq 2 ]
	python "$ROOT/examples/score.py" "$F/m.aem" <"$F/rows.csv" | cmp - ours
	printf '%s\n' "$(printf ',%.0s' {1..139})" >empty.csv
	"$F/library" verdict "$F/m.aem" 1 <empty.csv | grep -qx nan,255
	cp "$F/m.aem" groups.aem
	ae-thresh -q --fit mad:3 --group label -m groups.aem "$F/test.e.aes" >/dev/null
	run -1 "$F/library" verdict groups.aem 1 <"$F/rows.csv"
	[[ $output == *"the model's threshold has values for groups of rows"* ]]
	python "$ROOT/examples/score.py" "$F/m.aem" <empty.csv >got # no verdict, as ae-thresh writes it
	echo nan, | cmp - got
}

@test "library: the scorer takes the metric of the model's threshold" {
	local metric
	for metric in rmse cosine; do
		cp "$F/bare.aem" $metric.aem
		ae-recon -m $metric.aem "$F/train.n.aes" | ae-err --metric $metric |
			ae-thresh --fit sigma:1 -m $metric.aem >/dev/null
		ae-recon -m $metric.aem "$F/test.n.aes" | ae-err --metric $metric | ae-thresh -m $metric.aem |
			ae-cat -c --cols err,pred | tail -n +2 | awk -F, '{ printf "%.17g,%d\n", $1, $2 }' >expected
		"$F/library" verdict $metric.aem 2 <"$F/rows.csv" | cmp - expected
	done
}

# bats test_tags=threads
@test "library: two scorers of one model in two threads at once" {
	scores m "$F/rows.csv" >expected
	"$F/library" threads "$F/m.aem" <"$F/rows.csv" | cmp - expected
}

@test "library: what a model holds" {
	printf 'flow,load\n1,2\n3,5\n4,2\n' | ae-normalize --fit minmax | ae-train -q --net 2-1-2 --epochs 1 -m named.aem
	[ "$("$F/library" model named.aem | cut -d' ' -f2-)" = '2 1 2 none nan flow load -' ]
	[[ $("$F/library" model "$F/m.aem") == *" 140 4 140 threshold $(cut -d' ' -f1 "$F/fit.txt" | g17) - "* ]]
	ae-normalize --fit minmax --save scaler.aem "$F/test.aes" >/dev/null
	[ "$("$F/library" model scaler.aem | cut -d' ' -f2-)" = '0 0 0 none nan -' ]
	run "$F/library" recon scaler.aem 1 <"$F/rows.csv"
	[ "$status" -eq 1 ]
	[[ $output == 'ae_scorer_new: the model holds no network'* ]]
}

# edited MODEL SECTION OLD NEW > MODEL: other bytes in the message of a section, and its checksum.
edited() {
	python3 - "$@" <<-'END'
		import re, sys, zlib
		model, section, old, new = sys.argv[1:]
		data = open(model, "rb").read()
		start = re.search(b"\x94." + section.encode() + b"[\xc2\xc3]", data).start()
		end = re.compile(b"\x94[\xa1-\xbf][a-z]+[\xc2\xc3\x84]|\x93\xa3end").search(data, start + 1).start()
		message = data[start:end - 5]
		old, new = (text.encode().decode("unicode_escape").encode("latin-1") for text in (old, new))
		assert old in message and len(old) == len(new)
		message = message.replace(old, new, 1)
		sys.stdout.buffer.write(data[:start] + message + b"\xce" + zlib.crc32(message).to_bytes(4, "big") + data[end:])
	END
}

@test "library: a model with a required section that it does not know is refused with the section's name" {
	edited "$F/m.aem" scaler scaler filter >later.aem
	run "$F/library" recon later.aem 1 <"$F/rows.csv"
	[ "$status" -eq 1 ]
	[ "$output" = 'ae_model_read: later.aem: section "filter" is required, and this version does not know it (status 1)' ]
}

@test "library: a model whose preparation is more than a scaler is refused with the step's name" {
	ae-window --size 2 --drop-incomplete "$F/test.aes" | ae-train -q --net 280-2-280 --epochs 1 -m windows.aem
	run "$F/library" recon windows.aem 1 <"$F/rows.csv"
	[ "$status" -eq 1 ]
	[ "$output" = "ae_scorer_new: the model's x is prepared by ae-window, which this library does not do: use the programs (status 1)" ]
}

@test "library: a loss or a threshold's metric of a later version: the scorer wants a metric" {
	edited "$F/plain.aem" training huber newer >loss.aem
	run "$F/library" recon loss.aem 1 <"$F/rows.csv"
	[ "$status" -eq 1 ]
	[ "$output" = 'ae_scorer_new: the model was trained with newer, which is no metric: choose one (status 1)' ]
	edited "$F/m.aem" threshold 'metric\xa3mae' 'metric\xa3new' >metric.aem
	run "$F/library" recon metric.aem 1 <"$F/rows.csv"
	[ "$status" -eq 1 ]
	[ "$output" = "ae_scorer_new: the model's threshold is for new, which is no metric: choose one (status 1)" ]
}

@test "library: the locale of the process changes no number" {
	command -v localedef >/dev/null || skip 'no localedef'
	mkdir locales
	localedef -i de_DE -f UTF-8 locales/de_DE.UTF-8 || skip 'no definition of de_DE'
	printf '1,20\n30,4\n5,60\n' >whole.csv
	local options=(net=2-1-2 epochs=3 scaler=div:16.12345678901234567890123)
	options+=('schedule=step:1,0.12345678901234567890123')
	trained_in() {
		LOCPATH=$PWD/locales LC_ALL=$1 "$F/library" train "$1.aem" "${options[@]}" <whole.csv
	}
	ae-normalize -H --fit div:16.12345678901234567890123 whole.csv |
		ae-train -q --net 2-1-2 --epochs 3 --schedule step:1,0.12345678901234567890123 -m expected.aem
	trained_in de_DE.UTF-8
	cmp de_DE.UTF-8.aem expected.aem
	# Numbers that are written: the range of x, where a large one takes the slow way.
	echo 200000000000000000000,1 >whole.csv
	options=(net=2-1-2 out-act=sigmoid)
	run trained_in de_DE.UTF-8
	local german=$output
	run trained_in C
	[ "$german" = "$output" ]
	[[ $output == *'x goes from 1 to 2e+20, '* ]]
}

@test "library: errors are values with the words of the programs" {
	"$F/library" errors "$F/bare.aem" >out
	sed -i 's/\("nothing": \).*/\1*/; s/options of [1-9][0-9]* bytes/options of * bytes/
		s/\(bytes, expected \).*/\1*/; s/\(-1 2 epochs\).*/\1*/; s/needs .* MiB/needs * MiB/' out
	diff out - <<-'END'
		read: -1 1 no.aem: No such file or directory
		write: -1 1 no/folder.aem: No such file or directory
		metric: -1 2 unknown metric "mean"; did you mean mae?
		threads: -1 2 threads: expected a number from 0 to 256
		threads: -1 2 threads: expected a number from 0 to 256
		memory: -1 1 the model needs * MiB, more than 1000 bytes
		more memory: 0 0 
		infinite: -1 1 row 2, input 3: inf is too large for the network
		verdict: -1 1 the model holds no threshold
		inputs: -1 1 network: "3-1-3" takes 3 values, but a row [2] has 2
		beyond: -1 1 row 1, input 2: -1e+30 is too large: nothing is fitted on 1e30 or more
		beyond, scaled: -1 1 row 1, input 2: -1e+30 is too large: nothing is fitted on 1e30 or more
		net: -1 2 network: "2-1-2 relu": expected "-" after "2-1-2"
		rows: -1 1 no rows to train on
		loss: -1 2 unknown loss "nothing": *
		scaler: -1 2 "div:0": div:K takes a number K above 0, such as div:255
		shape: -1 1 shape 3,1: a row has 2 values
		lr: -1 2 lr nan: expected a number from 0 to 1000000
		features: -1 2 features: input 2 has no name
		features: -1 2 features: input 1 has no name
		features: -1 2 features: "a" twice
		features: -1 2 features: the name of input 2 has a control character
		later size: -1 2 options of * bytes, expected *
		no size: -1 2 options of 0 bytes, expected *
		small size: -1 2 options of * bytes, expected *
		no inputs: -1 2 0 inputs: expected 1 to 2147483647
		many inputs: -1 2 4294967300 inputs: expected 1 to 2147483647
		many rows: -1 2 2305843009213693951 rows of 2 inputs are more than memory can hold
		threads: -1 2 threads: expected a number from 0 to 256
		threads: -1 2 threads: expected a number from 0 to 256
		epochs: -1 2 epochs*
		slices: -1 2 slices 0: expected a number from 1 to 65536
		missing: -1 1 no row is left for training: all 1 have missing values
	END
	run "$F/score" "$F/m.aem" <<<1,2
	[ "$status" -eq 1 ]
	[ "$output" = 'score: line 1: not 140 numbers' ]
}

# trained MODEL KEY=VALUE...: training from memory on rows without a header from standard input gives MODEL's bytes.
trained() {
	"$F/library" train ours.aem "${@:2}" 2>progress && cmp ours.aem "$1"
}

@test "library: training from memory gives ae-train's bytes" {
	ae-normalize -H --fit minmax --per tensor "$F/rows.csv" |
		ae-train -q --net 140-8-140 --act tanh --out sigmoid --loss mae --lr 0.01 --epochs 3 --batch 16 --seed 5 -m a.aem
	trained a.aem scaler=minmax per-tensor=1 net=140-8-140 hidden-act=tanh out-act=sigmoid loss=mae lr=0.01 epochs=3 \
		batch=16 seed=5 <"$F/rows.csv"
	[ "$(wc -l <progress)" -eq 3 ]
	trained a.aem scaler=minmax per-tensor=1 net=140-8-140 hidden-act=tanh out-act=sigmoid loss=mae lr=0.01 epochs=3 \
		batch=16 seed=5 threads=1 <"$F/rows.csv"
	# The defaults; no scaler; validation with patience; no state.
	ae-train -q -H --net 140-8-140 -m b.aem "$F/rows.csv"
	trained b.aem net=140-8-140 <"$F/rows.csv"
	ae-train -q -H --net 140-8-140 --optimizer sgd --momentum 0.5 --decay 0.1 --valid 0.25 --patience 2 --epochs 20 \
		--strip --log log.csv -m c.aem "$F/rows.csv"
	trained c.aem net=140-8-140 optimizer=sgd momentum=0.5 decay=0.1 valid=0.25 patience=2 epochs=20 strip=1 <"$F/rows.csv"
	tail -n +2 log.csv | awk -F, '{ printf "%d,%.9g,%.9g\n", $1, $2, $3 }' | cmp - progress
}

@test "library: training refuses values that the last activation or the loss cannot take, unless forced" {
	run "$F/library" train none.aem net=140-8-140 out-act=sigmoid <"$F/rows.csv"
	[ "$status" -ne 0 ]
	[[ $output == "ae_model_train: x goes from "*", but the network's output only from 0 to 1 (status 1)" ]]
	run "$F/library" train none.aem net=140-8-140 loss=bce <"$F/rows.csv"
	[ "$status" -ne 0 ]
	[[ $output == *"loss bce takes outputs from 0 to 1, but the network's go from -infinity to infinity (status 1)" ]]
	[ ! -e none.aem ]
	ae-train -q -H --net 140-8-140 --out-act sigmoid --force --epochs 1 -m forced.aem "$F/rows.csv"
	trained forced.aem net=140-8-140 out-act=sigmoid force=1 epochs=1 <"$F/rows.csv"
}

@test "library: a layer that is trained by OpenBLAS, and the program that had it before keeps its threads" {
	ldconfig -p | grep -q libopenblas.so.0 || skip 'no OpenBLAS'
	cat "$F/rows.csv" "$F/rows.csv" "$F/rows.csv" >many.csv
	LD_DEBUG=libs ae-train -q -H --net 140-7500-140 --epochs 1 --batch 256 --strip -m wide.aem many.csv 2>loaded
	grep -q libopenblas loaded
	trained wide.aem net=140-7500-140 epochs=1 batch=256 strip=1 <many.csv
	"$F/library" train none.aem net=140-7500-140 epochs=1 batch=256 blas=3 <many.csv 2>out
	[ "$(tail -n 1 out)" = 'OpenBLAS: 3 threads' ]
}

@test "library: where there is no OpenBLAS, or none with all it needs, the error says which" {
	local part='is not here: libopenblas.so.0 has not all that is needed: apt-get install libopenblas0'
	set -- ae-train -q -H --net 140-7500-140 --epochs 1 --batch 256 -m none.aem many.csv
	cat "$F/rows.csv" "$F/rows.csv" "$F/rows.csv" >many.csv
	mkdir empty partial
	touch empty/libopenblas.so.0
	echo 'void openblas_set_num_threads(int n) { (void)n; }' |
		"${CC:-cc}" -shared -fPIC -x c -o partial/libopenblas.so.0 -
	expect_error 1 '*OpenBLAS*is not here: *libopenblas.so.0: file too short: apt-get*' env LD_LIBRARY_PATH=empty "$@"
	expect_error 1 "*OpenBLAS*$part" env LD_LIBRARY_PATH=partial "$@"
	[ ! -e none.aem ]
}

@test "library: it neither prints, exits, catches signals nor changes the environment" {
	nm -D --undefined-only "$P/libaefilters.so" | awk '{ print $2 }' | sed 's/@.*//' >needed
	grep -qx cblas_sgemm needed && return 1
	local prints='(__)?v?[dfw]?w?printf(_chk)?|f?put(s|ws|c|wc|char|wchar)(_unlocked)?|fwrite(_unlocked)?'
	prints+='|perror|psignal|psiginfo|v?(warn|err)x?|error(_at_line)?|v?syslog|(__)?vsyslog_chk|stdout|stderr'
	local ends='(_|quick_)?exit|_Exit|abort|raise|killpg|(pthread_|tg?)?kill|__assert(_perror)?_fail'
	local signals='(__)?(bsd_|sysv_)?signal|sigaction|sigvec|sigset|sigignore|siginterrupt|sigsuspend|sigprocmask'
	signals+='|sigaltstack|sigwait(info)?|sigtimedwait|signalfd|alarm|setitimer|timer_create'
	local environment='(set|put|unset|clear)env|(__)?environ|setlocale|f?chdir|chroot|umask|setrlimit|nice|setpriority'
	local names="$prints|$ends|$signals|$environment"
	for name in __printf_chk __fprintf_chk __vfprintf_chk __dprintf_chk dprintf vprintf wprintf fputs_unlocked \
		__sysv_signal _exit clearenv; do
		grep -qxE "$names" <<<"$name"
	done
	for name in snprintf __snprintf_chk __vsnprintf_chk __sprintf_chk write pthread_sigmask; do
		run grep -xE "$names" <<<"$name"
		[ "$status" -eq 1 ]
	done
	run grep -xE "$names" needed
	echo "$output"
	[ "$status" -eq 1 ]
}

@test "library: an ensemble is scored as the pipe does, and has no latent" {
	ae-train -q -H --net 140-8-140 --epochs 1 --ensemble 3 -m ensemble.aem "$F/rows.csv"
	ae-recon -m ensemble.aem -H "$F/rows.csv" | ae-err -c | tail -n +2 | g17 >expected
	"$F/score" ensemble.aem <"$F/rows.csv" | cmp - expected
	run "$F/library" encode ensemble.aem 1 <"$F/rows.csv"
	[ "$status" -ne 0 ]
	[[ $output == *'an ensemble of 3 networks has a latent for each of them, not one'* ]]
}

@test "library: training from memory with a schedule, warm-up and slices" {
	ae-train -q -H --net 140-8-140 --optimizer sgd --schedule step:2,0.5 --warmup 1 --slices 4 \
		--epochs 5 -m a.aem "$F/rows.csv"
	trained a.aem net=140-8-140 optimizer=sgd schedule=step:2,0.5 warmup=1 slices=4 epochs=5 \
		<"$F/rows.csv"
	ae-train -q -H --net 140-8-140 --loss mae --schedule cosine --epochs 3 -m b.aem "$F/rows.csv"
	trained b.aem net=140-8-140 loss=mae schedule=cosine epochs=3 <"$F/rows.csv"
	ae-recon -m b.aem -H "$F/rows.csv" | ae-err -c | tail -n +2 | g17 >expected
	"$F/score" b.aem <"$F/rows.csv" | cmp - expected
	ae-train -q -H --net 140-8-140 --trim 0.1 --epochs 2 -m d.aem "$F/rows.csv"
	trained d.aem net=140-8-140 trim=0.1 epochs=2 <"$F/rows.csv"
	run "$F/library" train none.aem net=140-8-140 trim=1 epochs=2 <"$F/rows.csv"
	[ "$status" -eq 2 ]
	run "$F/library" train none.aem net=140-8-140 schedule=never <"$F/rows.csv"
	[ "$status" -eq 2 ]
	# Nought is a value, not the default.
	ae-train -q -H --net 140-8-140 --optimizer adamw --weight-decay 0 --epochs 2 -m c.aem "$F/rows.csv"
	trained c.aem net=140-8-140 optimizer=adamw weight-decay=0 epochs=2 <"$F/rows.csv"
	ae-train -q -H --net 140-8-140 --optimizer adamw --epochs 2 -m d.aem "$F/rows.csv"
	trained d.aem net=140-8-140 optimizer=adamw epochs=2 <"$F/rows.csv"
	ae-train -q -H --net 140-8-140 --lr 0 --epochs 2 -m e.aem "$F/rows.csv"
	trained e.aem net=140-8-140 lr=0 epochs=2 <"$F/rows.csv"
	run "$F/library" train none.aem net=140-8-140 optimizer=sgd weight-decay=0.1 <"$F/rows.csv"
	[ "$status" -eq 2 ]
	[[ $output == 'ae_model_train: weight decay: optimizer sgd has none'* ]]
}

@test "library: training from memory on images, named features, and rows with missing values" {
	local net='conv 4 3x3/2 relu | convt 4 3x3/2 relu, conv 1 3x3'
	ae-normalize --fit standard "$F/images.aes" | ae-train -q --net "$net" --epochs 2 -m image.aem
	trained image.aem scaler=standard net="$net" epochs=2 shape=14,10,1 <"$F/rows.csv"
	printf 'flow,load\n1,2\n3,5\n4,2\n0,1\n' >named.csv
	ae-normalize --fit robust named.csv | ae-train -q --net 2-1-2 --epochs 2 -m named.aem
	tail -n +2 named.csv | trained named.aem scaler=robust net=2-1-2 epochs=2 features=flow,load
	ae-normalize -H --missing=mask --fit minmax "$F/holes.csv" |
		ae-train -q --missing=mask --net 140-8-140 --epochs 2 -m mask.aem
	trained mask.aem scaler=minmax mask=1 net=140-8-140 epochs=2 <"$F/holes.csv"
	# Without masks rows with missing values are left out, though the scaler has seen the rest of them.
	{ head -n 100 "$F/rows.csv"; head -n 3 "$F/holes.csv"; } >some.csv
	ae-normalize -H --missing=mask --fit minmax some.csv | ae-train -q --net 140-8-140 --epochs 2 -m some.aem
	trained some.aem scaler=minmax net=140-8-140 epochs=2 <some.csv
}

@test "library: a progress callback stops the training after an epoch" {
	"$F/library" train stopped.aem net=140-8-140 epochs=9 stop=2 <"$F/rows.csv" 2>progress
	[ "$(wc -l <progress)" -eq 2 ]
	ae-train -q -H --net 140-8-140 --epochs 2 --strip -m two.aem "$F/rows.csv"
	ae-recon -m two.aem -H "$F/rows.csv" | ae-cat -c >expected
	ae-recon -m stopped.aem -H "$F/rows.csv" | ae-cat -c | cmp - expected
}

@test "library: clean under valgrind" {
	valgrind_clean "$F/library" recon "$F/m.aem" 2 <"$F/rows.csv" >/dev/null
	valgrind_clean "$F/library" encode "$F/image.aem" 2 <"$F/rows.csv" >/dev/null
	valgrind_clean "$F/library" verdict "$F/m.aem" 1 <"$F/rows.csv" >/dev/null
	valgrind_clean "$F/library" errors "$F/bare.aem" >/dev/null
	head -n 20 "$F/rows.csv" |
		valgrind_clean "$F/library" train out.aem scaler=minmax net=140-3-140 epochs=1 valid=0.2 2>/dev/null
	valgrind_clean "$F/score-static" "$F/m.aem" <"$F/rows.csv" >/dev/null
}
