"""The view of the page on which a plan is removed; see `frame.views`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from api.pages.frame.views import Section
from tracker.plans import Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class RemovalPage:
    """The page on which a plan is removed. `name` is the one by which people know it, "" where it
    has none."""

    template: ClassVar[str] = "plan/removal.html"
    section: ClassVar[Section | None] = Section.PLAN

    plan: Plan
    name: str
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
