"""Reads a list of trackers as people have it: an IMEI or name in each line, and perhaps a vehicle.

The list is pasted, or comes from a text file or a workbook. A line that cannot be a tracker's is
refused with its reason, and the others are taken.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from fleet.files.cells import Cell, read_packed, unpack_rows
from fleet.files.own_process import ReadFile, ReadingBounds
from fleet.files.plain_text import plain_text
from fleet.files.refusal import FileRefusedError
from register.devices import LOG_PREFIX, NAME_MAX
from register.enrolment.imei import ImeiDoubt, imei_doubt

#: The most lines of a list. A larger fleet is enrolled in parts.
LINES_MAX = 2_000

TOO_MANY_LINES = "The list has more than {most} lines: hand it over in parts"

#: The headings that the two columns may have, in lower case.
DEVICE_HEADINGS = frozenset(
    {"imei", "chip", "tracker", "enhed", "device", "serienummer", "serienr", "serienr.", "id"}
)
VEHICLE_HEADINGS = frozenset(
    {"køretøj", "vehicle", "vehicle_id", "bil", "navn", "name"}
    | {"reg.nr.", "reg.nr", "regnr", "regnr.", "registreringsnummer", "nummerplade", "plate"}
)

#: A number that a spreadsheet shortened, such as 3,54018E+14.
_SHORTENED = re.compile(r"\d([.,]\d+)?[eE]\+?\d{2}")
_IMEI_DIGITS = range(14, 17)


class LineReason(StrEnum):
    """The reasons for which a line of a list is refused."""

    NO_NAME = "no_name"
    TOO_LONG = "too_long"
    STRANGE = "strange"
    SHORTENED = "shortened"
    DRIVING_LOG = "driving_log"
    TWICE = "twice"
    NO_VEHICLE = "no_vehicle"
    SEVERAL_VEHICLES = "several_vehicles"
    VEHICLE_TWICE = "vehicle_twice"
    VEHICLE_TAKEN = "vehicle_taken"
    SITS_ELSEWHERE = "sits_elsewhere"
    SEAT_TAKEN = "seat_taken"


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that is refused, by its number and its text. `values` are those of the reason."""

    line: int
    text: str
    reason: LineReason
    values: Mapping[str, str | int] = field(default_factory=dict[str, str | int])


@dataclass(frozen=True, slots=True)
class ListedTracker:
    """A tracker of a list, with its vehicle as the list has it: an id, a name, a registration
    number, or ""."""

    line: int
    device: str
    vehicle: str

    @property
    def text(self) -> str:
        """A line of a list without headings that says the same."""
        return f"{self.device}; {self.vehicle}" if self.vehicle else self.device

    @property
    def doubt(self) -> ImeiDoubt | None:
        """Why it looks like an IMEI and is none."""
        return imei_doubt(self.device)


@dataclass(frozen=True, slots=True)
class TrackerList:
    """The trackers of a list, and the lines that are none."""

    trackers: Sequence[ListedTracker]
    refused: Sequence[RefusedLine]


def rows_of_text(text: str) -> list[list[str]]:
    """The cells of the lines of a text, parted by the first of tabs, semicolons and commas that a
    line has.

    Raises:
        FileRefusedError: there are too many.
    """
    return _bounded(_cells(line) for line in text.splitlines())


def _cells(line: str) -> list[str]:
    if _SHORTENED.fullmatch(line.strip()):  # its comma is a decimal one
        return [line]
    return line.split(next((mark for mark in "\t;" if mark in line), ","))


def read_rows(name: str, content: bytes, bounds: ReadingBounds) -> ReadFile:
    """The rows of a text file or a workbook, for `fleet.files.own_process`.

    Raises:
        FileRefusedError: it cannot be read, or is larger than the bounds.
    """
    if name.lower().endswith((".csv", ".txt")):
        return ReadFile(rows_of_text(plain_text(content).text))
    rows = unpack_rows(read_packed(name, content, bounds, columns=1).beside)
    return ReadFile(_bounded([_text(cell) for cell in row] for row in rows))


def tracker_list(rows: Sequence[Sequence[str]]) -> TrackerList:
    """The trackers in the rows of a list; empty rows are no lines. A row of headings says in which
    columns they and their vehicles stand, otherwise these are the first two."""
    trackers: list[ListedTracker] = []
    refused: list[RefusedLine] = []
    line_of: dict[str, int] = {}
    columns = 0, 1
    begun = False
    for line, row in enumerate(rows, start=1):
        cells = [_plain(cell) for cell in row]
        if not any(cells):
            continue
        headings = None if begun else _columns(cells)
        begun = True
        if headings is not None:
            columns = headings
            continue
        device, vehicle = (cells[at] if 0 <= at < len(cells) else "" for at in columns)
        device = _without_parting(device)
        reason = _wrong(device)
        tracker = ListedTracker(line, device, vehicle)
        if reason is not None:
            refused.append(RefusedLine(line, _shown(tracker, cells), reason, {"most": NAME_MAX}))
        elif device in line_of:
            first = {"line": line_of[device]}
            refused.append(RefusedLine(line, tracker.text, LineReason.TWICE, first))
        else:
            line_of[device] = line
            trackers.append(tracker)
    return TrackerList(trackers, refused)


def _columns(cells: Sequence[str]) -> tuple[int, int] | None:
    """The columns of trackers and vehicles in a row of headings; None: it is none."""
    lower = [cell.casefold() for cell in cells]
    device = next((at for at, cell in enumerate(lower) if cell in DEVICE_HEADINGS), None)
    if device is None:
        return None
    others = (at for at, cell in enumerate(lower) if cell in VEHICLE_HEADINGS and at != device)
    return device, next(others, -1)


def _wrong(device: str) -> LineReason | None:
    if not device:
        return LineReason.NO_NAME
    if len(device) > NAME_MAX:
        return LineReason.TOO_LONG
    if not device.isprintable():
        return LineReason.STRANGE
    if _SHORTENED.fullmatch(device):
        return LineReason.SHORTENED
    return LineReason.DRIVING_LOG if device.startswith(LOG_PREFIX) else None


def _shown(tracker: ListedTracker, cells: Sequence[str]) -> str:
    """The text of a refused line, from which it is read again as it was; a cell that is too long
    stays too long."""
    given = [tracker.device, tracker.vehicle]
    if not any(given):
        given += [cell for cell in cells if cell]
    return "; ".join(cell[: NAME_MAX + 1] for cell in given).removesuffix("; ")


def _plain(cell: str) -> str:
    """A cell without surrounding space, quotes, and the mark by which Excel keeps a text."""
    return cell.strip().strip('"').removeprefix("'").strip()


def _without_parting(device: str) -> str:
    """An IMEI without the space and dashes that people part its digits with."""
    digits = re.sub(r"[\s-]", "", device)
    is_imei = digits.isascii() and digits.isdecimal() and len(digits) in _IMEI_DIGITS
    return digits if is_imei else device


def _bounded(rows: Iterable[list[str]]) -> list[list[str]]:
    found: list[list[str]] = []
    for row in rows:
        if len(found) == LINES_MAX:
            raise FileRefusedError(TOO_MANY_LINES, most=LINES_MAX)
        found.append(row)
    return found


def _text(cell: Cell) -> str:
    """A cell of a workbook as people would type it; an IMEI is often kept as a number."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
