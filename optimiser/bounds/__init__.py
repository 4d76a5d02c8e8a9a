"""Lower bounds: a relaxation and a decomposition whose optima are never above the true optimum."""
