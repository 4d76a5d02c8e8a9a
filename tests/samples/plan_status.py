"""Sample views of the status of plans."""

from dataclasses import replace

from api.pages.choices.list_parts import asked_part
from api.pages.frame.views import PageView
from api.pages.plan_status.paper import status_paper
from api.pages.plan_status.views import PlanOption, StatusPage
from api.pages.words.language import Language
from reports.frozen import ReportKind
from reports.kept import KeptReport
from reports.plan_status import (
    PlanStatus,
    StatusIndicator,
    StatusMilestone,
    StatusMove,
    StatusProgramme,
    StatusPromise,
    StatusTally,
)
from tests.samples.places import NOW
from tests.samples.reports import BEFORE
from tracker.indicators import IndicatorKind
from tracker.milestone import MilestoneStatus
from tracker.quarter import Quarter
from tracker.since.moves import Move
from tracker.since.promises import Outcome

QUARTER = Quarter(2026, 4)
TALLY = StatusTally(
    total=9,
    counted=8,
    open=5,
    done=3,
    late=2,
    needs_decision=1,
    silent=4,
    owned=3,
    actively_owned=1,
)
NAMED = {"milestone_id": "m1", "title": "Standere <sat> op", "programme": "Grøn omstilling"}

STATUS = PlanStatus(
    plan_id=1,
    plan="Årsplan 2026",
    quarter=QUARTER,
    at=NOW,
    silent_since=NOW.date(),
    promised_on=QUARTER.first_day,
    since=QUARTER.first_day,
    last_report=3,
    whole=TALLY,
    programmes=(StatusProgramme(programme_id="p1", name="Grøn omstilling", tally=TALLY),),
    milestones=tuple(
        StatusMilestone(
            **NAMED,
            programme_id="p1",
            due=Quarter(2026, 2),
            status=status,
            late=status.is_open,
            centre="Miljø",
            note="Mangler strøm",
            has_owner=True,
            is_political=True,
            decision_by="Udvalget",
            decision_before=NOW.date(),
        )
        for status in MilestoneStatus
    ),
    promises=tuple(
        StatusPromise(**NAMED, outcome=one, due=QUARTER.next, note="Mangler strøm")
        for one in Outcome
    ),
    moves=tuple(StatusMove(**NAMED, move=one, before=QUARTER, after=QUARTER.next) for one in Move),
    indicators=(
        StatusIndicator(
            name="Elbiler",
            of="Grøn omstilling",
            kind=IndicatorKind.OUTCOME,
            unit="biler",
            scale=(),
            target=35.0,
            target_day=NOW.date(),
            values=((QUARTER.first_day, 12.0), (NOW.date(), 20.0)),
            source="Registret",
            quality="Talt",
        ),
        StatusIndicator(
            name="Tilfredshed",
            of="Grøn omstilling",
            kind=IndicatorKind.IMPACT,
            unit="",
            scale=("dårlig", "god"),
            target=None,
            target_day=None,
            values=(),
            source="",
            quality="",
        ),
    ),
)

KEPT = replace(
    BEFORE, kind=ReportKind.STATUS, round_id=None, number=None, version=None, plan_id=1,
    quarter=QUARTER.first_day,
)  # fmt: skip


def status_page(found: PlanStatus, kept: tuple[KeptReport, ...]) -> StatusPage:
    plans = [PlanOption(1, found.plan), PlanOption(2, "")]
    return StatusPage(
        plans=plans,
        plan=plans[0],
        quarter=found.quarter,
        quarters=[found.quarter, found.quarter.next],
        blocks=status_paper(found, Language.DANISH).blocks,
        kept=asked_part(kept, {}, "/plan/status"),
    )


PLAN_STATUS_PAGES: dict[str, PageView] = {
    "plan-status": status_page(STATUS, (KEPT,)),
    "plan-status-quiet": status_page(
        replace(STATUS, last_report=None, milestones=(), promises=(), moves=(), indicators=()),
        (),
    ),
    "plan-status-none": StatusPage(
        plans=(),
        plan=None,
        quarter=QUARTER,
        quarters=(),
        blocks=(),
        kept=asked_part([], {}, "/plan/status"),
    ),
}
