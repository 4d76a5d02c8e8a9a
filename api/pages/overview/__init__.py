"""The page of the overview, which shows what needs attention today."""
