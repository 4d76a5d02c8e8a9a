"""What the pages of proposals say of money, of the least saving, and of contracts that end."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

from api.door.reach import Reach
from api.pages.frame.render import Renderer
from api.pages.frame.static import StaticFiles
from api.pages.frame.views import PageView
from api.pages.proposals.views import ProposalPage, ProposalsPage, ReportPage
from api.pages.routes import VOCABULARY
from api.pages.vehicles.views import VehiclePage
from api.pages.words.language import Language
from costs.budget import MoneyTerms
from costs.catalogue import offer_of, starter_catalogue
from fleet.vehicle import Energy
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import Decision, StayReason
from optimiser.depot.tight_days import TightDay
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.samples.overview import FULL
from tests.samples.pages import NEEDS_OF_PAGES, PAGES
from tests.samples.proposals import DECISIONS, PROPOSALS

RENDERER = Renderer(StaticFiles(), "Prøve Kommune", VOCABULARY, Reach(NEEDS_OF_PAGES))


def said(view: PageView) -> str:
    """The words of a page in Danish, for somebody who sees all."""
    html = RENDERER.html(view, Language.DANISH, "/", SOMEBODY, "t0ken")
    return unescape(words(html)).replace("\u00a0", " ").replace("−", "-")


def of_action(action: Action) -> Decision:
    return next(one for one in DECISIONS if one.action is action)


def page_of(decision: Decision, **about: object) -> ProposalPage:
    view = PAGES["proposal"]
    assert isinstance(view, ProposalPage)
    return replace(view, row=replace(PROPOSALS[1], decision=decision, **about))


def test_the_headline_names_what_a_budget_saves_and_says_no_saving_where_it_pays() -> None:
    dispose = of_action(Action.DISPOSE)
    told = said(page_of(dispose))
    assert "Forslaget sparer 47.907 kr. om året" in told
    assert "Budgettet sparer 48.057 kr. om året, når det er på plads." in told
    dearer = MoneyTerms(saving_kr_year=2_275, unpaid_kr_year=11_836)
    told = said(page_of(replace(dispose, saving_kr_year=2_275, money=dearer)))
    assert "Forslaget sparer" not in told
    assert "Med priser fordelt over årene" in told
    assert "Budgettet betaler 9.561 kr. mere om året for det" in told
    told = said(page_of(replace(dispose, saving_kr_year=-500)))
    assert "Forslaget koster 500 kr. om året" in told


def test_sharing_says_what_the_plan_needs_beside_departments_apart() -> None:
    pool = replace(of_action(Action.DISPOSE), action=Action.POOL, vehicle=None, vehicle_id=None)
    told = said(page_of(replace(pool, count=0)))
    assert "Planen skal bruge lige så mange, som hvis hver afdeling kun brugte sine egne." in told
    assert "køretøjer færre" not in told
    told = said(page_of(replace(pool, count=2)))
    assert "Planen skal bruge 2 køretøjer færre, end hvis hver afdeling kun" in told
    assert "Planen skal bruge 1 køretøj flere" in said(page_of(replace(pool, count=-1)))


def test_a_round_without_kinds_on_offer_says_what_it_cannot_propose() -> None:
    view = PAGES["proposals"]
    assert isinstance(view, ProposalsPage)
    bought = replace(starter_catalogue()[0], offered=True, energy=Energy.DIESEL)
    for kinds, text in (
        ([], "Ingen type var i udbud, da runden blev beregnet: forslagene kan kun undvære,"),
        ([bought], "Intet grønt motorkøretøj var i udbud, da runden blev beregnet"),
    ):
        told = said(replace(view, offer=offer_of(kinds)))
        assert text in told
        assert "Vælg, hvad der er i udbud" in told
    assert re.search(
        r"typerne i udbud[^.]*, kan periodens ture .* ikke klares for mindre", said(view)
    )
    green = replace(bought, energy=Energy.ELECTRIC)
    assert "i udbud, da runden" not in said(replace(view, offer=offer_of([bought, green])))


def test_what_a_vehicle_costs_is_told_apart_by_its_own_figures_and_its_kind() -> None:
    view = PAGES["vehicle"]
    assert isinstance(view, VehiclePage)
    assert (
        "51.600 kr. 42.000 kr. efter dets egne tal i registret og 9.600 kr. til afgift,"
        " forsikring og service som typen"
    ) in said(view)
    alone = said(replace(view, own_kr_year=51_600.0))
    assert "51.600 kr. efter dets egne tal i registret" in alone
    assert "service som typen" not in alone


def test_the_years_of_a_budget_are_added_up() -> None:
    report = PAGES["report"]
    assert isinstance(report, ReportPage)
    assert report.round is not None
    total = sum(year.total_kr for year in report.round.budget.years)
    shown = f"{round(total):,}".replace(",", ".") + " kr."
    for view in (report, PAGES["proposals"]):
        _, _, row = said(view).partition("5 år i alt")
        assert shown in row[:200]


def test_a_proposal_below_the_least_saving_says_why_it_stands_here() -> None:
    dispose = replace(of_action(Action.DISPOSE), saving_kr_year=2_275.0)
    alone, builds = (
        page_of(replace(dispose, left_out_kr_year=left_out)) for left_out in (300.0, 30_000.0)
    )
    assert "For sig selv under mindstebesparelsen på 10.000 kr.: det følger med" in said(alone)
    assert "Under mindstebesparelsen på 10.000 kr., men de andre forslag på Vej" in said(builds)
    move = page_of(replace(of_action(Action.MOVE), left_out_kr_year=0.0))
    assert "men det sparer køb af et køretøj til" in said(move)
    for view in (
        page_of(replace(dispose, saving_kr_year=10_000.0)),
        page_of(dispose, least_saving_kr_year=None),
        page_of(replace(of_action(Action.KEEP), saving_kr_year=0.0)),
    ):
        assert "mindstebesparelsen" not in said(view)
    assert "mindstebesparelsen" in said(PAGES["proposals"])
    assert "mindstebesparelsen" in said(PAGES["report"])


def test_a_vehicle_that_moves_or_is_the_reserve_says_until_when_it_is_there() -> None:
    keep = replace(of_action(Action.KEEP), why=StayReason.RESERVE)
    for decision in (of_action(Action.MOVE), keep):
        told = said(page_of(replace(decision, contract_end=date(2027, 5, 31))))
        assert (
            "Kontrakten løber til man. 31. maj 2027: derefter er køretøjet væk, medmindre" in told
        )
        told = said(page_of(replace(decision, contract_end=date(2020, 1, 31))))
        assert "Ifølge registret udløb kontrakten fre. 31. jan. 2020: spørg, om den løber" in told
        told = said(page_of(replace(decision, contract_end=None)))
        assert "Kontrakten løber til" not in told
        assert "udløb kontrakten" not in told


def test_overview_and_report_name_both_ends_and_that_something_was_decided_since() -> None:
    report = PAGES["report"]
    assert isinstance(report, ReportPage)
    pending = "Der er besluttet noget, siden planen blev beregnet: summerne er stadig planens"
    for view in (FULL, replace(report, pending=True)):
        told = said(view)
        assert pending in told
        assert "koster en flåde, der udleder 45,5 t" in told
    assert pending not in said(report)
    assert pending not in said(replace(FULL, pending=False))


def test_the_report_lists_every_proposal() -> None:
    view = PAGES["report-long"]
    assert isinstance(view, ReportPage)
    many = replace(view, rows=[replace(PROPOSALS[1], proposal_id=n) for n in range(120)])
    assert said(many).count(PROPOSALS[1].decision.vehicle or "") >= 120


def test_trips_of_a_peak_day_that_may_not_go_by_taxi_are_told_apart() -> None:
    told = said(PAGES["depots"])
    assert re.search(r"\d+ af dem må ikke køres med taxa, så de[nm] ville ingen køre\.", told)
    assert "1 må ikke køres med taxa" in told
    assert "taxi" not in told


def test_a_sale_and_one_off_costs_that_are_not_counted_are_told_with_how_much_they_are() -> None:
    """Leased, 480,000 for the vehicle and 40,000 for its charge point are not counted."""
    told = said(page_of(of_action(Action.REPLACE)))
    assert "Dets salg, efter registret 90.000 kr., er ikke regnet med. Det har en kontrakt:" in told
    assert "omtrent 520.000 kr. mere, hvis den årlige udgift eller prisen ikke rummer det" in told
    assert (
        "Købt koster et lignende omtrent 480.000 kr.: Elvarebil med lift i det katalog, der følger "
        "med systemet (skøn, 2026)." in told
    )
    assert (
        "Ladepunkter, der regnes for at ligge i den: 1. Gør de ikke det, koster hvert omtrent "
        "40.000 kr. efter forudsætningerne." in told
    )


def test_a_proposal_says_in_three_lines_what_changes_for_whom_and_when() -> None:
    told = said(page_of(of_action(Action.DISPOSE)))
    assert "forlader Vej og Park, Firskovvej, og intet andet køretøj kommer i stedet." in told
    assert (
        "24 rundture i perioden køres på anden måde. 22 køres med et andet køretøj, og 2 køres med "
        "taxa, lejet eller egen bil. Ingen tur flyttes i tid." in told
    )
    assert "Hvornår og hvor meget: Det slår igennem tirs. 1. dec. 2026" in told
    unused = replace(of_action(Action.DISPOSE), trips=0, taken_over_by=(), to_fallback=0)
    assert "Vej & Park: Ingen har kørt en rundtur med det i perioden." in said(page_of(unused))
    by_taxi = replace(of_action(Action.DISPOSE), trips=3, taken_over_by=(), to_fallback=3)
    assert "Alle køres med taxa, lejet eller egen bil. Ingen tur" in said(page_of(by_taxi))
    assert "Der kommer 3 nye køretøjer til" in said(page_of(of_action(Action.BUY)))
    assert "Kort sagt" not in said(page_of(of_action(Action.KEEP)))


def test_tight_days_are_a_calendar_with_the_reason_of_each() -> None:
    view = page_of(
        replace(
            of_action(Action.DISPOSE),
            tight_days=(date(2026, 11, 4), date(2026, 12, 31), date(2026, 11, 1)),
        )
    )
    found = [
        TightDay(day=date(2026, 11, 4), out=3, vehicles=3, to_fallback=0),
        TightDay(day=date(2026, 12, 31), out=3, vehicles=3, to_fallback=2),
    ]
    assert view.plan is not None
    view = replace(view, plan=replace(view.plan, tight_days=tuple(found)))
    november, december = view.tight_months
    assert [len(month.days) for month in (november, december)] == [30, 31]
    # 1 November is a Sunday, 4 November stands in the second week.
    assert [(one.day.day, one.week) for one in november.marked] == [(1, 0), (4, 1)]
    told = said(view)
    assert "nov. 2026: 2 stramme dage" in told
    assert "ons. 4. nov. 2026 alle 3 køretøjer ville være ude på én gang" in told
    assert (
        "tors. 31. dec. 2026 2 rundture ville ikke finde noget køretøj, og alle køretøjer ville "
        "være ude på én gang" in told
    )
    assert "1. nov. 2026 alle foreslåede køretøjer ville" in told
