# SPDX-License-Identifier: MIT
"""Reads a file of CSV with pandas: pandas_read.py FILE"""
import sys

import pandas as pd

print(len(pd.read_csv(sys.argv[1], header=None, dtype="float32")))
