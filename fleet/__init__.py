"""The nouns that several rooms share: position, vehicle, period, local time, tables, settings.

Everything here is plain values. Nothing opens a socket or a database, and nothing imports
another room, so every room may import this one.
"""
