"""What the pages of proposals say of money, of the least saving, and of contracts that end."""

import re
from dataclasses import replace
from datetime import date
from html import unescape

from access.roles import ROLE_PERMISSIONS, Role
from api.door.reach import Reach
from api.pages.choices.list_parts import asked_part
from api.pages.frame.render import Renderer
from api.pages.frame.static import StaticFiles
from api.pages.frame.views import PageView
from api.pages.pilot_end.views import RollOutPage
from api.pages.proposals.views import DepotsPage, ProposalPage, ProposalsPage, SeveralRefused
from api.pages.reports.tables import report_sheets
from api.pages.reports.views import CouncilPage, ReportPage
from api.pages.routes import VOCABULARY
from api.pages.vehicles.views import VehiclePage
from api.pages.words.language import Language
from costs.budget import MoneyTerms
from costs.catalogue import offer_of, starter_catalogue
from fleet.actor import Actor
from fleet.vehicle import Energy
from optimiser.carried.saved_before import SavedBefore
from optimiser.carried.since_before import ComparedProposal, Since
from optimiser.depot.alike import BoundVehicle, FirstBy, StaysBy
from optimiser.depot.change_money import LackingFigure
from optimiser.depot.decision_key import Action
from optimiser.depot.decisions import Decision, StayReason
from optimiser.depot.green import Obstacle
from optimiser.depot.tight_days import TightDay
from optimiser.parts.depot_plan import NO_SPARE_TODAY, SpareToday
from optimiser.rounds.decisions import Verdict
from optimiser.rounds.failure import FailureReason
from optimiser.rounds.studies import StudyFailure
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.samples.overview import FULL
from tests.samples.pages import NEEDS_OF_PAGES, PAGES
from tests.samples.proposals import DECISIONS, JOINT, PROPOSALS, ROUND, joint_of

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
    row = replace(PROPOSALS[1], decision=decision, **about)
    return replace(view, row=row, whole=row)


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
        ([], "Ingen type måtte foreslås, da runden blev beregnet: forslagene kan kun undvære,"),
        ([bought], "Intet grønt motorkøretøj måtte foreslås, da runden blev beregnet"),
    ):
        told = said(replace(view, offer=offer_of(kinds)))
        assert text in told
        assert "Vælg, hvad der må foreslås" in told
    assert re.search(
        r"de typer, der må foreslås[^.]*, kan periodens ture .* ikke klares for mindre", said(view)
    )
    green = replace(bought, energy=Energy.ELECTRIC)
    assert "måtte foreslås, da runden" not in said(replace(view, offer=offer_of([bought, green])))


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
        page_of(replace(dispose, left_out_kr_year=left_out), verdict=None)
        for left_out in (300.0, 30_000.0)
    )
    assert "mindstebesparelsen på 10.000 kr., men en beslutning eller et hensyn til" in said(alone)
    assert "Under mindstebesparelsen på 10.000 kr., men de andre forslag på Vej" in said(builds)
    move = page_of(replace(of_action(Action.MOVE), left_out_kr_year=0.0), verdict=None)
    assert "men det sparer køb af et køretøj til" in said(move)
    trips, spare, workshop = (
        page_of(replace(dispose, left_out_kr_year=None, **lacking), verdict=None)
        for lacking in ({"left_out_trips": 3}, {"left_out_spare": 1}, {"left_out_workshop": 2})
    )
    assert "rundture, der ikke må køres i taxa, mangle et køretøj" in said(trips)
    assert "ikke være et køretøj i reserve til værkstedet" in said(spare)
    assert "kunne flere ture end i dag mangle et køretøj, mens et er på værksted" in said(workshop)
    for view in (
        page_of(replace(dispose, saving_kr_year=10_000.0), verdict=None),
        page_of(dispose, verdict=None, least_saving_kr_year=None),
        page_of(dispose, verdict=Verdict.ACCEPTED),
        page_of(replace(of_action(Action.KEEP), saving_kr_year=0.0), verdict=None),
    ):
        assert "mindstebesparelsen" not in said(view)
    assert "mindstebesparelsen" in said(PAGES["proposals"])
    assert "mindstebesparelsen" in said(PAGES["report"])


def test_a_green_one_that_would_save_too_little_is_not_told_as_dear() -> None:
    """Rounds of earlier software have it as a cost below zero."""
    dear = next(one for one in DECISIONS if one.not_green is Obstacle.COST)
    assert "Et grønt ville koste mere, end det sparer: 4.310 kr. om året" in said(page_of(dear))
    told = said(page_of(replace(dear, not_green_kr_year=-2_341.0)))
    assert "koste mere, end det sparer" not in told
    assert (
        "Et grønt ville spare, men mindre end et forslag skal, eller der må ikke købes flere af"
        " typen: 2.341 kr. om året"
    ) in told


