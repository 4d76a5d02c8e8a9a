"""Sample views of the pages of the plan."""

from dataclasses import replace
from typing import cast

from api.pages.choices.list_parts import asked_part
from api.pages.frame.forms import NAME_TOO_LONG, FieldChange
from api.pages.frame.views import Choice, PageView
from api.pages.plan import views as plan_views
from api.pages.plan.choice import PlanChoice
from api.pages.plan.forms import (
    DOCUMENT_MISSING,
    EMAIL_WRONG,
    NAME_MISSING,
    OTHER_YEAR,
    PLAN_INCOHERENT,
    QUARTER_MISSING,
    QUARTER_UNCONFIRMED,
    REMOVAL_UNEXPLAINED,
    YEAR_MISSING,
)
from api.pages.plan.import_views import Difference, ImportPage, PreviewPage, ReadGroup
from api.pages.plan.milestone import texts_of
from api.pages.plan.owner_views import OwnerPage, OwnerRow, OwnersPage
from api.pages.plan.views import RemovalPage
from tests.factories.milestones import PLAIN
from tests.samples.follow_up import COVERAGE
from tests.samples.places import NOW
from tracker.contacts import Contact
from tracker.documents.drafts import Draft
from tracker.documents.matching import Question
from tracker.facts import Fact, FactAnswer
from tracker.importer.plan_file import Milestone as ReadMilestone
from tracker.importer.plan_file import NotPlaced, PlanFile
from tracker.milestone import Milestone, MilestoneStatus, NeededDecision, Person, Source
from tracker.plans import Plan, Programme, Reading, Resource
from tracker.progress import Tally
from tracker.quarter import Quarter

MILESTONES = [
    plan_views.MilestoneRow(
        milestone_id=f"m{index}",
        title="Fælles aftale om lån af køretøjer mellem centrene",
        programme="Flådeprogrammet",
        initiative="Deling på tværs",
        due=Quarter(2026, index % 4 + 1) if index < 5 else None,
        status=status,
        late=not index,
        note="Afventer svar.\nRykket i oktober." if index else "",
        owner="Byteamet" if index % 2 else "",
        centre="Center for Natur og Miljø" if index % 2 else "",
        decision=NeededDecision("Kommunalbestyrelsen", NOW.date()) if index == 1 else None,
    )
    for index, status in enumerate(MilestoneStatus)
]

TALLY = Tally(dict.fromkeys(MilestoneStatus, 2), 1, 1, 3, 2, 1)

PROGRAMME = Programme(
    programme_id="p1",
    plan_id=1,
    number="4",
    name="Flådeprogrammet",
    purpose="Færre, grønnere og bedre udnyttede køretøjer.",
    success_criteria=("Færre køretøjer", "Flere på el"),
    partners_internal=["Alle centre"],
    partners_external=["Leverandører", "Andre kommuner"],
    resources=(Resource("Center for Natur og Miljø", 1.5), Resource("CAE", None)),
    is_written=True,
    gone_at=None,
    revision=1,
    is_taken=True,
)


def plan_page(address: str, **parts: object) -> plan_views.PlanPage:
    """The overview as it is under the query of an address, with other `parts` than nothing."""
    query = dict(part.split("=") for part in address.split("&") if part)
    empty: dict[str, object] = {
        "choice": PlanChoice.read(query),
        "whole": TALLY,
        "plans": [plan_views.Option("1", "Plan 2026", False), plan_views.Option("2", "", True)],
        "programmes": [plan_views.Option("p1", "Flådeprogrammet", False)],
        "quarters": [Quarter(2026, 4)],
        "owners": [Choice("1", "Byteamet")],
        "centres": ["Center for Natur og Miljø"],
        "programme": None,
        "not_taken": (),
        "groups": None,
        "columns": (),
        "years": (),
        "year": None,
        "strands": None,
        "strand_quarters": (),
        "part": None,
    }
    return plan_views.PlanPage(**{**empty, **parts})  # pyright: ignore[reportArgumentType]


def groups_of(name: str) -> object:
    found = [plan_views.Group(name, TALLY, "/plan"), plan_views.Group("", TALLY, "/plan")]
    return asked_part(found, {}, "/plan", name="groups")


PLAN = Plan(
    plan_id=1,
    name="Plan 2026",
    title=None,
    year=2026,
    policies=(),
    not_placed=(),
    is_shipped=False,
    follows=None,
    reading=Reading("plan.pdf", "0" * 64, "MB", NOW),
    removed_at=None,
    revision=1,
)

