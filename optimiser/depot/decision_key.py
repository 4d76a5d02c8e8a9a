"""The key of a decision, which names it in every version of every round."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer


class Action(StrEnum):
    """Proposed actions: share a depot; dispose of, replace, move, buy or keep vehicles."""

    POOL = "pool"
    DISPOSE = "dispose"
    REPLACE = "replace"
    MOVE = "move"
    BUY = "buy"
    KEEP = "keep"


#: The actions by which a vehicle leaves its pool. It can leave in one way only.
LEAVING = frozenset({Action.DISPOSE, Action.REPLACE, Action.MOVE})


@dataclass(frozen=True, slots=True)
class DecisionKey:
    """The key of a decision on a `subject`.

    The subject is the id of a vehicle, of a depot whose departments share, or of a pool in which
    vehicles of `kind` are bought. Only a purchase has a kind. Only a move has the pool `to` which
    the vehicle moves: the same vehicle in another pool is another decision.
    """

    action: Action
    subject: str
    kind: str | None = None
    to: str | None = None

    def __post_init__(self) -> None:
        if (self.kind is not None) != (self.action is Action.BUY):
            raise ValueError(f"a decision to {self.action} with the kind {self.kind!r}")
        if (self.to is not None) != (self.action is Action.MOVE):
            raise ValueError(f"a decision to {self.action} to the pool {self.to!r}")

    def __str__(self) -> str:
        """`<action>:<id>`, `buy:<pool>:<kind>`, or `move:<pool>:<id>`; `%3A` stands for a colon
        within the pool."""
        if self.kind is not None:
            return f"{self.action}:{_escaped(self.subject)}:{self.kind}"
        if self.to is not None:
            return f"{self.action}:{_escaped(self.to)}:{self.subject}"
        return f"{self.action}:{self.subject}"

    def excludes(self, other: "DecisionKey") -> bool:
        """Whether the two are ways for one vehicle to leave its pool, of which only one can be."""
        return (
            self != other
            and self.subject == other.subject
            and {self.action, other.action} <= LEAVING
        )

    @classmethod
    def parse(cls, text: str) -> "DecisionKey":
        """The key in the text of `str`.

        Raises:
            ValueError: `text` is no key.
        """
        action, colon, rest = text.partition(":")
        if not colon:
            raise ValueError(f"{text!r} is no key of a decision")
        if action not in (Action.BUY, Action.MOVE):
            return cls(Action(action), rest)
        escaped, colon, what = rest.partition(":")
        if not colon:
            raise ValueError(f"{text!r} is no key of a decision: it lacks what comes to the pool")
        pool = _ESCAPED.sub(lambda found: _ESCAPES[found[0]], escaped)
        if action == Action.BUY:
            return cls(Action.BUY, pool, kind=what)
        return cls(Action.MOVE, what, to=pool)


#: The escapes of the colon, which ends the pool in a key, and of the percent sign of an escape.
_ESCAPES = {"%3A": ":", "%25": "%"}
_ESCAPED = re.compile("|".join(_ESCAPES))


def _escaped(pool: str) -> str:
    return _ESCAPED.sub(lambda found: "%25" + found[0][1:], pool).replace(":", "%3A")


def _parsed(value: object) -> object:
    return DecisionKey.parse(value) if isinstance(value, str) else value


#: A key that is stored as text.
StoredKey = Annotated[DecisionKey, BeforeValidator(_parsed), PlainSerializer(str, return_type=str)]
