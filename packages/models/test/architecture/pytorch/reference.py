"""Builds the networks that standard input describes, and writes their random weights and what they compute.

Each line is a JSON object: `name`, `network` (a key of NETWORKS), `arguments`, and the `size` and `channels` of the
images. Writes the state dict in both of PyTorch's formats, NAME.pt and NAME-legacy.pt, and NAME-results.pt: images
`[batch, height, width, channels]`, logits, the gradient of the sum of logits · weights in the images; the logits in
training mode, and the buffers after it. All that is computed in double precision, so that a deviation from it is ours;
`single` are PyTorch's float32 logits.
"""

import json
import sys
import warnings
from pathlib import Path

warnings.filterwarnings("ignore")
import torch  # noqa: E402

from networks import NETWORKS, MeanSparse  # noqa: E402


def randomize(network, images):
    """Random norms, then statistics that are the batch's own, disturbed, so that logits are of order one."""
    norms = [m for m in network.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.weight.data.uniform_(0.5, 1.5)
        norm.bias.data.normal_(0, 0.2)
        norm.momentum = 1.0
    network.train()(images)
    for norm, momentum in zip(norms, momenta):
        norm.momentum = momentum
        norm.running_mean += 0.1 * norm.running_var.sqrt() * torch.randn_like(norm.running_mean)
        norm.running_var *= torch.empty_like(norm.running_var).uniform_(0.7, 1.4)
    for sparse in (m for m in network.modules() if isinstance(m, MeanSparse)):
        sparse.running_mean.normal_(0, 0.3)
        sparse.running_var.uniform_(0.5, 1.5)
        sparse.threshold.fill_(0.2)


def nhwc(x):
    return x.permute(0, 2, 3, 1)


def results(network, images):
    images.requires_grad_()
    logits = network.eval()(images)
    weights = torch.randn(logits.shape).double()
    (gradient,) = torch.autograd.grad((logits * weights).sum(), images)
    return {"images": nhwc(images), "logits": logits, "weights": weights, "gradient": nhwc(gradient)}


def main(folder):
    torch.set_num_threads(1)
    for seed, line in enumerate(sys.stdin):
        case = json.loads(line)
        torch.manual_seed(seed)
        network = NETWORKS[case["network"]](**case["arguments"])
        shape = case.get("channels", 3), case["size"], case["size"]
        randomize(network, torch.rand(24, *shape))
        images = torch.rand(3, *shape)
        state = {name: value.clone() for name, value in network.state_dict().items()}
        torch.save(state, folder / f"{case['name']}.pt")
        torch.save({"state_dict": state}, folder / f"{case['name']}-legacy.pt", _use_new_zipfile_serialization=False)
        single = network.eval()(images)
        network, images = network.double(), images.double()
        found = {**results(network, images), "single": single}
        found["train"] = network.train()(images)
        moved = network.state_dict()
        found.update({f"moved.{name}": moved[name] for name in moved if name.endswith(("running_mean", "running_var"))})
        torch.save({name: value.detach().float() for name, value in found.items()}, folder / f"{case['name']}-results.pt")


main(Path(sys.argv[1]))
