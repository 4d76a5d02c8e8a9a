"""The log on stderr, with one line for each record of ours and of libraries."""
