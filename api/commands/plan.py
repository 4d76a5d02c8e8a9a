"""Commands for published plans: a document is read into a file, two years are compared, and plans
are exported and reported on.

The libraries of pages and workbooks are loaded by the commands that need them: a document is read
in less time than they take to load.
"""

import hashlib
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from api.actors import AT_COMMAND_LINE
from api.commands.bounds import Commands
from api.commands.context import open_database
from api.console import counted, err, expected_errors, out, run_command, table_of
from api.door.link_addresses import follow_up_address
from api.pages.letters.follow_up import follow_up_words
from api.pages.plan.choice import quarter_in
from api.settings import load_settings
from tracker.documents.again import take_again
from tracker.documents.exporting import export_plan
from tracker.documents.matching import Answers
from tracker.documents.next_year import take_next_year
from tracker.documents.removal import remove_plan
from tracker.documents.taking import SourceFile, take_plan
from tracker.documents.targets import offered_targets
from tracker.follow_up.coverage import coverage
from tracker.follow_up.links import send_anew
from tracker.follow_up.rounds import close_follow_up, follow_up, open_follow_up
from tracker.follow_up.telling import tell_owners
from tracker.importer.files.document_file import read_document_file
from tracker.importer.plan_file import (
    Milestone,
    PlanFile,
    read_plan_file,
    write_bytes_whole,
    write_plan_file,
)
from tracker.importer.structure.reader import NoPlanError, read_plan
from tracker.matching.compare import compare
from tracker.matching.difference import DifferenceKind, write_differences

app = Commands(help="Published plans: read into files, compared, and kept in the database.")
follow_up_commands = Commands(help="Owners of milestones answer by a link in a mail, each quarter.")
app.add_typer(follow_up_commands, name="follow-up", no_args_is_help=True)

Number = Annotated[int, typer.Argument(help="the number of the follow-up")]

#: The exit code when a file can be read, and holds no plan.
EXIT_NO_PLAN = 3

#: Lines that were not placed which are shown; all of them are in the file.
LINES_SHOWN = 20


@app.command()
def read(
    file: Annotated[Path, typer.Argument(help="the plan: .txt, .pdf or .docx")],
    out_file: Annotated[Path, typer.Option("--out", help="the PLAN.json to write")],
) -> None:
    """Read a published plan; needs no database. Ends with 3 when the file holds no plan."""
    with expected_errors():
        settings = load_settings()
        document = read_document_file(file, settings.document_bounds, settings.upload_bounds)
        try:
            plan = read_plan(document)
        except NoPlanError as error:
            err.print(f"flaade: {file}: {error}", style="bold red")
            raise typer.Exit(EXIT_NO_PLAN) from None
        write_plan_file(plan, out_file)
    _print_plan(plan)
    out.print(f"{counted(len(plan.milestones), 'milestone')} in {out_file}")


@app.command()
def diff(
    old_file: Annotated[Path, typer.Argument(metavar="OLD.json", help="the plan of last year")],
    new_file: Annotated[Path, typer.Argument(metavar="NEW.json", help="the plan that follows it")],
    out_file: Annotated[Path, typer.Option("--out", help="the DIFF.json to write")],
) -> None:
    """Tell what became of each milestone from one plan to the next; needs no database."""
    with expected_errors():
        found = compare(read_plan_file(old_file), read_plan_file(new_file))
        write_differences(found, out_file)
    table = table_of("what", "sure", "to be asked")
    sure = Counter(one.kind for one in found if one.is_sure)
    asked = Counter(one.kind for one in found if not one.is_sure)
    for kind in DifferenceKind:
        table.add_row(kind.replace("_", " "), f"{sure[kind]:,}", f"{asked[kind]:,}")
    out.print(table)
    out.print(f"{counted(len(found), 'entry', 'entries')} in {out_file}")


