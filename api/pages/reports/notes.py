"""The sheet of a workbook that says what its figures of a year rest on, as the pages do."""

from collections.abc import Sequence

from api.pages.reports.tables import Words
from api.pages.words.language import Language, mark, translations
from api.pages.words.seasons import season_words
from costs.assumptions import Figure
from optimiser.rounds.overview import Round
from reports.workbook import Column, Sheet


def notes_sheet(found: Round, out_of_date: Sequence[Figure], language: Language) -> Sheet:
    """The days and seasons of a round, and the figures that were too old for it."""
    words = Words(language)
    told = [season_words((found.period, found.year_over_period), language)]
    if out_of_date:
        count = len(out_of_date)
        text = translations(language).ngettext(
            "The round rests on %(count)s figure that is out of date:",
            "The round rests on %(count)s figures that are out of date:",
            count,
        )
        named = (f"{words.label(one.key)} ({one.valid_from})" for one in out_of_date)
        told.append(f"{text % {'count': count}} {', '.join(named)}.")
    title = words(mark("About the figures"))
    return Sheet(title, [Column(title)], [(one,) for one in told if one])
