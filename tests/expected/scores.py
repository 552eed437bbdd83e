#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""What ae-model(5) and ae-err(1) say of scores, in NumPy and scikit-learn.

    scores.py stats MODEL LATENT.csv     fails where the section "latent" is not what scikit-learn's OAS gives
    scores.py err MODEL ROWS.csv METRIC...     fails where METRIC.csv is not the scores of rows with x, recon and latent;
                                         METRIC is as the lineage has it: mae,standardise,worst:0.1,last
    scores.py digest MODEL ERR.aes METRIC      fails where the stream has not the digest of the statistics used
    scores.py latent-of MODEL OTHER OUT        writes MODEL with the section "latent" of OTHER, as versions do that do not
                                         know it and train MODEL on
    scores.py no-digest MODEL OUT        writes MODEL with a section "latent" that does not say whose it is

scores.bats uses it.
"""
import hashlib
import struct
import sys
import zlib

import msgpack
import numpy as np

from from_pages import Model, near


def columns(path, prefix):
    """The columns of f32 whose names begin so, [rows, columns]."""
    with open(path) as f:
        names = f.readline().rstrip("\n").split(",")
        rows = [line.rstrip("\n").split(",") for line in f]
    take = [i for i, name in enumerate(names) if name.startswith(prefix)]
    return np.array([[float(row[i] or "nan") for i in take] for row in rows]).astype("f4").astype(float)


def latent_stats(model):
    """Mean and covariance of the section."""
    s = model.sections["latent"]
    mean = np.frombuffer(s["mean"], "<f8")
    covariance = np.zeros((mean.size, mean.size))
    covariance[np.tril_indices(mean.size)] = np.frombuffer(s["covariance"], "<f8")
    return mean, covariance + np.tril(covariance, -1).T


def check_stats(path, latents):
    from sklearn.covariance import OAS  # here, as it is slow to load

    model, z = Model(path), columns(latents, "latent")
    s, (mean, covariance) = model.sections["latent"], latent_stats(model)
    assert sorted(s) == ["covariance", "digest", "mean", "rows", "shrinkage"] and s["rows"] == len(z)
    assert s["digest"].hex() == model.digest()
    if (z == z[0]).all():
        wanted, shrinkage = np.eye(z.shape[1]), 1
    else:
        oas = OAS().fit(z)
        wanted, shrinkage = oas.covariance_, oas.shrinkage_
    unit = np.sqrt(np.outer(np.diag(wanted), np.diag(wanted)))
    near("mean", (mean - z.mean(0)) / np.sqrt(np.diag(wanted)), np.zeros(mean.size), 1e-9)
    near("covariance", covariance / unit, wanted / unit, 1e-9)
    near("shrinkage", s["shrinkage"], shrinkage, 1e-9)
    assert np.linalg.eigvalsh(covariance).min() > 0


def score(model, rows, word):
    metric, *modifiers = word.split(",")
    z, y = columns(rows, "latent"), columns(rows, "recon")
    x = columns(rows, ("x.", *"abcdef"))
    errors = model.sections["errors"]
    gap, rms = abs(y - x), np.hypot(np.frombuffer(errors["mean"], "<f8"), np.frombuffer(errors["sd"], "<f8"))
    if metric in ("t2", "t2q"):
        s, (mean, covariance) = model.sections["latent"], latent_stats(model)
        t2 = np.einsum("ri,ij,rj->r", z - mean, np.linalg.inv(covariance), z - mean)
        if metric == "t2":
            return t2
        shrunk = s["shrinkage"] * np.trace(covariance) / mean.size
        sample = (covariance - shrunk * np.eye(mean.size)) / (1 - s["shrinkage"])
        return t2 / np.trace(np.linalg.solve(covariance, sample)) + (gap ** 2).mean(1) / (rms ** 2).mean()
    for modifier in modifiers:
        if modifier == "standardise":
            gap = gap / np.maximum(rms, np.median(rms) / 10)
    for modifier in modifiers:
        if modifier == "last":
            gap = gap[:, -6:]
    for modifier in modifiers:
        if modifier.startswith("worst"):
            k = int(np.ceil(gap.shape[1] * float(modifier.split(":")[1]) - 1e-9))
            gap = np.sort(gap)[:, -k:]
    return {"mae": gap.mean(1), "mse": (gap ** 2).mean(1), "rmse": np.sqrt((gap ** 2).mean(1)), "max": gap.max(1)}[metric]


def check_digest(path, stream, word):
    sections, parts = Model(path).sections, []
    if word.startswith("t2"):
        parts += [sections["latent"]["mean"], sections["latent"]["covariance"]]
    if word == "t2q":
        parts.append(struct.pack("<d", sections["latent"]["shrinkage"]))
    if word != "t2":
        parts += [sections["errors"]["mean"], sections["errors"]["sd"]]
    digest = hashlib.sha256(b"".join(len(part).to_bytes(8, "little") + part for part in parts)).digest()
    assert b"stats\xc4\x20" + digest in open(stream, "rb").read(), word


def messages(path):
    data, at = open(path, "rb").read(), 0
    unpacker = msgpack.Unpacker(raw=False, max_buffer_size=0)
    unpacker.feed(data)
    for message in unpacker:
        yield message, data[at:unpacker.tell()]
        at = unpacker.tell()


def with_latent(path, out, section):
    with open(out, "wb") as f:
        for message, data in messages(path):
            f.write(section if message[0] == "latent" else data)


def latent_of(path, other, out):
    with_latent(path, out, next(data for message, data in messages(other) if message[0] == "latent"))


def no_digest(path, out):
    section = next(message for message, _ in messages(path) if message[0] == "latent")
    del section[2]["digest"]
    head = msgpack.packb(section[:3] + [0])[:-1]
    with_latent(path, out, head + b"\xce" + struct.pack(">I", zlib.crc32(head)))


if __name__ == "__main__":
    command, arguments = sys.argv[1], sys.argv[2:]
    if command == "stats":
        check_stats(*arguments)
    elif command == "digest":
        check_digest(*arguments)
    elif command == "latent-of":
        latent_of(*arguments)
    elif command == "no-digest":
        no_digest(*arguments)
    else:
        path, rows, *words = arguments
        for word in words:
            wanted = score(Model(path), rows, word)
            near(word, np.loadtxt(word + ".csv", skiprows=1) / wanted, np.ones(wanted.size), 1e-6)
