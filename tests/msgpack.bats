# SPDX-License-Identifier: MIT
# MessagePack of other programs, read and written. Bytes are spelled here, and packed by Python's msgpack and msgpack-numpy
# where they are installed (setup.sh --test).
load helpers

PYTHON=/usr/bin/python3

needs() {
	$PYTHON -c "import $1" 2>/dev/null || skip "no $1 for $PYTHON"
}

# pack NAME EXPRESSION...: a file of the expressions' values, one object each.
pack() {
	needs msgpack
	$PYTHON - "$@" <<-'END'
		import sys, struct, msgpack
		try:
		    import numpy as np, msgpack_numpy as mn
		    default = mn.encode
		except ImportError:
		    default = None
		from msgpack import Timestamp, ExtType
		with open(sys.argv[1], "wb") as f:
		    for e in sys.argv[2:]:
		        f.write(msgpack.packb(eval(e), default=default, use_bin_type=True))
	END
}

unpacked() {
	$PYTHON -c 'import msgpack, sys
for o in msgpack.Unpacker(sys.stdin.buffer): print(o)'
}

# bad MESSAGE BYTES: behind a good one, the object is a bad row, and left out where that is asked for.
bad() {
	printf '\x82\xa1a\x01\xa1x\x92\x02\x03' >good
	{ cat good && printf %b "$2" && cat good; } >bad.mp
	expect_error 1 "bad.mp: object 2: $1" ae-cat -c bad.mp
	rm -f rejects
	ae-cat -q -c --on-bad skip --rejects rejects bad.mp | cmp - <(printf 'a,x.1,x.2\n1,2,3\n1,2,3\n') || return
	printf %b "$2" | cmp - rejects
}

@test "msgpack: maps are rows, in whatever order their keys come" {
	# {"a": 1, "id": "r", "b": 2.5} {"b": nil, "id": 7, "a": -1} {"a": float32 0.5, "b": true}
	printf '\x83\xa1a\x01\xa2id\xa1r\xa1b\xcb\x40\x04\0\0\0\0\0\0' >in.mp
	printf '\x83\xa1b\xc0\xa2id\x07\xa1a\xff\x82\xa1a\xca\x3f\0\0\0\xa1b\xc3' >>in.mp
	printf 'a,id,b\n1,r,2.5\n-1,7,\n0.5,,1\n' >in.csv
	same 'ae-cat --missing mask in.mp' 'ae-cat --missing mask in.csv'
	same 'ae-cat --missing skip <in.mp' 'ae-cat --missing skip in.csv'
	same 'ae-cat --missing mask --f32 -I msgpack in.mp' 'ae-cat --missing mask --f32 in.csv'
	same 'ae-cat --missing mask --x b --label a in.mp' 'ae-cat --missing mask --x b --label a in.csv'
	same 'ae-cat --missing mask --na -1 in.mp' 'ae-cat --missing mask --na -1 in.csv'
	cat_refuses 'object 2: column "b": missing value; --missing skip leaves such rows out, --missing mask keeps them' in.mp
	same 'ae-cat --missing mask in.csv in.mp' 'ae-cat --missing mask in.csv in.csv'
}

