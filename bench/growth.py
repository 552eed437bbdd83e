# SPDX-License-Identifier: MIT
"""How time and memory grow: one picture and the table behind it.

usage: python3 bench/growth.py [--most ROWS] PICTURE.svg     (make readme-growth)

From CSV to verdicts through four filters: 10^3 to 10^7 rows of 10 numbers, then as many numbers in rows of 10 to 10,000,
each with one worker and with two. Time is that above the start of the programs, which one row shows; it is divided by
the numbers. Memory is that of the largest process. Needs gnuplot."""
import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import measure

ROOT = Path(__file__).resolve().parents[1]
BLOCK = 100  # rows of numbers that are made; longer inputs repeat them
CHAIN = ("cat header {blocks} | ae-normalize {j} -m m.aem | ae-recon {j} -m m.aem | ae-err {j} | ae-thresh {j} -m m.aem >out")


def prepare(columns, env, folder):
    """block, header and the model."""
    measure.shell(f"""awk -v columns={columns} 'BEGIN {{
	srand(7)
	for (row = 0; row <= {BLOCK}; row++)
		for (k = 1; k <= columns; k++)
			printf("%s%s", row ? sprintf("%.4f", rand()) : "c" k, k < columns ? "," : "\\n")
}}' >rows.csv
head -n 1 rows.csv >header
tail -n +2 rows.csv >block
tail -n 1 rows.csv >last
ae-normalize -q --fit standard -o n.aes rows.csv
ae-train -q --net {columns}-8-{columns} --epochs 1 -m m.aem n.aes
ae-recon -m m.aem n.aes | ae-err | ae-thresh -q --fit quantile:0.99 -m m.aem >fit""", env, folder)


def time_of(rows, workers, env, folder):
    """(seconds, bytes of memory) of so many rows; of one row as well if they are 1."""
    blocks = f"$(printf 'block %.0s' $(seq {rows // BLOCK}))" if rows > 1 else "last"
    times = [measure.shell(CHAIN.format(blocks=blocks, j=f"-j {workers}"), env, folder)[1:] for _ in range(3)]
    return statistics.median(t for t, _ in times), max(memory for _, memory in times)


def grow(most, env, say):
    """[(curve, x, workers, ns a number, MiB)]"""
    found = []
    sizes = [10**n for n in range(3, 8) if 10**n <= most]
    cases = [("rows", rows, rows, 10) for rows in sizes]
    cases += [("columns", columns, max(BLOCK, most // columns), columns) for columns in (10, 100, 1000, 10000)]
    for curve, x, rows, columns in cases:
        with tempfile.TemporaryDirectory(prefix="growth") as name:
            prepare(columns, env, Path(name))
            for workers in (1, 2):
                start, _ = time_of(1, workers, env, Path(name))
                seconds, memory = time_of(rows, workers, env, Path(name))
                found.append((curve, x, workers, (seconds - start) / (rows * columns) * 1e9, memory / 2**20))
                say("%s,%d,%d,%.1f,%.0f" % found[-1])
    return found


def draw(found, picture):
    """Two curves side by side, time above, memory below."""
    script = [f"set terminal svg size 860,480 background 'white' font 'sans-serif,12'", f"set output '{picture}'",
              "set multiplot layout 2,2", "set logscale x", "set format x '10^{%L}'", "set yrange [0:*]", "set grid",
              "set key bottom right"]
    for curve, label, unit, value in (("rows", "rows of 10 numbers", "ns a number", 3),
                                      ("columns", "numbers a row", "ns a number", 3),
                                      ("rows", "rows of 10 numbers", "MiB", 4), ("columns", "numbers a row", "MiB", 4)):
        script += [f"set xlabel '{label}'", f"set ylabel '{unit}'"]
        plots = [f"'-' using 1:2 with linespoints pointtype 7 title '{workers} worker{'s' * (workers > 1)}'" for workers in (1, 2)]
        script.append("plot " + ", ".join(plots))
        for workers in (1, 2):
            script += [f"{row[1]} {row[value]:.3f}" for row in found if row[0] == curve and row[2] == workers] + ["e"]
    subprocess.run(["gnuplot"], input="\n".join(script) + "\n", text=True, check=True)


def main():
    parser = argparse.ArgumentParser(prog="growth", description=__doc__.split("\n")[0])
    parser.add_argument("--most", type=int, default=10**7, help="rows of the longest input [10000000]")
    parser.add_argument("picture")
    options = parser.parse_args()
    build = Path(os.environ.get("AE_BUILD", ROOT / "build")).resolve()
    env = {**os.environ, "LC_ALL": "C", "PATH": f"{build}:{os.environ['PATH']}"}
    say = lambda line: print(line, flush=True)
    say("curve,x,workers,ns a number,MiB")
    try:
        found = grow(options.most, env, say)
    except measure.Failed as failure:
        sys.exit(f"growth: failed: {failure}")
    draw(found, options.picture)


if __name__ == "__main__":
    main()
