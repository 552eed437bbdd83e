# SPDX-License-Identifier: MIT
"""Splits the rows of a CSV file that lies in memory, shuffled: pandas_split.py FILE. Says the seconds of the split."""
import sys
import time

import pandas as pd
from sklearn.model_selection import train_test_split

table = pd.read_csv(sys.argv[1]).to_numpy()
start = time.perf_counter()
parts = train_test_split(table, test_size=0.2, random_state=1)
print("seconds", time.perf_counter() - start)
