"""The views of the pages of the audit log; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby
from typing import ClassVar
from urllib.parse import urlencode

from api.pages.audit.told import Told
from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Section
from db.audit.entry import Act, AuditEntry, Subject
from db.audit.search import TrackReading


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditChoice:
    """The entries that an address asks for; "" and None leave a choice open. `typed` are the days
    in the fields and `errors` what is wrong with them. `is_cut`: a part of the address cannot be
    read."""

    first: date
    last: date
    typed: tuple[date, date]
    person: str = ""
    act: Act | None = None
    subject: Subject | None = None
    subject_id: str = ""
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    is_cut: bool = False

    def query(self, **other: str) -> str:
        """The query of the address of these entries."""
        own = {
            "from": self.first.isoformat(),
            "to": self.last.isoformat(),
            "person": self.person,
            "act": self.act or "",
            "subject": self.subject or "",
            "id": self.subject_id,
        }
        return urlencode({name: value for name, value in (own | other).items() if value})


@dataclass(frozen=True, slots=True)
class ShownEntry:
    """An entry with its detail in words. `account_name` is the name of the account that it is
    about; "": it is about none, or one that is not there. `part` is the word, not yet translated,
    for the part of the municipality that it is about; "": it is about another subject."""

    entry: AuditEntry
    by_stranger: bool
    told: Sequence[Told]
    account_name: str = ""
    part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditPage:
    """The page of GET /audit. `older` is the query of the entries before these; None: there are
    none. `too_many`: more were asked for as a file than one has. Entries are deleted after
    `keep_days`; 0: never."""

    template: ClassVar[str] = "audit/audit.html"
    section: ClassVar[Section | None] = None

    choice: AuditChoice
    keep_days: int
    entries: Sequence[ShownEntry]
    persons: Sequence[str]
    older: str | None
    later: bool
    too_many: int | None = None

    @property
    def acts(self) -> Sequence[Act]:
        return list(Act)

    @property
    def subjects(self) -> Sequence[Subject]:
        return list(Subject)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackReadingsPage:
    """The page of GET /audit/tracks?month=2026-11. `more`: there are more than the parts of the
    page show, which the file has."""

    template: ClassVar[str] = "audit/tracks.html"
    section: ClassVar[Section | None] = None

    month: date
    earlier: date
    later: date | None
    part: ListPart[TrackReading]
    more: bool

    @property
    def readings(self) -> Mapping[str, Sequence[TrackReading]]:
        """The readings of the part by person."""
        by_person = groupby(self.part.rows, key=lambda one: one.actor)
        return {actor: list(rows) for actor, rows in by_person}
