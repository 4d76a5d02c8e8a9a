"""What rounds keep is read by the version that it carries."""

from typing import Any

import pytest

from optimiser.model.body import VERSION, LaterBodyError, current_body, stored_body


def test_a_body_is_read_as_it_was_stored() -> None:
    content = {"depots": [], "cost_kr_year": 1.5}
    stored = stored_body(content)
    assert stored == {**content, "version": VERSION}
    assert current_body(stored) == content


def test_an_older_body_is_brought_forward_step_by_step() -> None:
    def kilometres(body: dict[str, Any]) -> dict[str, Any]:
        return {"km": body["m"] / 1000}

    def named(body: dict[str, Any]) -> dict[str, Any]:
        return {**body, "name": "unknown"}

    forward = {1: kilometres, 2: named}
    read = {"km": 2.0, "name": "unknown"}
    # One that carries no version is of the first.
    assert current_body({"m": 2000}, current=3, forward=forward) == read
    assert current_body({"m": 2000, "version": 1}, current=3, forward=forward) == read
    assert current_body({"km": 2.0, "version": 2}, current=3, forward=forward) == read
    assert current_body({**read, "version": 3}, current=3, forward=forward) == read


def test_a_body_of_a_later_version_is_refused_with_a_sentence() -> None:
    with pytest.raises(LaterBodyError, match=f"stored in shape {VERSION + 1} by a later version"):
        current_body({"version": VERSION + 1})
