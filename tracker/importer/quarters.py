"""Reads quarters as people write them: `1. kvartal 2025`, `3.-4. kv.`, `Q1`, `første halvår`.

A wording is taken apart into words that each mean a number, a unit, a month or a year. A text is a
time only when every one of its words is of that kind, so that a sentence that names a quarter is
none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice


@dataclass(frozen=True, slots=True)
class WrittenTime:
    """When something is to be done, as a document says it."""

    as_written: str
    year: int | None = None
    quarter_from: int | None = None
    quarter_to: int | None = None
    #: Whether it says that it is a quarter, and the number is lost.
    is_number_lost: bool = False
    #: Whether it names a day.
    is_day: bool = False

    @property
    def has_quarter(self) -> bool:
        return self.quarter_from is not None


_ORDINALS = {
    "første": 1,
    "anden": 2,
    "andet": 2,
    "tredje": 3,
    "fjerde": 4,
    "sidste": 4,
    "first": 1,
    "second": 2,
    "third": 3,
    "fourth": 4,
}
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_MONTHS = ("jan", "feb", "mar", "apr", "ma[ij]", "jun", "jul", "aug", "sep", "o[kc]t", "nov", "dec")
_MONTH = "|".join(_MONTHS)
_MONTH_REST = r"(?:uary|ruary|uar|ruar|ts|ch|il|[ie]|ust|t?ember|ober)?"

#: Each kind of word with its pattern, in the order in which they are tried.
_WORDS = re.compile(
    rf"""
      (?P<iso>(?<!\d)(?P<iso_year>20\d\d)-(?P<iso_month>0[1-9]|1[0-2])(?:-\d\d)?(?!\d))
    | (?P<day>(?<!\d)\d{{1,2}}[./-]\ ?(?P<day_month>0?[1-9]|1[0-2])[./-]\ ?
        (?P<day_year>20\d\d|[23]\d)(?!\d))
    | (?P<month_of>(?<!\d)(?P<of_month>0[1-9]|1[0-2])[./-](?P<of_year>20\d\d)(?!\d))
    | (?P<year>(?<!\d)20\d\d(?!\d))
    | (?P<day_of_month>(?<![\d.])\d{{1,2}}\.?\s*(?=(?:{_MONTH})))
    | (?P<q>\b(?:[qk]\s?-?\s?(?P<q_after>[1-4])|(?P<q_before>[1-4])\s?[qk](?!\w{3}))(?!\d(?!\d\b))
        (?:(?=-?\s?[’'/-]?[23]\d\b)|(?![\w])))
    | (?P<h>\bh\s?(?P<h_number>[12])\b)
    | (?P<short_year>(?:[’']|(?<=[qk][1-4])|(?<=[1-4][qk])|(?<=[qk][1-4][\s/-])
        |(?<=\d[qk][\s/-])|(?<=kvartal\ )|(?<=kv\.\ )|(?<=kvartal/))[23]\d(?!\d))
    | (?P<halves>\bhalvår(?:et|s)?\b|\bhalvdel(?:en)?\b|\bhalf\b)
    | (?P<unit>\bkvartal(?:er|et|erne|s|ets)?\b|\bkvart\b\.?|\bkvt\b\.?|\bkv\b\.?
        |\bquarter\b|\bqtr\b\.?|\b[qk]\b(?=\s*20\d\d))
    | (?P<month>\b(?:{_MONTH}){_MONTH_REST}\b\.?)
    | (?P<number>(?<![\d.,])[1-4](?:st|nd|rd|th)?(?![\d%])\.?)
    | (?P<ordinal>\b(?:{"|".join(_ORDINALS)})\b)
    | (?P<roman>\b(?:iv|i{{1,3}})\b(?=\.?\s?(?:kv|quarter|[-–]|og\b|/))\.?)
    | (?P<joins>\bog\b|\btil\b|\bog/eller\b|\bsamt\b|\bto\b|\band\b|\bt\.?o\.?m\.?|[-–—−/+&,])
    | (?P<whole>\bhele\s+(?:året|perioden|år)\b|\båret\s+rundt\b|\balle\s+(?:fire\s+)?kvartaler\b
        |\bhele\b)
    | (?P<always>\bløbende\b|\bkontinuerligt\b|\bvedvarende\b|\bongoing\b)
    | (?P<start>\bprimo\b|\bbegyndelsen\b|\bstarten\b|\btidligt\b)
    | (?P<middle>\bmedio\b|\bmidten\b|\bmidt\b)
    | (?P<end>\bultimo\b|\budgangen\b|\bslutningen\b|\bårets\s+udgang\b
        |\bårsskiftet\b|\bårets\s+slutning\b)
    | (?P<season>\bforår(?:et)?\b|\bsommer(?:en)?\b|\befterår(?:et)?\b)
    | (?P<other>\bi\b|\baf\b|\båret?\b|\bår\b|\bfor\b|\bfra\b|\binden\b|\bsenest\b|\bin\b|\bof\b
        |\bmilepæle?(?:ne)?\b|\btidsplan\b|\bperioden?\b|\bfrist\b|\bdeadline\b|\btid\b|\bi\sløbet\saf\b
        |\bca\b\.?|\bomkring\b|\bfrem\b|\bd\b\.|\bden\b)
    | (?P<filler>[\s.:;()\[\]]+)
    """,
    re.VERBOSE,
)

#: What may stand around a heading: a bullet, stars and hashes of marked-up text, a frame of dashes.
_FRAME = " \t*#_=–—-:.•●▪■◆►▶◦○·|"

#: The quarters of each season, of the start, the middle and the end of a year.
_SEASONS = {"forår": (1, 2), "sommer": (2, 3), "efterår": (3, 4)}
_PARTS_OF_YEAR = {"start": (1, 1), "middle": (2, 3), "end": (4, 4)}

#: What may part a time from a text after it.
_TIME_ENDS = re.compile(r"\s*:\s*|\s+[–—-]\s+")

_TIME_LAST = re.compile(
    r"\s*(?:\((?P<bracketed>[^()]{2,40})\)|(?::\s|\s[–—-]\s)(?P<parted>[^:–—()]{2,40}))\.?$"
)

#: No wording of a time is longer.
_CHARS_MAX = 80

Span = tuple[int, int]


def written_time(text: str) -> WrittenTime | None:
    """The time that a text says, when it says nothing else.

    A year alone and a word such as `løbende` are times without a quarter.
    """
    shown = " ".join(text.split())
    if not shown or len(shown) > _CHARS_MAX:
        return None
    framed = shown.strip(_FRAME)
    words: list[tuple[str, re.Match[str]]] = []
    for kind, word in _words(framed.casefold()):
        if kind is None or word is None:
            return None
        words.append((kind, word))
    return _meaning(framed, words)


def leading_time(text: str) -> tuple[WrittenTime, str] | None:
    """The time before the colon or dash at the start of a text, and the text after it."""
    best: tuple[WrittenTime, str] | None = None
    for found in islice(_TIME_ENDS.finditer(text), 3):
        time = written_time(text[: found.start()])
        rest = text[found.end() :]
        if rest and time is not None and (time.has_quarter or time.is_number_lost):
            best = time, rest
    return best


def trailing_time(text: str) -> tuple[WrittenTime, str] | None:
    """The time at the end of a text, in brackets or behind a colon or dash, and the text before."""
    found = _TIME_LAST.search(text)
    if found is None or not found.start():
        return None
    time = written_time(found["bracketed"] or found["parted"])
    if time is None or not time.has_quarter:
        return None
    return time, text[: found.start()].rstrip()


def time_within(text: str) -> WrittenTime | None:
    """The time that a cell says, among other words where it has some."""
    whole = written_time(text)
    if whole is not None:
        return whole
    shown = " ".join(text.split())
    run: list[tuple[str, re.Match[str]]] = []
    best: WrittenTime | None = None
    for kind, word in [*_words(shown.casefold()), (None, None)]:
        if kind is not None and word is not None:
            run.append((kind, word))
            continue
        if run:
            found = _meaning(shown, run)
            if found is not None and found.has_quarter:
                return found
            best = best or (found if found and found.year else None)
        run = []
    return best


def with_year(time: WrittenTime, year: int | None) -> WrittenTime:
    """The time with a year that is understood, where it has none of its own."""
    return time if time.year is not None else replace(time, year=year)


def _words(text: str) -> Iterator[tuple[str | None, re.Match[str] | None]]:
    """The words of a text with their kinds; None for what is no word of a time."""
    at = 0
    while at < len(text):
        found = _WORDS.match(text, at)
        if found is None or found.end() == at:
            yield None, None
            following = re.compile(r"\w+|\W").match(text, at)
            at = following.end() if following else at + 1
            continue
        kind = found.lastgroup
        for name in ("iso", "day", "month_of", "q", "h"):
            if found[name] is not None:
                kind = name
        yield kind, found
        at = found.end()


def _meaning(shown: str, words: list[tuple[str, re.Match[str]]]) -> WrittenTime | None:
    """The time that words of a time say together; None: they say none."""
    kinds = {kind for kind, _ in words}
    years = [_year(kind, word) for kind, word in words]
    year = next((one for one in years if one is not None), None)
    spans = list(_spans(words))
    if not spans:
        spans = list(_rough_spans(words, year))
    if spans:
        last = next((one for one in reversed(years) if one is not None), None)
        first, until = spans[0][0], spans[-1][1]
        if year is not None and last is not None and last > year:
            until = 4  # a span that ends in a later year fills this one
        elif until < first:
            first, until = min(one[0] for one in spans), max(one[1] for one in spans)
        is_day = bool(kinds & {"day", "day_of_month"})
        return WrittenTime(shown, year, first, until, is_day=is_day)
    if "unit" in kinds and not kinds & {"number", "ordinal"}:
        return WrittenTime(shown, year, is_number_lost=True)
    if "always" in kinds or year is not None:
        return WrittenTime(shown, year)
    return None


def _spans(words: list[tuple[str, re.Match[str]]]) -> Iterator[Span]:
    """The quarters that words name, in their order."""
    waiting: list[int] = []
    after: str | None = None
    has_quarters = any(kind in ("unit", "q", "halves", "h") for kind, _ in words)
    for kind, word in words:
        if kind in ("number", "ordinal", "roman"):
            number = _number(kind, word[0])
            if after is not None:
                yield from _of_unit(after, [number])
            else:
                waiting.append(number)
        elif kind in ("unit", "halves"):
            yield from _of_unit(kind, waiting)
            after = None if waiting else kind
            waiting = []
        elif kind == "q":
            quarter = int(word["q_after"] or word["q_before"])
            yield quarter, quarter
        elif kind == "h":
            yield from _of_unit("halves", [int(word["h_number"])])
        elif not has_quarters and (month := _month(kind, word)) is not None:
            quarter = (month - 1) // 3 + 1
            yield quarter, quarter


def _of_unit(unit: str, numbers: list[int]) -> Iterator[Span]:
    for number in numbers:
        if unit == "unit":
            yield number, number
        elif number <= 2:
            yield 2 * number - 1, 2 * number


def _rough_spans(words: list[tuple[str, re.Match[str]]], year: int | None) -> Iterator[Span]:
    """The quarters of a season, of a part of the year, or of the whole of it."""
    for kind, word in words:
        if kind == "season":
            yield next(span for name, span in _SEASONS.items() if word[0].startswith(name))
        elif kind in _PARTS_OF_YEAR and (year is not None or word[0].startswith("året")):
            yield _PARTS_OF_YEAR[kind]
        elif kind == "whole" and (year is not None or " " in word[0]):
            yield 1, 4


def _number(kind: str, word: str) -> int:
    if kind == "number":
        return int(word[0])
    return _ORDINALS[word] if kind == "ordinal" else _ROMAN[word.rstrip(".")]


def _month(kind: str, word: re.Match[str]) -> int | None:
    if kind == "month":
        return next(n for n, one in enumerate(_MONTHS, 1) if re.match(one, word[0]))
    group = {"iso": "iso_month", "day": "day_month", "month_of": "of_month"}.get(kind)
    return int(word[group]) if group else None


def _year(kind: str, word: re.Match[str]) -> int | None:
    if kind == "year":
        return int(word[0])
    if kind == "short_year":
        return 2000 + int(word[0][-2:])
    group = {"iso": "iso_year", "day": "day_year", "month_of": "of_year"}.get(kind)
    if group is None:
        return None
    year = int(word[group])
    return year if year >= 100 else 2000 + year
