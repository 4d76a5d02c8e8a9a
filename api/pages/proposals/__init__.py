"""Rounds of proposals, single proposals, what they rest on, and the studies beside them."""
