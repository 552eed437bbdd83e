# SPDX-License-Identifier: MIT
# JSON lines, read and written: they are text, whose columns have the names that CSV would have.
load helpers

rows() {
	cat >in.jsonl <<-'END'
		{"id":"s1","time":"2026-11-27T00:00:00Z","flow":1.5,"p":2}
		{"p":"3","flow":1e3,"id":7,"time":null}
		{"id":18446744073709551616.10,"flow":-0.25,"p":0}
	END
	cat >in.csv <<-'END'
		id,time,flow,p
		s1,2026-11-27T00:00:00Z,1.5,2
		7,,1e3,3
		18446744073709551616.10,,-0.25,0
	END
}

# bad MESSAGE LINE: behind a good one, the line is a bad row, and left out where that is asked for.
bad() {
	printf '{"a":1,"x":[1,2]}\n' >good
	{ cat good && printf '%b\n' "$2" && cat good; } >bad.jsonl
	expect_error 1 "bad.jsonl: line 2: $1" ae-cat -c bad.jsonl
	rm -f rejects
	ae-cat -q -c --on-bad skip --rejects rejects bad.jsonl | cmp - <(printf 'a,x.1,x.2\n1,1,2\n1,1,2\n') || return
	printf '%b\n' "$2" | cmp - rejects
}

@test "JSON lines: objects are rows, in whatever order their keys come" {
	rows
	same 'ae-cat -c in.jsonl' 'ae-cat -c in.csv'
	same 'ae-cat in.jsonl' 'ae-cat in.csv'
	same 'ae-cat <in.jsonl' 'ae-cat -I jsonl in.jsonl'
	same 'ae-cat -c in.csv in.jsonl' 'ae-cat -c in.csv in.csv'
	same 'ae-cat -c in.jsonl in.csv' 'ae-cat -c in.csv in.csv'
	sed 's/$/\r/' in.jsonl >crlf.jsonl
	same 'ae-cat -c crlf.jsonl' 'ae-cat -c in.csv'
	{ printf '\xef\xbb\xbf' && cat in.jsonl; } >bom.jsonl
	same 'ae-cat -c bom.jsonl' 'ae-cat -c in.csv'
	{ printf '# a comment\n' && cat in.jsonl; } >comment.jsonl
	same "ae-cat -I jsonl --comment '#' -c comment.jsonl" 'ae-cat -c in.csv'
	same 'ae-cat -I jsonl --skip-lines 1 -c comment.jsonl' 'ae-cat -c in.csv'
}

@test "JSON lines: options say what the columns are, as for CSV" {
	rows
	local options
	for options in '--pass p' '--x flow' '--x p,flow' '--f32' '--label p' '--pass 1,2 --x 3-4' '--target p --x flow'; do
		same "ae-cat $options in.jsonl" "ae-cat $options in.csv"
	done
	expect_error 1 'in.jsonl: line 1: --x: no column "flw"; the nearest is "flow"' ae-cat --x flw in.jsonl
	expect_error 1 'in.jsonl: line 1: --id: no column "device"; where records may lack keys, --header lists them all' \
		ae-cat --id device in.jsonl
	printf '{"class":1,"a":2}\n' >truth.jsonl
	cat_refuses 'line 1: column "class" looks like truth or bookkeeping*' truth.jsonl
	printf '{"a":1}\n{"a":"word"}\n' >word.jsonl
	cat_refuses 'line 2: column "a": "word" is not a number; text columns are named with --label, --id, --time or --pass' word.jsonl
}

@test "JSON lines: what is nested has names with points, arrays of numbers are tensors" {
	printf '%s\n' '{"name":"pump","fields":{"flow":1.5,"in":{"p":2}},"tags":{},"timestamp":"1700000000"}' \
		'{"timestamp":1700000001,"fields":{"in":{"p":3},"flow":2},"name":"pump"}' >telegraf.jsonl
	ae-cat -c --id name --time timestamp telegraf.jsonl |
		cmp - <(printf 'name,fields.flow,fields.in.p,timestamp\npump,1.5,2,1700000000\npump,2,3,1700000001\n')
	same 'ae-cat -c --id name --time timestamp --x fields telegraf.jsonl' \
		'ae-cat -c --id name --time timestamp --x fields.flow,fields.in.p telegraf.jsonl'
	printf '{"id":"a","x":[[1,2,3],[4,5,6]],"latent":[7,8]}\n' >tensor.jsonl
	ae-info tensor.jsonl | grep -q '^ *x .*\[2,3\]'
	ae-cat -c tensor.jsonl | cmp - <(printf 'id,x.1.1,x.1.2,x.1.3,x.2.1,x.2.2,x.2.3,latent.1,latent.2\na,1,2,3,4,5,6,7,8\n')
	printf '{"x":[{"flow":1,"p":2},{"p":4,"flow":3}]}\n' >window.jsonl
	ae-cat -c window.jsonl | cmp - <(printf 'x.1.flow,x.1.p,x.2.flow,x.2.p\n1,2,3,4\n')
	printf '[1,2,"a"]\n[3,"4",5]\n' >arrays.jsonl
	same 'ae-cat -c -I jsonl --id -1 arrays.jsonl' "printf '1,2,a\n3,4,5\n' | ae-cat -c -H --id -1"
}

