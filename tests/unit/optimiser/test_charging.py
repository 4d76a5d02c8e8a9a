"""Charge points and peak power: what is promised of managed and unmanaged charging."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optimiser.studies.charging import (
    ElectricTrip,
    ElectricVehicle,
    charge_on_arrival,
    charging_need,
)

MONDAY = datetime(2026, 11, 16, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


def drive(hour: float, hours: float, kwh: float) -> ElectricTrip:
    return ElectricTrip(MONDAY + HOUR * hour, MONDAY + HOUR * (hour + hours), kwh)


@st.composite
def duties(draw: st.DrawFn) -> ElectricVehicle:
    """A vehicle's two weeks, in which it never needs more than its battery holds."""
    capacity, power = draw(st.sampled_from([30.0, 60.0])), draw(st.sampled_from([3.7, 11.0]))
    hour, lack = 0.0, 0.0
    drives: list[ElectricTrip] = []
    for _ in range(draw(st.integers(1, 8))):
        pause = draw(st.integers(1, 40)) / 2
        hour += pause
        lack = max(0.0, lack - pause * power)
        hours = draw(st.integers(1, 12)) / 2
        kwh = draw(st.floats(0, 1)) * (capacity - lack)
        drives.append(drive(hour, hours, kwh))
        hour, lack = hour + hours, lack + kwh
    return ElectricVehicle(capacity_kwh=capacity, power_kw=power, trips=tuple(drives))


@given(st.lists(duties(), min_size=1, max_size=4))
def test_managed_charging_never_peaks_above_unmanaged_and_never_below_the_mean(
    fleet: list[ElectricVehicle],
) -> None:
    found = charging_need(fleet)
    assert found.managed_kw <= found.unmanaged_kw + 1e-4
    hours = max((c.end for duty in fleet for c in charge_on_arrival(duty)), default=MONDAY)
    span = (hours - min(duty.trips[0].end for duty in fleet)) / HOUR
    if span > 0:
        assert found.managed_kw * max(span, 14 * 24) >= found.kwh - 1e-4


@given(duties())
def test_what_is_driven_is_charged_again_and_the_battery_stays_within_its_bounds(
    duty: ElectricVehicle,
) -> None:
    charges = charge_on_arrival(duty)
    charged = sum(c.kw * ((c.end - c.start) / HOUR) for c in charges)
    assert charged == pytest.approx(sum(d.kwh for d in duty.trips), abs=1e-4)
    changes = sorted(
        [(d.start, -d.kwh) for d in duty.trips]
        + [(c.end, c.kw * ((c.end - c.start) / HOUR)) for c in charges],
        key=lambda change: (change[0], -change[1]),
    )
    level = duty.capacity_kwh
    for _, kwh in changes:
        level += kwh
        assert -1e-4 <= level <= duty.capacity_kwh + 1e-4


def test_two_cars_that_come_home_together_take_turns_through_the_night() -> None:
    """22 kWh each at 11 kW, home at 16, out at 8: 22 kW unmanaged, 44 kWh over 16 hours managed.

    The week after has no drive, so nothing but Monday midnight is to be reached in time: the peak
    is that of the nights in which the cars must be ready.
    """
    days = [drive(24 * day + 2, 8, 22) for day in range(5)]
    fleet = [ElectricVehicle(capacity_kwh=22, power_kw=11, trips=tuple(days))] * 2
    found = charging_need(fleet)
    assert found.unmanaged_kw == pytest.approx(22)
    assert found.charging_at_once == 2
    assert found.managed_kw == pytest.approx(44 / 16, rel=1e-4)


def test_a_car_that_must_leave_soon_decides_the_peak() -> None:
    duty = ElectricVehicle(capacity_kwh=20, power_kw=11, trips=(drive(0, 1, 20), drive(3, 1, 20)))
    assert charging_need([duty]).managed_kw == pytest.approx(10, rel=1e-4)


def test_a_drive_beyond_the_battery_is_refused() -> None:
    with pytest.raises(ValueError, match="battery of 20 kWh"):
        charging_need([ElectricVehicle(capacity_kwh=20, power_kw=11, trips=(drive(0, 1, 21),))])


def test_no_electric_vehicle_needs_nothing() -> None:
    found = charging_need([])
    assert (found.vehicles, found.charging_at_once, found.managed_kw) == (0, 0, 0.0)
