"""Tells what the columns of a table hold, by their headings and by their cells."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

from tracker.importer.quarters import WrittenTime, time_within, written_time
from tracker.importer.source import SourceCell, SourceTable

Row = tuple[SourceCell, ...]


class Role(Enum):
    """The content of a column."""

    TEXT = auto()
    GROUP = auto()
    TIME = auto()
    START = auto()
    END = auto()
    NUMBER = auto()
    OTHER = auto()


#: The headings of columns that may hold milestones, the surest first; the first that a table has is
#: its text, and another one above it in this list of groups is what its rows are grouped by.
_TEXTS = (
    r"milepæl\w*(?: .{0,20})?|milestones?",
    r"(?:konkrete? )?handling(?:er)?|actions?",
    r"(?:del|hoved)?aktivitet(?:er)?|activit(?:y|ies)",
    r"leverance(?:r)?|deliverables?",
    r"(?:del)?opgave(?:r)?|tasks?",
    r"hvad(?: gør vi| skal vi gøre| vil vi)?\??|what",
    r"(?:konkrete? )?(?:tiltag|initiativ(?:er)?)",
    r"(?:konkrete? )?indsats(?:er)?",
    r"beskrivelse(?: af .{0,30})?|description",
    r"formulering|delmål|mål|titel|navn",
)
_GROUPS = (
    r"(?:konkrete? )?indsats(?:er)?|indsatsområde(?:r)?|program|spor|projekt(?:er)?|tema(?:er)?"
    r"|(?:fokus)?område(?:r)?|initiativ(?:er)?|formulering|(?:del|strategiske? )?mål(?:sætning)?"
    r"|overskrift|titel|emne|kategori|theme|initiative|goal"
)
_TIMES = (
    r"kvartal(?:er)?|tid(?:splan|spunkt|sramme|shorisont|sfrist)?|hvornår\??|frist|deadline|termin"
    r"|periode|år|årstal|dato|when|quarter|year|udføres|gennemføres|tid \(?.{0,20}\)?"
)
_STARTS = r"start(?:dato|tidspunkt)?|fra|begynder|opstart"
_ENDS = r"slut(?:dato|tidspunkt)?|til|afsluttes|afslutning|færdig"
_NUMBERS = r"nr\.?|#|løbenr\.?|id|no\.?|nummer"
_OTHERS = (
    r"ansvar(?:lig(?:e|t)?)?(?: .{0,30})?|ejer|tovholder|hvem\??|status|fremdrift|bemærkning(?:er)?"
    r"|noter?|kommentar(?:er)?|indikator(?:er)?|måling|målepunkt(?:er)?|kpi|ressource(?:r)?|økonomi"
    r"|budget|pris|finansiering|effekt(?:er)?|interessent(?:er)?|samarbejdspartner(?:e)?|partnere?"
    r"|center|afdeling|forvaltning|udvalg|succeskriteri(?:er|um)|owner|responsible|resources"
    r"|indicator|opfølgning|involverede|prioritet"
)
_MARK = re.compile(r"[xX✓✔●•■☒☑]|ja", re.IGNORECASE)

#: A heading of columns is found among the first rows; a title may stand above it.
_HEAD_ROWS = 4

#: The share of the cells of a column that are times, before it is taken for one without a heading.
_TIME_SHARE = 0.6


@dataclass(slots=True)
class Columns:
    """The columns of a table by what they hold."""

    text: int
    group: int | None = None
    times: list[int] = field(default_factory=list[int])
    start: int | None = None
    end: int | None = None
    #: Columns that are headed by a time each.
    time_by_column: dict[int, WrittenTime] = field(default_factory=dict[int, WrittenTime])
    #: The first row below the headings.
    first_row: int = 0

    @property
    def is_of_plan(self) -> bool:
        """Whether the table says what is to be done, and when."""
        return bool(self.times or self.time_by_column or self.end is not None)


def columns_of(table: SourceTable) -> Columns | None:
    """The columns of a table of milestones; None: it is another table."""
    for at, row in enumerate(table.rows[:_HEAD_ROWS]):
        found = _by_headings([cell.text for cell in row])
        if found is not None:
            found.first_row = at + 1
            return found
    return _by_cells(table)


def is_mark(text: str) -> bool:
    """Whether a cell only says that its column applies."""
    return _MARK.fullmatch(text.strip()) is not None


def _by_headings(headings: Sequence[str]) -> Columns | None:
    shown = [" ".join(one.casefold().split()).strip(" .:*#") for one in headings]
    times = {at: time for at, one in enumerate(shown) if (time := _heading_time(one))}
    roles = [_role(one) for one in shown]
    known = sum(role is not None for role in roles) + len(times)
    if known < 2 or known < 0.5 * sum(bool(one) for one in shown):
        return None
    text = _text_column(shown, times)
    if text is None and times:
        text = next((at for at, one in enumerate(shown) if at not in times and one), None)
    if text is None:
        return None
    groups = [
        at
        for at, one in enumerate(shown)
        if at != text and at not in times and re.fullmatch(_GROUPS, one)
    ]
    found = Columns(text, group=groups[0] if groups else None)
    found.times = [at for at, role in enumerate(roles) if role is Role.TIME and at != text]
    found.start = next((at for at, role in enumerate(roles) if role is Role.START), None)
    found.end = next((at for at, role in enumerate(roles) if role is Role.END), None)
    if len(times) > 1:
        found.time_by_column = times
        if found.group is None and _text_column(shown, times) is None:
            found.group = text
    return found


def _heading_time(text: str) -> WrittenTime | None:
    """The quarter that heads a column."""
    time = written_time(text)
    return time if time is not None and time.has_quarter else None


def _text_column(shown: Sequence[str], times: dict[int, WrittenTime]) -> int | None:
    for pattern in _TEXTS:
        for at, one in enumerate(shown):
            if at not in times and re.fullmatch(pattern, one):
                return at
    return None


def _role(text: str) -> Role | None:
    """The content that a heading says its column to have; None: it says nothing that is known."""
    for role, pattern in (
        (Role.TIME, _TIMES),
        (Role.START, _STARTS),
        (Role.END, _ENDS),
        (Role.NUMBER, _NUMBERS),
        (Role.OTHER, _OTHERS),
        (Role.GROUP, _GROUPS),
        (Role.TEXT, "|".join(_TEXTS)),
    ):
        if re.fullmatch(pattern, text):
            return role
    return None


def _by_cells(table: SourceTable) -> Columns | None:
    """The columns of a table without headings: one of times, and the one with the longest texts."""
    rows = [row for row in table.rows if any(cell.text for cell in row)]
    width = max((len(row) for row in rows), default=0)
    if len(rows) < 2 or width < 2:
        return None
    lengths: list[int] = []
    times: list[int] = []
    for at in range(width):
        cells = [row[at].text for row in rows if at < len(row) and row[at].text]
        found = [time for one in cells if (time := time_within(one)) and time.has_quarter]
        lengths.append(sum(len(one) for one in cells))
        if cells and len(found) >= _TIME_SHARE * len(cells) and len(found) >= 0.5 * len(rows):
            times.append(at)
    texts = [at for at in range(width) if at not in times]
    if not times or not texts:
        return None
    return Columns(max(texts, key=lambda at: lengths[at]), times=times)
