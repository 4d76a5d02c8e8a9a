"""`flaade demo`: one command from nothing to a running system with a pilot in it.

The demo generates a pilot, loads its register, and sends its positions to the server over HTTP as a
gateway would. Trips, a first round of proposals and the plan follow. A second run goes on from the
data of the first.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from rich.table import Column
from rich.text import Text

from access.first_administrator import DEMO_NAME, demo_link
from api.actors import AT_COMMAND_LINE
from api.console import CommandError, err, out, progress_bar, table_of
from api.delivery.garbage import leave_out_loaded, look_now_and_then
from api.door.link_addresses import link_address
from api.jobs import jobs_app, queue_round
from api.pages.words.formats import Formats
from api.pages.words.language import Language
from api.pages.words.seasons import season_note
from api.server import RunningServer, running_server, stop_signals
from api.settings import Settings
from db.connect import Pool, database_of
from db.embedded import refuse_other_files
from fleet.actor import Actor
from fleet.localtime import LOCAL_ZONE
from optimiser.depot.decision_key import Action
from optimiser.model.remark import in_english
from optimiser.rounds.overview import RoundState, latest_round, latest_run
from optimiser.rounds.proposals import Proposal, read_proposals
from optimiser.rounds.requests import request_round
from register.keys import new_gateway_key, revoke_keys
from register.municipality.closing_days import settle_closing_days
from register.municipality.own_name import given_name, name_municipality
from register.register_file import load_register, read_register
from simulators.pilot import generate_pilot
from simulators.pilot_files import POSITIONS_FILE, REGISTER_FILE, write_pilot
from simulators.replay import ReplayError, ReplayTarget, read_log, replay
from tracker.content import FLEET_PROGRAMME, read_programme
from tracker.shipped import load_programme
from trips.stored.progress import backlog, trip_counts
from trips.use.fleet_use import data_period

GATEWAY = "demo"

#: The terminal speaks English, and so its figures are English.
FORMATS = Formats(Language.ENGLISH)

#: The municipality in which the pilot is invented, unless the settings name another.
MUNICIPALITY = "Lyngby-Taarbæk Kommune"
WEEKS = 8
VEHICLES = 60
SEED = 1

#: The actor that asks for the demo's round, as the pages show it.
REQUESTED_BY = Actor.trusted("Demo")

#: Seconds that trips and the round may take before the demo gives up.
PATIENCE_S = 300.0
POLL_S = 0.2


async def run_demo(settings: Settings, *, once: bool) -> None:
    """Run the demo; with `once` it stops after the first proposals.

    Raises:
        CommandError: trips or proposals did not come within `PATIENCE_S`.
        EmbeddedServerError: the data directory holds other files.
    """
    began = datetime.now(UTC)
    refuse_other_files(settings.data_dir)
    directory = settings.data_dir / "pilot"
    _say("1/5", "Database", settings.database_url or f"embedded PostgreSQL in {settings.data_dir}")
    async with (
        database_of(settings) as database,
        running_server(settings, database.url, embedded=database.embedded) as server,
    ):
        await load_programme(server.pool, read_programme(FLEET_PROGRAMME))
        await _pilot(directory, server.pool, settings.municipality)
        await _send(directory, server)
        await _trips(server.pool)
        await _proposals(server.pool, database.url, settings)
        seconds = (datetime.now(UTC) - began).total_seconds()
        if not once:
            _say("", "Ready", f"{server.url}   ({seconds:.0f} s)")
            address = link_address(settings, await demo_link(server.pool))
            _say(
                "", "Sign in", f"{address}   (works once; another: flaade account link {DEMO_NAME})"
            )
            out.print("Press Ctrl-C to stop.")
            leave_out_loaded()
            await look_now_and_then(stop_signals(settings.stop_max_s))
            return
    _say("", "Stopped", f"after {seconds:.0f} s; without --once the pages stay up")


async def _pilot(directory: Path, pool: Pool, municipality: str) -> None:
    if not (directory / REGISTER_FILE).is_file():
        now = datetime.now(UTC)
        start = now.astimezone(LOCAL_ZONE).date() - timedelta(days=7 * WEEKS - 1)
        with err.status(f"generating {VEHICLES} vehicles over {WEEKS} weeks"):
            pilot = await asyncio.to_thread(
                generate_pilot, start=start, weeks=WEEKS, vehicles=VEHICLES, seed=SEED, until=now
            )
            await asyncio.to_thread(write_pilot, pilot, directory)
    register = read_register(directory / REGISTER_FILE)
    await load_register(pool, register)
    await settle_closing_days(pool, AT_COMMAND_LINE)
    if await given_name(pool) is None:
        await name_municipality(pool, AT_COMMAND_LINE, municipality or MUNICIPALITY)
    _say(
        "2/5",
        "Pilot",
        f"{len(register.vehicles)} vehicles at {len(register.depots)} depots (generated data)",
    )


async def _send(directory: Path, server: RunningServer) -> None:
    # The key is for this run only, so that nobody needs to keep it.
    await revoke_keys(server.pool, AT_COMMAND_LINE, gateway=GATEWAY)
    key = await new_gateway_key(server.pool, AT_COMMAND_LINE, GATEWAY)
    table = read_log(directory / POSITIONS_FILE)
    state_file = directory / "replay.json"
    with progress_bar("     Sending positions", table.num_rows) as advance:
        done = await replay(
            table,
            ReplayTarget(url=server.url, key=key),
            state_file,
            lambda progress: advance(progress.acknowledged),
        )
    await revoke_keys(server.pool, AT_COMMAND_LINE, gateway=GATEWAY)
    if done.acknowledged != table.num_rows:
        raise ReplayError(f"{table.num_rows - done.acknowledged} positions were not acknowledged")
    _say(
        "3/5",
        "Positions",
        f"{FORMATS.number(done.stored)} stored over HTTP, "
        f"{FORMATS.number(done.duplicate)} duplicate, "
        f"{FORMATS.number(done.quarantined)} in quarantine",
    )


async def _trips(pool: Pool) -> None:
    async def all_found() -> bool:
        return (await backlog(pool)).devices == 0

    with err.status("finding trips"):
        await _until(all_found, "trips")
    counts = await trip_counts(pool)
    _say(
        "4/5",
        "Trips",
        f"{FORMATS.number(counts.trips)} trips, {FORMATS.number(counts.round_trips)} round trips",
    )


async def _proposals(pool: Pool, url: str, settings: Settings) -> None:
    if await latest_round(pool) is None:
        period = await data_period(pool, settings.period_weeks)
        if period is None:
            raise CommandError("there are no trips to base proposals on")
        round_id = await request_round(pool, REQUESTED_BY, period)
        async with jobs_app(url, pool, settings) as jobs:
            await queue_round(jobs, round_id)
        await _answered(pool)
    found = await latest_round(pool)
    assert found is not None
    figures = found.summary
    assert figures is not None, "who works at the machine sees all departments"
    _say(
        "5/5",
        "Proposals",
        f"round {found.round_id}, solved in {FORMATS.number(figures.seconds, 1)} s, "
        f"at most {FORMATS.percent_at_most(figures.gap)} from the best possible"
        f"{' with each depot by itself' if figures.moves else ''}",
    )
    table = table_of(
        "depot",
        "proposal",
        Column("kr.", justify="right"),
        Column("t CO2e", justify="right"),
        title="Proposals, and what each saves a year",
    )
    for proposal in await read_proposals(pool, found.round_id):
        decision = proposal.decision
        if proposal.is_change:
            table.add_row(
                proposal.depot,
                _title(proposal),
                FORMATS.number(decision.saving_kr_year),
                FORMATS.number(decision.saving_co2_t_year, 1),
            )
    table.add_section()
    table.add_row(
        "Total",
        f"{figures.baseline.vehicles} → {figures.proposed.vehicles} vehicles",
        FORMATS.number(found.saving_kr_year),
        FORMATS.number(found.saving_co2_t_year, 1),
    )
    out.print(table)
    if note := season_note(found.period, FORMATS.language):
        out.print(note)


async def _answered(pool: Pool) -> None:
    with err.status("optimising") as status:

        async def done() -> bool:
            run = await latest_run(pool)
            assert run is not None, "it was asked for"
            if run.state is RoundState.FAILED:
                detail = "" if run.detail is None else in_english(run.detail)
                raise CommandError(f"the round failed: {run.reason} {detail}")
            status.update(f"optimising, {run.planned_parts} of {run.parts} depots")
            return run.state is RoundState.DONE

        await _until(done, "proposals")


async def _until(condition: Callable[[], Awaitable[bool]], what: str) -> None:
    for _ in range(round(PATIENCE_S / POLL_S)):
        if await condition():
            return
        await asyncio.sleep(POLL_S)
    raise CommandError(f"no {what} after {PATIENCE_S:.0f} s")


def _title(proposal: Proposal) -> str:
    return ", and ".join(_named(one) for one in proposal.singles)


def _named(proposal: Proposal) -> str:
    decision = proposal.decision
    match decision.action:
        case Action.POOL:
            return f"share vehicles: {', '.join(decision.departments)}"
        case Action.REPLACE:
            return f"{decision.vehicle} ({decision.kind}) → {decision.new_kind}"
        case Action.MOVE:
            return f"{decision.vehicle} ({decision.kind}) to {proposal.to_depot}"
        case Action.BUY:
            return f"+ {decision.count} {decision.new_kind}"
        case Action.DISPOSE | Action.KEEP:
            return f"− {decision.vehicle} ({decision.kind})"


def _say(step: str, what: str, detail: str) -> None:
    out.print(Text.assemble((f"{step:>3}  ", "dim"), (f"{what:<11}", "bold"), detail))
