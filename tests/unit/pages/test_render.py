"""Every page is drawn in every language, complete, and with nothing of what people typed live."""

import json
import re
from dataclasses import replace
from html import unescape

import pytest

from access.roles import ROLE_PERMISSIONS, Role
from api.door.reach import Reach
from api.pages.frame.render import TEMPLATES_DIR, Renderer
from api.pages.frame.static import StaticFiles
from api.pages.frame.views import Choice, PageView
from api.pages.proposals.views import ProposalsPage
from api.pages.routes import VOCABULARY
from api.pages.words.language import Language
from api.pages.zones.views import ZonesPage
from fleet.actor import Actor
from optimiser.depot.decisions import StayReason
from optimiser.depot.pool_cost import KrRange
from optimiser.parts.depot_plan import ZERO_FIGURES
from optimiser.studies.policies import Policy, PolicyCost, PolicyStudy
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.samples.overview import FULL
from tests.samples.pages import NEEDS_OF_PAGES, PAGES
from tests.samples.proposals import ROUND
from tests.samples.use import USE
from tests.samples.vehicles import TRIPS


class ForSomebody(Renderer):
    """Draws for a visitor who may everything, unless a test names another one."""

    def html(
        self,
        view: PageView,
        language: Language,
        path: str,
        visitor: Actor | None = SOMEBODY,
        form_token: str = "t0ken",
    ) -> str:
        return super().html(view, language, path, visitor, form_token)


@pytest.fixture(scope="module")
def renderer() -> ForSomebody:
    return ForSomebody(StaticFiles(), "Prøve Kommune", VOCABULARY, Reach(NEEDS_OF_PAGES))


def test_every_page_has_a_sample_by_which_it_is_tested() -> None:
    pages = {
        path.relative_to(TEMPLATES_DIR).as_posix()
        for path in TEMPLATES_DIR.rglob("*.html")
        if '{% extends "frame/base.html" %}' in path.read_text(encoding="utf-8")
    }
    assert pages == {view.template for view in PAGES.values()}


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_drawn_with_its_language_its_title_and_one_heading(renderer, name, language):
    html = renderer.html(PAGES[name], language, "/somewhere")
    assert f'<html lang="{language.value}">' in html
    assert "kr.." not in html, "an amount at the end of a sentence has one full stop"
    assert html.count("<h1>") == 1
    assert "Prøve Kommune</title>" in html
    other = Language.ENGLISH if language is Language.DANISH else Language.DANISH
    assert f'href="/language/{other.value}?next=%2Fsomewhere"' in html


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_no_inline_script_or_style_which_the_policy_would_block(renderer, name):
    html = renderer.html(PAGES[name], Language.DANISH, "/")
    assert not re.search(r"<[^>]+\s(style|on\w+)=", html)
    for script in re.findall(r"<script[^>]*>", html):
        assert "src=" in script or 'type="application/json"' in script


@pytest.mark.parametrize("name", PAGES)
def test_an_id_occurs_once_and_every_reference_to_one_finds_it(renderer, name):
    html = renderer.html(PAGES[name], Language.DANISH, "/")
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    for references in re.findall(r'aria-(?:labelledby|describedby)="([^"]+)"', html):
        assert set(references.split()) <= set(ids)
    for target in re.findall(r'href="#([^"]+)"', html):
        assert target in ids


@pytest.mark.parametrize("name", PAGES)
def test_every_form_that_changes_something_has_the_token_of_the_visit(renderer, name):
    html = renderer.html(PAGES[name], Language.DANISH, "/")
    forms = re.findall(r"<form\b[^>]*>\s*(?:<input[^>]*>)?", html, re.IGNORECASE)
    changing = [form for form in forms if re.search(r"method=.?post", form, re.IGNORECASE)]
    assert len(changing) >= 2  # to sign out, in the header and in the drawer
    assert [form for form in changing if 'name="form_token" value="t0ken"' not in form] == []