@test "JSON lines: truths are 1 and 0 among numbers, and text elsewhere" {
	printf '{"label":true,"on":false,"u":"\\u00b0C \\"x\\""}\n' >in.jsonl
	ae-cat -c --id u in.jsonl | cmp - <(printf 'label,on,u\ntrue,0,"\xc2\xb0C ""x"""\n')
	printf '{"id":true,"err":1.5,"pred":true}\n' | ae-cat -c | cmp - <(printf 'id,err,pred\ntrue,1.5,1\n')
}

@test "JSON lines: null and a key that is not there are missing values" {
	printf '%s\n' '{"id":"a","f":1,"v":[1,2]}' '{"id":null,"f":null,"v":[3,null]}' '{"f":2,"v":null}' '{"v":[5,6],"id":"d","f":""}' >in.jsonl
	printf '%s\n' id,f,v.1,v.2 a,1,1,2 ,,3, ,2,, d,,5,6 >in.csv
	same 'ae-cat --missing mask in.jsonl' 'ae-cat --missing mask in.csv'
	same 'ae-cat -c --missing skip in.jsonl' 'ae-cat -c --missing skip in.csv'
	cat_refuses 'line 2: column "f": missing value; --missing skip leaves such rows out, --missing mask keeps them' in.jsonl
	printf '{"f":1}\n{"f":"N/A"}\n{"f":-999}\n' >na.jsonl
	ae-cat -c --missing mask --na N/A,-999 na.jsonl | cmp - <(printf 'f\n1\nnan\nnan\n')
	run -0 --separate-stderr ae-cat -c --missing skip --rejects rejects in.jsonl
	[ "$(wc -l <rejects)" -eq 3 ]
	[[ $stderr = *'in.jsonl: line 2: column "f": missing value'* ]]
}

@test "JSON lines are told by their first bytes, and -I says it" {
	local begin
	for begin in '{"a":1}' '{ "a":1}' ' {"a":1}'; do
		printf '%s\n' "$begin" | ae-cat -c | cmp - <(printf 'a\n1\n')
	done
	printf '{x},b\n1,2\n' | ae-cat -c | cmp - <(printf '{x},b\n1,2\n')
	printf '{"a":1}\n' >csv
	expect_error 1 'csv: line 1: misplaced quote*' ae-cat -I csv --numeric-header -c csv
	printf '{\n"a":1}\n' >pretty.json
	cat_refuses 'line 1: the line ends before its object does; one that takes several lines: jq -c . it first' pretty.json
	printf '[{"a":1}]\n' >array.json
	cat_refuses "a JSON array: jq -c '.[[]]' makes JSON lines of it*" array.json
	: >empty
	cat_refuses 'empty input: no object, whose keys would be the header' empty -I jsonl
	printf '{"a":1}\n' >object.jsonl
	printf '{}\n' >none.jsonl
	cat_refuses 'line 1: the first record has no value' none.jsonl
	expect_error 2 '--no-header goes with arrays of cells: objects have keys' ae-cat -H object.jsonl
	expect_error 2 '--units goes with a header row, and JSON lines have none' ae-cat --units pretty.json
}

@test "JSON lines: bad lines are named, left out and kept" {
	bad 'the line ends before its object does*' '{"a":1,"x":[1,2]'
	bad 'the line ends before its object does*' '{"a":1,"x":[1'
	bad 'no JSON: *' '{"a":1,"x":[1,"2'
	bad 'no JSON: *' '{"a":1,"x":[1,2]}}'
	bad 'no JSON: *' '{"a":01,"x":[1,2]}'
	bad 'no JSON: *' '{"a":1.,"x":[1,2]}'
	bad 'no JSON: *' '{"a":NaN,"x":[1,2]}'
	bad 'no JSON: *' "{'a':1}"
	bad 'no JSON: *' '{"a":"\\xff","x":[1,2]}'
	bad 'no JSON: *' '{"a":"\xff","x":[1,2]}'
	bad 'key "b": the first record has no such key' '{"a":1,"b":2,"x":[1,2]}'
	bad 'key "a": stands twice' '{"a":1,"x":[1,2],"a":2}'
	bad 'key "x.1": stands twice' '{"a":1,"x":[1,2],"x":[1,2]}'
	bad 'key "x.3": the first record has no such key' '{"a":1,"x":[1,2,3]}'
	bad 'key "x": 1 values, fewer than in the first record' '{"a":1,"x":[1]}'
	bad 'key "x.1.b": the first record has no such key' '{"a":1,"x":[{"b":1},2]}'
	bad 'column "a": missing value*' '{"x":[1,2]}'
	bad "column \"a\": \"$(printf '1%.0s' {1..40})\" is infinite or too large" "{\"a\":$(printf '1%.0s' {1..400}),\"x\":[1,2]}"
	bad 'key "x.1.1*1": nested deeper than 24' "{\"a\":1,\"x\":$(printf '[%.0s' {1..200})1$(printf ']%.0s' {1..200})}"
	bad 'an array where objects stood before' '[1,1,2]'
	bad 'neither an object nor an array' '12'
	bad 'blank line; *' ''
	bad 'a second value in the line' '{"a":1,"x":[1,2]} {}'
	bad 'a NUL character in a text' '{"a":"\\u0000","x":[1,2]}'
	bad 'key "a": a NUL character in it' '{"a\\u0000":1,"x":[1,2]}'
	for half in '\\ud800' '\\uDBFFx' '\\udc00x' '\\ud800\\u0041' '\\ud800\\ud800' 'x\\\\\\uDfff' '\\ud83d\\ude00\\ude00' '\\ud83d\\n'; do
		bad 'half a surrogate pair in a text' "{\"a\":\"$half\",\"x\":[1,2]}"
	done
	bad 'half a surrogate pair in a key' '{"a\\ud800":1,"x":[1,2]}'
	bad 'half a surrogate pair in a text' '"\\udc00"'
	cat >pairs.jsonl <<-'END'
		{"id":"\ud83d\uDE00","a":1}
		{"id":"\\ud800","a":2}
		{"id":"\\\uff21","a":3}
	END
	ae-cat -c pairs.jsonl | cmp - <(printf '%s\n' id,a 😀,1 '\ud800,2' '\Ａ,3')
}

