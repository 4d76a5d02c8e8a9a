"""The log: a line for each record, ours and those of libraries, on stderr."""
