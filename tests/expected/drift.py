# SPDX-License-Identifier: MIT
"""The drift of ae-err --drift N by NumPy, from its definition: drift.py MODEL ROWS N. ROWS is text with the columns
x and recon of a stream; prints drift and drift_feature."""

import csv
import sys

import msgpack
import numpy as np

model, path, span = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open(model, "rb") as file:
    sections = {message[0]: message[2] for message in msgpack.Unpacker(file, raw=False, strict_map_key=False)
                if isinstance(message[0], str) and len(message) == 4 and isinstance(message[2], dict)}
mean, sd = (np.frombuffer(sections["errors"][key], "<f8") for key in ("mean", "sd"))
with open(path, newline="", encoding="utf-8") as file:
    rows = list(csv.reader(file))
names = [name for name in rows[0] if "recon." + name in rows[0]]
take = lambda names: np.array([[float(row[rows[0].index(name)] or "nan") for name in names] for row in rows[1:]])
errors = np.abs(take(["recon." + name for name in names]).astype("f4").astype("f8")
                - take(names).astype("f4").astype("f8"))
sd = np.maximum(sd, 0.01 * sd.mean())
a = 2 / (span + 1)
for row in range(len(errors)):
    drift = np.full(len(names), np.nan)
    for i in range(len(names)):
        had = errors[: row + 1, i]
        had = had[~np.isnan(had)]
        if len(had) >= span:
            weights = (1 - a) ** np.arange(len(had))[::-1]
            weights /= weights.sum()
            drift[i] = (weights @ had - mean[i]) / (sd[i] * np.sqrt(weights @ weights))
    some = not np.isnan(drift).all()
    print(f"{np.nanmax(drift):.12g},{names[np.nanargmax(drift)]}" if some else ",")
