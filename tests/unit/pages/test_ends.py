"""Pages say how the proposed fleet lies to the ends between which a round chooses, and why."""

from dataclasses import replace
from html import unescape

import pytest

from api.door.reach import Reach
from api.pages.frame.render import Renderer
from api.pages.frame.static import StaticFiles
from api.pages.frame.views import PageView
from api.pages.proposals.curve import named_fleets_once
from api.pages.proposals.views import CurvePage
from api.pages.routes import VOCABULARY
from api.pages.words.language import Language
from optimiser.depot.nearest_today import NOTHING_WITHDRAWN, WithdrawnChanges
from optimiser.rounds.overview import Round
from optimiser.rounds.studies import RoundEnds
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.samples.pages import NEEDS_OF_PAGES, PAGES
from tests.samples.proposals import CURVE, ENDS, ROUND, curve_point

RENDERER = Renderer(StaticFiles(), "Prøve Kommune", VOCABULARY, Reach(NEEDS_OF_PAGES))
assert ROUND.summary is not None
SUMMARY = ROUND.summary
MOVES = replace(ROUND, summary=replace(SUMMARY, moves=True), co2_max_t_year=None)
#: What is paid for the proposed fleet, and what it emits.
PAID = ROUND.paid_kr_year(SUMMARY.proposed)
TONNES = SUMMARY.proposed.co2_t_year


def said(view: PageView) -> str:
    html = RENDERER.html(view, Language.DANISH, "/", SOMEBODY, "t0ken")
    return unescape(words(html)).replace("\u00a0", " ").replace("−", "-")


def on_curve(found: Round, ends: RoundEnds) -> str:
    curve = replace(CURVE, ends=ends, cap_t=found.co2_max_t_year)
    return said(CurvePage(round=found, curve=curve, parts=8, studied=8))


@pytest.mark.parametrize("name", ["overview", "proposals", "curve", "report"])
def test_every_page_that_names_the_ends_tells_the_proposed_fleet_beside_them(name: str) -> None:
    """It is 5,684 kr. below the cheapest of 2,900,000, and the greener one 59,684 above it."""
    told = said(PAGES[name])
    assert "På linjen for udgift mod CO₂e koster en flåde, der udleder 45,5 ton CO₂e" in told
    assert "5.684 kr. mindre om året end den billigste dér, da 1 køretøj flytter" in told
    assert (
        "koster den grønnere 59.684 kr. mere om året (2,1 %) og udleder 15,7 ton CO₂e mindre"
        in told
    )


def test_the_curve_says_that_nothing_moves_between_depots_where_vehicles_may_move() -> None:
    told, apart = (on_curve(found, ENDS) for found in (MOVES, ROUND))
    for words_of_moves in (
        "Dér er hvert depot planlagt for sig",
        "så den kan ligge under linjen",
        "så længe ingen køretøjer flytter mellem depoter, koster ingen flåde, der holder",
        "laveste udgift, som holder hensynene, uden at køretøjer flytter mellem depoter",
    ):
        assert words_of_moves in told
        assert words_of_moves not in apart


def test_a_proof_is_of_fleets_that_keep_the_policies_and_the_green_end_is_told() -> None:
    """The cheapest costs 2,900,000 kr.; the green end costs 150,000 more."""
    end = replace(ENDS.greenest, co2_t_year=20.0, cost_kr_year=3_050_000.0)
    whole = replace(ENDS, least_co2=end)
    told = on_curve(ROUND, whole)
    assert "ingen flåde, der holder rundens hensyn og udleder så lidt, koster mindre" in told
    assert "som ingen anden type kan træde i stedet for, bliver" in told
    assert "Linjen går videre til 20,0 ton CO₂e, som koster 150.000 kr. mere om året" in told
    assert "Linjen går videre" not in on_curve(ROUND, replace(ENDS, least_co2=ENDS.greenest))


def test_a_proposed_fleet_below_the_line_without_moves_is_within_what_is_open() -> None:
    still = replace(ROUND, proposals=[one for one in ROUND.proposals if one not in ROUND.moving])
    assert "end den billigste dér, som beviseligt ligger højst 0,2 %" in on_curve(still, ENDS)


@pytest.mark.parametrize(
    ("withdrawn", "because"),
    [
        (
            WithdrawnChanges(changes=8, kr_year=56_791.0, least_kr_year=20_000.0),
            "Runden foreslår ingen ændring, der sparer mindre end 20.000 kr. om året: 8 ændringer"
            " er udeladt, som tilsammen ville spare 56.791 kr., værdien af CO₂e regnet med."
            " Den flåde",
        ),
        (
            NOTHING_WITHDRAWN,
            "Beregningen af den foreslåede lader op til 0,3 % stå åbent. Den foreslåede holder"
            " hensynene på tværs af depoterne, en flåde på linjen på hvert for sig. Den flåde",
        ),
    ],
)
def test_a_fleet_that_is_cheaper_and_greener_than_the_proposed_one_is_told_with_the_reason(
    withdrawn: WithdrawnChanges, because: str
) -> None:
    better = curve_point(PAID - 12_000, TONNES - 20)
    found = replace(MOVES, summary=replace(SUMMARY, moves=True, withdrawn=withdrawn))
    told = on_curve(found, replace(ENDS, better=better))
    assert (
        "En flåde på linjen koster 12.000 kr. mindre om året end den foreslåede og udleder 20,0 ton"
        f" CO₂e mindre. {because}" in told
    )
    assert "kan vælges blandt dem under udgift mod CO₂e; så beregnes planen igen med den." in told


def test_each_fleet_to_choose_from_is_compared_with_the_proposed_one() -> None:
    told = on_curve(MOVES, ENDS)
    assert "mindre end den foreslåede" in told
    assert "mere end den foreslåede" in told


def test_a_curve_of_one_fleet_speaks_of_no_line_and_offers_no_fleet_that_is_proposed():
    point = replace(CURVE.points[0], lower_bound_kr_year=2_897_000.0)
    curve = replace(CURVE, points=[point], cap_t=None, proposed=point.key)
    told = said(CurvePage(round=MOVES, curve=replace(curve, choices=[]), parts=8, studied=8))
    assert "stiplede" not in told
    assert "blev der kun fundet én flåde" in told
    assert "mindre end 2.897.000 kr." in told
    assert "foreslås allerede" in told
    assert "Foreslå denne" not in told


def test_fleets_that_cannot_be_told_apart_stand_once_as_the_cheaper_one():
    dear, cheap, other = (curve_point(*one) for one in ((9.0, 11.14), (8.0, 11.13), (7.0, 12.0)))
    assert named_fleets_once([other, cheap, dear]) == [other, cheap]
