# SPDX-License-Identifier: MIT
"""The floor by scikit-learn: mean squared error of test images after PCA with 64 components.
usage: pca.py train.npy test.npy"""
import sys

import numpy as np
from sklearn.decomposition import PCA

train, test = (np.load(name).reshape(-1, 784) / np.float32(255) for name in sys.argv[1:])
pca = PCA(64, svd_solver="full").fit(train)
back = pca.inverse_transform(pca.transform(test))
print("%-32s %.5f" % ("scikit-learn PCA, 64 components", ((back - test) ** 2).mean()))
print("%-32s %.5f" % ("the same, clipped to 0..1", ((back.clip(0, 1) - test) ** 2).mean()))
