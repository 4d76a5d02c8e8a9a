"""English for the Danish public holidays. The days that a municipality adds itself keep the names
that it wrote."""

from collections.abc import Mapping

from api.pages.words.language import Language

ENGLISH: Mapping[str, str] = {
    "Nytårsdag": "New Year's Day",
    "Skærtorsdag": "Maundy Thursday",
    "Langfredag": "Good Friday",
    "Påskedag": "Easter Sunday",
    "Anden påskedag": "Easter Monday",
    "Store bededag": "General Prayer Day",
    "Kristi himmelfartsdag": "Ascension Day",
    "Pinsedag": "Whit Sunday",
    "Anden pinsedag": "Whit Monday",
    "Juledag": "Christmas Day",
    "Anden juledag": "Boxing Day",
}


def say_holiday(name: str, language: Language) -> str:
    """The name of a public holiday in the language; another name as it is."""
    return ENGLISH.get(name, name) if language is Language.ENGLISH else name
