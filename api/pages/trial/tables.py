"""The tables of the trial for Excel, of the values that the pages show: GET /trial.xlsx."""

import asyncio
from collections.abc import Sequence

from aiohttp import web

from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.reports.documents import file_answer
from api.pages.reports.tables import Words
from api.pages.trial.labels import LABELS
from api.pages.words.language import Language, language_of, mark
from fleet.actor import Permission
from fleet.files.table_format import TableFormat
from fleet.localtime import local_now
from optimiser.duties.dispatch import Lack
from optimiser.trial.day import DayState
from optimiser.trial.stored import (
    DepotTrial,
    MissedTrip,
    TrialDay,
    missed_trips,
    read_trial,
    trial_days,
)
from reports.workbook import Column, Sheet, Unit, workbook

#: The most rows of a sheet.
ROWS_MAX = 100_000

KM = "km"
KR = mark("DKK")
KG = mark("kg CO₂e")


async def send_tables(request: web.Request) -> web.StreamResponse:
    """Answer with the depots, and for who sees single days with these and with the round trips
    without a vehicle, without who drove them."""
    pool, actor = request.config_dict[CONTEXT].pool, visitor(request)
    trial = await read_trial(pool, actor, local_now().date())
    if trial is None:
        raise web.HTTPNotFound
    days: Sequence[TrialDay] = ()
    misses: Sequence[MissedTrip] = ()
    if actor.may(Permission.TRACKS_READ):
        days = await trial_days(pool, actor, trial, None, ROWS_MAX)
        misses = await missed_trips(pool, actor, trial, None, ROWS_MAX)
    sheets = trial_sheets(trial.depots, days, misses, language_of(request))
    content = await asyncio.to_thread(workbook, sheets)
    return file_answer(content, f"flaade-runde-{trial.number}-proevet", TableFormat.EXCEL)


def trial_sheets(
    depots: Sequence[DepotTrial],
    days: Sequence[TrialDay],
    misses: Sequence[MissedTrip],
    language: Language,
) -> Sequence[Sheet]:
    """The tables; those without rows of single days are left out."""
    words = Words(language)
    price = Column(words(mark("By taxi, hire or own car"), KR), Unit.KR)
    emitted = Column(words(mark("Their CO₂e"), KG), Unit.KG)
    lacking = [
        Column(words(mark("Round trips without a vehicle")), Unit.COUNT),
        Column(words(mark("Their length"), KM), Unit.KM),
        price,
        emitted,
    ]
    sheets = [
        Sheet(
            words(mark("Depots")),
            [
                Column(words(mark("Depot"))),
                Column(words(mark("Days coped")), Unit.COUNT),
                Column(words(mark("Days with a shortfall")), Unit.COUNT),
                Column(words(mark("Days without data")), Unit.COUNT),
                Column(words(mark("Days without round trips")), Unit.COUNT),
                Column(words(mark("Round trips")), Unit.COUNT),
                *lacking,
            ],
            [
                (
                    one.name,
                    *(one.sums.coped, one.sums.missed_days, one.sums.unknown, one.sums.still),
                    *(one.sums.trips, one.sums.missed, one.sums.missed_km),
                    *(one.sums.missed_kr, one.sums.missed_co2_kg),
                )
                for one in depots
            ],
        )
    ]
    if days:
        sheets.append(
            Sheet(
                words(mark("Days")),
                [
                    Column(words(mark("Day")), Unit.DAY),
                    Column(words(mark("Depot"))),
                    Column(words(mark("How it went"))),
                    Column(words(mark("Version of the round")), Unit.COUNT),
                    Column(words(mark("Vehicles proposed")), Unit.COUNT),
                    Column(words(mark("Round trips")), Unit.COUNT),
                    *lacking,
                    Column(words(mark("Vehicles without data")), Unit.COUNT),
                ],
                [
                    (
                        one.day,
                        one.depot,
                        words(LABELS[DayState][one.state]),
                        *(one.version, one.vehicles, one.trips, one.missed, one.missed_km),
                        *(one.missed_kr, one.missed_co2_kg, len(one.unknown)),
                    )
                    for one in days
                ],
            )
        )
    if misses:
        sheets.append(
            Sheet(
                words(mark("Round trips without a vehicle")),
                [
                    Column(words(mark("Day")), Unit.DAY),
                    Column(words(mark("Depot"))),
                    Column(words(mark("Reason"))),
                    Column(words(mark("May not go by taxi"))),
                    Column(words(mark("Length"), KM), Unit.KM),
                    price,
                    emitted,
                ],
                [
                    (
                        one.day,
                        one.depot,
                        words(LABELS[Lack][one.reason]),
                        words(mark("yes")) if one.own_only else words(mark("no")),
                        *(one.km, one.kr, one.co2_kg),
                    )
                    for one in misses
                ],
            )
        )
    return sheets
