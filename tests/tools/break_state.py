#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""break_state.py FILE N: writes FILE.0 and so on, copies of a file of --state with wrong bytes and right checksums."""
import random
import struct
import sys
import zlib

import msgpack

CHECKSUM = 5  # bytes that close a message


def messages(data):
    unpacker = msgpack.Unpacker(strict_map_key=False, raw=True)
    unpacker.feed(data)
    start = 0
    for _ in unpacker:
        yield data[start:unpacker.tell()]
        start = unpacker.tell()


def damage(body):
    at = random.randrange(len(body))
    kind = random.random()
    if kind < 0.5:
        body[at] = random.randrange(256)
    elif kind < 0.8:
        body[at] ^= 1 << random.randrange(8)
    else:
        for i in range(at, min(at + 8, len(body))):
            body[i] = random.choice([0, 127, 128, 240, 255])


path, count = sys.argv[1], int(sys.argv[2])
random.seed(7)
with open(path, "rb") as f:
    whole = list(messages(f.read()))
for n in range(count):
    bodies = [bytearray(m[:-CHECKSUM]) for m in whole]
    for _ in range(random.randint(1, 3)):
        damage(random.choice(bodies))
    if random.random() < 0.1:
        random.shuffle(bodies)
    if random.random() < 0.1:
        bodies.append(bodies[-1])
    with open(f"{path}.{n}", "wb") as f:
        for body in bodies:
            f.write(body + b"\xce" + struct.pack(">I", zlib.crc32(body)))
