"""Commands for the fleet: its register, the best one, and the check of a plan."""

import json
import os
import zipfile
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, NamedTuple

import typer

from api.commands.bounds import Commands
from api.commands.context import open_database
from api.console import counted, err, expected_errors, out, print_remark, run_command
from api.pages.register.list_notes import doubt_notes
from api.pages.words.language import Language
from fleet.files.refusal import TableError
from optimiser.model.check import check_files, check_in_sum, check_workshop_file
from optimiser.model.files import read_problem, write_plan
from optimiser.model.remark import in_english
from optimiser.solve import SolveProgress, solve
from register.fleet_list import load_fleet_list
from register.inventory.import_plan import ListedDoubts
from register.places.doubts import DoubtfulPlaceError
from register.register_file import load_register, read_register
from reports.certificate import DIGESTS, FLEET, PLAN, RULES, TRIPS, WORKSHOP, check_archive
from trips.detect.parameters import parameters_by_class

app = Commands()

#: The errors of a file that is not in its format.
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError)

#: Notes on the input that are shown on a terminal; all of them are in the plan.
NOTES_SHOWN = 20


@app.command()
def register(
    file: Annotated[
        Path, typer.Argument(help="a register.json, or a list of vehicles as .csv or .xlsx")
    ],
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="Also depots outside Denmark, or that overlap")
    ] = False,
) -> None:
    """Put depots, kinds and vehicles into the database, and enrol the vehicles' trackers."""

    async def work() -> None:
        if file.suffix.lower() in (".csv", ".xlsx"):
            async with open_database() as (pool, settings):
                bounds = settings.upload_bounds
                listed = await load_fleet_list(
                    pool, file, parameters_by_class(), bounds, print_remark
                )
                out.print(counted(listed.vehicles, "vehicle"))
                _print_doubts(listed.doubts)
            return
        content = read_register(file)
        async with open_database() as (pool, _):
            try:
                doubts = await load_register(pool, content, confirmed=confirmed)
            except DoubtfulPlaceError as doubt:
                raise TableError(f"{file}: {doubt} With --confirmed it is taken.") from None
        vehicles = counted(len(content.vehicles), "vehicle")
        out.print(f"{vehicles} at {counted(len(content.depots), 'depot')}")
        _print_doubts(doubts)

    run_command(work)


def _print_doubts(doubts: ListedDoubts) -> None:
    for note in doubt_notes(doubts, Language.ENGLISH):
        print_remark(note)


@app.command()
def optimise(
    trips_file: Annotated[Path, typer.Option("--trips", help="round trips, CSV")],
    fleet_file: Annotated[Path, typer.Option("--fleet", help="kinds of vehicle, CSV")],
    out_file: Annotated[Path, typer.Option("--out", help="the PLAN.json to write")],
    rules_file: Annotated[Path | None, typer.Option("--rules", help="rules, TOML")] = None,
    seconds: Annotated[float, typer.Option(min=0, help="time limit")] = 60.0,
    gap: Annotated[float, typer.Option(min=0, max=1, help="stop at this relative gap")] = 0.0,
    workers: Annotated[
        int, typer.Option(min=1, max=256, help="processes that solve at once")
    ] = os.cpu_count() or 1,
) -> None:
    """Find the best fleet for round trips that were driven, with a proof; needs no database."""
    with expected_errors():
        problem = read_problem(trips_file, fleet_file, rules_file)
        with err.status("solving") as status:

            def show(progress: SolveProgress) -> None:
                status.update(
                    f"{progress.phase}: {progress.done} of {counted(progress.tasks, 'part')}, "
                    f"{progress.cost_kr_year:,.0f} kr a year, "
                    f"at least {progress.lower_bound_kr_year:,.0f}"
                )

            plan = solve(problem, seconds_max=seconds, gap=gap, on_progress=show, workers=workers)
        write_plan(plan, out_file)
    for said in plan.notes[:NOTES_SHOWN]:
        print_remark(in_english(said))
    if len(plan.notes) > NOTES_SHOWN:
        more = counted(len(plan.notes) - NOTES_SHOWN, "more note")
        err.print(f"… and {more} in {out_file}")
    best, today = plan.best, plan.baseline
    out.print(f"status  {best.status}")
    if best.reason is not None:
        out.print(in_english(best.reason))
        raise typer.Exit(1)
    out.print(
        f"cost    {best.cost_kr_year:,.0f} kr a year, today {today.cost_kr_year:,.0f}\n"
        f"proof   at least {best.lower_bound_kr_year:,.0f} kr a year, gap {best.gap:.3%}\n"
        f"CO2e    {best.co2_t_year:,.1f} t a year, today {today.co2_t_year:,.1f}"
    )
    for broken in today.broken:
        out.print(f"today's fleet breaks {broken.rule} in pool {broken.pool or '-'} by {broken.by}")
    for line in best.fleet:
        if line.count or line.count_now:
            out.print(f"  {line.pool or '-'}  {line.type}: {line.count_now} -> {line.count}")