@test "msgpack: integers and floats of every width" {
	printf '\x9c\x7f\xe0\xcc\xff\xcd\xff\xff\xce\xff\xff\xff\xff\xcf\0\x1f\xff\xff\xff\xff\xff\xff\xd0\x80\xd1\x80\0\xd2\x80\0\0\0\xd3\x80\0\0\0\0\0\0\0\xca\xbf\x80\0\0\xcb\x3f\xb9\x99\x99\x99\x99\x99\x9a' >in.mp
	same 'ae-cat --x 1-12 in.mp' "printf '127,-32,255,65535,4294967295,9007199254740991,-128,-32768,-2147483648,-9223372036854775808,-1,0.1\n' | ae-cat -H --x 1-12"
	ae-cat -c --pass 1-12 in.mp | sed 1d | cmp - <(printf '127,-32,255,65535,4294967295,9007199254740991,-128,-32768,-2147483648,-9223372036854775808,-1,0.1\n')
	printf '\x81\xa1n\xcf\xff\xff\xff\xff\xff\xff\xff\xff' >id.mp
	ae-cat -c --id n id.mp | cmp - <(printf 'n\n18446744073709551615\n')
	cat_refuses 'object 1: column "n": "18446744073709551615" is an integer above 2^24*' id.mp
	printf '\x81\xa1f\xca\x3d\xcc\xcc\xcd' >f32.mp
	ae-cat -c --id f f32.mp | cmp - <(printf 'f\n0.1\n')
	printf '\x81\xa1f\xca\x7f\xc0\0\0' >nan.mp
	cat_refuses 'object 1: column "f": missing value*' nan.mp
	printf '\x81\xa1f\xcb\x7f\xf0\0\0\0\0\0\0' >inf.mp
	cat_refuses 'object 1: column "f": "*" is infinite or too large' inf.mp
}

@test "msgpack: arrays of cells are rows without header, arrays of those are several" {
	printf '\x93\x01\x02\x03\x93\x04\xa15\x06' >rows.mp
	same 'ae-cat rows.mp' "printf '1,2,3\n4,5,6\n' | ae-cat -H"
	same 'ae-cat --label -1 --id 1 rows.mp' "printf '1,2,3\n4,5,6\n' | ae-cat -H --label -1 --id 1"
	same 'ae-cat --header a,b,c rows.mp' "printf 'a,b,c\n1,2,3\n4,5,6\n' | ae-cat"
	printf '\x92\x93\x01\x02\x03\x93\x04\x05\x06\x90\x91\x93\x07\x08\x09' >batches.mp
	same 'ae-cat batches.mp' "printf '1,2,3\n4,5,6\n7,8,9\n' | ae-cat -H"
	printf '\x92\x81\xa1a\x01\x81\xa1a\x02' >maps.mp
	ae-cat -c maps.mp | cmp - <(printf 'a\n1\n2\n')
	printf '\x92\x92\x01\x02\x92\x03\xa1x\x92\x04\x05' >bad.mp
	ae-cat -q -c --on-bad skip --rejects rejects bad.mp | cmp - <(printf 'x.1,x.2\n1,2\n4,5\n')
	printf '\x92\x03\xa1x' | cmp - rejects
}

@test "msgpack: what is nested has names with points, arrays of numbers are tensors" {
	pack in.mp '{"id": "a", "fields": {"flow": 1.5, "in": {"p": 2}}, "x": [[1, 2], [3, 4]]}'
	ae-cat -c --pass fields in.mp | cmp - <(printf 'id,fields.flow,fields.in.p,x.1.1,x.1.2,x.2.1,x.2.2\na,1.5,2,1,2,3,4\n')
	ae-info --pass fields in.mp | grep -q '^ *x .*\[2,2\]' || ae-info in.mp
}

