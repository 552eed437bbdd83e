# SPDX-License-Identifier: MIT
"""A row at a time through scaler, dense network, error and threshold of a model file, in one process with NumPy: CSV
comes on standard input, and err and pred go out. numpy_rows.py MODEL"""

import sys

import msgpack
import numpy as np


def read_model(path):
    parts, kernels, biases = {}, [], []
    with open(path, "rb") as file:
        for message in msgpack.Unpacker(file):
            if message[0] == "tensor":
                values = np.frombuffer(message[2], "<f4").reshape(message[1]["shape"])
                kind = message[1]["name"].split(".")[1]
                {"kernel": kernels, "bias": biases}.get(kind, []).append(values)
            elif len(message) == 4:
                parts[message[0]] = message[2]
    scaler = msgpack.unpackb(parts["scaler"]["packed"])
    return (np.frombuffer(scaler["center"], "<f8"), np.frombuffer(scaler["scale"], "<f8"),
            list(zip(kernels, biases)), parts["threshold"]["value"])


def main():
    center, scale, layers, threshold = read_model(sys.argv[1])
    lines = iter(sys.stdin.readline, "")
    next(lines)
    print("err,pred", flush=True)
    for line in lines:
        x = ((np.array(line.split(","), "f8") - center) / scale).astype("f4")
        y = x
        for i, (kernel, bias) in enumerate(layers):
            y = y @ kernel + bias
            if i + 1 < len(layers):
                y = np.maximum(y, 0)
        err = float(np.mean((x.astype("f8") - y) ** 2))
        print(f"{err!r},{int(err >= threshold)}", flush=True)


main()