def test_overview_and_council_tell_how_much_of_the_saving_is_the_value_of_co2() -> None:
    value = f"Heraf er {round(ROUND.co2_kr_t * ROUND.saving_co2_t_year):,}".replace(",", ".")
    for name in ("overview", "council"):
        assert value in said(PAGES[name]), name


def test_list_report_and_council_tell_what_the_reserve_costs_the_fleet_of_today() -> None:
    for name in ("proposals", "report", "council"):
        told = said(PAGES[name])
        assert "18.420 kr. af besparelsen, som ingen betaler i dag" in told, name
    council = PAGES["council"]
    assert isinstance(council, CouncilPage)
    assert council.report.round is not None
    assert council.report.round.summary is not None
    summary = replace(council.report.round.summary, spare_today=NO_SPARE_TODAY)
    free = replace(council.report, round=replace(council.report.round, summary=summary))
    assert "som ingen betaler i dag" not in said(replace(council, report=free))


def test_a_reserve_that_sends_no_trip_by_taxi_tells_of_none() -> None:
    """Today's fleet drives all its trips, some of them with vehicles that cost more."""
    view = PAGES["report"]
    assert isinstance(view, ReportPage)
    assert view.round is not None
    assert view.round.summary is not None
    spare = SpareToday(kr_year=6_247.1, trips_year=0.2, co2_t_year=1.1)
    found = replace(view.round, summary=replace(view.round.summary, spare_today=spare))
    report = replace(view, round=found)
    for page in (report, CouncilPage(report=report)):
        told = said(page)
        assert "er dens kørsel regnet 6.247 kr. dyrere om året" in told
        assert "med taxa. Det er" not in told


def test_today_is_told_beside_what_was_really_driven_and_what_needs_no_proposal() -> None:
    for name in ("proposals", "report", "council", "curve"):
        told = said(PAGES[name])
        assert "koster de 3.300.000 kr. om året og udleder 118,9 ton" in told, name
        assert "50.090 kr. og 22,6 ton CO₂e om året kan spares uden noget forslag" in told, name
    council = PAGES["council"]
    assert isinstance(council, CouncilPage)
    found = council.report.round
    assert found is not None
    assert found.summary is not None
    assert found.summary.driven is not None
    worse = replace(found.summary, driven=replace(found.summary.driven, co2_t_year=90.0))
    none = replace(found.summary, driven=None)
    for summary, reason in ((worse, "forskellen kræver intet forslag"), (none, "")):
        report = replace(council.report, round=replace(found, summary=summary))
        told = said(replace(council, report=report))
        assert "uden noget forslag" not in told
        assert reason in told
        assert ("faktisk blev kørt" in told) == bool(reason)


def test_the_council_is_told_in_short_what_policies_cost_and_what_the_saving_rests_on() -> None:
    council, proposals = PAGES["council"], PAGES["proposals"]
    assert isinstance(council, CouncilPage)
    assert isinstance(proposals, ProposalsPage)
    old = proposals.out_of_date
    told = said(replace(council, report=replace(council.report, out_of_date=old)))
    for words_of_rest in (
        "Hensynene (grønne køretøjer beholdes, et køretøj er i reserve til værkstedet,",
        "koster 41.300 kr. om året, værdien af CO₂e regnet med.",
        "1 køretøj beholdes kun af hensyn til værkstedet, som om et stod der i hele perioden.",
        "46.657 kr. af besparelsen på 73.657 kr. hviler på typernes årlige udgifter",
        f"Runden bygger på {len(old)} forældede tal; rapporten nævner dem.",
        "(Valg), finder 12 af 84 rundture intet køretøj; med dagens flåde 3.",
    ):
        assert words_of_rest in told
    assert "forældede tal" not in said(council)


def test_that_policies_cost_another_sum_together_than_apart_is_explained() -> None:
    """By themselves 1,200, 31,000 and 8,400 kr., together 41,300."""
    told = said(PAGES["proposals"])
    assert "Uden et af dem holder et andet stadig på de samme køretøjer." in told
    assert "Tilsammen koster de mindre" not in told


