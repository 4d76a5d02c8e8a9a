"""How fast trips are found: `python -m benchmarks.trips.speed [--no-movingpandas]`.

Positions per second of processor time on one core (median of 5 runs) and memory per million
positions, for the pure core and for trackintel 1.4.2 (3 runs) and movingpandas 0.23 (once) on the
same files in the same run, with what each of them finds. Two minutes, after the first installation.
"""

import sys
import time
import tracemalloc
from statistics import median

from benchmarks.trips.data import (
    ALWAYS_ON,
    CASES,
    GOTRACK,
    IGNITION,
    VED,
    Case,
    Spans,
    detect_all,
    spans,
)
from benchmarks.trips.peers import PeersError, run_peer

RUNS = 5
TRACKINTEL_RUNS = 3

#: Files that each peer is run on, and how often.
PEERS = (
    ("trackintel", (ALWAYS_ON, IGNITION, GOTRACK, VED), TRACKINTEL_RUNS),
    ("movingpandas", (IGNITION, GOTRACK, VED), 1),
)


def own_run(case: Case) -> float:
    """Positions/s (median) of the pure core; prints it, the memory it takes and what it finds."""
    tracks, parameters = case.tracks(), case.parameters
    positions = sum(map(len, tracks.values()))
    seconds: list[float] = []
    for _ in range(RUNS):
        begin = time.process_time()
        found = detect_all(tracks, parameters)
        seconds.append(time.process_time() - begin)
    tracemalloc.start()
    found = detect_all(tracks, parameters)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    longest = max(map(len, tracks.values()))
    print(
        f"{case.name:18s} {'this product':14s} {positions / median(seconds):12,.0f}"
        f" {'':>8s} {accuracy(case, spans(found))}"
        f"   peak {peak:.1f} MB, {1e6 * peak / longest:,.0f} MB per million fixes of one device",
        flush=True,
    )
    return positions / median(seconds)


def accuracy(case: Case, found: Spans) -> str:
    """F1, precision and recall in columns."""
    s = case.score(found)
    return f"{s.f1:7.4f} {s.precision:7.4f} {s.recall:7.4f}"


def main(peers: tuple[str, ...]) -> None:
    head = f"{'file':18s} {'by':14s} {'positions/s':>12s} {'ours is':>8s}"
    print(f"{head}      F1       P       R")
    for case in CASES:
        ours = own_run(case)
        for library, cases, runs in PEERS:
            if library not in peers or case not in cases:
                continue
            try:
                peer = run_peer(library, case.positions(), runs)
            except PeersError as error:
                print(f"{case.name:18s} {library:14s} not measured: {error}")
                continue
            pace = peer.positions / peer.seconds
            print(
                f"{case.name:18s} {library:14s} {pace:12,.0f} {ours / pace:7,.0f}x"
                f" {accuracy(case, peer.spans)}",
                flush=True,
            )


if __name__ == "__main__":
    names = tuple(name for name, _, _ in PEERS)
    main(tuple(name for name in names if f"--no-{name}" not in sys.argv[1:]))
