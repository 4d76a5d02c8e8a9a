"""Coordinates are read as maps, phones and lists write them, and what is none is refused."""

import hypothesis.strategies as st
import pytest
from hypothesis import given

from register.places.coordinates import read_coordinates
from register.zones import grid_metres

LAT, LON = 55.770123, 12.503456

lats, lons = st.floats(54.5, 57.8), st.floats(8.0, 15.2)


@pytest.mark.parametrize(
    "text",
    [
        "55.770123, 12.503456",
        "55.770123,12.503456",
        "55,770123 12,503456",
        "55,770123, 12,503456",
        "55,770123; 12,503456",
        "(55.770123; 12.503456)",
        "lat: 55.770123, lon: 12.503456",
        "breddegrad 55,770123 længdegrad 12,503456",
        "12.503456, 55.770123",
        "N55.770123 E12.503456",
        "55.770123° N, 12.503456° Ø",
        "12.503456 E 55.770123 N",
        "+55.770123 +12.503456",
        "55°46'12.4428\"N 12°30'12.4416\"E",
        "55º 46′ 12,4428″ N; 12º 30′ 12,4416″ Ø",
        "55° 46.20738' N 12° 30.20736' E",
        "N 55 46 12.4428 E 12 30 12.4416",
    ],
)
def test_a_place_is_read_in_every_usual_form(text: str) -> None:
    assert read_coordinates(text) == pytest.approx((LAT, LON), abs=2e-6)


@pytest.mark.parametrize(
    "form",
    [
        "{e:.1f} {n:.1f}",
        "{n:.0f}, {e:.0f}",
        "E {e:.1f} N {n:.1f}",
        "32U {e:.0f} {n:.0f}",
        "32 V {e:.0f} {n:.0f}",
        "UTM32 {e:.0f}, {n:.0f}",
        "zone 32N {e:.1f} {n:.1f}",
    ],
)
def test_a_place_on_the_danish_grid_is_read_in_either_order(form: str) -> None:
    [east], [north] = grid_metres([LAT], [LON])  # pyright: ignore[reportArgumentType]
    found = read_coordinates(form.format(e=east, n=north))
    assert found == pytest.approx((LAT, LON), abs=2e-5)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "55.77",
        "55,77",
        "Lyngby Torv 1",
        "91, 12",
        "55.7, 181",
        "55°61'0\"N 12°30'0\"E",
        "N55.77 N12.50",
        "N55.77 12.50",
        "1 2 3",
        "55.77, 12.5, 10",
        "nan, inf",
        "1e400, 12",
        "5" * 101,
        "９９, １２",
    ],
)
def test_what_is_no_place_is_refused(text: str) -> None:
    assert read_coordinates(text) is None


@given(st.text(max_size=120))
def test_any_text_is_a_place_on_earth_or_none(text: str) -> None:
    found = read_coordinates(text)
    assert found is None or (abs(found[0]) <= 90 and abs(found[1]) <= 180)


@given(lats, lons, st.sampled_from(["{:.6f}, {:.6f}", "{:.6f} {:.6f}", "{:.6f}N {:.6f}E"]))
def test_a_place_that_is_written_is_read_again(lat: float, lon: float, form: str) -> None:
    written = form.format(lat, lon)
    for text in (written, written.replace(".", ",")):
        assert read_coordinates(text) == pytest.approx((lat, lon), abs=1e-6)