def test_a_proposal_of_several_parts_says_of_how_many_an_earlier_saving_was() -> None:
    view = PAGES["proposals"]
    assert isinstance(view, ProposalsPage)
    assert view.compared is not None
    key = JOINT.parts[0].decision.key
    before = SavedBefore(saving_kr_year=-61.0, parts=1, by_key={key: -61.0}, is_whole=False)
    one = ComparedProposal(proposal=JOINT, since=Since.CHANGED, before=before)
    for known, told in (
        (1, "1 af de 2 dele sparede -61 kr. i runde 1, som ikke foreslog de andre"),
        (2, "sparede -61 kr. i runde 1"),
    ):
        rows = [replace(one, before=replace(before, parts=known))]
        part = asked_part(rows, {}, "/proposals", most=20)
        compared = replace(view.compared, before=1, rows=rows)
        text = said(replace(view, part=part, compared=compared)).replace("−", "-")
        assert told in text
        assert ("dele sparede" in text) == (known == 1)
        # Each part has its own figure, of now and of then where that round proposed it.
        assert text.count("om året (-61 kr. i runde 1)") == 1


def test_what_another_round_rests_on_names_other_days_and_measured_ranges() -> None:
    told = said(PAGES["round-basis"])
    assert "Ture fra andre dage" in told
    assert "28. sep. 2026 – 15. nov. 2026 (49 dage)" in told
    assert "21. sep. 2026 – 15. nov. 2026 (56 dage)" in told


def test_decisions_that_rest_on_each_other_are_told_as_one() -> None:
    first, second = (one.decision for one in JOINT.parts)
    title = f"Erstat {first.vehicle} med: {first.new_kind}, og afhænd {second.vehicle}"
    view = PAGES["proposal-joint"]
    assert isinstance(view, ProposalPage)
    told = said(view)
    assert title in told
    saving = first.saving_kr_year + second.saving_kr_year
    assert f"Forslaget sparer {round(saving):,}".replace(",", ".") in told
    assert "De godkendes eller afvises sammen, og hvert køretøj får så sine egne opgaver." in told
    assert "Det hele kan være på plads" in told
    assert "Delvist afgjort" not in told
    mixed = said(PAGES["proposal-joint-mixed"])
    assert "Delvist afgjort" in mixed
    assert "Afvist" in mixed
    assert title in said(PAGES["proposals-narrowed"])


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


def test_a_document_that_is_made_while_studies_run_says_that_it_lacks_them() -> None:
    unfinished = "Følsomhed, opladning, afprøvning og kurve beregnes i baggrunden: 3 af 8"
    for name in ("report-studied", "council-studied"):
        assert unfinished in said(PAGES[name])
    view = PAGES["report-studied"]
    assert isinstance(view, ReportPage)

    def in_tables(found: ReportPage) -> list[object]:
        return [row[0] for row in report_sheets(found, Language.DANISH)[0].rows]

    assert any(unfinished in str(cell) for cell in in_tables(view))
    failed = StudyFailure(depot_ids=(), depots=(), reason=FailureReason.WORKER_DIED, detail=None)
    done = replace(view, studied=7, failures=(failed,))
    assert not any("baggrunden" in str(cell) for cell in in_tables(done))
    assert "i baggrunden" not in said(done)


def test_that_other_proposals_cost_something_is_said_where_they_do() -> None:
    """Beside a proposal that rests on the cost of a kind there is none, one that saves, and one
    that costs."""
    view = PAGES["report"]
    assert isinstance(view, ReportPage)
    rests = next(one for one in view.rows if LackingFigure.YEARLY in one.decision.lacks)
    terms = replace(rests.budget.terms, saving_kr_year=50_000.0)

    def of_all(*savings: float) -> str:
        assert view.round is not None
        rows = [
            replace(
                rests,
                proposal_id=number,
                decision=replace(
                    rests.decision,
                    money=replace(terms, saving_kr_year=saving),
                    lacks=(LackingFigure.YEARLY,) if number == 0 else (),
                ),
            )
            for number, saving in enumerate(savings)
        ]
        return said(replace(view, rows=rows, round=replace(view.round, proposals=rows)))

    assert "hviler på det." in of_all(50_000.0)
    assert "Alle forslag sparer tilsammen" not in of_all(50_000.0)
    assert "hviler på det. Alle forslag sparer tilsammen 80.000 kr. " in of_all(50_000.0, 30_000.0)
    assert "tilsammen 20.000 kr., da andre koster noget." in of_all(50_000.0, -30_000.0)


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


