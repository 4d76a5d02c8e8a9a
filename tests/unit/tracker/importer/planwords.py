"""A plan in words of our own, with all that a published one has: for tests of the importer."""

from tracker.importer.plan_file import PlanFile
from tracker.importer.source import DocumentBounds
from tracker.importer.structure.reader import read_plan
from tracker.importer.text_file import document_of

PLAN = """\
Årsplan 2031 for havnen

Indledning
Havnekontoret har ansvaret for følgende områder:
• Kajer og moler
• Både, bøjer og fyr

Kontoret følger disse strategier og politikker:
1. Havnepolitik
2. Kystplan 2029-2040
3. Strategi for sejlads

1. Hvad vi gør
1.1 Program for kajer
Formål
Kajerne skal kunne bære de nye kraner.
Succeskriterier
• Ingen kaj er lukket i mere end en uge.
• Brugerne finder, at havnen er
tryg at færdes på.
1.1.1 Nordkajen
Kajen blev bygget i 1962. Den er slidt.
1. kvartal 2031
• Dykkere undersøger fundamentet – rapport er klar
• Der er holdt møde med fiskernes forening om, hvor kutterne
kan ligge imens
2. kvartal 2031
• Spuns
o Udbud sendes ud
o Kontrakt er skrevet
• Dykkere undersøger fundamentet – billeder er taget
3.-4. kvartal 2031
• Spunsen er rammet
1.1.2 Sydkajen
• Belysningen er skiftet
Samarbejdspartnere
Interne interessenter:
Teknik, Økonomi
Eksterne interessenter:
• Fiskernes forening
• Lodserne
Ressourcer:
Der bruges ca. 2 og 1/2 årsværk i HAV og 1/4 årsværk i TEK.
1.2 Program for fyr
• Kvartal 2031
• Fyret males
• Kvartal 2031
• Lampen tændes igen
1.3 Program for bøjer
Ny bøje ved revet
Gammel bøje hentes ind
"""


def plan_in(text: str) -> PlanFile:
    """The plan in a text."""
    return read_plan(document_of(text, DocumentBounds()))