@test "JSON lines: before the first object that is whole, too" {
	printf ',"p":1}\n{"p":2,"q":1}\n{"p":3,"q":4}\n' >tail.jsonl
	cat_refuses 'line 1: no JSON: *' tail.jsonl -I jsonl
	ae-cat -q -c -I jsonl --on-bad skip tail.jsonl | cmp - <(printf 'p,q\n2,1\n3,4\n')
	printf '{"a":1,"a":2}\n' >twice.jsonl
	cat_refuses 'line 1: key "a": stands twice' twice.jsonl
	printf '{"a":1}\n{"a":2}' >cut.jsonl
	cat_refuses 'line 2: no newline at the end, so the file may be cut; --lenient-eof accepts it' cut.jsonl
	ae-cat --lenient-eof -c cut.jsonl | cmp - <(printf 'a\n1\n2\n')
}

@test "JSON lines: --header lists the keys, so no object is waited for" {
	printf '{"p":2}\n{"q":3,"p":4}\n' >in.jsonl
	ae-cat -c --header q,p --missing mask in.jsonl | cmp - <(printf 'q,p\nnan,2\n3,4\n')
	cat_refuses 'line 2: key "q": the first record has no such key' in.jsonl
	run -0 --separate-stderr ae-cat -c --header q --missing mask in.jsonl
	[ "$output" = $'q\nnan\n3' ]
	[ "$stderr" = 'ae-cat: in.jsonl: key "p": --header does not list it: left out' ]
}

# left_out KEY KEYS LINE: with --header KEYS the line is the row 1,2 and its KEY is left out, with a note.
left_out() {
	printf '%s\n' "$3" >extra.jsonl
	run -0 --separate-stderr ae-cat -c --headerless --header "$2" extra.jsonl
	[ "$output" = 1,2 ] && [ "$stderr" = "ae-cat: extra.jsonl: key \"$1\": --header does not list it: left out" ]
}

# not_left_out KEY KEYS LINE: there it takes the place of one that is listed.
not_left_out() {
	printf '%s\n' "$3" >extra.jsonl
	expect_error 1 "extra.jsonl: line 1: key \"$1\": --header does not list it" ae-cat --header "$2" extra.jsonl
	ae-cat -q -c --header "$2" --on-bad skip extra.jsonl | cmp - <(printf '%s\n' "$2")
}

@test "JSON lines: a key more is left out with one note, unless it takes the place of one that is wanted" {
	left_out c a,b '{"a":1,"c":"word","b":2}'
	left_out c a,b '{"c":null,"b":2,"a":1,"d":true,"c":2}'
	left_out c.x.1.1 a,b '{"a":1,"c":{"x":[[1,"y"],{}],"a":3},"b":2}'
	left_out 7 a,b '{"7":1,"a":1,"b":2}'
	left_out a.bc a.b,c '{"a":{"bc":5,"b":1},"c":2}'
	left_out x.1.q x.1.p,x.2.p '{"x":[{"p":1,"q":0},{"p":2}]}'
	left_out ab a,b '{"ab":1,"a":1,"b":2}'
	printf '{"a":1,"b":2,"c":[],"d":{}}\n' | ae-cat -c --header a,b | cmp - <(printf 'a,b\n1,2\n')
	not_left_out a.z a,b '{"a":{"z":1},"b":2}'
	not_left_out a.1 a,b '{"a":[1],"b":2}'
	not_left_out a a.z,b '{"a":1,"b":2}'
	not_left_out x.3 x.1,x.2 '{"x":[1,2,3]}'
	not_left_out x.1.1 x.1,x.2 '{"x":[[1],2]}'
	not_left_out x.3.p x.1.p,x.2.p '{"x":[{"p":1},{"p":2},{"p":3}]}'
	not_left_out x.1.3 x.1.1,x.1.2 '{"x":[[1,2,3]]}'
	printf '{"a":null,"c":null,"b":2}\n' | ae-cat -q -c --header a.z,a.y,b --missing mask | cmp - <(printf 'a.z,a.y,b\nnan,nan,2\n')
}

