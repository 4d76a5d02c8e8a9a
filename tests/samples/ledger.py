"""Sample views of the pages of the ledger."""

from dataclasses import replace
from datetime import date, timedelta

from api.pages.frame.views import Choice, PageView
from api.pages.ledger import views as ledger_views
from api.pages.ledger.ledger import SHOWN_ROWS
from api.pages.proposals.views import ProposalPage
from costs.budget import MoneyTerms
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.ledger.bridge import Bridge
from optimiser.ledger.hired import HiredList
from optimiser.ledger.leakage import HiredMonth, Means, Place
from optimiser.ledger.progress import TaskState, Undertaken, VehicleFacts, account
from optimiser.ledger.steps import Step
from optimiser.ledger.stored import Ledger, LedgerRow, Task
from optimiser.ledger.tasks import TaskChange
from optimiser.rounds.decisions import Verdict
from tests.samples.parts import first_part
from tests.samples.places import NOW
from tests.samples.proposals import PROPOSAL_PAGES, PROPOSALS

TODAY = date(2026, 11, 20)

#: An accepted proposal that is late, and one that leaks.
UNDERTAKEN = [
    Undertaken(
        number=number,
        action=Action.DISPOSE,
        accepted_on=date(2026, 4, 20),
        takes_hold=date(2026, 6, 1),
        terms=MoneyTerms(saving_kr_year=38_712.0, sale_kr=20_000.0),
        co2_t_year=1.2,
        co2_kr_t=750.0,
        depot_ids=frozenset({"raadhuset"}),
        departments=frozenset({"Hjemmepleje"}),
        whole=(DecisionKey(Action.DISPOSE, str(number)),),
        tasks=[
            TaskState(
                step=Step.HAND_OVER,
                due=date(2026, 5, 31),
                owner="Hjemmepleje" if left else "",
                done_on=left,
            )
        ],
        vehicle=VehicleFacts(retired_at=left),
    )
    for number, left in ((1, None), (2, date(2026, 6, 1)))
]
HIRED = [
    HiredMonth(
        month=date(year, 9, 1),
        means=Means.TAXI,
        place=Place("Hjemmepleje", None),
        kr=kr,
        km=kr / 20,
    )
    for year, kr in ((2025, 4_000.0), (2026, 5_500.0))
]
ACCOUNT = account(UNDERTAKEN, HIRED, TODAY, silent_days=14, leak_kg_km=0.15)
ROWS = [
    LedgerRow(
        proposal=replace(PROPOSALS[0], proposal_id=number, verdict=Verdict.ACCEPTED),
        progress=progress,
        tasks=[
            Task(
                task_id=number,
                step=task.step,
                due=task.due,
                owner=task.owner,
                owner_account=None,
                note="Aftalt med lederen",
                done_on=task.done_on,
                done_by=None if task.done_on is None else "Flådechef",
                revision=1,
                # Somebody chose the day of the first ones.
                planned=task.due + timedelta(days=5 if number == 1 else 0),
            )
            for task in progress.undertaken.tasks
        ],
        accepted_at=NOW,
        accepted_by="Flådechef",
        is_closed=False,
    )
    for number, progress in enumerate(ACCOUNT.rows, start=1)
]
LEDGER = Ledger(
    account=ACCOUNT,
    rows=ROWS,
    lists=[
        HiredList(
            list_id=1,
            source="taxa-2026.csv",
            imported_by="Flådechef",
            imported_at=NOW,
            first=date(2025, 9, 1),
            last=date(2026, 9, 1),
            rows=2,
        )
    ],
)
FULL = ledger_views.LedgerPage(
    ledger=LEDGER,
    part=first_part(ROWS),
    depots=[Choice("raadhuset", "Rådhuset")],
    depot_id="raadhuset",
    bridge=Bridge(
        number=2,
        version=1,
        in_round=2,
        in_round_kr_year=69_656.0,
        earlier=2,
        earlier_kr_year=71_869.0,
        moved_kr_year=-400.0,
        co2_kr_year=522.0,
    ),
    silent_days=14,
    notice_months=3,
    refused_rows=[(7, "der er intet beløb, der kan læses")],
    notice=ledger_views.Notice.TASK_DONE,
)
PROPOSAL_PAGE = PROPOSAL_PAGES["proposal"]
assert isinstance(PROPOSAL_PAGE, ProposalPage)

#: A year with dozens of accepted proposals.
MANY = [
    replace(one, proposal=replace(one.proposal, proposal_id=number))
    for number in range(1, 69)
    for one in ROWS[:1]
]

LEDGER_PAGES: dict[str, PageView] = {
    "ledger": FULL,
    "ledger-many": replace(
        FULL, ledger=replace(LEDGER, rows=MANY), part=first_part(MANY, SHOWN_ROWS)
    ),
    "ledger-empty": replace(
        FULL,
        ledger=Ledger(
            account=account([], [], TODAY, silent_days=14, leak_kg_km=0.15), rows=(), lists=()
        ),
        part=first_part(),
        depots=(),
        depot_id=None,
        refused_rows=(),
        notice=None,
    ),
    "proposal-followed": replace(PROPOSAL_PAGE, follow_up=ROWS[0]),
    "proposal-leaking": replace(PROPOSAL_PAGE, follow_up=ROWS[1]),
    **{
        f"task-{name}": ledger_views.TaskPage(
            row=row,
            task=row.tasks[0],
            due=row.tasks[0].due,
            done_on=TODAY,
            is_last=True,
            owners=["Flådechef", "Hjemmepleje"],
            values={"owner": row.tasks[0].owner, "note": row.tasks[0].note},
            history=[TaskChange({"due": TODAY, "owner": "Hjemmepleje"}, "Flådechef", NOW)],
        )
        for name, row in zip(("late", "done"), ROWS, strict=True)
    },
}
