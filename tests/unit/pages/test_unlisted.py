"""A page says when its address asks for a depot, a department or a kind that there is not."""

from dataclasses import replace
from typing import Any

import pytest

from tests.samples.pages import PAGES
from tests.unit.pages.test_ends import said


@pytest.mark.parametrize("name", ["use", "register", "proposals"])
def test_a_filter_that_offers_no_such_department_and_depot_says_so(name: str):
    view: Any = PAGES[name]
    wording = ["en afdeling, der ikke er på listen", "et depot, der ikke er på listen"]
    assert not any(words in said(view) for words in wording)
    if name == "proposals":
        asked = replace(view, department="x", depot_id="x")
    elif name == "use":
        asked = replace(view, chosen=replace(view.chosen, department="x", depot="x"))
    else:
        asked = replace(view, choice=replace(view.choice, department="x", depot="x"))
    assert all(words in said(asked) for words in wording)


def test_the_list_of_vehicles_says_that_there_is_no_such_depot():
    view: Any = PAGES["vehicles"]
    told = "Det depot findes ikke"
    assert told not in said(view)
    assert told in said(replace(view, no_depot=True, depot_id=None))