def test_the_navigation_leads_only_where_the_visitor_may(renderer):
    reader = Actor("Læser", ROLE_PERMISSIONS[Role.READER])
    html = renderer.html(PAGES["plan"], Language.DANISH, "/", reader)
    assert 'href="/proposals"' in html
    assert 'href="/intake"' not in html
    assert 'href="/accounts"' not in html
    assert "Læser" in html
    nobody = renderer.html(PAGES["sign-in"], Language.DANISH, "/", None)
    assert "mainmenu" not in nobody
    assert "/sign-out" not in nobody


def test_who_sees_no_single_trips_is_told_of_no_single_day(renderer: ForSomebody) -> None:
    reader = Actor("Læser", ROLE_PERMISSIONS[Role.READER])
    for name in ("proposal", "depots", "report", "future"):
        told = renderer.html(PAGES[name], Language.DANISH, "/")
        html = renderer.html(PAGES[name], Language.DANISH, "/", reader)
        if name in ("proposal", "depots"):
            assert "4. nov. 2026" in told
        assert "4. nov. 2026" not in html
    assert "På 2 dage kørte det" in renderer.html(PAGES["proposal"], Language.DANISH, "/", reader)


def test_a_smaller_fleet_is_told_with_the_trips_that_then_go_by_taxi_in_one_sentence(
    renderer: ForSomebody,
) -> None:
    by_taxi = (
        "51 køretøjer i stedet for 60 kan klare turene, når 117 rundture om året køres i taxa,"
        " lejet eller egen bil (i dag 0)."
    )
    alone = "51 køretøjer i stedet for 60 kan klare de samme ture."
    summary = ROUND.summary
    assert summary is not None
    unmoved = replace(ROUND, summary=replace(summary, baseline=summary.proposed))
    pages = {"overview": FULL, "proposals": PAGES["proposals"], "report": PAGES["report"]}
    for name, view in pages.items():
        told = words(renderer.html(view, Language.DANISH, "/"))
        assert by_taxi in told, name
        assert alone not in told, name
        told = words(renderer.html(replace(view, round=unmoved), Language.DANISH, "/"))
        assert "51 køretøjer, lige så mange som i dag, kan klare de samme ture." in told, name
        assert "kan klare turene, når" not in told, name


def test_a_move_is_told_with_both_depots_and_what_it_saves_at_each(renderer: ForSomebody) -> None:
    title = "Flyt LTK-009 <elbil> fra Vej og Park, Firskovvej til Rådhuset (Drift <ny>)"
    for name in ("proposals", "proposal-move"):
        assert title in unescape(words(renderer.html(PAGES[name], Language.DANISH, "/"))), name
    told = unescape(words(renderer.html(PAGES["proposal-move"], Language.DANISH, "/")))
    assert "På Rådhuset (Drift <ny>) kører det 61 rundture i perioden" in told
    assert "46.300 kr. om året på Vej og Park, Firskovvej og -40.100 kr." in told.replace("−", "-")
    depots = unescape(words(renderer.html(PAGES["depots"], Language.DANISH, "/")))
    assert "flyttes til et andet depot: LTK-009 <elbil>" in depots
    assert "kommer fra et andet depot: LTK-009 <elbil>" in depots


