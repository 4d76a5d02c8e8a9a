"""A plan as a workbook of Excel or as CSV, from which it is read again without a difference.

Both have the same rows, of which each is a part of the plan: the workbook has a sheet for each sort
of part, and the CSV names the sort in its first column. The headings are the names of
`tracker.importer.plan_file`. A text that a spreadsheet might compute stands in CSV behind an
apostrophe, which is taken away again; in Excel it is a cell of text. An empty text is an apostrophe
alone, since an empty cell says that there is none.
"""

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError
from python_calamine import CalamineError, CalamineWorkbook

from fleet.files import refusal
from fleet.files.own_process import ReadFile, ReadingBounds, read_in_own_process
from fleet.files.plain_text import DELIMITERS, plain_text
from fleet.files.refusal import FileRefusedError
from fleet.files.sheet_parts import CELL_CHARS_MAX, bound_range, sheet_parts
from fleet.files.spreadsheet import is_formula
from reports.workbook import Column, Sheet, Unit, workbook
from tracker.importer.plan_file import PlanFile

NO_PLAN_TABLE = "The file is no plan that this system exported: {fault}"
NO_KIND = "A plan is written to a file that ends in .json, .xlsx or .csv"
CELL_OVER = "A text of the plan is longer than a cell of Excel holds: export it as CSV or JSON"
CELL_UNFIT = (
    "A text of the plan has a character that no cell of Excel holds: export it as CSV or JSON"
)

#: The ends of the names of files of these kinds.
EXCEL_END, CSV_END, JSON_END = ".xlsx", ".csv", ".json"
_ZIP = b"PK\x03\x04"

#: The reader of such files, as `fleet.files.own_process` runs it.
PLAN_TABLE_READER = "reports.plan_tables:read_packed_plan_table"

#: The columns of each sort of part. Programmes and strands have their places, from 1, and `of` is
#: that of the one to which a row belongs.
PARTS: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "plan": ("title", "year"),
        "policy": ("text",),
        "programme": ("place", "number", "title", "purpose"),
        "success_criterion": ("of", "text"),
        "partner_internal": ("of", "text"),
        "partner_external": ("of", "text"),
        "resource": ("of", "centre", "aarsvaerk"),
        "initiative": ("section", "title", "programme"),
        "milestone": (
            *("id", "section", "quarter_as_written", "year", "quarter_from", "quarter_to"),
            *("inferred", "level", "parent", "text", "line_from", "line_to", "page"),
        ),
        "strand": ("place", "section", "title"),
        "strand_milestone": ("of", "id"),
        "not_placed": ("line_from", "line_to", "text"),
    }
)
_COLUMNS = tuple(dict.fromkeys(name for names in PARTS.values() for name in names))
_NUMBERS = {"of", "place", "year", "quarter_from", "quarter_to", "line_from", "line_to", "page"}
#: A decimal of a whole number that Excel writes with its 16 digits.
_DIGITS = ".16G"
_YES, _NO = "yes", "no"
#: Characters that XML does not have.
_NO_XML = "\ufffe\uffff"

#: The values of a part by the names of its columns.
_Row = Mapping[str, object]


def plan_workbook(plan: PlanFile) -> bytes:
    """The workbook of a plan.

    Raises:
        FileRefusedError: a text does not fit into a cell.
    """
    rows = _by_part(plan)
    return workbook(
        [
            Sheet(
                part,
                [Column(name, Unit.COUNT if name in _NUMBERS else Unit.WORDS) for name in names],
                [[_excel_cell(row[name]) for name in names] for row in rows[part]],
            )
            for part, names in PARTS.items()
        ]
    )


