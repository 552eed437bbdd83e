# SPDX-License-Identifier: MIT
# The digests of ae-split.bats: /usr/bin/python3 split.py (scikit-learn 1.2.1, NumPy 1.24.2).
# Each line: rows, fraction, seed, SHA-256 of the test part's row numbers (from 0, a line each) and of the training part's.
import hashlib
import numpy as np
from sklearn.model_selection import train_test_split

CASES = [(2, 0.5, 0), (7, 0.25, 4294967295), (1000, 0.1, 42), (4998, 0.2, 21), (10007, 0.333, 7)]
for n, fraction, seed in CASES:
    train, test = train_test_split(np.arange(n), test_size=fraction, random_state=seed)
    print(n, fraction, seed, *(hashlib.sha256("".join(f"{row}\n" for row in part).encode()).hexdigest()
                               for part in (test, train)))