def test_where_a_new_one_comes_no_line_says_that_none_does_and_what_costs_saves_nothing() -> None:
    goes, comes = of_action(Action.DISPOSE), of_action(Action.BUY)
    parts = [
        replace(PROPOSALS[0], decision=replace(one, depot_id=goes.depot_id, saving_kr_year=kr))
        for one, kr in ((goes, 10_000.0), (comes, -45_620.0))
    ]
    whole = joint_of(*parts)
    told = said(replace(page_of(goes), row=whole.parts[0], whole=whole))
    assert "intet andet køretøj kommer i stedet" not in told
    assert f"Hvad: {goes.vehicle} forlader" in told
    assert "De hviler på hinanden, og tilsammen koster de det, der står her." in told
    assert "kun sammen sparer" not in told
    idle = replace(comes, trips=0)
    assert "Det nye kører ingen rundture i perioden." in said(page_of(idle))


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


def test_tight_days_where_departments_do_not_share_are_those_of_the_own_department() -> None:
    day = date(2026, 11, 4)
    view = page_of(replace(of_action(Action.DISPOSE), departments=("Vej",), tight_days=(day,)))
    assert view.plan is not None
    found = tuple(
        TightDay(day=day, out=count, vehicles=count, to_fallback=0, department=department)
        for count, department in ((2, "Park"), (3, "Vej"))
    )
    view = replace(view, plan=replace(view.plan, tight_days=found, apart=True))
    told = said(view)
    assert "Afdelingerne deler ikke køretøjer. På 1 dag kørte det, og alle afdelingens" in told
    assert "ons. 4. nov. 2026 alle 3 køretøjer i Vej ville være ude på én gang" in told
    assert view.plan is not None
    assert view.plan.tight_days_count == 1


def test_a_phone_lists_some_proposals_and_all_where_one_of_them_is_refused() -> None:
    view = PAGES["proposals"]
    assert isinstance(view, ProposalsPage)
    assert view.part is not None
    rows = [view.part.rows[0]] * 7
    many = replace(view, part=replace(view.part, rows=rows), several=None)
    html = RENDERER.html(many, Language.DANISH, "/", SOMEBODY, "t0ken")
    assert html.count('<tr role="row" class="beyond">') == 7 - ProposalsPage.rows_on_phone
    assert "Vis 2 forslag mere" in html
    refused = replace(many, several=SeveralRefused(values={}))
    assert 'class="beyond"' not in RENDERER.html(refused, Language.DANISH, "/", SOMEBODY, "t")


def test_that_amounts_are_rounded_each_by_itself_is_said_where_they_do_not_add_up() -> None:
    """Paid 100.6 less 50.4 is 50.2: 101 less 50 is not 50."""
    view, council = PAGES["report"], PAGES["council"]
    assert isinstance(view, ReportPage)
    assert isinstance(council, CouncilPage)
    assert view.round is not None
    assert view.round.summary is not None
    said_so = "Hvert beløb er afrundet for sig"
    summary = view.round.summary
    for costs, is_said in (((100.6, 50.4), True), ((100.2, 50.1), False)):
        baseline, proposed = (
            replace(one, cost_kr_year=cost, co2_t_year=0.0)
            for one, cost in zip((summary.baseline, summary.proposed), costs, strict=True)
        )
        found = replace(view.round, summary=replace(summary, baseline=baseline, proposed=proposed))
        report = replace(view, round=found)
        assert found.rounds_apart is is_said
        assert (said_so in said(report)) is is_said
        assert (said_so in said(replace(council, report=report))) is is_said


def test_who_may_not_calculate_again_gets_no_link_to_it() -> None:
    view = PAGES["report"]
    assert isinstance(view, ReportPage)
    pending = replace(view, pending=True)
    reader = Actor("Læser", ROLE_PERMISSIONS[Role.READER])
    for actor, is_linked in ((SOMEBODY, True), (reader, False)):
        html = RENDERER.html(pending, Language.DANISH, "/", actor, "t0ken")
        assert "Der er besluttet noget, siden planen blev beregnet" in html
        assert ("/proposals#again" in html) is is_linked


def test_why_a_vehicle_goes_is_told_where_none_is_alike_too() -> None:
    alone, why = "Intet køretøj, der bliver, er magen til det", "Hvorfor netop dette"
    for action in (Action.DISPOSE, Action.REPLACE):
        view = page_of(replace(of_action(action), first_by=None, instead=(), bound=()))
        told = said(replace(view, history=()))
        assert (why in told, alone in told) == (True, True)
        assert view.history
        assert why not in said(view)
    chosen = said(page_of(replace(of_action(Action.DISPOSE), first_by=FirstBy.AGE)))
    assert (why in chosen, alone in chosen) == (True, False)
    for action in (Action.KEEP, Action.BUY):
        assert why not in said(page_of(of_action(action)))


