#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes small.aem, small.csv, small.recon.csv, small.latent.csv and small.err.csv, which ae-recon.bats, ae-encode.bats,
ae-decode.bats and ae-err.bats use:

    cd tests/expected && /usr/bin/python3 small.py

A model with every activation and a scaler, written by hand; rows for it; and what PyTorch, in double precision, makes of
them. (PyTorch 1.13.0, msgpack 1.0.3.)
"""
import csv
import math
import struct
import zlib

import msgpack
import torch

torch.set_default_dtype(torch.float64)
NAMES = ["speed", "load", "t.in", "t.out", "p", "flow", "vib", "amp", "volt"]
NET = "dense 7 relu, dense 5 leakyrelu:0.2, dense 4 elu | dense 5 tanh, dense 6 sigmoid, dense 9"
SIZES = [9, 7, 5, 4, 5, 6, 9]
ROWS = 35

pack = msgpack.Packer(use_bin_type=True).pack


def f32(values):
    return struct.unpack("<%df" % len(values), struct.pack("<%df" % len(values), *values))


def f64_bytes(values):
    return struct.pack("<%dd" % len(values), *values)


def message(array):
    """An array whose last element is the CRC-32 of the bytes before it."""
    body = bytes([0x90 + len(array) + 1]) + b"".join(map(pack, array))
    return body + b"\xce" + struct.pack(">I", zlib.crc32(body))


weights, k = [], 0
for n_in, n_out in zip(SIZES, SIZES[1:]):
    weights.append(f32([math.sin(1.7 * (k + i)) for i in range(n_in * n_out)]))
    weights.append(f32([math.cos(2.3 * (k + i)) / 4 for i in range(n_out)]))
    k += 50
center = [10.0 * j - 20 for j in range(9)]
scale = [0.5 + 3 * j for j in range(9)]

scaler = pack({"method": "standard", "per": "column", "columns": 9, "center": f64_bytes(center),
               "scale": f64_bytes(scale), "mean": f64_bytes(center)})
sections = [
    ["input", True, {"shape": [9], "features": NAMES}],
    ["scaler", True, {"packed": scaler}],
    ["network", True, {"text": NET}],
    ["training", True, {"loss": "mae", "huber_delta": 0.0, "optimizer": "adam", "lr": 0.001, "decay": 0.0,
                        "momentum": 0.0, "epochs": 1, "batch": 32, "seed": 0, "missing_mask": False}],
]
for i, values in enumerate(weights):
    layer = i // 2
    kernel = i % 2 == 0
    sections.append(["tensor", {"name": "dense%d.%s" % (layer + 1, "kernel" if kernel else "bias"),
                                "shape": [SIZES[layer], SIZES[layer + 1]] if kernel else [SIZES[layer + 1]],
                                "part": 0, "parts": 1}, struct.pack("<%df" % len(values), *values)])
with open("small.aem", "wb") as f:
    f.write(message(["AEMF", 1, {}]))
    for section in sections:
        f.write(message(section))
    f.write(message(["end", {"sections": len(sections)}]))

x = [[round(center[j] + scale[j] * 2 * math.sin(1.1 * r * (j + 1) + j), 3) for j in range(9)] for r in range(ROWS)]
with open("small.csv", "w") as f:
    out = csv.writer(f, lineterminator="\n")
    out.writerow(["id", "time", "plant"] + NAMES + ["label"])
    for r, row in enumerate(x):
        out.writerow(["unit %d, left" % r if r % 5 == 0 else "007%d" % r, "2024-03-01T00:00:%02dZ" % r, "ab\"c" if r == 3 else
                      " n %d" % r] + row + ["1.0" if r % 3 else "0.0"])

t = torch.tensor([f32([(v - c) / s for v, c, s in zip(row, center, scale)]) for row in x])
y = t
acts = [torch.relu, lambda v: torch.nn.functional.leaky_relu(v, 0.2), torch.nn.functional.elu, torch.tanh,
        torch.sigmoid, lambda v: v]
for i, act in enumerate(acts):
    y = act(y @ torch.tensor(weights[2 * i]).reshape(SIZES[i], SIZES[i + 1]) + torch.tensor(weights[2 * i + 1]))
    if i == 2:  # the cut
        latent = y
with open("small.latent.csv", "w") as f:
    print(",".join("latent.%d" % (j + 1) for j in range(SIZES[3])), file=f)
    for row in latent.tolist():
        print(",".join("%.9f" % v for v in row), file=f)
with open("small.recon.csv", "w") as f:
    print(",".join("recon." + name for name in NAMES), file=f)
    for row in y.tolist():
        print(",".join("%.9f" % v for v in row), file=f)
gap = (y - t).abs()
with open("small.err.csv", "w") as f:
    print("mae,mse,rmse,max,cosine", file=f)
    cosine = 1 - torch.cosine_similarity(y, t, dim=1)
    for mae, mse, top, angle in zip(gap.mean(1).tolist(), (gap ** 2).mean(1).tolist(), gap.max(1).values.tolist(),
                                    cosine.tolist()):
        print("%.9f,%.9f,%.9f,%.9f,%.9f" % (mae, mse, math.sqrt(mse), top, angle), file=f)
