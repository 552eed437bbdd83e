# SPDX-License-Identifier: MIT
# The numbers of test_split.c: /usr/bin/python3 split.py (scikit-learn 1.2.1, NumPy 1.24.2).
# Each line: rows, fraction, seed, size of the test part, first test row, first training row,
# SHA-256 of the test rows and then the training rows as little-endian 32-bit numbers.
import hashlib
import numpy as np
from sklearn.model_selection import train_test_split

CASES = [(2, 0.5, 0), (3, 0.1, 1), (10, 0.2, 42), (100, 0.29, 7), (625, 0.3, 21), (4998, 0.2, 21),
         (1000, 0.07, 4294967295), (65537, 0.999, 123456789), (100001, 0.25, 2**31)]
for n, fraction, seed in CASES:
    train, test = train_test_split(np.arange(n), test_size=fraction, random_state=seed)
    rows = np.concatenate([test, train]).astype("<u4").tobytes()
    print(f'\t{{{n}, {fraction}, {seed}u, {len(test)}, {test[0]}, {train[0]},\n\t\t"{hashlib.sha256(rows).hexdigest()}"}},')
