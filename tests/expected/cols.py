# SPDX-License-Identifier: MIT
"""COLS against Python's csv: columns of any names are chosen by name in any order, and x is in that order.

Usage: python3 cols.py AE-CAT SEED. Writes nothing unless something differs.
"""
import csv
import io
import random
import subprocess
import sys


def line(cells):
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()


def name(rng):
    while True:
        text = "".join(rng.choice('ab,"- 1=<é\t\\') for _ in range(rng.randint(1, 8)))
        if not text.strip("-1"):
            continue  # a number or a range
        return text


def check(ae_cat, rng):
    names = list({name(rng) for _ in range(rng.randint(2, 12))})
    values = [str(rng.randint(0, 999)) for _ in names]
    chosen = rng.sample(range(len(names)), rng.randint(1, len(names)))
    text = line(names) + "\n" + line(values) + "\n"
    # Some by number, from either end.
    items = [rng.choice([names[i], names[i], str(i + 1), str(i - len(names))]) for i in chosen]
    got = subprocess.run([ae_cat, "-O", "csv", "--x", line(items)], input=text, capture_output=True, text=True)
    assert got.returncode == 0, (text, items, got.stderr)
    # x stands where its first column stood, all others are passed on where they were.
    order = [i for i in range(len(names)) if i not in chosen or i == min(chosen)]
    at = order.index(min(chosen))
    order[at:at + 1] = chosen
    rows = list(csv.reader(io.StringIO(got.stdout)))
    assert rows == [[names[i] for i in order], [values[i] for i in order]], (text, items, rows)


def main():
    rng = random.Random(int(sys.argv[2]))
    for _ in range(60):
        check(sys.argv[1], rng)


main()
