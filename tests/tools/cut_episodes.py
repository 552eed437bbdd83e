# SPDX-License-Identifier: MIT
"""cut_episodes.py SEED N: N times, random rows by random rules of ae-thresh --episodes, cut anywhere or each row a run of its
own: with --state the records, verdicts and the state are those of one run over all rows, and the records but for what is
open at the end those of one without."""

import json
import pathlib
import random
import subprocess
import sys


def one_of(r, share, *words):
    return list(r.choice(words)) if r.random() < share else []


def rules(r):
    n = r.choice([1, 2, 3, 5, 10, 64])
    k = r.randint(1, min(n, r.choice([2, 5, 64])))
    options = one_of(r, 0.6, ("--k-of-n", f"{k}/{n}")) + one_of(r, 0.4, ("--clear", "3"), ("--clear", "5.5"))
    options += one_of(r, 0.4, ("--min-rows", "2"), ("--min-rows", "5")) + one_of(r, 0.3, ("--max-gap", "20s"))
    options += one_of(r, 0.5, *(("--merge-gap", x) for x in ("1", "3", "20", "2s", "9s", "60s")))
    options += one_of(r, 0.4, *(("--refractory", x) for x in ("3", "20", "5s", "60s")))
    options += one_of(r, 0.6, ("--group", "id"), ("--group", "id", "--max-groups", "2"))
    stream = one_of(r, 0.3, ("--stream", "quantile:0.8", "--window", "6", "--on-bad", "skip"))
    return options + stream + (["--at", "6"] if not stream or r.random() < 0.5 else [])


def rows(r, top):
    time, level, groups = 1000, 0, r.choice([1, 3, 8])
    for _ in range(r.randint(1, 120)):
        level = r.randint(0, 9) if r.random() < 0.15 else level
        time += r.choice([0, 1, 2, 3, 30]) if r.random() < 0.3 else 1
        score = "" if r.random() < 0.05 else max(0, min(9, level + r.randint(-2, 2))) + r.choice([0, 0.5])
        said = time if r.random() < 0.95 else r.choice(["", "x", "-5"])
        yield f"g{r.randrange(groups)},{said},{score}" + (f",f{r.randrange(4)},0.{r.randrange(1, 9)}" if top else "")


def check(r):
    for name in ("whole", "parts"):
        for kind in ("state", "jsonl"):
            pathlib.Path(f"{name}.{kind}").unlink(missing_ok=True)
    top = r.random() < 0.3
    header = "id,time,err" + (",top1,top1_share" if top else "")
    command = ["ae-thresh", "-q", "--missing", "mask", "--time", "time"] + rules(r)
    lines = list(rows(r, top))
    count = len(lines) if r.random() < 0.1 else r.randint(1, 5)
    cuts = [0] + sorted(r.choices(range(len(lines) + 1), k=count) if count < len(lines) else range(1, count))
    parts = [lines[a:b] for a, b in zip(cuts, cuts[1:] + [len(lines)])]
    instead = r.random() < 0.5

    def run(part, *options):
        text = "".join(line + "\n" for line in [header] + part)
        return subprocess.run(command + list(options), input=text, stdout=subprocess.PIPE, text=True, check=True).stdout

    def runs(name, pieces):
        states = ["--state", f"{name}.state", "--episodes"]
        if instead:
            return "".join(run(piece, *states, "-") for piece in pieces), ""
        verdicts = "".join(run(piece, *states, f"{name}.jsonl").split("\n", 1)[1] for piece in pieces)
        return pathlib.Path(f"{name}.jsonl").read_text(), verdicts

    whole = runs("whole", [lines])
    told = f"{command}, cut at {cuts}, seed and number {sys.argv[1]} {number}"
    assert runs("parts", parts) == whole, told
    assert pathlib.Path("parts.state").read_bytes() == pathlib.Path("whole.state").read_bytes(), told
    plain = run(lines, "--episodes", "-")
    assert plain.startswith(whole[0]), told
    assert all(json.loads(line)["open"] for line in plain[len(whole[0]):].splitlines()), told
    return whole[0].count("\n")


records = 0
for number in range(int(sys.argv[2])):
    records += check(random.Random(int(sys.argv[1]) * 1000003 + number))
print(records)
