"""Meetings of committees with their agendas, and the plan as a calendar."""
