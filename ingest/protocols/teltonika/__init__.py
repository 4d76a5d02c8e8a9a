"""Teltonika's protocol: AVL packets in Codec 8, 8 Extended and 16, over TCP and UDP.

`stream` and `datagram` undo the framing and `packet` is what they share; `records` finds the shape
of records, `elements` reads from `elements.toml` what IO elements mean, and `plan` makes positions
of a shape with those meanings. All of it is pure.
"""
