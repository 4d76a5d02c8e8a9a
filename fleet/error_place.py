"""The parts of an error that a log may hold: its kind, and the place in the code where it was
raised.

The text of an error may quote a message that somebody sent, or a row that a statement refused, and
more people read a log than may read those.
"""

import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import cast

#: The packages of the product, beside which libraries lie when it is installed.
ROOMS = frozenset(
    {
        *("fleet", "db", "access", "costs", "register", "ingest", "trips", "optimiser", "tracker"),
        *("reports", "api", "simulators"),
    }
)
_HOUSE = Path(__file__).resolve().parents[1]

#: The most errors behind an error that are logged.
_BEHIND_MAX = 5


def log_values_of(error: BaseException) -> dict[str, str | list[str]]:
    """The values of an error for one line of a log.

    `kind` is the class of the error, or that of the first error of a group. `at` is the file and
    line that raised it. `through` is the last line of ours on the way there, where a library raised
    it. `behind` are the errors that it arose from, and the others of its group.
    """
    first = _first_of(error)
    others = [one for one in _behind(error) if one is not first][:_BEHIND_MAX]
    places = {"at": place_of(first), "through": _through(first)}
    return {
        "kind": type(first).__name__,
        **{name: place for name, place in places.items() if place is not None},
        **({"behind": [_in_a_word(one) for one in others]} if others else {}),
    }


def kind_of(error: BaseException) -> str:
    """The class of an error, or that of the first error of a group."""
    return type(_first_of(error)).__name__


def place_of(error: BaseException) -> str | None:
    """The file and line that raised an error; None: it was not raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return _place(frames[-1]) if frames else None


def texts_of(error: BaseException) -> Iterator[str]:
    """The texts of an error and of those behind it, in each form in which a message may quote
    them."""
    for one in (error, *_behind(error)):
        yield from (repr(one), str(one))


def _first_of(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = cast(BaseExceptionGroup[BaseException], error).exceptions[0]
    return error


def _behind(error: BaseException) -> Iterator[BaseException]:
    """The errors of a group and the errors that each arose from, each once."""
    seen = {id(error)}
    waiting = [error]
    while waiting:
        one = waiting.pop(0)
        cause = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
        inner = cast(tuple[BaseException, ...], getattr(one, "exceptions", ()))
        for other in (*inner, *(() if cause is None else (cause,))):
            if id(other) not in seen:
                seen.add(id(other))
                waiting.append(other)
                yield other


def _in_a_word(error: BaseException) -> str:
    place = place_of(error)
    return type(error).__name__ if place is None else f"{type(error).__name__} at {place}"


def _through(error: BaseException) -> str | None:
    frames = traceback.extract_tb(error.__traceback__)
    if not frames or _is_ours(frames[-1]):
        return None
    return next((_place(frame) for frame in reversed(frames) if _is_ours(frame)), None)


def _place(frame: traceback.FrameSummary) -> str:
    return f"{Path(frame.filename).name}:{frame.lineno}"


def _is_ours(frame: traceback.FrameSummary) -> bool:
    path = Path(frame.filename)
    return path.is_relative_to(_HOUSE) and path.relative_to(_HOUSE).parts[0] in ROOMS
