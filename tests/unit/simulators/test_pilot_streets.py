"""The generated town: connected streets inside the municipality, addresses away from depots."""

from dataclasses import replace

import numpy as np
import pytest

from simulators.municipality import Municipality, load_municipality
from simulators.streets import LocalPlane, Streets, is_inside


@pytest.fixture(scope="module")
def municipality() -> Municipality:
    return load_municipality()


@pytest.fixture(scope="module")
def streets(municipality: Municipality) -> Streets:
    return Streets(municipality.town, municipality.depot)


def test_the_same_town_is_built_every_time(municipality: Municipality, streets: Streets) -> None:
    again = Streets(municipality.town, municipality.depot)
    assert (again.xy == streets.xy).all()
    for depot, addresses in streets.addresses.items():
        assert (again.addresses[depot] == addresses).all()


def test_every_address_can_be_reached_and_left_again(streets: Streets) -> None:
    for depot, addresses in streets.addresses.items():
        home = streets.depots[depot]
        for address in addresses.tolist():
            there, back = streets.path(home, address), streets.path(address, home)
            assert (there.xy[0] == streets.xy[home]).all()
            assert (there.xy[-1] == streets.xy[address]).all()
            assert (back.xy[0] == there.xy[-1]).all()
            assert len(there.kmh) == len(there.xy) - 1


def test_a_path_is_a_quickest_one_both_ways(streets: Streets) -> None:
    """Streets are the same in both directions, so the time there equals the time back."""

    def hours(a: int, b: int) -> float:
        path = streets.path(a, b)
        length = np.linalg.norm(np.diff(path.xy, axis=0), axis=1) / 1000
        return float((length / path.kmh).sum())

    home = streets.depots["raadhuset"]
    for address in streets.addresses["raadhuset"].tolist():
        assert hours(home, address) == pytest.approx(hours(address, home))
        for other in streets.addresses["raadhuset"][:5].tolist():
            if other != address:
                assert hours(home, address) <= hours(home, other) + hours(other, address) + 1e-9


def test_main_roads_are_faster_than_streets(municipality: Municipality, streets: Streets) -> None:
    home = streets.depots["raadhuset"]
    speeds = np.concatenate(
        [streets.path(home, a).kmh for a in streets.addresses["raadhuset"].tolist()]
    )
    assert speeds.min() >= municipality.town.street_kmh[0]
    assert set(speeds[speeds > municipality.town.street_kmh[1]]) <= {55.0, 60.0, 70.0}
    assert (speeds > municipality.town.street_kmh[1]).mean() > 0.1


def test_streets_lie_inside_the_outline_and_not_in_the_deer_park(
    municipality: Municipality, streets: Streets
) -> None:
    outline = streets.plane.to_metres(np.array(municipality.town.outline))
    park = streets.plane.to_metres(np.array(municipality.town.without_streets[0]))
    addresses = np.concatenate(list(streets.addresses.values()))
    assert is_inside(streets.xy[addresses], outline).all()
    assert not is_inside(streets.xy[addresses], park).any()
    assert is_inside(streets.xy, outline).mean() > 0.97


def test_addresses_are_within_reach_and_no_visit_looks_like_a_return(
    municipality: Municipality, streets: Streets
) -> None:
    sites = streets.xy[list(streets.depots.values())]
    for depot in municipality.depot:
        xy = streets.xy[streets.addresses[depot.id]]
        assert len(xy) == depot.addresses
        home = streets.xy[streets.depots[depot.id]]
        assert np.linalg.norm(xy - home, axis=1).max() < depot.reach_km * 1000
        gaps = np.linalg.norm(xy[:, None] - sites[None], axis=2)
        assert (gaps > max(d.radius_m for d in municipality.depot) + 100).all()


def test_a_depot_with_more_addresses_than_corners_is_refused(municipality: Municipality) -> None:
    depot = replace(municipality.depot[0], reach_km=0.5)
    with pytest.raises(ValueError, match=r"depot 'raadhuset': \d+ corners within 0.5 km"):
        Streets(municipality.town, (depot,))


def test_metres_and_degrees_convert_both_ways() -> None:
    plane = LocalPlane(55.78, 12.51)
    degrees = np.array([[55.78, 12.51], [55.79, 12.55], [55.76, 12.45]])
    assert plane.to_degrees(plane.to_metres(degrees)) == pytest.approx(degrees)
    assert plane.to_metres(np.array([[55.79, 12.51]]))[0] == pytest.approx([0.0, 1111.95], abs=0.01)


def test_inside_tells_a_notch_from_the_shape() -> None:
    notched = np.array([[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]], dtype=float)
    points = np.array([[1, 1], [2, 3], [3.5, 2], [5, 1], [2, 0.5]], dtype=float)
    assert is_inside(points, notched).tolist() == [True, False, True, False, True]
