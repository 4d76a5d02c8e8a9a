"""Distances between points that are near each other, where the earth counts as a plane."""

import numpy as np

from fleet.arrays import Floats

#: Metres per degree of latitude on a sphere of 6,371 km.
M_PER_DEG = 6_371_000 * np.pi / 180


def distance_m(
    lat_a: Floats | float, lon_a: Floats | float, lat_b: Floats | float, lon_b: Floats | float
) -> Floats:
    """Metres between points that are near each other (equirectangular)."""
    x = np.subtract(lon_b, lon_a) * np.cos(np.add(lat_a, lat_b) * (np.pi / 360))
    y = np.subtract(lat_b, lat_a)
    return np.sqrt(x * x + y * y) * M_PER_DEG
