# SPDX-License-Identifier: MIT
"""The floor by scikit-learn: PCA fitted on normal beats, ROC-AUC of the squared error of the test beats.
usage: pca.py train.npy test.npy labels.csv"""
import sys

import numpy as np
from sklearn.decomposition import PCA
from sklearn.metrics import roc_auc_score

train, test = np.load(sys.argv[1]), np.load(sys.argv[2])
labels = np.loadtxt(sys.argv[3], skiprows=1)
pca = PCA(8, svd_solver="full").fit(train)
error = ((pca.inverse_transform(pca.transform(test)) - test) ** 2).mean(axis=1)
print("%-32s %.4f" % ("scikit-learn PCA, 8 components", roc_auc_score(labels != 1, error)))
