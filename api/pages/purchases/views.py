"""The views of the pages of purchases and disposals; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from api.pages.choices.list_parts import ListPart
from api.pages.frame.views import Choice, Section
from fleet.vehicle import Energy
from optimiser.purchases.check import Advice, Finding, PoolVehicle
from optimiser.purchases.disposals import Disposal
from optimiser.purchases.green_share import YearShare
from optimiser.purchases.principles import Principle, PrincipleRow
from optimiser.purchases.purchases import Purchase, Unrecorded
from optimiser.purchases.requests import Request
from register.naming.look_up import FoundVehicle


class Notice(StrEnum):
    """The outcome of the request before, told once at the top of the page (`?done=…`)."""

    ASKED = "vehicle_asked"
    ANSWERED = "vehicle_answered"
    WITHDRAWN = "request_withdrawn"
    PURCHASE_SAVED = "purchase_saved"
    PURCHASE_WITHDRAWN = "purchase_withdrawn"
    PRINCIPLE_SAVED = "principle_saved"
    DISPOSAL_SAVED = "disposal_saved"


@dataclass(frozen=True, slots=True)
class ToldChange:
    """A change in words: what it set, each value with its marked name."""

    actor: str
    at: datetime
    said: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchasesPage:
    """The requests, and how green the purchases are by year. `waiting` are open, `to_buy` approved
    and not bought yet, `decided` the others. `own_only`: the reader sees some departments."""

    template: ClassVar[str] = "purchases/purchases.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    years: Sequence[YearShare]
    goal: PrincipleRow
    not_green: Sequence[Purchase]
    waiting: ListPart[Request]
    to_buy: ListPart[Request]
    decided: ListPart[Request]
    own_only: bool
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterRow:
    """A purchase or a disposal."""

    day: date
    purchase: Purchase | None = None
    disposal: Disposal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterPage:
    """The register of purchases and disposals. `unrecorded` are the first of the `unrecorded_total`
    vehicles that are new and of which no purchase is recorded."""

    template: ClassVar[str] = "purchases/register.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    part: ListPart[RegisterRow]
    unrecorded: Sequence[Unrecorded]
    unrecorded_total: int
    since: date
    own_only: bool
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestForm:
    """What the form of a request offers to choose from."""

    departments: Sequence[str]
    depots: Sequence[Choice]
    kinds: Sequence[Choice]
    needs: Sequence[Choice]
    energies: Sequence[Energy] = tuple(Energy)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequestPage:
    """The form by which a vehicle is asked for. `found` are the vehicles that a refused text may
    mean."""

    template: ClassVar[str] = "purchases/new_request.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    form: RequestForm
    principles: Sequence[PrincipleRow]
    values: Mapping[str, str]
    found: Sequence[FoundVehicle] = ()
    chosen_needs: frozenset[str] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestPage:
    """A request with what the principles say of it: today while it is open, otherwise on the day of
    the answer. `free` are the vehicles that could do it which the reader sees, `hidden` so many
    others, and `going` those that are proposed to go. `found` are the vehicles that are suggested
    at first, or that a refused text may mean.
    `since` and `until` are the days on which use was measured."""

    template: ClassVar[str] = "purchases/request.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    request: Request
    needs: Sequence[str]
    findings: Sequence[Finding]
    advice: Advice | None
    until_day: date | None
    free: Sequence[PoolVehicle]
    hidden: int
    since: date | None
    until: date | None
    found: Sequence[FoundVehicle]
    history: Sequence[ToldChange]
    may_withdraw: bool
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None
    going: Sequence[PoolVehicle] = ()
    energies: Sequence[Energy] = tuple(Energy)
    principles: Sequence[Principle] = tuple(Principle)


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchasePage:
    """A purchase, or the form of a new one. `request` is the one that it answers, and `found` are
    the vehicles that a refused text may mean."""

    template: ClassVar[str] = "purchases/purchase.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    purchase: Purchase | None
    request: Request | None
    kinds: Sequence[Choice]
    departments: Sequence[str]
    found: Sequence[FoundVehicle]
    history: Sequence[ToldChange]
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    notice: Notice | None = None
    principles: Sequence[Principle] = tuple(Principle)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisposalPage:
    """A vehicle that left, and the form that says by which principle."""

    template: ClassVar[str] = "purchases/disposal.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    disposal: Disposal
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
    principles: Sequence[Principle] = tuple(Principle)


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinciplesPage:
    """All principles as they are now."""

    template: ClassVar[str] = "purchases/principles.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    rows: Sequence[PrincipleRow]
    notice: Notice | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PrinciplePage:
    """One principle, the form that changes it, and its versions."""

    template: ClassVar[str] = "purchases/principle.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    row: PrincipleRow
    seen: int
    history: Sequence[PrincipleRow]
    values: Mapping[str, str]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])
