# SPDX-License-Identifier: MIT
"""The command lines that faults.py and kills.py run: every program, every format, every kind of file it writes."""

import shlex
import struct
import subprocess
from collections import namedtuple

# A command runs in a folder of its own, which has copies of the files `before`; the inputs are in ../in.
Command = namedtuple("Command", "words before")

# program: each line is a command; `NAME<` in front puts ../in/NAME there under that name first.
COMMANDS = """
ae-cat ../in/rows.csv -o out.aes
ae-cat -c ../in/rows.aes
ae-cat -t --multiline --id note ../in/cells.csv
ae-cat -j 2 ../in/long.csv -o out.aes
ae-cat -c --on-bad skip --missing skip --rejects bad.csv ../in/bad.csv
ae-cat --on-bad skip --missing mask --rejects bad.csv ../in/bad.csv -o out.csv
ae-cat ../in/rows.jsonl -o out.aes
ae-cat --on-bad skip --missing skip --rejects bad.jsonl ../in/bad.jsonl -o out.jsonl
ae-cat ../in/rows.msgpack -o out.msgpack
ae-cat -I raw:u8 --shape 4 ../in/images.idx -o out.aes
ae-cat --append log.csv ../in/rows.aes
log.csv< ae-cat --append log.csv ../in/rows.csv
cut.csv< ae-cat --append cut.csv ../in/rows.csv
ae-cat -c --number --set label=k ../in/x.npy
ae-cat -c --id-file ../in/ids.txt --label-file ../in/labels.idx ../in/images.idx
ae-cat -O npy --cols x ../in/rows.aes -o out.npy
ae-cat -O npy --cols x ../in/rows.aes
ae-cat -O pnm --cols x ../in/images.idx -o out.pgm
ae-cat -O npy ../in/out.pgm
ae-cat --paste ../in/more.csv ../in/rows.csv -c
ae-cat --tail 9 ../in/long.csv
ae-cat --sample 9 -w 'a > 1' ../in/rows.csv ../in/rows.aes -o out.tsv
ae-decode -m ../in/m.aem ../in/latent.aes -o out.aes
ae-decode -m ../in/m.aem -c ../in/latent.aes
ae-encode -m ../in/m.aem ../in/n.aes -o out.aes
ae-encode -m ../in/m.aem --keep -c ../in/n.aes
ae-err ../in/recon.aes -o out.aes
ae-err -c --per-feature --top 2 -m ../in/m.aem ../in/recon.aes
ae-err --keep --metric max ../in/recon.aes
ae-err --n-obs ../in/recon.aes -o out.aes
ae-info -m ../in/m.aem
ae-info -m ../in/scaler.aem
ae-info --stats ../in/rows.csv
ae-info --inputs ../in/rows.aes
ae-info --net 'conv 4 3x3 relu' --shape 8,8,1
ae-metrics --normal x ../in/verdicts.aes
ae-metrics --anomaly y --json -w 'pred = 1' ../in/verdicts.csv
ae-metrics --anomaly y --events --point-adjust --by label --json ../in/verdicts.csv
ae-noise --gaussian 0.5 --mask 0.1 ../in/rows.csv -o out.aes
ae-noise --salt-pepper 0.2 -c ../in/rows.aes
ae-normalize -q --fit standard --save scaler.aem ../in/rows.csv -o out.aes
scaler.aem< ae-normalize --fit minmax --save scaler.aem -c ../in/rows.csv
ae-normalize --fit robust -c ../in/long.csv
ae-normalize -m ../in/m.aem ../in/rows.csv -o out.aes
ae-normalize -m ../in/m.aem --missing last --state s.state ../in/rows.csv -o out.aes
ae-normalize --invert -c ../in/n.aes
ae-plot hist -O text ../in/err.aes
ae-plot hist --by label -m ../in/m.aem ../in/err.aes -o out.svg
ae-plot line ../in/rows.csv -o out.png
ae-plot grid ../in/images.idx -o out.png
ae-plot overlay ../in/recon.aes -o out.txt
ae-plot loss ../in/loss.csv -o out.svg
ae-plot roc --normal x ../in/err.aes -O text
ae-plot confusion --normal x ../in/verdicts.csv -o out.svg
ae-plot score --normal x ../in/verdicts.csv -o out.svg
ae-plot sweep --normal x ../in/verdicts.csv -o out.svg
ae-plot heat ../in/recon.aes -o out.svg
ae-plot scatter --cols x ../in/recon.aes -o out.svg
ae-plot series ../in/recon.aes -o out.svg
ae-report -m ../in/m.aem --normal x ../in/verdicts.aes -o out.html
ae-recon -m ../in/m.aem ../in/n.aes -o out.aes
ae-recon -m ../in/m.aem -c ../in/n.aes
ae-recon -j 2 -m ../in/conv.aem ../in/images.idx -o out.aes
ae-split --test-out test.aes ../in/rows.csv -o train.aes
ae-split --test 0.5 --ordered --test-out test.csv -c ../in/long.csv
train.csv<test.csv< ae-split --test-out test.csv ../in/rows.csv -o train.csv
m.aem< ae-thresh --fit sigma:2 -m m.aem ../in/err.aes
ae-thresh --fit quantile:0.9 -w 'label = x' --save t.aem ../in/err.csv
ae-thresh -m ../in/m.aem ../in/err.aes
ae-thresh -q --fit mad:3 --group label --save t.aem ../in/errs.aes
ae-thresh -m ../in/groups.aem --pvalue ../in/err.aes
ae-thresh --stream quantile:0.9 --window 3 --group label --state s.state ../in/err.aes -o out.csv
ae-thresh --at 1 --episodes e.jsonl ../in/err.aes -o out.csv
ae-thresh --at 1 --group label --episodes - ../in/err.csv
ae-thresh --at 1 --group label --episodes e.jsonl --state s.state ../in/err.aes -o out.csv
ae-thresh --at 1 --exec cat ../in/err.csv -o out.csv
ae-smooth --mean 3 --group label ../in/err.csv -o out.aes
ae-smooth --median 3 -c ../in/err.aes
ae-smooth --mean 3 --state s.state ../in/err.aes -o out.aes
ae-thresh --at 1.5 --exit-code ../in/err.csv -o out.csv
ae-thresh -m ../in/m.aem --append log.csv ../in/err.aes
verdicts.csv< ae-thresh -m ../in/m.aem --append verdicts.csv ../in/err.aes
ae-train -j 1 -m new.aem --net 'dense 3 relu | dense 3' --epochs 2 ../in/n.aes
ae-train -q -j 2 -m new.aem --net @../in/net.txt --epochs 2 --valid 0.3 --patience 2 --log log.csv ../in/n.aes
ae-train -q -j 1 -m new.aem --net 3-2-3 --epochs 1 --calibrate 0.3 --calibrate-out held.aes ../in/n.aes
ae-train -j 2 -m new.aem --net 'conv 2 3x3 relu | conv 1 3x3' --loss mae --epochs 1 ../in/images.idx
m.aem< ae-train -q -j 1 -m m.aem --resume m.aem --epochs 4 --log log.csv ../in/n.aes
m.aem< ae-train -j 1 -m m.aem --net 'dense 3 relu | dense 3' --init ../in/m.aem --epochs 1 --valid ../in/n.aes ../in/n.aes
ae-train -q -j 1 -m new.aem --ensemble 2 --trim 0.5 --net '3-2-3' --epochs 2 --log log.csv ../in/n.aes
ae-train -q -j 1 -m new.aem --strip --net '3-2-3' --epochs 1 --on-bad skip --rejects bad.csv ../in/bad.csv --force
ae-train -q -j 2 -m new.aem --strip --net 'dense 1024 | dense 1024' --epochs 1 --batch 256 --slices 1 ../in/wide.npy
ae-transform --baseline median:3 --group id --state s.state ../in/rows.csv -o out.aes
ae-transform --resize 2x2 -c ../in/images.idx
ae-window --size 3 --group id ../in/rows.csv -o out.aes
ae-normalize --fit standard --group id ../in/rows.csv -o out.aes
ae-window --size 4 --stride 2 --drop-incomplete -c ../in/rows.aes
"""


