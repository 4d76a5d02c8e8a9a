"""The commands of `flaade`, a module for each thing they are about."""
