"""The problem of a depot, its plan, and the plan as single decisions."""
