"""Writes the status of a quarter and the calendar of a plan to files, for the commands of plans."""

from pathlib import Path

from api.actors import AT_COMMAND_LINE
from api.pages.meetings.feed import plan_calendar
from api.pages.plan.choice import quarter_in
from api.pages.plan.figures import figures_of_all
from api.pages.plan_status.status import keep_found, status_now, status_pdf, status_workbook
from api.pages.words.language import Language
from api.settings import Settings
from db.connect import Pool
from fleet.errors import ExpectedError
from fleet.localtime import local_now
from tracker.importer.plan_file import write_bytes_whole
from tracker.quarter import Quarter


class QuarterTextError(ExpectedError, ValueError):
    """A text names no quarter."""


async def write_status(
    pool: Pool,
    settings: Settings,
    plan_id: int,
    quarter: str,
    out_file: Path,
    *,
    is_english: bool,
    keep: bool,
) -> str:
    """Write the status of a quarter of a plan, "" for that of today, to a PDF or a workbook, as the
    end of the file's name says, and keep it if asked to.

    Returns:
        What it says in short.

    Raises:
        NoPlanError: there is no such plan.
        QuarterTextError: there is no such quarter.
    """
    asked = quarter_in(quarter) if quarter else Quarter.of(local_now().date())
    if asked is None:
        raise QuarterTextError("a quarter is a year and a number, such as 2026-4")
    language = Language.ENGLISH if is_english else Language.DANISH
    found = await status_now(
        pool, settings, plan_id, asked, await figures_of_all(pool, settings, AT_COMMAND_LINE)
    )
    number = await keep_found(pool, AT_COMMAND_LINE, found) if keep else None
    write = status_pdf if out_file.suffix.lower() == ".pdf" else status_workbook
    write_bytes_whole(await write(found, language), out_file)
    kept = "" if number is None else f", kept as report {number}"
    whole = found.whole
    return f"{whole.done} of {whole.counted} reached, {whole.late} late{kept}: {out_file}"


async def write_calendar(
    pool: Pool,
    settings: Settings,
    plan_id: int,
    out_file: Path,
    *,
    is_english: bool,
    shows_owners: bool,
) -> None:
    """Write a plan as a calendar.

    Raises:
        NoPlanError: there is no such plan.
    """
    language = Language.ENGLISH if is_english else Language.DANISH
    content = await plan_calendar(pool, settings, plan_id, language, shows_owners=shows_owners)
    write_bytes_whole(content, out_file)
