# SPDX-License-Identifier: MIT
"""How fast the programs are beside what one would take instead: one table.

usage: python3 bench [--scale S] [--turns N] [WORK...]     (make bench, make bench QUICK=1)

Each work is done by these programs and by its peers in turns, so that a machine that slows down does it to all of them.
A time is the median of the turns, a ratio the median of the turns' ratios, with the least and the greatest; of one and
two threads the better counts, on both sides. "Of the peak" is how near ours comes to what this machine did in the same
run: multiply-adds, reading or copying memory, a pipe. Memory is that of our largest process. Peers that are not
installed are left out and named: make bench-deps installs them.

AE_BUILD is the folder with the programs (build), PYTHON the interpreter that Debian's packages serve (/usr/bin/python3),
NODE_PATH where packages of Node are (AE_BUILD/bench/node_modules)."""
import argparse
import json
import os
import re
import sys
import tempfile
from pathlib import Path

import measure
from works import works

ROOT = Path(__file__).resolve().parents[1]
HEAD = "| work | ours | peer | its time | ratio (least to greatest) | of the peak | memory |\n|---|---|---|---|---|---|---|"


def time_text(seconds):
    for unit, scale in (("s", 1), ("ms", 1e3)):
        if seconds * scale >= 1:
            return f"{seconds * scale:.3g} {unit}"
    return f"{seconds * 1e6:.3g} us"


def processor():
    text = Path("/proc/cpuinfo").read_text()
    name = re.search(r"^model name\s*: (.*)", text, re.M)
    best = next((isa for isa in ("avx512f", "avx2") if re.search(rf"\b{isa}\b", text)), "neither AVX2 nor AVX-512")
    return f"{name[1] if name else os.uname().machine}, {best}, {len(os.sched_getaffinity(0))} processors"


def print_rows(work, times, machine, folder):
    mine = next(iter(times))
    peak = f"{work.limit(machine, folder) / times[mine].median():.0%} of {work.against}" if work.limit else "-"
    row = f"| {work.what} | {time_text(times[mine].median())} "
    memory = f"{peak} | {times[mine].memory / 2**20:.0f} MiB |"
    for side in list(times)[1:] or [None]:
        if side:
            middle, least, most = measure.ratio(times[mine], times[side])
            print(f"{row}| {side.name} | {time_text(times[side].median())} | {middle:.2f} ({least:.2f} to {most:.2f}) | {memory}")
        else:
            print(f"{row}| - | - | - | {memory}")
        row, memory = "| | ", "| |"
    sys.stdout.flush()


def run(work, turns, machine, env):
    """The names of peers that are not there."""
    with tempfile.TemporaryDirectory(prefix="bench") as name:
        folder = Path(name)
        measure.shell(work.prepare, env, folder)
        sides = [side for side in work.sides if measure.can_run(side, env, folder)]
        print_rows(work, measure.by_turns(sides, turns, env, folder), machine, folder)
        return {side.name for side in work.sides if side not in sides}


def main():
    parser = argparse.ArgumentParser(prog="bench", description=__doc__.split("\n")[0])
    parser.add_argument("--scale", type=float, default=1, help="this share of the rows and steps [1]")
    parser.add_argument("--turns", type=int, help="how often each side runs [5, slow ones 3]")
    parser.add_argument("work", nargs="*", help="only these; all")
    options = parser.parse_args()
    every = works(options.scale)
    if unknown := set(options.work) - {work.name for work in every}:
        sys.exit(f"bench: no work {', '.join(sorted(unknown))}; there are {', '.join(work.name for work in every)}")
    build = Path(os.environ.get("AE_BUILD", ROOT / "build")).resolve()
    env = {"PYTHON": "/usr/bin/python3", "NODE_PATH": str(build / "bench/node_modules"), **os.environ, "LC_ALL": "C",
           "PATH": f"{build}:{build / 'bench'}:{build / 'examples'}:{os.environ['PATH']}"}
    try:
        machine = json.loads(measure.shell(f"bench_machine {max(1, int(5 * options.scale))}", env, ROOT)[0])
        print(f"{processor()}; at most {machine['fma1']:.0f} and {machine['fma2']:.0f} GFLOP/s on one and two threads, "
              f"{machine['read']:.1f} GB/s read, {machine['copy']:.1f} copied, {machine['pipe']:.1f} through a pipe\n\n{HEAD}")
        absent = set()
        for work in every:
            if not options.work or work.name in options.work:
                absent |= run(work, options.turns or work.turns, machine, env)
    except measure.Failed as failure:
        sys.exit(f"bench: failed: {failure}")
    if absent:
        print(f"\nNot installed, and left out: {', '.join(sorted(absent))} (make bench-deps)")


if __name__ == "__main__":
    main()
