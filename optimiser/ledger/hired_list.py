"""Reads a list of journeys by taxi, hire or own car: figures of months, or single journeys. It is
pure.

Single journeys are added up by month as they are read, and none is kept. A column is known by its
heading. A row without an amount, a month, a means or a place that is known is refused.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from fleet.errors import ExpectedError
from optimiser.ledger.leakage import HiredMonth, Means, Place

#: The words in the heading of each column, the likeliest first.
_HEADINGS: Mapping[str, Sequence[re.Pattern[str]]] = {
    name: [re.compile(words) for words in likeliest]
    for name, likeliest in {
        "month": (r"m[åa]ned|month|periode", r"dato|date|\bdag\b"),
        "means": (r"transport|middel|means", r"\bart\b|type|kind"),
        "department": (r"afdeling|department", r"center|enhed|forvaltning"),
        "depot_id": (r"depot", r"placering|lokation|sted|adresse"),
        "km": (r"\bkm\b|kilometer",),
        "kr": (r"\bkr\b|beløb|amount|dkk", r"pris"),
        "journeys": (r"antal|ture|journeys|trips|count",),
    }.items()
}
_MEANS = {
    Means.TAXI: re.compile(r"taxi|taxa|hyrevogn"),
    Means.HIRE: re.compile(r"leje|hire|rent|udlej|delebil"),
    Means.OWN_CAR: re.compile(r"egen|own|privat|kørselsgodt|mileage"),
}
_ISO = re.compile(r"(\d{4})-(\d{1,2})(?:-\d{1,2})?(?:[T ].*)?")
_DANISH = re.compile(r"(?:\d{1,2}[-./])?(\d{1,2})[-./](\d{4})")


class RowFault(StrEnum):
    """Why a row is refused."""

    MONTH = "month"
    MEANS = "means"
    PLACE = "place"
    KR = "kr"
    #: The month has not begun yet.
    AHEAD = "ahead"
    #: The amount is below 0.
    BELOW_ZERO = "below_zero"


class HeadingsError(ExpectedError, ValueError):
    """The list lacks columns that it must have; the message names them."""


@dataclass(frozen=True, slots=True)
class ReadList:
    """The months of a list, and the rows that are refused by their numbers in the file."""

    months: Sequence[HiredMonth]
    refused: Mapping[int, RowFault]


def read_hired_list(
    rows: Iterable[Sequence[object]],
    departments: Iterable[str],
    depots: Mapping[str, str],
    today: date,
) -> ReadList:
    """Read the rows of a list on the day `today`, the headings first. `depots` are ids by name.

    Raises:
        HeadingsError: a column is missing.
    """
    every = iter(rows)
    columns = _columns(next(every, ()))
    lacking = {"month", "means", "kr"} - columns.keys()
    if not columns.keys() & {"department", "depot_id"}:
        lacking.add("department")
    if lacking:
        raise HeadingsError(f"the list has no column of {', '.join(sorted(lacking))}")
    names = {one.casefold(): one for one in departments}
    ids = {name.casefold(): depot_id for name, depot_id in depots.items()}
    ids |= {depot_id.casefold(): depot_id for depot_id in depots.values()}
    found: dict[tuple[date, Means, Place], HiredMonth] = {}
    refused: dict[int, RowFault] = {}
    for number, row in enumerate(every, start=2):
        cells = {name: _text(row[at]) if at < len(row) else "" for name, at in columns.items()}
        if not any(cells.values()):
            continue
        month, means, kr = _month(cells["month"]), _means(cells["means"]), _number(cells["kr"])
        department = names.get(cells.get("department", "").casefold(), "")
        depot_id = ids.get(cells.get("depot_id", "").casefold())
        if month is None:
            refused[number] = RowFault.MONTH
        elif month > today:
            refused[number] = RowFault.AHEAD
        elif means is None:
            refused[number] = RowFault.MEANS
        elif kr is None:
            # A credit note is not a text that cannot be read.
            below = _number(cells["kr"].removeprefix("-").removeprefix("\u2212")) is not None
            refused[number] = RowFault.BELOW_ZERO if below else RowFault.KR
        elif not department and depot_id is None:
            refused[number] = RowFault.PLACE
        else:
            key = (month, means, Place(department, depot_id))
            one = HiredMonth(
                month=month,
                means=means,
                place=key[2],
                kr=kr,
                km=_number(cells.get("km", "")),
                journeys=_journeys(cells, columns),
            )
            found[key] = _added(found.get(key), one)
    return ReadList(list(found.values()), refused)


def _columns(headings: Sequence[object]) -> dict[str, int]:
    """The place of each column; no column is taken for two."""
    texts = [_text(heading).casefold().replace(".", "") for heading in headings]
    found: dict[str, int] = {}
    for name, likeliest in _HEADINGS.items():
        fits = (
            at
            for words in likeliest
            for at, text in enumerate(texts)
            if at not in found.values() and words.search(text)
        )
        at = next(fits, None)
        if at is not None:
            found[name] = at
    return found


def _journeys(cells: Mapping[str, str], columns: Mapping[str, int]) -> int | None:
    """How many journeys a row is of: one, where the list has no column for that."""
    if "journeys" not in columns:
        return 1
    number = _number(cells["journeys"])
    return None if number is None else round(number)


def _added(known: HiredMonth | None, one: HiredMonth) -> HiredMonth:
    if known is None:
        return one
    return HiredMonth(
        month=one.month,
        means=one.means,
        place=one.place,
        kr=known.kr + one.kr,
        km=None if known.km is None and one.km is None else (known.km or 0.0) + (one.km or 0.0),
        journeys=(known.journeys or 0) + (one.journeys or 0),
    )


def _text(cell: object) -> str:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return f"{cell:.9f}"  # so that the point of a number is no mark of thousands
    return "" if cell is None else str(cell).strip()


def _month(text: str) -> date | None:
    if found := _ISO.fullmatch(text):
        year, month = int(found[1]), int(found[2])
    elif found := _DANISH.fullmatch(text):
        year, month = int(found[2]), int(found[1])
    else:
        return None
    return date(year, month, 1) if 1 <= month <= 12 and 2000 <= year <= 2100 else None


def _means(text: str) -> Means | None:
    return next((means for means, words in _MEANS.items() if words.search(text.casefold())), None)


def _number(text: str) -> float | None:
    """A number that is not below 0, as people in Denmark or programs write it."""
    plain = text.replace(" ", "").replace("\u00a0", "").removesuffix("kr.").removesuffix("kr")
    if re.fullmatch(r"(\d{1,3}(\.\d{3})+|\d+),\d*", plain):
        plain = plain.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d{1,3}(\.\d{3})+", plain):
        plain = plain.replace(".", "")
    if not re.fullmatch(r"\d{1,12}(\.\d{1,9})?", plain):
        return None
    return float(plain)
