#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Tables and arrays of others: Miller and pandas read and write the same CSV, NumPy the same npy. Where one of them is
# absent its tests are skipped (setup.sh --test installs them).
load helpers

PYTHON=/usr/bin/python3

needs_miller() {
	command -v mlr >/dev/null || skip 'no Miller (mlr)'
}

needs_pandas() {
	$PYTHON -c 'import pandas' 2>/dev/null || skip 'no pandas for /usr/bin/python3'
}

needs_numpy() {
	$PYTHON -c 'import numpy' 2>/dev/null || skip 'no NumPy for /usr/bin/python3'
}

# Ids that need quotes, numbers of all sizes.
table() {
	cat <<-'END'
		id,time,flow,pressure,label
		u 1,2024-03-01T00:00:00Z,0.1,-1e-300,1
		"u, ""2""",2024-03-01 00:00:01,123456789.123456789,1.7976931348623157e308,0
		0073,,5e-324,0.30000000000000004,1
		"two
		lines",x,-0.0,100,0
	END
}

# ---- Miller ----

@test "Miller writes CSV, ae-cat reads it" {
	needs_miller
	table >table.csv
	mlr --icsv --ocsv cat table.csv >miller.csv
	same 'ae-cat --multiline miller.csv' 'ae-cat --multiline table.csv'
	mlr --icsv --ocsv --quote-all cat table.csv >quoted.csv
	same 'ae-cat --multiline quoted.csv' 'ae-cat --multiline table.csv'
	mlr --icsv --ocsv --ors crlf cat table.csv >crlf.csv
	same 'ae-cat --multiline crlf.csv | ae-cat --multiline -c --cols id,x' 'ae-cat --multiline -c --cols id,x table.csv'
}

@test "Miller writes TSV, ae-cat reads it" {
	needs_miller
	table >table.csv
	mlr --icsv --otsv cat table.csv >miller.tsv
	same 'ae-cat -I tsv miller.tsv' 'ae-cat --multiline table.csv'
}

@test "ae-cat writes CSV, Miller reads it to the same values" {
	needs_miller
	table | ae-cat --multiline | ae-cat --multiline -c >ours.csv
	mlr --icsv --ojson cat ours.csv >ours.json
	table | mlr --icsv --ojson cat >table.json
	# the ids as they were; the numbers are the same to Miller's own arithmetic
	cmp <(grep '"id"' ours.json) <(grep '"id"' table.json)
	cmp <(grep '"time"' ours.json) <(grep '"time"' table.json)
	# shellcheck disable=SC2016 # Miller's own
	local products='print $flow * 3 . " " . $pressure * 0.7'
	mlr --icsv --ocsv put -q "$products" ours.csv >ours.products
	table | mlr --icsv --ocsv put -q "$products" | cmp - ours.products
	[ "$(wc -l <ours.products)" -eq 4 ]
}

@test "Miller between two filters: text there and back loses nothing" {
	needs_miller
	ecg_synthetic 50 | ae-cat -H --label -1 -o beats.aes
	same 'ae-cat -c beats.aes | mlr --icsv --ocsv cat | ae-cat | ae-cat -c' 'ae-cat -c beats.aes'
	ae-cat -c beats.aes | mlr --icsv --ocsv cat | ae-cat -o back.aes
	cmp back.aes beats.aes
}

@test "Miller sorts and joins verdicts" {
	needs_miller
	printf 'id,err\nu1,0.5\nu2,12.25\nu3,3\n' | ae-thresh --at 1 >verdicts.csv
	# shellcheck disable=SC2016 # Miller's own
	mlr --icsv --ocsv filter '$pred == 1' verdicts.csv | mlr --icsv --ocsv sort -nr err | mlr --icsv --onidx cut -f id >anomalies
	[ "$(paste -sd ' ' anomalies)" = 'u2 u3' ]
}

# ---- pandas ----

