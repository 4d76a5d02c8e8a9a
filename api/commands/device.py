"""Commands for trackers and gateways, and the keys they send with."""

from datetime import datetime
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

import typer

from api.actors import AT_COMMAND_LINE
from api.commands.bounds import Commands
from api.commands.context import moment_text, open_database
from api.console import counted, out, print_remark, run_command, table_of
from fleet.files.refusal import TableError
from fleet.localtime import local_now
from fleet.position import SpeedUnit
from register.contact import ContactLimits, trackers
from register.devices import (
    EnrolmentError,
    allow_networks,
    enrol_device,
    move_device,
    set_speed_unit,
)
from register.enrolment.imei import imei_doubt
from register.keys import (
    list_keys,
    new_device_key,
    new_gateway_key,
    refuse_unknown_holder,
    revoke_key,
    revoke_keys,
)

app = Commands(help="Trackers and gateways, and the keys they send with.")


@app.command("enrol")
def device_enrol(
    devices: Annotated[list[str] | None, typer.Argument(help="names of the trackers")] = None,
    vehicle: Annotated[str | None, typer.Option(help="the vehicle the tracker sits in")] = None,
    from_log: Annotated[
        Path | None, typer.Option(help="enrol every device in a log of positions")
    ] = None,
) -> None:
    """Let trackers send. To enrol a tracker again changes nothing."""

    async def work() -> None:
        names = list(devices or [])
        if from_log is not None:
            # The reader of logs takes a second to load, which the other commands do without.
            from simulators.replay import read_log

            names += [
                str(name) for name in read_log(from_log, print_remark).column("device").unique()
            ]
        if not names:
            raise TableError("name a device, or a log with --from-log")
        async with open_database() as (pool, _):
            for name in names:
                await enrol_device(pool, AT_COMMAND_LINE, name, vehicle)
        out.print(f"{counted(len(names), 'device')} enrolled")
        for name in filter(imei_doubt, names):
            print_remark(f"{name} looks like an IMEI and is none: is it written right?")

    run_command(work)


@app.command("move")
def device_move(
    device: Annotated[str, typer.Argument(help="the tracker")],
    vehicle: Annotated[
        str | None, typer.Argument(help="the vehicle it sits in now; none: it sits in none")
    ] = None,
    since: Annotated[
        datetime | None,
        typer.Option("--from", formats=["%Y-%m-%d"], help="its first day there; default: today"),
    ] = None,
) -> None:
    """Move a tracker to another vehicle; its data of earlier days stay with the old one."""

    async def work() -> None:
        day = (since or local_now()).date()
        async with open_database() as (pool, _):
            await move_device(pool, AT_COMMAND_LINE, device, vehicle, day)
        where = "in no vehicle" if vehicle is None else f"in {vehicle}"
        out.print(f"{device} sits {where} from {day} on")

    run_command(work)


@app.command("key")
def device_key(
    device: Annotated[str | None, typer.Option(help="for one device")] = None,
    gateway: Annotated[str | None, typer.Option(help="for a gateway of many devices")] = None,
    label: Annotated[str, typer.Option(help="what it is for, to know it again")] = "",
) -> None:
    """Make a further key and print it, this once. Older keys go on working until revoked."""

    async def work() -> None:
        async with open_database() as (pool, _):
            if device is not None and gateway is None:
                key = await new_device_key(pool, AT_COMMAND_LINE, device, label)
            elif gateway is not None and device is None:
                key = await new_gateway_key(pool, AT_COMMAND_LINE, gateway, label)
            else:
                raise TableError("name either --device or --gateway")
        out.print(key, soft_wrap=True)

    run_command(work)


@app.command("keys")
def device_keys(
    device: Annotated[str | None, typer.Option(help="of one device")] = None,
    gateway: Annotated[str | None, typer.Option(help="of one gateway")] = None,
) -> None:
    """The keys: whose, what for, when used last, and the number to revoke one by."""

    async def work() -> None:
        async with open_database() as (pool, _):
            await refuse_unknown_holder(pool, device=device, gateway=gateway)
            keys = await list_keys(pool, device=device, gateway=gateway)
        table = table_of("number", "of", "label", "made", "last used", "revoked")
        for key in keys:
            table.add_row(
                str(key.key_id),
                key.device if key.gateway is None else f"gateway {key.gateway}",
                key.label,
                moment_text(key.created_at),
                moment_text(key.last_used_at),
                "" if key.revoked_at is None else moment_text(key.revoked_at),
            )
        out.print(table)

    run_command(work)


@app.command("revoke")
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
        async with open_database() as (pool, _):
            if number is not None:
                await revoke_key(pool, AT_COMMAND_LINE, number)
                revoked = 1
            else:
                await refuse_unknown_holder(pool, device=device, gateway=gateway)
                revoked = await revoke_keys(pool, AT_COMMAND_LINE, device=device, gateway=gateway)
        out.print(f"{counted(revoked, 'key')} revoked")

    run_command(work)


@app.command("allow")
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
        async with open_database() as (pool, _):
            await allow_networks(pool, AT_COMMAND_LINE, device, allowed or None)
        where = ", ".join(map(str, allowed)) or "those of the settings"
        out.print(f"{device} may send from {where}")

    run_command(work)


@app.command("speed")
def device_speed(
    device: Annotated[str, typer.Argument(help="a device that speaks OsmAnd")],
    unit: Annotated[
        SpeedUnit | None, typer.Argument(help="the unit of its speed; none: that of its app")
    ] = None,
) -> None:
    """Set the unit of the speed that a device sends over OsmAnd."""

    async def work() -> None:
        async with open_database() as (pool, _):
            await set_speed_unit(pool, AT_COMMAND_LINE, device, unit)
        told = "told from what it sends" if unit is None else unit.value
        out.print(f"the unit of the speed of {device}: {told}")

    run_command(work)


@app.command("list")
def device_list() -> None:
    """The enrolled trackers, when each was last heard, and whether it is heard now."""

    async def work() -> None:
        async with open_database() as (pool, settings):
            found = await trackers(pool, ContactLimits.of(settings), local_now())
        table = table_of("device", "vehicle", "enrolled", "last heard", "contact")
        for tracker in sorted(found, key=lambda one: one.device):
            table.add_row(
                tracker.device,
                tracker.vehicle_id or "-",
                moment_text(tracker.enrolled_at),
                moment_text(tracker.last_heard),
                tracker.contact.value.replace("_", " "),
            )
        out.print(table)

    run_command(work)
