"""Works out once what follows from inputs that are read again for each page."""

from collections import deque
from collections.abc import Callable
from typing import Generic, TypeVar

Inputs = TypeVar("Inputs")
Result = TypeVar("Result")


class Remembered(Generic[Inputs, Result]):
    """The results of some work for the inputs that were asked for last.

    The inputs are compared as wholes, so that a result is never older than what was read for it.
    Equal inputs have the very same result.
    """

    def __init__(self, work: Callable[[Inputs], Result], most: int) -> None:
        self._work = work
        self._kept: deque[tuple[Inputs, Result]] = deque(maxlen=most)

    def __call__(self, inputs: Inputs) -> Result:
        for known, result in self._kept:
            if known == inputs:
                return result
        result = self._work(inputs)
        self._kept.appendleft((inputs, result))
        return result