@test "msgpack: arrays of msgpack-numpy, alone and in maps" {
	needs msgpack_numpy
	local t
	for t in '<f4' '<f8' '|u1' '<i2' '>i4' '<u8' '|b1' '>f8'; do
		pack a.mp "(np.arange(12).reshape(3, 4) % 7).astype('$t')" "np.array([0, 1, 0, 1]).astype('$t')"
		$PYTHON -c "import numpy as np
for r in list((np.arange(12).reshape(3, 4) % 7).astype('$t')) + [np.array([0, 1, 0, 1])]: print(*(float(v) for v in r), sep=',')" >a.csv
		same 'ae-cat a.mp' 'ae-cat -H a.csv'
	done
	pack image.mp "np.arange(12).reshape(2, 3, 2).astype('u1')"
	ae-info image.mp | grep -q '\[3,2\]'
	ae-cat -c image.mp | sed 1d | cmp - <(printf '0,1,2,3,4,5\n6,7,8,9,10,11\n')
	pack map.mp "{'id': 'r', 'x': np.array([1.5, 2]), 'y1': np.float64(3)}"
	ae-cat -c --pass y1 map.mp | cmp - <(printf 'id,x.1,x.2,y1\nr,1.5,2,3\n')
	pack none.mp "np.zeros((0, 3))" "np.ones((1, 3))"
	ae-cat -c none.mp | sed 1d | cmp - <(printf '1,1,1\n')
	pack object.mp "np.array(['a', 'b'])"
	cat_refuses 'object 1: an array of NumPy whose elements are no floats of 4 or 8 bytes, integers or bools' object.mp
	# As Python 2 packed them, keys and type as text: {"nd": true, "type": "<f4", "shape": [1], "data": 1f}
	printf '\x84\xa2nd\xc3\xa4type\xa3<f4\xa5shape\x91\x01\xa4data\xa4\0\0\x80\x3f' | ae-cat -c | cmp - <(printf 'x.1\n1\n')
	printf '\x84\xa2nd\xc3\xa4type\xa3<f4\xa5shape\x91\x02\xa4data\xa4\0\0\x80\x3f' >size.mp
	cat_refuses 'object 1: an array of NumPy whose data and shape differ in size' size.mp
	printf '\x84\xa2nd\xc3\xa4type\xa3<f4\xa5shape\x93\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x02\xa4data\xa4\0\0\x80\x3f' >huge.mp
	cat_refuses 'object 1: an array of NumPy whose data and shape differ in size' huge.mp
}

@test "msgpack: events of fluentd and Fluent Bit, their time in every spelling" {
	# EventTime, metadata, a tag before, a float, and a record that has a time
	{
		printf '\x92\xd7\0\x65\x53\xf1\0\0\0\0\x05\x81\xa4flow\x01'
		printf '\x92\x92\xd7\0\x65\x53\xf1\x01\0\0\0\0\x80\x81\xa4flow\x02'
		printf '\x93\xa3tag\xce\x65\x53\xf1\x02\x81\xa4flow\x03'
		printf '\x92\xcb\x3f\xf8\0\0\0\0\0\0\x81\xa4flow\x04'
		printf '\x92\x07\x82\xa4flow\x05\xa4time\xa3now'
	} >events.mp
	ae-cat -c events.mp | cmp - <(printf '%s\n' time,flow 1700000000.000000005,1 1700000001.000000000,2 1700000002,3 1.5,4 now,5)
	# timestamps of 4, 8 and 12 bytes: extension -1
	printf '\x82\xa1t\xd6\xff\x65\x53\xf1\0\xa1v\x01\x82\xa1t\xd7\xff\0\0\0\x04\x65\x53\xf1\0\xa1v\x02' >stamps.mp
	printf '\x82\xa1t\xc7\x0c\xff\x1d\xcd\x65\0\xff\xff\xff\xff\xff\xff\xff\xff\xa1v\x03' >>stamps.mp
	ae-cat -c --time t stamps.mp | cmp - <(printf '%s\n' t,v 1700000000.000000000,1 1700000000.000000001,2 -0.500000000,3)
	local forward="a message of fluentd's forward protocol: out_tcp or out_file of Fluent Bit, with Format msgpack, write events without it"
	printf '\x93\xa3tag\xc4\x02xx\x81\xaacompressed\xa4gzip' >packed.mp
	cat_refuses "object 1: $forward" packed.mp
	printf '\x92\xa3tag\x91\x92\x07\x81\xa1a\x01' >forward.mp
	cat_refuses "object 1: $forward" forward.mp
}

