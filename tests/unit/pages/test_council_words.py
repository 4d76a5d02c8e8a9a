"""The page for the council says what is so of its own figures, whichever way they lie."""

from collections.abc import Mapping
from dataclasses import replace
from html import unescape

import pytest

from api.door.reach import Reach
from api.pages.frame.render import Renderer
from api.pages.frame.static import StaticFiles
from api.pages.reports.views import CouncilPage
from api.pages.routes import VOCABULARY
from api.pages.words.language import Language
from optimiser.rounds.proposals import Proposal
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.samples.pages import NEEDS_OF_PAGES, PAGES
from tests.samples.proposals import ROUND

RENDERER = Renderer(StaticFiles(), "Prøve Kommune", VOCABULARY, Reach(NEEDS_OF_PAGES))

#: What the sample's proposals save a year, of which 46,657 rest on the costs of kinds.
ALL_KR, BICYCLE_KR = 73_657, 8_400


def costs_more(one: Proposal, changed: Mapping[str, float]) -> Proposal:
    """The proposal, where it is the bicycle's with another saving a year."""
    decision = one.decision
    if decision.key.action not in changed:
        return one
    return replace(one, decision=replace(decision, saving_kr_year=changed[decision.key.action]))


@pytest.mark.parametrize(
    ("saving_kr", "said"),
    [
        (
            BICYCLE_KR,
            "46.657 kr. af besparelsen på 73.657 kr. hviler på typernes årlige udgifter",
        ),
        (
            -30_000,
            "Det, nogle af forslagene sparer, 46.657 kr. om året, hviler på typernes årlige"
            " udgifter, da registret ikke har køretøjernes. Alle forslag sparer tilsammen 35.257"
            " kr., da andre koster noget.",
        ),
        (-80_000, "Alle forslag koster tilsammen 14.743 kr. om året."),
    ],
)
def test_what_rests_on_kinds_is_a_part_only_of_what_is_more(saving_kr: float, said: str) -> None:
    found = replace(
        ROUND, proposals=[costs_more(one, {"buy": saving_kr}) for one in ROUND.proposals]
    )
    assert found.budget.saving_kr_year == pytest.approx(ALL_KR - BICYCLE_KR + saving_kr)
    council = PAGES["council"]
    assert isinstance(council, CouncilPage)
    view = replace(council, report=replace(council.report, round=found))
    html = RENDERER.html(view, Language.DANISH, "/", SOMEBODY, "t0ken")
    assert said in unescape(words(html)).replace("\u00a0", " ")


def test_amounts_of_a_list_that_add_up_to_another_sum_are_said_to_be_rounded() -> None:
    exact = replace(ROUND, proposals=[costs_more(one, {"buy": 8_400}) for one in ROUND.proposals])
    thirds = {"buy": 8_400.4, "dispose": 47_907.4}
    apart = replace(exact, proposals=[costs_more(one, thirds) for one in exact.proposals])
    assert (exact.rounds_apart, apart.rounds_apart) == (False, True)
