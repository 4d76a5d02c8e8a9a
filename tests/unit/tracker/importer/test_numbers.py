"""Numbers in milestones that may be targets, and numbers that are none."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.importer.files.document_file import document_in
from tracker.importer.numbers import found_numbers
from tracker.importer.source import DocumentBounds
from tracker.importer.structure.reader import read_plan


def said(text: str) -> list[tuple[float, str]]:
    return [(one.value, one.unit) for one in found_numbers(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("20 køretøjer er udskiftet", [(20, "køretøjer")]),
        ("Mindst 50 % af flåden er elektrisk", [(50, "%")]),
        ("70 procent af 40 biler", [(70, "%"), (40, "biler")]),
        ("Der er plantet 1.200 nye træer", [(1200, "nye træer")]),
        ("2,5 km cykelsti er anlagt", [(2.5, "km")]),
        ("Der er sparet 1,5 mio. kr. om året", [(1.5, "mio. kr")]),
        ("Rejsning af ca. 600 m2 skov", [(600, "m2")]),
        ("Styrket tilsyn – min 30 tilsyn gennemført", [(30, "tilsyn")]),
        ("5 gode eksempler pr. måned er delt", [(5, "gode eksempler pr. måned")]),
        ("Der er holdt 10-15 møder", [(10, "møder")]),
        ("Der er holdt fire workshops", [(4, "workshops")]),
        ("Svar gives inden for 30 dage", [(30, "dage")]),
        ("200 energigennemgange gennemføres", [(200, "energigennemgange")]),
        ("2 møder og igen 2 møder", [(2, "møder")]),
        ("Klimafokusspor  7 møder inden for " + 90 * " " + "30 dage", [(30, "dage")]),
    ],
)
def test_a_number_is_found_with_what_it_counts(text: str, found: list[tuple[float, str]]) -> None:
    assert said(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "§17 stk. 4 udvalget har afsluttet sit arbejde",
        "Ansøgningen for 2026 er sendt, og 2027 planlægges",
        "Møde holdes hver 2. måned",
        "DK2020 og CO2 i C1",
        "Etape 2 er i gang",
        "Vedtaget den 14. januar 2025",
        "Årsskiftet 2024/2025",
        "Ultimo 3. kvartal",
        "Indsatsen i 2.1.4 er fulgt op",
        "De to indsatser er afviklet",
        "Det andet ud af tre møder er holdt",
        "Samarbejdet er i gang efter 2 år",
        "Bilag 3 viser alt",
        "Inden årets udgang er projekt 308 udført",
        "Kl. 10 holdes der møde",
        "Nummer 12 udført",
    ],
)
def test_what_counts_nothing_is_no_target(text: str) -> None:
    assert said(text) == []


@given(st.text(alphabet="0123456789.,-–/%§ abemnrst", max_size=40))
def test_any_text_is_read_and_each_number_once(text: str) -> None:
    found = said(text)
    assert len(set(found)) == len(found)
    assert all(value >= 0 and unit for value, unit in found)


def test_what_a_number_counts_is_found_at_once_however_much_stands_before_it() -> None:
    """A page that shows a long plan looks for the numbers of all its texts."""
    many = range(3, 6_000)
    text = " ".join(f"ord og {number} biler" for number in many)
    began = time.process_time()
    found = said(text)
    seconds = time.process_time() - began
    assert found == [(number, "biler") for number in many if number not in range(1990, 2101)]
    assert seconds < 10


def test_the_numbers_of_the_published_plan_are_those_that_a_reader_sees(
    published_plan: Path,
) -> None:
    content = published_plan.read_bytes()
    plan = read_plan(document_in(published_plan.name, content, DocumentBounds()))
    found = [said(one.text) for one in plan.milestones]
    assert [one for each in found for one in each] == [
        (5, "skabeloner"),
        (5, "gode eksempler pr. måned"),
        (5, "gode eksempler pr. måned"),
        (10, "solcellescreeninger"),
        (200, "energigennemgange"),
        (11, "nye lokaliteter"),
        (6, "kommunale arbejdspladser"),
        (10, "nye ladepladser"),
        (600, "m2"),
        (2, "nye organisationer"),
        (600, "m2"),
        (5, "erhvervsdrivende"),
        (2, "konkrete indsatser"),
        (2, "konkrete arrangementer"),
        (2, "konkrete arrangementer"),
        (2, "konkrete arrangementer"),
        (5, "udledningstilladelser"),
        (5, "udledningstilladelser"),
        (15, "tilsyn"),
        (5, "transporter"),
        (30, "tilsyn"),
    ]
