#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Reads a model, and repeats a training, by what ae-model(5) and ae-train(1) say and nothing else (NumPy, msgpack).

    from_pages.py digest MODEL             prints the digest
    from_pages.py recon MODEL X.npy OUT.npy      the reconstruction, in double precision
    from_pages.py check OUT.npy RECON.npy TOLERANCE     fails where they differ by more, relative to values above 1
    from_pages.py train MODEL X.npy LOG.csv      trains dense layers afresh with the settings of MODEL on X.npy, and
                                           fails where the loss of an epoch or a weight is not MODEL's and LOG.csv's
    from_pages.py write MODEL X.npy N N ...      writes a model of dense layers of these sizes, and rows for it

pages.bats uses it.
"""
import csv
import hashlib
import math
import struct
import sys
import zlib

import msgpack
import numpy as np

F4 = np.float32

# ---- the file ----


ARGUMENTS = {"dense": 1, "conv": 2, "convt": 2, "conv1d": 2, "convt1d": 2, "reshape": 1}


class Model:
    def __init__(self, path):
        data = open(path, "rb").read()
        unpacker = msgpack.Unpacker(raw=False, max_buffer_size=0)
        unpacker.feed(data)
        messages, start = [], 0
        for message in unpacker:
            end = unpacker.tell()
            if message[-1] is not None:
                assert data[end - 5] == 0xCE, "no CRC"
                assert message[-1] == zlib.crc32(data[start:end - 5]), "wrong CRC"
            messages.append(message)
            start = end
        assert data[:7] == bytes.fromhex("94a441454d4601") and messages[0][:2] == ["AEMF", 1]
        assert messages[-1][0] == "end" and messages[-1][1]["sections"] == len(messages) - 2
        self.sections = {m[0]: m[2] for m in messages[1:-1] if m[0] != "tensor"}
        self.tensors, parts = {}, {}
        for _, about, values, _ in [m for m in messages if m[0] == "tensor"]:
            parts.setdefault(about["name"], []).append(values)
            self.tensors[about["name"]] = tuple(about["shape"])
        for name, shape in self.tensors.items():
            self.tensors[name] = np.frombuffer(b"".join(parts[name]), "<f4").reshape(shape)
        self.moments = self.tensors.pop("optimizer.moments", None)
        self.shape = self.sections["input"]["shape"]
        self.text = self.sections.get("network", {}).get("text", "")
        self.scaler = self.sections.get("scaler", {}).get("packed", b"")

    def digest(self):
        def count(n):
            return struct.pack("<Q", n)

        def field(value):
            value = value if isinstance(value, bytes) else value.encode()
            return count(len(value)) + value

        def shape(dims):
            return field("[" + ",".join(map(str, dims)) + "]")

        features = self.sections["input"]["features"]
        data = field(self.scaler) + count(len(features)) + b"".join(map(field, features))
        data += shape(self.shape) + field(self.text) + count(len(self.tensors))
        for name, t in self.tensors.items():
            data += field(name) + shape(t.shape) + count(t.size) + t.tobytes()
        return hashlib.sha256(data).hexdigest()

    def scale(self, x):
        if not self.scaler:
            return x.astype(F4)
        s = msgpack.unpackb(self.scaler, raw=False)
        center, scale = (np.frombuffer(s[k], "<f8") for k in ("center", "scale"))
        return ((x.astype(float) - center) / scale).astype(F4)

    def words(self):
        """The words of the network: (word, number among its kind, arguments)."""
        number, result = {}, []
        for layer in self.text.replace(" |", ",").rstrip(",").split(", "):
            tokens = layer.split()
            while tokens:
                word, _, value = tokens.pop(0).partition(":")
                arguments = [value] if value else []
                for _ in range(ARGUMENTS.get(word, 0)):
                    arguments.append(tokens.pop(0))
                number[word] = number.get(word, 0) + 1
                result.append((word, number[word], arguments))
        return result


# ---- the layers, on rows [n, ...] in double precision ----


def erf(v):
    return np.vectorize(math.erf)(v)


ACTIVATIONS = {
    "relu": lambda v: np.maximum(v, 0),
    "leakyrelu": lambda v, a: np.where(v > 0, v, float(a) * v),
    "sigmoid": lambda v: 1 / (1 + np.exp(-v)),
    "tanh": np.tanh,
    "elu": lambda v: np.where(v > 0, v, np.exp(np.minimum(v, 0)) - 1),
    "gelu": lambda v: v * (1 + erf(v / math.sqrt(2))) / 2,
    "silu": lambda v: v / (1 + np.exp(-v)),
    "dropout": lambda v, p: v,
    "flatten": lambda v: v.reshape(len(v), -1),
    "upsample": lambda v: v.repeat(2, 1).repeat(2, 2),
}


def padding(n, m, kernel, stride):
    return max((m - 1) * stride + kernel - n, 0) // 2


def conv(x, kernel, bias, stride):
    n, height, width, _ = x.shape
    kh, kw = kernel.shape[:2]
    sh, sw = stride
    out_h, out_w = -(-height // sh), -(-width // sw)
    top, left = padding(height, out_h, kh, sh), padding(width, out_w, kw, sw)
    y = np.zeros((n, out_h, out_w, kernel.shape[3])) + bias
    for i in range(out_h):
        for j in range(out_w):
            for u in range(kh):
                for v in range(kw):
                    r, c = i * sh + u - top, j * sw + v - left
                    if 0 <= r < height and 0 <= c < width:
                        y[:, i, j] += x[:, r, c] @ kernel[u, v]
    return y


def convt(x, kernel, bias, stride):
    n, height, width, _ = x.shape
    kh, kw = kernel.shape[:2]
    sh, sw = stride
    out_h, out_w = height * sh, width * sw
    top, left = padding(out_h, height, kh, sh), padding(out_w, width, kw, sw)
    y = np.zeros((n, out_h, out_w, kernel.shape[2])) + bias
    for i in range(height):
        for j in range(width):
            for u in range(kh):
                for v in range(kw):
                    r, c = i * sh + u - top, j * sw + v - left
                    if 0 <= r < out_h and 0 <= c < out_w:
                        y[:, r, c] += x[:, i, j] @ kernel[u, v].T
    return y


def apply(word, t, arguments, x):
    if word == "dense":
        return x.reshape(len(x), -1) @ t["kernel"] + t["bias"]
    if word in ("conv", "convt"):
        stride = [int(s) for s in (arguments[1].split("/") + ["1"])[1].split("x")]
        return (conv if word == "conv" else convt)(x, t["kernel"], t["bias"], (stride * 2)[:2])
    if word in ("conv1d", "convt1d"):  # an image of one row
        stride = 1, int((arguments[1].split("/") + ["1"])[1])
        return (conv if word == "conv1d" else convt)(x[:, None], t["kernel"][None], t["bias"], stride)[:, 0]
    if word == "batchnorm":
        return t["gamma"] * (x - t["mean"]) / np.sqrt(t["variance"] + 0.001) + t["beta"]
    if word == "layernorm":
        mean, variance = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
        return t["gamma"] * (x - mean) / np.sqrt(variance + 0.001) + t["beta"]
    if word == "maxpool":
        h, w = x.shape[1] // 2, x.shape[2] // 2
        return x[:, :2 * h, :2 * w].reshape(len(x), h, 2, w, 2, -1).max((2, 4))
    if word == "reshape":
        return x.reshape([len(x)] + list(map(int, arguments[0].split("x"))))
    return ACTIVATIONS[word](x, *arguments)


def recon(model, x):
    y = model.scale(x).astype(float)
    for word, number, arguments in model.words():
        start = "%s%d." % (word, number)
        tensors = {k[len(start):]: v.astype(float) for k, v in model.tensors.items() if k.startswith(start)}
        y = apply(word, tensors, arguments, y)
    return y


# ---- training of dense layers ----


def philox(seed, stream, n):
    mask = 0xFFFFFFFF
    c = [n & mask, n >> 32, stream & mask, stream >> 32]
    k = [seed & mask, seed >> 32]
    for _ in range(10):
        a, b = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [b >> 32 ^ c[1] ^ k[0], b & mask, a >> 32 ^ c[3] ^ k[1], a & mask]
        k = [k[0] + 0x9E3779B9 & mask, k[1] + 0xBB67AE85 & mask]
    return c


def number(seed, stream, i):
    words = philox(seed, stream, i // 2)[i % 2 * 2:][:2]
    return words[1] << 32 | words[0]


def initial(seed, tensors):
    weights = {}
    for t, (name, shape) in enumerate(tensors):
        weights[name] = np.zeros(shape, F4)
        if name.endswith("kernel"):
            limit = math.sqrt(6 / (shape[0] + shape[1]))
            draws = [(number(seed, (1 << 56) + t, i) >> 11) * 2.0 ** -53 for i in range(shape[0] * shape[1])]
            weights[name] = np.array([(2 * u - 1) * limit for u in draws], F4).reshape(shape)
    return weights


def shuffled(seed, epoch, rows):
    order = list(range(rows))
    for i in range(rows, 1, -1):
        r = number(seed, (2 << 56) + epoch, rows - i) * i >> 64
        order[i - 1], order[r] = order[r], order[i - 1]
    return order


def kept(seed, place, step, rows, n, p):
    """What dropout multiplies the values of a batch by."""
    factors = np.empty((rows, n))
    for r in range(rows):
        for i in range(n):
            words = philox(seed, (3 << 56) + (place << 40) + step, r * -(-n // 4) + i // 4)
            factors[r, i] = 0 if words[i % 4] < int(p * 2.0 ** 32) else 1 / (1 - p)
    return factors


LOSSES = {
    "mse": (lambda d: d ** 2, lambda d: 2 * d),
    "mae": (np.abs, np.sign),
    "huber": (lambda d: np.where(abs(d) <= 1, d ** 2 / 2, abs(d) - 0.5), lambda d: np.clip(d, -1, 1)),
}
SLOPES = {  # by the value of the activation
    "relu": lambda y: y > 0,
    "sigmoid": lambda y: y * (1 - y),
    "tanh": lambda y: 1 - y ** 2,
}


def factor(s, epoch, step, steps):
    p, warmup, kind = epoch + step / steps, s.get("warmup", 0), s.get("schedule", "")
    value = 1.0
    if kind.startswith("cosine"):
        value = (1 + math.cos(math.pi * max(p - warmup, 0) / (s["epochs"] - warmup))) / 2
    elif kind.startswith("step"):
        n, f = kind.split(":")[1].split(",")
        value = float(f) ** (p // int(n))
    return value * (p + 1 / steps) / warmup if p < warmup else value


def train(model, x):
    s = model.sections["training"]
    words = model.words()
    weights = initial(s["seed"], [(name, t.shape) for name, t in model.tensors.items()])
    state = {name: [np.zeros_like(w), np.zeros_like(w)] for name, w in weights.items()}
    x = model.scale(x)
    losses, done, steps = [], 0, -(-len(x) // s["batch"])
    value, slope = LOSSES[s["loss"]]
    for epoch in range(s["epochs"]):
        order, total = shuffled(s["seed"], epoch, len(x)), 0.0
        for step in range(steps):
            batch = x[order[step * s["batch"]:(step + 1) * s["batch"]]].astype(float)
            y, drop = [batch], {}
            for i, (word, n, arguments) in enumerate(words):
                if word == "dropout":
                    drop[i] = kept(s["seed"], i, done, *y[-1].shape, float(arguments[0]))
                    y.append(y[-1] * drop[i])
                    continue
                tensors = {k: weights["%s%d.%s" % (word, n, k)].astype(float)
                           for k in ("kernel", "bias") if word == "dense"}
                y.append(apply(word, tensors, arguments, y[-1]))
            d = y[-1] - batch
            total += value(d).sum()
            dy, gradient = slope(d) / d.size, {}
            for i in range(len(words) - 1, -1, -1):
                word, n, _ = words[i]
                if word == "dense":
                    name = "dense%d." % n
                    gradient[name + "kernel"], gradient[name + "bias"] = y[i].T @ dy, dy.sum(0)
                    dy = dy @ weights[name + "kernel"].astype(float).T
                elif word == "dropout":
                    dy = dy * drop[i]
                else:
                    dy = dy * SLOPES[word](y[i + 1])
            rate = s["lr"] / (1 + s["decay"] * done) * factor(s, epoch, step, steps)
            done += 1
            for name, g in gradient.items():
                weights[name] = update(s, weights[name].astype(float), state[name], g, rate, done)
        losses.append(total / x.size)
    return losses, weights, state


def update(s, w, state, g, rate, t):
    m, v = state
    if s["optimizer"] == "sgd":
        state[0] = s["momentum"] * m - rate * g
        return (w + state[0]).astype(F4)
    if s["optimizer"] == "adamw":
        w = w - rate * s.get("weight_decay", 0.004) * w
    state[0] = (0.9 * m + 0.1 * g).astype(F4)
    state[1] = (0.999 * v + 0.001 * g ** 2).astype(F4)
    return (w - rate * math.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t) * state[0] / (np.sqrt(state[1]) + 1e-7)).astype(F4)


def near(what, a, b, tolerance):
    a, b = np.asarray(a, float), np.asarray(b, float)
    assert a.size == b.size > 0, (what, a.shape, b.shape)
    a, b = a.ravel(), b.ravel()
    apart = (abs(a - b) / np.maximum(1, abs(b))).max()
    print("# %s: at most %.1e apart" % (what, apart))
    if not apart <= tolerance:
        sys.exit("%s: %g apart" % (what, apart))


def check_training(path, x, log):
    model = Model(path)
    losses, weights, state = train(model, x)
    rows = list(csv.DictReader(open(log)))
    assert [int(r["epoch"]) for r in rows] == list(range(1, len(losses) + 1))
    near("loss", losses, [float(r["loss"]) for r in rows], 2e-6)
    for name, w in model.tensors.items():
        near(name, weights[name], w, 2e-5)
    moments = [state[name][i] for i in range(2) for name in model.tensors]
    kept = model.moments
    near("moments", np.concatenate([m.ravel() for m in moments])[:kept.size], kept, 2e-5)


# ---- writing ----


def write(path, rows, sizes):
    """A model of dense layers of these sizes, cut in the middle, and three rows of bytes for it."""
    def message(array):
        body = bytes([0x90 + len(array) + 1]) + b"".join(msgpack.packb(a, use_bin_type=True) for a in array)
        return body + b"\xce" + struct.pack(">I", zlib.crc32(body))

    rng = np.random.RandomState(7)
    layers = ["dense %d" % n for n in sizes[1:]]
    text = ", ".join(layers[:len(layers) // 2]) + " | " + ", ".join(layers[len(layers) // 2:])
    messages = [["input", True, {"shape": sizes[:1], "features": []}], ["network", True, {"text": text}],
                ["training", True, {"loss": "mse", "huber_delta": 1.0, "optimizer": "adam", "lr": 0.001, "decay": 0.0,
                                    "momentum": 0.0, "epochs": 1, "batch": 32, "seed": 0, "missing_mask": False}]]
    for i, (n_in, n_out) in enumerate(zip(sizes, sizes[1:]), 1):
        for name, shape in [("kernel", [n_in, n_out]), ("bias", [n_out])]:
            values = rng.uniform(0, 1, shape).astype("<f4").tobytes()
            messages.append(["tensor", {"name": "dense%d.%s" % (i, name), "shape": shape, "part": 0, "parts": 1}, values])
    with open(path, "wb") as out:
        for m in [["AEMF", 1, {}]] + messages + [["end", {"sections": len(messages)}]]:
            out.write(message(m))
    np.save(rows, rng.randint(0, 256, (3, sizes[0])).astype("u1"))


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "digest":
        print(Model(arguments[0]).digest())
    elif command == "recon":
        np.save(arguments[2], recon(Model(arguments[0]), np.load(arguments[1])))
    elif command == "check":
        near("values", np.load(arguments[1]), np.load(arguments[0]), float(arguments[2]))
    elif command == "train":
        check_training(arguments[0], np.load(arguments[1]), arguments[2])
    else:
        write(arguments[0], arguments[1], [int(n) for n in arguments[2:]])
