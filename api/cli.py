"""The command `flaade`: every way to run and to ask the system from a terminal."""

import asyncio
import gc
import json
import logging
import os
import re
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.table import Table

from api.console import err, expected_errors, out, progress_bar, run
from api.demo import run_demo
from api.fleet_list import load_fleet_list
from api.register import load_register, read_register
from api.server import Part, running, until_told_to_stop
from db.connect import Pool, database_url, open_pool
from db.statements import statements
from fleet.localtime import LOCAL
from fleet.period import Period
from fleet.settings import Settings, load_settings
from fleet.tables import TableError, TableFormat, write_table
from ingest.buffer import open_buffer
from ingest.intake import Intake
from ingest.privacy import end_private, private_periods, set_private
from ingest.private import PrivatePeriod, parse_duty
from ingest.registry import (
    EnrolmentError,
    allow_networks,
    enrol_device,
    list_keys,
    new_device_key,
    new_gateway_key,
    revoke_key,
    revoke_keys,
)
from optimiser.check import check_files
from optimiser.files import read_problem, write_plan
from optimiser.solve import Progress, solve
from simulators.pilot import generate_pilot
from simulators.pilot_files import write_pilot
from simulators.replay import Target, default_state_file, read_log, replay
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.plan import load_programme
from trips.detect import TripParameters
from trips.driving_log import Field, Limits, Sheet, guess_columns, read_sheet, refusal_table
from trips.export import Export, export_table
from trips.log import trips_in_log, write_trips
from trips.logged import import_log
from trips.months import Months
from trips.places import put_zones
from trips.recompute import Difference, recompute
from trips.use_table import use_table
from trips.utilisation import fleet_use, period_between
from trips.zones import ZoneError, read_geojson

#: Objects that a server makes before it looks for cycles among them, which are rare.
GARBAGE_OBJECTS = 50_000

app = typer.Typer(
    help="Fleet management that a municipality runs itself.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
device_app = typer.Typer(help="Trackers and gateways, and the keys they send with.")
quarantine_app = typer.Typer(help="Telemetry that was refused, and why.")
private_app = typer.Typer(help="Private driving, which is dropped on arrival.")
app.add_typer(device_app, name="device", no_args_is_help=True)
app.add_typer(private_app, name="private", no_args_is_help=True)
app.add_typer(quarantine_app, name="quarantine", no_args_is_help=True)

_MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]

#: Notes on the input that are shown on a terminal; all of them are in the plan.
NOTES_SHOWN = 20

InputFile = Annotated[Path, typer.Argument(help="a .csv or .parquet file", show_default=False)]
Url = Annotated[str, typer.Option(help="the server to send to")]


def main() -> None:
    """Entry point of the command."""
    with expected_errors():
        app()


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="stop after the first proposals")] = False,
) -> None:
    """From nothing to a running system: a pilot, its trips, the first proposals, the pages."""
    settings = _settings()
    run(lambda: run_demo(settings, once=once))


@app.command()
def serve(
    only: Annotated[
        str | None,
        typer.Option(
            help="parts to run, comma-separated: ingest, api, worker, and with a buffer writer; "
            "default: all"
        ),
    ] = None,
) -> None:
    """Run the system until it is told to stop (SIGTERM or Ctrl-C)."""
    settings = _settings()
    try:
        parts = None if only is None else [Part(name.strip()) for name in only.split(",")]
    except ValueError as error:
        raise typer.BadParameter(f"--only: {error}") from None

    async def work() -> None:
        async with database_url(settings) as url, running(settings, url, parts) as server:
            async with open_pool(url, connections_max=2) as pool:
                await load_programme(pool, read_programme(FLEET_PROGRAMME))
            # Looking for garbage in all that was loaded, and in the rows that wait for a commit,
            # would take a quarter of the processor time of ingest.
            gc.collect()
            gc.freeze()
            gc.set_threshold(GARBAGE_OBJECTS)
            await until_told_to_stop(server)

    run(work, log_level=logging.INFO)


