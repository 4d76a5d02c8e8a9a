"""The types of arrays: numbers, whole numbers and truths, one dimension unless said otherwise."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
