"""The page of single days at the depot of a proposal, before and after it."""
