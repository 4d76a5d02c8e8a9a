"""The import of lists of vehicles for programs: `/v1/vehicle-lists`.

A program sends a file, says what its columns and words stand for as far as that is not known, asks
what an import would do, and imports it.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import Field, JsonValue, TypeAdapter

from api.pages.frame.uploads import TABLE_READER
from api.pages.register.fault_words import fault_text
from api.pages.register.list_notes import list_notes
from api.pages.words.language import Language, mark
from api.rest.frame.bodies import (
    FileQuery,
    FreeText,
    Name,
    Nothing,
    PageBody,
    PageQuery,
    Query,
    RequestBody,
    ResponseBody,
    example,
)
from api.rest.frame.operations import Call, Operation
from api.rest.frame.pagination import cut, key_after
from api.rest.frame.problems import ERRORS_MAX, REASON_CHARS_MAX, Problem
from fleet.actor import Permission
from ingest.listeners.problem import RefusedPart
from register.inventory.details import VehicleDetails, VehicleField
from register.inventory.list_fields import ListField
from register.inventory.list_preview import ListPreview
from register.inventory.list_rows import BadCell, LeftOutReason
from register.inventory.list_values import AskedText, ChosenSort, MadeValue
from register.inventory.lists import (
    ColumnsRefusedError,
    ListSummary,
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

#: The latest lists that are told; they are forgotten after some days.
LISTS_MAX = 100

_PLACE: TypeAdapter[int] = TypeAdapter(Annotated[int, Field(ge=0)])
_WORDS_MAX = 1_000

_MADE_REASONS = {
    MadeFault.NO_NAME: "needs a name",
    MadeFault.LONG: "has a name of more than 100 characters",
    MadeFault.TAKEN: "has the name of a place that is no depot",
    MadeFault.NO_LIKE: "is like no kind that there is",
}

#: The columns of a list, by their headings.
Columns = Annotated[
    dict[FreeText, Annotated[ListField, Field(strict=False)]], Field(max_length=500)
]
#: What words of a list stand for; "": the rows with the word stay out.
Words = Annotated[dict[FreeText, FreeText], Field(max_length=_WORDS_MAX)]


class ListColumns(RequestBody):
    """What each column of a list holds, by its heading; a column that is absent is not taken. One
    of the columns tells vehicles apart: the id, the registration number or the name."""

    model_config = example(
        columns={
            "Reg.nr.": "plate",
            "Køretøj": "name",
            "Type": "kind",
            "Center": "department",
            "Placering": "depot_id",
        }
    )

    columns: Columns


class NewKindOfList(RequestBody):
    """A kind that an import makes. It has the energy, the capabilities and the figures of the kind
    `like`, with their source."""

    name: Name
    like: Name


class ListWords(RequestBody):
    """What words of a list stand for: the id of a kind or a depot, or the name of a department. The
    word "" stands for empty cells. With the meaning "" the rows of a word stay out; words that are
    absent keep what they stood for.

    Words of `new_depots` stand for depots that the import makes, by their names; these wait for
    their places. Words of `new_kinds` stand for kinds that the import makes, which needs the
    permission `costs:change`, too."""

    model_config = example(
        depot={"Rådhusets P-plads": "raadhuset"},
        kind={"Varebil / El": ""},
        new_depots={"Materielgård": "Materielgården"},
        new_kinds={"Ladcykel": {"name": "Ladcykel", "like": "ladcykel-el"}},
    )

    kind: Words = Field(default_factory=dict[str, str])
    depot: Words = Field(default_factory=dict[str, str])
    department: Words = Field(default_factory=dict[str, str])
    new_depots: Annotated[dict[FreeText, FreeText], Field(max_length=_WORDS_MAX)] = Field(
        default_factory=dict[str, str]
    )
    new_kinds: Annotated[dict[FreeText, NewKindOfList], Field(max_length=_WORDS_MAX)] = Field(
        default_factory=dict[str, NewKindOfList]
    )


class ListColumn(ResponseBody):
    """A heading of a list, the first cell below it, and what it is taken for: as was said, or else
    guessed; null: it is not taken."""

    heading: str
    first: str
    holds: ListField | None


class ListCounts(ResponseBody):
    """How many vehicles an import adds and changes, and how many are as in the list already; how
    many rows stay out by bad cells, and how many are no vehicles."""

    new: int
    changed: int
    unchanged: int
    bad_rows: int
    bad_cells: int
    left_out: int


class VehicleList(ResponseBody):
    """A list of vehicles. One that waits has its columns; `is_settled`: it was said what they hold,
    of this list or of an earlier one with the same headings. One that is imported has its
    outcome."""

    id: int
    name: str
    uploaded_at: datetime | None
    uploaded_by: str | None
    rows: int | None
    is_settled: bool
    columns: list[ListColumn]
    outcome: ListCounts | None


class VehicleLists(ResponseBody):
    """The latest lists, the last one first."""

    items: list[VehicleList]


class AskedWord(ResponseBody):
    """A word of a list that the register does not know, on so many rows, and what it stands for as
    far as that was said; `new_name` is that of the depot or kind which the import makes for it."""

    sort: ChosenSort
    word: str
    rows: int
    meaning: str | None
    new_name: str | None


class LeftOut(ResponseBody):
    """A row that is no vehicle, with what it begins with."""

    row: int
    text: str
    reason: LeftOutReason


class ListPreviewTold(ResponseBody):
    """What the import of a list would do now. `asked` are the words that the register does not
    know: rows whose words stand for nothing stay out. `new_depots` and `new_kinds` are the names of
    what it would make, and `notes` say in English what to look at before.
    """

    counts: ListCounts
    asked: list[AskedWord]
    left_out: list[LeftOut]
    new_depots: list[str]
    new_kinds: list[str]
    notes: list[str]


class BadCellTold(ResponseBody):
    """A cell because of which its row stays out, or, with `row_is_taken`, only its own value; why,
    as a code and in words. `heading` is "" where the list has no column for what is missing."""

    row: int
    heading: str
    text: str
    reason: str
    why: str
    row_is_taken: bool


class BadCells(PageBody):
    """Bad cells of a list, row by row."""

    items: list[BadCellTold]


class ListedChange(ResponseBody):
    """What a row of a list does: it adds a vehicle with these details (`before` is null), or
    changes details of one."""

    row: int
    vehicle_id: str
    before: dict[str, JsonValue | date] | None
    after: dict[str, JsonValue | date]


class ListedChanges(PageBody):
    """The vehicles that an import would add or change, row by row."""

    items: list[ListedChange]


async def send_list(call: Call[FileQuery]) -> VehicleList:
    context, name = call.context, call.asked.name
    read = await context.read_in_own_process(TABLE_READER, name, call.content)
    rows_max = context.settings.vehicle_list_rows_max
    return await _told(call, await keep_list(call.pool, call.actor, name, read, rows_max))


async def show_lists(call: Call[Query]) -> VehicleLists:
    found = await latest_lists(call.pool, LISTS_MAX)
    return VehicleLists(items=[_summary(one) for one in found])


async def show_list(call: Call[Any]) -> VehicleList:
    return await _told(call, call.id("list_id"))


async def settle_columns(call: Call[ListColumns]) -> VehicleList:
    list_id, found, columns = call.id("list_id"), await _waiting(call), call.asked.columns
    headings = {heading for heading, _ in found.headings}
    if unknown := [heading for heading in columns if heading not in headings]:
        raise _no_columns(f"the list has no column {unknown[0]}")
    try:
        await set_columns(call.pool, call.actor, list_id, columns)
    except ColumnsRefusedError as refused:
        raise _no_columns(str(refused)) from None
    return await _told(call, list_id)


async def settle_words(call: Call[ListWords]) -> ListPreviewTold:
    list_id, asked = call.id("list_id"), call.asked
    choices = (await _preview(call)).known
    known = {
        ChosenSort.KIND: {one.kind for one in choices.kinds},
        ChosenSort.DEPOT: {one.depot_id for one in choices.depots},
    }
    given = {sort: dict(getattr(asked, sort.value)) for sort in ChosenSort}
    for sort, ids in known.items():
        for word, meaning in given[sort].items():
            if meaning and meaning not in ids:
                part = RefusedPart(None, f"{sort.value}.{word}", f"there is no {sort} {meaning}")
                raise Problem(422, "a word cannot stand for that", [part])
    made = {
        ChosenSort.DEPOT: {
            word: MadeValue(" ".join(name.split())) for word, name in asked.new_depots.items()
        },
        ChosenSort.KIND: {
            word: MadeValue(" ".join(one.name.split()), one.like)
            for word, one in asked.new_kinds.items()
        },
    }
    try:
        await set_values(call.pool, call.actor, list_id, given, made)
    except MadeRefusedError as refused:
        parts = [
            RefusedPart(None, f"new_{sort}s.{word}"[:REASON_CHARS_MAX], _MADE_REASONS[fault])
            for (sort, word), fault in refused.faults.items()
        ]
        raise Problem(422, "a word cannot stand for that", parts[:ERRORS_MAX]) from None
    return await show_preview(call)


async def show_preview(call: Call[Any]) -> ListPreviewTold:
    found, seen = await _waiting(call), await _preview(call)
    plan = seen.plan
    return ListPreviewTold(
        counts=ListCounts(
            new=len(plan.new),
            changed=len(plan.changed),
            unchanged=plan.unchanged,
            bad_rows=plan.bad_rows,
            bad_cells=len(plan.bad),
            left_out=len(plan.left_out),
        ),
        asked=[_asked(one) for one in seen.asked],
        left_out=[LeftOut(row=one.row, text=one.text, reason=one.reason) for one in plan.left_out],
        new_depots=[one.name for one in seen.new_depots],
        new_kinds=[one.name for one in seen.new_kinds],
        notes=[*seen.notes, *list_notes(found, plan, Language.ENGLISH)],
    )


async def show_bad_cells(call: Call[PageQuery]) -> BadCells:
    """Of a list that waits they are those of an import that were done now."""
    found = await _list(call)
    if isinstance(found, WaitingList):
        plan = (await _preview(call)).plan
        cells = [*_cells(plan.bad, taken=False), *_cells(plan.unused, taken=True)]
        cells.sort(key=lambda one: one.row)
    else:
        outcome = found.outcome
        cells = [] if outcome is None else list(_cells(outcome.bad, taken=False))
    items, more = _page(cells, call.asked)
    return BadCells(items=items, next=more)


async def show_changes(call: Call[PageQuery]) -> ListedChanges:
    plan = (await _preview(call)).plan
    found = [
        ListedChange(row=one.row, vehicle_id=one.vehicle_id, before=None, after=_known(one.details))
        for one in plan.new
    ]
    found += [
        ListedChange(
            row=one.row,
            vehicle_id=one.before.vehicle_id,
            before={field.value: one.before.details.of(field) for field in one.fields},
            after={field.value: one.details.of(field) for field in one.fields},
        )
        for one in plan.changed
    ]
    items, more = _page(sorted(found, key=lambda one: one.row), call.asked)
    return ListedChanges(items=items, next=more)


async def take_in(call: Call[Nothing]) -> VehicleList:
    """A list that is imported already is left as it is, and its outcome is told."""
    list_id = call.id("list_id")
    if isinstance(await _list(call), WaitingList):
        await _preview(call)
        await import_list(call.pool, call.actor, list_id)
    return await _told(call, list_id)


async def _list(call: Call[Any]) -> WaitingList | ListSummary:
    """The list in the address.

    Raises:
        Problem: there is none, or no longer.
    """
    list_id = call.id("list_id")
    found = await list_of(call.pool, list_id)
    if found is None:
        raise Problem(404, f"there is no list {list_id}")
    return found


async def _waiting(call: Call[Any]) -> WaitingList:
    """The list in the address, which waits.

    Raises:
        Problem: there is none, or it is imported.
    """
    found = await _list(call)
    if not isinstance(found, WaitingList):
        raise Problem(409, "the list is imported already")
    return found


async def _preview(call: Call[Any]) -> ListPreview:
    """What the import of the list in the address would do.

    Raises:
        Problem: there is no such list, it is imported, or nobody said what its columns hold.
    """
    if (await _waiting(call)).layout is None:
        raise Problem(409, "say first what the columns of the list hold")
    return await preview_list(call.pool, call.actor, call.id("list_id"))


async def _told(call: Call[Any], list_id: int) -> VehicleList:
    found = await list_of(call.pool, list_id)
    if found is None:
        raise Problem(404, f"there is no list {list_id}")
    if isinstance(found, ListSummary):
        return _summary(found)
    holds = found.guessed if found.layout is None else found.layout.columns
    return VehicleList(
        id=list_id,
        name=found.name,
        uploaded_at=None,
        uploaded_by=None,
        rows=found.rows,
        is_settled=found.layout is not None,
        columns=[
            ListColumn(heading=heading, first=first, holds=holds.get(heading))
            for heading, first in found.headings
        ],
        outcome=None,
    )


def _summary(one: ListSummary) -> VehicleList:
    outcome = one.outcome
    return VehicleList(
        id=one.list_id,
        name=one.name,
        uploaded_at=one.uploaded_at,
        uploaded_by=one.uploaded_by,
        rows=None,
        is_settled=outcome is not None,
        columns=[],
        outcome=None
        if outcome is None
        else ListCounts(
            new=outcome.new,
            changed=outcome.changed,
            unchanged=outcome.unchanged,
            bad_rows=outcome.bad_rows,
            bad_cells=len(outcome.bad),
            left_out=outcome.left_out,
        ),
    )


def _asked(one: AskedText) -> AskedWord:
    made = None if one.made is None else one.made.name
    return AskedWord(sort=one.sort, word=one.text, rows=one.rows, meaning=one.value, new_name=made)


def _cells(bad: Iterable[BadCell], *, taken: bool) -> Iterable[BadCellTold]:
    for cell in bad:
        why = fault_text(cell.reason, cell.values, Language.ENGLISH)
        yield BadCellTold(
            row=cell.row,
            heading=cell.heading,
            text=cell.text,
            reason=cell.reason,
            why=why,
            row_is_taken=taken,
        )


def _page(found: Sequence[Any], asked: PageQuery) -> tuple[list[Any], str | None]:
    """The page of a list that is in its order; its key is the place in it."""
    after = key_after(asked, _PLACE)
    placed = list(enumerate(found))[0 if after is None else after + 1 :]
    items, more = cut(placed, asked.limit, lambda one: one[0])
    return [one for _, one in items], more


def _known(details: VehicleDetails) -> dict[str, Any]:
    return {
        field.value: details.of(field) for field in VehicleField if details.of(field) is not None
    }


def _no_columns(reason: str) -> Problem:
    return Problem(422, "the columns cannot be so", [RefusedPart(None, "columns", reason)])


NEED = Permission.REGISTER_CHANGE
_ONE = "/v1/vehicle-lists/{list_id}"
_WAITS = "the list is imported already, or nobody said yet what its columns hold"

VEHICLE_LISTS = (
    Operation(
        "POST",
        "/v1/vehicle-lists",
        NEED,
        mark("Send a list of vehicles: CSV, Excel or LibreOffice; nothing is imported yet"),
        FileQuery,
        VehicleList,
        send_list,
        located="/v1/vehicle-lists/{id}",
        takes_file=True,
    ),
    Operation(
        "GET",
        "/v1/vehicle-lists",
        NEED,
        mark("The latest lists of vehicles"),
        Query,
        VehicleLists,
        show_lists,
    ),
    Operation("GET", _ONE, NEED, mark("One list of vehicles"), Query, VehicleList, show_list),
    Operation(
        "PUT",
        "/v1/vehicle-lists/{list_id}/columns",
        NEED,
        mark("Say what each column of a list holds"),
        ListColumns,
        VehicleList,
        settle_columns,
        conflict="the list is imported already",
    ),
    Operation(
        "PUT",
        "/v1/vehicle-lists/{list_id}/words",
        NEED,
        mark("Say what the words of a list stand for"),
        ListWords,
        ListPreviewTold,
        settle_words,
        conflict=_WAITS,
    ),
    Operation(
        "GET",
        "/v1/vehicle-lists/{list_id}/preview",
        NEED,
        mark("What the import of a list would do"),
        Query,
        ListPreviewTold,
        show_preview,
        conflict=_WAITS,
    ),
    Operation(
        "GET",
        "/v1/vehicle-lists/{list_id}/bad-cells",
        NEED,
        mark("Every cell of a list that cannot be taken, and why"),
        PageQuery,
        BadCells,
        show_bad_cells,
        conflict=_WAITS,
    ),
    Operation(
        "GET",
        "/v1/vehicle-lists/{list_id}/changes",
        NEED,
        mark("Every vehicle that the import of a list would add or change"),
        PageQuery,
        ListedChanges,
        show_changes,
        conflict=_WAITS,
    ),
    Operation(
        "POST",
        "/v1/vehicle-lists/{list_id}/import",
        NEED,
        mark("Import a list: its good rows are taken, its bad ones stay out"),
        Nothing,
        VehicleList,
        take_in,
        conflict=_WAITS,
    ),
)
