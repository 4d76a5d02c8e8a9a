"""English for the sources of the principles that the product ships, which are Danish. What a
municipality wrote itself is shown as it wrote it."""

from collections.abc import Mapping

from api.pages.words.language import Language

ENGLISH: Mapping[str, str] = {
    (
        "Kommunens DK2020-målsætning, som den står i programmet for flådestyring: fra 2024 kun"
        " køretøjer på grønne drivmidler, hvor det er muligt"
    ): (
        "The municipality's DK2020 target, as stated in the fleet management programme: from 2024"
        " only vehicles on green fuels where possible"
    ),
    "Skøn, som kommunen selv fastsætter: en måned til at skifte i": (
        "Estimate that the municipality sets itself: a month to change over"
    ),
    "Skøn, som kommunen selv fastsætter: over halvdelen af ugens arbejdsdage": (
        "Estimate that the municipality sets itself: more than half of the week's working days"
    ),
    "Skøn, som kommunen selv fastsætter: højst en arbejdsdag om ugen": (
        "Estimate that the municipality sets itself: at most one working day a week"
    ),
}


def say_source(text: str, language: Language) -> str:
    """The source of a principle in the language, if the product ships it; else the text."""
    return ENGLISH.get(text, text) if language is Language.ENGLISH else text