@app.command()
def simulate(
    directory: Annotated[Path, typer.Argument(help="where to write the pilot's files")],
    weeks: Annotated[int, typer.Option(min=1, help="weeks of data")] = 8,
    vehicles: Annotated[int, typer.Option(min=1, help="vehicles in the fleet")] = 60,
    seed: Annotated[int, typer.Option(min=0, help="the same seed gives the same pilot")] = 1,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="first day; default: so that it ends yesterday"),
    ] = None,
) -> None:
    """Generate a pilot: positions as Parquet, the register, and the exact trips behind them."""
    first = start.date() if start else _days_ago(7 * weeks)
    with expected_errors():
        try:
            pilot = generate_pilot(start=first, weeks=weeks, vehicles=vehicles, seed=seed)
        except ValueError as error:
            raise TableError(str(error)) from None
        write_pilot(pilot, directory)
    out.print(
        f"{len(pilot.vehicles)} vehicles, {pilot.positions.num_rows:,} positions and "
        f"{pilot.round_trips.num_rows:,} round trips from {first} in {directory}",
        highlight=False,
    )


@app.command(name="replay")
def replay_command(
    file: InputFile,
    key: Annotated[str, typer.Option(help="a gateway's key")],
    url: Url = "http://127.0.0.1:8080",
    speed: Annotated[
        float, typer.Option(min=0, help="times faster than the clock; 0: as fast as it goes")
    ] = 0.0,
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="positions in one request")] = 500,
    give_up: Annotated[float, typer.Option(min=1, help="seconds the server may be away")] = 60.0,
    state: Annotated[
        Path | None, typer.Option(help="where progress is kept; default: the user's state folder")
    ] = None,
) -> None:
    """Send a log of positions to a server as trackers would; goes on where it stopped."""

    async def work() -> None:
        table, ignored = read_log(file)
        if ignored:
            err.print(f"columns not sent: {', '.join(ignored)}", highlight=False)
        target = Target(url=url, key=key, speed=speed, batch_rows=batch, give_up_s=give_up)
        with progress_bar(f"Sending {file.name}", table.num_rows) as advance:
            done = await replay(
                table,
                target,
                state or default_state_file(file, url),
                lambda progress: advance(progress.acknowledged),
            )
        out.print(
            f"{done.acknowledged} acknowledged: {done.stored} stored, {done.duplicate} duplicate, "
            f"{done.quarantined} quarantined",
            highlight=False,
        )

    run(work)


@app.command()
def trips(
    file: InputFile,
    out_file: Annotated[Path, typer.Option("--out", help="the CSV file to write")],
    stop_seconds: Annotated[
        float, typer.Option(min=1, help="a stop of this length ends a trip")
    ] = TripParameters().stop_s,
) -> None:
    """Find the trips in a log of positions; needs no database."""
    with expected_errors():
        found, unusable = trips_in_log(file, TripParameters(stop_s=stop_seconds))
        write_trips(found, out_file)
    if unusable:
        err.print(f"{unusable} rows left out: no device, or no place on earth", highlight=False)
    out.print(f"{len(found)} trips in {out_file}", highlight=False)


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
        sheet = _sheet(file)
        given = dict(part.split("=", 1) for part in columns.split(",") if "=" in part)
        unknown = sorted(set(given) - set(Field))
        if unknown:
            raise TableError(f"--columns: no field {', '.join(unknown)} ({', '.join(Field)})")
        chosen = guess_columns(sheet.headings) | {Field(k): v for k, v in given.items()}
        async with _pool() as (pool, _):
            limits = Limits(now=datetime.now(UTC))
            done = await import_log(pool, sheet, chosen, file.name, limits)
        for refusal in done.refused[:20]:
            err.print(f"row {refusal.row}: {refusal}", markup=False, highlight=False)
        if refused is not None:
            with refused.open("wb") as report:
                write_table(
                    refusal_table(sheet.headings, done.refused), report, TableFormat.DANISH_CSV
                )
        out.print(
            f"{done.trips} trips of {done.vehicles} vehicles, {len(done.refused)} rows refused",
            highlight=False,
        )

    run(work)


def _sheet(file: Path) -> Sheet:
    try:
        return read_sheet(str(file), file.read_bytes())
    except OSError as error:
        raise TableError(f"{file}: {error.strerror}") from None


@app.command("import-zones")
def import_zones(
    file: Annotated[Path, typer.Argument(help="GeoJSON: polygons, or points with radius_m")],
) -> None:
    """Add the depots and other zones of a GeoJSON file, or change those with the same id."""

    async def work() -> None:
        try:
            found = read_geojson(file.read_bytes())
        except (OSError, ZoneError) as error:
            raise TableError(f"{file}: {error}") from None
        async with _pool() as (pool, _):
            await put_zones(pool, found)
        out.print(f"{len(found)} zones; the worker finds round trips anew", highlight=False)

    run(work)