@test "pandas writes CSV, ae-cat reads it" {
	needs_pandas
	table >table.csv
	ae-cat --multiline -o table.aes table.csv
	$PYTHON - <<-'END'
		import csv
		import pandas as pd
		t = pd.read_csv("table.csv", dtype={"id": str, "label": str}, keep_default_na=False, float_precision="round_trip")
		t.to_csv("plain.csv", index=False)
		t.to_csv("quoted.csv", index=False, quoting=csv.QUOTE_ALL)
		t.to_csv("text.csv", index=False, quoting=csv.QUOTE_NONNUMERIC)
		t.to_csv("bom.csv", index=False, encoding="utf-8-sig")
		t.to_csv("tab.tsv", index=False, sep="\t")
		t.to_csv("semicolon.csv", index=False, sep=";")
		t.to_csv("index.csv")
		t.head(3).to_csv("crlf.csv", index=False, lineterminator="\r\n")
	END
	local file
	for file in plain.csv quoted.csv text.csv bom.csv '-d \t tab.tsv' '-d ; semicolon.csv'; do
		# shellcheck disable=SC2086 # options
		ae-cat --multiline $file | cmp - table.aes
	done
	same 'ae-cat crlf.csv' 'ae-cat --head 3 table.aes'
	# the index that pandas writes unless told otherwise is no input
	expect_error 1 'index.csv: line 1: column "" looks like truth or bookkeeping, not like an input: say which it is with --label, --id, --time, --pass or --x' \
		ae-cat index.csv
	ae-cat --multiline --pass 1 index.csv | ae-cat --cols id,time,x,label | cmp - table.aes
}

@test "pandas: missing values and truth values" {
	needs_pandas
	$PYTHON - <<-'END'
		import pandas as pd
		pd.DataFrame({"a": [1.5, None, 3], "b": [1, 2, 3]}).to_csv("holes.csv", index=False)
		pd.DataFrame({"a": [1.5, None, 3], "b": [1, 2, 3]}).to_csv("na.csv", index=False, na_rep="NA")
		pd.DataFrame({"a": [1.5, 2], "on": [True, False]}).to_csv("bool.csv", index=False)
	END
	expect_error 1 'holes.csv: line 3: column "a": missing value; --missing skip leaves such rows out, --missing mask keeps them' ae-cat holes.csv
	[ "$(ae-cat -c --missing=mask holes.csv | paste -sd ' ')" = 'a,b 1.5,1 nan,2 3,3' ]
	same 'ae-cat --missing=mask na.csv' 'ae-cat --missing=mask holes.csv'
	expect_error 1 'bool.csv: line 2: column "on": "True" is not a number; text columns are named with --label, --id, --time or --pass' ae-cat bool.csv
	[ "$(ae-cat -c --pass on bool.csv)" = $'a,on\n1.5,True\n2,False' ]
}

@test "ae-cat writes CSV, pandas reads it to the same values" {
	needs_pandas
	table | ae-cat --multiline | ae-cat --multiline -c >ours.csv
	table >table.csv
	$PYTHON - <<-'END'
		import pandas as pd
		read = lambda name: pd.read_csv(name, dtype={"id": str, "label": str}, keep_default_na=False, float_precision="round_trip")
		pd.testing.assert_frame_equal(read("ours.csv"), read("table.csv"), check_exact=True)
		assert list(read("ours.csv")["id"]) == ["u 1", 'u, "2"', "0073", "two\nlines"]
	END
}

@test "pandas and ae-cat: 10,000 random doubles and floats, there and back to the bit" {
	needs_pandas
	$PYTHON - <<-'END'
		import numpy as np
		import pandas as pd
		rng = np.random.default_rng(1)
		bits = rng.integers(0, 1 << 63, 20000, dtype=np.uint64) | rng.integers(0, 2, 20000, dtype=np.uint64) << np.uint64(63)
		x = bits.view(np.float64)
		x = x[np.isfinite(x)][:10000].reshape(-1, 4)
		pd.DataFrame(x, columns=list("abcd")).to_csv("x.csv", index=False)
		np.save("x.npy", x)
		f = (bits >> np.uint64(32)).astype(np.uint32).view(np.float32)
		f = f[np.isfinite(f)][:10000].reshape(-1, 4)
		np.save("f.npy", f)
	END
	ae-cat --cols x x.csv -o got.npy # text to doubles
	ae-cat -c x.csv >ours.csv        # doubles to text
	ae-cat -c f.npy >f.csv           # floats to text
	ae-cat --f32 f.csv -o f-back.npy # text to floats
	$PYTHON - <<-'END'
		import numpy as np
		import pandas as pd
		x, f = np.load("x.npy"), np.load("f.npy")
		assert np.array_equal(np.load("got.npy").view(np.uint64), x.view(np.uint64))
		ours = pd.read_csv("ours.csv", float_precision="round_trip").to_numpy()
		assert np.array_equal(ours.view(np.uint64), x.view(np.uint64))
		assert np.array_equal(np.load("f-back.npy").view(np.uint32), f.view(np.uint32))
		assert np.array_equal(pd.read_csv("f.csv", float_precision="round_trip").to_numpy().astype(np.float32), f)
	END
}

