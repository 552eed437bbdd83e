# SPDX-License-Identifier: MIT
# What ae-transform.bats compares with (Python 3.11, NumPy 1.24.2, Pillow 9.4.0): /usr/bin/python3 transform.py FOLDER
# series.csv: three groups, two columns, with missing values; NAME.csv: what a transform makes of it, by NumPy on slices.
# images.ppm: two random images; NAME.txt: a line an image, by Pillow and NumPy; *.pillow.txt is rounded as Pillow does.
import math
import random
import sys

import numpy as np
from PIL import Image

folder = sys.argv[1]
random.seed(2)
ROWS, N = 240, 6


def ewma(past):
    value = past[0]
    for v in past[1:]:
        value = 2 / (N + 1) * v + (1 - 2 / (N + 1)) * value
    return value


rows, past = [], {}
for i in range(ROWS):
    group = random.choice("mno")
    rows.append([group] + [math.nan if random.random() < 0.04 else round(random.gauss(5, 3) * 10 ** random.choice([0, 0, 3]), 4)
                           for _ in "ab"])


def write(name, make):
    """make(values of this column and group so far, the present one last) for each row and column."""
    before = {}
    with open(f"{folder}/{name}.csv", "w") as f:
        print("id,a,b", file=f)
        for group, *values in rows:
            out = []
            for column, v in enumerate(values):
                so_far = before.setdefault((group, column), [])
                so_far.append(v)
                out.append(make(np.array(so_far)))
            print(group, *[repr(float(v)) for v in out], sep=",", file=f)


def baseline(statistic, last):
    def make(values):
        known = [v for v in values[:-1] if not math.isnan(v)]
        known = known[-N:] if last else known
        return values[-1] - statistic(known) if known else math.nan
    return make


write("series", lambda values: values[-1])
write("mean", baseline(lambda v: math.fsum(v) / len(v), True))
write("median", baseline(np.median, True))
write("ewma", baseline(ewma, False))
write("diff", lambda values: values[-1] - values[-1 - N] if len(values) > N else math.nan)

generator = np.random.default_rng(3)
H, W = 12, 10
images = generator.integers(0, 256, (2, H, W, 3), dtype=np.uint8)
with open(f"{folder}/images.ppm", "wb") as f:
    for image in images:
        f.write(b"P6 %d %d 255\n" % (W, H) + image.tobytes())


def lines(name, arrays):
    with open(f"{folder}/{name}.txt", "w") as f:
        for array in arrays:
            print(*[repr(float(v)) for v in np.asarray(array, dtype=float).ravel()], sep=",", file=f)


R, G, B = (images[..., i].astype(float) for i in range(3))
lines("color-diff", np.stack([R - G, (R + G) / 2 - B], -1))
lines("grey.pillow", [Image.fromarray(i).convert("L") for i in images])
lines("ycbcr.pillow", [np.array(Image.fromarray(i).convert("YCbCr"), dtype=float) - [0, 128, 128] for i in images])
lines("resize-halves", images.reshape(2, H // 2, 2, W // 2, 2, 3).mean((2, 4)))
lines("resize-halves.pillow", [Image.fromarray(i).reduce(2) for i in images])


def share(old, new):
    """The matrix that makes means of `new` equal parts of `old` ones."""
    return np.array([[max(0, min((i + 1) * old / new, p + 1) - max(i * old / new, p)) for p in range(old)]
                     for i in range(new)]) * new / old


lines("resize-5x7", [np.einsum("ip,pqc,jq->ijc", share(H, 5), i.astype(float), share(W, 7)) for i in images])
lines("resize-20x3", [np.einsum("ip,pqc,jq->ijc", share(H, 20), i.astype(float), share(W, 3)) for i in images])
