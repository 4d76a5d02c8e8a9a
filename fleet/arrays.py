"""The types of arrays of floats, integers and booleans, with one dimension unless said
otherwise."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
