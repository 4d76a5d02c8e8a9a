"""Trip detection on disturbed tracks: `python -m benchmarks.trips.robustness [seeds]`.

The benchmark prints F1 on both pilot files for each kind and size of disturbance, and its ratio to
F1 on the undisturbed file. Starts and ends match one to one within 60 s. Figures are means over
`seeds` seeds (default 1).
"""

import sys
from collections.abc import Callable

import numpy as np

from benchmarks.trips.data import ALWAYS_ON, IGNITION, detect_all, spans
from benchmarks.trips.disturb import drift, lose, noise, outliers, shuffle
from trips.detect.parameters import TripParameters
from trips.detect.track import Track

Disturb = Callable[[Track, np.random.Generator], Track]

DISTURBANCES: list[tuple[str, Disturb]] = [
    ("none", lambda track, rng: track),
    *[(f"drift {m} m", lambda t, rng, m=m: drift(t, m, rng)) for m in (5, 15, 30)],
    *[(f"noise {m} m", lambda t, rng, m=m: noise(t, m, rng)) for m in (5, 15, 30)],
    *[
        (f"outliers {100 * share:g} %", lambda t, rng, share=share: outliers(t, share, rng))
        for share in (0.0005, 0.002, 0.01)
    ],
    *[
        (f"lost {100 * share:g} %", lambda t, rng, share=share: lose(t, share, rng))
        for share in (0.01, 0.05, 0.2)
    ],
    ("shuffled, repeated", shuffle),
]


def main(seeds: int) -> None:
    parameters = TripParameters()
    print(f"{'':20s} {'always_on':>10s} {'ratio':>7s} {'ignition':>10s} {'ratio':>7s}")
    undisturbed: dict[str, float] = {}
    files = [(case, case.tracks()) for case in (ALWAYS_ON, IGNITION)]
    for name, disturb in DISTURBANCES:
        cells: list[str] = []
        for case, tracks in files:
            f1 = 0.0
            for seed in range(seeds):
                rng = np.random.default_rng(seed)
                disturbed = {device: disturb(track, rng) for device, track in tracks.items()}
                f1 += case.score(spans(detect_all(disturbed, parameters))).f1 / seeds
            ratio = f1 / undisturbed.setdefault(case.name, f1)
            cells.append(f"{f1:10.4f} {ratio:7.4f}")
        print(f"{name:20s} {' '.join(cells)}", flush=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
