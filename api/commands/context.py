"""The parameters and helpers that several commands share: settings, database, formats, moments for
people."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from access.settings import put_in_force
from api.console import expected_errors
from api.settings import Settings, load_settings
from db.connect import Pool, database_of, open_pool
from fleet.files.table_format import TableFormat
from fleet.localtime import LOCAL_ZONE, local_now

MOMENT_FORMATS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]

InputFile = Annotated[Path, typer.Argument(help="a .csv or .parquet file", show_default=False)]

FileFormat = Annotated[
    TableFormat | None,
    typer.Option(
        "--format",
        help="csv-da opens in a Danish Excel; default: what the file's name ends in, or parquet",
    ),
]

FirstDay = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day; default: all")
]

LastDay = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day; default: the latest")
]

Url = Annotated[
    str | None,
    typer.Option(help="the server to send to; default: FLAADE_PAGES_URL, or the host and port set"),
]


def settings_in_force() -> Settings:
    with expected_errors():
        return load_settings()


def refuse_backwards(since: datetime | None, until: datetime | None) -> None:
    """Refuse a last day that lies before the first."""
    if since is not None and until is not None and until < since:
        raise typer.BadParameter("lies before --since", param_hint="--until")


@asynccontextmanager
async def open_database() -> AsyncGenerator[tuple[Pool, Settings]]:
    current = load_settings()
    put_in_force(current)
    async with database_of(current) as found, open_pool(found.url, connections_max=4) as pool:
        yield pool, current


def days_ago(days: int) -> date:
    return local_now().date() - timedelta(days=days)


def moment_text(ts: datetime | None) -> str:
    return "never" if ts is None else f"{ts.astimezone(LOCAL_ZONE):%Y-%m-%d %H:%M:%S}"


def format_of(file: Path, asked: TableFormat | None) -> TableFormat:
    """The format that is asked for, or else the one that the file's name ends in, or Parquet."""
    if asked is not None:
        return asked
    ends = file.suffix.removeprefix(".").lower()
    return TableFormat(ends) if ends in set(TableFormat) else TableFormat.PARQUET