@app.command()
def take(
    file: Annotated[
        Path,
        typer.Argument(help="a PLAN.json that a person looked through, or an export of a plan"),
    ],
    document: Annotated[Path, typer.Option("--document", help="the plan that it was read from")],
    name: Annotated[str, typer.Option(help="what people call the plan")] = "",
    again: Annotated[
        int | None, typer.Option(help="the number of the plan whose corrected document it is")
    ] = None,
    follows: Annotated[
        int | None, typer.Option(help="the number of the plan of the year before, which goes on")
    ] = None,
    confirmed: Annotated[
        bool, typer.Option("--confirmed", help="the inferred quarters are confirmed, too")
    ] = False,
    same: Annotated[
        list[str] | None,
        typer.Option(help="FILE_ID=ID: this milestone of the file is that one of the plan"),
    ] = None,
    new: Annotated[
        list[str] | None, typer.Option(help="the id in the file of a milestone that is a new one")
    ] = None,
    rest_is_new: Annotated[
        bool, typer.Option("--rest-is-new", help="all that is asked about is new but for --same")
    ] = False,
    target: Annotated[
        list[str] | None,
        typer.Option(
            help="FILE_ID=NUMBER UNIT, as `flaade plan read` prints it: make it the target of an"
            " indicator"
        ),
    ] = None,
) -> None:
    """Take a plan into the database; with --again what people said of its milestones stays, and
    with --follows what goes on keeps its owners. Where it is not sure which milestones are the
    same, nothing is taken before --same and --new say it. Of the numbers in milestones none becomes
    a target but those of --target."""
    if again is not None and follows is not None:
        raise typer.BadParameter("a plan cannot be both", param_hint="--again, --follows")

    async def work() -> None:
        plan = _plan_in(file)
        digest = hashlib.sha256(document.read_bytes()).hexdigest()
        source = SourceFile(document.name, digest)
        ids = [one.id for one in plan.milestones if one.inferred] if confirmed else []
        answers = _answers(same or [], new or [], rest_is_new=rest_is_new)
        targets = target or []
        async with open_database() as (pool, _):
            if follows is not None:
                taken = await take_next_year(
                    pool,
                    AT_COMMAND_LINE,
                    follows,
                    source,
                    plan,
                    answers=answers,
                    name=name,
                    confirmed=ids,
                    targets=targets,
                )
                out.print(
                    f"plan {taken.plan_id}: {counted(len(plan.milestones), 'milestone')}, "
                    f"{len(taken.goes_on)} go on"
                )
                return
            if again is None:
                plan_id = await take_plan(
                    pool,
                    AT_COMMAND_LINE,
                    source,
                    plan,
                    name=name,
                    confirmed=ids,
                    targets=targets,
                )
                out.print(f"plan {plan_id}: {counted(len(plan.milestones), 'milestone')}")
                return
            read = await take_again(
                pool,
                AT_COMMAND_LINE,
                again,
                source,
                plan,
                confirmed=ids,
                answers=answers,
                targets=targets,
            )
        out.print(
            f"plan {again}: {len(read.added)} added, {len(read.changed)} changed, "
            f"{len(read.gone)} gone, {len(read.back)} back, {len(read.same)} as before"
        )

    run_command(work)


@app.command()
def export(
    plan_id: Annotated[int, typer.Argument(help="the number of the plan")],
    out_file: Annotated[
        Path, typer.Option("--out", help="the file to write: .json, .xlsx or .csv")
    ],
) -> None:
    """Write a plan of the database to a file, from which it can be taken without a difference."""

    from reports.plan_tables import plan_bytes

    async def work() -> None:
        async with open_database() as (pool, _):
            plan = await export_plan(pool, plan_id)
        write_bytes_whole(plan_bytes(plan, out_file.suffix), out_file)
        out.print(f"{counted(len(plan.milestones), 'milestone')} in {out_file}")

    run_command(work)


