"""Decodes wire formats, purely: bytes to positions, or to the reason why they are refused."""