@test "pandas measures what ae-thresh wrote" {
	needs_pandas
	printf 'id,err,label\nu1,0.5,1\n"u,2",12.25,0\nu3,,1\n' | ae-thresh --missing=mask --at 1 >verdicts.csv
	$PYTHON - <<-'END'
		import pandas as pd
		v = pd.read_csv("verdicts.csv")
		assert list(v.columns) == ["id", "err", "label", "pred"]
		assert list(v["pred"].fillna(-1)) == [0, 1, -1] and v["err"].isna().tolist() == [False, False, True], v
	END
}

# ---- NumPy ----

@test "NumPy writes npy, ae-cat reads it: every type, every number of axes" {
	needs_numpy
	$PYTHON - <<-'END'
		import numpy as np
		for name in "f4 f8 i1 i2 i4 u1 u2 u4".split():
		    dtype = np.dtype("<" + name)
		    info = np.finfo(dtype) if dtype.kind == "f" else np.iinfo(dtype)
		    a = np.array([info.min, 0, 1, info.max, 7, 100], dtype=dtype)
		    for shape in (6,), (6, 1), (3, 2), (2, 3), (1, 3, 2), (2, 1, 3, 1), (1, 1, 2, 1, 3):
		        np.save("%s.%s.npy" % (name, "x".join(map(str, shape))), a.reshape(shape))
		np.save("i8.3x2.npy", np.array([[-2**53, 2**53], [0, 1], [-1, 10**15]], dtype="<i8"))
		np.save("u8.3x2.npy", np.array([[0, 2**53], [0, 1], [1, 10**15]], dtype="<u8"))
		np.save("b1.3x2.npy", np.array([[True, False], [False, False], [True, True]]))
	END
	local file
	for file in *.npy; do
		ae-cat -O npy "$file" >"$file.ours"
		ae-cat "$file" | ae-cat -c | ae-cat -c >"$file.csv" # and through text
		ae-cat -c "$file" | cmp - "$file.csv"
	done
	$PYTHON - <<-'END'
		import glob
		import numpy as np
		names = sorted(glob.glob("*.npy"))
		assert len(names) == 8 * 7 + 3
		for name in names:
		    theirs, ours = np.load(name), np.load(name + ".ours")
		    wanted = "f4" if theirs.dtype == "f4" else "u1" if theirs.dtype in ("u1", "?") else "f8"
		    assert ours.dtype == wanted, (name, ours.dtype)
		    assert ours.shape == (theirs.shape if theirs.ndim > 1 else (6, 1)), (name, ours.shape)
		    assert np.array_equal(theirs.ravel(), ours.ravel()), (name, theirs, ours)
		    assert np.array_equal(np.loadtxt(name + ".csv", delimiter=",", skiprows=1, ndmin=2).ravel().astype(ours.dtype), ours.ravel()), name
	END
}

@test "ae-cat writes npy, NumPy reads it: f32, f64, u8 and no rows at all" {
	needs_numpy
	ecg_synthetic 300 | ae-cat -H --label -1 -o beats.aes
	ae-cat --cols x -o f64.npy beats.aes
	ae-normalize --fit minmax beats.aes | ae-cat --cols x -o f32.npy
	ae-cat --cols x --head 0 -o none.npy beats.aes
	ae-recon -m "$ROOT/tests/expected/small.aem" --scaled --id id --time time --pass plant "$ROOT/tests/expected/small.csv" |
		ae-err | ae-cat --cols err -O npy >err.npy
	printf 'err\n0.5\n2\n' | ae-thresh --at 1 -O aest | ae-cat --cols pred -O npy >pred.npy
	ae-cat -c --cols x beats.aes >beats.csv
	$PYTHON - <<-'END'
		import numpy as np
		x, f = np.load("f64.npy"), np.load("f32.npy")
		assert x.shape == f.shape == (300, 140) and x.dtype == np.float64 and f.dtype == np.float32
		assert np.array_equal(x, np.loadtxt("beats.csv", delimiter=",", skiprows=1))
		low, high = x.min(axis=0), x.max(axis=0)
		assert np.array_equal(f, ((x - low) / (high - low)).astype(np.float32))
		none = np.load("none.npy")
		assert none.shape == (0, 140) and none.dtype == np.float64
		assert np.load("err.npy").shape == (35,) and np.load("err.npy").dtype == np.float64
		pred = np.load("pred.npy")
		assert pred.dtype == np.uint8 and pred.tolist() == [0, 1]
	END
}