def test_who_is_alike_and_stays_is_named_with_the_reason() -> None:
    """Too little is known of one alike: to say that none is alike would not be true."""
    found = (
        BoundVehicle("u", "CD 34 500", StaysBy.UNKNOWN),
        BoundVehicle("c", "CD 34 501", StaysBy.CONTRACT),
        BoundVehicle("r", "CD 34 502", StaysBy.DECIDED),
        BoundVehicle("s", "CD 34 503", StaysBy.DECIDED),
    )
    decision = replace(
        of_action(Action.DISPOSE), first_by=FirstBy.OTHERS_STAY, instead=(), bound=found
    )
    told = said(page_of(decision))
    alike = "Af dem, der er magen til det, bliver"
    for text in (
        f"{alike} CD 34 500, fordi der vides for lidt om det.",
        f"{alike} CD 34 501, fordi kontrakten løber længere",
        f"{alike} CD 34 502, CD 34 503, fordi det er besluttet, at de bliver.",
    ):
        assert text in told
    assert "Intet køretøj, der bliver, er magen til det" not in told
    # A round of earlier software does not know, and says nothing.
    earlier = said(replace(page_of(replace(decision, first_by=None, bound=None)), history=()))
    assert "Hvorfor netop dette" not in earlier


def test_what_is_not_known_of_a_vehicle_is_unknown_and_not_zero() -> None:
    silent = {"days_used": 0, "trips": 0, "km": 0.0}
    kept = of_action(Action.KEEP)
    for decision in (
        replace(kept, **silent, why=StayReason.UNKNOWN),
        replace(kept, **silent, is_use_known=False),
        replace(of_action(Action.DISPOSE), **silent, is_use_known=False),
    ):
        told = said(page_of(decision))
        for fact in ("Dage i brug", "Rundture", "Kørt"):
            assert f"{fact} ukendt" in told
        assert "Dage i brug 0" not in told
        assert (decision.days_told, decision.trips_told, decision.km_told) == (None, None, None)
    told = said(page_of(replace(kept, **silent, why=StayReason.WORTH)))
    assert "Dage i brug 0 af" in told
    assert "Rundture 0 Kørt 0 km" in told
    # What was heard of it is told, and its days are known no more than on its own page.
    heard = replace(kept, days_used=1, trips=2, km=7.0, why=StayReason.UNKNOWN)
    assert "Dage i brug ukendt Rundture 2 Kørt 7 km" in said(page_of(heard))


def test_the_most_that_were_out_are_told_of_the_vehicles_whose_use_is_known() -> None:
    view = page_of(of_action(Action.DISPOSE))
    assert view.plan is not None
    today = replace(view.plan.baseline, vehicles=11)
    plan = replace(view.plan, peak=6, baseline=today)
    for known, text in (
        (
            9,
            "Højst 6 af de 9 af dagens køretøjer, hvis brug er kendt, var ude på én gang. Om 2",
        ),
        (11, "Højst 6 af dagens 11 køretøjer var ude på én gang."),
        (None, "Højst 6 af dagens 11 køretøjer var ude på én gang."),
        (0, "Der vides for lidt om dagens køretøjer"),
    ):
        assert text in said(replace(view, plan=replace(plan, vehicles_known=known)))


def test_a_backtest_names_the_vehicles_that_it_does_not_try() -> None:
    view = page_of(of_action(Action.DISPOSE))
    assert view.backtest is not None
    assert view.plan is not None
    assert len(view.plan.unknown) == 1
    assert "1 køretøj, der vides for lidt om, er ikke prøvet" in said(view)
    known = replace(view, plan=replace(view.plan, unknown=()))
    assert "er ikke prøvet" not in said(known)


def test_each_vehicle_of_which_too_little_is_known_is_named_wherever_the_warning_stands() -> None:
    kept = next(one for one in PROPOSALS if one.decision.action is Action.KEEP)
    silent = replace(kept, decision=replace(kept.decision, why=StayReason.UNKNOWN))
    found = replace(ROUND, proposals=[*ROUND.proposals, silent])
    proposals, depots, report = (PAGES[name] for name in ("proposals", "depots", "report"))
    assert isinstance(proposals, ProposalsPage)
    assert isinstance(depots, DepotsPage)
    assert isinstance(report, ReportPage)
    for view in (
        replace(FULL, round=found),
        replace(proposals, round=found),
        replace(depots, round=found),
        replace(report, round=found),
        CouncilPage(report=replace(report, round=found)),
    ):
        told = said(view).replace(" .", ".")
        assert f"Der vides for lidt om 1 af 60 køretøjer: {silent.decision.vehicle}. Det" in told
    assert "Der vides for lidt" not in said(PAGES["proposals"])