@app.command("recompute")
def recompute_command(
    write: Annotated[
        bool, typer.Option("--write/--check", help="mend what differs, or only say what does")
    ] = False,
) -> None:
    """Find all trips and days anew from the raw positions, and name every day that differs.

    Ends with 1 when something differs and was not mended.
    """

    async def work() -> list[Difference]:
        async with _pool() as (pool, _):
            with progress_bar("Devices", 0) as advance:
                return await recompute(pool, write=write, on_progress=advance)

    found = run(work)
    for one in found:
        vehicle = one.vehicle_id or "no vehicle"
        out.print(f"{one.day}  {one.device} ({vehicle}): {one.what}", markup=False, highlight=False)
    done = "mended" if write else "found"
    out.print(f"{len(found)} differences {done}", highlight=False)
    if found and not write:
        raise typer.Exit(1)


@app.command()
def export(
    what: Annotated[Export, typer.Argument(help="what to take away")],
    out_file: Annotated[Path, typer.Option("--out", help="the file to write")],
    form: Annotated[
        TableFormat, typer.Option("--format", help="csv-da opens in a Danish Excel")
    ] = TableFormat.PARQUET,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day; default: all")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day; default: today")
    ] = None,
    vehicle: Annotated[str | None, typer.Option(help="of this vehicle only")] = None,
) -> None:
    """Write trips or round trips of a period to a file."""

    async def work() -> None:
        period = Period(since.date() if since else date(2000, 1, 1), (until or _now()).date())
        async with _pool() as (pool, _):
            table = await export_table(pool, what, period, vehicle, for_people=form.for_people)
        with out_file.open("wb") as file:
            write_table(table, file, form)
        out.print(f"{table.num_rows:,} {what} in {out_file}", highlight=False)

    run(work)


@app.command()
def utilisation(
    out_file: Annotated[Path, typer.Option("--out", help="the file to write")],
    form: Annotated[
        TableFormat, typer.Option("--format", help="csv-da opens in a Danish Excel")
    ] = TableFormat.PARQUET,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day; default: all")
    ] = None,
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day; default: all")
    ] = None,
) -> None:
    """Write how each vehicle was used in a period, and how far its tracker tells, to a file."""

    async def work() -> None:
        async with _pool() as (pool, current):
            first, last = since and since.date(), until and until.date()
            period = await period_between(pool, first, last)
            if period is None:
                raise TableError("there are no trips in the period")
            fleet = await fleet_use(pool, Months(), period, current.coverage_min)
        with out_file.open("wb") as file:
            write_table(use_table(fleet.vehicles), file, form)
        unknown = fleet.together().unknown
        out.print(
            f"{len(fleet.vehicles)} vehicles from {period.first} to {period.last} in {out_file}, "
            f"{unknown} of them unknown",
            highlight=False,
        )

    run(work)


@app.command()
def optimise(
    trips_file: Annotated[Path, typer.Option("--trips", help="round trips, CSV")],
    fleet_file: Annotated[Path, typer.Option("--fleet", help="kinds of vehicle, CSV")],
    out_file: Annotated[Path, typer.Option("--out", help="the PLAN.json to write")],
    rules_file: Annotated[Path | None, typer.Option("--rules", help="rules, TOML")] = None,
    seconds: Annotated[float, typer.Option(min=0, help="time limit")] = 60.0,
    gap: Annotated[float, typer.Option(min=0, max=1, help="stop at this relative gap")] = 0.0,
    workers: Annotated[
        int, typer.Option(min=1, help="processes that solve at once")
    ] = os.cpu_count() or 1,
) -> None:
    """Find the best fleet for round trips that were driven, with a proof; needs no database."""
    with expected_errors():
        problem = read_problem(trips_file, fleet_file, rules_file)
        with err.status("solving") as status:

            def show(progress: Progress) -> None:
                status.update(
                    f"{progress.phase}: {progress.done} of {progress.tasks} parts, "
                    f"{progress.cost_kr_year:,.0f} kr a year, "
                    f"at least {progress.lower_bound_kr_year:,.0f}"
                )

            plan = solve(problem, seconds_max=seconds, gap=gap, on_progress=show, workers=workers)
        write_plan(plan, out_file)
    for note in plan.notes[:NOTES_SHOWN]:
        err.print(note, markup=False, highlight=False)
    if len(plan.notes) > NOTES_SHOWN:
        err.print(f"… and {len(plan.notes) - NOTES_SHOWN} more notes in {out_file}")
    best, today = plan.best, plan.baseline
    out.print(f"status  {best.status}", highlight=False)
    if best.reason is not None:
        out.print(best.reason, highlight=False)
        raise typer.Exit(1)
    out.print(
        f"cost    {best.cost_kr_year:,.0f} kr a year, today {today.cost_kr_year:,.0f}\n"
        f"proof   at least {best.lower_bound_kr_year:,.0f} kr a year, gap {best.gap:.3%}\n"
        f"CO2e    {best.co2_t_year:,.1f} t a year, today {today.co2_t_year:,.1f}",
        highlight=False,
    )
    for line in best.fleet:
        if line.count or line.count_now:
            out.print(f"  {line.pool or '-'}  {line.type}: {line.count_now} -> {line.count}")


