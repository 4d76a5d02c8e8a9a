"""The actor of changes at the machine itself, where nobody signs in."""

from fleet.actor import Actor

#: The person who runs a command.
AT_COMMAND_LINE = Actor.trusted("command line")
