"""The reports that people kept: one is added, and none ever changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.scope.seen import departments_seen
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from reports.frozen import FrozenReport, ReportKind, digest_of, frozen_json, read_frozen

SQL = statements("report")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReport:
    """A report that was kept, without what it says. One of a round has the number and the version
    of it."""

    report_id: int
    kind: ReportKind = ReportKind.ROUND
    round_id: int | None = None
    number: int | None = None
    version: int | None = None
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
        NotAllowedError: the actor may not request rounds, or sees some departments only.
    """
    actor.require(Permission.ROUNDS_REQUEST)
    if actor.departments is not None:
        raise NotAllowedError(None, f"{actor} may not do this: it is of other departments, too")
    content = frozen_json(report)
    async with pool.acquire() as connection, connection.transaction():
        report_id = await connection.fetchval(
            SQL["keep"], round_id, content, digest_of(content), str(actor), kind.value
        )
        detail: dict[str, object] = (
            {"number": report.number, "version": report.version}
            if kind is ReportKind.ROUND
            else {"kind": kind.value}
        )
        await record(connection, actor, Act.KEPT, Subject.REPORT, report_id, detail)
    return report_id


async def kept_reports(pool: Pool) -> Sequence[KeptReport]:
    """The reports that were kept, the latest first; none for who sees some departments only."""
    if departments_seen() is not None:
        return []
    return [
        KeptReport(
            kind=ReportKind(row["kind"]),
            **{name: value for name, value in row.items() if name != "kind"},
        )
        for row in await pool.fetch(SQL["kept"])
    ]


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
        made_at=row["made_at"],
        made_by=row["made_by"],
        digest=row["digest"],
    )
    return kept, report
