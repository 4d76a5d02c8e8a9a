"""Mutated frames and bodies through every decoder: `python -m benchmarks.ingest.fuzz [count]`.

A million by default. Prints how they ended, the rate, and the growth of resident memory after the
first tenth; ends with an error when a decoder raises anything but its own refusal.
"""

import json
import sys
import time
from collections import Counter

import psutil

from ingest.protocols.teltonika.elements import load_elements
from tests.conftest import SHARED_DATA
from tests.unit.ingest.fuzzing import fuzz

CHUNKS = 20


def main(count: int) -> None:
    frames = SHARED_DATA / "teltonika_frames.jsonl"
    known = (
        [json.loads(line) for line in frames.read_text().splitlines()] if frames.exists() else []
    )
    real = [bytes.fromhex(one["frame"]) for one in known if one["kind"].startswith("avl")]
    print(f"{len(real)} real frames among the seeds")
    elements = load_elements()
    process = psutil.Process()
    outcomes: Counter[str] = Counter()
    settled = slowest = 0.0
    began = time.perf_counter()
    for chunk in range(CHUNKS):
        chunk_began = time.perf_counter()
        outcomes += fuzz(count // CHUNKS, seed=chunk, elements=elements, real=real)
        slowest = max(slowest, time.perf_counter() - chunk_began)
        if chunk == CHUNKS // 10 - 1:
            settled = process.memory_info().rss
    seconds = time.perf_counter() - began
    grown = process.memory_info().rss - settled
    print(f"{count} frames and bodies in {seconds:.0f} s: {count / seconds:,.0f} a second")
    print(f"slowest twentieth {slowest / (seconds / CHUNKS):.2f} of the mean")
    print(f"resident memory grew by {grown / 1e6:.1f} MB to {(settled + grown) / 1e6:.0f} MB")
    for outcome, times in outcomes.most_common():
        print(f"{outcome:12s} {times:10d}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
