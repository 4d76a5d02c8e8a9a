"""Teltonika's protocol: AVL packets in Codec 8, 8 Extended and 16, over TCP and UDP.

`stream` and `datagram` undo the framing, `records` the codecs, `elements` gives IO elements their
meaning from `elements.toml`, and `packet` is what the two framings share. All of it is pure.
"""
