"""The accuracy of detected trips: `python -m benchmarks.trips.accuracy`.

The benchmark first scores the four files as they are. It scores gotrack, which a phone app
recorded, by the class of phones and also as if the phones were trackers of cars. It then thins the
always-on file to slower heartbeats: errors of departure and arrival must not grow with the
heartbeat.
"""

from math import inf

from benchmarks.trips.data import (
    ALWAYS_ON,
    DETECTION_CASES,
    GOTRACK,
    detect_all,
    km_deviation,
    spans,
)
from benchmarks.trips.disturb import thin_parked, without_speed
from tests.unit.trips.matching import Score
from trips.detect.parameters import TripParameters

HEARTBEATS = (("60 s", 60.0), ("10 min", 600.0), ("1 h", 3600.0), ("none", inf))


def row(name: str, s: Score, km: float | None = None) -> str:
    """One line of the table."""
    deviation = "" if km is None or km != km else f"{100 * km:8.2f} %"
    return (
        f"{name:28s} {s.f1:7.4f} {s.precision:7.4f} {s.recall:7.4f}"
        f" {s.departure_error_s:8.1f} {s.arrival_error_s:8.1f} {deviation}"
    )


def main() -> None:
    parameters = TripParameters()
    print(f"{'file':28s}      F1       P       R  dep. [s]  arr. [s]  km median off")
    for case in DETECTION_CASES:
        found = detect_all(case.tracks(), case.parameters)
        print(row(case.name, case.score(spans(found)), km_deviation(case, found)))
    found = detect_all(GOTRACK.tracks(), parameters)
    print(row("gotrack, as cars", GOTRACK.score(spans(found)), km_deviation(GOTRACK, found)))
    tracks, truth = ALWAYS_ON.tracks(), ALWAYS_ON.true_spans()
    for label, speedless in (("", False), (", no speed", True)):
        for name, heartbeat_s in HEARTBEATS:
            thinned = {d: thin_parked(t, truth.get(d, []), heartbeat_s) for d, t in tracks.items()}
            if speedless:
                thinned = {d: without_speed(t) for d, t in thinned.items()}
            found = detect_all(thinned, parameters)
            print(row(f"heartbeat {name}{label}", ALWAYS_ON.score(spans(found))))


if __name__ == "__main__":
    main()
