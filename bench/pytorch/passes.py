"""How long PyTorch takes for the passes alone that AutoAttack's stages made, from a report of `npm run evaluate -- --json`.

What the reference does beside its network's passes comes on top, so this is the least that it could take.
"""

import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F

from models import network


def seconds(run, repeats):
    times = []
    for _ in range(repeats + 3):
        started = time.perf_counter()
        run()
        times.append(time.perf_counter() - started)
    return statistics.median(times[3:])


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", help="of npm run evaluate -- --attack autoattack --json FILE, on this machine")
    parser.add_argument("--network", default="wrn-10-1", help="preactresnet18, preactresnet34 or wrn-DEPTH-WIDEN")
    parser.add_argument("--batch", type=int, default=47, help="images that a stage attacks at a time")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=40)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    model = network(options.network).eval()
    images = torch.rand(options.batch, 3, 32, 32)
    labels = torch.arange(options.batch) % 10

    def forward():
        with torch.no_grad():
            model(images)

    def gradient():
        x = images.clone().requires_grad_(True)
        torch.autograd.grad(F.cross_entropy(model(x), labels, reduction="sum"), x)

    alone, both = (seconds(run, options.repeats) / options.batch for run in (forward, gradient))
    with open(options.report) as file:
        stages = json.load(file)["stages"]
    print(f"{'stage':10}{'ours s':>10}{'PyTorch, passes alone s':>26}")
    for stage in stages:
        passes = stage["passes"]
        least = (passes["forward"] - passes["backward"]) * alone + passes["backward"] * both
        print(f"{stage['name']:10}{stage['seconds']:>10.1f}{least:>26.1f}")


if __name__ == "__main__":
    main()
