"""Who may be given a task is who may say that it is done."""

import pytest

from access.roles import Role
from optimiser.depot.decision_key import Action, DecisionKey
from optimiser.depot.decisions import Decision
from optimiser.ledger.tasks import may_do

POOL = Decision(
    key=DecisionKey(Action.POOL, "nord"),
    action=Action.POOL,
    depot_id="nord",
    departments=("Jobcenter", "Vej & Park"),
)
CAR = Decision(
    key=DecisionKey(Action.DISPOSE, "v1"),
    action=Action.DISPOSE,
    depot_id="nord",
    vehicle_id="v1",
    departments=("Jobcenter",),
)
HEAD, BOTH = frozenset({"Jobcenter"}), frozenset({"Jobcenter", "Vej & Park"})


@pytest.mark.parametrize(
    ("decision", "role", "departments", "may"),
    [
        (POOL, Role.FLEET_UNIT, frozenset[str](), True),
        (POOL, Role.ADMINISTRATOR, frozenset[str](), True),
        (POOL, Role.DEPARTMENT_HEAD, HEAD, False),
        (POOL, Role.DEPARTMENT_HEAD, BOTH, True),
        (POOL, Role.READER, frozenset[str](), False),
        (CAR, Role.DEPARTMENT_HEAD, HEAD, True),
        (CAR, Role.READER, frozenset[str](), False),
    ],
)
def test_a_task_of_several_departments_is_for_who_decides_on_all_of_it(
    decision: Decision, role: Role, departments: frozenset[str], may: bool
) -> None:
    assert may_do(decision, role, departments) is may