@test "JSON lines: the fast scan and the parser give the same bits" {
	ecg_synthetic 30 | ae-cat --header "$(seq -s, -f v%g 140),label" -O jsonl >plain.jsonl
	sed 's/"v7"/"\\u00767"/' plain.jsonl >escaped.jsonl
	sed 's/[:,]/ & /g; s/}/ \t}/' plain.jsonl >blanks.jsonl
	ecg_synthetic 30 | ae-cat -H --label -1 -O jsonl >arrays.jsonl
	sed 's/"x"/"\\u0078"/' arrays.jsonl >parsed.jsonl
	same 'ae-cat arrays.jsonl' 'ae-cat parsed.jsonl'
	same 'ae-cat -c arrays.jsonl' 'ecg_synthetic 30 | ae-cat -c -H --label -1'
	same 'ae-cat plain.jsonl' 'ae-cat escaped.jsonl'
	same 'ae-cat plain.jsonl' 'ae-cat blanks.jsonl'
	same 'ae-cat plain.jsonl' "ecg_synthetic 30 | ae-cat --header $(seq -s, -f v%g 140),label"
}

@test "JSON lines: neither batches nor how the bytes arrive change anything" {
	ecg_synthetic 40 | ae-cat -H --label -1 -O jsonl >beats.jsonl
	ae-cat beats.jsonl >whole.aes
	local n
	for n in 1 2 7 16 17 512; do
		same "ae-cat --batch-rows $n beats.jsonl | ae-cat -c" 'ae-cat -c whole.aes'
	done
	for n in 1 7 4096; do
		same "dd bs=$n status=none <beats.jsonl | ae-cat -c" 'ae-cat -c whole.aes'
	done
}

@test "JSON lines: a model trained on them is that of CSV, and they carry no lineage" {
	ecg_synthetic 60 | ae-cat -H --label -1 -c >beats.csv
	ae-cat -O jsonl beats.csv >beats.jsonl
	local format
	for format in csv jsonl; do
		ae-normalize --fit minmax beats.$format | ae-train -q --net 140-8-140 --epochs 2 -m $format.aem
	done
	cmp csv.aem jsonl.aem
	same 'ae-normalize -m csv.aem beats.jsonl | ae-recon -m csv.aem | ae-err' \
		'ae-normalize -m csv.aem beats.csv | ae-recon -m csv.aem | ae-err'
	ae-normalize -m csv.aem -O jsonl beats.csv >scaled.jsonl
	expect_error 1 '*' ae-recon -m csv.aem scaled.jsonl
	same 'ae-recon --scaled -m csv.aem scaled.jsonl | ae-err -c' 'ae-normalize -m csv.aem beats.csv | ae-recon -m csv.aem | ae-err -c'
}

@test "JSON lines: a model finds its features by their keys" {
	printf 'a,b\n1,2\n3,5\n' | ae-train -q --net 2-1-2 --epochs 1 -m m.aem
	printf '{"id":"r","b":2,"other":"word","a":1}\n' >in.jsonl
	same 'ae-recon -q -m m.aem in.jsonl | ae-err -c' "printf 'id,a,b\nr,1,2\n' | ae-recon -m m.aem | ae-err | ae-cat -c | sed 's/^id,/id,other,/; s/^r,/r,word,/'"
	printf '{"id":"s","a":3,"b":5}\n{"a":1,"new":{"x":[1,"y"]},"id":"t","b":2}\n{"later":1,"id":"u","new":0,"b":2,"a":4}\n' >more.jsonl
	run -0 --separate-stderr ae-recon --on-bad skip -m m.aem more.jsonl -c
	[ "$stderr" = 'ae-recon: more.jsonl: key "new.x.1": neither the model nor the first record has it: left out' ]
	printf 'id,a,b\ns,3,5\nt,1,2\nu,4,2\n' >more.csv
	[ "$output" = "$(ae-recon -m m.aem more.csv -c)" ]
	expect_error 1 'more.jsonl: line 2: key "new.x.1": the first record has no such key' ae-cat more.jsonl
	printf '{"id":"r","b":2}\n' >less.jsonl
	expect_error 1 'less.jsonl: line 1: no column "a", which the model takes*' ae-recon -m m.aem less.jsonl
}

# scores FILE OPTIONS: the score of each row, with its id, by the ids.
scores() {
	local -a options
	read -ra options <<<"$2"
	ae-recon -q -m m.aem "${options[@]}" "$1" | ae-err | ae-cat -c --cols id,err | sed 1d | sort
}

# objects NAME...: lines of these.
objects() {
	local -A line=([full]='{"id":"f","a":1,"b":2}' [less]='{"id":"l","b":5}' [none]='{"id":"n","state":"ok"}'
		[more]='{"a":3,"new":[1],"id":"m","b":5}')
	local name
	for name; do
		printf '%s\n' "${line[$name]}"
	done
}

