"""The commands of `flaade`, with a module for each subject."""
