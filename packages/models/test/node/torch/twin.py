"""Loads a file by PyTorch, strictly, into the twin of smallCnn({ widths: [4, 8] }), and prints what it held and the logits."""

import json, sys

import torch

file, images = sys.argv[1:]
state = torch.load(file, weights_only=True)
twin = torch.nn.Sequential()
widths = [3, 4, 8]
for index, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
    convolution = torch.nn.Conv2d(inputs, outputs, 3, stride=index + 1, padding=1, bias=False)
    twin.add_module(f"conv{index + 1}", convolution)
    twin.add_module(f"bn{index + 1}", torch.nn.BatchNorm2d(outputs))
    twin.add_module(f"relu{index + 1}", torch.nn.ReLU())
twin.add_module("pool", torch.nn.AdaptiveAvgPool2d(1))
twin.add_module("flatten", torch.nn.Flatten())
twin.add_module("linear", torch.nn.Linear(8, 10))
twin.load_state_dict(state)
x = torch.frombuffer(bytearray(open(images, "rb").read()), dtype=torch.float32).reshape(2, 3, 8, 8)
with torch.no_grad():
    logits = twin.eval()(x).flatten().tolist()
kinds = {name: f"{tensor.dtype} {list(tensor.shape)} {tensor.is_contiguous()}" for name, tensor in state.items()}
print(json.dumps({"type": type(state).__name__, "kinds": kinds, "logits": logits}))