@app.command()
def check(
    plan_file: Annotated[Path, typer.Argument(help="a PLAN.json")],
    trips_file: Annotated[Path, typer.Option("--trips", help="the trips it answers, CSV")],
    fleet_file: Annotated[Path, typer.Option("--fleet", help="the kinds it answers, CSV")],
    rules_file: Annotated[Path | None, typer.Option("--rules", help="the rules, TOML")] = None,
) -> None:
    """Verify a plan against its files, without the solver: every rule, and the cost."""
    with expected_errors():
        try:
            wrong = check_files(plan_file, trips_file, fleet_file, rules_file)
        except (OSError, ValueError, KeyError) as error:
            raise TableError(f"cannot be checked: {error}") from None
    for line in wrong:
        err.print(line, markup=False, highlight=False)
    if wrong:
        raise typer.Exit(1)
    out.print("the plan keeps every rule, and its figures add up")


@app.command()
def register(
    file: Annotated[
        Path, typer.Argument(help="a register.json, or a list of vehicles as .csv or .xlsx")
    ],
) -> None:
    """Put depots, kinds and vehicles into the database, and enrol the vehicles' trackers."""

    async def work() -> None:
        if file.suffix.lower() in (".csv", ".xlsx"):
            async with _pool() as (pool, _):
                out.print(f"{await load_fleet_list(pool, file)} vehicles", highlight=False)
            return
        content = read_register(file)
        async with _pool() as (pool, _):
            await load_register(pool, content)
        out.print(f"{len(content.vehicles)} vehicles at {len(content.depots)} depots")

    run(work)


@device_app.command("enrol")
def device_enrol(
    devices: Annotated[list[str] | None, typer.Argument(help="names of the trackers")] = None,
    vehicle: Annotated[str | None, typer.Option(help="the vehicle the tracker sits in")] = None,
    from_log: Annotated[
        Path | None, typer.Option(help="enrol every device in a log of positions")
    ] = None,
) -> None:
    """Let trackers send. Twice is as once."""

    async def work() -> None:
        names = list(devices or [])
        if from_log is not None:
            names += [str(name) for name in read_log(from_log)[0].column("device").unique()]
        if not names:
            raise TableError("name a device, or a log with --from-log")
        async with _pool() as (pool, _):
            for name in names:
                await enrol_device(pool, name, vehicle)
        out.print(f"{len(names)} devices enrolled", highlight=False)

    run(work)


@device_app.command("key")
def device_key(
    device: Annotated[str | None, typer.Option(help="for one device")] = None,
    gateway: Annotated[str | None, typer.Option(help="for a gateway of many devices")] = None,
    label: Annotated[str, typer.Option(help="what it is for, to know it again")] = "",
) -> None:
    """Make a further key and print it, this once. Older keys go on working until revoked."""

    async def work() -> None:
        async with _pool() as (pool, _):
            if device is not None and gateway is None:
                key = await new_device_key(pool, device, label)
            elif gateway is not None and device is None:
                key = await new_gateway_key(pool, gateway, label)
            else:
                raise TableError("name either --device or --gateway")
        out.print(key, highlight=False, soft_wrap=True)

    run(work)


