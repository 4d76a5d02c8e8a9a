"""Commands for trips and places: found, taken in, computed anew, taken away."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from api.actors import AT_COMMAND_LINE
from api.commands.bounds import Commands
from api.commands.context import (
    FileFormat,
    FirstDay,
    InputFile,
    LastDay,
    format_of,
    open_database,
    refuse_backwards,
)
from api.commands.sheets import print_reading_notes, read_log_sheet
from api.console import counted, err, expected_errors, out, print_remark, progress_bar, run_command
from api.headings import SHEET_NAMES, with_headings
from api.settings import load_settings
from db.audit.record import record_export
from fleet.files.own_process import read_in_own_process
from fleet.files.refusal import FileRefusedError, TableError
from fleet.files.table_format import TableFormat
from fleet.files.tables import write_table
from fleet.localtime import local_now
from fleet.period import Period
from register.places.doubts import DoubtfulPlaceError
from register.track_reasons import TrackAccess
from register.vehicles import refuse_unknown_vehicle
from register.zones import zones_of_answer
from register.zones_stored import put_zones
from trips.detect.parameters import TripParameters, parameters_by_class
from trips.driving_log.log_columns import ColumnProblem, ColumnsError, LogField
from trips.driving_log.log_import import import_log, preview
from trips.driving_log.log_rows import log_limits
from trips.driving_log.log_sheet import LogSheet
from trips.driving_log.refusals import RowRefusal, refusal_table
from trips.files.export import ExportedTable, export_table
from trips.files.position_log import trips_in_log, write_trips
from trips.recompute import StoredDifference, recompute
from trips.stored.set_aside import TripFailure

#: The singular and the plural of a row of each export.
_NOUNS = {
    ExportedTable.TRIPS: ("trip", "trips"),
    ExportedTable.ROUND_TRIPS: ("round trip", "round trips"),
}

app = Commands()


@app.command()
def trips(
    file: InputFile,
    out_file: Annotated[Path, typer.Option("--out", help="the CSV file to write")],
    stop_seconds: Annotated[
        float | None, typer.Option(min=1, help="a stop of this length ends a trip")
    ] = None,
    vehicle_class: Annotated[
        str, typer.Option("--class", help="how trips are cut: " + ", ".join(parameters_by_class()))
    ] = "car",
) -> None:
    """Find the trips in a log of positions; needs no database."""
    with expected_errors():
        parameters = _parameters(vehicle_class, stop_seconds)
        found = trips_in_log(file, parameters, print_remark, load_settings().speed_max_kmh)
        write_trips(found.trips, out_file)
    if found.unusable:
        err.print(f"{counted(found.unusable, 'row')} left out: no device, or no place on earth")
    for column, count in sorted(found.left_out.items()):
        err.print(f"{column}: {counted(count, 'value')} left out, which no sensor can say")
    for device, count in sorted(found.set_aside.items()):
        err.print(
            f"{device}: {counted(count, 'fix', 'fixes')} set aside, where no vehicle can have been"
        )
    out.print(f"{counted(len(found.trips), 'trip')} in {out_file}")


def _parameters(vehicle_class: str, stop_s: float | None) -> TripParameters:
    """The parameters of a class of vehicles, with `stop_s` instead of its own when given."""
    classes = parameters_by_class()
    if vehicle_class not in classes:
        raise TableError(f"--class: no class {vehicle_class} ({', '.join(classes)})")
    of_class = classes[vehicle_class]
    return of_class if stop_s is None else replace(of_class, stop_s=stop_s)


@app.command("import-log")
def import_log_command(
    file: Annotated[Path, typer.Argument(help="a driving log: .csv, .xlsx, .xls or .ods")],
    columns: Annotated[
        str, typer.Option(help="headings, as vehicle=Bil,start=Afgang; others are guessed")
    ] = "",
    refused: Annotated[
        Path | None, typer.Option(help="CSV file to write the refused rows to")
    ] = None,
) -> None:
    """Take the trips of a driving log; rows that do not fit are refused, each with its reason."""

    async def work() -> None:
        parts = [part for part in columns.split(",") if part]
        if loose := [part for part in parts if "=" not in part]:
            raise TableError(f"--columns: {loose[0]} is no field=heading")
        given = dict(part.split("=", 1) for part in parts)
        unknown = sorted(set(given) - set(LogField))
        if unknown:
            raise TableError(f"--columns: no field {', '.join(unknown)} ({', '.join(LogField)})")
        sheet, chosen = read_log_sheet(
            file, {LogField(name): heading for name, heading in given.items()}
        )
        async with open_database() as (pool, _):
            limits = log_limits(load_settings(), datetime.now(UTC))
            try:
                done = await import_log(pool, AT_COMMAND_LINE, sheet, chosen, file.name, limits)
            except ColumnsError as error:
                told = {fault.problem for fault in error.faults.values()}
                if refused is not None and told == {ColumnProblem.NO_VEHICLES}:
                    _write_refused((await preview(pool, sheet, chosen, limits))[1], sheet, refused)
                raise
        print_reading_notes(sheet, chosen)
        for refusal in done.refused[:20]:
            err.print(f"row {refusal.row}: {refusal}")
        if refused is not None:
            _write_refused(done.refused, sheet, refused)
        out.print(
            f"{counted(done.trips, 'trip')} of {counted(done.vehicles, 'vehicle')}, "
            f"{counted(len(done.refused), 'row')} refused"
        )
        if done.known:
            out.print(f"{counted(done.known, 'row')} taken in before")
        if done.private:
            rows = counted(done.private, "row")
            out.print(f"{rows} left out: what was, or may have been, driven in private")

    run_command(work)


def _write_refused(rows: Sequence[RowRefusal], sheet: LogSheet, to: Path) -> None:
    """Write the refused rows of a log to a file, each with its reason."""
    with to.open("wb") as report:
        table = refusal_table(sheet.headings, rows)
        write_table(table, report, TableFormat.DANISH_CSV, "refused rows")


@app.command("import-zones")
def import_zones(
    file: Annotated[Path, typer.Argument(help="GeoJSON: polygons, or points with radius_m")],
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="Also outside Denmark, and depots that overlap")
    ] = False,
) -> None:
    """Add the depots and other zones of a GeoJSON file, or change those with the same id."""

    async def work() -> None:
        try:
            content = file.read_bytes()
            bounds = load_settings().upload_bounds
            found = zones_of_answer(
                read_in_own_process("register.zones:read_zones", file.name, content, bounds)
            )
        except OSError as error:
            raise TableError(f"{file}: {error.strerror}") from None
        except FileRefusedError as error:
            raise TableError(f"{file}: {error}") from None
        async with open_database() as (pool, _):
            try:
                put = await put_zones(pool, AT_COMMAND_LINE, found, confirmed=confirmed)
            except DoubtfulPlaceError as doubt:
                raise TableError(f"{file}: {doubt} With --confirmed it is taken.") from None
        out.print(
            f"{counted(put.added, 'zone')} added, {put.changed} with the same id changed;"
            " the worker finds round trips anew"
        )

    run_command(work)


@app.command("recompute")
def recompute_command(
    write: Annotated[
        bool, typer.Option("--write/--check", help="mend what differs, or only say what does")
    ] = False,
) -> None:
    """Find all trips and days anew from the raw positions, and name every day that differs.

    Ends with 1 when something differs and was not mended, or a device could not be done.
    """
    failed: dict[str, TripFailure] = {}

    async def work() -> list[StoredDifference]:
        async with open_database() as (pool, _):
            with progress_bar("Devices", 0) as advance:
                return await recompute(
                    pool, write=write, on_progress=advance, on_failure=failed.__setitem__
                )

    found = run_command(work)
    for one in found:
        vehicle = one.vehicle_id or "no vehicle"
        out.print(f"{one.day}  {one.device} ({vehicle}): {one.what}")
    done = "mended" if write else "found"
    out.print(f"{counted(len(found), 'difference')} {done}")
    for device, aside in sorted(failed.items()):
        err.print(f"{device}: not done: {aside.trouble} ({aside.error})")
    if failed or (found and not write):
        raise typer.Exit(1)


@app.command()
def export(
    what: Annotated[ExportedTable, typer.Argument(help="what to take away")],
    out_file: Annotated[Path, typer.Option("--out", help="the file to write")],
    asked_format: FileFormat = None,
    since: FirstDay = None,
    until: LastDay = None,
    vehicle: Annotated[str | None, typer.Option(help="of this vehicle only")] = None,
) -> None:
    """Write trips or round trips of a period to a file."""
    form = format_of(out_file, asked_format)
    refuse_backwards(since, until)

    async def work() -> None:
        period = Period(since.date() if since else date(2000, 1, 1), (until or local_now()).date())
        async with open_database() as (pool, _):
            if vehicle is not None:
                await refuse_unknown_vehicle(pool, vehicle)
            access = TrackAccess(vehicle, "")
            table = await export_table(pool, AT_COMMAND_LINE, access, what, period)
            await record_export(pool, AT_COMMAND_LINE, out_file.name, table.num_rows)
        if form.for_people:
            table = with_headings(table, what)
        with out_file.open("wb") as file:
            write_table(table, file, form, SHEET_NAMES[what])
        out.print(f"{counted(table.num_rows, *_NOUNS[what])} in {out_file}")

    run_command(work)
