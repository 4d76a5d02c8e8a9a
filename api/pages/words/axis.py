"""Round numbers along an axis."""

import math


def axis_ticks(least: float, most: float, about: int) -> list[float]:
    """Multiples of 1, 2, 2.5 or 5 times a power of ten from `least` to `most`, nearly `about`."""
    if most <= least:
        return [least]
    exact = (most - least) / about
    power = 10.0 ** math.floor(math.log10(exact))
    step = next(power * m for m in (1, 2, 2.5, 5, 10) if power * m >= exact * (1 - 1e-9))
    first = math.ceil(least / step - 1e-9)
    last = math.floor(most / step + 1e-9)
    return [i * step for i in range(first, last + 1)]
