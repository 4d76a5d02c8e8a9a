"""The words of the register: what it hands out is known again when it is taken in."""

import pytest

from api.pages.register.labels import FIELD_LABELS
from api.pages.words.language import Language, translations
from register.inventory.list_fields import ListField, guess_fields


@pytest.mark.parametrize("language", Language)
def test_the_headings_of_an_exported_list_are_known_when_it_is_taken_in(language: Language) -> None:
    say = translations(language).gettext
    headings = {say(FIELD_LABELS[field]): field for field in ListField}
    assert guess_fields(list(headings)) == headings
