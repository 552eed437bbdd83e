#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes the models here that models.bats uses from models-0.1/dense.aem:

    cd tests/expected && /usr/bin/python3 later.py

later.aem has a training setting that no version knows; sparse.aem lacks two whose values are the defaults; lr.aem and
slices.aem have numbers that no option takes. (msgpack 1.0.3.)
"""
import io
import struct
import zlib

import msgpack

pack = msgpack.Packer(use_bin_type=True).pack


def rewrite(path, change):
    data = open("models-0.1/dense.aem", "rb").read()
    unpacker = msgpack.Unpacker(io.BytesIO(data), raw=False, max_buffer_size=0)
    at, out = 0, b""
    for message in unpacker:
        whole, at = data[at:unpacker.tell()], unpacker.tell()
        if message[0] == "training":
            change(message[2])
            body = bytes([0x90 + len(message)]) + b"".join(map(pack, message[:-1]))
            whole = body + b"\xce" + struct.pack(">I", zlib.crc32(body))
        out += whole
    open(path, "wb").write(out)


rewrite("later.aem", lambda training: training.update(sparkle={"a": [1, 2.5, None]}))
rewrite("sparse.aem", lambda training: [training.pop(key) for key in ("decay", "momentum")])
rewrite("lr.aem", lambda training: training.update(lr=-1.0))
rewrite("slices.aem", lambda training: training.update(slices=2**64 - 1))