def test_of_how_many_decisions_a_proof_is_given_is_told_wherever_it_stands() -> None:
    given = "Det tager 2 af jeres godkendelser og afvisninger for givet"
    decided = replace(ROUND, verdicts_kept=2)
    proposals, report = PAGES["proposals"], PAGES["report"]
    assert isinstance(proposals, ProposalsPage)
    assert isinstance(report, ReportPage)
    for view in (FULL, proposals, report):
        assert given in said(replace(view, round=decided))
        assert given not in said(view)


def test_the_council_reads_what_awaits_a_decision_by_name() -> None:
    council = PAGES["council"]
    assert isinstance(council, CouncilPage)
    assert council.waiting
    row = said(council).partition("Venter på beslutning")[2].partition("Godkendt")[0]
    for one in council.waiting:
        assert one.decision.vehicle is None or one.decision.vehicle in row


def test_peak_days_are_said_to_be_of_some_depots_until_all_are_worked_out() -> None:
    so_far, hardest = "Indtil videre gælder det", "På den hårdeste dag, som dataene ikke rummer"
    council, depots, report = (PAGES[name] for name in ("council", "depots", "report"))
    assert isinstance(council, CouncilPage)
    assert isinstance(depots, DepotsPage)
    assert isinstance(report, ReportPage)
    for view in (depots, report):
        done = replace(view, parts=2, studied=2, failures=())
        assert so_far not in said(done)
        assert so_far in said(replace(done, studied=1))
    done = replace(council.report, parts=2, studied=2, failures=())
    assert hardest in said(replace(council, report=done))
    assert hardest not in said(replace(council, report=replace(done, studied=1)))


def test_a_mail_that_no_server_answered_is_not_told_as_its_words() -> None:
    told = said(PAGES["mails"])
    assert "Mailserveren sagde: 550 5.1.1" in told
    assert "Mailserveren svarede ikke: Error connecting to smtp" in told


def test_wherever_the_bound_is_told_it_says_under_which_vehicles() -> None:
    view = PAGES["report"]
    assert isinstance(view, ReportPage)
    assert view.round is not None
    assert view.round.kept_for_workshop
    under = "ikke klares for mindre"
    proven = "Beviset gælder flåder, der holder hensynet til værkstedet"
    assert proven in said(view).partition(under)[2]


def test_what_is_compared_for_the_workshop_is_told() -> None:
    text = said(PAGES["proposals"])
    assert "2 gange til, hvor hver af dem begynder op til 30 minutter tidligere" in text
    assert "ikke flere ture et køretøj end i dag med ét af den type der" in text


def test_a_new_round_says_that_it_takes_no_chosen_fleet_over() -> None:
    view = PAGES["proposals"]
    assert isinstance(view, ProposalsPage)
    assert view.round is not None
    before = replace(view, round=replace(view.round, chosen_before=1))
    assert "Nogen har valgt flåden i runde 1. En ny runde tager ikke det valg med" in said(before)
    chosen = replace(view, round=replace(view.round, chosen_prices={"vej-park": 900.0}))
    assert "Den valgte flåde bevares ikke" in said(chosen)
    assert "valgt flåden i runde" not in said(chosen)
    assert "Den valgte flåde bevares ikke" not in said(view)


def test_days_in_use_are_of_the_days_that_are_counted() -> None:
    """A vehicle's own are working days; what is bought is used on any day of the 56."""
    bought = replace(of_action(Action.BUY), days_used=45)
    assert "Dage i brug 45 af 56" in said(page_of(bought))
    assert re.search(r"Dage i brug \d+ af 38", said(page_of(of_action(Action.DISPOSE))))


def test_a_plan_of_one_month_names_it_once() -> None:
    view = PAGES["roll-out"]
    assert isinstance(view, RollOutPage)
    month = view.plan.rows[0].month
    once = replace(view, plan=replace(view.plan, rows=[replace(view.plan.rows[0], month=month)]))
    assert "De får deres chips i januar 2027." in said(once)
    assert "De får deres chips fra januar 2027 til marts 2027." in said(view)
