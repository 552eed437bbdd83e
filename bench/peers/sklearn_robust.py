# SPDX-License-Identifier: MIT
"""Scales the rows of a CSV file that lies in memory by medians and quartiles: sklearn_robust.py FILE. Says the seconds."""
import sys
import time

import pandas as pd
from sklearn.preprocessing import RobustScaler

table = pd.read_csv(sys.argv[1]).to_numpy()
start = time.perf_counter()
scaled = RobustScaler().fit_transform(table)
print("seconds", time.perf_counter() - start)
