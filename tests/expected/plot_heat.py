#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rows for tests/plot-heat.bats, and what `ae-plot heat` is to draw of them, by NumPy.

plot_heat.py rows >plot_heat.csv   time, three features and their reconstruction, some of x missing
plot_heat.py >plot_heat.txt        feature,largest error of each bin of rows (NaN: none), at most 100 bins with rows
"""
import sys

import numpy as np

if sys.argv[1:] == ["rows"]:
    rng = np.random.default_rng(9)
    x = np.round(rng.normal(0, 1, (250, 3)), 2)
    recon = np.round(x + rng.normal(0, [0.1, 0.3, 0.05], (250, 3)), 2)
    x[rng.random((250, 3)) < 0.4] = np.nan
    times = np.cumsum(rng.integers(1, 20, 250))
    print("time,a,b,c,recon.a,recon.b,recon.c")
    for t, u, v in zip(times, x, recon):
        cells = ["" if np.isnan(value) else f"{value:.2f}" for value in [*u, *v]]
        print(f"{t}," + ",".join(cells))
else:
    table = np.genfromtxt("plot_heat.csv", delimiter=",", skip_header=1)
    ns = table[:, 0].astype(np.int64) * 1_000_000_000
    error = np.abs(table[:, 4:] - table[:, 1:4])
    shift = 0
    while (ns.max() >> shift) - (ns.min() >> shift) >= 1024 or len(np.unique(ns >> shift)) > 100:
        shift += 1
    at = ns >> shift
    for feature in range(3):
        for place in range(at.min(), at.max() + 1):
            e = error[at == place, feature]
            e = e[~np.isnan(e)]
            print(f"{2 - feature},{e.max() if len(e) else np.nan:.15g}".replace("nan", "NaN"))
