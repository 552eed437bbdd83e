#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes floor.csv and floor.json, which floor.bats uses: cd tests/expected && /usr/bin/python3 floor.py

Rows of 8 values with 3 factors behind them, normal ones (label 1) and others (0) that leave the factors' subspace by
some; `train` says which are for training. pca is scikit-learn's: the mean squared error of each row after PCA of 3
components that was fitted on the normal training rows, and in floor.json the ROC-AUC of the test rows by it.
(NumPy 1.24.2, scikit-learn 1.2.1.)
"""
import json

import numpy as np
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

ROWS, WIDTH, FACTORS = 400, 8, 3
rng = np.random.default_rng(3)
directions = np.linalg.qr(rng.normal(size=(WIDTH, FACTORS)))[0].T
label = (rng.random(ROWS) < 0.8).astype(int)
train = np.arange(ROWS) < 280
x = 5 + (rng.normal(size=(ROWS, FACTORS)) * [3, 2, 1.2]) @ directions
x += rng.normal(size=(ROWS, WIDTH)) * np.where(label == 1, 0.3, 0.5)[:, None]
x = np.round(x, 4)

pca = PCA(FACTORS, svd_solver="full").fit(x[train & (label == 1)])
error = ((pca.inverse_transform(pca.transform(x)) - x) ** 2).mean(axis=1)
with open("floor.csv", "w") as f:
    print("train,%s,label,pca" % ",".join("s%d" % (i + 1) for i in range(WIDTH)), file=f)
    for t, row, l, e in zip(train, x, label, error):
        print("%d,%s,%d,%.9f" % (t, ",".join("%.4f" % v for v in row), l, e), file=f)
with open("floor.json", "w") as f:
    print(json.dumps({"roc_auc": round(roc_auc_score(label[~train] != 1, error[~train]), 6),
                      "train_mse": round(error[train & (label == 1)].mean(), 9)}), file=f)
