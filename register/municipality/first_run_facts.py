"""Reads what is there of a system, for the steps of its first run."""

from db.connect import Pool
from db.statements import statements
from register.municipality.first_run import FirstRunFacts

SQL = statements("municipality")


async def first_run_facts(pool: Pool, *, named_in_settings: bool) -> FirstRunFacts:
    """What is there now. `named_in_settings` tells whether the settings name the municipality."""
    row = await pool.fetchrow(SQL["first_run_facts"])
    assert row is not None, "a statement without FROM has one row"
    facts = dict(row)
    facts["is_named"] |= named_in_settings
    return FirstRunFacts(**facts)
