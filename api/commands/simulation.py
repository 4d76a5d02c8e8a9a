"""Commands that make and replay pilot data."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.commands.bounds import Commands
from api.commands.context import InputFile, Url, days_ago, settings_in_force
from api.console import counted, expected_errors, out, print_remark, progress_bar, run_command
from fleet.files.refusal import TableError
from simulators.municipality import VEHICLES_MIN
from simulators.pilot import generate_pilot
from simulators.pilot_files import write_pilot
from simulators.replay import ReplayTarget, default_state_file, read_log, replay

app = Commands()


@app.command()
def simulate(
    directory: Annotated[Path, typer.Argument(help="where to write the pilot's files")],
    weeks: Annotated[int, typer.Option(min=1, max=520, help="weeks of data")] = 8,
    vehicles: Annotated[
        int, typer.Option(min=VEHICLES_MIN, max=10_000, help="vehicles in the fleet")
    ] = 60,
    seed: Annotated[int, typer.Option(min=0, help="the same seed gives the same pilot")] = 1,
    start: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="first day; default: so that it ends yesterday"),
    ] = None,
) -> None:
    """Generate a pilot: positions as Parquet, the register, and the exact trips behind them."""
    first = start.date() if start else days_ago(7 * weeks)
    with expected_errors():
        try:
            pilot = generate_pilot(start=first, weeks=weeks, vehicles=vehicles, seed=seed)
        except ValueError as error:
            raise TableError(str(error)) from None
        write_pilot(pilot, directory)
    out.print(
        f"{counted(len(pilot.vehicles), 'vehicle')}, "
        f"{counted(pilot.positions.num_rows, 'position')} and "
        f"{counted(pilot.round_trips.num_rows, 'round trip')} from {first} in {directory}"
    )


@app.command(name="replay")
def replay_command(
    file: InputFile,
    key: Annotated[str, typer.Option(help="a gateway's key")],
    url: Url = None,
    speed: Annotated[
        float, typer.Option(min=0, help="times faster than the clock; 0: as fast as it goes")
    ] = 0.0,
    batch: Annotated[int, typer.Option(min=1, max=10_000, help="positions in one request")] = 500,
    give_up: Annotated[
        float, typer.Option(min=1, max=1e6, help="seconds the server may be away")
    ] = 60.0,
    state: Annotated[
        Path | None, typer.Option(help="where progress is kept; default: the user's state folder")
    ] = None,
) -> None:
    """Send a log of positions to a server as trackers would; goes on where it stopped."""

    address = url or settings_in_force().pages_address

    async def work() -> None:
        table = read_log(file, print_remark)
        target = ReplayTarget(
            url=address, key=key, speed=speed, batch_rows=batch, give_up_s=give_up
        )
        with progress_bar(f"Sending {file.name}", table.num_rows) as advance:
            done = await replay(
                table,
                target,
                state or default_state_file(file, address),
                lambda progress: advance(progress.acknowledged),
            )
        out.print(
            f"{done.acknowledged} acknowledged: {done.stored} stored, {done.duplicate} duplicate, "
            f"{done.quarantined} quarantined"
        )

    run_command(work)
