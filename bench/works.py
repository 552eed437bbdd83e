# SPDX-License-Identifier: MIT
"""What is measured: a row of WORKS each. A new work is a row."""
from dataclasses import dataclass
from pathlib import Path

from measure import Side

PEERS = Path(__file__).parent / "peers"
HEARTBEATS = "heartbeats"
DENOISER = ("conv 16 3x3/2 relu, conv 8 3x3/2 relu | convt 8 3x3/2 relu, convt 16 3x3/2 relu, conv 1 3x3 sigmoid")


@dataclass(frozen=True)
class Work:
    name: str
    what: str  # a line for people
    prepare: str  # a command of bash, in a folder of the work's own
    sides: tuple  # ours first
    limit: object = None  # seconds at the machine's own peak, of its measures and the size in bytes of "in"
    against: str = ""  # which peak that is
    turns: int = 5


def ours(*commands, says=False):
    return Side("ours", commands, says=says)


def python(name, script, *arguments, modules="torch", says=False, part=1):
    return Side(name, tuple(f"$PYTHON {PEERS / script} {a}" for a in arguments or ("",)),
                f"$PYTHON -c 'import {modules}'", says, part)


def node(name, script, arguments, package, says=False):
    return Side(name, (f"node {PEERS / script} {arguments}",), f"node -e 'require(\"{package}\")'", says)


def rows(count):
    """rows.csv: so many rows of 140 numbers and a label; model m.aem with a threshold, of the first 2000."""
    return f"""{HEARTBEATS} >beats.csv
for ((i = 0; i < {count}; i += 5000)); do head -n $(({count} - i)) beats.csv; done >rows.csv
head -n 2000 beats.csv | ae-normalize -q -H --label -1 --fit minmax --per tensor -o n.aes
ae-train -q --net 140-32-16-8-16-32-140 --out-act sigmoid --loss mae --epochs 2 --batch 512 -m m.aem n.aes
ae-recon -m m.aem n.aes | ae-err | ae-thresh -q --fit sigma:1 -m m.aem >fit.txt
"""


def records(count):
    """rows.json: so many rows of 12 numbers with 2 to 4 digits behind the point."""
    return rf"""awk -v rows={count} 'BEGIN {{
	n = split("temp flow pressure vib_x vib_y vib_z volt amp rpm level hum ph", name)
	srand(1)
	for (i = 0; i < rows; i++) {{
		line = ""
		for (k = 1; k <= n; k++)
			line = line sprintf("%s\"%s\":%.*f", k > 1 ? "," : "", name[k], 2 + int(3 * rand()), 40 * rand() - 5)
		print "{{" line "}}"
	}}
}}' >rows.json
"""


def table(count):
    """rows.csv: so many rows of 8 numbers with 4 digits behind the point."""
    return rf"""awk -v rows={count} 'BEGIN {{
	print "a,b,c,d,e,f,g,h"
	srand(1)
	for (i = 0; i < rows; i++) {{
		for (c = 0; c < 8; c++)
			printf(c < 7 ? "%.4f," : "%.4f\n", rand())
	}}
}}' >rows.csv
"""


def training(workload, what, share):
    """Steps of training, of which a `share` is timed; the limit is that of the multiply-adds on two threads."""
    sides = [Side("ours", tuple(f"bench_train {workload} {threads} {share}" for threads in (1, 2)), says=True),
             python("PyTorch", "torch_images.py", *(f"--threads {threads} {workload}" for threads in (1, 2)), says=True)]
    if workload in ("denoiser", "photos"):
        sides.append(Side("oneDNN's convolutions alone",
                          tuple(f"OMP_NUM_THREADS={threads} onednn_conv {workload}" for threads in (1, 2)),
                          "command -v onednn_conv", says=True))
    return Work(f"train-{workload}", f"a step of training, {what}", f"bench_train {workload} flops >flops", tuple(sides),
                lambda machine, folder: float((folder / "flops").read_text()) / (1e9 * machine["fma2"]),
                "multiply-adds, two threads", turns=3)


def size(name, rate):
    """The time in which the file `name` moves at a rate of the machine."""
    return lambda machine, folder: (folder / name).stat().st_size / (1e9 * machine[rate])


