"""Settings of the database."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from fleet.settings import SettingsGroup


def _postgresql_url(url: str | None) -> str | None:
    if url is not None and not url.startswith(("postgresql://", "postgres://")):
        raise ValueError("must start with postgresql://")
    return url


class DatabaseSettings(SettingsGroup):
    """The database, the directory of an embedded one, and how long positions are kept."""

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
