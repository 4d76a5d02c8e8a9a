"""Knows the parts of a programme by the headings that municipalities give them."""

import re
from enum import Enum, auto


class Part(Enum):
    """A part of a programme, or of an effort, by its heading."""

    PURPOSE = auto()
    CRITERIA = auto()
    PARTNERS = auto()
    PARTNERS_INTERNAL = auto()
    PARTNERS_EXTERNAL = auto()
    RESOURCES = auto()
    MILESTONES = auto()
    EFFORT = auto()
    TIMETABLE = auto()
    OWNER = auto()
    STATUS = auto()
    POLICIES = auto()
    #: Prose about the programme, whose bullets are no milestones.
    BACKGROUND = auto()

    @property
    def is_of_programme(self) -> bool:
        """Whether a heading of this part shows that a programme is described."""
        return self in _OF_PROGRAMME


_OF_PROGRAMME = {
    Part.PURPOSE,
    Part.CRITERIA,
    Part.PARTNERS,
    Part.PARTNERS_INTERNAL,
    Part.PARTNERS_EXTERNAL,
    Part.RESOURCES,
}

_PARTIES = (
    r"(?:interessenter|interessent|samarbejdspart(?:ner(?:e|ne)?|er|erne)?|part(?:er|erne)?"
    r"|partner(?:e|ne)?|aktører|stakeholders|partners)"
)
_OF_WHOM = r"(?:(?:primære|vigtigste|centrale|væsentlige|øvrige|relevante|primary|main) )?"
_WHOLE = r"(?:årets |konkrete |planlagte |særlige |øvrige |nye |programmets |overordnede |de )?"

#: The headings of each part, in lower case, without a year, colon or number.
_HEADINGS: tuple[tuple[Part, str], ...] = (
    (
        Part.PURPOSE,
        r"(?:baggrund og )?formål(?:et)?(?: med (?:programmet|indsatsen|planen))?|vision(?:en)?"
        r"|hvorfor|purpose|aim",
    ),
    (
        Part.CRITERIA,
        _WHOLE + r"(?:succeskriteri(?:er|e|um|erne)|kriterier for succes|succesmål|effektmål"
        r"|resultatmål|mål|målene|delmål|målsætning(?:er|en|erne)?|forvente(?:t|de) effekt(?:er)?"
        r"|forvente(?:t|de) resultat(?:er)?|tegn på succes|mål og succeskriterier|målepunkter"
        r"|indikator(?:er)?|succes er|success criteria|goals?|objectives?)",
    ),
    (
        Part.PARTNERS,
        rf"{_OF_WHOM}(?:interne og eksterne|eksterne og interne) {_PARTIES}|{_OF_WHOM}{_PARTIES}"
        r"|samarbejde(?:t)? med|internal and external partners",
    ),
    (
        Part.PARTNERS_INTERNAL,
        rf"{_OF_WHOM}interne {_PARTIES}|internt|internal {_PARTIES}|{_PARTIES},? \(?interne?\)?",
    ),
    (
        Part.PARTNERS_EXTERNAL,
        rf"{_OF_WHOM}eksterne {_PARTIES}|eksternt|external {_PARTIES}|{_PARTIES},? \(?eksterne?\)?",
    ),
    (
        Part.RESOURCES,
        r"(?:ressourcer|ressourcebehov|ressourceforbrug|ressourcetræk|årsværk|bemanding"
        r"|økonomi og ressourcer|ressourcer og økonomi|tid og ressourcer|personaleressourcer"
        r"|økonomi|finansiering|budget|resources)",
    ),
    (
        Part.MILESTONES,
        _WHOLE + r"(?:milepæl(?:e|ene|splan)?|programspecifikke indsatser|indsatser(?:ne)?"
        r"|handlinger(?:ne)?|aktiviteter(?:ne)?|leverancer(?:ne)?|initiativer(?:ne)?"
        r"|delaktiviteter|hovedaktiviteter|opgaver(?:ne)?|handleplan(?:en)?|handlingsplan(?:en)?"
        r"|indsatsplan(?:en)?|indsatser og milepæle|milepæle og indsatser|mål og milepæle"
        r"|vi vil|det gør vi|sådan gør vi|milestones|actions|activities)",
    ),
    (Part.EFFORT, r"indsats(?:en)?|handling|aktivitet|initiativ|tiltag|action"),
    (
        Part.TIMETABLE,
        r"tidsplan(?:en)?|tid|tidspunkt|tidsramme|tidshorisont|periode|hvornår|frist|deadline"
        r"|kvartal|termin|timetable|when",
    ),
    (
        Part.OWNER,
        r"ansvarlig(?:e|t)?|ansvar|ansvarlig (?:enhed|afdeling|forvaltning|part)|tovholder(?:e)?"
        r"|projektleder|programleder|projektejer|hvem|ejer|owner|responsible",
    ),
    (Part.STATUS, r"status|fremdrift|opfølgning|evaluering|bemærkninger|noter?|kommentarer"),
    (
        Part.POLICIES,
        r"(?:relaterede |tilknyttede |vedtagne )?(?:politikker|strategier|planer)"
        r"(?: (?:og|samt) (?:politikker|strategier|(?:handle)?planer))*"
        r"|sammenhæng (?:til|med) (?:andre )?(?:politikker|strategier|planer).{0,40}",
    ),
    (
        Part.BACKGROUND,
        r"baggrund(?:en)?|beskrivelse(?:n)?|indledning|forord|resumé|sammenfatning|udfordring(?:er)?"
        r"|(?:programmets |indsatsens |særligt? )?fokus(?:områder)?|risici|risiko|forudsætninger"
        r"|afhængigheder|organisering|organisation|lovgrundlag|rammer|nuværende situation"
        r"|ansvarsområder|kerneopgaver|værdier|background|introduction",
    ),
)
_COMPILED = [(part, re.compile(pattern)) for part, pattern in _HEADINGS]

#: Years and what joins them to a heading, as in `Mål for 2026`.
_YEAR = re.compile(r"[ ,]*(?:\((?:20\d\d)\)|(?:for|i|i år)? ?20\d\d(?:\s?[-–/]\s?(?:20)?\d\d)?)$")
_NUMBER = re.compile(r"\s+(?:nr\.?\s*)?\d{1,2}$")
#: Matches the beginning of a heading of numbered divisions, such as `Spor 2 – …`.
NUMBERED_LABEL = re.compile(r"(?P<label>[^\W\d]+(?: [^\W\d]+){0,2}) \d{1,2}(?!\d)")

_FRAME = " \t*#_=–—-:•●▪■"

#: No heading of a part is longer.
_CHARS_MAX = 70


def part_of_heading(text: str) -> Part | None:
    """The part that a line is the heading of, in any case and with any year."""
    if len(text) > _CHARS_MAX:
        return None
    shown = " ".join(text.strip(_FRAME).split()).casefold()
    shown = _NUMBER.sub("", _YEAR.sub("", shown).strip(_FRAME))
    for part, pattern in _COMPILED:
        if pattern.fullmatch(shown):
            return part
    return None


def labelled_part(text: str) -> tuple[Part, str] | None:
    """The part and its text, where a line has both, as in `Mål: flere cyklister`."""
    label, colon, rest = text.partition(":")
    if not colon or not rest.strip():
        return None
    part = part_of_heading(label)
    return (part, rest.strip()) if part is not None else None
