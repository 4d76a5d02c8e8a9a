"""The command `flaade utilisation`: how vehicles were used, from the database or from files."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Column, Table

from api.commands.bounds import Commands
from api.commands.context import (
    FileFormat,
    FirstDay,
    LastDay,
    format_of,
    open_database,
    refuse_backwards,
)
from api.commands.sheets import print_reading_notes, read_log_sheet
from api.console import counted, err, expected_errors, out, print_remark, run_command, table_of
from api.settings import load_settings
from fleet.files.refusal import TableError
from fleet.files.tables import write_table
from fleet.localtime import local_now
from register.fleet_list import read_fleet_list
from register.register_file import ListedVehicle
from register.vehicles import MEASURED_IN_HOURS, Vehicle
from trips.detect.parameters import parameters_by_class
from trips.driving_log.log_columns import LogField
from trips.driving_log.log_rows import log_limits, read_log
from trips.driving_log.log_sheet import LogSheet
from trips.driving_log.vehicle_names import vehicle_names
from trips.use.fleet_use import AnyVehicle, FleetUse, fleet_use, period_between
from trips.use.month_cache import MonthCache
from trips.use.use_of_log import LoggedVehicle, days_driven, use_in_log
from trips.use.use_table import use_table

app = Commands()

REFUSED_SHOWN = 20

#: The name of the sheet of Excel, which is that of the page with the same figures.
SHEET_NAME = "Udnyttelse"


@app.command()
def utilisation(
    out_file: Annotated[
        Path | None, typer.Option("--out", help="the file to write; default: shown here")
    ] = None,
    asked_format: FileFormat = None,
    since: FirstDay = None,
    until: LastDay = None,
    trips_file: Annotated[
        Path | None,
        typer.Option("--trips", help="of this driving log or trips.csv, not of the database"),
    ] = None,
    fleet_file: Annotated[
        Path | None, typer.Option("--fleet", help="the vehicles of --trips, as flaade register")
    ] = None,
) -> None:
    """How each vehicle was used in a period, and how far its tracker tells: a row a vehicle."""
    refuse_backwards(since, until)
    first, last = since and since.date(), until and until.date()

    async def work() -> FleetUse[Vehicle]:
        async with open_database() as (pool, current):
            period = await period_between(pool, first, last)
            if period is None:
                raise TableError("there are no trips in the period")
            return await fleet_use(pool, MonthCache(), period, current.coverage_min)

    if trips_file is None:
        if fleet_file is not None:
            raise typer.BadParameter("--fleet goes with --trips")
        fleet = run_command(work)
    else:
        with expected_errors():
            fleet = _from_files(trips_file, fleet_file, first, last)
    if out_file is None:
        out.print(_shown(fleet))
    else:
        with out_file.open("wb") as file:
            form = format_of(out_file, asked_format)
            write_table(use_table(fleet.vehicles), file, form, SHEET_NAME)
    period = fleet.calendar.period
    out.print(
        f"{counted(len(fleet.vehicles), 'vehicle')} from {period.first} to {period.last}"
        f"{f' in {out_file}' if out_file else ''}, {fleet.together().unknown} of them unknown"
    )


def _from_files(
    trips_file: Path, fleet_file: Path | None, first: date | None, last: date | None
) -> FleetUse[LoggedVehicle]:
    sheet, columns = read_log_sheet(trips_file)
    if fleet_file is None:
        listed = _named_in(sheet, columns.get(LogField.VEHICLE))
    else:
        listed = [
            _listed(vehicle)
            for vehicle in read_fleet_list(
                fleet_file, parameters_by_class(), load_settings().upload_bounds, say=print_remark
            )
        ]
    listed.sort(key=lambda one: one.vehicle_id)
    names = vehicle_names(
        (name, one.vehicle_id)
        for one in listed
        for name in (one.name, one.device, one.vehicle_id)
        if name is not None
    )
    taken, refused = read_log(sheet, columns, names, log_limits(load_settings(), local_now()))
    for refusal in refused[:REFUSED_SHOWN]:
        err.print(f"row {refusal.row}: {refusal}")
    if refused:
        err.print(f"{counted(len(refused), 'row')} left out")
    period = days_driven(taken, first, last)
    if period is None:
        raise TableError(f"{trips_file}: there are no trips in the period")
    print_reading_notes(sheet, columns)
    vehicles = {one.vehicle_id: one for one in listed}
    return use_in_log(vehicles, taken, period, load_settings().coverage_min, local_now())


def _listed(vehicle: ListedVehicle) -> LoggedVehicle:
    return LoggedVehicle(
        vehicle_id=vehicle.vehicle_id,
        name=vehicle.name,
        department=vehicle.department,
        kind_name=vehicle.kind,
        depot_name=vehicle.depot,
        device=vehicle.device,
        by_hours=vehicle.measured_in == MEASURED_IN_HOURS,
    )


def _named_in(sheet: LogSheet, heading: str | None) -> list[LoggedVehicle]:
    """The vehicles that the log names, for want of a list of the fleet."""
    if heading is None:
        return []
    at = sheet.headings.index(heading)
    names = {str(row[at]).strip() for row in sheet.rows if at < len(row)} - {"", "None"}
    return [LoggedVehicle(vehicle_id=name, name=name) for name in names]


def _number(value: float | None, unit: str = "") -> str:
    return "unknown" if value is None else f"{value:,.0f}{unit}"


def _shown(fleet: FleetUse[AnyVehicle]) -> Table:
    """The columns of the table that fit a terminal."""
    headings = ("days used", "of days", "trips", "driven", "hours away", "covered")
    table = table_of("vehicle", *(Column(heading, justify="right") for heading in headings))
    for one in fleet.vehicles:
        use = one.figures
        table.add_row(
            one.vehicle.name,
            str(use.days_used) if use.known else "unknown",
            str(use.days_known) if use.known else "",
            _number(use.told(use.trips)),
            _number(use.told(use.engine_h), " engine h")
            if one.vehicle.by_hours
            else _number(use.told(use.km), " km"),
            _number(use.told(use.away_h)),
            f"{use.covered_share:.0%}",
        )
    return table
