"""What the texts of a list stand for: kinds, depots and departments of the register, as they are
known by their names or as a person chose. It is pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from register.inventory.list_fields import ListField, letters_and_digits
from register.inventory.list_rows import ListedRow, kind_text
from register.inventory.stored import RegisterChoices

Key = TypeVar("Key", str, frozenset[str])

#: Texts of one sort that a person is asked about; a list with more has the wrong column for it.
ASKED_MAX = 150


class ChosenSort(StrEnum):
    """A sort of texts that stand for something in the register."""

    KIND = "kind"
    DEPOT = "depot"
    DEPARTMENT = "department"


#: The fields of a list from which the text of each sort comes.
FIELDS_OF_SORT: Mapping[ChosenSort, frozenset[ListField]] = {
    ChosenSort.KIND: frozenset({ListField.KIND, ListField.ENERGY}),
    ChosenSort.DEPOT: frozenset({ListField.DEPOT}),
    ChosenSort.DEPARTMENT: frozenset({ListField.DEPARTMENT}),
}


#: The fields of a list that tell the kind, which come in this order in its text.
_KIND_FIELDS = (ListField.KIND, ListField.ENERGY)


def has_column(sort: ChosenSort, fields: Iterable[ListField]) -> bool:
    """Whether a list with columns of these fields has one for a sort."""
    return not FIELDS_OF_SORT[sort].isdisjoint(fields)


@dataclass(frozen=True, slots=True)
class MadeValue:
    """A depot or a kind that an import makes: its name, and of a kind the id of the one whose
    energy, capabilities and figures it has."""

    name: str
    like: str = ""


@dataclass(frozen=True, slots=True)
class ListLayout:
    """How a person said that a list is read: the field of each heading, and by sort what each text
    stands for: the id of a kind or a depot, or the name of a department. The text "" stands for
    cells that are empty. Texts of `made` stand for a depot or a kind that the import makes."""

    columns: Mapping[str, ListField] = field(default_factory=dict[str, ListField])
    chosen: Mapping[ChosenSort, Mapping[str, str]] = field(
        default_factory=dict[ChosenSort, Mapping[str, str]]
    )
    made: Mapping[ChosenSort, Mapping[str, MadeValue]] = field(
        default_factory=dict[ChosenSort, Mapping[str, MadeValue]]
    )

    def with_values(
        self,
        chosen: Mapping[ChosenSort, Mapping[str, str]],
        made: Mapping[ChosenSort, Mapping[str, MadeValue]],
    ) -> "ListLayout":
        """The layout with what some texts stand for; the others keep what they stood for."""
        return replace(
            self,
            chosen={
                sort: {
                    text: value
                    for text, value in {**self.chosen.get(sort, {}), **chosen.get(sort, {})}.items()
                    if text not in made.get(sort, {})
                }
                for sort in ChosenSort
            },
            made={
                sort: {
                    text: value
                    for text, value in {**self.made.get(sort, {}), **made.get(sort, {})}.items()
                    if text not in chosen.get(sort, {})
                }
                for sort in ChosenSort
            },
        )

    def to_json(self) -> dict[str, Any]:
        chosen = {sort.value: dict(values) for sort, values in self.chosen.items()}
        made = {
            sort.value: {text: asdict(one) for text, one in values.items()}
            for sort, values in self.made.items()
        }
        return {"columns": dict(self.columns), "chosen": chosen, "made": made}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "ListLayout":
        """The layout that `to_json` made JSON of."""
        columns = {heading: ListField(one) for heading, one in content["columns"].items()}
        made = {
            ChosenSort(sort): {text: MadeValue(**one) for text, one in values.items()}
            for sort, values in content.get("made", {}).items()
        }
        chosen = {ChosenSort(k): dict(v) for k, v in content["chosen"].items()}
        return cls(columns, chosen, made)


@dataclass(frozen=True, slots=True)
class AskedText:
    """A text that a person says the meaning of: on how many rows it stands, and the value that it
    is taken for so far, or what is `made` for it; None: none. `is_decided`: a person has said so,
    also that it is none."""

    sort: ChosenSort
    text: str
    rows: int
    value: str | None
    is_decided: bool
    made: MadeValue | None = None


class KnownValues:
    """Tells what a text of a list stands for: by the names in the register, or as was chosen."""

    def __init__(self, choices: RegisterChoices, layout: ListLayout) -> None:
        self._chosen = layout.chosen
        self._named = {
            ChosenSort.KIND: _Names((kind.kind, kind.name) for kind in choices.kinds),
            ChosenSort.DEPOT: _Names((depot.depot_id, depot.name) for depot in choices.depots),
            ChosenSort.DEPARTMENT: _Names((name, name) for name in choices.departments),
        }

    def value(self, sort: ChosenSort, row: ListedRow) -> str | None:
        """The value that a row has of a sort; None: nobody said what its text stands for."""
        if (named := self.named(sort, row)) is not None:
            return named
        chosen = self._chosen.get(sort, {})
        value = chosen.get(self.asked_text(sort, row)) or chosen.get(text_of(sort, row))
        is_known = sort is ChosenSort.DEPARTMENT or value in self._named[sort].ids.values()
        return value if value and is_known else None

    def named(self, sort: ChosenSort, row: ListedRow) -> str | None:
        """The value whose name or id the text is, or whose name has the same words. A row without
        a depot or a department has that which the heading of its group names."""
        names = self._named[sort]
        own = row.texts.get(ListField.KIND, "") if sort is ChosenSort.KIND else ""
        found = names.meant_by(own) or names.meant_by(text_of(sort, row))
        return found or (names.meant_by(row.section) if self._is_of_section(sort, row) else None)

    def asked_text(self, sort: ChosenSort, row: ListedRow) -> str:
        """The text that a person says the meaning of where it names nothing: that of the row, or
        for its department the heading of its group, unless that names a depot."""
        if sort is ChosenSort.DEPARTMENT and self._is_of_section(sort, row):
            is_depot = self._named[ChosenSort.DEPOT].meant_by(row.section) is not None
            return "" if is_depot else row.section
        return text_of(sort, row)

    def _is_of_section(self, sort: ChosenSort, row: ListedRow) -> bool:
        """Whether a row has no text of a sort, and stands in a group whose heading may say it."""
        return sort is not ChosenSort.KIND and bool(row.section) and not text_of(sort, row)

    def unknown_fields(self, row: ListedRow) -> Sequence[ListField]:
        """The fields of a row because of which its kind is not known: both where each may be a word
        of a kind, or neither is."""
        kind, energy = (row.texts.get(one, "") for one in _KIND_FIELDS)
        names = self._named[ChosenSort.KIND]
        is_kind = bool(kind) and names.has_words(kind)
        is_energy = not energy or names.has_letters(energy)
        if ListField.KIND not in row.texts or (is_energy < (is_kind or not kind)):
            return _KIND_FIELDS[1:]
        return _KIND_FIELDS if energy and is_kind == is_energy else _KIND_FIELDS[:1]


class _Names:
    """The values of a sort by their ids and names. A name that two have leads to neither."""

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        listed = list(pairs)
        self.ids = {one.casefold(): one for one, _ in listed}
        self._by_name = _unique((name.casefold(), one) for one, name in listed)
        self._by_words = _unique((_words(name), one) for one, name in listed)
        self._every_words = [_words(name) for _, name in listed]
        self._every_letters = [letters_and_digits(name) for _, name in listed]
        #: What texts mean that were asked for; a list has few different ones.
        self._meant: dict[str, str | None] = {}

    def meant_by(self, text: str) -> str | None:
        """The value that a text names; None: there is none, or more than one."""
        if text not in self._meant:
            plain = text.casefold()
            found = self._by_name.get(plain) or self.ids.get(plain)
            self._meant[text] = found or self._by_words.get(_words(text))
        return self._meant[text]

    def has_words(self, text: str) -> bool:
        """Whether the words of a text are among those of a name."""
        own = _words(text)
        return any(own <= words for words in self._every_words)

    def has_letters(self, text: str) -> bool:
        """Whether a text is a part of a name, as `el` is of `Elvarebil`."""
        letters = letters_and_digits(text)
        return any(letters in one for one in self._every_letters)


def text_of(sort: ChosenSort, row: ListedRow) -> str:
    """The text of a row that stands for a value of a sort."""
    match sort:
        case ChosenSort.KIND:
            return row.kind_text
        case ChosenSort.DEPOT:
            return row.depot_text
        case ChosenSort.DEPARTMENT:
            return row.department_text


def is_read(sort: ChosenSort, row: ListedRow) -> bool:
    """Whether the text of a sort is all that the cells of a row say of it: one of a bad cell is
    not."""
    kind, energy = (row.texts.get(one, "") for one in _KIND_FIELDS)
    match sort:
        case ChosenSort.KIND:
            return row.kind_text == kind_text(kind, energy)
        case ChosenSort.DEPOT:
            return row.depot_text == row.texts.get(ListField.DEPOT, "")
        case ChosenSort.DEPARTMENT:
            return row.department_text == row.texts.get(ListField.DEPARTMENT, "")


def asked_texts(
    rows: Iterable[ListedRow],
    known: KnownValues,
    layout: ListLayout,
    is_new: Callable[[ListedRow], bool],
    *,
    new_departments: bool,
    new_depots: bool,
) -> list[AskedText]:
    """The texts that a person says the meaning of, by sort, the most frequent first: those that
    name nothing in the register, and "" where new vehicles lack a value. A cell that cannot be read
    has no meaning to say.

    What was chosen so far is their value. With `new_departments`, as in an empty register, that of
    a department is the department as it is written, by the most frequent of the spellings that have
    the same words; with `new_depots`, a depot is made so. The heading of a group may be anything,
    so that nothing is taken from it that a person did not choose.
    """
    counts: dict[ChosenSort, Counter[str]] = {sort: Counter() for sort in ChosenSort}
    written: set[tuple[ChosenSort, str]] = set()
    for row in rows:
        for sort in ChosenSort:
            text = text_of(sort, row)
            if (text or is_new(row)) and is_read(sort, row) and known.named(sort, row) is None:
                counts[sort][known.asked_text(sort, row)] += 1
                written.add((sort, text))
    asked: list[AskedText] = []
    spelt: dict[tuple[ChosenSort, frozenset[str]], str] = {}
    for sort, texts in counts.items():
        for text, number in texts.most_common(ASKED_MAX):
            chosen = layout.chosen.get(sort, {})
            made = layout.made.get(sort, {}).get(text)
            value = None if made is not None else chosen.get(text) or None
            is_decided = text in chosen or made is not None
            if not is_decided and text and (sort, text) in written:
                spelling = spelt.setdefault((sort, _words(text)), text)
                if sort is ChosenSort.DEPARTMENT and new_departments:
                    value = spelling
                elif sort is ChosenSort.DEPOT and new_depots:
                    made = MadeValue(spelling)
            asked.append(AskedText(sort, text, number, value, is_decided, made))
    return asked


def _unique(pairs: Iterable[tuple[Key, str]]) -> dict[Key, str]:
    """The values by their keys, without the keys that two values have."""
    listed = list(pairs)
    times = Counter(key for key, _ in listed)
    return {key: value for key, value in listed if times[key] == 1}


def _words(text: str) -> frozenset[str]:
    """The words of a text; the sign & is the word that people write in its place."""
    plain = text.replace("/", " ").replace("&", " og ")
    words = (letters_and_digits(word) for word in plain.split())
    return frozenset(word for word in words if word)
