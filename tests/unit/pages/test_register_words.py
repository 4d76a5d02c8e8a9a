"""The words of the register: what it hands out is known again when it is taken in."""

from dataclasses import replace

import pytest

from api.pages.register.labels import FIELD_LABELS
from api.pages.register.register import kind_choices
from api.pages.words.language import Language, translations
from costs.catalogue import starter_catalogue
from register.inventory.list_fields import ListField, guess_fields
from register.inventory.stored import RegisterChoices


@pytest.mark.parametrize("language", Language)
def test_the_headings_of_an_exported_list_are_known_when_it_is_taken_in(language: Language) -> None:
    say = translations(language).gettext
    headings = {say(FIELD_LABELS[field]): field for field in ListField}
    assert guess_fields(list(headings)) == headings


def test_kinds_are_told_apart_by_whose_catalogue_they_are_of() -> None:
    """The municipality has a lift van of its own, under another id than the product's."""
    shipped = starter_catalogue()
    lift = next(kind for kind in shipped if kind.name == "Elvarebil med lift")
    own = replace(lift, kind="vores-liftbil", name="elvarebil med lift")
    choices = RegisterChoices([own, *shipped], [], [], {kind.kind for kind in shipped})
    found = kind_choices(choices, Language.DANISH)
    assert [one.name for one in found if "med lift" in one.name.lower()] == ["elvarebil med lift"]
    assert found[0].id == "vores-liftbil"
    others = {one.name for one in found[1:]}
    assert "Benzinbil, lille (fra det katalog, der følger med systemet)" in others
    assert len(others) == len(shipped) - 1
