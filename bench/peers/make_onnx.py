# SPDX-License-Identifier: MIT
"""Two networks with random weights for ONNX Runtime: make_onnx.py FOLDER writes ecg.onnx and denoiser.onnx there."""
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

random = np.random.default_rng(0)


class Chain:
    """Layers, one after the other."""

    def __init__(self, name, shape):
        self.name, self.shape, self.last, self.nodes, self.weights = name, shape, "x", [], []

    def add(self, kind, weights, activation, **attributes):
        n = len(self.nodes)
        bias = weights[1] if kind in ("Gemm", "ConvTranspose") else weights[0]
        for name, shape in ((f"w{n}", weights), (f"b{n}", (bias,))):
            values = (random.standard_normal(shape) * 0.1).astype("f")
            self.weights.append(numpy_helper.from_array(values, name))
        self.nodes.append(helper.make_node(kind, [self.last, f"w{n}", f"b{n}"], [f"sum{n}"], **attributes))
        self.nodes.append(helper.make_node(activation, [f"sum{n}"], [f"y{n}"]))
        self.last = f"y{n}"

    def save(self, folder):
        ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, ["N", *self.shape]) for name in ("x", self.last)]
        graph = helper.make_graph(self.nodes, self.name, ends[:1], ends[1:], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
        model.ir_version = 8
        onnx.checker.check_model(model)
        onnx.save(model, str(Path(folder) / f"{self.name}.onnx"))


ecg = Chain("ecg", (140,))
sizes = (140, 32, 16, 8, 16, 32, 140)
for inputs, outputs in zip(sizes, sizes[1:]):
    ecg.add("Gemm", (inputs, outputs), "Sigmoid" if ecg.nodes and outputs == 140 else "Relu")
ecg.save(sys.argv[1])

denoiser = Chain("denoiser", (1, 28, 28))
half = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [0, 0, 1, 1]}
denoiser.add("Conv", (16, 1, 3, 3), "Relu", **half)
denoiser.add("Conv", (8, 16, 3, 3), "Relu", **half)
denoiser.add("ConvTranspose", (8, 8, 3, 3), "Relu", **half)
denoiser.add("ConvTranspose", (8, 16, 3, 3), "Relu", **half)
denoiser.add("Conv", (1, 16, 3, 3), "Sigmoid", kernel_shape=[3, 3], pads=[1, 1, 1, 1])
denoiser.save(sys.argv[1])
