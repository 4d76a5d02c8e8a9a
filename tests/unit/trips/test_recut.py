"""Incremental equals batch: whatever comes in whenever, the trips end the same."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.arrays import Floats
from fleet.earth import M_PER_DEG
from tests.factories.drives import Drive
from trips.detect.detect import DetectedTrip, detect_trips
from trips.detect.parameters import TripParameters
from trips.detect.recut import (
    ATTEMPTS,
    NEIGHBOURS,
    TRIPS_SEEN,
    Lead,
    Shoulder,
    Stay,
    TrackWindow,
    cut_after,
    cut_before,
    leads,
    margin_s,
    recut_trips,
    stays_after,
    stays_before,
    window_of_attempt,
)
from trips.detect.track import Track

PARAMETERS = TripParameters()

Stretches = list[tuple[str, int, float]]

#: Stretches of driving and of standing, with fixes and without, in seconds.
STRETCHES = st.lists(
    st.tuples(
        st.sampled_from(["go", "stand", "heartbeat", "silence"]),
        st.integers(min_value=30, max_value=1500),
        st.sampled_from([4.0, 10.0, 25.0]),
    ),
    min_size=3,
    max_size=25,
)

#: The same of a tracker that is silent when parked.
PARKED_SILENT = st.lists(
    st.tuples(
        st.sampled_from(["go", "stand", "silence", "silence"]),
        st.integers(min_value=30, max_value=900),
        st.sampled_from([4.0, 10.0, 25.0]),
    ),
    min_size=8,
    max_size=30,
)


def shoulder_before(stay: Stay, ts: Floats) -> Shoulder | None:
    near = ts[ts < stay.until]
    if len(near) < NEIGHBOURS:
        return None
    settled = near[-NEIGHBOURS]
    far = ts[ts <= settled - margin_s(PARAMETERS)]
    return cut_before(stay, settled, far[-1], PARAMETERS) if len(far) else None


def shoulder_after(stay: Stay, ts: Floats) -> Shoulder | None:
    near = ts[ts > stay.since]
    if len(near) < NEIGHBOURS:
        return None
    settled = near[NEIGHBOURS - 1]
    far = ts[ts >= settled + margin_s(PARAMETERS)]
    return cut_after(stay, settled, far[0], PARAMETERS) if len(far) else None


@dataclass
class Table:
    """The table of trips as the service keeps it: re-cut where new fixes fall."""

    fixes: set[int] = field(default_factory=set[int])
    trips: list[DetectedTrip] = field(default_factory=list[DetectedTrip])
    cuts: int = 0

    #: How often a track was fed from some trips back.
    led: int = 0

    def arrive(self, track: Track, new: list[int]) -> None:
        self.fixes |= set(new)
        known = track.take(np.array(sorted(self.fixes)))
        ts, first, last = known.ts, float(track.ts[new].min()), float(track.ts[new].max())
        placed = ts[~np.isnan(known.lat)]
        before = [trip[:2] for trip in self.trips if trip.start < first][-TRIPS_SEEN:]
        after = [trip[:2] for trip in self.trips if trip.end > last][:TRIPS_SEEN]
        earlier = [
            found
            for stay in stays_before(before, float(ts[0]), first, PARAMETERS)
            if (found := shoulder_before(stay, placed)) is not None
        ]
        later = [
            found
            for stay in stays_after(after, float(ts[-1]), last, PARAMETERS)
            if (found := shoulder_after(stay, placed)) is not None
        ]
        for attempt in range(ATTEMPTS):
            back = leads(before, float(ts[0]), first)
            tried = window_of_attempt(earlier, back, later, attempt)
            fed = known.take((ts >= tried.start) & (ts <= tried.end))
            found = recut_trips(fed, tried, PARAMETERS)
            if found is not None:
                break
        else:
            raise AssertionError("everything is always accepted")
        self.cuts += (tried.before is not None) + (tried.after is not None)
        self.led += isinstance(tried.before, Lead)
        kept_before = [trip for trip in self.trips if trip.start < found.since]
        kept_after = [trip for trip in self.trips if trip.start >= tried.end]
        self.trips = kept_before + found.trips + kept_after


def drive(stretches: Stretches) -> Track:
    built = Drive().stand(60)
    for what, seconds, speed in stretches:
        if what == "go":
            built.go(seconds, speed)
        elif what == "stand":
            built.stand(seconds)
        elif what == "heartbeat":
            built.stand(2 * seconds, every_s=120)
        else:
            built.silence(4 * seconds)
    return built.stand(20).track()


@dataclass(frozen=True)
class Receiver:
    """How poor the receiver is, and what the tracker sends."""

    seed: int
    noise_m: float
    wild_share: float
    sends_speed: bool
    sends_ignition: bool
    #: Shares of the track between which it is seen a thousand kilometres away, and those between
    #: which the tracker has no fix.
    away: tuple[float, float]
    asleep: tuple[float, float]

    def seen(self, track: Track) -> Track:
        rng = np.random.default_rng(self.seed)
        wild = rng.random(len(track)) < self.wild_share
        north_m = rng.normal(0, self.noise_m, len(track)) + np.where(wild, 5_000, 0)
        place = np.arange(len(track)) / len(track)
        north_m += np.where((place > self.away[0]) & (place < self.away[1]), 1e6, 0)
        no_fix = (place > self.asleep[0]) & (place < self.asleep[1])
        return replace(
            track,
            lat=np.where(no_fix, np.nan, track.lat + north_m / M_PER_DEG),
            lon=np.where(no_fix, np.nan, track.lon),
            speed=track.speed if self.sends_speed else np.full(len(track), np.nan),
            ignition=(track.speed > 0).astype(np.float64) if self.sends_ignition else None,
        )


RECEIVERS = st.builds(
    Receiver,
    seed=st.integers(0, 2**32 - 1),
    noise_m=st.sampled_from([0.0, 5.0, 30.0]),
    wild_share=st.sampled_from([0.0, 0.01, 0.1]),
    sends_speed=st.booleans(),
    sends_ignition=st.booleans(),
    away=st.just((0.0, 0.0)) | st.tuples(st.floats(0, 1), st.floats(0, 1)),
    asleep=st.just((0.0, 0.0)) | st.tuples(st.floats(0, 1), st.floats(0, 1)),
)


@settings(max_examples=100, deadline=None)
@given(stretches=STRETCHES, data=st.data())
def test_in_order_of_time_in_pieces(
    stretches: list[tuple[str, int, float]], data: st.DataObject
) -> None:
    track = data.draw(RECEIVERS).seen(drive(stretches))
    ends = data.draw(st.sets(st.integers(1, len(track)), max_size=12))
    table = Table()
    bounds = [0, *sorted(ends | {len(track)})]
    for first, last in pairwise(bounds):
        table.arrive(track, list(range(first, last)))
    assert table.trips == detect_trips(track, PARAMETERS)


@settings(max_examples=100, deadline=None)
@given(stretches=STRETCHES, data=st.data())
def test_in_any_order_with_repeats(
    stretches: list[tuple[str, int, float]], data: st.DataObject
) -> None:
    track = data.draw(RECEIVERS).seen(drive(stretches))
    pieces = data.draw(st.integers(2, 6))
    owner = np.array(
        data.draw(st.lists(st.integers(0, pieces - 1), min_size=len(track), max_size=len(track)))
    )
    table = Table()
    for piece in data.draw(st.permutations(range(pieces))):
        new = np.flatnonzero(owner == piece).tolist()
        if new:
            table.arrive(track, new)
            table.arrive(track, new[:1])
    assert table.trips == detect_trips(track, PARAMETERS)


@settings(max_examples=100, deadline=None)
@given(stretches=PARKED_SILENT, data=st.data())
def test_fed_from_wherever_a_window_is_accepted(stretches: Stretches, data: st.DataObject) -> None:
    """A tracker that is silent when parked: from each of its trips, and from any fix, what is found
    beyond the stay that neither end touches is what all of its track gives."""
    whole = data.draw(RECEIVERS).seen(drive(stretches))
    change = float(whole.ts[data.draw(st.integers(len(whole) // 2, len(whole) - 1))])
    known = detect_trips(whole.take(whole.ts < change), PARAMETERS)
    expected = detect_trips(whole, PARAMETERS)
    starts = [trip.start for trip in known]
    starts += whole.ts[data.draw(st.lists(st.integers(0, len(whole) - 1), max_size=8))].tolist()
    for start in starts:
        fed = whole.take(whole.ts >= start)
        found = recut_trips(fed, TrackWindow(Lead(start, change), None), PARAMETERS)
        if found is not None:
            before = [trip for trip in known if trip.start < found.since]
            assert before + found.trips == expected


def test_a_tracker_that_is_silent_when_parked_is_not_read_from_its_beginning() -> None:
    built = Drive().stand(60)
    for _ in range(30):
        built.go(600, 10.0).silence(3600)
    track = built.go(300, 10.0).track()
    table = Table()
    arriving = list(range(len(track)))
    for first in range(0, len(track), 20):
        table.arrive(track, arriving[first : first + 20])
    assert table.trips == detect_trips(track, PARAMETERS)
    assert table.led > 50
