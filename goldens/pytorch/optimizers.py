"""Writes packages/train/test/optimizer/pytorch.json: what PyTorch's optimizers and schedulers do in 20 steps.

    python3 goldens/pytorch/optimizers.py > packages/train/test/optimizer/pytorch.json
    npx biome format --write packages/train/test/optimizer/pytorch.json

It needs PyTorch and nothing else (made with 1.13). Everything is in float64, so that the figures stand for the exact
mathematics. The gradients do not depend on the weights: both, for any language, are numbers of mulberry32 streams as
packages/testing/goldens/README.md describes them, 2u - 1 of `stream(1, 11)` for the weights and of `stream(2 + s, 11)` for
the gradient of step s = 0, 1, ...; three times that in every fourth step, so that clipping has something to do.
"""

import json

import torch

STEPS = 20
STORED = [1, 2, 3, 5, 10, 20]
SHAPES = {"conv.weight": [2, 3], "batchnorm.weight": [3], "fc.bias": [2]}


def stream(seed, count):
    state, numbers = seed, []
    for _ in range(count):
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = (state ^ (state >> 15)) * (state | 1) & 0xFFFFFFFF
        t ^= (t + ((t ^ (t >> 7)) * (t | 61) & 0xFFFFFFFF)) & 0xFFFFFFFF
        numbers.append((t ^ (t >> 14)) / 2**32)
    return torch.tensor(numbers, dtype=torch.float64)


def tensors(seed, scale=1.0):
    flat = scale * (2 * stream(seed, 11) - 1)
    parts = torch.split(flat, [torch.Size(shape).numel() for shape in SHAPES.values()])
    return {name: part.reshape(shape) for (name, shape), part in zip(SHAPES.items(), parts)}


def one_cycle(optimizer, rate, steps=STEPS, **options):
    return torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=rate, total_steps=steps, **options)


def run(name, make, rate=0.05, weight_decay=None, kernels=False, clip=None, cycled=False):
    """One case; `kernels` decays what has more than one axis."""
    weights = {key: value.clone().requires_grad_() for key, value in tensors(1).items()}
    decays = {key: not kernels or value.dim() > 1 for key, value in weights.items()}
    groups = [
        {"params": [weights[key] for key in SHAPES if decays[key]], "weight_decay": weight_decay or 0},
        {"params": [weights[key] for key in SHAPES if not decays[key]], "weight_decay": 0},
    ]
    optimizer = make([group for group in groups if group["params"]], rate)
    scheduler = one_cycle(optimizer, rate) if cycled else None
    stored = {}
    for step in range(STEPS):
        for key, gradient in tensors(2 + step, 3.0 if step % 4 == 3 else 1.0).items():
            weights[key].grad = gradient.clone()
        if clip and "norm" in clip:
            torch.nn.utils.clip_grad_norm_(weights.values(), clip["norm"])
        if clip and "value" in clip:
            torch.nn.utils.clip_grad_value_(weights.values(), clip["value"])
        optimizer.step()
        if scheduler and step + 1 < STEPS:
            scheduler.step()
        if step + 1 in STORED:
            stored[str(step + 1)] = rounded(torch.cat([weights[key].detach().flatten() for key in SHAPES]).tolist())
    return {"name": name, "weights": stored}


def rounded(values):
    return [float(f"{value:.9g}") for value in values]


def sgd(**options):
    return lambda groups, rate: torch.optim.SGD(groups, lr=rate, **options)


def adam(**options):
    return lambda groups, rate: torch.optim.Adam(groups, lr=rate, **options)


def adamw(**options):
    return lambda groups, rate: torch.optim.AdamW(groups, lr=rate, **options)


def rates(make, steps):
    """Rate and momentum of each step under a scheduler."""
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.2, momentum=0.9)
    scheduler, found = make(optimizer), []
    for step in range(steps):
        group = optimizer.param_groups[0]
        found.append([group["lr"], group["momentum"]])
        optimizer.step()
        if step + 1 < steps:
            scheduler.step()
    return {"rates": rounded(rate for rate, _ in found), "momenta": rounded(momentum for _, momentum in found)}


cases = [
    run("sgd", sgd()),
    run("sgd, momentum", sgd(momentum=0.9)),
    run("sgd, nesterov and decay", sgd(momentum=0.9, nesterov=True), weight_decay=0.1),
    run("sgd, decay of kernels", sgd(momentum=0.9), weight_decay=0.1, kernels=True),
    run("sgd, clipped by norm, and decay", sgd(momentum=0.9), weight_decay=0.1, clip={"norm": 1.5}),
    run("sgd, clipped by value", sgd(), clip={"value": 0.5}),
    run("sgd, one cycle of rate and momentum", sgd(momentum=0.9, nesterov=True), weight_decay=0.1, cycled=True),
    run("adam", adam()),
    run("adam, decay in the gradient", adam(betas=(0.8, 0.95), eps=1e-3), weight_decay=0.1),
    run("adam, one cycle of rate and momentum", adam(), cycled=True),
    run("adamW", adamw(), weight_decay=0.01),
    run("adamW, decay of kernels, clipped by norm", adamw(), weight_decay=0.5, kernels=True, clip={"norm": 1.5}),
]

schedules = {
    "oneCycle": rates(lambda o: one_cycle(o, 0.2), 20),
    "oneCycleOfDmat": rates(lambda o: one_cycle(o, 0.2, steps=80, pct_start=0.025), 80),
    "cosinePerEpoch": rates(lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, T_max=10), 10),
}

lists = [json.dumps(case) for case in cases]
print('{\n"cases": [\n' + ",\n".join(lists) + '\n],\n"schedules": ' + json.dumps(schedules) + "\n}")
