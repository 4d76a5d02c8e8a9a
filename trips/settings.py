"""Settings of trips: how often they are found, how long they are kept, and the limits of driving
logs."""

from datetime import UTC, datetime

from pydantic import AwareDatetime, Field

from fleet.settings import SettingsGroup


class TripSettings(SettingsGroup):
    """The settings of finding and keeping trips, and the limits of driving logs."""

    trip_exact_days: int = Field(
        60,
        ge=0,
        description="days after which it is only kept roughly where a trip began and ended, unless "
        "at a depot; never before its positions are deleted; 0: always exactly",
    )
    trip_round_m: float = Field(
        100.0, gt=0, le=10_000, description="how roughly: metres between the points it is moved to"
    )
    trip_keep_days: int = Field(
        730,
        ge=0,
        description="days that trips, round trips and engine sessions are kept; the figures of "
        "each day stay; 0: for ever",
    )
    trips_every_s: float = Field(
        2.0, gt=0, description="pause between two rounds of bringing trips up to date"
    )
    trips_give_way_s: float = Field(
        0.2,
        gt=0,
        description="a sender that has waited for its commit for longer goes before the finding of "
        "trips",
    )
    trips_give_way_max_s: float = Field(
        2.0, ge=0, description="how long the finding of some trips waits for senders at most"
    )
    log_upload_days: int = Field(
        30, ge=1, description="days that an uploaded driving log and its refused rows are kept"
    )
    log_earliest: AwareDatetime = Field(
        datetime(2000, 1, 1, tzinfo=UTC),
        description="a trip of a driving log before this moment is a year that was mistyped",
    )
    log_overnight_max_h: float = Field(
        16.0,
        ge=0,
        lt=24,
        description="a return in a driving log that has no day and is earlier than its departure "
        "is of the next day, if the trip then lasts no more than these hours; 0: it is refused",
    )
    log_device_days_max: int = Field(
        500_000,
        ge=1,
        description="days of vehicles that one driving log makes, from its first trip to its last "
        "for each vehicle; earlier trips are refused",
    )