def test_what_is_kept_for_the_workshop_is_named_with_its_price_and_its_proof(
    renderer: ForSomebody,
) -> None:
    costs = (PolicyCost(Policy.WORKSHOP, 31_200.0),)
    policies = PolicyStudy(free=ZERO_FIGURES, costs=costs)
    page = PAGES["proposals"]
    assert isinstance(page, ProposalsPage)
    page = replace(page, policies=policies)
    named = {
        Language.DANISH: (
            "1 køretøj beholdes, for at ikke flere ture end i dag mangler et køretøj, mens et er på"
            " værksted i hele perioden: Lille elbil <5>.",
            "Regnet med hvert depot for sig koster det omtrent 31.200 kr. om året:",
            "som forudsættes og ikke er bevist: at et køretøj mere",
            "Det beholdes af hensyn til værkstedet",
            "Uden det ville de samme ture koste 31.200 kr. mindre om året, også når dem, der så"
            " mangler et køretøj, kører med taxa.",
        ),
        Language.ENGLISH: (
            "1 vehicle is kept so that no more trips than today lack a vehicle while one is in the"
            " workshop for the whole period: Lille elbil <5>.",
            "With each depot by itself that costs about DKK 31,200 a year:",
            "taken for granted and not proven: that a vehicle more",
            "It is kept for the workshop",
            "Without it the same trips would cost DKK 31,200 less a year, those by taxi for want of"
            " a vehicle included.",
        ),
    }
    none = [one for one in ROUND.proposals if one.decision.why is not StayReason.WORKSHOP]
    for language, (sentence, cost, proof, why, price) in named.items():
        told = unescape(words(renderer.html(page, language, "/"))).replace(" .", ".")
        assert sentence in told
        assert cost in told
        assert proof in told
        for view in (FULL, PAGES["report"]):
            assert proof in unescape(words(renderer.html(view, language, "/")))
        own = unescape(words(renderer.html(PAGES["proposal-workshop"], language, "/")))
        assert why in own
        assert price in own
        without = replace(page, round=replace(ROUND, proposals=none), policies=None)
        told = unescape(words(renderer.html(without, language, "/")))
        assert sentence[:20] not in told
        assert proof not in told


def test_what_two_calculations_leave_open_is_told_beside_their_difference(
    renderer: ForSomebody,
) -> None:
    """Of the price of the policies, and of the saving, which rests on today's fleet."""
    page = PAGES["proposals"]
    assert isinstance(page, ProposalsPage)
    assert ROUND.summary is not None
    exact = KrRange(41_300, 41_300.4)
    proven = replace(ROUND, summary=replace(ROUND.summary, policies_range=exact))
    open_ = replace(
        ROUND,
        summary=replace(
            ROUND.summary, policies_range=KrRange(38_200, 42_900), today_slack_kr_year=2_750
        ),
    )
    price = "Bevist er mindst 38.200 kr. og højst 42.900 kr.: Resten er det, som begge beregninger"
    slack = "Dagens flåde koster måske op til 2.750 kr. mindre om året, end den er beregnet til"
    told = unescape(words(renderer.html(replace(FULL, round=open_), Language.DANISH, "/")))
    assert slack in told
    for found in (open_, proven):
        told = unescape(words(renderer.html(replace(page, round=found), Language.DANISH, "/")))
        assert (price in told) is (slack in told) is (found is open_)


def test_the_assumptions_say_what_rests_on_the_yearly_cost_of_kinds(
    renderer: ForSomebody,
) -> None:
    """Four small electric cars more at 46,000 kr., of which a tenth is 18,400 kr."""
    told = unescape(words(renderer.html(PAGES["assumptions"], Language.DANISH, "/")))
    told = told.replace("−", "-")
    assert "Typernes årlige udgift" in told
    assert re.search(r"46\.000 kr\. +13 → +bliver til +17 +besparelsen -18\.400 kr\.", told)
    assert "udgiften +78.200 kr." in told
    # The sensitivity of a proposal, which moves no yearly cost, leads there.
    assert 'href="/assumptions#kinds-cost"' in renderer.html(
        PAGES["proposal"], Language.DANISH, "/"
    )
    assert "Lastbil <kran>" in told


def test_with_moves_the_proof_is_of_each_depot_by_itself(renderer: ForSomebody) -> None:
    assert ROUND.summary is not None
    moves = replace(ROUND, summary=replace(ROUND.summary, moves=True, moves_failed=True))
    least = replace(moves, summary=replace(ROUND.summary, moves=True, gap=0.0))
    pages = {"overview": FULL, "proposals": PAGES["proposals"], "report": PAGES["report"]}
    for name, view in pages.items():
        told = words(renderer.html(replace(view, round=moves), Language.DANISH, "/"))
        assert "højst er 0,3 % fra den bedst mulige, når hvert depot regnes for sig" in told, name
        assert ("ikke regnes ud, hvilke køretøjer der kan flyttes" in told) is (name != "overview")
        told = words(renderer.html(replace(view, round=least), Language.DANISH, "/"))
        assert "ingen flåde, der holder hensynene, klarer de samme ture billigere" in told, name
        assert "Det er bevist, at ingen flåde kan" not in told, name


