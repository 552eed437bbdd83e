#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What `ae-plot scatter` is to draw, by NumPy.

plot_scatter.py rows >plot_scatter.csv   latent of five values, label
plot_scatter.py >plot_scatter.txt        the two principal coordinates of each row, and on a last line the shares of variance
"""
import sys

import numpy as np

if sys.argv[1:] == ["rows"]:
    rng = np.random.default_rng(6)
    label = rng.integers(0, 3, 80)
    latent = rng.normal(0, [3, 2, 1, 1, 0.5], (80, 5)) @ np.linalg.qr(rng.normal(0, 1, (5, 5)))[0] + label[:, None]
    print("latent.1,latent.2,latent.3,latent.4,latent.5,label")
    for row, name in zip(latent, label):
        print(",".join(f"{value:.3f}" for value in row) + f",{'abc'[name]}")
else:
    latent = np.genfromtxt("plot_scatter.csv", delimiter=",", skip_header=1, usecols=range(5)).astype(np.float32)
    centred = latent.astype(float) - latent.astype(float).mean(0)
    axes = np.linalg.svd(centred, full_matrices=False)[2][:2]
    axes *= np.sign(axes[np.arange(2), np.abs(axes).argmax(1)])[:, None]
    variance = np.linalg.svd(centred, compute_uv=False) ** 2
    for x, y in centred @ axes.T:
        print(f"{x:.12g},{y:.12g}")
    print(",".join(f"{share:.12g}" for share in 100 * variance[:2] / variance.sum()))
