"""Plans whose efforts say their goal, their time and who answers for them below labels."""

from tests.unit.tracker.importer.planwords import plan_in
from tracker.importer.plan_file import PlanFile


def told(plan: PlanFile) -> list[tuple[str | None, int | None, int | None, str, str]]:
    return [
        (one.section, one.quarter_from, one.quarter_to, one.level, one.text)
        for one in plan.milestones
    ]


def test_each_effort_may_have_a_label_before_its_text() -> None:
    plan = plan_in(
        "Havneplan 2031\n\nRen havn\n"
        "- Mål: Mindre skrald i vandet\n- Indsats: Der sættes kurve op på\n  alle moler\n"
        "- Tidsplan: 2. kvartal 2031\n\n"
        "- Mål: Renere luft\n- Indsats: Landstrøm til gæster\n- Tidsplan: 3.-4. kvartal 2031\n"
    )
    assert told(plan) == [
        ("Ren havn", 2, 2, "top", "Der sættes kurve op på alle moler"),
        ("Ren havn", 3, 4, "top", "Landstrøm til gæster"),
    ]
    assert plan.programmes[0].success_criteria == ("Mindre skrald i vandet", "Renere luft")
    assert plan.title == "Havneplan 2031"


def test_a_time_below_efforts_is_the_time_of_all_above_it() -> None:
    plan = plan_in(
        "1. Ren havn\nMål: Mindre skrald\nIndsats:\n• Kurve\n  o Udbud\n  o Køb\n• Net\n"
        "Tidsplan: 2. kvartal 2031\nAnsvarlig: Havnen\n"
        "2. Ro\nMål: Mindre støj\nIndsats:\n• Støjmur\nTidsplan: Q3 2031\nAnsvarlig: Vej\n"
    )
    assert told(plan) == [
        ("1", 2, 2, "top", "Kurve"),
        ("1", 2, 2, "sub", "Udbud"),
        ("1", 2, 2, "sub", "Køb"),
        ("1", 2, 2, "top", "Net"),
        ("2", 3, 3, "top", "Støjmur"),
    ]


def test_a_timetable_with_results_makes_the_effort_above_it_an_initiative() -> None:
    plan = plan_in(
        "Havneplan 2031\n\nRen havn\nMål\n- Mindre skrald\nIndsats\n- Kurve på moler\nTidsplan\n"
        "- 1. kvartal 2031: Kurve er købt\n- 2. kvartal 2031: Kurve er sat op\n"
    )
    assert told(plan) == [
        ("Ren havn", 1, 1, "top", "Kurve er købt"),
        ("Ren havn", 2, 2, "top", "Kurve er sat op"),
    ]
    assert [(one.section, one.title) for one in plan.initiatives] == [
        ("Ren havn", "Kurve på moler")
    ]


def test_a_time_may_stand_in_brackets_behind_an_effort() -> None:
    plan = plan_in(
        "Havneplan 2031\n\nRen havn\nMål\n– Mindre skrald\nIndsats\n"
        "– Kurve på moler (1. kvartal 2031)\n– Net i vandet (2. kvartal 2031)\n"
    )
    assert told(plan) == [
        ("Ren havn", 1, 1, "top", "Kurve på moler"),
        ("Ren havn", 2, 2, "top", "Net i vandet"),
    ]
