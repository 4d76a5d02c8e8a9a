"""What trackers send their speed in."""

from enum import StrEnum


class SpeedUnit(StrEnum):
    """What the `speed` of a query is in."""

    KNOTS = "knots"
    M_S = "m/s"
    KM_H = "km/h"
