"""The units of assumptions, which are Danish where they are shipped and kept, in the reader's
language."""

from collections.abc import Mapping

from api.pages.words.language import Language

#: The units that are not the same in English.
ENGLISH: Mapping[str, str] = {
    "% af køretøjerne": "% of the vehicles",
    "% flere ture": "% more trips",
    "dage/år": "days/year",
    "km/år": "km/year",
    "kr": "DKK",
    "kr.": "DKK",
    "kr./km": "DKK/km",
    "kr/kW": "DKK/kW",
    "kr/kWh": "DKK/kWh",
    "kr/kg": "DKK/kg",
    "kr/km": "DKK/km",
    "kr/l": "DKK/l",
    "kr/t": "DKK/t",
    "kr/ton CO₂e": "DKK/tonne CO₂e",
    "kr/tur": "DKK/trip",
    "l benzin/km": "l petrol/km",
    "måned": "month",
    "måneder": "months",
    "min.": "min",
    "pr. år": "a year",
    "år": "years",
}

#: The units of one of either language, where they are other words.
OF_ONE: Mapping[str, str] = {
    "dage/år": "dag/år",
    "days/year": "day/year",
    "måneder": "måned",
    "months": "month",
    "years": "year",
}

#: The units that are the same in both languages.
SAME = frozenset(
    {"", "%", "0/1", "g CO₂e/kWh", "g/km", "kW", "kWh", "kg", "kg CO₂e/kg", "kg CO₂e/l", "km"}
    | {"l", "t", "×", "× WLTP"}
)


#: The units of an amount of money alone.
KR = frozenset({"kr", "kr."})


def say_unit(unit: str, language: Language) -> str:
    """A unit as a page of a language shows it."""
    return ENGLISH.get(unit, unit) if language is Language.ENGLISH else unit