MILESTONE = replace(
    PLAIN,
    year=2026,
    quarter_from=1,
    quarter_to=2,
    quarter_as_written="1.-2. kvt.",
    is_inferred=True,
    quarter_confirmed_by="MB",
    source=Source(12, 14, 3),
    postponed=Quarter(2026, 4),
    merged_into="m2",
    owner=Person(1, "Byteamet", has_left=True),
    deputy=Person(2, "Vejteamet", has_left=False),
    centre="CAE",
    decision=NeededDecision("Udvalget", NOW.date()),
    answer=FactAnswer(Fact.FIRST_ROUND, holds=True, at=NOW, count=3),
    gone_at=NOW,
    own_words="Lån mellem centre",
)


CONTACT = Contact(
    contact_id=1,
    name="Byteamet",
    centre="CAE",
    account_id=None,
    left_at=NOW,
    heard_at=NOW,
    revision=1,
)


def milestone_page(**parts: object) -> plan_views.MilestonePage:
    """The page of a milestone about which there is much to tell, with other `parts`."""
    found = cast("Milestone", parts.get("milestone", MILESTONE))
    full: dict[str, object] = {
        "milestone": found,
        "row": plan_views.MilestoneRow.of(found, NOW.date()),
        "plan": PLAN,
        "texts": texts_of(found),
        "seen_changes": 1,
        "contacts": [CONTACT],
        "centres": ["CAE"],
        "quarters": [Quarter(2026, 4), Quarter(2027, 1)],
        "others": [replace(PLAIN, milestone_id="m2", text="Et meget langt mål " * 9)],
        "merged_title": "En anden",
        "parts": [replace(PLAIN, milestone_id="m3")],
        "history": [
            plan_views.HistoryEntry(
                "Projektleder",
                NOW,
                MilestoneStatus.IN_PROGRESS,
                "Afventer svar.",
                [plan_views.ToldValue("Owner", "", "Byteamet")],
            )
        ],
    }
    return plan_views.MilestonePage(**{**full, **parts})  # pyright: ignore[reportArgumentType]


READ = Draft(
    file_name="plan.pdf",
    digest="0" * 64,
    plan=PlanFile(
        title="Plan for 2026",
        year=2026,
        milestones=(
            ReadMilestone(
                id="1",
                section="1.1",
                text="Lån af køretøjer er aftalt",
                quarter_as_written="kvartal 2026",
                year=2026,
                quarter_from=2,
                quarter_to=2,
                inferred=True,
                line_from=3,
                line_to=4,
                page=2,
            ),
            ReadMilestone(
                id="2", section="1.1", text="En del", level="sub", line_from=5, line_to=5
            ),
        ),
        not_placed=(NotPlaced(line_from=9, line_to=10, text="Bilag"),),
    ),
    lines={3: "• Lån af køretøjer", 4: "  er aftalt", 5: "- En del"},
)

