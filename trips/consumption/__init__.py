"""Learns how far vehicles come on a full battery or tank, from the levels that trackers tell."""
