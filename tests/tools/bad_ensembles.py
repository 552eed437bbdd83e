#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bad_ensembles.py MODEL: the model file, an ensemble of two, damaged in every way that a checksum does not tell: each
as NAME.aem in this folder, with a line "NAME message" on standard output."""
import sys
import zlib


def split(data):
    """The messages without their checksums."""
    out, start = [], 0
    while start < len(data):
        end = data.index(b"\xce", start)
        while int.from_bytes(data[end + 1:end + 5], "big") != zlib.crc32(data[start:end]):
            end = data.index(b"\xce", end + 1)
        out.append(data[start:end])
        start = end + 5
    return out


def join(messages):
    end = messages[-1][:-1] + bytes([len(messages) - 2])
    return b"".join(m + b"\xce" + zlib.crc32(m).to_bytes(4, "big") for m in messages[:-1] + [end])


data = open(sys.argv[1], "rb").read()
all_of = split(data)
assert join(all_of) == data


def place(text):
    return next(i for i, m in enumerate(all_of) if text in m[:60])


def without(text):
    return [m for i, m in enumerate(all_of) if i != place(text)]


def moved(text, to):
    out = without(text)
    out.insert(to, all_of[place(text)])
    return out


def renamed(old, new):
    return [m.replace(old, new, 1) for m in all_of]


ensemble = place(b"ensemble")
CASES = {
    "alone": (all_of[:1] + [all_of[ensemble], all_of[-1]], "holds an ensemble without a network"),
    "late": (moved(b"ensemble", place(b"network")), 'section "ensemble": stands after the network'),
    "one": ([m[:-1] + b"\1" if i == ensemble else m for i, m in enumerate(all_of)], "*bad number of members"),
    "three": ([m[:-1] + b"\3" if i == ensemble else m for i, m in enumerate(all_of)],
              'member 3: tensor "dense1.kernel" is not complete'),
    "none": (without(b"ensemble"), 'tensor "2/dense1.kernel" is none of the network\'s'),
    "cut": (without(b"2/dense1.kernel"), 'member 2: tensor "dense1.kernel" is not complete'),
    "moments": (without(b"2/optimizer.moments"), 'member 2: tensor "optimizer.moments" is not complete'),
    "state": (without(b"2/optimizer\xc2"), 'tensor "optimizer.moments" does not fit'),
    "twice": (all_of[:place(b"2/losses")] + all_of[place(b"2/losses"):place(b"2/losses") + 1]
              + all_of[place(b"2/losses"):], 'section "2/losses" twice'),
    "zeroth": (renamed(b"2/dense1.kernel", b"0/dense1.kernel"), 'tensor "0/dense1.kernel" is none of the network\'s'),
    "third": (renamed(b"2/dense1.kernel", b"3/dense1.kernel"), 'tensor "3/dense1.kernel" is none of the network\'s'),
    "early": (moved(b"2/dense1.kernel", 1), 'tensor "2/dense1.kernel" is none of the network\'s'),
}
for name, (messages, expected) in CASES.items():
    open(name + ".aem", "wb").write(join(messages))
    print(name, expected)
