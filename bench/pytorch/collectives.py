"""One rank of an all-reduce by PyTorch's Gloo: the gradients of a network, once for each line on the standard input."""

import argparse
import json
import resource
import sys
import time
from datetime import timedelta

import torch
import torch.distributed as distributed
from torch._utils import _flatten_dense_tensors, _unflatten_dense_tensors

BUCKET = 25 << 20  # DistributedDataParallel's


def buckets(tensors):
    bucket, size = [], 0
    for tensor in tensors:
        if bucket and size + 4 * tensor.numel() > BUCKET:
            yield bucket
            bucket, size = [], 0
        bucket.append(tensor)
        size += 4 * tensor.numel()
    yield bucket


def by_tensor(tensors):
    sums = [tensor.clone() for tensor in tensors]
    for work in [distributed.all_reduce(each, async_op=True) for each in sums]:
        work.wait()
    return sums


def by_bucket(tensors):
    started = []
    for bucket in buckets(tensors):
        flat = _flatten_dense_tensors(bucket)
        started.append((bucket, flat, distributed.all_reduce(flat, async_op=True)))
    sums = []
    for bucket, flat, work in started:
        work.wait()
        sums += _unflatten_dense_tensors(flat, bucket)
    return sums


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rank", type=int, required=True)
    parser.add_argument("--size", type=int, required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--form", choices=("tensors", "buckets"), required=True)
    parser.add_argument("--shapes", type=json.loads, required=True)
    options = parser.parse_args()
    distributed.init_process_group(
        "gloo",
        init_method=f"tcp://127.0.0.1:{options.port}",
        rank=options.rank,
        world_size=options.size,
        timeout=timedelta(minutes=5),
    )
    tensors = [torch.full(shape, float(options.rank)) for shape in options.shapes]
    run = by_tensor if options.form == "tensors" else by_bucket
    run(tensors)
    print(json.dumps({"ready": True, "device": "cpu"}), flush=True)
    while sys.stdin.readline():
        started, cpu_started = time.perf_counter(), time.process_time()
        run(tensors)
        took = {"seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu_started}
        print(json.dumps(took), flush=True)
    print(json.dumps({"peakMemory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}), flush=True)


if __name__ == "__main__":
    main()
