# SPDX-License-Identifier: MIT
# The digest of test_model.c, as ae-model(5) defines it: /usr/bin/python3 model.py (NumPy 1.24.2).
import hashlib
import msgpack
import numpy as np

def count(n):
    return n.to_bytes(8, "little")

def field(data):
    data = data if isinstance(data, bytes) else data.encode()
    return count(len(data)) + data

def f64s(*values):
    return np.array(values, "<f8").tobytes()

scaler = msgpack.packb({"method": "minmax", "per": "column", "columns": 4,
                        "center": f64s(1, 2, 3, 4), "scale": f64s(4, 4, 4, 5), "mean": f64s(3, 4, 5, 6.5)})
weights = (np.arange(22, dtype="<f4") / np.float32(7) - np.float32(1)).astype("<f4")
text = field(scaler) + count(4) + b"".join(map(field, "abcd")) + field("[4]") + field("dense 2 relu | dense 4 sigmoid")
text += count(4)
at = 0
for name, shape in ("dense1.kernel", (4, 2)), ("dense1.bias", (2,)), ("dense2.kernel", (2, 4)), ("dense2.bias", (4,)):
    n = int(np.prod(shape))
    text += field(name) + field("[" + ",".join(map(str, shape)) + "]") + count(n) + weights[at:at + n].tobytes()
    at += n
print(hashlib.sha256(text).hexdigest())
