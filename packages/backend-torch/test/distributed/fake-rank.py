# Rank 1 of two as far as the first meeting: then it says that it is alive for SECONDS, and connects to nobody.
# fake-rank.py PORT SECONDS
import sys
import time
from datetime import timedelta

from torch.distributed import TCPStore

port, seconds = int(sys.argv[1]), float(sys.argv[2])
store = TCPStore("127.0.0.1", port, is_master=False, wait_for_workers=False, timeout=timedelta(seconds=30))
store.get("/generation")
group = "group/1"
store.set(f"/{group}/address/1", "127.0.0.1")
store.add(f"/{group}/rank/1", 1)
store.add(f"/{group}/count", 1)
start = time.time()
beat = 0
while time.time() < start + seconds:
    beat += 1
    # Beats, the time, the last collective, that all is well; and the collective's name and a message, which are empty.
    store.set(f"/{group}/beat/1", f"{beat}\n{int(1000 * time.time())}\n0\n0\n\n")
    time.sleep(0.3)
