#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Rows for tests/plot-score.bats, and what `ae-plot score` is to draw of them, by NumPy.

plot_score.py rows 2500 >plot_score.csv             time,label,err,pred; of 97 rows 6 have no score
plot_score.py bins plot_score.csv >plot_score.txt   points of the curve: place, least, most, mean; empty: a gap
"""
import sys

import numpy as np


def rows(n, seed):
    rng = np.random.default_rng(seed)
    err = np.abs(rng.normal(0.1, 0.02, n))
    truth = (np.arange(n) // 50) % 20 == 7
    err[truth] += 0.3 * rng.random(np.count_nonzero(truth))
    err[np.arange(n) % 97 < 6] = np.nan
    times = 1_700_000_000 + 60 * np.arange(n) + rng.integers(0, 30, n)
    print("time,label,err,pred")
    for t, e, l in zip(times, err, truth):
        missing = np.isnan(e)
        print(f"{t},{int(l)},{'' if missing else format(e, '.4f')},{'' if missing else int(round(e, 4) >= 0.3)}")


def bins(path, most=1000, kept=2048, gap=10):
    table = np.genfromtxt(path, delimiter=",", skip_header=1)
    ns = table[:, 0].astype(np.int64) * 1_000_000_000
    err = table[:, 2]
    shift = 0
    while (ns.max() >> shift) - (ns.min() >> shift) >= kept or len(np.unique(ns >> shift)) > most and shift < 62:
        shift += 1
    at = ns >> shift
    places = np.unique(at)
    step = np.sort(np.diff(places))[len(places[1:]) // 2] if len(places) > 1 else 1
    last = None
    for place in places:
        e = err[at == place]
        e = e[~np.isnan(e)]
        if len(e) == 0:
            last = None if last is None else -1
            continue
        if last is not None and (last == -1 or place - last > gap * step):
            print()
        last = place
        offset = (int(place) << shift) - int(ns.min()) + ((1 << shift) - 1) / 2
        offset = min(max(offset, 0), int(ns.max() - ns.min()))
        print(f"{(ns.min() + offset) / 1e9:.6f} {e.min():.15g} {e.max():.15g} {e.mean():.15g}")


if sys.argv[1] == "rows":
    rows(int(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
else:
    bins(sys.argv[2])
