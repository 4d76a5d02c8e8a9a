"""Where vehicles sleep, and which depots that proposes."""

from datetime import date, timedelta

import pytest

from register.zones import ZoneIndex, ZoneKind, circle
from trips.detect.nights import (
    Night,
    NightRules,
    ProposedDepot,
    SleepingPlace,
    depots_near,
    night_depots,
    proposed_depots,
    sleeping_place,
)

RULES = NightRules()
MONDAY = date(2026, 11, 2)
HOME, YARD, HOUSE, WOOD = (55.77, 12.50), (55.80, 12.40), (55.70, 12.60), (55.90, 12.20)
DEPOTS = ZoneIndex(
    circle(name, name, ZoneKind.DEPOT, *place, 150)
    for name, place in (("home", HOME), ("yard", YARD))
)


def nights(*places: tuple[float, float], vehicle: str = "v1") -> list[Night]:
    return [Night(vehicle, MONDAY + timedelta(days=i), *p) for i, p in enumerate(places)]


@pytest.mark.parametrize(
    ("places", "sleeps", "depot"),
    [
        ([HOME, HOME, HOME, HOUSE], SleepingPlace.OWN_DEPOT, "home"),
        ([YARD, YARD, YARD, HOME], SleepingPlace.OTHER_DEPOT, "yard"),
        ([HOUSE, HOUSE, (55.7003, 12.6), HOME], SleepingPlace.ONE_PLACE, None),
        ([HOUSE, WOOD, HOME, YARD], SleepingPlace.NO_FIXED_PLACE, None),
        ([], SleepingPlace.UNKNOWN, None),
    ],
)
def test_vehicles_are_told_apart_by_where_they_spend_most_nights(
    places: list[tuple[float, float]], sleeps: SleepingPlace, depot: str | None
) -> None:
    slept = nights(*places)
    at = night_depots(slept, DEPOTS)
    assert sleeping_place(slept, at, "home", RULES) == (sleeps, depot)


def test_a_place_where_several_vehicles_sleep_is_proposed_as_a_depot() -> None:
    """One driver's home is not, nor is what is a depot already."""
    slept = [
        *nights(*5 * [WOOD], vehicle="v1"),
        *nights(*3 * [(55.9004, 12.2)], vehicle="v2"),
        *nights(*9 * [HOUSE], vehicle="v3"),
        *nights(*9 * [HOME], vehicle="v4"),
        *nights(*9 * [HOME], vehicle="v5"),
    ]
    [found] = proposed_depots(slept, night_depots(slept, DEPOTS), RULES)
    assert (found.vehicles, found.nights) == (2, 8)
    assert found.lat == pytest.approx(55.9, abs=0.001)
    made = circle("p", "P", ZoneKind.DEPOT, found.lat, found.lon, found.radius_m)
    there = [night for night in slept if night.vehicle_id in ("v1", "v2")]
    assert proposed_depots(there, night_depots(there, ZoneIndex([made])), RULES) == []


def test_a_proposed_depot_names_the_depots_that_it_may_be_a_part_of_the_nearest_first() -> None:
    place = ProposedDepot(lat=HOME[0], lon=HOME[1], radius_m=75, vehicles=2, nights=9)
    zones = [
        circle("far", "Fjern", ZoneKind.DEPOT, HOME[0] + 0.01, HOME[1], 100),
        circle("next", "Nabo", ZoneKind.DEPOT, HOME[0] + 0.003, HOME[1], 100),
        circle("here", "Her", ZoneKind.DEPOT, HOME[0] + 0.001, HOME[1], 100),
        circle("shop", "Kunde", ZoneKind.OTHER, *HOME, 100),
    ]
    found = depots_near(place, zones)
    assert [zone.name for zone, _ in found] == ["Her", "Nabo"]
    assert [away for _, away in found] == pytest.approx([111, 334], rel=0.01)
    assert depots_near(place, []) == []
