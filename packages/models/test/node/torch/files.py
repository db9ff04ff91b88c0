"""Writes files by PyTorch into the folder that is named, in both formats, and what is in them as expected.json."""

import argparse, collections, json, sys
from pathlib import Path

import numpy as np
import torch

folder = Path(sys.argv[1])
expected = {}


def bits(tensor):
    tensor = tensor.detach().contiguous()
    values = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
    return {"dtype": str(tensor.dtype)[6:], "shape": list(tensor.shape), "bytes": values.numpy().tobytes().hex()}


def save(name, value, tensors=None, key=None, **options):
    tensors = value if tensors is None else tensors
    for suffix, new in [("zip", True), ("legacy", False)]:
        file = f"{name}-{suffix}.pt"
        torch.save(value, folder / file, _use_new_zipfile_serialization=new, **options)
        expected[file] = {"key": key, "tensors": {name: bits(tensor) for name, tensor in tensors.items()}}


torch.manual_seed(0)
types = "float64 float32 float16 bfloat16 int64 int32 int16 int8 uint8 bool".split()
values = torch.tensor([[0.0, 1.5, -2.25], [3e-5, 100.0, 7.0]], dtype=torch.float64)
save("types", {name: values.to(getattr(torch, name)) for name in types})
special = torch.tensor([float("nan"), float("inf"), -0.0, 6e-8, 65504.0])
save("special", {name: special.to(getattr(torch, name)) for name in types[:4]})

base = torch.arange(120, dtype=torch.float32).reshape(2, 3, 4, 5)
save("views", {
    "transposed": base.permute(3, 1, 0, 2), "part": base[:, 1:, ::2, 3], "expanded": base[0, 0, 0].expand(3, 2, 5),
    "from the middle": base.flatten()[17:29], "same": base, "narrow": base[1, 2, 3, 4], "empty": base[:0],
    "channels last": torch.randn(8, 3, 3, 3).contiguous(memory_format=torch.channels_last), "scalar": torch.tensor(2.5),
    "expanded scalar": torch.tensor(True).expand(2, 2), "empty of one": torch.zeros(0), "count": torch.tensor(2**40 + 1),
})

network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(4, 2))
network(torch.randn(2, 3, 3, 3))
weights = network.state_dict()  # with its _metadata
save("network", weights)
save("protocol-4", weights, pickle_protocol=4)
other = collections.OrderedDict((name, tensor + 1) for name, tensor in weights.items())
optimizer = torch.optim.Adam(network.parameters())
network(torch.randn(2, 3, 3, 3)).sum().backward()
optimizer.step()
progress = {
    "epoch": 3, "best": np.float64(0.5), "accuracy": np.float32(0.25), "history": [{"loss": 1.0}], "shape": torch.Size([1, 2]),
    "optimizer": optimizer.state_dict(), "arguments": argparse.Namespace(lr=0.1, path=Path("/data")), "rng": torch.get_rng_state(),
    "numpy": np.random.get_state(), "seen": {1, 2}, "counts": collections.defaultdict(int, a=1), "device": torch.device("cpu"),
    "dtype": torch.float16, "array": np.arange(3), "counter": collections.Counter("abca"),
}
weights = collections.OrderedDict((name, tensor.clone()) for name, tensor in network.state_dict().items())
for key in ["state_dict", "model_state_dict", "model", "net", "last", "ema", "anything"]:
    save(f"under {key}", {**progress, key: weights}, weights)
save("dmat", {**progress, "unaveraged_model_state_dict": other, "model_state_dict": weights}, weights)
save("usual", {**progress, "ema": other, "best": other, "net": other, "state_dict": weights}, weights)
save("named", {"unaveraged_model_state_dict": other, "model_state_dict": weights}, other, "unaveraged_model_state_dict")
save("dotted", {**progress, "nets": {"best.last": {"ema": other}, "x": 1}}, other, "nets.best.last")
save("parameters", dict(network.named_parameters()))
attributed = torch.nn.Parameter(torch.ones(2))
attributed.note = "a note"
save("attributes", {"weight": attributed}, {"weight": torch.ones(2)})
for prefix in ["module.", "model.", "_orig_mod.", "module._orig_mod.model."]:
    save(f"wrapped by {prefix}", {prefix + name: tensor for name, tensor in weights.items()})

Path(folder / "expected.json").write_text(json.dumps(expected))