@app.command()
def remove(
    plan_id: Annotated[int, typer.Argument(help="the number of the plan")],
    reason: Annotated[str, typer.Option(help="why it is removed")],
) -> None:
    """Remove a plan on which nobody has reported: it is shown and counted no more."""

    async def work() -> None:
        async with open_database() as (pool, _):
            people = await remove_plan(pool, AT_COMMAND_LINE, plan_id, reason)
        out.print(f"plan {plan_id} is removed")
        if people:
            out.print(f"links of {counted(people, 'contact')} say so now")

    run_command(work)


@app.command()
def report(
    plan_id: Annotated[int, typer.Argument(help="the number of the plan")],
    out_file: Annotated[Path, typer.Option("--out", help="the file to write: .pdf or .xlsx")],
    quarter: Annotated[str, typer.Option(help="such as 2026-4; default: that of today")] = "",
    keep: Annotated[bool, typer.Option("--keep", help="keep the report as it is now, too")] = False,
    english: Annotated[bool, typer.Option("--english", help="in English; default: Danish")] = False,
) -> None:
    """Write the status of a quarter of a plan to a file, as its page tells it."""
    if out_file.suffix.lower() not in (".pdf", ".xlsx"):
        raise typer.BadParameter("must end in .pdf or .xlsx", param_hint="--out")

    from api.pages.meetings.written import write_status

    async def work() -> None:
        async with open_database() as (pool, settings):
            said = await write_status(
                pool, settings, plan_id, quarter, out_file, is_english=english, keep=keep
            )
        out.print(said)

    run_command(work)


@app.command()
def calendar(
    plan_id: Annotated[int, typer.Argument(help="the number of the plan")],
    out_file: Annotated[Path, typer.Option("--out", help="the .ics to write")],
    owners: Annotated[bool, typer.Option("--owners", help="with the names of owners")] = False,
    english: Annotated[bool, typer.Option("--english", help="in English; default: Danish")] = False,
) -> None:
    """Write a plan as a calendar: its milestones, meetings and decisions."""
    from api.pages.meetings.written import write_calendar

    async def work() -> None:
        async with open_database() as (pool, settings):
            await write_calendar(
                pool, settings, plan_id, out_file, is_english=english, shows_owners=owners
            )
        out.print(f"plan {plan_id}: {out_file}")

    run_command(work)


def _plan_in(file: Path) -> PlanFile:
    """The plan in a PLAN.json, or in a workbook or CSV that was exported."""
    if file.suffix.lower() not in (".xlsx", ".csv"):
        return read_plan_file(file)
    from reports.plan_tables import read_plan_table

    return read_plan_table(file.name, file.read_bytes(), load_settings().upload_bounds)


@follow_up_commands.command("start")
def start_follow_up(
    plan_id: Annotated[int, typer.Argument(help="the number of the plan")],
    quarter: Annotated[str, typer.Option(help="the quarter, such as 2026-4")],
    answer_by: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="the day by which owners are to answer"),
    ] = None,
) -> None:
    """Begin the follow-up of a plan in a quarter, and send each owner a mail with a link."""
    asked = quarter_in(quarter)
    if asked is None:
        raise typer.BadParameter("a quarter is written such as 2026-4", param_hint="--quarter")

    async def work() -> None:
        day = None if answer_by is None else answer_by.date()
        async with open_database() as (pool, settings):
            number = await open_follow_up(pool, AT_COMMAND_LINE, plan_id, asked, day, settings)
            one = await follow_up(pool, number)
            words = follow_up_words(settings)
            mails = await tell_owners(pool, AT_COMMAND_LINE, one, words, settings)
        out.print(f"follow-up {number}: {counted(mails, 'mail')}, answers by {one.answer_by}")
        if words is None:
            out.print("no mail server is set up: make links by `flaade plan follow-up link`")

    run_command(work)


