"""Plans in words of our own, as blocks: any seed gives a plan of the form of the published one."""

import random
from collections.abc import Iterator

from tests.factories.plan_blocks import Block, BlockKind, Document, Span
from tests.factories.plan_truth import Level

#: Words that a wrap can hyphenate and names whose hyphen stays, in matters of no municipality.
SUBJECTS = (
    "Kortlægning af vedligeholdelsesbehovet",
    "Revision af beredskabsplanen",
    "Udskiftning af gadebelysningen",
    "Screening af grundvandsboringer",
    "Registrering af træer langs kommunevejene",
    "Etablering af regnvandsbassiner",
    "Afprøvning af letbetonelementer",
    "Gennemgang af serviceaftalerne",
    "Opdatering af adresseregisteret",
    "Koordinering af graveprojekterne",
    "Evaluering af byttecentralen",
    "Nedrivning af pavillonerne",
)
PLACES = (
    "i Nørre-Åbølling",
    "ved Sønder-Mosevang Station",
    "mellem havnen og bymidten",
    "på de kommunale ejendomme",
    "i erhvervsområderne",
    "langs Gl. Kongevej",
)
RESULTS = (
    "er afsluttet og forelagt udvalget",
    "er påbegyndt sammen med forsyningsselskabet",
    "er sendt i høring hos naboer og interesseorganisationer",
    "omfatter mindst 12 lokaliteter",
    "har fundet en leverandør, og kontrakten er underskrevet",
    "følger tidsplanen for 2031",
)
STRANDS = ("Digital byggesagsbehandling", "Fælles indkøb", "Skolehaver", "Ny cykelrute")
STAGES = ("behov afdækket", "udbud offentliggjort", "leverandør valgt", "ordningen er i drift")
GROUPS = ("Havnepladsen", "Energirenovering", "Stiplan")
TITLES = ("Veje og pladser", "Vand og natur", "Bygninger", "Borgernær service", "Data og kort")
PROSE = (
    "Indsatserne understøtter de mål, som udvalget har vedtaget for perioden.",
    "Arbejdet sker sammen med borgere og foreninger.",
)
CRITERIA = (
    "Borgerne oplever, at henvendelser besvares inden for fem dage.",
    "Energiforbruget i bygningerne er faldet med otte procent.",
    "Medarbejderne kender planens mål og egne opgaver.",
)
YEAR = 2031


def generated_document(seed: int) -> Document:
    """A plan of three programmes with some hundred milestones, the same for the same seed."""
    return Document(tuple(plan_blocks(random.Random(f"plan {seed}"))))


def block(kind: BlockKind, text: str, printed: str | None = None) -> Block:
    return Block(kind, text, (printed or text,), ("",))


def bullet(kind: BlockKind, text: str, mark: str, level: Level) -> Block:
    return Block(kind, text, (f"{mark} {text}",), ("",), mark=mark, level=level)


def titled(kind: BlockKind, number: str, title: str) -> Block:
    text = f"{number} {title}"
    return Block(kind, title, (text,), ("",), section=number)


def plan_blocks(rng: random.Random) -> Iterator[Block]:
    yield block(BlockKind.HEADING, "Indledning")
    yield block(BlockKind.LINE, PROSE[0])
    for number in range(1, 4):
        programme = f"{number}.1"
        yield titled(BlockKind.PROGRAMME, programme, f"Program for {rng.choice(TITLES).lower()}")
        yield block(BlockKind.HEADING, "Formål")
        yield block(BlockKind.LINE, rng.choice(PROSE))
        yield block(BlockKind.HEADING, "Succeskriterier")
        for criterion in rng.sample(CRITERIA, 2):
            yield bullet(BlockKind.OTHER_BULLET, criterion, "•", "top")
        for section, title in enumerate(rng.sample(TITLES, 3), start=1):
            yield titled(BlockKind.SECTION, f"{programme}.{section}", title)
            yield from initiative_blocks(rng)
        yield block(BlockKind.HEADING, "Ressourcer:")
        yield block(BlockKind.LINE, f"Der anvendes ca. {rng.randint(1, 9)} årsværk i CVB.")


def initiative_blocks(rng: random.Random) -> Iterator[Block]:
    form = rng.choice(("quarters", "quarters", "halves", "none"))
    if form == "none":
        yield from result_blocks(rng, 3)
    elif form == "halves":
        for first, half in ((1, 1), (3, 2)):
            yield quarter(f"{half}. halvår {YEAR}", first, first + 1)
            yield from result_blocks(rng, 2)
    else:
        strand, group = rng.choice(STRANDS), rng.choice(GROUPS)
        for number in range(1, 5):
            yield quarter(f"{number}. Kvartal {YEAR}", number, number)
            stage = f"{strand} – {STAGES[number - 1]}"
            yield bullet(BlockKind.MILESTONE, stage, "•", "top")
            yield from result_blocks(rng, 2)
            yield bullet(BlockKind.MILESTONE, group, "•", "top")
            yield from result_blocks(rng, 2, mark="o", level="sub")


def quarter(text: str, first: int, last: int) -> Block:
    return Block(BlockKind.QUARTER, text, (text,), ("",), span=Span(first, last))


def result_blocks(
    rng: random.Random, count: int, mark: str = "•", level: Level = "top"
) -> Iterator[Block]:
    for subject in rng.sample(SUBJECTS, count):
        text = f"{subject} {rng.choice(PLACES)} {rng.choice(RESULTS)}."
        yield bullet(BlockKind.MILESTONE, text, mark, level)
