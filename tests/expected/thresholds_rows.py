# SPDX-License-Identifier: MIT
# What thresholds.bats holds ae-thresh against, from the errors of thresholds.csv:
#   /usr/bin/python3 thresholds_rows.py > thresholds_rows.csv; /usr/bin/python3 thresholds_rows.py interval
# Columns: verdicts by the last scores before a row, without and with anomalies held, for quantile:0.9 of 50 and pot:0.01
# of 500 scores; and the p-value against the normal rows. pot is fitted anew in every row.
import sys

import numpy as np

from thresholds import f1, pot


def philox(seed, hi, lo):
    c = [lo & 0xFFFFFFFF, lo >> 32, hi & 0xFFFFFFFF, hi >> 32]
    k = [seed & 0xFFFFFFFF, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xFFFFFFFF, (a >> 32) ^ c[3] ^ k[1], a & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return c


def resample(v, seed, n):
    v = np.sort(v)
    words = [w for i in range(-(-len(v) // 4)) for w in philox(seed, 6 << 56 | n, i)]
    return v[[w * len(v) >> 32 for w in words[:len(v)]]]


def follow(e, n, fit, hold):
    window, verdicts, fits = [], [], {}
    for x in e:
        verdict = ""
        if len(window) >= n:
            last = tuple(window[-n:])
            if last not in fits:
                fits[last] = fit(np.array(last))
            verdict = int(x >= fits[last])
        if not (hold and verdict == 1):
            window.append(x)
        verdicts.append(verdict)
    return verdicts


def main():
    rows = [line.strip().split(",") for line in open("thresholds.csv")][1:]
    e = np.array([float(r[1]) for r in rows])
    truth = np.array([r[0] == "bad" for r in rows])
    normal = e[~truth]
    if sys.argv[1:] == ["interval"]:
        values = [1.333 * np.quantile(resample(normal, 3, 2 * i), 0.99) for i in range(200)]
        print("%.17g %.17g" % tuple(np.quantile(values, [0.025, 0.975])))
        values = []
        for i in range(40):
            a, b = resample(normal, 0, 2 * i), resample(e[truth], 0, 2 * i + 1)
            values.append(f1(np.concatenate([a, b]), np.repeat([0, 1], [len(a), len(b)])))
        print("%.17g %.17g" % tuple(np.quantile(values, [0.025, 0.975])))
        return
    peaks = {}

    def fit_pot(w):
        t = np.quantile(w, 0.98)
        key = (t, tuple(sorted(w[w > t])))
        if key not in peaks:
            peaks[key] = pot(w, 0.01)
        return peaks[key]

    columns = [follow(e, n, fit, hold) for n, fit in ((50, lambda w: np.quantile(w, 0.9)), (500, fit_pot))
               for hold in (False, True)]
    columns.append(["%.17g" % ((1 + (normal >= x).sum()) / (1 + len(normal))) for x in e])
    print("quantile,quantile_held,pot,pot_held,pvalue")
    for row in zip(*columns):
        print(",".join(map(str, row)))


if __name__ == "__main__":
    main()
