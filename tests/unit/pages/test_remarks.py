"""What the optimiser says of a problem is found again in its text, and said in Danish."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from api.pages.proposals.remarks import say_remark
from api.pages.words.language import Language
from fleet.localtime import LOCAL
from optimiser.model.problem import ProblemError
from optimiser.model.remark import Remark
from optimiser.rounds.named_trips import with_trips
from optimiser.solve import solve
from tests.unit.optimiser.cases import KIND, TRIP, problem

VALUES = {
    "trip": "'round trip 12'",
    "earlier": "'round trip 11'",
    "vehicle": "'vej-park-07'",
    "trips": "'round trip 12' (1.898 t)",
    "share": "all",
    "pool": "'syd'",
    "needs": "crane",
    "km": "241.5",
    "longest": "214",
    "km_h": "400",
    "cap": "3.5",
    "least": "4.125",
    "most": "2",
    "kind": "'syd/el'",
    "row": "kind 'el'",
    "name": "kr_km",
    "value": "-1.5",
    "wrong": "trip 't1': overlaps",
}


def danish(text: str) -> str:
    return say_remark(text, Language.DANISH).replace("\u00a0", " ")


@pytest.mark.parametrize("remark", list(Remark))
def test_every_remark_is_read_again_and_said_in_danish(remark: Remark) -> None:
    text = remark.text(**VALUES)
    found = Remark.read(text)
    assert found is not None
    assert (found[0], found[0].text(**found[1])) == (remark, text)
    assert danish(text) != text
    assert "1.898" not in danish(text)


def test_a_trip_is_called_by_its_vehicle_and_its_local_time() -> None:
    text = Remark.TOO_LONG.text(**VALUES)
    start = datetime(2026, 10, 5, 8, 12, 1, 250000, LOCAL)
    assert danish(with_trips(text, {12: ("Vej & Park 07", start)})).startswith(
        "Vej & Park 07 5. okt. kl. 08.12: 241,5 km er længere, end"
    )
    gone = danish(with_trips(text, {11: ("Vej & Park 07", start)}))
    assert gone.startswith("en tur, der ikke gemmes længere: 241,5 km")


def test_what_solving_really_says_is_recognised() -> None:
    """Oddities by row, a cap out of reach, and figures that cannot be."""
    later = replace(TRIP, trip_id="t2", start=TRIP.start + timedelta(hours=1))
    odd = problem(replace(TRIP, km=400), later)
    notes = solve(odd, seconds_max=5, gap=0).notes
    assert {found[0] for note in notes if (found := Remark.read(note))} == {
        Remark.TOO_LONG,
        Remark.TOO_FAST,
        Remark.OVERLAP,
    }
    dirty = replace(KIND, co2_g_km=100)
    rules = replace(odd.rules, co2_max_t_year=0.001, fallback_co2_g_km=100)
    capped = replace(odd, kinds=(dirty,), rules=rules)
    reason = solve(capped, seconds_max=5, gap=0).best.reason
    assert reason is not None
    assert danish(reason).startswith("Højst 0,001 ton CO₂e om året kan ikke holdes")
    assert "'t1' (" in danish(reason)
    with pytest.raises(ProblemError) as refused:
        replace(KIND, kr_km=-1.5)
    assert danish(str(refused.value)) == "kind 'el': kr_km er -1,5, men kan ikke være under 0."
    with pytest.raises(ProblemError) as refused:
        replace(odd, trips=())
    assert danish(str(refused.value)) == "Der er ingen ture i perioden."


def test_other_words_stay_as_they_are() -> None:
    assert danish("rules.toml: there is no rule co2") == "rules.toml: there is no rule co2"
