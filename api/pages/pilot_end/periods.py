"""Reads the two periods of the evaluation from its address, and chooses them where it names
none."""

from collections.abc import Mapping
from datetime import date, timedelta

from api.pages.frame.context import PageContext
from api.pages.frame.forms import DaysQuery
from api.pages.pilot_end.views import AskedPeriods
from api.pages.words.language import mark
from api.settings import Settings
from db.connect import Pool
from fleet.actor import Actor, Permission
from fleet.localtime import local_now
from fleet.period import Period
from optimiser.pilot_end.stored import first_round_period
from reports.pilot_end import ComparedPeriods, PilotLimits
from trips.use.fleet_use import data_period, period_between

#: The error of days that a reader without single trips may not be told of.
OUTSIDE_WEEKS = mark("None of these days lies in a whole week with data that is over.")

#: The names of the fields of each period in an address.
SIDES = ("before", "after")


def pilot_limits(settings: Settings) -> PilotLimits:
    """The settings by which the pilot is judged."""
    return PilotLimits(
        coverage_min=settings.coverage_min,
        known_min=settings.evaluation_known_min,
        silent_days=settings.ledger_silent_days,
        chips_month=settings.roll_out_chips_month,
    )


async def asked_periods(
    context: PageContext, query: Mapping[str, str], reader: Actor
) -> tuple[ComparedPeriods, AskedPeriods]:
    """The periods that an address asks for, `?before-from=…&before-to=…&after-from=…&after-to=…`.
    Who sees no single trips gets the weeks that hold these days; where they may not be told of,
    that is an error at the field."""
    asked = {side: _days_of(query, side) for side in SIDES}
    found: dict[str, Period | None] = {}
    errors: dict[str, str] = {}
    chosen = await default_periods(context.pool, context.settings)
    for side, usual in zip(SIDES, (chosen.before, chosen.after), strict=True):
        shown = await _asked_period(context, asked[side], usual, reader)
        errors |= {f"{side}-{name}": text for name, text in asked[side].errors.items()}
        if shown is None and (asked[side].first or asked[side].last):
            errors[f"{side}-from"] = OUTSIDE_WEEKS
            shown = await context.unheard_week()
        found[side] = shown
    periods = ComparedPeriods(found["before"], found["after"] if found["before"] else None)
    days_shown: dict[str, date | None] = {}
    for side in SIDES:
        one = found[side]
        typed = asked[side].typed or ((one.first, one.last) if one else (None, None))
        if errors.get(f"{side}-from") == OUTSIDE_WEEKS:
            typed = asked[side].first, asked[side].last
        days_shown |= {f"{side}-from": typed[0], f"{side}-to": typed[1]}
    names = [f"{side}-{end}" for side in SIDES for end in ("from", "to")]
    return periods, AskedPeriods(
        days=days_shown,
        errors=errors,
        query={name: query[name] for name in names if query.get(name)},
        in_weeks=not reader.may(Permission.TRACKS_READ),
        told=await context.told_weeks(),
    )


async def default_periods(pool: Pool, settings: Settings) -> ComparedPeriods:
    """The data period of the first round, without one the first weeks with data; and the latest
    weeks, as far as they lie after it."""
    latest = await data_period(pool, settings.period_weeks)
    whole = await period_between(pool, None, None)
    if latest is None or whole is None:
        return ComparedPeriods(None, None)
    before = await first_round_period(pool)
    if before is None:
        weeks = timedelta(days=7 * settings.period_weeks - 1)
        last = min(whole.first + weeks, whole.last)
        before = await period_between(pool, whole.first, last)
    if before is None:
        return ComparedPeriods(None, None)
    begin = max(latest.first, before.last + timedelta(days=1))
    after = await period_between(pool, begin, latest.last) if begin <= latest.last else None
    return ComparedPeriods(before, after)


def _days_of(query: Mapping[str, str], side: str) -> DaysQuery:
    return DaysQuery.read({end: query.get(f"{side}-{end}", "") for end in ("from", "to")})


async def _asked_period(
    context: PageContext, days: DaysQuery, usual: Period | None, reader: Actor
) -> Period | None:
    """The days that are asked for, as far as they have data: where there are none, the first alone,
    on which nothing was heard. Days that are not asked for are the `usual` ones; None: there are
    neither, or the reader may not be told of these."""
    in_weeks = not reader.may(Permission.TRACKS_READ)
    if days.first is None and days.last is None and not in_weeks:
        return usual
    first = days.first or (None if usual is None else usual.first)
    last = days.last or (None if usual is None else usual.last)
    if first is None or last is None:
        return None
    if first > last:  # one of the two was asked for, and the other one is usual
        first, last = last, first
    if in_weeks:
        return await context.weeks_between(first, last)
    whole = await period_between(context.pool, None, None)
    if whole is None:
        return Period(first, first)
    begin, end = max(first, whole.first), min(last, max(whole.last, local_now().date()))
    found = await period_between(context.pool, begin, end) if begin <= end else None
    return found or Period(first, first)