def make_onnx():
    return f"\n$PYTHON {PEERS / 'make_onnx.py'} . 2>onnx.txt || :\n"


def onnx_memory(model, count, shape):
    return node("ONNX Runtime, from memory", "onnx_score.js", f"{model}.onnx memory {count} {shape}", "onnxruntime-node",
                True)


def text_works(count, part):
    """Text in and out; slow peers do 1/part of it."""
    to_chars = Side("std::to_chars", ("taskset -c 0 to_chars x.npy 140 >/dev/null",), "command -v to_chars")
    return (
        Work("csv-verdicts", f"CSV to verdicts, {count:,} rows of 140 numbers, four filters", rows(count) + make_onnx(),
             (ours("ae-normalize -H --label -1 -m m.aem rows.csv | ae-recon -m m.aem | ae-err | ae-thresh -m m.aem >out"),
              python("pandas and PyTorch", "torch_score.py", "rows.csv >peer.csv", modules="torch, pandas"),
              node("ONNX Runtime on Node", "onnx_score.js", "ecg.onnx csv rows.csv >peer.csv", "onnxruntime-node")),
             size("rows.csv", "read"), "reading memory"),
        Work("csv-in", f"CSV to AEST on one processor, {count:,} rows of 140 numbers",
             rows(count) + f"head -n {count // part} rows.csv >part.csv",
             (ours("taskset -c 0 ae-cat -H --label -1 rows.csv >/dev/null"),
              python("pandas.read_csv", "pandas_read.py", "rows.csv", modules="pandas"),
              Side("Miller", ("mlr --inidx --ifs , --onidx cat part.csv >/dev/null",), "command -v mlr", part=part),
              node("DuckDB, two threads", "duckdb_read.js", "rows.csv", "@duckdb/node-api")),
             size("rows.csv", "read"), "reading memory"),
        Work("csv-out-f32", f"f32 to CSV on one processor, {count:,} rows of 140 numbers",
             rows(count) + "ae-cat -H --label -1 --f32 --cols x rows.csv -o x.aes && ae-cat x.aes -o x.npy",
             (ours("taskset -c 0 ae-cat -c x.aes >/dev/null"), to_chars)),
        Work("csv-out-f64", f"f64 to CSV on one processor, {count:,} rows of 140 numbers",
             rows(count) + "ae-cat -H --label -1 --cols x rows.csv -o x.aes && ae-cat x.aes -o x.npy",
             (ours("taskset -c 0 ae-cat -c x.aes >/dev/null"), to_chars)),
        Work("json-in", f"JSON lines of 12 numbers to AEST, {count:,} rows", records(count),
             (ours("ae-cat rows.json >/dev/null"), Side("yajl's parse alone", ("bench_parse json rows.json",)))),
        Work("msgpack-in", f"MessagePack of 12 numbers to AEST, {count:,} rows",
             records(count) + "ae-cat -O msgpack rows.json -o rows.msgpack",
             (ours("ae-cat rows.msgpack >/dev/null"), Side("msgpack-c's parse alone", ("bench_parse msgpack rows.msgpack",)))),
    )


