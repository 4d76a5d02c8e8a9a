"""A place that looks like a slip is doubted; one that is stored so already is not."""

from dataclasses import replace
from datetime import date

import pytest

from register.places.coordinates import in_denmark
from register.places.doubts import (
    CLOSES_WITH_VEHICLES,
    OUTSIDE_DENMARK,
    OVERLAPS,
    SAME_SPOT,
    DoubtfulPlaceError,
    doubt_closing,
    doubt_place,
)
from register.zones import Zone, ZoneKind, circle

TOWN_HALL = circle("home", "Rådhuset", ZoneKind.DEPOT, 55.77, 12.5, 150)


def new(lat: float, lon: float, kind: ZoneKind = ZoneKind.DEPOT) -> Zone:
    return circle("new", "Ny", kind, lat, lon, 150)


@pytest.mark.parametrize(
    ("zone", "reason"),
    [
        (new(48.85, 2.35), OUTSIDE_DENMARK),
        (new(12.5, 55.77, ZoneKind.OTHER), OUTSIDE_DENMARK),
        (new(0.0, 0.0), OUTSIDE_DENMARK),
        (new(55.77, 12.5), SAME_SPOT),
        (new(55.7702, 12.5), SAME_SPOT),  # 22 m to the north
        (new(55.77, 12.50035), SAME_SPOT),  # 22 m to the east
    ],
)
def test_a_place_outside_denmark_or_of_another_depot_is_doubted(zone: Zone, reason: str) -> None:
    with pytest.raises(DoubtfulPlaceError) as doubt:
        doubt_place(zone, [TOWN_HALL])
    assert doubt.value.reason == reason


@pytest.mark.parametrize(
    "zone",
    [
        new(55.06, 14.98),  # Dueodde
        new(57.75, 10.64),  # Grenen
        new(55.7728, 12.5),  # 312 m away
        new(55.77, 12.5, ZoneKind.OTHER),
    ],
)
def test_places_of_denmark_and_yards_side_by_side_are_not(zone: Zone) -> None:
    doubt_place(zone, [TOWN_HALL])


@pytest.mark.parametrize(
    ("zone", "others"),
    [
        (new(55.7703, 12.5), "Rådhuset 86 %"),  # 33 m away
        (new(55.7718, 12.5), "Rådhuset 22 %"),  # 200 m away
        (new(55.77255, 12.5), "Rådhuset 1 %"),  # 284 m away
    ],
)
def test_a_depot_that_overlaps_with_others_says_with_which_and_by_how_much(
    zone: Zone, others: str
) -> None:
    with pytest.raises(DoubtfulPlaceError) as doubt:
        doubt_place(zone, [TOWN_HALL])
    assert doubt.value.reason == OVERLAPS
    assert doubt.value.values == {"name": "Ny", "others": others}
    # What overlapped as much before is not asked about again, and more of it is.
    doubt_place(zone, [TOWN_HALL, zone])
    doubt_place(replace(zone, radius_m=100), [TOWN_HALL, zone])
    for larger in (replace(zone, radius_m=200), replace(zone, lat=55.7702)):
        with pytest.raises(DoubtfulPlaceError):
            doubt_place(larger, [TOWN_HALL, zone])
    # A depot that moved a little is two zones, one after the other.
    moved = replace(zone, active_from=date(2026, 11, 1))
    doubt_place(moved, [replace(TOWN_HALL, active_to=date(2026, 10, 31))])
    with pytest.raises(DoubtfulPlaceError):
        doubt_place(moved, [replace(TOWN_HALL, active_to=date(2026, 11, 1))])


def test_a_depot_names_every_other_one_with_which_it_overlaps() -> None:
    school = circle("school", "Skolen", ZoneKind.DEPOT, 55.7731, 12.5, 100)
    with pytest.raises(DoubtfulPlaceError) as doubt:
        doubt_place(new(55.7715, 12.5), [TOWN_HALL, school])
    assert doubt.value.values["others"].startswith("Rådhuset ")
    assert ", Skolen " in doubt.value.values["others"]


def test_a_depot_that_closes_while_vehicles_belong_to_it_is_doubted_once() -> None:
    closing = replace(TOWN_HALL, active_to=date(2026, 10, 31))
    with pytest.raises(DoubtfulPlaceError) as doubt:
        doubt_closing(closing, TOWN_HALL, 2)
    assert doubt.value.reason == CLOSES_WITH_VEHICLES
    assert doubt.value.values["count"] == "2"
    doubt_closing(closing, closing, 2)
    doubt_closing(closing, TOWN_HALL, 0)
    doubt_closing(TOWN_HALL, closing, 2)
    doubt_closing(replace(closing, kind=ZoneKind.OTHER), None, 2)


def test_what_stands_there_already_is_not_doubted_again() -> None:
    abroad = new(48.85, 2.35)
    doubt_place(abroad, [TOWN_HALL, abroad])
    doubt_place(TOWN_HALL, [TOWN_HALL, circle("two", "To", ZoneKind.DEPOT, 55.77, 12.5, 90)])


@pytest.mark.parametrize(
    ("lat", "lon", "is_danish"),
    [
        (55.7047, 13.1910, False),  # Lund
        (56.0465, 12.6945, True),  # Helsingborg: as near to Helsingør as its own suburbs
        (55.60, 12.68, True),  # Dragør
        (55.10, 14.70, True),  # Rønne
        (55.32, 15.19, True),  # Christiansø
    ],
)
def test_southern_sweden_is_not_in_denmark(lat: float, lon: float, is_danish: bool) -> None:
    assert in_denmark(lat, lon) is is_danish
