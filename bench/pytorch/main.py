"""Times PyTorch: one figure of one network, printed as a line of JSON. See --help."""

import argparse
import json
import resource
import statistics
import sys
import time

import torch

from figures import FIGURES, FORMS, official, tuned
from models import network


def arguments():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--network", default="preactresnet18", help="preactresnet18, preactresnet34 or wrn-DEPTH-WIDEN")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--what", choices=FIGURES, default="step")
    parser.add_argument("--form", choices=FORMS, default="official")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument(
        "--engine",
        choices=("best", "compile", "graph", "eager"),
        default="best",
        help="of the tuned form on CUDA: torch.compile inside a CUDA graph, a CUDA graph, or neither; best: the first that works",
    )
    parser.add_argument("--paced", action="store_true", help="wait for a line on the standard input before each repetition")
    return parser.parse_args()


def synchronize(device):
    if device == "cuda":
        torch.cuda.synchronize()


def recorded(run):
    """`run` as a CUDA graph, after the warm-up that this needs."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        graph.results = run()  # kept: their storage is the graph's
    return graph.replay


def prepared(options):
    """The function to time, warm, and the engine that it runs on."""
    if options.form == "official":
        run = official(options.what, network(options.network), options.batch, options.device)
        run()
        return run, "eager"
    if options.device == "cpu":
        engines = ["eager"]
    else:
        torch.backends.cudnn.benchmark = True
        engines = ["compile", "graph", "eager"] if options.engine == "best" else [options.engine]
        engines = [engine for engine in engines if engine != "compile" or hasattr(torch, "compile")]
    for engine in engines:
        run = tuned(options.what, network(options.network), options.batch, options.device, engine == "compile")
        try:
            run = run if engine == "eager" else recorded(run)
            run()
            synchronize(options.device)
            return run, engine
        except Exception as error:
            if engine == engines[-1]:
                raise
            first_line = str(error).strip().split("\n")[0]
            print(f"{engine} left out: {type(error).__name__}: {first_line}", file=sys.stderr)
            del run
            torch.cuda.empty_cache()
            torch.cuda.reset_peak_memory_stats()


def peak_memory(device):
    """Megabytes: of the device what PyTorch reserved, else of the process."""
    if device == "cuda":
        return torch.cuda.max_memory_reserved() / 2**20
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def main():
    options = arguments()
    torch.manual_seed(0)
    torch.set_num_threads(options.threads)
    run, engine = prepared(options)
    about = {"device": options.device, "engine": engine, "threads": torch.get_num_threads(), "torch": torch.__version__}
    if options.device == "cuda":
        about["device"] = torch.cuda.get_device_name()
    if options.paced:
        print(json.dumps({"ready": True, **about}), flush=True)

    seconds, cpu_seconds = [], []
    for _ in range(options.repeats):
        if options.paced and not sys.stdin.readline():
            break
        synchronize(options.device)
        started, cpu_started = time.perf_counter(), time.process_time()
        run()
        synchronize(options.device)
        seconds.append(time.perf_counter() - started)
        cpu_seconds.append(time.process_time() - cpu_started)
        if options.paced:
            print(json.dumps({"seconds": seconds[-1], "cpuSeconds": cpu_seconds[-1]}), flush=True)

    result = {
        "network": options.network,
        "batch": options.batch,
        "what": options.what,
        "form": options.form,
        "seconds": statistics.median(seconds) if seconds else None,
        "cpuSeconds": statistics.median(cpu_seconds) if seconds else None,
        "repeats": len(seconds),
        "peakMemory": round(peak_memory(options.device), 1),
    }
    print(json.dumps({**result, **about}), flush=True)


if __name__ == "__main__":
    main()