PLAN_PAGES: dict[str, PageView] = {
    "plan": plan_page(
        "",
        groups=groups_of("Flådeprogrammet"),
        part=asked_part(MILESTONES, {}, "/plan", most=4),
        not_taken=["Flådeprogrammet"],
        coverages=[COVERAGE],
        notice=plan_views.Notice.MILESTONE_SAVED,
    ),
    "plan-programme": plan_page(
        "programme=p1&show=late", programme=PROGRAMME, part=asked_part(MILESTONES[:1], {}, "/plan")
    ),
    "plan-board": plan_page(
        "by=quarter",
        columns=[
            plan_views.QuarterColumn(
                quarter=due,
                is_current=due == Quarter(2026, 4),
                found=7,
                milestones=[one for one in MILESTONES if one.due == due],
                address="/plan?quarter=2026-4",
            )
            for due in (Quarter(2026, 1), Quarter(2026, 4), None)
        ],
        years=[2026, 2027],
        year=2026,
    ),
    "plan-owners": plan_page("by=owner", groups=groups_of("Byteamet"), part=None),
    "plan-centres": plan_page("by=centre", groups=groups_of("CAE"), part=None),
    "plan-decisions": plan_page("by=decision", part=asked_part(MILESTONES[1:2], {}, "/plan")),
    "plan-strands": plan_page(
        "by=strand",
        strands=asked_part(
            [plan_views.StrandRow("Lån mellem centre", [MILESTONES[:1], []])], {}, "/plan"
        ),
        strand_quarters=[Quarter(2026, 1), None],
    ),
    "plan-moved": plan_page(
        "since=2026-10-01",
        moves=plan_views.PlanMoves(
            since=NOW.date(),
            quarter=Quarter(2026, 4),
            out=[plan_views.MovedRow(MILESTONES[0], None, is_new=False)],
            into=[
                plan_views.MovedRow(MILESTONES[1], Quarter(2026, 1), is_new=False),
                plan_views.MovedRow(MILESTONES[2], None, is_new=True),
            ],
            out_found=11,
            into_found=2,
        ),
    ),
    "plan-not-moved": plan_page(
        "since=2026-10-01",
        moves=plan_views.PlanMoves(
            since=NOW.date(), quarter=Quarter(2026, 4), out=(), into=(), out_found=0, into_found=0
        ),
    ),
    "plan-nothing-found": plan_page("q=intet", part=asked_part([], {}, "/plan")),
    "plan-empty": plan_page("", plans=()),
    "milestone": milestone_page(),
    "milestone-changed-meanwhile": milestone_page(
        values={"progress": "done", "note": "Sendt"},
        meanwhile=[
            FieldChange("progress", "not_started", "in_progress", "done"),
            FieldChange("owner", "", "1"),
        ],
    ),
    "milestone-refused": milestone_page(
        values={"progress": "postponed"},
        errors=dict.fromkeys(
            (
                *("progress", "until", "into", "note", "owner", "deputy", "centre"),
                *("decider", "before", "own_words", "fact"),
            ),
            QUARTER_MISSING,
        ),
    ),
    "milestone-shipped": milestone_page(
        milestone=replace(
            PLAIN, answer=FactAnswer(Fact.FIRST_ROUND, holds=False, at=None, count=0)
        ),
        plan=replace(PLAN, reading=None, is_shipped=True),
        merged_title="",
    ),
    "plan-contacts": OwnersPage(
        part=asked_part(
            [
                OwnerRow(CONTACT, "anna@example.org", TALLY),
                OwnerRow(replace(CONTACT, contact_id=2, heard_at=None, left_at=None), None, None),
            ],
            {},
            "/plan/owners",
        ),
        values={"name": "", "email": "x"},
        errors={"name": NAME_MISSING, "email": EMAIL_WRONG, "centre": NAME_TOO_LONG},
        notice=plan_views.Notice.CONTACT_SAVED,
    ),
    "plan-contacts-none": OwnersPage(part=asked_part([], {}, "/plan/owners")),
    "plan-contact": OwnerPage(
        contact=CONTACT,
        texts={"name": "Byteamet", "email": "", "centre": "CAE", "left": "1"},
        errors={"name": NAME_MISSING},
        meanwhile=[FieldChange("left", "", "1")],
    ),
    "plan-removal": RemovalPage(
        plan=PLAN, name="", values={"reason": ""}, errors={"reason": REMOVAL_UNEXPLAINED}
    ),
    "plan-import": ImportPage(
        plans=[plan_views.Option("1", "", False)], errors={"file": DOCUMENT_MISSING}
    ),
    "plan-import-preview": PreviewPage(
        draft=READ,
        again="1",
        follows="",
        is_of_plan=True,
        groups=[ReadGroup("1.1", "Deling", READ.plan.milestones)],
        difference=Difference(
            revision=1, same=2, added=["Ny"], changed=[("Før", "Nu")], gone=["Væk"]
        ),
        questions=[Question(READ.plan.milestones[1], READ.plan.milestones[:1])],
        values={"quarter-1": "2026-2"},
        errors={"quarter-1": QUARTER_UNCONFIRMED},
    ),
    "plan-import-new": PreviewPage(
        draft=READ.model_copy(update={"plan": READ.plan.model_copy(update={"year": None})}),
        again="",
        follows="",
        is_of_plan=False,
        groups=[],
        difference=None,
        errors={"year": YEAR_MISSING, "name": NAME_TOO_LONG},
    ),
    "plan-import-next": PreviewPage(
        draft=READ,
        again="",
        follows="1",
        is_of_plan=True,
        groups=[],
        difference=Difference(revision=1, same=1, added=[], changed=[], gone=[]),
        errors={"confirm": PLAN_INCOHERENT},
    ),
    "plan-import-other-year": PreviewPage(
        draft=READ,
        again="1",
        follows="",
        is_of_plan=True,
        groups=[],
        difference=None,
        errors={"confirm": OTHER_YEAR},
    ),
}
