# SPDX-License-Identifier: MIT
# What thresholds.bats holds ae-thresh --group against: /usr/bin/python3 threshold_groups.py > threshold_groups.csv
# machine, label and err; verdicts of thresholds fitted on these rows for each machine, by quantile:0.95 and by f1; and
# the p-value against the normal rows of the machine. "small" has 99 normal rows, "pure" no anomaly, "new" is not fitted on.
import numpy as np

from thresholds import f1


def pvalue(e, rows, grouped):
    n = len(rows)
    if not grouped or n == 101:
        return (1 + np.sum(rows >= e)) / (n + 1)
    q = np.quantile(rows, np.arange(101) / 100)
    f = q.astype(np.float32)
    q = np.where(f < q, np.nextafter(f, np.float32(np.inf)), f).astype(float)
    if e <= q[0] or e > q[-1]:
        return (1 + n * (e <= q[0])) / (n + 1)
    i = np.searchsorted(q, e)
    at = i - 1 + (e - q[i - 1]) / (q[i] - q[i - 1])
    return (1 + n - np.ceil(at / 100 * (n - 1))) / (n + 1)


def main():
    rng = np.random.default_rng(13)
    sizes = {"a": (300, 20, 1), "b": (400, 30, 100), "101": (101, 5, 0.01), "small": (99, 3, 10), "pure": (150, 0, 3)}
    rows = []
    for name, (normal, bad, scale) in sizes.items():
        rows += [(name, "ok", round(x * scale, 5)) for x in rng.gamma(2, size=normal)]
        rows += [(name, "bad", round((4 + x) * scale, 5)) for x in rng.gamma(2, size=bad)]
    rows += [("new", "ok", float(x)) for x in range(0, 300, 7)]
    rows = [rows[i] for i in rng.permutation(len(rows))]
    machine = np.array([r[0] for r in rows])
    bad = np.array([r[1] == "bad" for r in rows])
    e = np.array([r[2] for r in rows])
    fitted = machine != "new"
    own = {}
    for name in [*sizes, "new"]:
        of = machine == name if name in sizes and name != "small" else fitted
        of_f1 = fitted if name == "pure" else of
        own[name] = np.quantile(e[of & ~bad], 0.95), f1(e[of_f1], bad[of_f1]), e[of & ~bad]
    print("machine,label,err,quantile,f1,pvalue")
    for name, label, x in rows:
        q, best, normal = own[name]
        print("%s,%s,%r,%d,%d,%.17g" % (name, label, x, x >= q, x >= best, pvalue(x, normal, name not in ("small", "new"))))


main()
