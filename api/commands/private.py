"""Commands for private driving."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated

import typer

from api import console
from api.commands.bounds import Commands
from api.commands.context import MOMENT_FORMATS, moment_text, open_database
from api.console import counted, out, run_command, table_of
from fleet.actor import Actor
from fleet.files.notation import clock_notes, marks_in
from fleet.localtime import LOCAL_ZONE
from register.private_periods import end_private, private_periods, set_private
from register.private_time import PrivatePeriod, parse_duty
from register.vehicles import refuse_unknown_vehicle

#: The singular and the plural of each sort of item that a period removes beside positions.
REMOVED = {
    "quarantined": ("quarantined message", "quarantined messages"),
    "trips": ("trip", "trips"),
    "round_trips": ("round trip", "round trips"),
    "engine_sessions": ("engine session", "engine sessions"),
    "log_rows": ("log row", "log rows"),
}

app = Commands(help="Private driving, which is dropped on arrival.")


@app.command("set")
def private_set(
    vehicle: Annotated[str, typer.Argument(help="the vehicle")],
    by: Annotated[str, typer.Option(help="who sets it: initials or role")],
    begins: Annotated[
        datetime | None, typer.Option("--from", formats=MOMENT_FORMATS, help="local; default: now")
    ] = None,
    ends: Annotated[
        datetime | None,
        typer.Option("--to", formats=MOMENT_FORMATS, help="local; default: until it is ended"),
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
    """Drop a vehicle's positions from a moment on; stored ones of that time are deleted."""

    async def work() -> None:
        actor = Actor.trusted(by)
        hours = None if duty is None else parse_duty(duty, on_holidays=on_holidays)
        for text in clock_notes(marks_in([begins, ends])):
            console.print_remark(text)
        begin = datetime.now(LOCAL_ZONE) if begins is None else begins.replace(tzinfo=LOCAL_ZONE)
        end = None if ends is None else ends.replace(tzinfo=LOCAL_ZONE)
        period = PrivatePeriod(begin, end, hours)
        async with open_database() as (pool, _):
            deleted = await set_private(pool, actor, vehicle, period, note=note)
            removed = (await private_periods(pool, vehicle))[0].removed
        out.print(f"{vehicle} is private; {counted(deleted, 'stored position')} deleted")
        for kind, items in asdict(removed).items():
            if items and kind != "positions":
                out.print(f"{counted(items, *REMOVED[kind])} deleted")

    run_command(work)


@app.command("end")
def private_end(
    number: Annotated[int, typer.Argument(help="the number of the period")],
    by: Annotated[str, typer.Option(help="who ends it: initials or role")],
) -> None:
    """End a private period now."""

    async def work() -> None:
        async with open_database() as (pool, _):
            await end_private(pool, Actor.trusted(by), number)
        out.print(f"period {number} has ended")

    run_command(work)


@app.command("list")
def private_list(vehicle: Annotated[str, typer.Argument(help="the vehicle")]) -> None:
    """A vehicle's private periods, who set them and who ended them."""

    async def work() -> None:
        async with open_database() as (pool, _):
            await refuse_unknown_vehicle(pool, vehicle)
            periods = await private_periods(pool, vehicle)
        if not periods:
            out.print(f"{vehicle} has no private periods")
            return
        table = table_of("number", "from", "to", "but not", "set by", "ended by", "why")
        for one in periods:
            period = one.period
            table.add_row(
                str(one.private_id),
                moment_text(period.begins),
                "" if period.ends is None else moment_text(period.ends),
                "" if period.duty is None else str(period.duty),
                one.set_by,
                one.ended_by or "",
                one.note,
            )
        out.print(table)

    run_command(work)
