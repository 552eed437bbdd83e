#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes train.h, the numbers that test_train.c expects: PyTorch's gradients in double precision under Keras's rules.

    /usr/bin/python3 train.py > train.h
"""
import math
import torch

torch.set_default_dtype(torch.float64)
ROWS, BATCH, EPOCHS = 10, 4, 3
SIZES = (3, 4, 3)


def weights():
    out, k = [], 0
    for n_in, n_out in zip(SIZES, SIZES[1:]):
        n = (n_in + 1) * n_out
        out += [torch.tensor([math.sin(k + i + 1) / 2 for i in range(n)]).float().double()]
        k += n
    return [w.requires_grad_() for w in out]


def forward(x, ws):
    for i, w in enumerate(ws):
        n_in, n_out = SIZES[i], SIZES[i + 1]
        x = x @ w[: n_in * n_out].reshape(n_in, n_out) + w[n_in * n_out:]
        x = torch.tanh(x) if i == 0 else torch.sigmoid(x)
    return x


def data():
    return torch.tensor([[(1 + math.cos(3 * r + c + 1)) / 2 for c in range(3)] for r in range(ROWS)]).float().double()


LOSSES = {
    "mse": torch.nn.functional.mse_loss,
    "mae": torch.nn.functional.l1_loss,
    "bce": lambda y, t: torch.nn.functional.binary_cross_entropy(torch.clamp(y, 1e-7, 1 - 1e-7), t),
    "cosine": lambda y, t: (1 - torch.nn.functional.cosine_similarity(y, t, dim=1)).mean(),
    "huber": lambda y, t: torch.nn.functional.huber_loss(y, t, delta=0.25),
}


def kept(loss_name, y, t, trim):
    """The rows but that share of them, rounded down, that has the largest losses; the later of equals goes."""
    losses = [LOSSES[loss_name](y[i:i + 1], t[i:i + 1]).item() for i in range(len(y))]
    worst = sorted(range(len(y)), key=lambda i: (-losses[i], -i))[:math.floor(trim * len(y))]
    return [i for i in range(len(y)) if i not in worst]


def train(optimizer, loss_name, lr, decay, momentum, weight_decay=0.0, trim=0.0):
    ws, x = weights(), data()
    state = [(torch.zeros_like(w), torch.zeros_like(w)) for w in ws]
    step, losses = 0, []
    for _ in range(EPOCHS):
        total, count = 0.0, 0
        for at in range(0, ROWS, BATCH):
            part = x[at:at + BATCH]
            y = forward(part, ws)
            rows = kept(loss_name, y.detach(), part, trim)
            loss = LOSSES[loss_name](y[rows], part[rows])
            total += loss.item() * len(rows)
            count += len(rows)
            grads = torch.autograd.grad(loss, ws)
            rate, t = lr / (1 + decay * step), step + 1
            with torch.no_grad():
                for w, g, (m, v) in zip(ws, grads, state):
                    if optimizer == "adamw":
                        w -= w * weight_decay * rate
                    if optimizer.startswith("adam"):
                        m.mul_(0.9).add_(0.1 * g)
                        v.mul_(0.999).add_(0.001 * g * g)
                        alpha = rate * math.sqrt(1 - 0.999 ** t) / (1 - 0.9 ** t)
                        w -= alpha * m / (v.sqrt() + 1e-7)
                    else:
                        m.mul_(momentum).sub_(rate * g)
                        w += m
            step += 1
        losses.append(total / count)
    return losses, torch.cat([w.detach() for w in ws]).tolist()


CASES = [
    ("adam", "mse", 0.01, 0.0, 0.0),
    ("adam", "mae", 0.02, 0.1, 0.0),
    ("adam", "huber", 0.01, 0.0, 0.0),
    ("adamw", "mse", 0.02, 0.0, 0.0, 0.3),
    ("adam", "bce", 0.02, 0.0, 0.0),
    ("sgd", "bce", 0.5, 0.0, 0.0),
    ("adam", "cosine", 0.02, 0.0, 0.0),
    ("sgd", "cosine", 0.5, 0.0, 0.0),
    ("sgd", "mse", 0.5, 0.0, 0.0),
    ("sgd", "mse", 0.2, 0.05, 0.9),
    ("adam", "mse", 0.02, 0.0, 0.0, 0.0, 0.25),
    ("sgd", "mae", 0.2, 0.0, 0.9, 0.0, 0.5),
    ("adam", "bce", 0.02, 0.0, 0.0, 0.0, 0.75),
    ("sgd", "cosine", 0.5, 0.0, 0.0, 0.0, 0.5),
]
print("/* SPDX-License-Identifier: MIT */\n/* Made by train.py; do not edit. */")
print("static const struct {\n\tconst char *optimizer;\n\tconst char *loss;\n\tdouble lr, decay, momentum, weight_decay, trim;")
print(f"\tdouble losses[{EPOCHS}];\n\tdouble weights[{sum((a + 1) * b for a, b in zip(SIZES, SIZES[1:]))}];\n}} cases[] = {{")
for case in CASES:
    losses, final = train(*case)
    print(f"\t{{\"{case[0]}\", \"{case[1]}\", " + ", ".join(str(v) for v in (*case[2:], 0.0, 0.0)[:5]) + ",")
    print("\t\t{" + ", ".join(f"{v:.10f}" for v in losses) + "},")
    for i in range(0, len(final), 6):
        print(("\t\t{" if i == 0 else "\t\t\t") + ", ".join(f"{v:.10f}" for v in final[i:i + 6])
              + ("}}," if i + 6 >= len(final) else ","))
print("};")