@device_app.command("keys")
def device_keys(
    device: Annotated[str | None, typer.Option(help="of one device")] = None,
    gateway: Annotated[str | None, typer.Option(help="of one gateway")] = None,
) -> None:
    """The keys: whose, what for, when used last, and the number to revoke one by."""

    async def work() -> None:
        async with _pool() as (pool, _):
            keys = await list_keys(pool, device=device, gateway=gateway)
        table = Table("number", "of", "label", "made", "last used", "revoked")
        for key in keys:
            table.add_row(
                str(key.key_id),
                key.device if key.gateway is None else f"gateway {key.gateway}",
                key.label,
                _moment(key.created_at),
                _moment(key.last_used_at),
                "" if key.revoked_at is None else _moment(key.revoked_at),
            )
        out.print(table)

    run(work)


@device_app.command("revoke")
def device_revoke(
    number: Annotated[
        int | None, typer.Argument(help="one key, by its number", show_default=False)
    ] = None,
    device: Annotated[str | None, typer.Option(help="all keys of one device")] = None,
    gateway: Annotated[str | None, typer.Option(help="all keys of a gateway")] = None,
) -> None:
    """Revoke one key, or all of a device or gateway; they stop working within seconds."""

    async def work() -> None:
        if sum(given is not None for given in (number, device, gateway)) != 1:
            raise TableError("name one of: a key's number, --device, --gateway")
        async with _pool() as (pool, _):
            if number is not None:
                await revoke_key(pool, number)
                revoked = 1
            else:
                revoked = await revoke_keys(pool, device=device, gateway=gateway)
        out.print(f"{revoked} keys revoked", highlight=False)

    run(work)


@device_app.command("allow")
def device_allow(
    device: Annotated[str, typer.Argument(help="a tracker that sends without a key")],
    networks: Annotated[
        list[str] | None, typer.Argument(help="networks such as 10.20.0.0/16")
    ] = None,
) -> None:
    """Let a tracker send from these networks only; none named: from those of the settings."""

    async def work() -> None:
        try:
            allowed = [ip_network(network) for network in networks or []]
        except ValueError as error:
            raise EnrolmentError(f"no network: {error}") from None
        async with _pool() as (pool, _):
            await allow_networks(pool, device, allowed or None)
        where = ", ".join(map(str, allowed)) or "those of the settings"
        out.print(f"{device} may send from {where}", highlight=False)

    run(work)


@device_app.command("list")
def device_list() -> None:
    """The enrolled devices and when each was last heard."""

    async def work() -> None:
        async with _pool() as (pool, _):
            rows = await pool.fetch(statements("device")["list"])
        table = Table("device", "vehicle", "enrolled", "last heard")
        for row in rows:
            table.add_row(
                row["device"],
                row["vehicle_id"] or "-",
                _moment(row["enrolled_at"]),
                _moment(row["last_ts"]),
            )
        out.print(table)

    run(work)


@private_app.command("set")
def private_set(
    vehicle: Annotated[str, typer.Argument(help="the vehicle")],
    by: Annotated[str, typer.Option(help="who sets it: initials or role")],
    begins: Annotated[
        datetime | None, typer.Option("--from", formats=_MOMENTS, help="local; default: now")
    ] = None,
    ends: Annotated[
        datetime | None,
        typer.Option("--to", formats=_MOMENTS, help="local; default: until it is ended"),
    ] = None,
    duty: Annotated[
        str | None,
        typer.Option(help="private outside these hours only, such as 'mon-fri 07:00-16:00'"),
    ] = None,
    on_holidays: Annotated[
        bool, typer.Option("--on-holidays", help="the duty is also on public holidays")
    ] = False,
    note: Annotated[str, typer.Option(help="why")] = "",
) -> None:
    """Drop a vehicle's positions from a moment on; what is stored of that time is deleted."""

    async def work() -> None:
        hours = None if duty is None else parse_duty(duty, on_holidays=on_holidays)
        begin = datetime.now(LOCAL) if begins is None else begins.replace(tzinfo=LOCAL)
        end = None if ends is None else ends.replace(tzinfo=LOCAL)
        period = PrivatePeriod(begin, end, hours)
        async with _pool() as (pool, _):
            deleted = await set_private(pool, vehicle, period, set_by=by, note=note)
        out.print(f"{vehicle} is private; {deleted} stored positions deleted", highlight=False)

    run(work)


@private_app.command("end")
def private_end(
    number: Annotated[int, typer.Argument(help="the number of the period")],
    by: Annotated[str, typer.Option(help="who ends it: initials or role")],
) -> None:
    """End a private period now."""

    async def work() -> None:
        async with _pool() as (pool, _):
            await end_private(pool, number, ended_by=by)
        out.print(f"period {number} has ended", highlight=False)

    run(work)