@test "msgpack is told by its first byte, and -I says it" {
	printf '\xde\0\x01\xa1a\x01' >map16.mp
	ae-cat -c -I msgpack map16.mp | cmp - <(printf 'a\n1\n')
	printf '\xdc\0\x02\x01\x02' >array16.mp
	ae-cat -c -I msgpack array16.mp | sed 1d | cmp - <(printf '1,2\n')
	printf '\x94\x01\x02\x03\x04' >four.mp
	ae-cat -c four.mp | sed 1d | cmp - <(printf '1,2,3,4\n')
	printf '\x93\x01\x02\x03' >three.mp
	ae-cat -c three.mp | sed 1d | cmp - <(printf '1,2,3\n')
	: >empty
	cat_refuses 'empty input: no object, whose keys would be the header' empty -I msgpack
	printf '\x80' >none.mp
	cat_refuses 'object 1: the first record has no value' none.mp -I msgpack
	printf '\xc3\xa9t\xc3\xa9,b\n1,2\n' | ae-cat -c | cmp - <(printf '\xc3\xa9t\xc3\xa9,b\n1,2\n')
}

@test "msgpack: bad objects are named, left out and kept" {
	bad 'column "a": missing value*' '\x81\xa1x\x92\x01\x02'
	bad 'key "b": the first record has no such key' '\x83\xa1a\x01\xa1b\x01\xa1x\x92\x01\x02'
	bad 'key "a": stands twice' '\x83\xa1a\x01\xa1a\x01\xa1x\x92\x01\x02'
	bad 'key "x": 1 values, fewer than in the first record' '\x82\xa1a\x01\xa1x\x91\x01'
	bad 'key "x.3": the first record has no such key' '\x82\xa1a\x01\xa1x\x93\x01\x02\x03'
	bad 'column "a": "word" is not a number*' '\x82\xa1a\xa4word\xa1x\x92\x01\x02'
	bad 'an array where objects stood before' '\x93\x01\x02\x03'
	bad 'neither a map nor an array' '\x05'
	bad 'neither a map nor an array' '\xa1a'
	bad 'a key that is no text' '\x82\x01\x02\xa1x\x92\x01\x02'
	bad 'an extension of type 5 and 1 bytes, which is not known' '\x82\xa1a\xd4\x05\0\xa1x\x92\x01\x02'
	bad 'a NUL character in a text' '\x82\xa1a\xa1\0\xa1x\x92\x01\x02'
	bad 'column "a": a time of 4294967295 nanoseconds' '\x82\xa1a\xd7\0\0\0\0\x01\xff\xff\xff\xff\xa1x\x92\x01\x02'
}

@test "msgpack: a key more is left out with one note, where the model or --header says which are wanted" {
	# {a: 1, new: {x: [1, "y"]}, b: 2} and {later: 1, b: 5, a: 3}
	printf '\x83\xa1a\x01\xa3new\x81\xa1x\x92\x01\xa1y\xa1b\x02\x83\xa5later\x01\xa1b\x05\xa1a\x03' >more.mp
	run -0 --separate-stderr ae-cat -c --header a,b more.mp
	[ "$output" = $'a,b\n1,2\n3,5' ]
	[ "$stderr" = 'ae-cat: more.mp: key "new.x.1": --header does not list it: left out' ]
	expect_error 1 'more.mp: object 1: key "a": --header does not list it' ae-cat --header a.z more.mp
	printf 'a,b\n1,2\n3,5\n' >in.csv
	ae-train -q --net 2-1-2 --epochs 1 -m m.aem in.csv
	{ printf '\x82\xa1b\x02\xa1a\x01' && cat more.mp; } >in.mp
	run -0 --separate-stderr ae-recon -c -m m.aem in.mp
	[ "$stderr" = 'ae-recon: in.mp: key "new.x.1": neither the model nor the first record has it: left out' ]
	[ "$output" = "$(printf 'a,b\n1,2\n1,2\n3,5\n' | ae-recon -c -m m.aem)" ]
	expect_error 1 'in.mp: object 2: key "new.x.1": the first record has no such key' ae-cat in.mp
}

