#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes mean_row.csv, mean_row_holes.csv, mean_row_other.csv and mean_row.txt, which train-warnings.bats uses: the loss of
giving every row the mean of the training rows, by NumPy.

    cd tests/expected && /usr/bin/python3 mean_row.py

A line of mean_row.txt: loss, of the 30 rows of mean_row.csv, of those with holes, and of the targets of
mean_row_other.csv, which are not its x, with the mean of mean_row.csv. (NumPy 1.24.)
"""
import numpy as np

rng = np.random.default_rng(5)
rows = np.round(rng.uniform(0.02, 0.98, (30, 3)) * [1, 0.5, 0.8], 3)
other = np.round(rng.uniform(0.02, 0.98, (17, 3)) * [0.2, 1, 0.3], 3)
target = np.round(1 - other[:, ::-1], 3)
holes = rows.copy()
holes[rng.random((30, 3)) < 0.2] = np.nan
holes[4] = [np.nan, 0.25, np.nan]


def bce(y, t):
    return -(t * np.log(y) + (1 - t) * np.log(1 - y))


def huber(y, t, delta=1.0):
    d = np.abs(y - t)
    return np.where(d <= delta, d * d / 2, delta * (d - delta / 2))


def cosine(y, t):
    seen = ~np.isnan(t)
    y, t = np.where(seen, y, 0), np.where(seen, t, 0)
    cos = (y * t).sum(1) / np.sqrt((y * y).sum(1) * (t * t).sum(1))
    return np.where(seen.any(1), 1 - cos, np.nan)


losses = {
    "mse": lambda y, t: (y - t) ** 2,
    "mae": lambda y, t: np.abs(y - t),
    "huber": huber,
    "bce": bce,
    "cosine": cosine,
}


def loss_of_mean(name, train, target):
    mean = np.nanmean(train, 0)
    return np.nanmean(losses[name](np.broadcast_to(mean, target.shape), target))


for path, values in (("mean_row", rows), ("mean_row_holes", holes), ("mean_row_other", np.hstack([other, target]))):
    with open(path + ".csv", "w") as file:
        file.write(",".join(["a", "b", "c", "target.a", "target.b", "target.c"][:values.shape[1]]) + "\n")
        for row in values:
            file.write(",".join("" if np.isnan(v) else repr(float(v)) for v in row) + "\n")
with open("mean_row.txt", "w") as file:
    for name in losses:
        print(name, *("%.6g" % loss_of_mean(name, *pair) for pair in
                      ((rows, rows), (holes, holes), (rows, target))), file=file)
