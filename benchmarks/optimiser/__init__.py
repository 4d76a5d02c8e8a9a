"""The optimiser: how near the optimum it is proven, how fast, and beside its peers."""