@test "msgpack: under a model the same rows give the same whichever comes first, with a key more or less" {
	printf 'a,b\n1,2\n3,5\n' | ae-train -q --net 2-1-2 --epochs 1 -m m.aem
	local full='\x82\xa1a\x01\xa1b\x02' less='\x81\xa1b\x05' more='\x83\xa1c\xc0\xa1a\x03\xa1b\x05' none='\x81\xa1s\x01' order options
	printf 'a,b\n1,2\n3,5\n' | ae-recon -m m.aem | ae-cat -c --cols recon | sed 1d | sort >wanted
	for order in "$full$less$more$none" "$less$full$more$none" "$more$none$less$full" "$none$less$full$more"; do
		printf %b "$order" >in.mp
		for options in --missing=skip --on-bad=skip; do
			rm -f rejects
			ae-recon -q "$options" --rejects rejects -m m.aem in.mp | ae-cat -c --cols recon | sed 1d | sort | diff wanted -
			[ "$(wc -c <rejects)" -eq 8 ]
		done
	done
	printf %b "$none$full" >in.mp
	run -0 --separate-stderr ae-recon -c --on-bad skip -m m.aem in.mp
	[[ $stderr = 'ae-recon: in.mp: object 1: no key that the model takes, such as "a": left out'$'\n'* ]]
}

@test "msgpack: what is cut, or none, ends the run, whatever is left out" {
	local i
	printf '\x82\xa1a\x01\xa1x\x92\x02\x03' >good
	for i in 1 4 7 8; do
		{ cat good && head -c $i good; } >cut.mp
		cat_refuses 'object 2: cut' cut.mp
		cat_refuses 'object 2: cut' cut.mp --on-bad skip
	done
	head -c 3 good >cut.mp
	cat_refuses 'object 1: cut' cut.mp
	{ cat good && printf '\xc1'; } >c1.mp
	cat_refuses 'object 2: not a message: byte 0xc1 at offset 0' c1.mp
	{ cat good && printf '\x91%.0s' {1..30} && printf '\x01'; } >deep.mp
	cat_refuses 'object 2: a message nested deeper than 24' deep.mp
	{ cat good && printf '\xdd\xff\xff\xff\xff\x01'; } >large.mp
	cat_refuses 'object 2: a message larger than 67108864 bytes' large.mp
	{ cat good && printf '\xc6\xff\xff\xff\xff\x01'; } >bin.mp
	cat_refuses 'object 2: a message larger than 67108864 bytes' bin.mp
}

@test "msgpack out: a map a row, what has no value is nil, and in again it is the same stream" {
	printf '%s\n' 'id,time,label,x.1.1,x.1.2,x.2.1,x.2.2,latent.1,err,err.1,pred,note' \
		'"a,""b",2026,1,1,2,3,4,0.1,0.2,0.30000000000000004,1,"q"""' 'b,,2,5,6,7,8,-1e-9,3,4,0,\t' >in.csv
	same 'ae-cat --pass note in.csv' 'ae-cat --pass note -O msgpack in.csv | ae-cat --pass note'
	same 'ae-cat --pass note in.csv' 'ae-cat --pass note -o out.msgpack in.csv && ae-cat --pass note out.msgpack'
	printf 'id,a,b\nr,1.5,\n' | ae-cat --missing mask -O msgpack |
		cmp - <(printf '\x83\xa2id\xa1r\xa1a\xcb\x3f\xf8\0\0\0\0\0\0\xa1b\xc0')
	printf '1,2\n' | ae-cat -H --f32 -O msgpack | cmp - <(printf '\x81\xa1x\x92\xca\x3f\x80\0\0\xca\x40\0\0\0')
	printf 'err,pred\n1,\n1,1\n' | ae-cat -O msgpack | tail -c 7 | cmp - <(printf '\0\xa4pred\x01')
	printf 'a,a\n1,2\n' >twice.csv
	expect_error 1 '*two columns have one name, "a", which an object has once' ae-cat -O msgpack twice.csv
	printf 'a\n1\nx\n' >bad.csv
	ae-cat -q -O msgpack bad.csv >failed.mp 2>err && return 1
	cat_refuses 'object 2: "!": the program that wrote this failed' failed.mp
	full ae-cat -O msgpack in.csv 2>err && return 1
	grep -q 'No space left' err
	expect_error 2 '--append log: only text can be appended, not msgpack' ae-cat -O msgpack --append log in.csv
}

