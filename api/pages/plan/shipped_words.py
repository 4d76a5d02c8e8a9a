"""English for the programme that the product ships, which is Danish. What a municipality wrote
itself is shown as it wrote it."""

from collections.abc import Mapping

from api.pages.words.language import Language

ENGLISH: Mapping[str, str] = {
    "Program for flådestyring": "Fleet management programme",
    (
        "Én professionel, samlet flåde: færre køretøjer, der bruges bedre, styr på køb og salg, og"
        " grønne drivmidler ved nyt indkøb, hvor det kan lade sig gøre."
    ): (
        "One professional, shared fleet: fewer vehicles that are used better, control of purchases"
        " and disposals, and green fuels for new purchases where possible."
    ),
    "Indkøb af værktøj": "Procurement of the system",
    "Pilotprojekt": "Pilot project",
    "Flådeenhed": "Fleet unit",
    "Optimering og udrulning": "Optimisation and roll-out",
    "Dialog med markedet om løsninger og leverandører": (
        "Market dialogue on solutions and suppliers"
    ),
    "Indkøb af værktøj til flådestyring forberedt og gennemført": (
        "Procurement of a fleet management system prepared and completed"
    ),
    "Chips sat i pilotens køretøjer": "Trackers fitted in the vehicles of the pilot",
    "Data samlet ind fra piloten": "Data collected from the pilot",
    "Piloten evalueret": "Pilot evaluated",
    "Flådeenhed udpeget og sat i gang": "Fleet unit appointed and at work",
    "Første runde forslag til optimering": "First round of proposals for optimisation",
    "Anden runde forslag til optimering": "Second round of proposals for optimisation",
    "Plan for udrulning til resten af flåden": "Plan for the roll-out to the rest of the fleet",
}


def say_programme(text: str, language: Language) -> str:
    """A text of a programme in the language, if the product ships it; else the text."""
    return ENGLISH.get(text.strip(), text) if language is Language.ENGLISH else text
