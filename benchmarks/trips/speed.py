"""The speed of trip detection: `python -m benchmarks.trips.speed [--no-movingpandas]`.

The benchmark prints positions per second of processor time on one core and memory per million
positions, for the pure core, for trackintel 1.4.2 (5 turns) and for movingpandas 0.23 (once), on
the same files in the same run, with the accuracy of each. In each turn the pure core runs before
and after the peer, for the processors of shared machines are not always equally fast. Figures are
medians of the turns. A run takes four minutes after the first installation.
"""

import sys
import time
import tracemalloc
from statistics import median

from benchmarks.trips.data import (
    ALWAYS_ON,
    DETECTION_CASES,
    GOTRACK,
    IGNITION,
    VED,
    DetectionCase,
    TripSpans,
    detect_all,
    spans,
)
from benchmarks.trips.peers import PeerRun, PeersError, run_peer

#: The number of runs of the pure core before and after each turn of a peer.
RUNS = 8
TRACKINTEL_TURNS = 5

#: The files on which each peer runs, and the number of turns.
PEERS = (
    ("trackintel", (ALWAYS_ON, IGNITION, GOTRACK, VED), TRACKINTEL_TURNS),
    ("movingpandas", (IGNITION, GOTRACK, VED), 1),
)


def own_seconds(case: DetectionCase) -> list[float]:
    """Processor seconds of `RUNS` runs of the pure core on a whole case."""
    tracks, parameters = case.tracks(), case.parameters
    seconds: list[float] = []
    for _ in range(RUNS):
        begin = time.process_time()
        detect_all(tracks, parameters)
        seconds.append(time.process_time() - begin)
    return seconds


def own_result(case: DetectionCase) -> str:
    """The accuracy of the pure core and its memory, as columns."""
    tracks = case.tracks()
    tracemalloc.start()
    found = detect_all(tracks, case.parameters)
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    longest = max(map(len, tracks.values()))
    per_million = f"{1e6 * peak / longest:,.0f} MB per million fixes of one device"
    return f"{accuracy(case, spans(found))}   peak {peak:.1f} MB, {per_million}"


def accuracy(case: DetectionCase, found: TripSpans) -> str:
    """F1, precision and recall as columns."""
    s = case.score(found)
    return f"{s.f1:7.4f} {s.precision:7.4f} {s.recall:7.4f}"


def main(peers: tuple[str, ...]) -> None:
    head = f"{'file':18s} {'by':14s} {'positions/s':>12s} {'ours is':>8s}"
    print(f"{head}      F1       P       R")
    for case in DETECTION_CASES:
        positions = sum(map(len, case.tracks().values()))
        ours = own_seconds(case)
        rows: list[str] = []
        for library, cases, turns in PEERS:
            if library not in peers or case not in cases:
                continue
            theirs: list[PeerRun] = []
            ratios: list[float] = []
            try:
                for _ in range(turns):
                    theirs.append(run_peer(library, case.positions()))
                    around = ours[-RUNS:] + (after := own_seconds(case))
                    ours += after
                    ratios.append(theirs[-1].seconds / median(around))
            except PeersError as error:
                print(f"{case.name:18s} {library:14s} not measured: {error}")
                continue
            pace = positions / median(peer.seconds for peer in theirs)
            rows.append(
                f"{case.name:18s} {library:14s} {pace:12,.0f} {median(ratios):7,.0f}x"
                f" {accuracy(case, theirs[0].spans)}"
            )
        pace = positions / median(ours)
        print(f"{case.name:18s} {'this product':14s} {pace:12,.0f} {'':>8s} {own_result(case)}")
        print(*rows, sep="\n", flush=True)


if __name__ == "__main__":
    names = tuple(name for name, _, _ in PEERS)
    main(tuple(name for name in names if f"--no-{name}" not in sys.argv[1:]))
