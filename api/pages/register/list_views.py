"""The views of the pages on which a list of vehicles is taken in; see `frame.views`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from api.pages.frame.views import Choice, Section
from api.pages.municipality.views import ShownStep
from costs.catalogue import CatalogueKind
from register.inventory.list_fields import ListField, tells_km_of_a_year
from register.inventory.list_rows import LeftOutRow
from register.inventory.list_values import ChosenSort
from register.inventory.lists import ListSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class ListsPage:
    """The page with the form for a file, and the latest lists."""

    template: ClassVar[str] = "register/lists.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    lists: Sequence[ListSummary]
    keep_days: int
    errors: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class ListHeading:
    """A heading of a list with the first cell below it, and the field that it is taken for."""

    heading: str
    first: str
    chosen: ListField | None

    @property
    def tells_driven_km(self) -> bool:
        """Whether the column has km of a year that the import leaves out."""
        return self.chosen is None and tells_km_of_a_year(self.heading)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListColumnsPage:
    """The page on which a person says what each column holds. `notes` are on how the file was
    read."""

    template: ClassVar[str] = "register/columns.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    list_id: int
    name: str
    rows: int
    notes: Sequence[str]
    headings: Sequence[ListHeading]
    errors: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def fields(self) -> Sequence[ListField]:
        """Every field, in the order of the form."""
        return tuple(ListField)


#: What stands among the choices for a depot or kind that is made on the way.
NEW = "/new"


@dataclass(frozen=True, slots=True)
class AskedValue:
    """A text of the list, on how many rows it stands, and what it is taken for ("": nothing; `NEW`:
    what is made of the other fields), and whether a person has said so. A text of departments may
    be a new one.

    Attributes:
        name: what a new depot or kind is called.
        like: the kind whose figures a new one has.
        faults: what is wrong, by `name` and `like`.
    """

    text: str
    rows: int
    value: str
    is_decided: bool = False
    name: str = ""
    like: str = ""
    faults: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class ListValuesPage:
    """The page on which a person says what texts of the list stand for, by their sort. Of the sorts
    in `makes` new ones can be made on the way; of those in `no_column` the list has no column.
    `errors` are by the ids of the fields. The `unread` rows have a cell that cannot be read, and
    stay out until it is put right."""

    template: ClassVar[str] = "register/values.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    list_id: int
    name: str
    asked: Mapping[ChosenSort, Sequence[AskedValue]]
    choices: Mapping[ChosenSort, Sequence[Choice]]
    unread: int = 0
    no_column: frozenset[ChosenSort] = frozenset()
    makes: frozenset[ChosenSort] = frozenset()
    errors: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def new(self) -> str:
        """What stands for a new depot or kind among the choices."""
        return NEW


@dataclass(frozen=True, slots=True)
class ShownBadCell:
    """A bad cell: the row and the heading, the cell as it stands in the file, and the reason."""

    row: int
    heading: str
    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class UnsettledCells:
    """How many bad cells lack what a person can say of the list, rather than of the cell.

    Attributes:
        words: they have words of which nobody said what they stand for.
        empty: they are empty, and nobody said what vehicles without a value are of.
        no_column: the list has no column for them: what is missing, in words, and their number.
    """

    words: int = 0
    empty: int = 0
    no_column: Sequence[tuple[str, int]] = ()

    @property
    def total(self) -> int:
        return self.words + self.empty + sum(rows for _, rows in self.no_column)


@dataclass(frozen=True, slots=True)
class ShownNew:
    """A vehicle that a row adds, with the words by which people know it, and what else the list
    says of it: the name and the value of each detail."""

    row: int
    name: str
    words: str
    details: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A field of a vehicle that a row changes."""

    row: int
    vehicle: Choice
    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPreviewPage:
    """The page that shows what the import of a list would do. `new`, `changes` and `bad` are the
    first of as many as the counts say; the file has all of them."""

    template: ClassVar[str] = "register/preview.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    list_id: int
    name: str
    notes: Sequence[str]
    remembered: bool
    asks: bool
    new: Sequence[ShownNew]
    new_count: int
    changes: Sequence[ShownChange]
    more_changes: bool
    changed_count: int
    unchanged_count: int
    bad: Sequence[ShownBadCell]
    bad_count: int
    bad_rows: int
    unsettled: UnsettledCells
    left_out: Sequence[LeftOutRow]
    left_out_count: int
    new_depots: Sequence[str] = ()
    new_kinds: Sequence[CatalogueKind] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOutcomePage:
    """The page that tells what became of a list. `bad` are the first of its bad cells. `next_step`
    is that on the way to the first proposals; None: all are taken."""

    template: ClassVar[str] = "register/outcome.html"
    section: ClassVar[Section | None] = Section.VEHICLES

    list_id: int
    name: str
    new_count: int
    changed_count: int
    unchanged_count: int
    left_out_count: int
    bad: Sequence[ShownBadCell]
    bad_count: int
    bad_rows: int
    unsettled: UnsettledCells
    new_depots: int
    new_kinds: int
    next_step: ShownStep | None
