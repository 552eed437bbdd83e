#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `ae-plot sweep --anomaly 1 plot_sweep.csv` is to draw, by scikit-learn.

plot_sweep.py rows >plot_sweep.csv   label,err, with ties
plot_sweep.py >plot_sweep.txt        threshold,precision,recall,F1, from the highest score down
"""
import sys

import numpy as np
from sklearn.metrics import f1_score, precision_score, recall_score

if sys.argv[1:] == ["rows"]:
    rng = np.random.default_rng(4)
    truth = rng.random(120) < 0.3
    err = np.round(rng.normal(0.4, 0.15, 120) + 0.25 * truth, 2)
    print("label,err")
    for t, e in zip(truth, err):
        print(f"{int(t)},{e:.2f}")
else:
    truth, err = np.genfromtxt("plot_sweep.csv", delimiter=",", skip_header=1).T
    for v in np.unique(err)[::-1]:
        flagged = err >= v
        print(f"{v:.2f},{precision_score(truth, flagged):.15g},{recall_score(truth, flagged):.15g},"
              f"{f1_score(truth, flagged):.15g}")
