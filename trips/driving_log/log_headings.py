"""Guesses the columns of a driving log by the words of their headings, Danish and English, and by
their first cells."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from fleet.moments import written_moment
from trips.driving_log.log_columns import LogField, holds
from trips.driving_log.log_sheet import LogSheet
from trips.driving_log.log_times import is_clock

#: How many rows are looked at.
_LOOKED_AT = 50

#: The words of a vehicle, the likeliest first; `mobil` and `bilag` are none.
_VEHICLE = tuple(
    map(
        re.compile,
        (
            r"køretøj|vehicle",
            r"regnr|registrering|nummerplade",
            r"\bbil(?!ag)|tjenestebil|kommunebil",
            r"vogn",
            r"enhed|device",
        ),
    )
)
_START = re.compile(
    r"\b(fra|ud|før|from|out)\b|start|afgang|afsted|udkør|afrejse|depart|begin|begynd"
)
_END = re.compile(
    r"\b(til|ind|hjem|hjemme|efter|to|end)\b|slut|hjemkomst|hjemkørsel|ankomst|retur|arriv|tilbage"
)
_DAY = re.compile(r"\b(dag|day)\b|dato|date")
_CLOCK = re.compile(r"\b(kl|time)\b|klokke|tid")
_KM = re.compile(r"\bkm|km\b|kilometer|tæller|odometer|mileage")
_STAND = re.compile(r"stand|tæller|odometer|mileage|aflæs")
_DISTANCE = re.compile(r"distance|afstand|kørt")
_PLACE = re.compile(r"\b(lat|lon|lng)\b|bredde|længde|adresse|address|(?<!af)sted|place")


def guess_columns(sheet: LogSheet) -> dict[LogField, str]:
    """Guess the column of each field; no column is taken for two fields, and none that is empty."""
    first = replace(sheet, rows=sheet.rows[:_LOOKED_AT])
    cells = {heading: list(first.column(heading)) for heading in first.filled_headings}
    words = {heading: _words(heading) for heading in cells}
    found: dict[LogField, str] = {}

    def take(
        field: LogField, wanted: Callable[[str], object], *, by_likeliest: bool = False
    ) -> None:
        fits = [
            heading
            for heading in cells
            if heading not in found.values()
            and wanted(words[heading])
            and _may_hold(field, cells[heading])
        ]
        if fits:
            found[field] = min(fits, key=lambda one: _rank(words[one])) if by_likeliest else fits[0]

    take(LogField.VEHICLE, _is_vehicle, by_likeliest=True)
    take(LogField.START, lambda text: _START.search(text) and not _is_other(text))
    take(LogField.END, lambda text: _END.search(text) and not _is_other(text))
    if _has_clocks(cells, found.get(LogField.END)):
        take(LogField.END_DATE, lambda text: _DAY.search(text) and _END.search(text))
    if _has_clocks(cells, found.get(LogField.START)):
        take(LogField.DATE, lambda text: _DAY.search(text) and not _END.search(text))
    take(LogField.KM_START, lambda text: _KM.search(text) and _START.search(text))
    take(LogField.KM_END, lambda text: _KM.search(text) and _END.search(text))
    take(LogField.KM, _is_distance)
    return found


def _words(heading: str) -> str:
    """The words of a heading in lower case, without abbreviating points and other signs."""
    text = heading.lower().replace("reg.nr", "regnr").replace("reg. nr", "regnr")
    return " ".join(re.findall(r"[a-zæøåéü]+", text.replace("reg nr", "regnr")))


def _is_vehicle(text: str) -> bool:
    return _rank(text) < len(_VEHICLE) and not _KM.search(text)


def _rank(text: str) -> int:
    """The place of the likeliest word of a vehicle in a heading."""
    ranks = (rank for rank, word in enumerate(_VEHICLE) if word.search(text))
    return next(ranks, len(_VEHICLE))


def _is_other(text: str) -> bool:
    """Whether a heading with a word of departure or return is of a mileage or a place."""
    return bool(_KM.search(text) or _PLACE.search(text))


def _is_distance(text: str) -> bool:
    is_mileage = _STAND.search(text) or _START.search(text) or _END.search(text)
    return bool((_KM.search(text) or _DISTANCE.search(text)) and not is_mileage)


def _may_hold(field: LogField, cells: Sequence[object]) -> bool:
    return not cells or any(holds(field, cell) for cell in cells)


def _has_clocks(cells: dict[str, list[object]], heading: str | None) -> bool:
    """Whether a column holds times of day and no moments."""
    return (
        heading is not None
        and any(map(is_clock, cells[heading]))
        and not _any_moment(cells[heading])
    )


def _any_moment(cells: Iterable[object]) -> bool:
    return any(written_moment(cell) is not None for cell in cells)