def plan_csv(plan: PlanFile) -> bytes:
    """The CSV of a plan, as a Danish Excel opens it."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(("part", *_COLUMNS))
    for part, rows in _by_part(plan).items():
        for row in rows:
            writer.writerow((part, *(_csv_cell(row.get(name)) for name in _COLUMNS)))
    return text.getvalue().encode("utf-8-sig")


def plan_bytes(plan: PlanFile, end: str) -> bytes:
    """The file of a plan whose name ends so.

    Raises:
        FileRefusedError: no such file is written, or a text does not fit into a cell.
    """
    match end.lower():
        case ".xlsx":
            return plan_workbook(plan)
        case ".csv":
            return plan_csv(plan)
        case ".json":
            return (plan.model_dump_json(indent=1) + "\n").encode()
        case _:
            raise FileRefusedError(NO_KIND)


def table_end(content: bytes) -> str:
    """The end of the name of an exported plan that is no JSON, as its content tells: "" for
    JSON."""
    if content.startswith(_ZIP):
        return EXCEL_END
    return "" if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{") else CSV_END


def read_plan_table(name: str, content: bytes, bounds: ReadingBounds) -> PlanFile:
    """The plan in a file that `plan_workbook` or `plan_csv` made, or a person in its shape, read in
    a process of its own.

    Raises:
        FileRefusedError: it cannot be read, is larger than the bounds, or is no such plan.
    """
    found = read_in_own_process(PLAN_TABLE_READER, name, content, bounds)
    return PlanFile.model_validate(found.answer["plan"])


def read_packed_plan_table(name: str, content: bytes, bounds: ReadingBounds) -> ReadFile:
    """Read the plan in such a file, or in a PLAN.json.

    Returns:
        As the answer `plan`, as `PlanFile` writes it, and `lines`, which are empty, as there is no
        document.

    Raises:
        FileRefusedError: as for `read_plan_table`.
    """
    end = Path(name).suffix.lower()
    if end == JSON_END:
        return ReadFile({"plan": _json_plan(content).model_dump(mode="json"), "lines": {}})
    found = _csv_parts(content) if end == CSV_END else _excel_parts(content, bounds)
    rows: dict[str, list[_Row]] = {part: [] for part in PARTS}
    for part, row in found:
        if part not in rows:
            raise _refused(f"there is no part {part[:40]!r}")
        rows[part].append(row)
    try:
        plan = _plan(rows)
    except ValidationError as error:
        raise _invalid(error) from None
    return ReadFile({"plan": plan.model_dump(mode="json"), "lines": {}})


def _json_plan(content: bytes) -> PlanFile:
    try:
        return PlanFile.model_validate_json(content)
    except ValidationError as error:
        raise _invalid(error) from None


def _invalid(error: ValidationError) -> FileRefusedError:
    first = error.errors()[0]
    field = ".".join(str(place) for place in first["loc"])
    return _refused(f"{field or 'the file'}: {first['msg']}")


def _refused(fault: str) -> FileRefusedError:
    return FileRefusedError(NO_PLAN_TABLE, fault=fault)


def _by_part(plan: PlanFile) -> Mapping[str, Sequence[_Row]]:
    """The rows of a plan by the sort of part that they are."""

    def texts(name: str) -> Sequence[_Row]:
        return [
            {"of": at, "text": text}
            for at, one in enumerate(plan.programmes, start=1)
            for text in getattr(one, name)
        ]

    def values(part: str, models: Iterable[object]) -> Sequence[_Row]:
        return [
            {name: at if name == "place" else getattr(one, name) for name in PARTS[part]}
            for at, one in enumerate(models, start=1)
        ]

    return {
        "plan": [{"title": plan.title, "year": plan.year}],
        "policy": [{"text": text} for text in plan.policies],
        "programme": values("programme", plan.programmes),
        "success_criterion": texts("success_criteria"),
        "partner_internal": texts("partners_internal"),
        "partner_external": texts("partners_external"),
        "resource": [
            {"of": at, "centre": own.centre, "aarsvaerk": own.aarsvaerk}
            for at, one in enumerate(plan.programmes, start=1)
            for own in one.resources
        ],
        "initiative": values("initiative", plan.initiatives),
        "milestone": values("milestone", plan.milestones),
        "strand": values("strand", plan.strands),
        "strand_milestone": [
            {"of": at, "id": milestone}
            for at, one in enumerate(plan.strands, start=1)
            for milestone in one.milestones
        ],
        "not_placed": values("not_placed", plan.not_placed),
    }


def _excel_cell(value: object) -> str | int | float | None:
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, float):
        return value if float(format(value, _DIGITS)) == value else repr(value)
    if value is None or isinstance(value, int):
        return value
    text = str(value)
    text = "'" + text if text.startswith("'") or not text else text
    if len(text.encode("utf-16-le")) // 2 > CELL_CHARS_MAX:
        raise FileRefusedError(CELL_OVER)
    if any(character in text for character in _NO_XML):
        raise FileRefusedError(CELL_UNFIT)
    return text


def _csv_cell(value: object) -> str:
    if isinstance(value, bool):
        return _YES if value else _NO
    if value is None:
        return ""
    if isinstance(value, int | float):
        return repr(value)
    text = str(value)
    return "'" + text if not text or text.startswith("'") or is_formula(text) else text


def _value(text: str) -> str | None:
    """The value of a cell of text; None: it says nothing."""
    return text.removeprefix("'") if text else None


def _csv_parts(content: bytes) -> Iterator[tuple[str, _Row]]:
    text = plain_text(content).text
    delimiter = next((one for one in DELIMITERS if text.startswith(f"part{one}")), "")
    if not delimiter:
        raise _refused("the first heading is not part")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        _, *names = next(reader)
        for cells in reader:
            if any(cells):
                yield cells[0], dict(zip(names, map(_value, cells[1:]), strict=False))
    except csv.Error as error:
        raise _refused(f"line {reader.line_num}: {error}") from None


def _excel_parts(content: bytes, bounds: ReadingBounds) -> Iterator[tuple[str, _Row]]:
    for part in sheet_parts(content, bounds):
        bound_range(part.reach.rows, part.reach.columns, bounds)
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        for name in book.sheet_names:
            heads, *rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False) or [[]]
            for row in rows:
                cells = [_value(cell) if isinstance(cell, str) else cell for cell in row]
                if any(cell is not None for cell in cells):
                    yield name, dict(zip(map(str, heads), cells, strict=False))
    except CalamineError:
        raise FileRefusedError(refusal.UNREADABLE) from None


def _plan(rows: Mapping[str, Sequence[_Row]]) -> PlanFile:
    """The plan that rows make.

    Raises:
        ValidationError: they make none.
    """

    def own(part: str, make: Callable[[_Row], object]) -> Callable[[int], list[object]]:
        by_place: dict[int, list[object]] = {}
        for row in rows[part]:
            by_place.setdefault(_place(row.get("of")), []).append(make(row))
        most = len(rows["strand" if part == "strand_milestone" else "programme"])
        if wrong := [at for at in by_place if not 1 <= at <= most]:
            raise _refused(f"{part}: there is no {wrong[0]}")
        return lambda at: by_place.get(at, [])

    criteria = own("success_criterion", lambda row: _text(row, "text"))
    internal = own("partner_internal", lambda row: _text(row, "text"))
    external = own("partner_external", lambda row: _text(row, "text"))
    resources = own("resource", lambda row: _resource(_of(row, "resource", but="of")))
    members = own("strand_milestone", lambda row: _text(row, "id"))
    heads = rows["plan"]
    if len(heads) > 1:
        raise _refused("there are two rows of the plan itself")
    return PlanFile.model_validate(
        (_of(heads[0], "plan") if heads else {"title": None, "year": None})
        | {
            "policies": [_text(row, "text") for row in rows["policy"]],
            "programmes": [
                _of(row, "programme")
                | {
                    "success_criteria": criteria(at),
                    "partners_internal": internal(at),
                    "partners_external": external(at),
                    "resources": resources(at),
                }
                for at, row in enumerate(rows["programme"], start=1)
            ],
            "initiatives": [_of(row, "initiative", texts=("title",)) for row in rows["initiative"]],
            "milestones": [
                _of(row, "milestone", texts=("id", "text")) for row in rows["milestone"]
            ],
            "strands": [
                _of(row, "strand", texts=("title",)) | {"milestones": members(at)}
                for at, row in enumerate(rows["strand"], start=1)
            ],
            "not_placed": [_of(row, "not_placed", texts=("text",)) for row in rows["not_placed"]],
        }
    )


def _of(row: _Row, part: str, *, but: str = "", texts: Sequence[str] = ()) -> dict[str, Any]:
    """The values of a part, as its model takes them; `texts` are never nothing."""
    found = {name: row.get(name) for name in PARTS[part] if name not in (but, "place")}
    for name, value in found.items():
        if value is None and name in texts:
            found[name] = ""
        elif isinstance(value, int | float) and name not in {*_NUMBERS, "aarsvaerk"}:
            # A spreadsheet takes a text of digits for a number.
            found[name] = f"{value:g}"
    return found


def _text(row: _Row, name: str) -> object:
    return _of(row, "strand_milestone" if name == "id" else "policy", but="of", texts=(name,))[name]


def _resource(values: dict[str, Any]) -> dict[str, Any]:
    amount = values["aarsvaerk"]
    if isinstance(amount, str):
        values["aarsvaerk"] = amount.replace(",", ".")
    return values


def _place(value: object) -> int:
    try:
        return int(float(str(value)))
    except ValueError:
        raise _refused(f"{value!r} is no place of a programme or strand") from None
