"""Numbers, money, days and times are written as readers of Danish and of English write them."""

from datetime import UTC, date, datetime

import pytest

from api.pages.words.cells import shown_cell
from api.pages.words.formats import Formats
from api.pages.words.language import Language

DA = Formats(Language.DANISH)
EN = Formats(Language.ENGLISH)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("written", "danish", "english"),
    [
        (lambda f: f.number(1234.5, 1), "1.234,5", "1,234.5"),
        (lambda f: f.number(-1234), "−1.234", "−1,234"),
        (lambda f: f.number(-0.4), "0", "0"),
        (lambda f: f.number(-0.04, 1), "0,0", "0.0"),
        (lambda f: f.number(-0.0, 1), "0,0", "0.0"),
        (lambda f: f.figure(-0.0), "0", "0"),
        (lambda f: f.figure(-0.0000001), "0", "0"),
        (lambda f: f.figure(-1234.5), "-1.234,5", "-1,234.5"),
        (lambda f: f.amount(40_000.5), "40.000,50", "40,000.50"),
        (lambda f: f.amount(40_000.0), "40.000", "40,000"),
        (lambda f: f.amount(3_333.125), "3.333,125", "3,333.125"),
        (lambda f: f.kr(412_000.2), "412.000 kr.", "DKK 412,000"),
        (lambda f: f.tonnes(12.44), "12,4 ton CO₂e", "12.4 tonnes CO₂e"),
        (lambda f: f.km(7.25, 1), "7,2 km", "7.2 km"),
        (lambda f: f.speed(49.6), "50 km/t", "50 km/h"),
        (lambda f: f.percent(0.634), "63 %", "63%"),
        (lambda f: f.day(date(2026, 11, 21)), "lør. 21. nov. 2026", "Sat 21 Nov 2026"),
        (
            lambda f: f.days(date(2026, 9, 21), date(2026, 11, 15)),
            "21. sep. 2026 – 15. nov. 2026",
            "21 Sept 2026 – 15 Nov 2026",
        ),
        (lambda f: f.weekday(0), "man.", "Mon"),
        (lambda f: f.duration(7.4), "7 min.", "7 min"),
        (lambda f: f.duration(125), "2 t. 05 min.", "2 h 05 min"),
        (lambda f: f.duration(480), "8 t.", "8 h"),
    ],
)
def test_values_are_written_as_each_language_writes_them(written, danish, english):
    assert plain(written(DA)) == danish
    assert plain(written(EN)) == english


def test_moments_are_shown_in_danish_local_time_in_winter_and_in_summer():
    assert plain(DA.moment(datetime(2026, 11, 21, 13, 5, tzinfo=UTC))) == (
        "lør. 21. nov. 2026 kl. 14.05"
    )
    assert plain(DA.moment(datetime(2026, 6, 1, 22, 30, tzinfo=UTC))) == (
        "tirs. 2. jun. 2026 kl. 00.30"
    )
    assert plain(EN.moment(datetime(2026, 11, 21, 13, 5, tzinfo=UTC))) == "Sat 21 Nov 2026, 14:05"


def test_a_moment_without_a_time_zone_is_refused():
    with pytest.raises(ValueError, match="no time zone"):
        DA.clock(datetime(2026, 11, 21, 13, 5))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("share", "shown"),
    [(0.00241, "0,3 %"), (0.003, "0,3 %"), (0.0031, "0,4 %"), (1e-9, "0,1 %"), (0.0, "0,0 %")],
)
def test_at_most_is_never_rounded_down(share, shown):
    assert plain(DA.percent_at_most(share)) == shown


@pytest.mark.parametrize(("text", "danish"), [("5.6", "5,6"), ("-181", "-181"), ("v1.2", "v1.2")])
def test_a_number_in_a_sentence_gets_the_decimal_sign_and_other_words_stay(text, danish):
    assert DA.with_sign(text) == danish
    assert EN.with_sign(text) == text


@pytest.mark.parametrize(
    ("cell", "danish", "english"),
    [
        (2018.0, "2018", "2018"),
        (15_000.0, "15000", "15000"),
        (12.5, "12,5", "12.5"),
        ("2018", "2018", "2018"),
        ("12.500", "12.500", "12.500"),
        ("2027-01-31", "31. jan. 2027", "31 Jan 2027"),
        ("2027-01-31 00:00:00", "31. jan. 2027", "31 Jan 2027"),
        ("2026-11-02T08:05:00", "2. nov. 2026 kl. 08.05", "2 Nov 2026, 08:05"),
        ("08:05:00", "08.05", "08:05"),
        ("2027-02-31", "2027-02-31", "2027-02-31"),
        ("31/12/26", "31/12/26", "31/12/26"),
        (None, "", ""),
    ],
)
def test_a_cell_of_a_file_is_shown_as_people_write_it(
    cell: object, danish: str, english: str
) -> None:
    assert plain(shown_cell(cell, Language.DANISH)) == danish
    assert plain(shown_cell(cell, Language.ENGLISH)) == english


def test_a_number_of_a_field_is_grouped_and_a_month_has_its_name():
    assert [DA.grouped(text) for text in ("50000", "6500,5", "", "Vej")] == [
        *("50.000", "6.500,5", "", "Vej"),
    ]
    assert DA.month_name(11.0) == "november"


def test_one_of_a_unit_is_told_in_the_singular() -> None:
    danish, english = Formats(Language.DANISH), Formats(Language.ENGLISH)
    assert danish.measure(1, "dage/år") == "1\u00a0dag/år"
    assert danish.measure(2, "dage/år") == "2\u00a0dage/år"
    assert english.measure(1, "måneder") == "1\u00a0month"
