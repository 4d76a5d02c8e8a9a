"""Moments of a day."""

from datetime import datetime
from typing import Any


def at(ts: datetime, lat: float, **values: Any) -> dict[str, Any]:
    return {"device": "d1", "ts": ts.isoformat(), "lat": lat, "lon": 12.5} | values
