"""What is plausible, and the reason for what is not."""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_network
from math import inf, nan

import pytest
from msgspec.structs import replace

from fleet.position import Position
from ingest.gate.plausibility import PlausibleLimits, implausible, without_impossible
from ingest.gate.refusal import Reason
from ingest.gate.sender import Sender, sender_by_address
from ingest.protocols.position_columns import PositionColumns

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
LIMITS = PlausibleLimits(datetime(2010, 1, 1, tzinfo=UTC), timedelta(minutes=10), 250)
GOOD = Position(device="d", ts=NOW, lat=55.77, lon=12.5, speed_kmh=50, soc_pct=80)


def test_a_normal_position_passes() -> None:
    assert implausible(GOOD, LIMITS, NOW) is None


def test_a_clock_that_runs_a_little_ahead_passes() -> None:
    assert implausible(replace(GOOD, ts=NOW + timedelta(minutes=9)), LIMITS, NOW) is None


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"ts": datetime(1970, 1, 1, tzinfo=UTC)}, Reason.CLOCK),
        ({"ts": datetime(2099, 1, 1, tzinfo=UTC)}, Reason.CLOCK),
        ({"lat": nan}, Reason.COORDINATES),
        ({"lon": inf}, Reason.COORDINATES),
        ({"lat": 91.0}, Reason.COORDINATES),
        ({"lon": -180.1}, Reason.COORDINATES),
        ({"lat": 0.0, "lon": 0.0}, Reason.ZERO_ISLAND),
    ],
)
def test_what_cannot_be_true_has_its_reason(change: dict[str, object], reason: Reason) -> None:
    found = implausible(replace(GOOD, **change), LIMITS, NOW)  # pyright: ignore[reportArgumentType]
    assert found is not None
    assert found[0] is reason
    assert found[1]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("speed_kmh", 251.0),
        ("speed_kmh", -1.0),
        ("speed_kmh", nan),
        ("altitude_m", -32_768.0),
        ("heading_deg", 65_535.0),
        ("heading_deg", -1.0),
        ("satellites", 248),
        ("accuracy_m", -1.0),
        ("soc_pct", 101.0),
        ("odometer_km", 4_294_967.295),
        ("odometer_km", inf),
        ("battery_v", nan),
    ],
)
def test_a_value_that_no_sensor_can_say_costs_itself(field: str, value: float) -> None:
    bad = replace(GOOD, **{field: value})  # pyright: ignore[reportArgumentType]
    positions, dropped = without_impossible(PositionColumns.of([GOOD, bad]), LIMITS)
    without = replace(GOOD, **{field: None})  # pyright: ignore[reportArgumentType]
    assert list(positions) == [GOOD, without]
    assert dropped == {field: 1}


@pytest.mark.parametrize("place", [{}, {"lat": 0.0, "lon": 0.0}, {"lat": nan, "lon": nan}])
def test_without_a_fix_the_place_does_not_matter(place: dict[str, float]) -> None:
    asleep = replace(GOOD, satellites=0, **place)  # pyright: ignore[reportArgumentType]
    assert implausible(asleep, LIMITS, NOW) is None


def test_a_device_may_send_for_itself_only_and_a_gateway_for_all() -> None:
    assert Sender("d1", None).may_send_for("d1")
    assert not Sender("d1", None).may_send_for("d2")
    assert Sender(None, "g").may_send_for("d2")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("10.20.3.4", True),
        ("10.21.3.4", False),
        ("::ffff:10.20.3.4", True),
        ("2001:db8::5", True),
        ("fe80::1%eth0", False),
    ],
)
def test_without_a_key_a_device_is_whom_it_names_when_its_network_is_allowed(
    address: str, allowed: bool
) -> None:
    networks = [ip_network("10.20.0.0/16"), ip_network("2001:db8::/32")]
    expected = Sender("d1", None) if allowed else None
    assert sender_by_address(address, "d1", networks) == expected
