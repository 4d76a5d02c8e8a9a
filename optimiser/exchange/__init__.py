"""Lets another vehicle alike go in place of a proposed one."""
