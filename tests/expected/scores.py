#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What ae-model(5) and ae-err(1) say of scores, in NumPy and scikit-learn.

    scores.py stats MODEL LATENT.csv     fails where the section "latent" is not what scikit-learn's OAS gives

scores.bats uses it.
"""
import sys

import numpy as np
from sklearn.covariance import OAS

from from_pages import Model, near


def columns(path, prefix):
    """The columns of f32 whose names begin so, [rows, columns]."""
    with open(path) as f:
        names = f.readline().rstrip("\n").split(",")
        rows = [line.rstrip("\n").split(",") for line in f]
    take = [i for i, name in enumerate(names) if name.startswith(prefix)]
    return np.array([[float(row[i] or "nan") for i in take] for row in rows]).astype("f4").astype(float)


def latent_stats(model):
    """Mean and covariance of the section."""
    s = model.sections["latent"]
    mean = np.frombuffer(s["mean"], "<f8")
    covariance = np.zeros((mean.size, mean.size))
    covariance[np.tril_indices(mean.size)] = np.frombuffer(s["covariance"], "<f8")
    return mean, covariance + np.tril(covariance, -1).T


def check_stats(path, latents):
    model, z = Model(path), columns(latents, "latent")
    s, (mean, covariance) = model.sections["latent"], latent_stats(model)
    assert sorted(s) == ["covariance", "mean", "rows", "shrinkage"] and s["rows"] == len(z)
    if (z == z[0]).all():
        wanted, shrinkage = np.eye(z.shape[1]), 1
    else:
        oas = OAS().fit(z)
        wanted, shrinkage = oas.covariance_, oas.shrinkage_
    unit = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    near("mean", (mean - z.mean(0)) / np.sqrt(np.diag(wanted)), np.zeros(mean.size), 1e-9)
    near("covariance", covariance / unit, wanted / unit, 1e-9)
    near("shrinkage", s["shrinkage"], shrinkage, 1e-9)
    assert np.linalg.eigvalsh(covariance).min() > 0


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    check_stats(*arguments)
