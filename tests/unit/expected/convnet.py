#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Makes convnet.h, the numbers that test_convnet.c expects: PyTorch's outputs, losses and gradients in double precision
under Keras's rules ('same' padding with the odd pixel after, transposed convolution as the gradient of that convolution,
biased variance throughout).

    /usr/bin/python3 convnet.py > convnet.h
"""
import math
import torch
import torch.nn.functional as F

torch.set_default_dtype(torch.float64)

# Network text, input shape, rows.
CASES = [
    ("conv 2 3x3 tanh, conv 1 3x3/2 |", (5, 4, 1), 3),
    ("conv 3 3x3/2 tanh | convt 2 3x3/2", (6, 5, 2), 2),
    ("conv 2 2x5/2 sigmoid, convt 1 5x2/2 |", (7, 6, 1), 2),
    ("conv 2 1x1/2 tanh, convt 2 1x1/2, conv 1 7x1 |", (5, 3, 1), 2),
    ("convt 2 7x7 elu, conv 1 4x6/2 |", (3, 4, 2), 2),
    ("conv 2 3x3/2 tanh batchnorm, dense 3 batchnorm tanh | dense 8, reshape 2x2x2, convt 1 3x3/2 |".rstrip(" |"),
     (4, 4, 1), 18),
    ("conv 2 3x3 maxpool tanh, upsample, conv 1 2x2 |", (5, 6, 1), 2),
    ("dense 4 tanh batchnorm | dense 5 batchnorm sigmoid", (5,), 7),
    ("conv 3 3x3 leakyrelu:0.3 batchnorm, convt 2 3x3/2 batchnorm, conv 2 3x3/2 relu batchnorm, conv 1 2x5 |",
     (5, 4, 1), 18),
    ("conv 3 3x3/2 relu, conv 2 3x3 leakyrelu:0.3 | convt 2 3x3/2 relu, convt 3 2x3 leakyrelu:0.3, conv 1 3x3",
     (5, 4, 2), 19),
    ("batchnorm, convt 2 5x2 tanh batchnorm | conv 1 3x3/2 batchnorm, convt 1 1x1/2", (4, 5, 1), 7),
    ("dense 6 layernorm gelu, dense 5 silu | dense 4 gelu layernorm", (5,), 7),
    ("layernorm, conv 3 3x3/2 gelu layernorm | convt 4 3x3/2 layernorm silu, conv 2 3x3 gelu maxpool layernorm",
     (6, 5, 2), 18),
    ("conv1d 3 7/2 relu, conv1d 2 4/3 tanh | convt1d 3 7/3 relu, convt1d 2 5/2 sigmoid, convt1d 1 3", (13, 2), 17),
    ("conv1d 2 31 tanh batchnorm, conv1d 3 2/5 relu batchnorm | convt1d 2 1/4 layernorm, dense 6, reshape 3x2, "
     "convt1d 3 30/7", (9, 1), 18),
    ("conv 3 9x2/3x1 tanh, conv 2 1x11/1x2 relu | convt 3 2x3/1x4 batchnorm, conv 2 1x1/5x4", (7, 6, 2), 18),
]


def wave(n, k):
    return torch.tensor([math.sin(k + 1.7 * i + 0.001 * i * i) / 2 for i in range(n)]).float().double()


def same(size, kernel, stride):
    out = -(-size // stride)
    total = max((out - 1) * stride + kernel - size, 0)
    return out, total // 2, total - total // 2


class Net:
    """Takes its weights off one flat vector, in the order of the layers."""

    def __init__(self, text, shape, w):
        self.text, self.shape, self.w, self.at, self.untrained = text, shape, w, 0, []

    def take(self, *shape):
        n = math.prod(shape)
        self.at += n
        return self.w[self.at - n:self.at].reshape(shape)

    def run(self, x, training):
        self.at = 0
        x = x.movedim(-1, 1)
        words = self.text.replace("|", ",").replace(",", " ").split()
        i = 0
        while i < len(words):
            used, x = self.step(words[i], words[i + 1:i + 3], x, training)
            i += 1 + used
        return x.movedim(1, -1)

    def step(self, name, args, x, training):
        if name in ("conv", "convt"):
            out, (size, _, stride) = int(args[0]), args[1].partition("/")
            kh, kw = map(int, size.split("x"))
            strides = [int(s) for s in (stride or "1").split("x")]
            (sh, sw), c = (strides * 2)[:2], x.shape[1]
            if name == "conv":
                _, top, bottom = same(x.shape[2], kh, sh)
                _, left, right = same(x.shape[3], kw, sw)
                w = self.take(kh, kw, c, out).permute(3, 2, 0, 1).contiguous()
                return 2, F.conv2d(F.pad(x, (left, right, top, bottom)), w, self.take(out), (sh, sw))
            # The gradient, by autograd, of the convolution that leads the other way.
            h, wd = x.shape[2] * sh, x.shape[3] * sw
            _, top, bottom = same(h, kh, sh)
            _, left, right = same(wd, kw, sw)
            w = self.take(kh, kw, out, c).permute(3, 2, 0, 1).contiguous()
            y = F.conv_transpose2d(x, w, None, (sh, sw))
            y = F.pad(y, (0, max(0, left + wd - y.shape[3]), 0, max(0, top + h - y.shape[2])))
            return 2, y[:, :, top:top + h, left:left + wd] + self.take(out).reshape(1, -1, 1, 1)
        if name in ("conv1d", "convt1d"):
            out, (k, _, stride) = int(args[0]), args[1].partition("/")
            k, s, c, n = int(k), int(stride or 1), x.shape[1], x.shape[2]
            if name == "conv1d":
                w = self.take(k, c, out).permute(2, 1, 0).contiguous()
                return 2, F.conv1d(F.pad(x, same(n, k, s)[1:]), w, self.take(out), s)
            left = same(n * s, k, s)[1]
            w = self.take(k, out, c).permute(2, 1, 0).contiguous()
            y = F.conv_transpose1d(x, w, None, s)
            y = F.pad(y, (0, max(0, left + n * s - y.shape[2])))
            return 2, y[:, :, left:left + n * s] + self.take(out).reshape(1, -1, 1)
        if name == "dense":
            x = x.movedim(1, -1)
            x = x.reshape(x.shape[0], -1)
            n = int(args[0])
            return 1, x @ self.take(x.shape[1], n) + self.take(n)
        if name == "reshape":
            return 1, x.movedim(1, -1).reshape(-1, *map(int, args[0].split("x"))).movedim(-1, 1)
        if name == "batchnorm":
            c, dims = x.shape[1], [0] + list(range(2, x.dim()))
            shape = [1, c] + [1] * (x.dim() - 2)
            gamma, beta = self.take(c), self.take(c)
            begin = self.at
            mean, var = self.take(c), self.take(c)
            if training:
                m, v = x.mean(dims), x.var(dims, unbiased=False)
                self.untrained.append((begin, torch.cat([0.99 * mean + 0.01 * m, 0.99 * var + 0.01 * v])))
                mean, var = m, v
            x = (x - mean.reshape(shape)) / (var.reshape(shape) + 1e-3).sqrt()
            return 0, x * gamma.reshape(shape) + beta.reshape(shape)
        if name == "layernorm":
            last = x.movedim(1, -1)
            c = last.shape[-1]
            return 0, F.layer_norm(last, (c,), self.take(c), self.take(c), 1e-3).movedim(-1, 1)
        return 0, {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "elu": F.elu, "relu": torch.relu,
                   "gelu": F.gelu, "silu": F.silu,
                   "leakyrelu:0.3": lambda x: F.leaky_relu(x, 0.3),
                   "maxpool": lambda x: F.max_pool2d(x, 2, 2), "upsample": lambda x: F.interpolate(x, scale_factor=2),
                   }[name](x)


def count(text, shape):
    net = Net(text, shape, torch.ones(100000))
    out = net.run(torch.zeros(2, *shape), False)
    return net.at, out.shape[1:]


def array(name, values):
    print(f"static const double {name}[] = {{")
    line = "\t"
    for v in values.detach().flatten().tolist():
        word = f"{v:.9g}, "
        if len(line.expandtabs(8)) + len(word) > 118:
            print(line.rstrip())
            line = "\t"
        line += word
    print(line.rstrip() + "\n};")


def main():
    print("/* SPDX-License-Identifier: MIT */\n/* Made by convnet.py with PyTorch. */\n#include \"core/tensor.h\"\n")
    rows = []
    for k, (text, shape, n) in enumerate(CASES):
        weights, out = count(text, shape)
        # Variances of batchnorm have to be positive: all weights are, around 0.3.
        w = (wave(weights, k) + (0.7 if "batchnorm" in text else 0)).float().double().requires_grad_()
        x = wave(n * math.prod(shape), 2 + k).reshape(n, *shape)
        target = wave(n * math.prod(out), 5 + k).reshape(n, *out)
        net = Net(text, shape, w)
        applied = net.run(x, False)
        loss = F.mse_loss(net.run(x, True), target)
        after = w.detach() - torch.autograd.grad(loss, w)[0]
        for begin, values in net.untrained:
            after[begin:begin + len(values)] = values.detach()
        array(f"applied{k}", applied)
        array(f"after{k}", after)
        dims = ", ".join(map(str, shape))
        rows.append(f'\t{{"{text}",\n\t\t{{.rank = {len(shape)}, .dim = {{{dims}}}}}, {n}, {weights}, {math.prod(out)},'
                    f' {loss.item():.12g}, applied{k}, after{k}}},')
    print("""
/* Weights w[i] and inputs are wave(i, k) and wave(i, 2 + k), targets wave(i, 5 + k), for case number k; weights 0.7 more
   with batchnorm. applied: the outputs; loss: of the first step; after: the weights after one step of sgd at rate 1. */
static const struct {
	const char *text;
	struct ae_shape input;
	size_t rows, weights, out;
	double loss;
	const double *applied, *after;
} cases[] = {""")
    print("\n".join(rows))
    print("};")


main()
