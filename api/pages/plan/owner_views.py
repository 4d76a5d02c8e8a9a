"""The views of the pages of who has a part in plans; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.forms import FieldChange, Seen
from api.pages.frame.views import Section
from api.pages.plan.views import Notice
from tracker.contacts import Contact
from tracker.progress import Tally


@dataclass(frozen=True, slots=True)
class OwnerRow:
    """A contact, and how the milestones stand that they own; None: they own none. `email` is None
    for who may not read it."""

    contact: Contact
    email: str | None
    tally: Tally | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnersPage:
    """The page of GET /plan/owners, with the form that adds somebody."""

    template: ClassVar[str] = "plan/owners.html"
    section: ClassVar[Section | None] = Section.PLAN

    part: ListPart[OwnerRow]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerPage:
    """The page of a contact. `texts` are those of the fields of its form as it stands."""

    template: ClassVar[str] = "plan/owner.html"
    section: ClassVar[Section | None] = Section.PLAN

    contact: Contact
    texts: Mapping[str, str]
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    meanwhile: Sequence[FieldChange] | None = None

    @property
    def seen(self) -> Seen:
        """The state that the form shows."""
        return Seen(self.contact.revision, self.texts)
