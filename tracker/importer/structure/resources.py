"""Reads what centres put into a programme: years of work, as numbers, fractions or words."""

import re

from tracker.importer.plan_file import Resource

_NUMBER_WORDS = {
    "et halvt": 0.5,
    "en halv": 0.5,
    "halvandet": 1.5,
    "et kvart": 0.25,
    "trekvart": 0.75,
    "et": 1.0,
    "ét": 1.0,
    "en": 1.0,
    "to": 2.0,
    "tre": 3.0,
    "fire": 4.0,
    "fem": 5.0,
    "seks": 6.0,
    "syv": 7.0,
    "otte": 8.0,
    "ni": 9.0,
    "ti": 10.0,
}
_FRACTIONS = {"½": 0.5, "¼": 0.25, "¾": 0.75}

_AMOUNT = (
    r"(?P<whole>\d+(?:[.,]\d+)?)?(?:\s*(?:og|\+)?\s*(?P<fraction>\d+\s*/\s*\d+|[½¼¾]))?"
    rf"|(?P<word>{'|'.join(_NUMBER_WORDS)})"
)
_UNIT = r"(?:årsværk|fuldtidsstilling(?:er)?|fuldtidsårsværk|fte|åv)"
_CENTRE = (
    r"(?:\s*(?:,|:|-|–)?\s*(?:i|fra|hos|til|på|in|from)\s+(?P<centre>(?:de\s+øvrige\s+centre"
    r"|[A-ZÆØÅ][\w/&-]*(?:\s+(?:og\s+|for\s+|&\s+)?[A-ZÆØÅ][\w/&-]*)*)))?"
)
_YEARS = re.compile(rf"(?<![\w/,.])(?:{_AMOUNT})\s*{_UNIT}\b{_CENTRE}")
_BEFORE = re.compile(
    rf"(?P<centre>[A-ZÆØÅ][\w/&-]*)\s*[:(–-]\s*(?:ca\.?\s*)?(?:{_AMOUNT})\s*{_UNIT}\b"
)
_SHARE = re.compile(
    r"\b(?:en|et)\s+(?:mindre|større|vis|begrænset)\s+(?:del|andel|indsats|mængde|antal)"
    r"\s+(?:i|fra|hos)\s+(?P<centre>(?:de\s+)?(?:øvrige|andre|relevante)\s+\w+|[A-ZÆØÅ][\w/&-]*)"
)


def resources_in(text: str) -> list[Resource]:
    """The years of work that a text names, each with its centre; a share without a number has
    none."""
    found: list[tuple[int, Resource]] = []
    taken: list[tuple[int, int]] = []
    for pattern in (_BEFORE, _YEARS):
        for one in pattern.finditer(text):
            amount = _amount(one)
            if amount is None or any(
                start < one.end() and one.start() < end for start, end in taken
            ):
                continue
            taken.append(one.span())
            found.append((one.start(), Resource(centre=one["centre"], aarsvaerk=amount)))
    found += [
        (one.start(), Resource(centre=one["centre"], aarsvaerk=None))
        for one in _SHARE.finditer(text)
    ]
    return [one for _, one in sorted(found, key=lambda pair: pair[0])]


def _amount(found: re.Match[str]) -> float | None:
    if found["word"]:
        return _NUMBER_WORDS[found["word"]]
    whole, fraction = found["whole"], found["fraction"]
    if whole is None and fraction is None:
        return None
    amount = float(whole.replace(",", ".")) if whole else 0.0
    if fraction:
        top, _, below = fraction.partition("/")
        if not below:
            return amount + _FRACTIONS[fraction]
        if int(below) == 0:
            return None
        amount += int(top) / int(below)
    return amount
