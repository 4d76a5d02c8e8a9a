"""Pages of the end of the pilot: its evaluation, and the plan for the rest of the fleet."""
