"""Pages of the nights' trials: whether the proposed fleet would have coped on the days since."""
