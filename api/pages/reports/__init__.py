"""The documents of a round: the council's page and the report as PDF."""
