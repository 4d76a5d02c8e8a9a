"""Writes the cells of files as people do. Spreadsheets keep days and times in ISO 8601, and each
number as one with decimals."""

import re
from datetime import datetime, time

from api.pages.words.formats import NBSP, Formats
from api.pages.words.language import Language

_CLOCK = re.compile(r"\d{2}:\d{2}:\d{2}(\.\d+)?")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?")


def shown_cell(cell: object, language: Language) -> str:
    """The text of a cell; what is none of these is as it stands in the file."""
    if isinstance(cell, float):
        return Formats(language).with_sign(f"{cell:.15g}")
    text = "" if cell is None else str(cell).strip()
    try:
        if _CLOCK.fullmatch(text):
            return _clock(time.fromisoformat(text), language)
        if not _MOMENT.fullmatch(text):
            return text
        moment = datetime.fromisoformat(text)
    except ValueError:  # there is no such day or time
        return text
    day = Formats(language).short_day(moment)
    if moment.time() == time.min:
        return day
    between = f" kl.{NBSP}" if language is Language.DANISH else ", "
    return f"{day}{between}{_clock(moment.time(), language)}"


def _clock(moment: time, language: Language) -> str:
    return moment.strftime("%H.%M" if language is Language.DANISH else "%H:%M")
