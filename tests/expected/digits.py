#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Numbers of every exponent, and what NumPy prints of them: its repr has the fewest digits that read back.

    digits.py make N SEED      writes f32.npy and f64.npy: edges of every exponent and N random patterns of bits
    digits.py check TYPE CSV   fails where a text of CSV has other digits than NumPy's, or reads back as another number

text.bats uses it. Of two texts with equally few digits either will do, but it must read back.
"""
import sys

import numpy as np

LAYOUT = {"f32": (np.uint32, np.float32, 23, 255), "f64": (np.uint64, np.float64, 52, 2047)}


def numbers(name, n, seed):
    bits, kind, mantissa, exponents = LAYOUT[name]
    rng = np.random.default_rng(seed)
    edges = [0, 1, 2, 3, (1 << mantissa) - 1, (1 << mantissa) - 2, 1 << (mantissa - 1), (1 << (mantissa - 1)) - 1]
    patterns = [e << mantissa | m for e in range(exponents)
                for m in edges + list(map(int, rng.integers(1 << mantissa, size=4)))]
    at_random = rng.integers(1 << (mantissa + exponents.bit_length()), size=n, dtype=np.uint64)
    values = np.concatenate([np.array(patterns, np.uint64), at_random]).astype(bits).view(kind)
    whole = rng.integers(1 << 50, size=n // 10 + 1).astype(kind) / kind(rng.integers(1, 100))
    decimal = (rng.integers(1, 100000, size=n // 10 + 1) / 10.0 ** rng.integers(0, 12, size=n // 10 + 1)).astype(kind)
    values = np.concatenate([values, whole, decimal])
    values = values[np.isfinite(values)]
    values[::3] *= -1
    return values


def digits(text):
    """The significant digits of a decimal text."""
    return text.lower().split("e")[0].replace(".", "").replace("-", "").strip("0")


if sys.argv[1] == "make":
    for name in LAYOUT:
        np.save(name + ".npy", numbers(name, int(sys.argv[2]), int(sys.argv[3])))
else:
    kind = LAYOUT[sys.argv[2]][1]
    values = np.load(sys.argv[2] + ".npy")
    texts = open(sys.argv[3]).read().split()[1:]
    assert len(texts) == len(values) > 3000, (len(texts), len(values))
    wrong = 0
    for value, text in zip(values, texts):
        good = kind(text) == value and len(digits(text)) <= len(digits(repr(value)))
        wrong += not good
        if not good and wrong < 10:
            print("%r is written %s" % (value, text))
    sys.exit("%d of %d are wrong" % (wrong, len(values)) if wrong else 0)
