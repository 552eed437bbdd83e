#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes noise.csv, which ae-noise.bats uses: cd tests/expected && python3 noise.py

What ae-noise(1) says of its numbers, written again: Philox4x32-10 keyed by the seed, its counter the kind of noise and
the element's number in the stream, normal numbers by Box and Muller. 12 rows of 3 values, each noise by itself and all
of them together, seed 2^40 + 7. (Python 3.11; standard library alone.)
"""
import math
import struct

SEED = (1 << 40) + 7
ROWS, WIDTH = 12, 3
NOISE = 4  # the use of these numbers, the top byte of the counter
GAUSSIAN, SALT_PEPPER, MASK = 0, 1, 2


def philox(kind, number):
    c = [number & 0xffffffff, number >> 32, kind, NOISE << 24]
    k = [SEED & 0xffffffff, SEED >> 32]
    for _ in range(10):
        a, b = 0xd2511f53 * c[0], 0xcd9e8d57 * c[2]
        c = [(b >> 32) ^ c[1] ^ k[0], b & 0xffffffff, (a >> 32) ^ c[3] ^ k[1], a & 0xffffffff]
        k = [(k[0] + 0x9e3779b9) & 0xffffffff, (k[1] + 0xbb67ae85) & 0xffffffff]
    return c


def share(low, high):
    return ((high << 32 | low) >> 11) * 2.0 ** -53


def uniform(kind, i):
    c = philox(kind, i // 2)
    return share(*c[i % 2 * 2:i % 2 * 2 + 2])


def normal(i):
    c = philox(GAUSSIAN, i)
    return math.sqrt(-2 * math.log(1 - share(*c[:2]))) * math.cos(2 * math.pi * share(*c[2:]))


def noisy(x, i, gaussian=0.0, salt_pepper=0.0, mask=0.0, clip=None):
    low, high = clip or (0, 1)
    x += gaussian * normal(i)
    draw = uniform(SALT_PEPPER, i)
    if draw < salt_pepper:
        x = low if draw < salt_pepper / 2 else high
    if uniform(MASK, i) < mask:
        x = 0
    return min(max(x, low), high) if clip else x


with open("noise.csv", "w") as f:
    print("clean,gaussian,salt_pepper,mask,all", file=f)
    for i in range(ROWS * WIDTH):
        x = i / 64
        made = [x, noisy(x, i, gaussian=0.5), noisy(x, i, salt_pepper=0.4), noisy(x, i, mask=0.3),
                noisy(x, i, 0.25, 0.2, 0.2, (-0.5, 0.75))]
        print(",".join("%.12g" % v for v in made), file=f)