@test "msgpack: text that is no UTF-8 ends no chain" {
	printf 'id,a\n\xc3\xa9,1\n\xffb,2\n\xfe,3\n' >latin.csv
	ae-cat -O msgpack latin.csv 2>err | unpacked | cmp - <(printf "{'id': '\xc3\xa9', 'a': 1.0}\n{'id': '\xef\xbf\xbdb', 'a': 2.0}\n{'id': '\xef\xbf\xbd', 'a': 3.0}\n")
	grep -qx 'ae-cat: row 2, column "id" is no UTF-8: U+FFFD is written for each byte that is not UTF-8; CSV (-c) keeps it' err
	[ "$(wc -l <err)" -eq 1 ]
	printf '\xff\n1\n' | ae-cat -I csv -O msgpack 2>err | unpacked | cmp - <(printf "{'\xef\xbf\xbd': 1.0}\n")
	grep -q 'the name of column "\\xff" is no UTF-8: ' err
	printf '\x82\xa2id\xa2\xffb\xa1a\x01' >in.mp # comes in as it is
	ae-cat -c in.mp | cmp - <(printf 'id,a\n\xffb,1\n')
}

@test "msgpack: a bad first object is left out, and the next one gives the columns" {
	local bad
	for bad in '\x82\xa1a\x01\xa1a\x02' '\x81\xa1b\x80'; do
		printf '%b\x81\xa1v\x01' "$bad" >in.mp
		expect_error 1 'in.mp: object 1: *' ae-cat -c in.mp
		rm -f rejects
		ae-cat -q --on-bad skip --rejects rejects -c in.mp | cmp - <(printf 'v\n1\n')
		printf %b "$bad" | cmp - rejects
	done
}

@test "msgpack: of an array of NumPy the rows that are left out are kept, and no other" {
	local way
	$PYTHON -c '
import msgpack, numpy as np
for bad in (0,), (1,), (0, 2), (0, 1, 2):
    a = np.arange(6, dtype=">f4").reshape(3, 2)
    a[list(bad), 1] = np.nan
    pack = {b"nd": True, b"type": a.dtype.str, b"kind": b"", b"shape": a.shape, b"data": a.tobytes()}
    open("n%d.mp" % len(bad) if bad != (1,) else "second.mp", "wb").write(msgpack.packb(pack))'
	for way in 'n1 1' 'second 1' 'n2 2' 'n3 3'; do
		rm -f rejects.mp
		ae-cat -q --missing skip --rejects rejects.mp -c "${way% *}.mp" >kept.csv
		ae-cat --missing mask -c rejects.mp >out.csv
		[ "$(grep -c nan out.csv)" -eq "${way#* }" ]
		{ sed 1d kept.csv && sed 1d out.csv; } | sort | cmp - <(ae-cat --missing mask -c "${way% *}.mp" | sed 1d | sort)
	done
	# nor of rows that a program leaves out for their time
	$PYTHON -c '
import msgpack, numpy as np
a = np.array([[10, 1], [9, 2], [11, 3], [8, 4]], dtype=">f8")
pack = {b"nd": True, b"type": a.dtype.str, b"kind": b"", b"shape": a.shape, b"data": a.tobytes()}
open("times.mp", "wb").write(msgpack.packb(pack))'
	rm rejects.mp
	ae-window -q --size 1 --max-gap 10s --header t,a --time t --on-bad skip --rejects rejects.mp times.mp >/dev/null
	ae-cat -c --header t,a rejects.mp | cmp - <(printf '%s\n' t,a 9,2 8,4)
}

