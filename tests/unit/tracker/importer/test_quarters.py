"""Quarters: however a person writes one, the same quarters come out, and sentences are none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.importer.quarters import leading_time, time_within, written_time

ORDINALS = ("første", "andet", "tredje", "fjerde")
ROMANS = ("I", "II", "III", "IV")
UNITS = ("kvartal", "Kvartal", "KVARTAL", "kv.", "kvt.", "kvart.")
JOINS = ("-", " - ", ".-", ". – ", "/", " og ", ". og ", " til ", "+")
YEARS = ("", " 2031", ", 2031", " i 2031", "/2031", " (2031)")

one_quarter = st.builds(
    lambda number, form, year: (form.format(n=number, o=ORDINALS[number - 1]) + year, number, year),
    st.integers(1, 4),
    st.sampled_from(
        [f"{{n}}{dot} {unit}" for unit in UNITS for dot in ("", ".")]
        + [f"{{o}} {unit}" for unit in UNITS]
        + ["{n}.kvartal", "Q{n}", "q{n}", "K{n}", "Kvartal {n}", "kv. {n}", "I {n}. kvartal"]
    ),
    st.sampled_from(YEARS),
)


@given(one_quarter, st.sampled_from(["{}", "{}:", "• {}", "**{}**", "– {} –", "  {}  "]))
def test_a_quarter_in_any_wording(written: tuple[str, int, str], frame: str) -> None:
    text, number, year = written
    time = written_time(frame.format(text))
    assert time is not None
    assert (time.quarter_from, time.quarter_to) == (number, number)
    assert time.year == (2031 if year else None)
    assert not time.is_number_lost


@given(st.integers(1, 3), st.integers(1, 3), st.sampled_from(JOINS), st.sampled_from(UNITS))
def test_a_span_of_quarters_in_any_wording(first: int, step: int, join: str, unit: str) -> None:
    last = min(4, first + step)
    for text in (
        f"{first}{join}{last}. {unit} 2031",
        f"{first}. {unit} – {last}. {unit} 2031",
        f"Q{first}-Q{last} 2031",
        f"{ROMANS[first - 1]}.–{ROMANS[last - 1]}. {unit}",
    ):
        time = written_time(text)
        assert time is not None, text
        assert (time.quarter_from, time.quarter_to) == (first, last), text


@pytest.mark.parametrize(
    ("text", "quarters"),
    [
        ("1. halvår", (1, 2)),
        ("andet halvår 2031", (3, 4)),
        ("H2 2031", (3, 4)),
        ("hele 2031", (1, 4)),
        ("Hele året", (1, 4)),
        ("april – juni 2031", (2, 2)),
        ("okt.-dec.", (4, 4)),
        ("ultimo 2031", (4, 4)),
        ("ultimo 2. kvartal 2031", (2, 2)),
        ("inden udgangen af 2031", (4, 4)),
        ("31.12.2031", (4, 4)),
        ("2031-05-01", (2, 2)),
        ("4. kvartal 2031 – 1. kvartal 2032", (4, 4)),
        ("1. kvartal 2031 (januar-marts)", (1, 1)),
    ],
)
def test_halves_months_days_and_parts_of_a_year(text: str, quarters: tuple[int, int]) -> None:
    time = written_time(text)
    assert time is not None
    assert (time.quarter_from, time.quarter_to) == quarters


@pytest.mark.parametrize("text", ["Kvartal 2031", "• Kvartal 2031", ". kvartal 2031", "Q 2031"])
def test_a_quarter_without_its_number_says_that_it_is_lost(text: str) -> None:
    time = written_time(text)
    assert time is not None
    assert (time.year, time.quarter_from, time.is_number_lost) == (2031, None, True)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5/30",
        "1.",
        "Første skovsti åbner i 2. kvartal",
        "Kvartalsrapport",
        "2. kvartalsmøde holdes",
        "25 % i 2031",
        "Maj-Britt",
        "Q5",
        "5. kvartal",
        "første",
        "17 stk. 4",
    ],
)
def test_what_is_no_time(text: str) -> None:
    time = written_time(text)
    assert time is None or not time.has_quarter


@pytest.mark.parametrize("text", ["2031", "Løbende", "2031-2033"])
def test_a_time_may_have_no_quarter(text: str) -> None:
    time = written_time(text)
    assert time is not None
    assert not time.has_quarter
    assert not time.is_number_lost


def test_a_time_may_stand_before_its_text() -> None:
    timed = leading_time("3. kvartal 2031: Broen males – rød")
    assert timed is not None
    assert (timed[0].quarter_from, timed[1]) == (3, "Broen males – rød")
    assert leading_time("Broen: males i 3. kvartal") is None


@pytest.mark.parametrize(
    ("text", "quarters"),
    [
        ("Senest i Q2 2031, politisk behandling", (2, 2)),
        ("Løbende, evalueres i 4. kvartal", (4, 4)),
        ("(forventet) marts 2031", (1, 1)),
    ],
)
def test_a_cell_may_say_a_time_among_other_words(text: str, quarters: tuple[int, int]) -> None:
    time = time_within(text)
    assert time is not None
    assert (time.quarter_from, time.quarter_to) == quarters


@given(st.text(max_size=60))
def test_any_text_is_a_time_or_none(text: str) -> None:
    for time in (written_time(text), time_within(text), *(leading_time(text) or ())[:1]):
        if time is not None and time.quarter_from is not None:
            assert 1 <= time.quarter_from <= (time.quarter_to or 0) <= 4