@follow_up_commands.command("show")
def show_follow_up(number: Number) -> None:
    """Print who has answered, and who is silent."""

    async def work() -> None:
        async with open_database() as (pool, _):
            found = await coverage(pool, await follow_up(pool, number))
        table = table_of("contact", "name", "milestones", "silent", "asked")
        for one in found.people:
            asked = "" if one.asked_at is None else str(one.asked_at.date())
            numbers = (str(one.wanted), str(one.silent))
            table.add_row(str(one.contact.contact_id), one.contact.name, *numbers, asked)
        out.print(table)
        out.print(f"{found.answered} of {counted(found.owners, 'owner')} answered")

    run_command(work)


@follow_up_commands.command("link")
def make_link(
    number: Number,
    contact_id: Annotated[int, typer.Argument(help="the number of the contact")],
) -> None:
    """Make another link for a contact; earlier ones end. It is mailed, or printed where no mail
    takes it."""

    async def work() -> None:
        async with open_database() as (pool, settings):
            words = follow_up_words(settings)
            token = await send_anew(pool, AT_COMMAND_LINE, number, contact_id, words)
        if token is None:
            out.print("a mail with a link is on its way")
        else:
            out.print(follow_up_address(settings, token), soft_wrap=True)

    run_command(work)


@follow_up_commands.command("close")
def close_follow_up_quarter(number: Number) -> None:
    """Close a quarter: its links change nothing any more."""

    async def work() -> None:
        async with open_database() as (pool, _):
            await close_follow_up(pool, AT_COMMAND_LINE, number)
        out.print(f"follow-up {number} is closed")

    run_command(work)


def _answers(same: Sequence[str], new: Sequence[str], *, rest_is_new: bool) -> Answers:
    """The answers of a person. An id in a file may have a sign of equality, and one here has
    none."""
    pairs: dict[str, str] = {}
    for one in same:
        in_file, sign, known = one.rpartition("=")
        if not sign:
            raise typer.BadParameter(f"{one!r} is not FILE_ID=ID", param_hint="--same")
        pairs[in_file] = known
    return Answers(same=pairs, new=new, rest_is_new=rest_is_new)


def _print_plan(plan: PlanFile) -> None:
    """Print the counts of a plan by programme, and what a person must look at."""
    of_section = {one.section: one.programme for one in plan.initiatives}
    by_programme: dict[str | None, list[Milestone]] = {}
    for one in plan.milestones:
        by_programme.setdefault(of_section.get(one.section, one.section), []).append(one)
    table = table_of("programme", "title", "top", "sub", "no quarter")
    titles = {one.number or one.title: one.title for one in plan.programmes}
    for name, milestones in by_programme.items():
        levels = Counter(one.level for one in milestones)
        open_ones = sum(one.quarter_from is None for one in milestones)
        numbers = (levels["top"], levels["sub"], open_ones)
        table.add_row(name or "", titles.get(name) or "", *(str(number) for number in numbers))
    out.print(table)
    for line in _questions(plan):
        out.print(line)


def _questions(plan: PlanFile) -> Sequence[str]:
    """Lines for a person on what was inferred, may be a target, or was not placed."""
    inferred: dict[tuple[str | None, str | None, int | None], int] = {}
    for one in plan.milestones:
        if one.inferred:
            key = one.section, one.quarter_as_written, one.quarter_from
            inferred[key] = inferred.get(key, 0) + 1
    lines = [
        f"inferred: {written} in {section} is read as quarter {quarter or '?'}, "
        f"above {counted(count, 'milestone')}"
        for (section, written, quarter), count in inferred.items()
    ]
    lines += [f"may be a target: {one.key}: {one.text}" for one in offered_targets(plan)]
    lost = plan.not_placed
    lines += [f"not placed: line {one.line_from}: {one.text}" for one in lost[:LINES_SHOWN]]
    if len(lost) > LINES_SHOWN:
        lines.append(f"not placed: {len(lost) - LINES_SHOWN} more")
    return lines
