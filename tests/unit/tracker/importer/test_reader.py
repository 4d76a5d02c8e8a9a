"""A plan is read as it stands: what is a milestone, in which section, quarter and level."""

import pytest

from tests.unit.tracker.importer.planwords import PLAN, plan_in
from tracker.importer.plan_file import Milestone, PlanFile, Resource
from tracker.importer.structure.reader import NoPlanError


@pytest.fixture(scope="module")
def plan() -> PlanFile:
    return plan_in(PLAN)


def told(one: Milestone) -> tuple[str | None, int | None, int | None, str, str]:
    return one.section, one.quarter_from, one.quarter_to, one.level, one.text


def test_milestones_have_section_quarters_level_and_text(plan: PlanFile) -> None:
    assert [told(one) for one in plan.milestones] == [
        ("1.1.1", 1, 1, "top", "Dykkere undersøger fundamentet – rapport er klar"),
        (
            "1.1.1",
            1,
            1,
            "top",
            "Der er holdt møde med fiskernes forening om, hvor kutterne kan ligge imens",
        ),
        ("1.1.1", 2, 2, "top", "Spuns"),
        ("1.1.1", 2, 2, "sub", "Udbud sendes ud"),
        ("1.1.1", 2, 2, "sub", "Kontrakt er skrevet"),
        ("1.1.1", 2, 2, "top", "Dykkere undersøger fundamentet – billeder er taget"),
        ("1.1.1", 3, 4, "top", "Spunsen er rammet"),
        ("1.1.2", None, None, "top", "Belysningen er skiftet"),
        ("1.2", 1, 1, "top", "Fyret males"),
        ("1.2", 2, 2, "top", "Lampen tændes igen"),
    ]


def test_a_milestone_names_its_lines_and_its_parent(plan: PlanFile) -> None:
    lines = PLAN.split("\n")
    for one in plan.milestones:
        assert one.text[:12] in lines[one.line_from - 1]
        assert lines[one.line_to - 1].endswith(one.text[-12:])
    group = next(one for one in plan.milestones if one.text == "Spuns")
    below = [one.text for one in plan.milestones if one.parent == group.id]
    assert below == ["Udbud sendes ud", "Kontrakt er skrevet"]


def test_a_lost_number_is_inferred_and_a_year_is_understood(plan: PlanFile) -> None:
    assert [one.text for one in plan.milestones if one.inferred] == [
        "Fyret males",
        "Lampen tændes igen",
    ]
    assert plan.year == 2031
    undated = plan_in(PLAN.replace(" kvartal 2031", " kvartal"))
    assert {one.year for one in undated.milestones if one.quarter_from} == {2031}


def test_programmes_have_their_parts(plan: PlanFile) -> None:
    assert [one.number for one in plan.programmes] == ["1.1", "1.2"]
    quay = plan.programmes[0]
    assert quay.title == "Program for kajer"
    assert quay.purpose == "Kajerne skal kunne bære de nye kraner."
    assert quay.success_criteria == (
        "Ingen kaj er lukket i mere end en uge.",
        "Brugerne finder, at havnen er tryg at færdes på.",
    )
    assert quay.partners_internal == ("Teknik, Økonomi",)
    assert quay.partners_external == ("Fiskernes forening", "Lodserne")
    assert quay.resources == (
        Resource(centre="HAV", aarsvaerk=2.5),
        Resource(centre="TEK", aarsvaerk=0.25),
    )
    assert [(one.section, one.title, one.programme) for one in plan.initiatives] == [
        ("1.1.1", "Nordkajen", "1.1"),
        ("1.1.2", "Sydkajen", "1.1"),
    ]


def test_policies_strands_and_what_is_not_placed(plan: PlanFile) -> None:
    assert plan.title == "Årsplan 2031 for havnen"
    assert plan.policies == ("Havnepolitik", "Kystplan 2029-2040", "Strategi for sejlads")
    ids = {one.id: one.text for one in plan.milestones}
    assert [(one.title, [ids[at] for at in one.milestones]) for one in plan.strands] == [
        (
            "Dykkere undersøger fundamentet",
            [
                "Dykkere undersøger fundamentet – rapport er klar",
                "Dykkere undersøger fundamentet – billeder er taget",
            ],
        )
    ]
    assert [one.text for one in plan.not_placed] == [
        "1.3 Program for bøjer",
        "Ny bøje ved revet",
        "Gammel bøje hentes ind",
    ]


def test_named_efforts_of_a_year_are_initiatives() -> None:
    text = PLAN.replace(
        "1.1.1 Nordkajen",
        "Der medtages to nye indsatser i 2031:\n• Svaner\n• Måger\n1.1.1 Nordkajen",
    )
    plan = plan_in(text)
    assert [told(one) for one in plan.milestones] == [told(one) for one in plan_in(PLAN).milestones]
    assert {"Svaner", "Måger"} <= {one.title for one in plan.initiatives}


def test_criteria_in_prose_are_one_a_sentence() -> None:
    start = PLAN.index("• Ingen kaj")
    end = PLAN.index("1.1.1 Nordkajen")
    prose = "Det er en succes, når kajen holder. Det ventes, at færre klager.\n"
    plan = plan_in(PLAN[:start] + prose + PLAN[end:])
    assert plan.programmes[0].success_criteria == (
        "Det er en succes, når kajen holder.",
        "Det ventes, at færre klager.",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Kære alle\nDer er kage i 1. kvartal.\n",
        "Referat\nDagsorden\nAfbud: Bo\n1. kvartal 2031\n- Kaffe er købt\n- Te er købt\n",
        "Faktura 17\nMoms 25\nKontonr 3\nAntal\n2\nI alt\n5\n",
        "1. Havnens historie\nDen blev bygget i 1802. Den er stor.\n2. Kilder\nArkivet.\n",
    ],
)
def test_what_is_no_plan_is_told_so(text: str) -> None:
    with pytest.raises(NoPlanError, match="no plan found"):
        plan_in(text)
