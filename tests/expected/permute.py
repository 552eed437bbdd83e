# SPDX-License-Identifier: MIT
"""permute.py SEED FILE [COLUMN...]: the CSV file with its columns in another order, and with columns of text of these
names added in between."""
import csv
import random
import sys

rows = list(csv.reader(open(sys.argv[2])))
rng = random.Random(int(sys.argv[1]))
columns = [list(c) for c in zip(*rows)]
for name in sys.argv[3:]:
    columns.append([name] + [f"text {i}" for i in range(1, len(rows))])
order = list(range(len(columns)))
assert len(order) > 1
while order == sorted(order):
    rng.shuffle(order)
csv.writer(sys.stdout, lineterminator="\n").writerows(zip(*(columns[i] for i in order)))
