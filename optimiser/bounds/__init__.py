"""Lower bounds: relaxations and decompositions that are never above the true optimum."""
