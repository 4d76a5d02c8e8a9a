"""The end of the pilot: its evaluation before and after, and the plan for the rest of the fleet."""
