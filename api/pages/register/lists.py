"""The pages on which a list of vehicles is taken in: GET and POST /register/lists, GET
/register/lists/{list_id}, GET and POST …/columns, …/values and …/preview, GET …/file.

A person uploads a file. They say what its columns are and what its texts stand for, as far as that
is not known, see what an import would do, and import it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from aiohttp import web

from api.address import id_in_path
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT
from api.pages.frame.download import asked_format, table_download
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import NAME_TOO_LONG, FormError, enum_member, field_texts
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.frame.uploads import TABLE_READER, file_refused, read_upload
from api.pages.frame.views import Choice
from api.pages.municipality.views import next_step
from api.pages.register import list_views
from api.pages.register.fault_words import fault_text
from api.pages.register.forms import said
from api.pages.register.list_notes import list_notes
from api.pages.register.list_words import (
    bad_cells,
    changes_of,
    list_file,
    news_of,
)
from api.pages.register.register import kind_choices
from api.pages.words.cells import shown_cell
from api.pages.words.language import Language, language_of, mark
from api.pages.words.refusals import said_notes
from fleet.actor import Permission
from fleet.files.refusal import FileRefusedError
from fleet.files.table_format import TableFormat
from register.inventory.list_fields import ListField
from register.inventory.list_preview import ListPreview
from register.inventory.list_rows import NO_COLUMNS, UNKNOWN_WORDS, BadCell, proposed_name
from register.inventory.list_values import AskedText, ChosenSort, MadeValue, has_column
from register.inventory.lists import (
    ColumnsRefusedError,
    ListSummary,
    NoListError,
    WaitingList,
    import_list,
    keep_list,
    latest_lists,
    list_of,
    preview_list,
    set_columns,
    set_values,
)
from register.inventory.made_values import MadeFault, MadeRefusedError
from register.inventory.stored import RegisterChoices
from register.municipality.first_run import checklist

FILE_MISSING = mark("Choose a list of vehicles: CSV, Excel or LibreOffice")
NOTHING_IDENTIFIES = mark(
    "Choose the column with the registration number, the id or the name, which tells vehicles apart"
)
FIELD_TWICE = mark("Two columns hold the same; choose one of them")

MADE_FAULTS: Mapping[MadeFault, str] = {
    MadeFault.NO_NAME: mark("Write what it is called"),
    MadeFault.LONG: NAME_TOO_LONG,
    MadeFault.TAKEN: mark("A place that is no depot has that name: write another"),
    MadeFault.NO_LIKE: mark("Choose the kind whose figures it has"),
}

LIST_SHEET_NAME = mark("List")

LISTS_SHOWN = 10
BAD_SHOWN = 30
NEW_SHOWN = 50
CHANGES_SHOWN = 50
LEFT_OUT_SHOWN = 20

#: Characters of the first cell that are shown beside a heading.
_FIRST_SHOWN = 40


async def show_lists(request: web.Request) -> web.StreamResponse:
    """Show the form for a file, and the latest lists."""
    return page(request, await _lists(request, {}))


async def upload_list(request: web.Request) -> web.StreamResponse:
    """Keep the list and go on to what has to be said about it."""
    context = request.config_dict[CONTEXT]
    try:
        name, read = await read_upload(request, TABLE_READER, FILE_MISSING)
        rows_max = context.settings.vehicle_list_rows_max
        try:
            list_id = await keep_list(context.pool, visitor(request), name, read, rows_max)
        except FileRefusedError as refused:
            raise file_refused(request, refused) from None
    except FormError as refused:
        return page(request, await _lists(request, refused.errors), status=422)
    raise see_other(f"/register/lists/{list_id}")


async def show_list(request: web.Request) -> web.StreamResponse:
    """Go on to the step that a list waits for, or show what became of it."""
    found = await _list(request)
    list_id = id_in_path(request, "list_id")
    if isinstance(found, WaitingList):
        if found.layout is None:
            raise see_other(f"/register/lists/{list_id}/columns")
        seen = await _preview(request)
        open_ones = [one for one in seen.asked if one.value is None or not one.is_decided]
        step = "values" if open_ones else "preview"
        raise see_other(f"/register/lists/{list_id}/{step}")
    outcome = found.outcome
    assert outcome is not None, "a list that does not wait has its outcome"
    facts = await request.config_dict[CONTEXT].first_run_facts()
    return page(
        request,
        list_views.ListOutcomePage(
            list_id=list_id,
            name=found.name,
            new_count=outcome.new,
            changed_count=outcome.changed,
            unchanged_count=outcome.unchanged,
            left_out_count=outcome.left_out,
            bad=bad_cells(outcome.bad[:BAD_SHOWN], language_of(request)),
            bad_count=len(outcome.bad),
            bad_rows=outcome.bad_rows,
            unsettled=_unsettled(outcome.bad, language_of(request)),
            new_depots=outcome.new_depots,
            new_kinds=outcome.new_kinds,
            next_step=next_step(checklist(facts)),
        ),
    )


async def show_columns(request: web.Request) -> web.StreamResponse:
    """Show the columns of a list, as a person said or guessed."""
    found = await _waiting(request)
    chosen = found.guessed if found.layout is None else found.layout.columns
    return page(request, _columns(request, found, chosen, {}))


async def choose_columns(request: web.Request) -> web.StreamResponse:
    """Say what each column holds, and go on to the values or the preview."""
    found = await _waiting(request)
    list_id = id_in_path(request, "list_id")
    fields = await read_form(request)
    names = [f"field-{number}" for number in range(len(found.headings))]
    texts = field_texts(fields, names)
    columns: Mapping[str, ListField] = {
        heading: one
        for (heading, _), name in zip(found.headings, names, strict=True)
        if (one := enum_member(ListField, texts[name])) is not None
    }
    try:
        pool = request.config_dict[CONTEXT].pool
        await set_columns(pool, visitor(request), list_id, columns)
    except NoListError:
        raise web.HTTPNotFound from None
    except ColumnsRefusedError as refused:
        message = NOTHING_IDENTIFIES if refused.twice is None else FIELD_TWICE
        wrong = [
            name
            for (heading, _), name in zip(found.headings, names, strict=True)
            if refused.twice is None or columns.get(heading) is refused.twice
        ]
        errors = {wrong[-1]: message}
        return page(request, _columns(request, found, columns, errors), status=422)
    seen = await _preview(request)
    raise see_other(f"/register/lists/{list_id}/{'values' if seen.asked else 'preview'}")


async def show_values(request: web.Request) -> web.StreamResponse:
    """Show the texts of a list of which nobody knows yet what they stand for."""
    found, seen = await _waiting(request), await _preview(request)
    asked = {sort: [_asked(one) for one in seen.asked if one.sort is sort] for sort in ChosenSort}
    return page(request, _values(request, found, seen, asked))


async def choose_values(request: web.Request) -> web.StreamResponse:
    """Say what the texts stand for, or what is made for them, and go on to the preview. Nothing is
    made before the import."""
    fields = await read_form(request)
    found, seen = await _waiting(request), await _preview(request)
    offered = _choices(seen.known, language_of(request))
    known = {sort: {one.id for one in some} for sort, some in offered.items()}
    chosen: dict[ChosenSort, dict[str, str]] = {sort: {} for sort in ChosenSort}
    made: dict[ChosenSort, dict[str, MadeValue]] = {sort: {} for sort in ChosenSort}
    sent: dict[ChosenSort, list[list_views.AskedValue]] = {sort: [] for sort in ChosenSort}
    rows = {(one.sort, one.text): one.rows for one in seen.asked}
    # A department may be a new one, by any spelling of the list.
    known[ChosenSort.DEPARTMENT] |= {
        one.text for one in seen.asked if one.sort is ChosenSort.DEPARTMENT
    }
    for sort in ChosenSort:
        for number in range(len(seen.asked)):
            names = [f"{part}-{sort}-{number}" for part in ("text", "value", "name", "like")]
            if names[0] not in fields:
                break
            text, value, name, like = field_texts(fields, names).values()
            sent[sort].append(
                list_views.AskedValue(text, rows.get((sort, text), 0), value, name=name, like=like)
            )
            if value == list_views.NEW:
                made[sort][text] = MadeValue(" ".join(name.split()), like)
            else:
                chosen[sort][text] = value if value in known[sort] else ""
    list_id = id_in_path(request, "list_id")
    pool = request.config_dict[CONTEXT].pool
    try:
        await set_values(pool, visitor(request), list_id, chosen, made)
    except NoListError:
        raise web.HTTPNotFound from None
    except MadeRefusedError as refused:
        asked = {
            sort: [_with_fault(one, refused.faults.get((sort, one.text))) for one in values]
            for sort, values in sent.items()
        }
        return page(request, _values(request, found, seen, asked), status=422)
    raise see_other(f"/register/lists/{list_id}/preview")


def _asked(one: AskedText) -> list_views.AskedValue:
    made = one.made
    if made is None:
        return list_views.AskedValue(
            *(one.text, one.rows, one.value or "", one.is_decided), name=proposed_name(one.text)
        )
    return list_views.AskedValue(
        *(one.text, one.rows, list_views.NEW, one.is_decided), name=made.name, like=made.like
    )


def _with_fault(one: list_views.AskedValue, fault: MadeFault | None) -> list_views.AskedValue:
    if fault is None:
        return one
    part = "like" if fault is MadeFault.NO_LIKE else "name"
    return replace(one, faults={part: MADE_FAULTS[fault]})


def _values(
    request: web.Request,
    found: WaitingList,
    seen: ListPreview,
    asked: Mapping[ChosenSort, Sequence[list_views.AskedValue]],
) -> list_views.ListValuesPage:
    fields = () if found.layout is None else found.layout.columns.values()
    makes = {ChosenSort.DEPOT}
    if visitor(request).may(Permission.COSTS_CHANGE):
        makes.add(ChosenSort.KIND)
    return list_views.ListValuesPage(
        list_id=id_in_path(request, "list_id"),
        name=found.name,
        asked={sort: values for sort, values in asked.items() if values},
        choices=_choices(seen.known, language_of(request)),
        unread=seen.unread,
        no_column=frozenset(one for one in ChosenSort if not has_column(one, fields)),
        makes=frozenset(makes),
        errors={
            f"{part}-{sort}-{number}": message
            for sort, values in asked.items()
            for number, one in enumerate(values)
            for part, message in one.faults.items()
        },
    )


async def show_preview(request: web.Request) -> web.StreamResponse:
    """Show what the import of a list would do."""
    found, seen = await _waiting(request), await _preview(request)
    plan, language = seen.plan, language_of(request)
    changes = changes_of(plan.changed[:CHANGES_SHOWN], seen.choices, language)
    return page(
        request,
        list_views.ListPreviewPage(
            list_id=id_in_path(request, "list_id"),
            name=found.name,
            notes=[
                *found.notes,
                *said_notes(found.said, language),
                *seen.notes,
                *list_notes(found, plan, language),
            ],
            remembered=found.is_remembered,
            asks=bool(seen.asked),
            new=news_of(plan.new[:NEW_SHOWN], seen.choices, language),
            new_count=len(plan.new),
            changes=changes[:CHANGES_SHOWN],
            more_changes=len(changes) > CHANGES_SHOWN or len(plan.changed) > CHANGES_SHOWN,
            changed_count=len(plan.changed),
            unchanged_count=plan.unchanged,
            bad=bad_cells(plan.bad[:BAD_SHOWN], language),
            bad_count=len(plan.bad),
            bad_rows=plan.bad_rows,
            unsettled=_unsettled(plan.bad, language),
            new_depots=[one.name for one in seen.new_depots],
            new_kinds=seen.new_kinds,
            left_out=plan.left_out[:LEFT_OUT_SHOWN],
            left_out_count=len(plan.left_out),
        ),
    )


async def import_shown_list(request: web.Request) -> web.StreamResponse:
    """Import the list. Of a list that is imported already only the outcome is shown."""
    list_id = id_in_path(request, "list_id")
    if isinstance(await _list(request), WaitingList):
        try:
            context = request.config_dict[CONTEXT]
            await import_list(context.pool, visitor(request), list_id)
        except NoListError:
            raise web.HTTPNotFound from None
    raise see_other(f"/register/lists/{list_id}")


async def list_as_file(request: web.Request) -> web.StreamResponse:
    """Answer with everything that an import would do, or with the bad cells of one that was done,
    as a file: ?format=xlsx"""
    form = asked_format(request.query.get("format", TableFormat.EXCEL))
    found, language = await _list(request), language_of(request)
    if isinstance(found, WaitingList):
        seen = await _preview(request)
        plan = seen.plan
        news, changes = plan.new, changes_of(plan.changed, seen.choices, language)
        table = list_file(
            plan.bad, plan.unused, news_of(news, seen.choices, language), changes, language
        )
    else:
        assert found.outcome is not None, "a list that does not wait has its outcome"
        table = list_file(found.outcome.bad, [], [], [], language)
    name = f"list-{id_in_path(request, 'list_id')}"
    return await table_download(request, table, form, name, said(language, LIST_SHEET_NAME))


async def _list(request: web.Request) -> WaitingList | ListSummary:
    pool = request.config_dict[CONTEXT].pool
    found = await list_of(pool, id_in_path(request, "list_id"))
    if found is None:
        raise web.HTTPNotFound
    return found


async def _waiting(request: web.Request) -> WaitingList:
    """The list in the address, which waits; of one that was imported the outcome is shown."""
    found = await _list(request)
    if not isinstance(found, WaitingList):
        raise see_other(f"/register/lists/{id_in_path(request, 'list_id')}")
    return found


async def _preview(request: web.Request) -> ListPreview:
    list_id = id_in_path(request, "list_id")
    try:
        return await preview_list(request.config_dict[CONTEXT].pool, visitor(request), list_id)
    except NoListError:
        raise see_other(f"/register/lists/{list_id}/columns") from None


async def _lists(request: web.Request, errors: Mapping[str, str]) -> list_views.ListsPage:
    context = request.config_dict[CONTEXT]
    return list_views.ListsPage(
        lists=await latest_lists(context.pool, LISTS_SHOWN),
        keep_days=context.settings.vehicle_list_days,
        errors=errors,
    )


def _columns(
    request: web.Request,
    found: WaitingList,
    chosen: Mapping[str, ListField],
    errors: Mapping[str, str],
) -> list_views.ListColumnsPage:
    language = language_of(request)
    return list_views.ListColumnsPage(
        list_id=id_in_path(request, "list_id"),
        name=found.name,
        rows=found.rows,
        notes=[*found.notes, *said_notes(found.said, language_of(request))],
        headings=[
            list_views.ListHeading(
                heading, shown_cell(first, language)[:_FIRST_SHOWN], chosen.get(heading)
            )
            for heading, first in found.headings
        ],
        errors=errors,
    )


def _unsettled(bad: Sequence[BadCell], language: Language) -> list_views.UnsettledCells:
    """How many of the bad cells lack what a person can say of the list."""
    reasons = Counter(cell.reason for cell in bad)
    words = [bool(cell.text) for cell in bad if cell.reason in UNKNOWN_WORDS]
    return list_views.UnsettledCells(
        words=sum(words),
        empty=len(words) - sum(words),
        no_column=[
            (fault_text(reason, {}, language), reasons[reason])
            for reason in NO_COLUMNS
            if reasons[reason]
        ],
    )


def _choices(choices: RegisterChoices, language: Language) -> dict[ChosenSort, Sequence[Choice]]:
    """What the texts of a list may stand for."""
    return {
        ChosenSort.KIND: kind_choices(choices, language),
        ChosenSort.DEPOT: [Choice(one.depot_id, one.name) for one in choices.depots],
        ChosenSort.DEPARTMENT: [Choice(name, name) for name in choices.departments],
    }
