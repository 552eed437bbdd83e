# SPDX-License-Identifier: MIT
# The numbers of test_metrics.c: /usr/bin/python3 metrics.py (scikit-learn 1.2.1).
import numpy as np
from sklearn.metrics import (accuracy_score, average_precision_score, f1_score, precision_recall_curve,
                             precision_score, recall_score, roc_auc_score)

for n, levels, cut in ((40, 7, 3), (1000, 13, 8), (5000, 100003, 60000)):
    i = np.arange(n)
    score = (i * 7919 * 31 % 104729) % levels
    truth = ((i * 2654435761 % 4294967296) / 4294967296 * levels * 2 < score) | (i % 11 == 0)
    verdict = score >= cut
    p, r, t = precision_recall_curve(truth, score)
    f1 = 2 * p[:-1] * r[:-1] / np.maximum(p[:-1] + r[:-1], 1e-300)
    print("\t{%d, %d, %d, %d, %.17g," % (n, levels, cut, truth.sum(), accuracy_score(truth, verdict)))
    for positive in (1, 0):
        print("\t\t{%.17g, %.17g, %.17g}," % tuple(
            f(truth, verdict, pos_label=positive) for f in (precision_score, recall_score, f1_score)))
    print("\t\t%.17g, %.17g, %.17g}," % (roc_auc_score(truth, score), average_precision_score(truth, score), f1.max()))
