"""A detail of quarantine is found again in its text, whatever its values."""

import pytest

from api.pages.details import DETAILS, say_detail
from api.pages.language import Language, translations
from ingest.detail import Detail

VALUES = {
    "address": "10.0.0.1",
    "name": "'356'",
    "ts": "2009-01-01T00:00:00+00:00",
    "earliest": "2010-01-01T00:00:00+00:00",
    "lat": "95.5",
    "lon": "-181",
    "value": "400.0",
    "field": "soc_pct",
    "km": "5.6",
    "seconds": "26",
    "attempts": "11",
}


@pytest.mark.parametrize("detail", list(Detail))
def test_every_detail_is_read_again_and_said_in_danish(detail: Detail) -> None:
    text = detail.text(**VALUES)
    found = Detail.read(text)
    assert found is not None
    assert (found[0], found[0].text(**found[1])) == (detail, text)
    danish = say_detail(text, translations(Language.DANISH).gettext, ",")
    english = say_detail(text, translations(Language.ENGLISH).gettext, ".")
    assert danish != english
    assert english == DETAILS[detail] % VALUES


def test_numbers_have_the_decimal_sign_of_the_language_and_other_words_stay() -> None:
    danish = translations(Language.DANISH).gettext
    jump = "5.6 km and 26 s from the last"
    assert say_detail(jump, danish, ",") == "5,6 km og 26 sekunder fra den forrige position."
    assert say_detail("checksum 1 is not 2", danish, ",") is None