@test "JSON lines: under a model the same rows give the same whichever comes first, with a key more or less" {
	printf 'a,b\n1,2\n3,5\n' | ae-train -q --net 2-1-2 --epochs 1 -m m.aem
	printf 'id,a,b\nf,1,2\nl,,5\nm,3,5\nn,,\n' >in.csv
	objects full less more none >1.jsonl
	objects less full more none >2.jsonl
	objects more less full none >3.jsonl
	objects less more full none >4.jsonl
	objects none less full more >none.jsonl
	local options i
	for options in '--missing skip' '--on-bad skip' '--missing mask' '--missing skip --on-bad skip' '--missing mask --on-bad skip'; do
		scores in.csv "$options" >wanted
		for i in 1 2 3 4; do
			scores $i.jsonl "$options" | diff wanted -
		done
	done
	for options in '--missing skip' '--on-bad skip'; do
		scores in.csv "$options" >wanted
		scores none.jsonl "$options" | diff wanted -
	done
	# what the features are parts of is missing as a whole
	printf 'f.a,f.b\n1,2\n3,5\n' | ae-train -q --net 2-1-2 --epochs 1 -m m.aem
	printf '%s\n' '{"id":"n","f":null}' '{"id":"r","f":{"a":1,"b":2}}' '{"id":"w","f":7}' >in.jsonl
	tac in.jsonl >turned.jsonl
	printf 'id,f.a,f.b\nn,,\nr,1,2\n' >in.csv
	same 'scores in.jsonl "--missing mask --on-bad skip"' 'scores in.csv "--missing mask"'
	same 'scores turned.jsonl "--missing mask --on-bad skip"' 'scores in.csv "--missing mask"'
	# an array with an element more
	printf 'f.1,f.2\n1,2\n3,5\n' | ae-train -q --net 2-1-2 --epochs 1 -m m.aem
	printf '%s\n' '{"id":"w","f":[1,2,3]}' '{"id":"r","f":[1,2]}' '{"id":"s","f":[3,5]}' >in.jsonl
	tac in.jsonl >turned.jsonl
	printf 'id,f.1,f.2\nr,1,2\ns,3,5\n' >in.csv
	same 'scores in.jsonl "--on-bad skip"' 'scores in.csv'
	same 'scores turned.jsonl "--on-bad skip" | sort' 'scores in.csv | sort'
	# and with one less, where the first object lacks the rest
	printf 'f.1,f.2,g\n1,2,4\n3,5,1\n' | ae-train -q --net 3-1-3 --epochs 1 -m m.aem
	printf '%s\n' '{"id":"w","f":[5],"g":2}' '{"id":"r","g":1}' '{"id":"s","f":[1,2],"g":1}' >in.jsonl
	tac in.jsonl >turned.jsonl
	printf 'id,f.1,f.2,g\nr,,,1\ns,1,2,1\n' >in.csv
	same 'scores in.jsonl "--missing mask --on-bad skip"' 'scores in.csv "--missing mask"'
	same 'scores turned.jsonl "--missing mask --on-bad skip" | sort' 'scores in.csv "--missing mask" | sort'
}

@test "JSON lines: a first object without a key of the model is told, and no columns are made of it" {
	printf 'a,b\n1,2\n3,5\n' | ae-train -q --net 2-1-2 --epochs 1 -m m.aem
	printf '%s\n' '{"state":"ok"}' '{"id":"r","a":1,"b":2}' >in.jsonl
	expect_error 1 'in.jsonl: line 1: no column "a", which the model takes' ae-recon -m m.aem in.jsonl
	local options
	for options in --missing=skip --on-bad=skip; do
		rm -f rejects
		run -0 --separate-stderr ae-recon -c "$options" --rejects rejects -m m.aem in.jsonl
		[[ $output = id,a,b,recon.a,recon.b$'\n'r,1,2,* ]]
		[[ $stderr = 'ae-recon: in.jsonl: line 1: no key that the model takes, such as "a": left out'$'\n'* ]]
		head -n 1 in.jsonl | cmp - rejects
	done
	printf '%s\n' '{"x":[1,2]}' '{"x":[3,5]}' >in.jsonl
	same 'ae-recon --missing skip -m m.aem in.jsonl' 'printf "x.1,x.2\n1,2\n3,5\n" | ae-recon --missing skip -m m.aem'
}

@test "JSON lines: a row goes through a chain, verdict and all, before the next one comes" {
	printf 'id,a,b\nr,1,2\ns,3,5\nt,4,4\n' >in.csv
	ae-normalize --fit minmax in.csv | ae-train -q --net 2-1-2 --epochs 1 -m m.aem
	ae-normalize -m m.aem in.csv | ae-recon -m m.aem | ae-err | ae-thresh --fit sigma:1 -m m.aem
	mkfifo in
	ae-normalize -m m.aem <in 3>&- | ae-recon -m m.aem | ae-err | ae-thresh -m m.aem -O jsonl >out.jsonl 3>&- &
	exec 8>in
	printf '{"id":"r","a":1,"b":2}\n' >&8
	eventually has_lines out.jsonl 1
	printf '{"a":3,"b":5,' >&8
	printf '"id":"s"}\n' >&8
	eventually has_lines out.jsonl 2
	exec 8>&-
	wait
	ae-normalize -m m.aem in.csv | ae-recon -m m.aem | ae-err | ae-thresh -m m.aem -O jsonl | head -n 2 | cmp - out.jsonl
	grep -q '^{"id":"r","err":[0-9.e-]*,"pred":[01]}$' out.jsonl
}

