"""The view of the page of the interface for programs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from api.pages.frame.views import Section
from fleet.actor import Permission


@dataclass(frozen=True, slots=True)
class ShownOperation:
    """An operation, the permission that it asks for, and a command that tries it."""

    method: str
    path: str
    summary: str
    need: Permission
    command: str


@dataclass(frozen=True, slots=True)
class OperationGroup:
    """The operations on one thing; `name` is that in their addresses, and `title` a marked one."""

    name: str
    title: str
    operations: Sequence[ShownOperation]


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfacePage:
    """What programs may ask, thing by thing; `url` is where the server answers."""

    template: ClassVar[str] = "interface/interface.html"
    section: ClassVar[Section | None] = None

    url: str
    groups: Sequence[OperationGroup]
