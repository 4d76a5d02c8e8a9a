"""Decides on each message: who may send, what is plausible, what is private, what is refused."""
