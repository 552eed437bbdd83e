# SPDX-License-Identifier: MIT
# Errors and the thresholds that NumPy, SciPy and scikit-learn make of them:
#   /usr/bin/python3 thresholds.py errors > thresholds.csv; /usr/bin/python3 thresholds.py > thresholds.tsv
# pot is fitted by SciPy's maximiser over shape and scale, from many starts: no Grimshaw.
import sys

import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import precision_recall_curve


def pareto_nll(p, y):
    shape, scale = p[0], np.exp(p[1])
    if shape <= -1:
        return np.inf
    if abs(shape) < 1e-9:
        return len(y) * p[1] + y.sum() / scale
    z = 1 + shape * y / scale
    if z.min() <= 0:
        return np.inf
    return len(y) * p[1] + (1 / shape + 1) * np.log(z).sum()


def pot(e, q):
    t = np.quantile(e, 0.98)
    y = e[e > t] - t
    best = None
    for shape in (-0.5, -0.2, 0.01, 0.3, 0.8):
        r = minimize(pareto_nll, (shape, np.log(y.mean() * max(1, 2 * -shape))), (y,), "Nelder-Mead",
                     options={"xatol": 1e-12, "fatol": 1e-12, "maxiter": 20000, "maxfev": 20000})
        if best is None or r.fun < best.fun:
            best = r
    shape, scale = best.x[0], np.exp(best.x[1])
    if shape < -0.999:  # the likelihood has no maximum inside: exponential
        return t - y.mean() * np.log(q * len(e) / len(y))
    return t + scale / shape * ((q * len(e) / len(y)) ** -shape - 1)


def f1(e, truth):
    precision, recall, at = precision_recall_curve(truth, e)
    f = 2 * precision * recall / (precision + recall)
    return at[np.flatnonzero(f[:-1] == f[:-1].max()).max()]


def fpr(e, a):
    """The least threshold, scores and the numbers just above them, that flags at most a share of a."""
    return min(v for v in np.concatenate([e, np.nextafter(e, np.inf)]) if (e >= v).mean() <= a)


def main():
    if sys.argv[1:] == ["errors"]:
        rng = np.random.default_rng(7)
        e = np.concatenate([rng.lognormal(0, 0.7, 1500), rng.lognormal(1.8, 0.5, 90)])
        label = np.repeat(["ok", "bad"], [1500, 90])
        print("label,err")
        for i in rng.permutation(len(e)):
            print("%s,%.4f" % (label[i], e[i]))
        return
    rows = [line.strip().split(",") for line in open("thresholds.csv")][1:]
    truth = np.array([r[0] == "bad" for r in rows])
    e = np.array([float(r[1]) for r in rows])
    normal = e[~truth]
    print("f1\t%.17g" % f1(e, truth))
    for a in (0, 0.001, 0.01, 0.05, 0.5, 1):
        print("fpr:%g\t%.17g" % (a, fpr(normal, a)))
    for q in (0.01, 0.001, 0.0001):
        print("pot:%g\t%.17g" % (q, pot(normal, q)))
    print("1.333*quantile:0.99\t%.17g" % (1.333 * np.quantile(normal, 0.99)))
    print("0.5*sigma:2\t%.17g" % (0.5 * (normal.mean() + 2 * normal.std())))


if __name__ == "__main__":
    main()