def commands():
    for line in COMMANDS.strip().splitlines():
        words = shlex.split(line)
        before = []
        while words[0].endswith("<"):
            before += words.pop(0)[:-1].split("<")
        yield Command(words, before)


def rows_csv(count, bad=False):
    """id, time, three features and a label; with `bad`, lines that --on-bad and --missing leave out."""
    lines = ["id,time,a,b,c,label"]
    for i in range(count):
        if bad and i % 50 == 7:
            lines.append("cut,line")
        if bad and i % 50 == 9:
            lines.append(f'"q""{i}",t,1,off,3,"x,y"')
        missing = "" if bad and i % 50 == 11 else f"{i % 7}.25"
        lines.append(f"u{i % 5},2026-11-{i % 28 + 1:02},{i % 9}.5,{missing},{i % 4 - 2},{'xy'[i % 3 == 0]}")
    return "\n".join(lines) + "\n"


def idx(rank, sizes, values):
    return struct.pack(">HBB", 0, 8, rank) + struct.pack(f">{rank}I", *sizes) + bytes(values)


def npy(rows, columns):
    """Bytes from 0 to 250, as an array of NumPy's."""
    head = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({rows}, {columns}), }}".ljust(117) + "\n"
    values = bytes(i % 251 for i in range(rows * columns))
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(head)) + head.encode() + values