@test "JSON lines out: an object a row, arrays for tensors, null where nothing is" {
	printf 'id,time,a,b\n"x ""\\\t",7,0.1,\n\xc3\xa9,,1e300,5\n' >in.csv
	ae-cat --missing mask -O jsonl in.csv | cmp - <(printf '%s\n' '{"id":"x \"\\\u0009","time":"7","a":0.1,"b":null}' \
		'{"id":"é","time":"","a":1e300,"b":5}' | sed 's/1e300/1e+300/') ||
		ae-cat --missing mask -O jsonl in.csv | cmp - <(printf '%s\n' '{"id":"x \"\\\u0009","time":"7","a":0.1,"b":null}' \
			'{"id":"é","time":"","a":1e300,"b":5}')
	printf '1,2,3,4,5,6\n' | ae-cat -H --shape 1,2,3 -O jsonl | cmp - <(printf '{"x":[[[1,2,3],[4,5,6]]]}\n')
	printf '1,2\n' | ae-cat -H --f32 -O jsonl | cmp - <(printf '{"x":[1,2]}\n')
	printf 'a,b,recon.a,recon.b,latent.1,err,err.a,err.b,pred\n1,2,1.5,2,3,0.1,0.2,0.3,\n' | ae-cat -O jsonl |
		cmp - <(printf '{"a":1,"b":2,"recon.a":1.5,"recon.b":2,"latent":[3],"err":0.1,"err.a":0.2,"err.b":0.3,"pred":null}\n')
	printf 'err,err.1,err.2\n0.1,0.2,0.3\n' | ae-cat -O jsonl | cmp - <(printf '{"err":0.1,"err.1":0.2,"err.2":0.3}\n')
	printf 'err.1,err.2\n0.2,0.3\n' | ae-cat -O jsonl | cmp - <(printf '{"err":[0.2,0.3]}\n')
	printf 'a\n' | ae-cat -O jsonl | cmp - /dev/null
}

@test "JSON lines out and in again give the same stream" {
	printf '%s\n' 'id,time,label,x.1.1,x.1.2,x.2.1,x.2.2,latent.1,err,err.1,pred,note' \
		'"a,""b",2026,1,1,2,3,4,0.1,0.2,0.30000000000000004,1,"q"""' 'b,,2,5,6,7,8,-1e-9,3,4,0,\t' >in.csv
	same 'ae-cat --pass note in.csv' 'ae-cat --pass note -O jsonl in.csv | ae-cat --pass note'
}

@test "JSON lines: text that is no UTF-8 ends no chain" {
	printf 'id,a\n\xc3\xa9,1\n\xffb\xed\xa0\x80,2\n\xfe,3\n' >latin.csv
	run -0 --separate-stderr ae-cat -O jsonl latin.csv
	[ "$stderr" = 'ae-cat: row 2, column "id" is no UTF-8: U+FFFD is written for each byte that is not UTF-8; CSV (-c) keeps it' ]
	printf '{"id":"\xc3\xa9","a":1}\n{"id":"\xef\xbf\xbdb\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd","a":2}\n{"id":"\xef\xbf\xbd","a":3}\n' | cmp - <(echo "$output")
	printf '\xff\n1\n' | ae-cat -I csv -O jsonl 2>err | cmp - <(printf '{"\xef\xbf\xbd":1}\n')
	grep -qx 'ae-cat: the name of column "\\xff" is no UTF-8: .*' err
	[ -z "$(ae-cat -q -O jsonl latin.csv 2>&1 >/dev/null)" ]
	# noncharacters are UTF-8; what stands for no character is no JSON
	printf '{"id":"\xef\xbf\xbf","v":1}\n' >last.jsonl
	ae-cat -O jsonl last.jsonl | cmp - last.jsonl
	printf '%s\n' '{"id":"\uffff","v":1}' | ae-cat -O jsonl | cmp - last.jsonl
	{ cat last.jsonl && printf '{"id":"a\xed\xa0\x80","v":1}\n' && cat last.jsonl; } >bad.jsonl
	expect_error 1 'bad.jsonl: line 2: a text that is no UTF-8' ae-cat -c bad.jsonl
	ae-cat -q --on-bad skip -O jsonl bad.jsonl | cmp - <(cat last.jsonl last.jsonl)
}

@test "JSON lines: a bad first object is left out, and the next one gives the columns" {
	local bad
	for bad in '{"a":1,"a":2}' '{"b":{"c":1,"c":2}}' '{}' '{"b":{}}'; do
		printf '%s\n' "$bad" '{"v":1}' >in.jsonl
		expect_error 1 'in.jsonl: line 1: *' ae-cat -c in.jsonl
		rm -f rejects
		ae-cat -q --on-bad skip --rejects rejects -c in.jsonl | cmp - <(printf 'v\n1\n')
		echo "$bad" | cmp - rejects
	done
}

