"""Moments of a day, and the day of the tests.

Tests ask for the local day when they run: a day that was taken while they were collected is
yesterday in a run across midnight.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from fleet.localtime import local_now


def at(ts: datetime, lat: float, **values: Any) -> dict[str, Any]:
    return {"device": "d1", "ts": ts.isoformat(), "lat": lat, "lon": 12.5} | values


def today(days: int = 0) -> date:
    """The local day, or the one so many days later; earlier where `days` is negative."""
    return local_now().date() + timedelta(days=days)


def on_days(values: Mapping[str, object]) -> dict[str, Any]:
    """Values in which each distance in time has become the day that lies so far from today."""
    return {
        name: today(value.days) if isinstance(value, timedelta) else value
        for name, value in values.items()
    }
