"""Round trips: when a vehicle is back, and how those that are not are told apart."""

from register.zones import ZoneIndex, ZoneKind, circle
from trips.detect.detect import DetectedTrip
from trips.detect.round_trips import RoundTrip, RoundTripRules, round_trips

PLACES = {"home": (55.77, 12.50), "yard": (55.80, 12.40), "away": (55.60, 12.30)}
DEPOTS = ZoneIndex(
    circle(name, name, ZoneKind.DEPOT, *PLACES[name], 150) for name in ("home", "yard")
)
HOUR = 3600.0


def legs(*stops: tuple[float, str, str]) -> list[DetectedTrip]:
    """Trips of half an hour and 10 km: the hour of departure, from where to where."""
    return [
        DetectedTrip(h * HOUR, (h + 0.5) * HOUR, *PLACES[a], *PLACES[b], 10.0) for h, a, b in stops
    ]


def found(*stops: tuple[float, str, str]) -> list[RoundTrip]:
    return list(round_trips(legs(*stops), DEPOTS, "home", RoundTripRules()))


def test_out_and_back_is_one_round_trip_with_all_its_legs() -> None:
    assert found((8, "home", "away"), (10, "away", "away"), (12, "away", "home")) == [
        RoundTrip(8 * HOUR, 12.5 * HOUR, 30.0, 3, "home", "home")
    ]


def test_a_short_visit_to_another_depot_is_part_of_the_round_trip() -> None:
    [trip] = found((8, "home", "yard"), (10, "yard", "home"))
    assert (trip.legs, trip.left, trip.reached) == (2, "home", "home")


def test_a_vehicle_that_stays_at_another_depot_has_moved_there() -> None:
    """And from there its round trips begin and end there, until it comes home."""
    moved = found(
        (8, "home", "yard"), (20, "yard", "away"), (22, "away", "yard"), (24, "yard", "home")
    )
    assert [(t.left, t.reached) for t in moved] == [
        ("home", "yard"),
        ("yard", "yard"),
        ("yard", "home"),
    ]


def test_a_vehicle_that_never_comes_to_a_depot_is_cut_where_it_stood_for_days() -> None:
    [first] = found((8, "home", "away"), (60, "away", "away"))
    assert (first.left, first.reached) == ("home", None)


def test_a_round_trip_under_way_is_not_told_yet() -> None:
    assert found() == []
    assert found((8, "home", "away")) == []
    assert found((8, "home", "yard")) == []
