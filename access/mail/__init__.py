"""Mails to people: the outbox, and the sender that empties it."""
