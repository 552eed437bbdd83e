# SPDX-License-Identifier: MIT
"""Training steps of the image networks in PyTorch: a peer of bench.

usage: torch_images.py [--threads N] [--seed N] fashion|denoiser|photos|wide

Trains on random numbers of the right shape and times each step (gathering the batch, forward, loss, backward, Adam)
after one that warms up; at least two, and no new one after ten seconds. Says the median of their seconds. Faithful to Keras: glorot-uniform kernels, zero biases, Adam with
epsilon 1e-7, TensorFlow's 'same' padding, batch normalisation with momentum 0.99 and epsilon 1e-3, shuffled batches.
"""

import argparse
import statistics
import time

import torch
from torch import nn
from torch.nn import functional

BATCH = 32
LONGEST = 10.0


class Conv(nn.Conv2d):
    """3x3. Two apart and of even size, 'same' is nothing before and one after."""

    def __init__(self, inputs, outputs, stride):
        super().__init__(inputs, outputs, 3, stride, padding=1 if stride == 1 else 0)

    def forward(self, x):
        return super().forward(x if self.stride[0] == 1 else functional.pad(x, (0, 1, 0, 1)))


class Transposed(nn.ConvTranspose2d):
    """3x3, two apart: twice the size."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, 3, 2)

    def forward(self, x):
        return super().forward(x)[..., :-1, :-1]


def normalised(convolution):
    return [convolution, nn.LeakyReLU(0.3), nn.BatchNorm2d(convolution.out_channels, eps=1e-3, momentum=0.01)]


def fashion():
    rows = torch.rand(6400, 784)
    layers = [nn.Linear(784, 64), nn.ReLU(), nn.Linear(64, 784), nn.Sigmoid()]
    return layers, rows, rows, 200


def denoiser():
    clean = torch.rand(3200, 1, 28, 28)
    noisy = (clean + 0.2 * torch.randn_like(clean)).clamp(0, 1)
    layers = [Conv(1, 16, 2), nn.ReLU(), Conv(16, 8, 2), nn.ReLU()]
    layers += [Transposed(8, 8), nn.ReLU(), Transposed(8, 16), nn.ReLU(), Conv(16, 1, 1), nn.Sigmoid()]
    return layers, noisy, clean, 100


def photos():
    rows = torch.rand(64, 3, 256, 256)
    layers = normalised(Conv(3, 16, 2)) + normalised(Conv(16, 32, 2)) + normalised(Conv(32, 64, 2))
    layers += [nn.Flatten(), nn.Linear(65536, 32), nn.Linear(32, 65536), nn.Unflatten(1, (64, 32, 32))]
    layers += normalised(Transposed(64, 64)) + normalised(Transposed(64, 32)) + normalised(Transposed(32, 16))
    layers += [Conv(16, 3, 1), nn.Sigmoid()]
    return layers, rows, rows, 2


def wide():
    rows = torch.rand(5120, 2000)
    layers = [nn.Linear(2000, 500), nn.ReLU(), nn.Linear(500, 2000)]
    return layers, rows, rows, 40


def batches(count, size):
    while True:
        yield from torch.randperm(count).split(size)


def main():
    workloads = {workload.__name__: workload for workload in (fashion, denoiser, photos, wide)}
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("workload", choices=workloads)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)

    layers, inputs, targets, steps = workloads[options.workload]()
    model = nn.Sequential(*layers)
    for layer in model:
        if isinstance(layer, (nn.Linear, nn.Conv2d, nn.ConvTranspose2d)):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    adam = torch.optim.Adam(model.parameters(), lr=0.001, eps=1e-7)

    seconds = []
    order = batches(len(inputs), 512 if options.workload == "wide" else BATCH)
    while len(seconds) < 3 or (len(seconds) < 1 + steps and sum(seconds) < LONGEST):
        rows = next(order)
        start = time.perf_counter()
        batch = inputs[rows]
        target = batch if targets is inputs else targets[rows]
        adam.zero_grad(set_to_none=True)
        loss = functional.mse_loss(model(batch), target)
        loss.backward()
        adam.step()
        loss.item()
        seconds.append(time.perf_counter() - start)
    print("seconds", f"{statistics.median(seconds[1:]):.9f}")


if __name__ == "__main__":
    main()
