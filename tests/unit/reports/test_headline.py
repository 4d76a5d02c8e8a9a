"""One function says what a round found, for pages, documents and the interface."""

from dataclasses import replace
from typing import Any

from api.pages.reports.headline_words import say_headline
from api.pages.words.language import Language
from optimiser.parts.depot_plan import FleetFigures
from optimiser.rounds.decisions import Verdict
from reports.headline import Headline, headline
from tests.samples.proposals import ROUND


def figures(vehicles: int, cost: float, co2: float, trips: float) -> FleetFigures:
    return FleetFigures(
        vehicles=vehicles,
        green_vehicles=0,
        cost_kr_year=cost,
        co2_t_year=co2,
        fallback_trips_year=trips,
    )


assert ROUND.summary is not None
NOW, THEN = figures(59, 1_010_000, 10, 20), figures(42, 909_000, 9, 182)
SUMMARY = replace(ROUND.summary, baseline=NOW, proposed=THEN, gap=0.0, moves=False)
FOUND = replace(
    ROUND,
    summary=SUMMARY,
    co2_kr_t=1_000.0,
    chosen_prices=None,
    machines=(),
    verdicts_kept=0,
    proposals=(),
)


def codes(**changed: object) -> list[Headline]:
    return [one.code for one in headline(replace(FOUND, **changed))]


def test_the_fleet_and_the_taxi_stand_in_one_sentence_and_what_is_paid_apart() -> None:
    assert say_headline(FOUND, Language.ENGLISH) == (
        "42 vehicles instead of 59 can do the trips when 182 round trips a year go by taxi, hire or"
        " own car (today 20). That saves DKK\u00a0100,000 a year that is paid. The CO₂e saved is"
        " valued at DKK\u00a01,000 beside it, which nobody pays. It is proven that no fleet that"
        " keeps the policies can do the same trips for less."
    )
    danish = say_headline(FOUND, Language.DANISH)
    assert "Det sparer 100.000\u00a0kr. om året, der betales." in danish


def test_what_people_decided_and_what_is_left_out_is_named() -> None:
    assert codes(verdicts_kept=3)[-1] is Headline.DECIDED
    assert "3 acceptances and rejections of yours" in say_headline(
        replace(FOUND, verdicts_kept=3), Language.ENGLISH
    )
    found = replace(FOUND, machines=ROUND.machines)
    assert Headline.DECIDED not in codes(decisions_kr_year=9_000.0)
    assert codes(machines=ROUND.machines)[-1] is Headline.LEFT_OUT
    for machine in ROUND.machines:
        assert machine.name in say_headline(found, Language.DANISH)


def test_what_decisions_cost_is_told_where_it_is_known() -> None:
    costs: dict[str, Any] = {"verdicts_kept": 3, "decisions_kr_year": 12_345.4}
    apart = replace(SUMMARY, moves=True)
    assert codes(**costs)[-1] is Headline.DECIDED_COSTS
    assert codes(**costs, summary=apart)[-1] is Headline.DECIDED_COSTS_APART
    assert codes(verdicts_kept=3, decisions_kr_year=0.4)[-1] is Headline.DECIDED_FREE
    told = say_headline(replace(FOUND, **costs), Language.DANISH)
    assert "De koster 12.345\u00a0kr. om året" in told
    assert "None" not in told
    assert "flytninger" not in told
    for kr_year in (12_345.4, 0.4):
        found = replace(FOUND, verdicts_kept=3, decisions_kr_year=kr_year, summary=apart)
        told = say_headline(found, Language.DANISH)
        assert "Hvad andre flytninger mellem depoter så ville spare, er ikke talt med" in told


def test_what_was_rejected_since_is_told_with_its_sum() -> None:
    rejected = [replace(one, verdict=Verdict.REJECTED) for one in ROUND.own_changes[:2]]
    found = replace(FOUND, proposals=[*rejected, *ROUND.own_changes[2:]])
    assert codes(proposals=found.proposals)[-1] is Headline.REJECTED_SINCE
    assert len(found.rejected_since) >= 2
    assert found.rejected_since_kr_year == sum(
        one.decision.saving_kr_year
        for whole in found.own_changes
        for one in whole.singles
        if one.verdict is Verdict.REJECTED
    )
    assert codes(proposals=[replace(one, verdict=None, parts=()) for one in rejected])[-1] is (
        Headline.BEST
    )


def test_a_dearer_and_a_dirtier_fleet_is_told_as_such() -> None:
    worse = replace(SUMMARY, proposed=figures(60, 1_200_000, 20, 0))
    assert codes(summary=worse)[:3] == [Headline.FLEET, Headline.COSTS_PAID, Headline.CO2_ADDED]


def test_a_fleet_of_as_many_vehicles_as_today_is_told_as_such() -> None:
    same = replace(SUMMARY, proposed=figures(59, 909_000, 9, 20))
    taxi = replace(SUMMARY, proposed=figures(59, 909_000, 9, 182))
    assert codes(summary=same)[0] is Headline.FLEET_AS_MANY
    assert codes(summary=taxi)[0] is Headline.FLEET_AS_MANY_AND_TAXI
    for summary in (same, taxi):
        told = say_headline(replace(FOUND, summary=summary), Language.DANISH)
        assert told.startswith("59 køretøjer, lige så mange som i dag, kan klare ")


def test_the_proof_says_of_what_it_is() -> None:
    assert codes(chosen_prices={"a": 1.0})[-1] is Headline.CHOSEN_BEST
    assert codes(summary=replace(SUMMARY, moves=True, gap=0.01))[-1] is Headline.MOVES_GAP
    assert codes(summary=None) == []


def test_that_vehicles_stay_for_the_workshop_is_said_after_the_proof() -> None:
    assert ROUND.kept_for_workshop
    told = codes(proposals=ROUND.proposals)
    assert told[told.index(Headline.BEST) + 1] is Headline.WORKSHOP
