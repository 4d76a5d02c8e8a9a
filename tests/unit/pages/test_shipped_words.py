"""What the product ships of figures is told in the language of the page."""

from api.pages.costs.shipped_words import ENGLISH, KIND_NAMES, SAME, say_shipped
from api.pages.words.language import Language
from costs.assumptions import shipped_assumptions
from costs.catalogue import starter_catalogue


def test_every_shipped_source_and_note_is_told_in_english_and_none_is_left_over() -> None:
    figures = [*shipped_assumptions().figures, *starter_catalogue()]
    shipped = {text for one in figures for text in (one.source, one.note) if text}
    assert shipped == ENGLISH.keys() | SAME


def test_every_kind_of_the_starter_catalogue_has_its_english_name() -> None:
    assert {kind.name for kind in starter_catalogue()} == KIND_NAMES.keys()


def test_what_a_municipality_wrote_stays_as_it_is() -> None:
    assert say_shipped("aftale 2026", Language.ENGLISH) == "aftale 2026"
    assert say_shipped("almen viden", Language.DANISH) == "almen viden"
    assert say_shipped("almen viden", Language.ENGLISH) == "common knowledge"
