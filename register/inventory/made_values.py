"""Depots and kinds that the import of a list makes on the way, for words that stand for nothing in
the register yet. It is pure.

A depot is made by its name and waits for its place. A kind has the energy, the capabilities and the
figures of another one, with their source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import chain, count

from costs.catalogue import CatalogueKind
from fleet.errors import ExpectedError
from register.inventory.list_values import ChosenSort, ListLayout, MadeValue
from register.inventory.stored import RegisterChoices
from register.places.waiting import free_depot_id
from register.zones_stored import Depot

#: The most characters of the name of a depot or kind that is made on the way.
MADE_NAME_MAX = 100


class MadeFault(StrEnum):
    """The reason why something cannot be made on the way."""

    NO_NAME = "no_name"
    LONG = "long"
    #: The name is that of a place that is no depot.
    TAKEN = "taken"
    #: Nobody said which kind a new one is like.
    NO_LIKE = "no_like"


class MadeRefusedError(ExpectedError, ValueError):
    """Something cannot be made on the way; `faults` are by the sort and the word of the list."""

    def __init__(self, faults: Mapping[tuple[ChosenSort, str], MadeFault]) -> None:
        super().__init__("; ".join(f"{sort} {text}: {one}" for (sort, text), one in faults.items()))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class WithMade:
    """What vehicles may be registered as once the depots and kinds are there that a layout makes:
    these, everything, and the layout in which its words stand for their ids."""

    depots: Sequence[Depot]
    kinds: Sequence[CatalogueKind]
    choices: RegisterChoices
    layout: ListLayout


def made_faults(
    made: Mapping[ChosenSort, Mapping[str, MadeValue]],
    choices: RegisterChoices,
    zone_names: Mapping[str, str],
) -> dict[tuple[ChosenSort, str], MadeFault]:
    """Why some of what a layout makes cannot be made, by the sort and the word of the list."""
    depots = {one.name.casefold() for one in choices.depots}
    places = {name.casefold() for name in zone_names.values()} - depots
    kinds = {one.name.casefold() for one in choices.kinds}
    faults: dict[tuple[ChosenSort, str], MadeFault] = {}
    for sort, values in made.items():
        for text, value in values.items():
            name = value.name.casefold()
            if not name:
                faults[sort, text] = MadeFault.NO_NAME
            elif len(name) > MADE_NAME_MAX:
                faults[sort, text] = MadeFault.LONG
            elif sort is ChosenSort.DEPOT and name in places:
                faults[sort, text] = MadeFault.TAKEN
            elif sort is ChosenSort.KIND and name not in kinds and choices.kind(value.like) is None:
                faults[sort, text] = MadeFault.NO_LIKE
    return faults


def with_made(
    layout: ListLayout, choices: RegisterChoices, zone_names: Mapping[str, str]
) -> WithMade:
    """The depots and kinds that a layout makes, as far as nothing of their names is there; two
    words with one name stand for one thing."""
    depots: dict[str, Depot] = {}
    taken = dict(zone_names)
    ids = {one.name.casefold(): one.depot_id for one in choices.depots}
    chosen = {sort: dict(layout.chosen.get(sort, {})) for sort in ChosenSort}
    for text, value in layout.made.get(ChosenSort.DEPOT, {}).items():
        name = value.name.casefold()
        if name not in ids:
            depot_id = ids[name] = free_depot_id(value.name, taken)
            taken[depot_id] = value.name
            depots[depot_id] = Depot(
                depot_id=depot_id, name=value.name, lat=None, lon=None, radius_m=None
            )
        chosen[ChosenSort.DEPOT][text] = ids[name]
    kinds: dict[str, CatalogueKind] = {}
    ids = {one.name.casefold(): one.kind for one in choices.kinds}
    known = {one.kind for one in choices.kinds}
    for text, value in layout.made.get(ChosenSort.KIND, {}).items():
        name, like = value.name.casefold(), choices.kind(value.like)
        if name not in ids:
            if like is None:  # the kind that it was to be like is not there any more
                continue
            kind_id = ids[name] = _free_kind_id(value.name, known | kinds.keys())
            kinds[kind_id] = replace(like, kind=kind_id, name=value.name, offered=False)
        chosen[ChosenSort.KIND][text] = ids[name]
    return WithMade(
        list(depots.values()),
        list(kinds.values()),
        RegisterChoices(
            [*choices.kinds, *kinds.values()],
            [*choices.depots, *depots.values()],
            choices.departments,
            choices.shipped,
        ),
        replace(layout, chosen=chosen),
    )


def _free_kind_id(name: str, taken: set[str]) -> str:
    wanted = "-".join(name.lower().split())
    numbered = (f"{wanted}-{number}" for number in count(2))
    return next(one for one in chain([wanted], numbered) if one not in taken)
