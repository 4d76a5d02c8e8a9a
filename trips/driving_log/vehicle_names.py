"""The names by which a driving log may mean a vehicle."""

from collections.abc import Collection, Iterable


def vehicle_names(
    called: Iterable[tuple[str, str]], retired: Collection[str] = ()
) -> dict[str, str | None]:
    """The ids of vehicles by their names in lower case; None: several are called so.

    `called` are pairs of a name and an id. A vehicle that is no longer in the fleet (`retired`)
    gives way to one that is.
    """
    ids: dict[str, set[str]] = {}
    for name, vehicle_id in called:
        ids.setdefault(name.lower(), set()).add(vehicle_id)
    names: dict[str, str | None] = {}
    for name, found in ids.items():
        meant = found.difference(retired) or found
        names[name] = next(iter(meant)) if len(meant) == 1 else None
    return names