@test "NumPy's labels and ids go beside the rows" {
	needs_numpy
	$PYTHON -c 'import numpy as np; np.save("x.npy", np.arange(6.).reshape(3, 2)); np.save("y.npy", np.array([7, 0, 9])); np.save("n.npy", np.array([-1, 2**40, 3]))'
	[ "$(ae-cat -c --label-file y.npy --id-file n.npy x.npy)" = $'x.1,x.2,id,label\n0,1,-1,7\n2,3,1099511627776,0\n4,5,3,9' ]
}

@test "NumPy: big-endian arrays are read" {
	needs_numpy
	$PYTHON - <<-'END'
		import numpy as np
		for kind in "f4", "f8", "i2", "i4", "i8", "u2", "u4", "u8":
		    for order in "<", ">":
		        np.save(order + kind + ".npy", np.arange(6).reshape(2, 3).astype(order + kind))
	END
	local kind
	for kind in f4 f8 i2 i4 i8 u2 u4 u8; do
		same "ae-cat '>$kind.npy'" "ae-cat '<$kind.npy'"
	done
}

@test "NumPy: Fortran order and other types are refused, the remedy named" {
	needs_numpy
	$PYTHON - <<-'END'
		import numpy as np
		a = np.arange(6.).reshape(2, 3)
		np.save("fortran.npy", np.asfortranarray(a))
		np.save("half.npy", a.astype("f2"))
		np.save("complex.npy", a.astype("c16"))
		np.save("text.npy", np.array(["a", "b"]))
		np.save("time.npy", np.array(["2024-03-01"], dtype="M8[s]"))
		np.save("record.npy", np.array([(1, 2.0)], dtype=[("a", "i4"), ("b", "f8")]))
		np.save("long.npy", np.array([2**53 + 1, 0]))
		np.save("nan.npy", np.array([[1, np.nan]]))
		np.save("inf.npy", np.array([[1, 2], [np.inf, 1]]))
		np.savez("many.npz", a=a)
	END
	expect_error 1 'fortran.npy: npy: the array is in Fortran order: save np.ascontiguousarray(a)' ae-cat fortran.npy
	local file
	for file in half complex text time record; do
		expect_error 1 "$file.npy: npy: elements of type *: save floats of 4 or 8 bytes, integers or bools" ae-cat $file.npy
	done
	expect_error 1 'long.npy: *npy: an integer beyond 2^53' ae-cat long.npy
	expect_error 1 'nan.npy: row 1, column "x.2": missing value; --missing mask keeps it' ae-cat nan.npy
	[ "$(ae-cat -c --missing=mask nan.npy | tail -n 1)" = 1,nan ]
	expect_error 1 'inf.npy: row 2, column "x.1": infinity' ae-cat inf.npy
	expect_error 1 'many.npz: *' ae-cat many.npz
}

@test "NumPy: all versions of the header are read" {
	needs_numpy
	$PYTHON - <<-'END'
		import numpy as np
		from numpy.lib import format
		a = np.arange(6.).reshape(2, 3)
		for version in (1, 0), (2, 0), (3, 0):
		    with open("v%d.npy" % version[0], "wb") as f:
		        format.write_array(f, a, version=version)
	END
	ae-cat -O npy v1.npy >ours.npy
	cmp ours.npy v1.npy
	same 'ae-cat v2.npy' 'ae-cat v1.npy'
	same 'ae-cat v3.npy' 'ae-cat v1.npy'
}

# ---- scikit-learn's way of splitting, in the README ----

@test "scikit-learn makes the same split" {
	$PYTHON -c 'import sklearn' 2>/dev/null || skip 'no scikit-learn for /usr/bin/python3'
	seq 1 57 | ae-cat -H -o n.aes
	ae-split --test 0.2 --seed 21 --test-out test.aes -o train.aes n.aes
	ae-cat -O npy train.aes >train.npy
	ae-cat -O npy test.aes >test.npy
	$PYTHON - <<-'END'
		import numpy as np
		from sklearn.model_selection import train_test_split
		train, test = train_test_split(np.arange(1, 58), test_size=0.2, random_state=21)
		assert np.array_equal(np.load("train.npy").ravel(), train) and np.array_equal(np.load("test.npy").ravel(), test)
	END
}
