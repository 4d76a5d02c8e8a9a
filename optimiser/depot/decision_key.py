"""What a decision is about, as the key that names it in every version of a round."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer


class Action(StrEnum):
    """What a decision is about."""

    POOL = "pool"
    DISPOSE = "dispose"
    REPLACE = "replace"
    BUY = "buy"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class DecisionKey:
    """A decision on a `subject`: a vehicle by its id, or a depot by its id that is shared, or a
    pool by its id in which vehicles of `kind` are bought. Only a purchase has a kind."""

    action: Action
    subject: str
    kind: str | None = None

    def __post_init__(self) -> None:
        if (self.kind is not None) != (self.action is Action.BUY):
            raise ValueError(f"a decision to {self.action} with the kind {self.kind!r}")

    def __str__(self) -> str:
        """`<action>:<id>`, or `buy:<pool>:<kind>`; a colon in the pool is written `%3A`."""
        if self.kind is None:
            return f"{self.action}:{self.subject}"
        return f"{self.action}:{_escaped(self.subject)}:{self.kind}"

    @classmethod
    def parse(cls, text: str) -> "DecisionKey":
        """The key that `str` gave.

        Raises:
            ValueError: `text` is no key.
        """
        action, colon, rest = text.partition(":")
        if not colon:
            raise ValueError(f"{text!r} is no key of a decision")
        if action != Action.BUY:
            return cls(Action(action), rest)
        pool, colon, kind = rest.partition(":")
        if not colon:
            raise ValueError(f"{text!r} is no key of a decision: it names no kind")
        return cls(Action.BUY, _ESCAPED.sub(lambda found: _SIGNS[found[0]], pool), kind)


#: A sign that would end the pool in a key, and the one that would be taken for its escape.
_SIGNS = {"%3A": ":", "%25": "%"}
_ESCAPED = re.compile("|".join(_SIGNS))


def _escaped(pool: str) -> str:
    return _ESCAPED.sub(lambda found: "%25" + found[0][1:], pool).replace(":", "%3A")


def _read(value: object) -> object:
    return DecisionKey.parse(value) if isinstance(value, str) else value


#: A key that is stored as text.
StoredKey = Annotated[DecisionKey, BeforeValidator(_read), PlainSerializer(str, return_type=str)]