def test_before_the_first_round_the_overview_says_that_somebody_starts_it(
    renderer: ForSomebody,
) -> None:
    waits = replace(FULL, round=None)
    said = "starter nogen en runde"
    unit = renderer.html(waits, Language.DANISH, "/")
    assert said in unit
    assert 'href="/proposals#new-round"' in unit
    reader = renderer.html(
        waits, Language.DANISH, "/", Actor("Læser", ROLE_PERMISSIONS[Role.READER])
    )
    assert said in reader
    assert "#new-round" not in reader
    assert "Hvem kan gøre det:" in reader


def test_names_and_what_people_typed_are_text_and_never_markup(renderer):
    assert "LTK-009 &lt;elbil&gt;" in renderer.html(PAGES["vehicle"], Language.DANISH, "/")
    proposal = renderer.html(PAGES["proposal"], Language.DANISH, "/")
    assert "&lt;b&gt;MB&lt;/b&gt;" in proposal
    assert "<b>MB" not in proposal


def test_an_id_with_a_slash_stays_one_part_of_the_address(renderer):
    html = renderer.html(PAGES["vehicles"], Language.DANISH, "/")
    assert 'href="/vehicles/LTK%2F042"' in html


def test_the_map_gets_every_trip_and_depot(renderer):
    html = renderer.html(PAGES["vehicle"], Language.DANISH, "/")
    found = re.search(r'id="map-data">(.*?)</script>', html, re.DOTALL)
    assert found is not None
    data = json.loads(found[1])
    assert len(data["trips"]) == len(TRIPS)
    assert [depot["name"] for depot in data["depots"]] == ["Rådhuset", "Vej og Park, Firskovvej"]


def test_the_saving_and_the_proof_are_said_in_plain_words(renderer):
    html = renderer.html(PAGES["overview"], Language.DANISH, "/").replace("\u00a0", " ")
    assert "426.724 kr. om året" in html
    assert "35,2 ton CO₂e mindre om året" in html
    assert "højst er 0,3 % fra det bedst mulige" in html


def test_a_field_error_is_shown_at_its_field_in_the_language_of_the_visitor(renderer):
    danish = renderer.html(PAGES["proposal"], Language.DANISH, "/")
    assert re.search(r'id="comment-error">.*?Skriv, hvorfor forslaget afvises', danish)
    assert 'aria-describedby="comment-hint comment-error" aria-invalid="true"' in danish
    english = renderer.html(PAGES["proposal"], Language.ENGLISH, "/")
    assert re.search(r'id="comment-error">.*?Write why the proposal is rejected', english)


def summary_of(html: str) -> list[tuple[str, str]]:
    """The entries of the summary of errors: the field that each leads to, and its words."""
    summary = html.partition("error-summary")[2].partition("</ul>")[0]
    found = re.findall(r'<a class="function-link" href="#([^"]+)">(.*?)</a>', summary, re.DOTALL)
    return [(field, unescape(text)) for field, text in found]


