"""What is timed: a function of nothing for each figure, in the form of the reference script or tuned."""

import contextlib

import torch
import torch.nn.functional as F

from step import OfficialStep, TunedStep

FIGURES = ("forward", "input-gradient", "all-gradients", "step")
FORMS = ("official", "tuned")


def batch_of(size, device, channels_last):
    generator = torch.Generator().manual_seed(1)
    x = torch.rand((size, 3, 32, 32), generator=generator).to(device)
    y = (torch.arange(size) % 10).to(device)
    return (x.contiguous(memory_format=torch.channels_last) if channels_last else x), y


def official(what, model, batch, device):
    """NCHW, float32, and the gradient of the input only together with those of all weights."""
    model.to(device).train()
    x, y = batch_of(batch, device, channels_last=False)
    if what == "step":
        step = OfficialStep(model)
        return lambda: step(x, y)
    return figure(what, model, x, y, model, contextlib.nullcontext, inputs_only=False)


def tuned(what, model, batch, device, compiled):
    """channels_last, no gradient that is not asked for; on CUDA bf16 where the arithmetic allows it."""
    model.to(device, memory_format=torch.channels_last).train()
    x, y = batch_of(batch, device, channels_last=True)
    cuda = device == "cuda"
    # Casts are not kept from one pass to the next: the weights move, and a recorded graph replays them.
    precision = bf16 if cuda and torch.cuda.is_bf16_supported() else contextlib.nullcontext
    forward = torch.compile(model) if compiled else model
    if what == "step":
        step = TunedStep(model, forward, precision)
        return lambda: step(x, y)
    return figure(what, model, x, y, forward, precision, inputs_only=True)


def bf16():
    return torch.autocast("cuda", dtype=torch.bfloat16)


def figure(what, model, x, y, forward, precision, inputs_only):
    def logits(images):
        with precision():
            return forward(images)

    def loss(images):
        return F.cross_entropy(logits(images).float(), y)

    def forward_only():
        with torch.no_grad():
            return (logits(x),)

    def gradients(of_input, of_weights):
        weights = list(model.parameters())
        for weight in weights:
            weight.requires_grad_(of_weights)
        images = x.detach().requires_grad_(of_input)
        wanted = ([images] if of_input else []) + (weights if of_weights else [])
        return torch.autograd.grad(loss(images), wanted)

    return {
        "forward": forward_only,
        "input-gradient": lambda: gradients(True, not inputs_only),
        "all-gradients": lambda: gradients(False, True),
    }[what]
