"""Settings of the database."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from fleet.settings import SettingsGroup


def _postgresql_url(url: str | None) -> str | None:
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("must start with postgresql://")
    return url


#: The days that entries of the audit log are kept at the least; `forget_audit` holds it, too.
AUDIT_DAYS_MIN = 90


def _audit_days(days: int) -> int:
    if 0 < days < AUDIT_DAYS_MIN:
        raise ValueError(f"must be 0 or at least {AUDIT_DAYS_MIN}")
    return days


class DatabaseSettings(SettingsGroup):
    """The database, the directory of an embedded one, and how long positions and the audit log are
    kept."""

    database_url: Annotated[str | None, AfterValidator(_postgresql_url)] = Field(
        None, description="a PostgreSQL or TimescaleDB URL; absent: the embedded server"
    )
    database_wait_max_s: float = Field(
        60.0, ge=0, description="how long the start waits for a database that is starting itself"
    )
    data_dir: Path = Field(
        Path("flaade-data"), description="where the embedded server keeps its data"
    )
    position_keep_days: int = Field(
        60,
        ge=0,
        description="days that positions and refused telemetry are kept; 0: for ever",
    )
    audit_keep_days: Annotated[int, AfterValidator(_audit_days)] = Field(
        730,
        ge=0,
        description="days that the audit log keeps who did what and who looked at trips, as long "
        "as trips are kept by default; at least 90, or 0: for ever",
    )
