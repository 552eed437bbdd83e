# SPDX-License-Identifier: MIT
# smooth.csv, which ae-smooth.bats compares with: /usr/bin/python3 smooth.py >smooth.csv (Python 3.11, NumPy 1.24.2).
# Rows of three groups with scores of many magnitudes, some missing, and what the last 7 of their group make of each:
# mean (math.fsum, so exact before the one rounding), numpy.median, and the exponentially weighted mean of span 7.
import math
import random

import numpy as np

random.seed(5)
print("id,err,mean,median,ewma")
past, weighted = {}, {}
for i in range(400):
    group = random.choice("mno")
    err = abs(random.gauss(0, 1)) * 10.0 ** random.choice([-9, -1, 0, 0, 0, 0, 1, 12])
    if random.random() < 0.05:
        print(f"{group},,nan,nan,nan")
        continue
    last = past.setdefault(group, [])
    last.append(err)
    del last[:-7]
    weighted[group] = err if group not in weighted else 0.25 * err + 0.75 * weighted[group]
    print(f"{group},{err!r},{math.fsum(last) / len(last)!r},{float(np.median(last))!r},{weighted[group]!r}")
