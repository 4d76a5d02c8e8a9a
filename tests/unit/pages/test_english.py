"""What the product ships in Danish, or counts in kroner, is told in English on an English page."""

import re
from datetime import date

import pytest
from babel.messages.pofile import read_po

from api.pages.costs.shipped_words import ENGLISH as FIGURES
from api.pages.municipality.holiday_names import say_holiday
from api.pages.plan.shipped_words import ENGLISH as PROGRAMME
from api.pages.plan.shipped_words import say_programme
from api.pages.purchases.shipped_words import ENGLISH as SOURCES
from api.pages.purchases.shipped_words import say_source
from api.pages.routes import VOCABULARY
from api.pages.words import units
from api.pages.words.formats import NBSP, Formats
from api.pages.words.language import DANISH_CATALOGUE, Language
from costs.assumptions import quantities
from fleet.localtime import public_holidays
from optimiser.purchases.principles import shipped_principles
from tracker.content import FLEET_PROGRAMME, read_programme


def english_texts() -> list[str]:
    """The texts of the pages, in the order of the catalogue."""
    with DANISH_CATALOGUE.open("rb") as source:
        messages = [message.id for message in read_po(source, locale="da") if message.id]
    return [text for one in messages for text in (one if isinstance(one, tuple | list) else (one,))]


def test_every_unit_of_an_assumption_has_its_english() -> None:
    shipped = {one.unit for one in quantities().values()}
    assert shipped <= units.ENGLISH.keys() | units.SAME
    assert VOCABULARY.filters["unit"] is units.say_unit
    assert units.say_unit("kr/tur", Language.ENGLISH) == "DKK/trip"
    assert units.say_unit("kr/tur", Language.DANISH) == "kr/tur"
    assert Formats(Language.ENGLISH).measure(40_000, "kr") == f"DKK{NBSP}40,000"
    assert Formats(Language.ENGLISH).measure(2.1, "kr/kWh") == f"2.1{NBSP}DKK/kWh"
    assert Formats(Language.DANISH).measure(2.1, "kr/kWh") == f"2,1{NBSP}kr/kWh"


def test_money_is_dkk_in_english_in_a_text_a_unit_and_an_amount() -> None:
    assert [text for text in english_texts() if "kr." in text or "kr/" in text] == []
    assert [one for one in units.ENGLISH.values() if "kr" in one] == []
    assert Formats(Language.ENGLISH).kr(1.1667, 2) == f"DKK{NBSP}1.17"
    assert Formats(Language.DANISH).kr(1.1667, 2) == f"1,17{NBSP}kr."


def test_a_share_in_english_has_no_space_before_its_sign() -> None:
    assert Formats(Language.ENGLISH).measure(15, "% flere ture") == "15% more trips"
    assert Formats(Language.DANISH).measure(15, "% flere ture") == f"15{NBSP}% flere ture"
    texts = (*FIGURES.values(), *english_texts())
    assert [text for text in texts if re.search(r"(\d|\)s) %(?!\()", text)] == []


def test_the_programme_that_is_shipped_is_told_in_english_and_what_people_wrote_as_it_is() -> None:
    programme = read_programme(FLEET_PROGRAMME)
    shipped = {programme.name, programme.purpose.strip()}
    for initiative in programme.initiative:
        shipped |= {initiative.name, *(one.title for one in initiative.milestones)}
    assert shipped == PROGRAMME.keys()
    assert say_programme("Pilotprojekt", Language.ENGLISH) == "Pilot project"
    assert say_programme("Pilotprojekt", Language.DANISH) == "Pilotprojekt"
    assert say_programme("Vores eget", Language.ENGLISH) == "Vores eget"


def test_the_sources_of_principles_that_are_shipped_are_told_in_english() -> None:
    assert {one.source for one in shipped_principles().rows.values()} == SOURCES.keys()
    assert say_source("Byrådet, 2026", Language.ENGLISH) == "Byrådet, 2026"


@pytest.mark.parametrize("year", [2020, 2023, 2026, 2030])
def test_every_public_holiday_has_its_english_name(year: int) -> None:
    for name in public_holidays(year).values():
        assert say_holiday(name, Language.DANISH) == name
        assert say_holiday(name, Language.ENGLISH) != name
    assert public_holidays(year)[date(year, 1, 1)] == "Nytårsdag"
    assert say_holiday("Grundlovsdag", Language.ENGLISH) == "Grundlovsdag"
