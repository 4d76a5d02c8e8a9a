"""Who acts in tests that are not about who does."""

from fleet.actor import Actor

SOMEBODY = Actor.trusted("somebody")
