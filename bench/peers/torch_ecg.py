# SPDX-License-Identifier: MIT
"""The heartbeat experiment in PyTorch: a peer of bench.

usage: torch_ecg.py [--threads N] [--seed N] FILE.csv

Reads rows of 140 values and a label (1 normal), splits, scales, trains the autoencoder on the normal rows, takes mean
plus one standard deviation of their errors as threshold, scores the test rows and prints the measures. Faithful to
Keras: glorot-uniform kernels, zero biases, Adam with epsilon 1e-7, shuffled batches, the last short one kept.
"""

import argparse
import time

import numpy as np
import pandas as pd
import torch
from sklearn.metrics import accuracy_score, precision_score, recall_score, roc_auc_score
from sklearn.model_selection import train_test_split
from torch import nn

SIZES = (140, 32, 16, 8, 16, 32, 140)
EPOCHS = 20
BATCH = 512


def network():
    layers = []
    for inputs, outputs in zip(SIZES, SIZES[1:]):
        dense = nn.Linear(inputs, outputs)
        nn.init.xavier_uniform_(dense.weight)
        nn.init.zeros_(dense.bias)
        layers += [dense, nn.ReLU()]
    layers[-1] = nn.Sigmoid()
    return nn.Sequential(*layers)


def train(model, rows):
    """Fits the model and returns the mean loss of the last epoch."""
    adam = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)
    measure = nn.L1Loss()
    for _ in range(EPOCHS):
        order = torch.randperm(len(rows))
        total = 0.0
        for start in range(0, len(rows), BATCH):
            batch = rows[order[start : start + BATCH]]
            adam.zero_grad(set_to_none=True)
            loss = measure(model(batch), batch)
            loss.backward()
            adam.step()
            total += loss.item() * len(batch)
    return total / len(rows)


@torch.no_grad()
def errors(model, rows):
    return (model(rows) - rows).abs().mean(1).numpy()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("file")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    table = pd.read_csv(options.file, header=None).to_numpy()
    train_rows, test_rows, train_normal, test_normal = train_test_split(
        table[:, :-1], table[:, -1] == 1, test_size=0.2, random_state=21
    )
    low, high = train_rows.min(), train_rows.max()
    train_rows = torch.from_numpy(((train_rows - low) / (high - low)).astype(np.float32))
    test_rows = torch.from_numpy(((test_rows - low) / (high - low)).astype(np.float32))
    normal_rows = train_rows[torch.from_numpy(train_normal)]

    model = network()
    start = time.perf_counter()
    loss = train(model, normal_rows)
    seconds = time.perf_counter() - start

    normal_errors = errors(model, normal_rows)
    threshold = normal_errors.mean() + normal_errors.std()
    test_errors = errors(model, test_rows)
    verdict = test_errors < threshold
    print(f"training {seconds:.6f} s")
    print(f"loss {loss:.6f}")
    print(f"threshold {threshold:.6f}")
    print(f"accuracy {accuracy_score(test_normal, verdict):.4f}")
    print(f"precision {precision_score(test_normal, verdict):.4f}")
    print(f"recall {recall_score(test_normal, verdict):.4f}")
    print(f"roc_auc {roc_auc_score(~test_normal, test_errors):.4f}")


if __name__ == "__main__":
    main()
