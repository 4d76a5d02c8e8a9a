"""The comparison of two years' plans: what became of each milestone of the old one."""
