"""Meetings of committees, what stands on their agendas, and calendars to subscribe to."""
