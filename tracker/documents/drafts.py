"""Keeps what was read of a document until a person has confirmed it: no part of a plan yet."""

import asyncio
import zlib
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict

from db.audit.entry import Act, Subject
from db.audit.record import record
from db.connect import Pool
from db.scope.seen import unscoped
from db.statements import statements
from fleet.actor import Actor, Permission
from fleet.errors import ExpectedError
from tracker.importer.plan_file import PlanFile

SQL = statements("plan_document")


class NoDraftError(ExpectedError, LookupError):
    """No such document waits."""


class Draft(BaseModel):
    """The plan that was read from a document, with the name and the SHA-256 of its file, and the
    texts of its lines by their numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file_name: str
    digest: str
    plan: PlanFile
    lines: Mapping[int, str]


@unscoped
async def keep_draft(pool: Pool, actor: Actor, draft: Draft, days: int) -> None:
    """Keep what was read of a document. The same document read again takes its place. Documents
    that nobody confirmed for so many `days` go."""
    actor.require(Permission.PLAN_MANAGE)
    content = await asyncio.to_thread(_packed, draft)
    async with pool.acquire() as connection, connection.transaction():
        await connection.execute(SQL["keep_draft"], draft.digest, draft.file_name, content, days)
        await record(
            connection,
            actor,
            Act.UPLOADED,
            Subject.FILE,
            draft.digest,
            {"file": draft.file_name, "milestones": len(draft.plan.milestones)},
        )


@unscoped
async def kept_draft(pool: Pool, actor: Actor, digest: str) -> Draft:
    """The document with this SHA-256.

    Raises:
        NoDraftError: it does not wait, or no more.
    """
    actor.require(Permission.PLAN_MANAGE)
    row = await pool.fetchrow(SQL["draft"], digest)
    if row is None:
        raise NoDraftError("there is no such document")
    return await asyncio.to_thread(_unpacked, row["content"])


def _packed(draft: Draft) -> bytes:
    return zlib.compress(draft.model_dump_json().encode())


def _unpacked(content: bytes) -> Draft:
    return Draft.model_validate_json(zlib.decompress(content))
