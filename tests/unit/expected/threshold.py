# SPDX-License-Identifier: MIT
# The numbers of test_threshold.c: /usr/bin/python3 threshold.py (NumPy 1.24.2).
import numpy as np

for n in (1, 2, 7, 1000, 10000, 25000):
    e = (np.arange(n) * 7919 % 10007) / 4096.0
    e = e * e
    median = np.median(e)
    mad = np.median(np.abs(e - median))
    q1, q3 = np.quantile(e, [0.25, 0.75])
    print("\t{%d, {%.17g, %.17g, %.17g, %.17g, %.17g}}," % (
        n, e.mean() + 1.5 * e.std(), np.quantile(e, 0.99), median + 3 * 1.4826 * mad, q3 + 1.5 * (q3 - q1),
        np.quantile(e, 1234 / 10000)))