@test "JSON lines out: what cannot be written is named" {
	printf 'a,a\n1,2\n' >twice.csv
	expect_error 1 '*two columns have one name, "a", which an object has once' ae-cat -O jsonl twice.csv
	printf 'k\344,k\366,b\nx,y,3\n' >twice.csv
	expect_error 1 '*column "k*" has the name of another one, where U+FFFD is written for each byte that is not UTF-8; CSV (-c) keeps it' \
		ae-cat --id 1,2 -O jsonl twice.csv
	printf 'a\n1\n' >in.csv
	full ae-cat -O jsonl in.csv 2>err && return 1
	grep -q 'No space left' err
	expect_error 2 '--headerless goes with CSV and TSV (-c, -t), not with jsonl' ae-cat --headerless -O jsonl in.csv
}

@test "JSON lines out: suffixes, logs, and the mark of a run that failed" {
	printf 'a\n1\n' >in.csv
	ae-cat -o out.jsonl in.csv
	ae-cat -o out.NDJSON in.csv
	printf '{"a":1}\n' | cmp - out.jsonl
	cmp out.jsonl out.NDJSON
	ae-cat --append log.jsonl in.csv
	ae-cat --append log.jsonl in.csv
	printf 'a\n2\nx\n' >bad.csv
	run -1 ae-cat --append log.jsonl bad.csv
	cmp log.jsonl <(printf '{"a":1}\n{"a":1}\n{"a":2}\n!\n')
	cat_refuses 'line 4: "!": the program that wrote this failed' log.jsonl
	ae-cat --append log.jsonl in.csv
	run -0 --separate-stderr ae-cat -c log.jsonl
	[ "$output" = $'a\n1\n1\n2\n1' ]
	[[ $stderr = *'log.jsonl: line 4: "!": a program that wrote into this failed'* ]]
	printf '{"a":1}\n{"a":!\n!\n{"a":3}\n' >cut.jsonl
	run -0 --separate-stderr ae-cat -c cut.jsonl
	[ "$output" = $'a\n1\n3' ]
	[[ $stderr = *'its last row is cut, and left out'* ]]
	printf '{"a":1}\n{"a":2' >open.jsonl
	ae-cat --append open.jsonl in.csv
	run -0 --separate-stderr ae-cat -c open.jsonl
	[ "$output" = $'a\n1\n1' ]
}

@test "JSON lines: SIGTERM leaves what was read, and not the line that was cut" {
	mkfifo in
	ae-cat -c <in >out.csv 3>&- &
	exec 8>in
	printf '{"a":1}\n{"a":2' >&8
	eventually has_lines out.csv 2
	kill -TERM $!
	wait $! && return 1
	[ $? -eq 143 ]
	exec 8>&-
	printf 'a\n1\n' | cmp - out.csv
}

@test "JSON lines: verdicts are measured, and files stand side by side" {
	printf 'label,err,pred\n1,0.1,0\n1,0.4,1\n0,0.9,1\n' >v.csv
	ae-cat -O jsonl v.csv >v.jsonl
	same 'ae-metrics --normal 1 v.jsonl' 'ae-metrics --normal 1 v.csv'
	printf 'id,a\nr,1\ns,2\nt,3\n' >a.csv
	same 'ae-cat --paste v.jsonl a.csv' 'ae-cat --paste v.csv a.csv'
	same 'ae-split --ordered --test 0.4 --test-out /dev/null v.jsonl' 'ae-split --ordered --test 0.4 --test-out /dev/null v.csv'
	ae-info v.jsonl | grep -q '^stream *v.jsonl (jsonl)$'
}

@test "JSON lines of jq, and for jq" {
	command -v jq >/dev/null || skip 'no jq'
	rows
	jq -c '{p, flow, id, time}' in.jsonl >jq.jsonl 2>/dev/null
	same 'ae-cat -c --cols x jq.jsonl' 'ae-cat -c --x p,flow --cols x in.csv'
	same 'ae-cat -O jsonl in.csv | jq -c .flow' 'printf "1.5\n1000\n-0.25\n"'
	same "printf '{\"a\":1,\"b\":[1,2]}' | jq -c . | ae-cat -c" 'printf "a,b.1,b.2\n1,1,2\n"'
}

@test "JSON lines of Miller, and for Miller" {
	command -v mlr >/dev/null || skip 'no mlr'
	rows
	mlr --icsv --ojsonl cat in.csv >mlr.jsonl
	same 'ae-cat mlr.jsonl' 'ae-cat in.csv'
	same 'ae-cat -O jsonl in.csv | mlr --ijsonl --ocsv cut -f flow' 'printf "flow\n1.5\n1000\n-0.25\n"'
}

@test "JSON lines as journald writes them: every value is a string" {
	printf '%s\n' '{"__REALTIME_TIMESTAMP":"1764201600000000","FLOW":"42","PRESSURE":"1.5","MESSAGE":"reading","_PID":"17"}' \
		'{"FLOW":"43","__REALTIME_TIMESTAMP":"1764201601000000","_PID":"17","MESSAGE":"reading","PRESSURE":"1.75"}' >journal
	ae-cat -c --x FLOW,PRESSURE --time __REALTIME_TIMESTAMP --cols time,x journal |
		cmp - <(printf '__REALTIME_TIMESTAMP,FLOW,PRESSURE\n1764201600000000,42,1.5\n1764201601000000,43,1.75\n')
}

