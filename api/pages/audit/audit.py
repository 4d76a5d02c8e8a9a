"""The pages of the audit log: GET /audit, GET /audit/export/{form}."""

from datetime import timedelta

import orjson
import pyarrow as pa
from aiohttp import web

from access.accounts import accounts
from access.attempts_stored import STRANGER
from api.door.visitor import visitor
from api.pages.audit import views
from api.pages.audit.forms import before, read_before, read_choice
from api.pages.audit.labels import (
    ENTRY_HEADINGS,
    ENTRY_SHEET_NAME,
    LABELS,
    PARTS_OF_MUNICIPALITY,
)
from api.pages.audit.told import KnownNames, sentence, told
from api.pages.choices.list_parts import PART_ROWS
from api.pages.costs.capabilities import read_capabilities
from api.pages.frame.context import CONTEXT
from api.pages.frame.download import asked_format, table_file
from api.pages.frame.render import page
from api.pages.words.formats import Formats
from api.pages.words.language import language_of, translations
from costs.catalogue import starter_catalogue
from costs.catalogue_stored import read_catalogue
from db.audit.entry import AuditEntry, Subject
from db.audit.search import AuditFilter, audit_entries, export_entries, recorded_persons
from fleet.localtime import day_start, local_now
from register.zones_stored import depots

#: The most entries of a file.
FILE_MAX = 100_000


async def show_audit(request: web.Request) -> web.StreamResponse:
    """Show the chosen entries, the latest first."""
    return page(request, await _audit_page(request))


async def export_audit(request: web.Request) -> web.StreamResponse:
    """Answer with the chosen entries as a file."""
    form = asked_format(request.match_info["form"])
    choice = read_choice(request.query, local_now().date())
    if choice.errors:
        return page(request, await _audit_page(request), status=422)
    pool = request.config_dict[CONTEXT].pool
    found = await export_entries(pool, visitor(request), _filter(choice), FILE_MAX + 1)
    if len(found) > FILE_MAX:
        return page(request, await _audit_page(request, FILE_MAX), status=422)
    formats, known = Formats(language_of(request)), await _known_names(request)
    say = translations(formats.language).gettext

    def text(entry: AuditEntry, column: str) -> str:
        if column == "told":
            return sentence(entry, formats, known)
        given = getattr(entry, column)
        if column == "detail":
            return orjson.dumps(given).decode()
        is_word = form.for_people and type(given) in LABELS
        return say(LABELS[type(given)][given]) if is_word else given

    arrays = [
        pa.array([entry.at for entry in found], pa.timestamp("ms", "UTC"))
        if column == "at"
        else pa.array([text(entry, column) for entry in found], pa.string())
        for column in ENTRY_HEADINGS
    ]
    names = [say(word) if form.for_people else name for name, word in ENTRY_HEADINGS.items()]
    table = pa.Table.from_arrays(arrays, names=names)
    name = f"{say(ENTRY_SHEET_NAME).lower()}-{choice.first}-{choice.last}"
    return await table_file(table, form, name.replace(" ", "-"), say(ENTRY_SHEET_NAME))


async def _audit_page(request: web.Request, too_many: int | None = None) -> views.AuditPage:
    pool = request.config_dict[CONTEXT].pool
    choice = read_choice(request.query, local_now().date())
    cursor = read_before(request.query)
    found = await audit_entries(pool, _filter(choice), PART_ROWS + 1, cursor)
    shown = found[:PART_ROWS]
    more = len(found) > PART_ROWS
    formats, known = Formats(language_of(request)), await _known_names(request)
    names = {str(one.account_id): one.name for one in await accounts(pool)}
    return views.AuditPage(
        choice=choice,
        keep_days=request.config_dict[CONTEXT].settings.audit_keep_days,
        entries=[
            views.ShownEntry(
                *(one, one.actor == STRANGER, told(one, formats, known)),
                names.get(one.subject_id, "") if one.subject is Subject.ACCOUNT else "",
                PARTS_OF_MUNICIPALITY.get(one.subject_id, "")
                if one.subject is Subject.MUNICIPALITY
                else "",
            )
            for one in shown
        ],
        persons=[one for one in await recorded_persons(pool) if one != STRANGER],
        older=choice.query(before=before(shown[-1].at, shown[-1].entry_id)) if more else None,
        later=cursor is not None,
        too_many=too_many,
    )


async def _known_names(request: web.Request) -> KnownNames:
    pool = request.config_dict[CONTEXT].pool
    kinds = [*starter_catalogue(), *await read_catalogue(pool)]
    return KnownNames(
        await read_capabilities(request),
        {one.kind: one.name for one in kinds},
        {one.depot_id: one.name for one in await depots(pool)},
    )


def _filter(choice: views.AuditChoice) -> AuditFilter:
    return AuditFilter(
        begins=day_start(choice.first),
        ends=day_start(choice.last + timedelta(days=1)),
        actor=choice.person or None,
        act=choice.act,
        subject=choice.subject,
        subject_id=choice.subject_id or None,
    )
