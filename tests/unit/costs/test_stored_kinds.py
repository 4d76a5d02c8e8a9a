"""Kinds of vehicle as they are stored."""

from dataclasses import replace
from itertools import permutations

from costs.catalogue import CatalogueKind, starter_catalogue


def test_a_kind_is_stored_alike_however_what_it_offers_was_put_together() -> None:
    # In a set of eight places words as these often fall on one, and stand in the order they came.
    words = ("cargo", "lift", "crane", "towbar", "mower")
    for kind in starter_catalogue()[:2]:
        stored = [replace(kind, offers=frozenset(order)).to_json() for order in permutations(words)]
        assert all(one == stored[0] for one in stored)
        assert stored[0]["offers"] == sorted(words)
        assert CatalogueKind.from_json(stored[0]).to_json() == stored[0]