@pytest.mark.parametrize("language", Language)
def test_each_entry_of_the_summary_of_errors_names_its_field(renderer, language) -> None:
    """Except where the fault is of no field: nothing was chosen. What asks for a confirmation is a
    question, and the label of its box the answer."""
    nameless: set[tuple[str, str]] = set()
    named = 0
    for name, view in PAGES.items():
        html = renderer.html(view, language, "/")
        for field, text in summary_of(html):
            label = re.search(rf'<label class="form-label[^"]*" for="{field}">(.*?)</label>', html)
            group = rf'id="{field}">\s*<fieldset[^>]*>\s*<legend[^>]*>(.*?)</legend>'
            legend = re.search(group, html)
            shown = label or legend
            if shown is None:
                nameless.add((name, field))
            elif field.endswith("confirmed"):
                assert not text.startswith(unescape(shown[1])), (name, text)
            else:
                named += 1
                asked = unescape(shown[1])
                sign = "" if asked.endswith("?") else ":"
                assert text.startswith(f"{asked}{sign} "), (name, text)
    assert named > 20
    assert nameless == {
        ("chosen-none", "vehicles"),
        ("catalogue-refused", "kind"),
        ("plan-import-next", "confirm"),
        ("plan-import-other-year", "confirm"),
        ("proposals", "chosen"),
        ("follow-up-answer-refused", "answers"),
        ("follow-ups", "centres"),
    }


def test_what_people_name_vehicles_and_places_is_escaped_in_the_table_of_use(renderer: ForSomebody):
    bold = [
        replace(row, vehicle=Choice("a&b", "<b>Bil</b>"), kind="<b>kind</b>", depot="<b>depot</b>")
        for row in USE.part.rows
    ]
    part = replace(USE.part, rows=bold)
    html = renderer.html(replace(USE, part=part), Language.DANISH, "/use")
    assert "<b>" not in html
    # The name stands twice: beside the vehicle, and in what unfolds its card.
    assert html.count("&lt;b&gt;") == 4 * len(bold)
    assert "/vehicles/a%26b/year" in html


def test_no_template_takes_a_text_that_is_not_its_own_for_a_message_with_values() -> None:
    """`_` fills in values and lets markup through, so it is for texts that stand in a template."""
    for template in TEMPLATES_DIR.glob("*/*.html"):
        text = template.read_text(encoding="utf-8")
        assert re.findall(r"(?<![\w.])(?:_|n?gettext)\((?!\")", text) == [], template.name


HOSTILE = '50 % el, %s, %(name)s, {kind}, {0}, {{ x }}, <b onclick="x">'


def test_a_refused_text_is_shown_as_it_was_typed_signs_and_all(renderer):
    """What people typed into a refused field is neither a format nor markup."""
    zones = PAGES["zones"]
    assert isinstance(zones, ZonesPage)
    shown = replace(zones, errors={"file": HOSTILE, "shape": HOSTILE})
    html = unescape(renderer.html(shown, Language.DANISH, "/"))
    assert html.count(HOSTILE) >= 2
    assert HOSTILE not in renderer.html(shown, Language.DANISH, "/")


@pytest.mark.parametrize(
    ("page", "word", "not_meant"),
    [("proposal", "rundture", r"\d ture?\b"), ("vehicle", "ture", r"\d rundture?\b")],
)
def test_drives_and_what_leaves_a_depot_and_comes_back_have_a_word_each(
    renderer: ForSomebody, page: str, word: str, not_meant: str
) -> None:
    """A proposal counts what a vehicle left its depot for, the vehicle's page every drive."""
    text = unescape(re.sub(r"<[^>]+>", " ", renderer.html(PAGES[page], Language.DANISH, "/")))
    assert word in text.lower()
    assert not re.search(not_meant, text)


def test_the_sentence_on_the_reserve_says_that_departments_apart_are_counted_apart(
    renderer: ForSomebody,
) -> None:
    shown = words(renderer.html(PAGES["report"], Language.DANISH, "/"))
    assert "i reserve til værkstedet." in shown
    assert "Afdelinger, der ikke er fælles om køretøjer, tælles hver for sig." in shown


def test_vehicles_of_kinds_that_are_called_the_same_are_one_number(renderer: ForSomebody) -> None:
    shown = words(renderer.html(PAGES["depots"], Language.DANISH, "/"))
    assert "2 Lille elbil, 1 Varevogn, diesel" in shown
    assert "1 Lille elbil" not in shown
