# SPDX-License-Identifier: MIT
"""Verdicts on rows of CSV with pandas and PyTorch, as one would write it: torch_score.py FILE

Reads rows of 140 numbers and a label, and writes each one's error by an autoencoder and whether it is above 1."""
import sys

import pandas as pd
import torch
from torch import nn

SIZES = (140, 32, 16, 8, 16, 32, 140)

table = pd.read_csv(sys.argv[1], header=None, dtype="float32").to_numpy()[:, :140]
layers = []
for inputs, outputs in zip(SIZES, SIZES[1:]):
    layers += [nn.Linear(inputs, outputs), nn.ReLU()]
layers[-1] = nn.Sigmoid()
model, rows = nn.Sequential(*layers), torch.from_numpy(table)
with torch.no_grad():
    errors = (model(rows) - rows).abs().mean(1).numpy()
pd.DataFrame({"err": errors, "pred": (errors > 1).astype(int)}).to_csv(sys.stdout, index=False)