@private_app.command("list")
def private_list(vehicle: Annotated[str, typer.Argument(help="the vehicle")]) -> None:
    """A vehicle's private periods, who set them and who ended them."""

    async def work() -> None:
        async with _pool() as (pool, _):
            periods = await private_periods(pool, vehicle)
        table = Table("number", "from", "to", "but not", "set by", "ended by", "why")
        for one in periods:
            period = one.period
            table.add_row(
                str(one.private_id),
                _moment(period.begins),
                "" if period.ends is None else _moment(period.ends),
                "" if period.duty is None else str(period.duty),
                one.set_by,
                one.ended_by or "",
                one.note,
            )
        out.print(table)

    run(work)


@quarantine_app.command("list")
def quarantine_list(
    limit: Annotated[int, typer.Option(min=1, help="at most this many, the latest")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON, for programs")] = False,
) -> None:
    """What is kept, whose it is, and why."""

    async def work() -> None:
        async with _pool() as (pool, _):
            rows = await pool.fetch(statements("quarantine")["waiting"], limit)
        if as_json:
            typer.echo(json.dumps([dict(row) for row in rows], default=str))
            return
        table = Table("received", "protocol", "device", "reason", "detail", "times")
        for row in rows:
            table.add_row(
                _moment(row["received_at"]),
                *(row[name] for name in ("protocol", "device", "reason", "detail")),
                str(row["times_sent"]),
            )
        out.print(table)

    run(work)


@quarantine_app.command("release")
def quarantine_release(
    device: Annotated[str, typer.Argument(help="whose telemetry")],
    reason: Annotated[str | None, typer.Option(help="only what was refused for this")] = None,
) -> None:
    """Send a device's quarantined telemetry through the normal path again."""

    async def work() -> None:
        async with _pool() as (pool, settings), AsyncExitStack() as stack:
            if settings.buffer_url is not None:
                # As everything else that passed the gate: the writers of the cluster store it.
                opening = open_buffer(settings.buffer_url, settings)
                intake = Intake(pool, settings, await stack.enter_async_context(opening))
                receipt, refused = await intake.release(device, reason)
            else:
                intake = Intake(pool, settings)
                writer = asyncio.create_task(intake.writer.run())
                receipt, refused = await intake.release(device, reason)
                intake.writer.close()
                await writer
        out.print(
            f"{receipt.stored} stored, {receipt.duplicate} duplicate, {refused} refused still",
            highlight=False,
        )

    run(work)


@app.command()
def retention(
    limit: Annotated[int, typer.Option(min=1, help="how many of the last deletions")] = 20,
) -> None:
    """What the system deleted because its time was over, the last first."""

    async def work() -> None:
        async with _pool() as (pool, current):
            table = Table("deleted", "what", "from", "to", "items", "days kept")
            for row in await pool.fetch(statements("retention")["last"], limit):
                table.add_row(
                    _moment(row["deleted_at"]),
                    row["subject"],
                    "" if row["from_ts"] is None else _moment(row["from_ts"]),
                    _moment(row["to_ts"]),
                    f"{row['items']:,}",
                    f"{row['keep_days']}",
                )
            out.print(table)
            days = current.position_keep_days
            kept = f"for {days} days" if days else "for ever"
            out.print(f"Positions and refused telemetry are kept {kept}.", highlight=False)

    run(work)


@app.command()
def settings() -> None:
    """Every setting: its name, what it is now, and what it means."""
    current = _settings()
    table = Table("setting", "value", "meaning")
    for name, field in Settings.model_fields.items():
        shown = _shown(getattr(current, name))
        table.add_row("FLAADE_" + name.upper(), shown, field.description or "")
    out.print(table)


def _shown(value: object) -> str:
    """A setting's value for people: no password of a URL, nothing for nothing."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ", ".join(str(part) for part in cast(tuple[object, ...], value))
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:…@", str(value))


def _settings() -> Settings:
    with expected_errors():
        return load_settings()


@asynccontextmanager
async def _pool() -> AsyncGenerator[tuple[Pool, Settings]]:
    current = load_settings()
    async with database_url(current) as url, open_pool(url, connections_max=4) as pool:
        yield pool, current


def _now() -> datetime:
    return datetime.now(LOCAL)


def _days_ago(days: int) -> date:
    return _now().date() - timedelta(days=days)


def _moment(ts: datetime | None) -> str:
    return "never" if ts is None else f"{ts.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}"