def stream_works(count, images):
    """AEST in and out."""
    scaled = "ae-normalize -q -H --label -1 -m m.aem rows.csv -o n.aes\n"
    return (
        Work("recon", f"AEST to reconstructions, {count:,} rows of 140 numbers, dense network",
             rows(count) + scaled + make_onnx(),
             (ours("ae-recon -j 1 -m m.aem n.aes >/dev/null", "ae-recon -j 2 -m m.aem n.aes >/dev/null"),
              onnx_memory("ecg", count, "140")),
             size("n.aes", "copy"), "copying memory"),
        Work("aest-verdicts", f"AEST to verdicts, {count:,} rows of 140 numbers, four filters",
             rows(count) + scaled + "ae-cat -H --label -1 --f32 rows.csv -o raw.aes\nae-recon -m m.aem n.aes -o r.aes\n"
             "awk -v a=$(stat -c %s raw.aes) -v b=$(stat -c %s n.aes) -v c=$(stat -c %s r.aes) "
             "'BEGIN { print b / a, c / b }' >ratios",
             (ours("ae-normalize -m m.aem raw.aes | ae-recon -m m.aem | ae-err | ae-thresh -O aest -m m.aem >/dev/null"),
              Side("four processes that move as many bytes",
                   ("read -r a b <ratios; bench_machine move $a <raw.aes | bench_machine move $b | "
                    "bench_machine move 0.01 | bench_machine move 1 >/dev/null",))),
             lambda machine, folder: sum((folder / name).stat().st_size for name in ("n.aes", "r.aes")) /
             (1e9 * machine["pipe"]), "the bytes through pipes"),
        Work("denoise", f"denoising {images:,} images of 28x28, AEST to AEST",
             f"head -c {images * 784} /dev/urandom | ae-cat -I raw:u8 --shape 28,28,1 -o bytes.aes -\n"
             "ae-normalize -q --fit div:255 bytes.aes -o n.aes\n"
             f"ae-cat --head 64 n.aes | ae-train -q --net '{DENOISER}' --epochs 1 -m m.aem -" + make_onnx(),
             (ours("ae-recon -j 1 -m m.aem n.aes >/dev/null", "ae-recon -j 2 -m m.aem n.aes >/dev/null"),
              onnx_memory("denoiser", images, "1 28 28"))),
        Work("windows", f"windows of 32 of 8 columns, {count:,} rows", table(count) + "ae-cat --f32 rows.csv -o rows.aes",
             (ours("ae-window -q --size 32 rows.aes >/dev/null"),),
             lambda machine, folder: 32 * 8 * 4 * count / (1e9 * machine["copy"]), "copying memory"),
    )


def table_works(count):
    """Whole tables of 8 columns."""
    prepare = table(count) + "ae-cat rows.csv -o rows.aes"
    return (
        Work("split", f"ae-split, shuffled, {count:,} rows of 8 numbers", prepare,
             (ours("ae-split --test 0.2 rows.aes -o train.aes --test-out test.aes"),
              python("pandas and scikit-learn, from memory", "pandas_split.py", "rows.csv", modules="pandas, sklearn", says=True))),
        Work("robust", f"ae-normalize --fit robust, {count:,} rows of 8 numbers", prepare,
             (ours("ae-normalize -q --fit robust rows.aes >/dev/null"),
              python("scikit-learn, from memory", "sklearn_robust.py", "rows.csv", modules="pandas, sklearn", says=True))),
    )


def works(scale):
    """All of them, with so much of their rows and steps."""
    count, images, table_rows = (max(1000, int(n * scale)) for n in (200000, 20000, 2000000))
    part = 10 if scale == 1 else 1
    job = ("ae-split -q -H --label -1 --test 0.2 --seed 21 -o train.aes --test-out test.aes ecg.csv\n"
           "ae-normalize -q --fit minmax --per tensor train.aes | ae-train -q --where label=1 "
           "--net 140-32-16-8-16-32-140 --hidden-act relu --out-act sigmoid --loss mae --epochs 20 --batch 512 -m ecg.aem -\n"
           "ae-normalize -q -m ecg.aem train.aes | ae-cat --where label=1 | ae-recon -m ecg.aem | ae-err | "
           "ae-thresh -q --fit sigma:1 -m ecg.aem >fit.txt\n"
           "ae-normalize -q -m ecg.aem test.aes | ae-recon -m ecg.aem | ae-err | ae-thresh -O aest -m ecg.aem | "
           "ae-metrics --normal 1 >metrics.txt")
    return text_works(count, part) + stream_works(count, images) + table_works(table_rows) + (
        Work("heartbeats", "heartbeats, from CSV to metrics, 20 epochs", f"{HEARTBEATS} >ecg.csv",
             (ours(job), python("PyTorch", "torch_ecg.py", "--threads 1 ecg.csv", "--threads 2 ecg.csv",
                                modules="torch, sklearn, pandas"))),
        training("fashion", "dense 784-64-784, batch 32", scale),
        training("denoiser", "convolutions on 28x28, batch 32", scale),
        training("photos", "convolutions on 256x256x3, batch 32", scale),
        training("wide", "dense 2000-500-2000, batch 512", scale),
    )