@app.command()
def check(
    plan_file: Annotated[Path, typer.Argument(help="a PLAN.json")],
    trips_file: Annotated[Path, typer.Option("--trips", help="the trips it answers, CSV")],
    fleet_file: Annotated[Path, typer.Option("--fleet", help="the kinds it answers, CSV")],
    rules_file: Annotated[Path | None, typer.Option("--rules", help="the rules, TOML")] = None,
    workshop_file: Annotated[
        Path | None, typer.Option("--workshop", help="the WORKSHOP.json of a certificate")
    ] = None,
) -> None:
    """Verify a plan against its files, without the solver: every rule, and the cost; of a
    certificate also that no more trips than today lack a vehicle while one is in the workshop."""
    with expected_errors():
        found = _checked(plan_file, trips_file, fleet_file, rules_file, workshop_file)
    _tell(found.wrong, found.lines)
    out.print("the plan keeps every rule, and its figures add up")


@app.command("check-certificate")
def check_certificate(
    file: Annotated[Path, typer.Argument(help="the ZIP of a proof certificate")],
) -> None:
    """Verify a proof certificate: that no byte of it was changed, and each plan in it; needs no
    database."""
    with expected_errors():
        wrong = check_archive(file.read_bytes())
        found = _Found(wrong) if wrong else _checked_plans(file)
    _tell(found.wrong, found.lines)
    out.print("no byte was changed, each plan keeps every rule, and its figures add up")


class _Found(NamedTuple):
    """The faults of plans, and lines about what was checked beside their own rules."""

    wrong: list[str]
    lines: Sequence[str] = ()


def _tell(wrong: Sequence[str], lines: Sequence[str]) -> None:
    """Tell what was found, and end with exit code 1 if something is wrong."""
    for line in lines:
        out.print(line, markup=False)
    for line in wrong:
        err.print(line, markup=False)
    if wrong:
        raise typer.Exit(1)


def _checked(
    plan: Path, trips: Path, fleet: Path, rules: Path | None, workshop: Path | None
) -> _Found:
    """The findings on one plan.

    Raises:
        TableError: a file cannot be read, or is not in its format.
    """
    try:
        wrong = check_files(plan, trips, fleet, rules)
        if workshop is None:
            return _Found(wrong)
        found = check_workshop_file(workshop, plan, trips, fleet, rules)
    except _UNREADABLE as error:
        raise TableError(f"cannot be checked: {error}") from None
    return _Found([*wrong, *found.faults], [pool.sentence for pool in found.pools])


def _checked_plans(file: Path) -> _Found:
    """The findings on the plans of a certificate of which no byte was changed.

    Raises:
        TableError: a file cannot be read, or is not in its format.
    """
    with TemporaryDirectory() as name, zipfile.ZipFile(file) as zipped:
        zipped.extractall(name)
        folder = Path(name)
        try:
            told = json.loads((folder / DIGESTS).read_bytes())
            parts = {f"part-{one['part']}": ", ".join(one["depots"]) for one in told["parts"]}
            carried = any(WORKSHOP in path for one in told["parts"] for path in one["files"])
            found = [
                # Certificates of earlier software do not say whether the round asks for it.
                _checked_part(folder / part, depots, asked=told.get("workshop", carried))
                for part, depots in parts.items()
            ]
            wrong = [text for one in found for text in one.wrong]
            if not wrong and told.get("in_sum"):
                files = [(folder / part / PLAN, folder / part / FLEET) for part in parts]
                in_sum = check_in_sum(files, told["in_sum"])
                wrong = [f"all parts together: {text}" for text in in_sum]
        except TableError:
            raise
        except _UNREADABLE as error:
            raise TableError(f"cannot be checked: {error}") from None
    if not parts:
        wrong = [f"{DIGESTS} names no plan"]
    return _Found(wrong, [text for one in found for text in one.lines])


def _checked_part(folder: Path, depots: str, *, asked: bool) -> _Found:
    """The findings on a part of a certificate; `asked`: the round asks for the rule of the
    workshop. A part without its files cannot be checked, which is a fault.

    Raises:
        TableError: as `_checked`.
    """
    part = folder.name
    plan, trips, fleet, rules, workshop = (
        folder / name for name in (PLAN, TRIPS, FLEET, RULES, WORKSHOP)
    )
    lacking = [one.name for one in (plan, trips, fleet, rules) if not one.is_file()]
    if lacking:
        return _Found([f"{part} ({depots}): cannot be checked, as it lacks {', '.join(lacking)}"])
    carried = workshop.is_file()
    found = _checked(plan, trips, fleet, rules, workshop if carried else None)
    wrong = [f"{part}: {text}" for text in found.wrong]
    lines = [f"{part}: {text}" for text in found.lines]
    if not carried and asked:
        wrong.append(f"{part}: lacks {WORKSHOP}, and the round asks for the rule of the workshop")
    elif not carried:
        lines.append(f"{part}: does not carry the rule of the workshop, which is unchecked")
    return _Found(wrong, lines)
