"""The names of protocols in quarantine, in metrics, and in the notes of how devices were heard.

The protocols of `ingest.tracker_ports` name themselves.
"""

POSITIONS = "positions"
OSMAND = "osmand"
FLESPI = "flespi"
MQTT = "mqtt"

#: A message of the buffer, which has no sender.
BUFFER = "buffer"

#: Protocols whose senders name attributes as they like.
FREE_ATTRIBUTES = frozenset({POSITIONS, MQTT})
