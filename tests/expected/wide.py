#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes wide.aem, wide.npy and wide.latent.csv, which pages.bats uses:

    cd tests/expected && /usr/bin/python3 wide.py

A model of one layer of more than 4,096 inputs and narrow ones, rows for it, and its latent values to the bit: chains of
4,096 fused multiply-adds, each of which is exact in a long double and rounded once, added in order. They must be those
of double precision but for 2e-6. (NumPy 1.24.2, x86-64, msgpack 1.0.3.)
"""
import numpy as np

from from_pages import Model, write

CHAIN = 4096
F4, EXACT = np.float32, np.longdouble


def dense(x, kernel, bias):
    y = None
    for start in range(0, x.shape[1], CHAIN):
        total = np.zeros((len(x), len(bias)), F4) + (bias if start == 0 else F4(0))
        for i in range(start, min(start + CHAIN, x.shape[1])):
            total = (x[:, i:i + 1].astype(EXACT) * kernel[i].astype(EXACT) + total.astype(EXACT)).astype(F4)
        y = total if y is None else y + total
    return y


assert np.finfo(EXACT).nmant >= 63
write("wide.aem", "wide.npy", [4500, 1, 3, 1, 4500])
t, y = Model("wide.aem").tensors, np.load("wide.npy").astype(F4)
truth = y.astype(float)
for layer in ("dense1.", "dense2."):
    truth = truth @ t[layer + "kernel"].astype(float) + t[layer + "bias"]
    y = dense(y, t[layer + "kernel"], t[layer + "bias"])
assert (abs(y - truth) <= 2e-6 * abs(truth)).all()
with open("wide.latent.csv", "w") as out:
    out.write("latent.1,latent.2,latent.3\n")
    for row in y:
        out.write(",".join(repr(v) for v in row) + "\n")
