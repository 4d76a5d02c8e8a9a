"""What the optimiser says of a problem is said in Danish from its code and values."""

import pickle
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from api.pages.proposals.remarks import REMARK_SENTENCES, say_remark
from api.pages.words.language import Language
from fleet.localtime import LOCAL_ZONE
from fleet.saying import Saying, SayingValue
from optimiser.model.problem import ProblemError
from optimiser.model.remark import ENGLISH, Remark, in_english, of_kind, remark
from optimiser.rounds.named_trips import with_trips
from optimiser.solve import solve
from tests.unit.optimiser.cases import KIND, TRIP, problem

VALUES: dict[str, SayingValue] = {
    "trip": "round trip 12",
    "earlier": "round trip 11",
    "vehicle": "vej-park-07",
    "start": "2026-10-05T06:12:01Z",
    "trips": (remark(Remark.TRIP_TONNES, trip="round trip 12", tonnes=1.898),),
    "share": (remark(Remark.ALL),),
    "pool": "syd",
    "needs": "crane",
    "km": 241.5,
    "longest": 214.0,
    "km_h": 400,
    "cap": 3.5,
    "least": 4.125,
    "most": 2,
    "kind": "syd/el",
    "row": of_kind("el"),
    "name": "kr_km",
    "names": "reserve, green_keep",
    "other": "electric",
    "value": -1.5,
    "wrong": "trip 't1': overlaps",
    "tonnes": 1.898,
    "place": "rules.toml",
    "what": "no",
    "window": "16:00-07:00",
    "end": "2026-10-05",
    "moment": "2026-10-05",
    "column": "km",
    "columns": "type and pool",
    "count": 3,
    "expected": "a number",
    "missing": "km",
    "found": "end",
    "meant": "km",
    "first": 2,
}


def danish(said: Saying) -> str:
    return say_remark(said, Language.DANISH).replace("\u00a0", " ")


@pytest.mark.parametrize("code", list(Remark))
def test_every_remark_has_a_sentence_in_english(code: Remark) -> None:
    assert in_english(remark(code, **VALUES))


@pytest.mark.parametrize("code", list(REMARK_SENTENCES))
def test_every_remark_of_a_round_is_said_in_danish(code: str) -> None:
    said = danish(Saying(code, VALUES))
    assert "1.898" not in said
    assert "241.5" not in said
    if (
        "%" not in REMARK_SENTENCES[code].replace("%(", "")
        and REMARK_SENTENCES[code] != ENGLISH[Remark(code)]
    ):
        assert said != in_english(Saying(code, VALUES))


def test_a_trip_is_called_by_its_vehicle_and_its_local_time() -> None:
    said = remark(Remark.TOO_LONG, trip="round trip 12", km=241.5, longest=214.0)
    start = datetime(2026, 10, 5, 8, 12, 1, 250000, LOCAL_ZONE)
    assert danish(with_trips(said, {12: ("Vej & Park 07", start)})).startswith(
        "Vej & Park 07 5. okt. kl. 08.12: 241,5 km er længere, end"
    )
    gone = danish(with_trips(said, {11: ("Vej & Park 07", start)}))
    assert gone.startswith("en tur, der ikke gemmes længere: 241,5 km")


def test_trips_in_a_list_are_called_so_too() -> None:
    said = remark(Remark.CAP_NOT_REACHED, cap=3.5, share=VALUES["share"], trips=VALUES["trips"])
    start = datetime(2026, 10, 5, 8, 12, 1, tzinfo=LOCAL_ZONE)
    named = danish(with_trips(said, {12: ("Vej & Park 07", start)}))
    assert "Vej & Park 07 5. okt. kl. 08.12 (1,898 t)" in named


def test_what_solving_really_says() -> None:
    """Oddities by row, a cap out of reach, and figures that cannot be."""
    later = replace(TRIP, trip_id="t2", start=TRIP.start + timedelta(hours=1))
    odd = problem(replace(TRIP, km=400), later)
    notes = solve(odd, seconds_max=5, gap=0).notes
    assert {note.code for note in notes} == {Remark.TOO_LONG, Remark.TOO_FAST, Remark.OVERLAP}
    dirty = replace(KIND, co2_g_km=100)
    rules = replace(odd.rules, co2_max_t_year=0.001, fallback_co2_g_km=100)
    capped = replace(odd, kinds=(dirty,), rules=rules)
    reason = solve(capped, seconds_max=5, gap=0).best.reason
    assert reason is not None
    assert danish(reason).startswith("Højst 0,001 ton CO₂e om året kan ikke holdes")
    assert "t1 (" in danish(reason)
    with pytest.raises(ProblemError) as refused:
        replace(KIND, kr_km=-1.5)
    assert danish(refused.value.remark) == "Typen el: kr_km er -1,5, men kan ikke være under 0."
    assert str(pickle.loads(pickle.dumps(refused.value))) == "kind 'el': kr_km: -1.5 is negative"
    with pytest.raises(ProblemError) as refused:
        replace(odd, trips=())
    assert danish(refused.value.remark) == "Der er ingen ture i perioden."


def test_what_only_files_are_told_is_english() -> None:
    said = remark(Remark.NO_COLUMN, missing="km", found="end")
    assert danish(said) == "no column km (found: end)"
