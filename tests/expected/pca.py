#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes pca_tall.csv, pca_wide.csv and what pca.bats holds ae-train --net pca:K to: reconstructions, latents and losses by
scikit-learn's PCA.

    cd tests/expected && /usr/bin/python3 pca.py

pca_tall.csv has more rows than values, one of which is constant, and pca_wide.csv fewer; the labels "keep" are those of
the rows to train on. pca_*.recon.csv and pca_*.latent.csv are of all rows; a component's largest element is positive.
pca.txt: stream, components, loss, share of the variance in per cent. (NumPy 1.24, scikit-learn 1.2.)
"""
import numpy as np
from sklearn.decomposition import PCA


def make(rng, rows, n):
    x = rng.normal(size=(rows, 4)) @ rng.normal(size=(4, n)) + 0.3 * rng.normal(size=(rows, n)) + rng.normal(size=n)
    return np.round(x, 4)


def save(name, head, rows):
    with open(name, "w") as f:
        f.write(head + "\n")
        for row in rows:
            f.write(",".join(repr(float(v)) if not isinstance(v, str) else v for v in row) + "\n")


rng = np.random.default_rng(11)
tall, wide = make(rng, 60, 6), make(rng, 14, 24)
tall[:, 2] = 0.7
figures = []
for name, x, components in (("tall", tall, (2, 4)), ("wide", wide, (3, 9))):
    n = x.shape[1]
    keep = np.arange(len(x)) % 7 != 3
    save(f"pca_{name}.csv", ",".join(f"v{i + 1}" for i in range(n)) + ",label",
         [list(row) + ["keep" if k else "leave"] for row, k in zip(x, keep)])
    seen = x.astype(np.float32).astype(float)
    for k in components:
        pca = PCA(k, svd_solver="full").fit(seen[keep])
        latent = pca.transform(seen)
        recon = pca.inverse_transform(latent)
        largest = np.abs(pca.components_).argmax(1)
        latent *= np.sign(pca.components_[np.arange(k), largest])
        save(f"pca_{name}_{k}.recon.csv", ",".join(f"recon.v{i + 1}" for i in range(n)), recon)
        save(f"pca_{name}_{k}.latent.csv", ",".join(f"latent.{i + 1}" for i in range(k)), latent)
        loss = ((recon - seen)[keep] ** 2).mean()
        figures.append(f"{name} {k} {loss:.6g} {100 * pca.explained_variance_ratio_.sum():.4g}\n")
with open("pca.txt", "w") as f:
    f.writelines(figures)
