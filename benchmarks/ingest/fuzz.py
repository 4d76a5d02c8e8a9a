"""Mutated frames, bodies and uploads through every reader: `python -m benchmarks.ingest.fuzz
[count]`.

The benchmark makes a million inputs by default; depth, width and repetition are among the
mutations. It prints the outcomes, the rate, the longest step that held its thread, and the growth
of resident memory after the first tenth. It ends with an error when a reader raises anything but
its own refusal.
"""

import json
import sys
import time
from collections import Counter
from typing import Any

import psutil

from api.delivery.garbage import leave_out_loaded
from ingest.protocols.teltonika.io_elements import load_elements
from tests.conftest import SHARED_DATA
from tests.unit.ingest.fuzzing import HOSTILE, READERS, fuzz, longest_step

CHUNKS = 20


def main(count: int) -> None:
    teltonika = [one for one in _frames("teltonika") if one["kind"].startswith("avl")]
    real = [bytes.fromhex(one["frame"]) for one in teltonika]
    real_gt06 = [bytes.fromhex(one["frame"]) for one in _frames("gt06")]
    print(f"{len(real)} real frames of Teltonika and {len(real_gt06)} of GT06 among the seeds")
    elements = load_elements()
    # As in the server. Otherwise the time of a garbage collection would count as a reader's step.
    leave_out_loaded()
    process = psutil.Process()
    outcomes: Counter[str] = Counter()
    settled = slowest = worst_s = 0.0
    worst = ""
    began = time.perf_counter()
    for chunk in range(CHUNKS):
        chunk_began = time.perf_counter()
        found = fuzz(count // CHUNKS, seed=chunk, elements=elements, real=real, real_gt06=real_gt06)
        outcomes += found.outcomes
        if found.worst_s > worst_s:
            worst_s, worst = found.worst_s, found.worst
        slowest = max(slowest, time.perf_counter() - chunk_began)
        if chunk == CHUNKS // 10 - 1:
            settled = process.memory_info().rss
    seconds = time.perf_counter() - began
    grown = process.memory_info().rss - settled
    print(f"{count} inputs in {seconds:.0f} s: {count / seconds:,.0f} a second")
    print(f"slowest twentieth {slowest / (seconds / CHUNKS):.2f} of the mean")
    print(f"longest step {1000 * worst_s:.0f} ms of processor time: {worst}")
    print(f"resident memory grew by {grown / 1e6:.1f} MB to {(settled + grown) / 1e6:.0f} MB")
    for kind, make_body in HOSTILE.items():
        body = make_body()
        steps = {name: 1000 * longest_step(body, read) for name, read in READERS.items()}
        told = ", ".join(f"{name} {step:.0f} ms" for name, step in steps.items())
        print(f"8 MB of {kind}: longest step {told}")
    for outcome, times in outcomes.most_common():
        print(f"{outcome:12s} {times:10d}")


def _frames(protocol: str) -> list[dict[str, Any]]:
    """The real frames of a protocol with their known values; none if the file is absent."""
    file = SHARED_DATA / f"{protocol}_frames.jsonl"
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
