#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes verdicts.csv and verdicts.json, which ae-metrics.bats uses: rows with verdicts and scores, and scikit-learn's
measures of them.

    cd tests/expected && /usr/bin/python3 verdicts.py

(scikit-learn 1.2.1, NumPy 1.24.2.)
"""
import json

import numpy as np
from sklearn.metrics import (accuracy_score, average_precision_score, confusion_matrix, precision_recall_curve,
                             precision_recall_fscore_support, roc_auc_score)

ROWS = 400
i = np.arange(ROWS)
kind = np.array(["N", "V", "N", "ST, elevated", "N"])[(i * 2654435761 >> 7) % 5]
truth = kind != "N"
score = ((i * 7919) % 101) / 64 + 0.9 * truth
score = np.round(score * 16) / 16  # ties
pred = score >= 1.25
scored = i % 23 != 5
labelled = i % 37 != 9
judged = scored & (i % 31 != 7)

with open("verdicts.csv", "w") as f:
    print("id,label,err,pred", file=f)
    for r in range(ROWS):
        label = ["", "nan", "NA"][r % 3] if not labelled[r] else '"%s"' % kind[r] if "," in kind[r] else kind[r]
        print("r%d,%s,%s,%s" % (r, label, repr(float(score[r])) if scored[r] else "nan", int(pred[r]) if judged[r] else ""),
              file=f)

# Rows without a label count in nothing.
truth, pred, score, scored, judged = (a[labelled] for a in (truth, pred, score, scored, judged))
t, p, s = truth[judged], pred[judged], score[scored]
(tn, fp), (fn, tp) = confusion_matrix(t, p).tolist()
precision, recall, thresholds = precision_recall_curve(truth[scored], s)
f1 = 2 * precision[:-1] * recall[:-1] / np.maximum(precision[:-1] + recall[:-1], 1e-300)
best = np.flatnonzero(f1 >= f1.max() - 1e-12)[-1]


def measures(positive):
    a, b, c, _ = precision_recall_fscore_support(t, p, labels=[positive], average=None)
    return {"precision": a[0], "recall": b[0], "f1": c[0], "support": int((truth == positive).sum())}


with open("verdicts.json", "w") as f:
    json.dump({"rows": len(truth), "no_verdict": int((~judged).sum()), "confusion": {"tp": tp, "fp": fp, "tn": tn, "fn": fn},
               "accuracy": accuracy_score(t, p), "normal": measures(False), "anomaly": measures(True),
               "roc_auc": roc_auc_score(truth[scored], s), "pr_auc": average_precision_score(truth[scored], s),
               "prevalence": truth.mean(), "best_f1": f1.max(), "best_threshold": thresholds[best],
               "no_score": int((~scored).sum()), "no_label": int((~labelled).sum())}, f)
    f.write("\n")