@test "msgpack of Python, and for Python" {
	pack in.mp '{"id": "a", "flow": 1.5, "p": 2}' '{"id": 3, "p": None, "flow": 2}'
	ae-cat -c --missing mask in.mp | cmp - <(printf 'id,flow,p\na,1.5,2\n3,2,nan\n')
	printf 'id,flow,p\na,1.5,2\n' | ae-cat -O msgpack | unpacked | cmp - <(printf "{'id': 'a', 'flow': 1.5, 'p': 2.0}\n")
	printf '1,2,3,4\n' | ae-cat -H --shape 2,2 -O msgpack | unpacked | cmp - <(printf "{'x': [[1.0, 2.0], [3.0, 4.0]]}\n")
}

@test "msgpack: neither batches nor how the bytes arrive change anything" {
	ecg_synthetic 40 | ae-cat -H --label -1 --f32 -O msgpack >beats.mp
	ae-cat beats.mp >whole.aes
	local n
	for n in 1 2 7 16 17 512; do
		same "ae-cat --batch-rows $n beats.mp | ae-cat -c" 'ae-cat -c whole.aes'
	done
	for n in 1 7 4096; do
		same "dd bs=$n status=none <beats.mp | ae-cat -c" 'ae-cat -c whole.aes'
	done
	ecg_synthetic 40 | cut -d, -f1-140 | ae-cat -H -o beats.npy
	needs msgpack_numpy
	$PYTHON -c 'import numpy as np, msgpack_numpy as mn; open("array.mp", "wb").write(mn.packb(np.load("beats.npy")) * 300)'
	same 'dd bs=65537 status=none <array.mp | ae-cat -c' 'ae-cat -c array.mp'
	[ "$(ae-cat -c array.mp | wc -l)" -eq 12001 ]
}

@test "msgpack: a row goes through a chain, verdict and all, before the next one comes" {
	printf 'id,a,b\nr,1,2\ns,3,5\nt,4,4\n' >in.csv
	ae-normalize --fit minmax in.csv | ae-train -q --net 2-1-2 --epochs 1 -m m.aem
	ae-normalize -m m.aem in.csv | ae-recon -m m.aem | ae-err | ae-thresh --fit sigma:1 -m m.aem
	ae-cat -O msgpack in.csv >in.mp
	same 'ae-normalize -m m.aem in.mp' 'ae-normalize -m m.aem in.csv'
	expect_error 1 '*' ae-recon -m m.aem in.mp
	mkfifo in
	ae-normalize -m m.aem <in 3>&- | ae-recon -m m.aem | ae-err | ae-thresh -m m.aem -O msgpack >out.mp 3>&- &
	exec 8>in
	head -c 10 in.mp >&8
	tail -c +11 in.mp | head -c 20 >&8
	eventually has_bytes out.mp 10
	exec 8>&-
	wait $! || true
}

@test "msgpack: clean under valgrind, bad objects and good ones" {
	unsanitized 'valgrind does not go with it'
	command -v valgrind >/dev/null || skip 'no valgrind'
	printf '\x82\xa1a\x01\xa1x\x92\x02\x03\x82\xa1a\xc0\xa1x\x92\x02\x03\x81\xa1q\x01\x05\x82\xa1x\xc0\xa1a\xcb\x7f\xf0\0\0\0\0\0\0' >in.mp
	printf '\x82\xa1a\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa1x\x92\xca\0\0\0\0\x03' >>in.mp
	valgrind -q --error-exitcode=9 --leak-check=full ae-cat -q --pass a --missing skip --on-bad skip --rejects r -O msgpack in.mp >out
	[ -s out ]
}
