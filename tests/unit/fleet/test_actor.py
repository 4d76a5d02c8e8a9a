"""Who acts has a name, which is what is stored."""

import pytest

from fleet.actor import Actor


def test_what_is_stored_is_the_name() -> None:
    assert str(Actor.trusted("Inge Holm")) == "Inge Holm"


@pytest.mark.parametrize("name", ["", "  ", "\n"])
def test_nobody_does_not_act(name: str) -> None:
    with pytest.raises(ValueError, match="must not be empty"):
        Actor.trusted(name)