@test "JSON lines: clean under valgrind, bad ones and good ones" {
	unsanitized 'valgrind does not go with it'
	command -v valgrind >/dev/null || skip 'no valgrind'
	rows
	printf '{"id":"\\u00e9","q":1}\n{"id":\n[1]\n{"id":"z","flow":[[[1]]]}\n' >>in.jsonl
	valgrind -q --error-exitcode=9 --leak-check=full ae-cat -q --missing skip --on-bad skip --rejects r -O jsonl in.jsonl >out
	[ -s out ]
	printf '"\\ud800"\n' >log.jsonl # a text at the very beginning
	valgrind -q --error-exitcode=9 --leak-check=full ae-cat -I jsonl log.jsonl 2>err && return 1
	[ $? -eq 1 ]
	valgrind -q --error-exitcode=9 --leak-check=full ae-cat --append log.jsonl <<<'{"a":1}' 2>err && return 1
	[ $? -eq 1 ]
	grep -q 'log.jsonl: begins with' err
}

# Rows that a log does not hold are refused, and it stays as it is: not_appended MESSAGE LOG-TEXT [OPTION]...
not_appended() {
	local message=$1
	printf %b "$2" >log.jsonl
	cp log.jsonl before
	expect_error 1 "log.jsonl: begins with $message" ae-cat --append log.jsonl "${@:3}" in.csv
	cmp log.jsonl before
}

@test "JSON lines out: a log of other keys, or of CSV, is refused, and nothing is written to it" {
	printf 'id,err\n1,2\n' >in.csv
	local like='and these rows are like "{"id":null,"err":null}": '
	not_appended '"{"err":1}", '"$like"'other columns go to another file' '{"err":1}\n'
	not_appended '"{"err":1,"id":"1","pred":0}", *' '{"err":1,"id":"1","pred":0}\n'
	not_appended '"{"id":1,"err":\[1]}", *' '{"id":1,"err":[1]}\n'
	not_appended '"{"id":1,"id":1}", *' '{"id":1,"id":1}\n'
	not_appended '"{"err":1}", *' '!\n{"id":1,"err":!\n!\n{"err":1}\n'
	not_appended '"{"err":1}...", *' '{"err":1}'
	not_appended '"id,err", '"$like"'-c and -t append to a log of CSV or TSV' 'id,err\n'
	not_appended '"id,err...", *' 'id,err'
	not_appended '"\[1,2]", *' '[1,2]\n'
	not_appended '"{", *' '{\n"id":1,"err":2}\n'
	not_appended '"{"id":1,"err":2}", and these rows have the header "id,err": -O jsonl appends to one of JSON lines' \
		'{"id":1,"err":2}\n' -c
	printf 'id,err\n1,2\n' >log.csv
	expect_error 1 'log.csv: begins with "id,err", *' ae-cat -O jsonl --append log.csv in.csv
	# Tensors have their places.
	printf '{"x":[[1,2],[3,4]]}\n' >log.jsonl
	echo 1,2,3,4 | ae-cat -H --shape 2,2 --append log.jsonl
	echo 1,2,3,4 | ae-cat -H --shape 4 --append log.jsonl 2>err && return 1
	grep -qF 'are like "{"x":[null,null,null,null]}": other' err
}

@test "JSON lines out: a log of the same keys, in any order and spelling, behind marks or cut, goes on" {
	printf 'id,\xc3\xa9\n1,2\n' >in.csv
	local row='{"id":"1","é":2}\n' log
	for log in '' '{"\\u00e9":null,"id":7}\n' '\xef\xbb\xbf{"id":7, "é":1}\r\n' '!\n' '{"id!\n!\n' '!\n!\n{"é":[!\n!\n{"é":5,"id":""}\n'; do
		printf %b "$log" >log.jsonl
		ae-cat --append log.jsonl in.csv
		ae-cat --append log.jsonl in.csv in.csv
		cmp log.jsonl <(printf %b "$log$row$row$row")
	done
	for log in '{"id":"1","é":4}' '{"id":"1","x'; do
		printf %b "$log" >log.jsonl
		ae-cat --append log.jsonl in.csv
		cmp log.jsonl <(printf %b "$log!\n!\n$row")
	done
}

@test "JSON lines out: a log that others began meanwhile, or that got the name, is checked too" {
	mkfifo in
	ae-cat -q --append log.jsonl <in 2>err 3>&- &
	exec 8<>in
	printf 'a\n' >&8
	eventually test -f log.jsonl
	printf '{"b":1}\n' >log.jsonl
	printf '1\n' >&8
	exec 8>&-
	wait $! && return 1
	grep -qF 'log.jsonl: begins with "{"b":1}", and these rows are like "{"a":null}"' err
	printf '{"b":1}\n' | cmp - log.jsonl
	printf '{"a":1}\n' >log.jsonl
	ae-cat -q --append log.jsonl <in 2>err 3>&- &
	exec 8<>in
	printf 'a\n1\n' >&8
	eventually has_lines log.jsonl 2
	printf '{"b":1}\n' >new.jsonl
	mv new.jsonl log.jsonl
	printf '1\n' >&8
	exec 8>&-
	wait $! && return 1
	grep -qF 'begins with "{"b":1}", and' err
	printf '{"b":1}\n' | cmp - log.jsonl
}