def make_inputs(folder):
    """Fills the folder with everything that the commands read."""
    net = "dense 3 relu | dense 3\n"
    pixels = [i * 37 % 256 for i in range(12 * 8 * 8)]
    texts = {
        "rows.csv": rows_csv(40),
        "bad.csv": rows_csv(400, bad=True),
        "long.csv": rows_csv(12000),
        "more.csv": "pred\n" + "0\n1\n" * 20,
        "cells.csv": 'id,a,note\n1,2,"two\nlines"\n2,3,"a ""b"""\n',
        "ids.txt": "".join(f"n{i}\n" for i in range(12)),
        "net.txt": net,
        "bad.jsonl": '{"id":"a","x":[1,2]}\n{"x":[1,\n{"x":[3,null]}\n{"x":[4,5],"id":"\\u00e9"}\n' * 9,
    }
    for name, text in texts.items():
        (folder / name).write_text(text)
    (folder / "images.idx").write_bytes(idx(3, (12, 8, 8), pixels))
    (folder / "labels.idx").write_bytes(idx(1, (12,), range(12)))
    (folder / "wide.npy").write_bytes(npy(256, 1024))
    script = f"""set -e
ae-cat rows.csv -o rows.aes
ae-cat rows.aes -o rows.jsonl
ae-cat rows.aes -o rows.msgpack
ae-cat --cols x -O npy rows.aes -o x.npy
ae-cat --cols x -O pnm images.idx -o out.pgm
ae-cat rows.csv -o log.csv
printf 'u9,2026-11' | cat log.csv - >cut.csv
ae-normalize -q --fit standard --save scaler.aem rows.csv -o n.aes
ae-train -q -j 1 -m m.aem --net '{net.strip()}' --epochs 2 --log loss.csv n.aes
ae-train -q -j 1 -m conv.aem --net 'conv 2 3x3 relu | conv 1 3x3' --epochs 1 images.idx
ae-encode -m m.aem n.aes -o latent.aes
ae-recon -m m.aem n.aes -o recon.aes
ae-err recon.aes -o err.aes
ae-cat -c err.aes -o err.csv
ae-thresh -q --fit sigma:1 -m m.aem err.aes >threshold.txt
ae-thresh -m m.aem err.aes -o verdicts.csv
ae-cat err.aes err.aes err.aes err.aes err.aes err.aes err.aes -o errs.aes
ae-thresh -q --fit sigma:1 --group label --save groups.aem errs.aes >threshold.txt
ae-thresh -m m.aem -O aest err.aes -o verdicts.aes
cp rows.csv train.csv
cp rows.csv test.csv
"""
    subprocess.run(["sh", "-c", script], cwd=folder, check=True)
