"""Who looked at which vehicles' tracks and why: GET /audit/tracks, GET
/audit/tracks/export/{form}."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, timedelta

import pyarrow as pa
from aiohttp import web

from api.pages.audit import views
from api.pages.audit.forms import read_month
from api.pages.audit.labels import READING_HEADINGS, READING_SHEET_NAME
from api.pages.choices.list_parts import asked_part
from api.pages.frame.context import CONTEXT
from api.pages.frame.download import asked_format, table_download
from api.pages.frame.render import page
from api.pages.words.language import language_of, translations
from db.audit.search import TrackReading, track_readings
from fleet.localtime import day_start, local_now

#: The readings that pages show in parts, and the most of a file.
SHOWN_MAX = 500
FILE_MAX = 100_000

_MOMENT = pa.timestamp("ms", "UTC")

#: The types of the columns of a file that are no texts.
_TYPES: Mapping[str, pa.DataType] = {
    "days": pa.int64(),
    "shown": pa.int64(),
    "first_at": _MOMENT,
    "last_at": _MOMENT,
}


async def show_tracks(request: web.Request) -> web.StreamResponse:
    """Show a month's looks at tracks, by person."""
    today = local_now().date()
    month = read_month(request.query, today)
    found = await _readings(request, month, SHOWN_MAX + 1)
    later = _next(month)
    return page(
        request,
        views.TrackReadingsPage(
            month=month,
            earlier=(month - timedelta(days=1)).replace(day=1),
            later=later if later <= today else None,
            part=asked_part(
                found[:SHOWN_MAX], request.query, "/audit/tracks", {"month": f"{month:%Y-%m}"}
            ),
            more=len(found) > SHOWN_MAX,
        ),
    )


async def export_tracks(request: web.Request) -> web.StreamResponse:
    """Answer with a month's looks at tracks as a file."""
    form = asked_format(request.match_info["form"])
    month = read_month(request.query, local_now().date())
    rows = [asdict(one) for one in await _readings(request, month, FILE_MAX)]
    say = translations(language_of(request)).gettext
    arrays = [
        pa.array([row[column] for row in rows], _TYPES.get(column, pa.string()))
        for column in READING_HEADINGS
    ]
    names = [say(word) if form.for_people else name for name, word in READING_HEADINGS.items()]
    table = pa.Table.from_arrays(arrays, names=names)
    name = f"{say(READING_SHEET_NAME).lower().replace(' ', '-')}-{month:%Y-%m}"
    return await table_download(request, table, form, name, say(READING_SHEET_NAME))


async def _readings(request: web.Request, month: date, most: int) -> list[TrackReading]:
    pool = request.config_dict[CONTEXT].pool
    return list(await track_readings(pool, day_start(month), day_start(_next(month)), most))


def _next(month: date) -> date:
    """The first day of the month after."""
    return (month + timedelta(days=31)).replace(day=1)
