"""The reports that people kept: one is added, and none ever changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.scope.seen import departments_seen
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from reports.frozen import FrozenReport, ReportKind, digest_of, frozen_json, read_frozen
from reports.plan_status import PlanStatus

SQL = statements("report")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """A report that was kept, without what it says. One of a round has the number and the version
    of it, and one of a quarter of a plan its plan and the first day of the quarter."""

    report_id: int
    kind: ReportKind = ReportKind.ROUND
    round_id: int | None = None
    number: int | None = None
    version: int | None = None
    plan_id: int | None = None
    quarter: date | None = None
    made_at: datetime
    made_by: str
    digest: str


async def keep_report(
    pool: Pool,
    actor: Actor,
    report: FrozenReport,
    *,
    round_id: int | None = None,
    kind: ReportKind = ReportKind.ROUND,
) -> int:
    """Keep a report, of a version of a round or of the end of the pilot; returns its id.

    Raises:
        NotAllowedError: the actor may not request rounds, of a plan not manage plans, or sees some
            departments only.
    """
    status = report.status
    actor.require(Permission.ROUNDS_REQUEST if status is None else Permission.PLAN_MANAGE)
    if actor.departments is not None:
        raise NotAllowedError(None, f"{actor} may not do this: it is of other departments, too")
    content = frozen_json(report)
    async with pool.acquire() as connection, connection.transaction():
        report_id = await connection.fetchval(
            SQL["keep"],
            round_id,
            content,
            digest_of(content),
            str(actor),
            kind.value,
            None if status is None else status.plan_id,
            None if status is None else status.quarter.first_day,
        )
        detail: dict[str, object] = {"kind": kind.value}
        if kind is ReportKind.ROUND:
            detail = {"number": report.number, "version": report.version}
        elif status is not None:
            detail |= {"plan_id": status.plan_id, "quarter": status.quarter.first_day}
        await record(connection, actor, Act.KEPT, Subject.REPORT, report_id, detail)
    return report_id


async def kept_reports(pool: Pool, plan_id: int | None = None) -> Sequence[KeptReport]:
    """The reports that were kept, or those of a plan, the latest first; none for who sees some
    departments only."""
    if departments_seen() is not None:
        return []
    return [
        KeptReport(
            kind=ReportKind(row["kind"]),
            **{name: value for name, value in row.items() if name != "kind"},
        )
        for row in await pool.fetch(SQL["kept"], plan_id)
    ]


async def last_status(pool: Pool, plan_id: int) -> tuple[int, PlanStatus] | None:
    """The number and the status of the report of a plan that was kept last; None: there is none,
    or none that is seen."""
    found = await kept_reports(pool, plan_id)
    report = await read_report(pool, found[0].report_id) if found else None
    if report is None or report[1].status is None:
        return None
    return report[0].report_id, report[1].status


async def read_report(pool: Pool, report_id: int) -> tuple[KeptReport, FrozenReport] | None:
    """A report that was kept; None: there is none, or none that is seen.

    Raises:
        ValueError: it is not as it was kept.
    """
    if departments_seen() is not None:
        return None
    row = await pool.fetchrow(SQL["report"], report_id)
    if row is None:
        return None
    if digest_of(row["content"]) != row["digest"]:
        raise ValueError(f"report {report_id} is not as it was kept")
    report = read_frozen(row["content"])
    kept = KeptReport(
        report_id=report_id,
        kind=ReportKind(row["kind"]),
        round_id=row["round_id"],
        number=report.number,
        version=report.version,
        plan_id=row["plan_id"],
        quarter=row["quarter"],
        made_at=row["made_at"],
        made_by=row["made_by"],
        digest=row["digest"],
    )
    return kept, report
