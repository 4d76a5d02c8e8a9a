"""Finds the numbers in the words of a milestone that may be targets of indicators.

A number counts what stands behind it (`10 solcellescreeninger`), is a share (`50 %`), or has a
measure (`600 m2`). Years, days, ordinals, and the numbers of stages, sections and paragraphs are no
targets; a time is one only where the text limits it (`højst 30 dage`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

_SPELLED = {
    "to": 2,
    "tre": 3,
    "fire": 4,
    "fem": 5,
    "seks": 6,
    "syv": 7,
    "otte": 8,
    "ni": 9,
    "ti": 10,
    "elleve": 11,
    "tolv": 12,
}

#: Numbers as Danes write them; of a span, such as 10-15, the first counts.
_NUMBER = re.compile(
    r"(?<![\w.,/§-])(?P<number>\d{1,3}(?:\.\d{3})+(?:,\d+)?|\d{1,9}(?:,\d+)?"
    rf"|(?:{'|'.join(_SPELLED)})(?=\s))"
    r"(?:\s?[-–]\s?\d[\d.,]*(?<![.,]))?(?![\d/])",
    re.IGNORECASE,
)
_SHARE = re.compile(r"\s?(?:%|procent\b|pct\b)", re.IGNORECASE)
_MEASURE = re.compile(
    r"\s?(?P<unit>(?:(?:mio|mia)\.?\s?)?(?:kr|kroner)\b|(?:t)?kr\b|kvadratmeter\b|m[23²³](?!\w)"
    r"|km\b|meter\b|m(?= )|ha\b|hektar\b|tons?\b|t(?= CO)|kg\b|[kKMGT]W[hp]?\b|liter\b|årsværk\b)"
)
_WORD = re.compile(r"\s(?P<word>[^\W\d_][\w’'-]*)")
_RATE = re.compile(r"\s(?:(?:pr\.?|per|om)\s[^\W\d_]+|årligt|månedligt|ugentligt)\b")

#: Words behind which a number is the name of something, or a day.
_LABELS = re.compile(
    r"(?:§|stk\.?|nr\.?|kl\.?|pkt\.?|punkt|etape|fase|spor|fokusområder?|indsats|projekt|kapitel|"
    r"afsnit|uge|kvartal|side|s\.|version|bilag|kategori|niveau|trin|del|runde|zone|linje|klasse|"
    r"artikel|års?|matr\.|de|disse|begge|d\.|fra|siden|ud af|medio|primo|ultimo)$",
    re.IGNORECASE,
)
_LIMITS = re.compile(
    r"(?:mindst|min\.?|minimum|højst|maks\.?|max\.?|maksimalt|maximalt|under|over|inden for|"
    r"indenfor|senest)$",
    re.IGNORECASE,
)
_TIMES = re.compile(
    r"(?:arbejds)?(?:dage?|uger?|måned(?:er)?|år|timer?|minutter)|kvartal(?:er)?", re.IGNORECASE
)
_MONTHS = re.compile(
    r"(?:januar|februar|marts|april|maj|juni|juli|august|september|oktober|november|december)"
)
#: Words that name nothing which a number could count, among them participles such as `udført`.
_NO_NOUN = re.compile(
    r"og|eller|samt|som|der|den|det|de|er|bliver|blev|har|skal|vil|kan|i|på|til|fra|af|for|med|om"
    r"|ved|under|over|efter|før|inden|mellem|hos|ud|ind|op|ned|at|ikke|kun|også|når|hvor|hvis|så"
    r"|men|ift|vedr|gang|[^\W\d_]+(?:et|ført)",
    re.IGNORECASE,
)
_YEARS = range(1990, 2101)

#: The most words that tell what is counted.
_WORDS_MAX = 3

#: The letters before a number in which its label or its limit stands; the longest has 12.
_BEFORE_MAX = 20


@dataclass(frozen=True, slots=True)
class FoundNumber:
    """A number in a text. `unit` is what is counted, a measure, or `%`. `is_measured`: it is a
    share or has a measure, and what is measured stands elsewhere in the text."""

    value: float
    unit: str
    is_measured: bool


def found_numbers(text: str) -> Sequence[FoundNumber]:
    """The numbers of a text that may be targets, in their order, each once."""
    found: dict[FoundNumber, None] = {}
    for one in _NUMBER.finditer(text):
        before, rest = text[: one.start()].rstrip()[-_BEFORE_MAX:], text[one.end() :]
        measured = _measured(rest)
        if measured is not None:
            unit, is_measured = measured, True
        elif _LABELS.search(before):
            continue
        else:
            unit, is_measured = _counted(rest), False
            if _TIMES.fullmatch(unit) and not _LIMITS.search(before):
                continue
        value = _value(one["number"])
        if unit and not (not is_measured and _is_year(one["number"])):
            found[FoundNumber(value, unit, is_measured)] = None
    return list(found)


def _measured(rest: str) -> str | None:
    """The measure at the beginning of a text."""
    if _SHARE.match(rest):
        return "%"
    measure = _MEASURE.match(rest)
    return None if measure is None else measure["unit"]


def _counted(rest: str) -> str:
    """The words at the beginning of a text that name what a number counts; "": none do.
    Adjectives, which end in `-e` there, lead to their noun."""
    words: list[str] = []
    end = 0
    while len(words) < _WORDS_MAX and (match := _WORD.match(rest, end)):
        word = match["word"]
        if _NO_NOUN.fullmatch(word) or _MONTHS.fullmatch(word) or (words and _is_verb(word)):
            break
        words.append(word)
        end = match.end()
        if not word.endswith("e"):
            break
    rate = _RATE.match(rest, end) if words else None
    return " ".join(words) + ("" if rate is None else rate[0])


def _is_verb(word: str) -> bool:
    return word.endswith(("es", "des", "tes"))


def _value(number: str) -> float:
    spelled = _SPELLED.get(number.casefold())
    return float(number.replace(".", "").replace(",", ".")) if spelled is None else float(spelled)


def _is_year(number: str) -> bool:
    return number.isdigit() and len(number) == 4 and int(number) in _YEARS
