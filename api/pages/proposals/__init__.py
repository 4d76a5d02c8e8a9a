"""The pages of rounds, of their proposals and basis, and of the studies beside them."""
