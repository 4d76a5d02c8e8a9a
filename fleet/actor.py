"""The actor of a change: a person, or a part of the system, by the name that is stored with it."""

from dataclasses import dataclass

from fleet.errors import ExpectedError


class NobodyError(ExpectedError, ValueError):
    """An act names no actor."""


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, or a part of the system that acts by itself, by name.

    Raises:
        NobodyError: the name is empty.
    """

    name: str

    def __post_init__(self) -> None:
        if not self.name.strip():
            raise NobodyError("say who does it: the name of who acts must not be empty")

    def __str__(self) -> str:
        """The name that is stored with a change."""
        return self.name.strip()
